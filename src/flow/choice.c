#include "flow/step.h"

/* Choice rules. Every comparison has one row; a rule with another operator is refused at parsing.
 */

struct comparison {
    const char *name;
    bool (*takes)(const struct json *operand);
    bool (*holds)(const struct json *value, const struct json *operand);
};

static bool is_text(const struct json *v)
{
    return json_is(v, JS_STR);
}

static bool is_truth(const struct json *v)
{
    return json_is(v, JS_BOOL);
}

static bool is_number(const struct json *v)
{
    return json_is(v, JS_INT) || json_is(v, JS_REAL);
}

static bool string_equals(const struct json *v, const struct json *operand)
{
    return is_text(v) && str_eq(v->string, operand->string);
}

static bool boolean_equals(const struct json *v, const struct json *operand)
{
    return is_truth(v) && v->boolean == operand->boolean;
}

static bool numeric_equals(const struct json *v, const struct json *operand)
{
    double x = json_number(v, 0);
    double y = json_number(operand, 0);

    return is_number(v) && x >= y && x <= y;
}

static bool numeric_greater_equals(const struct json *v, const struct json *operand)
{
    return is_number(v) && json_number(v, 0) >= json_number(operand, 0);
}

static bool numeric_less(const struct json *v, const struct json *operand)
{
    return is_number(v) && json_number(v, 0) < json_number(operand, 0);
}

static bool is_present(const struct json *v, const struct json *operand)
{
    return (v != NULL) == operand->boolean;
}

static const struct comparison comparisons[] = {
    {"StringEquals", is_text, string_equals},
    {"BooleanEquals", is_truth, boolean_equals},
    {"NumericEquals", is_number, numeric_equals},
    {"NumericGreaterThanEquals", is_number, numeric_greater_equals},
    {"NumericLessThan", is_number, numeric_less},
    {"IsPresent", is_truth, is_present},
};

/* NULL: none, or with an operand that it does not take. */
static const struct comparison *comparison_of(const struct json *rule, const struct json **operand)
{
    for (size_t i = 0; i < ARRAY_LEN(comparisons); i++) {
        *operand = json_get_z(rule, comparisons[i].name);
        if (*operand)
            return comparisons[i].takes(*operand) ? &comparisons[i] : NULL;
    }
    return NULL;
}

static bool rule_holds(const struct json *rule, const struct flow_scope *s);

/* And, Or: as deep as the parser let the definition be. */
static bool all_or_any(const struct json *rules, bool all, const struct flow_scope *s)
{
    for (size_t i = 0; i < rules->len; i++)
        if (rule_holds(&rules->items[i], s) != all)
            return !all;
    return all;
}

static bool rule_holds(const struct json *rule, const struct flow_scope *s)
{
    const struct json *operand = NULL;
    const struct comparison *c;

    if (json_get_z(rule, "Not"))
        return !rule_holds(json_get_z(rule, "Not"), s);
    if (json_get_z(rule, "And"))
        return all_or_any(json_get_z(rule, "And"), true, s);
    if (json_get_z(rule, "Or"))
        return all_or_any(json_get_z(rule, "Or"), false, s);
    c = comparison_of(rule, &operand);
    return c && c->holds(flow_path_get(s, json_str(json_get_z(rule, "Variable"))), operand);
}

static bool rules_ok(const struct json *rules)
{
    if (!json_is(rules, JS_ARRAY) || rules->len == 0)
        return false;
    for (size_t i = 0; i < rules->len; i++)
        if (!flow_choice_rule_ok(&rules->items[i]))
            return false;
    return true;
}

bool flow_choice_rule_ok(const struct json *rule)
{
    const struct json *operand;
    size_t extra = json_get_z(rule, "Next") ? 1 : 0;

    if (!json_is(rule, JS_OBJECT))
        return false;
    if (json_get_z(rule, "Not"))
        return rule->len == 1 + extra && flow_choice_rule_ok(json_get_z(rule, "Not"));
    if (json_get_z(rule, "And"))
        return rule->len == 1 + extra && rules_ok(json_get_z(rule, "And"));
    if (json_get_z(rule, "Or"))
        return rule->len == 1 + extra && rules_ok(json_get_z(rule, "Or"));
    return rule->len == 2 + extra && comparison_of(rule, &operand) &&
           flow_path_ok(json_str(json_get_z(rule, "Variable")));
}

struct str flow_choose(const struct json *state, const struct flow_scope *s)
{
    const struct json *choices = json_get_z(state, "Choices");

    for (size_t i = 0; i < choices->len; i++)
        if (rule_holds(&choices->items[i], s))
            return json_str(json_get_z(&choices->items[i], "Next"));
    return json_str(json_get_z(state, "Default"));
}
