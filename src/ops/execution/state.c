#include "flow/path.h"
#include "ops/execution/poll.h"

struct str poll_digest(struct arena *a, const struct drs_job *job)
{
    struct buf b = buf_new(a, 4096);

    buf_add(&b, job->status);
    buf_add_char(&b, ':');
    for (size_t i = 0; i < job->servers.len; i++)
        buf_add_char(&b, job->servers.items[i].launch_status.len
                             ? job->servers.items[i].launch_status.ptr[0]
                             : '-');
    return buf_str(&b);
}

struct str poll_error_code(const struct aws_error *error)
{
    return error->assuming_role ? STR("CROSS_ACCOUNT_ERROR") : error->code;
}

struct aws_target poll_target(struct arena *a, const struct account_context *c,
                              struct str hub_account)
{
    struct aws_target t = {.region = c->region, .external_id = c->external_id};

    if (c->is_current_account || str_eq(c->account_id, hub_account))
        return t;
    t.role_arn = c->role_arn;
    if (!str_present(t.role_arn) && str_present(c->role_name) && c->role_name.len)
        t.role_arn = arena_strf(a, "arn:aws:iam::" STR_FMT ":role/" STR_FMT, STR_ARG(c->account_id),
                                STR_ARG(c->role_name));
    return t;
}

struct str poll_role_name(const struct account_context *c)
{
    struct str arn = c->role_arn;
    size_t from = arn.len;

    if (c->role_name.len)
        return c->role_name;
    while (from && arn.ptr[from - 1] != '/')
        from--;
    return str_slice(arn, from, arn.len);
}

/* ---- the state that the workflow carries ---- */

static const struct json *json_bool_of(struct arena *a, bool b)
{
    struct json *v = arena_new_of(a, struct json);

    *v = (struct json){.kind = JS_BOOL, .boolean = b};
    return v;
}

/* Whole seconds where it can be: Step Functions takes no others. */
static const struct json *seconds_of(struct arena *a, int64_t ms)
{
    struct json *v = arena_new_of(a, struct json);

    if (ms % 1000 == 0)
        *v = (struct json){.kind = JS_INT, .integer = ms / 1000};
    else
        *v = (struct json){.kind = JS_REAL, .real = (double)ms / 1000};
    return v;
}

static const struct json *ints_of(struct arena *a, struct ints ints)
{
    struct json *v = arena_new_of(a, struct json);

    *v = (struct json){.kind = JS_ARRAY, .len = ints.len};
    v->items = arena_array_of(a, ints.len ? ints.len : 1, struct json);
    for (size_t i = 0; i < ints.len; i++)
        v->items[i] = (struct json){.kind = JS_INT, .integer = ints.items[i]};
    return v;
}

static const struct json *with_status(struct arena *a, const struct json *s,
                                      const struct execution *e)
{
    struct str name = str_from_z(execution_status_names[e->status]);

    return flow_json_with(a, s, STR("status"), flow_json_str(a, arena_str_lower(a, name)));
}

const struct json *state_with(struct arena *a, const struct json *state, const struct execution *e,
                              const struct state_change *c)
{
    const struct json *s = with_status(a, state, e);

    if (c->decision)
        s = flow_json_with(a, s, STR("decision"), flow_json_str(a, str_from_z(c->decision)));
    if (c->has_ready_waves)
        s = flow_json_with(a, s, STR("ready_waves"), ints_of(a, c->ready_waves));
    if (c->has_wave)
        s = flow_json_with(a, s, STR("current_wave_number"), flow_json_int(a, c->wave));
    if (c->has_changed)
        s = flow_json_with(a, s, STR("changed"), json_bool_of(a, c->changed));
    if (c->add_loops)
        s = flow_json_with(a, s, STR("loops"),
                           flow_json_int(a, json_int(json_get_z(s, "loops"), 0) + c->add_loops));
    if (c->poll_ms)
        s = flow_json_with(a, s, STR("poll_seconds"), seconds_of(a, c->poll_ms));
    return s;
}

const struct json *state_new(struct arena *a, const struct execution *e, int64_t poll_ms)
{
    struct state_change change = {
        .decision = "START",
        .has_ready_waves = true,
        .has_wave = true,
        .wave = e->wave_plans.len ? e->wave_plans.items[0].wave_number : 0,
        .has_changed = true,
        .poll_ms = poll_ms,
    };
    const struct json *s = flow_json_object(a);

    s = flow_json_with(a, s, STR("executionId"), flow_json_str(a, e->id));
    s = flow_json_with(a, s, STR("planId"), flow_json_str(a, e->plan_id));
    s = flow_json_with(a, s, STR("execution_id"), flow_json_str(a, e->id));
    s = flow_json_with(a, s, STR("plan_id"), flow_json_str(a, e->plan_id));
    s = flow_json_with(a, s, STR("executionType"),
                       flow_json_str(a, str_from_z(execution_type_names[e->type])));
    s = flow_json_with(a, s, STR("epoch"), flow_json_int(a, e->epoch));
    s = flow_json_with(a, s, STR("loops"), flow_json_int(a, 0));
    return state_with(a, s, e, &change);
}

const struct field action_params_fields[] = {
    F_JSON(struct action_params, state, "state", .help = "what the workflow carries"),
    F_INT(struct action_params, wave_number, "waveNumber", .aliases = "wave_number",
          F_HAS(struct action_params, has_wave_number), .help = "the wave"),
    F_STR(struct action_params, task_token, "taskToken", .flags = FIELD_SECRET,
          .help = "answers the workflow"),
    F_BOOL(struct action_params, abort, "abort", .help = "the workflow could not go on"),
    F_STR(struct action_params, execution_id, "executionId", .aliases = "execution_id",
          .help = "the execution"),
    F_STR(struct action_params, plan_id, "planId", .aliases = "plan_id", .help = "its plan"),
    F_STR(struct action_params, status, "status", .help = "status to record"),
    F_JSON(struct action_params, wave_data, "waveData", .aliases = "wave_data",
           .help = "the workflow's state, answered unchanged"),
    F_END,
};
