#include "aws/list.h"

void page_list_add(struct page_list *l, const struct list_any *page)
{
    const char *items = page->items;

    if (l->len + page->len > l->cap) {
        char *more;

        l->cap = 2 * l->cap > l->len + page->len ? 2 * l->cap : l->len + page->len;
        more = arena_calloc(l->arena, l->cap, l->item_size);
        if (l->len > 0)
            memcpy(more, l->items, l->len * l->item_size);
        l->items = more;
    }
    for (size_t i = 0; i < page->len; i++)
        field_copy(l->arena, l->table, items + i * l->item_size,
                   l->items + l->item_size * l->len++);
}

bool page_tokens_next(struct page_tokens *t, struct str token, bool *looping)
{
    *looping = false;
    if (str_empty(token))
        return false;
    t->pages++;
    if (str_eq(token, t->last) || str_eq(token, t->mark) || t->pages > PAGES_MAX) {
        *looping = true;
        return false;
    }
    t->last = arena_str(t->arena, token);
    if ((t->pages & (t->pages - 1)) == 0)
        t->mark = t->last;
    return true;
}
