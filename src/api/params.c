/*
 * Parameters: gathered from the call's containers in the order of the contract into one object,
 * which the field table then decodes. Stages: shape, missing, values.
 */
#include "api/envelope.h"
#include "api/turn.h"
#include "base/panic.h"

enum { PARAMS_MAX = 96, CLIENT_TOKEN_MAX = 128 };

static const char *const container_names[CONTAINER_COUNT] = {"body", "parameters", "query", "path",
                                                             "event"};

struct gathering {
    struct turn *turn;
    const struct field *table;
    struct json *merged;
    size_t room;
    enum container at;
    signed char taken[PARAMS_MAX]; /* by field: 1 + the container that has it; 0: none */
};

static size_t members_of_all(const struct call *call)
{
    size_t n = 0;

    for (size_t i = 0; i < CONTAINER_COUNT; i++)
        n += call->in[i] ? call->in[i]->len : 0;
    return n;
}

/* "a, b" as a list of texts; false when it has more of them than a request may hold values. */
static bool split_list(struct arena *a, struct str text, struct json *out)
{
    struct str rest = text;
    size_t n = 1;

    for (size_t i = 0; i < text.len; i++)
        n += text.ptr[i] == ',';
    if (n > JSON_VALUES_MAX)
        return false;
    *out = (struct json){.kind = JS_ARRAY, .items = arena_array_of(a, n, struct json)};
    while (str_present(rest))
        out->items[out->len++] =
            (struct json){.kind = JS_STR, .string = str_trim(str_cut(&rest, ','))};
    return true;
}

/* Text of a query container as the kind of value that the field wants; as it is if it does not
 * fit, so that the decoder says what is wrong. */
static struct json typed(struct arena *a, const struct field *f, const struct json *v)
{
    struct json out = *v;
    const struct json *parsed;
    struct str why;

    if (v->kind != JS_STR)
        return out;
    if (f->kind == FIELD_INT || f->kind == FIELD_TIME) {
        out.kind = str_to_i64(v->string, &out.integer) ? JS_INT : JS_STR;
    } else if (f->kind == FIELD_BOOL) {
        out.kind = str_to_bool(v->string, &out.boolean) ? JS_BOOL : JS_STR;
    } else if (f->kind == FIELD_STRS && !str_starts(v->string, STR("["))) {
        if (!split_list(a, v->string, &out))
            return *v;
    } else if (f->kind != FIELD_STR && f->kind != FIELD_ENUM) {
        if (json_parse(a, v->string, &parsed, &why) == FAULT_NONE)
            out = *parsed;
    }
    return out;
}

static const struct json *already(const struct gathering *g, const struct field *f)
{
    for (size_t i = 0; i < g->merged->len; i++)
        if (field_find_spelling(g->table, g->merged->members[i].name) == f)
            return &g->merged->members[i].value;
    return NULL;
}

/* The path says which thing is meant; a body that names another is a mistake, not a preference. */
static void check_agreement(struct gathering *g, const struct field *f, struct str name,
                            const struct json *value)
{
    const struct json *before = already(g, f);
    size_t index = (size_t)(f - g->table);

    if (!before || json_eq(before, value))
        return;
    (void)faults_add(&g->turn->faults, FAULT_INVALID_PARAMETER, name,
                     "'" STR_FMT "' in the path and in the %s differ", STR_ARG(name),
                     container_names[g->taken[index] - 1]);
}

static void take_token(struct gathering *g, const struct json *value)
{
    struct turn *t = g->turn;

    if (value->kind == JS_NULL || str_present(t->client_token))
        return;
    if (value->kind != JS_STR || str_empty(value->string) || value->string.len > CLIENT_TOKEN_MAX)
        (void)faults_add(&t->faults, FAULT_INVALID_PARAMETER, STR("clientToken"),
                         "'clientToken' must be a string of 1 to %d bytes", CLIENT_TOKEN_MAX);
    else
        t->client_token = value->string;
}

static void refuse_unknown(struct gathering *g, struct str name)
{
    struct str nearest = field_nearest(g->table, name);

    if (g->turn->op->action ||
        (g->at == CONTAINER_EVENT && envelope_member(g->turn->call->in[CONTAINER_EVENT], name)))
        return;
    if (str_present(nearest))
        (void)faults_add(&g->turn->faults, FAULT_INVALID_PARAMETER, name,
                         "Unknown parameter '" STR_FMT "'; did you mean '" STR_FMT "'?",
                         STR_ARG(name), STR_ARG(nearest));
    else
        (void)faults_add(&g->turn->faults, FAULT_INVALID_PARAMETER, name,
                         "Unknown parameter '" STR_FMT "'", STR_ARG(name));
}

static void gather_member(struct gathering *g, const struct json_member *m)
{
    const struct field *f = field_find_spelling(g->table, m->name);
    bool as_text = g->at == CONTAINER_QUERY || g->at == CONTAINER_PATH;
    struct json value;
    size_t index;

    if (!f && str_eq(m->name, STR("clientToken")) && g->turn->op->run_write) {
        take_token(g, &m->value);
        return;
    }
    if (!f || (f->flags & FIELD_INTERNAL)) {
        refuse_unknown(g, m->name);
        return;
    }
    if (m->value.kind == JS_NULL)
        return;
    index = (size_t)(f - g->table);
    REQUIRE(index < PARAMS_MAX);
    value = as_text ? typed(g->turn->arena, f, &m->value) : m->value;
    if (g->taken[index] && g->taken[index] != (int)g->at + 1) {
        if (g->at == CONTAINER_PATH)
            check_agreement(g, f, m->name, &value);
        return;
    }
    g->taken[index] = (signed char)(g->at + 1);
    REQUIRE(g->merged->len < g->room);
    g->merged->members[g->merged->len++] = (struct json_member){m->name, value};
}

static void gather(struct gathering *g)
{
    const struct call *call = g->turn->call;

    g->room = members_of_all(call);
    g->merged = arena_new_of(g->turn->arena, struct json);
    g->merged->kind = JS_OBJECT;
    g->merged->members = arena_array_of(g->turn->arena, g->room + 1, struct json_member);
    for (int at = 0; at < CONTAINER_COUNT; at++) {
        const struct json *in = call->in[at];

        g->at = (enum container)at;
        for (size_t i = 0; in && i < in->len; i++)
            if (at != CONTAINER_EVENT || !envelope_hides(in, in->members[i].name))
                gather_member(g, &in->members[i]);
    }
}

/* ---- missing ---- */

static bool word_in(const char *words, const char *word)
{
    struct str rest = str_from_z(words);

    while (str_present(rest))
        if (str_eq_z(str_cut(&rest, ' '), word))
            return true;
    return false;
}

/* How the caller's dialect spells it: S0 says groupName, S1 says name. */
static struct str spelling_for(const struct turn *t, const struct field *f)
{
    return t->dialect == DIALECT_EVENT ? field_event_name(f) : str_from_z(f->name);
}

static bool is_required(const struct turn *t, const struct field *f)
{
    return (f->flags & FIELD_REQUIRED) ||
           (t->dialect == DIALECT_API && word_in(t->op->api_required, f->name));
}

/* Adds a fault for each; `companions`: those of event_required too. */
static size_t add_missing(struct gathering *g, bool companions)
{
    struct turn *t = g->turn;
    size_t n = 0;

    for (const struct field *f = g->table; f->name; f++) {
        bool named = is_required(t, f) || (companions && word_in(t->op->event_required, f->name));
        struct str name = spelling_for(t, f);

        if (!named || g->taken[f - g->table])
            continue;
        (void)faults_add(&t->faults, FAULT_MISSING_PARAMETER, name, "'" STR_FMT "' is required",
                         STR_ARG(name));
        n++;
    }
    return n;
}

/* Those of inner objects: the decoder has found them; its top-level ones are counted above. */
static size_t add_missing_inside(struct turn *t, const struct faults *found)
{
    size_t n = 0;

    for (size_t i = 0; i < found->len; i++) {
        const struct fault_item *item = &found->items[i];

        if (item->fault != FAULT_MISSING_PARAMETER || str_find(item->field, '.') < 0)
            continue;
        (void)faults_add(&t->faults, item->fault, item->field, STR_FMT, STR_ARG(item->message));
        n++;
    }
    return n;
}

static enum fault stage_missing(struct gathering *g, const struct faults *found)
{
    struct turn *t = g->turn;
    size_t n = add_missing(g, false);

    if (n && t->dialect == DIALECT_EVENT && t->op->event_required) {
        faults_init(&t->faults, t->arena);
        n = add_missing(g, true);
    }
    n += add_missing_inside(t, found);
    return n ? FAULT_MISSING_PARAMETER : FAULT_NONE;
}

static enum fault stage_values(struct turn *t, const struct faults *found)
{
    for (size_t i = 0; i < found->len; i++)
        if (found->items[i].fault != FAULT_MISSING_PARAMETER)
            (void)faults_add(&t->faults, found->items[i].fault, found->items[i].field, STR_FMT,
                             STR_ARG(found->items[i].message));
    return faults_first(&t->faults);
}

/* What is unknown inside goes with what is unknown outside: the first stage. */
static void decode(struct gathering *g, struct faults *found)
{
    struct turn *t = g->turn;
    struct field_decoding d = {
        .arena = t->arena,
        .faults = found,
        .unknown = &t->faults,
        .ignore_unknown = t->op->action,
        .prefer_alias = t->dialect == DIALECT_EVENT,
        .conflicts = t->op->yields_to_stored ? &t->conflicts : NULL,
    };
    enum fault f;

    faults_init(found, t->arena);
    t->params = arena_alloc(t->arena, t->op->params_size ? t->op->params_size : 1);
    f = field_decode(&d, g->table, g->merged, t->params);
    REQUIRE(!f || found->len || t->faults.len); /* the stages go by what was found */
}

enum fault turn_decode(struct turn *t)
{
    struct gathering g = {.turn = t, .table = turn_params(t)};
    struct faults found;
    enum fault f;

    if (t->call->shape)
        return turn_fail(t, t->call->shape, STR_FMT, STR_ARG(t->call->shape_why));
    t->client_token = t->call->client_token;
    t->conflicts = NULL;
    gather(&g);
    decode(&g, &found);
    f = faults_first(&t->faults);
    if (!f)
        f = stage_missing(&g, &found);
    if (!f)
        f = stage_values(t, &found);
    return f;
}

void turn_decode_for_audit(struct turn *t)
{
    struct faults kept = t->faults;

    if (!t->params && t->op && !t->call->shape) {
        faults_init(&t->faults, t->arena);
        (void)turn_decode(t);
        t->faults = kept;
    }
}
