/*
 * What a query operation is handed gives it no way to write. Compiled once for each CASE by
 * query_cannot_write.sh: 0 must compile, every other must not.
 */
#include "ops/context.h"
#include "ops/snapshots.h"

#if CASE > 1
/* Even one that reaches for the headers that it may not include. */
#include "aws/drs.h"
#include "store/store.h"
#endif

enum fault attempt(struct query_ctx *c);

enum fault attempt(struct query_ctx *c)
{
#if CASE == 0
    struct page page;
    struct query q = {.collection = COLLECTION_GROUPS};

    return reader_query(c->reader, c->call.arena, &q, &page);
#elif CASE == 1
    return ws_put(c->writes, COLLECTION_GROUPS, c->params) ? FAULT_NONE : FAULT_INTERNAL_ERROR;
#elif CASE == 2
    return c->writes ? FAULT_NONE : FAULT_INTERNAL_ERROR;
#elif CASE == 3
    struct refusal why;

    return store_submit(c->reader, c->call.arena, write_set_new(c->call.arena), &why);
#elif CASE == 4
    struct refusal why;

    return store_commit(c->store, c->call.arena, write_set_new(c->call.arena), &why);
#elif CASE == 5
    store_audit_later(c->reader, STR("{}"));
    return FAULT_NONE;
#elif CASE == 6
    struct aws *aws = c->aws;

    return aws ? FAULT_NONE : FAULT_INTERNAL_ERROR;
#elif CASE == 7
    c->poke_workflow = true;
    return FAULT_NONE;
#elif CASE == 8
    struct entropy *e = c->entropy;

    return e ? FAULT_NONE : FAULT_INTERNAL_ERROR;
#endif
}
