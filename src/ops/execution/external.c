#include "ops/execution/external.h"
#include "base/time.h"
#include "flow/path.h"

#include <inttypes.h>

/*
 * start_wave_recovery as somebody else's workflow calls it (S4): the state alone says what to do.
 * An execution that the store does not know gets a record made from it; then the wave's launches go
 * the same way as those of our own, so that a repeated call finds its job again.
 */

/* ---- the record ---- */

static enum fault check_same_type(struct outside *o)
{
    const struct execution *e = &o->w.e;

    if (e->type == o->type)
        return FAULT_NONE;
    return call_fault(&o->c->call, FAULT_INVALID_PARAMETER, STR("state.executionType"),
                      "'state.executionType' must be %s, as execution '" STR_FMT "' began",
                      execution_type_names[e->type], STR_ARG(e->id));
}

static enum fault make_execution(struct outside *o)
{
    struct execution *e = &o->w.e;
    enum fault f = execution_read(o->c->reader, o->arena,
                                  outside_text(o->state, "executionId", "execution_id"), e);

    o->w.c = o->c;
    o->w.arena = o->arena;
    o->w.state = o->state;
    o->w.ws = write_set_new(o->arena);
    if (!f)
        f = outside_may(o->c, e);
    if (!f && (execution_is_terminal(e->status) || e->status == EXECUTION_CANCELLING))
        return call_fail(&o->c->call, FAULT_INVALID_STATE, "The execution is %s",
                         execution_status_names[e->status]);
    if (!f)
        f = check_same_type(o);
    if (f != FAULT_NOT_FOUND)
        return f ? f : runs_read(o->c->reader, o->arena, e->id, STR("wave#"), &o->w.waves);
    *e = (struct execution){
        .id = outside_text(o->state, "executionId", "execution_id"),
        .plan_id = outside_text(o->state, "planId", "plan_id"),
        .plan_name = outside_text(o->state, "planName", "plan_name"),
        .type = o->type,
        .status = EXECUTION_RUNNING,
        .epoch = 1,
        .started_at = o->c->call.now_ms,
        .account_id = o->account.account_id,
        .account_context = &o->account,
        .initiated_by = outside_text(o->state, "initiatedBy", "initiated_by"),
        .principal = o->c->call.principal,
        .replace_recovery_instances = o->replace,
        .planned = true,
    };
    outside_plan_waves(o);
    (void)time_parse(outside_text(o->state, "startTime", "start_time"), &e->started_at);
    return FAULT_NONE;
}

static void put_new_execution(struct outside *o)
{
    struct execution *e = &o->w.e;

    if (e->revision)
        return;
    e->revision = 1;
    e->updated_at = o->c->call.now_ms;
    ws_if_absent(o->w.ws, ws_put(o->w.ws, COLLECTION_EXECUTIONS, e), FAULT_CONDITION_FAILED);
    o->w.writes_execution = true;
}

static void put_wave(struct outside *o, size_t servers)
{
    struct wave_run *wave = arena_new_of(o->arena, struct wave_run);
    struct run_row *row = arena_new_of(o->arena, struct run_row);

    *wave = (struct wave_run){
        .wave_number = o->number,
        .name = outside_wave_name(o->arena, o->wave, o->number),
        .status = WAVE_INITIATED,
        .attempt = 1,
        .depends_on_waves = outside_dependencies(o),
        .server_count = (int64_t)servers,
        .started_at = o->c->call.now_ms,
        .mono_base = clock_mono_ms(o->c->clock),
    };
    *row = (struct run_row){
        .execution_id = o->w.e.id, .key = run_key_wave(o->arena, o->number), .wave = wave};
    work_put(&o->w, row);
}

/* What a call that died in between has made already is left alone, but nobody else may have come.
 */
static enum fault put_servers(struct outside *o, const struct launch_run *l)
{
    struct run_rows present = {0};
    enum fault f = runs_read(o->c->reader, o->arena, o->w.e.id,
                             run_prefix_servers(o->arena, o->number, 1), &present);

    for (size_t i = 0; i < l->servers.len && !f; i++) {
        struct server_run server = {
            .server_id = l->servers.items[i].server_id,
            .hostname = l->servers.items[i].hostname,
            .group_id = l->servers.items[i].group_id,
            .wave_number = o->number,
            .attempt = 1,
            .launch_id = l->launch_id,
            .account_id = o->account.account_id,
            .region = o->account.region,
            .status = SERVER_PENDING,
            .launch_config = l->servers.items[i].launch_config,
        };
        struct run_row row = {
            .execution_id = o->w.e.id, .key = run_key_server(o->arena, &server), .server = &server};

        ws_if_free(o->w.ws, outside_claim(o, server.server_id), FAULT_SERVER_CONFLICT);
        if (!runs_have(&present, row.key))
            work_put(&o->w, &row);
        f = work_submit_full(&o->w);
    }
    return f;
}

/* Servers first, then what names them: a record that is there is whole. */
static enum fault lay_wave(struct outside *o, struct launch_run *l)
{
    struct run_row row = {.execution_id = o->w.e.id, .launch = l};
    enum fault f;

    l->wave_number = o->number;
    l->attempt = 1;
    l->step = outside_launch_order(o, o->wave);
    l->state = LAUNCH_PLANNED;
    l->reconcile = o->w.e.reconcile;
    l->account_context = &o->account;
    l->launch_id = launch_id_of(o->arena, o->w.e.id, l, 1);
    row.key = run_key_launch(o->arena, l, 1);
    put_new_execution(o);
    f = put_servers(o, l);
    if (f)
        return f;
    work_put(&o->w, &row);
    put_wave(o, l->servers.len);
    f = work_submit(&o->w);
    return f ? f : runs_read(o->c->reader, o->arena, o->w.e.id, STR("wave#"), &o->w.waves);
}

/* An execution of ours may have come since we looked, and may be over by now. */
static enum fault lay_unless_held(struct outside *o, struct launch_run *l)
{
    enum fault f = lay_wave(o, l);

    if (f != FAULT_SERVER_CONFLICT)
        return f;
    f = outside_check_claims(o, l);
    return f ? f : FAULT_CONDITION_FAILED;
}

static bool is_started(const struct run_row *row)
{
    return row && (wave_is_active(row->wave->status) || wave_is_terminal(row->wave->status));
}

static enum fault prepare(struct outside *o)
{
    struct launch_run l = {0};
    enum fault f = make_execution(o);

    if (!f && is_started(work_wave(&o->w, o->number)))
        return outside_check_same(o); /* the launch is found again */
    if (f)
        return f;
    f = outside_servers(o, &l);
    if (!f)
        f = outside_check(o, &l);
    return f ? f : lay_unless_held(o, &l);
}

/* ---- the launch and its answer ---- */

static enum fault advance(struct outside *o, struct run_rows *rows)
{
    struct run_row *wave = work_wave(&o->w, o->number);
    enum fault f = FAULT_NONE;

    if (wave_is_active(wave->wave->status))
        f = wave_advance(&o->w, wave);
    return f ? f : work_launches(&o->w, wave->wave, rows);
}

/* Without a job there is nothing more to come: the wave has failed, and with it the execution. */
static enum fault record_failure(struct outside *o, const struct launch_run *l)
{
    struct run_row *row = work_wave(&o->w, o->number);

    if (!wave_move(row->wave, EVENT_SETTLE, GUARD_FAILURE))
        return FAULT_NONE;
    row->wave->outcome = OUTCOME_FAILED;
    row->wave->ended_at = o->c->call.now_ms;
    row->wave->failed_count = row->wave->server_count;
    row->wave->error_code = l->error_code;
    row->wave->error_message = l->error_message;
    work_put(&o->w, row);
    outside_settle(&o->w);
    work_put_execution(&o->w);
    return work_submit(&o->w);
}

static enum fault refuse_for_now(struct outside *o, const struct launch_run *l)
{
    struct cause now = cause_of_launch(l);

    if (!now.code.len)
        return call_fail(&o->c->call, FAULT_AWS_TRANSIENT,
                         "Failed to start recovery: no answer yet; the wave is being started, "
                         "call again");
    return call_fail(&o->c->call, FAULT_AWS_TRANSIENT,
                     "Failed to start recovery: " STR_FMT " - " STR_FMT
                     "; the wave is being started, call again",
                     STR_ARG(now.code), STR_ARG(now.message));
}

static enum fault refuse_launch(struct outside *o, const struct launch_run *l)
{
    int status = work_wave(&o->w, o->number)->wave->status;
    enum fault f = FAULT_NONE;

    if (wave_is_terminal(status))
        return call_fail(&o->c->call, FAULT_INVALID_STATE, "Wave %" PRId64 " is %s", o->number,
                         wave_status_names[status]);
    if (l->state == LAUNCH_ENDED)
        f = record_failure(o, l);
    if (f)
        return f;
    if (l->state != LAUNCH_ENDED)
        return refuse_for_now(o, l);
    return call_fail(&o->c->call,
                     str_eq_z(l->error_code, "CROSS_ACCOUNT_ERROR") ? FAULT_ROLE_ASSUMPTION_FAILED
                                                                    : FAULT_DRS_ERROR,
                     STR_FMT, STR_ARG(l->error_message));
}

static const struct json *job_list(struct arena *a, const struct run_rows *rows)
{
    struct json *v = arena_new_of(a, struct json);

    *v = (struct json){.kind = JS_ARRAY, .len = rows->len};
    v->items = arena_array_of(a, rows->len ? rows->len : 1, struct json);
    for (size_t i = 0; i < rows->len; i++)
        v->items[i] = *flow_json_str(a, rows->items[i].launch->job_id);
    return v;
}

static void answer(struct outside *o, const struct run_rows *rows)
{
    struct arena *a = o->arena;
    const struct wave_run *wave = work_wave(&o->w, o->number)->wave;
    const struct json *job = flow_json_str(a, rows->items[0].launch->job_id);
    const struct json *started = flow_json_str(a, STR("STARTED"));
    const struct json *number = flow_json_int(a, o->number);
    const struct json *s = o->state;

    s = flow_json_with(a, s, STR("executionId"), flow_json_str(a, o->w.e.id));
    s = flow_json_with(a, s, STR("planId"), flow_json_str(a, o->w.e.plan_id));
    s = flow_json_with(a, s, STR("execution_id"), flow_json_str(a, o->w.e.id));
    s = flow_json_with(a, s, STR("plan_id"), flow_json_str(a, o->w.e.plan_id));
    s = flow_json_with(a, s, STR("waveNumber"), number);
    s = flow_json_with(a, s, STR("current_wave_number"), number);
    s = flow_json_with(a, s, STR("waveName"), flow_json_str(a, wave->name));
    s = flow_json_with(a, s, STR("drsJobId"), job);
    s = flow_json_with(a, s, STR("drsJobIds"), job_list(a, rows));
    s = flow_json_with(a, s, STR("status"), started);
    s = flow_json_with(a, s, STR("serversLaunched"), flow_json_int(a, wave->server_count));
    s = flow_json_with(a, s, arena_strf(a, "wave%" PRId64 "JobId", o->number), job);
    s = flow_json_with(a, s, arena_strf(a, "wave%" PRId64 "Status", o->number), started);
    json_put(o->c->out, s);
}

static enum fault check_shape(struct outside *o, const struct action_params *in)
{
    enum fault f = FAULT_NONE;

    if (!json_is(o->state, JS_OBJECT))
        f = outside_missing(o, "state");
    else if (!outside_text(o->state, "executionId", "execution_id").len)
        f = outside_missing(o, "state.executionId");
    if (!in->has_wave_number)
        f = outside_missing(o, "wave_number");
    return f;
}

enum fault outside_start_wave(struct task_ctx *c)
{
    const struct action_params *in = c->params;
    struct outside o = {
        .c = c, .arena = c->call.arena, .state = event_state(c), .number = in->wave_number};
    struct run_rows rows = {0};
    enum fault f;

    f = check_shape(&o, in);
    if (!f)
        f = outside_type(&o);
    if (!f)
        f = outside_replace(&o);
    if (!f)
        f = outside_wave(&o);
    if (!f)
        f = outside_account(&o);
    if (!f)
        f = prepare(&o);
    if (!f)
        f = advance(&o, &rows);
    if (f)
        return f;
    for (size_t i = 0; i < rows.len; i++)
        if (!rows.items[i].launch->job_id.len)
            return refuse_launch(&o, rows.items[i].launch);
    answer(&o, &rows);
    return FAULT_NONE;
}
