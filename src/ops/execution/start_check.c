#include "ops/execution/start.h"

#include <inttypes.h>

#include "base/time.h"
#include "model/refusal.h"
#include "ops/execution/live.h"
#include "ops/execution/poll.h"
#include "rules/plan_graph.h"
#include "rules/selection.h"

/* ---- sizes ---- */

static wave_size_list sizes_of(struct start *s)
{
    wave_size_list sizes = {0};

    sizes.items = arena_array_of(s->arena, s->e.wave_plans.len, struct wave_size);
    for (size_t i = 0; i < s->e.wave_plans.len; i++) {
        struct wave_size *size = &sizes.items[sizes.len++];

        size->wave_number = s->e.wave_plans.items[i].wave_number;
        for (size_t k = 0; k < s->servers.len; k++)
            size->server_count += s->servers.items[k].server.wave_number == size->wave_number;
        s->e.wave_plans.items[i].server_count = size->server_count;
    }
    return sizes;
}

enum fault start_check_sizes(struct start *s)
{
    wave_size_list sizes = sizes_of(s);
    wave_size_list large = plan_waves_too_large(s->arena, &sizes, WAVE_SERVERS_MAX);
    struct wave_size_refusal *refusal = arena_new_of(s->arena, struct wave_size_refusal);
    enum fault f = FAULT_NONE;

    for (size_t i = 0; i < sizes.len; i++)
        if (sizes.items[i].server_count == 0)
            f = call_fault(&s->c->call, FAULT_INVALID_PARAMETER, STR("planId"),
                           "Wave %" PRId64 " has no servers", sizes.items[i].wave_number);
    if (f || large.len == 0)
        return f;
    refusal->limit = WAVE_SERVERS_MAX;
    refusal->errors = large;
    call_detail(&s->c->call, wave_size_refusal_fields, refusal);
    return call_fail(&s->c->call, FAULT_WAVE_SIZE_LIMIT_EXCEEDED, STR_FMT,
                     STR_ARG(plan_waves_too_large_text(s->arena, &large, WAVE_SERVERS_MAX)));
}

/* ---- readiness ---- */

enum fault start_check_servers(struct start *s)
{
    struct replication_refusal *refusal = arena_new_of(s->arena, struct replication_refusal);

    refusal->invalid_servers.items =
        arena_array_of(s->arena, s->servers.len, struct invalid_server);
    for (size_t i = 0; i < s->servers.len; i++) {
        const struct start_server *server = &s->servers.items[i];
        struct str state = server_replication_state(server->source);

        if (replication_allows_start(state, s->in->allow_lagging_replication))
            continue;
        refusal->invalid_servers.items[refusal->invalid_servers.len++] =
            (struct invalid_server){server->server.server_id, server->server.hostname, state};
    }
    if (refusal->invalid_servers.len == 0)
        return FAULT_NONE;
    call_detail(&s->c->call, replication_refusal_fields, refusal);
    return call_fail(&s->c->call, FAULT_INVALID_REPLICATION_STATE,
                     "%zu server(s) are not ready: a start needs replication state CONTINUOUS, "
                     "or allowLaggingReplication",
                     refusal->invalid_servers.len);
}

/* ---- what DRS runs already ---- */

static struct aws_at at_place(struct start *s, const struct start_place *p)
{
    return (struct aws_at){
        .arena = s->arena, .target = p->at.target, .deadline_ms = s->c->call.deadline_mono_ms};
}

static enum fault refuse_aws(struct start *s, enum fault f, const struct aws_at *at)
{
    return call_fail(
        &s->c->call, f, "DRS cannot be asked in " STR_FMT ": " STR_FMT " (" STR_FMT ")",
        STR_ARG(at->target.region), STR_ARG(at->error.message), STR_ARG(at->error.code));
}

static struct strs ids_at(struct start *s, size_t place)
{
    struct strs ids = {arena_array_of(s->arena, s->servers.len, struct str), 0};

    for (size_t i = 0; i < s->servers.len; i++)
        if (s->servers.items[i].place == place)
            ids.items[ids.len++] = s->servers.items[i].server.server_id;
    return ids;
}

enum fault start_check_instances(struct start *s)
{
    struct live_refusal *live = arena_new_of(s->arena, struct live_refusal);

    if (s->in->replace_recovery_instances)
        return FAULT_NONE;
    for (size_t p = 0; p < s->places.len; p++) {
        struct aws_at at = at_place(s, &s->places.items[p]);
        enum fault f = live_find(s->c->aws, &at, ids_at(s, p), live);

        if (f)
            return refuse_aws(s, f, &at);
    }
    return live_refuse(&s->c->call, live);
}

enum { DRS_JOBS_MAX = 20, DRS_SERVERS_IN_JOBS_MAX = 500 };

static bool is_active(const struct drs_job *job)
{
    return str_eq_z(job->status, "PENDING") || str_eq_z(job->status, "STARTED");
}

static void find_busy(struct start *s, const struct drs_job *job, size_t place,
                      struct conflicts *found)
{
    for (size_t k = 0; k < s->servers.len; k++) {
        const struct start_server *server = &s->servers.items[k];

        for (size_t i = 0; server->place == place && i < job->servers.len; i++)
            if (str_eq(server->server.server_id, job->servers.items[i].source_server_id))
                start_conflict_add(s, found, server,
                                   &(struct busy_server){
                                       .job_id = job->id,
                                       .job_status = job->status,
                                       .source = STR("drs_job"),
                                   });
    }
}

/* What the active jobs of an account and region come to. */
struct load {
    size_t jobs;
    size_t servers;
};

static enum fault find_load(struct start *s, size_t place, struct load *load,
                            struct conflicts *found)
{
    struct aws_at at = at_place(s, &s->places.items[place]);
    struct drs_job_filter filter = {.from_ms = s->c->call.now_ms - JOBS_SINCE_MS};
    struct drs_jobs jobs = {0};
    enum fault f = drs_describe_jobs(s->c->aws, &at, &filter, &jobs);

    if (f)
        return refuse_aws(s, f, &at);
    for (size_t i = 0; i < jobs.len; i++) {
        if (!is_active(&jobs.items[i]))
            continue;
        load->jobs++;
        load->servers += jobs.items[i].servers.len;
        find_busy(s, &jobs.items[i], place, found);
    }
    return FAULT_NONE;
}

static enum fault check_limits(struct start *s, size_t place, const struct load *load)
{
    if (load->jobs >= DRS_JOBS_MAX)
        return call_fail(&s->c->call, FAULT_DRS_LIMIT_EXCEEDED,
                         "%zu DRS jobs are running, max is %d", load->jobs, DRS_JOBS_MAX);
    if (load->servers + ids_at(s, place).len > DRS_SERVERS_IN_JOBS_MAX)
        return call_fail(&s->c->call, FAULT_DRS_LIMIT_EXCEEDED,
                         "%zu servers are in running DRS jobs, max is %d", load->servers,
                         DRS_SERVERS_IN_JOBS_MAX);
    return FAULT_NONE;
}

enum fault start_check_jobs(struct start *s)
{
    struct load *loads = arena_array_of(s->arena, s->places.len, struct load);
    struct conflicts found = {0};
    enum fault f = FAULT_NONE;

    for (size_t p = 0; p < s->places.len && !f; p++)
        f = find_load(s, p, &loads[p], &found);
    /* The job may be of an execution that was started since we looked. */
    if (!f && found.found)
        f = start_check_running(s);
    if (!f)
        f = conflicts_refuse(&s->c->call, &found);
    for (size_t p = 0; p < s->places.len && !f; p++)
        f = check_limits(s, p, &loads[p]);
    return f;
}

/* ---- the point in time ---- */

static enum fault find_snapshot(struct start *s, struct start_server *server)
{
    struct aws_at at = at_place(s, &s->places.items[server->place]);
    struct drs_snapshot_filter filter = {
        .source_server_id = server->server.server_id,
        .to_ms = s->in->point_in_time,
        .newest_first = true,
    };
    struct drs_recovery_snapshots found = {0};
    enum fault f = drs_describe_recovery_snapshots(s->c->aws, &at, &filter, &found);

    if (f)
        return refuse_aws(s, f, &at);
    server->server.snapshot_id = found.len ? found.items[0].id : (struct str){0};
    return FAULT_NONE;
}

static enum fault check_snapshot(struct start *s, const struct start_server *server)
{
    if (str_present(server->server.snapshot_id))
        return FAULT_NONE;
    return call_fault(&s->c->call, FAULT_INVALID_PARAMETER, STR("pointInTime"),
                      "Source server '" STR_FMT "' has no recovery snapshot from before " STR_FMT,
                      STR_ARG(server->server.server_id),
                      STR_ARG(time_rfc3339(s->arena, s->in->point_in_time)));
}

enum fault start_choose_snapshots(struct start *s)
{
    enum fault f = FAULT_NONE;

    if (!s->in->point_in_time)
        return FAULT_NONE;
    for (size_t i = 0; i < s->servers.len && !f; i++)
        f = find_snapshot(s, &s->servers.items[i]);
    if (f)
        return f;
    for (size_t i = 0; i < s->servers.len; i++) {
        enum fault missing = check_snapshot(s, &s->servers.items[i]);

        f = f ? f : missing;
    }
    return f;
}
