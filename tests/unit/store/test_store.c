/* What every backend does alike: run once for each of them. */
#include "tests/unit/store/rig.h"

static void test_an_item_comes_back_as_it_was_put(void **state)
{
    struct rig *r = *state;
    struct tag tags[] = {{STR("a"), STR("1")}, {STR("b"), STR("")}};
    struct thing in = {
        .id = STR("t-1"),
        .name = STR("Größe 'x' \"y\""),
        .version = INT64_MAX,
        .count = -3,
        .has_count = true,
        .on = true,
        .kind = THING_SQUARE,
        .made_at = 1700000000123,
        .note = STR("line\nline"),
        .tags = {tags, 2},
    };
    struct thing out;

    assert_int_equal(rig_put(r, in), FAULT_NONE);
    assert_int_equal(rig_get(r, "t-1", &out), FAULT_NONE);
    assert_str(out.id, "t-1");
    assert_str(out.name, "Größe 'x' \"y\"");
    assert_true(out.version == INT64_MAX);
    assert_true(out.has_count && out.count == -3 && out.on && out.kind == THING_SQUARE);
    assert_true(out.made_at == 1700000000123);
    assert_str(out.note, "line\nline");
    assert_int_equal(out.tags.len, 2);
    assert_str(tags_get(&out.tags, STR("a")), "1");
}

static void test_absent_values_stay_absent(void **state)
{
    struct rig *r = *state;
    struct thing out;

    assert_int_equal(rig_put(r, (struct thing){.id = STR("t-1")}), FAULT_NONE);
    assert_int_equal(rig_get(r, "t-1", &out), FAULT_NONE);
    assert_false(str_present(out.name) || out.has_count || out.on || out.kind || out.made_at);
    assert_false(str_present(out.note) || out.tags.items);
    assert_int_equal(rig_get(r, "t-2", &out), FAULT_NOT_FOUND);
}

static void test_a_put_replaces_and_a_delete_removes(void **state)
{
    struct rig *r = *state;
    struct write_set *ws = write_set_new(r->arena);
    struct thing thing = rig_thing("t-1", "one");
    struct thing out;

    thing.note = STR("old");
    assert_int_equal(rig_put(r, thing), FAULT_NONE);
    assert_int_equal(rig_put(r, rig_thing("t-1", "two")), FAULT_NONE);
    assert_int_equal(rig_get(r, "t-1", &out), FAULT_NONE);
    assert_str(out.name, "two");
    assert_false(str_present(out.note));
    (void)ws_delete(ws, COLLECTION_GROUPS, STR("t-1"), (struct str){0});
    (void)ws_delete(ws, COLLECTION_GROUPS, STR("t-9"), (struct str){0});
    assert_int_equal(rig_submit(r, ws), FAULT_NONE);
    assert_int_equal(rig_get(r, "t-1", &out), FAULT_NOT_FOUND);
}

static void test_two_keys_tell_items_apart(void **state)
{
    struct rig *r = *state;
    struct write_set *ws = write_set_new(r->arena);
    struct part part = {.thing = STR("t"), .number = STR("1"), .weight = 10};
    struct part out = {0};
    struct reader *reader = store_reader(r->store);

    (void)ws_put(ws, COLLECTION_RUNS, &part);
    part.number = STR("2");
    part.weight = 20;
    (void)ws_put(ws, COLLECTION_RUNS, &part);
    assert_int_equal(rig_submit(r, ws), FAULT_NONE);
    assert_int_equal(reader_get(reader, r->arena, COLLECTION_RUNS, STR("t"), STR("2"), &out),
                     FAULT_NONE);
    assert_int_equal(out.weight, 20);
    assert_int_equal(reader_get(reader, r->arena, COLLECTION_RUNS, STR("t"), STR("3"), &out),
                     FAULT_NOT_FOUND);
}

/* ---- conditions ---- */

struct condition_case {
    const char *title;
    const char *id; /* "t-1" is there: name one, version 5; "t-2" is not */
    struct condition condition;
    bool holds;
};

#define INT_CASE(title_, compare_, value_, holds_)                                                \
    {                                                                                             \
        title_, "t-1",                                                                            \
            {.kind = IF_INT, .attribute = "version", .compare = (compare_), .integer = (value_)}, \
            holds_                                                                                \
    }

static const struct condition_case condition_cases[] = {
    {"absent where one is", "t-1", {.kind = IF_ABSENT}, false},
    {"absent where none is", "t-2", {.kind = IF_ABSENT}, true},
    {"present where one is", "t-1", {.kind = IF_PRESENT}, true},
    {"present where none is", "t-2", {.kind = IF_PRESENT}, false},
    INT_CASE("equal", COMPARE_EQ, 5, true),
    INT_CASE("not equal", COMPARE_EQ, 6, false),
    INT_CASE("less", COMPARE_LT, 6, true),
    INT_CASE("not less", COMPARE_LT, 5, false),
    INT_CASE("at most", COMPARE_LE, 5, true),
    INT_CASE("not at most", COMPARE_LE, 4, false),
    INT_CASE("greater", COMPARE_GT, 4, true),
    INT_CASE("not greater", COMPARE_GT, 5, false),
    INT_CASE("at least", COMPARE_GE, 5, true),
    INT_CASE("not at least", COMPARE_GE, 6, false),
    {"a number of nothing", "t-2", {.kind = IF_INT, .attribute = "version", .integer = 5}, false},
    {"an absent number", "t-1", {.kind = IF_INT, .attribute = "count"}, false},
    {"text", "t-1", {.kind = IF_TEXT, .attribute = "name", .text = STR_INIT("one")}, true},
    {"other text", "t-1", {.kind = IF_TEXT, .attribute = "name", .text = STR_INIT("two")}, false},
    {"absent text",
     "t-1",
     {.kind = IF_TEXT, .attribute = "kind", .text = STR_INIT("ROUND")},
     false},
    {"text of nothing",
     "t-2",
     {.kind = IF_TEXT, .attribute = "name", .text = STR_INIT("one")},
     false},
    {"differs", "t-1", {.kind = IF_TEXT_NOT, .attribute = "name", .text = STR_INIT("two")}, true},
    {"does not", "t-1", {.kind = IF_TEXT_NOT, .attribute = "name", .text = STR_INIT("one")}, false},
    {"absent differs",
     "t-1",
     {.kind = IF_TEXT_NOT, .attribute = "kind", .text = STR_INIT("x")},
     true},
    {"or text, none",
     "t-2",
     {.kind = IF_ABSENT_OR_TEXT, .attribute = "name", .text = STR_INIT("q")},
     true},
    {"or text, same",
     "t-1",
     {.kind = IF_ABSENT_OR_TEXT, .attribute = "name", .text = STR_INIT("one")},
     true},
    {"or text, other",
     "t-1",
     {.kind = IF_ABSENT_OR_TEXT, .attribute = "name", .text = STR_INIT("q")},
     false},
    {"or before, none",
     "t-2",
     {.kind = IF_ABSENT_OR_BEFORE, .attribute = "version", .integer = 1},
     true},
    {"or before, is",
     "t-1",
     {.kind = IF_ABSENT_OR_BEFORE, .attribute = "version", .integer = 6},
     true},
    {"or before, not",
     "t-1",
     {.kind = IF_ABSENT_OR_BEFORE, .attribute = "version", .integer = 5},
     false},
};

static void check_condition(struct rig *r, const struct condition_case *c)
{
    struct write_set *ws = write_set_new(r->arena);
    struct condition condition = c->condition;
    struct thing mark = rig_thing("mark", c->title);
    struct thing out;
    size_t write;
    enum fault f;

    (void)ws_put(ws, COLLECTION_GROUPS, &mark);
    write = ws_check(ws, COLLECTION_GROUPS, str_from_z(c->id), (struct str){0});
    condition.fault = FAULT_IN_USE;
    ws_if(ws, write, condition);
    f = rig_submit(r, ws);
    if (f != (c->holds ? FAULT_NONE : FAULT_IN_USE))
        fail_msg("%s: %s", c->title, fault_describe(f)->name);
    assert_int_equal(r->why.fault, f);
    f = rig_get(r, "mark", &out);
    /* All or nothing: what was to be written with it is there exactly when it held. */
    assert_int_equal(!f && str_eq_z(out.name, c->title), c->holds);
    if (c->holds)
        return;
    assert_int_equal(r->why.write, write);
    assert_int_equal(r->why.collection, COLLECTION_GROUPS);
    assert_str(r->why.partition, c->id);
}

static void test_every_condition_holds_and_refuses(void **state)
{
    struct rig *r = *state;
    struct thing thing = rig_thing("t-1", "one");

    thing.version = 5;
    assert_int_equal(rig_put(r, thing), FAULT_NONE);
    for (size_t i = 0; i < ARRAY_LEN(condition_cases); i++)
        check_condition(r, &condition_cases[i]);
}

static void test_all_conditions_of_a_write_must_hold(void **state)
{
    struct rig *r = *state;
    struct write_set *ws = write_set_new(r->arena);
    struct thing thing = rig_thing("t-1", "two");
    size_t write;

    assert_int_equal(rig_put(r, rig_thing("t-1", "one")), FAULT_NONE);
    write = ws_put(ws, COLLECTION_GROUPS, &thing);
    ws_if_present(ws, write, FAULT_NOT_FOUND);
    ws_if_int(ws, write, "version", 1, FAULT_VERSION_MISMATCH);
    ws_if_text(ws, write, "name", STR("other"), FAULT_IN_USE);
    assert_int_equal(rig_submit(r, ws), FAULT_IN_USE);
}

/* ---- updates ---- */

static void test_an_update_changes_attributes_and_leaves_the_document(void **state)
{
    struct rig *r = *state;
    struct write_set *ws = write_set_new(r->arena);
    struct thing thing = rig_thing("t-1", "one");
    struct thing out;
    size_t write;

    thing.note = STR("kept");
    assert_int_equal(rig_put(r, thing), FAULT_NONE);
    write = ws_update(ws, COLLECTION_GROUPS, STR("t-1"), (struct str){0});
    ws_set_text(ws, write, "name", STR("two"));
    ws_set_text(ws, write, "kind", STR("SQUARE"));
    ws_set_int(ws, write, "madeAt", 77000);
    ws_add_int(ws, write, "version", 4);
    ws_add_int(ws, write, "count", -2);
    assert_int_equal(rig_submit(r, ws), FAULT_NONE);
    assert_int_equal(rig_get(r, "t-1", &out), FAULT_NONE);
    assert_str(out.name, "two");
    assert_str(out.note, "kept");
    assert_int_equal(out.kind, THING_SQUARE);
    assert_int_equal(out.made_at, 77000);
    assert_int_equal(out.version, 5);
    assert_true(out.has_count && out.count == -2);
}

static void test_an_update_of_nothing_is_refused(void **state)
{
    struct rig *r = *state;
    struct write_set *ws = write_set_new(r->arena);
    size_t write = ws_update(ws, COLLECTION_GROUPS, STR("t-1"), (struct str){0});

    ws_set_int(ws, write, "version", 2);
    ws_if_int(ws, write, "version", 1, FAULT_VERSION_MISMATCH);
    assert_int_equal(rig_submit(r, ws), FAULT_NOT_FOUND);
    ws_if_present(ws, write, FAULT_PROTECTION_GROUP_NOT_FOUND);
    assert_int_equal(rig_submit(r, ws), FAULT_PROTECTION_GROUP_NOT_FOUND);
}

/* ---- limits ---- */

static struct str text_of(struct arena *a, size_t n)
{
    char *p = arena_alloc(a, n + 1);

    memset(p, 'x', n);
    return (struct str){p, n};
}

static void test_limits_hold(void **state)
{
    struct rig *r = *state;
    struct write_set *ws = write_set_new(r->arena);
    struct thing thing = rig_thing("t-1", "one");
    struct thing out;

    thing.note = text_of(r->arena, STORE_ITEM_MAX);
    assert_int_equal(rig_put(r, thing), FAULT_TOO_LARGE);
    thing.note = text_of(r->arena, STORE_ITEM_MAX - 500);
    assert_int_equal(rig_put(r, thing), FAULT_NONE);
    for (int i = 0; i < 11; i++) {
        thing.id = arena_strf(r->arena, "big-%d", i);
        (void)ws_put(ws, COLLECTION_GROUPS, &thing);
    }
    assert_int_equal(rig_submit(r, ws), FAULT_TOO_LARGE);
    ws = write_set_new(r->arena);
    for (int i = 0; i < STORE_WRITES_MAX + 1; i++) {
        struct thing small = rig_thing("x", "y");

        small.id = arena_strf(r->arena, "small-%d", i);
        (void)ws_put(ws, COLLECTION_GROUPS, &small);
    }
    assert_int_equal(rig_submit(r, ws), FAULT_TOO_LARGE);
    assert_int_equal(rig_get(r, "small-0", &out), FAULT_NOT_FOUND);
    ws = write_set_new(r->arena);
    (void)ws_delete(ws, COLLECTION_GROUPS, text_of(r->arena, 2049), (struct str){0});
    assert_int_equal(rig_submit(r, ws), FAULT_TOO_LARGE);
}

static void test_an_item_may_occur_once(void **state)
{
    struct rig *r = *state;
    struct write_set *ws = write_set_new(r->arena);
    struct thing thing = rig_thing("t-1", "one");

    (void)ws_put(ws, COLLECTION_GROUPS, &thing);
    (void)ws_check(ws, COLLECTION_GROUPS, STR("t-1"), (struct str){0});
    assert_int_equal(rig_submit(r, ws), FAULT_INTERNAL_ERROR);
    ws = write_set_new(r->arena);
    thing.id = STR("");
    (void)ws_put(ws, COLLECTION_GROUPS, &thing);
    assert_int_equal(rig_submit(r, ws), FAULT_INTERNAL_ERROR);
}

/* ---- idempotency ---- */

static void test_a_submit_with_a_used_token_is_answered_and_not_repeated(void **state)
{
    struct rig *r = *state;
    struct write_set *ws = write_set_new(r->arena);
    struct thing thing = rig_thing("t-1", "one");
    struct thing out;

    ws_if_absent(ws, ws_put(ws, COLLECTION_GROUPS, &thing), FAULT_ALREADY_EXISTS);
    ws_token(ws, STR("token-1"));
    assert_int_equal(rig_submit(r, ws), FAULT_NONE);
    assert_int_equal(rig_put(r, rig_thing("t-1", "two")), FAULT_NONE);
    assert_int_equal(rig_submit(r, ws), FAULT_NONE);
    assert_int_equal(rig_get(r, "t-1", &out), FAULT_NONE);
    assert_str(out.name, "two");
    clock_single_advance(&r->clock, 11 * 60 * 1000);
    assert_int_equal(rig_submit(r, ws), FAULT_ALREADY_EXISTS);
}

static void test_a_refused_submit_does_not_use_its_token_up(void **state)
{
    struct rig *r = *state;
    struct write_set *ws = write_set_new(r->arena);
    size_t write = ws_update(ws, COLLECTION_GROUPS, STR("t-1"), (struct str){0});

    ws_set_int(ws, write, "version", 9);
    ws_token(ws, STR("token-1"));
    assert_int_equal(rig_submit(r, ws), FAULT_NOT_FOUND);
    assert_int_equal(rig_put(r, rig_thing("t-1", "one")), FAULT_NONE);
    assert_int_equal(rig_submit(r, ws), FAULT_NONE);
}

#define CASE(f) cmocka_unit_test_setup_teardown(f, rig_setup, rig_teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        CASE(test_an_item_comes_back_as_it_was_put),
        CASE(test_absent_values_stay_absent),
        CASE(test_a_put_replaces_and_a_delete_removes),
        CASE(test_two_keys_tell_items_apart),
        CASE(test_every_condition_holds_and_refuses),
        CASE(test_all_conditions_of_a_write_must_hold),
        CASE(test_an_update_changes_attributes_and_leaves_the_document),
        CASE(test_an_update_of_nothing_is_refused),
        CASE(test_limits_hold),
        CASE(test_an_item_may_occur_once),
        CASE(test_a_submit_with_a_used_token_is_answered_and_not_repeated),
        CASE(test_a_refused_submit_does_not_use_its_token_up),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
