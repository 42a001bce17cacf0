/* Reading the tree: what needs no parsing library. */
#include "base/json.h"

const struct json *json_get(const struct json *v, struct str name)
{
    if (!json_is(v, JS_OBJECT))
        return NULL;
    for (size_t i = 0; i < v->len; i++)
        if (str_eq(v->members[i].name, name))
            return &v->members[i].value;
    return NULL;
}

const struct json *json_get_z(const struct json *v, const char *name)
{
    return json_get(v, str_from_z(name));
}

struct str json_str(const struct json *v)
{
    return json_is(v, JS_STR) ? v->string : (struct str){0};
}

int64_t json_int(const struct json *v, int64_t fallback)
{
    return json_is(v, JS_INT) ? v->integer : fallback;
}

bool json_bool(const struct json *v, bool fallback)
{
    return json_is(v, JS_BOOL) ? v->boolean : fallback;
}

double json_number(const struct json *v, double fallback)
{
    if (json_is(v, JS_REAL))
        return v->real;
    return json_is(v, JS_INT) ? (double)v->integer : fallback;
}

static bool object_eq(const struct json *a, const struct json *b)
{
    for (size_t i = 0; i < a->len; i++) {
        const struct json *other = json_get(b, a->members[i].name);

        if (!other || !json_eq(&a->members[i].value, other))
            return false;
    }
    return true;
}

bool json_eq(const struct json *a, const struct json *b)
{
    if (a->kind != b->kind || a->len != b->len)
        return false;
    switch (a->kind) {
    case JS_NULL:
        return true;
    case JS_BOOL:
        return a->boolean == b->boolean;
    case JS_INT:
        return a->integer == b->integer;
    case JS_REAL:
        return !(a->real < b->real) && !(a->real > b->real);
    case JS_STR:
        return str_eq(a->string, b->string);
    case JS_ARRAY:
        for (size_t i = 0; i < a->len; i++)
            if (!json_eq(&a->items[i], &b->items[i]))
                return false;
        return true;
    case JS_OBJECT:
        break;
    }
    return object_eq(a, b);
}

const char *json_kind_name(enum json_kind kind)
{
    static const char *const names[] = {
        [JS_NULL] = "null",        [JS_BOOL] = "a boolean", [JS_INT] = "an integer",
        [JS_REAL] = "a number",    [JS_STR] = "a string",   [JS_ARRAY] = "an array",
        [JS_OBJECT] = "an object",
    };

    return names[kind];
}
