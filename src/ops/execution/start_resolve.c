#include "ops/execution/start.h"

#include <inttypes.h>

#include "model/account.h"
#include "rules/plan_graph.h"
#include "rules/selection.h"

/*
 * From the plan's groups to the servers of this execution. What DRS says is read again, not taken
 * from a snapshot; the result is recorded and does not change while the execution runs.
 */
enum { PLACES_MAX = 64 };

static enum fault fill_context(struct start *s, struct start_place *p)
{
    struct account account = {0};
    enum fault f = reader_get(s->c->reader, s->arena, COLLECTION_ACCOUNTS, p->at.account_id,
                              (struct str){0}, &account);

    if (f && f != FAULT_NOT_FOUND)
        return f;
    p->context = (struct account_context){
        .account_id = p->at.account_id,
        .region = p->at.target.region,
        .role_name = account.assume_role_name,
        .role_arn = p->at.target.role_arn,
        .external_id = p->at.target.external_id,
        .is_current_account = !str_present(p->at.target.role_arn),
    };
    return FAULT_NONE;
}

static enum fault ask(struct start *s, struct start_place *p)
{
    struct aws_at at = {.arena = s->arena, .deadline_ms = s->c->call.deadline_mono_ms};
    enum fault f = snapshots_servers(s->c->snapshots, s->c->aws, &p->at, true, &at, &p->known);

    if (!f)
        return FAULT_NONE;
    return call_fail(&s->c->call, f,
                     "The source servers of account " STR_FMT " in " STR_FMT
                     " cannot be described: " STR_FMT " (" STR_FMT ")",
                     STR_ARG(p->at.account_id), STR_ARG(p->at.target.region),
                     STR_ARG(at.error.message), STR_ARG(at.error.code));
}

static enum fault place_of(struct start *s, const struct group *group, size_t *out)
{
    struct call_ctx *call = &s->c->call;
    struct str account = str_present(group->account_id) ? group->account_id : call->hub_account;
    struct start_place *p;
    enum fault f;

    for (*out = 0; *out < s->places.len; (*out)++)
        if (str_eq(s->places.items[*out].at.account_id, account) &&
            str_eq(s->places.items[*out].at.target.region, group->region))
            return FAULT_NONE;
    if (s->places.len == PLACES_MAX)
        return call_fail(call, FAULT_INVALID_PARAMETER,
                         "A plan may span at most %d accounts and regions", PLACES_MAX);
    p = &s->places.items[s->places.len];
    f = snapshot_place_of(s->c->reader, s->arena, account, group->region, call->hub_account,
                          &p->at);
    if (f == FAULT_NOT_FOUND)
        return call_fail(call, FAULT_INVALID_PARAMETER,
                         "Account '" STR_FMT "' is not a target account any more",
                         STR_ARG(account));
    if (!f)
        f = fill_context(s, p);
    if (!f)
        f = ask(s, p);
    if (!f)
        s->places.len++;
    return f;
}

static enum fault add(struct start *s, const struct plan_wave *wave, const struct group *group,
                      size_t place, struct str id)
{
    const struct drs_source_server *source = snapshot_find(&s->places.items[place].known, id);
    struct start_server *slot;

    if (!source) {
        s->unknown = call_fault(&s->c->call, FAULT_INVALID_PARAMETER, STR("planId"),
                                "Source server '" STR_FMT "' of group '" STR_FMT
                                "' does not exist in DRS any more",
                                STR_ARG(id), STR_ARG(group->name));
        return FAULT_NONE;
    }
    if (s->servers.len == PLAN_SERVERS_MAX)
        return call_fail(&s->c->call, FAULT_DRS_LIMIT_EXCEEDED,
                         "The plan has more than %d servers, which DRS does not recover at once",
                         PLAN_SERVERS_MAX);
    slot = &s->servers.items[s->servers.len++];
    slot->place = place;
    slot->source = source;
    slot->server = (struct resolved_server){
        .server_id = source->id,
        .hostname = server_hostname(source),
        .group_id = group->id,
        .wave_number = wave->wave_number,
        .launch_order = wave->launch_order,
    };
    slot->wave = wave;
    return FAULT_NONE;
}

/* Read before DRS is asked, which takes its time; of a group of several waves every reading counts.
 */
static void note_group(struct start *s, const struct group *group)
{
    for (size_t i = 0; i < s->groups.len; i++)
        if (str_eq(s->groups.items[i].id, group->id)) {
            if (s->groups.items[i].version > group->version)
                s->groups.items[i].version = group->version;
            return;
        }
    s->groups.items[s->groups.len++] = (struct start_group){group->id, group->version};
}

static enum fault add_group(struct start *s, const struct plan_wave *wave, struct str group_id)
{
    struct group group = {0};
    const struct server_snapshot *known;
    enum fault f =
        reader_get(s->c->reader, s->arena, COLLECTION_GROUPS, group_id, (struct str){0}, &group);
    size_t place;

    if (f == FAULT_NOT_FOUND)
        return call_fail(&s->c->call, FAULT_PROTECTION_GROUP_NOT_FOUND,
                         "Protection group '" STR_FMT "' not found", STR_ARG(group_id));
    if (f)
        return f;
    note_group(s, &group);
    f = place_of(s, &group, &place);
    if (f)
        return f;
    known = &s->places.items[place].known;
    if (group.selection_mode == SELECTION_TAGS) {
        for (size_t i = 0; i < known->len && !f; i++)
            if (selection_tags_match(&group.selection_tags, &known->servers[i].tags))
                f = add(s, wave, &group, place, known->servers[i].id);
        return f;
    }
    for (size_t i = 0; i < group.server_ids.len && !f; i++)
        f = add(s, wave, &group, place, group.server_ids.items[i]);
    return f;
}

/* Two groups whose tags match one server, or one server in two waves: it would be launched twice.
 */
static enum fault check_once(struct start *s, const struct start_server *server)
{
    for (const struct start_server *before = s->servers.items; before < server; before++)
        if (before->source == server->source)
            return call_fault(&s->c->call, FAULT_SERVER_CONFLICT, STR("planId"),
                              "Source server '" STR_FMT
                              "' is in the plan twice: by groups '" STR_FMT "' and '" STR_FMT "'",
                              STR_ARG(server->server.server_id), STR_ARG(before->server.group_id),
                              STR_ARG(server->server.group_id));
    return FAULT_NONE;
}

static enum fault check_each_once(struct start *s)
{
    enum fault f = FAULT_NONE;

    for (size_t i = 0; i < s->servers.len; i++) {
        enum fault twice = check_once(s, &s->servers.items[i]);

        f = f ? f : twice;
    }
    return f;
}

enum fault start_resolve(struct start *s)
{
    enum fault f = FAULT_NONE;

    s->groups.items = arena_array_of(s->arena, plan_group_ids(s->arena, &s->plan.waves).len + 1,
                                     struct start_group);
    s->places.items = arena_array_of(s->arena, PLACES_MAX, struct start_place);
    s->servers.items = arena_array_of(s->arena, PLAN_SERVERS_MAX, struct start_server);
    for (size_t i = 0; i < s->plan.waves.len && !f; i++) {
        const struct plan_wave *wave = &s->plan.waves.items[i];

        for (size_t k = 0; k < wave->protection_group_ids.len && !f; k++)
            f = add_group(s, wave, wave->protection_group_ids.items[k]);
    }
    if (!f)
        f = s->unknown;
    return f ? f : check_each_once(s);
}
