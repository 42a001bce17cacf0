#include "ops/execution/job_view.h"
#include "ops/execution/tasks.h"

/*
 * What DRS says about a job, put on record: server rows first, the launch last, so that a crash in
 * between repeats what is already true. A job that is COMPLETED says nothing about success: that is
 * read from each server.
 */
struct recording {
    struct launching *l;
    struct job_view view;
    struct run_rows servers; /* of the wave */
    bool unread;             /* the log, and a server's failure wants to be explained */
    bool awaiting;           /* a launched server has no instance id yet, a failed one no reason */
};

#define UNEXPLAINED_CODE "LAUNCH_FAILED"
#define UNEXPLAINED_TEXT "DRS did not launch the server"

static bool is_of(const struct recording *r, const struct server_run *s)
{
    return str_eq(s->launch_id, r->l->row->launch->launch_id);
}

/* Failed without a reason so far, or about to be recorded as failed. */
static bool wants_reason(const struct recording *r, const struct server_run *s)
{
    if (s->status == SERVER_FAILED)
        return str_eq_z(s->error_code, UNEXPLAINED_CODE) &&
               str_starts(s->error_message, STR(UNEXPLAINED_TEXT));
    return job_view_status(&r->view, s->server_id) == SERVER_FAILED;
}

/* true: it says something else than before. */
static bool explain_failure(const struct recording *r, struct server_run *s)
{
    struct cause cause = {STR(UNEXPLAINED_CODE), STR(UNEXPLAINED_TEXT)};
    struct str before = s->error_message;

    if (r->unread)
        cause.message =
            arena_strf(r->l->w->arena,
                       UNEXPLAINED_TEXT "; its job's log cannot be read: " STR_FMT " - " STR_FMT,
                       STR_ARG(r->l->at.error.code), STR_ARG(r->l->at.error.message));
    (void)cause_in_log(r->l->w->arena, &r->view.log, s->server_id, &cause);
    s->error_code = cause.code;
    s->error_message = cause.message;
    return !str_eq(before, cause.message);
}

static bool fail_server(const struct recording *r, struct server_run *s)
{
    if (s->status == SERVER_FAILED)
        return wants_reason(r, s) && explain_failure(r, s);
    if (!server_move(s, EVENT_FAIL))
        return false;
    s->ended_at = r->l->w->c->call.now_ms;
    (void)explain_failure(r, s);
    return true;
}

static bool terminate_server(const struct recording *r, struct server_run *s)
{
    if (!server_move(s, EVENT_TERMINATE))
        return false;
    s->ended_at = r->l->w->c->call.now_ms;
    s->error_code = STR("TERMINATED");
    s->error_message = STR("The server's instance was terminated before its wave was over");
    return true;
}

static bool update_server(struct recording *r, struct server_run *s)
{
    const struct drs_participating_server *p = job_view_server(&r->view, s->server_id);
    const struct drs_job *job = r->view.job;
    int status = job_view_status(&r->view, s->server_id);
    bool changed = false;

    if (!str_eq(s->job_id, job->id)) {
        s->job_id = job->id;
        s->started_at = job->created_ms ? job->created_ms : r->l->w->c->call.now_ms;
        changed = true;
    }
    if (status == SERVER_LAUNCHING)
        changed |= server_move(s, EVENT_RUN);
    if (status == SERVER_LAUNCHED && server_move(s, EVENT_LAUNCHED)) {
        s->ended_at = r->l->w->c->call.now_ms;
        changed = true;
    }
    if (status == SERVER_FAILED)
        changed |= fail_server(r, s);
    if (status == SERVER_TERMINATED)
        changed |= terminate_server(r, s);
    if (s->status == SERVER_LAUNCHED && p && !s->instance_id.len) {
        s->instance_id = job_view_instance(&r->view, p);
        changed |= s->instance_id.len > 0;
        r->awaiting |= s->instance_id.len == 0;
    }
    return changed;
}

static enum fault update_servers(struct recording *r)
{
    struct work *w = r->l->w;
    enum fault f = FAULT_NONE;

    for (size_t i = 0; i < r->servers.len && !f; i++) {
        struct server_run *s = r->servers.items[i].server;

        if (!is_of(r, s) || !update_server(r, s))
            continue;
        work_put(w, &r->servers.items[i]);
        f = work_submit_full(w);
    }
    return f;
}

/* The log: at the end, and whenever a server's failure wants its reason. */
static void read_log(struct recording *r)
{
    struct launching *l = r->l;
    bool wanted = false;

    for (size_t i = 0; i < r->servers.len && !wanted; i++)
        wanted =
            is_of(r, r->servers.items[i].server) && wants_reason(r, r->servers.items[i].server);
    if (!wanted && !r->view.completed)
        return;
    if (!job_view_read_log(&r->view, aws_reader(l->w->c->aws), &l->at))
        return;
    r->unread = wanted;
    r->awaiting = wanted;
}

/* What is known beside the job itself; what cannot be had now is had at the next look. */
static enum fault learn(struct recording *r)
{
    struct launching *l = r->l;
    struct aws_at at = {.arena = l->at.arena, .target = l->at.target};
    enum fault f = work_servers(l->w, l->wave->wave, &r->servers);

    if (f)
        return f;
    read_log(r);
    if (r->view.completed)
        job_view_read_instances(&r->view, aws_reader(l->w->c->aws), &at);
    return FAULT_NONE;
}

/* Ends when nothing is awaited, or has not come for as long as an instance may be invisible. */
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
    struct recording r = {.l = l, .view = job_view_of(job)};
    struct launch_run *launch = l->row->launch;
    struct str digest = poll_digest(l->w->arena, job);
    bool heard = launch_heard(l) || launch->looked_ms;
    enum fault f;

    launch->looked_ms = 0;
    if (str_eq(digest, launch->digest) && !launch->settling) {
        if (heard)
            work_put(l->w, l->row);
        return work_submit(l->w);
    }
    f = learn(&r);
    if (!f)
        f = update_servers(&r);
    if (f)
        return f;
    launch->job_status = job->status;
    if (!r.unread) /* else the next poll finds it new again */
        launch->digest = digest;
    if (r.view.completed)
        settle(&r);
    if (!str_eq_z(job->status, "PENDING") && wave_move(l->wave->wave, EVENT_RUN, GUARD_NONE))
        work_put(l->w, l->wave);
    work_put(l->w, l->row);
    return work_submit(l->w);
}

/* A job that we know of and DRS does not: it may be too new to be seen, or this answer too old. */
static enum fault missing(struct launching *l)
{
    struct launch_run *launch = l->row->launch;
    int64_t now = clock_mono_ms(l->w->c->clock);
    struct cause why = {.code = STR("JOB_NOT_FOUND")};

    if (launch->looked_ms == 0 || now < launch->look_base) {
        launch->looked_ms = 1; /* missed since look_base */
        launch->look_base = now;
        work_put(l->w, l->row);
        return work_submit(l->w);
    }
    if (elapsed_since(launch->look_base, now) < l->w->c->call.workflow->visibility_ms)
        return FAULT_NONE;
    why.message = arena_strf(l->w->arena, "DRS does not know job " STR_FMT " any more",
                             STR_ARG(launch->job_id));
    return launch_give_up(l, why, false);
}

enum fault job_record(struct launching *l)
{
    struct launch_run *launch = l->row->launch;
    struct drs_job_filter filter = {.job_ids = {&launch->job_id, 1}};
    struct drs_jobs jobs = {0};
    enum fault f = drs_describe_jobs(aws_reader(l->w->c->aws), &l->at, &filter, &jobs);

    if (f)
        return launch_unheard(l, "DescribeJobs");
    return jobs.len ? record(l, &jobs.items[0]) : missing(l);
}
