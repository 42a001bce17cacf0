/* clientToken: for a day the same caller, operation and token get the first answer. */
#include "api/answer.h"
#include "api/turn.h"
#include "model/token.h"

static struct str token_key(struct turn *t)
{
    return arena_strf(t->arena, STR_FMT "#%s#" STR_FMT, STR_ARG(t->call->principal.arn),
                      t->op->names[0], STR_ARG(t->client_token));
}

enum fault token_replay(struct turn *t)
{
    struct token first = {0};
    enum fault f;

    if (!str_present(t->client_token))
        return FAULT_NONE;
    f = reader_get(store_reader(t->api->store), t->arena, COLLECTION_TOKENS, token_key(t),
                   (struct str){0}, &first);
    if (f == FAULT_NOT_FOUND || (!f && first.expires_at <= t->now_ms))
        return FAULT_NONE;
    if (f)
        return turn_fail(t, fault_for_caller(f), "The client token could not be looked up");
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
