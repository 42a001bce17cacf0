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
        cmocka_unit_test(test_large_parameters_are_told_by_their_size),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
