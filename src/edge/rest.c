#include "edge/edge_internal.h"

#include "api/openapi.h"

/* What is no operation, by another method than the one that there is. */
static void refuse_method(struct visit *v)
{
    visit_refuse(v, FAULT_METHOD_NOT_ALLOWED,
                 arena_strf(v->arena, STR_FMT " can only be read", STR_ARG(v->request->path)));
    visit_header(v, STR("Allow"), STR("GET, HEAD"));
}

static void openapi(struct visit *v)
{
    v->operation = STR("openapi");
    visit_answer(v, 200, openapi_text(v->arena));
    visit_note(v, "SUCCESS");
}

void edge_rest(struct visit *v)
{
    const struct http_request *r = v->request;
    struct api_request request = {
        .arena = v->arena,
        .method = r->method,
        .path = r->path,
        .query = r->query,
        .content_type = headers_get(&r->headers, STR("Content-Type")),
        .body = r->body,
        .principal = v->principal,
        .request_id = v->request_id,
        .peer = r->peer,
        .deadline_mono_ms = v->deadline_mono_ms,
    };
    struct reply reply = {0};

    if (str_eq(r->path, STR("/openapi.json")) && visit_reads(v)) {
        openapi(v);
        return;
    }
    if (str_eq(r->path, STR("/openapi.json")) || str_eq(r->path, STR("/health"))) {
        refuse_method(v);
        return;
    }
    api_rest(v->options->api, &request, &reply);
    visit_reply(v, &reply);
    visit_answer(v, reply.status, reply.body);
    if (str_present(reply.allow))
        visit_header(v, STR("Allow"), reply.allow);
    if (reply.retry_after_s)
        visit_header(v, STR("Retry-After"),
                     arena_strf(v->arena, "%lld", (long long)reply.retry_after_s));
}
