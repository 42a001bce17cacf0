#include "base/time.h"
#include "ops/execution/external.h"

/*
 * update_wave_completion_status as somebody else's workflow calls it (S3): records the status that
 * it is told, as far as the transition table allows. It never overwrites CANCELLING or an end, and
 * answers waveData unchanged plus what the record says now.
 */
struct word {
    const char *text;
    enum transition_event event;
    enum transition_guard guard;
};

/* What a workflow may say of a wave, in either case, S4's and S3's words. */
static const struct word wave_words[] = {
    {"STARTED", EVENT_RUN, GUARD_NONE},      {"RUNNING", EVENT_RUN, GUARD_NONE},
    {"IN_PROGRESS", EVENT_RUN, GUARD_NONE},  {"COMPLETED", EVENT_SETTLE, GUARD_SUCCESS},
    {"FAILED", EVENT_SETTLE, GUARD_FAILURE}, {"TIMEOUT", EVENT_SETTLE, GUARD_FAILURE},
    {"CANCELLED", EVENT_CANCEL, GUARD_NONE}, {"SKIPPED", EVENT_SKIP, GUARD_NONE},
    {"INITIATED", EVENT_START, GUARD_NONE},  {"LAUNCHING", EVENT_JOB, GUARD_NONE},
};

static const struct word *word_of(struct str status)
{
    for (size_t i = 0; i < ARRAY_LEN(wave_words); i++)
        if (str_eq_fold(status, str_from_z(wave_words[i].text)))
            return &wave_words[i];
    return NULL;
}

static void record_wave(struct work *w, int64_t number, const struct word *word)
{
    struct run_row *row = work_wave(w, number);

    if (!row || !word || !wave_move(row->wave, word->event, word->guard))
        return;
    if (wave_is_terminal(row->wave->status)) {
        row->wave->ended_at = w->c->call.now_ms;
        row->wave->outcome =
            row->wave->status == WAVE_COMPLETED ? OUTCOME_SUCCEEDED : OUTCOME_FAILED;
    }
    work_put(w, row);
}

void outside_settle(struct work *w)
{
    struct wave_end *ends = arena_array_of(w->arena, w->waves.len + 1, struct wave_end);
    bool all = w->waves.len >= w->e.wave_plans.len;
    bool any_failed = false;
    struct ending ending;

    for (size_t i = 0; i < w->waves.len; i++) {
        const struct wave_run *wave = w->waves.items[i].wave;

        ends[i] = (struct wave_end){wave->status, wave->outcome};
        all = all && wave_is_terminal(wave->status);
        any_failed |= wave->status == WAVE_FAILED;
    }
    if (!all && !any_failed)
        return;
    ending = execution_ending(ends, w->waves.len, false);
    if (!execution_move(&w->e, EVENT_SETTLE,
                        ending.status == EXECUTION_COMPLETED ? GUARD_SUCCESS : GUARD_FAILURE))
        return;
    w->e.outcome = ending.outcome;
    w->e.ended_at = w->c->call.now_ms;
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

static void answer(struct work *w, const struct action_params *in)
{
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
    json_member_str(out, "status", in->status);
    if (row)
        json_member_str(out, "waveStatus", str_from_z(wave_status_names[row->wave->status]));
    json_member_str(out, "executionStatus", str_from_z(execution_status_names[w->e.status]));
    json_member_str(out, "updatedAt", time_rfc3339(w->arena, w->e.updated_at));
    json_member_str(out, "message", STR("Wave status recorded"));
    json_end_object(out);
}

static enum fault check_shape(struct task_ctx *c)
{
    const struct action_params *in = c->params;
    struct outside o = {.c = c};
    enum fault f = in->execution_id.len ? FAULT_NONE : outside_missing(&o, "executionId");

    return in->status.len ? f : outside_missing(&o, "status");
}

enum fault outside_update_wave(struct task_ctx *c)
{
    const struct action_params *in = c->params;
    struct work w = {.c = c, .arena = c->call.arena};
    const struct word *word = word_of(in->status);
    enum fault f;

    f = check_shape(c);
    if (f)
        return f;
    w.ws = write_set_new(w.arena);
    f = execution_read(c->reader, w.arena, in->execution_id, &w.e);
    if (f == FAULT_NOT_FOUND)
        return call_fail(&c->call, f, "Execution with ID '" STR_FMT "' not found",
                         STR_ARG(in->execution_id));
    if (!f)
        f = outside_may(c, &w.e);
    if (!f)
        f = runs_read(c->reader, w.arena, w.e.id, STR("wave#"), &w.waves);
    if (f)
        return f;
    if (!execution_is_terminal(w.e.status) && w.e.status != EXECUTION_CANCELLING) {
        if (in->has_wave_number)
            record_wave(&w, in->wave_number, word);
        outside_settle(&w);
        work_put_execution(&w);
        f = work_submit(&w);
    }
    if (!f)
        answer(&w, in);
    return f;
}
