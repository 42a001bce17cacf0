#include "ops/execution/terminate.h"

/*
 * Instances of a launch that nobody watched to its end. Its job is looked for by our tags where its
 * id is not known; DRS has what came of it once it is over, and once that has had time to show.
 */
struct search {
    struct ending_launch *t;
    struct launch_run *l;
    struct drs_jobs jobs;
    size_t running;
    size_t missing;
};

static bool any_unknown(const struct launch_run *l)
{
    for (size_t i = 0; i < l->servers.len; i++)
        if (!l->servers.items[i].instance_id.len)
            return true;
    return false;
}

static const struct drs_job *job_of(const struct search *s, const struct launch_server *server)
{
    for (size_t i = 0; s->jobs.items && i < s->jobs.len; i++) {
        const struct drs_job *job = &s->jobs.items[i];

        if (server->job_id.len
                ? str_eq(job->id, server->job_id)
                : str_eq(tags_get(&job->tags, STR("ExecutionId")), s->t->w->e.id) &&
                      str_eq(tags_get(&job->tags, STR("LaunchId")), server->launch_id))
            return job;
    }
    return NULL;
}

static struct str instance_of(const struct search *s, const struct launch_server *server)
{
    const struct drs_recovery_instances *all = &s->t->known;

    for (size_t i = 0; i < all->len; i++)
        if (server->job_id.len && str_eq(all->items[i].job_id, server->job_id) &&
            str_eq(all->items[i].source_server_id, server->server_id))
            return all->items[i].id;
    return (struct str){0};
}

static void search_all(struct search *s)
{
    for (size_t i = 0; i < s->l->servers.len; i++) {
        struct launch_server *server = &s->l->servers.items[i];
        const struct drs_job *job = job_of(s, server);

        if (server->instance_id.len)
            continue;
        if (job) {
            server->job_id = job->id;
            s->running += !str_eq_z(job->status, "COMPLETED");
        }
        server->instance_id = instance_of(s, server);
        s->missing += !server->instance_id.len;
    }
}

/* On the servers' own rows: what was found of them, or that there is nothing. */
static enum fault tell_servers(const struct search *s)
{
    struct work *w = s->t->w;
    struct run_rows rows = {0};
    enum fault f = runs_read(w->c->reader, w->arena, w->e.id, STR("server#"), &rows);

    for (size_t i = 0; i < rows.len && !f; i++)
        for (size_t k = 0; k < s->l->servers.len && !f; k++) {
            const struct launch_server *found = &s->l->servers.items[k];
            struct server_run *run = rows.items[i].server;

            if (!str_eq(run->server_id, found->server_id) ||
                !str_eq(run->launch_id, found->launch_id))
                continue;
            run->instance_id = found->instance_id;
            run->job_id = found->job_id;
            run->nothing_left = !found->instance_id.len;
            work_put(w, &rows.items[i]);
            f = work_submit_full(w);
        }
    return f;
}

static enum fault conclude(struct search *s)
{
    size_t kept = 0;
    enum fault f = tell_servers(s);

    if (f)
        return f;
    for (size_t i = 0; i < s->l->servers.len; i++)
        if (s->l->servers.items[i].instance_id.len)
            s->l->servers.items[kept++] = s->l->servers.items[i];
    s->l->servers.len = kept;
    s->l->settling = false;
    return ending_save(s->t);
}

/* Since when: of the jobs' end where they are over, else of the first look. *over: long enough. */
static enum fault wait_for(struct search *s, bool *over)
{
    const struct workflow_settings *set = s->t->w->c->call.workflow;
    int64_t now = clock_mono_ms(s->t->w->c->clock);
    bool ended = s->running == 0;

    if (!s->l->settle_base || now < s->l->settle_base || s->l->settling != ended) {
        s->l->settle_base = now;
        s->l->settling = ended;
        *over = false;
        return ending_save(s->t);
    }
    *over = elapsed_since(s->l->settle_base, now) >=
            (ended ? set->visibility_ms : set->wave_deadline_ms);
    return FAULT_NONE;
}

enum fault termination_find(struct ending_launch *t, bool *wait)
{
    struct search s = {.t = t, .l = t->row->launch};
    struct drs_job_filter filter = {.from_ms = t->w->e.started_at - TERMINATE_JOBS_SINCE_MS};
    bool over = true;
    enum fault f = FAULT_NONE;

    *wait = any_unknown(s.l);
    if (!*wait)
        return FAULT_NONE;
    if (drs_describe_jobs(aws_reader(t->w->c->aws), &t->at, &filter, &s.jobs))
        return ending_refused(t);
    search_all(&s);
    if (s.missing || s.running)
        f = wait_for(&s, &over);
    if (f || !over)
        return f;
    if (s.running)
        return ending_close(t, STR("JOB_STILL_RUNNING"),
                            STR("DRS still works on the job that launches them: terminate again"));
    *wait = false;
    return conclude(&s);
}
