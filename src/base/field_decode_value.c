/* One value of each kind; objects are in field_decode.c. */
#include "base/field_internal.h"
#include "base/panic.h"
#include "base/time.h"

/* Where the walk is: what a message names. */
struct spot {
    const struct field_decoding *d;
    const struct field *f;
    struct str path;
};

static enum fault bad(const struct spot *at, const char *must, struct str got)
{
    if (str_present(got) && !(at->f->flags & FIELD_SECRET))
        return faults_add(at->d->faults, FAULT_INVALID_PARAMETER, at->path,
                          "'" STR_FMT "' %s, not '" STR_FMT "'", STR_ARG(at->path), must,
                          STR_ARG(str_slice(got, 0, 100)));
    return faults_add(at->d->faults, FAULT_INVALID_PARAMETER, at->path, "'" STR_FMT "' %s",
                      STR_ARG(at->path), must);
}

static enum fault wrong_kind(const struct spot *at, const char *wanted, const struct json *v)
{
    return faults_add(at->d->faults, FAULT_INVALID_PARAMETER, at->path,
                      "'" STR_FMT "' must be %s, not %s", STR_ARG(at->path), wanted,
                      json_kind_name(v->kind));
}

static int64_t size_limit(const struct field *f)
{
    return f->max ? f->max : FIELD_DEFAULT_MAX;
}

static enum fault check_size(const struct spot *at, size_t n, const char *of)
{
    int64_t most = size_limit(at->f);

    if ((int64_t)n > most)
        return faults_add(at->d->faults, FAULT_INVALID_PARAMETER, at->path,
                          "'" STR_FMT "' may hold at most %lld %s, not %zu", STR_ARG(at->path),
                          (long long)most, of, n);
    if ((int64_t)n < at->f->min)
        return faults_add(at->d->faults, FAULT_INVALID_PARAMETER, at->path,
                          "'" STR_FMT "' must hold at least %lld %s, not %zu", STR_ARG(at->path),
                          (long long)at->f->min, of, n);
    return FAULT_NONE;
}

static enum fault check_text(const struct spot *at, struct str s)
{
    if (at->f->check && !at->f->check->ok(s))
        return bad(at, at->f->check->what, s);
    return FAULT_NONE;
}

static enum fault decode_str(const struct spot *at, const struct json *v, void *object)
{
    enum fault f;

    if (v->kind != JS_STR)
        return wrong_kind(at, "a string", v);
    f = check_size(at, v->string.len, "bytes");
    if (!f)
        f = check_text(at, v->string);
    if (!f)
        memcpy(field_at(at->f, object), &v->string, sizeof(v->string));
    return f;
}

static enum fault decode_bool(const struct spot *at, const struct json *v, void *object)
{
    bool truth = v->boolean;

    if (v->kind == JS_STR && at->d->text_values) {
        if (!str_to_bool(v->string, &truth))
            return bad(at, "must be true or false", v->string);
    } else if (v->kind != JS_BOOL) {
        return wrong_kind(at, "true or false", v);
    }
    memcpy(field_at(at->f, object), &truth, sizeof(truth));
    return FAULT_NONE;
}

static bool is_whole(double d)
{
    return d >= -9007199254740992.0 && d <= 9007199254740992.0 && !((double)(int64_t)d < d) &&
           !((double)(int64_t)d > d);
}

/* A whole number, also as 1.0 or, in query containers, as text. */
static bool whole_number(const struct field_decoding *d, const struct json *v, int64_t *out)
{
    if (v->kind == JS_INT)
        *out = v->integer;
    else if (v->kind == JS_REAL && is_whole(v->real))
        *out = (int64_t)v->real;
    else
        return v->kind == JS_STR && d->text_values && str_to_i64(v->string, out);
    return true;
}

static enum fault decode_int(const struct spot *at, const struct json *v, void *object)
{
    const struct field *f = at->f;
    int64_t number;

    if (!whole_number(at->d, v, &number))
        return wrong_kind(at, "an integer", v);
    if (number < f->min || (f->max && number > f->max)) {
        if (f->max)
            return faults_add(at->d->faults, FAULT_INVALID_PARAMETER, at->path,
                              "'" STR_FMT "' must be from %lld to %lld, not %lld",
                              STR_ARG(at->path), (long long)f->min, (long long)f->max,
                              (long long)number);
        return faults_add(at->d->faults, FAULT_INVALID_PARAMETER, at->path,
                          "'" STR_FMT "' must be at least %lld, not %lld", STR_ARG(at->path),
                          (long long)f->min, (long long)number);
    }
    memcpy(field_at(f, object), &number, sizeof(number));
    return FAULT_NONE;
}

static enum fault decode_real(const struct spot *at, const struct json *v, void *object)
{
    double number = json_number(v, 0);

    if (v->kind != JS_REAL && v->kind != JS_INT)
        return wrong_kind(at, "a number", v);
    memcpy(field_at(at->f, object), &number, sizeof(number));
    return FAULT_NONE;
}

/* RFC 3339 text, or epoch seconds (with a fraction, as AWS sends them). */
static enum fault decode_time(const struct spot *at, const struct json *v, void *object)
{
    int64_t ms;

    if (v->kind == JS_INT && v->integer >= 0 && v->integer < INT64_C(253402300800))
        ms = v->integer * 1000;
    else if (v->kind == JS_REAL && v->real >= 0 && v->real < 253402300800.0)
        ms = (int64_t)(v->real * 1000.0 + 0.5);
    else if (v->kind != JS_STR)
        return wrong_kind(at, "a time (RFC 3339, or seconds since 1970)", v);
    else if (!time_parse(v->string, &ms))
        return bad(at, "must be a time such as 2026-01-31T12:00:00Z", v->string);
    memcpy(field_at(at->f, object), &ms, sizeof(ms));
    return FAULT_NONE;
}

static int enum_value(const struct field *f, struct str text)
{
    for (int i = 1; f->names[i]; i++)
        if ((f->flags & FIELD_FOLD) ? str_eq_fold(text, str_from_z(f->names[i]))
                                    : str_eq_z(text, f->names[i]))
            return i;
    return 0;
}

static enum fault decode_enum(const struct spot *at, const struct json *v, void *object)
{
    int value;

    if (v->kind != JS_STR)
        return wrong_kind(at, "a string", v);
    value = enum_value(at->f, v->string);
    if (!value) {
        struct buf must = buf_new(at->d->arena, 1024);

        buf_add_z(&must, "must be ");
        for (int i = 1; at->f->names[i]; i++)
            buf_addf(&must, "%s%s",
                     i == 1                ? ""
                     : at->f->names[i + 1] ? ", "
                                           : " or ",
                     at->f->names[i]);
        return bad(at, buf_str(&must).ptr, v->string);
    }
    memcpy(field_at(at->f, object), &value, sizeof(value));
    return FAULT_NONE;
}

static struct spot item_spot(const struct spot *at, size_t i)
{
    if (at->d->stored)
        return *at;
    return (struct spot){at->d, at->f,
                         arena_strf(at->d->arena, STR_FMT "[%zu]", STR_ARG(at->path), i)};
}

static enum fault decode_strs(const struct spot *at, const struct json *v, void *object)
{
    enum fault first = FAULT_NONE;
    struct strs list;

    if (v->kind != JS_ARRAY)
        return wrong_kind(at, "an array of strings", v);
    first = check_size(at, v->len, "items");
    if (first)
        return first;
    list = (struct strs){arena_array_of(at->d->arena, v->len, struct str), v->len};
    for (size_t i = 0; i < v->len; i++) {
        enum fault f = FAULT_NONE;

        if (v->items[i].kind != JS_STR || check_text(at, v->items[i].string)) {
            struct spot item = item_spot(at, i);

            if (v->items[i].kind != JS_STR)
                f = wrong_kind(&item, "a string", &v->items[i]);
            else
                f = FAULT_INVALID_PARAMETER;
        }
        list.items[i] = v->items[i].string;
        first = first ? first : f;
    }
    if (!first)
        memcpy(field_at(at->f, object), &list, sizeof(list));
    return first;
}

static enum fault decode_ints(const struct spot *at, const struct json *v, void *object)
{
    enum fault first;
    struct ints list;

    if (v->kind != JS_ARRAY)
        return wrong_kind(at, "an array of integers", v);
    first = check_size(at, v->len, "items");
    if (first)
        return first;
    list = (struct ints){arena_array_of(at->d->arena, v->len, int64_t), v->len};
    for (size_t i = 0; i < v->len; i++) {
        if (!whole_number(at->d, &v->items[i], &list.items[i])) {
            struct spot item = item_spot(at, i);
            enum fault f = wrong_kind(&item, "an integer", &v->items[i]);

            first = first ? first : f;
        }
    }
    if (!first)
        memcpy(field_at(at->f, object), &list, sizeof(list));
    return first;
}

/* Insertion keeps them sorted; false for a key that is there already. */
static bool tags_insert(struct tags *t, struct tag tag)
{
    size_t i = t->len;

    while (i > 0 && str_cmp(t->items[i - 1].key, tag.key) > 0)
        i--;
    if (i > 0 && str_eq(t->items[i - 1].key, tag.key))
        return false;
    memmove(&t->items[i + 1], &t->items[i], (t->len - i) * sizeof(*t->items));
    t->items[i] = tag;
    t->len++;
    return true;
}

/* One member of {"k": "v"} or of [{"key": "k", "value": "v"}]. */
static struct tag tag_of(const struct json *v, size_t i)
{
    const struct json *item;

    if (v->kind == JS_OBJECT)
        return (struct tag){v->members[i].name, json_str(&v->members[i].value)};
    item = &v->items[i];
    return (struct tag){
        json_str(json_get_z(item, json_get_z(item, "key") ? "key" : "Key")),
        json_str(json_get_z(item, json_get_z(item, "value") ? "value" : "Value")),
    };
}

static enum fault decode_tags(const struct spot *at, const struct json *v, void *object)
{
    enum fault first;
    struct tags tags;

    if (v->kind == JS_STR && at->d->text_values) {
        struct str why;

        if (json_parse(at->d->arena, v->string, &v, &why))
            return bad(at, "must be an object of strings", v->string);
    }
    if (v->kind != JS_OBJECT && v->kind != JS_ARRAY)
        return wrong_kind(at, "an object of strings", v);
    first = check_size(at, v->len, "tags");
    if (first)
        return first;
    tags = (struct tags){arena_array_of(at->d->arena, v->len + 1, struct tag), 0};
    for (size_t i = 0; i < v->len; i++) {
        struct tag tag = tag_of(v, i);

        if (!str_present(tag.key) || !str_present(tag.value))
            return bad(at, "must hold keys and values that are strings", (struct str){0});
        if (!tags_insert(&tags, tag))
            return bad(at, "names a key twice", tag.key);
    }
    memcpy(field_at(at->f, object), &tags, sizeof(tags));
    return FAULT_NONE;
}

static enum fault decode_object(const struct spot *at, const struct json *v, void *object)
{
    void *inner;

    if (v->kind != JS_OBJECT)
        return wrong_kind(at, "an object", v);
    inner = arena_alloc(at->d->arena, at->f->item_size);
    field_set_object(at->f, object, inner);
    return field_decode_members(at->d, at->f->fields, at->path, v, inner);
}

static enum fault decode_list(const struct spot *at, const struct json *v, void *object)
{
    enum fault first;
    struct list_any list;
    char *items;

    if (v->kind != JS_ARRAY)
        return wrong_kind(at, "an array of objects", v);
    first = check_size(at, v->len, "items");
    if (first)
        return first;
    items = arena_calloc(at->d->arena, v->len, at->f->item_size);
    for (size_t i = 0; i < v->len; i++) {
        struct spot item = item_spot(at, i);
        enum fault f = v->items[i].kind == JS_OBJECT
                           ? field_decode_members(at->d, at->f->fields, item.path, &v->items[i],
                                                  items + i * at->f->item_size)
                           : wrong_kind(&item, "an object", &v->items[i]);

        first = first ? first : f;
    }
    list = (struct list_any){items, v->len};
    field_set_list(at->f, object, list);
    return first;
}

static enum fault decode_json(const struct spot *at, const struct json *v, void *object)
{
    field_set_object(at->f, object, v);
    return FAULT_NONE;
}

enum fault field_decode_value(const struct field_decoding *d, const struct field *f,
                              struct str path, const struct json *value, void *object)
{
    static enum fault (*const decoders[])(const struct spot *, const struct json *, void *) = {
        [FIELD_STR] = decode_str,       [FIELD_BOOL] = decode_bool, [FIELD_INT] = decode_int,
        [FIELD_REAL] = decode_real,     [FIELD_TIME] = decode_time, [FIELD_ENUM] = decode_enum,
        [FIELD_STRS] = decode_strs,     [FIELD_INTS] = decode_ints, [FIELD_TAGS] = decode_tags,
        [FIELD_OBJECT] = decode_object, [FIELD_LIST] = decode_list, [FIELD_JSON] = decode_json,
    };
    struct spot at = {d, f, path};
    enum fault fault = decoders[f->kind](&at, value, object);
    bool has = true;

    if (!fault && f->has)
        memcpy((char *)object + (f->has - 1), &has, sizeof(has));
    return fault;
}
