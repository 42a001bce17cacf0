#include "tests/unit/unit.h"

#include "tests/unit/client/rows.h"

/* A transport that keeps what was sent and answers what it was told to. */
struct fake {
    struct transport base;
    int status;
    struct str body;
    struct str method;
    struct str url;
    struct str sent;
    struct str authorization;
    enum fault fault;
};

static struct arena *arena;
static struct client client;
static struct fake fake;

static enum fault fake_send(struct transport *t, struct arena *a,
                            const struct transport_request *req, struct transport_answer *out,
                            struct str *why)
{
    (void)a;
    (void)t;
    fake.method = req->method;
    fake.url = req->url;
    fake.sent = req->body;
    fake.authorization = headers_get(&req->headers, STR("authorization"));
    *why = STR("refused");
    *out = (struct transport_answer){.status = fake.status, .body = fake.body};
    return fake.fault;
}

static const struct transport_ops fake_ops = {fake_send};

static int setup(void **state)
{
    (void)state;
    arena = arena_new(0);
    fake = (struct fake){.base = {&fake_ops}, .status = 200, .body = STR("{\"ok\":true}")};
    client = (struct client){
        .arena = arena,
        .operations = &row_set,
        .endpoint = STR("http://127.0.0.1:1/"),
        .token = STR("secret"),
        .transport = &fake.base,
        .quiet = true,
    };
    return 0;
}

static int teardown(void **state)
{
    (void)state;
    arena_free(arena);
    return 0;
}

static int call(const struct operation *op, const char *params)
{
    const struct json *parsed;
    const struct json *answer;
    struct str why;
    int status;

    assert_int_equal(json_parse(arena, str_from_z(params), &parsed, &why), FAULT_NONE);
    return connect_call(&client, op, parsed, &status, &answer);
}

static void test_path_parameters_leave_the_body(void **state)
{
    (void)state;
    assert_int_equal(call(&row, "{\"groupId\":\"a/b c\",\"name\":\"web\"}"), 0);
    assert_str(fake.method, "PUT");
    assert_str(fake.url, "http://127.0.0.1:1/things/a%2Fb%20c");
    assert_str(fake.sent, "{\"name\":\"web\"}");
    assert_str(fake.authorization, "Bearer secret");
}

static void test_takes_the_first_route_that_fits(void **state)
{
    (void)state;
    assert_int_equal(call(&row, "{\"name\":\"web\"}"), 0);
    assert_str(fake.method, "POST");
    assert_str(fake.url, "http://127.0.0.1:1/things");
}

static void test_get_sends_a_query(void **state)
{
    static const struct operation get = {
        .names = {"get_thing"}, .routes = {{"GET", "/things/{groupId}"}}, .params = row_params};

    (void)state;
    assert_int_equal(call(&get, "{\"groupId\":\"pg-1\",\"numbers\":[1,2],\"name\":\"a&b\"}"), 0);
    assert_str(fake.url, "http://127.0.0.1:1/things/pg-1?numbers=%5B1%2C2%5D&name=a%26b");
    assert_str(fake.sent.ptr ? fake.sent : STR(""), "");
    assert_int_equal(call(&get, "{\"name\":\"x\"}"), CLIENT_USAGE);
}

static void test_an_action_is_invoked_by_its_name(void **state)
{
    static const struct operation action = {
        .names = {"start_thing"},
        .functions = FUNCTION_EXECUTION | FUNCTION_QUERY,
        .params = row_params,
        .action = true,
    };

    (void)state;
    assert_int_equal(call(&action, "{\"groupId\":\"pg-1\"}"), 0);
    assert_str(fake.method, "POST");
    assert_str(fake.url, "http://127.0.0.1:1/2015-03-31/functions/execution-handler/invocations");
    assert_str(fake.sent, "{\"action\":\"start_thing\",\"groupId\":\"pg-1\"}");
}

static void test_what_refuses(void **state)
{
    static const struct operation action = {.names = {"start_thing"}, .action = true};
    const struct json *refusal = json_object_with(arena, "error", STR("NOT_FOUND"));
    const struct json *success = json_object_with(arena, "status", STR("STARTED"));

    (void)state;
    assert_true(connect_refuses(&row, 404, refusal));
    assert_false(connect_refuses(&row, 200, success));
    assert_true(connect_refuses(&action, 401, success));
    assert_true(connect_refuses(&action, 200, refusal));
    assert_false(connect_refuses(&action, 200, success));
}

static void test_answers_that_are_none(void **state)
{
    (void)state;
    fake.fault = FAULT_CONNECTION;
    assert_int_equal(call(&row, "{}"), CLIENT_ERROR);
    fake.fault = FAULT_NONE;
    fake.body = STR("<html>");
    assert_int_equal(call(&row, "{}"), CLIENT_ERROR);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_path_parameters_leave_the_body, setup, teardown),
        cmocka_unit_test_setup_teardown(test_takes_the_first_route_that_fits, setup, teardown),
        cmocka_unit_test_setup_teardown(test_get_sends_a_query, setup, teardown),
        cmocka_unit_test_setup_teardown(test_an_action_is_invoked_by_its_name, setup, teardown),
        cmocka_unit_test_setup_teardown(test_what_refuses, setup, teardown),
        cmocka_unit_test_setup_teardown(test_answers_that_are_none, setup, teardown),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
