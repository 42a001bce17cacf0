/*
 * The strict backend, for tests. It allows what DynamoDB allows and no more: an index answers late,
 * each item by its own number of commits, drawn from the seed, so that a decision that was fed by
 * an index read goes wrong here and not in a disaster.
 */
#include <pthread.h>
#include <stdlib.h>

#include "base/panic.h"
#include "store/audit_chain.h"

enum { TOKEN_LIFE = 10 * 60 * 1000 };

/* An item as one commit left it. */
struct version {
    struct version *older;
    uint64_t commit;
    bool deleted;
    struct item item;
    struct arena *arena;
};

struct table {
    struct version **rows; /* by key; each the newest version */
    size_t len;
    size_t cap;
};

struct used_token {
    struct used_token *next;
    char text[STORE_TOKEN_MAX];
    size_t len;
    int64_t at_ms;
};

struct memory {
    struct store store;
    struct source source;
    pthread_mutex_t lock;
    uint64_t seed;
    unsigned lag;
    uint64_t commits;
    uint64_t queries;
    struct table tables[COLLECTION_COUNT];
    struct used_token *tokens;
    struct audit_chain chain;
    struct arena *audit_arena;
    struct audit_record *records;
    size_t records_len;
    size_t records_cap;
};

static const struct store_ops memory_ops;

static struct memory *memory_of(struct store *s)
{
    REQUIRE(s->ops == &memory_ops);
    return (struct memory *)s;
}

static void *grown(void *items, size_t cap, size_t size)
{
    size_t bytes;
    void *p = __builtin_mul_overflow(cap, size, &bytes) ? NULL : realloc(items, bytes);

    if (!p)
        panic("out of memory: the memory store");
    return p;
}

/* ---- rows ---- */

static int key_cmp(const struct item *a, const struct item *b)
{
    int order = str_cmp(a->partition, b->partition);

    return order ? order : str_cmp(a->sort, b->sort);
}

/* The first row whose key is not before that one. */
static size_t lower_bound(const struct table *t, const struct item *key)
{
    size_t low = 0;
    size_t high = t->len;

    while (low < high) {
        size_t middle = low + (high - low) / 2;

        if (key_cmp(&t->rows[middle]->item, key) < 0)
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

static struct version **row_at(struct table *t, size_t at, const struct item *key)
{
    return at < t->len && key_cmp(&t->rows[at]->item, key) == 0 ? &t->rows[at] : NULL;
}

static void free_versions(struct version *v)
{
    while (v) {
        struct version *older = v->older;

        arena_free(v->arena);
        free(v);
        v = older;
    }
}

/* No reader can be so late any more. */
static void prune(const struct memory *m, struct version *newest)
{
    struct version *v = newest;

    while (v->older && v->commit + m->lag > m->commits)
        v = v->older;
    free_versions(v->older);
    v->older = NULL;
}

static void put_version(struct memory *m, const struct effect *e)
{
    struct table *t = &m->tables[e->collection];
    size_t at = lower_bound(t, &e->item);
    struct version **row = row_at(t, at, &e->item);
    struct version *v = grown(NULL, 1, sizeof(*v));
    struct arena *a = arena_new(0);

    *v = (struct version){.commit = m->commits,
                          .deleted = e->kind == EFFECT_DELETE,
                          .item = item_copy(a, &e->item),
                          .arena = a};
    if (!row) {
        if (t->len == t->cap) {
            t->cap = t->cap ? 2 * t->cap : 16;
            t->rows = grown(t->rows, t->cap, sizeof(struct version *));
        }
        memmove(&t->rows[at + 1], &t->rows[at], (t->len - at) * sizeof(struct version *));
        t->len++;
        row = &t->rows[at];
        *row = NULL;
    }
    v->older = *row;
    *row = v;
    prune(m, v);
}

static enum fault find_current(struct memory *m, enum collection_id collection,
                               const struct item *key, struct item *out)
{
    struct table *t = &m->tables[collection];
    struct version **row = row_at(t, lower_bound(t, key), key);

    if (!row || (*row)->deleted)
        return FAULT_NOT_FOUND;
    *out = (*row)->item;
    return FAULT_NONE;
}

static enum fault source_find(struct source *s, struct arena *a, enum collection_id collection,
                              const struct item *key, struct item *out)
{
    (void)a;
    return find_current((struct memory *)((char *)s - offsetof(struct memory, source)), collection,
                        key, out);
}

static enum fault memory_get(struct store *s, struct arena *a, enum collection_id collection,
                             const struct item *key, struct item *out)
{
    struct memory *m = memory_of(s);
    struct item item;
    enum fault f;

    (void)pthread_mutex_lock(&m->lock);
    f = find_current(m, collection, key, &item);
    if (!f)
        *out = item_copy(a, &item);
    (void)pthread_mutex_unlock(&m->lock);
    return f;
}

/* ---- scanning ---- */

static uint64_t mix(uint64_t z)
{
    z = (z ^ (z >> 30)) * UINT64_C(0xbf58476d1ce4e5b9);
    z = (z ^ (z >> 27)) * UINT64_C(0x94d049bb133111eb);
    return z ^ (z >> 31);
}

/* The row as this query sees it, or NULL. */
static const struct item *seen(const struct memory *m, const struct scan *scan, size_t row)
{
    const struct version *v = m->tables[scan->collection].rows[row];
    uint64_t late = 0;

    if (scan->index && m->lag)
        late = mix(m->seed + mix(m->queries * UINT64_C(0x9e3779b97f4a7c15) + row)) % (m->lag + 1);
    while (v && v->commit + late > m->commits)
        v = v->older;
    return v && !v->deleted ? &v->item : NULL;
}

static bool matches(const struct scan *scan, const struct item *item)
{
    struct value sort = value_text(item->sort);
    struct value partition = value_text(item->partition);

    if (scan->index) {
        sort = (struct value){0};
        if (scan->index->sort != SLOT_NONE) {
            sort = item_value(item, scan->index->sort);
            if (sort.kind == VALUE_NONE)
                return false;
        }
        if (scan->index->partition != SLOT_NONE)
            partition = item_value(item, scan->index->partition);
    }
    if ((!scan->index || scan->index->partition != SLOT_NONE) &&
        (partition.kind != VALUE_TEXT || !str_eq(partition.text, scan->partition)))
        return false;
    return !str_present(scan->prefix) ||
           (sort.kind == VALUE_TEXT && str_starts(sort.text, scan->prefix));
}

struct hit {
    const struct item *item;
    const struct scan *scan;
};

static int position_cmp(const struct scan *scan, const struct item *item, const struct position *at)
{
    int order = 0;

    if (scan->index && scan->index->sort != SLOT_NONE) {
        struct value v = item_value(item, scan->index->sort);

        order = value_cmp(&v, &at->sort);
    }
    if (!order)
        order = str_cmp(item->partition, at->partition);
    if (!order)
        order = str_cmp(item->sort, at->key_sort);
    return scan->descending ? -order : order;
}

static int hit_cmp(const void *left, const void *right)
{
    const struct hit *a = left;
    const struct hit *b = right;
    struct position at = {.partition = b->item->partition, .key_sort = b->item->sort};

    if (a->scan->index && a->scan->index->sort != SLOT_NONE)
        at.sort = item_value(b->item, a->scan->index->sort);
    return position_cmp(a->scan, a->item, &at);
}

static enum fault memory_scan(struct store *s, struct arena *a, const struct scan *scan,
                              struct scanned *out)
{
    struct memory *m = memory_of(s);
    struct scanned found = {0};
    struct hit *hits;
    size_t hits_len = 0;
    size_t bytes = 0;

    (void)pthread_mutex_lock(&m->lock);
    m->queries++;
    hits = arena_array_of(a, m->tables[scan->collection].len + 1, struct hit);
    for (size_t i = 0; i < m->tables[scan->collection].len; i++) {
        const struct item *item = seen(m, scan, i);

        if (item && matches(scan, item) &&
            !(scan->resumes && position_cmp(scan, item, &scan->after) <= 0))
            hits[hits_len++] = (struct hit){item, scan};
    }
    qsort(hits, hits_len, sizeof(*hits), hit_cmp);
    found.items = arena_array_of(a, scan->limit, struct item);
    while (found.len < hits_len && found.len < scan->limit && bytes < SCAN_BYTES_MAX) {
        bytes += item_size(hits[found.len].item);
        found.items[found.len] = item_copy(a, hits[found.len].item);
        found.len++;
    }
    found.more = found.len < hits_len;
    (void)pthread_mutex_unlock(&m->lock);
    *out = found;
    return FAULT_NONE;
}

/* ---- submitting ---- */

static bool token_used(const struct memory *m, struct str token, int64_t now_ms)
{
    for (const struct used_token *t = m->tokens; t; t = t->next)
        if (str_eq((struct str){t->text, t->len}, token) && t->at_ms + TOKEN_LIFE > now_ms)
            return true;
    return false;
}

static void remember_token(struct memory *m, struct str token, int64_t now_ms)
{
    struct used_token *t = grown(NULL, 1, sizeof(*t));

    *t = (struct used_token){.next = m->tokens, .len = token.len, .at_ms = now_ms};
    memcpy(t->text, token.ptr, token.len);
    m->tokens = t;
}

static void append_audit(struct memory *m, struct str text, int64_t now_ms)
{
    struct audit_record *r;

    if (m->records_len == m->records_cap) {
        m->records_cap = m->records_cap ? 2 * m->records_cap : 64;
        m->records = grown(m->records, m->records_cap, sizeof(*m->records));
    }
    r = &m->records[m->records_len++];
    audit_chain_append(&m->chain, arena_str(m->audit_arena, text), now_ms, r);
    audit_chain_seal(&m->chain);
}

static enum fault submit_locked(struct memory *m, struct arena *a, const struct write_set *ws,
                                struct refusal *why)
{
    int64_t now_ms = clock_wall_ms(m->store.ports.clock);
    struct decision d = {&m->source, a, now_ms, why};
    struct effects effects;
    enum fault f;

    if (str_present(ws->token) && token_used(m, ws->token, now_ms))
        return FAULT_NONE;
    f = decide(&d, ws, &effects);
    if (f)
        return f;
    m->commits++;
    for (size_t i = 0; i < effects.len; i++)
        put_version(m, &effects.items[i]);
    if (str_present(ws->token))
        remember_token(m, ws->token, now_ms);
    if (str_present(ws->audit))
        append_audit(m, ws->audit, now_ms);
    return FAULT_NONE;
}

static enum fault memory_submit(struct store *s, struct arena *a, const struct write_set *ws,
                                struct refusal *why)
{
    struct memory *m = memory_of(s);
    enum fault f;

    (void)pthread_mutex_lock(&m->lock);
    f = submit_locked(m, a, ws, why);
    (void)pthread_mutex_unlock(&m->lock);
    return f;
}

/* ---- audit ---- */

static void memory_audit_later(struct store *s, struct str record)
{
    struct memory *m = memory_of(s);

    (void)pthread_mutex_lock(&m->lock);
    append_audit(m, record, clock_wall_ms(s->ports.clock));
    (void)pthread_mutex_unlock(&m->lock);
}

static enum fault memory_audit_flush(struct store *s)
{
    (void)s;
    return FAULT_NONE;
}

/* One process, one segment: it lives and dies with the store. */
static enum fault memory_audit_segment(struct store *s, int64_t number, struct audit_segment *out)
{
    struct memory *m = memory_of(s);
    enum fault f = FAULT_NOT_FOUND;

    (void)pthread_mutex_lock(&m->lock);
    if (m->chain.open && number == m->chain.segment.number) {
        *out = m->chain.segment;
        f = FAULT_NONE;
    }
    (void)pthread_mutex_unlock(&m->lock);
    return f;
}

static enum fault memory_audit_record(struct store *s, struct arena *a, int64_t segment,
                                      int64_t number, struct audit_record *out)
{
    struct memory *m = memory_of(s);
    enum fault f = FAULT_NOT_FOUND;

    (void)pthread_mutex_lock(&m->lock);
    if (segment == m->chain.segment.number && number > 0 && (size_t)number <= m->records_len) {
        *out = m->records[number - 1];
        out->text = arena_str(a, out->text);
        f = FAULT_NONE;
    }
    (void)pthread_mutex_unlock(&m->lock);
    return f;
}

static enum fault memory_audit_count(struct store *s, int64_t *segments,
                                     unsigned char mac[AUDIT_MAC])
{
    struct memory *m = memory_of(s);

    (void)pthread_mutex_lock(&m->lock);
    *segments = m->chain.segments;
    audit_count_mac(m->chain.key, m->chain.segments, mac);
    (void)pthread_mutex_unlock(&m->lock);
    return FAULT_NONE;
}

/* ---- life ---- */

static void memory_close(struct store *s)
{
    struct memory *m = memory_of(s);

    for (int id = 0; id < COLLECTION_COUNT; id++) {
        for (size_t i = 0; i < m->tables[id].len; i++)
            free_versions(m->tables[id].rows[i]);
        free(m->tables[id].rows);
    }
    while (m->tokens) {
        struct used_token *next = m->tokens->next;

        free(m->tokens);
        m->tokens = next;
    }
    (void)pthread_mutex_destroy(&m->lock);
    arena_free(m->audit_arena);
    free(m->records);
    secret_wipe(m, sizeof(*m));
    free(m);
}

static const struct store_ops memory_ops = {
    .get = memory_get,
    .scan = memory_scan,
    .submit = memory_submit,
    .audit_later = memory_audit_later,
    .audit_stranger = memory_audit_later,
    .audit_flush = memory_audit_flush,
    .audit_segment = memory_audit_segment,
    .audit_record = memory_audit_record,
    .audit_count = memory_audit_count,
    .close = memory_close,
};

struct store *store_memory_new(const struct store_ports *ports, uint64_t seed, unsigned lag)
{
    struct memory *m = grown(NULL, 1, sizeof(*m));

    *m = (struct memory){.source = {source_find}, .seed = seed, .lag = lag};
    store_init(&m->store, &memory_ops, ports);
    for (int key = 0; key < STORE_KEYS; key++)
        REQUIRE(store_key_load(&m->store, (enum store_key)key) == FAULT_NONE);
    (void)pthread_mutex_init(&m->lock, NULL);
    m->audit_arena = arena_new(0);
    REQUIRE(audit_chain_load(&m->chain, &m->store) == FAULT_NONE);
    return &m->store;
}
