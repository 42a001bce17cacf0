#include "ops/execution/poll.h"
#include "aws/drs_read.h"
#include "flow/path.h"
#include "ops/context.h"
#include "rules/launches.h"

/*
 * poll_wave_status: has anything happened that is worth a write? Reads alone; the answer is the
 * state with `changed`, the count of loops, and an interval that grows while nothing happens.
 */
struct polling {
    struct query_ctx *c;
    struct arena *arena;
    struct execution e;
    bool changed;
    bool again; /* only what was postponed: to be tried again, but there is no hurry */
};

static bool is_new(const struct launch_run *l, const struct drs_jobs *jobs, struct arena *a)
{
    for (size_t i = 0; i < jobs->len; i++)
        if (str_eq(jobs->items[i].id, l->job_id))
            return !str_eq(poll_digest(a, &jobs->items[i]), l->digest);
    return true; /* unknown to DRS: the recorder knows how long that may be */
}

/* Whether the refusal, or its end, is not on record yet. */
static bool is_news(const struct launch_run *const *launches, size_t len, struct str refusal)
{
    for (size_t i = 0; i < len; i++)
        if (!str_eq(launches[i]->error_code, refusal))
            return true;
    return false;
}

/* The launches of one place that have a job, asked for in one call. */
static void ask(struct polling *p, const struct launch_run *const *launches, size_t len)
{
    struct aws_at at = {
        .arena = p->arena,
        .target = poll_target(p->arena, launches[0]->account_context, p->c->call.hub_account)};
    struct str *ids = arena_array_of(p->arena, len, struct str);
    struct drs_job_filter filter = {.job_ids = {ids, len}};
    struct drs_jobs jobs = {0};

    for (size_t i = 0; i < len; i++)
        ids[i] = launches[i]->job_id;
    if (drs_describe_jobs(p->c->aws, &at, &filter, &jobs)) {
        p->changed |= !at.error.retryable && is_news(launches, len, poll_error_code(&at.error));
        return;
    }
    p->changed |= is_news(launches, len, (struct str){0});
    for (size_t i = 0; i < len; i++)
        p->changed |= is_new(launches[i], &jobs, p->arena);
}

/* Those of the place of the first, taken out of the list. */
static size_t take_place(const struct launch_run **launches, size_t len,
                         const struct launch_run **together)
{
    const struct account_context *at = launches[0]->account_context;
    size_t n = 0;

    for (size_t i = 0; i < len; i++) {
        const struct launch_run *l = launches[i];

        if (!l ||
            !account_context_is_at(at, l->account_context->account_id, l->account_context->region))
            continue;
        together[n++] = l;
        launches[i] = NULL;
    }
    return n;
}

static void ask_by_place(struct polling *p, const struct launch_run **launches, size_t len)
{
    const struct launch_run **together = arena_array_of(p->arena, len, const struct launch_run *);

    for (size_t i = 0; i < len; i++)
        if (launches[i])
            ask(p, together, take_place(&launches[i], len - i, together));
}

static enum fault poll_wave(struct polling *p, const struct wave_run *wave)
{
    struct query q = {
        .collection = COLLECTION_RUNS,
        .partition = p->e.id,
        .sort_prefix = run_prefix_launches(p->arena, wave->wave_number, wave->attempt),
    };
    const struct launch_run **all;
    const struct launch_run **started;
    const struct run_row *rows;
    struct page page;
    bool again = false;
    size_t n = 0;
    enum fault f = reader_query_all(p->c->reader, p->arena, &q, 1000, &page);

    if (f)
        return f;
    rows = page.items;
    all = arena_array_of(p->arena, 2 * page.len + 1, const struct launch_run *);
    started = all + page.len;
    for (size_t i = 0; i < page.len; i++)
        all[i] = rows[i].launch;
    for (size_t i = 0; i < page.len; i++) {
        const struct launch_run *l = all[i];

        /* A job to start or to look for, or instance ids to wait for: the writing half goes on. */
        if (launch_is_postponed(l))
            again = true;
        else
            p->changed |= l->state == LAUNCH_INTENT || l->settling ||
                          (l->state == LAUNCH_PLANNED && launch_is_ready(all, page.len, i));
        if (l->state == LAUNCH_STARTED && !l->settling)
            started[n++] = l;
    }
    p->again |= again;
    if (n)
        ask_by_place(p, started, n);
    else if (page.len && !again)
        p->changed = true; /* all have ended, or the next step has to start */
    return FAULT_NONE;
}

static bool is_late(const struct polling *p, const struct wave_run *wave)
{
    int64_t now = p->c->call.mono_ms;

    return now < wave->mono_base ||
           elapsed_since(wave->mono_base, now) >= p->c->call.workflow->wave_deadline_ms;
}

static enum fault poll_waves(struct polling *p)
{
    struct query q = {
        .collection = COLLECTION_RUNS, .partition = p->e.id, .sort_prefix = STR("wave#")};
    struct page page;
    const struct run_row *rows;
    bool active = false;
    enum fault f = reader_query_all(p->c->reader, p->arena, &q, 1000, &page);

    if (f)
        return f;
    rows = page.items;
    for (size_t i = 0; i < page.len && !f; i++) {
        if (!wave_is_active(rows[i].wave->status))
            continue;
        active = true;
        p->changed |= is_late(p, rows[i].wave);
        f = poll_wave(p, rows[i].wave);
    }
    p->changed |= !active || p->e.status == EXECUTION_CANCELLING;
    return f;
}

/* Half as long again while nothing happens, from the start again when something does. */
static int64_t next_interval_ms(const struct polling *p, const struct json *state)
{
    const struct workflow_settings *s = p->c->call.workflow;
    int64_t ms = (int64_t)(json_number(json_get_z(state, "poll_seconds"), 0) * 1000 + 0.5);

    ms += ms / 2;
    if (ms > s->poll_max_ms)
        ms = s->poll_max_ms;
    return p->changed || ms < s->poll_min_ms ? s->poll_min_ms : ms;
}

enum fault task_poll_wave_status(struct query_ctx *c)
{
    const struct action_params *in = c->params;
    const struct json **out = c->reply;
    struct polling p = {.c = c, .arena = c->call.arena};
    const struct json *epoch = json_get_z(in->state, "epoch");
    const struct json *said = json_get_z(in->state, "executionId");
    struct str id = json_str(said ? said : json_get_z(in->state, "execution_id"));
    struct state_change change = {.has_changed = true};
    enum fault f = FAULT_NOT_FOUND;

    if (id.len)
        f = reader_get(c->reader, p.arena, COLLECTION_EXECUTIONS, id, (struct str){0}, &p.e);
    if (f == FAULT_NOT_FOUND)
        return call_fail(&c->call, f, "Execution '" STR_FMT "' not found", STR_ARG(id));
    if (!f && epoch && json_int(epoch, 0) != p.e.epoch)
        return call_fail(&c->call, FAULT_FENCED, "Another one has taken the execution over");
    if (!f && str_empty(p.e.definition))
        return outside_poll_wave(c, &p.e);
    if (!f)
        f = poll_waves(&p);
    if (f)
        return f;
    change.changed = p.changed || p.again;
    change.add_loops = change.changed ? 2 : 1;
    change.poll_ms = next_interval_ms(&p, in->state);
    *out = state_with(p.arena, in->state, &p.e, &change);
    return FAULT_NONE;
}
