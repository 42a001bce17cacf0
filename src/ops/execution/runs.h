#ifndef OPS_EXECUTION_RUNS_H
#define OPS_EXECUTION_RUNS_H

#include "aws/drs.h"
#include "model/execution.h"
#include "ops/execution/poll.h"
#include "rules/launches.h"
#include "rules/outcome.h"
#include "rules/transitions.h"
#include "rules/waves.h"
#include "store/store.h"

/*
 * What the workflow's tasks share: an execution with its rows, fenced by the epoch of the state
 * that the task was handed, and writing them so that whoever was faster wins.
 */
enum { RUNS_MAX = 20000, BATCH_ROWS = 90 };

struct run_rows {
    struct run_row *items;
    size_t len;
};

/* All rows whose key begins so, in the order of their keys. */
MUST_CHECK enum fault runs_read(struct reader *reader, struct arena *a, struct str execution_id,
                                struct str prefix, struct run_rows *out);

/* Whether a row of that key is among them. */
bool runs_have(const struct run_rows *rows, struct str key);

MUST_CHECK enum fault execution_read(struct reader *reader, struct arena *a, struct str id,
                                     struct execution *out);

/* The rules' view of the waves; `waves` by number. */
struct waves_view runs_view(struct arena *a, const struct execution *e,
                            const struct run_rows *waves);

/* ---- a task at work ---- */

struct work {
    struct task_ctx *c;
    struct arena *arena;
    const struct json *state; /* of the workflow */
    struct execution e;
    struct run_rows waves;
    struct write_set *ws; /* what the next work_submit writes */
    bool writes_execution;
};

/*
 * Reads the execution that `state` names, and its waves. FAULT_FENCED when the state's epoch is not
 * the execution's: another one has taken over.
 */
MUST_CHECK enum fault work_begin(struct task_ctx *c, const struct json *state, struct work *w);

/* The same whatever the epoch: for what is fenced by something else. */
MUST_CHECK enum fault work_begin_unfenced(struct task_ctx *c, const struct json *state,
                                          struct work *w);

/* The row as it shall be; raises its revision and expects the one that was read. */
void work_put(struct work *w, struct run_row *row);
void work_put_execution(struct work *w);

/* Commits what was put, unless the epoch has moved on; afterwards the next set begins. */
MUST_CHECK enum fault work_submit(struct work *w);

/* Submits when a batch is full. */
MUST_CHECK enum fault work_submit_full(struct work *w);

/* The launches, or the servers, of a wave's present attempt. */
MUST_CHECK enum fault work_launches(struct work *w, const struct wave_run *wave,
                                    struct run_rows *out);
MUST_CHECK enum fault work_servers(struct work *w, const struct wave_run *wave,
                                   struct run_rows *out);

/* The wave's row, or NULL. */
struct run_row *work_wave(struct work *w, int64_t number);

/* Moves a status as the table has it; false: not allowed, nothing changed. */
bool wave_move(struct wave_run *wave, enum transition_event event, enum transition_guard guard);
bool execution_move(struct execution *e, enum transition_event event, enum transition_guard guard);
bool server_move(struct server_run *s, enum transition_event event);

/* Runs fn again when somebody else was faster, a few times. */
MUST_CHECK enum fault work_retry(struct task_ctx *c, enum fault (*fn)(struct task_ctx *c));

/* The state of an action's event. */
const struct json *event_state(const struct task_ctx *c);

#endif
