/* Pages, by key and by index, on every backend. */
#include "tests/unit/store/rig.h"

static void put_parts(struct rig *r, const char *thing, int n)
{
    for (int i = 0; i < n; i++) {
        struct write_set *ws = write_set_new(r->arena);
        struct part part = {
            .thing = str_from_z(thing),
            .number = arena_strf(r->arena, "%s#%02d", i % 2 ? "odd" : "even", i),
            .weight = i,
        };

        (void)ws_put(ws, COLLECTION_RUNS, &part);
        assert_int_equal(rig_submit(r, ws), FAULT_NONE);
    }
}

/* So many commits that no index can be late any more with what was there before. */
static void settle(struct rig *r)
{
    for (int i = 0; i < 10; i++) {
        struct write_set *ws = write_set_new(r->arena);
        struct part part = {.thing = STR("settle"), .number = STR("x"), .weight = i};

        (void)ws_put(ws, COLLECTION_RUNS, &part);
        assert_int_equal(rig_submit(r, ws), FAULT_NONE);
    }
}

static struct str numbers_of(struct rig *r, const struct page *page)
{
    struct buf b = buf_new(r->arena, 4096);

    for (size_t i = 0; i < page->len; i++)
        buf_addf(&b, "%s" STR_FMT, i ? " " : "",
                 STR_ARG(((const struct part *)page->items)[i].number));
    return buf_str(&b);
}

static struct str ids_of(struct rig *r, const struct page *page)
{
    struct buf b = buf_new(r->arena, 4096);

    for (size_t i = 0; i < page->len; i++)
        buf_addf(&b, "%s" STR_FMT, i ? " " : "",
                 STR_ARG(((const struct thing *)page->items)[i].id));
    return buf_str(&b);
}

static void test_a_query_by_key_is_ordered_and_current(void **state)
{
    struct rig *r = *state;
    struct query q = {.collection = COLLECTION_RUNS, .partition = STR("a")};
    struct page page;

    put_parts(r, "b", 2);
    put_parts(r, "a", 4);
    assert_int_equal(reader_query(store_reader(r->store), r->arena, &q, &page), FAULT_NONE);
    assert_str(numbers_of(r, &page), "even#00 even#02 odd#01 odd#03");
    assert_false(str_present(page.next));
    q.descending = true;
    assert_int_equal(reader_query(store_reader(r->store), r->arena, &q, &page), FAULT_NONE);
    assert_str(numbers_of(r, &page), "odd#03 odd#01 even#02 even#00");
    q.sort_prefix = STR("even#");
    assert_int_equal(reader_query(store_reader(r->store), r->arena, &q, &page), FAULT_NONE);
    assert_str(numbers_of(r, &page), "even#02 even#00");
    q.sort_prefix = STR("nothing");
    assert_int_equal(reader_query(store_reader(r->store), r->arena, &q, &page), FAULT_NONE);
    assert_int_equal(page.len, 0);
    q = (struct query){.collection = COLLECTION_RUNS, .partition = STR("c")};
    assert_int_equal(reader_query(store_reader(r->store), r->arena, &q, &page), FAULT_NONE);
    assert_int_equal(page.len, 0);
}

static void walk(struct rig *r, struct query q, const char *const *pages)
{
    for (size_t i = 0; pages[i]; i++) {
        struct page page;

        assert_int_equal(reader_query(store_reader(r->store), r->arena, &q, &page), FAULT_NONE);
        assert_str(q.collection == COLLECTION_RUNS ? numbers_of(r, &page) : ids_of(r, &page),
                   pages[i]);
        assert_int_equal(str_present(page.next), pages[i + 1] != NULL);
        q.token = page.next;
    }
}

static void test_pages_go_on_where_the_one_before_ended(void **state)
{
    struct rig *r = *state;
    static const char *const up[] = {"even#00 even#02", "even#04 odd#01", "odd#03", NULL};
    static const char *const down[] = {"odd#03 odd#01", "even#04 even#02", "even#00", NULL};
    static const char *const prefix[] = {"even#00 even#02", "even#04", NULL};
    static const char *const exact[] = {"odd#01 odd#03", NULL};
    struct query q = {.collection = COLLECTION_RUNS, .partition = STR("a"), .limit = 2};

    put_parts(r, "a", 5);
    put_parts(r, "b", 3);
    walk(r, q, up);
    q.descending = true;
    walk(r, q, down);
    q.descending = false;
    q.sort_prefix = STR("even");
    walk(r, q, prefix);
    q.sort_prefix = STR("odd");
    walk(r, q, exact);
}

static void put_thing(struct rig *r, const char *id, const char *name, int64_t count, int kind)
{
    struct thing thing = rig_thing(id, name);

    thing.name = str_from_z(name);
    thing.count = count;
    thing.has_count = count != 0;
    thing.kind = kind;
    thing.made_at = 1000 * (count + 100);
    assert_int_equal(rig_put(r, thing), FAULT_NONE);
}

static void test_indexes_order_by_text_and_number_and_break_ties_by_key(void **state)
{
    struct rig *r = *state;
    static const char *const by_name[] = {"t-4 t-1", "t-3 t-2", NULL};
    static const char *const by_name_down[] = {"t-2 t-3 t-1", "t-4", NULL};
    static const char *const by_count[] = {"t-3 t-1", "t-2", NULL}; /* t-4 has none */
    static const char *const squares[] = {"t-3", "t-2", NULL};
    static const char *const prefix[] = {"t-1 t-3", NULL};
    struct query q = {.collection = COLLECTION_GROUPS, .index = "by-name", .limit = 2};

    put_thing(r, "t-1", "b", 5, THING_ROUND);
    put_thing(r, "t-3", "b", -7, THING_SQUARE);
    put_thing(r, "t-2", "c", 12, THING_SQUARE);
    put_thing(r, "t-4", "a", 0, 0);
    settle(r);
    walk(r, q, by_name);
    q.limit = 3;
    q.descending = true;
    walk(r, q, by_name_down);
    q = (struct query){.collection = COLLECTION_GROUPS, .index = "by-count", .limit = 2};
    walk(r, q, by_count);
    q = (struct query){.collection = COLLECTION_GROUPS,
                       .index = "by-kind",
                       .partition = STR("SQUARE"),
                       .limit = 1};
    walk(r, q, squares);
    q = (struct query){
        .collection = COLLECTION_GROUPS, .index = "by-name", .sort_prefix = STR("b")};
    walk(r, q, prefix);
}

static void test_an_index_follows_updates_and_deletes(void **state)
{
    struct rig *r = *state;
    static const char *const pages[] = {"t-2", NULL};
    struct write_set *ws = write_set_new(r->arena);
    struct query q = {
        .collection = COLLECTION_GROUPS, .index = "by-kind", .partition = STR("ROUND")};

    put_thing(r, "t-1", "a", 1, THING_ROUND);
    put_thing(r, "t-2", "b", 2, THING_SQUARE);
    put_thing(r, "t-3", "c", 3, THING_ROUND);
    ws_set_text(ws, ws_update(ws, COLLECTION_GROUPS, STR("t-1"), (struct str){0}), "kind",
                STR("SQUARE"));
    ws_set_text(ws, ws_update(ws, COLLECTION_GROUPS, STR("t-2"), (struct str){0}), "kind",
                STR("ROUND"));
    (void)ws_delete(ws, COLLECTION_GROUPS, STR("t-3"), (struct str){0});
    assert_int_equal(rig_submit(r, ws), FAULT_NONE);
    settle(r);
    walk(r, q, pages);
}

static void test_an_index_by_key_fields_works(void **state)
{
    struct rig *r = *state;
    struct query q = {
        .collection = COLLECTION_RUNS, .index = "by-number", .partition = STR("odd#01")};
    struct page page;

    put_parts(r, "b", 2);
    put_parts(r, "a", 2);
    settle(r);
    assert_int_equal(reader_query(store_reader(r->store), r->arena, &q, &page), FAULT_NONE);
    assert_int_equal(page.len, 2);
    assert_str(((struct part *)page.items)[0].thing, "a");
}

/* ---- tokens ---- */

static struct str first_token(struct rig *r, const struct query *q)
{
    struct page page;

    assert_int_equal(reader_query(store_reader(r->store), r->arena, q, &page), FAULT_NONE);
    assert_true(str_present(page.next));
    return page.next;
}

static enum fault query_with(struct rig *r, struct query q, struct str token)
{
    struct page page;

    q.token = token;
    return reader_query(store_reader(r->store), r->arena, &q, &page);
}

static void test_a_token_is_good_for_its_query_alone(void **state)
{
    struct rig *r = *state;
    const struct query q = {.collection = COLLECTION_RUNS, .partition = STR("a"), .limit = 2};
    struct query other = q;
    struct str token;

    put_parts(r, "a", 5);
    put_parts(r, "b", 5);
    token = first_token(r, &q);
    assert_int_equal(query_with(r, q, token), FAULT_NONE);
    other.limit = 3; /* how much of it is no other query */
    assert_int_equal(query_with(r, other, token), FAULT_NONE);
    other = q;
    other.partition = STR("b");
    assert_int_equal(query_with(r, other, token), FAULT_INVALID_PARAMETER);
    other = q;
    other.descending = true;
    assert_int_equal(query_with(r, other, token), FAULT_INVALID_PARAMETER);
    other = q;
    other.sort_prefix = STR("e");
    assert_int_equal(query_with(r, other, token), FAULT_INVALID_PARAMETER);
    other = q;
    other.index = "by-number";
    assert_int_equal(query_with(r, other, token), FAULT_INVALID_PARAMETER);
}

static void test_a_damaged_token_is_refused_wherever_it_is_damaged(void **state)
{
    struct rig *r = *state;
    const struct query q = {.collection = COLLECTION_RUNS, .partition = STR("a"), .limit = 2};
    struct str token;

    put_parts(r, "a", 5);
    token = first_token(r, &q);
    for (size_t i = 0; i < token.len; i++) {
        char *copy = arena_alloc(r->arena, token.len);

        memcpy(copy, token.ptr, token.len);
        copy[i] = copy[i] == 'A' ? 'B' : 'A';
        assert_int_equal(query_with(r, q, (struct str){copy, token.len}), FAULT_INVALID_PARAMETER);
        assert_int_equal(query_with(r, q, str_slice(token, 0, i)), FAULT_INVALID_PARAMETER);
    }
}

/* ---- whole answers ---- */

static void test_query_all_collects_and_refuses_more_than_asked(void **state)
{
    struct rig *r = *state;
    struct query q = {.collection = COLLECTION_RUNS, .partition = STR("a"), .limit = 2};
    struct page page;

    put_parts(r, "a", 7);
    assert_int_equal(reader_query_all(store_reader(r->store), r->arena, &q, 7, &page), FAULT_NONE);
    assert_int_equal(page.len, 7);
    assert_str(((struct part *)page.items)[6].number, "odd#05");
    assert_int_equal(reader_query_all(store_reader(r->store), r->arena, &q, 6, &page),
                     FAULT_TOO_LARGE);
}

static void test_a_page_holds_no_more_than_a_megabyte(void **state)
{
    struct rig *r = *state;
    char *text = arena_alloc(r->arena, 300000);
    struct query q = {.collection = COLLECTION_RUNS, .partition = STR("a")};
    struct page page;

    memset(text, 'x', 300000);
    for (int i = 0; i < 6; i++) {
        struct write_set *ws = write_set_new(r->arena);
        struct part part = {
            .thing = STR("a"), .number = arena_strf(r->arena, "%d", i), .note = {text, 300000}};

        (void)ws_put(ws, COLLECTION_RUNS, &part);
        assert_int_equal(rig_submit(r, ws), FAULT_NONE);
    }
    assert_int_equal(reader_query(store_reader(r->store), r->arena, &q, &page), FAULT_NONE);
    assert_int_equal(page.len, 4);
    assert_true(str_present(page.next));
    assert_int_equal(reader_query_all(store_reader(r->store), r->arena, &q, 100, &page),
                     FAULT_NONE);
    assert_int_equal(page.len, 6);
}

#define CASE(f) cmocka_unit_test_setup_teardown(f, rig_setup, rig_teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        CASE(test_a_query_by_key_is_ordered_and_current),
        CASE(test_pages_go_on_where_the_one_before_ended),
        CASE(test_indexes_order_by_text_and_number_and_break_ties_by_key),
        CASE(test_an_index_follows_updates_and_deletes),
        CASE(test_an_index_by_key_fields_works),
        CASE(test_a_token_is_good_for_its_query_alone),
        CASE(test_a_damaged_token_is_refused_wherever_it_is_damaged),
        CASE(test_query_all_collects_and_refuses_more_than_asked),
        CASE(test_a_page_holds_no_more_than_a_megabyte),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
