#include "tests/unit/api/fake_store.h"

#include <pthread.h>

#include "aws/aws.h"
#include "base/panic.h"
#include "model/token.h"

enum { TOKENS_MAX = 8 };

struct reader {
    struct store *store;
};

struct write_set {
    struct arena *arena;
    struct str audit;
    struct str token;
    const struct token *client_token;
    size_t len;
};

struct store {
    struct reader reader;
    pthread_mutex_t lock; /* twins call from two threads */
    struct arena *arena;  /* its own, for the same reason */
    struct fake_script script[FAKE_SCRIPT_MAX];
    size_t script_len;
    size_t script_at;
    size_t commits;
    size_t attempts;
    struct {
        struct str record;
        bool queued;
    } audits[FAKE_AUDIT_MAX];
    size_t audits_len;
    size_t strangers;
    struct token tokens[TOKENS_MAX];
    size_t tokens_len;
};

static void end(void *store)
{
    struct store *s = store;

    (void)pthread_mutex_destroy(&s->lock);
    arena_free(s->arena);
}

struct store *fake_store_new(struct arena *a)
{
    struct store *s = arena_new_of(a, struct store);

    (void)pthread_mutex_init(&s->lock, NULL);
    s->arena = arena_new(0);
    s->reader.store = s;
    arena_defer(a, end, s);
    return s;
}

void fake_store_script(struct store *s, const struct fake_script *script, size_t n)
{
    REQUIRE(n <= FAKE_SCRIPT_MAX);
    memcpy(s->script, script, n * sizeof(*script));
    s->script_len = n;
    s->script_at = 0;
}

size_t fake_store_commits(const struct store *s)
{
    return s->commits;
}

size_t fake_store_attempts(const struct store *s)
{
    return s->attempts;
}

size_t fake_store_audits(const struct store *s)
{
    return s->audits_len;
}

struct str fake_store_audit(const struct store *s, size_t i, bool *queued)
{
    REQUIRE(i < s->audits_len);
    *queued = s->audits[i].queued;
    return s->audits[i].record;
}

static void keep_audit(struct store *s, struct str record, bool queued)
{
    REQUIRE(s->audits_len < FAKE_AUDIT_MAX);
    s->audits[s->audits_len].record = arena_str(s->arena, record);
    s->audits[s->audits_len++].queued = queued;
}

/* ---- the interface ---- */

struct reader *store_reader(struct store *s)
{
    return &s->reader;
}

/* long: six parameters, as reader.h has it. */
enum fault reader_get(struct reader *r, struct arena *a, enum collection_id collection,
                      struct str partition, struct str sort, void *out)
{
    struct store *s = r->store;
    enum fault f = FAULT_NOT_FOUND;

    (void)a;
    (void)sort;
    REQUIRE(collection == COLLECTION_TOKENS);
    (void)pthread_mutex_lock(&s->lock);
    for (size_t i = 0; i < s->tokens_len && f; i++) {
        if (str_eq(s->tokens[i].key, partition)) {
            memcpy(out, &s->tokens[i], sizeof(struct token));
            f = FAULT_NONE;
        }
    }
    (void)pthread_mutex_unlock(&s->lock);
    return f;
}

struct write_set *write_set_new(struct arena *a)
{
    struct write_set *ws = arena_new_of(a, struct write_set);

    ws->arena = a;
    return ws;
}

size_t ws_put(struct write_set *ws, enum collection_id collection, const void *entity)
{
    struct token *copy = arena_new_of(ws->arena, struct token);

    REQUIRE(collection == COLLECTION_TOKENS);
    memcpy(copy, entity, sizeof(*copy));
    ws->client_token = copy;
    return ws->len++;
}

void ws_if(struct write_set *ws, size_t write, struct condition c)
{
    REQUIRE(write < ws->len && c.kind == IF_ABSENT_OR_BEFORE);
}

void ws_audit(struct write_set *ws, struct str record)
{
    ws->audit = record;
}

void ws_token(struct write_set *ws, struct str token)
{
    REQUIRE(token.len <= STORE_TOKEN_MAX);
    ws->token = token;
}

static enum fault commit(struct store *s, const struct write_set *ws, struct refusal *why)
{
    enum fault f = FAULT_NONE;

    s->attempts++;
    if (s->script_at < s->script_len) {
        f = s->script[s->script_at].fault;
        *why = s->script[s->script_at++].why;
    }
    if (f)
        return f;
    s->commits++;
    if (str_present(ws->audit))
        keep_audit(s, ws->audit, false);
    if (ws->client_token) {
        struct token *kept = &s->tokens[s->tokens_len++];

        REQUIRE(s->tokens_len <= TOKENS_MAX);
        *kept = *ws->client_token;
        kept->key = arena_str(s->arena, kept->key);
        kept->body = arena_str(s->arena, kept->body);
    }
    return FAULT_NONE;
}

enum fault store_commit(struct store *s, struct arena *a, const struct write_set *ws,
                        struct refusal *why)
{
    enum fault f;

    (void)a;
    (void)pthread_mutex_lock(&s->lock);
    f = commit(s, ws, why);
    (void)pthread_mutex_unlock(&s->lock);
    return f;
}

void store_audit_later(struct store *s, struct str record)
{
    (void)pthread_mutex_lock(&s->lock);
    keep_audit(s, record, true);
    (void)pthread_mutex_unlock(&s->lock);
}

void store_audit_stranger(struct store *s, struct str record)
{
    store_audit_later(s, record);
    s->strangers++;
}

size_t fake_store_strangers(const struct store *s)
{
    return s->strangers;
}

struct aws_reader *aws_reader(struct aws *aws)
{
    (void)aws;
    return NULL;
}
