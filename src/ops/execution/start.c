#include "ops/execution/start.h"

#include "base/id.h"
#include "flow/flow.h"
#include "ops/claims.h"
#include "ops/execution/poll.h"
#include "rules/plan_graph.h"

/*
 * execute_recovery_plan: decides everything that can be decided before anything is launched,
 * records it, takes the claims, and hands over to the workflow; all in one commit.
 */
static enum fault find_plan(struct start *s)
{
    enum fault f = reader_get(s->c->reader, s->arena, COLLECTION_PLANS, s->in->plan_id,
                              (struct str){0}, &s->plan);

    if (f == FAULT_NOT_FOUND)
        return call_fail(&s->c->call, f, "Recovery Plan with ID '" STR_FMT "' not found",
                         STR_ARG(s->in->plan_id));
    if (!f && s->plan.waves.len == 0)
        return call_fail(&s->c->call, FAULT_INVALID_STATE, "Recovery Plan has no waves");
    if (!f && s->plan.status == PLAN_INACTIVE)
        return call_fail(&s->c->call, FAULT_INVALID_STATE,
                         "Recovery Plan '" STR_FMT "' is INACTIVE: update its status to ACTIVE "
                         "before",
                         STR_ARG(s->plan.name));
    if (!f && s->in->point_in_time > s->c->call.now_ms)
        return call_fault(&s->c->call, FAULT_INVALID_PARAMETER, STR("pointInTime"),
                          "'pointInTime' lies ahead");
    return f;
}

/* Entries that share a number are one wave; a gate of one of them is the wave's. */
static void plan_wave(struct start *s, int64_t number, struct wave_plan *out)
{
    struct strs groups = {
        arena_array_of(s->arena, plan_group_ids(s->arena, &s->plan.waves).len, struct str), 0};

    *out = (struct wave_plan){
        .wave_number = number,
        .depends_on_waves = plan_wave_dependencies(s->arena, &s->plan.waves, number),
    };
    for (size_t i = 0; i < s->plan.waves.len; i++) {
        const struct plan_wave *entry = &s->plan.waves.items[i];

        if (entry->wave_number != number)
            continue;
        if (!str_present(out->name))
            out->name = entry->name;
        out->pause_before_wave |= entry->pause_before_wave;
        for (size_t k = 0; k < entry->protection_group_ids.len; k++)
            if (!strs_have(groups, entry->protection_group_ids.items[k]))
                groups.items[groups.len++] = entry->protection_group_ids.items[k];
    }
    out->group_ids = groups;
}

static void describe_execution(struct start *s)
{
    struct ints numbers = plan_wave_numbers(s->arena, &s->plan.waves);

    s->e = (struct execution){
        .id = id_new_at(s->arena, s->c->entropy, s->c->call.now_ms, STR("exec-")),
        .plan_id = s->plan.id,
        .plan_name = s->plan.name,
        .type = s->in->type,
        .status = EXECUTION_PENDING,
        .epoch = 1,
        .revision = 1,
        .started_at = s->c->call.now_ms,
        .updated_at = s->c->call.now_ms,
        .initiated_by =
            str_present(s->in->initiated_by) ? s->in->initiated_by : s->c->call.principal,
        .principal = s->c->call.principal,
        .on_wave_failure = s->plan.on_wave_failure,
        .parallel_waves = s->plan.parallel_waves,
        .allow_lagging_replication = s->in->allow_lagging_replication,
        .replace_recovery_instances = s->in->replace_recovery_instances,
        .point_in_time = s->in->point_in_time,
        .plan_version = s->plan.version,
    };
    s->e.wave_plans.items = arena_array_of(s->arena, numbers.len, struct wave_plan);
    for (size_t i = 0; i < numbers.len; i++)
        plan_wave(s, numbers.items[i], &s->e.wave_plans.items[s->e.wave_plans.len++]);
}

/* ---- what is written ---- */

static void put_resolution(struct start *s, size_t place, size_t *n)
{
    struct resolution_run r = {.account_context = &s->places.items[place].context};
    struct run_row row = {.execution_id = s->e.id, .revision = 1, .resolution = &r};

    r.servers.items = arena_array_of(s->arena, RESOLUTION_SERVERS_MAX, struct resolved_server);
    for (size_t i = 0; i <= s->servers.len; i++) {
        if (r.servers.len == RESOLUTION_SERVERS_MAX || (i == s->servers.len && r.servers.len)) {
            row.key = run_key_resolution(s->arena, ++*n);
            (void)ws_put(s->c->writes, COLLECTION_RUNS, &row);
            r.servers.len = 0;
        }
        if (i < s->servers.len && s->servers.items[i].place == place)
            r.servers.items[r.servers.len++] = s->servers.items[i].server;
    }
}

static void take_claims(struct start *s)
{
    struct write_set *ws = s->c->writes;
    struct str owner = s->e.id;
    struct str label = s->plan.name;

    ws_claim(ws, claim_running_plan(s->arena, s->plan.id), owner, label, FAULT_ACTIVE_EXECUTION);
    for (size_t i = 0; i < s->groups.len; i++) {
        const struct start_group *g = &s->groups.items[i];

        ws_claim(ws, claim_running_group(s->arena, g->id), owner, label, FAULT_ACTIVE_EXECUTION);
        ws_if_int(ws, ws_guard(ws, COLLECTION_GROUPS, g->id), "version", g->version,
                  FAULT_CONDITION_FAILED);
    }
    for (size_t i = 0; i < s->servers.len; i++) {
        const struct start_server *server = &s->servers.items[i];
        const struct account_context *at = &s->places.items[server->place].context;

        ws_claim(
            ws,
            claim_running_server(s->arena, at->account_id, at->region, server->server.server_id),
            owner, label, FAULT_SERVER_CONFLICT);
    }
}

static void mark_plan(struct start *s)
{
    struct write_set *ws = s->c->writes;
    size_t n = ws_update(ws, COLLECTION_PLANS, s->plan.id, (struct str){0});

    ws_set_text(ws, n, "lastExecutionId", s->e.id);
    ws_set_text(ws, n, "lastExecutionStatus", STR("PENDING"));
    ws_set_int(ws, n, "lastStartedAt", s->e.started_at);
    ws_if_int(ws, n, "version", s->plan.version, FAULT_CONDITION_FAILED);
}

static void write_start(struct start *s)
{
    struct flow_start flow = {.kind = FLOW_KIND_RECOVERY,
                              .execution_id = s->e.id,
                              .epoch = 1,
                              .now_ms = s->c->call.now_ms};
    size_t resolutions = 0;
    size_t n;

    s->e.total_servers = (int64_t)s->servers.len;
    s->e.account_context = &s->places.items[0].context;
    s->e.account_id = s->e.account_context->account_id;
    flow.data = state_new(s->arena, &s->e, s->c->call.workflow->poll_min_ms);
    s->e.definition = flow_begin(s->arena, s->c->writes, &flow);
    for (size_t p = 0; p < s->places.len; p++)
        put_resolution(s, p, &resolutions);
    n = ws_put(s->c->writes, COLLECTION_EXECUTIONS, &s->e);
    ws_if_absent(s->c->writes, n, FAULT_CONDITION_FAILED);
    mark_plan(s);
    take_claims(s);
    s->c->poke_workflow = true;
}

static enum fault check_all(struct start *s)
{
    enum fault f = start_check_plan(s);

    if (!f)
        f = start_resolve(s);
    if (!f)
        f = start_check_sizes(s);
    if (!f)
        f = start_check_running(s);
    if (!f)
        f = start_check_jobs(s);
    if (!f)
        f = start_check_servers(s);
    if (!f)
        f = start_check_instances(s);
    return f ? f : start_choose_snapshots(s);
}

enum fault execution_start(struct ctx *c)
{
    struct execute_reply *out = c->reply;
    struct start s = {.c = c, .arena = c->call.arena, .in = c->params};
    enum fault f = find_plan(&s);

    if (f)
        return f;
    describe_execution(&s);
    f = check_all(&s);
    if (!f)
        f = faults_first(c->call.faults);
    if (f)
        return f;
    write_start(&s);
    *out = (struct execute_reply){
        .execution_id = s.e.id,
        .plan_id = s.e.plan_id,
        .status = STR("PENDING"),
        .message = STR("Execution started - check status with operation: get_execution_details"),
        .status_url = arena_strf(s.arena, "/executions/" STR_FMT, STR_ARG(s.e.id)),
    };
    return FAULT_NONE;
}
