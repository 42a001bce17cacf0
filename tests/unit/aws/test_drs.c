#include "tests/unit/aws/rig.h"

#include "aws/drs.h"

#define DRS "https://drs.us-west-2.amazonaws.com"

static void test_start_recovery_sends_and_reads_what_drs_has(void **state)
{
    static const struct exchange script[] = {{
        .url = DRS "/StartRecovery",
        .body = "{\"sourceServers\":[{\"sourceServerID\":\"s-1\"},{\"sourceServerID\":\"s-2\","
                "\"recoverySnapshotID\":\"pit-1\"}],\"isDrill\":true,\"tags\":{\"a\":\"b c\"}}",
        .headers = {"Content-Type: application/json", "Host: drs.us-west-2.amazonaws.com",
                    "X-Amz-Date: 20260921T141320Z", "Authorization", "!X-Amz-Security-Token",
                    "Accept-Encoding: identity", "!X-Amz-Target",
                    "amz-sdk-request: attempt=1; max=3"},
        .status = 202,
        .answer_headers = {"x-amzn-RequestId: req-1"},
        .answer =
            "{\"job\":{\"jobID\":\"drsjob-1\",\"arn\":\"arn:x\",\"type\":\"LAUNCH\","
            "\"initiatedBy\":\"START_DRILL\",\"status\":\"PENDING\",\"unknown\":[1],"
            "\"creationDateTime\":\"2022-12-07T19:15:38.846723+00:00\",\"tags\":{\"a\":\"b c\"},"
            "\"participatingServers\":[{\"sourceServerID\":\"s-1\",\"launchStatus\":\"PENDING\","
            "\"launchActionsStatus\":{}}]}}",
    }};
    struct rig *r = RIG(script);
    struct drs_start_server servers[] = {{.source_server_id = STR("s-1")},
                                         {STR("s-2"), STR("pit-1")}};
    struct tag tag = {STR("a"), STR("b c")};
    struct drs_start_request request = {
        .servers = {servers, 2}, .is_drill = true, .tags = {&tag, 1}};
    struct drs_job job = {0};

    (void)state;
    assert_int_equal(drs_start_recovery(r->aws, &r->at, &request, &job), FAULT_NONE);
    assert_str(job.id, "drsjob-1");
    assert_str(job.status, "PENDING");
    assert_true(job.created_ms == INT64_C(1670440538846));
    assert_int_equal(job.ended_ms, 0);
    assert_int_equal(job.servers.len, 1);
    assert_str(job.servers.items[0].launch_status, "PENDING");
    assert_false(str_present(job.servers.items[0].recovery_instance_id));
    assert_str(tags_get(&job.tags, STR("a")), "b c");
    assert_int_equal(r->calls_len, 1);
    assert_string_equal(r->calls[0].operation, "StartRecovery");
    assert_string_equal(r->calls[0].request_id, "req-1");
    assert_int_equal(r->calls[0].status, 202);
    rig_free(r);
}

static void test_source_servers_come_page_by_page(void **state)
{
    static const struct exchange script[] = {
        {
            .url = DRS "/DescribeSourceServers",
            .body = "{\"maxResults\":200}",
            .answer = "{\"items\":[{\"sourceServerID\":\"s-1\",\"sourceProperties\":{"
                      "\"identificationHints\":{\"hostname\":\"web-1\"},\"cpus\":[{\"cores\":4}],"
                      "\"networkInterfaces\":[{\"ips\":[\"10.0.0.1\"],\"isPrimary\":true}]},"
                      "\"dataReplicationInfo\":{\"lagDuration\":\"P0D\",\"dataReplicationState\":"
                      "\"CONTINUOUS\",\"replicatedDisks\":[{\"totalStorageBytes\":"
                      "9007199254740993}]}}],\"nextToken\":\"t1\"}",
        },
        {
            .url = DRS "/DescribeSourceServers",
            .body = "{\"maxResults\":200,\"nextToken\":\"t1\"}",
            .answer = "{\"items\":[],\"nextToken\":\"t2\"}",
        },
        {
            .url = DRS "/DescribeSourceServers",
            .body = "{\"maxResults\":200,\"nextToken\":\"t2\"}",
            .answer = "{\"items\":[{\"sourceServerID\":\"s-2\"}],\"nextToken\":\"\"}",
        },
    };
    struct rig *r = RIG(script);
    struct drs_source_servers found = {0};
    const struct drs_source_server *s;

    (void)state;
    assert_int_equal(drs_describe_source_servers(aws_reader(r->aws), &r->at,
                                                 &(struct drs_server_filter){0}, &found),
                     FAULT_NONE);
    assert_int_equal(found.len, 2);
    s = &found.items[0];
    assert_str(s->properties->identification->hostname, "web-1");
    assert_int_equal(s->properties->cpus.items[0].cores, 4);
    assert_str(s->properties->network_interfaces.items[0].ips.items[0], "10.0.0.1");
    assert_true(s->replication->disks.items[0].total_storage_bytes == INT64_C(9007199254740993));
    assert_str(found.items[1].id, "s-2");
    assert_null(found.items[1].properties);
    rig_free(r);
}

static void test_a_token_that_repeats_ends_the_paging(void **state)
{
    static const struct exchange page = {.url = DRS "/DescribeJobs",
                                         .answer = "{\"items\":[],\"nextToken\":\"same\"}"};
    const struct exchange script[] = {page, page};
    struct rig *r = RIG(script);
    struct drs_jobs found = {0};

    (void)state;
    assert_int_equal(
        drs_describe_jobs(aws_reader(r->aws), &r->at, &(struct drs_job_filter){0}, &found),
        FAULT_AWS_TRANSIENT);
    assert_str(r->at.error.code, "InvalidResponse");
    assert_false(r->at.error.ambiguous);
    rig_free(r);
}

static void test_tokens_that_go_round_in_a_circle_end_the_paging(void **state)
{
    static const struct exchange a = {.url = DRS "/DescribeJobs",
                                      .answer = "{\"items\":[],\"nextToken\":\"a\"}"};
    static const struct exchange b = {.url = DRS "/DescribeJobs",
                                      .answer = "{\"items\":[],\"nextToken\":\"b\"}"};
    static const struct exchange c = {.url = DRS "/DescribeJobs",
                                      .answer = "{\"items\":[],\"nextToken\":\"c\"}"};
    const struct exchange script[] = {a, b, c, a, b, c, a};
    struct rig *r = RIG(script);
    struct drs_jobs found = {0};

    (void)state;
    assert_int_equal(
        drs_describe_jobs(aws_reader(r->aws), &r->at, &(struct drs_job_filter){0}, &found),
        FAULT_AWS_TRANSIENT);
    rig_free(r);
}

static struct strs many_ids(struct arena *a, size_t n)
{
    struct strs ids = {arena_array_of(a, n, struct str), n};

    for (size_t i = 0; i < n; i++)
        ids.items[i] = arena_strf(a, "i-%zu", i);
    return ids;
}

static void test_ids_are_asked_for_in_batches(void **state)
{
    static const struct exchange one = {.url = DRS "/DescribeRecoveryInstances",
                                        .answer = "{\"items\":[{\"recoveryInstanceID\":\"i\"}]}"};
    const struct exchange script[] = {one, one, one};
    struct rig *r = RIG(script);
    struct drs_recovery_instances found = {0};
    struct strs none = {&(struct str){0}, 0};

    (void)state;
    assert_int_equal(
        drs_describe_recovery_instances(aws_reader(r->aws), &r->at,
                                        &(struct drs_recovery_instance_filter){
                                            .recovery_instance_ids = many_ids(r->arena, 401)},
                                        &found),
        FAULT_NONE);
    assert_int_equal(found.len, 3);
    assert_int_equal(drs_describe_recovery_instances(
                         aws_reader(r->aws), &r->at,
                         &(struct drs_recovery_instance_filter){.source_server_ids = none}, &found),
                     FAULT_NONE);
    assert_int_equal(found.len, 0);
    rig_free(r);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_start_recovery_sends_and_reads_what_drs_has),
        cmocka_unit_test(test_source_servers_come_page_by_page),
        cmocka_unit_test(test_a_token_that_repeats_ends_the_paging),
        cmocka_unit_test(test_tokens_that_go_round_in_a_circle_end_the_paging),
        cmocka_unit_test(test_ids_are_asked_for_in_batches),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
