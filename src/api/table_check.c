/* What the compiler cannot see of the operation table; a test wants the answer to be empty. */
#include "api/operation.h"
#include "rules/roles.h"

enum { SUMMARY_MAX = 100, TABLE_DEPTH_MAX = 12, PARAMS_MAX = 96 };

struct checking {
    const struct operation_set *set;
    const struct operation *op;
    struct buf *out;
};

static void complain(struct checking *c, const char *what, struct str detail)
{
    buf_addf(c->out, "%s: %s%s" STR_FMT "\n", c->op->names[0], what, str_empty(detail) ? "" : ": ",
             STR_ARG(detail));
}

static bool plain_name(struct str name)
{
    for (size_t i = 0; i < name.len; i++)
        if (!(name.ptr[i] >= 'a' && name.ptr[i] <= 'z') && name.ptr[i] != '_' &&
            !(name.ptr[i] >= '0' && name.ptr[i] <= '9'))
            return false;
    return name.len > 0;
}

static size_t rows_named(const struct operation_set *set, struct str name)
{
    size_t found = 0;

    for (size_t i = 0; i < set->len; i++)
        for (size_t n = 0; n < OPERATION_NAMES_MAX && set->rows[i]->names[n]; n++)
            found += str_eq_z(name, set->rows[i]->names[n]);
    return found;
}

static void check_names(struct checking *c)
{
    for (size_t n = 0; n < OPERATION_NAMES_MAX && c->op->names[n]; n++) {
        struct str name = str_from_z(c->op->names[n]);

        if (!plain_name(name))
            complain(c, "is no plain name", name);
        if (rows_named(c->set, name) != 1)
            complain(c, "is named more than once", name);
    }
}

static void check_row(struct checking *c)
{
    const struct operation *op = c->op;
    int runs = (op->run_read != NULL) + (op->run_write != NULL) + (op->run_task != NULL);

    if (runs != 1)
        complain(c, "has not exactly one run function", (struct str){0});
    if (op->run_task && !op->action)
        complain(c, "is a task and no action", (struct str){0});
    if (!op->functions || op->functions > (FUNCTION_QUERY << 1) - 1)
        complain(c, "belongs to no function", (struct str){0});
    if (op->run_write && op->functions == FUNCTION_QUERY)
        complain(c, "writes, and belongs to the query function", (struct str){0});
    if (!op->permission || !permission_known(str_from_z(op->permission)))
        complain(c, "needs an unknown permission", str_from_z(op->permission));
    if (!op->summary || !*op->summary || strlen(op->summary) > SUMMARY_MAX ||
        strchr(op->summary, '\n'))
        complain(c, "has no summary of one line", str_from_z(op->summary));
    if (!op->example)
        complain(c, "has no example", (struct str){0});
}

/* ---- routes ---- */

/* Whether two paths match the same requests with the same weight: equal but for parameter names. */
static bool same_shape(struct str a, struct str b)
{
    while (str_present(a) && str_present(b)) {
        struct str left = str_cut(&a, '/');
        struct str right = str_cut(&b, '/');
        bool both = str_starts(left, STR("{")) && str_starts(right, STR("{"));

        if (!both && !str_eq(left, right))
            return false;
    }
    return !str_present(a) && !str_present(b);
}

static size_t routes_like(const struct operation_set *set, const struct operation_route *r)
{
    size_t found = 0;

    for (size_t i = 0; i < set->len; i++) {
        for (size_t n = 0; n < OPERATION_ROUTES_MAX && set->rows[i]->routes[n].method; n++) {
            const struct operation_route *other = &set->rows[i]->routes[n];

            found += strcmp(other->method, r->method) == 0 &&
                     same_shape(str_from_z(other->path), str_from_z(r->path));
        }
    }
    return found;
}

static void check_path_params(struct checking *c, struct str path)
{
    while (str_present(path)) {
        struct str part = str_cut(&path, '/');

        if (!str_starts(part, STR("{")))
            continue;
        part = str_slice(part, 1, part.len - 1);
        if (!c->op->params || !field_find_spelling(c->op->params, part))
            complain(c, "has a path parameter that is no parameter", part);
    }
}

static void check_routes(struct checking *c)
{
    static const char *const methods[] = {"GET", "POST", "PUT", "PATCH", "DELETE"};

    for (size_t n = 0; n < OPERATION_ROUTES_MAX && c->op->routes[n].method; n++) {
        const struct operation_route *r = &c->op->routes[n];
        bool known = false;

        for (size_t i = 0; i < ARRAY_LEN(methods); i++)
            known = known || strcmp(r->method, methods[i]) == 0;
        if (!known || r->path[0] != '/')
            complain(c, "has a route that is none", str_from_z(r->path));
        if (strcmp(r->method, "GET") == 0 && !c->op->run_read)
            complain(c, "changes something by GET", str_from_z(r->path));
        if (routes_like(c->set, r) != 1)
            complain(c, "shares its route with another", str_from_z(r->path));
        check_path_params(c, str_from_z(r->path));
    }
}

/* ---- fields ---- */

static void check_fields(struct checking *c, const struct field *table, int depth)
{
    for (const struct field *f = table; f && f->name; f++) {
        if (!f->help || !*f->help)
            complain(c, "has a field without a word about it", str_from_z(f->name));
        if (depth == TABLE_DEPTH_MAX)
            complain(c, "has fields nested too deep", str_from_z(f->name));
        else if (f->fields)
            check_fields(c, f->fields, depth + 1);
    }
}

static void check_words(struct checking *c, const char *words)
{
    struct str rest = str_from_z(words);

    while (str_present(rest)) {
        struct str name = str_cut(&rest, ' ');

        if (!c->op->params || !field_find(c->op->params, name))
            complain(c, "requires what is no parameter", name);
    }
}

static void check_tables(struct checking *c)
{
    size_t n = 0;

    while (c->op->params && c->op->params[n].name)
        n++;
    if (n > PARAMS_MAX)
        complain(c, "has too many parameters", (struct str){0});
    if (c->op->params && !c->op->params_size)
        complain(c, "does not say how large its parameters are", (struct str){0});
    if (c->op->reply && !c->op->reply_size)
        complain(c, "does not say how large its reply is", (struct str){0});
    if (c->op->reply && field_find_spelling(c->op->reply, STR("error")))
        complain(c, "answers a success with `error`", (struct str){0});
    check_fields(c, c->op->params, 0);
    check_fields(c, c->op->reply, 0);
    check_words(c, c->op->event_required);
    check_words(c, c->op->api_required);
}

struct str operations_check(const struct operation_set *set, struct arena *a)
{
    struct buf out = buf_new(a, 1 << 20);
    struct checking c = {.set = set, .out = &out};

    for (size_t i = 0; i < set->len; i++) {
        c.op = set->rows[i];
        check_names(&c);
        check_row(&c);
        check_routes(&c);
        check_tables(&c);
    }
    return buf_str(&out);
}
