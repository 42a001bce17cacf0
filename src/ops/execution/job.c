#include "ops/execution/tasks.h"

/*
 * What DRS says about a job, put on record: server rows first, the launch last, so that a crash in
 * between repeats what is already true. A job that is COMPLETED says nothing about success: that is
 * read from each server.
 */
struct recording {
    struct launching *l;
    const struct drs_job *job;
    bool completed;
    struct drs_job_log log;
    struct drs_recovery_instances instances;
    bool awaiting; /* a launched server has no instance id yet */
};

static const struct drs_participating_server *participant(const struct drs_job *job,
                                                          struct str server_id)
{
    for (size_t i = 0; i < job->servers.len; i++)
        if (str_eq(job->servers.items[i].source_server_id, server_id))
            return &job->servers.items[i];
    return NULL;
}

/* The job's own word, its log, the list of instances: whichever has it (aws-facts 0.9). */
static struct str instance_of(const struct recording *r, const struct drs_participating_server *p)
{
    if (p->recovery_instance_id.len)
        return p->recovery_instance_id;
    for (size_t i = 0; i < r->log.len; i++) {
        const struct drs_event_data *d = r->log.items[i].data;

        if (d && d->target_instance_id.len && str_eq(d->source_server_id, p->source_server_id))
            return d->target_instance_id;
    }
    for (size_t i = 0; i < r->instances.len; i++) {
        const struct drs_recovery_instance *n = &r->instances.items[i];

        if (str_eq(n->source_server_id, p->source_server_id) && str_eq(n->job_id, r->job->id))
            return n->id;
    }
    return (struct str){0};
}

/* "(InsufficientInstanceCapacity)" in a raw error is the machine's own code. */
static struct str code_in(struct str raw)
{
    ptrdiff_t open = str_find(raw, '(');
    struct str rest = open < 0 ? (struct str){0} : str_slice(raw, (size_t)open + 1, raw.len);
    ptrdiff_t close = str_present(rest) ? str_find(rest, ')') : -1;

    return close > 0 ? str_slice(rest, 0, (size_t)close) : STR("LAUNCH_FAILED");
}

static void explain_failure(const struct recording *r, struct server_run *s)
{
    s->error_code = STR("LAUNCH_FAILED");
    s->error_message = STR("DRS did not launch the server");
    for (size_t i = 0; i < r->log.len; i++) {
        const struct drs_job_log_item *item = &r->log.items[i];

        if (!item->data || !str_eq(item->data->source_server_id, s->server_id))
            continue;
        if (str_eq_z(item->event, "SERVER_SKIPPED")) {
            s->error_code = STR("SERVER_SKIPPED");
            s->error_message = STR("DRS skipped the server");
        }
        if (item->data->raw_error.len) {
            s->error_code = code_in(item->data->raw_error);
            s->error_message = item->data->raw_error;
        }
    }
}

static bool update_server(struct recording *r, struct server_run *s,
                          const struct drs_participating_server *p)
{
    struct str launch_status = p ? p->launch_status : (struct str){0};
    int status = server_status_of(launch_status, r->completed);
    bool changed = false;

    if (!str_eq(s->job_id, r->job->id)) {
        s->job_id = r->job->id;
        s->started_at = r->job->created_ms ? r->job->created_ms : r->l->w->c->call.now_ms;
        changed = true;
    }
    if (status == SERVER_LAUNCHING)
        changed |= server_move(s, EVENT_RUN);
    if (status == SERVER_LAUNCHED && server_move(s, EVENT_LAUNCHED)) {
        s->ended_at = r->l->w->c->call.now_ms;
        changed = true;
    }
    if (status == SERVER_FAILED && server_move(s, EVENT_FAIL)) {
        s->ended_at = r->l->w->c->call.now_ms;
        explain_failure(r, s);
        changed = true;
    }
    if (s->status == SERVER_LAUNCHED && p && !s->instance_id.len) {
        s->instance_id = instance_of(r, p);
        changed |= s->instance_id.len > 0;
        r->awaiting |= s->instance_id.len == 0;
    }
    return changed;
}

static enum fault update_servers(struct recording *r)
{
    struct launching *l = r->l;
    struct run_row *wave = work_wave(l->w, l->row->launch->wave_number);
    struct run_rows servers = {0};
    enum fault f = wave ? work_servers(l->w, wave->wave, &servers) : FAULT_NONE;

    for (size_t i = 0; i < servers.len && !f; i++) {
        struct server_run *s = servers.items[i].server;

        if (!str_eq(s->launch_id, l->row->launch->launch_id) ||
            !update_server(r, s, participant(r->job, s->server_id)))
            continue;
        work_put(l->w, &servers.items[i]);
        f = work_submit_full(l->w);
    }
    return f;
}

/* What is known beside the job itself; what cannot be had now is had at the next look. */
static void ask_more(struct recording *r)
{
    struct launching *l = r->l;
    struct aws_reader *reader = aws_reader(l->w->c->aws);
    const struct launch_run *launch = l->row->launch;
    struct drs_recovery_instance_filter filter = {{0}, {0}};

    if (drs_describe_job_log_items(reader, &l->at, r->job->id, &r->log))
        r->log = (struct drs_job_log){0};
    filter.source_server_ids.items = arena_array_of(l->w->arena, launch->servers.len, struct str);
    for (size_t i = 0; i < launch->servers.len; i++)
        filter.source_server_ids.items[filter.source_server_ids.len++] =
            launch->servers.items[i].server_id;
    if (drs_describe_recovery_instances(reader, &l->at, &filter, &r->instances))
        r->instances = (struct drs_recovery_instances){0};
}

/* Ends when every launched server's instance is known, or none came for as long as one may take. */
static void settle(struct recording *r)
{
    struct launching *l = r->l;
    struct launch_run *launch = l->row->launch;
    int64_t now = clock_mono_ms(l->w->c->clock);

    if (r->awaiting && !launch->settling) {
        launch->settling = true;
        launch->settle_base = now;
    }
    if (now < launch->settle_base)
        launch->settle_base = now;
    if (r->awaiting &&
        elapsed_since(launch->settle_base, now) < l->w->c->call.workflow->visibility_ms)
        return;
    launch->settling = false;
    launch->state = LAUNCH_ENDED;
    launch->ended_at = l->w->c->call.now_ms;
}

static enum fault record(struct launching *l, const struct drs_job *job)
{
    struct recording r = {.l = l, .job = job, .completed = str_eq_z(job->status, "COMPLETED")};
    struct launch_run *launch = l->row->launch;
    struct run_row *wave = work_wave(l->w, launch->wave_number);
    struct str digest = poll_digest(l->w->arena, job);
    enum fault f;

    if (str_eq(digest, launch->digest) && !launch->settling)
        return FAULT_NONE;
    if (r.completed)
        ask_more(&r);
    f = update_servers(&r);
    if (f)
        return f;
    launch->job_status = job->status;
    launch->digest = digest;
    if (r.completed)
        settle(&r);
    if (wave && !str_eq_z(job->status, "PENDING") && wave_move(wave->wave, EVENT_RUN, GUARD_NONE))
        work_put(l->w, wave);
    work_put(l->w, l->row);
    return work_submit(l->w);
}

/* A job that we know of and DRS does not: it may be too new to be seen. */
static enum fault missing(struct launching *l)
{
    struct launch_run *launch = l->row->launch;
    int64_t now = clock_mono_ms(l->w->c->clock);

    if (now < launch->look_base) {
        launch->look_base = now;
        work_put(l->w, l->row);
        return work_submit(l->w);
    }
    if (elapsed_since(launch->look_base, now) < l->w->c->call.workflow->visibility_ms)
        return FAULT_NONE;
    return launch_give_up(l, STR("JOB_NOT_FOUND"),
                          arena_strf(l->w->arena, "DRS does not know job " STR_FMT " any more",
                                     STR_ARG(launch->job_id)),
                          false);
}

enum fault job_record(struct launching *l)
{
    struct launch_run *launch = l->row->launch;
    struct drs_job_filter filter = {.job_ids = {&launch->job_id, 1}};
    struct drs_jobs jobs = {0};
    enum fault f = drs_describe_jobs(aws_reader(l->w->c->aws), &l->at, &filter, &jobs);

    if (f && l->at.error.retryable)
        return FAULT_NONE;
    if (f)
        return launch_give_up(l, l->at.error.code, l->at.error.message, false);
    return jobs.len ? record(l, &jobs.items[0]) : missing(l);
}
