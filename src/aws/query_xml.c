#include "aws/query_xml.h"

#include "base/panic.h"
#include "base/time.h"

/* A field's value is read and written as bytes: lists of any element type look alike. */
static void get_value(const struct field *f, const void *object, void *value, size_t n)
{
    memcpy(value, (const char *)object + f->offset, n);
}

static void set_value(const struct field *f, void *object, const void *value, size_t n)
{
    memcpy((char *)object + f->offset, value, n);
}

/* ---- requests ---- */

/* A form writes a blank as '+'. */
static void add_form_text(struct buf *out, struct str s)
{
    struct str rest = str_present(s) ? s : STR("");

    for (;;) {
        buf_add_uri(out, str_cut(&rest, ' '), false);
        if (!str_present(rest))
            return;
        buf_add_char(out, '+');
    }
}

struct buf query_begin(struct arena *a, const char *action, const char *version)
{
    struct buf out = buf_new(a, QUERY_BODY_MAX);

    buf_addf(&out, "Action=%s&Version=%s", action, version);
    return out;
}

void query_add(struct buf *out, struct str name, struct str value)
{
    if (!str_present(value))
        return;
    buf_add_char(out, '&');
    buf_add_uri(out, name, false);
    buf_add_char(out, '=');
    add_form_text(out, value);
}

static struct str numbered(struct arena *a, struct str name, size_t n)
{
    return arena_strf(a, STR_FMT ".%zu", STR_ARG(name), n);
}

static void add_strs(struct buf *out, struct str name, const struct field *f, const void *in)
{
    struct strs list;

    get_value(f, in, &list, sizeof(list));
    for (size_t i = 0; i < list.len; i++)
        query_add(out, numbered(out->arena, name, i + 1), list.items[i]);
}

static void add_tags(struct buf *out, struct str name, const struct field *f, const void *in)
{
    struct tags tags;

    get_value(f, in, &tags, sizeof(tags));
    for (size_t i = 0; i < tags.len; i++) {
        struct str item = numbered(out->arena, name, i + 1);

        query_add(out, arena_strf(out->arena, STR_FMT ".Key", STR_ARG(item)), tags.items[i].key);
        query_add(out, arena_strf(out->arena, STR_FMT ".Value", STR_ARG(item)),
                  tags.items[i].value);
    }
}

static void add_list(struct buf *out, struct str name, const struct field *f, const void *in)
{
    struct list_any list;
    const char *items;

    get_value(f, in, &list, sizeof(list));
    items = list.items;
    for (size_t i = 0; i < list.len; i++)
        query_add_fields(out, numbered(out->arena, name, i + 1), f->fields,
                         items + i * f->item_size);
}

static void add_object(struct buf *out, struct str name, const struct field *f, const void *in)
{
    const void *inner;

    get_value(f, in, &inner, sizeof(inner));
    query_add_fields(out, name, f->fields, inner);
}

static void add_scalar(struct buf *out, struct str name, const struct field *f, const void *in)
{
    struct str text;
    int64_t number;
    bool truth;

    if (f->kind == FIELD_STR) {
        get_value(f, in, &text, sizeof(text));
    } else if (f->kind == FIELD_BOOL) {
        get_value(f, in, &truth, sizeof(truth));
        text = truth ? STR("true") : STR("false");
    } else {
        get_value(f, in, &number, sizeof(number));
        text = f->kind == FIELD_TIME ? time_rfc3339(out->arena, number)
                                     : arena_strf(out->arena, "%lld", (long long)number);
    }
    query_add(out, name, text);
}

static void add_field(struct buf *out, struct str name, const struct field *f, const void *in)
{
    switch (f->kind) {
    case FIELD_STRS:
        add_strs(out, name, f, in);
        break;
    case FIELD_TAGS:
        add_tags(out, name, f, in);
        break;
    case FIELD_OBJECT:
        add_object(out, name, f, in);
        break;
    case FIELD_LIST:
        add_list(out, name, f, in);
        break;
    default:
        REQUIRE(f->kind == FIELD_STR || f->kind == FIELD_BOOL || f->kind == FIELD_INT ||
                f->kind == FIELD_TIME);
        add_scalar(out, name, f, in);
    }
}

/* The recursion follows the tables, whose depth is fixed at compile time. */
void query_add_fields(struct buf *out, struct str prefix, const struct field *table, const void *in)
{
    for (const struct field *f = table; f->name; f++) {
        struct str name = str_present(prefix)
                              ? arena_strf(out->arena, STR_FMT ".%s", STR_ARG(prefix), f->name)
                              : str_from_z(f->name);

        if (field_present(f, in))
            add_field(out, name, f, in);
    }
}

/* ---- answers ---- */

static size_t child_count(const struct xml *element)
{
    size_t n = 0;

    for (const struct xml *child = element->first; child; child = child->next)
        n++;
    return n;
}

static bool decode_strs(struct arena *a, const struct field *f, const struct xml *v, void *out)
{
    struct strs list = {arena_array_of(a, child_count(v), struct str), 0};

    for (const struct xml *child = v->first; child; child = child->next)
        list.items[list.len++] = child->text;
    set_value(f, out, &list, sizeof(list));
    return true;
}

static bool decode_tags(struct arena *a, const struct field *f, const struct xml *v, void *out)
{
    struct tags tags = {arena_array_of(a, child_count(v), struct tag), 0};

    for (const struct xml *child = v->first; child; child = child->next) {
        struct tag tag = {xml_text(child, STR("key")), xml_text(child, STR("value"))};
        size_t i = tags.len;

        if (!str_present(tag.key))
            continue;
        for (; i > 0 && str_cmp(tags.items[i - 1].key, tag.key) > 0; i--)
            tags.items[i] = tags.items[i - 1];
        tags.items[i] = tag;
        tags.len++;
    }
    set_value(f, out, &tags, sizeof(tags));
    return true;
}

static bool decode_list(struct arena *a, const struct field *f, const struct xml *v, void *out,
                        struct str *why)
{
    struct list_any list = {NULL, child_count(v)};
    char *items = arena_calloc(a, list.len, f->item_size);
    size_t i = 0;

    for (const struct xml *child = v->first; child; child = child->next)
        if (!xml_decode(a, f->fields, child, items + f->item_size * i++, why))
            return false;
    list.items = items;
    set_value(f, out, &list, sizeof(list));
    return true;
}

static bool decode_object(struct arena *a, const struct field *f, const struct xml *v, void *out,
                          struct str *why)
{
    void *inner = arena_alloc(a, f->item_size);

    set_value(f, out, &inner, sizeof(inner));
    return xml_decode(a, f->fields, v, inner, why);
}

static bool decode_scalar(const struct field *f, struct str text, void *out)
{
    int64_t number;
    bool truth;

    if (f->kind == FIELD_STR) {
        set_value(f, out, &text, sizeof(text));
        return true;
    }
    text = str_trim(text);
    if (str_empty(text))
        return true;
    if (f->kind == FIELD_BOOL) {
        if (!str_to_bool(text, &truth))
            return false;
        set_value(f, out, &truth, sizeof(truth));
        return true;
    }
    if (f->kind == FIELD_TIME ? !time_parse(text, &number) : !str_to_i64(text, &number))
        return false;
    set_value(f, out, &number, sizeof(number));
    return true;
}

static bool decode_value(struct arena *a, const struct field *f, const struct xml *v, void *out,
                         struct str *why)
{
    bool has = true;

    if (f->kind == FIELD_STRS)
        return decode_strs(a, f, v, out);
    if (f->kind == FIELD_TAGS)
        return decode_tags(a, f, v, out);
    if (f->kind == FIELD_LIST)
        return decode_list(a, f, v, out, why);
    if (f->kind == FIELD_OBJECT)
        return decode_object(a, f, v, out, why);
    if (!decode_scalar(f, v->text, out)) {
        *why = arena_strf(a, "'%s' is not what it should be: '" STR_FMT "'", f->name,
                          STR_ARG(str_slice(v->text, 0, 100)));
        return false;
    }
    if (f->has)
        memcpy((char *)out + (f->has - 1), &has, sizeof(has));
    return true;
}

/* The recursion follows the tables, whose depth is fixed at compile time. */
bool xml_decode(struct arena *a, const struct field *table, const struct xml *element, void *out,
                struct str *why)
{
    for (const struct field *f = table; f->name; f++) {
        const struct xml *child = xml_child(element, str_from_z(f->name));

        if (child && !decode_value(a, f, child, out, why))
            return false;
    }
    return true;
}
