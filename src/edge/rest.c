#include "edge/edge_internal.h"

#include "api/openapi.h"

static void openapi(struct visit *v)
{
    v->operation = STR("openapi");
    if (!str_eq(v->request->method, STR("GET"))) {
        visit_refuse(v, FAULT_METHOD_NOT_ALLOWED, STR("/openapi.json can only be read"));
        visit_header(v, STR("Allow"), STR("GET"));
        return;
    }
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

    if (str_eq(r->path, STR("/openapi.json"))) {
        openapi(v);
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
