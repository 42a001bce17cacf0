#include "flow/flow.h"
#include "ops/execution/tasks.h"

/*
 * What to do next: rules/waves.h decides, this carries it out and tells the workflow. Waves whose
 * time has come are INITIATED, gates hold, and `ready_waves` names those with launches to start.
 */
static bool start_wave(struct work *w, struct run_row *row)
{
    struct wave_run *wave = row->wave;

    if (!wave_move(wave, EVENT_START, GUARD_NONE))
        return false;
    wave->started_at = w->c->call.now_ms;
    wave->mono_base = clock_mono_ms(w->c->clock);
    work_put(w, row);
    return true;
}

/* true: a wave begins. */
static bool apply_judgements(struct work *w)
{
    struct waves_view view = runs_view(w->arena, &w->e, &w->waves);
    bool begins = false;

    for (size_t i = 0; i < w->waves.len; i++) {
        enum wave_verdict verdict = wave_judge(&view, i).verdict;

        if (verdict == WAVE_READY)
            begins |= start_wave(w, &w->waves.items[i]);
        else if (verdict == WAVE_GATED && wave_move(w->waves.items[i].wave, EVENT_HOLD, GUARD_NONE))
            work_put(w, &w->waves.items[i]);
    }
    return begins;
}

static bool any_to_start(struct work *w, const struct run_rows *rows)
{
    const struct launch_run **launches =
        arena_array_of(w->arena, rows->len ? rows->len : 1, const struct launch_run *);

    for (size_t i = 0; i < rows->len; i++)
        launches[i] = rows->items[i].launch;
    for (size_t i = 0; i < rows->len; i++)
        if (launch_is_ready(launches, rows->len, i) && launches[i]->state != LAUNCH_STARTED)
            return true;
    return false;
}

static enum fault collect_ready(struct work *w, struct ints *ready)
{
    struct run_rows launches;
    enum fault f;

    ready->items = arena_array_of(w->arena, w->waves.len ? w->waves.len : 1, int64_t);
    for (size_t i = 0; i < w->waves.len; i++) {
        const struct wave_run *wave = w->waves.items[i].wave;

        if (!wave_is_active(wave->status))
            continue;
        f = work_launches(w, wave, &launches);
        if (f)
            return f;
        if (any_to_start(w, &launches))
            ready->items[ready->len++] = wave->wave_number;
    }
    return FAULT_NONE;
}

static const char *decide(struct work *w, const struct waves_plan *plan, const struct ints *ready)
{
    if (ready->len)
        return "START";
    if (plan->any_active)
        return "WAIT";
    if (plan->any_gated && !w->e.has_waiting_wave &&
        execution_move(&w->e, EVENT_HOLD, GUARD_IDLE)) {
        w->e.has_waiting_wave = true;
        w->e.waiting_wave = plan->gated;
        work_put_execution(w);
    }
    return plan->any_gated ? "PAUSE" : "FINISH";
}

static enum fault initiate(struct task_ctx *c)
{
    struct work w;
    struct state_change change = {.has_ready_waves = true};
    struct waves_view view;
    struct waves_plan plan;
    enum fault f = work_begin(c, event_state(c), &w);

    if (!f && apply_judgements(&w)) /* else the poll has said how long to wait */
        change.poll_ms = c->call.workflow->poll_min_ms;
    if (!f)
        f = collect_ready(&w, &change.ready_waves);
    if (f)
        return f;
    view = runs_view(w.arena, &w.e, &w.waves);
    plan = waves_decide(&view);
    change.decision = decide(&w, &plan, &change.ready_waves);
    f = work_submit(&w);
    if (f)
        return f;
    if (change.ready_waves.len) {
        change.has_wave = true;
        change.wave = change.ready_waves.items[0];
    }
    json_put(c->out, state_with(w.arena, w.state, &w.e, &change));
    return FAULT_NONE;
}

enum fault task_initiate_wave(struct task_ctx *c)
{
    return work_retry(c, initiate);
}

/* ---- the gate ---- */

/*
 * The workflow waits for the token from here on. Who approves finds it in the execution and answers
 * it in the same submit; when the gate was opened before the token came here, it is answered now.
 */
static enum fault store_token(struct task_ctx *c)
{
    const struct action_params *in = c->params;
    struct work w;
    enum fault f = work_begin(c, event_state(c), &w);

    if (f)
        return f;
    if (w.e.status == EXECUTION_PAUSED) {
        w.e.task_token = in->task_token;
        work_put_execution(&w);
    } else {
        flow_answer(w.arena, w.ws, in->task_token, flow_json_object(w.arena));
    }
    f = work_submit(&w);
    if (!f)
        json_put(c->out, flow_json_object(w.arena));
    return f;
}

enum fault task_store_token(struct task_ctx *c)
{
    return work_retry(c, store_token);
}

/* ---- handing over ---- */

/*
 * A workflow's history is limited: after so many loops a successor goes on, with the same execution
 * id and the next epoch. Run again after a crash it finds itself FENCED, which ends it as well.
 */
static enum fault continue_execution(struct task_ctx *c)
{
    struct work w;
    struct flow_start start = {.kind = FLOW_KIND_RECOVERY, .now_ms = c->call.now_ms};
    enum fault f = work_begin(c, event_state(c), &w);

    if (f)
        return f;
    w.e.epoch++;
    start.execution_id = w.e.id;
    start.epoch = w.e.epoch;
    start.data = state_new(w.arena, &w.e, c->call.workflow->poll_min_ms);
    flow_succeed(w.arena, w.ws, &start, w.e.definition);
    work_put_execution(&w);
    f = work_submit(&w);
    if (!f)
        json_put(c->out, flow_json_object(w.arena));
    return f;
}

enum fault task_continue_execution(struct task_ctx *c)
{
    return work_retry(c, continue_execution);
}
