#ifndef API_TURN_H
#define API_TURN_H

#include "api/dispatch.h"
#include "api/operation.h"
#include "aws/aws.h"
#include "store/store.h"

/*
 * One call while it is being answered: what the stages of the dispatcher hand to each other. Inside
 * the room only.
 */
struct turn {
    struct api *api;
    const struct call *call;
    struct arena *arena;
    const struct operation *op; /* NULL until found */
    enum dialect dialect;       /* an action's own, else the call's */
    int64_t now_ms;
    struct str hub_account;
    struct str client_token;
    struct str request_digest; /* where there is a token */
    struct faults faults;
    struct field_conflict *conflicts;
    const struct field *detail_fields;
    const void *details;
    void *params; /* NULL until decoded */
    void *reply;
    struct str task_answer; /* of run_task */
    bool answered;          /* t->out is complete: a repeated call got its first answer */
    struct reply *out;
};

static inline const struct field *turn_params(const struct turn *t)
{
    static const struct field none[] = {F_END};

    return t->op && t->op->params ? t->op->params : none;
}

static inline const struct field *turn_reply(const struct turn *t)
{
    static const struct field none[] = {F_END};

    return t->op && t->op->reply ? t->op->reply : none;
}

enum { ANSWER_MAX = 6 << 20 };

/* params.c: the containers into t->params; faults of the first failing stage into t->faults. */
enum fault turn_decode(struct turn *t);

/* The same without a verdict: for the audit record of a call that was refused before. */
void turn_decode_for_audit(struct turn *t);

/* answer.c: the reply's fields as bare JSON, texts as the dialect has them; FAULT_TOO_LARGE. */
MUST_CHECK enum fault answer_bare(struct turn *t, struct str *out);

/* Fills t->out with a success in the call's dialect. */
void answer_success(struct turn *t, int status, struct str bare);

/* Fills t->out with the refusal that t->faults tells (never empty). */
void answer_failure(struct turn *t);

/* One fault in the place of whatever was collected. */
enum fault turn_fail(struct turn *t, enum fault f, const char *fmt, ...) PRINTF_LIKE(3, 4);

/* A fault that rooms below say to each other, as the one that a caller is told. */
enum fault fault_for_caller(enum fault f);

/* audit.c: the record of this call; outcome "SUCCESS", "REFUSED", "REPEATED". */
struct str audit_record(struct turn *t, const char *outcome, enum fault f);

/*
 * Leaves a record that no change carries. A refusal is durable before it is told, like a change,
 * unless the record keeper is too busy for it; the others are queued, and those of strangers are
 * few.
 */
enum audit_kind { AUDIT_QUEUED, AUDIT_DURABLE, AUDIT_STRANGER };
void audit_leave(struct api *api, struct arena *a, struct str record, enum audit_kind kind);

/* client_token.c */

/* A call with a token, from its first look to its commit. On its caller's stack. */
struct token_flight {
    struct token_flight *next;
    const struct store *store; /* NULL: no token */
    struct str key;
};

/* Waits until no other call with the same token is being answered. */
MUST_CHECK enum fault token_begin(struct turn *t, struct token_flight *mine);
void token_end(struct token_flight *mine);
MUST_CHECK enum fault token_replay(struct turn *t); /* sets t->answered */
void token_keep(struct turn *t, struct write_set *ws, int status, struct str bare);

/* write.c: run, encode, submit; again after a lost race. */
enum fault turn_write(struct turn *t);

/* What every operation is told. */
struct call_ctx turn_context(struct turn *t);

/* A clean slate for (another) run: reply and faults. */
void turn_reset(struct turn *t);

/* Takes over what the operation reported, and its verdict. */
enum fault turn_verdict(struct turn *t, const struct call_ctx *c, enum fault f);

#endif
