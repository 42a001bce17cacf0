#include "base/panic.h"
#include "ops/execution/tasks.h"

#include <inttypes.h>

/*
 * Exactly one DRS job for a launch. StartRecovery takes no client token, so: an intent is committed
 * before the call, and whoever finds an intent without a job id looks for a job that carries our
 * tags before anything else, for as long as a job may be invisible. A failure that may have been a
 * success, a crash and a 409 all lead there, never to a second call.
 */

static int64_t now_mono(const struct launching *l)
{
    return clock_mono_ms(l->w->c->clock);
}

static enum fault save(struct launching *l)
{
    work_put(l->w, l->row);
    return work_submit(l->w);
}

/* ---- the launch is over without a job ---- */

static enum fault give_up_servers(struct launching *l, bool cancelled)
{
    const struct launch_run *launch = l->row->launch;
    struct run_rows servers = {0};
    enum fault f = work_servers(l->w, l->wave->wave, &servers);

    for (size_t i = 0; i < servers.len && !f; i++) {
        struct server_run *s = servers.items[i].server;

        if (!str_eq(s->launch_id, launch->launch_id) ||
            !(cancelled ? server_move(s, EVENT_CANCEL) || server_move(s, EVENT_FAIL)
                        : server_move(s, EVENT_FAIL)))
            continue;
        s->error_code = launch->error_code;
        s->error_message = launch->error_message;
        s->ended_at = l->w->c->call.now_ms;
        work_put(l->w, &servers.items[i]);
        f = work_submit_full(l->w);
    }
    return f;
}

enum fault launch_give_up(struct launching *l, struct cause why, bool cancelled)
{
    struct launch_run *launch = l->row->launch;
    enum fault f;

    launch->error_code = why.code;
    launch->error_message = why.message;
    f = give_up_servers(l, cancelled);
    if (f)
        return f;
    launch->state = LAUNCH_ENDED;
    launch->ended_at = l->w->c->call.now_ms;
    return save(l);
}

enum fault launch_abandon(struct launching *l, struct cause why, bool cancelled)
{
    const struct launch_run *launch = l->row->launch;

    return launch_give_up(l, cause_of_giving_up(l->w->arena, launch, why),
                          cancelled && !launch_is_unknown(launch));
}

/* ---- what stands in the way ---- */

static struct str role_refusal(struct launching *l)
{
    const struct account_context *account = l->row->launch->account_context;

    return arena_strf(l->w->arena, "Failed to assume role " STR_FMT " in account " STR_FMT,
                      STR_ARG(poll_role_name(account)), STR_ARG(account->account_id));
}

static struct str read_refusal(struct launching *l, const char *operation)
{
    const struct account_context *account = l->row->launch->account_context;

    if (l->at.error.assuming_role)
        return role_refusal(l);
    return arena_strf(l->w->arena,
                      "%s is refused in account " STR_FMT ", " STR_FMT
                      ", and asked for again: " STR_FMT,
                      operation, STR_ARG(account->account_id), STR_ARG(account->region),
                      STR_ARG(l->at.error.message));
}

enum fault launch_unheard(struct launching *l, const char *operation)
{
    struct launch_run *launch = l->row->launch;
    struct str code = poll_error_code(&l->at.error);
    struct str message;

    if (l->at.error.retryable)
        return FAULT_NONE;
    message = read_refusal(l, operation);
    if (!l->stopping && str_eq(launch->error_code, code) && str_eq(launch->error_message, message))
        return FAULT_NONE;
    launch->error_code = code;
    launch->error_message = message;
    if (l->stopping)
        return launch_abandon(
            l, (struct cause){STR("CANCELLED"), STR("The execution was cancelled")}, true);
    return save(l);
}

bool launch_heard(struct launching *l)
{
    struct launch_run *launch = l->row->launch;
    bool noted = launch->error_code.len > 0;

    launch->error_code = (struct str){0};
    launch->error_message = (struct str){0};
    return noted;
}

/* ---- a job that is known ---- */

static void forget_answer(struct launch_run *launch)
{
    launch->answer_code = (struct str){0};
    launch->answer_message = (struct str){0};
}

static enum fault adopt(struct launching *l, const struct drs_job *job)
{
    struct launch_run *launch = l->row->launch;

    launch->state = LAUNCH_STARTED;
    launch->job_id = job->id;
    launch->job_status = job->status;
    launch->uncertain = false;
    launch->reconcile = false;
    launch->started_at = l->w->c->call.now_ms;
    launch->look_base = now_mono(l);
    launch->looked_ms = 0;
    (void)launch_heard(l);
    forget_answer(launch);
    if (wave_move(l->wave->wave, EVENT_JOB, GUARD_NONE))
        work_put(l->w, l->wave);
    return save(l);
}

static bool is_ours(const struct launching *l, const struct drs_job *job)
{
    return str_eq(tags_get(&job->tags, STR("ExecutionId")), l->w->e.id) &&
           str_eq(tags_get(&job->tags, STR("LaunchId")), l->row->launch->launch_id);
}

/*
 * Tags are seen later than the job that has them. One that works on a server of ours and shows none
 * may be ours; whosever it is, DRS starts no other on that server before it has ended.
 */
static bool may_be_ours(const struct launching *l, const struct drs_job *job)
{
    const struct launch_run *launch = l->row->launch;

    if (job->tags.len || !str_eq_z(job->type, "LAUNCH") || str_eq_z(job->status, "COMPLETED"))
        return false;
    for (size_t i = 0; i < job->servers.len; i++)
        for (size_t k = 0; k < launch->servers.len; k++)
            if (str_eq(job->servers.items[i].source_server_id, launch->servers.items[k].server_id))
                return true;
    return false;
}

/*
 * FAULT_NOT_FOUND: no job of ours is to be seen now, unless it is the one of *nameless. Other
 * faults: DRS could not be asked.
 */
static enum fault look(struct launching *l, struct drs_job *out, bool *nameless)
{
    struct drs_job_filter filter = {.from_ms = l->row->launch->intent_at - JOBS_SINCE_MS};
    struct drs_jobs jobs = {0};
    enum fault f = drs_describe_jobs(aws_reader(l->w->c->aws), &l->at, &filter, &jobs);

    *nameless = false;
    for (size_t i = 0; i < jobs.len && !f; i++) {
        *nameless = *nameless || may_be_ours(l, &jobs.items[i]);
        if (!is_ours(l, &jobs.items[i]))
            continue;
        *out = jobs.items[i];
        return FAULT_NONE;
    }
    return f ? f : FAULT_NOT_FOUND;
}

/* ---- the call ---- */

/* An absent value would be null, which DRS refuses. */
static void add_tag(struct tags *t, struct str key, struct str value)
{
    if (str_present(value))
        t->items[t->len++] = (struct tag){key, value};
}

static struct tags launch_tags(const struct launching *l)
{
    const struct launch_run *launch = l->row->launch;
    struct arena *a = l->w->arena;
    struct tags t = {arena_array_of(a, 5, struct tag), 0};

    add_tag(&t, STR("ExecutionId"), l->w->e.id);
    add_tag(&t, STR("LaunchId"), launch->launch_id);
    add_tag(&t, STR("PlanId"), l->w->e.plan_id);
    add_tag(&t, STR("WaveName"), l->wave->wave->name);
    add_tag(&t, STR("WaveNumber"), arena_strf(a, "%" PRId64, launch->wave_number));
    return t;
}

static enum fault start_recovery(struct launching *l, struct drs_job *out)
{
    const struct launch_run *launch = l->row->launch;
    struct drs_start_request request = {
        .is_drill = l->w->e.type == EXECUTION_DRILL,
        .tags = launch_tags(l),
    };

    REQUIRE(request.is_drill || l->w->e.type == EXECUTION_RECOVERY);
    request.servers.items =
        arena_array_of(l->w->arena, launch->servers.len, struct drs_start_server);
    request.servers.len = launch->servers.len;
    for (size_t i = 0; i < launch->servers.len; i++) {
        request.servers.items[i].source_server_id = launch->servers.items[i].server_id;
        request.servers.items[i].recovery_snapshot_id = launch->servers.items[i].snapshot_id;
    }
    return drs_start_recovery(l->w->c->aws, &l->at, &request, out);
}

/* From here on, and after any crash, a call may have been made. */
static enum fault announce(struct launching *l)
{
    struct launch_run *launch = l->row->launch;

    launch->state = LAUNCH_INTENT;
    launch->calls++;
    launch->uncertain = true;
    launch->reconcile = false;
    launch->looked_ms = 0;
    launch->look_base = now_mono(l);
    if (!launch->intent_at)
        launch->intent_at = l->w->c->call.now_ms;
    return save(l);
}

enum fault launch_postpone(struct launching *l)
{
    l->row->launch->uncertain = false;
    forget_answer(l->row->launch);
    l->row->launch->error_code = l->at.error.code;
    l->row->launch->error_message = l->at.error.message;
    return save(l);
}

enum fault launch_refused(struct launching *l)
{
    const struct aws_error *e = &l->at.error;
    struct str message =
        e->assuming_role
            ? role_refusal(l)
            : arena_strf(l->w->arena, "Failed to start recovery: " STR_FMT " - " STR_FMT,
                         STR_ARG(e->code), STR_ARG(e->message));

    l->row->launch->uncertain = false;
    forget_answer(l->row->launch);
    return launch_give_up(l, (struct cause){poll_error_code(e), message}, false);
}

/* Why a job is looked for; whatever is found or refused next takes its place. */
static void note_answer(struct launching *l)
{
    const struct aws_error *e = &l->at.error;

    l->row->launch->answer_code = e->code;
    l->row->launch->answer_message =
        arena_strf(l->w->arena,
                   "StartRecovery may not have been taken up, and its job is looked for%s" STR_FMT,
                   e->message.len ? ": " : "", STR_ARG(e->message));
}

static enum fault call(struct launching *l)
{
    struct drs_job job = {0};
    enum fault f = start_recovery(l, &job);
    const struct aws_error *e = &l->at.error;
    struct start_answer answer = {e->status, e->retryable, e->ambiguous, e->unidentified};
    bool nameless;

    if (!f)
        return adopt(l, &job);
    switch (start_verdict_of(&answer)) {
    case START_LATER:
        return launch_postpone(l);
    case START_REFUSED:
        return launch_refused(l);
    case START_LOOK:
        break;
    }
    note_answer(l);
    f = look(l, &job, &nameless);
    return f ? save(l) : adopt(l, &job); /* else: it stays uncertain, look again later */
}

/* ---- one step towards the job ---- */

/* How long it has been looked for, on a clock that never claims more than has passed. */
static enum fault count_looking(struct launching *l)
{
    struct launch_run *launch = l->row->launch;
    int64_t now = now_mono(l);

    if (launch->reconcile) { /* a backup knows nothing of what came after it */
        launch->reconcile = false;
        launch->uncertain = true;
        launch->state = LAUNCH_INTENT;
        launch->looked_ms = 0;
        launch->look_base = now;
        if (!launch->intent_at) /* nor of when: it may be days ago */
            launch->intent_at = l->w->e.started_at;
        return save(l);
    }
    if (now < launch->look_base) { /* the machine started again */
        launch->look_base = now;
        return save(l);
    }
    launch->looked_ms += elapsed_since(launch->look_base, now);
    launch->look_base = now;
    return FAULT_NONE;
}

/* *go_on: no job of ours exists and none can be hidden. */
static enum fault find_first(struct launching *l, bool *go_on)
{
    struct drs_job job = {0};
    bool nameless;
    enum fault f;

    *go_on = false;
    f = count_looking(l);
    if (f)
        return f;
    f = look(l, &job, &nameless);
    if (!f)
        return adopt(l, &job);
    if (f != FAULT_NOT_FOUND)
        return launch_unheard(l, "DescribeJobs");
    *go_on = !nameless && launch_may_call(l->row->launch, l->w->c->call.workflow->visibility_ms);
    if (*go_on)
        l->row->launch->uncertain = false; /* whatever follows saves it */
    return launch_heard(l) ? save(l) : FAULT_NONE;
}

enum fault launch_advance(struct launching *l)
{
    struct launch_run *launch = l->row->launch;
    bool go_on = true;
    enum fault f = FAULT_NONE;

    if (launch->state == LAUNCH_STARTED || launch->state == LAUNCH_ENDED)
        return FAULT_NONE;
    if (launch->uncertain || launch->reconcile)
        f = find_first(l, &go_on);
    if (f || !go_on)
        return f;
    if (l->stopping)
        return launch_give_up(
            l, (struct cause){STR("CANCELLED"), STR("The execution was cancelled")}, true);
    f = launch_configure(l, &go_on);
    if (f || !go_on)
        return f;
    f = announce(l);
    return f ? f : call(l);
}
