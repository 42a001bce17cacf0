/*
 * A call through everything there is: dispatcher, operations, the strict record keeper and the AWS
 * client, against the simulator, in one thread and from one seed.
 */
#include "tests/unit/unit.h"

#include "api/dispatch.h"
#include "api/operation.h"
#include "aws/aws.h"
#include "base/file.h"
#include "base/ports_single.h"
#include "ops/snapshots.h"
#include "rules/roles.h"
#include "sim/sim_transport.h"
#include "store/store.h"

struct house {
    struct arena *arena;
    struct clock_single clock;
    struct entropy_single entropy;
    struct run_single run;
    struct secrets secrets;
    struct sim *sim;
    struct sim_transport transport;
    struct aws *aws;
    struct store *store;
    struct snapshots *snapshots;
    struct api api;
};

static struct house house;

static enum fault fixed_key(struct secrets *s, struct str name, unsigned char out[32])
{
    (void)s;
    memset(out, (int)name.len, 32);
    return FAULT_NONE;
}

static const struct secrets_ops fixed_secrets = {fixed_key};

static struct str environment(void *context, const char *name)
{
    (void)context;
    if (strcmp(name, "AWS_ACCESS_KEY_ID") == 0)
        return STR("AKIADRWAVEHUB0000001");
    if (strcmp(name, "AWS_SECRET_ACCESS_KEY") == 0)
        return STR("test/AKIADRWAVEHUB0000001/not-a-secret-0");
    return (struct str){0};
}

static struct str hub(void *context, struct arena *a)
{
    (void)context;
    (void)a;
    return STR("123456789012");
}

static void open_sim(void)
{
    struct sim_options options = {.seed = 1};
    struct str why = {0};

    assert_int_equal(file_read(house.arena, STR(SCENARIO), 1 << 20, &options.scenario, &why),
                     FAULT_NONE);
    options.wall_now_ms = house.clock.wall_ms;
    if (sim_new(&options, house.arena, &house.sim, &why))
        fail_msg(STR_FMT, STR_ARG(why));
    sim_transport_init(&house.transport, house.sim, &house.clock.clock);
}

static int begin(void **state)
{
    (void)state;
    house.arena = arena_new(0);
    clock_single_init(&house.clock, INT64_C(1700000000000));
    entropy_single_init(&house.entropy, 1);
    run_single_init(&house.run, &house.clock);
    house.secrets.ops = &fixed_secrets;
    open_sim();
    house.aws = aws_new(&(struct aws_options){
        .clock = &house.clock.clock,
        .entropy = &house.entropy.entropy,
        .transport = &house.transport.transport,
        .metadata_transport = &house.transport.transport,
        .run = &house.run.run,
        .environment = environment,
    });
    house.store = store_memory_new(
        &(struct store_ports){&house.clock.clock, &house.entropy.entropy, &house.secrets}, 1, 3);
    house.snapshots = snapshots_new(&house.clock.clock);
    house.api = (struct api){
        .store = house.store,
        .aws = house.aws,
        .run = &house.run.run,
        .clock = &house.clock.clock,
        .entropy = &house.entropy.entropy,
        .snapshots = house.snapshots,
        .hub_account = hub,
    };
    return 0;
}

static int end(void **state)
{
    (void)state;
    arena_free(house.arena);
    snapshots_free(house.snapshots);
    store_close(house.store);
    aws_free(house.aws);
    sim_free(house.sim);
    return 0;
}

/* The answer as a tree; the call's arena goes when the test goes. */
static const struct json *invoke(const char *function, const char *payload, int *status)
{
    struct str role = STR(ROLE_ADMIN);
    struct api_event event = {
        .arena = house.arena,
        .function_name = str_from_z(function),
        .payload = str_from_z(payload),
        .principal = {STR("arn:aws:iam::123456789012:user/me"), STR("sigv4"), {&role, 1}},
        .request_id = STR("req"),
    };
    const struct json *answer;
    struct reply reply;
    struct str why;

    api_invoke(&house.api, &event, &reply);
    *status = reply.status;
    assert_int_equal(json_parse(house.arena, reply.body, &answer, &why), FAULT_NONE);
    return answer;
}

static int64_t number(const struct json *v, const char *name)
{
    return json_int(json_get_z(v, name), -1);
}

#define QUERY "hrp-drs-tech-adapter-query-handler-dev"

/* S2:364 */
static void test_source_servers(void **state)
{
    int status;
    const struct json *r = invoke(QUERY,
                                  "{\"operation\":\"get_drs_source_servers\","
                                  "\"queryParams\":{\"region\":\"us-east-1\"}}",
                                  &status);
    const struct json *server;

    (void)state;
    assert_int_equal(status, 200);
    assert_int_equal(number(r, "serverCount"), 8);
    assert_int_equal(number(r, "totalCount"), 8);
    assert_str(json_str(json_get_z(r, "region")), "us-east-1");
    assert_int_equal(json_get_z(r, "nextToken")->kind, JS_NULL);
    for (size_t i = 0; i < json_get_z(r, "servers")->len; i++) {
        server = &json_get_z(r, "servers")->items[i];
        assert_true(str_starts(json_str(json_get_z(server, "sourceServerID")), STR("s-")));
        assert_true(json_str(json_get_z(server, "hostname")).len > 0);
        assert_str(json_str(json_get_z(server, "replicationState")), "CONTINUOUS");
        assert_str(json_str(json_get_z(server, "lifecycleState")), "READY_FOR_LAUNCH");
        assert_true(number(json_get_z(server, "hardware"), "totalCores") > 0);
        assert_true(number(json_get_z(server, "hardware"), "ramGiB") > 0);
        assert_true(number(json_get_z(server, "hardware"), "totalDiskGiB") > 0);
        assert_int_equal(json_get_z(server, "tags")->kind, JS_OBJECT);
    }
}

static void test_filters_and_pages(void **state)
{
    static const char page[] = "{\"operation\":\"get_drs_source_servers\",\"queryParams\":{"
                               "\"region\":\"us-east-1\",\"limit\":\"3\",\"nextToken\":%s}}";
    struct str token = STR("null");
    const struct json *r;
    int64_t seen = 0;
    int status;

    (void)state;
    r = invoke(QUERY,
               "{\"operation\":\"get_drs_source_servers\",\"queryParams\":{"
               "\"region\":\"us-east-1\",\"replicationState\":\"stalled\"}}",
               &status);
    assert_int_equal(number(r, "totalCount"), 0);
    assert_int_equal(json_get_z(r, "servers")->kind, JS_ARRAY);
    r = invoke(QUERY,
               "{\"operation\":\"get_drs_source_servers\",\"queryParams\":{"
               "\"region\":\"us-east-1\",\"tags\":\"{\\\"Tier\\\":\\\"db\\\"}\"}}",
               &status);
    assert_true(number(r, "totalCount") > 0 && number(r, "totalCount") < 8);
    for (int i = 0; i < 3; i++) {
        if (i == 1) { /* a token is good for its own list alone */
            (void)invoke(QUERY,
                         arena_strf(house.arena,
                                    "{\"operation\":\"get_drs_source_servers\",\"queryParams\":{"
                                    "\"region\":\"us-east-1\",\"replicationState\":"
                                    "\"CONTINUOUS\",\"nextToken\":" STR_FMT "}}",
                                    STR_ARG(token))
                             .ptr,
                         &status);
            assert_int_equal(status, 400);
        }
        r = invoke(QUERY, arena_strf(house.arena, page, token.ptr).ptr, &status);
        assert_int_equal(status, 200);
        assert_int_equal(number(r, "totalCount"), 8);
        seen += number(r, "serverCount");
        token = json_text(house.arena, json_get_z(r, "nextToken"));
    }
    assert_str(token, "null");
    assert_int_equal(seen, 8);
}

static void test_bad_questions(void **state)
{
    static const struct {
        const char *params;
        int status;
        const char *error;
    } cases[] = {
        {"{}", 400, "MISSING_PARAMETER"},
        {"{\"region\":\"nowhere\"}", 400, "INVALID_PARAMETER"},
        {"{\"region\":\"us-east-1\",\"limit\":\"0\"}", 400, "INVALID_PARAMETER"},
        {"{\"region\":\"us-east-1\",\"replicationState\":\"HEALTHY\"}", 400, "INVALID_PARAMETER"},
        {"{\"region\":\"us-east-1\",\"nextToken\":\"abc\"}", 400, "INVALID_PARAMETER"},
        {"{\"region\":\"us-east-1\",\"accountId\":\"999999999999\"}", 404, "NOT_FOUND"},
        {"{\"region\":\"us-east-1\",\"nextToken\":\"eyJsYXN0RXZhbHVhdGVkS2V5Ijp7...\"}", 200, NULL},
    };

    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        struct str payload =
            arena_strf(house.arena, "{\"operation\":\"get_drs_source_servers\",\"queryParams\":%s}",
                       cases[i].params);
        int status;
        const struct json *r = invoke(QUERY, payload.ptr, &status);

        if (status != cases[i].status)
            print_error("%s\n", cases[i].params);
        assert_int_equal(status, cases[i].status);
        assert_true(str_eq_z(json_str(json_get_z(r, "error")), cases[i].error));
        assert_int_equal(json_get_z(r, "warnings") != NULL, cases[i].error == NULL);
    }
}

/* A change with a client token, twice; then read back through the other dialect. */
static void test_a_group_is_created_once(void **state)
{
    static const char create[] =
        "{\"operation\":\"create_protection_group\",\"body\":{\"name\":\"db\","
        "\"region\":\"us-east-1\",\"serverSelectionTags\":{\"Tier\":\"db\"},"
        "\"clientToken\":\"once\"}}";
    static const char respelled[] =
        "{\"operation\":\"create_protection_group\",\"body\":{\"clientToken\":\"once\","
        "\"groupName\":\"db\",\"region\":\"us-east-1\",\"serverSelectionTags\":{\"Tier\":\"db\"}}}";
    static const char other[] =
        "{\"operation\":\"create_protection_group\",\"body\":{\"name\":\"db\","
        "\"region\":\"us-east-1\",\"serverSelectionTags\":{\"Tier\":\"web\"},"
        "\"clientToken\":\"once\"}}";
    int status;
    const struct json *first = invoke("x-data-management-handler-y", create, &status);
    const struct json *again;

    (void)state;
    assert_int_equal(status, 201);
    again = invoke("x-data-management-handler-y", create, &status);
    assert_int_equal(status, 201);
    assert_true(json_eq(first, again));
    again = invoke("x-data-management-handler-y", respelled, &status);
    assert_int_equal(status, 201);
    assert_true(json_eq(first, again));
    again = invoke("x-data-management-handler-y", other, &status);
    assert_int_equal(status, 400);
    assert_str(json_str(json_get_z(again, "error")), "INVALID_PARAMETER");
    assert_str(
        json_str(json_get_z(again, "message")),
        "This clientToken was used for another request of the same operation; use a new one");
    again =
        invoke("query-handler",
               arena_strf(house.arena,
                          "{\"operation\":\"get_protection_group\",\"groupId\":\"" STR_FMT "\"}",
                          STR_ARG(json_str(json_get_z(first, "groupId"))))
                   .ptr,
               &status);
    assert_int_equal(number(again, "statusCode"), 200);
    assert_str(json_str(json_get_z(json_get_z(again, "body"), "groupName")), "db");
    (void)invoke("x-data-management-handler-y",
                 "{\"operation\":\"create_protection_group\",\"body\":{\"name\":\"DB\","
                 "\"region\":\"us-east-1\",\"serverSelectionTags\":{\"Tier\":\"web\"}}}",
                 &status);
    assert_int_equal(status, 409);
}

static void test_every_call_left_a_record(void **state)
{
    struct audit_report report;

    (void)state;
    assert_int_equal(store_audit_verify(house.store, house.arena, &report), FAULT_NONE);
    assert_true(report.ok);
    assert_int_equal(report.records, 1 + 6 + 7 + 6);
}

static void test_the_whole_table(void **state)
{
    (void)state;
    assert_true(operations_all()->len > 0);
    assert_str(operations_check(operations_all(), house.arena), "");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_source_servers),
        cmocka_unit_test(test_filters_and_pages),
        cmocka_unit_test(test_bad_questions),
        cmocka_unit_test(test_a_group_is_created_once),
        cmocka_unit_test(test_every_call_left_a_record),
        cmocka_unit_test(test_the_whole_table),
    };

    return cmocka_run_group_tests(tests, begin, end);
}
