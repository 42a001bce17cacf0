#include "model/execution.h"
#include "model/plan.h"
#include "ops/execution/executions.h"
#include "ops/refuse.h"
#include "rules/cause.h"
#include "rules/waves.h"

/* What an execution looks like from outside: waves from PENDING on, each with its servers. */

enum { ROWS_MAX = 20000 };

enum fault execution_find(struct call_ctx *call, struct reader *reader, struct str id,
                          struct execution *out)
{
    enum fault f = FAULT_NOT_FOUND;

    *out = (struct execution){0};
    if (id.len)
        f = reader_get(reader, call->arena, COLLECTION_EXECUTIONS, id, (struct str){0}, out);
    if (f == FAULT_NOT_FOUND)
        return call_fail(call, f, "Execution with ID '" STR_FMT "' not found", STR_ARG(id));
    return f;
}

struct state_refusal {
    struct str current_status;
    struct str execution_id;
};

static const struct field state_refusal_fields[] = {
    F_STR(struct state_refusal, current_status, "currentStatus", .help = "where it stands"),
    F_STR(struct state_refusal, execution_id, "executionId", .help = "the execution"),
    F_END,
};

enum fault refuse_state(struct call_ctx *call, const struct execution *e, const char *why)
{
    struct state_refusal *r = arena_new_of(call->arena, struct state_refusal);

    r->current_status = str_from_z(execution_status_names[e->status]);
    r->execution_id = e->id;
    call_detail(call, state_refusal_fields, r);
    return call_fail(call, FAULT_INVALID_STATE, "%s: execution is " STR_FMT, why,
                     STR_ARG(r->current_status));
}

/* ---- one execution ---- */

struct viewing {
    struct query_ctx *c;
    struct arena *arena;
    struct execution_answer *out;
    const struct run_row *rows; /* by key: launch#, plan#, server#, terminate#, wave# */
    size_t len;
};

static enum fault read_rows(struct viewing *v, struct str prefix)
{
    struct query q = {
        .collection = COLLECTION_RUNS, .partition = v->out->execution.id, .sort_prefix = prefix};
    struct page page;
    enum fault f = reader_query_all(v->c->reader, v->arena, &q, ROWS_MAX, &page);

    if (f)
        return f;
    v->rows = page.items;
    v->len = page.len;
    return FAULT_NONE;
}

/*
 * Before the workflow has laid the rows out, the plan as it was taken says what there will be; in
 * an execution that is over, what there has never been.
 */
static void wave_from_plan(const struct wave_plan *p, bool over, struct wave_run *out)
{
    *out = (struct wave_run){
        .wave_number = p->wave_number,
        .name = p->name,
        .status = WAVE_PENDING,
        .attempt = 1,
        .depends_on_waves = p->depends_on_waves,
        .pause_before_wave = p->pause_before_wave,
        .group_ids = p->group_ids,
        .server_count = p->server_count,
    };
    if (!over)
        return;
    out->status = WAVE_CANCELLED;
    out->error_code = STR(CAUSE_NOT_STARTED);
    out->error_message = STR("The execution ended before it started");
}

static const struct wave_run *row_of(const struct viewing *v, int64_t number)
{
    for (size_t i = 0; i < v->len; i++)
        if (v->rows[i].wave && v->rows[i].wave->wave_number == number)
            return v->rows[i].wave;
    return NULL;
}

static void add_waves(struct viewing *v)
{
    struct execution_answer *out = v->out;
    size_t planned = out->execution.wave_plans.len;

    out->waves.items = arena_array_of(v->arena, planned + v->len + 1, struct wave_answer);
    for (size_t i = 0; i < planned; i++) {
        const struct wave_plan *p = &out->execution.wave_plans.items[i];
        const struct wave_run *row = row_of(v, p->wave_number);
        struct wave_run *run = &out->waves.items[out->waves.len++].run;

        if (row)
            *run = *row;
        else
            wave_from_plan(p, execution_is_terminal(out->execution.status), run);
    }
    for (size_t i = 0; planned == 0 && i < v->len; i++)
        if (v->rows[i].wave)
            out->waves.items[out->waves.len++].run = *v->rows[i].wave;
}

static void add_jobs(struct viewing *v, struct wave_answer *w)
{
    w->job_ids.items = arena_array_of(v->arena, v->len ? v->len : 1, struct str);
    for (size_t i = 0; i < v->len; i++) {
        const struct launch_run *l = v->rows[i].launch;

        if (l && !l->terminate && l->wave_number == w->run.wave_number &&
            l->attempt == w->run.attempt && l->job_id.len)
            w->job_ids.items[w->job_ids.len++] = l->job_id;
    }
    if (w->job_ids.len)
        w->job_id = w->job_ids.items[0];
}

static size_t servers_of(const struct viewing *v, int64_t wave_number)
{
    size_t n = 0;

    for (size_t i = 0; i < v->len; i++)
        n += v->rows[i].server && v->rows[i].server->wave_number == wave_number;
    return n;
}

/*
 * The latest attempt of each server: rows of one server follow each other by attempt. Those of a
 * wave that was given up wait for nothing any more.
 */
static void add_servers(struct viewing *v, struct wave_answer *w)
{
    w->servers.items =
        arena_array_of(v->arena, servers_of(v, w->run.wave_number) + 1, struct server_run);
    for (size_t i = 0; i < v->len; i++) {
        const struct server_run *s = v->rows[i].server;
        size_t at = 0;

        if (!s || s->wave_number != w->run.wave_number)
            continue;
        while (s->attempt > 1 && at < w->servers.len &&
               !str_eq(w->servers.items[at].server_id, s->server_id))
            at++;
        if (s->attempt <= 1)
            at = w->servers.len;
        w->servers.items[at] = *s;
        if (w->run.status == WAVE_CANCELLED && s->status == SERVER_PENDING)
            w->servers.items[at].status = SERVER_CANCELLED;
        if (at == w->servers.len)
            w->servers.len++;
    }
}

static void add_waiting(struct viewing *v)
{
    struct execution_answer *out = v->out;
    struct wave_view *views = arena_array_of(v->arena, out->waves.len + 1, struct wave_view);
    struct waves_view view = {
        .waves = views,
        .len = out->waves.len,
        .parallel = out->execution.parallel_waves,
        .go_on = out->execution.on_wave_failure == ON_WAVE_FAILURE_CONTINUE,
        .stopping = out->execution.status == EXECUTION_CANCELLING ||
                    execution_is_terminal(out->execution.status),
    };

    for (size_t i = 0; i < view.len; i++) {
        const struct wave_run *w = &out->waves.items[i].run;

        views[i] = (struct wave_view){w->wave_number, w->status, w->depends_on_waves,
                                      w->pause_before_wave, w->approved};
    }
    for (size_t i = 0; i < view.len; i++) {
        struct wave_judgement j = wave_judge(&view, i);

        out->waves.items[i].waiting_for = wave_waiting_for(v->arena, &j);
        if (wave_is_active(views[i].status))
            out->waves.items[i].progress = STR("IN_PROGRESS");
    }
}

static void add_totals(struct viewing *v)
{
    struct execution_answer *out = v->out;
    int64_t end = out->execution.ended_at ? out->execution.ended_at : v->c->call.now_ms;

    out->total_waves = (int64_t)out->waves.len;
    for (size_t i = 0; i < out->waves.len; i++) {
        const struct wave_run *w = &out->waves.items[i].run;

        out->completed_waves += w->status == WAVE_COMPLETED;
        out->failed_waves += w->status == WAVE_FAILED;
        if (!out->has_current_wave && !wave_is_terminal(w->status)) {
            out->has_current_wave = true;
            out->current_wave = w->wave_number;
        }
    }
    out->has_duration = true;
    out->duration_s =
        end > out->execution.started_at ? (end - out->execution.started_at) / 1000 : 0;
}

static void add_termination_jobs(struct viewing *v)
{
    struct strs *ids = &v->out->termination_job_ids;

    if (!v->out->execution.termination)
        return;
    ids->items = arena_array_of(v->arena, v->len + 1, struct str);
    for (size_t i = 0; i < v->len; i++) {
        const struct launch_run *l = v->rows[i].launch;

        if (l && l->terminate && l->job_id.len &&
            l->attempt == v->out->execution.termination->sequence)
            ids->items[ids->len++] = l->job_id;
    }
}

enum fault execution_view(struct query_ctx *c, bool whole, struct execution_answer *out)
{
    struct viewing v = {.c = c, .arena = c->call.arena, .out = out};
    enum fault f = read_rows(&v, whole ? (struct str){0} : STR("wave#"));

    if (f)
        return f;
    add_waves(&v);
    for (size_t i = 0; whole && i < out->waves.len; i++) {
        add_jobs(&v, &out->waves.items[i]);
        add_servers(&v, &out->waves.items[i]);
    }
    add_waiting(&v);
    add_totals(&v);
    if (whole)
        add_termination_jobs(&v);
    return FAULT_NONE;
}

enum fault execution_get(struct query_ctx *c)
{
    const struct execution_id_params *in = c->params;
    struct execution_answer *out = c->reply;
    enum fault f = execution_find(&c->call, c->reader, in->execution_id, &out->execution);

    return f ? f : execution_view(c, true, out);
}
