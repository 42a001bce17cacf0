#ifndef OPS_CONTEXT_H
#define OPS_CONTEXT_H

#include "base/field.h"
#include "base/ports.h"
#include "store/reader.h"

/*
 * What an operation is handed: its decoded parameters, its reply to fill, the ports it may use.
 * Three kinds, by what they may do; a query operation that tries to write does not compile.
 */
struct aws_error;
struct aws_reader;
struct aws;
struct store;
struct write_set;

/* How the workflow waits; set once for the process. */
struct workflow_settings {
    int64_t visibility_ms; /* drs.visibility_s: a new job may be invisible for so long */
    int64_t poll_min_ms;   /* the poll interval adapts between these */
    int64_t poll_max_ms;
    int64_t wave_deadline_ms; /* a wave that takes longer has failed */
};
#define WORKFLOW_DEFAULTS                                                  \
    {                                                                      \
        .visibility_ms = 90000, .poll_min_ms = 2000, .poll_max_ms = 30000, \
        .wave_deadline_ms = 4 * 60 * 60 * 1000                             \
    }

/* What all three share. */
struct call_ctx {
    struct arena *arena;
    struct str operation; /* the name used: aliases differ in defaults and texts */
    bool event_dialect;
    struct str principal;
    bool by_workflow; /* our own engine calls, nobody from outside */
    struct str request_id;
    struct str hub_account;   /* of the base credentials; absent until known */
    int64_t now_ms;           /* wall clock, one reading a call */
    int64_t mono_ms;          /* monotonic clock, likewise */
    int64_t deadline_mono_ms; /* monotonic clock: the caller has gone then; 0: none */
    const struct workflow_settings *workflow;
    struct faults *faults; /* all faults of the first failing stage */
    /* Details of a refusal (contract §2: at top level and under `details`), as a struct. */
    const struct field *detail_fields;
    const void *details;
};

/* A query operation: reads the store and describes AWS. May include store/reader.h, aws/..._read.h
 */
struct query_ctx {
    struct call_ctx call;
    const void *params;
    void *reply;
    struct reader *reader;
    struct aws_reader *aws;
    struct run *run;
    struct snapshots *snapshots; /* shared describes, single flight, 30 s at most */
};

/* A changing operation: reads, then fills the write-set that the dispatcher commits once. */
struct ctx {
    struct call_ctx call;
    const void *params;
    void *reply;
    struct reader *reader;
    struct aws_reader *aws;
    struct run *run;
    struct entropy *entropy;
    struct snapshots *snapshots;
    struct write_set *writes;
    struct field_conflict *conflicts; /* of a row that yields_to_stored */
    bool poke_workflow;               /* set: the engine looks for work after the commit */
};

/*
 * A task of the workflow (contract §4, actions): may commit in several steps, because an intent
 * must be durable before the call to AWS that it announces. Idempotent: it may run again after a
 * crash.
 */
struct task_ctx {
    struct call_ctx call;
    const void *params;
    const struct json *event; /* the whole event: the action works from `state` */
    struct json_writer *out;  /* the answer, written whole by the task */
    struct store *store;
    struct reader *reader;
    struct aws *aws;
    struct run *run;
    struct clock *clock;
    struct entropy *entropy;
};

/*
 * Refuses: records the fault with its one message and returns it.
 *   return call_fail(&c->call, FAULT_NOT_FOUND, "Protection group '" STR_FMT "' ...", ...);
 */
enum fault call_fail(struct call_ctx *c, enum fault f, const char *fmt, ...) PRINTF_LIKE(3, 4);

/* The same for one of several faults of a stage: names the field; go on, then return the first. */
enum fault call_fault(struct call_ctx *c, enum fault f, struct str field, const char *fmt, ...)
    PRINTF_LIKE(4, 5);

/* For a call to AWS that failed with `f`: "Failed to <doing>: <code>: <message>". */
enum fault call_fail_aws(struct call_ctx *c, enum fault f, const struct aws_error *error,
                         const char *doing);

/* Members shown with the refusal: `details` and at top level. `value` lives in the call's arena. */
void call_detail(struct call_ctx *c, const struct field *fields, const void *value);

#endif
