/* From method and path to a row of the table, and back to the methods that a path has. */
#include "api/operation.h"
#include "base/encode.h"

enum { SEGMENTS_MAX = 16 };

struct segments {
    struct str items[SEGMENTS_MAX];
    size_t len;
};

/* "/a/{b}" without its leading slash, in segments; false when there are too many. */
static bool split(struct str path, struct segments *out)
{
    struct str rest = str_slice(path, 1, path.len);

    out->len = 0;
    if (!str_starts(path, STR("/")))
        return false;
    while (str_present(rest)) {
        if (out->len == SEGMENTS_MAX)
            return false;
        out->items[out->len++] = str_cut(&rest, '/');
    }
    return true;
}

static bool is_parameter(struct str segment)
{
    return str_starts(segment, STR("{")) && str_ends(segment, STR("}"));
}

/*
 * How well the pattern fits: 0 not at all, else a number in which every segment is a bit, set where
 * the pattern's is fixed; an earlier segment weighs more.
 */
static unsigned fit(const struct segments *pattern, const struct segments *path)
{
    unsigned score = 1;

    if (pattern->len != path->len)
        return 0;
    for (size_t i = 0; i < path->len; i++) {
        bool fixed = !is_parameter(pattern->items[i]);

        if (fixed ? !str_eq(pattern->items[i], path->items[i]) : str_empty(path->items[i]))
            return 0;
        score = score << 1 | (fixed ? 1U : 0U);
    }
    return score;
}

struct match {
    const struct operation *op;
    struct segments pattern;
    unsigned score;
};

static void consider(struct match *best, const struct operation *op, const char *pattern,
                     const struct segments *path)
{
    struct segments parts;
    unsigned score;

    if (!split(str_from_z(pattern), &parts))
        return;
    score = fit(&parts, path);
    if (score > best->score)
        *best = (struct match){op, parts, score};
}

/* The best fit among the routes of one method, or of any method when `method` is absent. */
static struct match best_match(const struct operation_set *set, struct str method,
                               const struct segments *path)
{
    struct match best = {0};

    for (size_t i = 0; i < set->len; i++) {
        const struct operation *op = set->rows[i];

        for (size_t n = 0; n < OPERATION_ROUTES_MAX && op->routes[n].method; n++)
            if (!str_present(method) || str_eq_z(method, op->routes[n].method))
                consider(&best, op, op->routes[n].path, path);
    }
    return best;
}

static struct str allowed(const struct operation_set *set, struct arena *a,
                          const struct segments *path)
{
    static const char *const methods[] = {"GET", "POST", "PUT", "PATCH", "DELETE"};
    struct buf out = buf_new(a, 256);

    for (size_t i = 0; i < ARRAY_LEN(methods); i++)
        if (best_match(set, str_from_z(methods[i]), path).op)
            buf_addf(&out, "%s%s", out.len ? ", " : "", methods[i]);
    return out.len ? buf_str(&out) : (struct str){0};
}

static bool decode_params(struct arena *a, const struct match *match, const struct segments *path,
                          const struct json **out)
{
    struct json *object = arena_new_of(a, struct json);

    object->kind = JS_OBJECT;
    object->members = arena_array_of(a, path->len + 1, struct json_member);
    for (size_t i = 0; i < path->len; i++) {
        struct str name = match->pattern.items[i];
        struct str value;

        if (!is_parameter(name))
            continue;
        if (!uri_decode(a, path->items[i], false, &value) || !str_is_utf8(value))
            return false;
        object->members[object->len++] = (struct json_member){str_slice(name, 1, name.len - 1),
                                                              {.kind = JS_STR, .string = value}};
    }
    *out = object;
    return true;
}

struct route_match operation_route_find(const struct operation_set *set, struct arena *a,
                                        struct str method, struct str path)
{
    struct route_match out = {0};
    struct segments parts;
    struct match match;

    if (!split(path, &parts))
        return out;
    if (str_eq(method, STR("HEAD")))
        method = STR("GET");
    match = best_match(set, method, &parts);
    if (!match.op)
        out.allow = allowed(set, a, &parts);
    else if (decode_params(a, &match, &parts, &out.path_params))
        out.op = match.op;
    return out;
}
