#include "ops/refuse.h"

#include "model/execution.h"
#include "model/refusal.h"
#include "ops/claims.h"

enum fault refuse_version(struct call_ctx *c, int64_t current, int64_t provided)
{
    struct version_refusal *d = arena_new_of(c->arena, struct version_refusal);

    *d = (struct version_refusal){current, provided};
    call_detail(c, version_refusal_fields, d);
    return call_fail(c, FAULT_VERSION_MISMATCH,
                     "Version mismatch. Resource was modified by another process.");
}

enum fault refuse_active(struct call_ctx *c, struct reader *reader, struct str running_key,
                         const char *verb, const char *what)
{
    struct active_refusal *d;
    struct execution execution = {0};
    struct claim claim;
    bool held;
    enum fault f =
        claim_find(reader, &(struct claim_look){c->arena, running_key, (struct str){0}, c->now_ms},
                   &claim, &held);

    if (f || !held)
        return f;
    f = reader_get(reader, c->arena, COLLECTION_EXECUTIONS, claim.owner, (struct str){0},
                   &execution);
    if (f && f != FAULT_NOT_FOUND)
        return f;
    if (!f) { /* else it is being started at this moment, and may not be in the end */
        d = arena_new_of(c->arena, struct active_refusal);
        d->execution_id = claim.owner;
        d->execution_status = str_from_z(execution_status_names[execution.status]);
        call_detail(c, active_refusal_fields, d);
    }
    return call_fail(c, FAULT_ACTIVE_EXECUTION, "Cannot %s %s while execution is in progress", verb,
                     what);
}

bool token_is_documented(struct str token)
{
    return str_starts(token, STR("eyJsYXN0RXZhbHVhdGVkS2V5"));
}

struct strs token_warning(struct arena *a)
{
    struct strs out = {arena_array_of(a, 1, struct str), 1};

    out.items[0] = STR("nextToken was not issued by this list: this is the first page");
    return out;
}
