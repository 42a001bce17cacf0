#include "flow/path.h"
#include "ops/execution/job_view.h"
#include "ops/execution/poll.h"
#include "rules/launches.h"
#include "rules/outcome.h"

#include <inttypes.h>

/*
 * poll_wave_status as somebody else's workflow calls it (S3): what DRS says of the wave now, in the
 * words that update_wave_completion_status takes. Reads alone: it is the update that records.
 */
struct outside_poll {
    struct query_ctx *c;
    struct arena *arena;
    const struct execution *e;
    const struct run_row *rows; /* under the execution */
    size_t len;
    const struct wave_run *wave;
    struct server_counts counts; /* of the wave's servers */
    struct str waits;            /* for what; absent: all launches have ended */
};

static struct str lower_status(struct outside_poll *p, const char *name)
{
    return arena_str_lower(p->arena, str_from_z(name));
}

static enum fault read_rows(struct outside_poll *p, struct str prefix)
{
    struct query q = {.collection = COLLECTION_RUNS, .partition = p->e->id, .sort_prefix = prefix};
    struct page page;
    enum fault f = reader_query_all(p->c->reader, p->arena, &q, 1000, &page);

    if (f)
        return f;
    p->rows = page.items;
    p->len = page.len;
    return FAULT_NONE;
}

/* ---- which wave ---- */

static const struct json *number_in(const struct json *state)
{
    static const char *const names[] = {"current_wave_number", "waveNumber", "wave_number"};
    const struct json *found = NULL;

    for (size_t i = 0; i < 3 && !found; i++)
        found = json_get_z(state, names[i]);
    return found;
}

/* The one that is named, else the last that runs; none is fine where none is named. */
static enum fault find_wave(struct outside_poll *p)
{
    const struct action_params *in = p->c->params;
    const struct json *said = number_in(in->state);
    bool named = in->has_wave_number || said;
    int64_t number = in->has_wave_number ? in->wave_number : json_int(said, -1);
    enum fault f = read_rows(p, STR("wave#"));

    if (f)
        return f;
    for (size_t i = 0; i < p->len; i++) {
        const struct wave_run *wave = p->rows[i].wave;

        if (named ? wave->wave_number == number : wave_is_active(wave->status))
            p->wave = wave;
    }
    if (p->wave || !named)
        return FAULT_NONE;
    return call_fail(&p->c->call, FAULT_INVALID_STATE, "Wave %" PRId64 " has not been started",
                     number);
}

/* ---- a launch ---- */

static bool lacks_instance(const struct job_view *v)
{
    for (size_t i = 0; i < v->job->servers.len; i++)
        if (str_eq_z(v->job->servers.items[i].launch_status, "LAUNCHED") &&
            !job_view_instance(v, &v->job->servers.items[i]).len)
            return true;
    return false;
}

/* An instance may be invisible for a while; longer than that nobody waits. */
static bool is_awaited(struct outside_poll *p, struct job_view *v, struct aws_at *at)
{
    int64_t ended = v->job->ended_ms;
    struct aws_reader *aws = p->c->aws;

    if (!lacks_instance(v) ||
        (ended && ended + p->c->call.workflow->visibility_ms < p->c->call.now_ms))
        return false;
    if (job_view_read_log(v, aws, at) || lacks_instance(v))
        job_view_read_instances(v, aws, at);
    return lacks_instance(v);
}

static void count_servers(struct outside_poll *p, const struct launch_run *l,
                          const struct job_view *v)
{
    for (size_t i = 0; i < p->len; i++) {
        const struct server_run *s = p->rows[i].server;
        bool open = s->status == SERVER_PENDING || s->status == SERVER_LAUNCHING;

        if (str_eq(s->launch_id, l->launch_id))
            server_counts_add(&p->counts, open && v ? job_view_status(v, s->server_id) : s->status);
    }
}

static struct str look(struct outside_poll *p, const struct launch_run *l)
{
    struct aws_at at = {.arena = p->arena,
                        .target =
                            poll_target(p->arena, l->account_context, p->c->call.hub_account)};
    struct drs_job_filter filter = {.job_ids = {(struct str[]){l->job_id}, 1}};
    struct drs_jobs jobs = {0};
    struct job_view v;

    if (drs_describe_jobs(p->c->aws, &at, &filter, &jobs))
        return arena_strf(
            p->arena, "DRS cannot be asked about job " STR_FMT ": " STR_FMT " - " STR_FMT,
            STR_ARG(l->job_id), STR_ARG(poll_error_code(&at.error)), STR_ARG(at.error.message));
    if (!jobs.len)
        return arena_strf(p->arena, "DRS does not show job " STR_FMT, STR_ARG(l->job_id));
    v = job_view_of(&jobs.items[0]);
    if (!v.completed)
        return arena_strf(p->arena, "DRS job " STR_FMT " is " STR_FMT, STR_ARG(l->job_id),
                          STR_ARG(v.job->status));
    if (is_awaited(p, &v, &at))
        return arena_strf(p->arena,
                          "DRS job " STR_FMT " is over, and an instance of it is not "
                          "shown yet",
                          STR_ARG(l->job_id));
    count_servers(p, l, &v);
    return (struct str){0};
}

static struct str wait_of(struct outside_poll *p, const struct launch_run *l)
{
    if (l->state == LAUNCH_STARTED)
        return look(p, l);
    if (l->state != LAUNCH_ENDED)
        return STR("No DRS job is known yet: start_wave_recovery has to be called again");
    count_servers(p, l, NULL);
    return (struct str){0};
}

/* ---- the wave ---- */

static enum fault look_at_launches(struct outside_poll *p)
{
    const struct run_row *launches;
    size_t len;
    enum fault f =
        read_rows(p, run_prefix_launches(p->arena, p->wave->wave_number, p->wave->attempt));

    launches = p->rows;
    len = p->len;
    if (!f)
        f = read_rows(p, run_prefix_servers(p->arena, p->wave->wave_number, p->wave->attempt));
    for (size_t i = 0; i < len && !f && !p->waits.len; i++)
        p->waits = wait_of(p, launches[i].launch);
    return f;
}

static bool is_late(const struct outside_poll *p)
{
    const struct call_ctx *call = &p->c->call;

    return elapsed_since(p->wave->mono_base, call->mono_ms) >= call->workflow->wave_deadline_ms;
}

static const struct json *with(struct outside_poll *p, const struct json *s, struct str name,
                               struct str value)
{
    return flow_json_with(p->arena, s, name, flow_json_str(p->arena, value));
}

static const struct json *with_wave(struct outside_poll *p, const struct json *s, struct str status,
                                    int wave_status)
{
    struct arena *a = p->arena;
    int64_t number = p->wave->wave_number;

    s = with(p, s, STR("status"), status);
    s = flow_json_with(a, s, STR("current_wave_number"), flow_json_int(a, number));
    return with(p, s, arena_strf(a, "wave%" PRId64 "Status", number),
                str_from_z(wave_status_names[wave_status]));
}

/* As start_wave_recovery says it: whatever the step of the way, it is STARTED. */
static const struct json *judge(struct outside_poll *p, const struct json *s)
{
    const struct server_counts *n = &p->counts;
    struct ending ending = wave_ending(n, false);

    if (p->waits.len) {
        s = with_wave(p, s, is_late(p) ? STR("timeout") : STR("running"), WAVE_STARTED);
        return with(p, s, STR("message"), p->waits);
    }
    s = with_wave(p, s, lower_status(p, wave_status_names[ending.status]), ending.status);
    return with(p, s, STR("message"),
                arena_strf(p->arena, "%zu of %zu servers were launched", n->launched,
                           n->launched + n->failed + n->open));
}

enum fault outside_poll_wave(struct query_ctx *c, const struct execution *e)
{
    const struct action_params *in = c->params;
    const struct json **out = c->reply;
    struct outside_poll p = {.c = c, .arena = c->call.arena, .e = e};
    const struct json *s = in->state;
    enum fault f = find_wave(&p);

    if (!f && p.wave)
        f = look_at_launches(&p);
    if (f)
        return f;
    s = with(&p, s, STR("execution_id"), e->id);
    s = with(&p, s, STR("plan_id"), e->plan_id);
    if (!p.wave)
        s = with(&p, s, STR("status"), lower_status(&p, execution_status_names[e->status]));
    else if (wave_is_terminal(p.wave->status))
        s = with_wave(&p, s, lower_status(&p, wave_status_names[p.wave->status]), p.wave->status);
    else
        s = judge(&p, s);
    *out = s;
    return FAULT_NONE;
}
