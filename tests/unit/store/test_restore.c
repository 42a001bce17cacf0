/* With the real collection table: what a restore makes of a backup, and what a layout looks like.
 */
#include <sys/stat.h>
#include <unistd.h>

#include "tests/unit/store/rig.h"

#include "model/execution.h"
#include "store/layout.h"
#include "store/sqlite_internal.h"
#include "tests/unit/store/folder.h"

const bool backend_is_durable = true;

static void open_store(struct rig *r, const char *name)
{
    struct sqlite_options o = {.path = arena_strf(r->arena, STR_FMT "/%s", STR_ARG(r->dir), name)};
    struct str why;

    if (store_sqlite_open(&o, &r->ports, r->arena, &r->store, &why))
        fail_msg(STR_FMT, STR_ARG(why));
}

void backend_open(struct rig *r)
{
    r->dir = folder_new(r->arena);
    open_store(r, "live.db");
}

void backend_close(struct rig *r)
{
    store_close(r->store);
    folder_remove(r->arena, r->dir);
}

static void put(struct rig *r, enum collection_id collection, const void *entity)
{
    struct write_set *ws = write_set_new(r->arena);

    (void)ws_put(ws, collection, entity);
    assert_int_equal(rig_submit(r, ws), FAULT_NONE);
}

static void put_execution(struct rig *r, const char *id, int status)
{
    struct execution e = {.id = str_from_z(id),
                          .plan_id = STR("rp-1"),
                          .status = status,
                          .epoch = 3,
                          .revision = 7,
                          .started_at = 1700000000000};
    struct flow_instance i = {.execution_id = e.id,
                              .epoch = 3,
                              .revision = 1,
                              .phase = execution_is_terminal(status) ? FLOW_ENDED : FLOW_WAITING};
    struct str why;

    i.shard = STR("live");
    i.id = arena_strf(r->arena, "%s#3", id);
    assert_int_equal(json_parse(r->arena, STR("{\"epoch\":3,\"loops\":5}"), &i.data, &why),
                     FAULT_NONE);
    put(r, COLLECTION_EXECUTIONS, &e);
    put(r, COLLECTION_TIMERS, &i);
}

static void put_launch(struct rig *r, const char *key, int state, const char *job_id)
{
    struct launch_run launch = {
        .launch_id = str_from_z(key), .state = state, .job_id = str_from_z(job_id), .attempt = 1};
    struct run_row row = {
        .execution_id = STR("e-1"), .key = str_from_z(key), .revision = 1, .launch = &launch};

    put(r, COLLECTION_RUNS, &row);
}

static void put_wave(struct rig *r, const char *key, int status)
{
    struct wave_run wave = {.status = status, .mono_base = 5000};
    struct run_row row = {
        .execution_id = STR("e-1"), .key = str_from_z(key), .revision = 1, .wave = &wave};

    put(r, COLLECTION_RUNS, &row);
}

static void make_record(struct rig *r)
{
    put_wave(r, "wave#1", WAVE_STARTED);
    put_wave(r, "wave#2", WAVE_WAITING_APPROVAL);
    put_execution(r, "e-1", EXECUTION_RUNNING);
    put_execution(r, "e-2", EXECUTION_COMPLETED);
    put_launch(r, "wave#1#launch#planned", LAUNCH_PLANNED, NULL);
    put_launch(r, "wave#1#launch#intent", LAUNCH_INTENT, NULL);
    put_launch(r, "wave#1#launch#started", LAUNCH_STARTED, "drsjob-1");
    put_launch(r, "wave#1#launch#ended", LAUNCH_ENDED, NULL);
}

static struct run_row get_run(struct rig *r, const char *key)
{
    struct run_row row = {0};

    assert_int_equal(reader_get(store_reader(r->store), r->arena, COLLECTION_RUNS, STR("e-1"),
                                str_from_z(key), &row),
                     FAULT_NONE);
    return row;
}

static bool reconciles(struct rig *r, const char *key)
{
    return get_run(r, key).launch->reconcile;
}

static struct str in_dir(struct rig *r, const char *name)
{
    return arena_strf(r->arena, STR_FMT "/%s", STR_ARG(r->dir), name);
}

static unsigned owner_of(struct str path)
{
    struct stat st;

    assert_int_equal(stat(path.ptr, &st), 0);
    return st.st_uid;
}

static enum fault restore(struct rig *r, const char *backup, struct str *why)
{
    struct str from = arena_strf(r->arena, STR_FMT "/%s", STR_ARG(r->dir), backup);
    struct str to = arena_strf(r->arena, STR_FMT "/live.db", STR_ARG(r->dir));

    struct sqlite_options o = {.path = to};

    return store_sqlite_restore(&o, from, &r->ports, r->arena, why);
}

static struct str backup(struct rig *r, const char *name)
{
    struct str live = arena_strf(r->arena, STR_FMT "/live.db", STR_ARG(r->dir));
    struct str file = arena_strf(r->arena, STR_FMT "/%s", STR_ARG(r->dir), name);
    struct str why;

    assert_int_equal(store_sqlite_backup(r->arena, live, file, &why), FAULT_NONE);
    return file;
}

static enum fault get_execution(struct rig *r, const char *id, struct execution *out)
{
    *out = (struct execution){0};
    return reader_get(store_reader(r->store), r->arena, COLLECTION_EXECUTIONS, str_from_z(id),
                      (struct str){0}, out);
}

static void test_a_restore_raises_epochs_and_marks_unfinished_intents(void **state)
{
    struct rig *r = *state;
    struct execution e;
    struct flow_instance i = {0};
    struct audit_report report;
    struct str why;

    make_record(r);
    (void)backup(r, "b.db");
    put_execution(r, "e-3", EXECUTION_RUNNING);
    assert_int_equal(restore(r, "b.db", &why), FAULT_IN_USE);
    store_close(r->store);
    if (restore(r, "b.db", &why))
        fail_msg(STR_FMT, STR_ARG(why));
    open_store(r, "live.db");
    assert_int_equal(get_execution(r, "e-3", &e), FAULT_NOT_FOUND);
    assert_int_equal(get_execution(r, "e-2", &e), FAULT_NONE);
    assert_int_equal(e.epoch, 3);
    assert_true(e.reconcile); /* it may have been terminated since */
    assert_int_equal(get_execution(r, "e-1", &e), FAULT_NONE);
    assert_true(e.epoch > 1000);
    assert_int_equal(e.revision, 8);
    assert_true(e.reconcile);
    assert_int_equal(reader_get(store_reader(r->store), r->arena, COLLECTION_TIMERS, STR("live"),
                                arena_strf(r->arena, "e-1#%d", (int)e.epoch), &i),
                     FAULT_NONE);
    assert_int_equal(i.epoch, e.epoch);
    assert_int_equal(i.phase, FLOW_WAITING);
    assert_int_equal(json_int(json_get_z(i.data, "epoch"), 0), e.epoch);
    assert_int_equal(json_int(json_get_z(i.data, "loops"), 0), 5);
    assert_int_equal(reader_get(store_reader(r->store), r->arena, COLLECTION_TIMERS, STR("live"),
                                STR("e-1#3"), &i),
                     FAULT_NOT_FOUND);
    assert_true(reconciles(r, "wave#1#launch#planned"));
    assert_true(reconciles(r, "wave#1#launch#intent"));
    assert_false(reconciles(r, "wave#1#launch#started"));
    assert_false(reconciles(r, "wave#1#launch#ended"));
    assert_true(get_run(r, "wave#1").wave->mono_base == INT64_MAX);
    assert_int_equal(get_run(r, "wave#1").revision, 2);
    assert_true(get_run(r, "wave#2").wave->mono_base == 5000);
    assert_int_equal(store_audit_verify(r->store, r->arena, &report), FAULT_NONE);
    assert_true(report.ok && report.records == 1);
}

static void test_what_was_replaced_stays_beside_it(void **state)
{
    struct rig *r = *state;
    struct execution e;
    struct str why;

    make_record(r);
    (void)backup(r, "b.db");
    put_execution(r, "e-3", EXECUTION_RUNNING);
    store_close(r->store);
    assert_int_equal(restore(r, "b.db", &why), FAULT_NONE);
    open_store(r, "live.db.before-restore");
    assert_int_equal(get_execution(r, "e-3", &e), FAULT_NONE);
}

static void refuses(struct rig *r, const char *name, const char *what)
{
    struct str why;

    assert_int_equal(restore(r, name, &why), FAULT_CORRUPT);
    if (!str_starts(why, arena_strf(r->arena, STR_FMT " %s", STR_ARG(in_dir(r, name)), what)) ||
        !str_ends(why, STR("; nothing was changed: take another backup")))
        fail_msg(STR_FMT, STR_ARG(why));
}

static void make_foreign(struct rig *r, const char *name, const char *sql)
{
    sqlite3 *db;

    assert_int_equal(sqlite3_open(in_dir(r, name).ptr, &db), SQLITE_OK);
    assert_int_equal(sqlite3_exec(db, sql, NULL, NULL, NULL), SQLITE_OK);
    assert_int_equal(sqlite3_close(db), SQLITE_OK);
}

static void test_what_is_no_backup_is_called_by_its_name(void **state)
{
    struct rig *r = *state;
    struct str whole;

    make_record(r);
    whole = folder_read(r->arena, backup(r, "b.db"));
    store_close(r->store);
    folder_write(in_dir(r, "empty.db"), STR(""));
    refuses(r, "empty.db", "is empty;");
    folder_write(in_dir(r, "words.db"), STR("nothing"));
    refuses(r, "words.db", "is not a database;");
    for (size_t len = 100; len < whole.len; len += len < 4096 ? 3996 : (whole.len - 4096) / 2 - 1) {
        folder_write(in_dir(r, "cut.db"), str_slice(whole, 0, len));
        refuses(r, "cut.db", "was cut off;");
    }
    folder_write(in_dir(r, "cut.db"), str_slice(whole, 0, whole.len - 1));
    refuses(r, "cut.db", "was cut off;");
    assert_int_equal(mkfifo(in_dir(r, "pipe.db").ptr, 0600), 0);
    refuses(r, "pipe.db", "is a pipe or a device");
    assert_int_equal(mkdir(in_dir(r, "folder.db").ptr, 0700), 0);
    refuses(r, "folder.db", "is a folder");
    assert_int_equal(rmdir(in_dir(r, "folder.db").ptr), 0);
    make_foreign(r, "foreign.db", "CREATE TABLE t (x)");
    refuses(r, "foreign.db", "is a database of another program;");
    make_foreign(r, "numbered.db", "PRAGMA application_id = 7; CREATE TABLE t (x)");
    refuses(r, "numbered.db", "is a database of another program;");
    make_foreign(r, "b.db", "PRAGMA user_version = 1000000");
    refuses(r, "b.db", "has layout 1000000 and this program knows");
    open_store(r, "live.db");
}

static void test_a_bad_backup_changes_nothing(void **state)
{
    struct rig *r = *state;
    struct str file;
    struct str bytes;
    struct str why;
    char *copy;

    make_record(r);
    file = backup(r, "b.db");
    store_close(r->store);
    assert_int_equal(restore(r, "none.db", &why), FAULT_NOT_FOUND);
    bytes = folder_read(r->arena, file);
    copy = arena_alloc(r->arena, bytes.len);
    memcpy(copy, bytes.ptr, bytes.len);
    memset(copy + 8192, 0x5a, 4096);
    folder_write(file, (struct str){copy, bytes.len});
    refuses(r, "b.db", "is damaged;");
    open_store(r, "live.db");
    assert_int_equal(reconciles(r, "wave#1#launch#intent"), false);
}

/*
 * Every layout that was ever released is written down beside this file. A change of the collection
 * table changes this text: raise STORE_LAYOUT, run this test with DRWAVE_WRITE_LAYOUT=1, and commit
 * the new file. Before the first release the text of layout 1 may be written again.
 */
static void test_the_layout_is_the_one_that_is_written_down(void **state)
{
    struct rig *r = *state;
    struct str text = schema_text(r->arena);
    struct str path = arena_strf(r->arena, "%s/%d.sql", LAYOUTS, STORE_LAYOUT);

    if (getenv("DRWAVE_WRITE_LAYOUT"))
        folder_write(path, text);
    if (!str_eq(folder_read(r->arena, path), text))
        fail_msg("the layout is not that of " STR_FMT ": run this with DRWAVE_WRITE_LAYOUT=1",
                 STR_ARG(path));
}

static void test_every_index_serves_its_query(void **state)
{
    struct rig *r = *state;
    struct db_options o = {.path = arena_strf(r->arena, STR_FMT "/live.db", STR_ARG(r->dir)).ptr};
    struct str why;
    struct db *db;

    assert_int_equal(db_open(&o, &db, &why, r->arena), FAULT_NONE);
    for (int id = 0; id < COLLECTION_COUNT; id++) {
        const struct layout *l = layout_of((enum collection_id)id);

        for (size_t i = 0; l && i <= l->indexes_len; i++)
            for (unsigned variant = 0; variant < SCAN_VARIANTS; variant++) {
                const struct layout_index *index = i ? &l->indexes[i - 1] : NULL;
                struct str sql = arena_strf(r->arena, "EXPLAIN QUERY PLAN " STR_FMT,
                                            STR_ARG(sql_scan(r->arena, l, index, variant)));
                struct buf plan = buf_new(r->arena, 4096);
                sqlite3_stmt *s;

                if (sqlite3_prepare_v2(db->handle, sql.ptr, -1, &s, NULL))
                    fail_msg("%s: %s", sql.ptr, sqlite3_errmsg(db->handle));
                while (sqlite3_step(s) == SQLITE_ROW)
                    buf_add(&plan, column_text(r->arena, s, 3));
                (void)sqlite3_finalize(s);
                if (str_contains(buf_str(&plan), STR("TEMP B-TREE")) ||
                    !(str_contains(buf_str(&plan), STR("USING PRIMARY KEY")) ||
                      str_contains(buf_str(&plan), STR("USING INDEX"))))
                    fail_msg("%s: " STR_FMT, sql.ptr, STR_ARG(buf_str(&plan)));
            }
    }
    db_close(db);
}

/*
 * Root restores for a service that runs as somebody else, who may have put anything into its folder
 * before: what a link there names stays whose it is, and what root makes there is the service's.
 */
static void test_a_restore_by_root_gives_nobody_what_a_link_names(void **state)
{
    static const char *const names[] = {"live.db.lock", "live.db"};
    struct rig *r = *state;
    struct str mine = arena_strf(r->arena, STR_FMT ".of-root", STR_ARG(r->dir));
    struct str why;

    if (geteuid() != 0) {
        print_message("# left out: 1 cases, only root can restore for another user\n");
        return;
    }
    (void)backup(r, "b.db");
    store_close(r->store);
    assert_int_equal(chown(r->dir.ptr, 65534, 65534), 0);
    folder_write(mine, STR("of root"));
    for (size_t i = 0; i < 2 * ARRAY_LEN(names); i++) {
        struct str path = in_dir(r, names[i / 2]);

        (void)unlink(path.ptr);
        assert_int_equal(i % 2 ? link(mine.ptr, path.ptr) : symlink(mine.ptr, path.ptr), 0);
        assert_int_equal(restore(r, "b.db", &why), i / 2 ? FAULT_NONE : FAULT_STORE_ERROR);
        assert_true(i / 2 || str_contains(why, STR("live.db.lock")));
        assert_int_equal(owner_of(mine), 0);
        assert_str(folder_read(r->arena, mine), "of root");
        (void)unlink(path.ptr);
    }
    (void)unlink(mine.ptr);
    (void)unlink(in_dir(r, "live.db.lock").ptr);
    assert_int_not_equal(restore(r, "none.db", &why), FAULT_NONE);
    assert_int_equal(owner_of(in_dir(r, "live.db.lock")), 65534);
    assert_int_equal(restore(r, "b.db", &why), FAULT_NONE);
    assert_int_equal(owner_of(in_dir(r, "live.db")), 65534);
    assert_int_equal(chown(r->dir.ptr, 0, 0), 0);
    open_store(r, "live.db");
}

/* The folder may lie behind a link, which is the administrator's; a file in it may not. */
static void test_root_follows_no_link_to_a_database_of_another(void **state)
{
    struct rig *r = *state;
    struct db_options o = {.path = in_dir(r, "link.db").ptr, .inspects = true};
    struct str by_link = arena_strf(r->arena, STR_FMT ".link", STR_ARG(r->dir));
    struct db *db = NULL;
    struct str why;

    assert_int_equal(symlink(in_dir(r, "live.db").ptr, o.path), 0);
    assert_int_equal(symlink(r->dir.ptr, by_link.ptr), 0);
    assert_int_equal(db_open(&o, &db, &why, r->arena), FAULT_NONE); /* one's own */
    db_close(db);
    if (geteuid() == 0) {
        assert_int_equal(chown(r->dir.ptr, 65534, 65534), 0);
        assert_int_not_equal(db_open(&o, &db, &why, r->arena), FAULT_NONE);
        o.path = arena_strf(r->arena, STR_FMT "/live.db", STR_ARG(by_link)).ptr;
        assert_int_equal(db_open(&o, &db, &why, r->arena), FAULT_NONE);
        assert_int_not_equal(db_vacuum_into(db, r->arena, in_dir(r, "link.db").ptr), FAULT_NONE);
        assert_int_equal(
            db_vacuum_into(db, r->arena,
                           arena_strf(r->arena, STR_FMT "/copy.db", STR_ARG(by_link)).ptr),
            FAULT_NONE);
        db_close(db);
        assert_int_equal(chown(r->dir.ptr, 0, 0), 0);
    }
    (void)unlink(by_link.ptr);
}

#define CASE(f) cmocka_unit_test_setup_teardown(f, rig_setup, rig_teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        CASE(test_a_restore_raises_epochs_and_marks_unfinished_intents),
        CASE(test_what_was_replaced_stays_beside_it),
        CASE(test_a_bad_backup_changes_nothing),
        CASE(test_what_is_no_backup_is_called_by_its_name),
        CASE(test_the_layout_is_the_one_that_is_written_down),
        CASE(test_every_index_serves_its_query),
        CASE(test_a_restore_by_root_gives_nobody_what_a_link_names),
        CASE(test_root_follows_no_link_to_a_database_of_another),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
