#include "sim/fault.h"
#include "sim/auth.h"

static bool glob_or_any(struct str pattern, struct str text)
{
    return str_empty(pattern) || str_glob(pattern, text);
}

static bool resources_match(struct str pattern, struct strs resources)
{
    for (size_t i = 0; i < resources.len; i++)
        if (str_glob(pattern, resources.items[i]))
            return true;
    return str_empty(pattern);
}

static bool scene_matches(const struct sim *s, const struct fault_match *m,
                          const struct fault_scene *at)
{
    int64_t age_ms = s->now_ms - s->born_ms;

    if (!m)
        return true;
    if (age_ms < m->from_s * 1000 || (m->until_s && age_ms >= m->until_s * 1000))
        return false;
    return glob_or_any(m->service, at->service) && glob_or_any(m->op, at->op) &&
           glob_or_any(m->account, at->account) && glob_or_any(m->region, at->region) &&
           glob_or_any(m->role, at->principal) &&
           (str_empty(m->phase) || (at->phase && str_eq_z(m->phase, at->phase))) &&
           resources_match(m->resource, at->resources);
}

/* As AWS counts: each operation of an account in a region by itself. */
static struct fault_bucket *bucket_for(struct sim *s, struct fault_rule *rule,
                                       const struct fault_scene *at)
{
    struct str name =
        arena_strf(s->arena, STR_FMT "/" STR_FMT "/" STR_FMT "/" STR_FMT, STR_ARG(at->account),
                   STR_ARG(at->region), STR_ARG(at->service), STR_ARG(at->op));
    struct fault_bucket *b;

    for (size_t i = 0; i < rule->buckets.len; i++)
        if (str_eq(rule->buckets.items[i].name, name))
            return &rule->buckets.items[i];
    b = LIST_ADD(s->arena, &rule->buckets);
    b->name = name;
    return b;
}

/* `value` tokens a second: the rule acts only on what is beyond them. */
static bool within_rate(struct sim *s, struct fault_rule *rule, const struct fault_scene *at)
{
    struct fault_bucket *b = bucket_for(s, rule, at);
    double rate = (double)(rule->value > 0 ? rule->value : 1);
    double gained = (double)(s->now_ms - b->filled_ms) * rate / 1000.0;

    b->tokens = b->filled_ms ? b->tokens + gained : rate;
    if (b->tokens > rate)
        b->tokens = rate;
    b->filled_ms = s->now_ms;
    if (b->tokens < 1.0)
        return false;
    b->tokens -= 1.0;
    return true;
}

/* Counts the match; says whether the rule acts on this one. */
static bool acts(struct sim *s, struct fault_rule *rule, const struct fault_scene *at)
{
    const struct fault_match *m = rule->match;

    rule->seen++;
    s->version++;
    if (m && rule->seen <= m->after)
        return false;
    if (m && m->count && rule->hits >= m->count)
        return false;
    if (m && m->percentage && world_unit(s) * 100.0 >= (double)m->percentage)
        return false;
    if (str_eq_z(rule->variant, "rate") && within_rate(s, rule, at))
        return false;
    rule->hits++;
    return true;
}

struct fault_rule *fault_find(struct sim *s, const char *effects, const struct fault_scene *scene)
{
    for (size_t i = 0; i < s->all[K_FAULT].len; i++) {
        struct fault_rule *rule = s->all[K_FAULT].items[i];

        if (words_have(effects, rule->effect) && str_eq_z(rule->variant, "skew") == scene->clock &&
            scene_matches(s, rule->match, scene) && acts(s, rule, scene))
            return rule;
    }
    return NULL;
}

/* What a request is about, for a rule that names a resource. */
static struct strs resources_of(const struct ctx *c)
{
    static const char *const names[] = {"sourceServerID",   "recoveryInstanceID", "jobID",
                                        "LaunchTemplateId", "InstanceId",         "RoleArn"};
    const struct json *list = in_get(c, "sourceServers");
    struct strs out = in_strs(c, "recoveryInstanceIDs");

    if (out.len)
        return out;
    if (list) {
        out.items = arena_array_of(c->a, list->len, struct str);
        for (size_t i = 0; i < list->len; i++)
            out.items[out.len++] = text_of(&list->items[i], "sourceServerID");
        return out;
    }
    out.items = arena_array_of(c->a, ARRAY_LEN(names), struct str);
    for (size_t i = 0; i < ARRAY_LEN(names); i++)
        if (str_present(in_str(c, names[i])))
            out.items[out.len++] = in_str(c, names[i]);
    if (str_present(c->path_tail))
        out.items[0] = c->path_tail, out.len = 1;
    return out;
}

static struct fault_rule *find_for(struct ctx *c, const char *effects, bool clock)
{
    const struct fault_scene scene = {
        .service = c->service,
        .op = c->op ? str_from_z(c->op->name) : STR(""),
        .account = c->account,
        .region = c->region,
        .principal = c->key ? c->key->principal : STR(""),
        .resources = resources_of(c),
        .clock = clock,
    };
    struct fault_rule *rule = fault_find(c->sim, effects, &scene);

    if (rule && c->call)
        c->call->fault = arena_str(c->sim->arena, rule->at.id);
    return rule;
}

struct fault_rule *fault_of_call(struct ctx *c, const char *effects)
{
    return find_for(c, effects, false);
}

int64_t fault_skew_ms(struct ctx *c)
{
    const struct fault_rule *rule = find_for(c, "AUTH", true);

    return rule ? rule->value * 1000 : 0;
}

struct fault_rule *fault_of_server(struct sim *s, const char *effects, const struct job *job,
                                   struct str server, const char *phase)
{
    const struct fault_scene scene = {
        .service = STR("drs"),
        .op = str_eq_z(job->type, "TERMINATE") ? STR("TerminateRecoveryInstances")
                                               : STR("StartRecovery"),
        .account = job->at.account,
        .region = job->at.region,
        .principal = job->principal,
        .resources = {&server, 1},
        .phase = phase,
    };

    return fault_find(s, effects, &scene);
}

/* The quotas of DRS (aws-facts 3.1). */
#define QUOTA_CODES                                                                            \
    "L-E28BE5E0 L-C1D14A2B L-05AFA8C6 L-D88FAC3A L-B827C881 L-DD6D028C L-0588D03B L-1F3FAE4D " \
    "L-4B0323BD"

/* What each effect may be told: an empty list means nothing, NULL for `codes` anything. */
static const struct effect {
    const char *name;
    const char *variants;
    const char *phases;
    int64_t least, most; /* of value */
    bool variant_required;
    const char *codes;
} effects[] = {
    {"THR", "suffix empty rate", "", 0, 1000000, false, ""},
    {"5XX", "", "", 0, 504, false, ""},
    {"NET", "reset blackhole stall drip resetAfter", "", 0, 1000000000, false, ""},
    {"TRUNC", "garbage extra enum", "", 0, 1000000000, false, ""},
    {"AMBIG", "", "", 0, 86400, false, ""},
    {"AUTH", "denied expired unknown signature skew", "", -315360000, 315360000, false, NULL},
    {"ASSUME", "denied region slow short", "", 0, 86400, false, ""},
    {"UNINIT", "", "", 0, 0, false, ""},
    {"QUOTA", "", "", 0, 0, false, QUOTA_CODES},
    {"CONFLICT", "job", "", 0, 0, false, ""},
    {"PAGE", "empty repeat expired", "", 0, 0, true, ""},
    {"TIME", "offset zulu plain noEnd date jump", "", -315360000, 315360000, true, ""},
    {"CRASH", "", "", 0, 0, false, ""},
    {"LAUNCH", "", "LAUNCH LAUNCH_END", 0, 0, false, NULL},
    {"CONV", "", "CONVERSION", 0, 9, false, NULL},
    {"CLEAN", "", "CLEANUP", 0, 0, false, ""},
    {"SNAP", "previous", "SNAPSHOT", 0, 0, false, ""},
    {"SKIP", "", "QUEUED", 0, 0, false, ""},
    {"STALL", "abandon silent", "JOB QUEUED CLEANUP SNAPSHOT WAIT CONVERSION LAUNCH END", 0,
     315360000, false, ""},
    {"REPL", "NO_PIT PIT_EXPIRED " REPLICATION_STATES, "", -1, 315360000, false,
     REPLICATION_ERRORS},
};

/* Of REPL: what says something of the points in time, and nothing of the replication. */
static const struct effect points_effects[] = {
    {"REPL", "NO_PIT", "", 0, 0, true, ""},
    {"REPL", "PIT_EXPIRED", "", 0, 315360000, true, ""},
};

static const struct effect *effect_of(const struct fault_rule *rule)
{
    for (size_t i = 0; i < ARRAY_LEN(points_effects); i++)
        if (str_eq_z(rule->effect, "REPL") && str_eq_z(rule->variant, points_effects[i].variants))
            return &points_effects[i];
    for (size_t i = 0; i < ARRAY_LEN(effects); i++)
        if (str_eq_z(rule->effect, effects[i].name))
            return &effects[i];
    return NULL;
}

static struct str effect_names(struct arena *a)
{
    struct buf b = buf_new(a, 1024);

    for (size_t i = 0; i < ARRAY_LEN(effects); i++)
        buf_addf(&b, "%s%s", i ? " " : "", effects[i].name);
    return buf_str(&b);
}

static bool bad(struct arena *a, struct str *why, const char *member, struct str value,
                const char *known)
{
    *why = arena_strf(a, "%s: '" STR_FMT "' is not known to this effect; %s%s", member,
                      STR_ARG(value), *known ? "known: " : "leave it out", known);
    return false;
}

static bool member_fits(const char *known, struct str value)
{
    return str_empty(value) || words_have(known, value);
}

static bool value_fits(struct arena *a, const struct effect *e, int64_t value, struct str *why)
{
    if (strcmp(e->name, "5XX") == 0) {
        if (value == 0 || value == 500 || (value >= 502 && value <= 504))
            return true;
        *why = arena_strf(a, "value: %lld is not 500, 502, 503 or 504", (long long)value);
        return false;
    }
    if (value >= e->least && value <= e->most)
        return true;
    *why = arena_strf(a, "value: %lld is not from %lld to %lld", (long long)value,
                      (long long)e->least, (long long)e->most);
    return false;
}

/* The suffix is in a header, which the protocols of the others do not have. */
static bool variant_fits_service(struct arena *a, const struct fault_rule *rule, struct str *why)
{
    struct str service = rule->match ? rule->match->service : STR("");

    if (!str_eq_z(rule->variant, "suffix") || glob_or_any(service, STR("drs")))
        return true;
    *why =
        arena_strf(a, "variant: 'suffix' is of DRS alone, not of '" STR_FMT "'", STR_ARG(service));
    return false;
}

bool fault_valid(struct arena *a, const struct fault_rule *rule, struct str *why)
{
    struct str phase = rule->match ? rule->match->phase : (struct str){0};
    const struct effect *e = effect_of(rule);

    if (!e) {
        *why = arena_strf(a, "effect: '" STR_FMT "' is not known; known: " STR_FMT,
                          STR_ARG(rule->effect), STR_ARG(effect_names(a)));
        return false;
    }
    if (!member_fits(e->variants, rule->variant))
        return bad(a, why, "variant", rule->variant, e->variants);
    if (e->variant_required && str_empty(rule->variant)) {
        *why = arena_strf(a, "variant: is required; known: %s", e->variants);
        return false;
    }
    if (e->codes && !member_fits(e->codes, rule->code))
        return bad(a, why, "code", rule->code, e->codes);
    if (!member_fits(e->phases, phase))
        return bad(a, why, "match.phase", phase, e->phases);
    return variant_fits_service(a, rule, why) && value_fits(a, e, rule->value, why);
}
