#include "aws/client.h"

#include <stdlib.h>

#include "base/panic.h"

/* A fetch that failed is not repeated at once, less so while the credentials are still valid. */
enum {
    REFRESH_EARLY_MS = 300000,
    REFRESH_AGAIN_MS = 10000,
    FETCH_AGAIN_MS = 1000,
    EXPIRY_MARGIN_MS = 5000,
    ENTRIES_MAX = 4096, /* roles come from callers as well; who has not been asked for goes */
};

struct credential_entry {
    struct credential_entry *next;
    char *key;
    size_t users;        /* threads that hold it: one fetches, others wait */
    bool busy;           /* somebody fetches */
    struct arena *arena; /* of the credentials; NULL: there are none */
    struct aws_credentials credentials;
    bool outdated;             /* AWS called them expired */
    int64_t not_before_ms;     /* of the next refresh */
    struct arena *error_arena; /* NULL: the last fetch went well */
    struct aws_error error;
};

void credential_cache_init(struct credential_cache *c)
{
    *c = (struct credential_cache){0};
    (void)pthread_mutex_init(&c->lock, NULL);
    (void)pthread_cond_init(&c->settled, NULL);
}

/* ---- copies that are wiped with their arena ---- */

struct wipe {
    char *ptr;
    size_t len;
};

static void wipe_now(void *arg)
{
    struct wipe *w = arg;

    secret_wipe(w->ptr, w->len);
}

static struct str secret_copy(struct arena *a, struct str s)
{
    struct wipe *w;

    if (!str_present(s))
        return s;
    w = arena_new_of(a, struct wipe);
    *w = (struct wipe){arena_alloc(a, s.len + 1), s.len};
    memcpy(w->ptr, s.ptr, s.len);
    arena_defer(a, wipe_now, w);
    return (struct str){w->ptr, w->len};
}

static struct aws_credentials copy_of(struct arena *a, const struct aws_credentials *c)
{
    struct aws_credentials copy = *c;

    copy.key.access_key_id = arena_str(a, c->key.access_key_id);
    copy.key.secret = secret_copy(a, c->key.secret);
    copy.key.token = secret_copy(a, c->key.token);
    copy.account = arena_str(a, c->account);
    return copy;
}

static void copy_error(struct arena *a, const struct aws_error *from, struct aws_error *to)
{
    *to = *from;
    to->code = arena_str(a, from->code);
    to->message = arena_str(a, from->message);
    to->request_id = arena_str(a, from->request_id);
}

/* ---- entries ---- */

static void entry_free(struct credential_entry *e)
{
    arena_free(e->arena);
    arena_free(e->error_arena);
    free(e->key);
    free(e);
}

void credential_cache_done(struct credential_cache *c)
{
    while (c->entries) {
        struct credential_entry *e = c->entries;

        c->entries = e->next;
        entry_free(e);
    }
    (void)pthread_cond_destroy(&c->settled);
    (void)pthread_mutex_destroy(&c->lock);
}

/* The list is in the order of the latest use. */
static struct credential_entry *take_out(struct credential_cache *c, struct str key)
{
    struct credential_entry **at = &c->entries;
    struct credential_entry *e;

    while (*at && !str_eq_z(key, (*at)->key))
        at = &(*at)->next;
    e = *at;
    if (e)
        *at = e->next;
    return e;
}

static void drop_oldest(struct credential_cache *c)
{
    struct credential_entry **oldest = NULL;
    struct credential_entry *e;

    for (struct credential_entry **at = &c->entries; *at; at = &(*at)->next)
        if (!(*at)->users)
            oldest = at;
    if (!oldest)
        return;
    e = *oldest;
    *oldest = e->next;
    entry_free(e);
    c->len--;
}

static struct credential_entry *entry_new(struct str key)
{
    struct credential_entry *e = calloc(1, sizeof(*e));

    if (!e)
        panic("no memory for credentials");
    e->key = calloc(1, key.len + 1);
    if (!e->key)
        panic("no memory for credentials");
    memcpy(e->key, key.ptr, key.len);
    return e;
}

static struct credential_entry *entry_of(struct credential_cache *c, struct str key)
{
    struct credential_entry *e = take_out(c, key);

    if (!e) {
        if (c->len >= ENTRIES_MAX)
            drop_oldest(c);
        e = entry_new(key);
        c->len++;
    }
    e->next = c->entries;
    c->entries = e;
    return e;
}

/* Length-prefixed, so that no role or external id can pose as another pair. */
static struct str key_of(struct arena *a, const struct aws_target *t)
{
    if (!str_present(t->role_arn))
        return STR("base");
    return arena_strf(a, "%zu:" STR_FMT "|%zu:" STR_FMT "|" STR_FMT, t->role_arn.len,
                      STR_ARG(t->role_arn), t->external_id.len, STR_ARG(t->external_id),
                      STR_ARG(t->session_name));
}

/* Five minutes before the end, or a quarter of the life where that is less. */
static int64_t refresh_ms(const struct aws_credentials *c)
{
    int64_t early = (c->expires_ms - c->got_ms) / 4;

    return c->expires_ms - (early < REFRESH_EARLY_MS ? early : REFRESH_EARLY_MS);
}

static bool is_usable(const struct credential_entry *e, int64_t now_ms)
{
    const struct aws_credentials *c = &e->credentials;

    return e->arena && !e->outdated &&
           (c->expires_ms == 0 || now_ms < c->expires_ms - EXPIRY_MARGIN_MS);
}

static bool is_fresh(const struct credential_entry *e, int64_t now_ms, int64_t mono_ms)
{
    const struct aws_credentials *c = &e->credentials;

    return is_usable(e, now_ms) &&
           (c->expires_ms == 0 || now_ms < refresh_ms(c) || mono_ms < e->not_before_ms);
}

static bool has_just_failed(const struct credential_entry *e, int64_t now_ms, int64_t mono_ms)
{
    return e->error_arena && !e->busy && !is_usable(e, now_ms) && mono_ms < e->not_before_ms;
}

/* ---- fetching ---- */

static bool fetch(struct aws *aws, struct arena *a, const struct aws_target *target,
                  struct aws_credentials *out, struct aws_error *error)
{
    struct credential_ask ask = {aws, a, target->region, out, error};
    struct assume_role role = {.role_arn = target->role_arn,
                               .external_id = target->external_id,
                               .session_name = target->session_name};

    if (str_present(target->role_arn))
        return credentials_assume_role(&ask, &role) == CREDENTIALS_FOUND;
    return credentials_from_chain(&ask) == CREDENTIALS_FOUND;
}

/* What a fetch brought, under the lock. Valid credentials outlive a failed refresh. */
static void settle(struct credential_entry *e, const struct aws_credentials *got,
                   const struct aws_error *error, struct clock *clock)
{
    arena_free(e->error_arena);
    e->error_arena = NULL;
    if (got) {
        struct arena *a = arena_new(0);

        arena_free(e->arena);
        e->arena = a;
        e->credentials = copy_of(a, got);
        e->outdated = false;
        e->not_before_ms = 0;
    } else {
        e->error_arena = arena_new(0);
        copy_error(e->error_arena, error, &e->error);
        e->not_before_ms = clock_mono_ms(clock) +
                           (is_usable(e, clock_wall_ms(clock)) ? REFRESH_AGAIN_MS : FETCH_AGAIN_MS);
    }
}

static void fetch_into(struct aws *aws, struct credential_entry *e, const struct aws_target *target)
{
    struct credential_cache *c = &aws->credentials;
    struct arena *a = arena_new(0);
    struct aws_credentials got = {0};
    struct aws_error error = {0};
    bool ok;

    e->busy = true;
    (void)pthread_mutex_unlock(&c->lock);
    ok = fetch(aws, a, target, &got, &error);
    (void)pthread_mutex_lock(&c->lock);
    settle(e, ok ? &got : NULL, &error, aws->options.clock);
    e->busy = false;
    (void)pthread_cond_broadcast(&c->settled);
    secret_wipe(&got, sizeof(got));
    arena_free(a);
}

/*
 * Under the lock. One thread fetches; who finds it at work goes on with what is still valid, or
 * waits and takes the outcome, good or bad, as its own.
 */
static bool ensure(struct aws *aws, struct credential_entry *e, const struct aws_target *target)
{
    struct credential_cache *c = &aws->credentials;
    struct clock *clock = aws->options.clock;

    if (is_fresh(e, clock_wall_ms(clock), clock_mono_ms(clock)))
        return true;
    if (has_just_failed(e, clock_wall_ms(clock), clock_mono_ms(clock)))
        return false;
    if (!e->busy)
        fetch_into(aws, e, target);
    else if (!is_usable(e, clock_wall_ms(clock)))
        while (e->busy)
            (void)pthread_cond_wait(&c->settled, &c->lock);
    return is_usable(e, clock_wall_ms(clock));
}

bool credentials_get(struct aws *aws, struct arena *a, const struct aws_target *target,
                     struct aws_credentials *out, struct aws_error *error)
{
    struct credential_cache *c = &aws->credentials;
    struct credential_entry *e;
    bool ok;

    (void)pthread_mutex_lock(&c->lock);
    e = entry_of(c, key_of(a, target));
    e->users++;
    ok = ensure(aws, e, target);
    e->users--;
    if (ok)
        *out = copy_of(a, &e->credentials);
    else if (e->error_arena)
        copy_error(a, &e->error, error);
    else
        *error = (struct aws_error){.code = STR("Credentials"),
                                    .message = STR("the credentials had expired when they came"),
                                    .retryable = true};
    (void)pthread_mutex_unlock(&c->lock);
    return ok;
}

void credentials_expired(struct aws *aws, const struct aws_target *target, struct str access_key_id)
{
    struct credential_cache *c = &aws->credentials;
    struct arena *a = arena_new(0);
    struct credential_entry *e;

    (void)pthread_mutex_lock(&c->lock);
    e = entry_of(c, key_of(a, target));
    if (e->arena && str_eq(e->credentials.key.access_key_id, access_key_id))
        e->outdated = true;
    (void)pthread_mutex_unlock(&c->lock);
    arena_free(a);
}

/* ---- for the sources ---- */

enum credential_found credentials_fail(const struct credential_ask *ask, bool retryable,
                                       const char *fmt, ...)
{
    va_list args;

    va_start(args, fmt);
    *ask->error = (struct aws_error){.code = STR("Credentials"),
                                     .message = arena_strvf(ask->arena, fmt, args),
                                     .retryable = retryable};
    va_end(args);
    return CREDENTIALS_FAILED;
}

struct str arn_account(struct str arn)
{
    struct str part = {0};

    if (!str_starts(arn, STR("arn:")))
        return part;
    for (int i = 0; i < 5; i++)
        part = str_cut(&arn, ':');
    return str_empty(part) ? (struct str){0} : part;
}
