/* long file: one rig and its deaths. What must be unique or exclusive, on every backend. */
#include "tests/unit/store/rig.h"

#include <limits.h>

#include "store/store_internal.h"

enum { SERVERS = 250 };

static enum fault claim(struct rig *r, const char *key, const char *owner)
{
    struct write_set *ws = write_set_new(r->arena);

    ws_claim(ws, str_from_z(key), str_from_z(owner), arena_strf(r->arena, "label of %s", owner),
             FAULT_ALREADY_EXISTS);
    return rig_submit(r, ws);
}

static enum fault release(struct rig *r, const char *key, const char *owner)
{
    struct write_set *ws = write_set_new(r->arena);

    ws_release(ws, str_from_z(key), str_from_z(owner));
    return rig_submit(r, ws);
}

static void test_a_claim_has_one_holder_who_is_named_to_others(void **state)
{
    struct rig *r = *state;
    struct claim row;

    assert_int_equal(claim(r, "group-name#web", "pg-1"), FAULT_NONE);
    assert_int_equal(claim(r, "group-name#web", "pg-1"), FAULT_NONE);
    assert_int_equal(claim(r, "group-name#web", "pg-2"), FAULT_ALREADY_EXISTS);
    assert_str(r->why.owner, "pg-1");
    assert_str(r->why.label, "label of pg-1");
    assert_str(r->why.partition, "group-name#web");
    assert_int_equal(r->why.collection, COLLECTION_CLAIMS);
    assert_int_equal(rig_get_claim(r, "group-name#web", &row), FAULT_NONE);
    assert_str(row.state, "HELD");
}

static void test_a_release_leaves_what_is_another_ones(void **state)
{
    struct rig *r = *state;
    struct claim row;

    assert_int_equal(claim(r, "k", "a"), FAULT_NONE);
    assert_int_equal(release(r, "k", "b"), FAULT_NONE);
    assert_int_equal(rig_get_claim(r, "k", &row), FAULT_NONE);
    assert_int_equal(release(r, "k", "a"), FAULT_NONE);
    assert_int_equal(rig_get_claim(r, "k", &row), FAULT_NOT_FOUND);
    assert_int_equal(release(r, "k", "a"), FAULT_NONE);
    assert_int_equal(claim(r, "k", "b"), FAULT_NONE);
}

static void test_a_claim_is_refused_together_with_its_write_set(void **state)
{
    struct rig *r = *state;
    struct write_set *ws = write_set_new(r->arena);
    struct thing thing = rig_thing("t-1", "one");
    struct thing out;
    struct claim row;

    assert_int_equal(claim(r, "taken", "other"), FAULT_NONE);
    (void)ws_put(ws, COLLECTION_GROUPS, &thing);
    ws_claim(ws, STR("free"), STR("t-1"), STR(""), FAULT_IN_USE);
    ws_claim(ws, STR("taken"), STR("t-1"), STR(""), FAULT_SERVER_CONFLICT);
    assert_int_equal(rig_submit(r, ws), FAULT_SERVER_CONFLICT);
    assert_int_equal(r->why.write, 2);
    assert_int_equal(rig_get(r, "t-1", &out), FAULT_NOT_FOUND);
    assert_int_equal(rig_get_claim(r, "free", &row), FAULT_NOT_FOUND);
}

static void test_what_is_taken_and_given_back_at_once_is_taken(void **state)
{
    struct rig *r = *state;
    struct write_set *ws = write_set_new(r->arena);
    struct claim row;

    assert_int_equal(claim(r, "k", "a"), FAULT_NONE);
    ws_release(ws, STR("k"), STR("a"));
    ws_claim(ws, STR("k"), STR("a"), STR("x"), FAULT_IN_USE);
    ws_release(ws, STR("k"), STR("a"));
    ws_claim(ws, STR("k"), STR("a"), STR("x"), FAULT_IN_USE);
    assert_int_equal(write_set_len(ws), 1);
    assert_int_equal(rig_submit(r, ws), FAULT_NONE);
    assert_int_equal(rig_get_claim(r, "k", &row), FAULT_NONE);
}

/* ---- staged ---- */

/* The group `id` with servers first to first + SERVERS, and the claims on them. */
static struct write_set *create(struct rig *r, const char *id, int first)
{
    struct write_set *ws = write_set_new(r->arena);
    struct thing thing = rig_thing(id, id);

    ws_if_absent(ws, ws_put(ws, COLLECTION_GROUPS, &thing), FAULT_ALREADY_EXISTS);
    for (int i = first; i < first + SERVERS; i++)
        ws_claim(ws, arena_strf(r->arena, "server#%03d", i), str_from_z(id),
                 arena_strf(r->arena, "name of %s", id), FAULT_SERVER_CONFLICT);
    ws_audit(ws, STR("{\"op\":\"create\"}"));
    return ws;
}

static enum fault commit(struct rig *r, struct store *s, const struct write_set *ws)
{
    return store_commit(s, r->arena, ws, &r->why);
}

static int held_by(struct rig *r, const char *owner, int first, const char *state)
{
    int n = 0;

    for (int i = first; i < first + SERVERS; i++) {
        struct claim row;
        const char *key = arena_strf(r->arena, "server#%03d", i).ptr;

        if (rig_get_claim(r, key, &row) == FAULT_NONE && str_eq_z(row.owner, owner) &&
            (!state || str_eq_z(row.state, state)))
            n++;
    }
    return n;
}

static size_t owner_rows(struct rig *r)
{
    size_t n = 0;
    static const char *const states[] = {"HELD", "CLAIMING", "ABANDONED"};

    /* An index may be late: what no commit changes any more it knows after enough of them. */
    for (int i = 0; i < 10; i++)
        assert_int_equal(rig_put(r, rig_thing("settle", "x")), FAULT_NONE);
    for (size_t i = 0; i < ARRAY_LEN(states); i++) {
        struct query q = {.collection = COLLECTION_CLAIMS,
                          .index = "by-stage",
                          .partition = str_from_z(states[i])};
        struct page page;

        assert_int_equal(reader_query(store_reader(r->store), r->arena, &q, &page), FAULT_NONE);
        n += page.len;
    }
    return n;
}

static void test_250_claims_are_taken_as_one(void **state)
{
    struct rig *r = *state;
    struct write_set *ws;
    struct thing out;

    assert_int_equal(commit(r, r->store, create(r, "pg-1", 0)), FAULT_NONE);
    assert_int_equal(held_by(r, "pg-1", 0, "HELD"), SERVERS);
    assert_int_equal(rig_get(r, "pg-1", &out), FAULT_NONE);
    assert_int_equal(owner_rows(r), 0);
    assert_int_equal(claim(r, "server#249", "pg-2"), FAULT_ALREADY_EXISTS);

    /* Half of them go, as many others come. */
    ws = write_set_new(r->arena);
    for (int i = 0; i < SERVERS; i++) {
        struct str key = arena_strf(r->arena, "server#%03d", i);

        if (i < SERVERS / 2)
            ws_release(ws, key, STR("pg-1"));
        ws_claim(ws, arena_strf(r->arena, "server#%03d", i + SERVERS / 2), STR("pg-1"), STR("one"),
                 FAULT_SERVER_CONFLICT);
    }
    assert_int_equal(commit(r, r->store, ws), FAULT_NONE);
    assert_int_equal(held_by(r, "pg-1", SERVERS / 2, "HELD"), SERVERS);
    assert_int_equal(claim(r, "server#000", "pg-2"), FAULT_NONE);
    assert_int_equal(owner_rows(r), 0);
}

static void test_a_staged_refusal_leaves_nothing(void **state)
{
    struct rig *r = *state;
    struct write_set *ws = create(r, "pg-1", 0);
    struct thing out;

    assert_int_equal(claim(r, "server#222", "pg-2"), FAULT_NONE);
    assert_int_equal(commit(r, r->store, ws), FAULT_SERVER_CONFLICT);
    assert_int_equal(r->why.write, 223);
    assert_str(r->why.owner, "pg-2");
    assert_str(r->why.partition, "server#222");
    assert_int_equal(held_by(r, "pg-1", 0, NULL), 0);
    assert_int_equal(rig_get(r, "pg-1", &out), FAULT_NOT_FOUND);
    assert_int_equal(owner_rows(r), 0);
    /* The same when it is the last submit that refuses. */
    assert_int_equal(release(r, "server#222", "pg-2"), FAULT_NONE);
    assert_int_equal(rig_put(r, rig_thing("pg-1", "in the way")), FAULT_NONE);
    assert_int_equal(commit(r, r->store, ws), FAULT_ALREADY_EXISTS);
    assert_int_equal(r->why.write, 0);
    assert_int_equal(held_by(r, "pg-1", 0, NULL), 0);
}

/* ---- a process that dies after so many submits ---- */

struct dying {
    struct store store;
    struct store *inner;
    int left;  /* submits that pass, */
    int fails; /* and so many that fail after them; then it lives again: the disk was full */
    /* In their place, one letter a submit: '.' passes, 'x' fails, '!' is done and its answer lost.
     */
    const char *script;
};

static struct store *inner_of(struct store *s)
{
    return ((struct dying *)s)->inner;
}

static enum fault dying_get(struct store *s, struct arena *a, enum collection_id collection,
                            const struct item *key, struct item *out)
{
    return inner_of(s)->ops->get(inner_of(s), a, collection, key, out);
}

static enum fault dying_submit(struct store *s, struct arena *a, const struct write_set *ws,
                               struct refusal *why)
{
    struct dying *d = (struct dying *)s;

    if (d->script) {
        char now = *d->script ? *d->script++ : '.';
        enum fault f = now == 'x' ? FAULT_STORE_FULL : d->inner->ops->submit(d->inner, a, ws, why);

        return now == '!' ? FAULT_STORE_ERROR : f;
    }
    if (d->left-- <= 0 && d->fails-- > 0)
        return FAULT_STORE_FULL;
    return d->inner->ops->submit(d->inner, a, ws, why);
}

static const struct store_ops dying_ops = {.get = dying_get, .submit = dying_submit};

static void dying_init(struct rig *r, struct dying *d, int after, int fails)
{
    *d = (struct dying){.inner = r->store, .left = after, .fails = fails};
    store_init(&d->store, &dying_ops, &r->ports);
}

static enum fault commit_and_die(struct rig *r, const struct write_set *ws, int after)
{
    struct dying d;
    enum fault f;

    dying_init(r, &d, after, INT_MAX);
    f = commit(r, &d.store, ws);
    stages_drop(&d.store);
    return f;
}

/* Begin, three batches, the flip, three batches of settling, the end. */
enum { SUBMITS = 9, FLIP = 5 };

static void check_after_death(struct rig *r, int after)
{
    struct thing out;
    const char *id = arena_strf(r->arena, "pg-%d", after).ptr;
    const char *next = arena_strf(r->arena, "pg-next-%d", after).ptr;
    int first = SERVERS * after;
    enum fault f = commit_and_die(r, create(r, id, first), after);

    /* What was answered holds: the group is there exactly when its claims are its own for good. */
    assert_int_equal(f, after >= FLIP ? FAULT_NONE : FAULT_STORE_FULL);
    assert_int_equal(rig_get(r, id, &out), f ? FAULT_NOT_FOUND : FAULT_NONE);
    if (after > 1 && after < FLIP)
        assert_int_equal(commit(r, r->store, create(r, next, first)), FAULT_SERVER_CONFLICT);
    clock_single_advance(&r->clock, STAGE_LEASE_MS + 1);
    if (after < FLIP) {
        assert_int_equal(commit(r, r->store, create(r, next, first)), FAULT_NONE);
        assert_int_equal(held_by(r, next, first, "HELD"), SERVERS);
        return;
    }
    assert_int_equal(held_by(r, id, first, NULL), SERVERS);
    assert_int_equal(commit(r, r->store, create(r, next, first)), FAULT_SERVER_CONFLICT);
    assert_int_equal(held_by(r, id, first, NULL), SERVERS);
}

static void test_a_death_between_any_two_submits_leaves_all_or_nothing(void **state)
{
    struct rig *r = *state;

    for (int after = 0; after <= SUBMITS; after++)
        check_after_death(r, after);
}

static void test_the_next_start_ends_what_was_left(void **state)
{
    struct rig *r = *state;
    struct thing out;

    assert_int_equal(commit_and_die(r, create(r, "pg-1", 0), 3), FAULT_STORE_FULL);
    assert_int_equal(commit_and_die(r, create(r, "pg-2", 300), FLIP + 1), FAULT_NONE);
    for (int i = 0; i < 10; i++) /* no index is late */
        assert_int_equal(rig_put(r, rig_thing("settle", "x")), FAULT_NONE);
    assert_int_equal(stages_recover(r->store), FAULT_NONE);
    assert_int_equal(held_by(r, "pg-1", 0, NULL), 0);
    assert_int_equal(rig_get(r, "pg-1", &out), FAULT_NOT_FOUND);
    assert_int_equal(held_by(r, "pg-2", 300, "HELD"), SERVERS);
    assert_int_equal(rig_get(r, "pg-2", &out), FAULT_NONE);
    assert_int_equal(owner_rows(r), 0);
}

/* Slow, not dead: the lease passes, another takes a claim, and the slow one must find out. */
static void test_a_slow_owner_finds_its_stage_gone(void **state)
{
    struct rig *r = *state;
    struct write_set *ws = create(r, "pg-1", 0);
    struct query q = {
        .collection = COLLECTION_CLAIMS, .index = "by-stage", .partition = STR("CLAIMING")};
    struct page page;
    struct claim stage;
    struct write_set *flip = write_set_new(r->arena);
    size_t row;

    assert_int_equal(commit_and_die(r, ws, 4), FAULT_STORE_FULL);
    for (int i = 0; i < 10; i++)
        assert_int_equal(rig_put(r, rig_thing("settle", "x")), FAULT_NONE);
    assert_int_equal(reader_query(store_reader(r->store), r->arena, &q, &page), FAULT_NONE);
    assert_int_equal(page.len, 1);
    stage = ((struct claim *)page.items)[0];
    clock_single_advance(&r->clock, STAGE_LEASE_MS + 1);
    assert_int_equal(claim(r, "server#007", "pg-2"), FAULT_NONE);
    row = ws_update(flip, COLLECTION_CLAIMS, stage.key, (struct str){0});
    ws_set_text(flip, row, "stage", STR("HELD"));
    ws_if_text(flip, row, "stage", STR("CLAIMING"), FAULT_VERSION_MISMATCH);
    assert_int_equal(rig_submit(r, flip), FAULT_NOT_FOUND);
}

static enum fault if_free(struct rig *r, const char *key)
{
    struct write_set *ws = write_set_new(r->arena);
    struct thing thing = rig_thing("t-free", key);

    ws_if_free(ws, str_from_z(key), FAULT_ACTIVE_EXECUTION);
    (void)ws_put(ws, COLLECTION_GROUPS, &thing);
    return rig_submit(r, ws);
}

static enum fault read_claim(struct rig *r, struct store *s, const char *key)
{
    struct claim row;

    return claim_read(store_reader(s), r->arena, str_from_z(key), clock_wall_ms(&r->clock.clock),
                      &row);
}

/* One who looks, a condition, and one who takes it: all three say the same at any time. */
static void check_free(struct rig *r, const char *key, bool is_free)
{
    assert_int_equal(read_claim(r, r->store, key), is_free ? FAULT_NOT_FOUND : FAULT_NONE);
    assert_int_equal(if_free(r, key), is_free ? FAULT_NONE : FAULT_ACTIVE_EXECUTION);
}

static void test_what_is_free_to_take_is_free_for_conditions_and_readers(void **state)
{
    struct rig *r = *state;
    struct claim row;

    check_free(r, "server#000", true);
    assert_int_equal(claim(r, "server#000", "pg-1"), FAULT_NONE);
    check_free(r, "server#000", false);
    assert_str(r->why.label, "label of pg-1");
    assert_int_equal(release(r, "server#000", "pg-1"), FAULT_NONE);
    /* Being taken, by one who died: free with the lease. */
    assert_int_equal(commit_and_die(r, create(r, "pg-2", 0), 3), FAULT_STORE_FULL);
    check_free(r, "server#001", false);
    clock_single_advance(&r->clock, STAGE_LEASE_MS + 1);
    check_free(r, "server#001", true);
    assert_int_equal(claim(r, "server#001", "pg-3"), FAULT_NONE);
    /* Flipped, and never settled: it is held however long ago. */
    assert_int_equal(commit_and_die(r, create(r, "pg-4", 300), FLIP), FAULT_NONE);
    clock_single_advance(&r->clock, STAGE_LEASE_MS + 1);
    assert_int_equal(rig_get_claim(r, "server#301", &row), FAULT_NONE);
    assert_str(row.state, "CLAIMING");
    check_free(r, "server#301", false);
    assert_int_equal(claim(r, "server#301", "pg-3"), FAULT_ALREADY_EXISTS);
}

static enum fault remove_thing(struct rig *r, const char *id)
{
    struct write_set *ws = write_set_new(r->arena);

    (void)ws_delete(ws, COLLECTION_GROUPS, str_from_z(id), (struct str){0});
    return rig_submit(r, ws);
}

/* Who reckons it free has ended the stage: whoever is slow must not flip it afterwards. */
static void test_a_condition_on_a_lapsed_claim_ends_its_stage(void **state)
{
    struct rig *r = *state;

    assert_int_equal(commit_and_die(r, create(r, "pg-1", 0), 4), FAULT_STORE_FULL);
    assert_int_equal(owner_rows(r), 1);
    clock_single_advance(&r->clock, STAGE_LEASE_MS + 1);
    assert_int_equal(if_free(r, "server#007"), FAULT_NONE);
    assert_int_equal(owner_rows(r), 0);
}

static void test_a_disk_that_was_full_for_a_moment_locks_nothing(void **state)
{
    struct rig *r = *state;
    struct dying d;

    for (int after = 1; after < FLIP; after++) {
        dying_init(r, &d, after, 2); /* the stage itself, and its undoing */
        assert_int_equal(commit(r, &d.store, create(r, "pg-1", 0)), FAULT_STORE_FULL);
        assert_int_equal(read_claim(r, &d.store, "server#000"), FAULT_NOT_FOUND);
        assert_int_equal(commit(r, &d.store, create(r, "pg-2", 0)), FAULT_NONE);
        assert_int_equal(held_by(r, "pg-2", 0, "HELD"), SERVERS);
        assert_int_equal(owner_rows(r), 0);
        for (int i = 0; i < SERVERS; i++)
            assert_int_equal(release(r, arena_strf(r->arena, "server#%03d", i).ptr, "pg-2"),
                             FAULT_NONE);
        stages_drop(&d.store);
        assert_int_equal(remove_thing(r, "pg-2"), FAULT_NONE);
    }
}

/* What an execution gives back at its end is given back, full disk or not. */
static void test_what_was_given_back_on_a_full_disk_is_free(void **state)
{
    struct rig *r = *state;
    struct write_set *ws = write_set_new(r->arena);
    struct thing thing = rig_thing("pg-1", "ended");
    struct dying d;

    assert_int_equal(commit(r, r->store, create(r, "pg-1", 0)), FAULT_NONE);
    (void)ws_put(ws, COLLECTION_GROUPS, &thing);
    for (int i = 0; i < SERVERS; i++)
        ws_release(ws, arena_strf(r->arena, "server#%03d", i), STR("pg-1"));
    dying_init(r, &d, 2, 1); /* begin and flip pass, the first of the releases does not */
    assert_int_equal(commit(r, &d.store, ws), FAULT_NONE);
    assert_int_equal(held_by(r, "pg-1", 0, "HELD"), SERVERS);
    assert_int_equal(read_claim(r, &d.store, "server#000"), FAULT_NOT_FOUND);
    assert_int_equal(commit(r, &d.store, create(r, "pg-2", 0)), FAULT_NONE);
    assert_int_equal(held_by(r, "pg-2", 0, "HELD"), SERVERS);
    assert_int_equal(owner_rows(r), 0);
    stages_drop(&d.store);
}

/* Its owner row is HELD, so nothing is undone; what it gives back must not wait for a restart. */
static void test_a_flip_whose_answer_was_lost_is_settled(void **state)
{
    static const struct {
        const char *script; /* begin, the flip, its undoing, three batches, the end */
        bool settled;       /* at once, not with the next commit */
    } cases[] = {{".!", true}, {".!.x", false}, {".!x", false}, {".!!", false}, {".!..x", false}};
    struct rig *r = *state;

    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        struct write_set *ws = write_set_new(r->arena);
        struct thing thing = rig_thing("pg-1", "ended");
        struct dying d;

        assert_int_equal(commit(r, r->store, create(r, "pg-1", 0)), FAULT_NONE);
        (void)ws_put(ws, COLLECTION_GROUPS, &thing);
        for (int n = 0; n < SERVERS; n++)
            ws_release(ws, arena_strf(r->arena, "server#%03d", n), STR("pg-1"));
        dying_init(r, &d, 0, 0);
        d.script = cases[i].script;
        assert_int_equal(commit(r, &d.store, ws), FAULT_STORE_ERROR);
        assert_int_equal(rig_get(r, "pg-1", &thing), FAULT_NONE);
        assert_str(thing.name, "ended");
        if (cases[i].settled)
            assert_int_equal(held_by(r, "pg-1", 0, NULL), 0);
        assert_int_equal(commit(r, &d.store, create(r, "pg-2", 0)), FAULT_NONE);
        assert_int_equal(held_by(r, "pg-2", 0, "HELD"), SERVERS);
        assert_int_equal(owner_rows(r), 0);
        for (int n = 0; n < SERVERS; n++)
            assert_int_equal(release(r, arena_strf(r->arena, "server#%03d", n).ptr, "pg-2"),
                             FAULT_NONE);
        assert_int_equal(remove_thing(r, "pg-1"), FAULT_NONE);
        assert_int_equal(remove_thing(r, "pg-2"), FAULT_NONE);
        stages_drop(&d.store);
    }
}

/* Nor is what it has taken free because its undoing could not be written. */
static void test_what_a_flip_has_taken_is_held_whatever_was_answered(void **state)
{
    static const char *const scripts[] = {"....!", "....!x", "....!.x", "....!..x", "....!....x"};
    struct rig *r = *state;

    for (size_t i = 0; i < ARRAY_LEN(scripts); i++) {
        struct dying d;

        dying_init(r, &d, 0, 0);
        d.script = scripts[i];
        assert_int_equal(commit(r, &d.store, create(r, "pg-1", 0)), FAULT_STORE_ERROR);
        for (int n = 0; n < SERVERS; n += 49)
            assert_int_equal(read_claim(r, &d.store, arena_strf(r->arena, "server#%03d", n).ptr),
                             FAULT_NONE);
        assert_int_equal(commit(r, &d.store, create(r, "pg-2", 0)), FAULT_SERVER_CONFLICT);
        assert_int_equal(held_by(r, "pg-1", 0, "HELD"), SERVERS);
        assert_int_equal(owner_rows(r), 0);
        for (int n = 0; n < SERVERS; n++)
            assert_int_equal(release(r, arena_strf(r->arena, "server#%03d", n).ptr, "pg-1"),
                             FAULT_NONE);
        assert_int_equal(remove_thing(r, "pg-1"), FAULT_NONE);
        stages_drop(&d.store);
    }
}

/* Of an execution: of everything that its claims hold still it says how it was read. */
static struct write_set *guarded(struct rig *r, int64_t version)
{
    struct write_set *ws = create(r, "exec-1", 0);

    for (int i = 0; i < SERVERS; i++) {
        struct str id = arena_strf(r->arena, "group-%03d", i);

        ws_if_int(ws, ws_guard(ws, COLLECTION_GROUPS, id), "version",
                  i == SERVERS - 1 ? version : 1, FAULT_CONDITION_FAILED);
    }
    return ws;
}

static void test_what_claims_hold_still_is_checked_when_they_are_taken(void **state)
{
    struct rig *r = *state;
    struct write_set *few = write_set_new(r->arena);
    struct thing out;

    for (int i = 0; i < SERVERS; i++)
        assert_int_equal(rig_put(r, rig_thing(arena_strf(r->arena, "group-%03d", i).ptr, "g")),
                         FAULT_NONE);
    ws_if_int(few, ws_guard(few, COLLECTION_GROUPS, STR("group-000")), "version", 2,
              FAULT_CONDITION_FAILED);
    assert_int_equal(commit(r, r->store, few), FAULT_CONDITION_FAILED);
    assert_int_equal(commit(r, r->store, guarded(r, 2)), FAULT_CONDITION_FAILED);
    assert_str(r->why.partition, "group-249");
    assert_int_equal(r->why.write, 1 + 2 * SERVERS - 1);
    assert_int_equal(held_by(r, "exec-1", 0, NULL), 0);
    assert_int_equal(rig_get(r, "exec-1", &out), FAULT_NOT_FOUND);
    assert_int_equal(commit(r, r->store, guarded(r, 1)), FAULT_NONE);
    assert_int_equal(held_by(r, "exec-1", 0, "HELD"), SERVERS);
}

#define CASE(f) cmocka_unit_test_setup_teardown(f, rig_setup, rig_teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        CASE(test_a_claim_has_one_holder_who_is_named_to_others),
        CASE(test_a_release_leaves_what_is_another_ones),
        CASE(test_a_claim_is_refused_together_with_its_write_set),
        CASE(test_what_is_taken_and_given_back_at_once_is_taken),
        CASE(test_250_claims_are_taken_as_one),
        CASE(test_a_staged_refusal_leaves_nothing),
        CASE(test_a_death_between_any_two_submits_leaves_all_or_nothing),
        CASE(test_the_next_start_ends_what_was_left),
        CASE(test_a_slow_owner_finds_its_stage_gone),
        CASE(test_what_is_free_to_take_is_free_for_conditions_and_readers),
        CASE(test_a_condition_on_a_lapsed_claim_ends_its_stage),
        CASE(test_a_disk_that_was_full_for_a_moment_locks_nothing),
        CASE(test_what_claims_hold_still_is_checked_when_they_are_taken),
        CASE(test_what_was_given_back_on_a_full_disk_is_free),
        CASE(test_a_flip_whose_answer_was_lost_is_settled),
        CASE(test_what_a_flip_has_taken_is_held_whatever_was_answered),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
