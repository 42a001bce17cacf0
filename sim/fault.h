#ifndef SIM_FAULT_H
#define SIM_FAULT_H

#include "sim/ctx.h"

/*
 * Fault rules: match -> effect. The first active rule that matches wins; every match is counted.
 * Effects on a request: THR 5XX NET TRUNC AMBIG AUTH ASSUME UNINIT QUOTA CONFLICT PAGE TIME CRASH.
 * Effects inside a job, for one server in one phase: LAUNCH CONV CLEAN SNAP SKIP STALL.
 * Effect on what a server reports: REPL.
 */
struct fault_scene {
    struct str service;
    struct str op;
    struct str account;
    struct str region;
    struct str principal;
    struct strs resources;
    const char *phase; /* NULL: none */
    bool clock;        /* only what turns the service's clock, before anything else is looked at */
};

/* effects: names separated by blanks. NULL when nothing fires. */
struct fault_rule *fault_find(struct sim *s, const char *effects, const struct fault_scene *scene);

/* The same for the call that is being answered. */
struct fault_rule *fault_of_call(struct ctx *c, const char *effects);

/* By how much a rule turns the clock that judges this call and dates its answer. */
int64_t fault_skew_ms(struct ctx *c);

/* The same for one server of a job. */
struct fault_rule *fault_of_server(struct sim *s, const char *effects, const struct job *job,
                                   struct str server, const char *phase);

/* Before the operation: true when the rule has answered in its place. */
bool fault_before(struct ctx *c, struct fault_rule *rule);

/* After it: damage to the answer. */
void fault_after(struct ctx *c, const struct fault_rule *rule);

/* Refuses unless the rule makes sense; *why in `a`. */
bool fault_valid(struct arena *a, const struct fault_rule *rule, struct str *why);

#endif
