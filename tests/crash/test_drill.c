#include "tests/unit/unit.h"

#include "tests/crash/drill.h"

static struct str text_of(const struct json *v, const char *name)
{
    return json_str(json_get_z(v, name));
}

static void check_details(struct drill *d)
{
    const struct json *details = drill_details(d);
    const struct json *waves = json_get_z(details, "waves");

    assert_str(text_of(details, "status"), "COMPLETED");
    assert_str(text_of(details, "outcome"), "SUCCEEDED");
    assert_str(text_of(json_get_z(details, "termination"), "status"), "COMPLETED");
    assert_int_equal(waves->len, 3);
    for (size_t i = 0; i < waves->len; i++) {
        const struct json *servers = json_get_z(&waves->items[i], "servers");

        assert_str(text_of(&waves->items[i], "status"), "COMPLETED");
        assert_true(text_of(&waves->items[i], "jobId").len > 0);
        for (size_t k = 0; k < servers->len; k++) {
            assert_str(text_of(&servers->items[k], "status"), "TERMINATED");
            assert_true(str_starts(text_of(&servers->items[k], "instanceId"), STR("i-")));
        }
    }
    assert_int_equal(drill_effective(d, "StartRecovery"), 3);
}

static void a_drill_runs_in_one_thread(void **state)
{
    struct drill *d =
        drill_new(&(struct drill_options){.scenario = "three-tier.json", .seed = 7, .lag = 3});

    (void)state;
    drill_run(d);
    check_details(d);
    print_message("# %ld commits, %ld AWS calls\n", drill_submits(d), drill_calls(d));
    drill_free(d);
}

static void the_same_seed_gives_the_same_bytes(void **state)
{
    struct arena *a = arena_new(0);
    struct str dumps[2];

    (void)state;
    for (size_t i = 0; i < 2; i++) {
        struct drill *d =
            drill_new(&(struct drill_options){.scenario = "three-tier.json", .seed = 7, .lag = 3});

        drill_run(d);
        dumps[i] = arena_str(a, drill_dump(d));
        drill_free(d);
    }
    assert_true(dumps[0].len > 10000);
    assert_true(str_eq(dumps[0], dumps[1]));
    arena_free(a);
}

static void an_answer_that_is_lost_is_looked_for(void **state)
{
    struct drill *d =
        drill_new(&(struct drill_options){.scenario = "ambiguous-start.json", .seed = 7, .lag = 3});

    (void)state;
    drill_run(d);
    check_details(d);
    assert_int_equal(drill_asked(d, "StartRecovery"), 3); /* DRS would refuse a second one */
    drill_free(d);
}

/* Also where they take longer than a job that is nowhere to be seen is looked for. */
static void a_job_is_waited_for_until_its_tags_are_seen(void **state)
{
    static const char *const knobs[] = {"{\"tagVisibleS\":60}", "{\"tagVisibleS\":100}",
                                        "{\"tagVisibleS\":400}"};

    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(knobs); i++) {
        struct drill *d = drill_new(&(struct drill_options){
            .scenario = "ambiguous-start.json", .seed = 7, .lag = 3, .knobs = knobs[i]});

        drill_run(d);
        check_details(d);
        assert_int_equal(drill_asked(d, "StartRecovery"), 3);
        drill_free(d);
    }
}

/* It has no tags either, and is nobody's of ours: a call after its end starts what is wanted. */
static void the_job_of_another_operator_is_waited_out(void **state)
{
    struct drill *d = drill_new(&(struct drill_options){
        .scenario = "three-tier.json",
        .seed = 7,
        .lag = 3,
        .trouble = "{\"id\":\"trouble\",\"effect\":\"CONFLICT\",\"variant\":\"job\","
                   "\"match\":{\"op\":\"StartRecovery\",\"count\":1}}",
        .trouble_from = FROM_START});

    (void)state;
    drill_run(d);
    check_details(d);
    assert_int_equal(drill_asked(d, "StartRecovery"), 4);
    drill_free(d);
}

struct canceller {
    struct drill *drill;
    bool done;
};

static void cancel_after_start(void *context, const struct json *details)
{
    struct canceller *c = context;

    (void)details;
    if (c->done || drill_asked(c->drill, "StartRecovery") == 0)
        return;
    drill_cancel(c->drill);
    c->done = true;
}

static void a_cancel_leaves_no_job_whose_tags_come_late(void **state)
{
    struct drill *d = drill_new(&(struct drill_options){.scenario = "ambiguous-start.json",
                                                        .seed = 7,
                                                        .lag = 3,
                                                        .knobs = "{\"tagVisibleS\":400}",
                                                        .may_fail = true});
    struct canceller c = {.drill = d};

    (void)state;
    drill_watch(d, cancel_after_start, &c);
    drill_run(d);
    assert_true(c.done);
    assert_str(text_of(drill_details(d), "status"), "CANCELLED");
    assert_int_equal(drill_asked(d, "StartRecovery"), 1);
    assert_int_equal(drill_instances(d), 0);
    assert_false(
        str_contains(drill_dump(d), STR("\"initiatedBy\":\"START_DRILL\",\"status\":\"STARTED\"")));
    drill_free(d);
}

/* At a poll a second a drill takes more loops than one workflow's history may hold. */
static void a_long_execution_is_continued_by_successors(void **state)
{
    struct drill *d = drill_new(&(struct drill_options){.scenario = "three-tier.json",
                                                        .seed = 7,
                                                        .lag = 3,
                                                        .poll_min_ms = 1000,
                                                        .poll_max_ms = 1000});

    (void)state;
    drill_run(d);
    check_details(d);
    assert_true(drill_handovers(d) >= 1);
    print_message("# %lld successors, %ld commits\n", (long long)drill_handovers(d),
                  drill_submits(d));
    drill_free(d);
}

static void a_start_takes_a_group_as_it_is_when_it_begins(void **state)
{
    struct drill *d = drill_new(&(struct drill_options){
        .scenario = "three-tier.json",
        .seed = 7,
        .lag = 3,
        .meanwhile = "\"version\":1,\"serverSelectionTags\":{\"Name\":\"db-02\"}"});
    const struct json *servers;

    (void)state;
    drill_run(d);
    check_details(d);
    servers = json_get_z(&json_get_z(drill_details(d), "waves")->items[0], "servers");
    assert_int_equal(servers->len, 1);
    assert_str(text_of(&servers->items[0], "sourceServerId"), "s-0000000000000db02");
    drill_free(d);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_drill_runs_in_one_thread),
        cmocka_unit_test(the_same_seed_gives_the_same_bytes),
        cmocka_unit_test(an_answer_that_is_lost_is_looked_for),
        cmocka_unit_test(a_job_is_waited_for_until_its_tags_are_seen),
        cmocka_unit_test(the_job_of_another_operator_is_waited_out),
        cmocka_unit_test(a_cancel_leaves_no_job_whose_tags_come_late),
        cmocka_unit_test(a_start_takes_a_group_as_it_is_when_it_begins),
        cmocka_unit_test(a_long_execution_is_continued_by_successors),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
