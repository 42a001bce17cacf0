#include "tests/unit/sim/two_servers.h"

/* Fault rules inside jobs, and on what servers report. */

/* What one rule does to a job of two servers, of which it names the first. */
struct job_case {
    const char *rule;
    const char *first; /* launchStatus of the server that the rule names */
    const char *job;   /* status after an hour */
    const char *event; /* is in the log */
    const char *never; /* is not */
};

#define ON "\"match\":{\"resource\":\"" SERVER(1) "\""

static const struct job_case jobs[] = {
    {"{\"effect\":\"LAUNCH\",\"code\":\"InsufficientInstanceCapacity\"," ON "}}", "FAILED",
     "COMPLETED", "LAUNCH_FAILED", NULL},
    {"{\"effect\":\"LAUNCH\"," ON ",\"phase\":\"LAUNCH_END\"}}", "FAILED", "COMPLETED",
     "LAUNCH_FAILED", NULL},
    {"{\"effect\":\"CONV\",\"value\":2," ON "}}", "FAILED", "COMPLETED", "CONVERSION_FAIL", NULL},
    {"{\"effect\":\"CONV\",\"value\":1,\"code\":\"VolumeInUse\"," ON "}}", "FAILED", "COMPLETED",
     "(VolumeInUse)", NULL},
    {"{\"effect\":\"CONV\",\"value\":3," ON ",\"count\":1}}", "LAUNCHED", "COMPLETED",
     "CONVERSION_FAIL", NULL},
    {"{\"effect\":\"SNAP\",\"variant\":\"previous\"," ON "}}", "LAUNCHED", "COMPLETED",
     "USING_PREVIOUS_SNAPSHOT", NULL},
    {"{\"effect\":\"SNAP\"," ON "}}", "FAILED", "COMPLETED", "USING_PREVIOUS_SNAPSHOT_FAILED",
     NULL},
    {"{\"effect\":\"SKIP\"," ON "}}", "PENDING", "COMPLETED", "SERVER_SKIPPED", NULL},
    {"{\"effect\":\"STALL\"," ON ",\"phase\":\"CONVERSION\"}}", "IN_PROGRESS", "STARTED",
     "CONVERSION_START", NULL},
    {"{\"effect\":\"STALL\",\"value\":60," ON ",\"phase\":\"LAUNCH\"}}", "LAUNCHED", "COMPLETED",
     "LAUNCH_END", NULL},
    {"{\"effect\":\"STALL\"," ON ",\"phase\":\"JOB\"}}", "PENDING", "PENDING", NULL, NULL},
    {"{\"effect\":\"STALL\"," ON ",\"phase\":\"END\"}}", "LAUNCHED", "STARTED", "LAUNCH_END",
     "JOB_END"},
    {"{\"effect\":\"STALL\",\"variant\":\"silent\"," ON ",\"phase\":\"END\"}}", "LAUNCHED",
     "COMPLETED", "LAUNCH_END", "JOB_END"},
    {"{\"effect\":\"STALL\",\"variant\":\"abandon\"," ON ",\"phase\":\"LAUNCH\"}}", "IN_PROGRESS",
     "COMPLETED", "JOB_END", NULL},
    {"{\"effect\":\"STALL\",\"variant\":\"abandon\"," ON ",\"phase\":\"QUEUED\"}}", "PENDING",
     "COMPLETED", "JOB_END", NULL},
};

static void does_to_a_job_what_it_says(void **state)
{
    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(jobs); i++) {
        struct rig *r = rig_new(estate);
        const struct json *job, *servers;
        int status;

        (void)rig_admin(r, "POST", "faults", jobs[i].rule);
        (void)rig_drs(r, "StartRecovery", BOTH, &status);
        assert_int_equal(status, 202);
        rig_run(r, 3600000);
        job = &json_get_z(rig_admin(r, "GET", "jobs", NULL), "jobs")->items[0];
        servers = json_get_z(job, "servers");
        if (!str_eq_z(json_str(json_get_z(job, "status")), jobs[i].job) ||
            !str_eq_z(json_str(json_get_z(&servers->items[0], "status")), jobs[i].first))
            fail_msg("%s: " STR_FMT, jobs[i].rule, STR_ARG(json_text(r->arena, job)));
        if (jobs[i].event)
            assert_true(str_contains(json_text(r->arena, json_get_z(job, "log")),
                                     str_from_z(jobs[i].event)));
        if (jobs[i].never)
            assert_false(str_contains(json_text(r->arena, json_get_z(job, "log")),
                                      str_from_z(jobs[i].never)));
        if (!strstr(jobs[i].rule, "JOB"))
            assert_str(json_str(json_get_z(&servers->items[1], "status")), "LAUNCHED");
        rig_free(r);
    }
}

static void reports_ill_replication(void **state)
{
    struct rig *r = rig_new(estate);
    const struct json *list, *info;
    int status;

    (void)state;
    (void)rig_admin(r, "POST", "faults",
                    "{\"effect\":\"REPL\",\"variant\":\"DISCONNECTED\"," ON "}}");
    list = json_get_z(rig_drs(r, "DescribeSourceServers", "{}", &status), "items");
    info = json_get_z(&list->items[0], "dataReplicationInfo");
    assert_str(json_str(json_get_z(info, "dataReplicationState")), "DISCONNECTED");
    assert_null(json_get_z(info, "lagDuration"));
    info = json_get_z(&list->items[1], "dataReplicationInfo");
    assert_str(json_str(json_get_z(info, "lagDuration")), "P0D");
    (void)rig_drs(r, "StartRecovery", BOTH, &status);
    assert_int_equal(status, 409);
    rig_free(r);
}

static const struct json *info_of_first(struct rig *r)
{
    int status;
    const struct json *list =
        json_get_z(rig_drs(r, "DescribeSourceServers", "{}", &status), "items");

    return json_get_z(&list->items[0], "dataReplicationInfo");
}

static void a_backlog_grows_and_points_in_time_go(void **state)
{
    struct rig *r = rig_new(estate);
    const struct json *disk;
    int64_t before;
    int status;

    (void)state;
    (void)rig_admin(r, "POST", "faults", "{\"effect\":\"REPL\",\"variant\":\"BACKLOG\"," ON "}}");
    r->wall_ms += 60000;
    disk = &json_get_z(info_of_first(r), "replicatedDisks")->items[0];
    before = json_int(json_get_z(disk, "backloggedStorageBytes"), 0);
    assert_str(json_str(json_get_z(info_of_first(r), "lagDuration")), "PT1M");
    r->wall_ms += 60000;
    disk = &json_get_z(info_of_first(r), "replicatedDisks")->items[0];
    assert_true(json_int(json_get_z(disk, "backloggedStorageBytes"), 0) > before);
    (void)rig_admin(r, "DELETE", "faults", NULL);
    (void)rig_admin(r, "POST", "faults", "{\"effect\":\"REPL\",\"variant\":\"NO_PIT\"," ON "}}");
    assert_str(json_str(json_get_z(info_of_first(r), "dataReplicationState")), "CONTINUOUS");
    assert_int_equal(json_get_z(rig_drs(r, "DescribeRecoverySnapshots",
                                        "{\"sourceServerID\":\"" SERVER(1) "\"}", &status),
                                "items")
                         ->len,
                     0);
    (void)rig_drs(r, "StartRecovery", BOTH, &status);
    assert_int_equal(status, 409);
    rig_free(r);
}

static size_t points_of_first(struct rig *r, struct str *oldest)
{
    int status;
    const struct json *list =
        json_get_z(rig_drs(r, "DescribeRecoverySnapshots",
                           "{\"sourceServerID\":\"" SERVER(1) "\",\"order\":\"ASC\"}", &status),
                   "items");

    *oldest = list->len ? json_str(json_get_z(&list->items[0], "snapshotID")) : (struct str){0};
    return list->len;
}

/* What a client chose is gone when it starts; without a choice DRS takes a new point in time. */
static void points_in_time_expire(void **state)
{
    struct rig *r = rig_new(estate);
    struct str oldest, none;
    const char *chosen;
    int status;

    (void)state;
    rig_run(r, 7200000);
    assert_true(points_of_first(r, &oldest) > 6);
    (void)rig_admin(r, "POST", "faults",
                    "{\"effect\":\"REPL\",\"variant\":\"PIT_EXPIRED\",\"value\":3600," ON "}}");
    assert_int_equal(points_of_first(r, &none), 6);
    assert_str(json_str(json_get_z(info_of_first(r), "dataReplicationState")), "CONTINUOUS");
    chosen = arena_strf(r->arena,
                        "{\"sourceServers\":[{\"sourceServerID\":\"" SERVER(
                            1) "\","
                               "\"recoverySnapshotID\":\"" STR_FMT "\"}]}",
                        STR_ARG(oldest))
                 .ptr;
    (void)rig_drs(r, "StartRecovery", chosen, &status);
    assert_int_equal(status, 400);
    (void)rig_admin(r, "DELETE", "faults", NULL);
    (void)rig_admin(r, "POST", "faults",
                    "{\"effect\":\"REPL\",\"variant\":\"PIT_EXPIRED\"," ON "}}");
    assert_int_equal(points_of_first(r, &none), 0);
    (void)rig_drs(r, "StartRecovery", BOTH, &status);
    assert_int_equal(status, 202);
    rig_free(r);
}

static void says_why_replication_stalls(void **state)
{
    static const char *const errors[] = {
        "AGENT_NOT_SEEN",
        "SNAPSHOTS_FAILURE",
        "NOT_CONVERGING",
        "UNSTABLE_NETWORK",
        "FAILED_TO_CREATE_SECURITY_GROUP",
        "FAILED_TO_LAUNCH_REPLICATION_SERVER",
        "FAILED_TO_BOOT_REPLICATION_SERVER",
        "FAILED_TO_AUTHENTICATE_WITH_SERVICE",
        "FAILED_TO_DOWNLOAD_REPLICATION_SOFTWARE",
        "FAILED_TO_CREATE_STAGING_DISKS",
        "FAILED_TO_ATTACH_STAGING_DISKS",
        "FAILED_TO_PAIR_REPLICATION_SERVER_WITH_AGENT",
        "FAILED_TO_CONNECT_AGENT_TO_REPLICATION_SERVER",
        "FAILED_TO_START_DATA_TRANSFER",
    };
    struct rig *r = rig_new(estate);

    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(errors); i++) {
        const struct json *error;

        (void)rig_admin(
            r, "POST", "faults",
            arena_strf(r->arena, "{\"effect\":\"REPL\",\"code\":\"%s\"}", errors[i]).ptr);
        error = json_get_z(info_of_first(r), "dataReplicationError");
        assert_str(json_str(json_get_z(error, "error")), errors[i]);
        (void)rig_admin(r, "DELETE", "faults", NULL);
    }
    rig_free(r);
}

/* The earlier instance stays where it is, and the new one comes beside it. */
static void fails_to_clean_up(void **state)
{
    struct rig *r = rig_new(estate);
    struct str jobs_text;
    int status;

    (void)state;
    (void)rig_drs(r, "StartRecovery", BOTH, &status);
    rig_run(r, 3600000);
    (void)rig_admin(r, "POST", "faults", "{\"effect\":\"CLEAN\"," ON "}}");
    (void)rig_drs(r, "StartRecovery", BOTH, &status);
    rig_run(r, 3600000);
    jobs_text = json_text(r->arena, rig_admin(r, "GET", "jobs", NULL));
    assert_true(str_contains(jobs_text, STR("CLEANUP_FAIL")));
    assert_int_equal(
        json_int(json_get_z(rig_admin(r, "GET", "state", NULL), "recoveryInstances"), -1), 3);
    rig_free(r);
}

static void hides_the_end_of_a_job(void **state)
{
    struct rig *r = rig_new(estate);
    const struct json *job;
    int status;

    (void)state;
    (void)rig_drs(r, "StartRecovery", BOTH, &status);
    rig_run(r, 3600000);
    (void)rig_admin(r, "POST", "faults",
                    "{\"effect\":\"TIME\",\"variant\":\"noEnd\",\"match\":{\"count\":1}}");
    for (int i = 0; i < 2; i++) {
        job = &json_get_z(rig_drs(r, "DescribeJobs", "{}", &status), "items")->items[0];
        assert_str(json_str(json_get_z(job, "status")), "COMPLETED");
        assert_int_equal(json_get_z(job, "endDateTime") != NULL, i);
    }
    rig_free(r);
}

static void lets_another_operator_be_first(void **state)
{
    struct rig *r = rig_new(estate);
    int status;

    (void)state;
    (void)rig_admin(r, "POST", "faults",
                    "{\"effect\":\"CONFLICT\",\"variant\":\"job\",\"match\":{\"count\":1}}");
    (void)rig_drs(r, "StartRecovery", BOTH, &status);
    assert_int_equal(status, 409);
    assert_int_equal(json_int(json_get_z(rig_admin(r, "GET", "state", NULL), "activeJobs"), -1), 1);
    rig_free(r);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(does_to_a_job_what_it_says),
        cmocka_unit_test(reports_ill_replication),
        cmocka_unit_test(a_backlog_grows_and_points_in_time_go),
        cmocka_unit_test(points_in_time_expire),
        cmocka_unit_test(says_why_replication_stalls),
        cmocka_unit_test(fails_to_clean_up),
        cmocka_unit_test(hides_the_end_of_a_job),
        cmocka_unit_test(lets_another_operator_be_first),
    };

    return cmocka_run_group_tests_name("sim: faults in jobs", tests, NULL, NULL);
}
