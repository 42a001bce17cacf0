/*
 * A database of an earlier layout is brought forward. Linked with a store whose layout is one
 * higher than the written-down ones, and with the tests' collection table: every written-down
 * layout is opened, and one in which the things have fewer columns than now.
 */
#include "tests/unit/store/rig.h"

#include <sqlite3.h>

#include "store/layout.h"
#include "tests/unit/store/folder.h"

const bool backend_is_durable = true;

void backend_open(struct rig *r)
{
    r->dir = folder_new(r->arena);
}

void backend_close(struct rig *r)
{
    folder_remove(r->arena, r->dir);
}

static struct str path_of(struct rig *r, const char *name)
{
    return arena_strf(r->arena, STR_FMT "/%s", STR_ARG(r->dir), name);
}

static void make(struct rig *r, const char *text)
{
    sqlite3 *db;
    char *message = NULL;

    assert_int_equal(sqlite3_open(path_of(r, "old.db").ptr, &db), SQLITE_OK);
    if (sqlite3_exec(db, "PRAGMA journal_mode=WAL", NULL, NULL, NULL) ||
        sqlite3_exec(db, text, NULL, NULL, &message))
        fail_msg("%s", message);
    assert_int_equal(sqlite3_close(db), SQLITE_OK);
}

static int64_t number(struct rig *r, const char *name, const char *text)
{
    sqlite3 *db;
    sqlite3_stmt *s;
    int64_t n = -1;

    assert_int_equal(sqlite3_open(path_of(r, name).ptr, &db), SQLITE_OK);
    if (sqlite3_prepare_v2(db, text, -1, &s, NULL) == SQLITE_OK && sqlite3_step(s) == SQLITE_ROW)
        n = sqlite3_column_int64(s, 0);
    (void)sqlite3_finalize(s);
    (void)sqlite3_close(db);
    return n;
}

static void open_old(struct rig *r)
{
    struct sqlite_options o = {.path = path_of(r, "old.db"), .single_threaded = true};
    struct str why;

    if (store_sqlite_open(&o, &r->ports, r->arena, &r->store, &why))
        fail_msg(STR_FMT, STR_ARG(why));
}

static void test_every_layout_that_was_written_down_is_brought_forward(void **state)
{
    struct rig *r = *state;

    for (int n = 1; n < STORE_LAYOUT; n++) {
        struct str text = folder_read(r->arena, arena_strf(r->arena, "%s/%d.sql", LAYOUTS, n));
        struct thing out;

        assert_true(str_present(text));
        make(r, arena_z(r->arena, text));
        open_old(r);
        assert_int_equal(rig_put(r, rig_thing("t-1", "one")), FAULT_NONE);
        assert_int_equal(rig_get(r, "t-1", &out), FAULT_NONE);
        store_close(r->store);
        assert_int_equal(number(r, "old.db", "PRAGMA user_version"), STORE_LAYOUT);
        folder_remove(r->arena, r->dir);
        r->dir = folder_new(r->arena);
    }
}

/* The count, the kind and the time were in the document, and there was no index. */
static const char older_things[] =
    "DROP TABLE IF EXISTS test_things;"
    "CREATE TABLE test_things (pk TEXT NOT NULL, sk TEXT NOT NULL, \"name\" TEXT, "
    "\"gone\" INTEGER, \"version\" INTEGER, doc TEXT NOT NULL, PRIMARY KEY (pk, sk)) "
    "STRICT, WITHOUT ROWID;"
    "CREATE INDEX \"test_things.by-name\" ON test_things (\"version\");"
    "INSERT INTO test_things VALUES ('t-1', '', 'one', 7, 5, "
    "'{\"count\":-3,\"on\":true,\"kind\":\"SQUARE\",\"madeAt\":\"2026-01-31T12:00:00Z\","
    "\"note\":\"kept\",\"tags\":{\"a\":\"b\"}}'), ('t-2', '', NULL, NULL, NULL, '{}');";

static void check_things(struct rig *r)
{
    struct thing out;
    struct query q = {
        .collection = COLLECTION_GROUPS, .index = "by-kind", .partition = STR("SQUARE")};
    struct page page;

    assert_int_equal(rig_get(r, "t-1", &out), FAULT_NONE);
    assert_str(out.name, "one");
    assert_int_equal(out.version, 5);
    assert_true(out.has_count && out.count == -3 && out.on && out.kind == THING_SQUARE);
    assert_true(out.made_at == 1769860800000);
    assert_str(out.note, "kept");
    assert_str(tags_get(&out.tags, STR("a")), "b");
    assert_int_equal(rig_get(r, "t-2", &out), FAULT_NONE);
    assert_false(str_present(out.name) || out.has_count);
    assert_int_equal(reader_query(store_reader(r->store), r->arena, &q, &page), FAULT_NONE);
    assert_int_equal(page.len, 1);
}

static void make_older(struct rig *r)
{
    struct str text = folder_read(r->arena, arena_strf(r->arena, "%s/1.sql", LAYOUTS));

    make(r, arena_z(r->arena, text));
    make(r, older_things);
}

static void test_what_was_in_the_document_becomes_a_column(void **state)
{
    struct rig *r = *state;

    make_older(r);
    open_old(r);
    check_things(r);
    store_close(r->store);
    assert_int_equal(number(r, "old.db", "SELECT count FROM test_things WHERE pk = 't-1'"), -3);
    assert_int_equal(number(r, "old.db",
                            "SELECT json_extract(doc, '$.count') IS NULL "
                            "FROM test_things WHERE pk = 't-1'"),
                     1);
    open_old(r); /* and it is a database like any other */
    check_things(r);
    store_close(r->store);
}

static void test_a_copy_of_the_old_database_stays(void **state)
{
    struct rig *r = *state;

    make_older(r);
    open_old(r);
    store_close(r->store);
    assert_int_equal(folder_mode(path_of(r, "old.db.pre-migration-1")), 0600);
    assert_int_equal(number(r, "old.db.pre-migration-1", "PRAGMA user_version"), 1);
    assert_int_equal(number(r, "old.db.pre-migration-1", "SELECT gone FROM test_things"), 7);
}

/* A row that cannot be read: nothing is changed, and it is said. */
static void test_a_migration_that_fails_changes_nothing(void **state)
{
    struct rig *r = *state;
    struct sqlite_options o = {.path = path_of(r, "old.db"), .single_threaded = true};
    struct str why;

    make_older(r);
    make(r, "INSERT INTO test_things VALUES ('t-3', '', 'x', 1, 1, 'no json')");
    assert_int_equal(store_sqlite_open(&o, &r->ports, r->arena, &r->store, &why), FAULT_CORRUPT);
    assert_int_equal(number(r, "old.db", "PRAGMA user_version"), 1);
    assert_int_equal(number(r, "old.db", "SELECT gone FROM test_things WHERE pk = 't-1'"), 7);
    make(r, "DELETE FROM test_things WHERE pk = 't-3'");
    open_old(r);
    check_things(r);
    store_close(r->store);
}

#define CASE(f) cmocka_unit_test_setup_teardown(f, rig_setup, rig_teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        CASE(test_every_layout_that_was_written_down_is_brought_forward),
        CASE(test_what_was_in_the_document_becomes_a_column),
        CASE(test_a_copy_of_the_old_database_stays),
        CASE(test_a_migration_that_fails_changes_nothing),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
