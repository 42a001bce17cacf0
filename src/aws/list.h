#ifndef AWS_LIST_H
#define AWS_LIST_H

#include "base/field.h"

/* A list that grows by whole pages: items are deep copies in one arena, spare room doubles. */
struct page_list {
    struct arena *arena;
    const struct field *table;
    size_t item_size;
    char *items;
    size_t len;
    size_t cap;
};

void page_list_add(struct page_list *l, const struct list_any *page);

/* Pages are asked for as long as each token is new. */
enum { PAGES_MAX = 100000 };

struct page_tokens {
    struct arena *arena;
    struct str last;
    struct str mark; /* an earlier one; moved on at every power of two, so a circle meets it */
    size_t pages;
};

/*
 * Whether another page follows. *looping: the tokens go round in a circle, or there are more pages
 * than any account can hold. The token is copied.
 */
bool page_tokens_next(struct page_tokens *t, struct str token, bool *looping);

#endif
