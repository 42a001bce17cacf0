#include "ops/claims.h"
#include "ops/execution/start.h"
#include "ops/refuse.h"

/*
 * Who works on the servers of a start. All that is looked up here is for the words of a refusal;
 * what decides is the claims in the write-set.
 */
enum { CONFLICTS_SHOWN = 100 };

void start_conflict_add(struct start *s, struct start_conflicts *c,
                        const struct start_server *server, const struct busy_server *busy)
{
    struct busy_refusal *r = &c->refusal;
    struct busy_server *shown;

    if (!r->conflicts.items)
        r->conflicts.items = arena_array_of(s->arena, CONFLICTS_SHOWN, struct busy_server);
    c->found++;
    if (r->conflicts.len == CONFLICTS_SHOWN)
        return;
    shown = &r->conflicts.items[r->conflicts.len++];
    *shown = *busy;
    shown->server_id = server->server.server_id;
    shown->hostname = server->server.hostname;
    shown->wave_number = server->wave->wave_number;
    shown->wave_name = server->wave->name;
}

static struct str user_of(struct start *s, const struct busy_server *busy)
{
    if (str_present(busy->job_id))
        return arena_strf(s->arena, "is being processed by DRS job " STR_FMT,
                          STR_ARG(busy->job_id));
    return arena_strf(s->arena, "is in use by execution " STR_FMT " of plan '" STR_FMT "'",
                      STR_ARG(busy->execution_id), STR_ARG(busy->plan_name));
}

enum fault start_conflicts_refuse(struct start *s, const struct start_conflicts *c)
{
    struct busy_refusal *shown = arena_new_of(s->arena, struct busy_refusal);
    const struct busy_server *first = c->refusal.conflicts.items;
    struct str more = {0};

    if (c->found == 0)
        return FAULT_NONE;
    if (c->found > 1)
        more = arena_strf(s->arena, ", and %zu more server(s)", c->found - 1);
    *shown = c->refusal;
    shown->execution_id = first->execution_id;
    shown->job_id = first->job_id;
    call_detail(&s->c->call, busy_refusal_fields, shown);
    return call_fail(&s->c->call, FAULT_SERVER_CONFLICT,
                     "Source server '" STR_FMT "' " STR_FMT STR_FMT, STR_ARG(first->server_id),
                     STR_ARG(user_of(s, first)), STR_ARG(more));
}

/* ---- executions ---- */

enum fault start_check_plan(struct start *s)
{
    return refuse_active(&s->c->call, s->c->reader, claim_running_plan(s->arena, s->plan.id),
                         "execute", "Recovery Plan");
}

static enum fault find_claim(struct start *s, const struct start_server *server,
                             struct claim *claim, bool *held)
{
    const struct account_context *at = &s->places.items[server->place].context;
    struct str key =
        claim_running_server(s->arena, at->account_id, at->region, server->server.server_id);

    return claim_find(s->c->reader,
                      &(struct claim_look){s->arena, key, (struct str){0}, s->c->call.now_ms},
                      claim, held);
}

/* The holder of the server before is most often this one's too, and is not read again then. */
static enum fault name_holder(struct start *s, const struct claim *claim, struct busy_server *busy)
{
    struct execution e = {0};
    enum fault f;

    if (str_eq(busy->execution_id, claim->owner))
        return FAULT_NONE;
    *busy = (struct busy_server){
        .execution_id = claim->owner, .plan_name = claim->label, .source = STR("execution")};
    f = reader_get(s->c->reader, s->arena, COLLECTION_EXECUTIONS, claim->owner, (struct str){0},
                   &e);
    if (f) /* not found: it is being started at this moment */
        return f == FAULT_NOT_FOUND ? FAULT_NONE : f;
    busy->plan_id = e.plan_id;
    busy->execution_status = str_from_z(execution_status_names[e.status]);
    return FAULT_NONE;
}

/*
 * While DRS described the servers, another start of this plan may have been committed: what holds
 * them then is the plan's own execution, or was, if it is over by now.
 */
enum fault start_check_running(struct start *s)
{
    struct start_conflicts found = {0};
    struct busy_server busy = {0};
    enum fault f = FAULT_NONE;
    bool any = false;

    for (size_t i = 0; i < s->servers.len; i++) {
        const struct start_server *server = &s->servers.items[i];
        struct claim claim;
        bool held;

        f = find_claim(s, server, &claim, &held);
        if (!f && held)
            f = name_holder(s, &claim, &busy);
        if (f)
            return f;
        any |= held;
        if (!held || str_eq(busy.plan_id, s->plan.id))
            continue;
        start_conflict_add(s, &found, server, &busy);
    }
    if (any)
        f = start_check_plan(s);
    return f ? f : start_conflicts_refuse(s, &found);
}
