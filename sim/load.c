#include "sim/load.h"
#include "base/str_ascii.h"
#include "sim/drs.h"
#include "sim/ec2.h"
#include "sim/fault.h"
#include "sim/kind_checks.h"
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
        *why = STR("an object is wanted: { ... }");
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
        k->principal =
            world_arn_global(s->arena, "iam", s->home_region, k->at.account, STR("user/operator"));
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
    for (size_t i = 0; i < job->servers.len; i++) {
        struct participant *p = &job->servers.items[i];

        p->phase = p->phase ? p->phase : PHASE_QUEUED;
        p->status = str_present(p->status) ? p->status : STR("PENDING");
    }
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

bool load_possible(struct sim *s, enum kind kind, const void *thing, struct str *why)
{
    return kind_whole(s, kind, thing, why) && (s->restoring || kind_possible(s, kind, thing, why));
}

/* No account may have more servers in a region than its quota. */
bool load_within_total(struct sim *s, const struct entity *at, int64_t more, struct str *why)
{
    const struct vec *have = world_list(s, K_SERVER, at->account, at->region);
    int64_t most = world_cell(s, at->account, at->region)->quota_servers;
    int64_t n = (have ? (int64_t)have->len : 0) + more;

    if (s->restoring || n <= most)
        return true;
    *why = arena_strf(s->arena,
                      "%lld source servers are more than the quota of %lld (L-E28BE5E0) of " STR_FMT
                      " in " STR_FMT ": raise quotaServers in regions",
                      (long long)n, (long long)most, STR_ARG(at->account), STR_ARG(at->region));
    return false;
}

void *load_thing(struct sim *s, enum kind kind, const struct json *v, struct str *why)
{
    struct entity *e = arena_alloc(s->arena, sim_kinds[kind].size);

    if (!decode(s, sim_kinds[kind].fields, v, e, why))
        return NULL;
    place(s, kind, e);
    if (!load_possible(s, kind, e, why) || (kind == K_SERVER && !load_within_total(s, e, 1, why)))
        return NULL;
    if (!world_add(s, kind, e)) {
        *why = kind == K_CELL
                   ? arena_strf(s->arena, STR_FMT " in " STR_FMT " is described already",
                                STR_ARG(e->account), STR_ARG(e->region))
                   : arena_strf(s->arena, "'id': '" STR_FMT "' is taken: each has its own",
                                STR_ARG(e->id));
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

static bool list_wanted(struct sim *s, const char *name, const struct json *v, struct str *why)
{
    if (!v || v->kind == JS_ARRAY)
        return true;
    *why = arena_strf(s->arena, "%s: a list is wanted: [ ... ]", name);
    return false;
}

static bool load_kind(struct sim *s, enum kind kind, const struct json *list, struct str *why)
{
    struct str what = {0};

    if (!list_wanted(s, sim_kinds[kind].name, list, why))
        return false;
    for (size_t i = 0; list && i < list->len; i++) {
        if (load_thing(s, kind, &list->items[i], &what))
            continue;
        *why = arena_strf(s->arena, "%s[%zu]: " STR_FMT, sim_kinds[kind].name, i, STR_ARG(what));
        return false;
    }
    return true;
}

static bool load_estates(struct sim *s, const struct json *list, struct str *why)
{
    struct str what = {0};

    if (!list_wanted(s, "estates", list, why))
        return false;
    for (size_t i = 0; list && i < list->len; i++) {
        if (load_estate(s, &list->items[i], &what))
            continue;
        *why = arena_strf(s->arena, "estates[%zu]: " STR_FMT, i, STR_ARG(what));
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

/* What a scenario says beside its lists. */
struct clock_text {
    bool step;
    int64_t offset_ms;
    int64_t frozen_ms;
    int64_t born_ms;
};

struct head {
    struct str name;
    struct str description;
    const struct json *seed;
    const struct json *random;
    double speed;
    int64_t requests;
    struct clock_text *clock;
    struct entity *home;
};

static const struct field clock_fields[] = {
    F_BOOL(struct clock_text, step, "step", .help = NULL),
    F_INT(struct clock_text, offset_ms, "offsetMs", .min = INT64_MIN),
    F_INT(struct clock_text, frozen_ms, "frozenMs", .help = NULL),
    F_INT(struct clock_text, born_ms, "bornMs", .help = NULL),
    F_END,
};

static const struct field home_fields[] = {
    F_STR(struct entity, account, "account", .check = &sim_check_account),
    F_STR(struct entity, region, "region", .check = &sim_check_region),
    F_END,
};

static const struct field head_fields[] = {
    F_STR(struct head, name, "name", .help = NULL),
    F_STR(struct head, description, "description", .max = 65536),
    F_JSON(struct head, seed, "seed", .help = NULL),
    F_JSON(struct head, random, "random", .help = NULL),
    F_REAL(struct head, speed, "speed", .help = NULL),
    F_INT(struct head, requests, "requests", .help = NULL),
    F_OBJECT(struct head, clock, "clock", struct clock_text, clock_fields, .help = NULL),
    F_OBJECT(struct head, home, "home", struct entity, home_fields, .help = NULL),
    F_END,
};

static bool is_list(struct str name)
{
    for (size_t k = 0; k < K_COUNT; k++)
        if (str_eq_z(name, sim_kinds[k].name))
            return true;
    return str_eq_z(name, "knobs") || str_eq_z(name, "estates");
}

/* What is neither a list nor the knobs must be of the head. */
static bool read_head(struct sim *s, const struct json *v, struct head *head, struct str *why)
{
    struct json rest = {.kind = JS_OBJECT};

    rest.members = arena_array_of(s->arena, v->len + 1, struct json_member);
    for (size_t i = 0; i < v->len; i++) {
        struct str name = v->members[i].name;
        bool known = is_list(name);

        for (const struct field *f = head_fields; f->name && !known; f++)
            known = str_eq_z(name, f->name);
        if (!known) {
            struct buf b = buf_new(s->arena, 4096);

            buf_addf(&b, "'" STR_FMT "' is not a member of a scenario; its lists are",
                     STR_ARG(name));
            for (size_t k = 0; k < K_COUNT; k++)
                buf_addf(&b, " %s", sim_kinds[k].name);
            buf_add_z(&b, " estates; beside them knobs");
            for (const struct field *f = head_fields; f->name; f++)
                buf_addf(&b, " %s", f->name);
            *why = buf_str(&b);
            return false;
        }
        if (!is_list(name))
            rest.members[rest.len++] = v->members[i];
    }
    return decode(s, head_fields, &rest, head, why);
}

/* What was saved is hexadecimal text: 64 bits do not fit a JSON integer. */
static bool read_seed(struct sim *s, const char *name, const struct json *v, uint64_t *out,
                      struct str *why)
{
    struct str hex = json_str(v);
    uint64_t n = 0;
    bool ok = hex.len > 0 && hex.len <= 16;

    if (!v)
        return true;
    for (size_t i = 0; i < hex.len && ok; i++) {
        int digit = ascii_hex(hex.ptr[i]);

        ok = digit >= 0;
        n = n << 4 | (uint64_t)digit;
    }
    if (json_is(v, JS_INT)) {
        ok = v->integer > 0;
        n = (uint64_t)v->integer;
    }
    if (ok)
        *out = n;
    else
        *why = arena_strf(s->arena,
                          "%s: must be a whole number above 0, or up to 16 hexadecimal digits as "
                          "text",
                          name);
    return ok;
}

static bool load_clock(struct sim *s, const struct json *v, struct str *why)
{
    s->step = json_bool(json_get_z(v, "step"), false);
    s->offset_ms = json_int(json_get_z(v, "offsetMs"), 0);
    s->frozen_ms = json_int(json_get_z(v, "frozenMs"), s->wall_ms);
    s->born_ms = json_int(json_get_z(v, "bornMs"), s->born_ms);
    s->now_ms = sim_now_ms(s, s->wall_ms);
    if (s->step || !s->offset_ms)
        return true;
    *why = STR("clock: 'offsetMs' needs 'step': without it the clock is the wall's");
    return false;
}

static bool load_head(struct sim *s, const struct json *v, struct str *why)
{
    struct head head = {.speed = 1.0};
    uint64_t seed = 1;

    if (!read_head(s, v, &head, why) || !read_seed(s, "seed", head.seed, &seed, why))
        return false;
    s->seed = s->seed ? s->seed : seed;
    s->random = s->seed;
    if (!read_seed(s, "random", head.random, &s->random, why))
        return false;
    if (!(head.speed > 0)) {
        *why = STR("speed: must be above 0; 1 is as slow as AWS");
        return false;
    }
    s->restoring = head.random != NULL;
    s->speed = s->speed > 0 ? s->speed : head.speed;
    s->requests = (uint64_t)head.requests;
    if (head.home) {
        s->home_account = head.home->account;
        s->home_region = head.home->region;
    }
    return load_clock(s, json_get_z(v, "clock"), why);
}

bool load_world(struct sim *s, struct str text, struct str *why)
{
    static const struct json_limits limits = {(size_t)1 << 30, (size_t)1 << 26, 100000};
    const struct json *v;

    if (json_parse_limited(s->arena, text, &limits, &v, why))
        return false;
    if (v->kind != JS_OBJECT) {
        *why = STR("a scenario is an object: { ... }");
        return false;
    }
    if (!load_head(s, v, why))
        return false;
    if (json_get_z(v, "knobs") && !load_knobs(s, json_get_z(v, "knobs"), why)) {
        *why = arena_strf(s->arena, "knobs: " STR_FMT, STR_ARG(*why));
        return false;
    }
    for (size_t k = 0; k < K_COUNT; k++)
        if (!load_kind(s, (enum kind)k, json_get_z(v, sim_kinds[k].name), why))
            return false;
    if (!load_estates(s, json_get_z(v, "estates"), why))
        return false;
    s->restoring = false;
    load_wake(s);
    return true;
}
