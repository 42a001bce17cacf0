#include "ops/execution/external.h"

#include <inttypes.h>

#include "model/refusal.h"
#include "ops/claims.h"
#include "ops/execution/conflicts.h"
#include "ops/execution/live.h"
#include "ops/snapshots.h"

/* What must hold before a wave of somebody else's workflow is laid. */

static enum fault check_size(struct outside *o, const struct launch_run *l)
{
    struct wave_size_refusal *refusal;

    if (l->servers.len == 0)
        return call_fail(&o->c->call, FAULT_INVALID_PARAMETER, "Wave %" PRId64 " has no servers",
                         o->number);
    if (l->servers.len <= LAUNCH_SERVERS_MAX)
        return FAULT_NONE;
    refusal = arena_new_of(o->arena, struct wave_size_refusal);
    refusal->limit = LAUNCH_SERVERS_MAX;
    refusal->errors.items = arena_new_of(o->arena, struct wave_size);
    refusal->errors.items[0] = (struct wave_size){o->number, (int64_t)l->servers.len};
    refusal->errors.len = 1;
    call_detail(&o->c->call, wave_size_refusal_fields, refusal);
    return call_fail(&o->c->call, FAULT_WAVE_SIZE_LIMIT_EXCEEDED,
                     "Wave %" PRId64 " has %zu servers, max is %d", o->number, l->servers.len,
                     LAUNCH_SERVERS_MAX);
}

static enum fault check_once(struct outside *o, const struct launch_run *l)
{
    for (size_t i = 1; i < l->servers.len; i++)
        for (size_t k = 0; k < i; k++)
            if (str_eq(l->servers.items[i].server_id, l->servers.items[k].server_id))
                return call_fault(&o->c->call, FAULT_INVALID_PARAMETER,
                                  STR("state.waves.servers.serverId"),
                                  "Server '" STR_FMT "' is named twice in wave %" PRId64,
                                  STR_ARG(l->servers.items[i].server_id), o->number);
    return FAULT_NONE;
}

/* ---- servers of executions of ours ---- */

struct str outside_claim(const struct outside *o, struct str server_id)
{
    return claim_running_server(o->arena, o->account.account_id, o->account.region, server_id);
}

enum fault outside_check_claims(struct outside *o, const struct launch_run *l)
{
    struct str wave_name = outside_wave_name(o->arena, o->wave, o->number);
    struct conflicts found = {0};
    struct busy_server busy = {0};

    for (size_t i = 0; i < l->servers.len; i++) {
        const struct launch_server *s = &l->servers.items[i];
        bool held;
        enum fault f = conflict_holder(&o->c->call, o->c->reader, outside_claim(o, s->server_id),
                                       &busy, &held);

        if (f)
            return f;
        if (!held)
            continue;
        busy.server_id = s->server_id;
        busy.hostname = s->hostname;
        busy.wave_number = o->number;
        busy.wave_name = wave_name;
        conflicts_add(o->arena, &found, &busy);
    }
    return conflicts_refuse(&o->c->call, &found);
}

/* ---- readiness: what DRS says now ---- */

static bool is_ready(const struct drs_source_servers *found, struct str id)
{
    for (size_t i = 0; i < found->len; i++)
        if (str_eq(found->items[i].id, id))
            return str_eq_z(server_replication_state(&found->items[i]), "CONTINUOUS");
    return false;
}

static enum fault refuse_aws(struct outside *o, enum fault f, const struct aws_error *e)
{
    if (f == FAULT_ROLE_ASSUMPTION_FAILED)
        return call_fail(&o->c->call, f, "Failed to assume role " STR_FMT " in account " STR_FMT,
                         STR_ARG(poll_role_name(&o->account)), STR_ARG(o->account.account_id));
    return call_fail(&o->c->call, f, "Failed to start recovery: " STR_FMT " - " STR_FMT,
                     STR_ARG(e->code), STR_ARG(e->message));
}

static struct aws_at at_account(struct outside *o)
{
    return (struct aws_at){.arena = o->arena,
                           .target = poll_target(o->arena, &o->account, o->c->call.hub_account)};
}

static struct strs ids_of(struct arena *a, const struct launch_run *l)
{
    struct strs ids = {arena_array_of(a, l->servers.len, struct str), 0};

    for (size_t i = 0; i < l->servers.len; i++)
        ids.items[ids.len++] = l->servers.items[i].server_id;
    return ids;
}

static enum fault check_ready(struct outside *o, const struct launch_run *l)
{
    struct aws_at at = at_account(o);
    struct drs_server_filter filter = {.ids = ids_of(o->arena, l)};
    struct drs_source_servers found = {0};
    enum fault f = drs_describe_source_servers(aws_reader(o->c->aws), &at, &filter, &found);

    if (f)
        return refuse_aws(o, f, &at.error);
    for (size_t i = 0; i < l->servers.len; i++)
        if (!is_ready(&found, l->servers.items[i].server_id))
            return call_fail(&o->c->call, FAULT_DRS_ERROR,
                             "Failed to start recovery: InvalidSourceServer - Server " STR_FMT
                             " is not in READY_FOR_RECOVERY state",
                             STR_ARG(l->servers.items[i].server_id));
    return FAULT_NONE;
}

static enum fault check_live(struct outside *o, const struct launch_run *l)
{
    struct aws_at at = at_account(o);
    struct live_refusal *live = arena_new_of(o->arena, struct live_refusal);
    enum fault f;

    if (o->replace)
        return FAULT_NONE;
    f = live_find(aws_reader(o->c->aws), &at, ids_of(o->arena, l), live);
    return f ? refuse_aws(o, f, &at.error) : live_refuse(&o->c->call, live);
}

/* ---- dependencies ---- */

static bool state_says_completed(const struct outside *o, int64_t number)
{
    struct str name = arena_strf(o->arena, "wave%" PRId64 "Status", number);

    return str_eq_z(json_str(json_get(o->state, name)), "COMPLETED");
}

static enum fault check_dependencies(struct outside *o)
{
    struct ints depends = outside_dependencies(o);

    for (size_t i = 0; i < depends.len; i++) {
        int64_t number = depends.items[i];
        struct run_row *row = work_wave(&o->w, number);
        int status = row ? row->wave->status : 0;

        if (status == WAVE_COMPLETED || status == WAVE_SKIPPED || state_says_completed(o, number))
            continue;
        return call_fail(&o->c->call, FAULT_INVALID_STATE,
                         "Wave %" PRId64 " depends on wave %" PRId64 ", which has not completed",
                         o->number, number);
    }
    return FAULT_NONE;
}

enum fault outside_check(struct outside *o, const struct launch_run *l)
{
    enum fault f = check_dependencies(o);

    if (!f)
        f = check_size(o, l);
    if (!f)
        f = check_once(o, l);
    if (!f)
        f = outside_check_claims(o, l);
    if (!f)
        f = check_ready(o, l);
    return f ? f : check_live(o, l);
}

/* ---- a call that is made again ---- */

/* Those of a group may have been changed since; what the state names is what it asks for. */
static bool is_named(const struct outside *o, struct str id)
{
    const struct json *waves = json_get_z(o->state, "waves");

    for (size_t i = 0; i < waves->len; i++) {
        const struct json *servers = json_get_z(&waves->items[i], "servers");

        for (size_t k = 0; json_is(servers, JS_ARRAY) && k < servers->len; k++)
            if (str_eq(outside_server_id(&servers->items[k]), id))
                return true;
    }
    return false;
}

static bool was_started(const struct run_rows *servers, struct str id)
{
    for (size_t i = 0; i < servers->len; i++)
        if (str_eq(servers->items[i].server->server_id, id))
            return true;
    return false;
}

enum fault outside_check_same(struct outside *o)
{
    struct buf others = buf_new(o->arena, 4096);
    struct run_rows servers = {0};
    struct launch_run l = {0};
    enum fault f = outside_servers(o, &l);

    if (!f)
        f = work_servers(&o->w, work_wave(&o->w, o->number)->wave, &servers);
    if (f)
        return f;
    for (size_t i = 0; i < l.servers.len; i++)
        if (is_named(o, l.servers.items[i].server_id) &&
            !was_started(&servers, l.servers.items[i].server_id))
            buf_addf(&others, "%s" STR_FMT, buf_str(&others).len ? ", " : "",
                     STR_ARG(l.servers.items[i].server_id));
    if (!buf_str(&others).len)
        return FAULT_NONE;
    return call_fault(&o->c->call, FAULT_INVALID_PARAMETER, STR("state.waves.servers"),
                      "Wave %" PRId64 " was started without " STR_FMT ", and takes no more servers",
                      o->number, STR_ARG(buf_str(&others)));
}
