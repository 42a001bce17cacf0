#include "tests/unit/sim/two_servers.h"

/* Fault rules: which make sense, and what they say in the words of each service. */

static const struct {
    const char *rule;
    const char *names; /* is in the refusal */
} bad_rules[] = {
    {"{\"effect\":\"FLOOD\"}", "known: THR 5XX"},
    {"{\"effect\":\"5XX\",\"value\":999}", "value: 999"},
    {"{\"effect\":\"5XX\",\"value\":501}", "value: 501"},
    {"{\"effect\":\"THR\",\"variant\":\"often\"}", "suffix empty rate"},
    {"{\"effect\":\"NET\",\"variant\":\"refuse\"}",
     "variant: 'refuse' is not known to this effect; known: reset blackhole"},
    {"{\"effect\":\"NET\",\"value\":-1}", "value: -1"},
    {"{\"effect\":\"THR\",\"variant\":\"suffix\",\"match\":{\"service\":\"ec2\"}}",
     "variant: 'suffix' is of DRS alone"},
    {"{\"effect\":\"UNINIT\",\"variant\":\"x\"}", "leave it out"},
    {"{\"effect\":\"PAGE\"}", "variant: is required"},
    {"{\"effect\":\"STALL\",\"match\":{\"phase\":\"LUNCH\"}}", "match.phase: 'LUNCH'"},
    {"{\"effect\":\"THR\",\"match\":{\"phase\":\"JOB\"}}", "match.phase: 'JOB'"},
    {"{\"effect\":\"REPL\",\"variant\":\"ILL\"}", "CONTINUOUS"},
    {"{\"effect\":\"THR\",\"match\":{\"percentage\":101}}", "percentage"},
    {"{\"effect\":\"QUOTA\",\"code\":\"L-BOGUS\"}", "code: 'L-BOGUS'"},
    {"{\"effect\":\"REPL\",\"code\":\"NO_SUCH_ERROR\"}", "known: AGENT_NOT_SEEN"},
    {"{\"effect\":\"REPL\",\"variant\":\"PIT_EXPIRED\",\"value\":-1}", "value: -1"},
    {"{\"effect\":\"REPL\",\"variant\":\"NO_PIT\",\"value\":5}", "value: 5"},
    {"{\"effect\":\"REPL\",\"variant\":\"NO_PIT\",\"code\":\"NOT_CONVERGING\"}", "leave it out"},
    {"{\"effect\":\"THR\",\"code\":\"Slow\"}", "code: 'Slow'"},
};

static void refuses_a_rule_that_makes_no_sense(void **state)
{
    struct rig *r = rig_new(estate);

    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(bad_rules); i++) {
        struct str said = json_text(r->arena, rig_admin(r, "POST", "faults", bad_rules[i].rule));

        if (!str_contains(said, str_from_z(bad_rules[i].names)))
            fail_msg("%s: " STR_FMT, bad_rules[i].rule, STR_ARG(said));
    }
    assert_int_equal(json_get_z(rig_admin(r, "GET", "faults", NULL), "faults")->len, 0);
    rig_free(r);
}

/* Every quota that DRS has, by its code. */
static void names_each_quota(void **state)
{
    static const char *const codes[] = {"L-E28BE5E0", "L-C1D14A2B", "L-05AFA8C6",
                                        "L-D88FAC3A", "L-B827C881", "L-DD6D028C",
                                        "L-0588D03B", "L-1F3FAE4D", "L-4B0323BD"};
    struct rig *r = rig_new(estate);

    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(codes); i++) {
        const struct json *v;
        int status;

        (void)rig_admin(
            r, "POST", "faults",
            arena_strf(r->arena, "{\"effect\":\"QUOTA\",\"code\":\"%s\"}", codes[i]).ptr);
        v = rig_drs(r, "StartRecovery", BOTH, &status);
        assert_int_equal(status, 402);
        assert_str(json_str(json_get_z(v, "quotaCode")), codes[i]);
        (void)rig_admin(r, "DELETE", "faults", NULL);
    }
    rig_free(r);
}

/* Each protocol's own code; the suffix is a matter of a header that DRS alone has. */
static void throttles_in_the_words_of_the_service(void **state)
{
    static const char suffixed[] = "ThrottlingException:http://internal.amazon.com/coral/";
    static const char *const variants[] = {"", "suffix"};

    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(variants); i++) {
        struct rig *r = rig_new(estate);
        struct http_answer answer;
        int status;

        (void)rig_admin(
            r, "POST", "faults",
            arena_strf(r->arena, "{\"effect\":\"THR\",\"variant\":\"%s\"}", variants[i]).ptr);
        answer = rig_send(r, "drs", "POST", "/DescribeJobs", "{}");
        assert_int_equal(answer.status, 429);
        assert_str(headers_get(&answer.headers, STR("x-amzn-ErrorType")),
                   i ? suffixed : "ThrottlingException");
        assert_false(str_contains(answer.body, STR("ThrottlingException")));
        assert_str(xml_find(rig_form(r, "ec2", "Action=DescribeVpcs", &status), "Code"),
                   "RequestLimitExceeded");
        assert_int_equal(status, 503);
        assert_str(xml_find(rig_form(r, "sts", "Action=GetCallerIdentity", &status), "Code"),
                   "Throttling");
        assert_int_equal(status, 400);
        rig_free(r);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(refuses_a_rule_that_makes_no_sense),
        cmocka_unit_test(names_each_quota),
        cmocka_unit_test(throttles_in_the_words_of_the_service),
    };

    return cmocka_run_group_tests_name("sim: fault rules", tests, NULL, NULL);
}
