#include "sim/tree.h"

struct json *tree_object(struct arena *a)
{
    struct json *v = arena_new_of(a, struct json);

    v->kind = JS_OBJECT;
    return v;
}

struct json *tree_array(struct arena *a)
{
    struct json *v = arena_new_of(a, struct json);

    v->kind = JS_ARRAY;
    return v;
}

struct json *tree_str(struct arena *a, struct str value)
{
    struct json *v = arena_new_of(a, struct json);

    v->kind = JS_STR;
    v->string = arena_str(a, value);
    return v;
}

void tree_put(struct arena *a, struct json *object, struct str name, const struct json *value)
{
    struct json_member *members;

    for (size_t i = 0; i < object->len; i++) {
        if (!str_eq(object->members[i].name, name))
            continue;
        object->members[i].value = *value;
        return;
    }
    members = arena_array_of(a, object->len + 1, struct json_member);
    if (object->len)
        memcpy(members, object->members, object->len * sizeof(*members));
    members[object->len] = (struct json_member){arena_str(a, name), *value};
    object->members = members;
    object->len++;
}

void tree_put_str(struct arena *a, struct json *object, const char *name, struct str value)
{
    if (str_present(value))
        tree_put(a, object, str_from_z(name), tree_str(a, value));
}

void tree_push(struct arena *a, struct json *array, const struct json *value)
{
    struct json *items = arena_array_of(a, array->len + 1, struct json);

    if (array->len)
        memcpy(items, array->items, array->len * sizeof(*items));
    items[array->len] = *value;
    array->items = items;
    array->len++;
}

struct json *tree_copy(struct arena *a, const struct json *v)
{
    struct json *out = arena_new_of(a, struct json);

    *out = *v;
    if (v->kind == JS_STR)
        out->string = arena_str(a, v->string);
    if (v->kind == JS_ARRAY) {
        out->items = arena_array_of(a, v->len, struct json);
        for (size_t i = 0; i < v->len; i++)
            out->items[i] = *tree_copy(a, &v->items[i]);
    }
    if (v->kind == JS_OBJECT) {
        out->members = arena_array_of(a, v->len, struct json_member);
        for (size_t i = 0; i < v->len; i++) {
            out->members[i].name = arena_str(a, v->members[i].name);
            out->members[i].value = *tree_copy(a, &v->members[i].value);
        }
    }
    return out;
}

struct json *tree_merge(struct arena *a, const struct json *under, const struct json *over)
{
    struct json *out = under ? tree_copy(a, under) : tree_object(a);

    for (size_t i = 0; over && i < over->len; i++)
        tree_put(a, out, over->members[i].name, tree_copy(a, &over->members[i].value));
    return out;
}
