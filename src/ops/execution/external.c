#include "base/time.h"
#include "flow/path.h"
#include "model/group.h"
#include "model/refusal.h"
#include "ops/execution/tasks.h"
#include "ops/snapshots.h"

#include <inttypes.h>

/*
 * start_wave_recovery as somebody else's workflow calls it (S4): the state alone says what to do.
 * An execution that the store does not know gets a record made from it; then the wave's launches go
 * the same way as those of our own, so that a repeated call finds its job again.
 */
struct outside {
    struct task_ctx *c;
    struct arena *arena;
    const struct json *state;
    const struct json *wave; /* of state.waves */
    int64_t number;
    struct account_context account;
    struct work w;
};

static const struct json *either(const struct json *v, const char *a, const char *b)
{
    const struct json *found = json_get_z(v, a);

    return found ? found : json_get_z(v, b);
}

static struct str text_of(const struct json *v, const char *a, const char *b)
{
    return json_str(either(v, a, b));
}

/* ---- shape ---- */

static enum fault missing(struct outside *o, const char *what)
{
    return call_fail(&o->c->call, FAULT_MISSING_PARAMETER, "Missing required parameters: %s", what);
}

static enum fault read_account(struct outside *o)
{
    const struct json *context = either(o->state, "accountContext", "account_context");
    struct snapshot_place place = {0};
    enum fault f;

    if (!json_is(context, JS_OBJECT))
        return missing(o, "state.accountContext");
    o->account = (struct account_context){
        .account_id = json_str(json_get_z(context, "accountId")),
        .region = json_str(json_get_z(context, "region")),
        .role_name = text_of(context, "roleName", "assumeRoleName"),
        .role_arn = json_str(json_get_z(context, "roleArn")),
        .external_id = json_str(json_get_z(context, "externalId")),
    };
    if (!o->account.account_id.len || !o->account.region.len)
        return missing(o, "state.accountContext.accountId, state.accountContext.region");
    o->account.is_current_account = str_eq(o->account.account_id, o->c->call.hub_account);
    if (o->account.is_current_account || o->account.role_name.len || o->account.role_arn.len)
        return FAULT_NONE;
    f = snapshot_place_of(o->c->reader, o->arena, o->account.account_id, o->account.region,
                          o->c->call.hub_account, &place);
    o->account.role_arn = place.target.role_arn;
    o->account.external_id = place.target.external_id;
    return f == FAULT_NOT_FOUND ? FAULT_NONE : f;
}

static enum fault find_wave(struct outside *o)
{
    const struct json *waves = json_get_z(o->state, "waves");

    if (!json_is(waves, JS_ARRAY))
        return missing(o, "state.waves");
    for (size_t i = 0; i < waves->len; i++)
        if (json_int(either(&waves->items[i], "waveNumber", "wave_number"), -1) == o->number)
            o->wave = &waves->items[i];
    if (o->wave)
        return FAULT_NONE;
    return call_fail(&o->c->call, FAULT_INVALID_PARAMETER,
                     "Wave %" PRId64 " does not exist in state.waves", o->number);
}

/* The group's servers count only where the state names none; an unknown group has none. */
static enum fault group_servers(struct outside *o, struct launch_run *l)
{
    struct str id = text_of(o->wave, "protectionGroupId", "groupId");
    struct group group = {0};
    enum fault f = FAULT_NOT_FOUND;

    if (id.len)
        f = reader_get(o->c->reader, o->arena, COLLECTION_GROUPS, id, (struct str){0}, &group);
    if (f)
        return f == FAULT_NOT_FOUND ? FAULT_NONE : f;
    l->servers.items = arena_array_of(o->arena, group.server_ids.len + 1, struct launch_server);
    for (size_t i = 0; i < group.server_ids.len; i++)
        l->servers.items[l->servers.len++] =
            (struct launch_server){.server_id = group.server_ids.items[i], .group_id = group.id};
    return FAULT_NONE;
}

static enum fault read_servers(struct outside *o, struct launch_run *l)
{
    const struct json *servers = json_get_z(o->wave, "servers");
    size_t n = json_is(servers, JS_ARRAY) ? servers->len : 0;

    if (n == 0)
        return group_servers(o, l);
    l->servers.items = arena_array_of(o->arena, n, struct launch_server);
    for (size_t i = 0; i < n; i++) {
        const struct json *s = &servers->items[i];
        struct str snapshot = text_of(s, "recoverySnapshotId", "recoverySnapshotID");

        if (str_eq_z(snapshot, "AUTO")) /* DRS has no such word: it takes the latest */
            snapshot = (struct str){0};
        l->servers.items[l->servers.len++] = (struct launch_server){
            .server_id = s->kind == JS_STR ? s->string : text_of(s, "serverId", "sourceServerId"),
            .hostname = json_str(json_get_z(s, "hostname")),
            .group_id = text_of(o->wave, "protectionGroupId", "groupId"),
            .snapshot_id = snapshot,
        };
        if (!l->servers.items[i].server_id.len)
            return missing(o, "state.waves.servers.serverId");
    }
    return FAULT_NONE;
}

static enum fault check_size(struct outside *o, const struct launch_run *l)
{
    struct wave_size_refusal *refusal;

    if (l->servers.len == 0)
        return call_fail(&o->c->call, FAULT_INVALID_PARAMETER, "Wave %" PRId64 " has no servers",
                         o->number);
    if (l->servers.len <= LAUNCH_SERVERS_MAX)
        return FAULT_NONE;
    refusal = arena_new_of(o->arena, struct wave_size_refusal);
    refusal->limit = LAUNCH_SERVERS_MAX;
    refusal->errors.items = arena_new_of(o->arena, struct wave_size);
    refusal->errors.items[0] = (struct wave_size){o->number, (int64_t)l->servers.len};
    refusal->errors.len = 1;
    call_detail(&o->c->call, wave_size_refusal_fields, refusal);
    return call_fail(&o->c->call, FAULT_WAVE_SIZE_LIMIT_EXCEEDED,
                     "Wave %" PRId64 " has %zu servers, max is %d", o->number, l->servers.len,
                     LAUNCH_SERVERS_MAX);
}

/* ---- readiness: what DRS says now ---- */

static enum fault check_ready(struct outside *o, const struct launch_run *l)
{
    struct aws_at at = {.arena = o->arena,
                        .target = poll_target(o->arena, &o->account, o->c->call.hub_account)};
    struct drs_server_filter filter = {{0}, {0}};
    struct drs_source_servers found = {0};
    enum fault f;

    filter.ids.items = arena_array_of(o->arena, l->servers.len, struct str);
    for (size_t i = 0; i < l->servers.len; i++)
        filter.ids.items[filter.ids.len++] = l->servers.items[i].server_id;
    f = drs_describe_source_servers(aws_reader(o->c->aws), &at, &filter, &found);
    if (f == FAULT_ROLE_ASSUMPTION_FAILED)
        return call_fail(&o->c->call, f, "Failed to assume role " STR_FMT " in account " STR_FMT,
                         STR_ARG(o->account.role_name), STR_ARG(o->account.account_id));
    if (f)
        return call_fail(&o->c->call, f, "Failed to start recovery: " STR_FMT " - " STR_FMT,
                         STR_ARG(at.error.code), STR_ARG(at.error.message));
    for (size_t i = 0; i < found.len; i++)
        if (!str_eq_z(server_replication_state(&found.items[i]), "CONTINUOUS"))
            return call_fail(&o->c->call, FAULT_DRS_ERROR,
                             "Failed to start recovery: InvalidSourceServer - Server " STR_FMT
                             " is not in READY_FOR_RECOVERY state",
                             STR_ARG(found.items[i].id));
    return FAULT_NONE;
}

/* ---- dependencies ---- */

static bool state_says_completed(const struct outside *o, int64_t number)
{
    struct str name = arena_strf(o->arena, "wave%" PRId64 "Status", number);

    return str_eq_z(json_str(json_get(o->state, name)), "COMPLETED");
}

static enum fault check_dependencies(struct outside *o)
{
    const struct json *depends = either(o->wave, "dependsOnWaves", "depends_on_waves");

    for (size_t i = 0; json_is(depends, JS_ARRAY) && i < depends->len; i++) {
        int64_t number = json_int(&depends->items[i], 0);
        struct run_row *row = work_wave(&o->w, number);
        int status = row ? row->wave->status : 0;

        if (status == WAVE_COMPLETED || status == WAVE_SKIPPED || state_says_completed(o, number))
            continue;
        return call_fail(&o->c->call, FAULT_INVALID_STATE,
                         "Wave %" PRId64 " depends on wave %" PRId64 ", which has not completed",
                         o->number, number);
    }
    return FAULT_NONE;
}

/* ---- the record ---- */

/* How many waves there will be: the record ends when the last of them has. */
static void plan_waves(struct outside *o)
{
    const struct json *waves = json_get_z(o->state, "waves");
    struct execution *e = &o->w.e;

    e->wave_plans.items = arena_array_of(o->arena, waves->len, struct wave_plan);
    for (size_t i = 0; i < waves->len && i < EXECUTION_WAVES_MAX; i++)
        e->wave_plans.items[e->wave_plans.len++] = (struct wave_plan){
            .wave_number = json_int(either(&waves->items[i], "waveNumber", "wave_number"), 0),
            .name = text_of(&waves->items[i], "waveName", "name"),
        };
}

static enum fault make_execution(struct outside *o)
{
    struct execution *e = &o->w.e;
    struct str type = text_of(o->state, "executionType", "execution_type");
    enum fault f =
        execution_read(o->c->reader, o->arena, text_of(o->state, "executionId", "execution_id"), e);

    o->w.c = o->c;
    o->w.arena = o->arena;
    o->w.state = o->state;
    o->w.ws = write_set_new(o->arena);
    if (!f && (execution_is_terminal(e->status) || e->status == EXECUTION_CANCELLING))
        return call_fail(&o->c->call, FAULT_INVALID_STATE, "The execution is %s",
                         execution_status_names[e->status]);
    if (f != FAULT_NOT_FOUND)
        return f ? f : runs_read(o->c->reader, o->arena, e->id, STR("wave#"), &o->w.waves);
    *e = (struct execution){
        .id = text_of(o->state, "executionId", "execution_id"),
        .plan_id = text_of(o->state, "planId", "plan_id"),
        .plan_name = text_of(o->state, "planName", "plan_name"),
        .type = field_enum_of(execution_type_names, type),
        .status = EXECUTION_RUNNING,
        .epoch = 1,
        .started_at = o->c->call.now_ms,
        .account_id = o->account.account_id,
        .account_context = &o->account,
        .initiated_by = text_of(o->state, "initiatedBy", "initiated_by"),
        .principal = o->c->call.principal,
        .planned = true,
    };
    plan_waves(o);
    (void)time_parse(text_of(o->state, "startTime", "start_time"), &e->started_at);
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
    const struct json *depends = either(o->wave, "dependsOnWaves", "depends_on_waves");
    struct wave_run *wave = arena_new_of(o->arena, struct wave_run);
    struct run_row *row = arena_new_of(o->arena, struct run_row);
    struct ints numbers = {0};

    numbers.items = arena_array_of(o->arena, depends && depends->len ? depends->len : 1, int64_t);
    for (size_t i = 0; json_is(depends, JS_ARRAY) && i < depends->len; i++)
        numbers.items[numbers.len++] = json_int(&depends->items[i], 0);
    *wave = (struct wave_run){
        .wave_number = o->number,
        .name = text_of(o->wave, "waveName", "name"),
        .status = WAVE_INITIATED,
        .attempt = 1,
        .depends_on_waves = numbers,
        .server_count = (int64_t)servers,
        .started_at = o->c->call.now_ms,
        .mono_base = clock_mono_ms(o->c->clock),
    };
    *row = (struct run_row){
        .execution_id = o->w.e.id, .key = run_key_wave(o->arena, o->number), .wave = wave};
    work_put(&o->w, row);
}

static void put_servers(struct outside *o, const struct launch_run *l)
{
    for (size_t i = 0; i < l->servers.len; i++) {
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
        };
        struct run_row row = {
            .execution_id = o->w.e.id, .key = run_key_server(o->arena, &server), .server = &server};

        work_put(&o->w, &row);
    }
}

/* Servers first, then what names them: a record that is there is whole. */
static enum fault lay_wave(struct outside *o, struct launch_run *l)
{
    struct run_row row = {.execution_id = o->w.e.id, .launch = l};
    enum fault f;

    l->wave_number = o->number;
    l->attempt = 1;
    l->step = json_int(either(o->wave, "launchOrder", "launch_order"), o->number);
    l->state = LAUNCH_PLANNED;
    l->account_context = &o->account;
    l->launch_id = launch_id_of(o->arena, o->w.e.id, l, 1);
    row.key = run_key_launch(o->arena, l, 1);
    put_new_execution(o);
    f = work_submit(&o->w);
    if (f)
        return f;
    put_servers(o, l);
    if (l->servers.len >= BATCH_ROWS)
        f = work_submit(&o->w);
    if (f)
        return f;
    work_put(&o->w, &row);
    put_wave(o, l->servers.len);
    f = work_submit(&o->w);
    return f ? f : runs_read(o->c->reader, o->arena, o->w.e.id, STR("wave#"), &o->w.waves);
}

static enum fault prepare(struct outside *o)
{
    struct launch_run l = {0};
    enum fault f = make_execution(o);

    if (f || work_wave(&o->w, o->number))
        return f; /* it was started before: the launch is found again */
    f = check_dependencies(o);
    if (!f)
        f = read_servers(o, &l);
    if (!f)
        f = check_size(o, &l);
    if (!f)
        f = check_ready(o, &l);
    return f ? f : lay_wave(o, &l);
}

/* ---- the launch and its answer ---- */

static enum fault advance(struct outside *o, struct run_rows *rows)
{
    struct run_row *wave = work_wave(&o->w, o->number);
    enum fault f = work_launches(&o->w, wave->wave, rows);

    for (size_t i = 0; i < rows->len && !f; i++) {
        struct launching l = {.w = &o->w, .row = &rows->items[i]};

        l.at.arena = o->arena;
        l.at.target = poll_target(o->arena, l.row->launch->account_context, o->c->call.hub_account);
        f = launch_advance(&l);
    }
    return f;
}

static enum fault refuse_launch(struct outside *o, const struct launch_run *l)
{
    if (l->state != LAUNCH_ENDED)
        return call_fail(&o->c->call, FAULT_AWS_TRANSIENT,
                         "Failed to start recovery: " STR_FMT
                         "; the wave is being started, call again",
                         STR_ARG(l->error_code.len ? l->error_code : STR("no answer yet")));
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

enum fault outside_start_wave(struct task_ctx *c)
{
    const struct action_params *in = c->params;
    struct outside o = {
        .c = c, .arena = c->call.arena, .state = event_state(c), .number = in->wave_number};
    struct run_rows rows = {0};
    enum fault f;

    if (!json_is(o.state, JS_OBJECT) || !in->has_wave_number)
        return missing(&o, o.state ? "wave_number" : "state");
    if (!text_of(o.state, "executionId", "execution_id").len)
        return missing(&o, "state.executionId");
    f = find_wave(&o);
    if (!f)
        f = read_account(&o);
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
