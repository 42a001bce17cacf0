#include "tests/unit/flow/texts.h"

#include "flow/path.h"

static void paths_lead_to_values(void **state)
{
    static const struct {
        const char *path;
        bool ok;
        const char *value; /* NULL: nothing is there */
    } rows[] = {
        {"$", true, "{\"a\":[1,{\"b c\":2}],\"n-_9Z\":null}"},
        {"$$", true, "{\"c\":3}"},
        {"$.a[0]", true, "1"},
        {"$.a[1]['b c']", true, "2"},
        {"$['a'][1]", true, "{\"b c\":2}"},
        {"$.n-_9Z", true, "null"},
        {"$$.c", true, "3"},
        {"$.a[2]", true, NULL},
        {"$.c", true, NULL},
        {"$.a.x", true, NULL},
        {"$.n-_9Z[0]", true, NULL},
        {"$.x.y", true, NULL},
        {"$$.a", true, NULL},
        {"", false, NULL},
        {"a", false, NULL},
        {".a", false, NULL},
        {"$a", false, NULL},
        {"$.", false, NULL},
        {"$..a", false, NULL},
        {"$.a[", false, NULL},
        {"$.a[]", false, NULL},
        {"$.a[-1]", false, NULL},
        {"$.a[x]", false, NULL},
        {"$.a[*]", false, NULL},
        {"$['']", false, NULL},
        {"$['a]", false, NULL},
        {"$[']", false, NULL},
        {"$.a[0]x", false, NULL},
        {"$.a b", false, NULL},
        {"States.UUID()", false, NULL},
    };
    struct flow_scope s = {.data = json_of("{\"a\":[1,{\"b c\":2}],\"n-_9Z\":null}"),
                           .context = json_of("{\"c\":3}")};

    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        struct str path = str_from_z(rows[i].path);
        const struct json *v = flow_path_get(&s, path);

        print_message("# '%s'\n", rows[i].path);
        assert_int_equal(flow_path_ok(path), rows[i].ok);
        if (rows[i].value)
            assert_str(json_text(arena, v), rows[i].value);
        else
            assert_null(v);
    }
}

static void a_result_is_put_where_the_path_says(void **state)
{
    static const struct {
        const char *data;
        const char *path; /* NULL: absent, the result is thrown away */
        const char *expected;
    } rows[] = {
        {"{\"a\":1}", NULL, "{\"a\":1}"},
        {"{\"a\":1}", "$", "9"},
        {"{\"a\":1}", "$.a", "{\"a\":9}"},
        {"{\"a\":1,\"c\":2}", "$.a", "{\"a\":9,\"c\":2}"},
        {"{\"a\":1}", "$.b", "{\"a\":1,\"b\":9}"},
        {"{\"a\":1}", "$.b.c", "{\"a\":1,\"b\":{\"c\":9}}"},
        {"{\"a\":1}", "$.a.c", "{\"a\":{\"c\":9}}"},
        {"{\"a\":{\"x\":1}}", "$.a.c", "{\"a\":{\"x\":1,\"c\":9}}"},
        {"[1]", "$.a", "{\"a\":9}"},
    };

    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        const struct json *data = json_of(rows[i].data);
        const struct json *out = flow_path_put(arena, data, str_from_z(rows[i].path), json_of("9"));

        assert_str(json_text(arena, out), rows[i].expected);
        assert_str(json_text(arena, data), rows[i].data);
    }
}

static void a_template_takes_values_from_where_its_paths_lead(void **state)
{
    static const struct {
        const char *template;
        const char *expected; /* NULL: it fails */
        const char *missing;
    } rows[] = {
        {"{\"x\":[],\"y\":{},\"z\":\"$.a\"}", "{\"x\":[],\"y\":{},\"z\":\"$.a\"}", NULL},
        {"{\"x.$\":\"$.a\",\"y\":[{\"z.$\":\"$$.c\"},2]}", "{\"x\":1,\"y\":[{\"z\":3},2]}", NULL},
        {"{\"x.$\":\"$.no\"}", NULL, "$.no"},
        {"{\"x\":{\"y.$\":\"$.no.no\"}}", NULL, "$.no.no"},
        {"{\"x\":[1,{\"y.$\":\"$$.no\"}]}", NULL, "$$.no"},
    };
    struct flow_scope s = {.data = json_of("{\"a\":1}"), .context = json_of("{\"c\":3}")};

    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        const struct json *out = NULL;
        struct str missing = {0};
        enum fault f = flow_template(arena, json_of(rows[i].template), &s, &out, &missing);

        assert_int_equal(f, rows[i].expected ? FAULT_NONE : FAULT_INVALID_PARAMETER);
        if (f)
            assert_str(missing, rows[i].missing);
        else
            assert_str(json_text(arena, out), rows[i].expected);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(paths_lead_to_values),
        cmocka_unit_test(a_result_is_put_where_the_path_says),
        cmocka_unit_test(a_template_takes_values_from_where_its_paths_lead),
    };

    return cmocka_run_group_tests(tests, make_arena, free_arena);
}
