#include "ops/execution/claims.h"

/* A group may be of several waves, and is claimed once. */
static void release_groups(struct arena *a, const struct execution *e, struct write_set *ws)
{
    struct strs done = {0};
    size_t most = 1;

    for (size_t i = 0; i < e->wave_plans.len; i++)
        most += e->wave_plans.items[i].group_ids.len;
    done.items = arena_array_of(a, most, struct str);
    for (size_t i = 0; i < e->wave_plans.len; i++) {
        struct strs groups = e->wave_plans.items[i].group_ids;

        for (size_t k = 0; k < groups.len; k++) {
            if (strs_have(done, groups.items[k]))
                continue;
            done.items[done.len++] = groups.items[k];
            ws_release(ws, claim_running_group(a, groups.items[k]), e->id);
        }
    }
}

enum fault execution_claims_release(struct reader *reader, struct arena *a,
                                    const struct execution *e, struct write_set *ws)
{
    struct query q = {
        .collection = COLLECTION_RUNS, .partition = e->id, .sort_prefix = STR("plan#")};
    struct page page;
    const struct run_row *rows;
    enum fault f = reader_query_all(reader, a, &q, 1000, &page);

    if (f)
        return f;
    rows = page.items;
    ws_release(ws, claim_running_plan(a, e->plan_id), e->id);
    release_groups(a, e, ws);
    for (size_t i = 0; i < page.len; i++) {
        const struct resolution_run *r = rows[i].resolution;

        for (size_t k = 0; k < r->servers.len; k++)
            ws_release(ws,
                       claim_running_server(a, r->account_context->account_id,
                                            r->account_context->region,
                                            r->servers.items[k].server_id),
                       e->id);
    }
    return FAULT_NONE;
}
