#include "sim/admin_calls.h"
#include "sim/drs.h"
#include "sim/fault.h"
#include "sim/load.h"

/* The things of the world by list, one by one; the call log; numbers. */

static const struct field *fields_of(enum kind kind)
{
    return sim_kinds[kind].fields;
}

static bool kind_named(struct str name, enum kind *out)
{
    for (size_t k = 0; k < K_COUNT; k++) {
        if (!str_eq_z(name, sim_kinds[k].name))
            continue;
        *out = (enum kind)k;
        return true;
    }
    return false;
}

static bool wanted(struct admin *c, const struct entity *e)
{
    struct str account = admin_query(c, "account"), region = admin_query(c, "region");

    return (!str_present(account) || str_eq(account, e->account)) &&
           (!str_present(region) || str_eq(region, e->region));
}

static void list(struct admin *c, enum kind kind)
{
    const struct vec *all = &c->sim->all[kind];

    json_begin_object(&c->w);
    json_name(&c->w, str_from_z(sim_kinds[kind].name));
    json_begin_array(&c->w);
    for (size_t i = 0; i < all->len; i++)
        if (wanted(c, all->items[i]))
            field_encode(&c->w, fields_of(kind), all->items[i], FIELD_VIEW_STORED);
    json_end_array(&c->w);
    json_end_object(&c->w);
}

static void show(struct admin *c, enum kind kind, const void *thing)
{
    field_encode(&c->w, fields_of(kind), thing, FIELD_VIEW_STORED);
}

static void add(struct admin *c, enum kind kind)
{
    struct str why;
    void *thing = load_thing(c->sim, kind, c->in, &why);

    if (!thing) {
        admin_refuse(c, 400, STR_FMT, STR_ARG(why));
        return;
    }
    load_wake(c->sim);
    c->status = 201;
    show(c, kind, thing);
}

/* The members given take the place of the old ones. */
static void change(struct admin *c, enum kind kind, void *thing)
{
    struct entity at = *(struct entity *)thing;
    struct faults faults;
    struct field_decoding d = {.arena = c->sim->arena, .faults = &faults};
    void *changed = arena_alloc(c->a, sim_kinds[kind].size);
    struct str why;

    memcpy(changed, thing, sim_kinds[kind].size);
    faults_init(&faults, c->a);
    if (field_decode(&d, fields_of(kind), c->in, changed)) {
        admin_refuse(c, 400, STR_FMT, STR_ARG(faults.items[0].message));
        return;
    }
    *(struct entity *)changed = at;
    if (!load_possible(c->sim, kind, changed, &why)) {
        admin_refuse(c, 400, STR_FMT, STR_ARG(why));
        return;
    }
    memcpy(thing, changed, sim_kinds[kind].size);
    load_complete(c->sim, kind, thing);
    load_wake(c->sim);
    c->sim->version++;
    show(c, kind, thing);
}

/* Every server of the job does its next step now. */
static void hurry(struct admin *c, struct job *job)
{
    if (job_active(job) && !job->end_ms && !str_eq_z(job->status, "PENDING")) {
        for (size_t i = 0; i < job->servers.len; i++)
            if (job->servers.items[i].phase != PHASE_DONE)
                job->servers.items[i].next_ms = c->sim->now_ms;
    }
    if (job_active(job))
        job->next_ms = c->sim->now_ms;
    world_advance(c->sim);
    show(c, K_JOB, job);
}

static void one(struct admin *c, enum kind kind, struct str rest)
{
    struct str account = str_cut(&rest, '/'), region, id, verb;
    struct str method = c->request->method;
    void *thing;

    if (sim_kinds[kind].global) {
        id = account;
        verb = rest;
        region = (struct str){0};
    } else {
        region = str_cut(&rest, '/');
        id = str_cut(&rest, '/');
        verb = rest;
    }
    if (str_eq_z(region, "-"))
        region = STR("");
    thing = world_get(c->sim, kind, account, region, id);
    if (!thing)
        admin_refuse(c, 404, "There is no such thing");
    else if (kind == K_JOB && str_eq_z(verb, "advance") && str_eq_z(method, "POST"))
        hurry(c, thing);
    else if (str_eq_z(method, "GET"))
        show(c, kind, thing);
    else if (str_eq_z(method, "PATCH") || str_eq_z(method, "POST"))
        change(c, kind, thing);
    else if (str_eq_z(method, "DELETE")) {
        show(c, kind, thing);
        world_remove(c->sim, kind, thing);
    } else
        admin_refuse(c, 405, "GET, POST, PATCH or DELETE");
}

void admin_things(struct admin *c)
{
    struct str rest = c->path, name = str_cut(&rest, '/');
    struct str method = c->request->method;
    enum kind kind;

    if (!kind_named(name, &kind)) {
        admin_refuse(c, 404, "There is no /_sim/" STR_FMT, STR_ARG(c->path));
        return;
    }
    if (str_present(rest))
        one(c, kind, rest);
    else if (str_eq_z(method, "GET"))
        list(c, kind);
    else if (str_eq_z(method, "POST"))
        add(c, kind);
    else
        admin_refuse(c, 405, "GET or POST");
}

void admin_clear_faults(struct admin *c)
{
    struct vec *all = &c->sim->all[K_FAULT];

    while (all->len)
        world_remove(c->sim, K_FAULT, all->items[all->len - 1]);
    json_begin_object(&c->w);
    json_end_object(&c->w);
}

/* ---- the call log ---- */

static bool as_asked(struct admin *c, const char *name, struct str value)
{
    struct str asked = admin_query(c, name);

    return !str_present(asked) || str_eq(asked, value);
}

static bool call_wanted(struct admin *c, const struct call *call)
{
    return wanted(c, &call->at) && as_asked(c, "service", call->service) &&
           as_asked(c, "op", call->op) && as_asked(c, "error", call->error) &&
           as_asked(c, "effect", call->effect ? STR("true") : STR("false")) &&
           as_asked(c, "status", arena_strf(c->a, "%lld", (long long)call->status)) &&
           as_asked(c, "principal", call->principal);
}

void admin_calls(struct admin *c)
{
    const struct vec *all = &c->sim->all[K_CALL];
    bool count_only = str_eq_z(admin_query(c, "count"), "true");
    int64_t n = 0;

    json_begin_object(&c->w);
    json_name(&c->w, STR("calls"));
    json_begin_array(&c->w);
    for (size_t i = 0; i < all->len; i++) {
        if (!call_wanted(c, all->items[i]))
            continue;
        n++;
        if (!count_only)
            show(c, K_CALL, all->items[i]);
    }
    json_end_array(&c->w);
    json_member_int(&c->w, "count", n);
    json_member_int(&c->w, "dropped", (int64_t)c->sim->calls_dropped);
    json_end_object(&c->w);
}

void admin_clear_calls(struct admin *c)
{
    struct vec *all = &c->sim->all[K_CALL];

    while (all->len)
        world_remove(c->sim, K_CALL, all->items[all->len - 1]);
    json_begin_object(&c->w);
    json_end_object(&c->w);
}

/* Prometheus text: requests by service, operation and status. */
struct counter {
    const struct call *like;
    int64_t n;
};

static void count_call(struct admin *c, struct vec *counters, const struct call *call)
{
    struct counter *fresh;

    for (size_t i = 0; i < counters->len; i++) {
        struct counter *k = counters->items[i];

        if (str_eq(k->like->service, call->service) && str_eq(k->like->op, call->op) &&
            k->like->status == call->status) {
            k->n++;
            return;
        }
    }
    fresh = arena_new_of(c->a, struct counter);
    *fresh = (struct counter){call, 1};
    vec_add(c->a, counters, fresh);
}

void admin_metrics(struct admin *c)
{
    const struct vec *all = &c->sim->all[K_CALL];
    struct vec counters = {0};

    for (size_t i = 0; i < all->len; i++)
        count_call(c, &counters, all->items[i]);
    c->type = "text/plain; version=0.0.4";
    buf_add_z(&c->out, "# TYPE sim_calls_total counter\n");
    for (size_t i = 0; i < counters.len; i++) {
        const struct counter *k = counters.items[i];

        buf_addf(&c->out,
                 "sim_calls_total{service=\"" STR_FMT "\",op=\"" STR_FMT
                 "\",status=\"%lld\"} %lld\n",
                 STR_ARG(k->like->service), STR_ARG(k->like->op), (long long)k->like->status,
                 (long long)k->n);
    }
}
