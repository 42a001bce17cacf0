#include "tests/unit/unit.h"

#include "tests/crash/drill.h"

/*
 * A kill at every commit and at every AWS call of one drill, by count: n = 1, 2, ... until the
 * drill passes untouched. Each dies once before the thing it dies at takes effect, and once after.
 * New jobs are invisible for a while and answers are lost (ambiguous-start.json). Afterwards the
 * simulator's own log says how many StartRecovery took effect: one for each launch.
 */
enum {
    POLL_MS = 120000
}; /* every kind of poll happens; more of the same would prove nothing more */

struct kill {
    bool at_submit;
    enum drill_death death;
};

static void check(struct drill *d)
{
    const struct json *details = drill_details(d);

    assert_str(json_str(json_get_z(details, "status")), "COMPLETED");
    assert_str(json_str(json_get_z(details, "outcome")), "SUCCEEDED");
    assert_str(json_str(json_get_z(json_get_z(details, "termination"), "status")), "COMPLETED");
    assert_int_equal(drill_effective(d, "StartRecovery"), 3);
    assert_int_equal(drill_asked(d, "StartRecovery"), 3); /* DRS never had to refuse a second one */
    assert_int_equal(drill_claims(d), 0);
    assert_true(drill_effective(d, "ModifyLaunchTemplate") >=
                2); /* both servers of the first wave */
}

static bool run_once(const struct kill *k, long n)
{
    struct drill *d = drill_new(&(struct drill_options){
        .scenario = "ambiguous-start.json",
        .seed = (uint64_t)n,
        .lag = 3,
        .visibility_ms = 40000,
        .poll_min_ms = POLL_MS,
        .db_launch = "{\"instanceType\":\"c5.large\",\"copyTags\":true}",
        .die_at_submit = k->at_submit ? n : 0,
        .die_at_call = k->at_submit ? 0 : n,
        .death = k->death,
    });
    bool died;

    drill_run(d);
    check(d);
    died = drill_died(d);
    drill_free(d);
    return died;
}

static void kill_at_every(const struct kill *k)
{
    long n = 1;

    while (run_once(k, n))
        n++;
    print_message("# %ld kills at every %s, %s it took effect\n", n - 1,
                  k->at_submit ? "commit" : "AWS call",
                  k->death == DEATH_AFTER ? "after" : "before");
    assert_true(n > 50);
}

static void a_kill_before_every_commit(void **state)
{
    (void)state;
    kill_at_every(&(struct kill){.at_submit = true, .death = DEATH_BEFORE});
}

static void a_kill_after_every_commit(void **state)
{
    (void)state;
    kill_at_every(&(struct kill){.at_submit = true, .death = DEATH_AFTER});
}

static void a_kill_before_every_call(void **state)
{
    (void)state;
    kill_at_every(&(struct kill){.death = DEATH_BEFORE});
}

static void a_kill_after_every_call(void **state)
{
    (void)state;
    kill_at_every(&(struct kill){.death = DEATH_AFTER});
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_kill_before_every_commit),
        cmocka_unit_test(a_kill_after_every_commit),
        cmocka_unit_test(a_kill_before_every_call),
        cmocka_unit_test(a_kill_after_every_call),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
