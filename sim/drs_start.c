#include "sim/auth.h"
#include "sim/drs.h"
#include "sim/drs_calls.h"

/*
 * StartRecovery and TerminateRecoveryInstances: all or nothing. One server that is busy refuses
 * the whole call and no job comes to be.
 */

struct job *job_new(struct sim *s, struct str account, struct str region, const char *type,
                    const char *initiated_by)
{
    struct job *job = world_new(s, K_JOB, account, region, world_id(s, "drsjob-"));

    job->type = str_from_z(type);
    job->initiated_by = str_from_z(initiated_by);
    job->status = STR("PENDING");
    job->created_ms = s->now_ms;
    job->visible_ms = s->now_ms + world_span_ms(s, s->knobs.job_visible_s);
    job->next_ms = s->now_ms + world_jitter_ms(s, 0.35);
    return job;
}

bool job_active(const struct job *job)
{
    return !str_eq_z(job->status, "COMPLETED");
}

struct job *job_of_server(struct sim *s, const struct server *v)
{
    const struct vec *jobs = world_list(s, K_JOB, v->at.account, v->at.region);

    for (size_t i = jobs ? jobs->len : 0; i-- > 0;) {
        struct job *job = jobs->items[i];

        for (size_t k = 0; job_active(job) && k < job->servers.len; k++)
            if (str_eq(job->servers.items[k].server, v->at.id))
                return job;
    }
    return NULL;
}

static bool free_for_job(struct ctx *c, const struct server *v)
{
    if (!job_of_server(c->sim, v))
        return true;
    refuse(c, 409, "ConflictException",
           "One or more of the Source Servers included in API call are currently being processed "
           "by a Job");
    c->refusal.resource_id = v->at.id;
    c->refusal.resource_type = STR("SourceServer");
    return false;
}

static bool within_quotas(struct ctx *c, size_t n)
{
    const struct cell *cell = cell_here(c);
    const struct vec *jobs = all_here(c, K_JOB);
    int64_t active = 0, busy = 0;

    for (size_t i = 0; i < jobs->len; i++) {
        const struct job *job = jobs->items[i];

        active += job_active(job);
        busy += job_active(job) ? (int64_t)job->servers.len : 0;
    }
    if ((int64_t)n > cell->quota_per_job)
        refuse_quota(c, "L-B827C881", (struct str){0},
                     "Max source servers in a single job limit exceeded: %lld",
                     (long long)cell->quota_per_job);
    else if (active >= cell->quota_jobs)
        refuse_quota(c, "L-D88FAC3A", (struct str){0}, "Max concurrent jobs limit exceeded: %lld",
                     (long long)cell->quota_jobs);
    else if (busy + (int64_t)n > cell->quota_job_servers)
        refuse_quota(c, "L-05AFA8C6", (struct str){0},
                     "Max source servers in all jobs limit exceeded: %lld",
                     (long long)cell->quota_job_servers);
    return !c->refusal.status;
}

static bool known_snapshot(struct ctx *c, const struct server *v, struct str snapshot)
{
    struct snapshot *list;
    size_t n = snapshots_of(c->sim, c->a, v, &list);

    for (size_t i = 0; i < n; i++)
        if (str_eq(list[i].id, snapshot))
            return true;
    refuse_field(c, STR("sourceServers.recoverySnapshotID"),
                 "Recovery snapshot " STR_FMT " does not belong to source server " STR_FMT,
                 STR_ARG(snapshot), STR_ARG(v->at.id));
    return false;
}

static struct server *server_known(struct ctx *c, struct str id)
{
    struct server *v = here(c, K_SERVER, id);

    if (v)
        return v;
    if (str_eq_z(c->sim->knobs.unknown_server, "validation")) {
        refuse_field(c, STR("sourceServers.sourceServerID"), "Source server " STR_FMT " not found",
                     STR_ARG(id));
        return NULL;
    }
    refuse(c, 404, "ResourceNotFoundException", "Source server " STR_FMT " not found", STR_ARG(id));
    c->refusal.resource_id = id;
    c->refusal.resource_type = STR("SourceServer");
    return NULL;
}

/* Everything about one server that can refuse the call. */
static bool may_start(struct ctx *c, const struct json *items, size_t i)
{
    struct str id = text_of(&items->items[i], "sourceServerID");
    struct str snapshot = text_of(&items->items[i], "recoverySnapshotID");
    const struct server *v;

    for (size_t k = 0; k < i; k++) {
        if (!str_eq(text_of(&items->items[k], "sourceServerID"), id))
            continue;
        refuse_field(c, STR("sourceServers"), "Source server " STR_FMT " is named twice",
                     STR_ARG(id));
        return false;
    }
    v = server_known(c, id);
    if (!v || !free_for_job(c, v))
        return false;
    if (str_present(snapshot) && !known_snapshot(c, v, snapshot))
        return false;
    if (!str_eq_z(c->sim->knobs.not_launchable, "conflict") || server_launchable(c->sim, v))
        return true;
    refuse(c, 409, "ConflictException",
           "Source server " STR_FMT " has no point in time to launch from", STR_ARG(id));
    c->refusal.resource_id = id;
    return false;
}

static void note_call(struct ctx *c, const struct job *job)
{
    struct arena *keep = c->sim->arena;
    struct call *call = c->call;

    call->job = job->at.id;
    call->drill = job->drill;
    call->tags = tags_copy(keep, &job->tags);
    call->servers.items = arena_array_of(keep, job->servers.len, struct str);
    for (size_t i = 0; i < job->servers.len; i++)
        call->servers.items[call->servers.len++] = job->servers.items[i].server;
}

static void reply_job(struct ctx *c, const struct job *job)
{
    note_call(c, job);
    json_name(&c->w, STR("job"));
    json_begin_object(&c->w);
    job_write(c, job);
    json_end_object(&c->w);
}

static struct participant *add_server(struct sim *s, struct job *job, struct server *v)
{
    struct participant *p = LIST_ADD(s->arena, &job->servers);

    p->server = v->at.id;
    p->status = STR("PENDING");
    p->phase = PHASE_QUEUED;
    if (str_eq_z(job->type, "LAUNCH")) {
        v->last->result = STR("PENDING");
        v->last->job = job->at.id;
        v->last->type = job->drill ? STR("DRILL") : STR("RECOVERY");
        v->last->status = STR("PENDING");
        v->last->api_ms = s->now_ms;
    }
    return p;
}

/* DRS launches with the rights of whoever asks: what they lack shows in the job, not in the call.
 */
static struct str lacking(const struct ctx *c)
{
    static const struct str needed[] = {STR_INIT("ec2:RunInstances"), STR_INIT("ec2:CreateVolume"),
                                        STR_INIT("ec2:CreateTags"), STR_INIT("ec2:StartInstances")};

    for (size_t i = 0; i < ARRAY_LEN(needed); i++)
        if (!auth_allows(&c->key->policy, needed[i]))
            return needed[i];
    return (struct str){0};
}

void sim_drs_start_recovery(struct ctx *c)
{
    const struct json *items = in_get(c, "sourceServers");
    bool drill = in_bool(c, "isDrill", false);
    struct job *job;

    c->call->tags = tags_of(c->sim->arena, in_get(c, "tags")); /* the log says who is refused */
    if (json_is(in_get(c, "tags"), JS_OBJECT) && in_get(c, "tags")->len &&
        !auth_permits(c, "drs", "TagResource",
                      world_arn(c->a, "drs", c->region, c->account,
                                arena_strf(c->a, "source-server/" STR_FMT,
                                           STR_ARG(text_of(&items->items[0], "sourceServerID"))))))
        return;
    for (size_t i = 0; i < items->len; i++)
        if (!may_start(c, items, i))
            return;
    if (!within_quotas(c, items->len))
        return;
    job =
        job_new(c->sim, c->account, c->region, "LAUNCH", drill ? "START_DRILL" : "START_RECOVERY");
    job->drill = drill;
    job->principal = c->key->principal;
    job->denied = lacking(c);
    job->tags = tags_of(c->sim->arena, in_get(c, "tags"));
    for (size_t i = 0; i < items->len; i++) {
        struct server *v = here(c, K_SERVER, text_of(&items->items[i], "sourceServerID"));
        struct participant *p = add_server(c->sim, job, v);

        p->snapshot = arena_str(c->sim->arena, text_of(&items->items[i], "recoverySnapshotID"));
    }
    reply_job(c, job);
    tags_change(c->sim, &(struct tags){0}, &job->past); /* only this answer knows them yet */
}

/* ---- terminate ---- */

static struct recovery *may_terminate(struct ctx *c, struct str id)
{
    struct recovery *r = here(c, K_RECOVERY, id);
    const struct server *v = r ? here(c, K_SERVER, r->server) : NULL;

    if (!r || !recovery_listed(c->sim, r) || r->gone_ms) {
        refuse(c, 404, "ResourceNotFoundException", "Recovery instance " STR_FMT " not found",
               STR_ARG(id));
        c->refusal.resource_id = id;
        c->refusal.resource_type = STR("RecoveryInstance");
        return NULL;
    }
    if (v && !free_for_job(c, v))
        return NULL;
    if (str_eq_z(r->failback, "FAILBACK_IN_PROGRESS")) {
        refuse(c, 409, "ConflictException",
               "Cannot terminate Recovery Instance " STR_FMT " during failback", STR_ARG(id));
        return NULL;
    }
    return r;
}

void sim_drs_terminate_recovery_instances(struct ctx *c)
{
    struct strs ids = in_strs(c, "recoveryInstanceIDs");
    struct job *job;

    for (size_t i = 0; i < ids.len; i++)
        if (!may_terminate(c, ids.items[i]))
            return;
    if (!within_quotas(c, ids.len))
        return;
    job = job_new(c->sim, c->account, c->region, "TERMINATE", "TERMINATE_RECOVERY_INSTANCES");
    job->principal = c->key->principal;
    for (size_t i = 0; i < ids.len; i++) {
        struct recovery *r = here(c, K_RECOVERY, ids.items[i]);
        struct participant *p = LIST_ADD(c->sim->arena, &job->servers);

        p->server = r->server;
        p->instance = r->at.id;
        p->status = STR("PENDING");
        p->phase = PHASE_QUEUED;
    }
    reply_job(c, job);
}

void drs_foreign_job(struct ctx *c)
{
    const struct json *items = in_get(c, "sourceServers");
    struct server *v = NULL;
    struct job *job;

    if (json_is(items, JS_ARRAY) && items->len)
        v = here(c, K_SERVER, text_of(&items->items[0], "sourceServerID"));
    if (!v || job_of_server(c->sim, v))
        return;
    job = job_new(c->sim, c->account, c->region, "LAUNCH", "START_RECOVERY");
    job->principal = arena_strf(c->sim->arena, "arn:aws:iam::" STR_FMT ":user/another-operator",
                                STR_ARG(c->account));
    (void)add_server(c->sim, job, v);
}
