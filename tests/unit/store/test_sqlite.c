/* long file: one backend, case by case. What is the SQLite backend's alone: files, owners, damage,
 * threads. */
#include "tests/unit/store/rig.h"

#include <pthread.h>
#include <semaphore.h>
#include <sqlite3.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/ports_system.h"
#include "store/layout.h"
#include "tests/unit/store/folder.h"

static struct str path_of(struct rig *r, const char *name)
{
    return arena_strf(r->arena, STR_FMT "/%s", STR_ARG(r->dir), name);
}

static enum fault open_at(struct rig *r, const char *name, struct store **out, struct str *why)
{
    struct sqlite_options options = {.path = path_of(r, name), .served_before = true};

    return store_sqlite_open(&options, &r->ports, r->arena, out, why);
}

static void close_store(struct rig *r)
{
    store_close(r->store);
    r->store = NULL;
}

static void reopen(struct rig *r)
{
    struct str why;

    if (r->store)
        close_store(r);
    if (open_at(r, "test.db", &r->store, &why))
        fail_msg(STR_FMT, STR_ARG(why));
}

/* Behind our back, while the store is closed. */
static void sql(struct rig *r, const char *name, const char *text)
{
    sqlite3 *db;
    char *message = NULL;

    assert_int_equal(sqlite3_open(path_of(r, name).ptr, &db), SQLITE_OK);
    if (sqlite3_exec(db, text, NULL, NULL, &message))
        fail_msg("%s: %s", text, message);
    assert_int_equal(sqlite3_close(db), SQLITE_OK);
}

static void test_what_was_put_is_there_after_a_restart(void **state)
{
    struct rig *r = *state;
    struct thing out;

    assert_int_equal(rig_put(r, rig_thing("t-1", "one")), FAULT_NONE);
    reopen(r);
    assert_int_equal(rig_get(r, "t-1", &out), FAULT_NONE);
    assert_str(out.name, "one");
}

static int damaged;

static void note_damage(const struct store_damage *d)
{
    damaged++;
    assert_string_equal(d->collection, "test-things");
    assert_str(d->partition, "t-2");
    assert_str(d->sort, "");
}

static void test_a_damaged_item_is_named(void **state)
{
    struct rig *r = *state;
    struct query q = {.collection = COLLECTION_GROUPS, .index = "by-name"};
    struct thing out;
    struct page page;

    assert_int_equal(rig_put(r, rig_thing("t-1", "one")), FAULT_NONE);
    assert_int_equal(rig_put(r, rig_thing("t-2", "two")), FAULT_NONE);
    close_store(r);
    sql(r, "test.db", "UPDATE \"test_things\" SET doc = '{' WHERE pk = 't-2'");
    r->ports.damaged = note_damage;
    reopen(r);
    assert_int_equal(rig_get(r, "t-1", &out), FAULT_NONE);
    assert_int_equal(damaged, 0);
    assert_int_equal(rig_get(r, "t-2", &out), FAULT_CORRUPT);
    assert_int_equal(damaged, 1);
    assert_int_equal(reader_query(store_reader(r->store), r->arena, &q, &page), FAULT_CORRUPT);
    assert_int_equal(damaged, 2);
}

/* Somebody else's lock on the database: no commit can end before it is let go. */
struct hold {
    struct rig *rig;
    enum fault put;
    sqlite3 *db;
    sem_t let_go;
};

static void put_one(void *hold)
{
    struct hold *h = hold;

    h->put = rig_put(h->rig, rig_thing("t-1", "one"));
}

static void let_go(void *hold)
{
    struct hold *h = hold;

    (void)sqlite3_exec(h->db, "ROLLBACK", NULL, NULL, NULL);
    (void)sem_post(&h->let_go);
}

static void test_a_pool_goes_on_while_a_commit_is_awaited(void **state)
{
    struct rig *r = *state;
    struct run *run = run_pool_new_spare(1, 1, 4);
    struct hold h = {.rig = r};
    struct thing out;

    assert_int_equal(sem_init(&h.let_go, 0, 0), 0);
    assert_int_equal(sqlite3_open(path_of(r, "test.db").ptr, &h.db), SQLITE_OK);
    assert_int_equal(sqlite3_exec(h.db, "BEGIN IMMEDIATE", NULL, NULL, NULL), SQLITE_OK);
    assert_true(run->ops->spawn(run, put_one, &h));
    assert_true(run->ops->spawn(run, let_go, &h));
    assert_int_equal(sem_wait(&h.let_go), 0);
    run_pool_free(run);
    assert_int_equal(h.put, FAULT_NONE);
    assert_int_equal(rig_get(r, "t-1", &out), FAULT_NONE);
    assert_int_equal(sqlite3_close(h.db), SQLITE_OK);
}

static void test_the_files_are_the_owners_alone(void **state)
{
    struct rig *r = *state;
    const char *names[] = {"test.db", "test.db.lock", "test.db-wal"};

    assert_int_equal(rig_put(r, rig_thing("t-1", "one")), FAULT_NONE);
    for (size_t i = 0; i < ARRAY_LEN(names); i++)
        assert_int_equal(folder_mode(path_of(r, names[i])), 0600);
}

static void test_one_store_owns_a_database(void **state)
{
    struct rig *r = *state;
    struct store *second;
    struct str why;
    pid_t child;
    int status;

    assert_int_equal(open_at(r, "test.db", &second, &why), FAULT_IN_USE);
    assert_true(str_contains(why, STR("open in another process")));
    child = fork();
    if (!child)
        _exit(open_at(r, "test.db", &second, &why) == FAULT_IN_USE ? 0 : 1);
    assert_int_equal(waitpid(child, &status, 0), child);
    assert_true(WIFEXITED(status) && WEXITSTATUS(status) == 0);
    assert_int_equal(rig_put(r, rig_thing("t-1", "one")), FAULT_NONE);
}

/* Somebody tidies up: the database itself is still held. */
static void test_it_owns_it_without_its_lock_file_too(void **state)
{
    struct rig *r = *state;
    struct store *second;
    struct str why;

    assert_int_equal(unlink(arena_z(r->arena, path_of(r, "test.db.lock"))), 0);
    assert_int_equal(open_at(r, "test.db", &second, &why), FAULT_IN_USE);
    assert_true(str_contains(why, STR("open in another process")));
    assert_int_equal(rig_put(r, rig_thing("t-1", "one")), FAULT_NONE);
}

/* ---- what is refused, and left as it was ---- */

static void check_refused(struct rig *r, const char *word)
{
    struct str before = folder_read(r->arena, path_of(r, "test.db"));
    struct str why;
    struct store *s;

    assert_int_equal(open_at(r, "test.db", &s, &why), FAULT_CORRUPT);
    if (!str_contains(why, str_from_z(word)))
        fail_msg("\"" STR_FMT "\" does not say \"%s\"", STR_ARG(why), word);
    assert_true(str_eq(before, folder_read(r->arena, path_of(r, "test.db"))));
    assert_false(str_present(folder_read(r->arena, path_of(r, "test.db-wal"))));
}

/* What a first start leaves that died between making the file and its first page. */
static void test_an_empty_file_is_a_record_only_where_there_was_none(void **state)
{
    struct rig *r = *state;
    struct sqlite_options first = {.path = path_of(r, "new.db")};
    struct sqlite_options here = {.path = path_of(r, "test.db")};
    struct str why;

    close_store(r);
    folder_write(path_of(r, "new.db"), STR(""));
    folder_write(path_of(r, "new.db-wal"), STR("the log of a record"));
    assert_int_equal(store_sqlite_open(&first, &r->ports, r->arena, &r->store, &why),
                     FAULT_CORRUPT);
    assert_str(folder_read(r->arena, path_of(r, "new.db-wal")), "the log of a record");
    assert_int_equal(unlink(path_of(r, "new.db-wal").ptr), 0);
    assert_int_equal(store_sqlite_backup(r->arena, first.path, path_of(r, "b.db"), &why),
                     FAULT_CORRUPT);
    assert_int_equal(store_sqlite_restore(&here, first.path, &r->ports, r->arena, &why),
                     FAULT_CORRUPT);
    assert_int_equal(store_sqlite_open(&first, &r->ports, r->arena, &r->store, &why), FAULT_NONE);
}

static void test_a_newer_database_is_refused_untouched(void **state)
{
    struct rig *r = *state;

    close_store(r);
    sql(r, "test.db", "PRAGMA user_version=99");
    check_refused(r, "newer version");
}

static void test_a_foreign_database_is_refused_untouched(void **state)
{
    struct rig *r = *state;

    close_store(r);
    sql(r, "test.db", "PRAGMA application_id=7");
    check_refused(r, "another program");
    sql(r, "test.db", "PRAGMA application_id=0");
    check_refused(r, "another program");
}

static void test_another_schema_of_the_same_layout_is_refused(void **state)
{
    struct rig *r = *state;

    close_store(r);
    sql(r, "test.db", "ALTER TABLE test_things ADD COLUMN more TEXT");
    check_refused(r, "another table test-things");
}

/* By then another thread has the writer's connection, whose last error would be about anything. */
static void test_what_cannot_be_ended_is_refused_in_words_of_its_own(void **state)
{
    struct rig *r = *state;
    struct store *s;
    struct str why;

    close_store(r);
    sql(r, "test.db",
        "INSERT INTO claims (pk, sk, owner, state, generation, stage, doc) "
        "VALUES ('stage#pg-1#1', '', 'pg-1', 'HELD', 1, 'HELD', 'torn')");
    assert_int_equal(open_at(r, "test.db", &s, &why), FAULT_CORRUPT);
    assert_true(str_contains(why, STR("was left half done")));
    assert_true(str_contains(why, STR("CORRUPT")));
    assert_false(str_contains(why, STR("not an error")));
}

static void test_damage_is_refused_untouched(void **state)
{
    struct rig *r = *state;
    struct str whole;
    struct {
        size_t at;
        const char *word;
    } cases[] = {
        {0, "not a database"}, {20, "another program"}, {4096, "damaged"},
        {8192, "damaged"},     {20480, "damaged"},
    };

    for (int i = 0; i < 100; i++)
        assert_int_equal(rig_put(r, rig_thing(arena_strf(r->arena, "t-%d", i).ptr, "name")),
                         FAULT_NONE);
    close_store(r);
    whole = folder_read(r->arena, path_of(r, "test.db"));
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        char *copy = arena_alloc(r->arena, whole.len);

        memcpy(copy, whole.ptr, whole.len);
        memset(copy + cases[i].at, 0x5a, 4076);
        folder_write(path_of(r, "test.db"), (struct str){copy, whole.len});
        check_refused(r, cases[i].word);
    }
    folder_write(path_of(r, "test.db"), str_slice(whole, 0, whole.len / 2));
    check_refused(r, "damaged");
    folder_write(path_of(r, "test.db"), STR("hello"));
    check_refused(r, "not a database");
    folder_write(path_of(r, "test.db"), STR(""));
    check_refused(r, "is empty");
    folder_write(path_of(r, "test.db"), whole);
    reopen(r);
}

/* ---- the audit trail, tampered with ---- */

static void write_records(struct rig *r, int n)
{
    for (int i = 0; i < n; i++) {
        struct write_set *ws = write_set_new(r->arena);

        ws_audit(ws, arena_strf(r->arena, "{\"n\":%d}", i));
        assert_int_equal(rig_submit(r, ws), FAULT_NONE);
    }
}

struct tampering {
    const char *sql;
    const char *found; /* NULL: nothing */
};

static const struct tampering tamperings[] = {
    {"SELECT 1", NULL},
    {"UPDATE audit SET record = '{\"n\":7}' WHERE segment = 2 AND number = 3",
     "segment 2, record 3: its HMAC does not match"},
    {"UPDATE audit SET mac = zeroblob(32) WHERE segment = 1 AND number = 1",
     "segment 1, record 1: its HMAC does not match"},
    {"UPDATE audit SET mac = x'00' WHERE segment = 1 AND number = 1",
     "segment 1, record 1: its HMAC does not match"},
    {"DELETE FROM audit WHERE segment = 1 AND number = 2", "segment 1, record 2: it is missing"},
    {"DELETE FROM audit WHERE segment = 3 AND number = 4", "segment 3, record 4: it is missing"},
    {"DELETE FROM audit WHERE segment = 3 AND number = 4;"
     "UPDATE audit_segments SET count = 3 WHERE number = 3",
     "segment 3: its seal does not match"},
    {"INSERT INTO audit SELECT 3, 5, record, mac FROM audit WHERE segment = 3 AND number = 4",
     "segment 3, record 5: it lies behind the sealed end"},
    {"UPDATE audit SET number = 9 WHERE segment = 2 AND number = 1;"
     "UPDATE audit SET number = 1 WHERE segment = 2 AND number = 2;"
     "UPDATE audit SET number = 2 WHERE segment = 2 AND number = 9",
     "segment 2, record 1: its HMAC does not match"},
    {"DELETE FROM audit WHERE segment = 2; DELETE FROM audit_segments WHERE number = 2",
     "segment 2: it is missing"},
    {"DELETE FROM audit WHERE segment = 3; DELETE FROM audit_segments WHERE number = 3",
     "segment 3: it is missing"},
    {"DELETE FROM audit WHERE segment = 3; DELETE FROM audit_segments WHERE number = 3;"
     "UPDATE audit_total SET segments = 2",
     "the number of segments has been changed"},
};

static void check_tampering(struct rig *r, struct str whole, const struct tampering *t)
{
    struct audit_report report;

    folder_write(path_of(r, "test.db"), whole);
    sql(r, "test.db", t->sql);
    reopen(r);
    assert_int_equal(store_audit_verify(r->store, r->arena, &report), FAULT_NONE);
    close_store(r);
    assert_int_equal(report.ok, t->found == NULL);
    if (t->found)
        assert_str(report.first_bad, t->found);
    else
        assert_int_equal(report.records, 12);
}

static void test_verify_finds_what_was_changed_removed_or_cut_off(void **state)
{
    struct rig *r = *state;
    struct str whole;

    for (int segment = 0; segment < 3; segment++) {
        write_records(r, 4);
        reopen(r);
    }
    close_store(r);
    whole = folder_read(r->arena, path_of(r, "test.db"));
    for (size_t i = 0; i < ARRAY_LEN(tamperings); i++)
        check_tampering(r, whole, &tamperings[i]);
    reopen(r);
}

static void test_reading_crosses_segments(void **state)
{
    struct rig *r = *state;
    struct strs records;
    struct str token = {0};
    size_t n = 0;

    write_records(r, 3);
    reopen(r);
    write_records(r, 3);
    do {
        assert_int_equal(store_audit_read(r->store, r->arena, 2, token, &records, &token),
                         FAULT_NONE);
        n += records.len;
    } while (str_present(token));
    assert_int_equal(n, 6);
}

/* ---- threads ---- */

enum { THREADS = 8, ROUNDS = 100 };

struct worker {
    struct rig *rig;
    int number;
    int refused;
    pthread_t thread;
};

/* Each counts the same counter up, with the version it read, until it has succeeded ROUNDS times.
 */
static void *count_up(void *arg)
{
    struct worker *w = arg;
    struct arena *a = arena_new(0);

    for (int done = 0; done < ROUNDS;) {
        struct thing thing = {0};
        struct write_set *ws = write_set_new(a);
        enum fault f = reader_get(store_reader(w->rig->store), a, COLLECTION_GROUPS, STR("t-1"),
                                  (struct str){0}, &thing);
        size_t write = ws_update(ws, COLLECTION_GROUPS, STR("t-1"), (struct str){0});

        if (f)
            break;
        ws_add_int(ws, write, "version", 1);
        ws_add_int(ws, write, "count", 1);
        ws_if_int(ws, write, "version", thing.version, FAULT_VERSION_MISMATCH);
        store_audit_later(w->rig->store, STR("{\"read\":1}"));
        f = store_submit(w->rig->store, a, ws, NULL);
        done += f == FAULT_NONE;
        w->refused += f == FAULT_VERSION_MISMATCH;
        if (f && f != FAULT_VERSION_MISMATCH)
            break;
        arena_reset(a);
    }
    arena_free(a);
    return NULL;
}

static void test_no_update_is_lost_between_threads(void **state)
{
    struct rig *r = *state;
    struct worker workers[THREADS];
    struct audit_report report;
    struct thing out;
    int64_t reads = 0;

    assert_int_equal(rig_put(r, rig_thing("t-1", "one")), FAULT_NONE);
    for (int i = 0; i < THREADS; i++) {
        workers[i] = (struct worker){.rig = r, .number = i};
        assert_int_equal(pthread_create(&workers[i].thread, NULL, count_up, &workers[i]), 0);
    }
    for (int i = 0; i < THREADS; i++) {
        assert_int_equal(pthread_join(workers[i].thread, NULL), 0);
        reads += ROUNDS + workers[i].refused;
    }
    assert_int_equal(rig_get(r, "t-1", &out), FAULT_NONE);
    assert_int_equal(out.count, THREADS * ROUNDS);
    assert_int_equal(out.version, THREADS * ROUNDS + 1);
    assert_int_equal(store_audit_verify(r->store, r->arena, &report), FAULT_NONE);
    assert_true(report.ok);
    assert_int_equal(report.records, reads);
}

/* What the disk comes to hold by itself: seen from another connection. */
static int await_rows(struct rig *r, const char *sql, int at_least)
{
    struct clock *clock = clock_system();
    int64_t until = clock_mono_ms(clock) + 5000;
    sqlite3 *db;
    sqlite3_stmt *s;
    int n = 0;

    assert_int_equal(sqlite3_open(path_of(r, "test.db").ptr, &db), SQLITE_OK);
    assert_int_equal(sqlite3_prepare_v2(db, sql, -1, &s, NULL), SQLITE_OK);
    while (n < at_least && clock_mono_ms(clock) < until) {
        assert_int_equal(sqlite3_step(s), SQLITE_ROW);
        n = sqlite3_column_int(s, 0);
        (void)sqlite3_reset(s);
    }
    (void)sqlite3_finalize(s);
    (void)sqlite3_close(db);
    return n;
}

static void test_a_read_is_recorded_without_any_change(void **state)
{
    struct rig *r = *state;

    store_audit_later(r->store, STR("{\"read\":1}"));
    assert_int_equal(await_rows(r, "SELECT count(*) FROM audit", 1), 1);
}

/* Whole records, and numbers of those that are not there. */
struct strangers {
    int64_t recorded;
    int64_t counted;
};

static struct strangers count_strangers(struct rig *r)
{
    struct strangers out = {0};
    struct strs records;
    struct str token = {0}, why;

    do {
        assert_int_equal(store_audit_read(r->store, r->arena, 100, token, &records, &token),
                         FAULT_NONE);
        for (size_t i = 0; i < records.len; i++) {
            const struct json *v;
            int64_t lost;

            assert_int_equal(json_parse(r->arena, records.items[i], &v, &why), FAULT_NONE);
            lost = json_int(json_get_z(v, "auditRecordsLost"), 0);
            assert_int_equal(lost, json_int(json_get_z(v, "ofUnverifiedCallers"), 0));
            out.recorded += lost == 0;
            out.counted += lost;
        }
    } while (str_present(token));
    return out;
}

static void test_strangers_leave_some_records_and_the_number_of_the_others(void **state)
{
    struct rig *r = *state;
    struct strangers seen;

    for (int i = 0; i < 3000; i++)
        store_audit_stranger(r->store, STR("{\"stranger\":1}"));
    assert_true(await_rows(r, "SELECT count(*) FROM audit WHERE record LIKE '%Lost%'", 1) > 0);
    seen = count_strangers(r);
    assert_int_equal(seen.recorded + seen.counted, 3000);
    assert_int_equal(seen.recorded, STORE_STRANGERS_BURST);
}

static void test_strangers_may_leave_more_as_time_goes_by(void **state)
{
    struct rig *r = *state;

    for (int second = 0; second < 3; second++) {
        for (int i = 0; i < 2 * STORE_STRANGERS_BURST; i++)
            store_audit_stranger(r->store, STR("{\"stranger\":1}"));
        assert_int_equal(count_strangers(r).recorded,
                         STORE_STRANGERS_BURST + second * STORE_STRANGERS_PER_S);
        clock_single_advance(&r->clock, 1000);
    }
}

/* Whether it is one of those that are written or of those that are counted. */
static void test_a_stranger_is_told_of_without_any_change(void **state)
{
    struct rig *r = *state;
    struct strs last;
    struct str token;
    int rows;

    for (int i = 0; i < 3 * STORE_STRANGERS_BURST; i++)
        store_audit_stranger(r->store, STR("{\"stranger\":1}"));
    assert_int_equal(store_audit_read(r->store, r->arena, 1, (struct str){0}, &last, &token),
                     FAULT_NONE); /* all that is queued is written */
    rows = await_rows(r, "SELECT count(*) FROM audit", 1);
    store_audit_stranger(r->store, STR("{\"stranger\":1}"));
    assert_int_equal(await_rows(r, "SELECT count(*) FROM audit", rows + 1), rows + 1);
}

static void test_without_a_thread_everything_works_alike(void **state)
{
    struct rig *r = *state;
    struct sqlite_options options = {.path = path_of(r, "single.db"), .single_threaded = true};
    struct audit_report report;
    struct store *threaded = r->store;
    struct thing out;
    struct str why;

    assert_int_equal(store_sqlite_open(&options, &r->ports, r->arena, &r->store, &why), FAULT_NONE);
    for (int i = 0; i < 200; i++)
        store_audit_later(r->store, STR("{\"read\":1}"));
    assert_int_equal(rig_put(r, rig_thing("t-1", "one")), FAULT_NONE);
    assert_int_equal(rig_get(r, "t-1", &out), FAULT_NONE);
    assert_int_equal(store_audit_verify(r->store, r->arena, &report), FAULT_NONE);
    assert_true(report.ok);
    assert_int_equal(report.records, 200);
    store_close(r->store);
    r->store = threaded;
}

/* ---- backup ---- */

static void test_a_backup_is_taken_while_serving_and_can_be_opened(void **state)
{
    struct rig *r = *state;
    struct store *served = r->store;
    struct str file = path_of(r, "backup.db");
    struct thing out;
    struct str why;

    assert_int_equal(rig_put(r, rig_thing("t-1", "one")), FAULT_NONE);
    assert_int_equal(store_sqlite_backup(r->arena, path_of(r, "test.db"), file, &why), FAULT_NONE);
    assert_int_equal(folder_mode(file), 0600);
    assert_int_equal(store_sqlite_backup(r->arena, path_of(r, "test.db"), file, &why),
                     FAULT_ALREADY_EXISTS);
    assert_int_equal(rig_put(r, rig_thing("t-1", "two")), FAULT_NONE);
    if (open_at(r, "backup.db", &r->store, &why))
        fail_msg(STR_FMT, STR_ARG(why));
    assert_int_equal(rig_get(r, "t-1", &out), FAULT_NONE);
    assert_str(out.name, "one");
    store_close(r->store);
    r->store = served;
}

#define CASE(f) cmocka_unit_test_setup_teardown(f, rig_setup, rig_teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        CASE(test_what_was_put_is_there_after_a_restart),
        CASE(test_a_pool_goes_on_while_a_commit_is_awaited),
        CASE(test_the_files_are_the_owners_alone),
        CASE(test_a_damaged_item_is_named),
        CASE(test_one_store_owns_a_database),
        CASE(test_it_owns_it_without_its_lock_file_too),
        CASE(test_an_empty_file_is_a_record_only_where_there_was_none),
        CASE(test_a_newer_database_is_refused_untouched),
        CASE(test_a_foreign_database_is_refused_untouched),
        CASE(test_another_schema_of_the_same_layout_is_refused),
        CASE(test_what_cannot_be_ended_is_refused_in_words_of_its_own),
        CASE(test_damage_is_refused_untouched),
        CASE(test_verify_finds_what_was_changed_removed_or_cut_off),
        CASE(test_reading_crosses_segments),
        CASE(test_no_update_is_lost_between_threads),
        CASE(test_a_read_is_recorded_without_any_change),
        CASE(test_strangers_leave_some_records_and_the_number_of_the_others),
        CASE(test_strangers_may_leave_more_as_time_goes_by),
        CASE(test_a_stranger_is_told_of_without_any_change),
        CASE(test_without_a_thread_everything_works_alike),
        CASE(test_a_backup_is_taken_while_serving_and_can_be_opened),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
