#include "ops/listing.h"

static enum fault add_page(struct call_ctx *call, const struct listing *l, const struct page *page,
                           size_t *answered)
{
    size_t size = collection_of(l->query.collection)->size;

    for (size_t i = 0; i < page->len; i++) {
        enum fault f = l->add(l->context, (const char *)page->items + i * size, answered);

        if (!f && arena_over_limit(call->arena))
            f = call_fail(call, FAULT_TOO_LARGE,
                          "The answer is too large; ask for pages with a smaller 'limit'");
        if (f)
            return f;
    }
    return FAULT_NONE;
}

enum fault listing_fill(struct call_ctx *call, struct reader *reader, const struct listing *l,
                        struct str *next)
{
    SCOPED(arena_scope_end) struct arena *page_arena = arena_new(0);
    struct query q = l->query;
    size_t answered = 0;

    for (int i = 0; i < LISTING_PAGES_MAX; i++) {
        struct page page;
        enum fault f;

        q.limit = l->limit - answered;
        f = reader_query(reader, page_arena, &q, &page);
        if (f == FAULT_INVALID_PARAMETER)
            return call_fault(call, f, STR("nextToken"),
                              "'nextToken' is damaged or belongs to another list");
        if (!f)
            f = add_page(call, l, &page, &answered);
        if (f)
            return f;
        q.token = arena_str(call->arena, page.next);
        if (!str_present(q.token) || answered == l->limit)
            break;
        arena_reset(page_arena);
    }
    *next = q.token;
    return FAULT_NONE;
}
