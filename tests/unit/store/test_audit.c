/* The audit trail, on every backend; what is done to it behind our back is in test_sqlite.c. */
#include "tests/unit/store/rig.h"

static void record_change(struct rig *r, int n)
{
    struct write_set *ws = write_set_new(r->arena);
    struct thing thing = rig_thing("t-1", "one");

    (void)ws_put(ws, COLLECTION_GROUPS, &thing);
    ws_audit(ws, arena_strf(r->arena, "{\"n\":%d}", n));
    assert_int_equal(rig_submit(r, ws), FAULT_NONE);
}

static struct audit_report verify(struct rig *r)
{
    struct audit_report report;

    assert_int_equal(store_audit_verify(r->store, r->arena, &report), FAULT_NONE);
    return report;
}

static void test_an_empty_trail_is_sound(void **state)
{
    struct audit_report report = verify(*state);

    assert_true(report.ok);
    assert_int_equal(report.records, 0);
    assert_int_equal(report.segments, 0);
}

static void test_records_of_changes_and_reads_are_chained(void **state)
{
    struct rig *r = *state;
    struct audit_report report;

    for (int i = 0; i < 20; i++) {
        record_change(r, i);
        store_audit_later(r->store, arena_strf(r->arena, "{\"read\":%d}", i));
    }
    report = verify(r);
    assert_true(report.ok);
    assert_int_equal(report.records, 40);
    assert_int_equal(report.segments, 1);
}

static void test_a_refused_submit_leaves_no_record(void **state)
{
    struct rig *r = *state;
    struct write_set *ws = write_set_new(r->arena);

    ws_if_present(ws, ws_check(ws, COLLECTION_GROUPS, STR("none"), (struct str){0}),
                  FAULT_NOT_FOUND);
    ws_audit(ws, STR("{}"));
    assert_int_equal(rig_submit(r, ws), FAULT_NOT_FOUND);
    assert_int_equal(verify(r).records, 0);
    ws = write_set_new(r->arena); /* the refusal itself is recorded by a submit of its own */
    ws_audit(ws, STR("{\"refused\":true}"));
    assert_int_equal(rig_submit(r, ws), FAULT_NONE);
    assert_int_equal(verify(r).records, 1);
}

static void test_reading_is_newest_first_in_pages(void **state)
{
    struct rig *r = *state;
    struct strs records;
    struct str token = {0};
    int expected = 6;

    for (int i = 0; i < 7; i++)
        record_change(r, i);
    do {
        assert_int_equal(store_audit_read(r->store, r->arena, 3, token, &records, &token),
                         FAULT_NONE);
        for (size_t i = 0; i < records.len; i++)
            assert_str(records.items[i], arena_strf(r->arena, "{\"n\":%d}", expected--).ptr);
    } while (str_present(token));
    assert_int_equal(expected, -1);
    assert_int_equal(store_audit_read(r->store, r->arena, 3, STR("bm9uc2Vuc2U"), &records, &token),
                     FAULT_INVALID_PARAMETER);
}

#define CASE(f) cmocka_unit_test_setup_teardown(f, rig_setup, rig_teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        CASE(test_an_empty_trail_is_sound),
        CASE(test_records_of_changes_and_reads_are_chained),
        CASE(test_a_refused_submit_leaves_no_record),
        CASE(test_reading_is_newest_first_in_pages),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
