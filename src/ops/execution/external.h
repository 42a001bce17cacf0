#ifndef OPS_EXECUTION_EXTERNAL_H
#define OPS_EXECUTION_EXTERNAL_H

#include "ops/execution/tasks.h"

/*
 * A wave that somebody else's workflow starts: what its state says (external_state.c), whether it
 * may (external_check.c), and what is done about it (external.c).
 */
struct outside {
    struct task_ctx *c;
    struct arena *arena;
    const struct json *state;
    const struct json *wave; /* of state.waves */
    int64_t number;
    int type;     /* enum execution_type */
    bool replace; /* live recovery instances, knowingly */
    struct account_context account;
    struct work w;
};

/* Either spelling of a member; NULL. */
const struct json *outside_either(const struct json *v, const char *a, const char *b);
struct str outside_text(const struct json *v, const char *a, const char *b);

/* FAULT_MISSING_PARAMETER; all of them are told together. */
enum fault outside_missing(struct outside *o, const char *what);

/* state.accountContext, with the role and external id of a known target account by default. */
MUST_CHECK enum fault outside_account(struct outside *o);

/* state.executionType, into o->type. */
MUST_CHECK enum fault outside_type(struct outside *o);

/* state.replaceRecoveryInstances, into o->replace. */
MUST_CHECK enum fault outside_replace(struct outside *o);

/* The first entry of the wave, into o->wave. */
MUST_CHECK enum fault outside_wave(struct outside *o);
/* The name that its entry says, or "Wave 2". */
struct str outside_wave_name(struct arena *a, const struct json *wave, int64_t number);
int64_t outside_launch_order(const struct outside *o, const struct json *wave);

/* An entry of a wave's `servers`: an object, or the id alone. */
struct str outside_server_id(const struct json *server);

/* Of all entries of the wave. */
MUST_CHECK enum fault outside_servers(struct outside *o, struct launch_run *l);
struct ints outside_dependencies(const struct outside *o);

/* Dependencies, size, claims, and what DRS says of the servers of that launch. */
MUST_CHECK enum fault outside_check(struct outside *o, const struct launch_run *l);

/*
 * FAULT_SERVER_CONFLICT: an execution of ours holds one of them. Somebody else's holds none: nobody
 * may ever come to give them back.
 */
MUST_CHECK enum fault outside_check_claims(struct outside *o, const struct launch_run *l);
struct str outside_claim(const struct outside *o, struct str server_id);

/* Of a wave that was started: the state names no server that was not. */
MUST_CHECK enum fault outside_check_same(struct outside *o);

/* What the record of the execution says of the wave; NULL: nothing. */
struct wave_plan *outside_wave_plan(const struct execution *e, int64_t number);

/* All waves of the state, into the execution's record. */
void outside_plan_waves(struct outside *o);

/* FAULT_INVALID_STATE: it is our own workflow that decides about the waves of that one. */
MUST_CHECK enum fault outside_may(struct task_ctx *c, const struct execution *e);

/* An execution without a workflow of ours ends when its last wave has, or one has failed. */
void outside_settle(struct work *w);

#endif
