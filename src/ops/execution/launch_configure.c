#include "aws/ec2.h"
#include "ops/execution/tasks.h"
#include "rules/launch_apply.h"

/*
 * Before a launch DRS and EC2 are told how its servers shall be launched (S4: "applies launch
 * configurations ... to DRS source servers"). Told again it changes nothing, so that a crash in
 * between costs calls and no more. A server that cannot be launched as it is wanted has failed, and
 * is not launched in some other way; the others of the launch go on without it.
 */
enum { TEMPLATE_TRIES = 3 };

#define REFUSED_CODE "LAUNCH_CONFIG_FAILED"

/* One server's; on a thread and an arena of its own. */
struct errand {
    struct aws *aws;
    struct aws_at at;
    struct run_row *row; /* of the server */
    enum fault fault;
    const char *refusal; /* where nobody but us refused */
};

static enum fault refuse(struct errand *e, const char *why)
{
    e->refusal = why;
    return FAULT_INVALID_STATE;
}

static enum fault tell_drs(struct errand *e, struct str *template_id)
{
    const struct server_run *s = e->row->server;
    struct drs_launch_configuration now = {0};
    struct drs_launch_configuration change;
    enum fault f = drs_get_launch_configuration(aws_reader(e->aws), &e->at, s->server_id, &now);

    if (!f && launch_drs_change(e->at.arena, s->launch_config, &now, &change)) {
        change.source_server_id = s->server_id;
        f = drs_update_launch_configuration(e->aws, &e->at, &change, &now);
    }
    *template_id = now.ec2_launch_template_id;
    return f;
}

static enum fault read_default(struct errand *e, struct str template_id,
                               struct ec2_template_version *out)
{
    struct str name = STR("$Default");
    struct ec2_template_versions versions = {0};
    enum fault f = ec2_describe_launch_template_versions(aws_reader(e->aws), &e->at, template_id,
                                                         (struct strs){&name, 1}, &versions);

    if (f)
        return f;
    if (versions.len == 0 || !versions.items[0].data)
        return refuse(e, "its EC2 launch template has no default version");
    *out = versions.items[0];
    return FAULT_NONE;
}

/* A version after `source`, made the one that launches use. *done: nobody made another meanwhile.
 */
static enum fault put_version(struct errand *e, const struct ec2_template_version *source,
                              const struct ec2_template_data *data, bool *done)
{
    struct ec2_new_version request = {
        .template_id = source->template_id,
        .source_version = source->version,
        .description = arena_strf(e->at.arena, "drwave: " STR_FMT, STR_ARG(e->row->execution_id)),
        .data = data,
    };
    struct ec2_template_version made = {0};
    struct ec2_template now = {0};
    enum fault f = ec2_create_launch_template_version(e->aws, &e->at, &request, &made);

    if (!f)
        f = ec2_modify_launch_template(e->aws, &e->at, source->template_id, made.version, &now);
    *done = !f && now.default_version == made.version;
    return f;
}

static enum fault tell_template(struct errand *e, struct str template_id)
{
    const struct launch_config *wanted = e->row->server->launch_config;
    struct ec2_template_version now = {0};
    struct ec2_template_data change;
    bool done = false;
    enum fault f = FAULT_NONE;

    if (!str_present(template_id))
        return refuse(e, "DRS names no EC2 launch template for it");
    for (int i = 0; i < TEMPLATE_TRIES && !f && !done; i++) {
        f = read_default(e, template_id, &now);
        if (f)
            return f;
        switch (launch_template_change(e->at.arena, wanted, now.data, &change)) {
        case LAUNCH_TEMPLATE_FITS:
            return FAULT_NONE;
        case LAUNCH_TEMPLATE_REFUSED:
            return refuse(e, "its EC2 launch template names security groups outside its network "
                             "interfaces, or an existing interface: take them out of it");
        case LAUNCH_TEMPLATE_DIFFERS:
            f = put_version(e, &now, &change, &done);
            break;
        }
    }
    if (!f && !done)
        return refuse(e, "somebody else keeps changing its EC2 launch template");
    return f;
}

/* DRS first: it makes a template version of its own out of what it is told. */
static void run_errand(void *item)
{
    struct errand *e = item;
    struct str template_id;

    e->fault = tell_drs(e, &template_id);
    if (!e->fault && launch_asks_template(e->row->server->launch_config))
        e->fault = tell_template(e, template_id);
}

/* ---- what came of it ---- */

/* A conflict is a job or another writer that is at work on the server. */
static bool is_transient(const struct errand *e)
{
    enum { CONFLICT = 409 };
    const struct aws_error *error = &e->at.error;

    return e->fault && !e->refusal &&
           (error->retryable || error->unidentified || error->status == 0 ||
            error->status == CONFLICT);
}

static void fail_server(struct launching *l, const struct errand *e)
{
    struct server_run *s = e->row->server;
    struct arena *a = l->w->arena;

    if (!server_move(s, EVENT_FAIL))
        return;
    s->error_code = STR(REFUSED_CODE);
    s->error_message =
        e->refusal
            ? arena_strf(a, "The launch configuration cannot be applied: %s", e->refusal)
            : arena_strf(
                  a, "The launch configuration cannot be applied: %s: " STR_FMT " - " STR_FMT,
                  e->at.error.operation, STR_ARG(e->at.error.code), STR_ARG(e->at.error.message));
    s->ended_at = l->w->c->call.now_ms;
}

static void keep_error(struct launching *l, const struct errand *e)
{
    struct arena *a = l->w->arena;

    l->at.error = e->at.error;
    l->at.error.code = arena_str(a, e->at.error.code);
    l->at.error.message = arena_str(a, e->at.error.message);
    l->at.error.request_id = arena_str(a, e->at.error.request_id);
}

static enum told told_of(const struct errand *e)
{
    if (is_transient(e))
        return TOLD_LATER;
    return e->fault == FAULT_ROLE_ASSUMPTION_FAILED ? TOLD_NOBODY : TOLD;
}

static enum fault record_errand(struct launching *l, const struct errand *e)
{
    if (e->fault)
        fail_server(l, e);
    else
        e->row->server->configured = true;
    work_put(l->w, e->row);
    return work_submit_full(l->w);
}

/* ---- all servers of a launch ---- */

static bool waits(const struct server_run *s)
{
    return s->status == SERVER_PENDING && s->launch_config && !s->configured;
}

static bool is_open(const struct run_rows *servers, struct str launch_id, struct str server_id)
{
    for (size_t i = 0; i < servers->len; i++) {
        const struct server_run *s = servers->items[i].server;

        if (str_eq(s->launch_id, launch_id) && str_eq(s->server_id, server_id))
            return s->status == SERVER_PENDING;
    }
    return false;
}

/* Also those that failed before a crash. */
static bool drop_failed(struct launching *l, const struct run_rows *servers)
{
    struct launch_run *launch = l->row->launch;
    size_t kept = 0;
    bool dropped;

    for (size_t i = 0; i < launch->servers.len; i++)
        if (is_open(servers, launch->launch_id, launch->servers.items[i].server_id))
            launch->servers.items[kept++] = launch->servers.items[i];
    dropped = kept < launch->servers.len;
    launch->servers.len = kept;
    return dropped;
}

static size_t errands_of(struct launching *l, const struct run_rows *servers, struct errand **out)
{
    size_t n = 0;

    *out = arena_array_of(l->w->arena, servers->len ? servers->len : 1, struct errand);
    for (size_t i = 0; i < servers->len; i++) {
        struct run_row *row = &servers->items[i];

        if (!str_eq(row->server->launch_id, l->row->launch->launch_id) || !waits(row->server))
            continue;
        (*out)[n].aws = l->w->c->aws;
        (*out)[n].at = l->at;
        (*out)[n].at.arena = arena_new(0);
        (*out)[n++].row = row;
    }
    return n;
}

/* *verdict: of all of them; the error that belongs to it is in l->at.error. */
static enum fault run_errands(struct launching *l, const struct run_rows *servers,
                              enum told *verdict)
{
    struct errand *errands;
    size_t n = errands_of(l, servers, &errands);
    enum told *told = arena_array_of(l->w->arena, n + 1, enum told);
    enum fault f = FAULT_NONE;
    size_t first;

    aws_fan_out(aws_reader(l->w->c->aws), run_errand, errands, n, sizeof(*errands));
    for (size_t i = 0; i < n; i++) {
        told[i] = told_of(&errands[i]);
        if (!f && told[i] == TOLD)
            f = record_errand(l, &errands[i]);
    }
    first = told_first(told, n);
    *verdict = first < n ? told[first] : TOLD;
    if (first < n)
        keep_error(l, &errands[first]);
    for (size_t i = 0; i < n; i++)
        arena_free(errands[i].at.arena);
    return f;
}

enum fault launch_configure(struct launching *l, bool *go_on)
{
    struct run_rows servers;
    enum told verdict = TOLD;
    enum fault f = work_servers(l->w, l->wave->wave, &servers);

    *go_on = false;
    if (!f)
        f = run_errands(l, &servers, &verdict);
    if (f)
        return f;
    if (drop_failed(l, &servers))
        work_put(l->w, l->row);
    f = work_submit(l->w);
    if (f || verdict == TOLD_LATER)
        return f ? f : launch_postpone(l);
    if (verdict == TOLD_NOBODY)
        return launch_refused(l);
    if (l->row->launch->servers.len == 0)
        return launch_give_up(
            l,
            (struct cause){STR(REFUSED_CODE),
                           STR("No server's launch configuration can be applied")},
            false);
    *go_on = true;
    return FAULT_NONE;
}
