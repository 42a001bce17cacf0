#ifndef FLOW_FLOW_H
#define FLOW_FLOW_H

#include "flow/step.h"
#include "store/store.h"

/*
 * The workflow engine of `serve`: runs the instances in COLLECTION_TIMERS, each transition
 * committed before the next begins. What a task does is not its business: it calls the functions
 * that its owner wired (Step Functions calls Lambda functions in their place). A task may run again
 * after a crash, so every task is idempotent.
 */
struct flow_engine;
struct flow_tasks;

/* Why a task failed. Absent: the fault's own name, "Transient" where it is retryable. */
struct flow_failure {
    struct str error;
    struct str cause;
};

struct flow_tasks_ops {
    /* `payload` is the event: {"action": ..., "state": ...}. Thread-safe. *result lives in `a`. */
    enum fault (*call)(struct flow_tasks *t, struct arena *a, const struct json *payload,
                       const struct json **result, struct flow_failure *why);
};

struct flow_tasks {
    const struct flow_tasks_ops *ops;
};

/* One transition that was committed, or that can never be, for the edge to log. */
struct flow_record {
    struct str instance;
    bool broken; /* no transition fits what is stored; told once a minute */
    bool stuck;  /* the record keeper fails; told at once, then once a minute */
    bool failed; /* it has ended in a Fail state, or where nothing caught an error */
    struct str from;
    struct str to;
    int phase;
    struct str error; /* of the task that was called, or what it failed with; else absent */
    struct str cause;
};

struct flow_options {
    struct store *store;
    struct clock *clock;
    struct entropy *entropy;
    struct run *run; /* a pool of its own, for flow_engine_start; the tick does not use it */
    struct flow_tasks *tasks;
    void (*observe)(void *context, const struct flow_record *record); /* NULL: nobody looks */
    void *observe_context;
};

/* Never NULL. Looks for what an earlier process left at its first tick. */
struct flow_engine *flow_engine_new(const struct flow_options *options);
void flow_engine_free(struct flow_engine *e); /* NULL is allowed; not while it runs */

/* Something was committed that concerns the workflow. From any thread. */
void flow_poke(struct flow_engine *e);

/*
 * Takes up everything that is due, in this thread, until it waits; returns the monotonic time when
 * to look again (INT64_MAX: only when poked).
 */
int64_t flow_tick(struct flow_engine *e);

/*
 * The same with a pool: one of its threads looks what is due and the others carry it out, until the
 * runner stops (run.wait_ms says so). false: the pool took nothing.
 */
bool flow_engine_start(struct flow_engine *e);

/* Live instances, as of the last look. */
size_t flow_live(struct flow_engine *e);

/* ---- for operations: what they put into their write-set ---- */

enum flow_kind { FLOW_KIND_RECOVERY, FLOW_KIND_TERMINATE };

struct flow_start {
    enum flow_kind kind;
    struct str execution_id;
    int64_t epoch;           /* of a termination its sequence */
    const struct json *data; /* the first state's input */
    int64_t now_ms;
};

/* "<executionId>#<epoch>" or "<executionId>#terminate#<sequence>". */
struct str flow_instance_id(struct arena *a, enum flow_kind kind, struct str execution_id,
                            int64_t epoch);

/* Puts the instance and its definition; returns the definition's hash. */
struct str flow_begin(struct arena *a, struct write_set *ws, const struct flow_start *start);

/* The next epoch of a running one, with the definition that it started with. */
void flow_succeed(struct arena *a, struct write_set *ws, const struct flow_start *start,
                  struct str definition);

/* Answers a task token; the caller sees to it that nobody has. The engine takes it at its next
 * look.
 */
void flow_answer(struct arena *a, struct write_set *ws, struct str token, const struct json *value);

/* The texts in this binary. */
struct str flow_definition_text(enum flow_kind kind);

#endif
