#include "base/time.h"
#include "ops/execution/external.h"

#include <inttypes.h>

/*
 * update_wave_completion_status as somebody else's workflow calls it (S3). What it says of a wave
 * is why we look: what is recorded is what DRS says of each server, and the answer tells what came
 * of it. It never overwrites CANCELLING or an end, and answers waveData unchanged beside that.
 */
struct word {
    const char *text;
    enum transition_event event;
    enum transition_guard guard;
    bool gives_up; /* nobody waits any more, whatever still runs */
};

/* What a workflow may say of a wave, in either case, S4's and S3's words. */
static const struct word wave_words[] = {
    {"INITIATED", EVENT_RUN, GUARD_NONE},    {"LAUNCHING", EVENT_RUN, GUARD_NONE},
    {"STARTED", EVENT_RUN, GUARD_NONE},      {"RUNNING", EVENT_RUN, GUARD_NONE},
    {"IN_PROGRESS", EVENT_RUN, GUARD_NONE},  {"COMPLETED", EVENT_SETTLE, GUARD_SUCCESS},
    {"FAILED", EVENT_SETTLE, GUARD_FAILURE}, {"TIMEOUT", EVENT_SETTLE, GUARD_FAILURE, true},
    {"CANCELLED", EVENT_CANCEL, GUARD_NONE}, {"SKIPPED", EVENT_SKIP, GUARD_NONE},
};

struct update {
    struct work w;
    const struct action_params *in;
    const struct word *word;
    bool was_active;
};

static const struct word *word_of(struct str status)
{
    for (size_t i = 0; i < ARRAY_LEN(wave_words); i++)
        if (str_eq_fold(status, str_from_z(wave_words[i].text)))
            return &wave_words[i];
    return NULL;
}

static bool agrees(const struct word *word, int wave_status)
{
    switch (word->event) {
    case EVENT_SETTLE:
        return wave_status == (word->guard == GUARD_SUCCESS ? WAVE_COMPLETED : WAVE_FAILED);
    case EVENT_CANCEL:
        return wave_status == WAVE_CANCELLED;
    case EVENT_SKIP:
        return wave_status == WAVE_SKIPPED;
    default:
        return wave_is_active(wave_status);
    }
}

/* ---- a wave that has launches ---- */

static bool any_unknown(const struct run_rows *launches)
{
    for (size_t i = 0; i < launches->len; i++)
        if (launches->items[i].launch->state != LAUNCH_ENDED &&
            launch_is_unknown(launches->items[i].launch))
            return true;
    return false;
}

/* A wave without a job has failed when its workflow says so; one with a job goes on until DRS does.
 */
static enum fault give_up(struct update *u, struct run_row *row)
{
    struct run_rows launches = {0};
    struct cause why = {
        STR("WORKFLOW_GAVE_UP"),
        arena_strf(u->w.arena, "The workflow that runs the wave said %s", u->word->text)};
    enum fault f = work_launches(&u->w, row->wave, &launches);

    if (f || !(u->word->gives_up || (u->word->guard == GUARD_FAILURE && !any_unknown(&launches))))
        return f;
    f = wave_abandon(&u->w, row, why);
    return f ? f : wave_end(&u->w, row, u->word->gives_up);
}

static enum fault record_active(struct update *u, struct run_row *row)
{
    enum fault f = wave_record(&u->w, row);

    return !f && wave_is_active(row->wave->status) ? give_up(u, row) : f;
}

/* ---- a wave that was never started ---- */

static void fail_unstarted(struct update *u, struct wave_run *wave)
{
    (void)wave_move(wave, EVENT_START, GUARD_NONE);
    (void)wave_move(wave, EVENT_SETTLE, GUARD_FAILURE);
    wave->outcome = u->word->gives_up ? OUTCOME_TIMED_OUT : OUTCOME_FAILED;
    wave->failed_count = wave->server_count;
    wave->error_code = STR(CAUSE_NOT_STARTED);
    wave->error_message = STR("The workflow that runs the wave never started it");
}

/* It may be passed over or have failed; nobody has seen it succeed. */
static enum fault record_unstarted(struct update *u)
{
    struct work *w = &u->w;
    const struct wave_plan *plan = outside_wave_plan(&w->e, u->in->wave_number);
    struct wave_run *wave = arena_new_of(w->arena, struct wave_run);
    struct run_row row = {.execution_id = w->e.id, .wave = wave};
    enum fault f;

    if (!plan)
        return call_fail(&w->c->call, FAULT_INVALID_PARAMETER,
                         "Wave %" PRId64 " is none of the execution's", u->in->wave_number);
    *wave = (struct wave_run){.wave_number = plan->wave_number,
                              .name = plan->name,
                              .status = WAVE_PENDING,
                              .attempt = 1,
                              .server_count = plan->server_count,
                              .ended_at = w->c->call.now_ms};
    if (u->word->guard == GUARD_FAILURE)
        fail_unstarted(u, wave);
    else if (!wave_move(wave, u->word->event, u->word->guard))
        return call_fail(&w->c->call, FAULT_INVALID_STATE, "Wave %" PRId64 " has not been started",
                         plan->wave_number);
    row.key = run_key_wave(w->arena, plan->wave_number);
    work_put(w, &row);
    f = work_submit(w);
    return f ? f : runs_read(w->c->reader, w->arena, w->e.id, STR("wave#"), &w->waves);
}

/* ---- the execution ---- */

void outside_settle(struct work *w)
{
    struct wave_end *ends = arena_array_of(w->arena, w->waves.len + 1, struct wave_end);
    bool all = w->waves.len >= w->e.wave_plans.len;
    bool any_failed = false;
    bool any_active = false;
    struct ending ending;
    struct cause cause = waves_cause(w);

    w->e.error_code = cause.code;
    w->e.error_message = cause.message;

    for (size_t i = 0; i < w->waves.len; i++) {
        const struct wave_run *wave = w->waves.items[i].wave;

        ends[i] = (struct wave_end){wave->status, wave->outcome};
        all = all && wave_is_terminal(wave->status);
        any_failed |= wave->status == WAVE_FAILED;
        any_active |= wave_is_active(wave->status);
    }
    if (!all && (!any_failed || any_active))
        return;
    ending = execution_ending(ends, w->waves.len, false);
    if (!execution_move(&w->e, EVENT_SETTLE,
                        ending.status == EXECUTION_COMPLETED ? GUARD_SUCCESS : GUARD_FAILURE))
        return;
    w->e.outcome = ending.outcome;
    w->e.ended_at = w->c->call.now_ms;
}

/* ---- the answer ---- */

static bool is_closed(const struct update *u)
{
    return execution_is_terminal(u->w.e.status) || u->w.e.status == EXECUTION_CANCELLING;
}

/*
 * What was said where it holds, else what does, as loud as it was said. That a wave runs is taken
 * back by the next poll alone, which says so in waveData too.
 */
static struct str status_of(const struct update *u, const struct run_row *row)
{
    struct arena *a = u->w.arena;
    struct str said = u->in->status;
    struct str now;

    if (!row || u->word->event == EVENT_RUN || agrees(u->word, row->wave->status))
        return said;
    now = wave_is_active(row->wave->status) ? STR("RUNNING")
                                            : str_from_z(wave_status_names[row->wave->status]);
    return str_eq(said, arena_str_lower(a, said)) ? arena_str_lower(a, now) : now;
}

static struct str message_of(const struct update *u, const struct run_row *row)
{
    struct arena *a = u->w.arena;
    const char *wave = row ? wave_status_names[row->wave->status] : "";

    if (row && agrees(u->word, row->wave->status))
        return STR("Wave status recorded");
    if (row && wave_is_terminal(row->wave->status))
        return u->was_active ? arena_strf(a, "By what DRS says of each server the wave is %s", wave)
                             : arena_strf(a, "The wave is %s, which is not overwritten", wave);
    if (!row || is_closed(u))
        return arena_strf(a, "The execution is %s, and nothing is recorded",
                          execution_status_names[u->w.e.status]);
    return arena_strf(a,
                      "The wave is not over by what DRS says of its servers, and %s is not "
                      "recorded; TIMEOUT gives it up",
                      u->word->text);
}

static const char *const own_names[] = {"status",     "executionId", "planId",
                                        "waveNumber", "waveStatus",  "executionStatus",
                                        "updatedAt",  "message",     NULL};

static bool is_own(struct str name)
{
    for (size_t i = 0; own_names[i]; i++)
        if (str_eq_z(name, own_names[i]))
            return true;
    return false;
}

static void answer(struct update *u)
{
    struct work *w = &u->w;
    const struct action_params *in = u->in;
    const struct json *data = in->wave_data;
    const struct run_row *row = work_wave(w, in->wave_number);
    struct json_writer *out = w->c->out;

    json_begin_object(out);
    for (size_t i = 0; json_is(data, JS_OBJECT) && i < data->len; i++) {
        if (is_own(data->members[i].name))
            continue;
        json_name(out, data->members[i].name);
        json_put(out, &data->members[i].value);
    }
    json_member_str(out, "executionId", w->e.id);
    json_member_str(out, "planId", w->e.plan_id);
    json_member_int(out, "waveNumber", in->wave_number);
    json_member_str(out, "status", status_of(u, row));
    if (row)
        json_member_str(out, "waveStatus", str_from_z(wave_status_names[row->wave->status]));
    json_member_str(out, "executionStatus", str_from_z(execution_status_names[w->e.status]));
    json_member_str(out, "updatedAt", time_rfc3339(w->arena, w->e.updated_at));
    json_member_str(out, "message", message_of(u, row));
    json_end_object(out);
}

/* ---- the call ---- */

static struct str known_words(struct arena *a)
{
    struct buf b = buf_new(a, 256);

    for (size_t i = 0; i < ARRAY_LEN(wave_words); i++)
        buf_addf(&b, "%s%s", i ? ", " : "", wave_words[i].text);
    return buf_str(&b);
}

static enum fault check_shape(struct update *u)
{
    struct call_ctx *call = &u->w.c->call;
    struct outside o = {.c = u->w.c};
    enum fault f = u->in->execution_id.len ? FAULT_NONE : outside_missing(&o, "executionId");

    if (!u->in->has_wave_number)
        f = outside_missing(&o, "waveNumber");
    if (!u->in->status.len)
        f = outside_missing(&o, "status");
    if (f || u->word)
        return f;
    return call_fault(call, FAULT_INVALID_PARAMETER, STR("status"),
                      "'status' must be one of " STR_FMT ", not '" STR_FMT "'",
                      STR_ARG(known_words(call->arena)), STR_ARG(u->in->status));
}

static enum fault read_execution(struct update *u)
{
    struct work *w = &u->w;
    enum fault f = execution_read(w->c->reader, w->arena, u->in->execution_id, &w->e);

    w->ws = write_set_new(w->arena);
    if (f == FAULT_NOT_FOUND)
        return call_fail(&w->c->call, f, "Execution with ID '" STR_FMT "' not found",
                         STR_ARG(u->in->execution_id));
    if (!f)
        f = outside_may(w->c, &w->e);
    return f ? f : runs_read(w->c->reader, w->arena, w->e.id, STR("wave#"), &w->waves);
}

/*
 * That a wave goes on is no news of the execution, and many waves may be told of at once. Where one
 * has ended it is written even so: of two that end together, the second then sees the other.
 */
static enum fault settle(struct update *u, bool ended)
{
    struct execution *e = &u->w.e;
    struct execution before = *e;

    outside_settle(&u->w);
    if (ended || e->status != before.status || !str_eq(e->error_code, before.error_code) ||
        !str_eq(e->error_message, before.error_message))
        work_put_execution(&u->w);
    return work_submit(&u->w);
}

static enum fault record(struct update *u)
{
    struct run_row *row = work_wave(&u->w, u->in->wave_number);
    enum fault f = FAULT_NONE;

    u->was_active = row && wave_is_active(row->wave->status);
    if (u->was_active)
        f = record_active(u, row);
    else if (!row)
        f = record_unstarted(u);
    if (f)
        return f;
    return settle(u, !row || (u->was_active && wave_is_terminal(row->wave->status)));
}

enum fault outside_update_wave(struct task_ctx *c)
{
    struct update u = {.w = {.c = c, .arena = c->call.arena}, .in = c->params};
    enum fault f;

    u.word = word_of(u.in->status);
    f = check_shape(&u);
    if (!f)
        f = read_execution(&u);
    if (!f && !is_closed(&u))
        f = record(&u);
    if (!f)
        answer(&u);
    return f;
}
