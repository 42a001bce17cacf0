#include "tests/unit/unit.h"

#include "rules/cause.h"

/* ---- a server, by the log of its job ---- */

struct log_case {
    const char *title;
    const char *items[4][2]; /* event, raw error; "-": another server's */
    const char *code;        /* NULL: the log does not say */
    const char *message;
};

static const struct log_case log_cases[] = {
    {"a raw error holds the machine's code",
     {{"LAUNCH_START", ""}, {"LAUNCH_FAILED", "An error (NoCapacity) when calling RunInstances"}},
     "NoCapacity",
     "LAUNCH_FAILED: An error (NoCapacity) when calling RunInstances"},
    {"one without a code is named by its event",
     {{"LAUNCH_FAILED", "no (code"}},
     "LAUNCH_FAILED",
     "LAUNCH_FAILED: no (code"},
    {"one that names nothing in brackets too",
     {{"LAUNCH_FAILED", "plain words"}},
     "LAUNCH_FAILED",
     "LAUNCH_FAILED: plain words"},
    {"an event without a raw error is named",
     {{"SNAPSHOT_FAIL", ""}, {"USING_PREVIOUS_SNAPSHOT_FAILED", ""}},
     "USING_PREVIOUS_SNAPSHOT_FAILED",
     "SNAPSHOT_FAIL; USING_PREVIOUS_SNAPSHOT_FAILED"},
    {"attempts of one thing are one",
     {{"CONVERSION_FAIL", "(A) 1"}, {"CONVERSION_FAIL", "(B) 2"}},
     "B",
     "CONVERSION_FAIL: (B) 2"},
    {"what failed first is kept",
     {{"CLEANUP_FAIL", "(Unauthorized) x"}, {"LAUNCH_FAILED", ""}},
     "LAUNCH_FAILED",
     "CLEANUP_FAIL: (Unauthorized) x; LAUNCH_FAILED"},
    {"a skipped server", {{"SERVER_SKIPPED", ""}}, "SERVER_SKIPPED", "SERVER_SKIPPED"},
    {"an unknown event with an error", {{"NEW_EVENT", "(E) e"}}, "E", "NEW_EVENT: (E) e"},
    {"nothing failed", {{"LAUNCH_START", ""}, {"LAUNCH_END", ""}}, NULL, NULL},
    {"of another server", {{"LAUNCH_FAILED", "-"}}, NULL, NULL},
};

static void the_log_says_why(void **state)
{
    struct arena *a = arena_new(0);

    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(log_cases); i++) {
        const struct log_case *c = &log_cases[i];
        struct drs_event_data data[4] = {0};
        struct drs_job_log_item items[5] = {{.event = STR("JOB_START")}};
        struct drs_job_log log = {items, 1};
        struct cause cause = {0};

        print_message("# %s\n", c->title);
        for (size_t k = 0; k < 4 && c->items[k][0]; k++) {
            bool other = c->items[k][1][0] == '-';

            data[k].source_server_id = other ? STR("s-2") : STR("s-1");
            data[k].raw_error = str_from_z(c->items[k][1]);
            items[log.len++] =
                (struct drs_job_log_item){.event = str_from_z(c->items[k][0]), .data = &data[k]};
        }
        assert_int_equal(cause_in_log(a, &log, STR("s-1"), &cause), c->code != NULL);
        if (!c->code)
            continue;
        assert_str(cause.code, c->code);
        assert_str(cause.message, c->message);
    }
    arena_free(a);
}

/* ---- a launch that is given up ---- */

static bool holds(struct str text, const char *part)
{
    size_t n = strlen(part);

    for (size_t i = 0; i + n <= text.len; i++)
        if (memcmp(text.ptr + i, part, n) == 0)
            return true;
    return false;
}

static void a_launch_is_unknown_while_a_job_of_it_may_run(void **state)
{
    struct launch_run l = {.state = LAUNCH_PLANNED};

    (void)state;
    assert_false(launch_is_unknown(&l));
    l.state = LAUNCH_INTENT;
    assert_false(launch_is_unknown(&l));
    l.uncertain = true;
    assert_true(launch_is_unknown(&l));
    l = (struct launch_run){.state = LAUNCH_STARTED};
    assert_true(launch_is_unknown(&l));
}

static void a_refusal_hides_what_the_call_before_was_answered(void **state)
{
    struct launch_run l = {.answer_code = STR("ConflictException"), .answer_message = STR("Busy")};

    (void)state;
    assert_str(cause_of_launch(&l).code, "ConflictException");
    assert_str(cause_of_launch(&l).message, "Busy");
    l.error_code = STR("AccessDenied");
    l.error_message = STR("May not");
    assert_str(cause_of_launch(&l).code, "AccessDenied");
    assert_str(cause_of_launch(&l).message, "May not");
}

static void giving_up_tells_what_is_left_behind(void **state)
{
    struct arena *a = arena_new(0);
    struct cause why = {STR("WAVE_TIMED_OUT"), STR("It took too long")};
    struct launch_run l = {.state = LAUNCH_INTENT};
    struct cause c = cause_of_giving_up(a, &l, why);

    (void)state;
    assert_str(c.code, "WAVE_TIMED_OUT");
    assert_str(c.message, "It took too long");
    l.error_code = STR("AccessDenied");
    l.error_message = STR("May not");
    assert_str(cause_of_giving_up(a, &l, why).message, "It took too long: AccessDenied - May not");
    l.uncertain = true;
    c = cause_of_giving_up(a, &l, why);
    assert_str(c.code, CAUSE_UNKNOWN);
    assert_true(holds(c.message, "It took too long") && holds(c.message, "not known whether"));
    assert_true(holds(c.message, "AccessDenied - May not"));
    l = (struct launch_run){
        .state = LAUNCH_STARTED, .job_id = STR("drsjob-1"), .job_status = STR("STARTED")};
    c = cause_of_giving_up(a, &l, why);
    assert_str(c.code, CAUSE_UNKNOWN);
    assert_true(holds(c.message, "DRS job drsjob-1 was STARTED"));
    assert_false(holds(c.message, "Trouble"));
    arena_free(a);
}

/* ---- a wave, by its servers ---- */

struct wave_case {
    const char *title;
    const char *servers[3]; /* code of each, "+": launched, "": failed without a code */
    bool timed_out;
    const char *code;
    const char *message;
};

static const struct wave_case wave_cases[] = {
    {"one code for all is the wave's",
     {"NoCapacity", "NoCapacity"},
     false,
     "NoCapacity",
     "2 of 2 servers were not launched: why"},
    {"the launched do not matter",
     {"+", "NoCapacity", "+"},
     false,
     "NoCapacity",
     "1 of 3 servers were not launched: why"},
    {"several are counted",
     {"NoCapacity", "SERVER_SKIPPED", "NoCapacity"},
     false,
     "WAVE_LAUNCH_FAILED",
     "3 of 3 servers were not launched: NoCapacity (2), SERVER_SKIPPED (1)"},
    {"a failure without a word", {""}, false, "LAUNCH_FAILED", "1 of 1 servers were not launched"},
    {"a wave that took too long says so",
     {"WAVE_TIMED_OUT"},
     true,
     "WAVE_TIMED_OUT",
     "1 of 1 servers were not launched: why"},
    {"what is not known is not called a failure",
     {CAUSE_UNKNOWN, "+"},
     true,
     "WAVE_TIMED_OUT",
     "1 of 2 servers may or may not have been launched: why"},
    {"nor after a cancel",
     {CAUSE_UNKNOWN},
     false,
     CAUSE_UNKNOWN,
     "1 of 1 servers may or may not have been launched: why"},
    {"a wave without servers",
     {0},
     false,
     "WAVE_LAUNCH_FAILED",
     "0 of 0 servers were not launched"},
};

static void a_wave_says_why_it_failed(void **state)
{
    struct arena *a = arena_new(0);

    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(wave_cases); i++) {
        const struct wave_case *c = &wave_cases[i];
        struct server_run runs[3] = {{.status = 0}};
        const struct server_run *servers[3];
        struct cause cause;
        size_t n = 0;

        print_message("# %s\n", c->title);
        for (; n < 3 && c->servers[n]; n++) {
            servers[n] = &runs[n];
            runs[n].status = c->servers[n][0] == '+' ? SERVER_LAUNCHED : SERVER_FAILED;
            if (c->servers[n][0] && runs[n].status == SERVER_FAILED) {
                runs[n].error_code = str_from_z(c->servers[n]);
                runs[n].error_message = STR("why");
            }
        }
        cause = cause_of_wave(a, servers, n, c->timed_out);
        assert_str(cause.code, c->code);
        assert_str(cause.message, c->message);
    }
    arena_free(a);
}

/* ---- an execution, by its waves ---- */

static void an_execution_names_the_wave(void **state)
{
    struct arena *a = arena_new(0);
    struct wave_run one = {.wave_number = 1, .name = STR("db"), .status = WAVE_COMPLETED};
    struct wave_run two = {.wave_number = 2, .name = STR("app"), .status = WAVE_PENDING};
    const struct wave_run *waves[] = {&one, &two};
    struct cause c;

    (void)state;
    one.error_code = STR("OLD"); /* of a wave that is well now */
    assert_int_equal(cause_of_execution(a, waves, 2).code.len, 0);
    two.status = WAVE_STARTED;
    assert_int_equal(cause_of_execution(a, waves, 2).code.len, 0);
    two.error_code = STR("AccessDenied");
    two.error_message = STR("May not");
    c = cause_of_execution(a, waves, 2);
    assert_str(c.code, "AccessDenied");
    assert_str(c.message, "Wave 2 (app): May not");
    one.status = WAVE_FAILED;
    c = cause_of_execution(a, waves, 2);
    assert_str(c.code, "OLD");
    assert_str(c.message, "Wave 1 (db):  (and other waves, see there)");
    arena_free(a);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_log_says_why),
        cmocka_unit_test(a_launch_is_unknown_while_a_job_of_it_may_run),
        cmocka_unit_test(a_refusal_hides_what_the_call_before_was_answered),
        cmocka_unit_test(giving_up_tells_what_is_left_behind),
        cmocka_unit_test(a_wave_says_why_it_failed),
        cmocka_unit_test(an_execution_names_the_wave),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
