/*
 * From what a group says to the servers it means. What is looked up here is for the words of a
 * refusal; that a server belongs to one group is decided by its claim in the write-set.
 */
#include "model/account.h"
#include "model/refusal.h"
#include "ops/claims.h"
#include "ops/data/protection_groups_internal.h"
#include "rules/launch_merge.h"
#include "rules/selection.h"

enum fault group_place_find(struct call_ctx *call, struct reader *reader, struct str account_id,
                            struct str region, struct group_place *out)
{
    struct str id = str_present(account_id) ? account_id : call->hub_account;
    struct account account = {0};
    enum fault f;

    *out = (struct group_place){0};
    if (!str_present(call->hub_account))
        return call_fail(call, FAULT_AWS_TRANSIENT,
                         "The account of the base credentials is not known yet; try again");
    f = snapshot_place_of(reader, call->arena, id, region, call->hub_account, &out->at);
    if (f == FAULT_NOT_FOUND)
        return call_fault(call, FAULT_INVALID_PARAMETER, STR("accountId"),
                          "Account '" STR_FMT "' is neither the hub account nor a target account",
                          STR_ARG(id));
    if (f)
        return f;
    f = reader_get(reader, call->arena, COLLECTION_ACCOUNTS, id, (struct str){0}, &account);
    if (f && f != FAULT_NOT_FOUND)
        return f;
    out->account_name = account.name;
    return FAULT_NONE;
}

enum fault group_place_ask(struct call_ctx *call, struct snapshots *snapshots,
                           struct aws_reader *aws, struct group_place *place)
{
    struct aws_at at = {.arena = call->arena, .deadline_ms = call->deadline_mono_ms};
    enum fault f = snapshots_servers(snapshots, aws, &place->at, false, &at, &place->known);

    if (!f)
        return FAULT_NONE;
    return call_fail(call, f,
                     "The source servers of account " STR_FMT " in " STR_FMT
                     " cannot be described: " STR_FMT " (" STR_FMT ")",
                     STR_ARG(place->at.account_id), STR_ARG(place->at.target.region),
                     STR_ARG(at.error.message), STR_ARG(at.error.code));
}

/* ---- which ones ---- */

static struct strs matching_ids(struct arena *a, const struct server_snapshot *known,
                                const struct tags *wanted)
{
    struct strs ids = {arena_array_of(a, known->len, struct str), 0};

    for (size_t i = 0; i < known->len; i++)
        if (selection_tags_match(wanted, &known->servers[i].tags))
            ids.items[ids.len++] = known->servers[i].id;
    return ids;
}

static enum fault check_number(struct ctx *c, const struct group *group)
{
    if (group->server_ids.len <= GROUP_SERVERS_MAX)
        return FAULT_NONE;
    return call_fail(&c->call, FAULT_QUOTA_EXCEEDED,
                     "A Protection Group may hold at most %d servers, not %zu", GROUP_SERVERS_MAX,
                     group->server_ids.len);
}

/* ---- conflicts ---- */

static struct str hostname_of(const struct server_snapshot *known, struct str id)
{
    const struct drs_source_server *s = snapshot_find(known, id);

    return s ? server_hostname(s) : id;
}

static const struct group_server *row_of(const group_server_list *rows, struct str id)
{
    for (size_t i = 0; rows && i < rows->len; i++)
        if (str_eq(rows->items[i].server_id, id))
            return &rows->items[i];
    return NULL;
}

/* The name that the holder has now; its label where it has not been stored yet. */
static MUST_CHECK enum fault holder_name(struct ctx *c, const struct claim *claim, struct str *name)
{
    struct group holder = {0};
    enum fault f = reader_get(c->reader, c->call.arena, COLLECTION_GROUPS, claim->owner,
                              (struct str){0}, &holder);

    *name = f ? claim->label : holder.name;
    return f == FAULT_NOT_FOUND ? FAULT_NONE : f;
}

static enum fault refuse_conflicts(struct ctx *c, const struct conflict_refusal *found)
{
    if (found->conflicts.len == 0)
        return FAULT_NONE;
    call_detail(&c->call, conflict_refusal_fields, found);
    return call_fail(&c->call, FAULT_SERVER_CONFLICT,
                     "%zu server(s) are already assigned to other Protection Groups",
                     found->conflicts.len);
}

static enum fault check_conflicts(struct ctx *c, const struct group_place *place,
                                  const struct group *group)
{
    struct arena *a = c->call.arena;
    struct conflict_refusal *found = arena_new_of(a, struct conflict_refusal);

    found->conflicts.items = arena_array_of(a, group->server_ids.len, struct server_conflict);
    for (size_t i = 0; i < group->server_ids.len; i++) {
        struct str id = group->server_ids.items[i];
        struct str key = claim_server(a, group->account_id, group->region, id);
        struct str name;
        struct claim claim;
        bool held;
        enum fault f = claim_find(
            c->reader, &(struct claim_look){a, key, group->id, c->call.now_ms}, &claim, &held);

        if (!f && held)
            f = holder_name(c, &claim, &name);
        if (f)
            return f;
        if (held)
            found->conflicts.items[found->conflicts.len++] =
                (struct server_conflict){id, hostname_of(&place->known, id), claim.owner, name};
    }
    return refuse_conflicts(c, found);
}

/* ---- what DRS says ---- */

static enum fault check_existence(struct ctx *c, const struct group_place *place,
                                  const struct group *group)
{
    enum fault first = FAULT_NONE;

    for (size_t i = 0; i < group->server_ids.len; i++) {
        struct str id = group->server_ids.items[i];

        if (!snapshot_find(&place->known, id))
            first = call_fault(&c->call, FAULT_INVALID_PARAMETER, STR("sourceServerIds"),
                               "Source server '" STR_FMT "' does not exist in account " STR_FMT
                               ", region " STR_FMT,
                               STR_ARG(id), STR_ARG(group->account_id), STR_ARG(group->region));
    }
    return first;
}

static enum fault check_replication(struct ctx *c, const struct group_place *place,
                                    const struct group *group)
{
    struct arena *a = c->call.arena;
    struct replication_refusal *found = arena_new_of(a, struct replication_refusal);

    found->invalid_servers.items = arena_array_of(a, group->server_ids.len, struct invalid_server);
    for (size_t i = 0; i < group->server_ids.len; i++) {
        const struct drs_source_server *s =
            snapshot_find(&place->known, group->server_ids.items[i]);
        struct str state = server_replication_state(s);

        if (!replication_allows_save(state))
            found->invalid_servers.items[found->invalid_servers.len++] =
                (struct invalid_server){s->id, server_hostname(s), state};
    }
    if (found->invalid_servers.len == 0)
        return FAULT_NONE;
    call_detail(&c->call, replication_refusal_fields, found);
    return call_fail(&c->call, FAULT_INVALID_REPLICATION_STATE,
                     "%zu server(s) have invalid replication states", found->invalid_servers.len);
}

/* ---- their rows in the group ---- */

/* An override that came back as it was fetched says nothing about a server that has left. */
static bool says_nothing(const group_server_list *before, const struct group_server *row,
                         struct arena *a)
{
    const struct group_server *old = row_of(before, row->server_id);

    if (!group_server_overrides(row))
        return true;
    return old && old->launch_config &&
           str_eq(field_text(a, launch_config_fields, old->launch_config, FIELD_VIEW_STORED),
                  field_text(a, launch_config_fields, row->launch_config, FIELD_VIEW_STORED));
}

static enum fault check_strangers(struct ctx *c, const struct group *before,
                                  const struct group *group)
{
    const group_server_list *old = before ? &before->servers : NULL;
    enum fault first = FAULT_NONE;

    for (size_t i = 0; i < group->servers.len; i++) {
        const struct group_server *row = &group->servers.items[i];

        if (strs_have(group->server_ids, row->server_id) || says_nothing(old, row, c->call.arena))
            continue;
        first = call_fault(&c->call, FAULT_INVALID_PARAMETER, STR("servers"),
                           "'servers': '" STR_FMT "' is not a server of this group",
                           STR_ARG(row->server_id));
    }
    return first;
}

/* One row for each server of the group, in their order. `place` NULL: names as stored before. */
static void settle_rows(struct arena *a, const struct group_place *place,
                        const struct group *before, struct group *group)
{
    size_t n = group->server_ids.len;
    group_server_list rows = {arena_array_of(a, n, struct group_server), n};

    for (size_t i = 0; i < n; i++) {
        struct str id = group->server_ids.items[i];
        const struct group_server *said = row_of(&group->servers, id);
        const struct group_server *old = before ? row_of(&before->servers, id) : NULL;
        struct group_server *row = &rows.items[i];

        row->server_id = id;
        row->hostname = place ? hostname_of(&place->known, id) : old ? old->hostname : id;
        row->has_use_group_defaults = true;
        row->use_group_defaults = !said || !group_server_overrides(said);
        if (!row->use_group_defaults)
            row->launch_config = said->launch_config;
    }
    group->servers = rows;
    group->server_count = (int64_t)n;
}

enum fault group_settle_rows(struct ctx *c, const struct group_place *place,
                             const struct group *before, struct group *group)
{
    enum fault f = check_strangers(c, before, group);

    if (f)
        return f;
    settle_rows(c->call.arena, place, before, group);
    return launch_config_addresses_check(group, c->call.faults);
}

enum fault group_resolve_servers(struct ctx *c, const struct group_place *place,
                                 struct group *group)
{
    enum fault f;

    if (group->selection_mode == SELECTION_TAGS)
        group->server_ids = matching_ids(c->call.arena, &place->known, &group->selection_tags);
    f = check_number(c, group);
    if (!f)
        f = check_conflicts(c, place, group);
    if (!f)
        f = check_existence(c, place, group);
    return f ? f : check_replication(c, place, group);
}
