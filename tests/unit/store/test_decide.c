#include "tests/unit/store/rig.h"

#include "store/store_internal.h"

/* The decision of a commit as a pure function: what stands there and the writes in, effects out. */

enum { NOW_MS = 1000, MINE = 7 };

static struct arena *arena;

static int make_arena(void **state)
{
    (void)state;
    arena = arena_new(0);
    return 0;
}

static int free_arena(void **state)
{
    (void)state;
    arena_free(arena);
    return 0;
}

/* Up to two rows, and what a look at each answers. */
struct shelf {
    struct source source;
    struct {
        struct item item;
        enum fault fault;
    } rows[2];
    size_t len;
};

static enum fault find(struct source *s, struct arena *a, enum collection_id collection,
                       const struct item *key, struct item *out)
{
    const struct shelf *shelf = (const struct shelf *)s;

    (void)a;
    (void)collection;
    for (size_t i = 0; i < shelf->len; i++)
        if (str_eq(shelf->rows[i].item.partition, key->partition)) {
            *out = shelf->rows[i].item;
            return shelf->rows[i].fault;
        }
    return FAULT_NOT_FOUND;
}

static void shelve(struct shelf *s, enum collection_id collection, const void *entity)
{
    assert_int_equal(item_encode(arena, layout_of(collection), entity, &s->rows[s->len++].item),
                     FAULT_NONE);
}

/* "+key" for what is put, "-key" for what is deleted, in their order. */
static struct str decided(struct shelf *s, const struct write_set *ws, struct effects *effects,
                          struct refusal *why, enum fault *fault)
{
    struct decision d = {.source = &s->source, .arena = arena, .now_ms = NOW_MS, .why = why};
    struct str text = STR("");

    s->source.find = find;
    *effects = (struct effects){0};
    *fault = decide(&d, ws, effects);
    for (size_t i = 0; i < effects->len; i++)
        text = arena_strf(arena, STR_FMT "%s%c" STR_FMT, STR_ARG(text), i ? " " : "",
                          effects->items[i].kind == EFFECT_PUT ? '+' : '-',
                          STR_ARG(effects->items[i].item.partition));
    return text;
}

/* A claim "k" as it stands; without an owner there is none. */
struct standing_row {
    const char *owner;
    const char *state;
    int64_t generation;
    int64_t lease_until;
    const char *stage; /* its owner row's word; NULL: that is gone */
    bool damaged;
    enum fault row_fault;
    enum fault stage_fault;
};

static void shelve_claim(struct shelf *s, const struct standing_row *r)
{
    struct claim claim = {.key = STR("k"),
                          .owner = str_from_z(r->owner),
                          .state = str_from_z(r->state),
                          .label = STR("label"),
                          .generation = r->generation,
                          .lease_until = r->lease_until};
    struct claim stage = {.key = stage_key(arena, claim.owner, r->generation),
                          .owner = claim.owner,
                          .stage = str_from_z(r->stage)};

    if (!r->owner)
        return;
    shelve(s, COLLECTION_CLAIMS, &claim);
    s->rows[0].fault = r->row_fault;
    if (r->damaged)
        s->rows[0].item.document = STR("{");
    if (!r->stage)
        return;
    shelve(s, COLLECTION_CLAIMS, &stage);
    s->rows[1].fault = r->stage_fault;
}

struct claim_case {
    const char *title;
    struct standing_row row;
    bool staged; /* taken as CLAIMING of generation MINE, else at once */
    const char *effects;
    enum fault fault;
};

static const struct claim_case claims[] = {
    {"what is free is taken", {0}, false, "+k", FAULT_NONE},
    {"what another one holds is refused", {"you", "HELD"}, false, "", FAULT_IN_USE},
    {"what is held already is taken again", {"me", "HELD"}, false, "+k", FAULT_NONE},
    {"what is held already stays held while it is staged", {"me", "HELD"}, true, "", FAULT_NONE},
    {"what another one is taking is refused",
     {"you", "CLAIMING", 5, NOW_MS + 1, "CLAIMING"},
     true,
     "",
     FAULT_IN_USE},
    {"until the lease is over",
     {"you", "CLAIMING", 5, NOW_MS, "CLAIMING"},
     true,
     "-stage#you#0000000000000005 +k",
     FAULT_NONE},
    {"or the one who took it has given up",
     {"you", "CLAIMING", 5, NOW_MS + 1, "ABANDONED"},
     true,
     "-stage#you#0000000000000005 +k",
     FAULT_NONE},
    {"or is gone",
     {"you", "CLAIMING", 5, NOW_MS + 1, NULL},
     false,
     "-stage#you#0000000000000005 +k",
     FAULT_NONE},
    {"but not when he has it for good",
     {"you", "CLAIMING", 5, NOW_MS - 1, "HELD"},
     false,
     "",
     FAULT_IN_USE},
    {"a batch whose answer was lost is done again",
     {"me", "CLAIMING", MINE, NOW_MS + 1, "CLAIMING"},
     true,
     "+k",
     FAULT_NONE},
    {"two stages of one owner do not mix",
     {"me", "CLAIMING", 5, NOW_MS + 1, "CLAIMING"},
     true,
     "",
     FAULT_VERSION_MISMATCH},
    {"a damaged claim is not overwritten",
     {"me", "HELD", .damaged = true},
     false,
     "",
     FAULT_CORRUPT},
    {"a claim that cannot be read is not overwritten",
     {"me", "HELD", .row_fault = FAULT_STORE_ERROR},
     false,
     "",
     FAULT_STORE_ERROR},
    {"nor one whose stage cannot be read",
     {"you", "CLAIMING", 5, 0, "CLAIMING", .stage_fault = FAULT_STORE_ERROR},
     false,
     "",
     FAULT_STORE_ERROR},
};

static void test_claims_are_taken_as_they_stand(void **state)
{
    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(claims); i++) {
        const struct claim_case *c = &claims[i];
        struct write_set *ws = write_set_new(arena);
        struct shelf shelf = {.len = 0};
        struct refusal why = {0};
        struct effects effects;
        enum fault f;

        print_message("# %s\n", c->title);
        shelve_claim(&shelf, &c->row);
        ws_claim(ws, STR("k"), STR("me"), STR("mine"), FAULT_IN_USE);
        if (c->staged) {
            ws->items[0].claim.state = str_from_z(stage_claiming);
            ws->items[0].claim.generation = MINE;
            write_encode_claim(ws, &ws->items[0]);
        }
        assert_str(decided(&shelf, ws, &effects, &why, &f), c->effects);
        assert_int_equal(f, c->fault);
        if (f == FAULT_IN_USE) {
            assert_str(why.owner, "you");
            assert_str(why.label, "label");
            assert_str(why.partition, "k");
        }
    }
}

struct soft_case {
    const char *title;
    struct standing_row row;
    enum write_kind kind;
    int64_t generation; /* of the stage that it belongs to, or none */
    const char *effects;
    enum fault fault;
};

static const struct soft_case softs[] = {
    {"what is not there is given back", {0}, WRITE_RELEASE, 0, "", FAULT_NONE},
    {"what is held is given back", {"me", "HELD"}, WRITE_RELEASE, 0, "-k", FAULT_NONE},
    {"what another one holds stays", {"you", "HELD"}, WRITE_RELEASE, 0, "", FAULT_NONE},
    {"a stage gives back what it took",
     {"me", "CLAIMING", MINE},
     WRITE_RELEASE,
     MINE,
     "-k",
     FAULT_NONE},
    {"not what another stage took", {"me", "CLAIMING", 5}, WRITE_RELEASE, MINE, "", FAULT_NONE},
    {"nor what is held for good", {"me", "HELD", MINE}, WRITE_RELEASE, MINE, "", FAULT_NONE},
    {"what a stage took is settled",
     {"me", "CLAIMING", MINE},
     WRITE_SETTLE,
     MINE,
     "+k",
     FAULT_NONE},
    {"not what another stage took", {"me", "CLAIMING", 5}, WRITE_SETTLE, MINE, "", FAULT_NONE},
    {"nor what another owner took", {"you", "CLAIMING", MINE}, WRITE_SETTLE, MINE, "", FAULT_NONE},
    {"what is settled stays", {"me", "HELD", MINE}, WRITE_SETTLE, MINE, "", FAULT_NONE},
    {"a damaged claim is not given back",
     {"me", "HELD", .damaged = true},
     WRITE_RELEASE,
     0,
     "",
     FAULT_CORRUPT},
    {"nor one that cannot be read",
     {"me", "HELD", .row_fault = FAULT_STORE_ERROR},
     WRITE_RELEASE,
     0,
     "",
     FAULT_STORE_ERROR},
};

static void test_claims_are_given_back_and_settled_by_their_owner(void **state)
{
    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(softs); i++) {
        const struct soft_case *c = &softs[i];
        struct write_set *ws = write_set_new(arena);
        struct shelf shelf = {.len = 0};
        struct effects effects;
        struct claim out = {0};
        enum fault f;

        print_message("# %s\n", c->title);
        shelve_claim(&shelf, &c->row);
        ws_release(ws, STR("k"), STR("me"));
        ws->items[0].kind = c->kind;
        ws->items[0].claim.generation = c->generation;
        assert_str(decided(&shelf, ws, &effects, NULL, &f), c->effects);
        assert_int_equal(f, c->fault);
        if (c->kind != WRITE_SETTLE || !effects.len)
            continue;
        assert_int_equal(
            item_decode(arena, layout_of(COLLECTION_CLAIMS), &effects.items[0].item, &out),
            FAULT_NONE);
        assert_str(out.state, "HELD");
        assert_str(out.label, "label");
        assert_int_equal(out.generation, 0);
        assert_int_equal(out.lease_until, 0);
    }
}

static void test_comparisons(void **state)
{
    static const struct {
        enum compare compare;
        bool less, equal, greater;
    } rows[] = {
        {COMPARE_EQ, false, true, false}, {COMPARE_LT, true, false, false},
        {COMPARE_LE, true, true, false},  {COMPARE_GT, false, false, true},
        {COMPARE_GE, false, true, true},
    };

    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(rows); i++)
        for (int64_t count = -1; count <= 1; count++) {
            struct thing thing = {.id = STR("t"), .count = count, .has_count = true};
            struct write_set *ws = write_set_new(arena);
            size_t w = ws_check(ws, COLLECTION_GROUPS, STR("t"), (struct str){0});
            struct shelf shelf = {.len = 0};
            struct effects effects;
            bool holds = count < 0 ? rows[i].less : count ? rows[i].greater : rows[i].equal;
            enum fault f;

            shelve(&shelf, COLLECTION_GROUPS, &thing);
            ws_if(ws, w,
                  (struct condition){.kind = IF_INT,
                                     .attribute = "count",
                                     .compare = rows[i].compare,
                                     .fault = FAULT_IN_USE});
            (void)decided(&shelf, ws, &effects, NULL, &f);
            assert_int_equal(f, holds ? FAULT_NONE : FAULT_IN_USE);
        }
}

static void test_a_condition_without_a_word_has_one(void **state)
{
    struct write_set *ws = write_set_new(arena);
    struct shelf shelf = {.len = 0};
    struct refusal why = {0};
    struct effects effects;
    enum fault f;

    (void)state;
    ws_if_present(ws, ws_check(ws, COLLECTION_GROUPS, STR("t"), (struct str){0}), FAULT_NONE);
    (void)decided(&shelf, ws, &effects, &why, &f);
    assert_int_equal(f, FAULT_CONDITION_FAILED);
    assert_int_equal(why.fault, FAULT_CONDITION_FAILED);
}

/* Of two writes the first is good: nothing of it may happen. */
static void test_an_update_that_makes_an_item_too_large_is_refused_with_everything(void **state)
{
    struct thing thing = {.id = STR("t"), .name = STR("n")};
    struct thing other = {.id = STR("other")};
    struct write_set *ws = write_set_new(arena);
    struct shelf shelf = {.len = 0};
    struct effects effects;
    struct refusal why = {0};
    size_t size = STORE_ITEM_MAX;
    enum fault f;
    size_t w;

    (void)state;
    shelve(&shelf, COLLECTION_GROUPS, &thing);
    (void)ws_put(ws, COLLECTION_GROUPS, &other);
    w = ws_update(ws, COLLECTION_GROUPS, STR("t"), (struct str){0});
    ws_set_text(ws, w, "name", (struct str){arena_alloc(arena, size), size});
    assert_str(decided(&shelf, ws, &effects, &why, &f), "");
    assert_int_equal(f, FAULT_TOO_LARGE);
    assert_int_equal(why.write, 1);
    shelf.rows[0].fault = FAULT_STORE_ERROR;
    assert_str(decided(&shelf, ws, &effects, &why, &f), "");
    assert_int_equal(f, FAULT_STORE_ERROR);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_claims_are_taken_as_they_stand),
        cmocka_unit_test(test_claims_are_given_back_and_settled_by_their_owner),
        cmocka_unit_test(test_comparisons),
        cmocka_unit_test(test_a_condition_without_a_word_has_one),
        cmocka_unit_test(test_an_update_that_makes_an_item_too_large_is_refused_with_everything),
    };

    return cmocka_run_group_tests(tests, make_arena, free_arena);
}
