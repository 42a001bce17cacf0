/*
 * --query: one part of the answer, by a path in the notation of the AWS CLI: names with dots,
 * [N] for one item of a list, [] or [*] for all of them. What is not there is null.
 */
#include "edge/client/client_internal.h"

static const struct json null_value = {.kind = JS_NULL};

struct step {
    struct str name; /* absent: none */
    bool index;
    bool all;
    int64_t at;
};

/* "waves", "waves[0]", "waves[]", "[0]". */
static bool parse_step(struct str text, struct step *out)
{
    ptrdiff_t open = str_find(text, '[');
    struct str inside;

    *out = (struct step){.name = text};
    if (open < 0)
        return text.len > 0;
    if (!str_ends(text, STR("]")))
        return false;
    inside = str_slice(text, (size_t)open + 1, text.len - 1);
    out->name = open ? str_slice(text, 0, (size_t)open) : (struct str){0};
    out->index = true;
    out->all = str_empty(inside) || str_eq(inside, STR("*"));
    return out->all || (str_to_i64(inside, &out->at) && out->at >= 0);
}

static const struct json *one_item(const struct json *v, int64_t at)
{
    return json_is(v, JS_ARRAY) && (size_t)at < v->len ? &v->items[at] : &null_value;
}

/* The rest of the path for every item; what is null is left out, as the AWS CLI does. */
static bool each_item(struct arena *a, const struct json *v, struct str rest,
                      const struct json **out)
{
    struct json *list = arena_new_of(a, struct json);

    list->kind = JS_ARRAY;
    list->items = arena_array_of(a, v->len + 1, struct json);
    for (size_t i = 0; v->kind == JS_ARRAY && i < v->len; i++) {
        const struct json *item = &v->items[i];

        if (str_present(rest) && !query(a, item, rest, &item))
            return false;
        if (item->kind != JS_NULL)
            list->items[list->len++] = *item;
    }
    *out = list;
    return true;
}

bool query_is_path(struct str path)
{
    struct step step;

    do {
        if (!parse_step(str_cut(&path, '.'), &step))
            return false;
    } while (str_present(path));
    return true;
}

bool query(struct arena *a, const struct json *v, struct str path, const struct json **out)
{
    while (str_present(path)) {
        struct step step;

        if (!parse_step(str_cut(&path, '.'), &step))
            return false;
        if (str_present(step.name))
            v = json_get(v, step.name);
        v = v ? v : &null_value;
        if (step.index && step.all)
            return each_item(a, v, path, out);
        if (step.index)
            v = one_item(v, step.at);
    }
    *out = v;
    return true;
}
