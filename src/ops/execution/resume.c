#include "flow/flow.h"
#include "ops/execution/executions.h"
#include "ops/execution/runs.h"

#include <inttypes.h>

/*
 * resume_execution opens the gate that holds: the named one, or the one that the execution waits
 * at. Wave, execution and the answer to the workflow's token change together or not at all.
 */
static enum fault find_wave(struct ctx *c, const struct execution *e, struct run_row **out)
{
    const struct resume_params *in = c->params;
    struct run_rows waves;
    enum fault f = runs_read(c->reader, c->call.arena, e->id, STR("wave#"), &waves);

    if (f)
        return f;
    for (size_t i = 0; i < waves.len; i++) {
        const struct wave_run *w = waves.items[i].wave;

        if (w->status != WAVE_WAITING_APPROVAL)
            continue;
        if (in->has_wave_number && w->wave_number != in->wave_number)
            continue;
        *out = &waves.items[i];
        if (in->has_wave_number || !e->has_waiting_wave || e->waiting_wave == w->wave_number)
            return FAULT_NONE;
    }
    return *out ? FAULT_NONE : FAULT_NOT_FOUND;
}

static void put_wave(struct ctx *c, struct run_row *row)
{
    int64_t expected = row->revision;
    size_t n;

    (void)wave_move(row->wave, EVENT_APPROVE, GUARD_NONE);
    row->wave->approved = true;
    row->wave->approved_by = c->call.principal;
    row->wave->approved_at = c->call.now_ms;
    row->revision = expected + 1;
    n = ws_put(c->writes, COLLECTION_RUNS, row);
    ws_if_int(c->writes, n, "revision", expected, FAULT_CONDITION_FAILED);
}

static void put_execution(struct ctx *c, struct execution *e)
{
    int64_t expected = e->revision;
    size_t n;

    if (execution_move(e, EVENT_APPROVE, GUARD_NONE)) {
        e->has_waiting_wave = false;
        if (str_present(e->task_token))
            flow_answer(c->call.arena, c->writes, e->task_token, flow_json_object(c->call.arena));
        e->task_token = (struct str){0};
    }
    e->revision = expected + 1;
    e->updated_at = c->call.now_ms;
    n = ws_put(c->writes, COLLECTION_EXECUTIONS, e);
    ws_if_int(c->writes, n, "revision", expected, FAULT_CONDITION_FAILED);
}

enum fault execution_resume(struct ctx *c)
{
    const struct resume_params *in = c->params;
    struct resume_reply *out = c->reply;
    struct execution e;
    struct run_row *row = NULL;
    enum fault f = execution_find(&c->call, c->reader, in->execution_id, &e);

    if (f)
        return f;
    if (e.status != EXECUTION_PAUSED && e.status != EXECUTION_RUNNING)
        return refuse_state(&c->call, &e, "Only an execution that waits can be resumed");
    f = find_wave(c, &e, &row);
    if (f == FAULT_NOT_FOUND)
        return refuse_state(&c->call, &e,
                            in->has_wave_number ? "That wave does not wait for approval"
                                                : "No wave waits for approval");
    if (f)
        return f;
    put_wave(c, row);
    put_execution(c, &e);
    c->poke_workflow = true;
    *out = (struct resume_reply){
        .execution_id = e.id,
        .status = str_from_z(execution_status_names[e.status]),
        .message = arena_strf(c->call.arena, "Execution resumed - wave %" PRId64 " is approved",
                              row->wave->wave_number),
        .wave_number = row->wave->wave_number,
    };
    return FAULT_NONE;
}
