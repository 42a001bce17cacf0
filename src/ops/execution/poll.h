#ifndef OPS_EXECUTION_POLL_H
#define OPS_EXECUTION_POLL_H

#include "aws/drs_read.h"
#include "model/execution.h"
#include "ops/context.h"

/*
 * What the reading and the writing half of the workflow share; nothing here can write. (A query
 * operation includes this, never runs.h.)
 */
struct action_params {
    const struct json *state;
    int64_t wave_number;
    bool has_wave_number;
    struct str task_token;
    bool abort;
    /* update_wave_completion_status, by its own top-level spellings */
    struct str execution_id;
    struct str plan_id;
    struct str status;
    const struct json *wave_data;
};
extern const struct field action_params_fields[];

/*
 * How far back jobs are listed: older ones have ended, for DRS gives up after a day; an hour of
 * clock trouble on top.
 */
enum { JOBS_SINCE_MS = 25 * 60 * 60 * 1000 };

/* Status and per-server letters of a job, to see whether anything is new. */
struct str poll_digest(struct arena *a, const struct drs_job *job);

/* What a refusal is called on record: AWS's own code, or that of a role that cannot be assumed. */
struct str poll_error_code(const struct aws_error *error);

/* As whom DRS is called for that context. */
struct aws_target poll_target(struct arena *a, const struct account_context *c,
                              struct str hub_account);

/* The name of that role, for people; empty where there is none. */
struct str poll_role_name(const struct account_context *c);

/* ---- the state that the workflow carries ---- */

struct state_change {
    const char *decision; /* NULL: as it was */
    struct ints ready_waves;
    bool has_ready_waves;
    int64_t wave; /* current_wave_number */
    bool has_wave;
    bool has_changed;
    bool changed;
    int64_t add_loops;
    int64_t poll_ms; /* 0: as it was */
};

/* The state with those members set, and status, in either spelling. */
const struct json *state_with(struct arena *a, const struct json *state, const struct execution *e,
                              const struct state_change *change);

/* The state of a new workflow instance. */
const struct json *state_new(struct arena *a, const struct execution *e, int64_t poll_ms);

/* poll_wave_status */
enum fault task_poll_wave_status(struct query_ctx *c);

/* The same of an execution that somebody else's workflow runs: what became of the wave (S3). */
MUST_CHECK enum fault outside_poll_wave(struct query_ctx *c, const struct execution *e);

#endif
