#include "ops/execution/terminate.h"

/*
 * The termination workflow's one task. TerminateRecoveryInstances takes no client token and no
 * tags: the same protocol as a launch's, where "look" asks whether the instances are gone, and else
 * for a TERMINATE job that took them.
 */
enum { NOT_FOUND_CALLS_MAX = 5 }; /* DRS lists it and does not know it: so often it is lag */

enum fault ending_save(struct ending_launch *t)
{
    work_put(t->w, t->row);
    return work_submit(t->w);
}

static int64_t now_mono(const struct ending_launch *t)
{
    return clock_mono_ms(t->w->c->clock);
}

static const struct drs_recovery_instance *known(const struct ending_launch *t, struct str id)
{
    for (size_t i = 0; i < t->known.len; i++)
        if (str_eq(t->known.items[i].id, id) || str_eq(t->known.items[i].ec2_instance_id, id))
            return &t->known.items[i];
    return NULL;
}

static bool is_gone(const struct ending_launch *t, struct str id)
{
    const struct drs_recovery_instance *i = known(t, id);

    return !i || str_eq_z(i->ec2_instance_state, "TERMINATED") ||
           str_eq_z(i->ec2_instance_state, "NOT_FOUND");
}

static bool any_going(const struct ending_launch *t)
{
    for (size_t i = 0; i < t->known.len; i++)
        if (str_eq_z(t->known.items[i].ec2_instance_state, "SHUTTING-DOWN"))
            return true;
    return false;
}

static struct strs remaining(const struct ending_launch *t)
{
    const struct launch_run *l = t->row->launch;
    struct strs ids = {arena_array_of(t->w->arena, l->servers.len, struct str), 0};

    for (size_t i = 0; i < l->servers.len; i++)
        if (!is_gone(t, l->servers.items[i].instance_id))
            ids.items[ids.len++] = l->servers.items[i].instance_id;
    return ids;
}

/* ---- the end of one launch ---- */

static enum fault mark_servers(struct ending_launch *t)
{
    const struct launch_run *l = t->row->launch;
    struct run_rows servers;
    enum fault f = runs_read(t->w->c->reader, t->w->arena, t->w->e.id, STR("server#"), &servers);

    for (size_t i = 0; i < servers.len && !f; i++) {
        struct server_run *s = servers.items[i].server;
        bool ours = false;

        for (size_t k = 0; k < l->servers.len; k++)
            ours |= s->instance_id.len && str_eq(l->servers.items[k].instance_id, s->instance_id);
        if (!ours || !is_gone(t, s->instance_id) || !server_move(s, EVENT_TERMINATE))
            continue;
        work_put(t->w, &servers.items[i]);
        f = work_submit_full(t->w);
    }
    return f;
}

enum fault ending_close(struct ending_launch *t, struct str code, struct str message)
{
    struct launch_run *l = t->row->launch;
    enum fault f =
        t->is_asked ? mark_servers(t) : FAULT_NONE; /* else nothing is known to be gone */

    if (f)
        return f;
    l->state = LAUNCH_ENDED;
    l->gone_count = t->is_asked ? (int64_t)(l->servers.len - remaining(t).len) : 0;
    l->ended_at = t->w->c->call.now_ms;
    l->error_code = code;
    l->error_message = message;
    return ending_save(t);
}

enum fault ending_refused(struct ending_launch *t)
{
    const struct aws_error *e = &t->at.error;

    if (e->retryable || e->unidentified)
        return FAULT_NONE;
    return ending_close(t, poll_error_code(e), e->message);
}

static enum fault ask_instances(struct ending_launch *t)
{
    const struct launch_run *l = t->row->launch;
    struct drs_recovery_instance_filter filter = {{0}, {0}};

    filter.source_server_ids.items = arena_array_of(t->w->arena, l->servers.len, struct str);
    for (size_t i = 0; i < l->servers.len; i++)
        filter.source_server_ids.items[filter.source_server_ids.len++] =
            l->servers.items[i].server_id;
    t->is_asked =
        !drs_describe_recovery_instances(aws_reader(t->w->c->aws), &t->at, &filter, &t->known);
    return t->is_asked ? FAULT_NONE : ending_refused(t);
}

/* ---- the job ---- */

static bool took_ours(const struct drs_job *job, const struct launch_run *l)
{
    for (size_t i = 0; i < job->servers.len; i++)
        for (size_t k = 0; k < l->servers.len; k++)
            if (str_eq(job->servers.items[i].source_server_id, l->servers.items[k].server_id))
                return true;
    return false;
}

/* A TERMINATE job of our servers that is not over; an older one has ended, or gone is gone. */
static enum fault look(struct ending_launch *t, struct drs_job *out)
{
    struct drs_job_filter filter = {.from_ms = t->row->launch->intent_at - TERMINATE_JOBS_SINCE_MS};
    struct drs_jobs jobs = {0};
    enum fault f = drs_describe_jobs(aws_reader(t->w->c->aws), &t->at, &filter, &jobs);

    for (size_t i = 0; i < jobs.len && !f; i++) {
        const struct drs_job *job = &jobs.items[i];

        if (!str_eq_z(job->type, "TERMINATE") || str_eq_z(job->status, "COMPLETED") ||
            !took_ours(job, t->row->launch))
            continue;
        *out = *job;
        return FAULT_NONE;
    }
    return f ? f : FAULT_NOT_FOUND;
}

static enum fault adopt(struct ending_launch *t, const struct drs_job *job)
{
    struct launch_run *l = t->row->launch;

    l->state = LAUNCH_STARTED;
    l->job_id = job->id;
    l->job_status = job->status;
    l->uncertain = false;
    l->started_at = t->w->c->call.now_ms;
    l->look_base = now_mono(t);
    return ending_save(t);
}

static enum fault announce(struct ending_launch *t)
{
    struct launch_run *l = t->row->launch;

    l->state = LAUNCH_INTENT;
    l->calls++;
    l->uncertain = true;
    l->reconcile = false;
    l->settling = false;
    l->looked_ms = 0;
    l->look_base = now_mono(t);
    if (!l->intent_at)
        l->intent_at = t->w->c->call.now_ms;
    return ending_save(t);
}

static enum fault call(struct ending_launch *t)
{
    struct drs_job job = {0};
    struct strs ids = remaining(t);
    enum fault f = drs_terminate_recovery_instances(t->w->c->aws, &t->at, ids, &job);
    const struct aws_error *e = &t->at.error;

    if (!f)
        return adopt(t, &job);
    /* Look again later, it stays uncertain: what is not found may be going at this moment. */
    if (e->ambiguous || e->status == 409 ||
        (e->status == 404 && t->row->launch->calls < NOT_FOUND_CALLS_MAX))
        return FAULT_NONE;
    if (e->retryable || e->unidentified || e->status == 402) {
        t->row->launch->uncertain = false;
        return ending_save(t);
    }
    return ending_close(t, e->code, e->message);
}

static enum fault find_or_call(struct ending_launch *t)
{
    struct launch_run *l = t->row->launch;
    struct drs_job job = {0};
    int64_t now = now_mono(t);
    enum fault f = FAULT_NOT_FOUND;

    if (l->uncertain || l->reconcile) {
        if (now < l->look_base || l->reconcile) {
            l->reconcile = false;
            l->uncertain = true;
            l->state = LAUNCH_INTENT;
            l->look_base = now;
            if (!l->intent_at)
                l->intent_at = t->w->e.termination->started_at;
            return ending_save(t);
        }
        l->looked_ms = elapsed_since(l->look_base, now);
        f = look(t, &job);
        if (!f)
            return adopt(t, &job);
        if (f != FAULT_NOT_FOUND || !launch_may_call(l, t->w->c->call.workflow->visibility_ms))
            return FAULT_NONE;
    }
    f = announce(t);
    return f ? f : call(t);
}

/* The job is over and they are still there: DRS has failed to, once it is sure that it is no lag.
 */
static enum fault check_job(struct ending_launch *t)
{
    struct launch_run *l = t->row->launch;
    struct drs_job_filter filter = {.job_ids = {&l->job_id, 1}};
    struct drs_jobs jobs = {0};
    int64_t now = now_mono(t);
    enum fault f = drs_describe_jobs(aws_reader(t->w->c->aws), &t->at, &filter, &jobs);

    if (f)
        return FAULT_NONE;    /* asked for again, see note_standing */
    if (now < l->look_base) { /* the machine has restarted */
        l->look_base = now;
        return ending_save(t);
    }
    if (jobs.len ? !str_eq_z(jobs.items[0].status, "COMPLETED")
                 : elapsed_since(l->look_base, now) < t->w->c->call.workflow->visibility_ms)
        return FAULT_NONE; /* it runs, or is too new to be seen */
    if (any_going(t))
        return FAULT_NONE;
    if (!l->settling || now < l->settle_base) {
        l->settling = true;
        l->settle_base = now;
        return ending_save(t);
    }
    if (elapsed_since(l->settle_base, now) < t->w->c->call.workflow->visibility_ms)
        return FAULT_NONE;
    return ending_close(t, STR("TERMINATION_FAILED"),
                        STR("DRS ended the job and left instances running"));
}

static bool all_listed(const struct ending_launch *t)
{
    const struct launch_run *l = t->row->launch;

    for (size_t i = 0; i < l->servers.len; i++)
        if (!known(t, l->servers.items[i].instance_id))
            return false;
    return true;
}

/*
 * Before the first call an instance that DRS does not list may be too new to be seen, which is not
 * gone: *wait until it has had the time to show.
 */
static enum fault await_listing(struct ending_launch *t, bool *wait)
{
    struct launch_run *l = t->row->launch;
    int64_t now = now_mono(t);

    *wait = false;
    if (l->state != LAUNCH_PLANNED || all_listed(t))
        return FAULT_NONE;
    *wait = true;
    if (!l->settling || now < l->settle_base) {
        l->settling = true;
        l->settle_base = now;
        return ending_save(t);
    }
    *wait = elapsed_since(l->settle_base, now) < t->w->c->call.workflow->visibility_ms;
    return FAULT_NONE;
}

static enum fault advance(struct ending_launch *t)
{
    const struct launch_run *l = t->row->launch;
    bool wait;
    enum fault f;

    if (l->state == LAUNCH_ENDED)
        return FAULT_NONE;
    f = ask_instances(t);
    if (f || !t->is_asked)
        return f;
    f = termination_find(t, &wait);
    if (f || wait)
        return f;
    f = await_listing(t, &wait);
    if (f || wait)
        return f;
    if (remaining(t).len == 0)
        return ending_close(t, (struct str){0}, (struct str){0});
    if (l->state == LAUNCH_STARTED)
        return check_job(t);
    return any_going(t) ? FAULT_NONE : find_or_call(t);
}

/* ---- all of them ---- */

static void finish(struct work *w, const struct run_rows *rows)
{
    struct termination *t = w->e.termination;
    bool failed = false;

    t->total_found = 0;
    t->total_terminated = 0;
    t->error_message = (struct str){0};
    for (size_t i = 0; i < rows->len; i++) {
        const struct launch_run *l = rows->items[i].launch;

        t->total_found += (int64_t)l->servers.len;
        t->total_terminated += l->gone_count;
        if (!l->error_code.len)
            continue;
        failed = true;
        t->error_message = l->error_message;
    }
    t->total_failed = t->total_found - t->total_terminated;
    t->status = failed ? EXECUTION_FAILED : EXECUTION_COMPLETED;
    t->ended_at = w->c->call.now_ms;
    work_put_execution(w);
}

/* What stands in its way, and is asked for again until it does not. */
static struct str trouble_of(struct arena *a, const struct ending_launch *t)
{
    const struct account_context *place = t->row->launch->account_context;
    const struct aws_error *e = &t->at.error;

    if (t->row->launch->state == LAUNCH_ENDED || !str_present(e->code))
        return (struct str){0};
    return arena_strf(a,
                      "%s in account " STR_FMT ", " STR_FMT ": " STR_FMT " - " STR_FMT
                      "; it is asked for again",
                      e->operation, STR_ARG(place->account_id), STR_ARG(place->region),
                      STR_ARG(e->code), STR_ARG(e->message));
}

/* How far it is, as people see it. */
struct standing {
    struct str trouble; /* of the first launch that has some */
    int64_t gone;
    bool unknown; /* of one of them DRS has not said how many are gone */
};

/* What is not listed before it was asked to go may be too new to be seen. */
static void stand(struct standing *s, const struct ending_launch *t)
{
    const struct launch_run *l = t->row->launch;

    if (!str_present(s->trouble))
        s->trouble = trouble_of(t->w->arena, t);
    if (l->state == LAUNCH_ENDED)
        s->gone += l->gone_count;
    else if (t->is_asked && l->state != LAUNCH_PLANNED)
        s->gone += (int64_t)(l->servers.len - remaining(t).len);
    else
        s->unknown |= l->state != LAUNCH_PLANNED;
}

static enum fault note_standing(struct work *w, const struct standing *s)
{
    struct termination *t = w->e.termination;
    int64_t gone = s->unknown && t ? t->total_terminated : s->gone;

    if (!t || t->status != EXECUTION_RUNNING ||
        (str_eq(t->error_message, s->trouble) && t->total_terminated == gone))
        return FAULT_NONE;
    t->error_message = s->trouble;
    t->total_terminated = gone;
    work_put_execution(w);
    return work_submit(w);
}

static enum fault advance_all(struct work *w, struct run_rows *rows, bool *over)
{
    enum fault f = FAULT_NONE;
    struct standing s = {.gone = 0};

    *over = true;
    for (size_t i = 0; i < rows->len && !f; i++) {
        struct ending_launch t = {.w = w, .row = &rows->items[i]};

        t.at.arena = w->arena;
        t.at.target = poll_target(w->arena, t.row->launch->account_context, w->c->call.hub_account);
        f = advance(&t);
        *over = *over && t.row->launch->state == LAUNCH_ENDED;
        stand(&s, &t);
    }
    return f ? f : note_standing(w, &s);
}

/* A termination is a workflow beside the execution's own: the epoch of that does not fence it. */
static enum fault terminate(struct task_ctx *c)
{
    const struct json *state = event_state(c);
    struct state_change change = {.poll_ms = c->call.workflow->poll_min_ms};
    struct run_rows rows;
    struct work w;
    bool over;
    enum fault f = work_begin_unfenced(c, state, &w);

    if (!f)
        f = runs_read(c->reader, w.arena, w.e.id,
                      run_prefix_terminations(w.arena, json_int(json_get_z(state, "sequence"), 0)),
                      &rows);
    if (!f)
        f = advance_all(&w, &rows, &over);
    if (f)
        return f;
    if (over && w.e.termination && w.e.termination->status == EXECUTION_RUNNING) {
        finish(&w, &rows);
        f = work_submit(&w);
    }
    change.decision = over ? "FINISH" : "WAIT";
    if (!f)
        json_put(c->out, state_with(w.arena, state, &w.e, &change));
    return f;
}

enum fault task_terminate(struct task_ctx *c)
{
    return work_retry(c, terminate);
}
