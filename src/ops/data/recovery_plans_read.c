/* Reading plans; what they show of their groups is read with them, so that it is never stale. */
#include "model/execution.h"
#include "ops/data/protection_groups.h"
#include "ops/data/recovery_plans_internal.h"
#include "ops/listing.h"
#include "ops/refuse.h"
#include "rules/plan_graph.h"

enum fault plan_find(struct call_ctx *call, struct reader *reader, struct str id, struct plan *out)
{
    enum fault f = reader_get(reader, call->arena, COLLECTION_PLANS, id, (struct str){0}, out);

    if (f == FAULT_NOT_FOUND)
        return call_fail(call, f, "Recovery plan '" STR_FMT "' does not exist", STR_ARG(id));
    return f;
}

/* ---- groups ---- */

struct plan_group {
    struct str id; /* that was looked for */
    struct group group;
    struct plan_group *next;
};

/* A group of many servers is large, and a list of plans names many groups. */
static enum fault read_group(struct plan_groups *groups, struct plan_group *g)
{
    SCOPED(arena_scope_end) struct arena *a = arena_new(0);
    struct group stored = {0};
    enum fault f;

    if (arena_over_limit(groups->arena))
        return FAULT_TOO_LARGE;
    f = reader_get(groups->reader, a, COLLECTION_GROUPS, g->id, (struct str){0}, &stored);
    if (!f)
        group_without_servers(groups->arena, &stored, &g->group);
    return f == FAULT_NOT_FOUND ? FAULT_NONE : f;
}

enum fault plan_groups_get(struct plan_groups *groups, struct str id, const struct group **out)
{
    struct plan_group *g = groups->first;
    enum fault f;

    while (g && !str_eq(g->id, id))
        g = g->next;
    if (!g) {
        g = arena_new_of(groups->arena, struct plan_group);
        g->id = id;
        f = read_group(groups, g);
        if (f)
            return f;
        g->next = groups->first;
        groups->first = g;
    }
    *out = &g->group;
    return FAULT_NONE;
}

static enum fault show_wave(struct plan_groups *groups, struct plan_wave *w)
{
    size_t n = w->protection_group_ids.len;
    size_t room = 0;

    w->protection_group_names = (struct strs){arena_array_of(groups->arena, n, struct str), 0};
    for (size_t i = 0; i < n; i++) {
        const struct group *g;
        enum fault f = plan_groups_get(groups, w->protection_group_ids.items[i], &g);

        if (f)
            return f;
        w->protection_group_names.items[w->protection_group_names.len++] = g->name;
        room += g->server_ids.len;
    }
    w->protection_group_name = n ? w->protection_group_names.items[0] : (struct str){0};
    w->server_ids = (struct strs){arena_array_of(groups->arena, room, struct str), 0};
    for (size_t i = 0; i < n; i++) {
        const struct group *g;
        enum fault f = plan_groups_get(groups, w->protection_group_ids.items[i], &g);

        if (f)
            return f;
        for (size_t j = 0; j < g->server_ids.len; j++)
            w->server_ids.items[w->server_ids.len++] = g->server_ids.items[j];
    }
    w->server_count = (int64_t)w->server_ids.len;
    return FAULT_NONE;
}

enum fault plan_show_groups(struct plan_groups *groups, struct plan *plan)
{
    const struct plan_wave *stored = plan->waves.items;

    plan->waves.items = arena_array_of(groups->arena, plan->waves.len, struct plan_wave);
    plan->total_servers = 0;
    for (size_t i = 0; i < plan->waves.len; i++) {
        struct plan_wave *w = &plan->waves.items[i];
        enum fault f;

        *w = stored[i];
        f = show_wave(groups, w);
        if (f)
            return f;
        plan->total_servers += w->server_count;
    }
    plan->total_waves = (int64_t)plan_wave_numbers(groups->arena, &plan->waves).len;
    return FAULT_NONE;
}

enum fault recovery_plan_for_answer(struct reader *reader, struct arena *a,
                                    const struct plan *stored, struct plan *out)
{
    struct plan_groups groups = {.reader = reader, .arena = a};

    *out = *stored;
    return plan_show_groups(&groups, out);
}

enum fault recovery_plan_get(struct query_ctx *c)
{
    const struct plan_id_params *in = c->params;
    struct plan stored = {0};
    enum fault f = plan_find(&c->call, c->reader, in->plan_id, &stored);

    return f ? f : recovery_plan_for_answer(c->reader, c->call.arena, &stored, c->reply);
}

/* ---- list ---- */

/* A status of plans, or one of executions, in any case. */
struct status_filter {
    bool any;
    int plan;
    struct str execution;
};

static enum fault filter_of(struct query_ctx *c, struct status_filter *out)
{
    const struct plan_list_params *in = c->params;

    *out = (struct status_filter){.any = !str_present(in->status)};
    if (out->any)
        return FAULT_NONE;
    for (int i = 1; plan_status_names[i]; i++)
        if (str_eq_fold(in->status, str_from_z(plan_status_names[i])))
            out->plan = i;
    for (int i = 1; execution_status_names[i]; i++)
        if (str_eq_fold(in->status, str_from_z(execution_status_names[i])))
            out->execution = str_from_z(execution_status_names[i]);
    if (out->plan || str_present(out->execution))
        return FAULT_NONE;
    return call_fault(&c->call, FAULT_INVALID_PARAMETER, STR("status"),
                      "'status' must be ACTIVE, INACTIVE or the status of an execution, not "
                      "'" STR_FMT "'",
                      STR_ARG(in->status));
}

static bool wanted(const struct status_filter *filter, const struct plan *p)
{
    if (filter->any)
        return true;
    if (filter->plan)
        return p->status == filter->plan;
    return str_eq(p->last_execution_status, filter->execution);
}

struct plan_listing {
    struct query_ctx *c;
    struct status_filter filter;
    struct plan_groups groups;
};

static enum fault add_plan(void *context, const void *row, size_t *answered)
{
    struct plan_listing *l = context;
    struct plan_list_reply *out = l->c->reply;
    struct plan *p = &out->plans.items[*answered];
    enum fault f;

    if (!wanted(&l->filter, row))
        return FAULT_NONE;
    field_copy(l->c->call.arena, plan_fields, row, p);
    f = plan_show_groups(&l->groups, p);
    if (!f)
        out->plans.len = ++*answered;
    return f;
}

enum fault recovery_plan_list(struct query_ctx *c)
{
    const struct plan_list_params *in = c->params;
    struct plan_list_reply *out = c->reply;
    struct plan_listing l = {.c = c, .groups = {.reader = c->reader, .arena = c->call.arena}};
    struct listing listing = {
        .query = {.collection = COLLECTION_PLANS, .index = "by-name", .token = in->next_token},
        .limit = in->has_limit ? (size_t)in->limit : LIST_LIMIT_DEFAULT,
        .add = add_plan,
        .context = &l,
    };
    enum fault f = filter_of(c, &l.filter);

    if (f)
        return f;
    if (token_is_documented(in->next_token)) {
        listing.query.token = (struct str){0};
        out->warnings = token_warning(c->call.arena);
    }
    out->plans.items = arena_array_of(c->call.arena, listing.limit, struct plan);
    f = listing_fill(&c->call, c->reader, &listing, &out->next_token);
    out->count = (int64_t)out->plans.len;
    return f;
}
