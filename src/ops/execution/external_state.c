/* What the state of somebody else's workflow says of a wave (S4). */
#include "ops/execution/external.h"

#include <inttypes.h>

#include "ops/snapshots.h"
#include "rules/launch_apply.h"
#include "rules/launch_merge.h"

const struct json *outside_either(const struct json *v, const char *a, const char *b)
{
    const struct json *found = json_get_z(v, a);

    return found ? found : json_get_z(v, b);
}

struct str outside_text(const struct json *v, const char *a, const char *b)
{
    return json_str(outside_either(v, a, b));
}

/* ---- shape ---- */

enum fault outside_missing(struct outside *o, const char *what)
{
    return call_fault(&o->c->call, FAULT_MISSING_PARAMETER, str_from_z(what), "'%s' is required",
                      what);
}

enum fault outside_may(struct task_ctx *c, const struct execution *e)
{
    if (str_empty(e->definition))
        return FAULT_NONE;
    return call_fail(&c->call, FAULT_INVALID_STATE,
                     "Execution '" STR_FMT "' is run by drwave's own workflow, whose waves nobody "
                     "else starts or ends",
                     STR_ARG(e->id));
}

/* As execute_recovery_plan reads it. A guess would be a recovery where a drill was meant. */
static const struct field type_field =
    F_ENUM(struct outside, type, "executionType", execution_type_names, .flags = FIELD_FOLD);

enum fault outside_type(struct outside *o)
{
    const struct json *said = outside_either(o->state, "executionType", "execution_type");
    struct field_decoding d = {.arena = o->arena, .faults = o->c->call.faults};

    if (!said || said->kind == JS_NULL)
        return outside_missing(o, "state.executionType");
    return field_decode_value(&d, &type_field, STR("state.executionType"), said, o);
}

static const struct field replace_field =
    F_BOOL(struct outside, replace, "replaceRecoveryInstances", .help = "replace what serves");

enum fault outside_replace(struct outside *o)
{
    const struct json *said =
        outside_either(o->state, "replaceRecoveryInstances", "replace_recovery_instances");
    struct field_decoding d = {.arena = o->arena, .faults = o->c->call.faults};

    if (!said || said->kind == JS_NULL)
        return FAULT_NONE;
    return field_decode_value(&d, &replace_field, STR("state.replaceRecoveryInstances"), said, o);
}

/* What the state does not say of an account is what is known of it. */
static enum fault complete_account(struct outside *o)
{
    struct account_context *account = &o->account;
    struct str hub = o->c->call.hub_account;
    bool says_role = account->role_name.len || account->role_arn.len;
    struct snapshot_place place = {0};
    enum fault f = snapshot_place_of(o->c->reader, o->arena, account->account_id, account->region,
                                     hub, &place);

    if (f && f != FAULT_NOT_FOUND)
        return f;
    if (!says_role)
        account->role_arn = place.target.role_arn;
    if (!account->external_id.len)
        account->external_id = place.target.external_id;
    if (says_role || account->role_arn.len)
        return FAULT_NONE;
    /* Without a role it would be the hub's servers that are asked for. */
    if (!str_present(hub))
        return call_fail(&o->c->call, FAULT_AWS_TRANSIENT,
                         "The account of the base credentials is not known yet; try again");
    return call_fault(&o->c->call, FAULT_INVALID_PARAMETER, STR("state.accountContext.accountId"),
                      "Account '" STR_FMT "' is neither the hub account nor a target account, and "
                      "no roleName is given",
                      STR_ARG(account->account_id));
}

enum fault outside_account(struct outside *o)
{
    const struct json *context = outside_either(o->state, "accountContext", "account_context");
    enum fault f;

    if (!json_is(context, JS_OBJECT))
        return outside_missing(o, "state.accountContext");
    o->account = (struct account_context){
        .account_id = json_str(json_get_z(context, "accountId")),
        .region = json_str(json_get_z(context, "region")),
        .role_name = outside_text(context, "roleName", "assumeRoleName"),
        .role_arn = json_str(json_get_z(context, "roleArn")),
        .external_id = json_str(json_get_z(context, "externalId")),
    };
    f = o->account.account_id.len ? FAULT_NONE
                                  : outside_missing(o, "state.accountContext.accountId");
    if (!o->account.region.len)
        f = outside_missing(o, "state.accountContext.region");
    if (f)
        return f;
    o->account.is_current_account = str_eq(o->account.account_id, o->c->call.hub_account);
    return o->account.is_current_account ? FAULT_NONE : complete_account(o);
}

static const struct json *waves_of(const struct outside *o)
{
    return json_get_z(o->state, "waves");
}

static bool is_entry(const struct outside *o, const struct json *wave)
{
    return json_int(outside_either(wave, "waveNumber", "wave_number"), -1) == o->number;
}

struct str outside_wave_name(struct arena *a, const struct json *wave, int64_t number)
{
    struct str name = outside_text(wave, "waveName", "name");

    return name.len ? name : arena_strf(a, "Wave %" PRId64, number);
}

int64_t outside_launch_order(const struct outside *o, const struct json *wave)
{
    return json_int(outside_either(wave, "launchOrder", "launch_order"), o->number);
}

/* Entries that share the number are one wave; who calls cannot be told to come for a next step. */
enum fault outside_wave(struct outside *o)
{
    const struct json *waves = waves_of(o);

    if (!json_is(waves, JS_ARRAY))
        return outside_missing(o, "state.waves");
    for (size_t i = 0; i < waves->len; i++) {
        const struct json *wave = &waves->items[i];

        if (!is_entry(o, wave))
            continue;
        if (o->wave && outside_launch_order(o, wave) != outside_launch_order(o, o->wave))
            return call_fail(&o->c->call, FAULT_INVALID_PARAMETER,
                             "Wave %" PRId64 " has groups of different launchOrder, which one "
                             "action cannot start in turn",
                             o->number);
        if (!o->wave)
            o->wave = wave;
    }
    if (o->wave)
        return FAULT_NONE;
    return call_fail(&o->c->call, FAULT_INVALID_PARAMETER,
                     "Wave %" PRId64 " does not exist in state.waves", o->number);
}

/* ---- servers ---- */

static void make_room(struct outside *o, struct launch_run *l, size_t more)
{
    const struct launch_server *before = l->servers.items;

    l->servers.items = arena_array_of(o->arena, l->servers.len + more + 1, struct launch_server);
    if (l->servers.len)
        memcpy(l->servers.items, before, l->servers.len * sizeof(*before));
}

/* An unknown group has no servers and no defaults. */
static enum fault read_group(struct outside *o, struct str id, struct group *out)
{
    enum fault f = FAULT_NOT_FOUND;

    *out = (struct group){0};
    if (id.len)
        f = reader_get(o->c->reader, o->arena, COLLECTION_GROUPS, id, (struct str){0}, out);
    return f == FAULT_NOT_FOUND ? FAULT_NONE : f;
}

static enum fault add_group(struct outside *o, struct str id, struct launch_run *l)
{
    struct group group;
    enum fault f = read_group(o, id, &group);

    if (f)
        return f;
    make_room(o, l, group.server_ids.len);
    for (size_t i = 0; i < group.server_ids.len; i++) {
        struct str server = group.server_ids.items[i];

        l->servers.items[l->servers.len++] =
            (struct launch_server){.server_id = server,
                                   .group_id = group.id,
                                   .launch_config = launch_config_of(o->arena, &group, server)};
    }
    return FAULT_NONE;
}

/* The groups' servers count only where the state names none. */
static enum fault add_groups(struct outside *o, const struct json *wave, struct launch_run *l)
{
    const struct json *ids = outside_either(wave, "protectionGroupIds", "protection_group_ids");
    enum fault f = FAULT_NONE;

    if (!json_is(ids, JS_ARRAY) || ids->len == 0)
        return add_group(o, outside_text(wave, "protectionGroupId", "groupId"), l);
    for (size_t i = 0; i < ids->len && !f; i++)
        f = add_group(o, json_str(&ids->items[i]), l);
    return f;
}

/* What the state says of a server over what its group does. */
static enum fault add_config(struct outside *o, const struct json *server,
                             const struct group *group, struct launch_server *slot)
{
    const struct json *said = outside_either(server, "launchConfig", "launchConfiguration");
    struct field_decoding d = {
        .arena = o->arena, .faults = o->c->call.faults, .ignore_unknown = true};
    struct launch_config over = {0};
    enum fault f;

    slot->launch_config = launch_config_of(o->arena, group, slot->server_id);
    if (!json_is(said, JS_OBJECT))
        return FAULT_NONE;
    f = field_decode(&d, launch_config_fields, said, &over);
    if (!f)
        f = launch_config_normalise(&over, NULL, STR("launchConfig"), d.faults);
    if (!f)
        slot->launch_config = launch_config_merge(o->arena, slot->launch_config, &over);
    return f;
}

struct str outside_server_id(const struct json *server)
{
    return server->kind == JS_STR ? server->string
                                  : outside_text(server, "serverId", "sourceServerId");
}

static enum fault add_server(struct outside *o, const struct json *s, const struct group *group,
                             struct launch_server *slot)
{
    struct str snapshot = outside_text(s, "recoverySnapshotId", "recoverySnapshotID");

    if (str_eq_z(snapshot, "AUTO")) /* DRS has no such word: it takes the latest */
        snapshot = (struct str){0};
    *slot = (struct launch_server){
        .server_id = outside_server_id(s),
        .hostname = json_str(json_get_z(s, "hostname")),
        .snapshot_id = snapshot,
    };
    if (!slot->server_id.len)
        return outside_missing(o, "state.waves.servers.serverId");
    return add_config(o, s, group, slot);
}

static enum fault add_entry(struct outside *o, const struct json *wave, struct launch_run *l)
{
    const struct json *servers = json_get_z(wave, "servers");
    size_t n = json_is(servers, JS_ARRAY) ? servers->len : 0;
    struct str group_id = outside_text(wave, "protectionGroupId", "groupId");
    struct group group;
    enum fault f;

    if (n == 0)
        return add_groups(o, wave, l);
    make_room(o, l, n);
    f = read_group(o, group_id, &group);
    for (size_t i = 0; i < n && !f; i++) {
        struct launch_server *slot = &l->servers.items[l->servers.len++];

        f = add_server(o, &servers->items[i], &group, slot);
        slot->group_id = group_id;
    }
    return f;
}

enum fault outside_servers(struct outside *o, struct launch_run *l)
{
    const struct json *waves = waves_of(o);
    enum fault f = FAULT_NONE;

    for (size_t i = 0; i < waves->len && !f; i++)
        if (is_entry(o, &waves->items[i]))
            f = add_entry(o, &waves->items[i], l);
    return f;
}

/* ---- the other waves ---- */

/* Of all its entries, each once or more often. */
struct ints outside_dependencies(const struct outside *o)
{
    const struct json *waves = waves_of(o);
    struct ints out = {0};
    size_t room = 1;

    for (size_t i = 0; i < waves->len; i++) {
        const struct json *depends =
            outside_either(&waves->items[i], "dependsOnWaves", "depends_on_waves");

        room += json_is(depends, JS_ARRAY) ? depends->len : 0;
    }
    out.items = arena_array_of(o->arena, room, int64_t);
    for (size_t i = 0; i < waves->len; i++) {
        const struct json *depends =
            outside_either(&waves->items[i], "dependsOnWaves", "depends_on_waves");

        if (!is_entry(o, &waves->items[i]) || !json_is(depends, JS_ARRAY))
            continue;
        for (size_t k = 0; k < depends->len; k++)
            out.items[out.len++] = json_int(&depends->items[k], 0);
    }
    return out;
}

struct wave_plan *outside_wave_plan(const struct execution *e, int64_t number)
{
    for (size_t i = 0; i < e->wave_plans.len; i++)
        if (e->wave_plans.items[i].wave_number == number)
            return &e->wave_plans.items[i];
    return NULL;
}

/* There is room for one more. */
static struct wave_plan *wave_plan_of(struct execution *e, int64_t number)
{
    struct wave_plan *known = outside_wave_plan(e, number);

    if (known)
        return known;
    e->wave_plans.items[e->wave_plans.len] = (struct wave_plan){.wave_number = number};
    return &e->wave_plans.items[e->wave_plans.len++];
}

/* How many waves there will be: the record ends when the last of them has. */
void outside_plan_waves(struct outside *o)
{
    const struct json *waves = json_get_z(o->state, "waves");
    struct execution *e = &o->w.e;

    e->wave_plans.items = arena_array_of(o->arena, waves->len, struct wave_plan);
    for (size_t i = 0; i < waves->len && e->wave_plans.len < EXECUTION_WAVES_MAX; i++) {
        int64_t number = json_int(outside_either(&waves->items[i], "waveNumber", "wave_number"), 0);
        const struct json *servers = json_get_z(&waves->items[i], "servers");
        struct wave_plan *p = wave_plan_of(e, number);

        if (!str_present(p->name))
            p->name = outside_wave_name(o->arena, &waves->items[i], number);
        p->server_count += json_is(servers, JS_ARRAY) ? (int64_t)servers->len : 0;
        e->total_servers += json_is(servers, JS_ARRAY) ? (int64_t)servers->len : 0;
    }
}
