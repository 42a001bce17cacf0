#include "ops/execution/tasks.h"

#include "model/plan.h"
#include "ops/execution/claims.h"

/*
 * The end: waves that will not run any more are CANCELLED, the outcome is decided, and plan, groups
 * and servers are free again. A crash after the status was written and before the claims were given
 * back is why they are given back again by a run that finds the execution over.
 */
static enum fault abort_wave(struct work *w, struct run_row *row, struct cause why)
{
    struct wave_run *wave = row->wave;
    struct cause cause;
    enum fault f = wave_abandon(w, row, why);

    if (!f)
        f = wave_cause(w, row, false, &cause);
    if (f || !wave_move(wave, EVENT_FAIL, GUARD_NONE))
        return f;
    wave->outcome = OUTCOME_FAILED;
    wave->error_code = why.code;
    wave->error_message =
        arena_strf(w->arena, STR_FMT ". " STR_FMT, STR_ARG(why.message), STR_ARG(cause.message));
    wave->ended_at = w->c->call.now_ms;
    work_put(w, row);
    return work_submit_full(w);
}

/* Seen as the waves stand now: one that is given up takes those that depend on it along. */
static enum fault close_wave(struct work *w, size_t i)
{
    struct run_row *row = &w->waves.items[i];
    struct waves_view view = runs_view(w->arena, &w->e, &w->waves);

    if (!wave_move(row->wave, EVENT_CANCEL, GUARD_NONE))
        return FAULT_NONE;
    row->wave->ended_at = w->c->call.now_ms;
    row->wave->error_code = STR(CAUSE_NOT_STARTED);
    row->wave->error_message = wave_why_not(w->arena, &view, i);
    work_put(w, row);
    return work_submit_full(w);
}

static struct ending ending_of(struct work *w)
{
    struct wave_end *ends =
        arena_array_of(w->arena, w->waves.len ? w->waves.len : 1, struct wave_end);

    for (size_t i = 0; i < w->waves.len; i++)
        ends[i] =
            (struct wave_end){w->waves.items[i].wave->status, w->waves.items[i].wave->outcome};
    return execution_ending(ends, w->waves.len, w->e.status == EXECUTION_CANCELLING);
}

/* `why` it was aborted; without a code it was not. */
static void end_execution(struct work *w, struct cause why)
{
    bool aborted = why.code.len > 0;
    struct cause cause = waves_cause(w);
    struct ending ending = ending_of(w);
    enum transition_guard guard =
        ending.status == EXECUTION_COMPLETED ? GUARD_SUCCESS : GUARD_FAILURE;

    (void)execution_move(&w->e, aborted ? EVENT_FAIL : EVENT_SETTLE, guard);
    w->e.outcome = ending.outcome;
    if (aborted && ending.status == EXECUTION_COMPLETED)
        w->e.outcome = OUTCOME_FAILED;
    w->e.ended_at = w->c->call.now_ms;
    w->e.has_waiting_wave = false;
    w->e.task_token = (struct str){0};
    if (aborted && !cause.code.len)
        cause = why;
    w->e.error_code = cause.code;
    w->e.error_message = cause.message;
}

static enum fault tell_plan(struct work *w)
{
    struct plan plan = {0};
    struct str status = str_from_z(execution_status_names[w->e.status]);
    enum fault f =
        reader_get(w->c->reader, w->arena, COLLECTION_PLANS, w->e.plan_id, (struct str){0}, &plan);
    size_t n;

    if (f == FAULT_NOT_FOUND || (!f && !str_eq(plan.last_execution_id, w->e.id)))
        return FAULT_NONE;
    if (f)
        return f;
    n = ws_update(w->ws, COLLECTION_PLANS, w->e.plan_id, (struct str){0});
    ws_set_text(w->ws, n, "lastExecutionStatus", status);
    ws_set_int(w->ws, n, "lastEndedAt", w->e.ended_at);
    ws_if_text(w->ws, n, "lastExecutionId", w->e.id, FAULT_CONDITION_FAILED);
    return FAULT_NONE;
}

static enum fault release(struct work *w)
{
    struct refusal why;
    enum fault f = execution_claims_release(w->c->reader, w->arena, &w->e, w->ws);

    if (!f)
        f = store_commit(w->c->store, w->arena, w->ws, &why);
    w->ws = write_set_new(w->arena);
    w->writes_execution = false;
    return f;
}

static struct str cause_of(const struct json *state)
{
    struct str cause = json_str(json_get_z(json_get_z(state, "failure"), "Cause"));

    return cause.len ? cause : STR("The workflow could not go on");
}

static enum fault finalize(struct task_ctx *c)
{
    const struct action_params *in = c->params;
    struct work w;
    struct cause why = {0};
    enum fault f = work_begin(c, event_state(c), &w);

    if (f)
        return f;
    if (in->abort)
        why = (struct cause){STR("PLAN_EXECUTION_FAILED"), cause_of(event_state(c))};
    if (!execution_is_terminal(w.e.status)) {
        for (size_t i = 0; i < w.waves.len && !f; i++)
            f = in->abort && wave_is_active(w.waves.items[i].wave->status)
                    ? abort_wave(&w, &w.waves.items[i], why)
                    : close_wave(&w, i);
        if (!f)
            f = work_submit(&w);
        if (f)
            return f;
        end_execution(&w, why);
        work_put_execution(&w);
        f = tell_plan(&w);
    }
    if (!f)
        f = release(&w);
    if (!f)
        json_put(c->out, state_with(w.arena, w.state, &w.e, &(struct state_change){0}));
    return f;
}

enum fault task_finalize_execution(struct task_ctx *c)
{
    return work_retry(c, finalize);
}
