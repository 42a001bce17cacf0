/*
 * A changing operation: run, encode, submit once with the audit record. What lost a race is run
 * again: it reads what the winner wrote, and either fits or refuses with the documented words.
 */
#include "api/answer.h"
#include "api/turn.h"
#include "base/id.h"

enum { RUNS_MAX = 3, SUBMITS_MAX = 3, SUBMIT_PAUSE_MS = 50 };

struct attempt {
    struct turn *turn;
    struct write_set *writes;
    struct str bare;
    int status;
    bool poke;
};

static enum fault run_once(struct attempt *at)
{
    struct turn *t = at->turn;
    struct ctx c = {
        .call = turn_context(t),
        .params = t->params,
        .reply = t->reply,
        .reader = store_reader(t->api->store),
        .aws = t->api->aws ? aws_reader(t->api->aws) : NULL,
        .run = t->api->run,
        .entropy = t->api->entropy,
        .snapshots = t->api->snapshots,
        .writes = write_set_new(t->arena),
        .conflicts = t->conflicts,
    };
    enum fault f = turn_verdict(t, &c.call, t->op->run_write(&c));

    at->writes = c.writes;
    at->poke = c.poke_workflow;
    at->status = t->op->success_status ? t->op->success_status : 200;
    if (!f)
        f = answer_bare(t, &at->bare);
    return f;
}

/* A lost connection to the record keeper is asked again with the same token: never done twice. */
static enum fault submit(struct attempt *at, struct refusal *why)
{
    struct turn *t = at->turn;
    enum fault f = FAULT_NONE;

    ws_token(at->writes, id_new_at(t->arena, t->api->entropy, t->now_ms, STR("")));
    for (int i = 0; i < SUBMITS_MAX; i++) {
        *why = (struct refusal){0};
        f = store_commit(t->api->store, t->arena, at->writes, why);
        if (f != FAULT_TIMEOUT && f != FAULT_CONNECTION)
            break;
        if (!t->api->run->ops->wait_ms(t->api->run, SUBMIT_PAUSE_MS))
            break;
    }
    return f;
}

/* What the record keeper says about itself, not about a condition of ours. */
static bool is_infrastructure(enum fault f)
{
    return f == FAULT_TOO_LARGE || f == FAULT_STORE_FULL || f == FAULT_UNAVAILABLE ||
           f == FAULT_STORE_ERROR || f == FAULT_TIMEOUT || f == FAULT_CONNECTION ||
           f == FAULT_CORRUPT;
}

static enum fault refuse_loser(struct turn *t, enum fault f, const struct refusal *why)
{
    f = fault_for_caller(f);
    if (str_present(why->label))
        return turn_fail(t, f, "'" STR_FMT "' is in use by '" STR_FMT "'", STR_ARG(why->partition),
                         STR_ARG(why->label));
    return turn_fail(t, f, "Others keep changing the same things; try again");
}

static enum fault refuse_submit(struct turn *t, enum fault f)
{
    if (f == FAULT_TOO_LARGE)
        return turn_fail(t, f, "The change is too large for the record keeper");
    if (f == FAULT_STORE_FULL)
        return turn_fail(t, FAULT_UNAVAILABLE, "No space is left to record the change");
    if (f == FAULT_UNAVAILABLE)
        return turn_fail(t, f, "Too many changes are waiting for the record keeper; try again");
    return turn_fail(t, fault_for_caller(f), "The record keeper could not take the change");
}

static enum fault run_and_submit(struct turn *t)
{
    struct attempt at = {.turn = t};
    struct refusal why = {0};
    enum fault f = FAULT_NONE;

    for (int run = 0; run < RUNS_MAX; run++) {
        f = FAULT_NONE;
        turn_reset(t);
        /* An operation that yields to stored values has written into its parameters. */
        if (run > 0)
            f = turn_decode(t);
        if (!f)
            f = token_replay(t);
        if (!f && !t->answered)
            f = run_once(&at);
        if (f || t->answered)
            return f;
        token_keep(t, at.writes, at.status, at.bare);
        ws_audit(at.writes, audit_record(t, "SUCCESS", FAULT_NONE));
        f = submit(&at, &why);
        if (!f || is_infrastructure(f))
            break;
    }
    if (f)
        return is_infrastructure(f) ? refuse_submit(t, f) : refuse_loser(t, f, &why);
    if (at.poke && t->api->poke_workflow)
        t->api->poke_workflow(t->api->poke_context);
    answer_success(t, at.status, at.bare);
    return FAULT_NONE;
}

enum fault turn_write(struct turn *t)
{
    struct token_flight flight;
    enum fault f = token_begin(t, &flight);

    if (!f)
        f = run_and_submit(t);
    token_end(&flight);
    return f;
}
