#include "tests/unit/unit.h"

#include "base/field.h"

static const char *const colors[] = {"", "RED", "GREEN", "BLUE", NULL};

struct part {
    struct str label;
    int64_t weight;
};

static const struct field part_fields[] = {
    F_STR(struct part, label, "label", .aliases = "tag", .flags = FIELD_REQUIRED, .max = 8),
    F_INT(struct part, weight, "weight", .min = 1, .max = 10),
    F_END,
};

struct thing {
    struct str name;
    struct str secret;
    struct str inner;
    bool on;
    bool has_count;
    int64_t count;
    int64_t made_at;
    int64_t over_at;
    int color;
    double ratio;
    struct strs names;
    struct ints numbers;
    struct tags tags;
    struct part *part;
    LIST_OF(struct part) parts;
    const struct json *any;
    int64_t version;
    int64_t least;
};

static bool is_lower(struct str s)
{
    for (size_t i = 0; i < s.len; i++)
        if (s.ptr[i] < 'a' || s.ptr[i] > 'z')
            return false;
    return true;
}

static const struct field_check lower = {"must be lower-case letters", "^[a-z]*$", is_lower};

static const struct field thing_fields[] = {
    F_STR(struct thing, name, "name", .aliases = "thingName title", .flags = FIELD_REQUIRED),
    F_STR(struct thing, secret, "secret", .flags = FIELD_SECRET, .check = &lower),
    F_STR(struct thing, inner, "inner", .flags = FIELD_INTERNAL),
    F_BOOL(struct thing, on, "on", .help = "any"),
    F_INT(struct thing, count, "count", F_HAS(struct thing, has_count), .flags = FIELD_NULL),
    F_TIME(struct thing, made_at, "madeAt", .epoch = "madeDate"),
    F_TIME(struct thing, over_at, "overAt", .epoch = "overDate", .flags = FIELD_NULL),
    F_ENUM(struct thing, color, "color", colors, .flags = FIELD_FOLD),
    F_REAL(struct thing, ratio, "ratio", .help = "any"),
    F_STRS(struct thing, names, "names", .max = 3, .check = &lower),
    F_INTS(struct thing, numbers, "numbers", .max = 4),
    F_TAGS(struct thing, tags, "tags", .help = "any"),
    F_OBJECT(struct thing, part, "part", struct part, part_fields, .help = "any"),
    F_LIST(struct thing, parts, "parts", struct part, part_fields, .help = "any"),
    F_JSON(struct thing, any, "any", .help = "any"),
    F_INT(struct thing, version, "version", .flags = FIELD_READONLY),
    F_INT(struct thing, least, "least", .min = 5, .flags = FIELD_UNSTORED),
    F_END,
};

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

static const struct json *parse(const char *text)
{
    const struct json *v;
    struct str why;

    assert_int_equal(json_parse(arena, str_from_z(text), &v, &why), FAULT_NONE);
    return v;
}

static enum fault decode(const char *text, struct thing *out, struct faults *faults, bool texts)
{
    struct field_decoding d = {.arena = arena, .faults = faults, .text_values = texts};

    memset(out, 0, sizeof(*out));
    faults_init(faults, arena);
    return field_decode(&d, thing_fields, parse(text), out);
}

/* Each input with the one message that it earns; NULL: accepted. */
static const struct {
    const char *in;
    const char *message;
    enum fault fault;
} message_cases[] = {
    {"{\"name\":\"a\"}", NULL, FAULT_NONE},
    {"{\"thingName\":\"a\",\"title\":\"a\"}", NULL, FAULT_NONE},
    {"{}", "'name' is required", FAULT_MISSING_PARAMETER},
    {"{\"name\":null}", "'name' is required", FAULT_MISSING_PARAMETER},
    {"{\"name\":\"a\",\"names\":[\"HUSH\"]}", "'names' must be lower-case letters, not 'HUSH'",
     FAULT_INVALID_PARAMETER},
    {"{\"name\":\"a\",\"secret\":\"HUSH\"}", "'secret' must be lower-case letters",
     FAULT_INVALID_PARAMETER},
    {"{\"name\":7}", "'name' must be a string, not an integer", FAULT_INVALID_PARAMETER},
    {"{\"name\":\"a\",\"title\":\"b\"}",
     "'name' and 'title' are two spellings of one field and differ", FAULT_INVALID_PARAMETER},
    {"{\"name\":\"a\",\"colour\":\"RED\"}", "Unknown parameter 'colour'; did you mean 'color'?",
     FAULT_INVALID_PARAMETER},
    {"{\"name\":\"a\",\"zzzzzzzz\":1}", "Unknown parameter 'zzzzzzzz'", FAULT_INVALID_PARAMETER},
    {"{\"name\":\"a\",\"inner\":\"x\"}", "Unknown parameter 'inner'", FAULT_INVALID_PARAMETER},
    {"{\"name\":\"a\",\"version\":9}", NULL, FAULT_NONE},
    {"{\"name\":\"a\",\"on\":\"true\"}", "'on' must be true or false, not a string",
     FAULT_INVALID_PARAMETER},
    {"{\"name\":\"a\",\"count\":1.5}", "'count' must be an integer, not a number",
     FAULT_INVALID_PARAMETER},
    {"{\"name\":\"a\",\"count\":2.0}", NULL, FAULT_NONE},
    {"{\"name\":\"a\",\"color\":\"PINK\"}", "'color' must be RED, GREEN or BLUE, not 'PINK'",
     FAULT_INVALID_PARAMETER},
    {"{\"name\":\"a\",\"color\":\"green\"}", NULL, FAULT_NONE},
    {"{\"name\":\"a\",\"madeAt\":\"soon\"}",
     "'madeAt' must be a time such as 2026-01-31T12:00:00Z, not 'soon'", FAULT_INVALID_PARAMETER},
    {"{\"name\":\"a\",\"madeAt\":\"2026-01-31T12:00:00Z\",\"madeDate\":1769860800}", NULL,
     FAULT_NONE},
    {"{\"name\":\"a\",\"madeAt\":\"2026-01-31T12:00:00Z\",\"madeDate\":1769860801}",
     "'madeAt' and 'madeDate' are two spellings of one field and differ", FAULT_INVALID_PARAMETER},
    {"{\"name\":\"a\",\"names\":[\"a\",\"b\",\"c\",\"d\"]}",
     "'names' may hold at most 3 items, not 4", FAULT_INVALID_PARAMETER},
    {"{\"name\":\"a\",\"names\":[\"A\"]}", "'names' must be lower-case letters, not 'A'",
     FAULT_INVALID_PARAMETER},
    {"{\"name\":\"a\",\"parts\":[{\"label\":\"x\",\"weight\":11}]}",
     "'parts[0].weight' must be from 1 to 10, not 11", FAULT_INVALID_PARAMETER},
    {"{\"name\":\"a\",\"parts\":[{\"weight\":1}]}", "'parts[0].label' is required",
     FAULT_MISSING_PARAMETER},
    {"{\"name\":\"a\",\"parts\":[7]}", "'parts[0]' must be an object, not an integer",
     FAULT_INVALID_PARAMETER},
    {"{\"name\":\"a\",\"part\":{\"label\":\"123456789\"}}",
     "'part.label' may hold at most 8 bytes, not 9", FAULT_INVALID_PARAMETER},
    {"{\"name\":\"a\",\"tags\":{\"k\":1}}", "'tags' must hold keys and values that are strings",
     FAULT_INVALID_PARAMETER},
    {"{\"name\":\"a\",\"tags\":[{\"key\":\"k\",\"value\":\"1\"},{\"Key\":\"k\",\"Value\":\"2\"}"
     "]}",
     "'tags' names a key twice, not 'k'", FAULT_INVALID_PARAMETER},
    {"{\"name\":\"a\",\"numbers\":[1,\"2\"]}", "'numbers[1]' must be an integer, not a string",
     FAULT_INVALID_PARAMETER},
    {"{\"name\":\"a\",\"numbers\":1}", "'numbers' must be an array of integers, not an integer",
     FAULT_INVALID_PARAMETER},
    {"{\"name\":\"a\",\"numbers\":[1,2,3,4,5]}", "'numbers' may hold at most 4 items, not 5",
     FAULT_INVALID_PARAMETER},
    {"{\"name\":\"a\",\"least\":4}", "'least' must be at least 5, not 4", FAULT_INVALID_PARAMETER},
    {"{\"name\":\"a\",\"least\":5}", NULL, FAULT_NONE},
    {"{\"name\":\"a\",\"madeAt\":1769860800.5}", NULL, FAULT_NONE},
    {"{\"name\":\"a\",\"madeAt\":-1}",
     "'madeAt' must be a time (RFC 3339, or seconds since 1970), not an integer",
     FAULT_INVALID_PARAMETER},
    {"{\"name\":\"a\",\"color\":1}", "'color' must be a string, not an integer",
     FAULT_INVALID_PARAMETER},
    {"{\"name\":\"a\",\"names\":[\"a\",1]}", "'names[1]' must be a string, not an integer",
     FAULT_INVALID_PARAMETER},
    {"{\"name\":\"a\",\"tags\":\"k=1\"}", "'tags' must be an object of strings, not a string",
     FAULT_INVALID_PARAMETER},
    {"{\"name\":\"a\",\"part\":[]}", "'part' must be an object, not an array",
     FAULT_INVALID_PARAMETER},
};

static void test_messages(void **state)
{
    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(message_cases); i++) {
        struct faults faults;
        struct thing thing;
        enum fault f = decode(message_cases[i].in, &thing, &faults, false);

        if (f != message_cases[i].fault)
            print_error("%s\n", message_cases[i].in);
        assert_int_equal(f, message_cases[i].fault);
        assert_int_equal(faults.len, message_cases[i].message ? 1 : 0);
        if (message_cases[i].message)
            assert_str(faults.items[0].message, message_cases[i].message);
    }
}

static void test_all_faults_at_once(void **state)
{
    struct faults faults;
    struct thing thing;

    (void)state;
    assert_int_equal(
        decode("{\"on\":3,\"parts\":[{\"weight\":0},{}],\"bogus\":1}", &thing, &faults, false),
        FAULT_MISSING_PARAMETER);
    assert_int_equal(faults.len, 6);
}

static void test_of_very_many_faults_the_first_hundred_are_kept(void **state)
{
    struct faults faults;

    (void)state;
    faults_init(&faults, arena);
    assert_int_equal(faults_first(&faults), FAULT_NONE);
    for (int i = 0; i < FAULTS_MAX + 3; i++)
        assert_int_equal(faults_add(&faults, i ? FAULT_INVALID_PARAMETER : FAULT_MISSING_PARAMETER,
                                    STR("field"), "number %d", i),
                         i ? FAULT_INVALID_PARAMETER : FAULT_MISSING_PARAMETER);
    assert_int_equal(faults_first(&faults), FAULT_MISSING_PARAMETER);
    assert_int_equal(faults.len, FAULTS_MAX);
    assert_int_equal(faults.dropped, 3);
    assert_str(faults.items[FAULTS_MAX - 1].message, "number 99");
}

static void test_a_field_as_text(void **state)
{
    struct thing thing = {.name = STR("n"), .color = 2, .on = true};

    (void)state;
    assert_str(field_get_text(field_find(thing_fields, STR("name")), &thing), "n");
    assert_str(field_get_text(field_find(thing_fields, STR("color")), &thing), "GREEN");
    assert_false(str_present(field_get_text(field_find(thing_fields, STR("on")), &thing)));
    thing.color = 0;
    assert_false(str_present(field_get_text(field_find(thing_fields, STR("color")), &thing)));
    assert_int_equal(field_enum_of(colors, STR("BLUE")), 3);
    assert_int_equal(field_enum_of(colors, STR("blue")), 0);
}

static void test_text_values(void **state)
{
    struct faults faults;
    struct thing thing;

    (void)state;
    assert_int_equal(
        decode("{\"name\":\"a\",\"on\":\"TRUE\",\"count\":\"12\",\"tags\":\"{\\\"a\\\":"
               "\\\"b\\\"}\"}",
               &thing, &faults, true),
        FAULT_NONE);
    assert_true(thing.on && thing.has_count && thing.count == 12);
    assert_str(tags_get(&thing.tags, STR("a")), "b");
    assert_false(str_present(tags_get(&thing.tags, STR("b"))));
    assert_int_equal(decode("{\"name\":\"a\",\"tags\":\"a=b\"}", &thing, &faults, true),
                     FAULT_INVALID_PARAMETER);
    assert_str(faults.items[0].message, "'tags' must be an object of strings, not 'a=b'");
}

static const char whole[] =
    "{\"name\":\"n\",\"secret\":\"s\",\"on\":true,\"count\":5,\"madeAt\":\"2026-01-31T12:00:00Z\","
    "\"color\":\"BLUE\",\"ratio\":0.5,\"names\":[\"a\",\"b\"],\"numbers\":[3,1],"
    "\"tags\":{\"a\":\"1\",\"b\":\"2\"},\"part\":{\"label\":\"p\",\"weight\":1},"
    "\"parts\":[{\"label\":\"q\",\"weight\":2}],\"any\":{\"x\":[null]},\"version\":0}";

static void test_views(void **state)
{
    struct faults faults;
    struct thing thing;
    struct thing again = {0};
    struct thing copy = {0};

    (void)state;
    assert_int_equal(decode(whole, &thing, &faults, false), FAULT_NONE);
    assert_str(field_text(arena, thing_fields, &thing, FIELD_VIEW_STORED), whole);
    assert_int_equal(field_decode_stored(arena, thing_fields, str_from_z(whole), &again),
                     FAULT_NONE);
    assert_str(field_text(arena, thing_fields, &again, FIELD_VIEW_STORED), whole);
    field_copy(arena, thing_fields, &thing, &copy);
    assert_str(field_text(arena, thing_fields, &copy, FIELD_VIEW_STORED), whole);
    assert_true(str_contains(field_text(arena, thing_fields, &thing, FIELD_VIEW_MASKED),
                             STR("\"secret\":\"***\"")));
    assert_true(str_contains(field_text(arena, thing_fields, &thing, FIELD_VIEW_ANSWER),
                             STR("\"name\":\"n\",\"thingName\":\"n\",\"title\":\"n\"")));
    assert_true(str_contains(field_text(arena, thing_fields, &thing, FIELD_VIEW_ANSWER),
                             STR("\"madeDate\":1769860800,\"overAt\":null,\"overDate\":null")));
    thing.has_count = false;
    assert_true(str_contains(field_text(arena, thing_fields, &thing, FIELD_VIEW_ANSWER),
                             STR("\"count\":null")));
    assert_false(
        str_contains(field_text(arena, thing_fields, &thing, FIELD_VIEW_STORED), STR("\"count\"")));
}

static void test_what_the_event_dialect_calls_a_field(void **state)
{
    static const struct field fields[] = {
        F_STR(struct thing, name, "name", .aliases = "thingName title", .help = "any"),
        F_STR(struct thing, name, "name", .aliases = "title", .flags = FIELD_ONE_NAME),
        F_STR(struct thing, name, "name", .input_aliases = "title", .help = "any"),
        F_END,
    };

    (void)state;
    assert_str(field_event_name(&fields[0]), "thingName");
    assert_str(field_event_name(&fields[1]), "name");
    assert_str(field_event_name(&fields[2]), "name");
}

static void test_conflicts_can_be_left_to_the_caller(void **state)
{
    struct field_conflict *conflicts = NULL;
    struct faults faults;
    struct field_decoding d = {.arena = arena, .faults = &faults, .conflicts = &conflicts};
    struct thing thing = {0};

    (void)state;
    faults_init(&faults, arena);
    assert_int_equal(
        field_decode(&d, thing_fields, parse("{\"name\":\"new\",\"title\":\"old\"}"), &thing),
        FAULT_NONE);
    assert_non_null(conflicts);
    assert_str(conflicts->other_name, "title");
    assert_str(conflicts->other->string, "old");
    assert_ptr_equal(conflicts->object, &thing);
    assert_null(conflicts->next);
}

static void test_a_stored_document_that_is_damaged(void **state)
{
    struct thing thing = {0};

    (void)state;
    assert_int_equal(field_decode_stored(arena, thing_fields, STR("{\"on\":7}"), &thing),
                     FAULT_CORRUPT);
    assert_int_equal(field_decode_stored(arena, thing_fields, STR("{\"on\":"), &thing),
                     FAULT_CORRUPT);
    assert_int_equal(field_decode_stored(arena, thing_fields, STR("{\"later\":7}"), &thing),
                     FAULT_NONE);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_messages),
        cmocka_unit_test(test_all_faults_at_once),
        cmocka_unit_test(test_of_very_many_faults_the_first_hundred_are_kept),
        cmocka_unit_test(test_a_field_as_text),
        cmocka_unit_test(test_text_values),
        cmocka_unit_test(test_views),
        cmocka_unit_test(test_what_the_event_dialect_calls_a_field),
        cmocka_unit_test(test_conflicts_can_be_left_to_the_caller),
        cmocka_unit_test(test_a_stored_document_that_is_damaged),
    };

    return cmocka_run_group_tests(tests, setup, teardown);
}
