#include "edge/edge_internal.h"

#include <stdlib.h>

#include "base/id.h"
#include "base/log.h"
#include "base/panic.h"
#include "edge/host_guard.h"

#define CHALLENGE "Bearer realm=\"drwave\""

struct edge {
    struct edge_options options;
};

struct edge *edge_new(const struct edge_options *options)
{
    struct edge *e = calloc(1, sizeof(*e));

    if (!e)
        panic("out of memory: the edge");
    e->options = *options;
    if (!e->options.call_timeout_ms)
        e->options.call_timeout_ms = 60000;
    return e;
}

void edge_free(struct edge *e)
{
    free(e);
}

void visit_header(struct visit *v, struct str name, struct str value)
{
    struct headers *h = &v->answer->headers;

    if (!h->items)
        h->items = arena_array_of(v->arena, EDGE_HEADERS_MAX, struct header);
    REQUIRE(h->len < EDGE_HEADERS_MAX);
    h->items[h->len++] = (struct header){name, value};
}

void visit_reply(struct visit *v, const struct reply *reply)
{
    v->operation = reply->operation;
    if (!reply->fault)
        return;
    v->error = str_from_z(fault_describe(reply->fault)->name);
    v->why = reply->message;
}

void visit_answer(struct visit *v, int status, struct str body)
{
    v->answer->status = status;
    v->answer->body = body;
    if (body.len)
        visit_header(v, STR("Content-Type"), STR("application/json"));
}

static bool is_invocation(const struct http_request *r)
{
    return str_starts(r->path, STR("/2015-03-31/functions/"));
}

/* What a caller showed who is not verified: which way, never what. */
static struct str shown(const struct http_request *r)
{
    struct str authorization = headers_get(&r->headers, STR("Authorization"));

    if (!str_present(authorization))
        return (struct str){0};
    return str_starts(authorization, STR("AWS4-")) ? STR("sigv4") : STR("bearer");
}

void visit_note(struct visit *v, const char *outcome)
{
    const struct http_request *r = v->request;
    struct api_note note = {
        .arena = v->arena,
        .entry = is_invocation(r) ? ENTRY_DIRECT : ENTRY_REST,
        .principal = v->principal,
        .request_id = v->request_id,
        .peer = r->peer,
        .method = r->method,
        .path = r->path,
        .outcome = outcome,
        .status = v->answer->status,
        .error = v->error,
        .message = v->why,
    };

    if (!str_present(note.principal.arn))
        note.principal.via = shown(r);
    api_note(v->options->api, &note);
}

static void refused(struct visit *v, const char *error, struct str why)
{
    v->error = str_from_z(error);
    v->why = why;
    visit_note(v, "REFUSED");
}

void visit_refuse(struct visit *v, enum fault f, struct str message)
{
    const struct fault_info *info = fault_describe(f);
    struct buf out = buf_new(v->arena, 64 << 10);
    struct json_writer w = json_writer_to(&out);

    json_begin_object(&w);
    json_member_str(&w, "error", str_from_z(info->name));
    json_member_str(&w, "message", message);
    json_member_str(&w, "requestId", v->request_id);
    json_end_object(&w);
    visit_answer(v, info->http_status, buf_str(&out));
    if (f == FAULT_UNAUTHENTICATED)
        visit_header(v, STR("WWW-Authenticate"), STR(CHALLENGE));
    refused(v, info->name, message);
}

void visit_answer_lambda(struct visit *v, int status, const char *type, struct str message)
{
    struct buf out = buf_new(v->arena, 64 << 10);
    struct json_writer w = json_writer_to(&out);

    json_begin_object(&w);
    json_member_str(&w, "Type", status < 500 ? STR("User") : STR("Service"));
    json_member_str(&w, "Message", message);
    json_member_str(&w, "message", message);
    json_end_object(&w);
    visit_answer(v, status, buf_str(&out));
    visit_header(v, STR("X-Amzn-ErrorType"), str_from_z(type));
}

void visit_refuse_lambda(struct visit *v, int status, const char *type, struct str message)
{
    visit_answer_lambda(v, status, type, message);
    refused(v, type, message);
}

bool visit_reads(const struct visit *v)
{
    return str_eq(v->request->method, STR("GET")) || str_eq(v->request->method, STR("HEAD"));
}

static void health(struct visit *v)
{
    bool stopping = v->options->stopping && atomic_load(v->options->stopping);

    v->operation = STR("health");
    if (stopping)
        visit_answer(v, 503, STR("{\"status\":\"stopping\"}"));
    else
        visit_answer(v, 200, STR("{\"status\":\"ok\",\"version\":\"" DRWAVE_VERSION "\"}"));
}

static void preflight(struct visit *v)
{
    v->answer->status = 204;
    visit_header(v, STR("Allow"), STR("GET, POST, PUT, PATCH, DELETE, OPTIONS"));
}

/* As the Lambda service says it; it knows no tokens, and who sends one shall hear of it by 401. */
static void refuse_invoker(struct visit *v, const struct denial *why)
{
    bool nothing = !str_present(shown(v->request));

    if (why->code || nothing) {
        visit_refuse_lambda(v, 403, why->code ? why->code : "MissingAuthenticationTokenException",
                            why->message);
        return;
    }
    visit_refuse_lambda(v, 401, "UnrecognizedClientException", why->message);
    visit_header(v, STR("WWW-Authenticate"), STR(CHALLENGE));
}

/* Whether the request may go on; otherwise it is answered. */
static bool authenticated(struct visit *v, bool lambda)
{
    struct denial why = {.message = STR("Authentication is required")};
    enum fault f = v->options->authenticate(v->options->authenticate_context, v->arena, v->request,
                                            &v->principal, &why);

    if (!f)
        return true;
    if (!lambda)
        visit_refuse(v, f, why.message);
    else if (f != FAULT_UNAUTHENTICATED)
        visit_refuse_lambda(v, 403, "AccessDeniedException", why.message);
    else
        refuse_invoker(v, &why);
    return false;
}

/* Nothing here unpacks: a small request could unfold to more than any limit. */
static bool unpacked(struct visit *v, bool lambda)
{
    struct str coding = headers_get(&v->request->headers, STR("Content-Encoding"));
    struct str message;

    if (str_empty(coding) || str_empty(v->request->body) || str_eq_fold(coding, STR("identity")))
        return true;
    message =
        arena_strf(v->arena, "The body must come as it is, without Content-Encoding: " STR_FMT,
                   STR_ARG(str_slice(coding, 0, 80)));
    if (lambda)
        visit_refuse_lambda(v, 415, "UnsupportedMediaTypeException", message);
    else
        visit_refuse(v, FAULT_UNSUPPORTED_MEDIA_TYPE, message);
    visit_header(v, STR("Accept-Encoding"), STR("identity"));
    return false;
}

static void route(struct visit *v)
{
    const struct http_request *r = v->request;
    struct str function = edge_invocation_name(v->arena, r->path);

    if (v->options->loopback &&
        !host_guard_allows(headers_get(&r->headers, STR("Host")), v->options->host_names)) {
        visit_refuse(v, FAULT_AUTHORIZATION_FAILED,
                     STR("The Host header must name this machine: localhost, 127.0.0.1, [::1], or "
                         "a name of the setting http.host-names"));
        return;
    }
    if (str_eq(r->path, STR("/health")) && visit_reads(v)) {
        health(v);
    } else if (str_eq(r->method, STR("OPTIONS"))) {
        preflight(v);
    } else if (str_present(function)) {
        if (authenticated(v, true) && unpacked(v, true))
            edge_invoke(v, function);
    } else if (authenticated(v, false) && unpacked(v, false)) {
        edge_rest(v);
    }
}

static enum log_event_name event_of(const struct visit *v)
{
    int status = v->answer->status;

    if (!str_present(v->principal.arn) && str_present(v->error))
        return LOG_AUTH_REFUSED;
    return status < 400 ? LOG_OP_DONE : status < 500 ? LOG_OP_REFUSED : LOG_OP_FAILED;
}

static void log_visit(const struct visit *v)
{
    int status = v->answer->status;
    enum log_level level = status < 400 ? LOG_INFO : status < 500 ? LOG_WARN : LOG_ERROR;
    int64_t ms = clock_mono_ms(v->options->clock) - v->started_mono_ms;

    if (str_eq(v->operation, STR("health")))
        level = LOG_DEBUG;
    log_event(level, event_of(v), LOG_STR("op", v->operation),
              LOG_STR("method", v->request->method), LOG_STR("path", v->request->path),
              LOG_INT("status", status), LOG_INT("ms", ms), LOG_STR("principal", v->principal.arn),
              LOG_STR("peer", v->request->peer), LOG_STR("error", v->error),
              LOG_STR("why", v->why));
}

static struct visit visit_begin(struct edge *e, struct arena *a, const struct http_request *request,
                                struct http_answer *answer)
{
    int64_t now = clock_mono_ms(e->options.clock);
    int64_t arrived = request->arrived_mono_ms ? request->arrived_mono_ms : now;
    struct visit v = {
        .edge = e,
        .options = &e->options,
        .arena = a,
        .request = request,
        .answer = answer,
        .request_id = id_new(a, e->options.entropy, STR("")),
        .started_mono_ms = arrived,
        .deadline_mono_ms = arrived + e->options.call_timeout_ms,
    };

    visit_header(&v, STR("x-amzn-RequestId"), v.request_id);
    visit_header(&v, STR("Cache-Control"), STR("no-store"));
    visit_header(&v, STR("X-Content-Type-Options"), STR("nosniff"));
    return v;
}

/* The body is the server's own; who invokes a function looks for its kind in a header. */
static const char *lambda_error_of(int status)
{
    return status == 413   ? "RequestTooLargeException"
           : status >= 500 ? "ServiceUnavailableException"
                           : "InvalidRequestContentException";
}

/* On the I/O thread, which waits for nothing: a stranger's record is queued or counted. */
void edge_refused(void *context, struct arena *a, const struct http_request *request,
                  const struct http_refusal *why, struct headers *headers)
{
    struct http_answer answer = {.status = why->status};
    struct visit v = visit_begin(context, a, request, &answer);

    v.error = str_from_z(why->error);
    v.why = str_from_z(why->message);
    log_set_request(v.request_id);
    log_event(LOG_WARN, LOG_HTTP_REFUSED, LOG_STR("method", request->method),
              LOG_STR("path", request->path), LOG_INT("status", why->status),
              LOG_STR("peer", request->peer), LOG_STR("error", v.error), LOG_STR("why", v.why));
    log_set_request((struct str){0});
    visit_note(&v, "REFUSED");
    if (is_invocation(request))
        visit_header(&v, STR("X-Amzn-ErrorType"), str_from_z(lambda_error_of(why->status)));
    *headers = answer.headers;
}

void edge_handle(void *context, struct arena *a, const struct http_request *request,
                 struct http_answer *answer)
{
    struct visit v = visit_begin(context, a, request, answer);

    log_set_request(v.request_id);
    route(&v);
    log_visit(&v);
    log_set_request((struct str){0});
}
