#include "tests/unit/unit.h"

#include "base/buf.h"
#include "base/encode.h"
#include "base/time.h"

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

static void test_numbers(void **state)
{
    static const struct {
        const char *text;
        bool ok;
        int64_t value;
    } cases[] = {
        {"0", true, 0},
        {"-1", true, -1},
        {"9223372036854775807", true, INT64_MAX},
        {"-9223372036854775808", true, INT64_MIN},
        {"9223372036854775808", false, 0},
        {"-9223372036854775809", false, 0},
        {"99999999999999999999", false, 0},
        {"", false, 0},
        {"-", false, 0},
        {"+1", false, 0},
        {" 1", false, 0},
        {"1x", false, 0},
    };

    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        int64_t value = 0;

        assert_int_equal(str_to_i64(str_from_z(cases[i].text), &value), cases[i].ok);
        assert_true(value == cases[i].value);
    }
}

static void test_globs(void **state)
{
    static const struct {
        const char *pattern;
        const char *text;
        bool matches;
    } cases[] = {
        {"*", "", true},          {"*", "abc", true},      {"a*c", "abbbc", true},
        {"a*c", "abbbd", false},  {"a?c", "abc", true},    {"a?c", "ac", false},
        {"a\\*c", "a*c", true},   {"a\\*c", "abc", false}, {"", "", true},
        {"", "a", false},         {"*a*b", "xaxb", true},  {"*a*b", "xbxa", false},
        {"web-*", "web-1", true}, {"**", "x", true},       {"a", "A", false},
    };

    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(cases); i++)
        assert_int_equal(str_glob(str_from_z(cases[i].pattern), str_from_z(cases[i].text)),
                         cases[i].matches);
}

static void test_utf8(void **state)
{
    (void)state;
    assert_true(str_is_utf8(STR("plain, \xc3\xa9, \xe2\x82\xac, \xf0\x9f\x8c\x8a")));
    assert_false(str_is_utf8(STR("\xc0\xaf")));         /* overlong */
    assert_false(str_is_utf8(STR("\xed\xa0\x80")));     /* surrogate */
    assert_false(str_is_utf8(STR("\xf4\x90\x80\x80"))); /* beyond U+10FFFF */
    assert_false(str_is_utf8(STR("\xe2\x82")));         /* cut short */
    assert_false(str_is_utf8(STR("\x80")));
    assert_false(str_is_utf8(STR("\xc3(")));            /* no continuation */
    assert_false(str_is_utf8(STR("\xe2\x82(")));        /* only one */
    assert_false(str_is_utf8(STR("\xe0\x9f\xbf")));     /* overlong */
    assert_false(str_is_utf8(STR("\xf0\x8f\xbf\xbf"))); /* overlong */
    assert_false(str_is_utf8(STR("\xf5\x80\x80\x80"))); /* no such lead */
}

static void test_distances(void **state)
{
    static const struct {
        const char *a;
        const char *b;
        size_t distance;
    } rows[] = {
        {"", "", 0},      {"abc", "abc", 0}, {"abc", "", 3},           {"", "abc", 3},
        {"abc", "ac", 1}, {"ac", "abc", 1},  {"kitten", "sitting", 3}, {"abc", "abd", 1},
    };
    static const char long_text[] =
        "a text of more than sixty-four bytes is as far from everything as can be";

    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(rows); i++)
        assert_int_equal(str_distance(str_from_z(rows[i].a), str_from_z(rows[i].b)),
                         rows[i].distance);
    assert_int_equal(str_distance(str_from_z(long_text), str_from_z(long_text)), 64);
    assert_int_equal(str_distance(STR("a"), str_from_z(long_text)), 64);
}

static void test_cut_and_trim(void **state)
{
    struct str rest = STR("a,,b");

    (void)state;
    assert_str(str_cut(&rest, ','), "a");
    assert_str(str_cut(&rest, ','), "");
    assert_str(str_cut(&rest, ','), "b");
    assert_false(str_present(rest));
    assert_str(str_trim(STR(" \t x y \r\n")), "x y");
    assert_str(str_trim(STR("  ")), "");
    assert_true(str_cmp(STR("ab"), STR("abc")) < 0);
    assert_true(str_cmp(STR("b"), STR("abc")) > 0);
    assert_true(str_eq_fold(STR("Host"), STR("hOST")));
    assert_true(str_ends(STR("a.json"), STR(".json")));
    assert_true(str_contains(STR("abcd"), STR("bc")));
    assert_false(str_contains(STR("abcd"), STR("bd")));
}

static void test_base64(void **state)
{
    static const char *const vectors[][2] = {
        {"", ""},
        {"f", "Zg=="},
        {"fo", "Zm8="},
        {"foo", "Zm9v"},
        {"foob", "Zm9vYg=="},
        {"fooba", "Zm9vYmE="},
        {"foobar", "Zm9vYmFy"},
    };
    static const char *const damaged[] = {"Zg", "Zg=", "Z===", "Zh==", "Zm9=", "Zm9v\n", "Z-9v"};
    struct str out;

    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(vectors); i++) {
        assert_str(base64_encode(arena, str_from_z(vectors[i][0])), vectors[i][1]);
        assert_true(base64_decode(arena, str_from_z(vectors[i][1]), &out));
        assert_str(out, vectors[i][0]);
    }
    for (size_t i = 0; i < ARRAY_LEN(damaged); i++)
        assert_false(base64_decode(arena, str_from_z(damaged[i]), &out));
    assert_str(base64url_encode(arena, STR("\xfb\xff\xfe")), "-__-");
    assert_true(base64url_decode(arena, STR("-__-"), &out));
    assert_str(out, "\xfb\xff\xfe");
}

static void test_uri(void **state)
{
    struct buf b = buf_new(arena, 100);
    struct str out;

    (void)state;
    buf_add_uri(&b, STR("a/b c~\xc3\xa9:+"), false);
    assert_str(buf_str(&b), "a%2Fb%20c~%C3%A9%3A%2B");
    assert_true(uri_decode(arena, buf_str(&b), false, &out));
    assert_str(out, "a/b c~\xc3\xa9:+");
    assert_true(uri_decode(arena, STR("a+b%2B"), true, &out));
    assert_str(out, "a b+");
    assert_true(uri_decode(arena, STR("x%41"), false, &out));
    assert_str(out, "xA");
    assert_false(uri_decode(arena, STR("%4"), false, &out));
    assert_false(uri_decode(arena, STR("%zz"), false, &out));
    assert_false(uri_decode(arena, STR("%00"), false, &out));
}

static void test_buf_limit(void **state)
{
    struct buf b = buf_new(arena, 8);

    (void)state;
    buf_add(&b, STR("12345678"));
    assert_false(b.truncated);
    buf_add(&b, STR("9"));
    assert_true(b.truncated);
    assert_str(buf_str(&b), "12345678");
    b = buf_new(arena, 1);
    buf_add_char(&b, 'x');
    buf_add_char(&b, 'y');
    assert_true(b.truncated);
    assert_str(buf_str(&b), "x");
}

static void test_times(void **state)
{
    static const struct {
        const char *in;
        const char *out; /* NULL: refused */
    } cases[] = {
        {"2026-01-31T12:00:00Z", "2026-01-31T12:00:00Z"},
        {"2022-12-07T19:15:38.846723+00:00", "2022-12-07T19:15:38.846Z"},
        {"2024-02-29T23:59:59.5-01:30", "2024-03-01T01:29:59.500Z"},
        {"2038-01-19T03:14:08Z", "2038-01-19T03:14:08Z"},
        {"1970-01-01T00:00:00.001Z", "1970-01-01T00:00:00.001Z"},
        {"2023-02-29T00:00:00Z", NULL},
        {"2024-01-01T24:00:00Z", NULL},
        {"2024-01-01T00:00:00", NULL},
        {"2024-01-01T00:00:00.Z", NULL},
        {"2024-01-01T00:00:00.1234567890Z", NULL},
        {"2024-1-01T00:00:00Z", NULL},
        {"2024-01-01T00:00:00Zx", NULL},
        {"2024-00-01T00:00:00Z", NULL},
        {"2024-13-01T00:00:00Z", NULL},
        {"2024-01-00T00:00:00Z", NULL},
        {"2024-04-31T00:00:00Z", NULL},
        {"1969-12-31T23:59:59Z", NULL},
        {"2100-02-29T00:00:00Z", NULL},
        {"2000-02-29T00:00:00Z", "2000-02-29T00:00:00Z"},
        {"2024-01-01T00:60:00Z", NULL},
        {"2024-01-01T00:00:60Z", NULL},
        {"2024-01-01T00:00:00+24:00", NULL},
        {"2024-01-01T00:00:00+00:60", NULL},
        {"2024-01-02T00:00:00+23:59", "2024-01-01T00:01:00Z"},
        {"", NULL},
    };

    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        int64_t ms;

        assert_int_equal(time_parse(str_from_z(cases[i].in), &ms), cases[i].out != NULL);
        if (cases[i].out)
            assert_str(time_rfc3339(arena, ms), cases[i].out);
    }
}

static void test_time_forms_agree(void **state)
{
    int64_t ms;

    (void)state;
    for (int64_t t = 0; t < INT64_C(4102444800000); t += INT64_C(86399123456)) {
        struct civil c = time_to_civil(t);

        assert_true(time_from_civil(&c) == t);
        assert_true(time_parse(time_rfc3339(arena, t), &ms) && ms == t);
        assert_true(time_parse_basic(time_basic(arena, t), &ms) && ms == t - t % 1000);
        assert_true(time_parse_http(time_http(arena, t), &ms) && ms == t - t % 1000);
    }
    assert_str(time_http(arena, 784111777000), "Sun, 06 Nov 1994 08:49:37 GMT");
    assert_str(time_rfc3339(arena, -1), "1969-12-31T23:59:59.999Z");
    assert_str(time_http(arena, -1), "Wed, 31 Dec 1969 23:59:59 GMT");
    assert_str(time_http(arena, -86400000), "Wed, 31 Dec 1969 00:00:00 GMT");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_numbers),      cmocka_unit_test(test_globs),
        cmocka_unit_test(test_utf8),         cmocka_unit_test(test_distances),
        cmocka_unit_test(test_cut_and_trim), cmocka_unit_test(test_base64),
        cmocka_unit_test(test_uri),          cmocka_unit_test(test_buf_limit),
        cmocka_unit_test(test_times),        cmocka_unit_test(test_time_forms_agree),
    };

    return cmocka_run_group_tests(tests, setup, teardown);
}
