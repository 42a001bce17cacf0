/*
 * clientToken: for a day the same caller, operation and token get the first answer, and another
 * request with that token gets none: who asks for a recovery must not be told of a drill. A twin
 * that comes while the first is being answered waits for that: run beside it, it would be refused
 * for what the first has taken, the name or the servers, long before the answer is on record.
 */
#include <pthread.h>

#include "api/answer.h"
#include "api/turn.h"
#include "crypto/digest.h"
#include "model/token.h"

static struct str token_key(struct turn *t)
{
    return arena_strf(t->arena, STR_FMT "#%s#" STR_FMT, STR_ARG(t->call->principal.arn),
                      t->op->names[0], STR_ARG(t->client_token));
}

/* ---- those that are being answered ---- */

enum { TWIN_PAUSE_MS = 10 };

static pthread_mutex_t flights_lock = PTHREAD_MUTEX_INITIALIZER;
static struct token_flight *flights;

static bool take_off(struct token_flight *mine)
{
    const struct token_flight *f;

    (void)pthread_mutex_lock(&flights_lock);
    for (f = flights; f; f = f->next)
        if (f->store == mine->store && str_eq(f->key, mine->key))
            break;
    if (!f) {
        mine->next = flights;
        flights = mine;
    }
    (void)pthread_mutex_unlock(&flights_lock);
    return !f;
}

enum fault token_begin(struct turn *t, struct token_flight *mine)
{
    struct run *run = t->api->run;
    int64_t deadline = t->call->deadline_mono_ms;

    *mine = (struct token_flight){0};
    if (!str_present(t->client_token))
        return FAULT_NONE;
    *mine = (struct token_flight){.store = t->api->store, .key = token_key(t)};
    while (!take_off(mine)) {
        if ((!deadline || clock_mono_ms(t->api->clock) < deadline) &&
            run->ops->wait_ms(run, TWIN_PAUSE_MS))
            continue;
        *mine = (struct token_flight){0};
        return turn_fail(t, FAULT_UNAVAILABLE,
                         "The first call with this clientToken is still being answered; try again");
    }
    return FAULT_NONE;
}

void token_end(struct token_flight *mine)
{
    struct token_flight **at = &flights;

    if (!mine->store)
        return;
    (void)pthread_mutex_lock(&flights_lock);
    while (*at != mine)
        at = &(*at)->next;
    *at = mine->next;
    (void)pthread_mutex_unlock(&flights_lock);
}

/* ---- the first answer ---- */

/* Of the parameters as they are stored: whatever the spelling of a name, and whichever way in. */
static struct str request_digest(struct turn *t)
{
    struct str text = field_text(t->arena, turn_params(t), t->params, FIELD_VIEW_STORED);

    return sha256_hex(t->arena, sha256_of(text));
}

enum fault token_replay(struct turn *t)
{
    struct token first = {0};
    enum fault f;

    if (!str_present(t->client_token))
        return FAULT_NONE;
    t->request_digest = request_digest(t);
    f = reader_get(store_reader(t->api->store), t->arena, COLLECTION_TOKENS, token_key(t),
                   (struct str){0}, &first);
    if (f == FAULT_NOT_FOUND || (!f && first.expires_at <= t->now_ms))
        return FAULT_NONE;
    if (f)
        return turn_fail(t, fault_for_caller(f), "The client token could not be looked up");
    /* Those of before this was kept have none. */
    if (str_present(first.request) && !str_eq(first.request, t->request_digest))
        return turn_fail(t, FAULT_INVALID_PARAMETER,
                         "This clientToken was used for another request of the same operation; "
                         "use a new one");
    answer_success(t, (int)first.status, first.body);
    t->answered = true;
    return FAULT_NONE;
}

void token_keep(struct turn *t, struct write_set *ws, int status, struct str bare)
{
    struct token token = {
        .expires_at = t->now_ms + TOKEN_LIFE_MS,
        .status = status,
        .body = bare,
        .request = t->request_digest,
    };
    size_t write;

    if (!str_present(t->client_token))
        return;
    token.key = token_key(t);
    write = ws_put(ws, COLLECTION_TOKENS, &token);
    ws_if(ws, write,
          (struct condition){.kind = IF_ABSENT_OR_BEFORE,
                             .attribute = "expiresAt",
                             .integer = t->now_ms,
                             .fault = FAULT_CONDITION_FAILED});
}
