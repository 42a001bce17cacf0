/* A database and its keys belong together: what is lost or somebody else's is found out. */
#include "tests/unit/store/rig.h"

#include <sqlite3.h>
#include <unistd.h>

#include "tests/unit/store/folder.h"

enum { LOST = 0, DAMAGED = 255 };

/* Keys in memory: a byte for each; a new one is another. */
struct ring {
    struct secrets secrets;
    unsigned char page, audit, next;
    int made;
};

static struct ring ring;

static unsigned char *slot(struct str name)
{
    return str_eq(name, STR("audit-hmac")) ? &ring.audit : &ring.page;
}

static enum fault ring_key(struct secrets *s, struct str name, unsigned char out[32])
{
    (void)s;
    memset(out, *slot(name), 32);
    switch (*slot(name)) {
    case LOST:
        return FAULT_NOT_FOUND;
    case DAMAGED:
        return FAULT_CORRUPT;
    default:
        return FAULT_NONE;
    }
}

static enum fault ring_make(struct secrets *s, struct str name, unsigned char out[32])
{
    ring.made++;
    *slot(name) = ring.next++;
    return ring_key(s, name, out);
}

static const struct secrets_ops ring_ops = {ring_key, ring_make};

const bool backend_is_durable = true;

static struct sqlite_options options_of(struct rig *r, const char *name)
{
    return (struct sqlite_options){.path =
                                       arena_strf(r->arena, STR_FMT "/%s", STR_ARG(r->dir), name)};
}

void backend_open(struct rig *r)
{
    ring = (struct ring){.secrets = {&ring_ops}, .next = 1};
    r->ports.secrets = &ring.secrets;
    r->dir = folder_new(r->arena);
}

void backend_close(struct rig *r)
{
    folder_remove(r->arena, r->dir);
}

static void open_live(struct rig *r, bool new_keys)
{
    struct sqlite_options o = options_of(r, "live.db");
    struct str why;

    o.new_keys = new_keys;
    if (store_sqlite_open(&o, &r->ports, r->arena, &r->store, &why))
        fail_msg(STR_FMT, STR_ARG(why));
}

static void record(struct rig *r, int n)
{
    for (int i = 0; i < n; i++) {
        struct write_set *ws = write_set_new(r->arena);

        ws_audit(ws, arena_strf(r->arena, "{\"n\":%d}", i));
        assert_int_equal(rig_submit(r, ws), FAULT_NONE);
    }
}

/* Two segments of three records. */
static void make_record(struct rig *r)
{
    for (int i = 0; i < 2; i++) {
        open_live(r, false);
        record(r, 3);
        store_close(r->store);
    }
}

static struct audit_report verify(struct rig *r)
{
    struct audit_report report;

    assert_int_equal(store_audit_verify(r->store, r->arena, &report), FAULT_NONE);
    return report;
}

/* Refused by opening and by looking, in the same words, and no key is made. */
static void assert_refused(struct rig *r, enum fault expected, const char *word)
{
    struct sqlite_options o = options_of(r, "live.db");
    struct str before = folder_read(r->arena, o.path);
    struct str why;
    struct str looked;
    int made = ring.made;

    assert_int_equal(store_sqlite_open(&o, &r->ports, r->arena, &r->store, &why), expected);
    assert_int_equal(store_sqlite_check_keys(r->arena, o.path, &r->ports, &looked), expected);
    assert_str(looked, arena_z(r->arena, why));
    assert_non_null(strstr(arena_z(r->arena, why), word));
    assert_non_null(strstr(arena_z(r->arena, why), "drwave new-keys"));
    assert_int_equal(ring.made, made);
    assert_true(str_eq(folder_read(r->arena, o.path), before));
}

static void test_keys_are_made_with_the_database_and_then_kept(void **state)
{
    struct rig *r = *state;
    struct str why;

    make_record(r);
    assert_int_equal(ring.made, 2);
    assert_int_equal(
        store_sqlite_check_keys(r->arena, options_of(r, "live.db").path, &r->ports, &why),
        FAULT_NONE);
}

static void test_a_lost_key_is_named_and_nothing_is_touched(void **state)
{
    struct rig *r = *state;

    make_record(r);
    ring.page = 0;
    assert_refused(r, FAULT_NOT_FOUND, "'page-token'");
    ring.page = 9;
    ring.audit = 0;
    assert_refused(r, FAULT_NOT_FOUND, "'audit-hmac'");
}

static void test_a_damaged_key_is_named_and_can_be_replaced(void **state)
{
    struct rig *r = *state;

    make_record(r);
    ring.audit = DAMAGED;
    assert_refused(r, FAULT_CORRUPT, "'audit-hmac' is damaged");
    open_live(r, true);
    assert_int_equal(ring.made, 4);
    assert_true(verify(r).ok);
    assert_int_equal(verify(r).unproven_segments, 2);
    store_close(r->store);
}

static void test_the_keys_of_another_database_are_refused(void **state)
{
    struct rig *r = *state;
    unsigned char own;

    make_record(r);
    own = ring.audit;
    ring.audit = 77;
    assert_refused(r, FAULT_CORRUPT, "was not written with the keys");
    ring.audit = own;
    open_live(r, false);
    assert_true(verify(r).ok);
    store_close(r->store);
}

/* The first record of the new chain tells; the old ones are counted apart, and still read. */
static void test_with_new_keys_the_old_audit_is_unproven_and_the_new_one_sound(void **state)
{
    struct rig *r = *state;
    struct audit_report report;
    struct strs records;
    struct str next;

    make_record(r);
    ring.audit = 0;
    open_live(r, true);
    record(r, 2);
    store_close(r->store);
    open_live(r, false);
    record(r, 1);
    report = verify(r);
    assert_true(report.ok);
    assert_int_equal(report.unproven_segments, 2);
    assert_int_equal(report.unproven_records, 6);
    assert_int_equal(report.segments, 2);
    assert_int_equal(report.records, 4);
    assert_int_equal(store_audit_read(r->store, r->arena, 100, (struct str){0}, &records, &next),
                     FAULT_NONE);
    assert_int_equal(records.len, 10);
    assert_str(records.items[3],
               "{\"event\":\"new-keys\",\"at\":1700000000000,\"unprovenSegments\":2}");
    store_close(r->store);
}

/* Twice: what is unproven grows, and keys that came back too late are refused. */
static void test_the_old_keys_are_of_no_use_once_there_are_new_ones(void **state)
{
    struct rig *r = *state;
    unsigned char own;

    make_record(r);
    own = ring.audit;
    ring.audit = 99;
    open_live(r, true);
    assert_int_not_equal(ring.audit, 99);
    store_close(r->store);
    ring.audit = own;
    assert_refused(r, FAULT_CORRUPT, "was not written with the keys");
    open_live(r, true);
    assert_int_equal(verify(r).unproven_segments, 3);
    assert_int_equal(verify(r).segments, 1);
    store_close(r->store);
}

/* Page tokens are short-lived: the audit's own key is there, and its chain goes on. */
static void test_a_lost_page_key_costs_no_proof(void **state)
{
    struct rig *r = *state;

    make_record(r);
    ring.page = 0;
    open_live(r, true);
    assert_true(verify(r).ok);
    assert_int_equal(verify(r).unproven_segments, 0);
    assert_int_equal(verify(r).records, 7);
    store_close(r->store);
}

static void test_the_word_for_new_keys_changes_nothing_where_the_old_ones_fit(void **state)
{
    struct rig *r = *state;

    make_record(r);
    open_live(r, true);
    assert_int_equal(ring.made, 2);
    assert_int_equal(verify(r).records, 6);
    store_close(r->store);
}

static void tamper(struct rig *r, const char *sql)
{
    sqlite3 *db;

    assert_int_equal(sqlite3_open(options_of(r, "live.db").path.ptr, &db), SQLITE_OK);
    assert_int_equal(sqlite3_exec(db, sql, NULL, NULL, NULL), SQLITE_OK);
    assert_int_equal(sqlite3_close(db), SQLITE_OK);
}

/* The new chain holds the head of the old one, and an old one cannot be declared by others. */
static void test_nobody_else_can_begin_a_chain_or_change_where_the_old_one_ended(void **state)
{
    static const struct {
        const char *sql, *first_bad;
    } rows[] = {
        {"UPDATE audit_segments SET head = zeroblob(32) WHERE number = 2",
         "segment 3: it does not continue the segment before"},
        {"DELETE FROM audit_segments WHERE number = 1", "segment 1: it is missing"},
        {"UPDATE audit SET mac = zeroblob(32) WHERE segment = 3 AND number = 1",
         "segment 1: its seal does not match"},
    };
    struct rig *r = *state;

    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        make_record(r);
        ring.audit = 0;
        open_live(r, true);
        store_close(r->store);
        tamper(r, rows[i].sql);
        open_live(r, false);
        assert_str(verify(r).first_bad, rows[i].first_bad);
        store_close(r->store);
        backend_close(r);
        backend_open(r);
    }
}

static enum fault restore(struct rig *r, bool new_keys, struct str *why)
{
    struct sqlite_options o = options_of(r, "other.db");

    o.new_keys = new_keys;
    return store_sqlite_restore(&o, options_of(r, "backup.db").path, &r->ports, r->arena, why);
}

static void test_a_backup_without_its_keys_is_restored_on_word_alone(void **state)
{
    struct rig *r = *state;
    struct sqlite_options other = options_of(r, "other.db");
    struct audit_report report;
    struct str why;

    make_record(r);
    assert_int_equal(store_sqlite_backup(r->arena, options_of(r, "live.db").path,
                                         options_of(r, "backup.db").path, &why),
                     FAULT_NONE);
    ring.audit = 50;
    assert_int_equal(restore(r, false, &why), FAULT_CORRUPT);
    assert_non_null(strstr(arena_z(r->arena, why), "backup.db"));
    assert_int_not_equal(access(other.path.ptr, F_OK), 0);
    ring.audit = 0;
    assert_int_equal(restore(r, false, &why), FAULT_NOT_FOUND);
    assert_int_equal(ring.made, 2);
    assert_int_equal(restore(r, true, &why), FAULT_NONE);
    assert_int_equal(store_sqlite_open(&other, &r->ports, r->arena, &r->store, &why), FAULT_NONE);
    report = verify(r);
    assert_true(report.ok);
    assert_int_equal(report.unproven_segments, 2);
    assert_int_equal(report.records, 2); /* new keys, restored */
    store_close(r->store);
}

#define CASE(f) cmocka_unit_test_setup_teardown(f, rig_setup, rig_teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        CASE(test_keys_are_made_with_the_database_and_then_kept),
        CASE(test_a_lost_key_is_named_and_nothing_is_touched),
        CASE(test_a_damaged_key_is_named_and_can_be_replaced),
        CASE(test_the_keys_of_another_database_are_refused),
        CASE(test_with_new_keys_the_old_audit_is_unproven_and_the_new_one_sound),
        CASE(test_the_old_keys_are_of_no_use_once_there_are_new_ones),
        CASE(test_a_lost_page_key_costs_no_proof),
        CASE(test_the_word_for_new_keys_changes_nothing_where_the_old_ones_fit),
        CASE(test_nobody_else_can_begin_a_chain_or_change_where_the_old_one_ended),
        CASE(test_a_backup_without_its_keys_is_restored_on_word_alone),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
