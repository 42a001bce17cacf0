#include "tests/unit/sim/two_servers.h"

#include "base/ports_single.h"
#include "base/time.h"
#include "sim/sim_transport.h"

/* Fault rules: what they match, what they do, and that they are counted. */

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
    {"{\"effect\":\"AUTH\",\"variant\":\"unknown\"}", 403, "UnrecognizedClientException", false,
     false, 0},
    {"{\"effect\":\"AUTH\",\"variant\":\"signature\"}", 403, "InvalidSignatureException", false,
     false, 0},
    {"{\"effect\":\"AUTH\",\"variant\":\"skew\",\"value\":299}", 200, NULL, false, false, 0},
    {"{\"effect\":\"AUTH\",\"variant\":\"skew\",\"value\":-301}", 403, "InvalidSignatureException",
     false, false, 0},
    {"{\"effect\":\"AMBIG\",\"value\":7}", 200, NULL, true, false, 7000},
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

static int64_t date_of(const struct http_answer *answer)
{
    int64_t ms = -1;

    assert_true(time_parse_http(headers_get(&answer->headers, STR("Date")), &ms));
    return ms;
}

/* A client that corrects its clock by the Date of the refusal gets in; one that does not, never. */
static void turns_its_clock(void **state)
{
    struct rig *r = rig_new(estate);
    struct http_answer answer;

    (void)state;
    (void)rig_admin(r, "POST", "faults",
                    "{\"effect\":\"AUTH\",\"variant\":\"skew\",\"value\":600}");
    answer = rig_send(r, "drs", "POST", "/DescribeJobs", "{}");
    assert_int_equal(answer.status, 403);
    assert_int_equal(date_of(&answer), r->wall_ms + 600000);
    r->shift = time_basic(r->arena, r->wall_ms + 600000).ptr;
    assert_int_equal(rig_send(r, "drs", "POST", "/DescribeJobs", "{}").status, 200);
    r->shift = NULL;
    (void)rig_admin(r, "DELETE", "faults", NULL);
    (void)rig_admin(r, "POST", "faults",
                    "{\"effect\":\"TIME\",\"variant\":\"date\",\"value\":-900}");
    answer = rig_send(r, "drs", "POST", "/DescribeJobs", "{}");
    assert_int_equal(answer.status, 200);
    assert_int_equal(date_of(&answer), r->wall_ms - 900000);
    rig_free(r);
}

static int64_t launch_time_told(struct rig *r)
{
    int status;
    int64_t ms = -1;

    assert_true(time_parse(
        xml_find(rig_form(r, "ec2", "Action=DescribeInstances", &status), "launchTime"), &ms));
    return ms;
}

static int64_t job_time_told(struct rig *r, const char *filters, struct http_answer *answer)
{
    const struct json *v = NULL, *list;
    struct str why;
    int64_t ms = -1;

    *answer = rig_send(r, "drs", "POST", "/DescribeJobs", filters);
    assert_int_equal(json_parse(r->arena, answer->body, &v, &why), FAULT_NONE);
    list = json_get_z(v, "items");
    if (list->len)
        assert_true(time_parse(json_str(json_get_z(&list->items[0], "creationDateTime")), &ms));
    return ms;
}

/* All that an answer tells of time has jumped; what is signed and what happens has not. */
static void tells_another_time(void **state)
{
    const int64_t day_ms = 86400000;
    struct arena *a = arena_new(0);
    struct rig *r = rig_new(arena_strf(a, "%s,\"instances\":[{}]", estate).ptr);
    struct http_answer answer;
    int64_t began = r->wall_ms;
    const char *since;
    int status;

    (void)state;
    (void)rig_drs(r, "StartRecovery", BOTH, &status);
    (void)rig_admin(r, "POST", "faults",
                    "{\"effect\":\"TIME\",\"variant\":\"jump\",\"value\":86400}");
    assert_int_equal(job_time_told(r, "{}", &answer) / 1000, (began + day_ms) / 1000);
    assert_int_equal(answer.status, 200);
    assert_int_equal(date_of(&answer), began + day_ms);
    assert_int_equal(launch_time_told(r), began + day_ms);
    since = arena_strf(r->arena, "{\"filters\":{\"fromDate\":\"" STR_FMT "\"}}",
                       STR_ARG(time_rfc3339(r->arena, began + day_ms - 1000)))
                .ptr;
    assert_true(job_time_told(r, since, &answer) > 0);
    assert_int_equal(json_int(json_get_z(rig_admin(r, "GET", "clock", NULL), "nowMs"), 0), began);
    assert_int_equal(json_int(json_get_z(rig_admin(r, "GET", "state", NULL), "activeJobs"), 0), 1);
    (void)rig_admin(r, "DELETE", "faults", NULL);
    assert_int_equal(job_time_told(r, since, &answer), -1);
    assert_int_equal(launch_time_told(r), began);
    rig_free(r);
    arena_free(a);
}

static void dates_every_answer_by_its_own_clock(void **state)
{
    static const char *const paths[] = {"/DescribeJobs", "/Nothing", "/_sim/health", "/_sim/x",
                                        "/latest/meta-data"};
    struct rig *r = rig_new(estate);

    (void)state;
    (void)rig_admin(r, "POST", "clock", "{\"mode\":\"step\"}");
    r->shift = time_basic(r->arena, r->wall_ms).ptr;
    r->wall_ms += 7200000;
    for (size_t i = 0; i < ARRAY_LEN(paths); i++) {
        struct http_answer answer = rig_send(r, "drs", "POST", paths[i], "{}");

        assert_int_equal(date_of(&answer), r->wall_ms - 7200000);
    }
    rig_free(r);
}

/* What only DRS knows is not said in the name of the others, nor by the cure itself. */
static void keeps_to_the_service_that_knows_it(void **state)
{
    struct rig *r = rig_new(estate);
    int status;

    (void)state;
    (void)rig_admin(r, "POST", "faults", "{\"effect\":\"UNINIT\"}");
    (void)rig_admin(r, "POST", "faults",
                    "{\"effect\":\"CONFLICT\",\"match\":{\"service\":\"ec2\"}}");
    (void)rig_form(r, "ec2", "Action=DescribeVpcs", &status);
    assert_int_equal(status, 200);
    (void)rig_drs(r, "InitializeService", "", &status);
    assert_int_equal(status, 204);
    (void)rig_drs(r, "DescribeJobs", "{}", &status);
    assert_int_equal(status, 400);
    rig_free(r);
}

static void denies_the_action_that_a_rule_names(void **state)
{
    struct rig *r = rig_new(estate);
    const struct json *v;
    int status;

    (void)state;
    (void)rig_admin(r, "POST", "faults", "{\"effect\":\"AUTH\",\"code\":\"ec2:RunInstances\"}");
    v = rig_drs(r, "StartRecovery", BOTH, &status);
    assert_int_equal(status, 403);
    assert_true(str_contains(json_str(json_get_z(v, "message")),
                             STR("is not authorized to perform: ec2:RunInstances")));
    rig_free(r);
}

static void spoils_answers(void **state)
{
    struct rig *r = rig_new(estate);
    const struct json *v;
    struct http_answer answer;
    struct str text;
    int status;

    (void)state;
    (void)rig_admin(r, "POST", "faults", "{\"effect\":\"TRUNC\",\"variant\":\"extra\"}");
    assert_non_null(json_get_z(rig_drs(r, "DescribeJobs", "{}", &status), "aMemberOfTomorrow"));
    text = rig_form(r, "ec2", "Action=DescribeVpcs", &status);
    assert_true(str_ends(text, STR("</aMemberOfTomorrow></DescribeVpcsResponse>")));
    (void)rig_admin(r, "DELETE", "faults", NULL);
    (void)rig_admin(r, "POST", "faults", "{\"effect\":\"TRUNC\",\"variant\":\"enum\"}");
    v = json_get_z(rig_drs(r, "DescribeSourceServers", "{}", &status), "items");
    assert_int_equal(v->len, 2);
    assert_str(json_str(json_get_z(&v->items[1], "lastLaunchResult")), "VALUE_OF_TOMORROW");
    assert_str(xml_find(rig_form(r, "ec2", "Action=DescribeSubnets", &status), "state"),
               "VALUE_OF_TOMORROW");
    (void)rig_admin(r, "DELETE", "faults", NULL);
    (void)rig_admin(r, "POST", "faults", "{\"effect\":\"TRUNC\",\"variant\":\"garbage\"}");
    answer = rig_send(r, "drs", "POST", "/DescribeSourceServers", "{}");
    assert_true(str_ends(answer.body, STR("}<")));
    (void)rig_admin(r, "DELETE", "faults", NULL);
    (void)rig_admin(r, "POST", "faults", "{\"effect\":\"NET\",\"variant\":\"drip\",\"value\":4}");
    answer = rig_send(r, "drs", "POST", "/DescribeJobs", "{}");
    assert_int_equal(answer.damage.drip_ms, 4);
    rig_free(r);
}

/* What AssumeRole is told. */
static const struct {
    const char *rule;
    int status;
    const char *code;
    int64_t delay_ms;
} assumptions[] = {
    {"{\"effect\":\"ASSUME\"}", 403, "AccessDenied", 0},
    {"{\"effect\":\"ASSUME\",\"variant\":\"region\"}", 403, "RegionDisabledException", 0},
    {"{\"effect\":\"ASSUME\",\"variant\":\"slow\",\"value\":7}", 200, NULL, 7000},
    {"{\"effect\":\"ASSUME\",\"variant\":\"short\",\"value\":60}", 200, NULL, 0},
};

#define ASSUME                                                 \
    "Version=2011-06-15&Action=AssumeRole&RoleSessionName=se&" \
    "RoleArn=arn%3Aaws%3Aiam%3A%3A111122223333%3Arole%2FOpen"

static void does_to_a_role_what_it_says(void **state)
{
    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(assumptions); i++) {
        struct rig *r = rig_new("\"roles\":[{\"id\":\"Open\",\"trust\":[\"*\"],"
                                "\"account\":\"111122223333\"}]");
        struct http_answer answer;

        (void)rig_admin(r, "POST", "faults", assumptions[i].rule);
        answer = rig_send(r, "sts", "POST", "/", ASSUME);
        assert_int_equal(answer.status, assumptions[i].status);
        assert_int_equal(answer.damage.delay_ms, assumptions[i].delay_ms);
        if (assumptions[i].code)
            assert_str(xml_find(answer.body, "Code"), assumptions[i].code);
        if (strstr(assumptions[i].rule, "short"))
            assert_str(xml_find(answer.body, "Expiration"), "2024-03-15T12:35:56Z");
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
    for (int i = 0; i < 3; i++)
        (void)rig_drs(r, "DescribeJobs", "{}", &status);
    assert_int_equal(status, 429);
    (void)rig_drs(r, "DescribeSourceServers", "{}", &status);
    assert_int_equal(status, 200); /* each operation has a bucket of its own */
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
    (void)rig_admin(r, "POST", "faults", "{\"effect\":\"TIME\",\"variant\":\"plain\"}");
    v = rig_drs(r, "DescribeSourceServers", "{}", &status);
    v = json_get_z(json_get_z(&json_get_z(v, "items")->items[0], "lifeCycle"),
                   "addedToServiceDateTime");
    assert_int_equal(json_str(v).len, strlen("2024-03-15T12:34:56Z"));
    rig_free(r);
}

static void goes_round_in_pages_and_forgets_them(void **state)
{
    struct rig *r = rig_new(estate);
    const struct json *v;
    struct str token, body;
    int status;

    (void)state;
    (void)rig_admin(r, "POST", "faults", "{\"effect\":\"PAGE\",\"variant\":\"repeat\"}");
    v = rig_drs(r, "DescribeSourceServers", "{\"maxResults\":1}", &status);
    token = json_str(json_get_z(v, "nextToken"));
    body = arena_strf(r->arena, "{\"maxResults\":1,\"nextToken\":\"" STR_FMT "\"}", STR_ARG(token));
    v = rig_drs(r, "DescribeSourceServers", body.ptr, &status);
    assert_true(str_eq(json_str(json_get_z(v, "nextToken")), token));
    (void)rig_admin(r, "DELETE", "faults", NULL);
    (void)rig_admin(r, "POST", "faults", "{\"effect\":\"PAGE\",\"variant\":\"expired\"}");
    v = rig_drs(r, "DescribeSourceServers", body.ptr, &status);
    assert_int_equal(status, 400);
    assert_str(json_str(json_get_z(v, "code")), "ValidationException");
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
        cmocka_unit_test(turns_its_clock),
        cmocka_unit_test(tells_another_time),
        cmocka_unit_test(dates_every_answer_by_its_own_clock),
        cmocka_unit_test(keeps_to_the_service_that_knows_it),
        cmocka_unit_test(denies_the_action_that_a_rule_names),
        cmocka_unit_test(spoils_answers),
        cmocka_unit_test(does_to_a_role_what_it_says),
        cmocka_unit_test(goes_round_in_pages_and_forgets_them),
        cmocka_unit_test(counts_and_ends),
        cmocka_unit_test(throttles_by_rate),
        cmocka_unit_test(takes_effect_and_loses_the_answer),
        cmocka_unit_test(disturbs_pages_and_times),
        cmocka_unit_test(is_a_transport),
    };

    return cmocka_run_group_tests_name("sim: faults", tests, NULL, NULL);
}
