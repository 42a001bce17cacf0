/* What a call leaves behind in the audit trail: whole records compared. */
#include "tests/unit/unit.h"

#include "rules/roles.h"
#include "tests/unit/api/things.h"

#define API "drwave-data-management-handler-test"

struct audit_case {
    const char *title;
    const char *role;
    const char *function;
    const char *payload;
    bool queued;
    const char *record;
};

#define HEAD                                                      \
    "{\"time\":\"2023-11-14T22:13:20Z\",\"requestId\":\"req-1\"," \
    "\"principal\":\"arn:aws:iam::111122223333:user/me\",\"via\":\"sigv4\","

static const struct audit_case audits[] = {
    {"a change, with its secret masked", ROLE_ADMIN, API,
     "{\"operation\":\"create_thing\",\"body\":{\"thingName\":\"x\",\"region\":\"r\","
     "\"secret\":\"hush\"}}",
     false,
     HEAD "\"entry\":\"direct\",\"operation\":\"create_thing\",\"parameters\":{\"name\":\"x\","
          "\"region\":\"r\",\"secret\":\"***\",\"on\":false},\"outcome\":\"SUCCESS\","
          "\"entities\":{\"thingId\":\"t-1\",\"accountId\":\"111122223333\"}}"},
    {"a read under another name", ROLE_READ_ONLY, "query-handler",
     "{\"operation\":\"read_thing\",\"queryParams\":{\"thingId\":\"t\"}}", true,
     HEAD "\"entry\":\"direct\",\"operation\":\"get_thing\",\"alias\":\"read_thing\","
          "\"parameters\":{\"thingId\":\"t\",\"on\":false},\"outcome\":\"SUCCESS\","
          "\"entities\":{\"thingId\":\"t\"}}"},
    {"a refused caller, with what he wanted", ROLE_READ_ONLY, API,
     "{\"operation\":\"create_thing\",\"body\":{\"name\":\"x\",\"secret\":\"hush\"}}", false,
     HEAD "\"entry\":\"direct\",\"operation\":\"create_thing\",\"parameters\":{\"name\":\"x\","
          "\"secret\":\"***\",\"on\":false},\"outcome\":\"REFUSED\",\"error\":"
          "\"AUTHORIZATION_FAILED\",\"message\":\"'arn:aws:iam::111122223333:user/me' may not call "
          "create_thing: it needs the permission create_protection_groups\",\"entities\":{}}"},
    {"a refusal by the operation", ROLE_ADMIN, API,
     "{\"operation\":\"update_thing\",\"body\":{\"thingId\":\"t\",\"version\":1,"
     "\"how\":\"clash\"}}",
     false,
     HEAD "\"entry\":\"direct\",\"operation\":\"update_thing\",\"parameters\":{\"thingId\":\"t\","
          "\"version\":1,\"how\":\"clash\"},\"outcome\":\"REFUSED\",\"error\":"
          "\"VERSION_MISMATCH\",\"message\":\"Version mismatch.\",\"entities\":"
          "{\"thingId\":\"t\"}}"},
    {"overload is queued", ROLE_ADMIN, API,
     "{\"operation\":\"get_thing\",\"thingId\":\"t\",\"how\":\"busy\"}", true,
     HEAD "\"entry\":\"direct\",\"operation\":\"get_thing\",\"parameters\":{\"thingId\":\"t\","
          "\"on\":false,\"how\":\"busy\"},\"outcome\":\"REFUSED\",\"error\":\"UNAVAILABLE\","
          "\"message\":\"The service is busy; try again\",\"entities\":{\"thingId\":\"t\"}}"},
    {"what is no operation", ROLE_ADMIN, API, "{\"operation\":\"zzz\"}", false,
     HEAD "\"entry\":\"direct\",\"operation\":\"zzz\",\"outcome\":\"REFUSED\",\"error\":"
          "\"INVALID_OPERATION\",\"message\":\"Unknown operation: zzz\"}"},
    {"what is no event", ROLE_ADMIN, API, "{}", false, NULL},
};

static void test_audit(void **state)
{
    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(audits); i++) {
        const struct audit_case *c = &audits[i];
        struct world *w = world_new();
        struct str record;
        bool queued;

        (void)invoke_as(w, c->role, c->function, c->payload);
        assert_int_equal(fake_store_audits(w->store), 1);
        record = fake_store_audit(w->store, 0, &queued);
        if (c->record && !str_eq_z(record, c->record))
            print_error("%s\n", c->title);
        if (c->record)
            assert_str(record, c->record);
        assert_int_equal(queued, c->queued);
        assert_false(str_contains(record, STR("hush")));
        world_free(w);
    }
}

/* ---- what never became a call ---- */

#define NOTE "{\"time\":\"2023-11-14T22:13:20Z\",\"requestId\":\"req-1\","

struct note_case {
    const char *title;
    struct api_note note;
    bool queued;
    size_t strangers;
    const char *record;
};

static const struct note_case notes[] = {
    {"nobody, to an operation",
     {.entry = ENTRY_REST,
      .peer = STR_INIT("192.0.2.7:4711"),
      .method = STR_INIT("GET"),
      .path = STR_INIT("/things/t%201"),
      .outcome = "REFUSED",
      .status = 401,
      .error = STR_INIT("UNAUTHENTICATED"),
      .message = STR_INIT("Who are you?")},
     true,
     1,
     NOTE "\"principal\":\"anonymous\",\"via\":\"nothing\",\"peer\":\"192.0.2.7:4711\","
          "\"entry\":\"rest\",\"operation\":\"get_thing\",\"request\":\"GET /things/t%201\","
          "\"outcome\":\"REFUSED\",\"status\":401,\"error\":\"UNAUTHENTICATED\",\"message\":"
          "\"Who are you?\"}"},
    {"somebody who cannot prove it, to a function",
     {.entry = ENTRY_DIRECT,
      .principal = {.via = STR_INIT("sigv4")},
      .method = STR_INIT("POST"),
      .path = STR_INIT("/2015-03-31/functions/query-handler/invocations"),
      .outcome = "REFUSED",
      .status = 403,
      .error = STR_INIT("UnrecognizedClientException"),
      .message = STR_INIT("No such key")},
     true,
     1,
     NOTE "\"principal\":\"unverified\",\"via\":\"sigv4\",\"entry\":\"direct\",\"request\":"
          "\"POST /2015-03-31/functions/query-handler/invocations\",\"outcome\":\"REFUSED\","
          "\"status\":403,\"error\":\"UnrecognizedClientException\",\"message\":\"No such key\"}"},
    {"a request that could not be read",
     {.entry = ENTRY_REST,
      .outcome = "REFUSED",
      .status = 400,
      .error = STR_INIT("INVALID_INVOCATION"),
      .message = STR_INIT("Malformed")},
     true,
     1,
     NOTE "\"principal\":\"anonymous\",\"via\":\"nothing\",\"entry\":\"rest\",\"request\":\" \","
          "\"outcome\":\"REFUSED\",\"status\":400,\"error\":\"INVALID_INVOCATION\",\"message\":"
          "\"Malformed\"}"},
    {"a refusal of somebody known is durable",
     {.entry = ENTRY_DIRECT,
      .principal = {.arn = STR_INIT("token:admin"), .via = STR_INIT("bearer")},
      .method = STR_INIT("POST"),
      .path = STR_INIT("/f"),
      .outcome = "REFUSED",
      .status = 404,
      .error = STR_INIT("ResourceNotFoundException"),
      .message = STR_INIT("None")},
     false,
     0,
     NOTE "\"principal\":\"token:admin\",\"via\":\"bearer\",\"entry\":\"direct\",\"request\":"
          "\"POST /f\",\"outcome\":\"REFUSED\",\"status\":404,\"error\":"
          "\"ResourceNotFoundException\",\"message\":\"None\"}"},
    {"his success without an operation is queued",
     {.entry = ENTRY_REST,
      .principal = {.arn = STR_INIT("token:admin"), .via = STR_INIT("bearer")},
      .method = STR_INIT("GET"),
      .path = STR_INIT("/openapi.json"),
      .outcome = "SUCCESS",
      .status = 200},
     true,
     0,
     NOTE "\"principal\":\"token:admin\",\"via\":\"bearer\",\"entry\":\"rest\",\"request\":"
          "\"GET /openapi.json\",\"outcome\":\"SUCCESS\",\"status\":200}"},
};

static void test_notes(void **state)
{
    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(notes); i++) {
        struct world *w = world_new();
        struct api_note note = notes[i].note;
        bool queued;

        print_message("# %s\n", notes[i].title);
        note.arena = w->arena;
        note.request_id = STR("req-1");
        api_note(&w->api, &note);
        assert_int_equal(fake_store_audits(w->store), 1);
        assert_str(fake_store_audit(w->store, 0, &queued), notes[i].record);
        assert_int_equal(queued, notes[i].queued);
        assert_int_equal(fake_store_strangers(w->store), notes[i].strangers);
        world_free(w);
    }
}

static void test_the_peer_of_a_call_is_recorded(void **state)
{
    struct world *w = world_new();
    struct api_request request = {
        .arena = w->arena,
        .method = STR("GET"),
        .path = STR("/things/t"),
        .principal = {.arn = STR("token:me"), .via = STR("bearer")},
        .request_id = STR("req-1"),
        .peer = STR("192.0.2.7:4711"),
    };
    struct reply reply;
    bool queued;

    (void)state;
    api_rest(&w->api, &request, &reply);
    assert_int_equal(reply.status, 403);
    assert_true(str_contains(fake_store_audit(w->store, 0, &queued),
                             STR(",\"peer\":\"192.0.2.7:4711\",\"entry\":\"rest\"")));
    world_free(w);
}

static void test_large_parameters_are_told_by_their_size(void **state)
{
    struct world *w = world_new();
    char *text = arena_alloc(w->arena, 4001);
    struct buf payload = buf_new(w->arena, 1 << 20);
    bool queued;

    (void)state;
    memset(text, 'n', 4000);
    buf_add_z(&payload, "{\"operation\":\"create_thing\",\"body\":{\"region\":\"r\",\"name\":\"x\","
                        "\"names\":[\"\"");
    for (int i = 0; i < 20; i++)
        buf_addf(&payload, ",\"%s\"", text);
    buf_add_z(&payload, "]}}");
    assert_int_equal(invoke(w, API, buf_str(&payload).ptr).status, 201);
    assert_true(str_contains(fake_store_audit(w->store, 0, &queued), STR("\"parametersBytes\":8")));
    world_free(w);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_audit),
        cmocka_unit_test(test_notes),
        cmocka_unit_test(test_the_peer_of_a_call_is_recorded),
        cmocka_unit_test(test_large_parameters_are_told_by_their_size),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
