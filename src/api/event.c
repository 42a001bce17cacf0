/* Lambda's way in: which function, which dialect, and what kind of event it is (contract §1). */
#include "api/answer.h"
#include "api/dispatch.h"
#include "api/rest.h"

static const struct {
    const char *name;
    enum function function;
} function_names[] = {
    {"data-management-handler", FUNCTION_DATA_MANAGEMENT},
    {"execution-handler", FUNCTION_EXECUTION},
    {"query-handler", FUNCTION_QUERY},
};

struct str function_name_of(enum function function)
{
    for (size_t i = 0; i < ARRAY_LEN(function_names); i++)
        if (function_names[i].function == function)
            return str_from_z(function_names[i].name);
    return STR("no function");
}

/*
 * "arn:aws:lambda:REGION:ACCOUNT:function:NAME[:QUALIFIER]", "ACCOUNT:function:NAME[:QUALIFIER]" or
 * "NAME[:QUALIFIER]" without everything but NAME.
 */
static struct str bare_name(struct str name)
{
    struct str rest = name;
    struct str first;

    while (str_present(rest)) {
        if (str_eq(str_cut(&rest, ':'), STR("function")) && str_present(rest))
            return str_cut(&rest, ':');
    }
    rest = name;
    first = str_cut(&rest, ':');
    return first;
}

bool api_function_of(const struct api *api, struct str name, enum function *function,
                     enum dialect *dialect, struct str *bare)
{
    struct str part = bare_name(name);

    for (size_t i = 0; i < ARRAY_LEN(function_names); i++) {
        struct str ours = str_from_z(function_names[i].name);

        if (!str_contains(part, ours))
            continue;
        *function = function_names[i].function;
        *dialect = str_eq(part, ours) ? DIALECT_EVENT : DIALECT_API;
        for (size_t p = 0; p < api->pins_len; p++)
            if (api->pins[p].function == *function)
                *dialect = api->pins[p].dialect;
        if (bare)
            *bare = part;
        return true;
    }
    return false;
}

/* ---- containers ---- */

static const struct json *object_or_null(const struct json *v)
{
    return json_is(v, JS_OBJECT) ? v : NULL;
}

/* The body is an object, or a string of JSON; null and "" are absence. */
static void take_body(struct call *call, const struct json *body)
{
    if (!body || body->kind == JS_NULL)
        return;
    if (body->kind == JS_STR)
        call_body_text(call, body->string);
    else
        call_body(call, body);
}

static void take_containers(struct call *call, const struct json *event)
{
    const struct json *query = object_or_null(json_get_z(event, "queryParams"));

    if (!query)
        query = object_or_null(json_get_z(event, "queryStringParameters"));
    take_body(call, json_get_z(event, "body"));
    call->in[CONTAINER_PARAMETERS] = object_or_null(json_get_z(event, "parameters"));
    call->in[CONTAINER_QUERY] = query;
    call->in[CONTAINER_PATH] = object_or_null(json_get_z(event, "pathParameters"));
    call->in[CONTAINER_EVENT] = event;
}

/* ---- detection ---- */

static bool truthy(const struct json *v)
{
    if (!v)
        return false;
    switch (v->kind) {
    case JS_NULL:
        return false;
    case JS_BOOL:
        return v->boolean;
    case JS_INT:
        return v->integer != 0;
    case JS_STR:
        return v->string.len > 0;
    case JS_REAL:
        return true;
    case JS_ARRAY:
    case JS_OBJECT:
        return v->len > 0;
    }
    return false;
}

static bool has_sync_flags(const struct json *v)
{
    return json_get_z(v, "synch_tags") || json_get_z(v, "synch_instance_type");
}

/* "aws.events", as a string or, as in an event pattern, an array of one. */
static bool from_event_bridge(const struct json *event)
{
    const struct json *source = json_get_z(event, "source");

    if (json_is(source, JS_ARRAY) && source->len == 1)
        source = &source->items[0];
    return str_eq(json_str(source), STR("aws.events"));
}

/* A scheduled event that names no operation: what it means follows from the function. */
static bool detect_schedule(struct call *call, const struct json *event)
{
    const struct json *detail = json_get_z(event, "detail");
    bool data = call->function == FUNCTION_DATA_MANAGEMENT;

    call->entry = ENTRY_SCHEDULE;
    if (data && (has_sync_flags(event) || has_sync_flags(detail))) {
        call->operation = STR("trigger_tag_sync");
        call->in[CONTAINER_BODY] = object_or_null(detail);
        call->in[CONTAINER_EVENT] = event;
        return true;
    }
    if (!from_event_bridge(event) || (detail && truthy(detail)))
        return false;
    if (data)
        call->operation = STR("trigger_tag_sync");
    else if (call->function == FUNCTION_EXECUTION)
        call->operation = STR("find_polling_executions");
    return str_present(call->operation);
}

static bool detect_named(struct call *call, const struct json *event)
{
    const struct json *action = json_get_z(event, "action");
    const struct json *operation = json_get_z(event, "operation");

    if (truthy(action)) {
        call->entry = ENTRY_ACTION;
        call->dialect = DIALECT_ACTION;
        call->operation = json_str(action);
    } else {
        call->entry = ENTRY_DIRECT;
        call->operation = json_str(operation);
    }
    take_containers(call, event);
    return !str_empty(str_trim(call->operation));
}

static bool detect(struct call *call, const struct json *event)
{
    if (truthy(json_get_z(event, "action")) || json_get_z(event, "operation"))
        return detect_named(call, event);
    return detect_schedule(call, event);
}

static struct call call_begin(const struct api_event *in, enum function function,
                              enum dialect dialect)
{
    return (struct call){
        .arena = in->arena,
        .dialect = dialect,
        .function = function,
        .principal = in->principal,
        .request_id = in->request_id,
        .peer = in->peer,
        .client_token = in->asynchronous ? in->request_id : (struct str){0},
        .deadline_mono_ms = in->deadline_mono_ms,
    };
}

static bool refuse_event(struct api *api, struct call *call, struct reply *out, enum fault f,
                         struct str why)
{
    struct api_refusal refusal = {.fault = f, .why = why};

    api_refuse(api, call, &refusal, out);
    return false;
}

bool api_call_from_event(struct api *api, const struct api_event *in, struct call *call,
                         struct reply *out)
{
    const struct json *event = NULL;
    enum function function = FUNCTION_DATA_MANAGEMENT;
    enum dialect dialect = DIALECT_API;
    struct str why;
    enum fault f;

    if (!api_function_of(api, in->function_name, &function, &dialect, NULL)) {
        *call = call_begin(in, function, dialect);
        return refuse_event(
            api, call, out, FAULT_NOT_FOUND,
            arena_strf(in->arena, "Function not found: " STR_FMT, STR_ARG(in->function_name)));
    }
    *call = call_begin(in, function, dialect);
    f = FAULT_NONE;
    event = in->parsed;
    if (!event)
        f = json_parse(in->arena, str_empty(in->payload) ? STR("{}") : in->payload, &event, &why);
    if (f)
        return refuse_event(api, call, out, f == FAULT_TOO_LARGE ? f : FAULT_INVALID_INVOCATION,
                            arena_strf(in->arena, "The event is not JSON: " STR_FMT, STR_ARG(why)));
    if (event->kind != JS_OBJECT)
        return refuse_event(api, call, out, FAULT_INVALID_INVOCATION,
                            STR("The event must be a JSON object"));
    if (json_get_z(event, "requestContext"))
        return rest_call_from_proxy(api, event, call, out);
    if (!detect(call, event))
        return refuse_event(api, call, out, FAULT_INVALID_INVOCATION,
                            STR("The event has neither requestContext, action nor operation, and "
                                "is no scheduled event"));
    return true;
}

void api_invoke(struct api *api, const struct api_event *event, struct reply *out)
{
    struct call call;

    if (api_call_from_event(api, event, &call, out))
        api_call(api, &call, out);
}
