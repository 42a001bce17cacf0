#include "tests/unit/unit.h"

#include "tests/crash/drill.h"
#include "tests/unit/store/folder.h"

/*
 * A backup before every commit of one drill, by count, put back after the drill has ended: what had
 * not been begun then has been done since. Whatever the copy says, the simulator's own log must not
 * know of a second StartRecovery for any launch, nor of a second termination.
 */
enum { POLL_MS = 120000, DAYS_3_MS = 3 * 24 * 60 * 60 * 1000 };

static struct drill *drill_in(struct str folder, long n)
{
    return drill_new(&(struct drill_options){
        .scenario = "ambiguous-start.json",
        .seed = (uint64_t)n,
        .visibility_ms = 40000,
        .poll_min_ms = POLL_MS,
        .folder = folder.ptr,
        .backup_at_submit = n,
    });
}

static void check(struct drill *d, long n, long terminations)
{
    const struct json *details = drill_details(d);

    if (drill_asked(d, "StartRecovery") != 3)
        fail_msg("the backup before commit %ld: %ld calls of StartRecovery", n,
                 drill_asked(d, "StartRecovery"));
    if (drill_asked(d, "TerminateRecoveryInstances") != terminations)
        fail_msg("the backup before commit %ld: %ld calls of TerminateRecoveryInstances", n,
                 drill_asked(d, "TerminateRecoveryInstances"));
    assert_str(json_str(json_get_z(details, "status")), "COMPLETED");
    assert_str(json_str(json_get_z(details, "outcome")), "SUCCEEDED");
    assert_str(json_str(json_get_z(json_get_z(details, "termination"), "status")), "COMPLETED");
    assert_int_equal(drill_claims(d), 0);
}

static bool run_once(long n, int64_t after_ms)
{
    struct arena *a = arena_new(0);
    struct str folder = folder_new(a);
    struct drill *d = drill_in(folder, n);
    long terminations;
    bool restored;

    drill_run(d);
    terminations = drill_asked(d, "TerminateRecoveryInstances");
    restored = drill_restore(d, after_ms);
    check(d, n, terminations);
    drill_free(d);
    folder_remove(a, folder);
    arena_free(a);
    return restored;
}

/* The first commit is that of the start: before it there is no execution to speak of. */
static void a_backup_before_every_commit_restored_after_the_end(void **state)
{
    long n = 2;

    (void)state;
    while (run_once(n, 0))
        n++;
    print_message("# %ld backups\n", n - 2);
    assert_true(n > 50);
}

/* Jobs are looked for from when the execution began, not from when the backup was put back. */
static void a_backup_of_a_pending_execution_restored_days_later(void **state)
{
    (void)state;
    assert_true(run_once(2, DAYS_3_MS));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_backup_before_every_commit_restored_after_the_end),
        cmocka_unit_test(a_backup_of_a_pending_execution_restored_days_later),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
