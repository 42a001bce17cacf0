#include "ops/execution/conflicts.h"

#include "model/execution.h"
#include "ops/claims.h"

enum { CONFLICTS_SHOWN = 100 };

void conflicts_add(struct arena *a, struct conflicts *c, const struct busy_server *busy)
{
    struct busy_refusal *r = &c->refusal;

    if (!r->conflicts.items)
        r->conflicts.items = arena_array_of(a, CONFLICTS_SHOWN, struct busy_server);
    c->found++;
    if (r->conflicts.len < CONFLICTS_SHOWN)
        r->conflicts.items[r->conflicts.len++] = *busy;
}

static struct str user_of(struct arena *a, const struct busy_server *busy)
{
    if (str_present(busy->job_id))
        return arena_strf(a, "is being processed by DRS job " STR_FMT, STR_ARG(busy->job_id));
    return arena_strf(a, "is in use by execution " STR_FMT " of plan '" STR_FMT "'",
                      STR_ARG(busy->execution_id), STR_ARG(busy->plan_name));
}

enum fault conflicts_refuse(struct call_ctx *call, const struct conflicts *c)
{
    struct busy_refusal *shown = arena_new_of(call->arena, struct busy_refusal);
    const struct busy_server *first = c->refusal.conflicts.items;
    struct str more = {0};

    if (c->found == 0)
        return FAULT_NONE;
    if (c->found > 1)
        more = arena_strf(call->arena, ", and %zu more server(s)", c->found - 1);
    *shown = c->refusal;
    shown->execution_id = first->execution_id;
    shown->job_id = first->job_id;
    call_detail(call, busy_refusal_fields, shown);
    return call_fail(call, FAULT_SERVER_CONFLICT, "Source server '" STR_FMT "' " STR_FMT STR_FMT,
                     STR_ARG(first->server_id), STR_ARG(user_of(call->arena, first)),
                     STR_ARG(more));
}

static enum fault name_holder(struct call_ctx *call, struct reader *reader,
                              const struct claim *claim, struct busy_server *busy)
{
    struct execution e = {0};
    enum fault f;

    if (str_eq(busy->execution_id, claim->owner))
        return FAULT_NONE;
    *busy = (struct busy_server){
        .execution_id = claim->owner, .plan_name = claim->label, .source = STR("execution")};
    f = reader_get(reader, call->arena, COLLECTION_EXECUTIONS, claim->owner, (struct str){0}, &e);
    if (f) /* not found: it is being started at this moment */
        return f == FAULT_NOT_FOUND ? FAULT_NONE : f;
    busy->plan_id = e.plan_id;
    busy->execution_status = str_from_z(execution_status_names[e.status]);
    return FAULT_NONE;
}

enum fault conflict_holder(struct call_ctx *call, struct reader *reader, struct str key,
                           struct busy_server *busy, bool *held)
{
    struct claim claim;
    enum fault f =
        claim_find(reader, &(struct claim_look){call->arena, key, {0}, call->now_ms}, &claim, held);

    return !f && *held ? name_holder(call, reader, &claim, busy) : f;
}
