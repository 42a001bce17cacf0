#include "ops/claims.h"

static struct str key_of(struct arena *a, const char *kind, struct str id)
{
    return arena_strf(a, "%s#" STR_FMT, kind, STR_ARG(id));
}

static struct str key_of_server(struct arena *a, const char *kind, struct str account,
                                struct str region, struct str server)
{
    return arena_strf(a, "%s#" STR_FMT "#" STR_FMT "#" STR_FMT, kind, STR_ARG(account),
                      STR_ARG(region), STR_ARG(server));
}

struct str claim_group_name(struct arena *a, struct str name_fold)
{
    return key_of(a, "group-name", name_fold);
}

struct str claim_plan_name(struct arena *a, struct str name_fold)
{
    return key_of(a, "plan-name", name_fold);
}

struct str claim_server(struct arena *a, struct str account, struct str region, struct str server)
{
    return key_of_server(a, "server", account, region, server);
}

struct str claim_group_used(struct arena *a, struct str group_id, struct str plan_id)
{
    return arena_strf(a, "group-used#" STR_FMT "#" STR_FMT, STR_ARG(group_id), STR_ARG(plan_id));
}

struct str claim_running_plan(struct arena *a, struct str plan_id)
{
    return key_of(a, "running-plan", plan_id);
}

struct str claim_running_group(struct arena *a, struct str group_id)
{
    return key_of(a, "running-group", group_id);
}

struct str claim_running_server(struct arena *a, struct str account, struct str region,
                                struct str server)
{
    return key_of_server(a, "running-server", account, region, server);
}

enum fault claim_find(struct reader *r, const struct claim_look *look, struct claim *out,
                      bool *held)
{
    enum fault f = claim_read(r, look->arena, look->key, look->now_ms, out);

    *held = !f && !str_eq(out->owner, look->self);
    return f == FAULT_NOT_FOUND ? FAULT_NONE : f;
}
