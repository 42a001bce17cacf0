/* REST's way in: method, path, query and body into a call; from a socket or from API Gateway. */
#include "api/rest.h"

#include "api/answer.h"
#include "api/operation.h"
#include "base/encode.h"

enum { QUERY_PARAMETERS_MAX = 100 };

static void misshapen(struct call *call, enum fault f, struct str why)
{
    if (!call->shape) {
        call->shape = f;
        call->shape_why = why;
    }
}

void call_body(struct call *call, const struct json *body)
{
    if (body->kind == JS_OBJECT)
        call->in[CONTAINER_BODY] = body;
    else if (body->kind != JS_NULL)
        misshapen(call, FAULT_INVALID_PARAMETER,
                  arena_strf(call->arena, "The body must be a JSON object, not %s",
                             json_kind_name(body->kind)));
}

void call_body_text(struct call *call, struct str text)
{
    const struct json *body;
    struct str why;
    enum fault f;

    if (str_empty(str_trim(text)))
        return;
    f = json_parse(call->arena, text, &body, &why);
    if (f)
        misshapen(call, f, arena_strf(call->arena, "The body is not JSON: " STR_FMT, STR_ARG(why)));
    else
        call_body(call, body);
}

/* "a=1&b=two+words" as an object of strings. */
static const struct json *parse_query(struct call *call, struct str query)
{
    struct json *object = arena_new_of(call->arena, struct json);
    struct str rest = query;

    object->kind = JS_OBJECT;
    if (!str_empty(query))
        object->members = arena_array_of(call->arena, QUERY_PARAMETERS_MAX, struct json_member);
    while (str_present(rest)) {
        struct str value = str_cut(&rest, '&');
        struct str name = str_cut(&value, '=');

        if (str_empty(name) && !str_present(value))
            continue;
        if (!uri_decode(call->arena, name, true, &name) || !str_is_utf8(name) ||
            !uri_decode(call->arena, value, true, &value) || !str_is_utf8(value))
            misshapen(call, FAULT_INVALID_PARAMETER, STR("The query is not percent-encoded UTF-8"));
        else if (json_get(object, name))
            misshapen(
                call, FAULT_INVALID_PARAMETER,
                arena_strf(call->arena, "'" STR_FMT "' occurs twice in the query", STR_ARG(name)));
        else if (object->len == QUERY_PARAMETERS_MAX)
            misshapen(call, FAULT_TOO_LARGE, STR("The query has too many parameters"));
        else
            object->members[object->len++] =
                (struct json_member){name, {.kind = JS_STR, .string = value}};
    }
    return object;
}

static bool is_json(struct str content_type)
{
    struct str type = str_trim(str_cut(&content_type, ';'));

    return str_empty(type) || str_eq_fold(type, STR("application/json")) ||
           str_eq_fold(type, STR("text/json")) || str_ends(type, STR("+json"));
}

static const struct operation_set *rows_of(const struct api *api)
{
    return api->operations ? api->operations : operations_all();
}

/* Finds the row; false: 404 or 405 has been answered. */
static bool route(struct api *api, struct call *call, struct str method, struct str path,
                  struct reply *out)
{
    struct route_match found = operation_route_find(rows_of(api), call->arena, method, path);
    struct api_refusal refusal = {.fault = FAULT_NOT_FOUND, .allow = found.allow};

    if (found.op) {
        call->operation = str_from_z(found.op->names[0]);
        call->in[CONTAINER_PATH] = found.path_params;
        return true;
    }
    if (str_present(refusal.allow)) {
        refusal.fault = FAULT_METHOD_NOT_ALLOWED;
        refusal.why = arena_strf(call->arena, STR_FMT " is not allowed here; use " STR_FMT,
                                 STR_ARG(method), STR_ARG(refusal.allow));
    } else {
        refusal.why = arena_strf(call->arena, "No such path: " STR_FMT, STR_ARG(path));
    }
    api_refuse(api, call, &refusal, out);
    return false;
}

void api_rest(struct api *api, const struct api_request *request, struct reply *out)
{
    struct call call = {
        .arena = request->arena,
        .entry = ENTRY_REST,
        .dialect = DIALECT_API,
        .principal = request->principal,
        .request_id = request->request_id,
        .peer = request->peer,
        .deadline_mono_ms = request->deadline_mono_ms,
    };

    if (!route(api, &call, request->method, request->path, out))
        return;
    call.in[CONTAINER_QUERY] = parse_query(&call, request->query);
    if (!str_empty(request->body)) {
        if (is_json(request->content_type))
            call_body_text(&call, request->body);
        else
            misshapen(&call, FAULT_UNSUPPORTED_MEDIA_TYPE,
                      STR("The body must be JSON: send Content-Type: application/json"));
    }
    api_call(api, &call, out);
}

/* ---- API Gateway ---- */

static void take_proxy_body(struct call *call, const struct json *event)
{
    const struct json *body = json_get_z(event, "body");
    struct str text = json_str(body);

    if (!body || body->kind == JS_NULL)
        return;
    if (body->kind != JS_STR)
        call_body(call, body);
    else if (json_bool(json_get_z(event, "isBase64Encoded"), false) &&
             !base64_decode(call->arena, text, &text))
        misshapen(call, FAULT_INVALID_PARAMETER, STR("The body is not base64"));
    else
        call_body_text(call, text);
}

bool rest_call_from_proxy(struct api *api, const struct json *event, struct call *call,
                          struct reply *out)
{
    const struct json *query = json_get_z(event, "queryStringParameters");
    const struct json *context = json_get_z(event, "requestContext");
    struct str method = json_str(json_get_z(event, "httpMethod"));
    struct str path = json_str(json_get_z(event, "path"));

    if (!str_present(method)) /* payload format 2.0 */
        method = json_str(json_get_z(json_get_z(context, "http"), "method"));
    if (!str_present(path))
        path = json_str(json_get_z(event, "rawPath"));
    call->entry = ENTRY_REST;
    call->dialect = DIALECT_API;
    call->proxy = true;
    call->function = 0; /* the gateway has chosen */
    if (!str_present(method) || !str_present(path)) {
        struct api_refusal refusal = {
            .fault = FAULT_INVALID_INVOCATION,
            .why = STR("The event has requestContext, but no httpMethod and path"),
        };

        api_refuse(api, call, &refusal, out);
        return false;
    }
    if (!route(api, call, method, path, out))
        return false;
    call->in[CONTAINER_QUERY] = json_is(query, JS_OBJECT) ? query : NULL;
    take_proxy_body(call, event);
    return true;
}
