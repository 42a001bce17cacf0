#include <stdlib.h>

#include "base/panic.h"
#include "store/store_internal.h"

enum { WRITES_FIRST = 8 };

struct write_set *write_set_new(struct arena *a)
{
    struct write_set *ws = arena_new_of(a, struct write_set);

    ws->arena = a;
    return ws;
}

size_t write_set_len(const struct write_set *ws)
{
    return ws->len;
}

struct write *ws_add(struct write_set *ws, enum write_kind kind, enum collection_id collection)
{
    const struct layout *layout = layout_of(collection);

    REQUIRE(layout);
    if (ws->len == ws->cap) {
        size_t cap = ws->cap ? 2 * ws->cap : WRITES_FIRST;
        struct write *items = arena_array_of(ws->arena, cap, struct write);

        if (ws->len)
            memcpy(items, ws->items, ws->len * sizeof(*items));
        ws->items = items;
        ws->cap = cap;
    }
    ws->items[ws->len] = (struct write){.kind = kind, .collection = collection, .layout = layout};
    return &ws->items[ws->len++];
}

void ws_copy(struct write_set *ws, const struct write *w)
{
    *ws_add(ws, w->kind, w->collection) = *w;
}

static void note(struct write_set *ws, enum fault f)
{
    if (!ws->fault)
        ws->fault = f;
}

static size_t add_by_key(struct write_set *ws, enum write_kind kind, enum collection_id collection,
                         struct str partition, struct str sort)
{
    struct write *w = ws_add(ws, kind, collection);

    w->item.partition = arena_str(ws->arena, partition);
    w->item.sort = w->layout->sort ? arena_str(ws->arena, sort) : STR("");
    if (str_empty(w->item.partition) || (w->layout->sort && str_empty(w->item.sort)))
        note(ws, FAULT_INTERNAL_ERROR);
    else
        note(ws, item_check(&w->item));
    return ws->len - 1;
}

size_t ws_put(struct write_set *ws, enum collection_id collection, const void *entity)
{
    struct write *w = ws_add(ws, WRITE_PUT, collection);

    note(ws, item_encode(ws->arena, w->layout, entity, &w->item));
    return ws->len - 1;
}

size_t ws_delete(struct write_set *ws, enum collection_id collection, struct str partition,
                 struct str sort)
{
    return add_by_key(ws, WRITE_DELETE, collection, partition, sort);
}

size_t ws_check(struct write_set *ws, enum collection_id collection, struct str partition,
                struct str sort)
{
    return add_by_key(ws, WRITE_CHECK, collection, partition, sort);
}

size_t ws_update(struct write_set *ws, enum collection_id collection, struct str partition,
                 struct str sort)
{
    return add_by_key(ws, WRITE_UPDATE, collection, partition, sort);
}

static void add_change(struct write_set *ws, size_t write, const char *attribute,
                       struct change change)
{
    struct write *w;

    REQUIRE(write < ws->len);
    w = &ws->items[write];
    REQUIRE(w->kind == WRITE_UPDATE && w->changes_len < ARRAY_LEN(w->changes));
    change.attribute = layout_attribute(w->layout, attribute);
    REQUIRE(change.value.kind == VALUE_NONE ||
            (change.value.kind == VALUE_INT) == layout_is_int(w->layout, change.attribute));
    w->changes[w->changes_len++] = change;
}

void ws_set_int(struct write_set *ws, size_t write, const char *attribute, int64_t value)
{
    add_change(ws, write, attribute, (struct change){.value = value_int(value)});
}

void ws_set_text(struct write_set *ws, size_t write, const char *attribute, struct str value)
{
    add_change(ws, write, attribute,
               (struct change){.value = value_text(arena_str(ws->arena, value))});
}

void ws_add_int(struct write_set *ws, size_t write, const char *attribute, int64_t delta)
{
    add_change(ws, write, attribute, (struct change){.add = true, .value = value_int(delta)});
}

void ws_if(struct write_set *ws, size_t write, struct condition c)
{
    struct write *w;

    REQUIRE(write < ws->len);
    w = &ws->items[write];
    REQUIRE(w->conditions_len < CONDITIONS_MAX);
    if (c.kind != IF_ABSENT && c.kind != IF_PRESENT)
        (void)layout_attribute(w->layout, c.attribute);
    c.text = arena_str(ws->arena, c.text);
    w->conditions[w->conditions_len++] = c;
}

void ws_if_absent(struct write_set *ws, size_t write, enum fault otherwise)
{
    ws_if(ws, write, (struct condition){.kind = IF_ABSENT, .fault = otherwise});
}

void ws_if_present(struct write_set *ws, size_t write, enum fault otherwise)
{
    ws_if(ws, write, (struct condition){.kind = IF_PRESENT, .fault = otherwise});
}

void ws_if_int(struct write_set *ws, size_t write, const char *attribute, int64_t equals,
               enum fault otherwise)
{
    ws_if(ws, write,
          (struct condition){
              .kind = IF_INT, .attribute = attribute, .integer = equals, .fault = otherwise});
}

void ws_if_text(struct write_set *ws, size_t write, const char *attribute, struct str equals,
                enum fault otherwise)
{
    ws_if(ws, write,
          (struct condition){
              .kind = IF_TEXT, .attribute = attribute, .text = equals, .fault = otherwise});
}

void ws_audit(struct write_set *ws, struct str record)
{
    ws->audit = arena_str(ws->arena, record);
    if (record.len > STORE_ITEM_MAX)
        note(ws, FAULT_TOO_LARGE);
}

void ws_token(struct write_set *ws, struct str token)
{
    ws->token = arena_str(ws->arena, token);
    if (token.len > STORE_TOKEN_MAX)
        note(ws, FAULT_TOO_LARGE);
}

/* ---- limits ---- */

static int by_key(const void *left, const void *right)
{
    const struct write *a = *(const struct write *const *)left;
    const struct write *b = *(const struct write *const *)right;
    int order = (a->collection > b->collection) - (a->collection < b->collection);

    if (!order)
        order = str_cmp(a->item.partition, b->item.partition);
    return order ? order : str_cmp(a->item.sort, b->item.sort);
}

enum fault ws_check_limits(const struct write_set *ws)
{
    const struct write *sorted[STORE_WRITES_MAX];
    size_t size = ws->audit.len;

    if (ws->fault)
        return ws->fault;
    if (ws->len > STORE_WRITES_MAX)
        return FAULT_TOO_LARGE;
    for (size_t i = 0; i < ws->len; i++) {
        sorted[i] = &ws->items[i];
        size += item_size(&ws->items[i].item);
    }
    if (size > STORE_SUBMIT_MAX)
        return FAULT_TOO_LARGE;
    qsort(sorted, ws->len, sizeof(sorted[0]), by_key);
    for (size_t i = 1; i < ws->len; i++)
        if (by_key(&sorted[i - 1], &sorted[i]) == 0)
            return FAULT_INTERNAL_ERROR;
    return FAULT_NONE;
}
