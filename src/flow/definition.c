#include "crypto/digest.h"
#include "flow/step.h"

/* Checks a definition once, so that the step function need not: afterwards every name resolves. */

struct state_kind {
    const char *type;
    const char *fields; /* what it may have beside Type and Comment */
    bool (*ok)(const struct json *state);
};

static bool name_ok(const struct json *v)
{
    return json_is(v, JS_STR) && v->string.len > 0;
}

static bool result_path_ok(const struct json *v)
{
    return !v || json_is(v, JS_NULL) || flow_result_path_ok(json_str(v));
}

static bool template_ok(const struct json *v)
{
    if (!v)
        return true;
    if (v->kind == JS_ARRAY)
        for (size_t i = 0; i < v->len; i++)
            if (!template_ok(&v->items[i]))
                return false;
    if (v->kind == JS_OBJECT)
        for (size_t i = 0; i < v->len; i++) {
            const struct json_member *m = &v->members[i];

            if (str_ends(m->name, STR(".$")) ? !flow_path_ok(json_str(&m->value))
                                             : !template_ok(&m->value))
                return false;
        }
    return true;
}

static bool errors_ok(const struct json *rule)
{
    const struct json *errors = json_get_z(rule, "ErrorEquals");

    if (!json_is(errors, JS_ARRAY) || errors->len == 0)
        return false;
    for (size_t i = 0; i < errors->len; i++)
        if (!name_ok(&errors->items[i]))
            return false;
    return true;
}

static bool retries_ok(const struct json *rules)
{
    if (rules && !json_is(rules, JS_ARRAY))
        return false;
    for (size_t i = 0; rules && i < rules->len; i++)
        if (!errors_ok(&rules->items[i]))
            return false;
    return true;
}

static bool catches_ok(const struct json *rules)
{
    if (rules && !json_is(rules, JS_ARRAY))
        return false;
    for (size_t i = 0; rules && i < rules->len; i++)
        if (!errors_ok(&rules->items[i]) || !name_ok(json_get_z(&rules->items[i], "Next")) ||
            !result_path_ok(json_get_z(&rules->items[i], "ResultPath")))
            return false;
    return true;
}

static bool task_ok(const struct json *s)
{
    return name_ok(json_get_z(s, "Resource")) && name_ok(json_get_z(s, "Next")) &&
           template_ok(json_get_z(s, "Parameters")) && retries_ok(json_get_z(s, "Retry")) &&
           catches_ok(json_get_z(s, "Catch")) && result_path_ok(json_get_z(s, "ResultPath"));
}

static bool choice_ok(const struct json *s)
{
    const struct json *choices = json_get_z(s, "Choices");

    if (!json_is(choices, JS_ARRAY) || choices->len == 0)
        return false;
    for (size_t i = 0; i < choices->len; i++)
        if (!name_ok(json_get_z(&choices->items[i], "Next")) ||
            !flow_choice_rule_ok(&choices->items[i]))
            return false;
    return true;
}

static bool wait_ok(const struct json *s)
{
    const struct json *path = json_get_z(s, "SecondsPath");

    return name_ok(json_get_z(s, "Next")) &&
           (path ? flow_path_ok(json_str(path)) : json_number(json_get_z(s, "Seconds"), -1) >= 0);
}

static bool pass_ok(const struct json *s)
{
    return name_ok(json_get_z(s, "Next")) && template_ok(json_get_z(s, "Parameters")) &&
           result_path_ok(json_get_z(s, "ResultPath"));
}

static bool end_ok(const struct json *s)
{
    (void)s;
    return true;
}

static const struct state_kind kinds[] = {
    {"Task", "Resource Parameters ResultPath Retry Catch TimeoutSeconds Next", task_ok},
    {"Choice", "Choices Default", choice_ok},
    {"Wait", "Seconds SecondsPath Next", wait_ok},
    {"Pass", "Result Parameters ResultPath Next", pass_ok},
    {"Succeed", "", end_ok},
    {"Fail", "Error Cause", end_ok},
};

static const struct state_kind *kind_of(const struct json *state)
{
    for (size_t i = 0; i < ARRAY_LEN(kinds); i++)
        if (str_eq_z(json_str(json_get_z(state, "Type")), kinds[i].type))
            return &kinds[i];
    return NULL;
}

static bool word_in(const char *words, struct str word)
{
    struct str rest = str_from_z(words);

    while (str_present(rest))
        if (str_eq(str_cut(&rest, ' '), word))
            return true;
    return false;
}

static bool fields_known(const struct state_kind *kind, const struct json *state)
{
    for (size_t i = 0; i < state->len; i++) {
        struct str name = state->members[i].name;

        if (!str_eq_z(name, "Type") && !str_eq_z(name, "Comment") && !word_in(kind->fields, name))
            return false;
    }
    return true;
}

/* Every Next and Default below `v`; as deep as the parser let the definition be. */
static bool targets_exist(const struct json *states, const struct json *v)
{
    if (v->kind == JS_ARRAY)
        for (size_t i = 0; i < v->len; i++)
            if (!targets_exist(states, &v->items[i]))
                return false;
    for (size_t i = 0; v->kind == JS_OBJECT && i < v->len; i++) {
        const struct json_member *m = &v->members[i];

        if (str_eq_z(m->name, "Parameters") || str_eq_z(m->name, "Result"))
            continue;
        if (str_eq_z(m->name, "Next") || str_eq_z(m->name, "Default")) {
            if (!json_get(states, json_str(&m->value)))
                return false;
        } else if (!targets_exist(states, &m->value)) {
            return false;
        }
    }
    return true;
}

static enum fault check_states(struct arena *a, const struct json *states, struct str *why)
{
    for (size_t i = 0; i < states->len; i++) {
        const struct json *state = &states->members[i].value;
        const struct state_kind *kind = kind_of(state);

        if (kind && fields_known(kind, state) && kind->ok(state) && targets_exist(states, state))
            continue;
        *why = arena_strf(a, "state '" STR_FMT "' is not one that this interpreter has",
                          STR_ARG(states->members[i].name));
        return FAULT_INVALID_PARAMETER;
    }
    return FAULT_NONE;
}

enum fault flow_definition_parse(struct arena *a, struct str text, struct flow_definition *out,
                                 struct str *why)
{
    const struct json *root;
    const struct json *states;
    enum fault f = json_parse(a, text, &root, why);

    if (f)
        return f;
    states = json_get_z(root, "States");
    if (!json_is(states, JS_OBJECT) || !json_get(states, json_str(json_get_z(root, "StartAt")))) {
        *why = STR("a definition has States, and StartAt names one");
        return FAULT_INVALID_PARAMETER;
    }
    f = check_states(a, states, why);
    if (f)
        return f;
    *out = (struct flow_definition){
        .hash = sha256_hex(a, sha256_of(text)), .text = text, .root = root};
    return FAULT_NONE;
}
