/* Changing plans: create, update, delete. */
#include "base/id.h"
#include "model/refusal.h"
#include "ops/claims.h"
#include "ops/data/recovery_plans_internal.h"
#include "ops/refuse.h"
#include "ops/spelling.h"
#include "rules/names.h"
#include "rules/plan_graph.h"

/* ---- waves ---- */

/* `p` gets waves of its own: what was decoded may be needed for another run. */
static enum fault check_waves(struct ctx *c, const struct plan *before, struct plan *p)
{
    const struct plan_wave *said = p->waves.items;
    enum fault f;

    p->waves.items = arena_array_of(c->call.arena, p->waves.len, struct plan_wave);
    memcpy(p->waves.items, said, p->waves.len * sizeof(*said));
    f = plan_waves_complete(&p->waves, c->call.faults);
    return f ? f
             : plan_waves_resolve(c->call.arena, &p->waves, before ? &before->waves : NULL,
                                  c->call.faults);
}

static enum fault check_groups_exist(struct ctx *c, struct plan_groups *groups,
                                     const struct plan *p)
{
    struct strs ids = plan_group_ids(c->call.arena, &p->waves);
    enum fault first = FAULT_NONE;

    for (size_t i = 0; i < ids.len; i++) {
        const struct group *g;
        enum fault f = plan_groups_get(groups, ids.items[i], &g);

        if (f)
            return f;
        if (!str_present(g->id))
            first =
                call_fault(&c->call, FAULT_PROTECTION_GROUP_NOT_FOUND, STR("protectionGroupId"),
                           "Protection group '" STR_FMT "' does not exist", STR_ARG(ids.items[i]));
    }
    return first;
}

static enum fault check_sizes(struct ctx *c, const struct plan *p)
{
    struct arena *a = c->call.arena;
    wave_size_list sizes = plan_wave_sizes(a, &p->waves);
    struct wave_size_refusal *d = arena_new_of(a, struct wave_size_refusal);

    d->limit = WAVE_SERVERS_MAX;
    d->errors = plan_waves_too_large(a, &sizes, WAVE_SERVERS_MAX);
    if (d->errors.len > 0) {
        call_detail(&c->call, wave_size_refusal_fields, d);
        return call_fail(&c->call, FAULT_WAVE_SIZE_EXCEEDED, STR_FMT,
                         STR_ARG(plan_waves_too_large_text(a, &d->errors, WAVE_SERVERS_MAX)));
    }
    if (p->total_servers <= PLAN_SERVERS_MAX)
        return FAULT_NONE;
    d->limit = PLAN_SERVERS_MAX;
    d->errors = sizes;
    call_detail(&c->call, wave_size_refusal_fields, d);
    return call_fail(&c->call, FAULT_QUOTA_EXCEEDED, "The plan has %lld servers, max is %d",
                     (long long)p->total_servers, PLAN_SERVERS_MAX);
}

/* Groups and what they hold now, into the waves of `p`. */
static enum fault check_groups(struct ctx *c, struct plan *p)
{
    struct plan_groups groups = {.reader = c->reader, .arena = c->call.arena};
    enum fault f = check_groups_exist(c, &groups, p);

    if (!f)
        f = plan_show_groups(&groups, p);
    return f ? f : check_sizes(c, p);
}

/* ---- name ---- */

static enum fault check_name_free(struct ctx *c, const struct plan *p)
{
    struct str key = claim_plan_name(c->call.arena, p->name_fold);
    struct claim claim;
    bool held;
    enum fault f = claim_find(
        c->reader, &(struct claim_look){c->call.arena, key, p->id, c->call.now_ms}, &claim, &held);

    if (f || !held)
        return f;
    return call_fault(&c->call, FAULT_ALREADY_EXISTS, STR("name"),
                      "Recovery plan with name '" STR_FMT "' already exists", STR_ARG(p->name));
}

/* ---- what is written ---- */

/* The counter stands in the group's row, so that a delete of the group can be conditional on it. */
static void count_use(struct ctx *c, struct str group_id, int delta)
{
    size_t w = ws_update(c->writes, COLLECTION_GROUPS, group_id, (struct str){0});

    ws_add_int(c->writes, w, "useCount", delta);
    ws_if_present(c->writes, w, FAULT_PROTECTION_GROUP_NOT_FOUND);
}

static void take_groups(struct ctx *c, const struct plan *p, struct strs now, struct strs before)
{
    for (size_t i = 0; i < now.len; i++) {
        if (strs_have(before, now.items[i]))
            continue;
        count_use(c, now.items[i], 1);
        ws_claim(c->writes, claim_group_used(c->call.arena, now.items[i], p->id), p->id, p->name,
                 FAULT_CONDITION_FAILED);
    }
}

static void give_groups(struct ctx *c, const struct plan *p, struct strs before, struct strs now)
{
    for (size_t i = 0; i < before.len; i++) {
        if (strs_have(now, before.items[i]))
            continue;
        count_use(c, before.items[i], -1);
        ws_release(c->writes, claim_group_used(c->call.arena, before.items[i], p->id), p->id);
    }
}

/* No execution may begin with the plan between our look and the commit. */
static void unless_running(struct ctx *c, struct str plan_id)
{
    ws_if_free(c->writes, claim_running_plan(c->call.arena, plan_id), FAULT_ACTIVE_EXECUTION);
}

static void answer(struct ctx *c, const struct plan *p, struct str message)
{
    struct plan *out = c->reply;

    *out = *p;
    out->message = message;
}

/* ---- create ---- */

static enum fault create_checks(struct ctx *c, struct plan *p)
{
    enum fault f = check_waves(c, NULL, p);

    if (!f)
        f = name_settle(c->call.arena, p->name, c->call.faults, &p->name_fold);
    if (!f)
        f = check_name_free(c, p);
    return f ? f : check_groups(c, p);
}

enum fault recovery_plan_create(struct ctx *c)
{
    const struct plan *in = c->params;
    struct plan p = *in;
    enum fault f;

    p.id = id_new_at(c->call.arena, c->entropy, c->call.now_ms, STR("rp-"));
    p.on_wave_failure = p.on_wave_failure ? p.on_wave_failure : ON_WAVE_FAILURE_STOP;
    p.status = p.status ? p.status : PLAN_ACTIVE;
    f = create_checks(c, &p);
    if (f)
        return f;
    p.created_at = c->call.now_ms;
    p.updated_at = c->call.now_ms;
    p.version = 1;
    ws_if_absent(c->writes, ws_put(c->writes, COLLECTION_PLANS, &p), FAULT_CONDITION_FAILED);
    ws_claim(c->writes, claim_plan_name(c->call.arena, p.name_fold), p.id, p.name,
             FAULT_ALREADY_EXISTS);
    take_groups(c, &p, plan_group_ids(c->call.arena, &p.waves), (struct strs){0});
    answer(c, &p, STR("Recovery Plan created successfully"));
    return FAULT_NONE;
}

/* ---- update ---- */

/* What was not said stays as it is; what executions keep here is theirs. */
static void lay_over(const struct plan *before, struct plan *p)
{
    p->name = str_present(p->name) ? p->name : before->name;
    p->name_fold = before->name_fold;
    p->description = str_present(p->description) ? p->description : before->description;
    p->on_wave_failure = p->on_wave_failure ? p->on_wave_failure : before->on_wave_failure;
    p->status = p->status ? p->status : before->status;
    if (!p->has_parallel_waves)
        p->parallel_waves = before->parallel_waves;
    if (!p->waves.items)
        p->waves = before->waves;
    p->last_execution_id = before->last_execution_id;
    p->last_execution_status = before->last_execution_status;
    p->last_started_at = before->last_started_at;
    p->last_ended_at = before->last_ended_at;
    p->created_at = before->created_at;
}

static enum fault update_checks(struct ctx *c, const struct plan *before, struct plan *p)
{
    bool waves_said = p->waves.items != NULL;
    enum fault f = FAULT_NONE;

    if (p->has_version && p->version != before->version)
        return refuse_version(&c->call, before->version, p->version);
    if (waves_said) {
        f = check_waves(c, before, p);
        if (f)
            return f;
    }
    lay_over(before, p);
    if (!str_eq(p->name, before->name))
        f = name_settle(c->call.arena, p->name, c->call.faults, &p->name_fold);
    if (!f)
        f = check_name_free(c, p);
    if (f)
        return f;
    /* Groups that have grown since are the start's business, unless the waves are said anew. */
    return waves_said ? check_groups(c, p)
                      : plan_show_groups(
                            &(struct plan_groups){.reader = c->reader, .arena = c->call.arena}, p);
}

static void write_update(struct ctx *c, const struct plan *before, const struct plan *p)
{
    struct strs groups_before = plan_group_ids(c->call.arena, &before->waves);
    struct strs groups_now = plan_group_ids(c->call.arena, &p->waves);
    size_t w = ws_put(c->writes, COLLECTION_PLANS, p);

    ws_if_int(c->writes, w, "version", before->version, FAULT_VERSION_MISMATCH);
    unless_running(c, p->id);
    if (!str_eq(p->name_fold, before->name_fold)) {
        ws_claim(c->writes, claim_plan_name(c->call.arena, p->name_fold), p->id, p->name,
                 FAULT_ALREADY_EXISTS);
        ws_release(c->writes, claim_plan_name(c->call.arena, before->name_fold), p->id);
    }
    take_groups(c, p, groups_now, groups_before);
    give_groups(c, p, groups_before, groups_now);
}

/*
 * The claim of a running execution is looked at before the plan is read: what an execution keeps in
 * the plan is then complete, and the commit refuses if another one has begun.
 */
enum fault recovery_plan_update(struct ctx *c)
{
    const struct plan *in = c->params;
    struct plan before = {0};
    struct plan p = *in;
    enum fault f = refuse_active(&c->call, c->reader, claim_running_plan(c->call.arena, in->id),
                                 "modify", "Recovery Plan");

    if (!f)
        f = plan_find(&c->call, c->reader, in->id, &before);
    if (!f)
        f = spelling_settle(
            &c->call, c->conflicts,
            &(struct spelling_yield){plan_update_fields, sizeof(p), &p, &before, in});
    if (!f)
        f = update_checks(c, &before, &p);
    if (f)
        return f;
    p.version = before.version + 1;
    p.updated_at = c->call.now_ms;
    write_update(c, &before, &p);
    answer(c, &p, STR("Recovery Plan updated successfully"));
    return FAULT_NONE;
}

/* ---- delete ---- */

enum fault recovery_plan_delete(struct ctx *c)
{
    const struct plan_id_params *in = c->params;
    struct plan_delete_reply *out = c->reply;
    struct plan p = {0};
    enum fault f = plan_find(&c->call, c->reader, in->plan_id, &p);
    size_t w;

    if (!f)
        f = refuse_active(&c->call, c->reader, claim_running_plan(c->call.arena, p.id), "delete",
                          "Recovery Plan");
    if (f)
        return f;
    w = ws_delete(c->writes, COLLECTION_PLANS, p.id, (struct str){0});
    ws_if_int(c->writes, w, "version", p.version, FAULT_CONDITION_FAILED);
    unless_running(c, p.id);
    ws_release(c->writes, claim_plan_name(c->call.arena, p.name_fold), p.id);
    give_groups(c, &p, plan_group_ids(c->call.arena, &p.waves), (struct strs){0});
    out->plan_id = p.id;
    out->message = STR("Recovery Plan deleted successfully");
    return FAULT_NONE;
}
