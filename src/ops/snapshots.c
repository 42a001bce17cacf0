#include "ops/snapshots.h"

#include <pthread.h>
#include <stdlib.h>

#include "base/panic.h"

/* One describe's result; shared by whoever holds a reference. */
struct snapshot {
    struct arena *arena;
    struct drs_source_server *servers;
    size_t len;
    int64_t began_mono_ms;
    size_t holders; /* under the lock */
};

struct place {
    struct arena *arena;  /* of the key */
    struct arena *errors; /* of the last error */
    struct str account_id;
    struct str region;
    struct snapshot *current; /* NULL: none yet */
    bool busy;
    uint64_t started; /* describes begun */
    uint64_t ended;
    enum fault fault; /* of the last one that ended */
    struct aws_error error;
    size_t waiting;
    int64_t asked_mono_ms;
};

struct snapshots {
    struct clock *clock;
    pthread_mutex_t lock;
    pthread_cond_t ended;
    struct place places[SNAPSHOTS_MAX];
};

struct snapshots *snapshots_new(struct clock *clock)
{
    struct snapshots *s = calloc(1, sizeof(*s));

    if (!s)
        panic("out of memory");
    s->clock = clock;
    REQUIRE(pthread_mutex_init(&s->lock, NULL) == 0);
    REQUIRE(pthread_cond_init(&s->ended, NULL) == 0);
    return s;
}

/* ---- holding ---- */

/* Under the lock. */
static void let_go(struct snapshot *snapshot)
{
    if (snapshot && --snapshot->holders == 0) {
        arena_free(snapshot->arena); /* holds the struct, too */
    }
}

struct hold {
    struct snapshots *all;
    struct snapshot *snapshot;
};

static void hold_end(void *arg)
{
    struct hold *h = arg;

    (void)pthread_mutex_lock(&h->all->lock);
    let_go(h->snapshot);
    (void)pthread_mutex_unlock(&h->all->lock);
}

/* Under the lock: the caller's arena keeps it alive from now on. */
static void hand_out(struct snapshots *s, struct snapshot *snapshot, struct arena *a,
                     struct server_snapshot *out)
{
    struct hold *h = arena_new_of(a, struct hold);

    *h = (struct hold){s, snapshot};
    snapshot->holders++;
    arena_defer(a, hold_end, h);
    out->servers = snapshot->servers;
    out->len = snapshot->len;
    out->age_ms = clock_mono_ms(s->clock) - snapshot->began_mono_ms;
}

static void place_clear(struct place *p)
{
    let_go(p->current);
    arena_free(p->errors);
    arena_free(p->arena);
    *p = (struct place){0};
}

void snapshots_free(struct snapshots *s)
{
    if (!s)
        return;
    for (size_t i = 0; i < SNAPSHOTS_MAX; i++)
        place_clear(&s->places[i]);
    (void)pthread_cond_destroy(&s->ended);
    (void)pthread_mutex_destroy(&s->lock);
    free(s);
}

/* ---- places ---- */

static bool is_place(const struct place *p, struct str account_id, struct str region)
{
    return p->arena && str_eq(p->account_id, account_id) && str_eq(p->region, region);
}

/* An unused slot, else the one that was asked for longest ago; NULL when all are in use. */
static struct place *victim(struct snapshots *s)
{
    struct place *oldest = NULL;

    for (size_t i = 0; i < SNAPSHOTS_MAX; i++) {
        struct place *p = &s->places[i];

        if (!p->arena)
            return p;
        if (!p->busy && !p->waiting && (!oldest || p->asked_mono_ms < oldest->asked_mono_ms))
            oldest = p;
    }
    return oldest;
}

static struct place *find_place(struct snapshots *s, const struct snapshot_place *wanted)
{
    struct place *p;

    for (size_t i = 0; i < SNAPSHOTS_MAX; i++)
        if (is_place(&s->places[i], wanted->account_id, wanted->target.region))
            return &s->places[i];
    p = victim(s);
    if (!p)
        return NULL;
    place_clear(p);
    p->arena = arena_new(0);
    p->errors = arena_new(0);
    p->account_id = arena_str(p->arena, wanted->account_id);
    p->region = arena_str(p->arena, wanted->target.region);
    return p;
}

/* ---- describing ---- */

static int by_id(const void *a, const void *b)
{
    const struct drs_source_server *left = a;
    const struct drs_source_server *right = b;

    return str_cmp(left->id, right->id);
}

/* What is kept is copied out of the arena of the call, which also holds every page of the answer.
 */
static struct snapshot *keep(const struct drs_source_servers *found)
{
    struct arena *arena = arena_new(0);
    struct snapshot *snapshot = arena_new_of(arena, struct snapshot);

    snapshot->arena = arena;
    snapshot->len = found->len;
    snapshot->servers = arena_array_of(arena, found->len, struct drs_source_server);
    for (size_t i = 0; i < found->len; i++)
        field_copy(arena, drs_source_server_fields, &found->items[i], &snapshot->servers[i]);
    if (found->len)
        qsort(snapshot->servers, snapshot->len, sizeof(*snapshot->servers), by_id);
    return snapshot;
}

static struct aws_error error_copy(struct arena *a, const struct aws_error *e)
{
    struct aws_error copy = *e;

    copy.code = arena_str(a, e->code);
    copy.message = arena_str(a, e->message);
    copy.request_id = arena_str(a, e->request_id);
    return copy;
}

/* Called with the lock held, which is given up meanwhile. */
static void describe(struct snapshots *s, struct place *p, struct aws_reader *aws,
                     const struct aws_target *target, int64_t deadline_ms)
{
    struct drs_server_filter every = {0};
    struct drs_source_servers found = {0};
    struct aws_at at = {.target = *target, .deadline_ms = deadline_ms};
    struct snapshot *result = NULL;
    uint64_t number = ++p->started;
    int64_t began = clock_mono_ms(s->clock);
    enum fault f;

    p->busy = true;
    (void)pthread_mutex_unlock(&s->lock);
    at.arena = arena_new(0);
    f = drs_describe_source_servers(aws, &at, &every, &found);
    if (!f)
        result = keep(&found);
    (void)pthread_mutex_lock(&s->lock);
    p->busy = false;
    p->ended = number;
    p->fault = f;
    if (f) {
        arena_reset(p->errors);
        p->error = error_copy(p->errors, &at.error);
    } else {
        result->began_mono_ms = began;
        result->holders = 1;
        let_go(p->current);
        p->current = result;
    }
    arena_free(at.arena);
    (void)pthread_cond_broadcast(&s->ended);
}

static bool young(const struct snapshots *s, const struct place *p)
{
    return p->current && clock_mono_ms(s->clock) - p->current->began_mono_ms <= SNAPSHOT_AGE_MAX_MS;
}

struct question {
    struct aws_reader *aws;
    const struct snapshot_place *place;
    int64_t deadline_ms;
};

/*
 * Under the lock: until describe number `wanted` has ended, by us or by somebody else. Whoever
 * wants a fresh one waits for a describe that began after he asked.
 */
static void await(struct snapshots *s, struct place *p, uint64_t wanted, const struct question *q)
{
    p->waiting++;
    while (p->ended < wanted) {
        if (p->busy)
            (void)pthread_cond_wait(&s->ended, &s->lock);
        else
            describe(s, p, q->aws, &q->place->target, q->deadline_ms);
    }
    p->waiting--;
}

static enum fault refuse_busy(struct aws_at *at, struct str why)
{
    at->error = (struct aws_error){.code = STR("Busy"), .message = why, .retryable = true};
    return FAULT_AWS_TRANSIENT;
}

/* long: six parameters; what is asked, of whom, by whom, and where the answer goes. */
enum fault snapshots_servers(struct snapshots *s, struct aws_reader *aws,
                             const struct snapshot_place *place, bool fresh, struct aws_at *at,
                             struct server_snapshot *out)
{
    enum fault f = FAULT_NONE;
    struct place *p;

    (void)pthread_mutex_lock(&s->lock);
    p = find_place(s, place);
    if (!p) {
        (void)pthread_mutex_unlock(&s->lock);
        return refuse_busy(at, STR("Too many accounts and regions are being described at once"));
    }
    p->asked_mono_ms = clock_mono_ms(s->clock);
    if (fresh || !young(s, p)) {
        uint64_t wanted = p->busy && !fresh ? p->started : p->started + 1;

        if (!waiting_begin()) {
            (void)pthread_mutex_unlock(&s->lock);
            return refuse_busy(at, STR("Too many requests are waiting for AWS"));
        }
        await(s, p, wanted, &(struct question){aws, place, at->deadline_ms});
        waiting_end();
        f = p->fault;
    }
    if (f)
        at->error = error_copy(at->arena, &p->error);
    else
        hand_out(s, p->current, at->arena, out);
    (void)pthread_mutex_unlock(&s->lock);
    return f;
}
