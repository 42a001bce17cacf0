#include "aws/rest_json.h"

#include "aws/list.h"

enum { REST_BODY_MAX = 1 << 20, REST_PAGE_ITEMS_MAX = 1 << 20 };

struct aws_request rest_request(const struct aws_service *service, const char *operation,
                                struct str body)
{
    return (struct aws_request){.service = service,
                                .operation = operation,
                                .content_type = STR("application/json"),
                                .body = body};
}

/* What an answer is to be read by. */
struct reading {
    struct aws_at *at;
    struct arena *scratch;
    const struct aws_request *request;
    const struct aws_response *response;
};

/* Into the zeroed `out`; unknown members are ignored. */
static enum fault rest_decode(const struct reading *r, const struct field *table, void *out)
{
    struct faults faults;
    struct field_decoding d = {.arena = r->scratch, .faults = &faults, .ignore_unknown = true};

    faults_init(&faults, r->scratch);
    if (!r->response->json)
        return aws_bad_answer(r->at, r->request, r->response, STR("the answer is empty"));
    if (field_decode(&d, table, r->response->json, out))
        return aws_bad_answer(r->at, r->request, r->response,
                              faults.len > 0 ? faults.items[0].message : STR("no object"));
    return FAULT_NONE;
}

static struct str operation_path(struct arena *a, const struct aws_request *r)
{
    return str_present(r->path) ? r->path : arena_strf(a, "/%s", r->operation);
}

enum fault rest_call(struct aws *aws, struct aws_at *at, const struct aws_request *request,
                     const struct rest_result *result)
{
    struct arena *scratch SCOPED(arena_scope_end) = arena_new(0);
    struct aws_request r = *request;
    struct aws_response response;
    struct reading reading = {at, scratch, &r, &response};
    void *decoded;
    enum fault f;

    r.path = operation_path(scratch, request);
    f = aws_call(aws, at, scratch, &r, &response);
    if (f || !result)
        return f;
    decoded = arena_alloc(scratch, result->size);
    f = rest_decode(&reading, result->table, decoded);
    if (f)
        return f;
    if (result->is_whole && !result->is_whole(decoded))
        return aws_bad_answer(at, &r, &response, STR("it lacks what was asked for"));
    field_copy(at->arena, result->table, decoded, result->out);
    return FAULT_NONE;
}

struct page {
    struct str next_token;
    LIST_OF(char) items;
};

static struct str page_body(const struct rest_list *call, struct arena *scratch, struct str token)
{
    struct buf out = buf_new(scratch, REST_BODY_MAX);
    struct json_writer w = json_writer_to(&out);

    json_begin_object(&w);
    call->body(&w, call->context);
    if (!str_empty(token))
        json_member_str(&w, "nextToken", token);
    json_end_object(&w);
    return buf_str(&out);
}

static enum fault one_page(const struct rest_list *call, struct aws_at *at, struct page_list *list,
                           struct page_tokens *tokens, bool *more)
{
    const struct field table[] = {
        {.name = "items",
         .kind = FIELD_LIST,
         .offset = offsetof(struct page, items),
         .item_size = call->item_size,
         .fields = call->table,
         .max = REST_PAGE_ITEMS_MAX},
        F_STR(struct page, next_token, "nextToken", .max = 1 << 16),
        F_END,
    };
    struct arena *scratch SCOPED(arena_scope_end) = arena_new(0);
    struct aws_request request =
        rest_request(call->service, call->operation, page_body(call, scratch, tokens->last));
    struct list_any items;
    struct aws_response response;
    struct page page = {0};
    bool looping;
    enum fault f;

    request.path = operation_path(scratch, &request);
    request.idempotent = true;
    f = aws_call(call->aws, at, scratch, &request, &response);
    if (!f)
        f = rest_decode(&(struct reading){at, scratch, &request, &response}, table, &page);
    if (f)
        return f;
    memcpy(&items, &page.items, sizeof(items));
    page_list_add(list, &items);
    *more = page_tokens_next(tokens, page.next_token, &looping);
    return looping ? aws_bad_answer(at, &request, &response, STR("its pages go round in a circle"))
                   : FAULT_NONE;
}

enum fault rest_list_all(const struct rest_list *call, struct aws_at *at, struct list_any *items)
{
    struct arena *scratch SCOPED(arena_scope_end) = arena_new(0);
    struct page_list list = {at->arena,    call->table, call->item_size,
                             items->items, items->len,  items->len};
    struct page_tokens tokens = {.arena = scratch};
    bool more = true;

    while (more) {
        enum fault f = one_page(call, at, &list, &tokens, &more);

        if (f)
            return f;
    }
    *items = (struct list_any){list.items, list.len};
    return FAULT_NONE;
}
