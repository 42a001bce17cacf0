#include "sim/route.h"
#include "base/encode.h"
#include "sim/form.h"

static const struct op_table *const tables[] = {
    &sim_drs_ops, &sim_drs_config_ops, &sim_ec2_ops, &sim_ec2_write_ops, &sim_sts_ops, &sim_iam_ops,
};

static const struct {
    const char *service;
    enum protocol protocol;
    const char *version; /* of the query protocols */
} services[] = {
    {"drs", P_REST, NULL},
    {"ec2", P_EC2, "2016-11-15"},
    {"sts", P_QUERY, "2011-06-15"},
    {"iam", P_QUERY, "2010-05-08"},
};

static bool set_service(struct ctx *c, struct str name)
{
    for (size_t i = 0; i < ARRAY_LEN(services); i++) {
        if (!str_eq_z(name, services[i].service))
            continue;
        c->service = str_from_z(services[i].service);
        c->protocol = services[i].protocol;
        return true;
    }
    return false;
}

/* The form of a query request: the body, or the query string of a GET. */
static const struct json *form_of(struct ctx *c)
{
    const struct http_request *r = c->request;

    return form_parse(c->a, str_eq_z(r->method, "GET") ? r->query : r->body);
}

static void guess_service(struct ctx *c)
{
    const struct json *form = form_of(c);
    struct str version = form ? text_of(form, "Version") : (struct str){0};

    c->service = STR("drs");
    for (size_t i = 0; i < ARRAY_LEN(services); i++)
        if (services[i].version && str_eq_z(version, services[i].version))
            set_service(c, str_from_z(services[i].service));
}

/* "/" and the name, or "/tags/" and one encoded ARN. */
static bool path_is(struct ctx *c, const struct op *op)
{
    struct str path = c->request->path;
    struct str head = op->path ? str_from_z(op->path) : STR("");

    if (!op->path)
        return path.len > 1 && path.ptr[0] == '/' &&
               str_eq_z(str_slice(path, 1, path.len), op->name);
    if (!(op->flags & OP_ANY_PATH))
        return str_eq(path, head);
    if (!str_starts(path, head) || path.len == head.len)
        return false;
    return uri_decode(c->a, str_slice(path, head.len, path.len), false, &c->path_tail);
}

static bool op_is(struct ctx *c, const struct op *op, struct str action)
{
    if (!str_eq_z(c->service, op->service))
        return false;
    if (c->protocol != P_REST)
        return str_eq_z(action, op->name);
    return str_eq_z(c->request->method, op->method ? op->method : "POST") && path_is(c, op);
}

static const struct op *find_op(struct ctx *c, struct str action)
{
    for (size_t t = 0; t < ARRAY_LEN(tables); t++)
        for (size_t i = 0; i < tables[t]->len; i++)
            if (op_is(c, &tables[t]->rows[i], action))
                return &tables[t]->rows[i];
    return NULL;
}

void route_each(void (*fn)(void *arg, const struct op *op), void *arg)
{
    for (size_t t = 0; t < ARRAY_LEN(tables); t++)
        for (size_t i = 0; i < tables[t]->len; i++)
            fn(arg, &tables[t]->rows[i]);
}

static void refuse_unknown(struct ctx *c, struct str action)
{
    if (c->protocol == P_REST)
        refuse(c, 404, "UnknownOperationException",
               "drwave-sim does not model " STR_FMT " " STR_FMT, STR_ARG(c->request->method),
               STR_ARG(c->request->path));
    else
        refuse(c, 400, "InvalidAction",
               "The action " STR_FMT " is not valid for this endpoint (drwave-sim does not model "
               "it).",
               STR_ARG(action));
}

/* A request of another version of the service means something that is not modelled. */
static bool version_fits(const struct ctx *c)
{
    struct str version = c->protocol == P_REST ? (struct str){0} : in_str(c, "Version");

    for (size_t i = 0; i < ARRAY_LEN(services); i++)
        if (str_present(version) && str_eq_z(c->service, services[i].service))
            return str_eq_z(version, services[i].version);
    return true;
}

void route(struct ctx *c, struct str scope_service, struct str scope_region)
{
    struct str type = headers_get(&c->request->headers, STR("content-type"));
    struct str action = {0};

    c->region = scope_region;
    if (str_empty(scope_region))
        c->region = str_empty(c->sim->home_region) ? STR("us-east-1") : c->sim->home_region;
    if (str_empty(scope_service)) {
        guess_service(c);
    } else if (!set_service(c, scope_service)) {
        c->service = scope_service;
        c->protocol = str_starts(type, STR("application/x-www-form")) ? P_QUERY : P_REST;
        refuse_unknown(c, scope_service);
        return;
    }
    if (c->protocol != P_REST) {
        c->in = form_of(c);
        action = in_str(c, "Action");
    }
    if (version_fits(c))
        c->op = find_op(c, action);
    if (!c->op)
        refuse_unknown(c, action);
}

static void refuse_serialization(struct ctx *c, struct str message)
{
    refuse(c, 400, "SerializationException", STR_FMT, STR_ARG(message));
    c->refusal.serialization = true;
}

/* The query of a rest-json request whose members travel there: tagKeys=a&tagKeys=b, maxResults. */
static const struct json *query_members(struct ctx *c)
{
    struct json *out = arena_new_of(c->a, struct json);
    struct json *keys = NULL;
    struct str rest = c->request->query;

    *out = (struct json){.kind = JS_OBJECT};
    out->members = arena_array_of(c->a, rest.len + 1, struct json_member);
    while (!str_empty(rest)) {
        struct str pair = str_cut(&rest, '&');
        struct str name, value;

        if (!uri_decode(c->a, str_cut(&pair, '='), true, &name) ||
            !uri_decode(c->a, str_present(pair) ? pair : STR(""), true, &value))
            return NULL;
        if (!str_eq_z(name, "tagKeys")) {
            out->members[out->len].name = name;
            out->members[out->len++].value = (struct json){.kind = JS_STR, .string = value};
            continue;
        }
        if (!keys) {
            out->members[out->len].name = name;
            keys = &out->members[out->len++].value;
            *keys = (struct json){.kind = JS_ARRAY};
            keys->items = arena_array_of(c->a, c->request->query.len, struct json);
        }
        keys->items[keys->len++] = (struct json){.kind = JS_STR, .string = value};
    }
    return out;
}

static bool parse_rest(struct ctx *c)
{
    static const struct json empty = {.kind = JS_OBJECT};
    const struct json *body = &empty;
    struct str why = {0};

    if (!str_empty(c->request->query) || str_eq_z(c->request->method, "GET")) {
        c->in = query_members(c);
        if (!c->in)
            refuse_serialization(c, STR("Malformed query string"));
        return c->in != NULL;
    }
    if (!str_empty(c->request->body) && json_parse(c->a, c->request->body, &body, &why)) {
        refuse_serialization(c, why);
        return false;
    }
    if (body->kind != JS_OBJECT) {
        refuse_serialization(c, STR("Start of structure or map found where not expected."));
        return false;
    }
    c->in = body;
    return true;
}

static void refuse_member(struct ctx *c, const struct member_fault *f)
{
    if (c->protocol == P_EC2) {
        refuse(c, 400,
               f->unknown   ? "UnknownParameter"
               : f->missing ? "MissingParameter"
                            : "InvalidParameterValue",
               "The parameter " STR_FMT ": " STR_FMT, STR_ARG(f->path), STR_ARG(f->message));
        return;
    }
    if (c->protocol == P_QUERY) {
        refuse(c, 400, "ValidationError", "1 validation error detected: '" STR_FMT "': " STR_FMT,
               STR_ARG(f->path), STR_ARG(f->message));
        return;
    }
    if (f->type) {
        refuse_serialization(c, f->message);
        return;
    }
    refuse_field(c, f->path,
                 "1 validation error detected: Value at '" STR_FMT
                 "' failed to satisfy constraint: " STR_FMT,
                 STR_ARG(f->path), STR_ARG(f->message));
}

/* Action and Version belong to every query request. */
static const struct json *without_envelope(struct ctx *c)
{
    struct json *out = arena_new_of(c->a, struct json);

    *out = (struct json){.kind = JS_OBJECT};
    out->members = arena_array_of(c->a, c->in->len + 1, struct json_member);
    for (size_t i = 0; i < c->in->len; i++) {
        struct str name = c->in->members[i].name;

        if (!str_eq_z(name, "Action") && !str_eq_z(name, "Version"))
            out->members[out->len++] = c->in->members[i];
    }
    return out;
}

bool route_decode(struct ctx *c)
{
    unsigned rules =
        (c->protocol == P_REST ? 0 : MEMBERS_TEXT) | (c->sim->knobs.any_ids ? MEMBERS_ANY_IDS : 0);
    struct member_fault fault;

    if (c->protocol == P_REST && !parse_rest(c))
        return false;
    if (!c->in) {
        refuse(c, 400, "MalformedQueryString", "The query string contains a syntax error");
        return false;
    }
    if (c->protocol != P_REST)
        c->in = without_envelope(c);
    if (members_check(c->a, c->op->members, c->in, rules, &fault))
        return true;
    refuse_member(c, &fault);
    return false;
}
