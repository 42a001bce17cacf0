#include "ops/execution/tasks.h"

/* Starting a wave's launches and recording what became of them: the two writing halves of the loop.
 */

static struct launching launching_of(struct work *w, struct run_row *wave, struct run_row *row)
{
    return (struct launching){
        .w = w,
        .row = row,
        .wave = wave,
        .at = {.arena = w->arena,
               .target =
                   poll_target(w->arena, row->launch->account_context, w->c->call.hub_account)},
        .stopping = w->e.status == EXECUTION_CANCELLING || execution_is_terminal(w->e.status),
    };
}

static const struct launch_run *const *views_of(struct arena *a, const struct run_rows *rows)
{
    const struct launch_run **v =
        arena_array_of(a, rows->len ? rows->len : 1, const struct launch_run *);

    for (size_t i = 0; i < rows->len; i++)
        v[i] = rows->items[i].launch;
    return v;
}

/* ---- what stands in the way, where a person sees it ---- */

static bool put_cause(struct str *code, struct str *message, struct cause now)
{
    if (str_eq(*code, now.code) && str_eq(*message, now.message))
        return false;
    *code = now.code;
    *message = now.message;
    return true;
}

/* On the wave, of the launches that have not ended, while it runs. */
static void note_trouble(struct work *w, struct run_row *row, const struct run_rows *launches)
{
    struct wave_run *wave = row->wave;
    struct cause now = {0};

    for (size_t i = 0; i < launches->len && !now.code.len; i++) {
        const struct launch_run *l = launches->items[i].launch;

        if (l->state != LAUNCH_ENDED)
            now = cause_of_launch(l);
    }
    if (!wave_is_active(wave->status) || !put_cause(&wave->error_code, &wave->error_message, now))
        return;
    work_put(w, row);
}

struct cause waves_cause(struct work *w)
{
    const struct wave_run **waves =
        arena_array_of(w->arena, w->waves.len + 1, const struct wave_run *);

    for (size_t i = 0; i < w->waves.len; i++)
        waves[i] = w->waves.items[i].wave;
    return cause_of_execution(w->arena, waves, w->waves.len);
}

static enum fault note_on_execution(struct work *w)
{
    if (!execution_is_terminal(w->e.status) &&
        put_cause(&w->e.error_code, &w->e.error_message, waves_cause(w)))
        work_put_execution(w);
    return work_submit(w);
}

/* ---- start_wave_recovery ---- */

enum fault wave_advance(struct work *w, struct run_row *wave)
{
    struct run_rows rows;
    const struct launch_run *const *views;
    enum fault f = work_launches(w, wave->wave, &rows);

    if (f)
        return f;
    views = views_of(w->arena, &rows);
    for (size_t i = 0; i < rows.len && !f; i++) {
        struct launching l = launching_of(w, wave, &rows.items[i]);

        if (launch_is_ready(views, rows.len, i))
            f = launch_advance(&l);
    }
    if (f)
        return f;
    note_trouble(w, wave, &rows);
    return note_on_execution(w);
}

/* ready_waves without its first. */
static struct ints rest_of_ready(struct arena *a, const struct json *state)
{
    const struct json *ready = json_get_z(state, "ready_waves");
    struct ints rest = {0};

    if (!json_is(ready, JS_ARRAY) || ready->len < 2)
        return rest;
    rest.items = arena_array_of(a, ready->len, int64_t);
    for (size_t i = 1; i < ready->len; i++)
        rest.items[rest.len++] = json_int(&ready->items[i], 0);
    return rest;
}

static enum fault start(struct task_ctx *c)
{
    const struct action_params *in = c->params;
    struct state_change change = {.has_ready_waves = true, .has_wave = true};
    struct work w;
    struct run_row *row;
    enum fault f = work_begin(c, event_state(c), &w);

    if (f)
        return f;
    row = work_wave(&w, in->wave_number);
    if (row && wave_is_active(row->wave->status))
        f = wave_advance(&w, row);
    if (f)
        return f;
    change.ready_waves = rest_of_ready(w.arena, w.state);
    change.wave = in->wave_number;
    json_put(c->out, state_with(w.arena, w.state, &w.e, &change));
    return FAULT_NONE;
}

enum fault task_start_wave(struct task_ctx *c)
{
    return work_retry(c, c->call.by_workflow ? start : outside_start_wave);
}

/* ---- update_wave_completion_status ---- */

#define TIMED_OUT_CODE "WAVE_TIMED_OUT"

enum fault wave_cause(struct work *w, const struct run_row *row, bool timed_out, struct cause *out)
{
    struct run_rows rows = {0};
    const struct server_run **servers;
    enum fault f = work_servers(w, row->wave, &rows);

    servers = arena_array_of(w->arena, rows.len + 1, const struct server_run *);
    for (size_t i = 0; i < rows.len; i++)
        servers[i] = rows.items[i].server;
    *out = cause_of_wave(w->arena, servers, rows.len, timed_out);
    return f;
}

static enum fault count_servers(struct work *w, const struct wave_run *wave,
                                struct server_counts *counts)
{
    struct run_rows servers;
    enum fault f = work_servers(w, wave, &servers);

    for (size_t i = 0; i < servers.len && !f; i++)
        server_counts_add(counts, servers.items[i].server->status);
    return f;
}

enum fault wave_end(struct work *w, struct run_row *row, bool timed_out)
{
    struct wave_run *wave = row->wave;
    struct server_counts counts = {0};
    struct cause cause = {0};
    struct ending ending;
    enum fault f = count_servers(w, wave, &counts);

    if (f)
        return f;
    ending = wave_ending(&counts, timed_out);
    if (ending.status == WAVE_FAILED)
        f = wave_cause(w, row, timed_out, &cause);
    if (f || !wave_move(wave, EVENT_SETTLE,
                        ending.status == WAVE_COMPLETED ? GUARD_SUCCESS : GUARD_FAILURE))
        return f;
    wave->outcome = ending.outcome;
    wave->launched_count = (int64_t)counts.launched;
    wave->failed_count = (int64_t)(counts.failed + counts.open);
    wave->ended_at = w->c->call.now_ms;
    wave->error_code = cause.code;
    wave->error_message = cause.message;
    work_put(w, row);
    return work_submit(w);
}

/* Time since the wave's start on the monotonic clock; one that started again goes on from there. */
static int64_t wave_age(struct work *w, struct run_row *row)
{
    struct wave_run *wave = row->wave;
    int64_t now = clock_mono_ms(w->c->clock);

    if (now < wave->mono_base) {
        wave->mono_base = now;
        work_put(w, row);
    }
    return elapsed_since(wave->mono_base, now);
}

enum fault wave_abandon(struct work *w, struct run_row *row, struct cause why)
{
    struct run_rows launches = {0};
    enum fault f = work_launches(w, row->wave, &launches);

    for (size_t i = 0; i < launches.len && !f; i++) {
        struct launching l = launching_of(w, row, &launches.items[i]);

        if (l.row->launch->state != LAUNCH_ENDED)
            f = launch_abandon(&l, why, false);
    }
    return f;
}

static enum fault record_launch(struct launching *l)
{
    const struct launch_run *launch = l->row->launch;

    if (launch->state == LAUNCH_STARTED)
        return job_record(l);
    if (l->stopping && launch->state == LAUNCH_PLANNED)
        return launch_advance(l); /* which gives it up */
    return FAULT_NONE;
}

static bool were_abandoned(const struct run_rows *launches)
{
    for (size_t i = 0; i < launches->len; i++) {
        struct str code = launches->items[i].launch->error_code;

        if (str_eq_z(code, CAUSE_UNKNOWN) || str_eq_z(code, TIMED_OUT_CODE))
            return true;
    }
    return false;
}

/* The wave's launches after they were looked at: it goes on, takes too long, or is over. */
static enum fault judge_wave(struct work *w, struct run_row *row)
{
    const struct cause why = {STR(TIMED_OUT_CODE), STR("The wave took longer than it may")};
    struct run_rows launches;
    bool late = wave_age(w, row) >= w->c->call.workflow->wave_deadline_ms;
    enum fault f = work_submit(w);

    if (!f)
        f = work_launches(w, row->wave, &launches);
    if (f)
        return f;
    if (launches_have_ended(views_of(w->arena, &launches), launches.len))
        return wave_end(w, row, late && were_abandoned(&launches));
    if (!late) {
        note_trouble(w, row, &launches);
        return work_submit(w);
    }
    f = wave_abandon(w, row, why);
    return f ? f : wave_end(w, row, true);
}

enum fault wave_record(struct work *w, struct run_row *row)
{
    struct run_rows launches;
    enum fault f = work_launches(w, row->wave, &launches);

    for (size_t i = 0; i < launches.len && !f; i++) {
        struct launching l = launching_of(w, row, &launches.items[i]);

        f = record_launch(&l);
    }
    return f ? f : judge_wave(w, row);
}

static enum fault update(struct task_ctx *c)
{
    struct work w;
    enum fault f = work_begin(c, event_state(c), &w);

    for (size_t i = 0; i < w.waves.len && !f; i++)
        if (wave_is_active(w.waves.items[i].wave->status))
            f = wave_record(&w, &w.waves.items[i]);
    if (!f)
        f = note_on_execution(&w);
    if (f)
        return f;
    json_begin_object(c->out);
    json_member_str(c->out, "executionId", w.e.id);
    json_member_str(c->out, "status", str_from_z(execution_status_names[w.e.status]));
    json_end_object(c->out);
    return FAULT_NONE;
}

enum fault task_update_wave(struct task_ctx *c)
{
    return work_retry(c, c->call.by_workflow ? update : outside_update_wave);
}
