/* A deep copy by table: what is copied lives in the new arena alone. */
#include "base/field_internal.h"
#include "base/panic.h"

static size_t scalar_size(enum field_kind kind)
{
    switch (kind) {
    case FIELD_BOOL:
        return sizeof(bool);
    case FIELD_REAL:
        return sizeof(double);
    case FIELD_ENUM:
        return sizeof(int);
    default:
        return sizeof(int64_t);
    }
}

static void set_str(const struct field *f, void *out, struct str s)
{
    memcpy(field_at(f, out), &s, sizeof(s));
}

static struct list_any copy_strs(struct arena *a, struct list_any from)
{
    const struct str *in = from.items;
    struct str *items = arena_array_of(a, from.len, struct str);

    for (size_t i = 0; i < from.len; i++)
        items[i] = arena_str(a, in[i]);
    return (struct list_any){items, from.len};
}

static struct list_any copy_tags(struct arena *a, struct list_any from)
{
    const struct tag *in = from.items;
    struct tag *items = arena_array_of(a, from.len, struct tag);

    for (size_t i = 0; i < from.len; i++)
        items[i] = (struct tag){arena_str(a, in[i].key), arena_str(a, in[i].value)};
    return (struct list_any){items, from.len};
}

static struct list_any copy_ints(struct arena *a, struct list_any from)
{
    int64_t *items = arena_array_of(a, from.len, int64_t);

    if (from.len)
        memcpy(items, from.items, from.len * sizeof(*items));
    return (struct list_any){items, from.len};
}

static struct list_any copy_list(struct arena *a, const struct field *f, struct list_any from)
{
    const char *in = from.items;
    char *items = arena_calloc(a, from.len, f->item_size);

    for (size_t i = 0; i < from.len; i++)
        field_copy(a, f->fields, in + i * f->item_size, items + i * f->item_size);
    return (struct list_any){items, from.len};
}

/* Trees are rare in what is copied: through their text. */
static const struct json *copy_json(struct arena *a, const struct json *v)
{
    static const struct json_limits limits = {64 << 20, 8 << 20, 1 << 20};
    const struct json *copy;
    struct str why;

    REQUIRE(json_parse_limited(a, json_text(a, v), &limits, &copy, &why) == FAULT_NONE);
    return copy;
}

static const void *copy_object(struct arena *a, const struct field *f, const void *in)
{
    void *copy;

    if (f->kind == FIELD_JSON)
        return copy_json(a, in);
    copy = arena_alloc(a, f->item_size);
    field_copy(a, f->fields, in, copy);
    return copy;
}

static void copy_field(struct arena *a, const struct field *f, const void *in, void *out)
{
    switch (f->kind) {
    case FIELD_STR:
        set_str(f, out, arena_str(a, field_str(f, in)));
        break;
    case FIELD_STRS:
        field_set_list(f, out, copy_strs(a, field_list(f, in)));
        break;
    case FIELD_INTS:
        field_set_list(f, out, copy_ints(a, field_list(f, in)));
        break;
    case FIELD_TAGS:
        field_set_list(f, out, copy_tags(a, field_list(f, in)));
        break;
    case FIELD_LIST:
        field_set_list(f, out, copy_list(a, f, field_list(f, in)));
        break;
    case FIELD_OBJECT:
    case FIELD_JSON:
        field_set_object(f, out, copy_object(a, f, field_object(f, in)));
        break;
    default:
        memcpy(field_at(f, out), field_at_const(f, in), scalar_size(f->kind));
    }
}

/* The recursion follows the tables, whose depth is fixed at compile time. */
void field_copy(struct arena *a, const struct field *table, const void *in, void *out)
{
    for (const struct field *f = table; f->name; f++) {
        bool has = true;

        if ((f->flags & FIELD_UNSTORED) || !field_present(f, in))
            continue;
        copy_field(a, f, in, out);
        if (f->has)
            memcpy((char *)out + (f->has - 1), &has, sizeof(has));
    }
}
