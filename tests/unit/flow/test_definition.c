#include "tests/unit/flow/texts.h"

#include "flow/flow.h"

/* What a definition may be, and that everything else is refused when it is parsed. */

static enum fault parse(struct str text, struct str *why)
{
    struct flow_definition d;

    *why = (struct str){0};
    return flow_definition_parse(arena, text, &d, why);
}

struct refusal_case {
    const char *title;
    const char *state; /* the state A, alone */
};

#define TASK   "\"Type\":\"Task\",\"Resource\":\"f\",\"Next\":\"A\""
#define CHOICE "\"Type\":\"Choice\",\"Choices\":"

static const struct refusal_case refused[] = {
    {"a type that it does not have", "{\"Type\":\"Map\"}"},
    {"no type", "{}"},
    {"a field that the type does not have", "{\"Type\":\"Succeed\",\"OutputPath\":\"$\"}"},
    {"a state that is no object", "[]"},
    {"a next state that is not there", "{\"Type\":\"Task\",\"Resource\":\"f\",\"Next\":\"X\"}"},
    {"a task without a resource", "{\"Type\":\"Task\",\"Next\":\"A\"}"},
    {"a task whose resource is empty", "{\"Type\":\"Task\",\"Resource\":\"\",\"Next\":\"A\"}"},
    {"a task without a next state", "{\"Type\":\"Task\",\"Resource\":\"f\"}"},
    {"a parameter by an intrinsic function",
     "{" TASK ",\"Parameters\":{\"x.$\":\"States.UUID()\"}}"},
    {"the same deeper down", "{" TASK ",\"Parameters\":{\"y\":[1,{\"x.$\":\"States.UUID()\"}]}}"},
    {"a result path that is none", "{" TASK ",\"ResultPath\":\"x\"}"},
    {"a result path that is a number", "{" TASK ",\"ResultPath\":1}"},
    {"a result path into a list", "{" TASK ",\"ResultPath\":\"$.a[0]\"}"},
    {"a result path into the context", "{" TASK ",\"ResultPath\":\"$$.a\"}"},
    {"retries that are no list", "{" TASK ",\"Retry\":{}}"},
    {"a retry of no errors", "{" TASK ",\"Retry\":[{}]}"},
    {"a retry of an empty list of errors", "{" TASK ",\"Retry\":[{\"ErrorEquals\":[]}]}"},
    {"a retry of an error that is no text", "{" TASK ",\"Retry\":[{\"ErrorEquals\":[1]}]}"},
    {"catches that are no list", "{" TASK ",\"Catch\":{}}"},
    {"a catch of no errors", "{" TASK ",\"Catch\":[{\"Next\":\"A\"}]}"},
    {"a catch that leads nowhere", "{" TASK ",\"Catch\":[{\"ErrorEquals\":[\"E\"]}]}"},
    {"a catch that leads to a state that is not there",
     "{" TASK ",\"Catch\":[{\"ErrorEquals\":[\"E\"],\"Next\":\"X\"}]}"},
    {"a catch whose result path is none",
     "{" TASK ",\"Catch\":[{\"ErrorEquals\":[\"E\"],\"Next\":\"A\",\"ResultPath\":\"x\"}]}"},
    {"a wait of no time", "{\"Type\":\"Wait\",\"Next\":\"A\"}"},
    {"a wait of less than no time", "{\"Type\":\"Wait\",\"Seconds\":-1,\"Next\":\"A\"}"},
    {"a wait by a path that is none",
     "{\"Type\":\"Wait\",\"SecondsPath\":\"$..x\",\"Next\":\"A\"}"},
    {"a wait without a next state", "{\"Type\":\"Wait\",\"Seconds\":1}"},
    {"a pass without a next state", "{\"Type\":\"Pass\"}"},
    {"a pass with a parameter that is no path",
     "{\"Type\":\"Pass\",\"Next\":\"A\",\"Parameters\":{\"x.$\":\"x\"}}"},
    {"a pass with a result path that is none",
     "{\"Type\":\"Pass\",\"Next\":\"A\",\"ResultPath\":\"x\"}"},
    {"a choice of nothing", "{" CHOICE "[]}"},
    {"choices that are no list", "{" CHOICE "{}}"},
    {"a choice that leads nowhere", "{" CHOICE "[{\"Variable\":\"$.x\",\"IsPresent\":true}]}"},
    {"a default that is not there",
     "{" CHOICE "[{\"Variable\":\"$.x\",\"IsPresent\":true,\"Next\":\"A\"}],\"Default\":\"X\"}"},
    {"a comparison that it does not have",
     "{" CHOICE "[{\"Variable\":\"$.x\",\"StringMatches\":\"a\",\"Next\":\"A\"}]}"},
    {"two comparisons in one rule",
     "{" CHOICE "[{\"Variable\":\"$.x\",\"StringEquals\":\"a\",\"IsPresent\":true,\"Next\":"
     "\"A\"}]}"},
    {"a comparison of no variable", "{" CHOICE "[{\"IsPresent\":true,\"Next\":\"A\"}]}"},
    {"a comparison of nothing but a variable",
     "{" CHOICE "[{\"Variable\":\"$.x\",\"Variables\":1,\"Next\":\"A\"}]}"},
    {"a comparison of a variable that is no path",
     "{" CHOICE "[{\"Variable\":\"x\",\"IsPresent\":true,\"Next\":\"A\"}]}"},
    {"a text compared with a number",
     "{" CHOICE "[{\"Variable\":\"$.x\",\"StringEquals\":1,\"Next\":\"A\"}]}"},
    {"a number compared with a text",
     "{" CHOICE "[{\"Variable\":\"$.x\",\"NumericLessThan\":\"1\",\"Next\":\"A\"}]}"},
    {"a boolean compared with a text",
     "{" CHOICE "[{\"Variable\":\"$.x\",\"BooleanEquals\":\"true\",\"Next\":\"A\"}]}"},
    {"presence that is neither true nor false",
     "{" CHOICE "[{\"Variable\":\"$.x\",\"IsPresent\":1,\"Next\":\"A\"}]}"},
    {"an And of no list", "{" CHOICE "[{\"And\":{},\"Next\":\"A\"}]}"},
    {"an And of nothing", "{" CHOICE "[{\"And\":[],\"Next\":\"A\"}]}"},
    {"an And of what is no rule", "{" CHOICE "[{\"And\":[1],\"Next\":\"A\"}]}"},
    {"an And with a comparison beside it",
     "{" CHOICE "[{\"And\":[{\"Variable\":\"$.x\",\"IsPresent\":true}],\"IsPresent\":true,\"Next\":"
     "\"A\"}]}"},
    {"an Or of nothing", "{" CHOICE "[{\"Or\":[],\"Next\":\"A\"}]}"},
    {"an Or with a comparison beside it",
     "{" CHOICE "[{\"Or\":[{\"Variable\":\"$.x\",\"IsPresent\":true}],\"IsPresent\":true,\"Next\":"
     "\"A\"}]}"},
    {"a Not of what is no rule", "{" CHOICE "[{\"Not\":true,\"Next\":\"A\"}]}"},
    {"a Not with a comparison beside it",
     "{" CHOICE "[{\"Not\":{\"Variable\":\"$.x\",\"IsPresent\":true},\"IsPresent\":true,\"Next\":"
     "\"A\"}]}"},
};

static void what_the_interpreter_does_not_have_is_refused(void **state)
{
    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(refused); i++) {
        struct str why;

        print_message("# %s\n", refused[i].title);
        assert_int_equal(
            parse(arena_strf(arena, "{\"StartAt\":\"A\",\"States\":{\"A\":%s}}", refused[i].state),
                  &why),
            FAULT_INVALID_PARAMETER);
        assert_str(why, "state 'A' is not one that this interpreter has");
    }
}

static void a_definition_that_starts_nowhere_is_refused(void **state)
{
    static const char *const bad[] = {
        "{}",
        "{\"StartAt\":\"A\"}",
        "{\"StartAt\":\"A\",\"States\":[]}",
        "{\"States\":{\"A\":{\"Type\":\"Succeed\"}}}",
        "{\"StartAt\":\"B\",\"States\":{\"A\":{\"Type\":\"Succeed\"}}}",
    };
    struct str why;

    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(bad); i++) {
        assert_int_equal(parse(str_from_z(bad[i]), &why), FAULT_INVALID_PARAMETER);
        assert_str(why, "a definition has States, and StartAt names one");
    }
    assert_int_equal(parse(STR("not json"), &why), FAULT_INVALID_PARAMETER);
    assert_true(why.len > 0);
}

/* What looks like a state's name inside of data is data. */
static void what_it_has_is_taken(void **state)
{
    static const char *const good[] = {
        "{\"Type\":\"Succeed\",\"Comment\":\"c\"}",
        "{\"Type\":\"Fail\"}",
        "{" TASK ",\"ResultPath\":null,\"Parameters\":{\"Next\":\"data\",\"a.$\":\"$$.State.Name\"}"
        "}",
        "{\"Type\":\"Pass\",\"Next\":\"A\",\"Result\":{\"Next\":\"data\"}}",
        "{\"Type\":\"Wait\",\"Seconds\":0,\"Next\":\"A\"}",
        "{" CHOICE "[{\"Not\":{\"Or\":[{\"And\":[{\"Variable\":\"$\",\"IsPresent\":true}]}]},"
        "\"Next\":\"A\"}],\"Default\":\"A\"}",
    };
    struct str why;

    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(good); i++) {
        struct str text = arena_strf(arena, "{\"StartAt\":\"A\",\"States\":{\"A\":%s}}", good[i]);

        if (parse(text, &why))
            fail_msg(STR_FMT ": " STR_FMT, STR_ARG(text), STR_ARG(why));
    }
}

static void our_own_definitions_are_good(void **state)
{
    struct str why;

    (void)state;
    assert_int_equal(parse(flow_definition_text(FLOW_KIND_RECOVERY), &why), FAULT_NONE);
    assert_int_equal(parse(flow_definition_text(FLOW_KIND_TERMINATE), &why), FAULT_NONE);
    assert_str(flow_instance_id(arena, FLOW_KIND_RECOVERY, STR("exec-1"), 2), "exec-1#2");
    assert_str(flow_instance_id(arena, FLOW_KIND_TERMINATE, STR("exec-1"), 2),
               "exec-1#terminate#2");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_the_interpreter_does_not_have_is_refused),
        cmocka_unit_test(a_definition_that_starts_nowhere_is_refused),
        cmocka_unit_test(what_it_has_is_taken),
        cmocka_unit_test(our_own_definitions_are_good),
    };

    return cmocka_run_group_tests(tests, make_arena, free_arena);
}
