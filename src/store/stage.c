/*
 * More claims than fit one commit. An owner row of their own generation goes CLAIMING; the claims
 * follow in batches, each naming that generation; then the conditions on what the claims hold
 * still, in batches too; one submit of everything else flips the owner row
 * to HELD, and with it all of them, visible or not at all; then they are settled (each HELD by
 * itself, the owner row gone) and what is given back is given back. Whoever dies before the flip
 * leaves claims that expire; after it, work that the next start finishes.
 */
#include "base/panic.h"
#include "store/store_internal.h"

enum { RECOVER_MAX = 100000 };

struct stage {
    struct store *store;
    struct arena *arena;
    const struct write_set *ws;
    struct refusal *why;
    struct claim row; /* the owner row */
    size_t *claims;   /* numbers of writes */
    size_t claims_len;
    size_t taken; /* of them */
};

/* One stage has one owner, that of the first claim; what others hold goes with the flip. */
static bool is_staged(const struct stage *g, const struct write *w)
{
    return (w->kind == WRITE_CLAIM || w->kind == WRITE_RELEASE) &&
           str_eq(w->claim.owner, g->row.owner);
}

static struct str first_owner(const struct write_set *ws)
{
    for (size_t i = 0; i < ws->len; i++)
        if (ws->items[i].kind == WRITE_CLAIM || ws->items[i].kind == WRITE_RELEASE)
            return ws->items[i].claim.owner;
    return STR("");
}

static void plan(struct stage *g)
{
    const struct write_set *ws = g->ws;
    struct claim *row = &g->row;

    row->owner = first_owner(ws);
    g->claims = arena_array_of(g->arena, ws->len, size_t);
    row->claims.items = arena_array_of(g->arena, ws->len, struct str);
    row->releases.items = arena_array_of(g->arena, ws->len, struct str);
    for (size_t i = 0; i < ws->len; i++) {
        const struct write *w = &ws->items[i];

        if (!is_staged(g, w))
            continue;
        if (w->kind == WRITE_CLAIM) {
            g->claims[g->claims_len++] = i;
            row->claims.items[row->claims.len++] = w->claim.key;
        } else {
            row->releases.items[row->releases.len++] = w->claim.key;
        }
    }
}

static void draw_generation(struct stage *g)
{
    uint64_t bits;

    entropy_fill(g->store->ports.entropy, &bits, sizeof(bits));
    g->row.generation = (int64_t)(bits >> 2) + 1;
    g->row.key = stage_key(g->arena, g->row.owner, g->row.generation);
    g->row.stage = str_from_z(stage_claiming);
    g->row.state = str_from_z(stage_held); /* it is nobody else's to take */
    g->row.lease_until = clock_wall_ms(g->store->ports.clock) + STAGE_LEASE_MS;
}

static enum fault begin(struct stage *g)
{
    struct write_set *ws = write_set_new(g->arena);

    ws_if_absent(ws, ws_put(ws, COLLECTION_CLAIMS, &g->row), FAULT_STORE_ERROR);
    return store_submit(g->store, g->arena, ws, NULL);
}

static enum fault take_batch(struct stage *g)
{
    struct write_set *ws = write_set_new(g->arena);
    size_t first = g->taken;
    enum fault f;

    while (ws->len < STORE_WRITES_MAX && g->taken < g->claims_len) {
        struct write *w;

        ws_copy(ws, &g->ws->items[g->claims[g->taken++]]);
        w = &ws->items[ws->len - 1];
        w->claim.owner = g->row.owner;
        w->claim.state = str_from_z(stage_claiming);
        w->claim.generation = g->row.generation;
        w->claim.lease_until = g->row.lease_until;
        write_encode_claim(ws, w);
    }
    f = store_submit(g->store, g->arena, ws, g->why);
    if (f && g->why)
        g->why->write = g->claims[first + g->why->write];
    return f;
}

/*
 * From now on nobody else can change what the claims hold still: who counts them as free, because
 * the lease has passed, ends the stage, and the flip is refused.
 */
static enum fault check_guards(struct stage *g)
{
    enum fault f = FAULT_NONE;

    for (size_t i = 0; !f && i < g->ws->len;) {
        struct write_set *ws = write_set_new(g->arena);
        size_t numbers[STORE_WRITES_MAX];

        for (; ws->len < STORE_WRITES_MAX && i < g->ws->len; i++)
            if (g->ws->items[i].guards) {
                numbers[ws->len] = i;
                ws_copy(ws, &g->ws->items[i]);
            }
        if (ws->len)
            f = store_submit(g->store, g->arena, ws, g->why);
        if (f && g->why)
            g->why->write = numbers[g->why->write];
    }
    return f;
}

/* Everything that is not a claim, and the flip. */
static enum fault flip(struct stage *g)
{
    struct write_set *ws = write_set_new(g->arena);
    size_t *numbers = arena_array_of(g->arena, g->ws->len + 1, size_t);
    size_t row;
    enum fault f;

    for (size_t i = 0; i < g->ws->len; i++)
        if (!is_staged(g, &g->ws->items[i]) && !g->ws->items[i].guards) {
            numbers[ws->len] = i;
            ws_copy(ws, &g->ws->items[i]);
        }
    ws->audit = g->ws->audit;
    ws->token = g->ws->token;
    row = ws_update(ws, COLLECTION_CLAIMS, g->row.key, (struct str){0});
    ws_set_text(ws, row, "stage", str_from_z(stage_held));
    ws_if_present(ws, row, FAULT_VERSION_MISMATCH);
    ws_if_text(ws, row, "stage", str_from_z(stage_claiming), FAULT_VERSION_MISMATCH);
    f = store_submit(g->store, g->arena, ws, g->why);
    if (f && g->why)
        g->why->write = g->why->write == row ? 0 : numbers[g->why->write];
    return f;
}

/* Writes that never refuse, for the keys of an owner row. */
struct soft {
    enum write_kind kind;
    const struct strs *keys;
    const struct claim *row;
    int64_t generation; /* 0: of any */
};

static void add_soft(struct write_set *ws, const struct soft *soft, struct str key)
{
    struct write *w = ws_add(ws, soft->kind, COLLECTION_CLAIMS);

    w->claim =
        (struct claim){.key = key, .owner = soft->row->owner, .generation = soft->generation};
    w->item = (struct item){.partition = key, .sort = STR("")};
}

/* In as many commits as it takes. */
static enum fault soft_batches(struct store *s, struct arena *a, const struct soft *soft)
{
    enum fault f = FAULT_NONE;

    for (size_t i = 0; !f && i < soft->keys->len;) {
        struct write_set *ws = write_set_new(a);

        while (ws->len < STORE_WRITES_MAX && i < soft->keys->len)
            add_soft(ws, soft, soft->keys->items[i++]);
        f = store_submit(s, a, ws, NULL);
    }
    return f;
}

static enum fault forget(struct store *s, struct arena *a, const struct claim *row)
{
    struct write_set *ws = write_set_new(a);

    (void)ws_delete(ws, COLLECTION_CLAIMS, row->key, (struct str){0});
    return store_submit(s, a, ws, NULL);
}

static enum fault settle(struct store *s, struct arena *a, const struct claim *row)
{
    enum fault f =
        soft_batches(s, a, &(struct soft){WRITE_SETTLE, &row->claims, row, row->generation});

    if (!f)
        f = soft_batches(s, a, &(struct soft){WRITE_RELEASE, &row->releases, row, 0});
    return f ? f : forget(s, a, row);
}

/*
 * A flip may have been answered with an error and have happened all the same. Its owner row says
 * so, refuses to be undone, and the stage is settled instead: *flipped, even where that fails.
 */
static enum fault undo(struct store *s, struct arena *a, const struct claim *row, bool *flipped)
{
    struct write_set *ws = write_set_new(a);
    size_t update = ws_update(ws, COLLECTION_CLAIMS, row->key, (struct str){0});
    enum fault f;

    ws_set_text(ws, update, "stage", str_from_z(stage_abandoned));
    ws_if(ws, update,
          (struct condition){
              .kind = IF_TEXT_NOT, .attribute = "stage", .text = str_from_z(stage_held)});
    f = store_submit(s, a, ws, NULL);
    if (f == FAULT_CONDITION_FAILED) {
        *flipped = true;
        return settle(s, a, row);
    }
    if (!f || f == FAULT_NOT_FOUND) /* somebody has ended it: the rest of its claims can go */
        f = soft_batches(s, a, &(struct soft){WRITE_RELEASE, &row->claims, row, row->generation});

    return f ? f : forget(s, a, row);
}

/* ---- what could not be written ---- */

/* A stage that has ended, and whose claims say otherwise. In an arena of its own. */
struct left_stage {
    struct left_stage *next;
    struct arena *arena;
    struct claim row;
    bool flipped; /* settled and given back; else: undone, unless it turns out to have flipped */
};

static struct strs copy_strs(struct arena *a, struct strs from)
{
    struct strs to = {arena_array_of(a, from.len + 1, struct str), from.len};

    for (size_t i = 0; i < from.len; i++)
        to.items[i] = arena_str(a, from.items[i]);
    return to;
}

static void leave(struct store *s, const struct claim *row, bool flipped)
{
    struct arena *a = arena_new(0);
    struct left_stage *l = arena_new_of(a, struct left_stage);

    *l = (struct left_stage){.arena = a, .flipped = flipped};
    l->row = (struct claim){
        .key = arena_str(a, row->key),
        .owner = arena_str(a, row->owner),
        .generation = row->generation,
        .claims = copy_strs(a, row->claims),
        .releases = copy_strs(a, row->releases),
    };
    (void)pthread_mutex_lock(&s->stages_lock);
    l->next = s->stages_left;
    s->stages_left = l;
    (void)pthread_mutex_unlock(&s->stages_lock);
}

static void end_left(struct store *s)
{
    (void)pthread_mutex_lock(&s->stages_lock);
    while (s->stages_left) {
        SCOPED(arena_scope_end) struct arena *a = arena_new(0);
        struct left_stage *l = s->stages_left;

        if (l->flipped ? settle(s, a, &l->row) : undo(s, a, &l->row, &l->flipped))
            break; /* it cannot be written yet */
        s->stages_left = l->next;
        arena_free(l->arena);
    }
    (void)pthread_mutex_unlock(&s->stages_lock);
}

bool stages_give_back(struct store *s, const struct claim *row, bool flipped)
{
    bool found = false;

    (void)pthread_mutex_lock(&s->stages_lock);
    for (const struct left_stage *l = s->stages_left; l && !found; l = l->next)
        found = str_eq(l->row.owner, row->owner) &&
                (l->flipped ? strs_have(l->row.releases, row->key)
                            : !flipped && l->row.generation == row->generation);
    (void)pthread_mutex_unlock(&s->stages_lock);
    return found;
}

void stages_drop(struct store *s)
{
    while (s->stages_left) {
        struct left_stage *l = s->stages_left;

        s->stages_left = l->next;
        arena_free(l->arena);
    }
}

enum fault store_commit(struct store *s, struct arena *a, const struct write_set *ws,
                        struct refusal *why)
{
    struct stage g = {.store = s, .arena = a, .ws = ws, .why = why};
    bool flipped;
    enum fault f;

    end_left(s);
    if (ws->fault || ws->len <= STORE_WRITES_MAX)
        return store_submit(s, a, ws, why);
    plan(&g);
    draw_generation(&g);
    if (why)
        *why = (struct refusal){0};
    f = begin(&g);
    if (f)
        return f;
    while (!f && g.taken < g.claims_len)
        f = take_batch(&g);
    if (!f)
        f = check_guards(&g);
    if (!f)
        f = flip(&g);
    flipped = !f;
    /* What follows cannot change the answer any more. */
    if (f ? undo(s, a, &g.row, &flipped) : settle(s, a, &g.row))
        leave(s, &g.row, flipped);
    return f;
}

static enum fault recover(struct store *s, struct arena *a, const char *stage, bool flipped)
{
    struct page page;
    enum fault f = reader_query_all(store_reader(s), a,
                                    &(struct query){.collection = COLLECTION_CLAIMS,
                                                    .index = "by-stage",
                                                    .partition = str_from_z(stage)},
                                    RECOVER_MAX, &page);

    for (size_t i = 0; !f && i < page.len; i++) {
        const struct claim *row = &((const struct claim *)page.items)[i];
        bool after_all;

        f = flipped ? settle(s, a, row) : undo(s, a, row, &after_all);
    }
    return f;
}

enum fault stages_recover(struct store *s)
{
    SCOPED(arena_scope_end) struct arena *a = arena_new(0);
    enum fault f = recover(s, a, stage_held, true);

    if (!f)
        f = recover(s, a, stage_claiming, false);
    return f ? f : recover(s, a, stage_abandoned, false);
}
