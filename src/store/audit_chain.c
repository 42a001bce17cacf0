#include "store/audit_chain.h"

/* Numbers go into a MAC as 8 bytes, so that no two inputs read alike. */
static void add_number(struct buf *b, int64_t n)
{
    for (int shift = 56; shift >= 0; shift -= 8)
        buf_add_char(b, (char)(unsigned char)((uint64_t)n >> shift));
}

static void add_bytes(struct buf *b, const unsigned char bytes[AUDIT_MAC])
{
    buf_add(b, (struct str){(const char *)bytes, AUDIT_MAC});
}

static bool same_mac(const unsigned char a[AUDIT_MAC], const unsigned char b[AUDIT_MAC])
{
    return secret_eq((struct str){(const char *)a, AUDIT_MAC},
                     (struct str){(const char *)b, AUDIT_MAC});
}

static void finish(struct buf *b, struct str key, unsigned char out[AUDIT_MAC])
{
    struct sha256 mac = hmac_sha256(key, buf_str(b));

    memcpy(out, mac.bytes, AUDIT_MAC);
}

enum { MAC_INPUT_MAX = STORE_ITEM_MAX + 256 };

static void record_mac(struct str key, const struct audit_record *r,
                       const unsigned char before[AUDIT_MAC], unsigned char out[AUDIT_MAC])
{
    SCOPED(arena_scope_end) struct arena *a = arena_new(0);
    struct buf b = buf_new(a, MAC_INPUT_MAX);

    (void)buf_reserve(&b, r->text.len + 64);
    buf_add(&b, STR("record"));
    add_number(&b, r->segment);
    add_number(&b, r->number);
    add_bytes(&b, before);
    buf_add(&b, r->text);
    finish(&b, key, out);
}

/*
 * What the first record is chained to: the end of the segment before. Where the key of that one is
 * lost (`anew`) the chain itself says so, and only who has the new key can have made it say so.
 */
static void opening_mac(struct str key, const struct audit_segment *s, bool anew,
                        unsigned char out[AUDIT_MAC])
{
    SCOPED(arena_scope_end) struct arena *a = arena_new(0);
    struct buf b = buf_new(a, MAC_INPUT_MAX);

    buf_add(&b, anew ? STR("anew") : STR("open"));
    add_number(&b, s->number);
    add_number(&b, s->opened_at);
    add_bytes(&b, s->previous);
    finish(&b, key, out);
}

static void seal_mac(struct str key, const struct audit_segment *s, unsigned char out[AUDIT_MAC])
{
    SCOPED(arena_scope_end) struct arena *a = arena_new(0);
    struct buf b = buf_new(a, MAC_INPUT_MAX);

    buf_add(&b, STR("seal"));
    add_number(&b, s->number);
    add_number(&b, s->opened_at);
    add_number(&b, s->count);
    add_number(&b, s->closed);
    add_bytes(&b, s->previous);
    add_bytes(&b, s->head);
    finish(&b, key, out);
}

bool audit_sealed_with(struct str key, const struct audit_segment *s)
{
    unsigned char seal[AUDIT_MAC];

    seal_mac(key, s, seal);
    return same_mac(seal, s->seal);
}

void audit_count_mac(struct str key, int64_t segments, unsigned char out[AUDIT_MAC])
{
    SCOPED(arena_scope_end) struct arena *a = arena_new(0);
    struct buf b = buf_new(a, MAC_INPUT_MAX);

    buf_add(&b, STR("segments"));
    add_number(&b, segments);
    finish(&b, key, out);
}

enum fault audit_chain_load(struct audit_chain *c, struct store *s)
{
    unsigned char mac[AUDIT_MAC];
    enum fault f;

    *c = (struct audit_chain){.key = store_key(s, KEY_AUDIT), .anew = s->audit_anew};
    f = s->ops->audit_count(s, &c->segments, mac);
    if (f || !c->segments)
        return f;
    f = s->ops->audit_segment(s, c->segments, &c->segment);
    /* A segment that somebody removed is for verify to tell; serving goes on. */
    return f == FAULT_NOT_FOUND ? FAULT_NONE : f;
}

static void open_segment(struct audit_chain *c, int64_t now_ms)
{
    struct audit_segment next = {.number = ++c->segments, .opened_at = now_ms};

    memcpy(next.previous, c->segment.head, AUDIT_MAC);
    opening_mac(c->key, &next, c->anew, next.head);
    c->segment = next;
    c->open = true;
    c->anew = false;
}

void audit_chain_append(struct audit_chain *c, struct str text, int64_t now_ms,
                        struct audit_record *out)
{
    if (!c->open)
        open_segment(c, now_ms);
    *out = (struct audit_record){
        .segment = c->segment.number, .number = ++c->segment.count, .text = text};
    record_mac(c->key, out, c->segment.head, out->mac);
    memcpy(c->segment.head, out->mac, AUDIT_MAC);
}

void audit_chain_close(struct audit_chain *c)
{
    c->segment.closed = true;
}

void audit_chain_seal(struct audit_chain *c)
{
    seal_mac(c->key, &c->segment, c->segment.seal);
}

/* ---- verify ---- */

struct verifying {
    struct store *store;
    struct arena *arena;   /* of the caller: messages */
    struct arena *scratch; /* of one record */
    struct str key;
    struct audit_report report;
    int64_t anew;                  /* the segment that begins the chain of this key */
    unsigned char head[AUDIT_MAC]; /* so far */
};

static void bad(struct verifying *v, int64_t segment, int64_t record, const char *what)
{
    if (str_present(v->report.first_bad))
        return;
    v->report.first_bad = record
                              ? arena_strf(v->arena, "segment %lld, record %lld: %s",
                                           (long long)segment, (long long)record, what)
                              : arena_strf(v->arena, "segment %lld: %s", (long long)segment, what);
}

static enum fault verify_record(struct verifying *v, int64_t segment, int64_t number)
{
    struct audit_record r = {0};
    unsigned char mac[AUDIT_MAC];
    enum fault f;

    arena_reset(v->scratch);
    f = v->store->ops->audit_record(v->store, v->scratch, segment, number, &r);
    if (f == FAULT_NOT_FOUND) {
        bad(v, segment, number, "it is missing");
        return FAULT_NONE;
    }
    if (f)
        return f;
    record_mac(v->key, &r, v->head, mac);
    if (!same_mac(mac, r.mac))
        bad(v, segment, number, "its HMAC does not match");
    memcpy(v->head, mac, AUDIT_MAC);
    v->report.records++;
    return FAULT_NONE;
}

/* A record behind the sealed count, unless the segment has grown since its row was read. */
static enum fault verify_end(struct verifying *v, const struct audit_segment *s)
{
    struct audit_segment again;
    struct audit_record r;
    enum fault f;

    if (!same_mac(v->head, s->head))
        bad(v, s->number, 0, "its sealed head is not that of its last record");
    f = v->store->ops->audit_record(v->store, v->scratch, s->number, s->count + 1, &r);
    if (f)
        return f == FAULT_NOT_FOUND ? FAULT_NONE : f;
    f = v->store->ops->audit_segment(v->store, s->number, &again);
    if (!f && again.count <= s->count)
        bad(v, s->number, s->count + 1, "it lies behind the sealed end");
    return f;
}

/* Whether that segment, as its first record shows, begins the chain of this key. */
static enum fault begins_anew(struct verifying *v, int64_t number, bool *anew)
{
    struct audit_segment s;
    struct audit_record r;
    unsigned char mac[AUDIT_MAC];
    enum fault f = v->store->ops->audit_segment(v->store, number, &s);

    arena_reset(v->scratch);
    if (!f)
        f = v->store->ops->audit_record(v->store, v->scratch, number, 1, &r);
    if (f)
        return f == FAULT_NOT_FOUND ? FAULT_NONE : f;
    opening_mac(v->key, &s, true, mac);
    record_mac(v->key, &r, mac, mac);
    *anew = same_mac(mac, r.mac);
    return FAULT_NONE;
}

static enum fault find_anew(struct verifying *v, int64_t segments)
{
    enum fault f = FAULT_NONE;
    bool anew = false;

    for (int64_t i = segments; !f && !anew && i > 1; i--) {
        f = begins_anew(v, i, &anew);
        v->anew = anew ? i : 0;
    }
    return f;
}

/* Of a key that is lost: that it is there is all that can be said. */
static void count_unproven(struct verifying *v, const struct audit_segment *s)
{
    v->report.unproven_segments++;
    v->report.unproven_records += s->count;
}

static enum fault verify_segment(struct verifying *v, int64_t number,
                                 unsigned char previous[AUDIT_MAC])
{
    struct audit_segment s = {0};
    enum fault f = v->store->ops->audit_segment(v->store, number, &s);

    if (f == FAULT_NOT_FOUND) {
        bad(v, number, 0, "it is missing");
        return FAULT_NONE;
    }
    if (f)
        return f;
    if (!same_mac(previous, s.previous))
        bad(v, number, 0, "it does not continue the segment before");
    memcpy(previous, s.head, AUDIT_MAC);
    if (number < v->anew) {
        count_unproven(v, &s);
        return FAULT_NONE;
    }
    v->report.segments++;
    if (!audit_sealed_with(v->key, &s))
        bad(v, number, 0, "its seal does not match");
    opening_mac(v->key, &s, number == v->anew, v->head);
    for (int64_t i = 1; !f && i <= s.count && !str_present(v->report.first_bad); i++)
        f = verify_record(v, number, i);
    if (!f && !str_present(v->report.first_bad))
        f = verify_end(v, &s);
    return f;
}

enum fault store_audit_verify(struct store *s, struct arena *a, struct audit_report *out)
{
    SCOPED(arena_scope_end) struct arena *scratch = arena_new(0);
    struct verifying v = {
        .store = s,
        .arena = a,
        .scratch = scratch,
        .key = store_key(s, KEY_AUDIT),
    };
    unsigned char previous[AUDIT_MAC] = {0};
    unsigned char mac[AUDIT_MAC] = {0};
    unsigned char expected[AUDIT_MAC];
    struct audit_segment beyond;
    int64_t segments = 0;
    enum fault f = s->ops->audit_flush(s);

    if (!f)
        f = s->ops->audit_count(s, &segments, mac);
    if (f)
        return f;
    audit_count_mac(v.key, segments, expected);
    if (segments && !same_mac(mac, expected))
        v.report.first_bad = STR("the number of segments has been changed");
    f = find_anew(&v, segments);
    for (int64_t i = 1; !f && i <= segments && !str_present(v.report.first_bad); i++)
        f = verify_segment(&v, i, previous);
    if (!f && !str_present(v.report.first_bad) &&
        s->ops->audit_segment(s, segments + 1, &beyond) == FAULT_NONE)
        bad(&v, segments + 1, 0, "it lies behind the registered ones");
    if (f)
        return f;
    v.report.ok = !str_present(v.report.first_bad);
    *out = v.report;
    return FAULT_NONE;
}

/* ---- reading ---- */

struct audit_reading {
    struct store *store;
    struct arena *arena;
    size_t limit;
    int64_t segment;
    int64_t number; /* the next one down is wanted */
    struct strs records;
};

static enum fault start_reading(struct audit_reading *g, struct str token)
{
    unsigned char mac[AUDIT_MAC];
    struct position at;
    enum fault f;

    if (!str_present(token)) {
        g->number = INT64_MAX;
        return g->store->ops->audit_count(g->store, &g->segment, mac);
    }
    f = page_token_read(g->store, g->arena, STR("audit"), token, &at);
    if (f)
        return f;
    if (!str_to_i64(at.partition, &g->segment) || at.sort.kind != VALUE_INT)
        return FAULT_INVALID_PARAMETER;
    g->number = at.sort.integer;
    return FAULT_NONE;
}

/* Downwards in one segment. What is missing there is for verify to tell. */
static enum fault read_segment(struct audit_reading *g)
{
    const struct store_ops *ops = g->store->ops;
    struct audit_segment row;
    struct audit_record r;
    enum fault f = ops->audit_segment(g->store, g->segment, &row);

    if (f) {
        g->number = 1;
        return f == FAULT_NOT_FOUND ? FAULT_NONE : f;
    }
    if (g->number > row.count)
        g->number = row.count + 1;
    while (g->number > 1 && g->records.len < g->limit) {
        f = ops->audit_record(g->store, g->arena, g->segment, --g->number, &r);
        if (f == FAULT_NOT_FOUND)
            continue;
        if (f)
            return f;
        g->records.items[g->records.len++] = r.text;
    }
    return FAULT_NONE;
}

static struct str reading_token(struct audit_reading *g)
{
    struct position at = {
        .partition = arena_strf(g->arena, "%lld", (long long)g->segment),
        .key_sort = STR(""),
        .sort = value_int(g->number),
    };

    return page_token_make(g->store, g->arena, STR("audit"), &at);
}

/* long: six parameters, as store.h has it. */
enum fault store_audit_read(struct store *s, struct arena *a, size_t limit, struct str token,
                            struct strs *records, struct str *next)
{
    enum { PAGE_MAX = 1000 };
    struct audit_reading g = {
        .store = s, .arena = a, .limit = limit && limit < PAGE_MAX ? limit : PAGE_MAX};
    enum fault f = s->ops->audit_flush(s);

    if (!f)
        f = start_reading(&g, token);
    if (f)
        return f;
    g.records.items = arena_array_of(a, g.limit, struct str);
    while (g.segment > 0 && g.records.len < g.limit) {
        f = read_segment(&g);
        if (f)
            return f;
        if (g.number > 1)
            break;
        g.segment--;
        g.number = INT64_MAX;
    }
    *records = g.records;
    *next = g.segment > 0 ? reading_token(&g) : (struct str){0};
    return FAULT_NONE;
}
