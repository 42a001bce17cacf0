#include "ops/execution/job_view.h"

#include "rules/outcome.h"

struct job_view job_view_of(const struct drs_job *job)
{
    return (struct job_view){.job = job, .completed = str_eq_z(job->status, "COMPLETED")};
}

const struct drs_participating_server *job_view_server(const struct job_view *v,
                                                       struct str server_id)
{
    for (size_t i = 0; i < v->job->servers.len; i++)
        if (str_eq(v->job->servers.items[i].source_server_id, server_id))
            return &v->job->servers.items[i];
    return NULL;
}

int job_view_status(const struct job_view *v, struct str server_id)
{
    const struct drs_participating_server *p = job_view_server(v, server_id);

    return server_status_of(p ? p->launch_status : (struct str){0}, v->completed);
}

enum fault job_view_read_log(struct job_view *v, struct aws_reader *aws, struct aws_at *at)
{
    enum fault f = drs_describe_job_log_items(aws, at, v->job->id, &v->log);

    if (f)
        v->log = (struct drs_job_log){0};
    return f;
}

void job_view_read_instances(struct job_view *v, struct aws_reader *aws, struct aws_at *at)
{
    struct strs ids = {arena_array_of(at->arena, v->job->servers.len + 1, struct str), 0};
    struct drs_recovery_instance_filter filter = {{0}, {0}};

    for (size_t i = 0; i < v->job->servers.len; i++)
        ids.items[ids.len++] = v->job->servers.items[i].source_server_id;
    filter.source_server_ids = ids;
    if (!ids.len || drs_describe_recovery_instances(aws, at, &filter, &v->instances))
        v->instances = (struct drs_recovery_instances){0};
}

struct str job_view_instance(const struct job_view *v, const struct drs_participating_server *p)
{
    if (p->recovery_instance_id.len)
        return p->recovery_instance_id;
    for (size_t i = 0; i < v->log.len; i++) {
        const struct drs_event_data *d = v->log.items[i].data;

        if (d && d->target_instance_id.len && str_eq(d->source_server_id, p->source_server_id))
            return d->target_instance_id;
    }
    for (size_t i = 0; i < v->instances.len; i++) {
        const struct drs_recovery_instance *n = &v->instances.items[i];

        if (str_eq(n->source_server_id, p->source_server_id) && str_eq(n->job_id, v->job->id))
            return n->id;
    }
    return (struct str){0};
}
