#include "tests/unit/unit.h"

#include "base/json.h"

static struct arena *arena;

static int setup(void **state)
{
    (void)state;
    arena = arena_new(0);
    return 0;
}

static int teardown(void **state)
{
    (void)state;
    arena_free(arena);
    return 0;
}

/* libraries.md 2.1: what goes in and what comes out again; NULL: refused. */
static const char *const semantics[][2] = {
    {"{\"b\":1,\"a\":[true,false,null]}", "{\"b\":1,\"a\":[true,false,null]}"},
    {"{\"a\":1,\"a\":2}", NULL},
    {"{} x", NULL},
    {"\"\\ud83d\"", NULL},
    {"\"\\ude00\"", NULL},
    {"\"\\ud83d\\u0041\"", NULL},
    {"\"\\ud83dx\"", NULL},
    {"\"\\u00g0\"", NULL},
    {"\"\\ud83d\\u00g0\"", NULL},
    {"[1,]", NULL},
    {"// c\n1", NULL},
    {"{'a':1}", NULL},
    {"NaN", NULL},
    {"-Infinity", NULL},
    {"9007199254740993", "9007199254740993"},
    {"9223372036854775808", NULL},
    {"0.1", "0.1"},
    {"1.0", "1.0"},
    {"1e400", NULL},
    {"01", NULL},
    {"\"a\\u0000b\"", NULL},
    {"{\"a\\u0000b\":1}", NULL},
    {"\"\\ud800\"", NULL},
    {"\"\xc0\xaf\"", NULL},
    {"\"a\nb\"", NULL},
    {"\xef\xbb\xbf{}", NULL},
    {"\"a/b\"", "\"a/b\""},
    {"\"\\u00e9\\ud83c\\udf0a\"", "\"\xc3\xa9\xf0\x9f\x8c\x8a\""},
    {"\"q\\\"b\\\\n\\n\\u0001\"", "\"q\\\"b\\\\n\\n\\u0001\""},
    {"\"\\/\\b\\f\\r\\t\x7f\"", "\"/\\u0008\\u000c\\r\\t\\u007f\""},
    {"\"\\ud83cx\"", NULL},
    {"\"\\ud83c\\u0041\"", NULL},
    {"\"\\udf0a\"", NULL},
    {"\"\\u12g4\"", NULL},
    {"\"\\u12\"", NULL},
    {"\"\\x\"", NULL},
    {"\"\\\"", NULL},
    {"\"a", NULL},
    {"\"\xed\xa0\x80\"", NULL},
    {"{\"a\":1,\"\\u0061\":2}", NULL},
    {" [ 1 , { \"a\" : [ ] } ]\r\n\t", "[1,{\"a\":[]}]"},
    {"-0", "0"},
    {"-9223372036854775808", "-9223372036854775808"},
    {"-9223372036854775809", NULL},
    {"1e2", "100.0"},
    {"1E+2", "100.0"},
    {"1e-400", "0.0"},
    {"1.", NULL},
    {".5", NULL},
    {"+1", NULL},
    {"-", NULL},
    {"1e", NULL},
    {"truex", NULL},
    {"tru", NULL},
    {"[1}", NULL},
    {"[1 2]", NULL},
    {"{\"a\" 1}", NULL},
    {"{\"a\":1,}", NULL},
    {"{1:2}", NULL},
    {"", NULL},
    {"{", NULL},
};

static void test_semantics(void **state)
{
    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(semantics); i++) {
        const struct json *v;
        struct str why;
        enum fault f = json_parse(arena, str_from_z(semantics[i][0]), &v, &why);

        if (!semantics[i][1]) {
            if (!f)
                print_error("accepted: %s\n", semantics[i][0]);
            assert_int_equal(f, FAULT_INVALID_PARAMETER);
            continue;
        }
        assert_int_equal(f, FAULT_NONE);
        assert_str(json_text(arena, v), semantics[i][1]);
    }
}

/* Why a text is no JSON goes into logs and records; what stands in it may be a secret. */
static void test_what_is_broken_is_not_quoted(void **state)
{
    static const char *const texts[] = {"{\"password\":\"hunter2", "{\"password\":hunter2}",
                                        "{\"hunter2\":1,\"hunter2\":2}", "hunter2"};

    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(texts); i++) {
        const struct json *v;
        struct str why;

        assert_int_equal(json_parse(arena, str_from_z(texts[i]), &v, &why),
                         FAULT_INVALID_PARAMETER);
        assert_false(str_contains(why, STR("hunter2")));
        assert_true(str_starts(why, STR("not valid JSON at line 1, column ")));
    }
}

static struct str repeat(const char *head, const char *unit, size_t n, const char *tail)
{
    struct buf b = buf_new(arena, 64 << 20);

    buf_add_z(&b, head);
    for (size_t i = 0; i < n; i++)
        buf_add_z(&b, unit);
    buf_add_z(&b, tail);
    return buf_str(&b);
}

static void test_large_objects_have_no_name_twice(void **state)
{
    const struct json *v;
    struct str why;
    struct buf text = buf_new(arena, 1 << 20);
    struct str once;

    (void)state;
    for (int n = 0; n < 50; n++)
        buf_addf(&text, "%s\"k%d\":%d", n ? "," : "{", n * 7 % 50, n);
    once = arena_strf(arena, STR_FMT "}", STR_ARG(buf_str(&text)));
    assert_int_equal(json_parse(arena, once, &v, &why), FAULT_NONE);
    assert_str(json_text(arena, v), once.ptr);
    buf_add_z(&text, ",\"k31\":0}");
    assert_int_equal(json_parse(arena, buf_str(&text), &v, &why), FAULT_INVALID_PARAMETER);
}

static void test_a_refusal_says_where(void **state)
{
    const struct json *v;
    struct str why;

    (void)state;
    assert_int_equal(json_parse(arena, STR("{\"a\":1,\n \"b\" 2}"), &v, &why),
                     FAULT_INVALID_PARAMETER);
    assert_str(why, "not valid JSON at line 2, column 6: ':' is missing");
}

static void test_limits(void **state)
{
    const struct json *v;
    struct str why;
    struct buf keys = buf_new(arena, 1 << 20);

    (void)state;
    assert_int_equal(json_parse(arena, repeat("", "[", 64, ""), &v, &why), FAULT_INVALID_PARAMETER);
    assert_int_equal(json_parse(arena, repeat("", "[", 65, ""), &v, &why), FAULT_TOO_LARGE);
    assert_int_equal(json_parse(arena, repeat("[0", ",0", 99997, "]"), &v, &why), FAULT_NONE);
    assert_int_equal(json_parse(arena, repeat("[0", ",0", 100001, "]"), &v, &why), FAULT_TOO_LARGE);
    assert_int_equal(json_parse(arena, repeat("[0", ",[]", 60000, "]"), &v, &why), FAULT_TOO_LARGE);
    assert_int_equal(json_parse(arena, repeat("\"", "x", JSON_TEXT_MAX, "\""), &v, &why),
                     FAULT_TOO_LARGE);
    assert_int_equal(json_parse(arena, repeat("\"", "[{,:", 100000, "\""), &v, &why), FAULT_NONE);
    for (int n = 0; n < 1001; n++)
        buf_addf(&keys, "%s\"k%d\":0", n ? "," : "{", n);
    buf_add_z(&keys, "}");
    assert_int_equal(json_parse(arena, buf_str(&keys), &v, &why), FAULT_TOO_LARGE);
    assert_str(why, "an object with too many members");
}

static void test_equality(void **state)
{
    static const struct {
        const char *a;
        const char *b;
        bool equal;
    } cases[] = {
        {"{\"a\":1,\"b\":[2]}", "{\"b\":[2],\"a\":1}", true},
        {"[1,2]", "[2,1]", false},
        {"1", "1.0", false},
        {"{\"a\":1}", "{\"b\":1}", false},
        {"\"x\"", "\"x\"", true},
        {"null", "false", false},
    };

    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        const struct json *a;
        const struct json *b;
        struct str why;

        assert_int_equal(json_parse(arena, str_from_z(cases[i].a), &a, &why), FAULT_NONE);
        assert_int_equal(json_parse(arena, str_from_z(cases[i].b), &b, &why), FAULT_NONE);
        assert_int_equal(json_eq(a, b), cases[i].equal);
    }
}

static void test_what_would_break_the_line_is_escaped(void **state)
{
    struct buf out = buf_new(arena, 1000);
    struct json_writer w = json_writer_to(&out);

    (void)state;
    json_begin_array(&w);
    json_put_str(&w, STR("\"\\\n\r\t\b\x01\x1f\x7f /"));
    json_end_array(&w);
    assert_str(buf_str(&out), "[\"\\\"\\\\\\n\\r\\t\\u0008\\u0001\\u001f\\u007f /\"]");
}

static void test_writer(void **state)
{
    struct buf out = buf_new(arena, 1000);
    struct json_writer w = json_writer_to(&out);

    (void)state;
    json_begin_object(&w);
    json_member_str(&w, "s", STR("\xff ok"));
    json_member_int(&w, "i", INT64_MIN);
    json_name(&w, STR("a"));
    json_begin_array(&w);
    json_put_real(&w, 1.0 / 3);
    json_put_real(&w, 1e300 * 1e300);
    json_put_raw(&w, STR("{\"raw\":1}"));
    json_begin_object(&w);
    json_end_object(&w);
    json_end_array(&w);
    json_member_str(&w, "n", (struct str){0});
    json_end_object(&w);
    assert_str(buf_str(&out), "{\"s\":\"\xef\xbf\xbd ok\",\"i\":-9223372036854775808,\"a\":["
                              "0.33333333333333331,null,{\"raw\":1},{}],\"n\":null}");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_semantics),
        cmocka_unit_test(test_what_is_broken_is_not_quoted),
        cmocka_unit_test(test_large_objects_have_no_name_twice),
        cmocka_unit_test(test_a_refusal_says_where),
        cmocka_unit_test(test_limits),
        cmocka_unit_test(test_equality),
        cmocka_unit_test(test_what_would_break_the_line_is_escaped),
        cmocka_unit_test(test_writer),
    };

    return cmocka_run_group_tests(tests, setup, teardown);
}
