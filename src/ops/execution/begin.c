#include "ops/execution/tasks.h"
#include "rules/launch_apply.h"

/*
 * The first task: from the servers as they were resolved at the start to the rows of waves,
 * launches and servers. In batches; what a batch of an earlier run has made already is left alone.
 */
struct laying {
    struct work *w;
    struct run_rows present; /* what is there already */
    struct known_group *groups;
};

struct known_group {
    struct known_group *next;
    struct str id;
    struct group group; /* zeroed: there is none */
};

static enum fault lay(struct laying *l, struct run_row *row)
{
    if (runs_have(&l->present, row->key))
        return FAULT_NONE;
    row->execution_id = l->w->e.id;
    work_put(l->w, row);
    return work_submit_full(l->w);
}

static enum fault lay_wave(struct laying *l, const struct wave_plan *p)
{
    struct wave_run wave = {
        .wave_number = p->wave_number,
        .name = p->name,
        .status = WAVE_PENDING,
        .attempt = 1,
        .depends_on_waves = p->depends_on_waves,
        .pause_before_wave = p->pause_before_wave,
        .group_ids = p->group_ids,
        .server_count = p->server_count,
    };
    struct run_row row = {.key = run_key_wave(l->w->arena, p->wave_number), .wave = &wave};

    return lay(l, &row);
}

static enum fault find_group(struct laying *l, struct str id, const struct group **out)
{
    struct known_group *k = l->groups;
    enum fault f;

    while (k && !str_eq(k->id, id))
        k = k->next;
    if (!k) {
        k = arena_new_of(l->w->arena, struct known_group);
        *k = (struct known_group){.next = l->groups, .id = id};
        f = reader_get(l->w->c->reader, l->w->arena, COLLECTION_GROUPS, id, (struct str){0},
                       &k->group);
        if (f && f != FAULT_NOT_FOUND)
            return f;
        l->groups = k;
    }
    *out = &k->group;
    return FAULT_NONE;
}

static enum fault lay_server(struct laying *l, const struct launch_run *launch,
                             const struct launch_server *s)
{
    struct server_run server = {
        .server_id = s->server_id,
        .hostname = s->hostname,
        .group_id = s->group_id,
        .wave_number = launch->wave_number,
        .attempt = launch->attempt,
        .launch_id = launch->launch_id,
        .account_id = launch->account_context->account_id,
        .region = launch->account_context->region,
        .status = SERVER_PENDING,
    };
    struct run_row row = {.key = run_key_server(l->w->arena, &server), .server = &server};
    const struct group *group;
    enum fault f = find_group(l, s->group_id, &group);

    if (f)
        return f;
    server.launch_config = launch_config_of(l->w->arena, group, s->server_id);
    return lay(l, &row);
}

static enum fault lay_launch(struct laying *l, struct launch_candidate *candidates,
                             const struct launch_cut *cut)
{
    struct arena *a = l->w->arena;
    const struct launch_candidate *first = &candidates[cut->first];
    struct account_context account = *first->account;
    struct launch_run launch = {
        .wave_number = first->server->wave_number,
        .attempt = 1,
        .step = first->server->launch_order,
        .state = LAUNCH_PLANNED,
        .reconcile = l->w->e.reconcile,
        .account_context = &account,
    };
    struct run_row row = {.launch = &launch};
    enum fault f = FAULT_NONE;

    launch.launch_id = launch_id_of(a, l->w->e.id, &launch, cut->ordinal);
    launch.servers.items = arena_array_of(a, cut->len, struct launch_server);
    launch.servers.len = cut->len;
    for (size_t i = 0; i < cut->len && !f; i++) {
        const struct resolved_server *s = first[i].server;

        launch.servers.items[i] = (struct launch_server){
            .server_id = s->server_id,
            .hostname = s->hostname,
            .group_id = s->group_id,
            .snapshot_id = s->snapshot_id,
        };
        f = lay_server(l, &launch, &launch.servers.items[i]);
    }
    row.key = run_key_launch(a, &launch, cut->ordinal);
    return f ? f : lay(l, &row);
}

static size_t candidates_of(struct arena *a, const struct run_rows *resolutions,
                            struct launch_candidate **out)
{
    size_t n = 0;

    for (size_t i = 0; i < resolutions->len; i++)
        n += resolutions->items[i].resolution->servers.len;
    *out = arena_array_of(a, n ? n : 1, struct launch_candidate);
    n = 0;
    for (size_t i = 0; i < resolutions->len; i++) {
        const struct resolution_run *r = resolutions->items[i].resolution;

        for (size_t k = 0; k < r->servers.len; k++)
            (*out)[n++] = (struct launch_candidate){r->account_context, &r->servers.items[k]};
    }
    return n;
}

static enum fault lay_all(struct laying *l)
{
    struct work *w = l->w;
    struct run_rows resolutions;
    struct launch_candidate *candidates;
    struct launch_cut *cuts;
    enum fault f = runs_read(w->c->reader, w->arena, w->e.id, STR("plan#"), &resolutions);
    size_t n;

    if (f)
        return f;
    for (size_t i = 0; i < w->e.wave_plans.len && !f; i++)
        f = lay_wave(l, &w->e.wave_plans.items[i]);
    n = candidates_of(w->arena, &resolutions, &candidates);
    n = launches_cut(w->arena, candidates, n, &cuts);
    for (size_t i = 0; i < n && !f; i++)
        f = lay_launch(l, candidates, &cuts[i]);
    return f ? f : work_submit(w);
}

static enum fault begin(struct task_ctx *c)
{
    struct work w;
    struct laying l = {.w = &w};
    enum fault f = work_begin(c, event_state(c), &w);

    if (!f && !w.e.planned) {
        f = runs_read(c->reader, w.arena, w.e.id, (struct str){0}, &l.present);
        if (!f)
            f = lay_all(&l);
        if (f)
            return f;
        w.e.planned = true;
        (void)execution_move(&w.e, EVENT_BEGIN, GUARD_NONE); /* not when it was cancelled before */
        work_put_execution(&w);
        f = work_submit(&w);
    }
    if (!f)
        json_put(c->out, state_with(w.arena, w.state, &w.e, &(struct state_change){0}));
    return f;
}

enum fault task_begin_execution(struct task_ctx *c)
{
    return work_retry(c, begin);
}
