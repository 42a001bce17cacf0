#include "tests/unit/sim/rig.h"

#include "base/ports_single.h"
#include "sim/sim_transport.h"

/* Fault rules: what they match, what they do, and that they are counted. */

static const char estate[] =
    "\"subnets\":[{\"id\":\"subnet-00000001\",\"vpc\":\"vpc-00000001\",\"cidr\":\"10.0.1.0/28\"}],"
    "\"vpcs\":[{\"id\":\"vpc-00000001\",\"cidr\":\"10.0.0.0/16\",\"default\":true}],"
    "\"servers\":[{\"id\":\"" SERVER(1) "\"},{\"id\":\"" SERVER(2) "\"}]";

#define BOTH                                                                                \
    "{\"sourceServers\":[{\"sourceServerID\":\"" SERVER(1) "\"},"                           \
                                                           "{\"sourceServerID\":\"" SERVER( \
                                                               2) "\"}]}"

/* What one rule does to one DescribeJobs. */
struct call_case {
    const char *rule;
    int64_t status;
    const char *code; /* NULL: not looked at */
    bool drop;
    bool cut;
    int64_t delay_ms;
};

static const struct call_case calls[] = {
    {"{\"effect\":\"THR\"}", 429, "ThrottlingException", false, false, 0},
    {"{\"effect\":\"THR\",\"variant\":\"empty\"}", 429, NULL, false, false, 0},
    {"{\"effect\":\"5XX\"}", 500, "InternalServerException", false, false, 0},
    {"{\"effect\":\"5XX\",\"value\":503}", 503, NULL, false, false, 0},
    {"{\"effect\":\"NET\"}", 0, NULL, true, false, 0},
    {"{\"effect\":\"NET\",\"variant\":\"blackhole\",\"value\":9}", 0, NULL, true, false, 9000},
    {"{\"effect\":\"NET\",\"variant\":\"stall\",\"value\":3}", 200, NULL, false, false, 3000},
    {"{\"effect\":\"NET\",\"variant\":\"resetAfter\",\"value\":4}", 200, NULL, false, true, 0},
    {"{\"effect\":\"TRUNC\"}", 200, NULL, false, true, 0},
    {"{\"effect\":\"AMBIG\"}", 200, NULL, true, false, 0},
    {"{\"effect\":\"AUTH\"}", 403, "AccessDeniedException", false, false, 0},
    {"{\"effect\":\"AUTH\",\"variant\":\"expired\"}", 403, "ExpiredTokenException", false, false,
     0},
    {"{\"effect\":\"UNINIT\"}", 400, "UninitializedAccountException", false, false, 0},
    {"{\"effect\":\"QUOTA\",\"code\":\"L-05AFA8C6\"}", 402, "ServiceQuotaExceededException", false,
     false, 0},
    {"{\"effect\":\"CONFLICT\"}", 409, "ConflictException", false, false, 0},
    {"{\"effect\":\"CRASH\"}", 200, NULL, false, false, 0},
    {"{\"effect\":\"THR\",\"match\":{\"op\":\"StartRecovery\"}}", 200, NULL, false, false, 0},
    {"{\"effect\":\"THR\",\"match\":{\"op\":\"Describe*\",\"account\":\"1111*\"}}", 429, NULL,
     false, false, 0},
    {"{\"effect\":\"THR\",\"match\":{\"region\":\"eu-*\"}}", 200, NULL, false, false, 0},
    {"{\"effect\":\"THR\",\"match\":{\"role\":\"*user/nobody\"}}", 200, NULL, false, false, 0},
    {"{\"effect\":\"THR\",\"match\":{\"after\":1}}", 200, NULL, false, false, 0},
    {"{\"effect\":\"THR\",\"match\":{\"fromS\":60}}", 200, NULL, false, false, 0},
};

static void does_to_a_call_what_it_says(void **state)
{
    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(calls); i++) {
        const struct call_case *x = &calls[i];
        struct rig *r = rig_new(estate);
        struct http_answer answer;

        (void)rig_admin(r, "POST", "faults", x->rule);
        answer = rig_send(r, "drs", "POST", "/DescribeJobs", "{}");
        if (answer.status != x->status || answer.damage.drop != x->drop ||
            answer.damage.cut != x->cut || answer.damage.delay_ms != x->delay_ms)
            fail_msg("%s: %d, drop %d, cut %d, delay %lld", x->rule, answer.status,
                     answer.damage.drop, answer.damage.cut, (long long)answer.damage.delay_ms);
        if (x->code)
            assert_str(headers_get(&answer.headers, STR("x-amzn-ErrorType")), x->code);
        assert_int_equal(sim_wants_crash(r->sim), strstr(x->rule, "CRASH") != NULL);
        rig_free(r);
    }
}

static void counts_and_ends(void **state)
{
    struct rig *r = rig_new(estate);
    const struct json *rule;
    int status;

    (void)state;
    (void)rig_admin(r, "POST", "faults",
                    "{\"id\":\"f\",\"effect\":\"THR\",\"match\":{\"after\":1,\"count\":2}}");
    for (int i = 0; i < 5; i++) {
        (void)rig_drs(r, "DescribeJobs", "{}", &status);
        assert_int_equal(status, i == 1 || i == 2 ? 429 : 200);
    }
    rule = rig_admin(r, "GET", "faults/f", NULL);
    assert_int_equal(json_int(json_get_z(rule, "hits"), -1), 2);
    assert_int_equal(json_int(json_get_z(rule, "seen"), -1), 5);
    (void)rig_admin(r, "POST", "faults", "{\"id\":\"g\",\"effect\":\"THR\"}");
    (void)rig_admin(r, "DELETE", "faults/g", NULL);
    (void)rig_drs(r, "DescribeJobs", "{}", &status);
    assert_int_equal(status, 200);
    assert_non_null(
        json_get_z(rig_admin(r, "POST", "faults", "{\"effect\":\"FLOOD\"}"), "message"));
    rig_free(r);
}

static void throttles_by_rate(void **state)
{
    struct rig *r = rig_new(estate);
    int status, passed = 0;

    (void)state;
    (void)rig_admin(r, "POST", "faults", "{\"effect\":\"THR\",\"variant\":\"rate\",\"value\":2}");
    for (int i = 0; i < 100; i++) {
        (void)rig_drs(r, "DescribeJobs", "{}", &status);
        passed += status == 200;
        r->wall_ms += 100;
    }
    assert_in_range(passed, 19, 23);
    rig_free(r);
}

static void takes_effect_and_loses_the_answer(void **state)
{
    struct rig *r = rig_new(estate);
    const struct json *call;
    struct http_answer answer;

    (void)state;
    (void)rig_admin(r, "POST", "faults",
                    "{\"effect\":\"AMBIG\",\"match\":{\"op\":\"StartRecovery\"}}");
    answer = rig_send(r, "drs", "POST", "/StartRecovery", BOTH);
    assert_true(answer.damage.drop);
    call = &json_get_z(rig_admin(r, "GET", "calls?op=StartRecovery&effect=true", NULL), "calls")
                ->items[0];
    assert_int_equal(json_get_z(call, "servers")->len, 2);
    assert_int_equal(json_int(json_get_z(rig_admin(r, "GET", "state", NULL), "activeJobs"), -1), 1);
    rig_free(r);
}

/* What one rule does to a job of two servers, of which it names the first. */
struct job_case {
    const char *rule;
    const char *first; /* launchStatus of the server that the rule names */
    const char *job;   /* status after an hour */
    const char *event; /* is in the log */
};

#define ON "\"match\":{\"resource\":\"" SERVER(1) "\""

static const struct job_case jobs[] = {
    {"{\"effect\":\"LAUNCH\",\"code\":\"InsufficientInstanceCapacity\"," ON "}}", "FAILED",
     "COMPLETED", "LAUNCH_FAILED"},
    {"{\"effect\":\"LAUNCH\"," ON ",\"phase\":\"LAUNCH_END\"}}", "FAILED", "COMPLETED",
     "LAUNCH_FAILED"},
    {"{\"effect\":\"CONV\",\"value\":2," ON "}}", "FAILED", "COMPLETED", "CONVERSION_FAIL"},
    {"{\"effect\":\"CONV\",\"value\":3," ON ",\"count\":1}}", "LAUNCHED", "COMPLETED",
     "CONVERSION_FAIL"},
    {"{\"effect\":\"SNAP\",\"variant\":\"previous\"," ON "}}", "LAUNCHED", "COMPLETED",
     "USING_PREVIOUS_SNAPSHOT"},
    {"{\"effect\":\"SNAP\"," ON "}}", "FAILED", "COMPLETED", "USING_PREVIOUS_SNAPSHOT_FAILED"},
    {"{\"effect\":\"SKIP\"," ON "}}", "PENDING", "COMPLETED", "SERVER_SKIPPED"},
    {"{\"effect\":\"STALL\"," ON ",\"phase\":\"CONVERSION\"}}", "IN_PROGRESS", "STARTED",
     "CONVERSION_START"},
    {"{\"effect\":\"STALL\",\"value\":60," ON ",\"phase\":\"LAUNCH\"}}", "LAUNCHED", "COMPLETED",
     "LAUNCH_END"},
    {"{\"effect\":\"STALL\"," ON ",\"phase\":\"JOB\"}}", "PENDING", "PENDING", NULL},
    {"{\"effect\":\"STALL\"," ON ",\"phase\":\"END\"}}", "LAUNCHED", "STARTED", "LAUNCH_END"},
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

static void disturbs_pages_and_times(void **state)
{
    struct rig *r = rig_new(estate);
    const struct json *v;
    int status;

    (void)state;
    (void)rig_admin(r, "POST", "faults",
                    "{\"effect\":\"PAGE\",\"variant\":\"empty\",\"match\":{\"count\":1}}");
    v = rig_drs(r, "DescribeSourceServers", "{}", &status);
    assert_int_equal(json_get_z(v, "items")->len, 0);
    assert_true(str_present(json_str(json_get_z(v, "nextToken"))));
    (void)rig_admin(r, "DELETE", "faults", NULL);
    (void)rig_admin(r, "POST", "faults", "{\"effect\":\"TIME\",\"variant\":\"zulu\"}");
    v = rig_drs(r, "DescribeSourceServers", "{}", &status);
    v = json_get_z(json_get_z(&json_get_z(v, "items")->items[0], "lifeCycle"),
                   "addedToServiceDateTime");
    assert_true(str_ends(json_str(v), STR("Z")));
    (void)rig_admin(r, "DELETE", "faults", NULL);
    v = rig_drs(r, "DescribeSourceServers", "{}", &status);
    v = json_get_z(json_get_z(&json_get_z(v, "items")->items[0], "lifeCycle"),
                   "addedToServiceDateTime");
    assert_true(str_ends(json_str(v), STR("+00:00")));
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

/* The port over the library: what a client would see of the damage. */
static void is_a_transport(void **state)
{
    struct rig *r = rig_new(estate);
    struct clock_single clock;
    struct sim_transport t;
    struct header date[] = {{STR("Content-Type"), STR("application/json")}};
    struct transport_request req = {.method = STR("POST"),
                                    .url = STR("http://sim/_sim/knobs"),
                                    .headers = {date, 1},
                                    .body = STR("{\"signature\":\"off\"}"),
                                    .timeout_ms = 2000};
    struct transport_answer out = {0};
    struct str why;

    (void)state;
    clock_single_init(&clock, r->wall_ms);
    sim_transport_init(&t, r->sim, &clock.clock);
    assert_int_equal(t.transport.ops->send(&t.transport, r->arena, &req, &out, &why), FAULT_NONE);
    assert_int_equal(out.status, 200);
    assert_true(str_present(headers_get(&out.headers, STR("Date"))));
    (void)rig_admin(
        r, "POST", "faults",
        "{\"effect\":\"NET\",\"variant\":\"stall\",\"value\":3,\"match\":{\"count\":1}}");
    (void)rig_admin(r, "POST", "faults", "{\"effect\":\"AMBIG\"}");
    req.url = STR("http://sim/DescribeJobs?");
    req.body = STR("{}");
    date[0] = (struct header){
        STR("Authorization"),
        STR("AWS4-HMAC-SHA256 Credential=" RIG_KEY "/20240315/us-west-2/drs/aws4_request, "
            "SignedHeaders=host;x-amz-date, "
            "Signature=0000000000000000000000000000000000000000000000000000000000000000")};
    assert_int_equal(t.transport.ops->send(&t.transport, r->arena, &req, &out, &why),
                     FAULT_TIMEOUT);
    assert_true(out.sent);
    assert_int_equal(t.transport.ops->send(&t.transport, r->arena, &req, &out, &why),
                     FAULT_CONNECTION);
    rig_free(r);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(does_to_a_call_what_it_says),
        cmocka_unit_test(counts_and_ends),
        cmocka_unit_test(throttles_by_rate),
        cmocka_unit_test(takes_effect_and_loses_the_answer),
        cmocka_unit_test(does_to_a_job_what_it_says),
        cmocka_unit_test(reports_ill_replication),
        cmocka_unit_test(disturbs_pages_and_times),
        cmocka_unit_test(lets_another_operator_be_first),
        cmocka_unit_test(is_a_transport),
    };

    return cmocka_run_group_tests_name("sim: faults", tests, NULL, NULL);
}
