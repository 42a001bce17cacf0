/* Changing groups: create, update, delete. */
#include "base/id.h"
#include "model/plan.h"
#include "model/refusal.h"
#include "ops/claims.h"
#include "ops/data/protection_groups_internal.h"
#include "ops/listing.h"
#include "ops/refuse.h"
#include "ops/spelling.h"
#include "rules/launch_merge.h"
#include "rules/names.h"
#include "rules/selection.h"

enum { PLANS_SHOWN_MAX = 1000 };

/* ---- values ---- */

static struct launch_config *copy_config(struct arena *a, const struct launch_config *config)
{
    struct launch_config *out = arena_new_of(a, struct launch_config);

    *out = *config;
    return out;
}

static const struct launch_config *stored_config(const struct group *before, struct str server_id)
{
    for (size_t i = 0; before && i < before->servers.len; i++)
        if (str_eq(before->servers.items[i].server_id, server_id))
            return before->servers.items[i].launch_config;
    return NULL;
}

static enum fault check_server_row(struct ctx *c, const struct group *before, struct group *g,
                                   size_t i)
{
    struct group_server *row = &g->servers.items[i];
    struct str path = arena_strf(c->call.arena, "servers[%zu]", i);
    enum fault f = FAULT_NONE;

    for (size_t j = 0; j < i; j++)
        if (str_eq(g->servers.items[j].server_id, row->server_id))
            f = call_fault(&c->call, FAULT_INVALID_PARAMETER, path,
                           "'" STR_FMT "' names '" STR_FMT "' a second time", STR_ARG(path),
                           STR_ARG(row->server_id));
    if (!row->launch_config)
        return f;
    row->launch_config = copy_config(c->call.arena, row->launch_config);
    path = arena_strf(c->call.arena, "servers[%zu].launchConfiguration", i);
    return launch_config_normalise(row->launch_config, stored_config(before, row->server_id), path,
                                   c->call.faults)
               ? FAULT_INVALID_PARAMETER
               : f;
}

/* What can be said about the values without looking anywhere else. `g` becomes its own copy. */
static enum fault check_values(struct ctx *c, const struct group *before, struct group *g)
{
    const struct group_server *said = g->servers.items;
    enum fault first = selection_tags_check(&g->selection_tags, c->call.faults);
    enum fault f = FAULT_NONE;

    if (g->launch_config) {
        g->launch_config = copy_config(c->call.arena, g->launch_config);
        f = launch_config_normalise(g->launch_config, before ? before->launch_config : NULL,
                                    STR("launchConfiguration"), c->call.faults);
        first = first ? first : f;
    }
    if (g->server_ids.items)
        g->server_ids = selection_ids_unique(c->call.arena, g->server_ids);
    if (!said)
        return first;
    g->servers.items = arena_array_of(c->call.arena, g->servers.len, struct group_server);
    memcpy(g->servers.items, said, g->servers.len * sizeof(*said));
    for (size_t i = 0; i < g->servers.len; i++) {
        f = check_server_row(c, before, g, i);
        first = first ? first : f;
    }
    return first;
}

/* ---- name ---- */

static enum fault check_name_free(struct ctx *c, const struct group *g)
{
    struct str key = claim_group_name(c->call.arena, g->name_fold);
    struct claim claim;
    bool held;
    enum fault f = claim_find(
        c->reader, &(struct claim_look){c->call.arena, key, g->id, c->call.now_ms}, &claim, &held);

    if (f || !held)
        return f;
    return call_fault(&c->call, FAULT_ALREADY_EXISTS, STR("name"),
                      "Protection group with name '" STR_FMT "' already exists", STR_ARG(g->name));
}

/* ---- what is written ---- */

static void claim_servers(struct ctx *c, const struct group *before, const struct group *g)
{
    for (size_t i = 0; i < g->server_ids.len; i++) {
        struct str id = g->server_ids.items[i];

        if (!before || !strs_have(before->server_ids, id))
            ws_claim(c->writes, claim_server(c->call.arena, g->account_id, g->region, id), g->id,
                     g->name, FAULT_SERVER_CONFLICT);
    }
}

/* Those that `after` (NULL: nothing) does not hold any more. */
static void release_servers(struct ctx *c, const struct group *g, const struct group *after)
{
    for (size_t i = 0; i < g->server_ids.len; i++) {
        struct str id = g->server_ids.items[i];

        if (!after || !strs_have(after->server_ids, id))
            ws_release(c->writes, claim_server(c->call.arena, g->account_id, g->region, id), g->id);
    }
}

/* No execution may begin with the group between our look and the commit. */
static void unless_running(struct ctx *c, struct str group_id)
{
    ws_if_free(c->writes, claim_running_group(c->call.arena, group_id), FAULT_ACTIVE_EXECUTION);
}

/* CUSTOM is DRS's NONE with the given instance type; without one the template's own type stays. */
static size_t count_untyped(const struct group *g)
{
    size_t n = 0;

    for (size_t i = 0; i < g->servers.len; i++) {
        const struct launch_config *config = g->servers.items[i].effective_config;

        n += config && config->right_sizing == RIGHT_SIZING_CUSTOM &&
             !str_present(config->instance_type);
    }
    return n;
}

static void answer(struct ctx *c, const struct group *stored, struct str message)
{
    struct arena *a = c->call.arena;
    struct group *out = c->reply;
    struct strs warnings = {arena_array_of(a, 2, struct str), 0};
    size_t untyped;

    group_for_answer(a, stored, out);
    out->message = message;
    untyped = count_untyped(out);
    if (stored->server_count == 0)
        warnings.items[warnings.len++] = STR("No source server carries these tags now");
    if (untyped)
        warnings.items[warnings.len++] =
            arena_strf(a,
                       "%zu server(s) have targetInstanceTypeRightSizingMethod CUSTOM without an "
                       "instanceType: they keep the type of their launch template",
                       untyped);
    if (warnings.len)
        out->warnings = warnings;
}

/* ---- create ---- */

static enum fault create_checks(struct ctx *c, struct group *g)
{
    struct group_place place;
    enum fault f = check_values(c, NULL, g);

    if (!f)
        f = name_settle(c->call.arena, g->name, c->call.faults, &g->name_fold);
    if (!f)
        f = group_place_find(&c->call, c->reader, g->account_id, g->region, &place);
    if (!f)
        f = check_name_free(c, g);
    if (!f)
        f = selection_infer(g, c->call.faults);
    if (!f)
        f = group_place_ask(&c->call, c->snapshots, c->aws, &place);
    if (f)
        return f;
    g->account_id = place.at.account_id;
    g->account_name = place.account_name;
    f = group_resolve_servers(c, &place, g);
    return f ? f : group_settle_rows(c, &place, NULL, g);
}

enum fault protection_group_create(struct ctx *c)
{
    const struct group *in = c->params;
    struct group g = *in;
    enum fault f;

    g.id = id_new_at(c->call.arena, c->entropy, c->call.now_ms, STR("pg-"));
    f = create_checks(c, &g);
    if (f)
        return f;
    g.created_at = c->call.now_ms;
    g.updated_at = c->call.now_ms;
    g.version = 1;
    ws_if_absent(c->writes, ws_put(c->writes, COLLECTION_GROUPS, &g), FAULT_CONDITION_FAILED);
    ws_claim(c->writes, claim_group_name(c->call.arena, g.name_fold), g.id, g.name,
             FAULT_ALREADY_EXISTS);
    claim_servers(c, NULL, &g);
    answer(c, &g, STR("Protection Group created successfully"));
    return FAULT_NONE;
}

/* ---- update ---- */

/* A group stays where its servers are. */
static enum fault check_fixed(struct ctx *c, const struct group *before, const struct group *in)
{
    enum fault first = FAULT_NONE;

    if (str_present(in->region) && !str_eq(in->region, before->region))
        first = call_fault(&c->call, FAULT_INVALID_PARAMETER, STR("region"),
                           "'region' of a Protection Group cannot be changed");
    if (str_present(in->account_id) && !str_eq(in->account_id, before->account_id))
        first = call_fault(&c->call, FAULT_INVALID_PARAMETER, STR("accountId"),
                           "'accountId' of a Protection Group cannot be changed");
    return first;
}

/* What was not said stays as it is. Servers come later. */
static void lay_over(const struct group *before, struct group *g)
{
    g->name = str_present(g->name) ? g->name : before->name;
    g->name_fold = before->name_fold;
    g->description = str_present(g->description) ? g->description : before->description;
    g->launch_config = g->launch_config ? g->launch_config : before->launch_config;
    if (!g->servers.items)
        g->servers = before->servers;
    g->region = before->region;
    g->account_id = before->account_id;
    g->account_name = before->account_name;
    g->created_at = before->created_at;
    g->use_count = before->use_count;
}

/* Tags that are said are resolved again, changed or not: that is how drift is taken up. */
static enum fault update_servers(struct ctx *c, const struct group *before, struct group *g)
{
    bool tags_said = g->selection_tags.items != NULL;
    struct group_place place;
    bool changed;
    enum fault f = selection_infer_update(before, g, c->call.faults, &changed);

    if (f)
        return f;
    if (!changed && !(tags_said && g->selection_mode == SELECTION_TAGS))
        return group_settle_rows(c, NULL, before, g);
    f = group_place_find(&c->call, c->reader, g->account_id, g->region, &place);
    if (!f)
        f = group_place_ask(&c->call, c->snapshots, c->aws, &place);
    if (!f)
        f = group_resolve_servers(c, &place, g);
    return f ? f : group_settle_rows(c, &place, before, g);
}

static enum fault update_checks(struct ctx *c, const struct group *before, struct group *g)
{
    enum fault f = FAULT_NONE;

    if (g->has_version && g->version != before->version)
        return refuse_version(&c->call, before->version, g->version);
    f = refuse_active(&c->call, c->reader, claim_running_group(c->call.arena, g->id), "modify",
                      "Protection Group");
    if (!f)
        f = check_fixed(c, before, g);
    if (!f)
        f = check_values(c, before, g);
    if (f)
        return f;
    lay_over(before, g);
    if (!str_eq(g->name, before->name))
        f = name_settle(c->call.arena, g->name, c->call.faults, &g->name_fold);
    if (!f)
        f = check_name_free(c, g);
    return f ? f : update_servers(c, before, g);
}

static void write_update(struct ctx *c, const struct group *before, const struct group *g)
{
    size_t w = ws_put(c->writes, COLLECTION_GROUPS, g);

    ws_if_int(c->writes, w, "version", before->version, FAULT_VERSION_MISMATCH);
    /* A plan that begins or ceases to use the group counts itself in place. */
    ws_if_int(c->writes, w, "useCount", before->use_count, FAULT_CONDITION_FAILED);
    unless_running(c, g->id);
    if (!str_eq(g->name_fold, before->name_fold)) {
        ws_claim(c->writes, claim_group_name(c->call.arena, g->name_fold), g->id, g->name,
                 FAULT_ALREADY_EXISTS);
        ws_release(c->writes, claim_group_name(c->call.arena, before->name_fold), g->id);
    }
    claim_servers(c, before, g);
    release_servers(c, before, g);
}

enum fault protection_group_update(struct ctx *c)
{
    const struct group *in = c->params;
    struct group before = {0};
    struct group g = *in;
    enum fault f = group_find(&c->call, c->reader, in->id, &before);

    if (!f)
        f = spelling_settle(
            &c->call, c->conflicts,
            &(struct spelling_yield){group_update_fields, sizeof(g), &g, &before, in});
    if (!f)
        f = update_checks(c, &before, &g);
    if (f)
        return f;
    g.version = before.version + 1;
    g.updated_at = c->call.now_ms;
    write_update(c, &before, &g);
    answer(c, &g, STR("Protection Group updated successfully"));
    return FAULT_NONE;
}

/* ---- delete ---- */

struct in_use {
    struct ctx *c;
    struct str group_id;
    struct in_use_refusal *found;
};

static enum fault add_user(void *context, const void *row, size_t *shown)
{
    struct in_use *u = context;
    struct arena *a = u->c->call.arena;
    const struct plan *p = row;
    bool uses = false;

    for (size_t i = 0; i < p->waves.len && !uses; i++)
        uses = strs_have(p->waves.items[i].protection_group_ids, u->group_id);
    if (!uses)
        return FAULT_NONE;
    u->found->plans.items[*shown] = (struct using_plan){arena_str(a, p->id), arena_str(a, p->name)};
    u->found->plans.len = ++*shown;
    return FAULT_NONE;
}

/* Which plans those are is for people: an index may lag, the counter does not. */
static enum fault refuse_in_use(struct ctx *c, const struct group *g)
{
    struct in_use_refusal *found = arena_new_of(c->call.arena, struct in_use_refusal);
    struct in_use users = {c, g->id, found};
    struct listing l = {
        .query = {.collection = COLLECTION_PLANS, .index = "by-name"},
        .limit = PLANS_SHOWN_MAX,
        .add = add_user,
        .context = &users,
    };
    struct str next;
    enum fault f;

    found->plans.items = arena_array_of(c->call.arena, PLANS_SHOWN_MAX, struct using_plan);
    f = listing_fill(&c->call, c->reader, &l, &next);
    if (f)
        return f;
    call_detail(&c->call, in_use_refusal_fields, found);
    return call_fail(&c->call, FAULT_IN_USE,
                     "Protection Group is referenced by %lld recovery plan(s)",
                     (long long)g->use_count);
}

/*
 * A group that a recovery plan still names must stay: the plan would resolve to no servers in the
 * middle of a recovery. Plans raise the use counter in their own submit, so the condition below
 * also refuses against a plan that is being created at this moment.
 */
enum fault protection_group_delete(struct ctx *c)
{
    const struct group_id_params *in = c->params;
    struct group_delete_reply *out = c->reply;
    struct group g = {0};
    enum fault f = group_find(&c->call, c->reader, in->group_id, &g);
    size_t w;

    if (!f)
        f = refuse_active(&c->call, c->reader, claim_running_group(c->call.arena, g.id), "delete",
                          "Protection Group");
    if (!f && g.use_count > 0)
        f = refuse_in_use(c, &g);
    if (f)
        return f;
    w = ws_delete(c->writes, COLLECTION_GROUPS, g.id, (struct str){0});
    ws_if_int(c->writes, w, "version", g.version, FAULT_CONDITION_FAILED);
    ws_if_int(c->writes, w, "useCount", 0, FAULT_IN_USE);
    unless_running(c, g.id);
    ws_release(c->writes, claim_group_name(c->call.arena, g.name_fold), g.id);
    release_servers(c, &g, NULL);
    out->group_id = g.id;
    out->message = STR("Protection Group deleted successfully");
    return FAULT_NONE;
}
