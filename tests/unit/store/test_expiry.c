/* Client tokens are forgotten after their day, on the product's own collection table. */
#include "tests/unit/store/rig.h"

#include "model/token.h"

enum { MANY = 500, SWEEP_EVERY = 64, SWEPT_AT_MOST = 100 };

static void keep(struct rig *r, int from, int n)
{
    for (int i = from; i < from + n; i++) {
        struct write_set *ws = write_set_new(r->arena);
        struct token t = {
            .key = arena_strf(r->arena, "me#create#%04d", i),
            .expires_at = clock_wall_ms(&r->clock.clock) + TOKEN_LIFE_MS,
            .status = 201,
            .body = STR("{}"),
        };

        (void)ws_put(ws, COLLECTION_TOKENS, &t);
        assert_int_equal(rig_submit(r, ws), FAULT_NONE);
    }
}

static size_t kept(struct rig *r)
{
    struct query q = {.collection = COLLECTION_TOKENS, .index = "by-expiry"};
    struct page page;

    assert_int_equal(reader_query_all(store_reader(r->store), r->arena, &q, 10000, &page),
                     FAULT_NONE);
    return page.len;
}

static void test_tokens_of_yesterday_go_as_new_ones_come(void **state)
{
    struct rig *r = *state;
    size_t before = MANY;

    keep(r, 0, MANY);
    assert_int_equal(kept(r), MANY);
    clock_single_advance(&r->clock, TOKEN_LIFE_MS - 1);
    keep(r, MANY, SWEEP_EVERY);
    assert_int_equal(kept(r), MANY + SWEEP_EVERY); /* not a moment too early */
    clock_single_advance(&r->clock, 1);
    for (int i = 1; i <= 6; i++) {
        size_t now;

        keep(r, MANY + i * SWEEP_EVERY, SWEEP_EVERY);
        now = kept(r);
        assert_true(now + SWEPT_AT_MOST >= before); /* nobody waits for all of them at once */
        before = now;
    }
    assert_int_equal(kept(r), 7 * SWEEP_EVERY);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_tokens_of_yesterday_go_as_new_ones_come, rig_setup,
                                        rig_teardown),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
