#include "flow/engine_internal.h"

#include "base/id.h"
#include "base/panic.h"

/* One instance, carried on until it waits: get, step, commit, act; and again. */

struct carrying {
    struct flow_engine *engine;
    struct arena *arena;
    const struct flow_definition *definition;
    struct flow_instance before;
    struct flow_instance after;
    struct flow_effect effect;
    struct str token_taken; /* its row goes with the commit */
    struct flow_failure failure;
};

/*
 * When a timer is due on this process's monotonic clock. A clock that started again since it was
 * armed (the machine did) says nothing; then the wall clock tells how long it has been, within the
 * length of the timer.
 */
static int64_t due_mono(const struct flow_instance *i, int64_t mono, int64_t wall)
{
    int64_t passed = wall - i->armed_wall;

    if (mono >= i->due_mono - i->wait_ms)
        return i->due_mono;
    if (passed < 0)
        passed = 0;
    return passed >= i->wait_ms ? mono : mono + i->wait_ms - passed;
}

static bool token_answered(struct carrying *c, struct flow_event *event)
{
    struct flow_instance row = {0};
    enum fault f = reader_get(store_reader(c->engine->options.store), c->arena, COLLECTION_TIMERS,
                              STR(FLOW_SHARD_TOKENS), c->before.token, &row);

    if (f)
        return false;
    event->kind = FLOW_TOKEN;
    event->value = row.data ? row.data : flow_json_object(c->arena);
    c->token_taken = c->before.token;
    return true;
}

/* What happens to it now; false: nothing before *due. */
static bool next_event(struct carrying *c, struct flow_event *event, int64_t *due)
{
    struct flow_instance *i = &c->before;
    int64_t at;

    event->kind = FLOW_GO;
    if (i->phase == FLOW_READY || i->phase == FLOW_CALLING)
        return true;
    if (i->phase == FLOW_HOLDING && token_answered(c, event))
        return true;
    event->kind = FLOW_TIMER;
    at = i->has_due ? due_mono(i, event->mono_ms, event->wall_ms) : INT64_MAX;
    if (at <= event->mono_ms)
        return true;
    *due = at;
    return false;
}

static enum fault commit(struct carrying *c)
{
    struct write_set *ws = write_set_new(c->arena);
    struct refusal why;
    size_t w;

    if (c->after.phase == FLOW_ENDED) {
        w = ws_delete(ws, COLLECTION_TIMERS, c->before.shard, c->before.id);
    } else {
        c->after.revision = c->before.revision + 1;
        w = ws_put(ws, COLLECTION_TIMERS, &c->after);
    }
    ws_if_int(ws, w, "revision", c->before.revision, FAULT_CONDITION_FAILED);
    if (str_present(c->token_taken))
        (void)ws_delete(ws, COLLECTION_TIMERS, STR(FLOW_SHARD_TOKENS), c->token_taken);
    c->token_taken = (struct str){0};
    return store_submit(c->engine->options.store, c->arena, ws, &why);
}

static void tell(struct flow_engine *e, const struct flow_record *record)
{
    if (e->options.observe)
        e->options.observe(e->options.observe_context, record);
}

static void report(struct carrying *c)
{
    struct flow_record record = {
        .instance = c->before.id,
        .from = c->before.state,
        .to = c->after.state,
        .phase = c->after.phase,
        .failed = c->after.phase == FLOW_ENDED && c->after.failed,
        .error = c->failure.error,
        .cause = c->failure.cause,
    };

    if (record.failed) {
        record.error = c->after.error;
        record.cause = c->after.cause;
    }
    tell(c->engine, &record);
}

static enum fault step_and_commit(struct carrying *c, const struct flow_event *event)
{
    struct flow_turn turn;
    enum fault f = flow_step(c->arena, c->definition, &c->before, event, &turn);

    if (f)
        return f;
    c->after = turn.now;
    c->effect = turn.effect;
    if (event->kind == FLOW_GO && c->before.phase == FLOW_CALLING && c->after.phase == FLOW_CALLING)
        return FAULT_NONE; /* called again after a crash: nothing has changed yet */
    f = commit(c);
    if (f)
        return f;
    report(c);
    c->before = c->after;
    return FAULT_NONE;
}

static void read_clock(struct carrying *c, struct flow_event *event)
{
    event->mono_ms = clock_mono_ms(c->engine->options.clock);
    event->wall_ms = clock_wall_ms(c->engine->options.clock);
}

static enum fault call_task(struct carrying *c)
{
    struct flow_tasks *tasks = c->engine->options.tasks;
    struct flow_event event = {.kind = FLOW_RESULT};
    enum fault f = tasks->ops->call(tasks, c->arena, c->effect.payload, &event.value, &c->failure);

    if (f && !str_present(c->failure.error)) {
        const struct fault_info *info = fault_describe(f);

        c->failure.error = info->retryable ? STR("Transient") : str_from_z(info->name);
    }
    if (f) {
        event.kind = FLOW_ERROR;
        event.error = c->failure.error;
        event.cause = str_present(c->failure.cause) ? c->failure.cause : c->failure.error;
    }
    read_clock(c, &event);
    return step_and_commit(c, &event);
}

static enum fault take_up(struct carrying *c, bool *more, int64_t *due)
{
    struct flow_options *o = &c->engine->options;
    struct flow_event event = {0};
    enum fault f;

    read_clock(c, &event);
    *more = next_event(c, &event, due);
    if (!*more)
        return FAULT_NONE;
    event.fresh_token = id_new(c->arena, o->entropy, STR("token-"));
    f = step_and_commit(c, &event);
    if (!f && c->effect.kind == FLOW_DO_CALL)
        f = call_task(c);
    *more = !f && c->after.phase != FLOW_ENDED;
    return f;
}

/* One get and what follows from it, in memory that is given back afterwards. */
static enum fault carry_once(struct flow_engine *e, struct arena *a, struct str id, bool *more,
                             int64_t *due)
{
    struct carrying c = {.engine = e, .arena = a};
    enum fault f = reader_get(store_reader(e->options.store), a, COLLECTION_TIMERS,
                              STR(FLOW_SHARD_LIVE), id, &c.before);

    *more = false;
    if (f == FAULT_NOT_FOUND)
        return FAULT_NONE; /* it has ended */
    if (!f)
        f = engine_definition(e, a, c.before.definition, &c.definition);
    if (!f)
        f = take_up(&c, more, due);
    return f;
}

/* The store has trouble now, or what it holds can never be carried on: a person has to look. */
enum { CARRY_ARENA_MAX = 64 << 20, TROUBLE_MS = 200, BROKEN_MS = 60000 };

/* Of all that wait for the record keeper one tells of it, until it is told again. */
static bool may_tell(struct flow_engine *e)
{
    int64_t now = clock_mono_ms(e->options.clock);
    bool may;

    (void)pthread_mutex_lock(&e->lock);
    may = now >= e->told_mono;
    if (may)
        e->told_mono = now + BROKEN_MS;
    (void)pthread_mutex_unlock(&e->lock);
    return may;
}

void engine_tell_stuck(struct flow_engine *e, struct str id, enum fault f)
{
    struct flow_record record = {
        .instance = id,
        .stuck = true,
        .error = str_from_z(fault_describe(f)->name),
        .cause = STR("the record keeper does not do what executions need of it; it is asked until "
                     "it does"),
    };

    if (may_tell(e))
        tell(e, &record);
}

static int64_t again_after(struct flow_engine *e, struct str id, enum fault f)
{
    struct flow_record record = {
        .instance = id,
        .broken = true,
        .error = str_from_z(fault_describe(f)->name),
        .cause =
            STR("its definition is not in the record or does not fit it: it stays where it is"),
    };

    if (f == FAULT_CONDITION_FAILED) /* somebody else was first: nothing is wrong */
        return TROUBLE_MS;
    if (f == FAULT_CORRUPT || f == FAULT_INVALID_STATE) {
        tell(e, &record);
        return BROKEN_MS;
    }
    engine_tell_stuck(e, id, f);
    return TROUBLE_MS;
}

int64_t engine_carry(struct flow_engine *e, struct str id)
{
    struct arena *a SCOPED(arena_scope_end) = arena_new(CARRY_ARENA_MAX);
    int64_t due = INT64_MAX;
    bool more = true;

    while (more) {
        enum fault f;

        arena_reset(a);
        due = INT64_MAX;
        f = carry_once(e, a, id, &more, &due);
        if (f)
            return clock_mono_ms(e->options.clock) + again_after(e, id, f);
    }
    return due;
}
