#include "tests/unit/unit.h"

#include "tests/crash/drill.h"

/*
 * AWS refuses to tell what became of a job. That is no word about a server: the execution waits,
 * says what stands in the way, and goes on when it may; and where it may not, nothing that DRS
 * launched is out of reach afterwards.
 */
enum { MINUTE_MS = 60000 };

static struct str text_of(const struct json *v, const char *name)
{
    return json_str(json_get_z(v, name));
}

static const struct json *wave_of(const struct json *details, size_t i)
{
    return &json_get_z(details, "waves")->items[i];
}

static bool holds(struct str text, const char *part)
{
    size_t n = strlen(part);

    for (size_t i = 0; i + n <= text.len; i++)
        if (memcmp(text.ptr + i, part, n) == 0)
            return true;
    return false;
}

#define ASSERT_HOLDS(text, part)                                       \
    do {                                                               \
        if (!holds(text, part))                                        \
            fail_msg("'" STR_FMT "' lacks '%s'", STR_ARG(text), part); \
    } while (0)

static struct drill *drill_with(struct drill_options options)
{
    options.scenario = options.scenario ? options.scenario : "three-tier.json";
    options.poll_min_ms = 20000;
    options.seed = 7;
    options.lag = 3;
    return drill_new(&options);
}

#define DRILL(...) drill_with((struct drill_options){__VA_ARGS__})

/* ---- it passes ---- */

/* What a person could see while it lasted. */
struct seen {
    const char *code;
    bool on_wave;
    bool on_execution;
    bool failed;
};

static void look(void *context, const struct json *details)
{
    struct seen *s = context;

    s->failed |= str_eq_z(text_of(details, "status"), "FAILED");
    s->on_wave |= str_eq_z(text_of(wave_of(details, 0), "errorCode"), s->code);
    s->on_execution |= str_eq_z(text_of(details, "errorCode"), s->code) &&
                       holds(text_of(details, "errorMessage"), "Wave 1 (Database)");
}

static void check_well(struct drill *d)
{
    const struct json *details = drill_details(d);

    assert_str(text_of(details, "status"), "COMPLETED");
    assert_str(text_of(details, "outcome"), "SUCCEEDED");
    assert_int_equal(text_of(details, "errorCode").len, 0);
    for (size_t i = 0; i < 3; i++)
        assert_int_equal(text_of(wave_of(details, i), "errorCode").len, 0);
    assert_int_equal(drill_effective(d, "StartRecovery"), 3);
    assert_int_equal(drill_asked(d, "StartRecovery"), 3);
    assert_int_equal(drill_instances(d), 0);
}

#define REFUSED_READ(effect)                                         \
    "{\"id\":\"trouble\"," effect ",\"match\":{\"service\":\"drs\"," \
    "\"op\":\"DescribeJobs\"}}"

static const struct {
    const char *title;
    const char *rule;
    const char *code;
} refusals[] = {
    {"denied", REFUSED_READ("\"effect\":\"AUTH\""), "AccessDeniedException"},
    {"an expired session", REFUSED_READ("\"effect\":\"AUTH\",\"variant\":\"expired\""),
     "ExpiredTokenException"},
    {"a bad signature", REFUSED_READ("\"effect\":\"AUTH\",\"variant\":\"signature\""),
     "InvalidSignatureException"},
    {"an unknown key", REFUSED_READ("\"effect\":\"AUTH\",\"variant\":\"unknown\""),
     "UnrecognizedClientException"},
    {"an account that is not initialised", REFUSED_READ("\"effect\":\"UNINIT\""),
     "UninitializedAccountException"},
};

static void a_refused_look_at_a_job_is_waited_out(void **state)
{
    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(refusals); i++) {
        struct seen seen = {.code = refusals[i].code};
        struct drill *d =
            DRILL(.trouble = refusals[i].rule, .trouble_ms = 10 * MINUTE_MS, .may_fail = true);

        print_message("# %s\n", refusals[i].title);
        drill_watch(d, look, &seen);
        drill_run(d);
        assert_false(seen.failed);
        check_well(d);
        assert_true(seen.on_wave);
        assert_true(seen.on_execution);
        drill_free(d);
    }
}

static void a_refused_look_for_a_job_is_waited_out(void **state)
{
    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(refusals); i++) {
        struct seen seen = {.code = refusals[i].code};
        struct drill *d =
            DRILL(.scenario = "ambiguous-start.json", .trouble = refusals[i].rule,
                  .trouble_from = FROM_START, .trouble_ms = 10 * MINUTE_MS, .may_fail = true);

        print_message("# %s\n", refusals[i].title);
        drill_watch(d, look, &seen);
        drill_run(d);
        assert_false(seen.failed);
        check_well(d);
        assert_true(seen.on_wave);
        assert_true(seen.on_execution);
        drill_free(d);
    }
}

/* ---- the start itself ---- */

#define REFUSED_START(effect) "{\"id\":\"trouble\"," effect ",\"match\":{\"op\":\"StartRecovery\"}}"

static const char *const waits[][2] = {
    {REFUSED_START("\"effect\":\"AUTH\",\"variant\":\"expired\""), "ExpiredTokenException"},
    {REFUSED_START("\"effect\":\"5XX\",\"value\":503"), "503"},
    {REFUSED_START("\"effect\":\"CONFLICT\""), "ConflictException"},
};

static void a_start_that_is_not_taken_up_is_called_again(void **state)
{
    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(waits); i++) {
        struct seen seen = {.code = waits[i][1]};
        struct drill *d = DRILL(.trouble = waits[i][0], .trouble_from = FROM_START,
                                .trouble_ms = 10 * MINUTE_MS, .may_fail = true);

        print_message("# %s\n", waits[i][1]);
        drill_watch(d, look, &seen);
        drill_run(d);
        assert_str(text_of(drill_details(d), "outcome"), "SUCCEEDED");
        assert_int_equal(text_of(drill_details(d), "errorCode").len, 0);
        assert_true(seen.on_wave && seen.on_execution);
        assert_int_equal(drill_effective(d, "StartRecovery"), 3);
        drill_free(d);
    }
}

/* Ten minutes, every two seconds and each with a second try, would be six hundred. */
static void a_start_that_is_postponed_is_called_less_and_less_often(void **state)
{
    struct drill *d = drill_new(&(struct drill_options){
        .scenario = "three-tier.json",
        .seed = 7,
        .lag = 3,
        .trouble = REFUSED_START("\"effect\":\"AUTH\",\"variant\":\"expired\""),
        .trouble_from = FROM_START,
        .trouble_ms = 10 * MINUTE_MS,
        .may_fail = true});

    (void)state;
    drill_run(d);
    assert_str(text_of(drill_details(d), "outcome"), "SUCCEEDED");
    assert_in_range(drill_asked(d, "StartRecovery"), 10, 80);
    drill_free(d);
}

static void a_refused_start_fails_the_wave_with_DRSs_words(void **state)
{
    struct drill *d = DRILL(.trouble = REFUSED_START("\"effect\":\"AUTH\""),
                            .trouble_from = FROM_START, .may_fail = true);
    const struct json *details;
    const struct json *wave;

    (void)state;
    drill_run(d);
    details = drill_details(d);
    wave = wave_of(details, 0);
    assert_str(text_of(details, "status"), "FAILED");
    assert_str(text_of(details, "errorCode"), "AccessDeniedException");
    ASSERT_HOLDS(text_of(details, "errorMessage"), "Wave 1 (Database): 2 of 2 servers were not");
    ASSERT_HOLDS(text_of(details, "errorMessage"), "is not authorized");
    assert_str(text_of(wave, "errorCode"), "AccessDeniedException");
    assert_str(text_of(&json_get_z(wave, "servers")->items[0], "errorCode"),
               "AccessDeniedException");
    assert_null(json_get_z(details, "termination")); /* there is nothing, and that is certain */
    assert_int_equal(drill_effective(d, "StartRecovery"), 0);
    drill_free(d);
}

/* ---- it does not pass ---- */

static const struct json *server_of(const struct json *details, size_t wave, size_t i)
{
    return &json_get_z(wave_of(details, wave), "servers")->items[i];
}

/* All three levels say it, before anybody has asked for the instances. */
static void look_unknown(void *context, const struct json *details)
{
    bool *seen = context;

    if (*seen || !str_eq_z(text_of(details, "status"), "FAILED"))
        return;
    *seen = true;
    for (size_t i = 0; i < 2; i++) {
        assert_str(text_of(server_of(details, 0, i), "errorCode"), "OUTCOME_UNKNOWN");
        ASSERT_HOLDS(text_of(server_of(details, 0, i), "errorMessage"), "may launch the server");
    }
    assert_str(text_of(wave_of(details, 0), "errorCode"), "WAVE_TIMED_OUT");
    ASSERT_HOLDS(text_of(wave_of(details, 0), "errorMessage"), "may or may not");
    assert_str(text_of(details, "errorCode"), "WAVE_TIMED_OUT");
    ASSERT_HOLDS(text_of(details, "errorMessage"), "Wave 1 (Database): 2 of 2 servers may or may");
    assert_str(text_of(details, "outcome"), "TIMED_OUT");
}

static void check_nothing_is_lost(struct drill *d)
{
    const struct json *details;
    bool seen = false;

    drill_watch(d, look_unknown, &seen);
    drill_run(d);
    assert_true(seen);
    details = drill_details(d);
    assert_str(text_of(json_get_z(details, "termination"), "status"), "COMPLETED");
    assert_int_equal(json_int(json_get_z(json_get_z(details, "termination"), "totalFound"), -1), 2);
    for (size_t i = 0; i < 2; i++) {
        assert_str(text_of(server_of(details, 0, i), "status"), "TERMINATED");
        assert_true(str_starts(text_of(server_of(details, 0, i), "instanceId"), STR("i-")));
    }
    assert_int_equal(drill_effective(d, "StartRecovery"), 1);
    assert_int_equal(drill_instances(d), 0);
    drill_free(d);
}

static void what_a_job_launched_unseen_is_terminated(void **state)
{
    (void)state;
    check_nothing_is_lost(DRILL(.trouble = refusals[0].rule, .may_fail = true));
}

static void what_an_unknown_job_launched_is_terminated(void **state)
{
    (void)state;
    check_nothing_is_lost(DRILL(.scenario = "ambiguous-start.json", .trouble = refusals[0].rule,
                                .trouble_from = FROM_START, .may_fail = true));
}

static void what_a_job_launches_after_its_wave_is_terminated(void **state)
{
    (void)state;
    check_nothing_is_lost(DRILL(.trouble =
                                    "{\"id\":\"trouble\",\"effect\":\"STALL\",\"value\":18000,"
                                    "\"match\":{\"phase\":\"LAUNCH\"}}",
                                .trouble_from = FROM_START, .may_fail = true));
}

struct canceller {
    struct drill *drill;
    bool done;
};

static void cancel_in_trouble(void *context, const struct json *details)
{
    struct canceller *c = context;

    if (c->done || !text_of(wave_of(details, 0), "errorCode").len)
        return;
    drill_cancel(c->drill);
    c->done = true;
}

static void a_cancel_does_not_wait_for_a_refused_look(void **state)
{
    static const char *const scenarios[] = {"three-tier.json", "ambiguous-start.json"};

    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(scenarios); i++) {
        struct drill *d = DRILL(.scenario = scenarios[i], .trouble = refusals[0].rule,
                                .trouble_from = i ? FROM_START : FROM_FIRST_JOB, .may_fail = true);
        struct canceller c = {.drill = d};
        const struct json *details;

        drill_watch(d, cancel_in_trouble, &c);
        drill_run(d);
        details = drill_details(d);
        assert_true(c.done);
        assert_str(text_of(details, "status"), "CANCELLED");
        assert_str(text_of(details, "errorCode"), "OUTCOME_UNKNOWN");
        ASSERT_HOLDS(text_of(details, "errorMessage"), "The execution was cancelled");
        assert_true(json_int(json_get_z(details, "durationSeconds"), 0) < 3600);
        for (size_t k = 0; k < 2; k++)
            assert_str(text_of(server_of(details, 0, k), "status"), "TERMINATED");
        assert_int_equal(drill_instances(d), 0);
        drill_free(d);
    }
}

static void a_job_that_launched_nothing_leaves_nothing(void **state)
{
    struct drill *d = DRILL(.trouble = "{\"id\":\"trouble\",\"effect\":\"LAUNCH\",\"match\":{}}",
                            .trouble_from = FROM_START, .may_fail = true);
    const struct json *details;

    (void)state;
    drill_run(d);
    details = drill_details(d);
    assert_str(text_of(details, "status"), "FAILED");
    assert_str(text_of(details, "errorCode"), "InsufficientInstanceCapacity");
    assert_str(text_of(json_get_z(details, "termination"), "status"), "COMPLETED");
    assert_int_equal(json_int(json_get_z(json_get_z(details, "termination"), "totalFound"), -1), 0);
    assert_str(text_of(server_of(details, 0, 0), "status"), "FAILED");
    assert_int_equal(drill_asked(d, "TerminateRecoveryInstances"), 0);
    drill_free(d);
}

static void an_instance_that_cannot_be_seen_is_not_gone(void **state)
{
    struct drill *d = DRILL(.trouble = "{\"id\":\"trouble\",\"effect\":\"AUTH\","
                                       "\"match\":{\"op\":\"DescribeRecoveryInstances\"}}",
                            .trouble_from = FROM_END, .may_fail = true);
    const struct json *details;

    (void)state;
    drill_run(d);
    details = drill_details(d);
    assert_str(text_of(json_get_z(details, "termination"), "status"), "FAILED");
    assert_str(text_of(server_of(details, 0, 0), "status"), "LAUNCHED");
    assert_int_equal(drill_instances(d), 8);
    drill_free(d);
}

static void a_job_that_cannot_be_read_is_not_gone(void **state)
{
    struct drill *d =
        DRILL(.trouble = refusals[0].rule, .trouble_ms = 24 * 60 * MINUTE_MS, .may_fail = true);
    const struct json *details;

    (void)state;
    drill_run(d);
    details = drill_details(d);
    assert_str(text_of(json_get_z(details, "termination"), "status"), "FAILED");
    ASSERT_HOLDS(text_of(json_get_z(details, "termination"), "errorMessage"), "not authorized");
    for (size_t i = 0; i < 2; i++)
        assert_str(text_of(server_of(details, 0, i), "errorCode"), "OUTCOME_UNKNOWN");
    assert_str(text_of(server_of(details, 0, 0), "status"), "FAILED");
    assert_int_equal(drill_instances(d), 2);
    drill_free(d);
}

/* What a termination that is not over says stands in its way. */
static void look_termination(void *context, const struct json *details)
{
    const struct json *t = json_get_z(details, "termination");
    struct str said = text_of(t, "errorMessage");

    if (!str_eq_z(text_of(t, "status"), "RUNNING"))
        return;
    *(bool *)context |= holds(said, "DescribeJobs in account 123456789012, us-east-1: "
                                    "AccessDeniedException") &&
                        holds(said, "asked for again");
}

static void a_termination_says_what_it_waits_for(void **state)
{
    struct drill *d = DRILL(.trouble = refusals[0].rule, .trouble_from = FROM_END,
                            .trouble_ms = 10 * MINUTE_MS, .may_fail = true);
    bool seen = false;

    (void)state;
    drill_watch(d, look_termination, &seen);
    drill_run(d);
    assert_true(seen);
    check_well(d);
    assert_str(text_of(json_get_z(drill_details(d), "termination"), "status"), "COMPLETED");
    assert_int_equal(text_of(json_get_z(drill_details(d), "termination"), "errorMessage").len, 0);
    drill_free(d);
}

/* ---- one server ---- */

static void an_instance_that_somebody_terminates_is_not_awaited(void **state)
{
    struct drill *d = DRILL(.terminated = "s-0000000000000db01", .may_fail = true);
    const struct json *details;

    (void)state;
    drill_run(d);
    details = drill_details(d);
    assert_str(text_of(details, "status"), "FAILED");
    assert_str(text_of(details, "outcome"), "PARTIAL");
    assert_str(text_of(details, "errorCode"), "TERMINATED");
    assert_str(text_of(server_of(details, 0, 0), "errorCode"), "TERMINATED");
    assert_str(text_of(wave_of(details, 0), "outcome"), "PARTIAL");
    drill_free(d);
}

/* What is told of app-02 while its wave still runs. */
static void look_reason(void *context, const struct json *details)
{
    const struct json *wave = wave_of(details, 1);
    const struct json *servers = json_get_z(wave, "servers");

    for (size_t i = 0; i < servers->len; i++)
        if (str_eq_z(text_of(wave, "progress"), "IN_PROGRESS") &&
            str_eq_z(text_of(&servers->items[i], "errorCode"), "InsufficientInstanceCapacity") &&
            holds(text_of(&servers->items[i], "errorMessage"), "when calling"))
            *(bool *)context = true;
}

#define CAPACITY                                            \
    "{\"id\":\"trouble\",\"effect\":\"LAUNCH\",\"match\":{" \
    "\"resource\":\"s-0000000000000a002\"}}"

static void the_reason_of_a_failure_is_told_at_once(void **state)
{
    struct drill *d = DRILL(.trouble = CAPACITY, .may_fail = true);
    bool seen = false;

    (void)state;
    drill_watch(d, look_reason, &seen);
    drill_run(d);
    assert_true(seen);
    assert_str(text_of(drill_details(d), "errorCode"), "InsufficientInstanceCapacity");
    assert_true(drill_asked(d, "DescribeJobLogItems") <= 6); /* a change each, not a poll each */
    drill_free(d);
}

static void look_unread(void *context, const struct json *details)
{
    *(bool *)context |= holds(text_of(server_of(details, 0, 1), "errorMessage"),
                              "its job's log cannot be read: AccessDeniedException");
}

static void a_reason_that_cannot_be_read_is_told_later(void **state)
{
    struct drill *d = DRILL(.scenario = "failing-servers.json",
                            .trouble = "{\"id\":\"trouble\",\"effect\":\"AUTH\",\"match\":{\"op\":"
                                       "\"DescribeJobLogItems\",\"count\":2}}",
                            .trouble_from = FROM_START, .may_fail = true);
    bool seen = false;

    (void)state;
    drill_watch(d, look_unread, &seen);
    drill_run(d);
    assert_true(seen);
    assert_str(text_of(server_of(drill_details(d), 0, 1), "errorCode"), "UnauthorizedOperation");
    assert_str(text_of(drill_details(d), "errorCode"), "UnauthorizedOperation");
    drill_free(d);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_refused_look_at_a_job_is_waited_out),
        cmocka_unit_test(a_refused_look_for_a_job_is_waited_out),
        cmocka_unit_test(a_start_that_is_not_taken_up_is_called_again),
        cmocka_unit_test(a_start_that_is_postponed_is_called_less_and_less_often),
        cmocka_unit_test(a_refused_start_fails_the_wave_with_DRSs_words),
        cmocka_unit_test(what_a_job_launched_unseen_is_terminated),
        cmocka_unit_test(what_an_unknown_job_launched_is_terminated),
        cmocka_unit_test(what_a_job_launches_after_its_wave_is_terminated),
        cmocka_unit_test(a_cancel_does_not_wait_for_a_refused_look),
        cmocka_unit_test(a_job_that_launched_nothing_leaves_nothing),
        cmocka_unit_test(an_instance_that_cannot_be_seen_is_not_gone),
        cmocka_unit_test(a_job_that_cannot_be_read_is_not_gone),
        cmocka_unit_test(a_termination_says_what_it_waits_for),
        cmocka_unit_test(an_instance_that_somebody_terminates_is_not_awaited),
        cmocka_unit_test(the_reason_of_a_failure_is_told_at_once),
        cmocka_unit_test(a_reason_that_cannot_be_read_is_told_later),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
