#include "base/json.h"

#include <jansson.h>

/* ---- the scan before the parser: size, depth, values and members, outside strings ---- */

struct scan {
    const struct json_limits *limits;
    size_t depth;
    size_t values;
    size_t members[JSON_DEPTH_MAX + 1];
    bool is_object[JSON_DEPTH_MAX + 1];
};

/* Index just behind the string that begins at text[i]. */
static size_t skip_string(struct str text, size_t i)
{
    for (i++; i < text.len && text.ptr[i] != '"'; i++)
        if (text.ptr[i] == '\\')
            i++;
    return i + 1;
}

static const char *scan_token(struct scan *s, char c)
{
    switch (c) {
    case '{':
    case '[':
        if (s->depth == JSON_DEPTH_MAX)
            return "nested too deeply";
        s->depth++;
        s->members[s->depth] = 0;
        s->is_object[s->depth] = c == '{';
        s->values++;
        break;
    case '}':
    case ']':
        if (s->depth > 0)
            s->depth--;
        break;
    case ',':
        s->values++;
        break;
    case ':':
        s->values++;
        if (s->is_object[s->depth] && ++s->members[s->depth] > s->limits->members_max)
            return "an object with too many members";
        break;
    default:
        break;
    }
    return s->values > s->limits->values_max ? "too many values" : NULL;
}

static const char *scan(struct str text, const struct json_limits *limits)
{
    struct scan s = {.limits = limits};

    if (text.len > limits->text_max)
        return "the text is too long";
    for (size_t i = 0; i < text.len;) {
        const char *why;

        if (text.ptr[i] == '"') {
            i = skip_string(text, i);
            continue;
        }
        why = scan_token(&s, text.ptr[i++]);
        if (why)
            return why;
    }
    return NULL;
}

/* ---- the library's tree, copied into ours ---- */

static void copy_value(struct arena *a, json_t *from, struct json *to);

static void copy_array(struct arena *a, json_t *from, struct json *to)
{
    to->kind = JS_ARRAY;
    to->len = json_array_size(from);
    to->items = arena_array_of(a, to->len, struct json);
    for (size_t i = 0; i < to->len; i++)
        copy_value(a, json_array_get(from, i), &to->items[i]);
}

static void copy_object(struct arena *a, json_t *from, struct json *to)
{
    size_t i = 0;

    to->kind = JS_OBJECT;
    to->len = json_object_size(from);
    to->members = arena_array_of(a, to->len, struct json_member);
    for (void *it = json_object_iter(from); it; it = json_object_iter_next(from, it)) {
        to->members[i].name = arena_str(a, str_from_z(json_object_iter_key(it)));
        copy_value(a, json_object_iter_value(it), &to->members[i].value);
        i++;
    }
}

/* The recursion is bounded by the scan (JSON_DEPTH_MAX). */
static void copy_value(struct arena *a, json_t *from, struct json *to)
{
    switch (json_typeof(from)) {
    case JSON_OBJECT:
        copy_object(a, from, to);
        break;
    case JSON_ARRAY:
        copy_array(a, from, to);
        break;
    case JSON_STRING:
        to->kind = JS_STR;
        to->string = arena_str(a, (struct str){json_string_value(from), json_string_length(from)});
        break;
    case JSON_INTEGER:
        to->kind = JS_INT;
        to->integer = json_integer_value(from);
        break;
    case JSON_REAL:
        to->kind = JS_REAL;
        to->real = json_real_value(from);
        break;
    case JSON_TRUE:
    case JSON_FALSE:
        to->kind = JS_BOOL;
        to->boolean = json_is_true(from);
        break;
    case JSON_NULL:
        to->kind = JS_NULL;
        break;
    }
}

/* The library quotes what stands there; that may be half of a secret, and goes into logs. */
static struct str without_quotation(struct arena *a, const char *error)
{
    const char *near = strstr(error, " near ");
    struct str text = str_from_z(error);

    return arena_str(a, near ? str_slice(text, 0, (size_t)(near - error)) : text);
}

enum fault json_parse_limited(struct arena *a, struct str text, const struct json_limits *limits,
                              const struct json **out, struct str *why)
{
    const char *too_large = scan(text, limits);
    json_error_t error;
    struct json *tree;
    json_t *parsed;

    if (too_large) {
        *why = arena_str(a, str_from_z(too_large));
        return FAULT_TOO_LARGE;
    }
    parsed = json_loadb(text.ptr ? text.ptr : "", text.len,
                        JSON_REJECT_DUPLICATES | JSON_DECODE_ANY, &error);
    if (!parsed) {
        *why = arena_strf(a, "not valid JSON at line %d, column %d: " STR_FMT, error.line,
                          error.column, STR_ARG(without_quotation(a, error.text)));
        return FAULT_INVALID_PARAMETER;
    }
    tree = arena_new_of(a, struct json);
    copy_value(a, parsed, tree);
    json_decref(parsed);
    *out = tree;
    return FAULT_NONE;
}

enum fault json_parse(struct arena *a, struct str text, const struct json **out, struct str *why)
{
    static const struct json_limits limits = {JSON_TEXT_MAX, JSON_VALUES_MAX, JSON_MEMBERS_MAX};

    return json_parse_limited(a, text, &limits, out, why);
}
