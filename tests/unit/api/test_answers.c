/* Every form of answer: three dialects, each stage, each kind of refusal. Whole bodies compared. */
#include "tests/unit/unit.h"

#include "tests/unit/api/things.h"

#define EVENT "data-management-handler"
#define API   "drwave-data-management-handler-test"
#define EXEC  "execution-handler"

#define MISSING_TWO                                                                        \
    "\"errors\":[{\"error\":\"MISSING_PARAMETERS\",\"field\":\"region\",\"message\":"      \
    "\"'region' is required\"},{\"error\":\"MISSING_PARAMETERS\",\"field\":\"accountId\"," \
    "\"message\":\"'accountId' is required\"}]"
#define INVALID_TWO                                                                    \
    "\"errors\":[{\"error\":\"INVALID_PARAMETER\",\"field\":\"region\",\"message\":"   \
    "\"'region' must be a string, not an integer\"},{\"error\":\"INVALID_PARAMETER\"," \
    "\"field\":\"count\",\"message\":\"'count' must be from 0 to 9, not 10\"}]"
#define UNKNOWN_TWO                                                                  \
    "\"errors\":[{\"error\":\"INVALID_PARAMETER\",\"field\":\"zzzzzz\",\"message\":" \
    "\"Unknown parameter 'zzzzzz'\"},{\"error\":\"INVALID_PARAMETER\","              \
    "\"field\":\"parts[0].zzzzzz\",\"message\":\"Unknown parameter 'parts[0].zzzzzz'\"}]"

struct expectation {
    const char *title;
    const char *function;
    const char *payload;
    int status;
    const char *body;
};

static const struct expectation cases[] = {
    {"a create answers 201 in S0's envelope and words", EVENT,
     "{\"operation\":\"create_thing\",\"body\":{\"thingName\":\"web\",\"region\":\"r\"}}", 201,
     "{\"statusCode\":201,\"body\":{\"thingId\":\"t-1\",\"name\":\"web\",\"thingName\":\"web\","
     "\"accountId\":\"111122223333\",\"message\":\"Thing created successfully\"}}"},
    {"a create answers bare elsewhere", API,
     "{\"operation\":\"create_thing\",\"body\":{\"name\":\"web\",\"region\":\"r\"}}", 201,
     "{\"thingId\":\"t-1\",\"name\":\"web\",\"thingName\":\"web\",\"accountId\":\"111122223333\","
     "\"message\":\"Thing created\"}"},
    {"an action is never wrapped, under `action`", EXEC,
     "{\"action\":\"start_thing_wave\",\"wave_number\":2,\"state\":{\"x\":1},\"more\":0}", 200,
     "{\"waveNumber\":2,\"state\":{\"x\":1}}"},
    {"an action is never wrapped, under `operation`", EXEC,
     "{\"operation\":\"start_thing_wave\",\"parameters\":{\"waveNumber\":2}}", 200,
     "{\"waveNumber\":2,\"state\":null}"},
    {"action wins over operation", EXEC,
     "{\"action\":\"start_thing_wave\",\"operation\":\"get_thing\",\"waveNumber\":1}", 200,
     "{\"waveNumber\":1,\"state\":null}"},
    {"an unknown operation is UNKNOWN_OPERATION in S0", EVENT, "{\"operation\":\"zzz\"}", 400,
     "{\"statusCode\":400,\"body\":{\"error\":\"UNKNOWN_OPERATION\","
     "\"message\":\"Unknown operation: zzz\"}}"},
    {"and INVALID_OPERATION elsewhere; a near miss is named", API,
     "{\"operation\":\"creat_thing\"}", 400,
     "{\"error\":\"INVALID_OPERATION\",\"message\":\"Unknown operation: creat_thing\","
     "\"didYouMean\":\"create_thing\",\"details\":{\"didYouMean\":\"create_thing\"}}"},
    {"an unknown action is INVALID_OPERATION, raw", EXEC,
     "{\"action\":\"zzz\",\"state\":{\"execution_id\":\"e\"}}", 400,
     "{\"error\":\"INVALID_OPERATION\",\"message\":\"Unknown operation: zzz\","
     "\"executionId\":\"e\",\"waveNumber\":null,\"retryable\":false,"
     "\"state\":{\"execution_id\":\"e\"}}"},
    {"an operation is no action", EXEC, "{\"action\":\"get_thing\"}", 400,
     "{\"error\":\"INVALID_OPERATION\",\"message\":\"Unknown operation: get_thing\","
     "\"executionId\":null,\"waveNumber\":null,\"retryable\":false}"},
    {"the wrong function names the right one", "p-query-handler-x",
     "{\"operation\":\"create_thing\"}", 400,
     "{\"error\":\"INVALID_OPERATION\",\"message\":\"Operation 'create_thing' belongs to "
     "data-management-handler, not to query-handler\"}"},
    {"what is internal is refused from outside", EXEC, "{\"action\":\"work_thing\"}", 403,
     "{\"error\":\"AUTHORIZATION_FAILED\",\"message\":\"'work_thing' is internal\","
     "\"executionId\":null,\"waveNumber\":null,\"retryable\":false}"},
    {"missing parameters are told together, in S0's order and spelling", EVENT,
     "{\"operation\":\"create_thing\",\"body\":{\"thingName\":\"x\"}}", 400,
     "{\"statusCode\":400,\"body\":{\"error\":\"MISSING_PARAMETERS\","
     "\"message\":\"Missing required parameters: region, accountId\","
     "\"details\":{" MISSING_TWO "}," MISSING_TWO "}}"},
    {"null is absence", EVENT,
     "{\"operation\":\"create_thing\",\"body\":{\"thingName\":null,\"region\":\"r\","
     "\"accountId\":\"1\"}}",
     400,
     "{\"statusCode\":400,\"body\":{\"error\":\"MISSING_PARAMETERS\",\"message\":"
     "\"Missing required parameters: thingName\",\"details\":{\"field\":\"thingName\"}}}"},
    {"elsewhere the account is optional", API,
     "{\"operation\":\"create_thing\",\"body\":"
     "{\"name\":\"x\"}}",
     400,
     "{\"error\":\"MISSING_PARAMETER\",\"message\":\"Missing required parameters: region\","
     "\"details\":{\"field\":\"region\"}}"},
    {"what inner objects miss is told with its path", API,
     "{\"operation\":\"create_thing\",\"body\":{\"name\":\"x\",\"region\":\"r\","
     "\"parts\":[{\"weight\":1}]}}",
     400,
     "{\"error\":\"MISSING_PARAMETER\",\"message\":\"Missing required parameters: parts[0].label\","
     "\"details\":{\"field\":\"parts[0].label\"}}"},
    {"the version is required in one dialect", API,
     "{\"operation\":\"update_thing\",\"body\":{\"thingId\":\"t\"}}", 400,
     "{\"error\":\"MISSING_PARAMETER\",\"message\":\"Missing required parameters: version\","
     "\"details\":{\"field\":\"version\"}}"},
    {"and optional in the other", EVENT,
     "{\"operation\":\"update_thing\",\"body\":{\"thingId\":\"t\"}}", 200,
     "{\"statusCode\":200,\"body\":{\"thingId\":\"t\"}}"},
    {"a bad value is VALIDATION_ERROR in S0", EVENT,
     "{\"operation\":\"create_thing\",\"body\":{\"name\":\"x\",\"region\":\"r\",\"count\":10}}",
     400,
     "{\"statusCode\":400,\"body\":{\"error\":\"VALIDATION_ERROR\","
     "\"message\":\"'count' must be from 0 to 9, not 10\","
     "\"details\":{\"code\":\"INVALID_PARAMETER\",\"field\":\"count\"}}}"},
    {"and INVALID_PARAMETER elsewhere; several are listed", API,
     "{\"operation\":\"create_thing\",\"body\":{\"name\":\"x\",\"region\":7,\"count\":10}}", 400,
     "{\"error\":\"INVALID_PARAMETER\",\"message\":\"'region' must be a string, not an integer; "
     "'count' must be from 0 to 9, not 10\",\"details\":{" INVALID_TWO "}," INVALID_TWO "}"},
    {"an unknown parameter is refused before what is missing", API,
     "{\"operation\":\"create_thing\",\"body\":{\"nane\":\"x\"}}", 400,
     "{\"error\":\"INVALID_PARAMETER\",\"message\":\"Unknown parameter 'nane'; did you mean "
     "'name'?\",\"details\":{\"field\":\"nane\"}}"},
    {"an unknown one inside is refused before what is missing or bad", API,
     "{\"operation\":\"create_thing\",\"body\":{\"name\":\"x\",\"count\":10,"
     "\"parts\":[{\"zzzzzz\":1,\"weight\":11}]}}",
     400,
     "{\"error\":\"INVALID_PARAMETER\",\"message\":\"Unknown parameter 'parts[0].zzzzzz'\","
     "\"details\":{\"field\":\"parts[0].zzzzzz\"}}"},
    {"and together with those outside", API,
     "{\"operation\":\"create_thing\",\"body\":{\"zzzzzz\":1,\"parts\":[{\"zzzzzz\":1}]}}", 400,
     "{\"error\":\"INVALID_PARAMETER\",\"message\":\"Unknown parameter 'zzzzzz'; Unknown parameter "
     "'parts[0].zzzzzz'\",\"details\":{" UNKNOWN_TWO "}," UNKNOWN_TWO "}"},
    {"a body may be text", API,
     "{\"operation\":\"update_thing\",\"body\":\"{\\\"thingId\\\":\\\"t\\\",\\\"version\\\":1}\"}",
     200, "{\"thingId\":\"t\"}"},
    {"a body that is text and no JSON is told so", API,
     "{\"operation\":\"update_thing\",\"body\":\"[1]\"}", 400,
     "{\"error\":\"INVALID_PARAMETER\",\"message\":\"The body must be a JSON object, not an "
     "array\"}"},
    {"details stand at top level and under `details`", API,
     "{\"operation\":\"update_thing\",\"body\":{\"thingId\":\"t\",\"version\":1,"
     "\"how\":\"clash\"}}",
     409,
     "{\"error\":\"VERSION_MISMATCH\",\"message\":\"Version mismatch.\",\"retryable\":true,"
     "\"currentVersion\":2,\"details\":{\"currentVersion\":2}}"},
    {"S0 keeps S1's code where it has none of its own", EVENT,
     "{\"operation\":\"update_thing\",\"body\":{\"thingId\":\"t\",\"how\":\"clash\"}}", 409,
     "{\"statusCode\":409,\"body\":{\"error\":\"VERSION_MISMATCH\",\"message\":"
     "\"Version mismatch.\",\"retryable\":true,\"currentVersion\":2,"
     "\"details\":{\"currentVersion\":2}}}"},
    {"a duplicate is a validation error in S0", EVENT,
     "{\"operation\":\"update_thing\",\"body\":{\"thingId\":\"t\",\"how\":\"exists\"}}", 400,
     "{\"statusCode\":400,\"body\":{\"error\":\"VALIDATION_ERROR\",\"message\":"
     "\"Thing with name 'x' already exists\",\"details\":{\"code\":\"ALREADY_EXISTS\"}}}"},
    {"and a conflict elsewhere", API,
     "{\"operation\":\"update_thing\",\"body\":{\"thingId\":\"t\",\"version\":1,"
     "\"how\":\"exists\"}}",
     409, "{\"error\":\"ALREADY_EXISTS\",\"message\":\"Thing with name 'x' already exists\"}"},
    {"a limit says when to come back", API,
     "{\"operation\":\"get_thing\",\"queryParams\":{\"thingId\":\"t\",\"how\":\"limit\"}}", 429,
     "{\"error\":\"DRS_LIMIT_EXCEEDED\",\"message\":\"Too many jobs\",\"retryable\":true,"
     "\"retryAfter\":60}"},
    {"overload says when to come back", API,
     "{\"operation\":\"get_thing\",\"queryParams\":{\"thingId\":\"t\",\"how\":\"busy\"}}", 503,
     "{\"error\":\"UNAVAILABLE\",\"message\":\"The service is busy; try again\",\"retryable\":true,"
     "\"retryAfter\":1}"},
    {"the unexpected bears the request id", API,
     "{\"operation\":\"get_thing\",\"queryParams\":{\"thingId\":\"t\",\"how\":\"corrupt\"}}", 500,
     "{\"error\":\"INTERNAL_ERROR\",\"message\":\"Internal error; its request id is req-1\","
     "\"details\":{\"requestId\":\"req-1\"}}"},
    {"a fault that was reported is not forgotten", API,
     "{\"operation\":\"get_thing\",\"queryParams\":{\"thingId\":\"t\",\"how\":\"silent\"}}", 404,
     "{\"error\":\"NOT_FOUND\",\"message\":\"Thing 'x' not found\"}"},
    {"an answer over 6 MB is refused", API,
     "{\"operation\":\"get_thing\",\"queryParams\":{\"thingId\":\"t\",\"how\":\"huge\"}}", 413,
     "{\"error\":\"TOO_LARGE\",\"message\":\"The answer is larger than 6 MiB; ask for pages with "
     "'limit'\"}"},
    {"an action's error is S4's", EXEC,
     "{\"action\":\"start_thing_wave\",\"wave_number\":1,\"how\":\"drs\","
     "\"state\":{\"executionId\":\"exec-1\",\"k\":true}}",
     500,
     "{\"error\":\"DRS_API_ERROR\",\"message\":\"Failed to start recovery: InsufficientCapacity\","
     "\"executionId\":\"exec-1\",\"waveNumber\":1,\"retryable\":false,"
     "\"state\":{\"executionId\":\"exec-1\",\"k\":true}}"},
    {"an action may be tried again after throttling", EXEC,
     "{\"action\":\"start_thing_wave\",\"how\":\"throttled\",\"executionId\":\"exec-2\"}", 503,
     "{\"error\":\"DRS_API_ERROR\",\"message\":\"Throttled\",\"executionId\":\"exec-2\","
     "\"waveNumber\":null,\"retryable\":true}"},
    {"a role that cannot be assumed is CROSS_ACCOUNT_ERROR", EXEC,
     "{\"action\":\"start_thing_wave\",\"how\":\"role\",\"state\":{\"current_wave_number\":3}}",
     403,
     "{\"error\":\"CROSS_ACCOUNT_ERROR\",\"message\":\"May not assume it\",\"executionId\":null,"
     "\"waveNumber\":3,\"retryable\":false,\"state\":{\"current_wave_number\":3}}"},
};

static void test_answers(void **state)
{
    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        struct world *w = world_new();
        struct reply r = invoke(w, cases[i].function, cases[i].payload);

        if (r.status != cases[i].status || !str_eq_z(r.body, cases[i].body))
            print_error("%s: status %d\n", cases[i].title, r.status);
        assert_str(r.body, cases[i].body);
        assert_int_equal(r.status, cases[i].status);
        world_free(w);
    }
}

/* ---- where parameters come from ---- */

static const struct expectation containers[] = {
    {"query text becomes what the field wants", API,
     "{\"operation\":\"get_thing\",\"queryParams\":{\"thingId\":\"t\",\"count\":\"7\","
     "\"on\":\"TRUE\",\"names\":\"a, b\",\"tags\":\"{\\\"k\\\":\\\"v\\\"}\"}}",
     200,
     "{\"thingId\":\"t\",\"count\":7,\"names\":[\"a\",\"b\"],\"tags\":{\"k\":\"v\"},"
     "\"operation\":\"get_thing\"}"},
    {"an alias is told to the operation", API,
     "{\"operation\":\"read_thing\",\"queryStringParameters\":{\"thingId\":\"t\"}}", 200,
     "{\"thingId\":\"t\",\"operation\":\"read_thing\"}"},
    {"body comes before parameters, query, path and top level", API,
     "{\"operation\":\"get_thing\",\"body\":{\"count\":1},\"parameters\":{\"count\":2},"
     "\"queryParams\":{\"count\":\"3\"},\"count\":5,\"thingId\":\"t\"}",
     200, "{\"thingId\":\"t\",\"count\":1,\"operation\":\"get_thing\"}"},
    {"then parameters", API,
     "{\"operation\":\"get_thing\",\"parameters\":{\"count\":2},"
     "\"queryParams\":{\"count\":\"3\"},\"count\":5,\"thingId\":\"t\"}",
     200, "{\"thingId\":\"t\",\"count\":2,\"operation\":\"get_thing\"}"},
    {"then the query, then the path, then top level", API,
     "{\"operation\":\"get_thing\",\"queryParams\":{\"count\":\"3\"},"
     "\"pathParameters\":{\"thingId\":\"p\"},\"count\":5,\"thingId\":\"t\"}",
     200, "{\"thingId\":\"p\",\"count\":3,\"operation\":\"get_thing\"}"},
    {"a null does not hide a later value", API,
     "{\"operation\":\"get_thing\",\"body\":{\"count\":null},\"count\":5,\"thingId\":\"t\"}", 200,
     "{\"thingId\":\"t\",\"count\":5,\"operation\":\"get_thing\"}"},
    {"text is no number in a body", API,
     "{\"operation\":\"get_thing\",\"body\":{\"count\":\"7\",\"thingId\":\"t\"}}", 400,
     "{\"error\":\"INVALID_PARAMETER\",\"message\":\"'count' must be an integer, not a string\","
     "\"details\":{\"field\":\"count\"}}"},
    {"the envelope is tolerated", API,
     "{\"operation\":\"get_thing\",\"thingId\":\"t\",\"source\":\"aws.events\","
     "\"detail-type\":\"x\",\"version\":\"0\",\"id\":\"i\",\"region\":\"r\",\"time\":\"t\","
     "\"account\":\"1\",\"resources\":[],\"detail\":{},\"headers\":{}}",
     200, "{\"thingId\":\"t\",\"operation\":\"get_thing\"}"},
    {"another top-level member is not", API, "{\"operation\":\"get_thing\",\"thingid\":\"t\"}", 400,
     "{\"error\":\"INVALID_PARAMETER\",\"message\":\"Unknown parameter 'thingid'; did you mean "
     "'thingId'?\",\"details\":{\"field\":\"thingid\"}}"},
    {"a client token is for changes alone", API,
     "{\"operation\":\"get_thing\",\"body\":{\"thingId\":\"t\",\"clientToken\":\"c\"}}", 400,
     "{\"error\":\"INVALID_PARAMETER\",\"message\":\"Unknown parameter 'clientToken'\","
     "\"details\":{\"field\":\"clientToken\"}}"},
    {"a client token is text", API,
     "{\"operation\":\"create_thing\",\"body\":{\"name\":\"x\",\"region\":\"r\","
     "\"clientToken\":7}}",
     400,
     "{\"error\":\"INVALID_PARAMETER\",\"message\":\"'clientToken' must be a string of 1 to 128 "
     "bytes\",\"details\":{\"field\":\"clientToken\"}}"},
    {"two spellings that differ are a fault", API,
     "{\"operation\":\"create_thing\",\"body\":{\"name\":\"x\",\"thingName\":\"y\","
     "\"region\":\"r\"}}",
     400,
     "{\"error\":\"INVALID_PARAMETER\",\"message\":\"'name' and 'thingName' are two spellings of "
     "one field and differ\",\"details\":{\"field\":\"thingName\"}}"},
};

static void test_containers(void **state)
{
    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(containers); i++) {
        struct world *w = world_new();
        struct reply r = invoke(w, containers[i].function, containers[i].payload);

        if (r.status != containers[i].status || !str_eq_z(r.body, containers[i].body))
            print_error("%s: status %d\n", containers[i].title, r.status);
        assert_str(r.body, containers[i].body);
        assert_int_equal(r.status, containers[i].status);
        world_free(w);
    }
}

/* ---- REST ---- */

struct rest_case {
    const char *title;
    const char *method;
    const char *path;
    const char *body;
    int status;
    const char *answer;
    const char *allow;
};

static const struct rest_case rest_cases[] = {
    {"a create", "POST", "/things", "{\"name\":\"x\",\"region\":\"r\"}", 201,
     "{\"thingId\":\"t-1\",\"name\":\"x\",\"thingName\":\"x\",\"accountId\":\"111122223333\","
     "\"message\":\"Thing created\"}",
     NULL},
    {"path and query are decoded", "GET", "/things/a%2Fb%20c?count=3&names=x+y&on=false", NULL, 200,
     "{\"thingId\":\"a/b c\",\"count\":3,\"names\":[\"x y\"],\"operation\":\"get_thing\"}", NULL},
    {"HEAD is GET", "HEAD", "/things/t", NULL, 200,
     "{\"thingId\":\"t\",\"operation\":\"get_thing\"}", NULL},
    {"an unknown path", "GET", "/nothing", NULL, 404,
     "{\"error\":\"NOT_FOUND\",\"message\":\"No such path: /nothing\"}", NULL},
    {"an unknown method says which are known", "DELETE", "/things/t", NULL, 405,
     "{\"error\":\"METHOD_NOT_ALLOWED\",\"message\":\"DELETE is not allowed here; use GET, PUT\"}",
     "GET, PUT"},
    {"a body that names another than the path", "PUT", "/things/t",
     "{\"thingId\":\"u\",\"version\":1}", 400,
     "{\"error\":\"INVALID_PARAMETER\",\"message\":\"'thingId' in the path and in the body "
     "differ\",\"details\":{\"field\":\"thingId\"}}",
     NULL},
    {"a body that names the same", "PUT", "/things/t", "{\"thingId\":\"t\",\"version\":1}", 200,
     "{\"thingId\":\"t\"}", NULL},
    {"a body that is no JSON", "POST", "/things", "{", 400, NULL, NULL},
    {"a body that is no object", "POST", "/things", "[]", 400,
     "{\"error\":\"INVALID_PARAMETER\",\"message\":\"The body must be a JSON object, not an "
     "array\"}",
     NULL},
    {"a query parameter twice", "GET", "/things/t?count=1&count=2", NULL, 400,
     "{\"error\":\"INVALID_PARAMETER\",\"message\":\"'count' occurs twice in the query\"}", NULL},
    {"a query that is badly encoded", "GET", "/things/t?count=%zz", NULL, 400,
     "{\"error\":\"INVALID_PARAMETER\",\"message\":\"The query is not percent-encoded UTF-8\"}",
     NULL},
    {"an unknown query parameter", "GET", "/things/t?counts=1", NULL, 400,
     "{\"error\":\"INVALID_PARAMETER\",\"message\":\"Unknown parameter 'counts'; did you mean "
     "'count'?\",\"details\":{\"field\":\"counts\"}}",
     NULL},
};

static void test_rest(void **state)
{
    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(rest_cases); i++) {
        const struct rest_case *c = &rest_cases[i];
        struct world *w = world_new();
        struct reply r = rest(w, c->method, c->path, c->body);

        if (r.status != c->status || (c->answer && !str_eq_z(r.body, c->answer)))
            print_error("%s: status %d\n", c->title, r.status);
        if (c->answer)
            assert_str(r.body, c->answer);
        assert_int_equal(r.status, c->status);
        assert_true(str_eq_z(r.allow, c->allow));
        world_free(w);
    }
}

static void test_content_type(void **state)
{
    static const struct {
        const char *type;
        int status;
    } types[] = {
        {NULL, 201},
        {"application/json", 201},
        {"Application/JSON; charset=utf-8", 201},
        {"application/vnd.x+json", 201},
        {"text/plain", 415},
        {"application/x-www-form-urlencoded", 415},
    };

    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(types); i++) {
        struct world *w = world_new();
        struct str role = STR("DRSOperator");
        struct reply r;
        struct api_request request = {
            .arena = w->arena,
            .method = STR("POST"),
            .path = STR("/things"),
            .content_type = str_from_z(types[i].type),
            .body = STR("{\"name\":\"x\",\"region\":\"r\"}"),
            .principal = {STR("me"), STR("bearer"), {&role, 1}},
        };

        api_rest(&w->api, &request, &r);
        assert_int_equal(r.status,
                         403); /* a stranger does not learn what was wrong with the body */
        role = STR("DRSPlanManager");
        api_rest(&w->api, &request, &r);
        assert_int_equal(r.status, types[i].status);
        world_free(w);
    }
}

static void test_proxy(void **state)
{
    struct world *w = world_new();
    struct reply r;

    (void)state;
    r = invoke(w, EVENT,
               "{\"requestContext\":{},\"httpMethod\":\"PUT\",\"path\":\"/things/t\","
               "\"queryStringParameters\":null,\"body\":\"{\\\"version\\\":1}\"}");
    assert_str(r.body, "{\"statusCode\":200,\"headers\":{\"Content-Type\":\"application/json\","
                       "\"X-Content-Type-Options\":\"nosniff\",\"X-Frame-Options\":\"DENY\","
                       "\"Cache-Control\":\"no-store\"},\"body\":\"{\\\"thingId\\\":\\\"t\\\"}\"}");
    r = invoke(w, EVENT,
               "{\"requestContext\":{\"http\":{\"method\":\"GET\"}},\"rawPath\":\"/things/t\","
               "\"queryStringParameters\":{\"count\":\"4\"}}");
    assert_int_equal(r.status, 200);
    assert_true(str_contains(r.body, STR("\\\"count\\\":4")));
    r = invoke(w, EVENT,
               "{\"requestContext\":{},\"httpMethod\":\"POST\",\"path\":\"/things\","
               "\"isBase64Encoded\":true,"
               "\"body\":\"eyJuYW1lIjoieCIsInJlZ2lvbiI6InIifQ==\"}");
    assert_int_equal(r.status, 201);
    r = invoke(w, EVENT, "{\"requestContext\":{},\"httpMethod\":\"PATCH\",\"path\":\"/things\"}");
    assert_int_equal(r.status, 405);
    assert_true(str_contains(r.body, STR("\"Allow\":\"POST\"")));
    r = invoke(w, EVENT, "{\"requestContext\":{}}");
    assert_int_equal(r.fault, FAULT_INVALID_INVOCATION);
    world_free(w);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_answers), cmocka_unit_test(test_containers),
        cmocka_unit_test(test_rest),    cmocka_unit_test(test_content_type),
        cmocka_unit_test(test_proxy),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
