#include "ops/spelling.h"

/* One struct on the walk, and what is stored in its place (NULL: nothing). */
struct walk {
    struct call_ctx *call;
    const struct field_conflict *conflicts;
};

static enum fault settle_object(const struct walk *w, const struct spelling_yield *at);

static bool same(struct arena *a, const struct field *f, const void *one, const void *two)
{
    const struct field table[2] = {*f, F_END};

    return str_eq(field_text(a, table, one, FIELD_VIEW_STORED),
                  field_text(a, table, two, FIELD_VIEW_STORED));
}

static size_t value_size(const struct field *f)
{
    switch (f->kind) {
    case FIELD_BOOL:
        return sizeof(bool);
    case FIELD_ENUM:
        return sizeof(int);
    case FIELD_INT:
    case FIELD_TIME:
        return sizeof(int64_t);
    case FIELD_REAL:
        return sizeof(double);
    case FIELD_OBJECT:
    case FIELD_JSON:
        return sizeof(void *);
    case FIELD_STR:
        return sizeof(struct str);
    case FIELD_STRS:
    case FIELD_INTS:
    case FIELD_TAGS:
    case FIELD_LIST:
        return sizeof(struct list_any);
    }
    return 0;
}

static struct list_any list_at(const struct field *f, const void *object)
{
    struct list_any list = {0};

    if (object)
        memcpy(&list, (const char *)object + f->offset, sizeof(list));
    return list;
}

static void *object_at(const struct field *f, const void *object)
{
    void *p = NULL;

    if (object)
        memcpy(&p, (const char *)object + f->offset, sizeof(p));
    return p;
}

/* The item of `list` with the same key, at the same place if there are several. */
static const void *stored_item(struct arena *a, const struct field *f, struct list_any list,
                               const void *item, size_t i)
{
    const char *items = list.items;

    if (i < list.len && same(a, f->fields, item, items + i * f->item_size))
        return items + i * f->item_size;
    for (size_t j = 0; j < list.len; j++)
        if (same(a, f->fields, item, items + j * f->item_size))
            return items + j * f->item_size;
    return NULL;
}

static enum fault settle_list(const struct walk *w, const struct field *f,
                              const struct spelling_yield *at)
{
    struct list_any in = list_at(f, at->in);
    struct list_any stored = list_at(f, at->stored);
    enum fault first = FAULT_NONE;

    for (size_t i = 0; i < in.len; i++) {
        void *item = (char *)in.items + i * f->item_size;
        const void *before = stored_item(w->call->arena, f, stored, item, i);
        enum fault fault =
            settle_object(w, &(struct spelling_yield){f->fields, f->item_size, item, before, NULL});

        first = first ? first : fault;
    }
    return first;
}

/* What is inside of one field. */
static enum fault settle_inside(const struct walk *w, const struct field *f,
                                const struct spelling_yield *at)
{
    void *inner;

    if (f->kind == FIELD_LIST)
        return settle_list(w, f, at);
    inner = f->kind == FIELD_OBJECT ? object_at(f, at->in) : NULL;
    if (!inner)
        return FAULT_NONE;
    return settle_object(w, &(struct spelling_yield){f->fields, f->item_size, inner,
                                                     object_at(f, at->stored), NULL});
}

/* The other spelling's value, in a struct of its own, settled inside. */
static enum fault decode_other(const struct walk *w, const struct field_conflict *c,
                               const struct spelling_yield *at, void *other)
{
    struct field_conflict *inner = NULL;
    struct field_decoding d = {
        .arena = w->call->arena, .faults = w->call->faults, .conflicts = &inner};
    enum fault f = field_decode_value(&d, c->field, c->path, c->other, other);

    if (f)
        return f;
    return settle_inside(&(struct walk){w->call, inner}, c->field,
                         &(struct spelling_yield){at->table, at->size, other, at->stored, NULL});
}

static enum fault settle_conflict(const struct walk *w, const struct field_conflict *c,
                                  const struct spelling_yield *at)
{
    struct arena *a = w->call->arena;
    void *other = arena_alloc(a, at->size);
    enum fault f = decode_other(w, c, at, other);

    if (f || same(a, c->field, at->in, other))
        return f;
    if (at->stored && same(a, c->field, other, at->stored))
        return FAULT_NONE;
    if (at->stored && same(a, c->field, at->in, at->stored)) {
        memcpy((char *)at->in + c->field->offset, (char *)other + c->field->offset,
               value_size(c->field));
        return FAULT_NONE;
    }
    return call_fault(w->call, FAULT_INVALID_PARAMETER, c->path,
                      "'%s' and '" STR_FMT "' are two spellings of one field and differ",
                      c->field->name, STR_ARG(c->other_name));
}

/* The recursion follows the tables, whose depth is fixed at compile time. */
static enum fault settle_object(const struct walk *w, const struct spelling_yield *at)
{
    enum fault first = FAULT_NONE;

    for (const struct field *f = at->table; f->name; f++) {
        enum fault fault = settle_inside(w, f, at);

        first = first ? first : fault;
    }
    for (const struct field_conflict *c = w->conflicts; c; c = c->next) {
        enum fault fault = c->object == (at->decoded ? at->decoded : at->in)
                               ? settle_conflict(w, c, at)
                               : FAULT_NONE;

        first = first ? first : fault;
    }
    return first;
}

enum fault spelling_settle(struct call_ctx *call, const struct field_conflict *conflicts,
                           const struct spelling_yield *y)
{
    if (!conflicts)
        return FAULT_NONE;
    return settle_object(&(struct walk){call, conflicts}, y);
}
