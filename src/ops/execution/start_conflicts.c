#include "ops/claims.h"
#include "ops/execution/start.h"
#include "ops/refuse.h"

/* Who works on the plan, or on the servers, of a start. */

void start_conflict_add(struct start *s, struct conflicts *c, const struct start_server *server,
                        const struct busy_server *busy)
{
    struct busy_server all = *busy;

    all.server_id = server->server.server_id;
    all.hostname = server->server.hostname;
    all.wave_number = server->wave->wave_number;
    all.wave_name = server->wave->name;
    conflicts_add(s->arena, c, &all);
}

enum fault start_check_plan(struct start *s)
{
    return refuse_active(&s->c->call, s->c->reader, claim_running_plan(s->arena, s->plan.id),
                         "execute", "Recovery Plan");
}

static struct str claim_of(struct start *s, const struct start_server *server)
{
    const struct account_context *at = &s->places.items[server->place].context;

    return claim_running_server(s->arena, at->account_id, at->region, server->server.server_id);
}

/*
 * While DRS described the servers, another start of this plan may have been committed: what holds
 * them then is the plan's own execution, or was, if it is over by now.
 */
enum fault start_check_running(struct start *s)
{
    struct conflicts found = {0};
    struct busy_server busy = {0};
    enum fault f = FAULT_NONE;
    bool any = false;

    for (size_t i = 0; i < s->servers.len; i++) {
        const struct start_server *server = &s->servers.items[i];
        bool held;

        f = conflict_holder(&s->c->call, s->c->reader, claim_of(s, server), &busy, &held);
        if (f)
            return f;
        any |= held;
        if (!held || str_eq(busy.plan_id, s->plan.id))
            continue;
        start_conflict_add(s, &found, server, &busy);
    }
    if (any)
        f = start_check_plan(s);
    return f ? f : conflicts_refuse(&s->c->call, &found);
}
