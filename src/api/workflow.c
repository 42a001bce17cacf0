#include "api/workflow.h"

#include "base/id.h"
#include "base/panic.h"

struct workflow_tasks {
    struct flow_tasks tasks;
    struct api *api;
};

static const struct flow_tasks_ops workflow_ops;

/* The names in an action's refusal; the engine tells transient from final by the fault. */
static void read_failure(const struct json *answer, const struct reply *reply,
                         struct flow_failure *why)
{
    why->error = json_str(json_get_z(answer, "error"));
    why->cause = json_str(json_get_z(answer, "message"));
    if (!str_present(why->error))
        why->error = str_from_z(fault_describe(reply->fault)->name);
    if (json_bool(json_get_z(answer, "retryable"), fault_describe(reply->fault)->retryable))
        why->error = (struct str){0};
}

static enum fault call_task(struct flow_tasks *t, struct arena *a, const struct json *payload,
                            const struct json **result, struct flow_failure *why)
{
    struct workflow_tasks *w = (struct workflow_tasks *)t;
    struct call call = {
        .arena = a,
        .entry = ENTRY_WORKFLOW,
        .dialect = DIALECT_ACTION,
        .operation = json_str(json_get_z(payload, "action")),
        .in = {[CONTAINER_EVENT] = payload},
        .principal = {.arn = STR("workflow"), .via = STR("workflow")},
        .request_id = id_new(a, w->api->entropy, STR("")),
    };
    const struct json *answer;
    struct reply reply;
    struct str text;

    REQUIRE(t->ops == &workflow_ops);
    api_call(w->api, &call, &reply);
    if (json_parse(a, reply.body, &answer, &text))
        return FAULT_INTERNAL_ERROR;
    *result = answer;
    if (reply.fault)
        read_failure(answer, &reply, why);
    return reply.fault;
}

static const struct flow_tasks_ops workflow_ops = {call_task};

struct flow_tasks *api_workflow_tasks(struct arena *a, struct api *api)
{
    struct workflow_tasks *w = arena_new_of(a, struct workflow_tasks);

    *w = (struct workflow_tasks){.tasks = {&workflow_ops}, .api = api};
    return &w->tasks;
}
