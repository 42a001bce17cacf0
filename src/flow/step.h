#ifndef FLOW_STEP_H
#define FLOW_STEP_H

#include "flow/path.h"
#include "model/execution.h"

/*
 * Amazon States Language, the part that our definitions use: Task (function calls and
 * .waitForTaskToken), Choice, Wait, Pass, Succeed, Fail, with Retry, Catch, Parameters, ResultPath
 * and the context object. A pure step: instance x event -> instance + effect. It reads no clock,
 * calls nothing, stores nothing; the engine commits the new instance before it acts on the effect.
 */
struct flow_definition {
    struct str hash;
    struct str text;
    const struct json *root;
};

/*
 * Parses and checks a whole definition: states that exist, types, fields and operators that this
 * interpreter has. FAULT_INVALID_PARAMETER; *why names the state. What it does not know it refuses.
 */
MUST_CHECK enum fault flow_definition_parse(struct arena *a, struct str text,
                                            struct flow_definition *out, struct str *why);

enum flow_event_kind {
    FLOW_GO = 1, /* the engine takes it up: READY, or CALLING after a crash */
    FLOW_RESULT, /* the task answered: `value` */
    FLOW_ERROR,  /* the task failed: `error`, `cause` */
    FLOW_TIMER,  /* it is due */
    FLOW_TOKEN,  /* the token was answered: `value` */
};

struct flow_event {
    enum flow_event_kind kind;
    const struct json *value;
    struct str error;
    struct str cause;
    int64_t mono_ms;
    int64_t wall_ms;
    struct str fresh_token; /* taken where a task waits for one */
};

enum flow_effect_kind {
    FLOW_DO_GO = 1, /* step on at once */
    FLOW_DO_CALL,   /* call `function` with `payload`, then RESULT or ERROR */
    FLOW_DO_WAIT,   /* TIMER when due */
    FLOW_DO_HOLD,   /* TOKEN when answered, TIMER when due */
    FLOW_DO_END,
};

struct flow_effect {
    enum flow_effect_kind kind;
    struct str function; /* "${ExecutionHandlerArn}" */
    const struct json *payload;
};

struct flow_turn {
    struct flow_instance now;
    struct flow_effect effect;
};

/*
 * *out shares memory with `before`, the definition and `a`. An event that does not belong to the
 * phase is FAULT_INVALID_STATE and changes nothing.
 */
MUST_CHECK enum fault flow_step(struct arena *a, const struct flow_definition *d,
                                const struct flow_instance *before, const struct flow_event *event,
                                struct flow_turn *out);

/* A Choice state's decision; absent: no rule holds and there is no default. */
struct str flow_choose(const struct json *state, const struct flow_scope *s);
bool flow_choice_rule_ok(const struct json *rule);

#endif
