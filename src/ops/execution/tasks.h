#ifndef OPS_EXECUTION_TASKS_H
#define OPS_EXECUTION_TASKS_H

#include "ops/execution/runs.h"
#include "rules/cause.h"

/*
 * The tasks of the workflow (recovery.asl.json, terminate.asl.json). Each may run again after a
 * crash, at any point of it, and then finds what was done and does the rest.
 */
enum fault task_begin_execution(struct task_ctx *c);    /* execute_recovery_plan_worker */
enum fault task_initiate_wave(struct task_ctx *c);      /* what to do next */
enum fault task_start_wave(struct task_ctx *c);         /* start_wave_recovery */
enum fault task_update_wave(struct task_ctx *c);        /* update_wave_completion_status */
enum fault task_store_token(struct task_ctx *c);        /* store_task_token */
enum fault task_continue_execution(struct task_ctx *c); /* hand over to a successor */
enum fault task_finalize_execution(struct task_ctx *c); /* and the end */
enum fault task_terminate(struct task_ctx *c);          /* terminate_recovery_instances_worker */

/* start_wave_recovery from outside, by the state alone (S4). */
enum fault outside_start_wave(struct task_ctx *c);

/* update_wave_completion_status from outside: top-level parameters (S3). */
enum fault outside_update_wave(struct task_ctx *c);

/* ---- launch.c: one launch, towards exactly one DRS job ---- */

struct launching {
    struct work *w;
    struct run_row *row; /* of the launch */
    struct run_row *wave;
    struct aws_at at;
    bool stopping; /* cancelled: look, but do not call any more */
};

/* As far as it goes now; FAULT_NONE also when it must wait. Store faults pass. */
MUST_CHECK enum fault launch_advance(struct launching *l);

/* The launch is over, and that is certain: its servers have failed, or were cancelled. */
MUST_CHECK enum fault launch_give_up(struct launching *l, struct cause why, bool cancelled);

/* Nobody watches it any more, whether a job of it runs or not; its servers say which. */
MUST_CHECK enum fault launch_abandon(struct launching *l, struct cause why, bool cancelled);

/* DRS has refused the start itself: l->at.error. */
MUST_CHECK enum fault launch_refused(struct launching *l);

/* DRS has certainly not taken it up: the next call needs no look, only patience. */
MUST_CHECK enum fault launch_postpone(struct launching *l);

/*
 * AWS would not tell about the job: l->at.error. Noted where a person sees it and asked again, for
 * it is no word about any server; a cancelled execution does not wait for it.
 */
MUST_CHECK enum fault launch_unheard(struct launching *l, const char *operation);

/* AWS has told: whatever was noted stands in the way no more. true: something was. */
bool launch_heard(struct launching *l);

/* ---- launch_configure.c: how its servers shall be launched ---- */

/*
 * Tells DRS and EC2 what has not been told yet. *go_on: all has, and a server is left to launch.
 * Servers that refused have failed and are no longer in the launch.
 */
MUST_CHECK enum fault launch_configure(struct launching *l, bool *go_on);

/* ---- job.c: what DRS says about a job, put on record ---- */

MUST_CHECK enum fault job_record(struct launching *l);

/* ---- wave.c ---- */

/* Starts the wave's launches as far as it goes now; what stands in the way is noted. */
MUST_CHECK enum fault wave_advance(struct work *w, struct run_row *wave);

/* What DRS says of the wave's jobs, put on record; it ends when all of them have, or takes too
 * long.
 */
MUST_CHECK enum fault wave_record(struct work *w, struct run_row *row);

/* The end of a wave of which every launch has ended, by its servers. */
MUST_CHECK enum fault wave_end(struct work *w, struct run_row *row, bool timed_out);

/* Why the execution is not what it should be, by its waves. */
struct cause waves_cause(struct work *w);

/* All launches of the wave that have not ended are given up. */
MUST_CHECK enum fault wave_abandon(struct work *w, struct run_row *row, struct cause why);

/* Why the wave failed, by its servers. */
MUST_CHECK enum fault wave_cause(struct work *w, const struct run_row *row, bool timed_out,
                                 struct cause *out);

#endif
