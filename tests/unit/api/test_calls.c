/* What happens around an answer: who may call, what is submitted, what is audited, what is
 * repeated. */
#include "tests/unit/unit.h"

#include "rules/roles.h"
#include "tests/unit/api/things.h"

#define EVENT "data-management-handler"
#define API   "drwave-data-management-handler-test"

static const char create[] =
    "{\"operation\":\"create_thing\",\"body\":{\"name\":\"x\",\"region\":\"r\"}}";

/* ---- functions and dialects by name ---- */

static void test_function_names(void **state)
{
    static const struct {
        const char *name;
        const char *bare; /* NULL: no such function */
        enum function function;
        enum dialect dialect;
    } cases[] = {
        {"query-handler", "query-handler", FUNCTION_QUERY, DIALECT_EVENT},
        {"execution-handler:$LATEST", "execution-handler", FUNCTION_EXECUTION, DIALECT_EVENT},
        {"123456789012:function:query-handler", "query-handler", FUNCTION_QUERY, DIALECT_EVENT},
        {"arn:aws:lambda:us-east-1:123456789012:function:data-management-handler",
         "data-management-handler", FUNCTION_DATA_MANAGEMENT, DIALECT_EVENT},
        {"arn:aws:lambda:us-east-1:123456789012:function:data-management-handler:live",
         "data-management-handler", FUNCTION_DATA_MANAGEMENT, DIALECT_EVENT},
        {"arn:aws-cn:lambda:cn-north-1:123456789012:function:p-query-handler-dev:7",
         "p-query-handler-dev", FUNCTION_QUERY, DIALECT_API},
        {"hrp-drs-tech-adapter-execution-handler-dev", "hrp-drs-tech-adapter-execution-handler-dev",
         FUNCTION_EXECUTION, DIALECT_API},
        {"data-management-handler2", "data-management-handler2", FUNCTION_DATA_MANAGEMENT,
         DIALECT_API},
        {"my-function:query-handler", NULL, 0, 0}, /* an alias is no name */
        {"arn:aws:lambda:us-east-1:123456789012:function:other:query-handler", NULL, 0, 0},
        {"handler", NULL, 0, 0},
        {"", NULL, 0, 0},
    };
    struct world *w = world_new();

    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        enum function function = 0;
        enum dialect dialect = 0;
        struct str bare = {0};
        bool found =
            api_function_of(&w->api, str_from_z(cases[i].name), &function, &dialect, &bare);

        assert_int_equal(found, cases[i].bare != NULL);
        assert_int_equal(function, cases[i].function);
        assert_int_equal(dialect, cases[i].dialect);
        assert_true(str_eq_z(bare, cases[i].bare));
    }
    world_free(w);
}

static void test_pins(void **state)
{
    static const struct api_pin pins[] = {{FUNCTION_DATA_MANAGEMENT, DIALECT_API}};
    struct world *w = world_new();
    struct reply r;

    (void)state;
    w->api.pins = pins;
    w->api.pins_len = 1;
    r = invoke(w, EVENT, create);
    assert_true(str_starts(r.body, STR("{\"thingId\"")));
    r = invoke(w, "execution-handler", "{\"operation\":\"no\"}");
    assert_true(str_starts(r.body, STR("{\"statusCode\"")));
    world_free(w);
}

/* ---- what an event is ---- */

static void test_detection(void **state)
{
    static const struct {
        const char *function;
        const char *payload;
        const char *operation; /* NULL: INVALID_INVOCATION */
        enum entry entry;
    } cases[] = {
        {EVENT, "{\"operation\":\"x\",\"action\":\"\"}", "x", ENTRY_DIRECT},
        {EVENT, "{\"operation\":\"x\",\"action\":null}", "x", ENTRY_DIRECT},
        {EVENT, "{\"operation\":\"x\",\"action\":\"y\"}", "y", ENTRY_ACTION},
        {EVENT, "{\"synch_tags\":true}", "trigger_tag_sync", ENTRY_SCHEDULE},
        {EVENT, "{\"synch_instance_type\":false}", "trigger_tag_sync", ENTRY_SCHEDULE},
        {EVENT, "{\"source\":\"aws.events\",\"detail\":{\"synch_tags\":true}}", "trigger_tag_sync",
         ENTRY_SCHEDULE},
        {EVENT, "{\"source\":[\"aws.events\"],\"detail\":{}}", "trigger_tag_sync", ENTRY_SCHEDULE},
        {EVENT, "{\"source\":\"aws.events\"}", "trigger_tag_sync", ENTRY_SCHEDULE},
        {"execution-handler", "{\"source\":\"aws.events\"}", "find_polling_executions",
         ENTRY_SCHEDULE},
        {"execution-handler", "{\"synch_tags\":true}", NULL, 0},
        {"query-handler", "{\"source\":\"aws.events\"}", NULL, 0},
        {EVENT, "{\"source\":\"aws.events\",\"detail\":{\"x\":1}}", NULL, 0},
        {EVENT, "{\"source\":[\"aws.events\",\"b\"]}", NULL, 0},
        {EVENT, "{\"source\":\"aws.ec2\"}", NULL, 0},
        {EVENT, "{\"operation\":\"\"}", NULL, 0},
        {EVENT, "{\"operation\":\" \"}", NULL, 0},
        {EVENT, "{\"operation\":7}", NULL, 0},
        {EVENT, "{}", NULL, 0},
        {EVENT, "", NULL, 0},
        {EVENT, "[]", NULL, 0},
        {EVENT, "{", NULL, 0},
        {EVENT, "{\"operation\":\"x\",\"operation\":\"y\"}", NULL, 0},
    };
    struct world *w = world_new();

    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        struct call call;
        struct reply r = {0};
        struct api_event event = {
            .arena = w->arena,
            .function_name = str_from_z(cases[i].function),
            .payload = str_from_z(cases[i].payload),
        };
        bool built = api_call_from_event(&w->api, &event, &call, &r);

        if (built != (cases[i].operation != NULL))
            print_error("%s\n", cases[i].payload);
        assert_int_equal(built, cases[i].operation != NULL);
        if (built) {
            assert_str(call.operation, cases[i].operation);
            assert_int_equal(call.entry, cases[i].entry);
        } else {
            assert_int_equal(r.status, 400);
            assert_true(str_contains(r.body, STR("\"INVALID_INVOCATION\"")));
        }
    }
    world_free(w);
}

/* ---- who may call ---- */

static void test_roles(void **state)
{
    static const struct {
        const char *role;
        int create;
        int get;
    } cases[] = {
        {ROLE_ADMIN, 201, 200},        {ROLE_RECOVERY_MANAGER, 201, 200},
        {ROLE_PLAN_MANAGER, 201, 200}, {ROLE_OPERATOR, 403, 200},
        {ROLE_READ_ONLY, 403, 200},    {ROLE_AUDITOR, 403, 200},
        {"admin", 403, 403},           {"", 403, 403},
    };

    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        struct world *w = world_new();

        assert_int_equal(invoke_as(w, cases[i].role, API, create).status, cases[i].create);
        assert_int_equal(
            invoke_as(w, cases[i].role, API, "{\"operation\":\"get_thing\",\"thingId\":\"t\"}")
                .status,
            cases[i].get);
        assert_int_equal(things_runs, (cases[i].create == 201) + (cases[i].get == 200));
        world_free(w);
    }
}

static void test_a_refused_caller_learns_what_he_lacks_and_no_more(void **state)
{
    struct world *w = world_new();
    struct reply r = invoke_as(w, ROLE_READ_ONLY, API,
                               "{\"operation\":\"create_thing\",\"body\":{\"nonsense\":1}}");

    (void)state;
    assert_str(r.body, "{\"error\":\"AUTHORIZATION_FAILED\",\"message\":"
                       "\"'arn:aws:iam::111122223333:user/me' may not call create_thing: it needs "
                       "the permission create_protection_groups\","
                       "\"requiredPermission\":\"create_protection_groups\","
                       "\"details\":{\"requiredPermission\":\"create_protection_groups\"}}");
    world_free(w);
}

static void test_nobody_is_refused_and_the_workflow_is_not(void **state)
{
    struct world *w = world_new();
    struct reply r;
    struct call call = {
        .arena = w->arena,
        .entry = ENTRY_DIRECT,
        .operation = STR("work_thing"),
        .request_id = STR("r"),
    };

    (void)state;
    call.operation = STR("get_thing");
    api_call(&w->api, &call, &r);
    assert_int_equal(r.status, 401);
    call.operation = STR("work_thing");
    api_call(&w->api, &call, &r);
    assert_int_equal(r.status, 403);
    call.entry = ENTRY_WORKFLOW;
    api_call(&w->api, &call, &r);
    assert_int_equal(r.status, 200);
    world_free(w);
}

/* ---- limits ---- */

static void test_a_call_that_waited_too_long(void **state)
{
    struct world *w = world_new();
    struct str role = STR(ROLE_ADMIN);
    struct api_event event = {
        .arena = w->arena,
        .function_name = STR(API),
        .payload = str_from_z(create),
        .principal = {STR("me"), STR("sigv4"), {&role, 1}},
        .deadline_mono_ms = 1000,
    };
    struct reply r;

    (void)state;
    clock_single_advance(&w->clock, 2000);
    api_invoke(&w->api, &event, &r);
    assert_int_equal(r.status, 503);
    assert_int_equal(r.retry_after_s, 1);
    assert_int_equal(things_runs, 0);
    world_free(w);
}

static void test_a_call_that_needs_too_much_memory(void **state)
{
    struct world *w = world_new();
    struct arena *small = arena_new(2 << 20);
    struct str role = STR(ROLE_ADMIN);
    struct api_event event = {
        .arena = small,
        .function_name = STR(API),
        .payload = STR("{\"operation\":\"get_thing\",\"thingId\":\"t\",\"how\":\"huge\"}"),
        .principal = {STR("me"), STR("sigv4"), {&role, 1}},
    };
    struct reply r;

    (void)state;
    api_invoke(&w->api, &event, &r);
    assert_int_equal(r.status, 413);
    arena_free(small);
    world_free(w);
}

/* Every comma makes a value: text that fits a request must not become more than one may hold. */
static void test_a_list_in_a_query_that_would_be_too_long(void **state)
{
    enum { COMMAS = 3 << 20 };
    struct world *w = world_new();
    struct arena *a = arena_new(64 << 20);
    char *commas = arena_alloc(w->arena, COMMAS + 1);
    struct str role = STR(ROLE_ADMIN);
    struct api_event event = {
        .arena = a, .function_name = STR(API), .principal = {STR("me"), STR("sigv4"), {&role, 1}}};
    struct reply r;

    (void)state;
    memset(commas, ',', COMMAS);
    event.payload = arena_strf(w->arena,
                               "{\"operation\":\"get_thing\",\"queryParams\":"
                               "{\"thingId\":\"t\",\"names\":\"%s\"}}",
                               commas);
    api_invoke(&w->api, &event, &r);
    assert_int_equal(r.status, 400);
    assert_true(str_contains(r.body, STR("'names' must be an array of strings")));
    assert_false(arena_over_limit(a));
    arena_free(a);
    world_free(w);
}

/* ---- submit ---- */

static struct fake_script lost(enum fault f)
{
    return (struct fake_script){f, {.fault = f, .collection = COLLECTION_GROUPS}};
}

static void test_a_change_and_its_record_are_one_submit(void **state)
{
    struct world *w = world_new();
    bool queued;

    (void)state;
    assert_int_equal(invoke(w, API, create).status, 201);
    assert_int_equal(fake_store_commits(w->store), 1);
    assert_int_equal(fake_store_audits(w->store), 1);
    (void)fake_store_audit(w->store, 0, &queued);
    assert_false(queued);
    assert_int_equal(w->pokes, 1);
    world_free(w);
}

static void test_the_loser_of_a_race_runs_again(void **state)
{
    struct world *w = world_new();
    struct fake_script script[] = {lost(FAULT_ALREADY_EXISTS), lost(FAULT_CONDITION_FAILED)};

    (void)state;
    fake_store_script(w->store, script, 2);
    assert_int_equal(invoke(w, API, create).status, 201);
    assert_int_equal(things_runs, 3);
    assert_int_equal(fake_store_commits(w->store), 1);
    assert_int_equal(w->pokes, 1);
    world_free(w);
}

static void test_the_loser_is_told_in_the_operations_words(void **state)
{
    struct world *w = world_new();
    struct fake_script script[] = {lost(FAULT_VERSION_MISMATCH)};
    struct reply r;

    (void)state;
    fake_store_script(w->store, script, 1);
    r = invoke(w, EVENT,
               "{\"operation\":\"update_thing\",\"body\":{\"thingId\":\"t\",\"how\":\"second\"}}");
    assert_int_equal(r.status, 409);
    assert_true(str_contains(r.body, STR("\"currentVersion\":2")));
    world_free(w);
}

static void test_who_keeps_losing_is_refused(void **state)
{
    struct world *w = world_new();
    struct fake_script script[] = {lost(FAULT_ALREADY_EXISTS), lost(FAULT_ALREADY_EXISTS),
                                   lost(FAULT_ALREADY_EXISTS)};
    struct reply r;

    (void)state;
    script[2].why.label = STR("web");
    script[2].why.partition = STR("name#x");
    fake_store_script(w->store, script, 3);
    r = invoke(w, API, create);
    assert_str(r.body,
               "{\"error\":\"ALREADY_EXISTS\",\"message\":\"'name#x' is in use by 'web'\"}");
    assert_int_equal(things_runs, 3);
    assert_int_equal(w->pokes, 0);
    world_free(w);
}

static void test_a_record_keeper_that_cannot(void **state)
{
    static const struct {
        enum fault fault;
        int status;
        const char *error;
        const char *why; /* so that one 503 can be told from another */
    } cases[] = {
        {FAULT_UNAVAILABLE, 503, "\"UNAVAILABLE\"", "Too many changes are waiting"},
        {FAULT_STORE_FULL, 503, "\"UNAVAILABLE\"", "No space is left"},
        {FAULT_STORE_ERROR, 500, "\"DYNAMODB_ERROR\"", "could not take"},
        {FAULT_TOO_LARGE, 413, "\"TOO_LARGE\"", "too large"},
        {FAULT_CORRUPT, 500, "\"INTERNAL_ERROR\"", "could not take"},
    };

    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        struct world *w = world_new();
        struct fake_script script = lost(cases[i].fault);
        struct reply r;

        fake_store_script(w->store, &script, 1);
        r = invoke(w, API, create);
        assert_int_equal(r.status, cases[i].status);
        assert_true(str_contains(r.body, str_from_z(cases[i].error)));
        assert_true(str_contains(r.message, str_from_z(cases[i].why)));
        assert_int_equal(things_runs, 1);
        assert_int_equal(fake_store_audits(w->store), 1); /* the refusal */
        world_free(w);
    }
}

static void test_a_lost_answer_is_asked_for_again(void **state)
{
    struct world *w = world_new();
    struct fake_script script[] = {lost(FAULT_TIMEOUT), lost(FAULT_CONNECTION)};

    (void)state;
    fake_store_script(w->store, script, 2);
    assert_int_equal(invoke(w, API, create).status, 201);
    assert_int_equal(things_runs, 1);
    assert_int_equal(fake_store_attempts(w->store), 3);
    world_free(w);
}

/* ---- client tokens ---- */

static void test_the_same_token_gets_the_first_answer(void **state)
{
    static const char with_token[] =
        "{\"operation\":\"create_thing\",\"body\":{\"name\":\"x\",\"region\":\"r\","
        "\"clientToken\":\"c\"}}";
    struct world *w = world_new();
    struct reply first = invoke(w, API, with_token);
    struct reply again = invoke(w, API, with_token);
    struct reply event = invoke(w, EVENT, with_token);
    bool queued;

    (void)state;
    assert_str(again.body, first.body.ptr);
    assert_int_equal(again.status, 201);
    assert_true(str_starts(event.body, STR("{\"statusCode\":201,\"body\":{\"thingId\":\"t-1\"")));
    assert_int_equal(things_runs, 1);
    assert_int_equal(fake_store_commits(w->store), 1);
    assert_true(str_contains(fake_store_audit(w->store, 1, &queued), STR("\"REPEATED\"")));
    clock_single_advance(&w->clock, INT64_C(24) * 60 * 60 * 1000);
    assert_true(str_starts(invoke(w, API, with_token).body, STR("{\"thingId\":\"t-2\"")));
    world_free(w);
}

static void test_an_asynchronous_call_has_its_request_id_for_a_token(void **state)
{
    struct world *w = world_new();
    struct str role = STR(ROLE_ADMIN);
    struct api_event event = {
        .arena = w->arena,
        .function_name = STR(API),
        .payload = str_from_z(create),
        .principal = {STR("me"), STR("sigv4"), {&role, 1}},
        .request_id = STR("r-1"),
        .asynchronous = true,
    };
    struct reply r;

    (void)state;
    api_invoke(&w->api, &event, &r);
    api_invoke(&w->api, &event, &r);
    assert_int_equal(r.status, 201);
    assert_int_equal(things_runs, 1);
    event.request_id = STR("r-2");
    api_invoke(&w->api, &event, &r);
    assert_int_equal(things_runs, 2);
    event.request_id = STR("r-1");
    event.principal.arn = STR("somebody else");
    api_invoke(&w->api, &event, &r);
    assert_int_equal(things_runs, 3);
    world_free(w);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_function_names),
        cmocka_unit_test(test_pins),
        cmocka_unit_test(test_detection),
        cmocka_unit_test(test_roles),
        cmocka_unit_test(test_a_refused_caller_learns_what_he_lacks_and_no_more),
        cmocka_unit_test(test_nobody_is_refused_and_the_workflow_is_not),
        cmocka_unit_test(test_a_call_that_waited_too_long),
        cmocka_unit_test(test_a_call_that_needs_too_much_memory),
        cmocka_unit_test(test_a_list_in_a_query_that_would_be_too_long),
        cmocka_unit_test(test_a_change_and_its_record_are_one_submit),
        cmocka_unit_test(test_the_loser_of_a_race_runs_again),
        cmocka_unit_test(test_the_loser_is_told_in_the_operations_words),
        cmocka_unit_test(test_who_keeps_losing_is_refused),
        cmocka_unit_test(test_a_record_keeper_that_cannot),
        cmocka_unit_test(test_a_lost_answer_is_asked_for_again),
        cmocka_unit_test(test_the_same_token_gets_the_first_answer),
        cmocka_unit_test(test_an_asynchronous_call_has_its_request_id_for_a_token),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
