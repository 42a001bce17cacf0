#include "tests/unit/sim/rig.h"

/* The admin API: who may ask, and what every part of it does. */

static const char estate[] =
    "\"vpcs\":[{\"id\":\"vpc-00000001\",\"cidr\":\"10.0.0.0/16\",\"default\":true}],"
    "\"subnets\":[{\"id\":\"subnet-00000001\",\"vpc\":\"vpc-00000001\",\"cidr\":\"10.0.1.0/28\"}],"
    "\"servers\":[{\"id\":\"" SERVER(1) "\"},{\"id\":\"" SERVER(2) "\"}]";

#define DRILL "{\"isDrill\":true,\"sourceServers\":[{\"sourceServerID\":\"" SERVER(1) "\"}]}"

static int asked_from(struct rig *r, const char *peer)
{
    struct http_request request = {.method = STR("GET"), .path = STR("/_sim/keys")};
    struct http_answer answer;

    request.peer = str_from_z(peer);
    sim_handle(r->sim, r->arena, &request, r->wall_ms, &answer);
    if (answer.status != 200)
        assert_false(str_contains(answer.body, STR(RIG_SECRET)));
    return answer.status;
}

static void answers_this_machine_alone(void **state)
{
    struct rig *r = rig_new("");

    (void)state;
    assert_int_equal(asked_from(r, "127.0.0.1:4"), 200);
    assert_int_equal(asked_from(r, "[::1]:4"), 200);
    assert_int_equal(asked_from(r, "10.1.2.3:4"), 403);
    assert_int_equal(asked_from(r, "[2001:db8::1]:4"), 403);
    assert_int_equal(asked_from(r, "12.7.0.1:4"), 403);
    rig_free(r);
}

static int64_t number(struct rig *r, const char *path, const char *member)
{
    return json_int(json_get_z(rig_admin(r, "GET", path, NULL), member), -1);
}

#define TAGGED                                                                                 \
    "{\"isDrill\":true,\"tags\":{\"LaunchId\":\"l1\"},\"sourceServers\":[{\"sourceServerID\":" \
    "\"" SERVER(1) "\"}]}"

static void keeps_a_log_of_calls(void **state)
{
    struct rig *r = rig_new(estate);
    const struct json *call, *calls;
    int status;

    (void)state;
    (void)rig_admin(
        r, "POST", "faults",
        "{\"effect\":\"NET\",\"variant\":\"stall\",\"value\":3,\"match\":{\"count\":1}}");
    (void)rig_drs(r, "DescribeJobs", "{}", &status);
    (void)rig_drs(r, "StartRecovery", TAGGED, &status);
    (void)rig_drs(r, "StartRecovery", TAGGED, &status);
    (void)rig_form(r, "sts", "Action=GetCallerIdentity", &status);
    assert_int_equal(number(r, "calls?count=true", "count"), 4);
    assert_int_equal(number(r, "calls?op=StartRecovery&count=true", "count"), 2);
    assert_int_equal(number(r, "calls?op=StartRecovery&effect=true&count=true", "count"), 1);
    assert_int_equal(number(r, "calls?status=409&count=true", "count"), 1);
    assert_int_equal(number(r, "calls?error=ConflictException&count=true", "count"), 1);
    assert_int_equal(number(r, "calls?service=sts&count=true", "count"), 1);
    assert_int_equal(number(r, "calls?region=us-west-2&count=true", "count"), 4);
    assert_int_equal(number(r, "calls?account=999999999999&count=true", "count"), 0);
    assert_int_equal(
        number(r, "calls?principal=arn:aws:iam::111122223333:user/operator&count=true", "count"),
        4);
    calls = json_get_z(rig_admin(r, "GET", "calls", NULL), "calls");
    assert_int_equal(json_int(json_get_z(&calls->items[0], "delayMs"), -1), 3000);
    call = &calls->items[1];
    assert_int_equal(json_int(json_get_z(call, "delayMs"), -1), 0);
    assert_int_equal(json_get_z(call, "servers")->len, 1);
    assert_true(json_bool(json_get_z(call, "drill"), false));
    assert_str(json_str(json_get_z(call, "accessKeyId")), RIG_KEY);
    for (size_t i = 1; i <= 2; i++) /* of the one that was refused, too */
        assert_str(json_str(json_get_z(json_get_z(&calls->items[i], "tags"), "LaunchId")), "l1");
    assert_true(str_contains(rig_send(r, NULL, "GET", "/_sim/metrics", NULL).body,
                             STR("sim_calls_total{service=\"drs\",op=\"StartRecovery\","
                                 "status=\"409\"} 1")));
    (void)rig_admin(r, "DELETE", "calls", NULL);
    assert_int_equal(number(r, "calls?count=true", "count"), 0);
    rig_free(r);
}

static void hurries_a_job(void **state)
{
    struct rig *r = rig_new(estate);
    const struct json *job;
    struct str id, path;
    int status;

    (void)state;
    job = json_get_z(rig_drs(r, "StartRecovery", DRILL, &status), "job");
    id = json_str(json_get_z(job, "jobID"));
    path = arena_strf(r->arena, "jobs/111122223333/us-west-2/" STR_FMT "/advance", STR_ARG(id));
    for (int i = 0; i < 10; i++)
        job = rig_admin(r, "POST", path.ptr, NULL);
    assert_str(json_str(json_get_z(job, "status")), "COMPLETED");
    assert_int_equal(number(r, "state", "drillInstances"), 1);
    rig_free(r);
}

static void keeps_and_loads_the_whole_state(void **state)
{
    struct rig *r = rig_new(estate);
    struct str saved;
    int status;

    (void)state;
    (void)rig_drs(r, "StartRecovery", DRILL, &status);
    saved = rig_send(r, NULL, "GET", "/_sim/state/full", NULL).body;
    (void)rig_admin(r, "POST", "state/reset", NULL);
    assert_int_equal(number(r, "state", "activeJobs"), 0);
    assert_int_equal(rig_send(r, NULL, "POST", "/_sim/state/load", "{\"servers\":7}").status, 400);
    assert_int_equal(number(r, "state", "servers"), 2);
    (void)rig_admin(r, "POST", "state/load", arena_z(r->arena, saved));
    assert_int_equal(number(r, "state", "activeJobs"), 1);
    rig_free(r);
}

static void turns_the_clock(void **state)
{
    static const char *const too_far[][2] = {
        {"/_sim/clock/advance", "{\"seconds\":4611686018427387904}"},
        {"/_sim/clock/advance", "{\"ms\":9223372036854775807,\"seconds\":1e300}"},
        {"/_sim/clock", "{\"jumpMs\":9223372036854775807}"},
        {"/_sim/clock", "{\"jumpMs\":-9223372036854775807}"},
        {"/_sim/clock", "{\"speed\":0}"},
    };
    static const char *const by_the_wall[] = {"{\"jumpMs\":86400000}", "{\"jumpMs\":-5000}",
                                              "{\"mode\":\"wall\",\"jumpMs\":1}"};
    struct rig *r = rig_new(estate);
    struct http_answer answer;

    (void)state;
    answer = rig_send(r, NULL, "POST", "/_sim/clock/advance", "{\"seconds\":1}");
    assert_int_equal(answer.status, 409);
    (void)rig_admin(r, "POST", "clock", "{\"speed\":60}");
    assert_int_equal(number(r, "clock", "nowMs"), r->wall_ms);
    for (size_t i = 0; i < ARRAY_LEN(by_the_wall); i++) {
        answer = rig_send(r, NULL, "POST", "/_sim/clock", by_the_wall[i]);
        assert_int_equal(answer.status, 409);
        assert_int_equal(number(r, "clock", "nowMs"), r->wall_ms);
    }
    (void)rig_admin(r, "POST", "clock", "{\"mode\":\"step\"}");
    (void)rig_admin(r, "POST", "clock", "{\"jumpMs\":-5000}");
    assert_int_equal(number(r, "clock", "nowMs"), r->wall_ms - 5000);
    r->wall_ms += 777;
    (void)rig_admin(r, "POST", "clock/advance", "{\"ms\":10,\"seconds\":2}");
    assert_int_equal(number(r, "clock", "nowMs"), r->wall_ms - 777 - 5000 + 2010);
    for (size_t i = 0; i < ARRAY_LEN(too_far); i++) {
        answer = rig_send(r, NULL, "POST", too_far[i][0], too_far[i][1]);
        assert_int_equal(answer.status, 400);
    }
    answer = rig_send(r, NULL, "POST", "/_sim/clock/advance", "{\"ms\":-1}");
    assert_int_equal(answer.status, 400);
    answer = rig_send(r, NULL, "POST", "/_sim/clock", "{\"mode\":\"lunar\"}");
    assert_int_equal(answer.status, 400);
    (void)rig_admin(r, "POST", "clock", "{\"mode\":\"wall\"}");
    assert_int_equal(number(r, "clock", "nowMs"), r->wall_ms);
    rig_free(r);
}

static struct str new_server(struct rig *r)
{
    return json_str(json_get_z(rig_admin(r, "POST", "servers", "{}"), "id"));
}

/* The seed that is in use may be set again: no id is given twice. */
static void takes_another_seed(void **state)
{
    struct rig *one = rig_new(""), *two = rig_new(""), *three = rig_new("");

    (void)state;
    (void)new_server(one);
    assert_str(json_str(json_get_z(rig_admin(one, "POST", "seed", "{\"seed\":7}"), "seed")), "7");
    assert_non_null(new_server(one).ptr);
    (void)rig_admin(two, "POST", "seed", "{\"seed\":11}");
    (void)rig_admin(three, "POST", "seed", "{\"seed\":11}");
    assert_true(str_eq(new_server(two), new_server(three)));
    assert_int_equal(rig_send(one, NULL, "POST", "/_sim/seed", "{\"seed\":0}").status, 400);
    rig_free(one);
    rig_free(two);
    rig_free(three);
}

/* Accounts, keys, roles, regions and servers come, change and go while it runs. */
static void changes_the_world(void **state)
{
    struct rig *r = rig_new(estate);
    struct str text;
    int status;

    (void)state;
    (void)rig_admin(r, "POST", "accounts", "{\"id\":\"999922223333\",\"alias\":\"new\"}");
    (void)rig_admin(r, "POST", "keys",
                    "{\"id\":\"AKIANEWNEWNEWNEW0001\",\"account\":\"999922223333\","
                    "\"secret\":\"s\",\"deny\":[\"drs:*\"]}");
    r->key = "AKIANEWNEWNEWNEW0001";
    r->secret = "s";
    text = rig_form(r, "iam", "Action=ListAccountAliases", &status);
    assert_str(xml_find(text, "member"), "new");
    (void)rig_admin(r, "POST", "regions",
                    "{\"account\":\"999922223333\",\"region\":\"us-west-2\"}");
    (void)rig_drs(r, "DescribeJobs", "{}", &status);
    assert_int_equal(status, 403);
    (void)rig_admin(r, "PATCH", "keys/AKIANEWNEWNEWNEW0001", "{\"deny\":[]}");
    (void)rig_drs(r, "DescribeJobs", "{}", &status);
    assert_int_equal(status, 200);
    (void)rig_admin(r, "PATCH", "regions/999922223333/us-west-2/cell", "{\"drs\":\"UNAVAILABLE\"}");
    assert_true(rig_send(r, "drs", "POST", "/DescribeJobs", "{}").damage.drop);
    (void)rig_admin(r, "DELETE", "keys/AKIANEWNEWNEWNEW0001", NULL);
    (void)rig_drs(r, "DescribeJobs", "{}", &status);
    assert_int_equal(status, 403);
    (void)rig_admin(r, "DELETE", "servers/111122223333/us-west-2/" SERVER(1), NULL);
    assert_int_equal(number(r, "state", "servers"), 1);
    assert_int_equal(rig_send(r, NULL, "GET", "/_sim/servers/111122223333/us-west-2/x", "").status,
                     404);
    assert_int_equal(rig_send(r, NULL, "GET", "/_sim/nothing", "").status, 404);
    assert_int_equal(rig_send(r, NULL, "PUT", "/_sim/servers", "{}").status, 405);
    assert_int_equal(rig_send(r, NULL, "POST", "/_sim/servers", "{").status, 400);
    assert_non_null(json_get_z(rig_admin(r, "GET", "version", NULL), "seed"));
    rig_free(r);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(answers_this_machine_alone),
        cmocka_unit_test(keeps_a_log_of_calls),
        cmocka_unit_test(hurries_a_job),
        cmocka_unit_test(keeps_and_loads_the_whole_state),
        cmocka_unit_test(turns_the_clock),
        cmocka_unit_test(takes_another_seed),
        cmocka_unit_test(changes_the_world),
    };

    return cmocka_run_group_tests_name("sim: admin", tests, NULL, NULL);
}
