/* docs/reference.md: what every operation takes and answers, from the table alone. */
#include "api/answer.h"
#include "api/openapi.h"

static const char *const kinds[] = {
    [FIELD_STR] = "text",
    [FIELD_BOOL] = "true or false",
    [FIELD_INT] = "integer",
    [FIELD_REAL] = "number",
    [FIELD_TIME] = "time",
    [FIELD_ENUM] = "one of",
    [FIELD_STRS] = "list of texts",
    [FIELD_INTS] = "list of integers",
    [FIELD_TAGS] = "tags",
    [FIELD_OBJECT] = "object",
    [FIELD_LIST] = "list of objects",
    [FIELD_JSON] = "JSON",
};

struct sheet {
    struct arena *arena;
    struct buf *out;
    bool request;
};

/* Inner objects follow with their path, once each: the tables are trees of fixed depth. */
static void put_fields(struct sheet *p, const struct field *table, struct str path);

static void put_spellings(struct sheet *p, const struct field *f)
{
    const char *const more[] = {f->aliases, p->request ? f->input_aliases : NULL, f->epoch};
    const char *before = "; also ";

    for (size_t i = 0; i < ARRAY_LEN(more); i++) {
        struct str rest = str_from_z(more[i]);

        while (str_present(rest)) {
            struct str spelling = str_cut(&rest, ' ');

            buf_addf(p->out, "%s`" STR_FMT "`", before, STR_ARG(spelling));
            before = ", ";
        }
    }
}

static void put_choices(struct sheet *p, const struct field *f)
{
    for (size_t i = 1; f->kind == FIELD_ENUM && f->names[i]; i++)
        buf_addf(p->out, "%s `%s`", i > 1 ? "," : "", f->names[i]);
}

static void put_field(struct sheet *p, const struct field *f, struct str path)
{
    const char *inner = f->kind == FIELD_LIST ? "[]" : "";
    struct str whole = arena_strf(p->arena, STR_FMT "%s%s", STR_ARG(path), f->name, inner);
    bool must = p->request && (f->flags & FIELD_REQUIRED);

    buf_addf(p->out, "| `" STR_FMT "`%s | %s", STR_ARG(whole), must ? " (required)" : "",
             kinds[f->kind]);
    put_choices(p, f);
    buf_addf(p->out, " | %s", f->help ? f->help : "");
    put_spellings(p, f);
    buf_add_z(p->out, " |\n");
    if (f->fields)
        put_fields(p, f->fields, arena_strf(p->arena, STR_FMT ".", STR_ARG(whole)));
}

static void put_fields(struct sheet *p, const struct field *table, struct str path)
{
    for (const struct field *f = table; f->name; f++)
        if (!(f->flags & FIELD_INTERNAL) && !(p->request && (f->flags & FIELD_READONLY)))
            put_field(p, f, path);
}

static void put_table(struct sheet *p, const char *title, const struct field *table, bool request)
{
    if (!table || !table->name)
        return;
    p->request = request;
    buf_addf(p->out, "\n%s:\n\n| name | kind | meaning |\n|---|---|---|\n", title);
    put_fields(p, table, STR(""));
}

static void put_ways_in(struct sheet *p, const struct operation *op)
{
    buf_add_z(p->out, "\n- Function:");
    for (unsigned bit = 1; bit <= FUNCTION_QUERY; bit <<= 1)
        if (op->functions & bit)
            buf_addf(p->out, " `" STR_FMT "`", STR_ARG(function_name_of((enum function)bit)));
    buf_addf(p->out, "\n- Permission: `%s`\n", op->permission);
    if (op->names[1]) {
        buf_add_z(p->out, "- Also called:");
        for (size_t n = 1; n < OPERATION_NAMES_MAX && op->names[n]; n++)
            buf_addf(p->out, " `%s`", op->names[n]);
        buf_add_char(p->out, '\n');
    }
    for (size_t n = 0; n < OPERATION_ROUTES_MAX && op->routes[n].method; n++)
        buf_addf(p->out, "- REST: `%s %s`\n", op->routes[n].method, op->routes[n].path);
    if (op->action)
        buf_add_z(p->out, "- A workflow action: its answer is never wrapped\n");
    if (op->api_required)
        buf_addf(p->out, "- Required outside of the `event` dialect: `%s`\n", op->api_required);
}

static void put_command(struct sheet *p, const struct operation *op)
{
    if (op->internal)
        return;
    buf_add_z(p->out, "\n    drwave ");
    for (const char *c = op->names[0]; *c; c++)
        buf_add_char(p->out, *c == '_' ? '-' : *c);
    buf_addf(p->out, "%s%s\n", *op->example ? " " : "", op->example);
}

struct str reference_of(const struct operation_set *set, struct arena *a)
{
    struct buf out = buf_new(a, SIZE_MAX / 4);
    struct sheet p = {a, &out, false};

    buf_add_z(&out, "# Operations\n\nGenerated from the operation table by `drwave-reference`; do "
                    "not edit.\n\nWhat changes something also takes a `clientToken` (text, "
                    "`--client-token`): for a day the same request with it is\nanswered as the "
                    "first time and done once; another request with it is refused.\n");
    for (size_t i = 0; i < set->len; i++) {
        const struct operation *op = set->rows[i];

        if (op->internal)
            continue;
        buf_addf(&out, "\n## %s\n\n%s\n", op->names[0], op->summary);
        put_command(&p, op);
        put_ways_in(&p, op);
        put_table(&p, "Parameters", op->params, true);
        put_table(&p, "Answer", op->reply, false);
    }
    return buf_str(&out);
}
