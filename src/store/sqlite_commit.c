/*
 * One transaction for many requests: each decided and applied in a savepoint of its own, with the
 * audit records of reads that have gathered, committed once.
 */
#include "base/time.h"
#include "store/sqlite_internal.h"

enum { TOKEN_LIFE_MS = 10 * 60 * 1000, TOKENS_BETWEEN_SWEEPS = 64, PUTS_BETWEEN_SWEEPS = 64 };

/* ---- one request in the open transaction ---- */

static enum fault source_find(struct source *s, struct arena *a, enum collection_id collection,
                              const struct item *key, struct item *out)
{
    struct committer *c = (struct committer *)((char *)s - offsetof(struct committer, source));

    return db_get(c->db, a, collection, key, out);
}

static enum fault token_used(struct committer *c, struct str token, int64_t now_ms, bool *used)
{
    sqlite3_stmt *s;
    enum fault f = db_fixed(c->db, SQL_TOKEN_GET, &s);

    if (f)
        return f;
    bind_text(s, 1, token);
    (void)sqlite3_bind_int64(s, 2, now_ms - TOKEN_LIFE_MS);
    f = db_step(c->db, s, used);
    (void)sqlite3_reset(s);
    return f;
}

static enum fault remember_token(struct committer *c, struct str token, int64_t now_ms)
{
    sqlite3_stmt *s;
    enum fault f = db_fixed(c->db, SQL_TOKEN_PUT, &s);

    if (f)
        return f;
    bind_text(s, 1, token);
    (void)sqlite3_bind_int64(s, 2, now_ms);
    f = db_run(c->db, s);
    if (f || ++c->tokens_since_sweep < TOKENS_BETWEEN_SWEEPS)
        return f;
    c->tokens_since_sweep = 0;
    f = db_fixed(c->db, SQL_TOKEN_EXPIRE, &s);
    if (f)
        return f;
    (void)sqlite3_bind_int64(s, 1, now_ms - TOKEN_LIFE_MS);
    return db_run(c->db, s);
}

static enum fault append_audit(struct committer *c, struct str text, int64_t now_ms)
{
    struct audit_record r;
    sqlite3_stmt *s;
    enum fault f = db_fixed(c->db, SQL_AUDIT_PUT, &s);

    if (f)
        return f;
    audit_chain_append(&c->chain, text, now_ms, &r);
    (void)sqlite3_bind_int64(s, 1, r.segment);
    (void)sqlite3_bind_int64(s, 2, r.number);
    bind_text(s, 3, r.text);
    bind_blob(s, 4, r.mac, sizeof(r.mac));
    return db_run(c->db, s);
}

/* Who adds rows that expire takes some of the old ones along. */
static enum fault put(struct committer *c, const struct effect *e, int64_t now_ms)
{
    enum fault f = db_put(c->db, e->collection, &e->item);

    if (f || !collection_of(e->collection)->expiry ||
        ++c->puts_since_sweep[e->collection] < PUTS_BETWEEN_SWEEPS)
        return f;
    c->puts_since_sweep[e->collection] = 0;
    return db_expire(c->db, e->collection, now_ms);
}

static enum fault apply(struct committer *c, const struct write_set *ws,
                        const struct effects *effects, int64_t now_ms)
{
    enum fault f = FAULT_NONE;

    for (size_t i = 0; !f && i < effects->len; i++) {
        const struct effect *e = &effects->items[i];

        f = e->kind == EFFECT_PUT ? put(c, e, now_ms) : db_delete(c->db, e->collection, &e->item);
    }
    if (!f && str_present(ws->token))
        f = remember_token(c, ws->token, now_ms);
    if (!f && str_present(ws->audit))
        f = append_audit(c, ws->audit, now_ms);
    return f;
}

static enum fault run_request(struct committer *c, struct request *r)
{
    int64_t now_ms = clock_wall_ms(c->store->ports.clock);
    struct decision d = {&c->source, r->arena, now_ms, r->why};
    struct audit_chain before = c->chain;
    struct effects effects;
    bool used = false;
    enum fault f = FAULT_NONE;

    if (str_present(r->ws->token))
        f = token_used(c, r->ws->token, now_ms, &used);
    if (f || used)
        return f;
    f = decide(&d, r->ws, &effects);
    if (f)
        return f;
    f = db_run_fixed(c->db, SQL_SAVEPOINT);
    if (f)
        return f;
    f = apply(c, r->ws, &effects, now_ms);
    if (f) {
        c->chain = before;
        /* An error of the disk may have ended the whole transaction: then there is none to leave.
         */
        if (!sqlite3_get_autocommit(c->db->handle) && db_run_fixed(c->db, SQL_ROLLBACK_TO))
            db_abandon(c->db);
    }
    if (!sqlite3_get_autocommit(c->db->handle)) {
        enum fault released = db_run_fixed(c->db, SQL_RELEASE);

        f = f ? f : released;
    }
    return f;
}

/* ---- a group ---- */

static enum fault append_loss(struct committer *c, const struct audit_loss *lost, int64_t now_ms)
{
    SCOPED(arena_scope_end) struct arena *a = arena_new(0);

    return append_audit(c,
                        arena_strf(a,
                                   "{\"time\":\"" STR_FMT "\",\"auditRecordsLost\":%lld,"
                                   "\"ofUnverifiedCallers\":%lld}",
                                   STR_ARG(time_rfc3339(a, now_ms)), (long long)lost->records,
                                   (long long)lost->strangers),
                        now_ms);
}

static enum fault append_queued(struct committer *c, const struct group *g)
{
    int64_t now_ms = clock_wall_ms(c->store->ports.clock);
    enum fault f = g->lost.records ? append_loss(c, &g->lost, now_ms) : FAULT_NONE;

    for (size_t i = 0; !f && i < g->audit->len; i++)
        f = append_audit(c, g->audit->records[i], now_ms);
    return f;
}

static enum fault put_total(struct committer *c)
{
    unsigned char mac[AUDIT_MAC];
    sqlite3_stmt *s;
    enum fault f = db_fixed(c->db, SQL_TOTAL_PUT, &s);

    if (f)
        return f;
    audit_count_mac(c->chain.key, c->chain.segments, mac);
    (void)sqlite3_bind_int64(s, 1, c->chain.segments);
    bind_blob(s, 2, mac, AUDIT_MAC);
    return db_run(c->db, s);
}

/* The segment's row as the commit leaves it, and the number of segments when one was opened. */
static enum fault put_segment(struct committer *c, const struct audit_chain *before)
{
    struct audit_segment *g = &c->chain.segment;
    sqlite3_stmt *s;
    enum fault f;

    if (!c->chain.open || (before->open && before->segment.count == g->count && !g->closed))
        return FAULT_NONE;
    f = db_fixed(c->db, SQL_SEGMENT_PUT, &s);
    if (f)
        return f;
    audit_chain_seal(&c->chain);
    (void)sqlite3_bind_int64(s, 1, g->number);
    (void)sqlite3_bind_int64(s, 2, g->opened_at);
    (void)sqlite3_bind_int64(s, 3, g->count);
    (void)sqlite3_bind_int64(s, 4, g->closed);
    bind_blob(s, 5, g->previous, AUDIT_MAC);
    bind_blob(s, 6, g->head, AUDIT_MAC);
    bind_blob(s, 7, g->seal, AUDIT_MAC);
    f = db_run(c->db, s);
    return f || before->segments == c->chain.segments ? f : put_total(c);
}

static enum fault fill_transaction(struct committer *c, const struct group *g)
{
    struct audit_chain before = c->chain;
    enum fault f = db_run_fixed(c->db, SQL_BEGIN);

    for (struct request *r = g->first; !f && r; r = r->next) {
        r->fault = run_request(c, r);
        if (sqlite3_get_autocommit(c->db->handle))
            f = r->fault ? r->fault : FAULT_STORE_ERROR;
    }
    if (!f)
        f = append_queued(c, g);
    if (!f && g->closing && c->chain.open)
        audit_chain_close(&c->chain);
    if (!f)
        f = put_segment(c, &before);
    return f ? f : db_run_fixed(c->db, SQL_COMMIT);
}

void committer_init(struct committer *c, struct store *s, struct db *db)
{
    *c = (struct committer){.store = s, .db = db, .source = {source_find}};
}

/*
 * When the commit fails nobody's change is there, and nobody is told what he was refused for: it
 * may have been for a change that is not there either.
 */
enum fault commit_group(struct committer *c, const struct group *g)
{
    struct audit_chain before = c->chain;
    enum fault f = fill_transaction(c, g);

    if (!f)
        return f;
    db_abandon(c->db);
    c->chain = before;
    for (struct request *r = g->first; r; r = r->next)
        r->fault = f;
    return f;
}
