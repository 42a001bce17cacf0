#include "base/field_internal.h"
#include "base/time.h"

static void put_list(struct json_writer *w, const struct field *f, const void *in,
                     enum field_view view)
{
    struct list_any list = field_list(f, in);
    const char *items = list.items;

    json_begin_array(w);
    for (size_t i = 0; i < list.len; i++)
        field_encode(w, f->fields, items + i * f->item_size, view);
    json_end_array(w);
}

static void put_strs(struct json_writer *w, const void *at)
{
    struct strs list;

    memcpy(&list, at, sizeof(list));
    json_begin_array(w);
    for (size_t i = 0; i < list.len; i++)
        json_put_str(w, list.items[i]);
    json_end_array(w);
}

static void put_ints(struct json_writer *w, const void *at)
{
    struct ints list;

    memcpy(&list, at, sizeof(list));
    json_begin_array(w);
    for (size_t i = 0; i < list.len; i++)
        json_put_int(w, list.items[i]);
    json_end_array(w);
}

static void put_tags(struct json_writer *w, const void *at)
{
    struct tags list;

    memcpy(&list, at, sizeof(list));
    json_begin_object(w);
    for (size_t i = 0; i < list.len; i++) {
        json_name(w, list.items[i].key);
        json_put_str(w, list.items[i].value);
    }
    json_end_object(w);
}

static void put_value(struct json_writer *w, const struct field *f, const void *in,
                      enum field_view view)
{
    const void *at = field_at_const(f, in);
    bool truth;
    double real;

    switch (f->kind) {
    case FIELD_STR:
        json_put_str(w, field_str(f, in));
        break;
    case FIELD_BOOL:
        memcpy(&truth, at, sizeof(truth));
        json_put_bool(w, truth);
        break;
    case FIELD_INT:
        json_put_int(w, field_int(f, in));
        break;
    case FIELD_REAL:
        memcpy(&real, at, sizeof(real));
        json_put_real(w, real);
        break;
    case FIELD_TIME:
        json_put_str(w, time_rfc3339(w->out->arena, field_int(f, in)));
        break;
    case FIELD_ENUM:
        json_put_str(w, str_from_z(f->names[field_enum(f, in)]));
        break;
    case FIELD_STRS:
        put_strs(w, at);
        break;
    case FIELD_INTS:
        put_ints(w, at);
        break;
    case FIELD_TAGS:
        put_tags(w, at);
        break;
    case FIELD_OBJECT:
        field_encode(w, f->fields, field_object(f, in), view);
        break;
    case FIELD_LIST:
        put_list(w, f, in, view);
        break;
    case FIELD_JSON:
        json_put(w, field_object(f, in));
        break;
    }
}

static void put_named(struct json_writer *w, const struct field *f, struct str name, const void *in,
                      enum field_view view)
{
    json_name(w, name);
    if (!field_present(f, in))
        json_put_null(w);
    else if (view == FIELD_VIEW_MASKED && (f->flags & FIELD_SECRET))
        json_put_str(w, STR("***"));
    else
        put_value(w, f, in, view);
}

static void put_spellings(struct json_writer *w, const struct field *f, const void *in,
                          enum field_view view)
{
    struct str rest = str_from_z(f->aliases);

    put_named(w, f, str_from_z(f->name), in, view);
    if (view != FIELD_VIEW_ANSWER)
        return;
    while (str_present(rest))
        put_named(w, f, field_next_spelling(&rest), in, view);
    if (!f->epoch)
        return;
    json_name(w, str_from_z(f->epoch));
    if (field_present(f, in))
        json_put_int(w, field_int(f, in) / 1000);
    else
        json_put_null(w);
}

static bool shown(const struct field *f, const void *in, enum field_view view)
{
    if (view == FIELD_VIEW_STORED && (f->flags & FIELD_UNSTORED))
        return false;
    if (view != FIELD_VIEW_STORED && (f->flags & FIELD_INTERNAL))
        return false;
    return field_present(f, in) || (view == FIELD_VIEW_ANSWER && (f->flags & FIELD_NULL));
}

void field_encode_members(struct json_writer *w, const struct field *table, const void *in,
                          enum field_view view)
{
    for (const struct field *f = table; f->name; f++)
        if (shown(f, in, view))
            put_spellings(w, f, in, view);
}

/* The recursion follows the tables, whose depth is fixed at compile time. */
void field_encode(struct json_writer *w, const struct field *table, const void *in,
                  enum field_view view)
{
    json_begin_object(w);
    field_encode_members(w, table, in, view);
    json_end_object(w);
}

struct str field_text(struct arena *a, const struct field *table, const void *in,
                      enum field_view view)
{
    struct buf out = buf_new(a, SIZE_MAX / 4);
    struct json_writer w = json_writer_to(&out);

    field_encode(&w, table, in, view);
    return buf_str(&out);
}
