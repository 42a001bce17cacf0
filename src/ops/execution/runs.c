#include "ops/execution/runs.h"

#include "model/plan.h"

enum fault runs_read(struct reader *reader, struct arena *a, struct str execution_id,
                     struct str prefix, struct run_rows *out)
{
    struct query q = {
        .collection = COLLECTION_RUNS, .partition = execution_id, .sort_prefix = prefix};
    struct page page;
    enum fault f = reader_query_all(reader, a, &q, RUNS_MAX, &page);

    if (f)
        return f;
    *out = (struct run_rows){page.items, page.len};
    return FAULT_NONE;
}

bool runs_have(const struct run_rows *rows, struct str key)
{
    size_t low = 0;
    size_t high = rows->len;

    while (low < high) {
        size_t middle = low + (high - low) / 2;
        int order = str_cmp(rows->items[middle].key, key);

        if (order == 0)
            return true;
        if (order < 0)
            low = middle + 1;
        else
            high = middle;
    }
    return false;
}

enum fault execution_read(struct reader *reader, struct arena *a, struct str id,
                          struct execution *out)
{
    *out = (struct execution){0};
    if (str_empty(id))
        return FAULT_NOT_FOUND;
    return reader_get(reader, a, COLLECTION_EXECUTIONS, id, (struct str){0}, out);
}

struct waves_view runs_view(struct arena *a, const struct execution *e,
                            const struct run_rows *waves)
{
    struct wave_view *views = arena_array_of(a, waves->len ? waves->len : 1, struct wave_view);

    for (size_t i = 0; i < waves->len; i++) {
        const struct wave_run *w = waves->items[i].wave;

        views[i] = (struct wave_view){
            .number = w->wave_number,
            .status = w->status,
            .depends_on = w->depends_on_waves,
            .gate = w->pause_before_wave,
            .approved = w->approved,
        };
    }
    return (struct waves_view){
        .waves = views,
        .len = waves->len,
        .parallel = e->parallel_waves,
        .go_on = e->on_wave_failure == ON_WAVE_FAILURE_CONTINUE,
        .stopping = e->status == EXECUTION_CANCELLING || execution_is_terminal(e->status),
    };
}

/* ---- a task at work ---- */

static struct str state_execution_id(const struct json *state)
{
    const struct json *id = json_get_z(state, "executionId");

    return json_str(id ? id : json_get_z(state, "execution_id"));
}

enum fault work_begin_unfenced(struct task_ctx *c, const struct json *state, struct work *w)
{
    enum fault f;

    *w = (struct work){.c = c, .arena = c->call.arena, .state = state};
    w->ws = write_set_new(w->arena);
    f = execution_read(c->reader, w->arena, state_execution_id(state), &w->e);
    if (f)
        return f;
    return runs_read(c->reader, w->arena, w->e.id, STR("wave#"), &w->waves);
}

enum fault work_begin(struct task_ctx *c, const struct json *state, struct work *w)
{
    const struct json *epoch = json_get_z(state, "epoch");
    enum fault f = work_begin_unfenced(c, state, w);

    if (!f && epoch && json_int(epoch, 0) != w->e.epoch)
        return call_fail(&c->call, FAULT_FENCED, "Another one has taken the execution over");
    return f;
}

void work_put(struct work *w, struct run_row *row)
{
    int64_t expected = row->revision;
    size_t n;

    row->revision = expected + 1;
    n = ws_put(w->ws, COLLECTION_RUNS, row);
    if (expected == 0)
        ws_if_absent(w->ws, n, FAULT_CONDITION_FAILED);
    else
        ws_if_int(w->ws, n, "revision", expected, FAULT_CONDITION_FAILED);
}

void work_put_execution(struct work *w)
{
    int64_t expected = w->e.revision;
    size_t n;

    w->e.revision = expected + 1;
    w->e.updated_at = w->c->call.now_ms;
    n = ws_put(w->ws, COLLECTION_EXECUTIONS, &w->e);
    ws_if_int(w->ws, n, "revision", expected, FAULT_CONDITION_FAILED);
    w->writes_execution = true;
}

enum fault work_submit(struct work *w)
{
    struct refusal why;
    enum fault f;

    if (write_set_len(w->ws) == 0)
        return FAULT_NONE;
    if (!w->writes_execution) {
        size_t n = ws_check(w->ws, COLLECTION_EXECUTIONS, w->e.id, (struct str){0});

        ws_if_int(w->ws, n, "epoch", w->e.epoch, FAULT_FENCED);
    }
    f = store_submit(w->c->store, w->arena, w->ws, &why);
    w->ws = write_set_new(w->arena);
    w->writes_execution = false;
    return f;
}

enum fault work_submit_full(struct work *w)
{
    return write_set_len(w->ws) >= BATCH_ROWS ? work_submit(w) : FAULT_NONE;
}

enum fault work_launches(struct work *w, const struct wave_run *wave, struct run_rows *out)
{
    return runs_read(w->c->reader, w->arena, w->e.id,
                     run_prefix_launches(w->arena, wave->wave_number, wave->attempt), out);
}

enum fault work_servers(struct work *w, const struct wave_run *wave, struct run_rows *out)
{
    return runs_read(w->c->reader, w->arena, w->e.id,
                     run_prefix_servers(w->arena, wave->wave_number, wave->attempt), out);
}

struct run_row *work_wave(struct work *w, int64_t number)
{
    for (size_t i = 0; i < w->waves.len; i++)
        if (w->waves.items[i].wave->wave_number == number)
            return &w->waves.items[i];
    return NULL;
}

static bool move(enum transition_entity entity, int *status, enum transition_event event,
                 enum transition_guard guard)
{
    int next = transition_next(entity, *status, event, guard);

    if (next == 0)
        return false;
    *status = next;
    return true;
}

bool wave_move(struct wave_run *wave, enum transition_event event, enum transition_guard guard)
{
    return move(TRANSITION_WAVE, &wave->status, event, guard);
}

bool execution_move(struct execution *e, enum transition_event event, enum transition_guard guard)
{
    return move(TRANSITION_EXECUTION, &e->status, event, guard);
}

bool server_move(struct server_run *s, enum transition_event event)
{
    return move(TRANSITION_SERVER, &s->status, event, GUARD_NONE);
}

enum { RACES_MAX = 5 };

enum fault work_retry(struct task_ctx *c, enum fault (*fn)(struct task_ctx *c))
{
    enum fault f = FAULT_CONDITION_FAILED;

    for (int i = 0; i < RACES_MAX && f == FAULT_CONDITION_FAILED; i++)
        f = fn(c);
    if (f == FAULT_CONDITION_FAILED && !c->call.by_workflow)
        return call_fail(&c->call, FAULT_UNAVAILABLE,
                         "Others keep changing the execution; call again");
    return f;
}

const struct json *event_state(const struct task_ctx *c)
{
    const struct json *state = json_get_z(c->event, "state");

    return state ? state : json_get_z(c->event, "waveData");
}
