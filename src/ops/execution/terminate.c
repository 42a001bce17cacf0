#include "flow/flow.h"
#include "ops/execution/executions.h"
#include "ops/execution/runs.h"

/*
 * terminate_recovery_instances: notes which instances this execution launched, in launches of their
 * own, and starts a workflow that ends when they are gone. Only its own instances are ever named.
 * A server whose launch reached DRS, or may have, and of which no instance is on record is noted as
 * well: what DRS made of it is not ours to guess, and the workflow asks.
 */
enum { LAUNCHES_MAX = 80 };

struct terminating {
    struct ctx *c;
    struct arena *arena;
    struct execution e;
    struct run_rows servers; /* all, in the order of their keys */
    struct run_rows launched;
    size_t launches;
    size_t sought; /* servers without an instance on record */
    LIST_OF(struct terminate_instance) instances;
    bool ever_launched;
};

static const struct launch_run *launch_of(const struct terminating *t, const struct server_run *s)
{
    for (size_t i = 0; i < t->launched.len; i++)
        if (str_eq(t->launched.items[i].launch->launch_id, s->launch_id))
            return t->launched.items[i].launch;
    return NULL;
}

static enum fault put_launch(struct terminating *t, struct launch_run *l)
{
    struct run_row row = {.execution_id = t->e.id, .revision = 1, .launch = l};

    if (t->launches == LAUNCHES_MAX)
        return call_fail(&t->c->call, FAULT_TOO_LARGE, "Too many accounts and regions at once");
    t->launches++;
    row.key = run_key_launch(t->arena, l, t->launches);
    l->launch_id = launch_id_of(t->arena, t->e.id, l, t->launches);
    ws_if_absent(t->c->writes, ws_put(t->c->writes, COLLECTION_RUNS, &row), FAULT_CONDITION_FAILED);
    l->servers.len = 0;
    return FAULT_NONE;
}

static bool is_known(const struct server_run *s)
{
    return s->status != SERVER_TERMINATED && s->instance_id.len;
}

static bool lists(const struct launch_run *l, struct str server_id)
{
    for (size_t i = 0; i < l->servers.len; i++)
        if (str_eq(l->servers.items[i].server_id, server_id))
            return true;
    return false;
}

static bool is_sought(const struct terminating *t, const struct server_run *s)
{
    const struct launch_run *l = launch_of(t, s);

    return l && s->status != SERVER_TERMINATED && !s->instance_id.len && !s->nothing_left &&
           (l->job_id.len || l->uncertain) && lists(l, s->server_id);
}

static bool is_due(const struct terminating *t, const struct server_run *s, bool sought)
{
    return sought ? is_sought(t, s) : is_known(s);
}

static void add_server(struct terminating *t, const struct server_run *s, struct launch_run *l)
{
    const struct launch_run *launch = launch_of(t, s);

    l->servers.items[l->servers.len++] =
        (struct launch_server){.server_id = s->server_id,
                               .hostname = s->hostname,
                               .instance_id = s->instance_id,
                               .launch_id = s->launch_id,
                               .job_id = launch ? launch->job_id : s->job_id};
    if (s->instance_id.len)
        t->instances.items[t->instances.len++] =
            (struct terminate_instance){s->instance_id, s->server_id, s->region, s->job_id};
    else
        t->sought++;
}

/* All of the kind in the place of server `first` that no launch names yet. */
static enum fault plan_place(struct terminating *t, size_t first, bool sought, bool *done)
{
    const struct launch_run *launched = launch_of(t, t->servers.items[first].server);
    struct launch_run l = {.terminate = true,
                           .attempt = t->e.termination->sequence,
                           .state = LAUNCH_PLANNED,
                           .reconcile = t->e.reconcile};
    enum fault f = FAULT_NONE;

    if (!launched)
        return FAULT_CORRUPT;
    l.account_context = launched->account_context;
    l.servers.items = arena_array_of(t->arena, LAUNCH_SERVERS_MAX, struct launch_server);
    for (size_t i = first; i < t->servers.len && !f; i++) {
        const struct server_run *s = t->servers.items[i].server;

        if (done[i] || !is_due(t, s, sought) ||
            !account_context_is_at(l.account_context, s->account_id, s->region))
            continue;
        done[i] = true;
        add_server(t, s, &l);
        if (l.servers.len == LAUNCH_SERVERS_MAX)
            f = put_launch(t, &l);
    }
    if (!f && l.servers.len)
        f = put_launch(t, &l);
    return f;
}

/* What is sought waits for its jobs; what is known does not wait for that. */
static enum fault plan_all(struct terminating *t)
{
    size_t n = t->servers.len;
    bool *done = arena_array_of(t->arena, n + 1, bool);
    enum fault f = FAULT_NONE;

    t->instances.items = arena_array_of(t->arena, n + 1, struct terminate_instance);
    for (size_t i = 0; i < n; i++)
        t->ever_launched |= t->servers.items[i].server->status == SERVER_TERMINATED;
    for (size_t i = 0; i < 2 * n && !f; i++)
        if (!done[i % n] && is_due(t, t->servers.items[i % n].server, i >= n))
            f = plan_place(t, i % n, i >= n, done);
    return f;
}

static void begin_workflow(struct terminating *t)
{
    struct flow_start start = {.kind = FLOW_KIND_TERMINATE,
                               .execution_id = t->e.id,
                               .epoch = t->e.termination->sequence,
                               .now_ms = t->c->call.now_ms};
    const struct json *data = state_new(t->arena, &t->e, t->c->call.workflow->poll_min_ms);
    int64_t expected = t->e.revision;
    size_t n;

    start.data = flow_json_with(t->arena, data, STR("sequence"),
                                flow_json_int(t->arena, t->e.termination->sequence));
    (void)flow_begin(t->arena, t->c->writes, &start);
    t->e.revision = expected + 1;
    t->e.updated_at = t->c->call.now_ms;
    n = ws_put(t->c->writes, COLLECTION_EXECUTIONS, &t->e);
    ws_if_int(t->c->writes, n, "revision", expected, FAULT_CONDITION_FAILED);
    t->c->poke_workflow = true;
}

static void answer(struct terminating *t, const char *message)
{
    struct terminate_reply *out = t->c->reply;
    const struct termination *now = t->e.termination;

    *out = (struct terminate_reply){
        .execution_id = t->e.id,
        .status = now ? str_from_z(execution_status_names[now->status]) : STR("COMPLETED"),
        .message = str_from_z(message),
        .total_found = now ? now->total_found : 0,
        .total_terminated = now ? now->total_terminated : 0,
        .total_failed = now ? now->total_failed : 0,
        .already_terminated = t->ever_launched && t->instances.len + t->sought == 0,
        .no_instances_found = !t->ever_launched && t->instances.len + t->sought == 0,
    };
    out->instances.items = t->instances.items;
    out->instances.len = t->instances.len;
}

static enum fault start(struct terminating *t)
{
    struct termination *termination = arena_new_of(t->arena, struct termination);
    struct termination *before = t->e.termination;
    enum fault f;

    termination->sequence = before ? before->sequence + 1 : 1;
    termination->status = EXECUTION_RUNNING;
    termination->started_at = t->c->call.now_ms;
    t->e.termination = termination;
    f = plan_all(t);
    if (f)
        return f;
    if (t->launches == 0) {
        t->e.termination = before;
        answer(t, t->ever_launched ? "The recovery instances were terminated before"
                                   : "The execution launched no recovery instances");
        return FAULT_NONE;
    }
    termination->total_found = (int64_t)t->instances.len;
    begin_workflow(t);
    answer(t, t->sought ? "Termination started, and DRS is asked what other launches left there - "
                          "check status with operation: get_execution_details"
                        : "Termination started - check status with operation: "
                          "get_execution_details");
    return FAULT_NONE;
}

enum fault execution_terminate(struct ctx *c)
{
    const struct execution_id_params *in = c->params;
    struct terminating t = {.c = c, .arena = c->call.arena};
    enum fault f = execution_find(&c->call, c->reader, in->execution_id, &t.e);

    if (f)
        return f;
    if (!execution_is_terminal(t.e.status))
        return refuse_state(&c->call, &t.e, "Recovery instances are terminated after the end");
    if (t.e.termination && t.e.termination->status == EXECUTION_RUNNING) {
        t.ever_launched = true;
        answer(&t, "Termination is under way");
        ((struct terminate_reply *)c->reply)->already_terminated = false;
        return FAULT_NONE;
    }
    f = runs_read(c->reader, t.arena, t.e.id, STR("server#"), &t.servers);
    if (!f)
        f = runs_read(c->reader, t.arena, t.e.id, STR("launch#"), &t.launched);
    return f ? f : start(&t);
}
