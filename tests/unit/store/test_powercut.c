/*
 * The promise of submit, against a disk that keeps only what was synced: an acknowledged change is
 * there, whole, after the power has failed at any operation; a change that was not acknowledged is
 * there whole or not at all; and the record is sound. Built twice: with synchronous=OFF it must
 * find losses, or it would prove nothing.
 */
#include "tests/unit/store/rig.h"

#include <sqlite3.h>

#include "tests/unit/store/cut_vfs.h"
#include "tests/unit/store/folder.h"

#ifndef EXPECT_LOSS
#define EXPECT_LOSS 0
#endif

enum { CHANGES = 12, NOTE = 3000 };

const bool backend_is_durable = true;

void backend_open(struct rig *r)
{
    r->dir = folder_new(r->arena);
}

void backend_close(struct rig *r)
{
    folder_remove(r->arena, r->dir);
}

struct trial {
    struct rig *rig;
    struct str path;
    enum fault answers[CHANGES]; /* FAULT_NONE: acknowledged */
    bool opened;
};

static enum fault open_store(struct trial *run, const char *vfs, struct str *why)
{
    struct sqlite_options o = {.path = run->path, .single_threaded = true, .vfs = vfs};

    return store_sqlite_open(&o, &run->rig->ports, run->rig->arena, &run->rig->store, why);
}

/* Change n puts a thing, takes a claim for it, moves a counter, and leaves a record. */
static enum fault change(struct rig *r, int n)
{
    struct write_set *ws = write_set_new(r->arena);
    struct thing thing = rig_thing("", "name");
    char *note = arena_alloc(r->arena, NOTE);

    memset(note, 'a' + n, NOTE);
    thing.id = arena_strf(r->arena, "t-%02d", n);
    thing.note = (struct str){note, NOTE};
    (void)ws_put(ws, COLLECTION_GROUPS, &thing);
    ws_claim(ws, arena_strf(r->arena, "claim-%02d", n), thing.id, STR(""), FAULT_IN_USE);
    if (n)
        ws_add_int(ws, ws_update(ws, COLLECTION_GROUPS, STR("t-00"), (struct str){0}), "version",
                   1);
    ws_audit(ws, arena_strf(r->arena, "{\"n\":%d}", n));
    return store_submit(r->store, r->arena, ws, &r->why);
}

static void work(struct trial *run)
{
    struct str why;

    for (int i = 0; i < CHANGES; i++)
        run->answers[i] = FAULT_UNAVAILABLE;
    run->opened = open_store(run, cut_vfs_name, &why) == FAULT_NONE;
    if (!run->opened)
        return;
    for (int i = 0; i < CHANGES; i++)
        run->answers[i] = change(run->rig, i);
    store_close(run->rig->store);
}

static bool is_there(struct rig *r, int n)
{
    struct thing thing;
    struct claim claim;
    bool item = rig_get(r, arena_strf(r->arena, "t-%02d", n).ptr, &thing) == FAULT_NONE;
    bool claimed =
        rig_get_claim(r, arena_strf(r->arena, "claim-%02d", n).ptr, &claim) == FAULT_NONE;

    assert_int_equal(item, claimed);
    if (item) {
        assert_int_equal(thing.note.len, NOTE);
        assert_int_equal(thing.note.ptr[NOTE - 1], 'a' + n);
    }
    return item;
}

/* How many acknowledged changes are lost; everything else must hold whatever was lost. */
static int check(struct trial *run, uint64_t at)
{
    struct rig *r = run->rig;
    struct audit_report report;
    struct thing first;
    struct str why = {0};
    int lost = 0;
    int there = 0;

    /* By the same VFS, which now does as it is told and spares the real disk. */
    if (open_store(run, cut_vfs_name, &why))
        fail_msg("after operation %d: " STR_FMT, (int)at, STR_ARG(why));
    for (int i = 0; i < CHANGES; i++) {
        bool found = is_there(r, i);

        there += found;
        lost += run->answers[i] == FAULT_NONE && !found;
        if (run->answers[i] == FAULT_STORE_FULL)
            assert_false(found);
    }
    if (rig_get(r, "t-00", &first) == FAULT_NONE)
        assert_int_equal(first.version, there);
    assert_int_equal(store_audit_verify(r->store, r->arena, &report), FAULT_NONE);
    assert_true(report.ok);
    assert_int_equal(report.records, there);
    assert_int_equal(change(r, 0), FAULT_NONE); /* and it goes on */
    store_close(r->store);
    return lost;
}

static bool is_sound(struct trial *run)
{
    sqlite3 *db;
    sqlite3_stmt *s;
    bool sound;

    assert_int_equal(sqlite3_open(run->path.ptr, &db), SQLITE_OK);
    sound = sqlite3_prepare_v2(db, "PRAGMA integrity_check", -1, &s, NULL) == SQLITE_OK &&
            sqlite3_step(s) == SQLITE_ROW &&
            str_eq_z(STR("ok"), (const char *)sqlite3_column_text(s, 0));
    (void)sqlite3_finalize(s);
    (void)sqlite3_close(db);
    return sound;
}

static int one_run(struct rig *r, enum cut_kind kind, uint64_t at, bool *reached)
{
    struct trial run = {.rig = r};
    int lost;

    run.path = arena_strf(r->arena, STR_FMT "/%d-%d.db", STR_ARG(r->dir), (int)kind, (int)at);
    cut_begin(kind, at);
    work(&run);
    *reached = cut_operations() >= at;
    if (kind == CUT_POWER && cut_happened())
        cut_settle(at);
    cut_begin(CUT_NOTHING, 0);
#if EXPECT_LOSS
    /* Without syncs anything may be lost, the tables too: that it is, is all there is to show. */
    if (!is_sound(&run))
        return 1;
    for (int i = 0; i < CHANGES; i++)
        if (run.answers[i] == FAULT_NONE) {
            struct str why;
            struct thing out;

            if (open_store(&run, cut_vfs_name, &why))
                return 1;
            lost = rig_get(r, arena_strf(r->arena, "t-%02d", i).ptr, &out) != FAULT_NONE;
            store_close(r->store);
            if (lost)
                return 1;
        }
    (void)check;
    return 0;
#else
    lost = check(&run, at);
    assert_true(is_sound(&run));
    return lost;
#endif
}

static int every_operation(struct rig *r, enum cut_kind kind)
{
    bool reached = true;
    int lost = 0;
    uint64_t at = 0;

    while (reached) {
        int now = one_run(r, kind, ++at, &reached);

        if (now && !EXPECT_LOSS)
            print_error("operation %d: %d acknowledged changes are lost\n", (int)at, now);
        lost += now;
    }
    assert_true(at > 20); /* it was cut at many places */
    return lost;
}

static void test_power_fails_at_every_operation(void **state)
{
    int lost = every_operation(*state, CUT_POWER);

    if (EXPECT_LOSS)
        assert_true(lost > 0);
    else
        assert_int_equal(lost, 0);
}

static void test_every_operation_fails_once(void **state)
{
    assert_int_equal(every_operation(*state, CUT_FAIL_ONCE), 0);
}

static void test_the_disk_is_full_once_at_every_write(void **state)
{
    assert_int_equal(every_operation(*state, CUT_FULL_ONCE), 0);
}

/* Refused as what it is, reads go on, and with space again everything does. */
static void test_a_full_disk_refuses_changes_and_serves_reads(void **state)
{
    struct rig *r = *state;
    struct trial run = {.rig = r, .path = arena_strf(r->arena, STR_FMT "/f.db", STR_ARG(r->dir))};
    struct audit_report report;
    struct thing out;
    struct str why;

    cut_begin(CUT_NOTHING, 0);
    assert_int_equal(open_store(&run, cut_vfs_name, &why), FAULT_NONE);
    assert_int_equal(change(r, 0), FAULT_NONE);
    cut_fill(true);
    for (int i = 1; i < 4; i++)
        assert_int_equal(change(r, i), FAULT_STORE_FULL);
    for (int i = 0; i < 10000; i++)
        store_audit_later(r->store, STR("{\"read\":1}"));
    assert_int_equal(rig_get(r, "t-00", &out), FAULT_NONE);
    assert_int_equal(rig_get(r, "t-01", &out), FAULT_NOT_FOUND);
    cut_fill(false);
    assert_int_equal(change(r, 1), FAULT_NONE);
    assert_int_equal(store_audit_verify(r->store, r->arena, &report), FAULT_NONE);
    assert_true(report.ok);
    assert_true(report.records > 2 && report.records < 10000);
    store_close(r->store);
}

#define CASE(f) cmocka_unit_test_setup_teardown(f, rig_setup, rig_teardown)

int main(void)
{
    const struct CMUnitTest careless[] = {CASE(test_power_fails_at_every_operation)};
    const struct CMUnitTest tests[] = {
        CASE(test_power_fails_at_every_operation),
        CASE(test_every_operation_fails_once),
        CASE(test_the_disk_is_full_once_at_every_write),
        CASE(test_a_full_disk_refuses_changes_and_serves_reads),
    };

    return EXPECT_LOSS ? cmocka_run_group_tests(careless, NULL, NULL)
                       : cmocka_run_group_tests(tests, NULL, NULL);
}
