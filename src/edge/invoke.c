/*
 * The Lambda Invoke API (aws-facts §6.6), so that `aws lambda invoke` and boto3 reach the
 * operations exactly as the documents show.
 */
#include "edge/edge_internal.h"

#include "base/encode.h"
#include "base/str_ascii.h"

enum { LOG_TAIL_MAX = 4096, NAME_MAX_LEN = 64, QUALIFIER_MAX_LEN = 128 };

enum invocation { INVOKE_REQUEST_RESPONSE, INVOKE_EVENT, INVOKE_DRY_RUN, INVOKE_UNKNOWN };

struct str edge_invocation_name(struct arena *a, struct str path)
{
    struct str prefix = STR("/2015-03-31/functions/");
    struct str suffix = STR("/invocations");
    struct str name;
    struct str decoded;

    if (!str_starts(path, prefix) || !str_ends(path, suffix) || path.len < prefix.len + suffix.len)
        return (struct str){0};
    name = str_slice(path, prefix.len, path.len - suffix.len);
    if (str_empty(name) || str_find(name, '/') >= 0 || !uri_decode(a, name, false, &decoded))
        return (struct str){0};
    return decoded;
}

static enum invocation invocation_type(const struct http_request *r)
{
    struct str type = headers_get(&r->headers, STR("X-Amz-Invocation-Type"));

    if (!str_present(type) || str_eq(type, STR("RequestResponse")))
        return INVOKE_REQUEST_RESPONSE;
    if (str_eq(type, STR("Event")))
        return INVOKE_EVENT;
    return str_eq(type, STR("DryRun")) ? INVOKE_DRY_RUN : INVOKE_UNKNOWN;
}

/* ---- which function ---- */

static bool is_word(struct str s, size_t max, const char *also)
{
    for (size_t i = 0; i < s.len; i++)
        if (!ascii_is_alnum(s.ptr[i]) && (!s.ptr[i] || !strchr(also, s.ptr[i])))
            return false;
    return s.len > 0 && s.len <= max;
}

/* ?Qualifier=...; absent where there is none, empty where it cannot be read. */
static struct str asked_qualifier(struct visit *v)
{
    struct str rest = v->request->query;
    struct str decoded;

    while (str_present(rest)) {
        struct str value = str_cut(&rest, '&');
        struct str name = str_cut(&value, '=');

        if (str_eq(name, STR("Qualifier")) && str_present(value))
            return uri_decode(v->arena, value, true, &decoded) ? decoded : STR("");
    }
    return (struct str){0};
}

/*
 * There is one version of each function, so a qualifier decides nothing here. But two that differ
 * are a mistake of the caller's, and so is a name that no function can have.
 */
static bool name_is_sound(struct visit *v, struct str name, struct str bare)
{
    struct str rest = str_slice(name, (size_t)(bare.ptr - name.ptr) + bare.len, name.len);
    struct str named = rest.len ? str_slice(rest, 1, rest.len) : (struct str){0};
    struct str asked = asked_qualifier(v);

    if (!is_word(bare, NAME_MAX_LEN, "-_") ||
        (str_present(named) && !is_word(named, QUALIFIER_MAX_LEN, "$-_")) ||
        (str_present(asked) && !is_word(asked, QUALIFIER_MAX_LEN, "$-_"))) {
        visit_refuse_lambda(v, 400, "ValidationException",
                            STR("A function's name has at most 64 letters, digits, '-' and '_', "
                                "its qualifier at most 128 and '$'"));
        return false;
    }
    if (str_present(named) && str_present(asked) && !str_eq(named, asked)) {
        visit_refuse_lambda(v, 400, "InvalidParameterValueException",
                            STR("The derived qualifier from the function name does not match the "
                                "specified qualifier."));
        return false;
    }
    return true;
}

static bool find_function(struct visit *v, struct str name)
{
    enum function function;
    enum dialect dialect;
    struct str bare;

    if (api_function_of(v->options->api, name, &function, &dialect, &bare))
        return name_is_sound(v, name, bare);
    visit_refuse_lambda(v, 404, "ResourceNotFoundException",
                        arena_strf(v->arena, "Function not found: " STR_FMT, STR_ARG(name)));
    return false;
}

/* ---- what it answers ---- */

/* What Lambda calls a function error: the function ran and did not come to an answer. */
static void function_error(struct visit *v, const char *type, struct str message)
{
    struct buf out = buf_new(v->arena, 64 << 10);
    struct json_writer w = json_writer_to(&out);

    json_begin_object(&w);
    json_member_str(&w, "errorMessage", message);
    json_member_str(&w, "errorType", str_from_z(type));
    json_member_str(&w, "requestId", v->request_id);
    json_end_object(&w);
    visit_answer(v, 200, buf_str(&out));
    visit_header(v, STR("X-Amz-Function-Error"), STR("Unhandled"));
}

/* The lines Lambda writes around a run, for X-Amz-Log-Type: Tail. */
static void log_result(struct visit *v, const struct reply *reply)
{
    int64_t ms = clock_mono_ms(v->options->clock) - v->started_mono_ms;
    struct buf tail = buf_new(v->arena, LOG_TAIL_MAX);

    buf_addf(&tail, "START RequestId: " STR_FMT " Version: $LATEST\n", STR_ARG(v->request_id));
    buf_addf(&tail, "operation=" STR_FMT " status=%d fault=%s principal=" STR_FMT "\n",
             STR_ARG(reply->operation), reply->status, fault_describe(reply->fault)->name,
             STR_ARG(v->principal.arn));
    buf_addf(&tail, "END RequestId: " STR_FMT "\n", STR_ARG(v->request_id));
    buf_addf(&tail, "REPORT RequestId: " STR_FMT "\tDuration: %lld.00 ms\n", STR_ARG(v->request_id),
             (long long)ms);
    visit_header(v, STR("X-Amz-Log-Result"), base64_encode(v->arena, buf_str(&tail)));
}

static void respond(struct visit *v, const struct reply *reply)
{
    if (reply->body.len > JSON_TEXT_MAX)
        function_error(v, "Function.ResponseSizeTooLarge",
                       STR("The answer is larger than 6 MB; ask for a page with limit"));
    else
        visit_answer(v, 200, reply->body);
    visit_header(v, STR("X-Amz-Executed-Version"), STR("$LATEST"));
    if (str_eq(headers_get(&v->request->headers, STR("X-Amz-Log-Type")), STR("Tail")))
        log_result(v, reply);
}

/* Nobody reads the answer of an event: what another try may still bring about is not accepted. */
static bool is_worth_another_try(const struct reply *reply)
{
    return reply->status >= 500 || fault_describe(reply->fault)->retryable;
}

/*
 * An asynchronous invocation is answered when what it does is durable: nothing that was accepted is
 * lost by a crash, and what could not be done for now is not accepted. The request id is its client
 * token, so a client that asks again gets no second execution.
 */
static void run(struct visit *v, struct str name, const struct json *payload, bool asynchronous)
{
    struct api_event event = {
        .arena = v->arena,
        .function_name = name,
        .payload = v->request->body,
        .parsed = payload,
        .principal = v->principal,
        .request_id = v->request_id,
        .peer = v->request->peer,
        .asynchronous = asynchronous,
        .deadline_mono_ms = v->deadline_mono_ms,
    };
    struct reply reply = {0};

    api_invoke(v->options->api, &event, &reply);
    visit_reply(v, &reply);
    if (reply.retry_after_s)
        visit_header(v, STR("Retry-After"),
                     arena_strf(v->arena, "%lld", (long long)reply.retry_after_s));
    if (!asynchronous)
        respond(v, &reply);
    else if (is_worth_another_try(&reply))
        visit_answer_lambda(v, 503, "ServiceUnavailableException", reply.message);
    else
        v->answer->status = 202;
}

void edge_invoke(struct visit *v, struct str name)
{
    const struct http_request *r = v->request;
    enum invocation type = invocation_type(r);
    const struct json *payload = NULL;
    struct str why;
    enum fault f;

    if (!str_eq(r->method, STR("POST"))) {
        visit_refuse_lambda(v, 405, "MethodNotAllowedException",
                            STR("Invocations are sent by POST"));
        visit_header(v, STR("Allow"), STR("POST"));
        return;
    }
    if (!find_function(v, name))
        return;
    if (type == INVOKE_UNKNOWN) {
        visit_refuse_lambda(v, 400, "InvalidParameterValueException",
                            STR("InvocationType must be RequestResponse, Event or DryRun"));
        return;
    }
    f = r->body.len ? json_parse(v->arena, r->body, &payload, &why) : FAULT_NONE;
    if (f) {
        visit_refuse_lambda(
            v, f == FAULT_TOO_LARGE ? 413 : 400,
            f == FAULT_TOO_LARGE ? "RequestTooLargeException" : "InvalidRequestContentException",
            arena_strf(v->arena, "Could not parse request body into json: " STR_FMT, STR_ARG(why)));
        return;
    }
    if (type == INVOKE_DRY_RUN) {
        v->answer->status = 204;
        visit_note(v, "DRY_RUN");
    } else {
        run(v, name, payload, type == INVOKE_EVENT);
    }
}
