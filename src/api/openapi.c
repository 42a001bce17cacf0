#include "api/openapi.h"

#include "api/answer.h"

struct openapi {
    struct arena *arena;
    struct json_writer *w;
    const struct operation_set *set;
};

static void put_info(struct json_writer *w)
{
    json_member_str(w, "openapi", STR("3.1.0"));
    json_name(w, STR("info"));
    json_begin_object(w);
    json_member_str(w, "title", STR("drwave"));
    json_member_str(w, "version", STR(DRWAVE_VERSION));
    json_member_str(w, "description",
                    STR("Disaster recovery on AWS Elastic Disaster Recovery: protection groups, "
                        "recovery plans in waves, drills and recoveries. Every operation can also "
                        "be called by its name through the Lambda Invoke API."));
    json_end_object(w);
}

static void put_error_schema(struct json_writer *w)
{
    static const struct {
        const char *name;
        const char *type;
        const char *help;
    } members[] = {
        {"error", "string", "What kind of refusal it is."},
        {"message", "string", "What is wrong, in a sentence."},
        {"details", "object", "More about it; its members also stand at top level."},
        {"errors", "array", "Every fault, when there are several."},
        {"retryable", "boolean", "Whether the same call may succeed later."},
        {"retryAfter", "integer", "When, in seconds."},
    };

    json_name(w, STR("Error"));
    json_begin_object(w);
    json_member_str(w, "type", STR("object"));
    json_name(w, STR("properties"));
    json_begin_object(w);
    for (size_t i = 0; i < ARRAY_LEN(members); i++) {
        json_name(w, str_from_z(members[i].name));
        json_begin_object(w);
        json_member_str(w, "type", str_from_z(members[i].type));
        json_member_str(w, "description", str_from_z(members[i].help));
        json_end_object(w);
    }
    json_end_object(w);
    json_name(w, STR("required"));
    json_begin_array(w);
    json_put_str(w, STR("error"));
    json_put_str(w, STR("message"));
    json_end_array(w);
    json_end_object(w);
}

static void put_components(struct json_writer *w)
{
    json_name(w, STR("components"));
    json_begin_object(w);
    json_name(w, STR("schemas"));
    json_begin_object(w);
    put_error_schema(w);
    json_end_object(w);
    json_name(w, STR("securitySchemes"));
    json_begin_object(w);
    json_name(w, STR("bearer"));
    json_begin_object(w);
    json_member_str(w, "type", STR("http"));
    json_member_str(w, "scheme", STR("bearer"));
    json_end_object(w);
    json_end_object(w);
    json_end_object(w);
}

/* ---- one operation ---- */

/* Canonical names of the parameters in the path. */
static struct strs path_names(struct openapi *o, const struct operation *op, struct str path)
{
    struct strs out = {arena_array_of(o->arena, 16, struct str), 0};

    while (str_present(path)) {
        struct str part = str_cut(&path, '/');
        const struct field *f;

        if (!str_starts(part, STR("{")) || out.len == 16 || !op->params)
            continue;
        f = field_find_spelling(op->params, str_slice(part, 1, part.len - 1));
        if (f)
            out.items[out.len++] = str_from_z(f->name);
    }
    return out;
}

static void put_parameter(struct openapi *o, const struct field *f, struct str name,
                          const char *where, bool required)
{
    json_begin_object(o->w);
    json_member_str(o->w, "name", name);
    json_member_str(o->w, "in", str_from_z(where));
    json_member_bool(o->w, "required", required);
    json_member_str(o->w, "description", str_from_z(f->help));
    json_name(o->w, STR("schema"));
    schema_value(o->w, f, SCHEMA_REQUEST);
    json_end_object(o->w);
}

static void put_path_parameters(struct openapi *o, const struct operation *op, struct str path)
{
    while (str_present(path)) {
        struct str part = str_cut(&path, '/');

        if (!str_starts(part, STR("{")) || !op->params)
            continue;
        part = str_slice(part, 1, part.len - 1);
        if (field_find_spelling(op->params, part))
            put_parameter(o, field_find_spelling(op->params, part), part, "path", true);
    }
}

static bool takes_body(const struct operation_route *r)
{
    return strcmp(r->method, "GET") != 0 && strcmp(r->method, "DELETE") != 0;
}

static void put_parameters(struct openapi *o, const struct operation *op,
                           const struct operation_route *r, struct strs in_path)
{
    json_name(o->w, STR("parameters"));
    json_begin_array(o->w);
    put_path_parameters(o, op, str_from_z(r->path));
    for (const struct field *f = op->params; f && f->name && !takes_body(r); f++)
        if (!(f->flags & (FIELD_INTERNAL | FIELD_READONLY)) &&
            !strs_have(in_path, str_from_z(f->name)))
            put_parameter(o, f, str_from_z(f->name), "query", (f->flags & FIELD_REQUIRED) != 0);
    json_end_array(o->w);
}

static void put_json_content(struct openapi *o, const struct schema_table *table)
{
    json_name(o->w, STR("content"));
    json_begin_object(o->w);
    json_name(o->w, STR("application/json"));
    json_begin_object(o->w);
    json_name(o->w, STR("schema"));
    if (table) {
        schema_object(o->w, table);
    } else {
        json_begin_object(o->w);
        json_member_str(o->w, "$ref", STR("#/components/schemas/Error"));
        json_end_object(o->w);
    }
    json_end_object(o->w);
    json_end_object(o->w);
}

static void put_body(struct openapi *o, const struct operation *op, struct strs in_path)
{
    struct schema_table table = {.fields = op->params,
                                 .side = SCHEMA_REQUEST,
                                 .leave_out = in_path,
                                 .also_required = op->api_required};

    json_name(o->w, STR("requestBody"));
    json_begin_object(o->w);
    put_json_content(o, &table);
    json_end_object(o->w);
}

static void put_responses(struct openapi *o, const struct operation *op)
{
    struct schema_table table = {.fields = op->reply, .side = SCHEMA_ANSWER};

    json_name(o->w, STR("responses"));
    json_begin_object(o->w);
    json_name(o->w, arena_strf(o->arena, "%d", op->success_status ? op->success_status : 200));
    json_begin_object(o->w);
    json_member_str(o->w, "description", str_from_z(op->summary));
    put_json_content(o, &table);
    json_end_object(o->w);
    json_name(o->w, STR("default"));
    json_begin_object(o->w);
    json_member_str(o->w, "description", STR("A refusal."));
    put_json_content(o, NULL);
    json_end_object(o->w);
    json_end_object(o->w);
}

static struct str description(struct openapi *o, const struct operation *op)
{
    struct buf out = buf_new(o->arena, 2048);

    buf_addf(&out, "Needs the permission %s. By name:", op->permission);
    for (size_t n = 0; n < OPERATION_NAMES_MAX && op->names[n]; n++)
        buf_addf(&out, "%s %s", n ? "," : "", op->names[n]);
    buf_add_char(&out, '.');
    return buf_str(&out);
}

static void put_functions(struct openapi *o, const struct operation *op)
{
    json_name(o->w, STR("tags"));
    json_begin_array(o->w);
    for (unsigned bit = 1; bit <= FUNCTION_QUERY; bit <<= 1)
        if (op->functions & bit)
            json_put_str(o->w, function_name_of((enum function)bit));
    json_end_array(o->w);
}

static void put_operation(struct openapi *o, const struct operation *op, size_t n)
{
    const struct operation_route *r = &op->routes[n];
    struct strs in_path = path_names(o, op, str_from_z(r->path));
    struct str name = str_from_z(op->names[0]);

    json_name(o->w, arena_str_lower(o->arena, str_from_z(r->method)));
    json_begin_object(o->w);
    json_member_str(o->w, "operationId",
                    n ? arena_strf(o->arena, STR_FMT "_%zu", STR_ARG(name), n + 1) : name);
    json_member_str(o->w, "summary", str_from_z(op->summary));
    json_member_str(o->w, "description", description(o, op));
    put_functions(o, op);
    put_parameters(o, op, r, in_path);
    if (takes_body(r) && op->params)
        put_body(o, op, in_path);
    put_responses(o, op);
    json_end_object(o->w);
}

/* ---- paths ---- */

/* Whether an earlier route has that path already (its other methods went with it). */
static bool seen_before(const struct operation_set *set, size_t row, size_t route)
{
    const char *path = set->rows[row]->routes[route].path;

    for (size_t i = 0; i <= row; i++)
        for (size_t n = 0; n < OPERATION_ROUTES_MAX && set->rows[i]->routes[n].method; n++) {
            if (i == row && n == route)
                return false;
            if (strcmp(set->rows[i]->routes[n].path, path) == 0)
                return true;
        }
    return false;
}

static void put_path(struct openapi *o, const char *path)
{
    json_name(o->w, str_from_z(path));
    json_begin_object(o->w);
    for (size_t i = 0; i < o->set->len; i++) {
        const struct operation *op = o->set->rows[i];

        for (size_t n = 0; n < OPERATION_ROUTES_MAX && op->routes[n].method; n++)
            if (strcmp(op->routes[n].path, path) == 0)
                put_operation(o, op, n);
    }
    json_end_object(o->w);
}

struct str openapi_of(const struct operation_set *set, struct arena *a)
{
    struct buf out = buf_new(a, SIZE_MAX / 4);
    struct json_writer w = json_writer_to(&out);
    struct openapi o = {a, &w, set};

    json_begin_object(&w);
    put_info(&w);
    json_name(&w, STR("security"));
    json_begin_array(&w);
    json_begin_object(&w);
    json_name(&w, STR("bearer"));
    json_begin_array(&w);
    json_end_array(&w);
    json_end_object(&w);
    json_end_array(&w);
    json_name(&w, STR("paths"));
    json_begin_object(&w);
    for (size_t i = 0; i < set->len; i++)
        for (size_t n = 0; n < OPERATION_ROUTES_MAX && set->rows[i]->routes[n].method; n++)
            if (!seen_before(set, i, n))
                put_path(&o, set->rows[i]->routes[n].path);
    json_end_object(&w);
    put_components(&w);
    json_end_object(&w);
    return buf_str(&out);
}

struct str openapi_text(struct arena *a)
{
    return openapi_of(operations_all(), a);
}
