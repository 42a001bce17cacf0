#include "tests/unit/sim/rig.h"

/* DRS: what jobs do, what they refuse, and what is seen of it. */

static const char estate[] =
    "\"vpcs\":[{\"id\":\"vpc-00000001\",\"cidr\":\"10.0.0.0/16\",\"default\":true}],"
    "\"subnets\":[{\"id\":\"subnet-00000001\",\"vpc\":\"vpc-00000001\",\"cidr\":\"10.0.1.0/28\"}],"
    "\"servers\":[{\"id\":\"" SERVER(1) "\"},{\"id\":\"" SERVER(2) "\"},{\"id\":\"" SERVER(
        3) "\",\"os\":\"Microsoft Windows Server 2019\"}]";

#define ONE(n)   "{\"sourceServerID\":\"" SERVER(n) "\"}"
#define DRILL(s) "{\"isDrill\":true,\"sourceServers\":[" s "]}"

static const struct json *start(struct rig *r, const char *body)
{
    int status;
    const struct json *v = rig_drs(r, "StartRecovery", body, &status);

    if (status != 202)
        fail_msg("%d " STR_FMT, status, STR_ARG(json_text(r->arena, v)));
    return json_get_z(v, "job");
}

static struct str id_of(const struct json *job)
{
    return json_str(json_get_z(job, "jobID"));
}

static const struct json *items(struct rig *r, const char *op, struct str body)
{
    int status;
    const struct json *v = rig_drs(r, op, arena_z(r->arena, body), &status);

    assert_int_equal(status, 200);
    return json_get_z(v, "items");
}

static const struct json *job_now(struct rig *r, struct str id)
{
    const struct json *list =
        items(r, "DescribeJobs",
              arena_strf(r->arena, "{\"filters\":{\"jobIDs\":[\"" STR_FMT "\"]}}", STR_ARG(id)));

    return list->len ? &list->items[0] : NULL;
}

static struct str status_of(const struct json *job, size_t server)
{
    return json_str(
        json_get_z(&json_get_z(job, "participatingServers")->items[server], "launchStatus"));
}

static struct str events_of(struct rig *r, struct str job, const char *server)
{
    const struct json *log =
        items(r, "DescribeJobLogItems",
              arena_strf(r->arena, "{\"jobID\":\"" STR_FMT "\"}", STR_ARG(job)));
    struct buf b = buf_new(r->arena, 4096);

    for (size_t i = 0; i < log->len; i++) {
        const struct json *data = json_get_z(&log->items[i], "eventData");
        struct str who = json_str(json_get_z(data, "sourceServerID"));

        if (str_present(who) && !str_eq_z(who, server))
            continue;
        buf_addf(&b, "%s" STR_FMT, b.len ? " " : "",
                 STR_ARG(json_str(json_get_z(&log->items[i], "event"))));
    }
    return buf_str(&b);
}

static void goes_through_a_launch(void **state)
{
    struct rig *r = rig_new(estate);
    const struct json *job = start(r, DRILL(ONE(1)));
    struct str id = id_of(job);
    const struct json *list;

    (void)state;
    assert_str(json_str(json_get_z(job, "status")), "PENDING");
    assert_str(json_str(json_get_z(job, "initiatedBy")), "START_DRILL");
    rig_run(r, 60000);
    job = job_now(r, id);
    assert_str(json_str(json_get_z(job, "status")), "STARTED");
    assert_null(json_get_z(job, "endDateTime"));
    assert_str(status_of(job, 0), "IN_PROGRESS");
    rig_run(r, 600000);
    job = job_now(r, id);
    assert_str(json_str(json_get_z(job, "status")), "COMPLETED");
    assert_str(status_of(job, 0), "LAUNCHED");
    assert_str(events_of(r, id, SERVER(1)),
               "JOB_START SNAPSHOT_START SNAPSHOT_END CONVERSION_START CONVERSION_END "
               "LAUNCH_START LAUNCH_END JOB_END");
    list = items(r, "DescribeRecoveryInstances", STR("{}"));
    assert_int_equal(list->len, 1);
    assert_true(json_bool(json_get_z(&list->items[0], "isDrill"), false));
    assert_str(json_str(json_get_z(&list->items[0], "ec2InstanceState")), "RUNNING");
    rig_free(r);
}

/* The profile of aws-facts 2.5: nine minutes for Linux, 24 for Windows, +-20 %. */
static void takes_as_long_as_the_real_one(void **state)
{
    struct rig *r = rig_new(estate);
    int64_t began = r->wall_ms;
    struct str linux_job = id_of(start(r, DRILL(ONE(1)))), windows_job;
    int64_t took;

    (void)state;
    while (!str_eq_z(json_str(json_get_z(job_now(r, linux_job), "status")), "COMPLETED"))
        r->wall_ms += 1000;
    took = (r->wall_ms - began) / 1000;
    assert_in_range(took, 533 * 8 / 10, 533 * 12 / 10);
    began = r->wall_ms;
    windows_job = id_of(start(r, DRILL(ONE(3))));
    while (!str_eq_z(json_str(json_get_z(job_now(r, windows_job), "status")), "COMPLETED"))
        r->wall_ms += 1000;
    took = (r->wall_ms - began) / 1000;
    assert_in_range(took, 1436 * 8 / 10, 1436 * 12 / 10);
    rig_free(r);
}

/* What AWS was seen to do, and what its model says: a client must live with both. */
static void says_the_instance_where_it_is_told_to(void **state)
{
    struct rig *r = rig_new(estate);
    struct str id = id_of(start(r, DRILL(ONE(1)))), log;

    (void)state;
    rig_run(r, 900000);
    assert_false(str_contains(json_text(r->arena, job_now(r, id)), STR("recoveryInstanceID")));
    log = arena_strf(r->arena, "{\"jobID\":\"" STR_FMT "\"}", STR_ARG(id));
    assert_true(str_contains(json_text(r->arena, items(r, "DescribeJobLogItems", log)),
                             STR("targetInstanceID")));
    (void)rig_admin(r, "POST", "knobs", "{\"participantInstance\":true,\"strictModel\":true}");
    assert_true(str_contains(json_text(r->arena, job_now(r, id)), STR("recoveryInstanceID")));
    assert_false(str_contains(json_text(r->arena, items(r, "DescribeJobLogItems", log)),
                              STR("targetInstanceID")));
    rig_free(r);
}

/* The other way to answer for a server that cannot be launched: it is taken, and skipped. */
static void skips_what_cannot_be_launched_where_told_to(void **state)
{
    struct arena *a = arena_new(0);
    struct rig *r = rig_new(arena_strf(a, "%s,\"knobs\":{\"notLaunchable\":\"skip\"}", estate).ptr);
    struct str id;

    (void)state;
    (void)rig_admin(r, "PATCH", "servers/111122223333/us-west-2/" SERVER(1),
                    "{\"replication\":{\"state\":\"STOPPED\"}}");
    id = id_of(start(r, DRILL(ONE(1) "," ONE(2))));
    rig_run(r, 900000);
    assert_str(events_of(r, id, SERVER(1)), "JOB_START SERVER_SKIPPED JOB_END");
    assert_str(status_of(job_now(r, id), 0), "PENDING");
    assert_str(status_of(job_now(r, id), 1), "LAUNCHED");
    rig_free(r);
    arena_free(a);
}

/* INITIATING, INITIAL_SYNC, CREATING_SNAPSHOT, CONTINUOUS: bytes grow, and the lag comes last. */
static void replicates_from_nothing_to_in_sync(void **state)
{
    static const char *const states[] = {"INITIATING", "INITIAL_SYNC", "CREATING_SNAPSHOT",
                                         "CONTINUOUS"};
    struct rig *r = rig_new(estate);
    int64_t before = -1;
    int status;

    (void)state;
    (void)rig_drs(r, "StopReplication", ONE(1), &status);
    (void)rig_drs(r, "StartReplication", ONE(1), &status);
    for (size_t i = 0; i < ARRAY_LEN(states); i++) {
        const struct json *server = &items(r, "DescribeSourceServers", STR("{}"))->items[0];
        const struct json *info = json_get_z(server, "dataReplicationInfo");
        const struct json *disk = &json_get_z(info, "replicatedDisks")->items[0];
        int64_t bytes = json_int(json_get_z(disk, "replicatedStorageBytes"), -1);

        assert_str(json_str(json_get_z(info, "dataReplicationState")), states[i]);
        assert_int_equal(json_get_z(info, "lagDuration") != NULL, i == 3);
        assert_true(bytes >= before);
        before = bytes;
        rig_run(r, i == 1 ? 3600000 : 331000);
    }
    rig_free(r);
}

static void cleans_up_the_previous_instance(void **state)
{
    struct rig *r = rig_new(estate);
    struct str id;
    const struct json *list, *after;

    (void)state;
    (void)start(r, DRILL(ONE(1)));
    rig_run(r, 900000);
    list = items(r, "DescribeRecoveryInstances", STR("{}"));
    id = id_of(start(r, DRILL(ONE(1))));
    rig_run(r, 900000);
    assert_str(events_of(r, id, SERVER(1)),
               "JOB_START CLEANUP_START CLEANUP_END SNAPSHOT_START SNAPSHOT_END CONVERSION_START "
               "CONVERSION_END LAUNCH_START LAUNCH_END JOB_END");
    after = items(r, "DescribeRecoveryInstances", STR("{}"));
    assert_int_equal(after->len, 1);
    assert_int_equal(json_int(json_get_z(rig_admin(r, "GET", "state", NULL), "drillInstances"), -1),
                     1);
    assert_false(str_eq(json_str(json_get_z(&list->items[0], "recoveryInstanceID")),
                        json_str(json_get_z(&after->items[0], "recoveryInstanceID"))));
    rig_free(r);
}

struct refusal_case {
    const char *title;
    const char *members; /* added to the world */
    const char *body;
    int status;
    const char *code;
};

static const struct refusal_case refusals[] = {
    {"an empty list", "", "{\"sourceServers\":[]}", 400, "ValidationException"},
    {"a bad id", "", "{\"sourceServers\":[{\"sourceServerID\":\"s-1\"}]}", 400,
     "ValidationException"},
    {"a wrong type", "", "{\"sourceServers\":\"s\"}", 400, NULL},
    {"an unknown member", "", "{\"sourceServers\":[" ONE(1) "],\"colour\":\"red\"}", 400,
     "ValidationException"},
    {"a server twice", "", DRILL(ONE(1) "," ONE(1)), 400, "ValidationException"},
    {"an unknown server", "", DRILL(ONE(9)), 404, "ResourceNotFoundException"},
    {"an unknown server, the other way", ",\"knobs\":{\"unknownServer\":\"validation\"}",
     DRILL(ONE(9)), 400, "ValidationException"},
    {"too many for one job", "!quotaPerJob", DRILL(ONE(1) "," ONE(2)), 402,
     "ServiceQuotaExceededException"},
    {"too many jobs", "!quotaJobs", DRILL(ONE(2)), 402, "ServiceQuotaExceededException"},
};

static void refuses_a_start(void **state)
{
    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(refusals); i++) {
        const struct refusal_case *x = &refusals[i];
        bool quota = x->members[0] == '!';
        struct arena *a = arena_new(0);
        struct rig *r = rig_new(arena_strf(a, "%s%s", estate, quota ? "" : x->members).ptr);
        const struct json *v;
        int status;

        if (quota) {
            (void)rig_admin(r, "PATCH", "regions/111122223333/us-west-2/cell",
                            arena_strf(a, "{\"%s\":1}", x->members + 1).ptr);
            if (strcmp(x->members, "!quotaJobs") == 0)
                (void)start(r, DRILL(ONE(1)));
        }
        v = rig_drs(r, "StartRecovery", x->body, &status);
        if (status != x->status)
            fail_msg("%s: %d", x->title, status);
        if (x->code)
            assert_str(json_str(json_get_z(v, "code")), x->code);
        rig_free(r);
        arena_free(a);
    }
}

static void refuses_a_busy_server_whole(void **state)
{
    struct rig *r = rig_new(estate);
    const struct json *v;
    int status;

    (void)state;
    (void)start(r, DRILL(ONE(1)));
    v = rig_drs(r, "StartRecovery", DRILL(ONE(2) "," ONE(1)), &status);
    assert_int_equal(status, 409);
    assert_true(str_contains(json_str(json_get_z(v, "message")),
                             STR("currently being processed by a Job")));
    assert_int_equal(items(r, "DescribeJobs", STR("{}"))->len, 1);
    rig_free(r);
}

static void terminates(void **state)
{
    struct rig *r = rig_new(estate);
    const struct json *list, *v;
    struct str body, id;
    int status;

    (void)state;
    (void)start(r, DRILL(ONE(1)));
    rig_run(r, 900000);
    list = items(r, "DescribeRecoveryInstances", STR("{}"));
    body = arena_strf(r->arena, "{\"recoveryInstanceIDs\":[\"" STR_FMT "\"]}",
                      STR_ARG(json_str(json_get_z(&list->items[0], "recoveryInstanceID"))));
    v = rig_drs(r, "TerminateRecoveryInstances", body.ptr, &status);
    assert_int_equal(status, 200);
    id = id_of(json_get_z(v, "job"));
    assert_int_equal(json_int(json_get_z(rig_admin(r, "GET", "state", NULL), "drillInstances"), -1),
                     1);
    rig_run(r, 180000);
    v = job_now(r, id);
    assert_str(json_str(json_get_z(v, "status")), "COMPLETED");
    assert_str(status_of(v, 0), "TERMINATED");
    assert_int_equal(json_int(json_get_z(rig_admin(r, "GET", "state", NULL), "drillInstances"), -1),
                     0);
    rig_run(r, 300000);
    assert_int_equal(items(r, "DescribeRecoveryInstances", STR("{}"))->len, 0);
    rig_free(r);
}

static void hides_what_is_not_consistent_yet(void **state)
{
    struct arena *a = arena_new(0);
    struct rig *r = rig_new(
        arena_strf(a, "%s,\"knobs\":{\"jobVisibleS\":30,\"instanceVisibleS\":10}", estate).ptr);
    struct str id = id_of(start(r, DRILL(ONE(1))));

    (void)state;
    rig_run(r, 29000);
    assert_null(job_now(r, id));
    rig_run(r, 1001);
    assert_non_null(job_now(r, id));
    while (!str_eq_z(status_of(job_now(r, id), 0), "LAUNCHED"))
        r->wall_ms += 1000;
    assert_int_equal(items(r, "DescribeRecoveryInstances", STR("{}"))->len, 0);
    rig_run(r, 10000);
    assert_int_equal(items(r, "DescribeRecoveryInstances", STR("{}"))->len, 1);
    rig_free(r);
    arena_free(a);
}

static void pages_with_sealed_tokens(void **state)
{
    struct rig *r = rig_new(estate);
    const struct json *v;
    struct str token;
    int status;

    (void)state;
    v = rig_drs(r, "DescribeSourceServers", "{\"maxResults\":2}", &status);
    assert_int_equal(json_get_z(v, "items")->len, 2);
    token = json_str(json_get_z(v, "nextToken"));
    v = rig_drs(r, "DescribeSourceServers",
                arena_strf(r->arena, "{\"nextToken\":\"" STR_FMT "\"}", STR_ARG(token)).ptr,
                &status);
    assert_int_equal(json_get_z(v, "items")->len, 1);
    assert_null(json_get_z(v, "nextToken"));
    (void)rig_drs(r, "DescribeSourceServers",
                  arena_strf(r->arena,
                             "{\"nextToken\":\"" STR_FMT
                             "\",\"filters\":{\"stagingAccountIDs\":[\"111122223333\"]}}",
                             STR_ARG(token))
                      .ptr,
                  &status);
    assert_int_equal(status, 400);
    (void)rig_drs(r, "DescribeJobs",
                  arena_strf(r->arena, "{\"nextToken\":\"" STR_FMT "\"}", STR_ARG(token)).ptr,
                  &status);
    assert_int_equal(status, 400);
    rig_free(r);
}

static void refuses_a_region_that_is_not_initialised(void **state)
{
    struct rig *r = rig_new(estate);
    const struct json *v;
    int status;

    (void)state;
    r->region = "eu-west-1";
    v = rig_drs(r, "DescribeSourceServers", "{}", &status);
    assert_int_equal(status, 400);
    assert_str(json_str(json_get_z(v, "code")), "UninitializedAccountException");
    (void)rig_drs(r, "InitializeService", "", &status);
    assert_int_equal(status, 204);
    (void)rig_drs(r, "DescribeSourceServers", "{}", &status);
    assert_int_equal(status, 200);
    r->region = "af-south-1";
    v = rig_drs(r, "DescribeSourceServers", "{}", &status);
    assert_str(json_str(json_get_z(v, "code")), "UnrecognizedClientException");
    rig_free(r);
}

/* In a region where there is nothing of the kind, and after a filter that nothing passes. */
static void refuses_a_filter_that_it_does_not_know(void **state)
{
    static const char *const ops[] = {"DescribeInstances",     "DescribeSubnets",
                                      "DescribeVpcs",          "DescribeSecurityGroups",
                                      "DescribeAddresses",     "DescribeNetworkInterfaces",
                                      "DescribeTags",          "DescribeLaunchTemplates",
                                      "DescribeRegions",       "DescribeInstanceTypeOfferings",
                                      "DescribeInstanceTypes", "DescribeAvailabilityZones"};
    struct rig *r = rig_new("");
    struct str text;
    int status;

    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(ops); i++) {
        text = rig_form(
            r, "ec2",
            arena_strf(r->arena, "Action=%s&Filter.1.Name=colour&Filter.1.Value.1=red", ops[i]).ptr,
            &status);
        if (!str_eq_z(xml_find(text, "Code"), "InvalidParameterValue"))
            fail_msg("%s: " STR_FMT, ops[i], STR_ARG(text));
    }
    text = rig_form(r, "ec2",
                    "Action=DescribeRegions&Filter.1.Name=region-name&Filter.1.Value.1=none&"
                    "Filter.2.Name=colour&Filter.2.Value.1=red",
                    &status);
    assert_str(xml_find(text, "Code"), "InvalidParameterValue");
    text = rig_form(r, "ec2", "Action=DescribeAvailabilityZones&ZoneName.1=us-west-2z", &status);
    assert_str(xml_find(text, "Code"), "InvalidParameterValue");
    text = rig_form(r, "ec2", "Action=DescribeAvailabilityZones&ZoneId.1=us-west-2-az2", &status);
    assert_str(xml_find(text, "zoneName"), "us-west-2b");
    text = rig_form(r, "ec2", "Action=DescribeAddresses&PublicIp.1=192.0.2.1", &status);
    assert_str(xml_find(text, "Code"), "InvalidAddress.NotFound");
    rig_free(r);
}

static void refuses_loudly_what_it_does_not_model(void **state)
{
    struct rig *r = rig_new(estate);
    int status;

    (void)state;
    (void)rig_drs(r, "ReverseReplication", "{}", &status);
    assert_int_equal(status, 404);
    (void)rig_drs(r, "DescribeSourceServers", "{\"filters\":{\"colour\":\"red\"}}", &status);
    assert_int_equal(status, 400);
    assert_str(xml_find(rig_form(r, "ec2", "Action=RunInstances", &status), "Code"),
               "InvalidAction");
    assert_str(xml_find(rig_form(r, "ec2", "Action=DescribeVpcs&Colour=red", &status), "Code"),
               "UnknownParameter");
    (void)rig_drs(r, "DescribeSourceServers", "{\"filters\":", &status);
    assert_int_equal(status, 400);
    assert_str(
        xml_find(rig_send(r, "ec2", "POST", "/", "Action=DescribeVpcs&Version=2015-01-01").body,
                 "Code"),
        "InvalidAction");
    assert_int_equal(rig_send(r, "drs", "GET", "/DescribeJobs", "").status, 404);
    assert_int_equal(rig_send(r, "drs", "POST", "/DescribeJobs/", "{}").status, 404);
    assert_int_equal(rig_send(r, "drs", "POST", "/describejobs", "{}").status, 404);
    assert_int_equal(
        rig_send(r, "lambda", "POST", "/2015-03-31/functions/x/invocations", "").status, 400);
    rig_free(r);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(goes_through_a_launch),
        cmocka_unit_test(takes_as_long_as_the_real_one),
        cmocka_unit_test(says_the_instance_where_it_is_told_to),
        cmocka_unit_test(skips_what_cannot_be_launched_where_told_to),
        cmocka_unit_test(replicates_from_nothing_to_in_sync),
        cmocka_unit_test(cleans_up_the_previous_instance),
        cmocka_unit_test(refuses_a_start),
        cmocka_unit_test(refuses_a_busy_server_whole),
        cmocka_unit_test(terminates),
        cmocka_unit_test(hides_what_is_not_consistent_yet),
        cmocka_unit_test(pages_with_sealed_tokens),
        cmocka_unit_test(refuses_a_region_that_is_not_initialised),
        cmocka_unit_test(refuses_a_filter_that_it_does_not_know),
        cmocka_unit_test(refuses_loudly_what_it_does_not_model),
    };

    return cmocka_run_group_tests_name("sim: DRS", tests, NULL, NULL);
}
