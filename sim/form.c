#include <stdlib.h>

#include "base/encode.h"
#include "sim/form.h"

enum { PARAMS_MAX = 20000, DEPTH_MAX = 12 };

/* A name on the way to becoming an object or a list. */
struct node {
    struct str name;
    struct str value; /* absent: an inner node */
    struct node *first;
    struct node *last;
    struct node *next;
    size_t children;
    int64_t number; /* the name as one, or -1 */
};

static struct node *child(struct arena *a, struct node *parent, struct str name)
{
    struct node *n;

    for (n = parent->first; n; n = n->next)
        if (str_eq(n->name, name))
            return n;
    n = arena_new_of(a, struct node);
    n->name = name;
    if (!str_to_i64(name, &n->number) || n->number < 1)
        n->number = -1;
    if (parent->last)
        parent->last->next = n;
    else
        parent->first = n;
    parent->last = n;
    parent->children++;
    return n;
}

static bool add_pair(struct arena *a, struct node *root, struct str pair)
{
    struct str name, value;
    struct str raw = str_cut(&pair, '=');
    struct node *at = root;
    size_t depth = 0;

    if (!uri_decode(a, raw, true, &name) || str_empty(name))
        return false;
    if (!uri_decode(a, str_present(pair) ? pair : STR(""), true, &value))
        return false;
    while (str_present(name)) {
        if (++depth > DEPTH_MAX)
            return false;
        at = child(a, at, str_cut(&name, '.'));
    }
    if (str_present(at->value))
        return false;
    at->value = value;
    return true;
}

static int by_number(const void *a, const void *b)
{
    const struct node *x = *(const struct node *const *)a;
    const struct node *y = *(const struct node *const *)b;

    return x->number < y->number ? -1 : x->number > y->number;
}

static bool is_list(const struct node *n)
{
    for (const struct node *c = n->first; c; c = c->next)
        if (c->number < 1)
            return false;
    return n->children > 0;
}

static void convert(struct arena *a, const struct node *n, struct json *out);

static void convert_list(struct arena *a, const struct node *n, struct json *out)
{
    const struct node **sorted = arena_array_of(a, n->children, const struct node *);
    size_t len = 0;

    for (const struct node *c = n->first; c; c = c->next)
        sorted[len++] = c;
    qsort(sorted, len, sizeof(*sorted), by_number);
    *out = (struct json){.kind = JS_ARRAY, .len = len};
    out->items = arena_array_of(a, len, struct json);
    for (size_t i = 0; i < len; i++)
        convert(a, sorted[i], &out->items[i]);
}

static void convert(struct arena *a, const struct node *n, struct json *out)
{
    if (!n->children) {
        *out = (struct json){.kind = JS_STR, .string = n->value};
        return;
    }
    if (is_list(n)) {
        convert_list(a, n, out);
        return;
    }
    *out = (struct json){.kind = JS_OBJECT};
    out->members = arena_array_of(a, n->children, struct json_member);
    for (const struct node *c = n->first; c; c = c->next) {
        out->members[out->len].name = c->name;
        convert(a, c, &out->members[out->len++].value);
    }
}

const struct json *form_parse(struct arena *a, struct str text)
{
    struct node root = {.name = STR("")};
    struct json *out = arena_new_of(a, struct json);
    size_t params = 0;

    while (!str_empty(text)) {
        struct str pair = str_cut(&text, '&');

        if (str_empty(pair))
            continue;
        if (++params > PARAMS_MAX || !add_pair(a, &root, pair))
            return NULL;
    }
    convert(a, &root, out);
    if (!root.children)
        *out = (struct json){.kind = JS_OBJECT};
    return out;
}
