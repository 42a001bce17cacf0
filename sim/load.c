#include "sim/load.h"
#include "sim/drs.h"
#include "sim/ec2.h"
#include "sim/fault.h"
#include "sim/regions.h"

/* A world from text: a scenario that a person wrote, or the state that sim_save gave. */

static const char *const id_prefixes[K_COUNT] = {
    [K_VPC] = "vpc-",          [K_SUBNET] = "subnet-", [K_GROUP] = "sg-",   [K_ENI] = "eni-",
    [K_ADDRESS] = "eipalloc-", [K_TEMPLATE] = "lt-",   [K_INSTANCE] = "i-", [K_SERVER] = "s-",
    [K_JOB] = "drsjob-",       [K_FAULT] = "fault-",
};

static struct str text_of_faults(struct sim *s, const struct faults *faults)
{
    struct buf b = buf_new(s->arena, 4096);

    for (size_t i = 0; i < faults->len; i++)
        buf_addf(&b, "%s" STR_FMT, i ? "; " : "", STR_ARG(faults->items[i].message));
    return buf_str(&b);
}

static bool decode(struct sim *s, const struct field *table, const struct json *v, void *out,
                   struct str *why)
{
    struct faults faults;
    struct field_decoding d = {.arena = s->arena, .faults = &faults};

    faults_init(&faults, s->arena);
    if (v->kind != JS_OBJECT) {
        *why = STR("an object is wanted");
        return false;
    }
    if (!field_decode(&d, table, v, out))
        return true;
    *why = text_of_faults(s, &faults);
    return false;
}

static void complete_key(struct sim *s, struct key *k)
{
    if (!str_present(k->principal))
        k->principal = world_arn(s->arena, "iam", STR(""), k->at.account, STR("user/operator"));
    if (!str_present(k->user_id))
        k->user_id = world_key_text(s, "AIDA", 17);
}

/* An instance of a scenario has its interface, so that its address is taken. */
static void complete_instance(struct sim *s, struct instance *i)
{
    const struct subnet *n = world_get(s, K_SUBNET, i->at.account, i->at.region, i->subnet);
    struct eni *e;

    if (!str_present(i->state))
        i->state = STR("running");
    if (!str_present(i->type))
        i->type = STR("t3.medium");
    if (!str_present(i->image))
        i->image = STR("ami-00000000000000001");
    if (!i->launched_ms)
        i->launched_ms = s->now_ms;
    if (!n || str_present(i->eni) || str_eq_z(i->state, "terminated") ||
        str_eq_z(i->state, "shutting-down"))
        return;
    i->zone = n->zone;
    if (!str_present(i->ip))
        i->ip = subnet_next_free(s, n);
    e = world_new(s, K_ENI, i->at.account, i->at.region, world_id(s, "eni-"));
    e->subnet = n->at.id;
    e->ip = i->ip;
    e->groups = i->groups;
    e->instance = i->at.id;
    i->eni = e->at.id;
}

static void complete_cell(struct cell *c)
{
    static const struct cell usual = {.quota_servers = 4000,
                                      .quota_replicating = 300,
                                      .quota_jobs = 20,
                                      .quota_job_servers = 500,
                                      .quota_per_job = 100};

    if (!str_present(c->drs))
        c->drs = STR("INITIALIZED");
    if (!str_present(c->opt_in))
        c->opt_in =
            str_eq_z(c->drs, "NOT_OPTED_IN") ? STR("not-opted-in") : STR("opt-in-not-required");
    c->quota_servers = c->quota_servers ? c->quota_servers : usual.quota_servers;
    c->quota_replicating = c->quota_replicating ? c->quota_replicating : usual.quota_replicating;
    c->quota_jobs = c->quota_jobs ? c->quota_jobs : usual.quota_jobs;
    c->quota_job_servers = c->quota_job_servers ? c->quota_job_servers : usual.quota_job_servers;
    c->quota_per_job = c->quota_per_job ? c->quota_per_job : usual.quota_per_job;
}

static void complete_job(struct sim *s, struct job *job)
{
    list_reserve(s->arena, (struct list_any *)(void *)&job->log, sizeof(struct log_item));
}

static void complete_template(struct sim *s, struct template *t)
{
    list_reserve(s->arena, (struct list_any *)(void *)&t->versions,
                 sizeof(struct template_version));
}

static void complete_fault(struct sim *s, struct fault_rule *rule)
{
    list_reserve(s->arena, (struct list_any *)(void *)&rule->buckets, sizeof(struct fault_bucket));
}

void load_complete(struct sim *s, enum kind kind, void *thing)
{
    struct entity *e = thing;

    if (kind == K_SERVER || kind == K_SUBNET || kind == K_VPC)
        (void)world_cell(s, e->account, e->region);
    if (kind == K_KEY)
        complete_key(s, thing);
    else if (kind == K_ROLE && !str_present(((struct role *)thing)->role_id))
        ((struct role *)thing)->role_id = world_key_text(s, "AROA", 17);
    else if (kind == K_PROFILE && !str_present(((struct profile *)thing)->profile_id))
        ((struct profile *)thing)->profile_id = world_key_text(s, "AIPA", 17);
    else if (kind == K_CELL)
        complete_cell(thing);
    else if (kind == K_INSTANCE)
        complete_instance(s, thing);
    else if (kind == K_SERVER)
        server_complete(s, thing);
    else if (kind == K_JOB)
        complete_job(s, thing);
    else if (kind == K_TEMPLATE)
        complete_template(s, thing);
    else if (kind == K_FAULT)
        complete_fault(s, thing);
    else if (kind == K_SUBNET && !str_present(((struct subnet *)thing)->zone))
        ((struct subnet *)thing)->zone = arena_strf(s->arena, STR_FMT "a", STR_ARG(e->region));
}

static void place(struct sim *s, enum kind kind, struct entity *e)
{
    if (!str_present(e->account))
        e->account = s->home_account;
    if (!str_present(e->region))
        e->region = kind == K_ROLE || kind == K_PROFILE || kind == K_KEY || kind == K_ACCOUNT
                        ? STR("")
                        : s->home_region;
    if (kind == K_CELL)
        e->id = STR("cell");
    if (!str_empty(e->id))
        return;
    e->id = kind == K_FAULT ? arena_strf(s->arena, "fault-%zu", s->all[K_FAULT].len + 1)
                            : world_id(s, id_prefixes[kind] ? id_prefixes[kind] : "x-");
}

void *load_thing(struct sim *s, enum kind kind, const struct json *v, struct str *why)
{
    struct entity *e = arena_alloc(s->arena, sim_kinds[kind].size);

    if (!decode(s, sim_kinds[kind].fields, v, e, why))
        return NULL;
    place(s, kind, e);
    if (kind == K_FAULT && !fault_valid(s->arena, (struct fault_rule *)(void *)e, why))
        return NULL;
    if (!world_add(s, kind, e)) {
        *why = arena_strf(s->arena, "the id '" STR_FMT "' is taken", STR_ARG(e->id));
        return NULL;
    }
    load_complete(s, kind, e);
    return e;
}

bool load_knobs(struct sim *s, const struct json *v, struct str *why)
{
    struct knobs k = s->knobs;

    if (!decode(s, sim_knob_fields, v, &k, why))
        return false;
    s->knobs = k;
    s->version++;
    return true;
}

static bool load_kind(struct sim *s, enum kind kind, const struct json *list, struct str *why)
{
    struct str what = {0};

    for (size_t i = 0; json_is(list, JS_ARRAY) && i < list->len; i++) {
        if (load_thing(s, kind, &list->items[i], &what))
            continue;
        *why = arena_strf(s->arena, "%s[%zu]: " STR_FMT, sim_kinds[kind].name, i, STR_ARG(what));
        return false;
    }
    return true;
}

void load_wake(struct sim *s)
{
    for (size_t i = 0; i < s->all[K_SERVER].len; i++) {
        struct server *v = s->all[K_SERVER].items[i];

        if (v->replication->next_ms)
            world_restless(s, v);
    }
}

static void load_clock(struct sim *s, const struct json *v)
{
    s->step = json_bool(json_get_z(v, "step"), false);
    s->offset_ms = json_int(json_get_z(v, "offsetMs"), 0);
    s->frozen_ms = json_int(json_get_z(v, "frozenMs"), s->wall_ms);
    s->born_ms = json_int(json_get_z(v, "bornMs"), s->born_ms);
    s->now_ms = sim_now_ms(s, s->wall_ms);
}

/* Seeds are written as text where they were saved: 64 bits do not fit a JSON integer. */
static uint64_t number_of(const struct json *v, uint64_t fallback)
{
    struct str hex = json_str(v);
    uint64_t n = 0;

    if (json_is(v, JS_INT))
        return (uint64_t)v->integer;
    for (size_t i = 0; i < hex.len; i++)
        n = n << 4 | (uint64_t)(hex.ptr[i] <= '9' ? hex.ptr[i] - '0' : hex.ptr[i] - 'a' + 10);
    return hex.len ? n : fallback;
}

static bool known_member(struct str name)
{
    static const char *const others[] = {"name",  "description", "seed", "random",  "speed",
                                         "clock", "knobs",       "home", "estates", "requests"};

    for (size_t i = 0; i < ARRAY_LEN(others); i++)
        if (str_eq_z(name, others[i]))
            return true;
    for (size_t k = 0; k < K_COUNT; k++)
        if (str_eq_z(name, sim_kinds[k].name))
            return true;
    return false;
}

static bool members_known(struct sim *s, const struct json *v, struct str *why)
{
    for (size_t i = 0; i < v->len; i++) {
        if (known_member(v->members[i].name))
            continue;
        *why = arena_strf(s->arena, "'" STR_FMT "' is not a member of a scenario",
                          STR_ARG(v->members[i].name));
        return false;
    }
    return true;
}

bool load_world(struct sim *s, struct str text, struct str *why)
{
    static const struct json_limits limits = {(size_t)1 << 30, (size_t)1 << 26, 100000};
    const struct json *v, *home, *estates;

    if (json_parse_limited(s->arena, text, &limits, &v, why))
        return false;
    if (v->kind != JS_OBJECT) {
        *why = STR("a scenario is an object");
        return false;
    }
    if (!members_known(s, v, why))
        return false;
    home = json_get_z(v, "home");
    estates = json_get_z(v, "estates");
    s->home_account = text_of(home, "account");
    s->home_region = text_of(home, "region");
    s->seed = s->seed ? s->seed : number_of(json_get_z(v, "seed"), 1);
    s->random = number_of(json_get_z(v, "random"), s->seed);
    s->speed = s->speed > 0 ? s->speed : json_number(json_get_z(v, "speed"), 1.0);
    s->requests = (uint64_t)json_int(json_get_z(v, "requests"), 0);
    load_clock(s, json_get_z(v, "clock"));
    if (json_get_z(v, "knobs") && !load_knobs(s, json_get_z(v, "knobs"), why))
        return false;
    for (size_t k = 0; k < K_COUNT; k++)
        if (!load_kind(s, (enum kind)k, json_get_z(v, sim_kinds[k].name), why))
            return false;
    for (size_t i = 0; json_is(estates, JS_ARRAY) && i < estates->len; i++)
        if (!load_estate(s, &estates->items[i], why))
            return false;
    load_wake(s);
    return true;
}
