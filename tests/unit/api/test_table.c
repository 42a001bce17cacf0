/* The operation table: what is found in it, what is wrong with it, what is generated from it. */
#include "tests/unit/unit.h"

#include "api/openapi.h"
#include "tests/unit/api/things.h"

/* A flaw is a good row with one member set again. */
#ifdef __clang__
#pragma GCC diagnostic ignored "-Winitializer-overrides"
#else
#pragma GCC diagnostic ignored "-Woverride-init"
#endif

static struct arena *arena;

/* ---- routes ---- */

static enum fault nothing(struct query_ctx *c)
{
    (void)c;
    return FAULT_NONE;
}

static enum fault nothing_written(struct ctx *c)
{
    (void)c;
    return FAULT_NONE;
}

struct ids {
    struct str a;
    struct str b;
};

static const struct field id_fields[] = {
    F_STR(struct ids, a, "a", .help = "one"),
    F_STR(struct ids, b, "b", .aliases = "bee", .help = "other"),
    F_END,
};

#define ROW                                                                                    \
    .functions = FUNCTION_QUERY, .permission = "view_accounts", .summary = "s", .example = "", \
    .params = id_fields, .params_size = sizeof(struct ids)

static const struct operation routed[] = {
    {.names = {"fixed"}, .routes = {{"GET", "/x/new"}}, ROW, .run_read = nothing},
    {.names = {"one"}, .routes = {{"GET", "/x/{a}"}, {"GET", "/y/{a}"}}, ROW, .run_read = nothing},
    {.names = {"two"}, .routes = {{"GET", "/x/{a}/{bee}"}}, ROW, .run_read = nothing},
    {.names = {"mixed"}, .routes = {{"GET", "/x/new/{a}"}}, ROW, .run_read = nothing},
    {.names = {"put"},
     .routes = {{"PUT", "/x/{b}"}},
     ROW,
     .functions = FUNCTION_DATA_MANAGEMENT,
     .run_write = nothing_written},
};

static const struct operation *const routed_rows[] = {&routed[0], &routed[1], &routed[2],
                                                      &routed[3], &routed[4]};
static const struct operation_set routed_set = {routed_rows, 5};

static void test_routes(void **state)
{
    static const struct {
        const char *method;
        const char *path;
        const char *name;
        const char *params;
        const char *allow;
    } cases[] = {
        {"GET", "/x/new", "fixed", "{}", NULL},
        {"GET", "/x/old", "one", "{\"a\":\"old\"}", NULL},
        {"GET", "/y/1%2f2", "one", "{\"a\":\"1/2\"}", NULL},
        {"GET", "/x/1/2", "two", "{\"a\":\"1\",\"bee\":\"2\"}", NULL},
        {"GET", "/x/new/2", "mixed", "{\"a\":\"2\"}", NULL},
        {"HEAD", "/x/new", "fixed", "{}", NULL},
        {"PUT", "/x/new", "put", "{\"b\":\"new\"}", NULL},
        {"DELETE", "/x/new", NULL, NULL, "GET, PUT"},
        {"DELETE", "/y/new", NULL, NULL, "GET"},
        {"get", "/y/new", NULL, NULL, "GET"},
        {"GET", "/x", NULL, NULL, NULL},
        {"GET", "/x/", NULL, NULL, NULL},
        {"GET", "/x//2", NULL, NULL, NULL},
        {"GET", "x/new", NULL, NULL, NULL},
        {"GET", "", NULL, NULL, NULL},
        {"GET", "/x/%ff", NULL, NULL, NULL},
        {"GET", "/x/%00", NULL, NULL, NULL},
        {"GET", "/X/new", NULL, NULL, NULL},
        {"GET", "/1/2/3/4/5/6/7/8/9/10/11/12/13/14/15/16/17/18", NULL, NULL, NULL},
    };

    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        struct route_match found = operation_route_find(
            &routed_set, arena, str_from_z(cases[i].method), str_from_z(cases[i].path));
        struct str name = str_from_z(found.op ? found.op->names[0] : NULL);

        if (!str_eq_z(name, cases[i].name))
            print_error("%s %s\n", cases[i].method, cases[i].path);
        assert_str(name, cases[i].name);
        assert_true(str_eq_z(found.allow, cases[i].allow));
        if (found.op)
            assert_str(json_text(arena, found.path_params), cases[i].params);
    }
}

static void test_names(void **state)
{
    const struct operation_set *set = things_set();

    (void)state;
    assert_string_equal(operation_find(set, STR("read_thing"))->names[0], "get_thing");
    assert_null(operation_find(set, STR("")));
    assert_null(operation_find(set, STR("get_thin")));
    assert_str(operation_nearest(set, STR("gt_thing")), "get_thing");
    assert_false(str_present(operation_nearest(set, STR("something_else"))));
    assert_false(str_eq(operation_nearest(set, STR("work_thin")), STR("work_thing")));
}

/* ---- the self-test ---- */

static const struct field silent_fields[] = {
    {.name = "a", .kind = FIELD_STR},
    F_END,
};

static const struct field error_fields[] = {
    F_STR(struct ids, a, "error", .help = "no"),
    F_END,
};

struct flaw {
    const char *title;
    struct operation row;
    const char *complaint;
};

static const struct flaw flaws[] = {
    {"a good row", {.names = {"n"}, ROW, .run_read = nothing}, ""},
    {"no run", {.names = {"n"}, ROW}, "n: has not exactly one run function\n"},
    {"two runs",
     {.names = {"n"},
      ROW,
      .functions = FUNCTION_EXECUTION,
      .run_read = nothing,
      .run_write = nothing_written},
     "n: has not exactly one run function\n"},
    {"a query that writes",
     {.names = {"n"}, ROW, .run_write = nothing_written},
     "n: writes, and belongs to the query function\n"},
    {"a name twice",
     {.names = {"n", "n"}, ROW, .run_read = nothing},
     "n: is named more than once: n\nn: is named more than once: n\n"},
    {"a name with a dash",
     {.names = {"n-m"}, ROW, .run_read = nothing},
     "n-m: is no plain name: n-m\n"},
    {"an unknown permission",
     {.names = {"n"}, ROW, .permission = "everything", .run_read = nothing},
     "n: needs an unknown permission: everything\n"},
    {"no function",
     {.names = {"n"}, ROW, .functions = 0, .run_read = nothing},
     "n: belongs to no function\n"},
    {"no summary",
     {.names = {"n"}, ROW, .summary = "", .run_read = nothing},
     "n: has no summary of one line\n"},
    {"no example",
     {.names = {"n"}, ROW, .example = NULL, .run_read = nothing},
     "n: has no example\n"},
    {"a silent field",
     {.names = {"n"}, ROW, .params = silent_fields, .run_read = nothing},
     "n: has a field without a word about it: a\n"},
    {"a success that reads like a refusal",
     {.names = {"n"}, ROW, .reply = error_fields, .reply_size = 1, .run_read = nothing},
     "n: answers a success with `error`\n"},
    {"a GET that changes",
     {.names = {"n"},
      ROW,
      .functions = FUNCTION_EXECUTION,
      .routes = {{"GET", "/n"}},
      .run_write = nothing_written},
     "n: changes something by GET: /n\n"},
    {"two routes of one shape",
     {.names = {"n"}, ROW, .routes = {{"GET", "/n/{a}"}, {"GET", "/n/{b}"}}, .run_read = nothing},
     "n: shares its route with another: /n/{a}\nn: shares its route with another: /n/{b}\n"},
    {"a path parameter that nobody reads",
     {.names = {"n"}, ROW, .routes = {{"GET", "/n/{c}"}}, .run_read = nothing},
     "n: has a path parameter that is no parameter: c\n"},
    {"a method of its own",
     {.names = {"n"}, ROW, .routes = {{"LOOK", "/n"}}, .run_read = nothing},
     "n: has a route that is none: /n\n"},
    {"a requirement that is no parameter",
     {.names = {"n"}, ROW, .api_required = "a c", .run_read = nothing},
     "n: requires what is no parameter: c\n"},
    {"parameters of no size",
     {.names = {"n"}, ROW, .params_size = 0, .run_read = nothing},
     "n: does not say how large its parameters are\n"},
};

static void test_flaws_are_found(void **state)
{
    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(flaws); i++) {
        const struct operation *row = &flaws[i].row;
        struct operation_set set = {&row, 1};
        struct str found = operations_check(&set, arena);

        if (!str_eq_z(found, flaws[i].complaint))
            print_error("%s\n", flaws[i].title);
        assert_str(found, flaws[i].complaint);
    }
    assert_str(operations_check(&routed_set, arena), "");
    assert_str(operations_check(things_set(), arena), "");
}

/* ---- what is generated ---- */

static const struct json *at(const struct json *v, const char *path)
{
    struct str rest = str_from_z(path);

    while (str_present(rest))
        v = json_get(v, str_cut(&rest, '|'));
    return v;
}

static void test_openapi(void **state)
{
    const struct json *doc;
    struct str why;

    (void)state;
    assert_int_equal(json_parse(arena, openapi_of(things_set(), arena), &doc, &why), FAULT_NONE);
    assert_str(json_str(at(doc, "openapi")), "3.1.0");
    assert_int_equal(at(doc, "paths")->len, 2);
    assert_str(json_str(at(doc, "paths|/things/{thingId}|put|operationId")), "update_thing");
    assert_str(json_str(at(doc, "paths|/things/{thingId}|get|operationId")), "get_thing");
    assert_str(json_text(arena, at(doc, "paths|/things/{thingId}|put|requestBody|content|"
                                        "application/json|schema|allOf")),
               "[{\"anyOf\":[{\"required\":[\"version\"]}]}]");
    assert_str(json_text(arena, at(doc, "paths|/things|post|requestBody|content|"
                                        "application/json|schema|allOf")),
               "[{\"anyOf\":[{\"required\":[\"name\"]},{\"required\":[\"thingName\"]}]},"
               "{\"anyOf\":[{\"required\":[\"region\"]}]}]");
    assert_str(json_text(arena, at(doc, "paths|/things|post|requestBody|content|"
                                        "application/json|schema|properties|count")),
               "{\"type\":\"integer\",\"minimum\":0,\"maximum\":9,\"description\":\"many\"}");
    assert_non_null(at(doc, "paths|/things|post|responses|201|content"));
    assert_null(at(doc, "paths|/things|post|requestBody|content|application/json|schema|"
                        "properties|thingId"));
}

static void test_reference(void **state)
{
    struct str page = reference_of(things_set(), arena);

    (void)state;
    assert_true(
        str_contains(page, STR("\n## get_thing\n\nShow a thing\n\n    drwave get-thing t-1\n"
                               "\n- Function: `data-management-handler` `query-handler`\n"
                               "- Permission: `view_protection_groups`\n"
                               "- Also called: `read_thing`\n"
                               "- REST: `GET /things/{thingId}`\n")));
    assert_true(str_contains(
        page, STR("| `name` (required) | text | h; also `thingName` |\n| `region` (required)")));
    assert_true(
        str_contains(page, STR("| `parts[].label` (required) | text | h; also `partLabel`")));
}

static int begin(void **state)
{
    (void)state;
    arena = arena_new(0);
    return 0;
}

static int end(void **state)
{
    (void)state;
    arena_free(arena);
    return 0;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_routes),          cmocka_unit_test(test_names),
        cmocka_unit_test(test_flaws_are_found), cmocka_unit_test(test_openapi),
        cmocka_unit_test(test_reference),
    };

    return cmocka_run_group_tests(tests, begin, end);
}
