#include "tests/unit/flow/texts.h"

#include "flow/flow.h"

/* The interpreter as a pure function: definition, instance and event in, instance and effect out.
 */

static struct flow_definition definition_of(const char *states)
{
    struct flow_definition d = {0};
    struct str why = {0};
    struct str text = arena_strf(arena, "{\"StartAt\":\"A\",\"States\":{%s}}", states);

    if (flow_definition_parse(arena, text, &d, &why))
        fail_msg(STR_FMT, STR_ARG(why));
    return d;
}

struct stepped {
    struct flow_instance now;
    struct flow_effect effect;
    enum fault fault;
};

static struct stepped step(const struct flow_definition *d, const struct flow_instance *before,
                           struct flow_event event)
{
    struct stepped s = {.now = *before};
    struct flow_turn turn = {0};

    event.mono_ms = event.mono_ms ? event.mono_ms : 5000;
    event.wall_ms = 1000000;
    event.fresh_token = STR("token-1");
    s.fault = flow_step(arena, d, before, &event, &turn);
    if (!s.fault) {
        s.now = turn.now;
        s.effect = turn.effect;
    }
    return s;
}

static struct flow_instance instance(const char *data)
{
    return (struct flow_instance){.id = STR("exec-1#1"),
                                  .phase = FLOW_READY,
                                  .state = STR("A"),
                                  .data = json_of(data),
                                  .started_at = 1000};
}

static void assert_data(const struct stepped *s, const char *expected)
{
    assert_str(json_text(arena, s->now.data), expected);
}

#define TASK_TAIL "\"Resource\":\"f\",\"Next\":\"B\"},\"B\":{\"Type\":\"Succeed\"}"

static void a_task_is_called_with_its_parameters(void **state)
{
    struct flow_definition d = definition_of("\"A\":{\"Type\":\"Task\",\"Parameters\":{\"action\":"
                                             "\"x\",\"id.$\":\"$.a[1].b\",\"all.$\":\"$\","
                                             "\"name.$\":\"$$.State.Name\",\"list\":[{\"n.$\":\"$['"
                                             "k']\"}]},\"ResultPath\":\"$.out.deep\"," TASK_TAIL);
    struct flow_instance i = instance("{\"a\":[1,{\"b\":7}],\"k\":true}");
    struct stepped s = step(&d, &i, (struct flow_event){.kind = FLOW_GO});

    (void)state;
    assert_int_equal(s.effect.kind, FLOW_DO_CALL);
    assert_int_equal(s.now.phase, FLOW_CALLING);
    assert_str(s.effect.function, "f");
    assert_str(json_text(arena, s.effect.payload),
               "{\"action\":\"x\",\"id\":7,\"all\":{\"a\":[1,{\"b\":7}],\"k\":true},\"name\":\"A\","
               "\"list\":[{\"n\":true}]}");
    /* After a crash it is called again, with the same. */
    s = step(&d, &s.now, (struct flow_event){.kind = FLOW_GO});
    assert_int_equal(s.effect.kind, FLOW_DO_CALL);
    s = step(&d, &s.now, (struct flow_event){.kind = FLOW_RESULT, .value = json_of("[1]")});
    assert_int_equal(s.effect.kind, FLOW_DO_GO);
    assert_str(s.now.state, "B");
    assert_data(&s, "{\"a\":[1,{\"b\":7}],\"k\":true,\"out\":{\"deep\":[1]}}");
    s = step(&d, &s.now, (struct flow_event){.kind = FLOW_GO});
    assert_int_equal(s.effect.kind, FLOW_DO_END);
    assert_int_equal(s.now.phase, FLOW_ENDED);
    assert_false(s.now.failed);
}

static void result_paths(void **state)
{
    static const struct {
        const char *path;
        const char *expected;
    } cases[] = {
        {"\"$\"", "2"},
        {"null", "{\"a\":1}"},
        {"\"$.a\"", "{\"a\":2}"},
        {"\"$.b\"", "{\"a\":1,\"b\":2}"},
    };

    (void)state;
    for (size_t c = 0; c < ARRAY_LEN(cases); c++) {
        struct str text = arena_strf(arena, "\"A\":{\"Type\":\"Task\",\"ResultPath\":%s," TASK_TAIL,
                                     cases[c].path);
        struct flow_definition d = definition_of(text.ptr);
        struct flow_instance i = instance("{\"a\":1}");
        struct stepped s;

        i.phase = FLOW_CALLING;
        s = step(&d, &i, (struct flow_event){.kind = FLOW_RESULT, .value = json_of("2")});
        assert_data(&s, cases[c].expected);
    }
}

static void a_failed_task_is_tried_again_and_then_caught(void **state)
{
    struct flow_definition d = definition_of(
        "\"A\":{\"Type\":\"Task\",\"Retry\":[{\"ErrorEquals\":[\"Other\"]},{\"ErrorEquals\":"
        "[\"Transient\"],\"IntervalSeconds\":2,\"BackoffRate\":3,\"MaxDelaySeconds\":5,"
        "\"MaxAttempts\":2}],\"Catch\":[{\"ErrorEquals\":[\"Other\"],\"Next\":\"B\"},{"
        "\"ErrorEquals\":"
        "[\"States.ALL\"],\"ResultPath\":\"$.failure\",\"Next\":\"B\"}]," TASK_TAIL);
    static const int64_t delays[] = {2000, 5000};
    struct flow_event failure = {
        .kind = FLOW_ERROR, .error = STR("Transient"), .cause = STR("why")};
    struct stepped s = {.now = instance("{}")};

    (void)state;
    for (size_t n = 0; n < 2; n++) {
        s = step(&d, &s.now, (struct flow_event){.kind = FLOW_GO});
        s = step(&d, &s.now, failure);
        assert_int_equal(s.effect.kind, FLOW_DO_WAIT);
        assert_int_equal(s.now.phase, FLOW_WAITING);
        assert_int_equal(s.now.wait_ms, delays[n]);
        assert_int_equal(s.now.due_mono, 5000 + delays[n]);
        s = step(&d, &s.now, (struct flow_event){.kind = FLOW_TIMER});
        assert_int_equal(s.now.phase, FLOW_READY);
        assert_str(s.now.state, "A");
    }
    s = step(&d, &s.now, (struct flow_event){.kind = FLOW_GO});
    s = step(&d, &s.now, failure);
    assert_str(s.now.state, "B");
    assert_data(&s, "{\"failure\":{\"Error\":\"Transient\",\"Cause\":\"why\"}}");
    assert_null(s.now.retries);
}

static void an_error_that_nobody_catches_ends_it(void **state)
{
    struct flow_definition d = definition_of("\"A\":{\"Type\":\"Task\"," TASK_TAIL);
    struct flow_instance i = instance("{}");
    struct stepped s;

    (void)state;
    i.phase = FLOW_CALLING;
    s = step(&d, &i, (struct flow_event){.kind = FLOW_ERROR, .error = STR("E"), .cause = STR("c")});
    assert_int_equal(s.effect.kind, FLOW_DO_END);
    assert_true(s.now.failed);
    assert_str(s.now.error, "E");
}

static void a_token_is_waited_for(void **state)
{
    struct flow_definition d = definition_of(
        "\"A\":{\"Type\":\"Task\",\"TimeoutSeconds\":60,\"Parameters\":{\"FunctionName\":\"g\","
        "\"Payload\":{\"token.$\":\"$$.Task.Token\"}},\"ResultPath\":\"$.answer\","
        "\"Catch\":[{\"ErrorEquals\":[\"States.Timeout\"],\"Next\":\"B\"}],"
        "\"Resource\":\"arn:aws:states:::lambda:invoke.waitForTaskToken\",\"Next\":\"B\"},"
        "\"B\":{\"Type\":\"Succeed\"}");
    struct flow_instance i = instance("{}");
    struct stepped s = step(&d, &i, (struct flow_event){.kind = FLOW_GO});
    struct stepped held;

    (void)state;
    assert_str(s.effect.function, "g");
    assert_str(json_text(arena, s.effect.payload), "{\"token\":\"token-1\"}");
    held = step(&d, &s.now, (struct flow_event){.kind = FLOW_RESULT, .value = json_of("{}")});
    assert_int_equal(held.effect.kind, FLOW_DO_HOLD);
    assert_int_equal(held.now.phase, FLOW_HOLDING);
    assert_int_equal(held.now.due_mono, 65000);
    s = step(&d, &held.now,
             (struct flow_event){.kind = FLOW_TOKEN, .value = json_of("{\"ok\":1}")});
    assert_str(s.now.state, "B");
    assert_data(&s, "{\"answer\":{\"ok\":1}}");
    assert_false(str_present(s.now.token));
    s = step(&d, &held.now, (struct flow_event){.kind = FLOW_TIMER});
    assert_str(s.now.state, "B");
    assert_str(json_str(json_get_z(s.now.data, "Error")), "States.Timeout");
}

static void a_choice_takes_the_first_rule_that_holds(void **state)
{
    static const struct {
        const char *rule;
        const char *data;
        bool holds;
    } cases[] = {
        {"\"Variable\":\"$.x\",\"StringEquals\":\"a\"", "{\"x\":\"a\"}", true},
        {"\"Variable\":\"$.x\",\"StringEquals\":\"a\"", "{\"x\":1}", false},
        {"\"Variable\":\"$.x\",\"BooleanEquals\":true", "{\"x\":true}", true},
        {"\"Variable\":\"$.x\",\"BooleanEquals\":true", "{\"x\":false}", false},
        {"\"Variable\":\"$.x\",\"BooleanEquals\":false", "{}", false},
        {"\"Variable\":\"$.x\",\"NumericEquals\":2", "{\"x\":2.0}", true},
        {"\"Variable\":\"$.x\",\"NumericGreaterThanEquals\":2", "{\"x\":2}", true},
        {"\"Variable\":\"$.x\",\"NumericGreaterThanEquals\":2", "{\"x\":1}", false},
        {"\"Variable\":\"$.x\",\"NumericGreaterThanEquals\":2", "{\"x\":\"3\"}", false},
        {"\"Variable\":\"$.x\",\"NumericLessThan\":2", "{\"x\":1}", true},
        {"\"Variable\":\"$.x[0]\",\"IsPresent\":true", "{\"x\":[]}", false},
        {"\"Variable\":\"$.x[0]\",\"IsPresent\":true", "{\"x\":[null]}", true},
        {"\"Variable\":\"$.x\",\"IsPresent\":false", "{}", true},
        {"\"Not\":{\"Variable\":\"$.x\",\"IsPresent\":true}", "{}", true},
        {"\"And\":[{\"Variable\":\"$.x\",\"NumericEquals\":1},{\"Variable\":\"$.y\",\"IsPresent\":"
         "true}]",
         "{\"x\":1}", false},
        {"\"Or\":[{\"Variable\":\"$.x\",\"NumericEquals\":1},{\"Variable\":\"$.y\",\"IsPresent\":"
         "true}]",
         "{\"x\":1}", true},
        {"\"And\":[{\"Variable\":\"$.x\",\"NumericEquals\":1},{\"Variable\":\"$.y\",\"IsPresent\":"
         "true}]",
         "{\"x\":1,\"y\":0}", true},
        {"\"Or\":[{\"Variable\":\"$.x\",\"NumericEquals\":1},{\"Variable\":\"$.y\",\"IsPresent\":"
         "true}]",
         "{\"x\":2}", false},
        {"\"Not\":{\"Variable\":\"$.x\",\"IsPresent\":true}", "{\"x\":1}", false},
        {"\"Variable\":\"$.x\",\"NumericEquals\":2", "{\"x\":3}", false},
        {"\"Variable\":\"$.x\",\"NumericEquals\":2", "{\"x\":1}", false},
        {"\"Variable\":\"$.x\",\"NumericEquals\":0", "{\"x\":\"0\"}", false},
        {"\"Variable\":\"$.x\",\"NumericLessThan\":2", "{\"x\":2}", false},
        {"\"Variable\":\"$.x\",\"NumericLessThan\":2", "{\"x\":\"1\"}", false},
        {"\"Variable\":\"$.x\",\"BooleanEquals\":false", "{\"x\":false}", true},
        {"\"Variable\":\"$.x\",\"StringEquals\":\"a\"", "{\"x\":\"b\"}", false},
        {"\"Variable\":\"$.x\",\"IsPresent\":false", "{\"x\":null}", false},
    };

    (void)state;
    for (size_t c = 0; c < ARRAY_LEN(cases); c++) {
        struct str text = arena_strf(arena,
                                     "\"A\":{\"Type\":\"Choice\",\"Choices\":[{%s,\"Next\":\"B\"}],"
                                     "\"Default\":\"C\"},\"B\":{\"Type\":\"Succeed\"},"
                                     "\"C\":{\"Type\":\"Fail\",\"Error\":\"no\"}",
                                     cases[c].rule);
        struct flow_definition d = definition_of(text.ptr);
        struct flow_instance i = instance(cases[c].data);
        struct stepped s = step(&d, &i, (struct flow_event){.kind = FLOW_GO});

        assert_str(s.now.state, cases[c].holds ? "B" : "C");
    }
}

static void waits_passes_and_fails(void **state)
{
    struct flow_definition d = definition_of(
        "\"A\":{\"Type\":\"Wait\",\"SecondsPath\":\"$.s\",\"Next\":\"P\"},"
        "\"P\":{\"Type\":\"Pass\",\"Result\":{\"z\":1},\"ResultPath\":\"$.p\",\"Next\":\"F\"},"
        "\"F\":{\"Type\":\"Fail\",\"Error\":\"E\",\"Cause\":\"c\"}");
    struct flow_instance i = instance("{\"s\":0.02}");
    struct stepped s = step(&d, &i, (struct flow_event){.kind = FLOW_GO});
    struct stepped bad;

    (void)state;
    assert_int_equal(s.effect.kind, FLOW_DO_WAIT);
    assert_int_equal(s.now.wait_ms, 20);
    s = step(&d, &s.now, (struct flow_event){.kind = FLOW_TIMER});
    assert_str(s.now.state, "P");
    s = step(&d, &s.now, (struct flow_event){.kind = FLOW_GO});
    assert_data(&s, "{\"s\":0.02,\"p\":{\"z\":1}}");
    s = step(&d, &s.now, (struct flow_event){.kind = FLOW_GO});
    assert_true(s.now.failed);
    assert_str(s.now.cause, "c");
    i = instance("{}");
    bad = step(&d, &i, (struct flow_event){.kind = FLOW_GO});
    assert_str(bad.now.error, "States.Runtime");
}

static void an_event_that_does_not_belong_changes_nothing(void **state)
{
    struct flow_definition d = definition_of("\"A\":{\"Type\":\"Task\"," TASK_TAIL);
    struct flow_instance i = instance("{}");

    (void)state;
    assert_int_equal(step(&d, &i, (struct flow_event){.kind = FLOW_RESULT}).fault,
                     FAULT_INVALID_STATE);
    assert_int_equal(step(&d, &i, (struct flow_event){.kind = FLOW_TIMER}).fault,
                     FAULT_INVALID_STATE);
    assert_int_equal(step(&d, &i, (struct flow_event){.kind = FLOW_TOKEN}).fault,
                     FAULT_INVALID_STATE);
    i.phase = FLOW_ENDED;
    assert_int_equal(step(&d, &i, (struct flow_event){.kind = FLOW_GO}).fault, FAULT_INVALID_STATE);
    i = instance("{}");
    i.state = STR("X");
    assert_int_equal(step(&d, &i, (struct flow_event){.kind = FLOW_GO}).fault, FAULT_INVALID_STATE);
    i = instance("{}");
    assert_int_equal(step(&d, &i, (struct flow_event){.kind = (enum flow_event_kind)99}).fault,
                     FAULT_INVALID_STATE);
}

static void a_parameter_that_is_not_there_fails_the_task(void **state)
{
    struct flow_definition d =
        definition_of("\"A\":{\"Type\":\"Task\",\"Parameters\":{\"x.$\":\"$.no\"}," TASK_TAIL);
    struct flow_instance i = instance("{}");
    struct stepped s = step(&d, &i, (struct flow_event){.kind = FLOW_GO});

    (void)state;
    assert_str(s.now.error, "States.ParameterPathFailure");
}

static void a_choice_that_nothing_decides_fails(void **state)
{
    struct flow_definition d = definition_of(
        "\"A\":{\"Type\":\"Choice\",\"Choices\":[{\"Variable\":\"$.x\",\"IsPresent\":true,\"Next\":"
        "\"B\"}]},\"B\":{\"Type\":\"Succeed\"}");
    struct flow_instance i = instance("{}");
    struct stepped s = step(&d, &i, (struct flow_event){.kind = FLOW_GO});

    (void)state;
    assert_true(s.now.failed);
    assert_str(s.now.error, "States.NoChoiceMatched");
    assert_str(s.now.cause, "A");
}

static void a_pass_gives_what_its_parameters_say(void **state)
{
    struct flow_definition d =
        definition_of("\"A\":{\"Type\":\"Pass\",\"Parameters\":{\"y.$\":\"$.x\"},\"Next\":\"B\"},"
                      "\"B\":{\"Type\":\"Pass\",\"Next\":\"A\"}");
    struct flow_instance i = instance("{\"x\":1}");
    struct stepped s = step(&d, &i, (struct flow_event){.kind = FLOW_GO});

    (void)state;
    assert_str(s.now.state, "B");
    assert_data(&s, "{\"y\":1}");
    s = step(&d, &s.now, (struct flow_event){.kind = FLOW_GO});
    assert_data(&s, "{\"y\":1}");
    s = step(&d, &s.now, (struct flow_event){.kind = FLOW_GO});
    assert_str(s.now.error, "States.ParameterPathFailure");
    assert_str(s.now.cause, "$.x");
}

static void a_wait_takes_no_time_that_is_none(void **state)
{
    static const struct {
        const char *data;
        int64_t ms; /* -1: it fails */
    } rows[] = {
        {"{\"s\":0}", 0},
        {"{\"s\":1.5}", 1500},
        {"{\"s\":99999999}", 99999999000},
        {"{\"s\":99999999.5}", -1},
        {"{\"s\":-1}", -1},
        {"{\"s\":\"1\"}", -1},
        {"{}", -1},
    };
    struct flow_definition d =
        definition_of("\"A\":{\"Type\":\"Wait\",\"SecondsPath\":\"$.s\",\"Next\":\"B\"},"
                      "\"B\":{\"Type\":\"Succeed\"}");

    (void)state;
    for (size_t n = 0; n < ARRAY_LEN(rows); n++) {
        struct flow_instance i = instance(rows[n].data);
        struct stepped s = step(&d, &i, (struct flow_event){.kind = FLOW_GO});

        assert_int_equal(s.now.failed, rows[n].ms < 0);
        if (rows[n].ms >= 0)
            assert_int_equal(s.now.wait_ms, rows[n].ms);
        else
            assert_str(s.now.error, "States.Runtime");
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_task_is_called_with_its_parameters),
        cmocka_unit_test(result_paths),
        cmocka_unit_test(a_failed_task_is_tried_again_and_then_caught),
        cmocka_unit_test(an_error_that_nobody_catches_ends_it),
        cmocka_unit_test(a_token_is_waited_for),
        cmocka_unit_test(a_choice_takes_the_first_rule_that_holds),
        cmocka_unit_test(waits_passes_and_fails),
        cmocka_unit_test(an_event_that_does_not_belong_changes_nothing),
        cmocka_unit_test(a_parameter_that_is_not_there_fails_the_task),
        cmocka_unit_test(a_choice_that_nothing_decides_fails),
        cmocka_unit_test(a_pass_gives_what_its_parameters_say),
        cmocka_unit_test(a_wait_takes_no_time_that_is_none),
    };

    return cmocka_run_group_tests(tests, make_arena, free_arena);
}
