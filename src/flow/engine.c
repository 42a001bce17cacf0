#include "flow/engine_internal.h"

#include <stdlib.h>

#include "base/panic.h"

struct flow_engine *flow_engine_new(const struct flow_options *options)
{
    struct flow_engine *e = calloc(1, sizeof *e);

    REQUIRE(e);
    e->options = *options;
    e->poked = true;
    e->arena = arena_new(0);
    REQUIRE(pthread_mutex_init(&e->lock, NULL) == 0);
    return e;
}

void flow_engine_free(struct flow_engine *e)
{
    if (!e)
        return;
    for (size_t i = 0; i < e->live_len; i++)
        free((void *)(uintptr_t)e->live[i].id.ptr);
    arena_free(e->arena);
    (void)pthread_mutex_destroy(&e->lock);
    free(e);
}

void flow_poke(struct flow_engine *e)
{
    (void)pthread_mutex_lock(&e->lock);
    e->poked = true;
    (void)pthread_mutex_unlock(&e->lock);
}

size_t flow_live(struct flow_engine *e)
{
    size_t len;

    (void)pthread_mutex_lock(&e->lock);
    len = e->live_len;
    (void)pthread_mutex_unlock(&e->lock);
    return len;
}

/* ---- definitions: parsed once ---- */

static const struct flow_definition *find_definition(const struct flow_engine *e, struct str hash)
{
    for (size_t i = 0; i < e->definitions_len; i++)
        if (str_eq(e->definitions[i].hash, hash))
            return &e->definitions[i];
    return NULL;
}

static enum fault load_definition(struct flow_engine *e, struct arena *a, struct str hash,
                                  struct flow_definition *out)
{
    struct flow_instance row = {0};
    struct str why;
    enum fault f = reader_get(store_reader(e->options.store), a, COLLECTION_TIMERS,
                              STR(FLOW_SHARD_DEFINITIONS), hash, &row);

    if (f)
        return f == FAULT_NOT_FOUND ? FAULT_CORRUPT : f;
    f = flow_definition_parse(a, arena_str(a, row.definition_text), out, &why);
    return f ? FAULT_CORRUPT : FAULT_NONE;
}

enum fault engine_definition(struct flow_engine *e, struct arena *a, struct str hash,
                             const struct flow_definition **out)
{
    enum fault f = FAULT_NONE;

    (void)pthread_mutex_lock(&e->lock);
    *out = find_definition(e, hash);
    if (!*out && e->definitions_len < ENGINE_DEFINITIONS_MAX) {
        struct flow_definition *d = &e->definitions[e->definitions_len];

        f = load_definition(e, e->arena, hash, d);
        if (!f) {
            e->definitions_len++;
            *out = d;
        }
    }
    (void)pthread_mutex_unlock(&e->lock);
    if (!*out && !f) {
        struct flow_definition *d = arena_new_of(a, struct flow_definition);

        f = load_definition(e, a, hash, d);
        *out = d;
    }
    return f;
}

/* ---- the table of live instances; callers hold the lock ---- */

static struct live *find_live(struct flow_engine *e, struct str id)
{
    for (size_t i = 0; i < e->live_len; i++)
        if (str_eq(e->live[i].id, id))
            return &e->live[i];
    return NULL;
}

/* Of two that wait equally long the one that this scan does not come to any more. */
static bool waits_longer(const struct live *l, const struct live *than)
{
    return l->due_mono != than->due_mono ? l->due_mono > than->due_mono : l->seen >= than->seen;
}

/*
 * A place for another one: where the table is full, that of the one which has longest to wait. The
 * next scan finds that one again, so that a thousand gates do not keep the rest from running.
 */
static struct live *take_place(struct flow_engine *e)
{
    struct live *last = NULL;

    if (e->live_len < ENGINE_LIVE_MAX)
        return &e->live[e->live_len++];
    for (size_t i = 0; i < e->live_len; i++)
        if (!e->live[i].busy && (!last || waits_longer(&e->live[i], last)))
            last = &e->live[i];
    if (!last || last->due_mono <= clock_mono_ms(e->options.clock))
        return NULL; /* all have something to do; the next scan finds it again */
    free((void *)(uintptr_t)last->id.ptr);
    return last;
}

static void add_live(struct flow_engine *e, struct str id)
{
    struct live *place = take_place(e);
    char *copy;

    if (!place)
        return;
    copy = malloc(id.len + 1);
    REQUIRE(copy);
    memcpy(copy, id.ptr, id.len);
    copy[id.len] = 0;
    *place = (struct live){.id = {copy, id.len}, .due_mono = INT64_MIN, .seen = true};
}

static void drop_unseen(struct flow_engine *e)
{
    size_t kept = 0;

    for (size_t i = 0; i < e->live_len; i++) {
        if (e->live[i].seen || e->live[i].busy)
            e->live[kept++] = e->live[i];
        else
            free((void *)(uintptr_t)e->live[i].id.ptr);
    }
    e->live_len = kept;
}

enum { SCAN_ARENA_MAX = 256 << 20 };

static void merge_page(struct flow_engine *e, const struct page *page, bool answers)
{
    const struct flow_instance *rows = page->items;

    for (size_t i = 0; i < page->len; i++) {
        struct live *l = find_live(e, rows[i].id);

        if (!l) {
            add_live(e, rows[i].id);
            continue;
        }
        l->seen = true;
        /* Somebody may have answered its token. */
        if (answers && rows[i].phase == FLOW_HOLDING && !l->busy)
            l->due_mono = INT64_MIN;
    }
}

static void forget_seen(struct flow_engine *e)
{
    (void)pthread_mutex_lock(&e->lock);
    for (size_t i = 0; i < e->live_len; i++)
        e->live[i].seen = false;
    (void)pthread_mutex_unlock(&e->lock);
}

/* Page by page: there may be more in the store than the table has room for. */
static enum fault merge_all(struct flow_engine *e, struct arena *a, bool answers)
{
    struct arena *page_arena SCOPED(arena_scope_end) = arena_new(SCAN_ARENA_MAX);
    struct query q = {.collection = COLLECTION_TIMERS, .partition = STR(FLOW_SHARD_LIVE)};
    struct page page;
    enum fault f;

    do {
        arena_reset(page_arena);
        f = reader_query(store_reader(e->options.store), page_arena, &q, &page);
        if (f)
            return f;
        (void)pthread_mutex_lock(&e->lock);
        merge_page(e, &page, answers);
        (void)pthread_mutex_unlock(&e->lock);
        q.token = arena_str(a, page.next);
    } while (str_present(q.token));
    return FAULT_NONE;
}

/* What the store holds, now and then and whenever somebody says that something is new. */
static void scan(struct flow_engine *e)
{
    struct arena *a SCOPED(arena_scope_end) = arena_new(1 << 20);
    int64_t now = clock_mono_ms(e->options.clock);
    bool answers;
    bool rescan;
    enum fault f;

    (void)pthread_mutex_lock(&e->lock);
    answers = e->poked || now >= e->scan_mono;
    rescan = e->rescan;
    e->poked = false;
    e->rescan = false;
    (void)pthread_mutex_unlock(&e->lock);
    if (!answers && !rescan)
        return;
    forget_seen(e);
    f = merge_all(e, a, answers);
    if (f) {
        engine_tell_stuck(e, (struct str){0}, f);
        return; /* the next one may do better */
    }
    (void)pthread_mutex_lock(&e->lock);
    if (answers)
        e->scan_mono = now + ENGINE_SCAN_MS;
    drop_unseen(e);
    (void)pthread_mutex_unlock(&e->lock);
}

/* The first that is due and idle, marked busy; its id is copied into `a`. */
static bool take_due(struct flow_engine *e, struct arena *a, struct str *id)
{
    int64_t now = clock_mono_ms(e->options.clock);
    bool found = false;

    (void)pthread_mutex_lock(&e->lock);
    for (size_t i = 0; i < e->live_len && !found; i++) {
        struct live *l = &e->live[i];

        if (l->busy || l->due_mono > now)
            continue;
        l->busy = true;
        *id = arena_str(a, l->id);
        found = true;
    }
    (void)pthread_mutex_unlock(&e->lock);
    return found;
}

static void give_back(struct flow_engine *e, struct str id, int64_t due)
{
    struct live *l;

    (void)pthread_mutex_lock(&e->lock);
    l = find_live(e, id);
    if (l) {
        l->busy = false;
        l->due_mono = due;
    }
    e->rescan |= due == INT64_MAX;
    (void)pthread_mutex_unlock(&e->lock);
}

static int64_t earliest(struct flow_engine *e)
{
    int64_t at = INT64_MAX;

    (void)pthread_mutex_lock(&e->lock);
    for (size_t i = 0; i < e->live_len; i++)
        if (!e->live[i].busy && e->live[i].due_mono < at)
            at = e->live[i].due_mono;
    (void)pthread_mutex_unlock(&e->lock);
    return at;
}

int64_t flow_tick(struct flow_engine *e)
{
    struct arena *a SCOPED(arena_scope_end) = arena_new(1 << 20);
    struct str id;

    for (;;) {
        scan(e);
        if (!take_due(e, a, &id))
            return earliest(e);
        give_back(e, id, engine_carry(e, id));
        arena_reset(a);
    }
}

/* ---- with a pool ---- */

struct errand {
    struct flow_engine *engine;
    struct arena *arena; /* holds itself */
    struct str id;
};

static void run_errand(void *arg)
{
    struct errand *errand = arg;

    give_back(errand->engine, errand->id, engine_carry(errand->engine, errand->id));
    arena_free(errand->arena);
}

/* Hands out what is due; false: the pool is full for now. */
static bool hand_out(struct flow_engine *e)
{
    struct arena *a = arena_new(1 << 16);
    struct errand *errand = arena_new_of(a, struct errand);

    *errand = (struct errand){.engine = e, .arena = a};
    if (!take_due(e, a, &errand->id)) {
        arena_free(a);
        return false;
    }
    if (e->options.run->ops->spawn(e->options.run, run_errand, errand))
        return true;
    give_back(e, errand->id, clock_mono_ms(e->options.clock));
    arena_free(a);
    return false;
}

enum { LOOK_BUSY_MS = 10, LOOK_IDLE_MS = 100 };

static void look(void *arg)
{
    struct flow_engine *e = arg;
    int64_t pause = 0;

    while (e->options.run->ops->wait_ms(e->options.run, pause)) {
        int64_t now;
        int64_t at;

        scan(e);
        while (hand_out(e))
            ;
        now = clock_mono_ms(e->options.clock);
        at = earliest(e);
        pause = flow_live(e) ? LOOK_BUSY_MS : LOOK_IDLE_MS;
        if (at > now && at - now < pause)
            pause = at - now;
    }
}

bool flow_engine_start(struct flow_engine *e)
{
    return e->options.run->ops->spawn(e->options.run, look, e);
}
