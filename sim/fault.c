#include "sim/fault.h"
#include "sim/auth.h"

static bool in_words(const char *words, struct str s)
{
    struct str rest = str_from_z(words);

    while (str_present(rest))
        if (str_eq(str_cut(&rest, ' '), s))
            return true;
    return false;
}

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

/* A token bucket of `value` a second: the rule acts only on what is beyond it. */
static bool within_rate(struct sim *s, struct fault_rule *rule)
{
    double rate = (double)(rule->value > 0 ? rule->value : 1);
    double gained = (double)(s->now_ms - rule->bucket_ms) * rate / 1000.0;

    rule->bucket = rule->bucket_ms ? rule->bucket + gained : rate;
    if (rule->bucket > rate)
        rule->bucket = rate;
    rule->bucket_ms = s->now_ms;
    if (rule->bucket < 1.0)
        return false;
    rule->bucket -= 1.0;
    return true;
}

/* Counts the match; says whether the rule acts on this one. */
static bool acts(struct sim *s, struct fault_rule *rule)
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
    if (str_eq_z(rule->variant, "rate") && within_rate(s, rule))
        return false;
    rule->hits++;
    return true;
}

struct fault_rule *fault_find(struct sim *s, const char *effects, const struct fault_scene *scene)
{
    for (size_t i = 0; i < s->all[K_FAULT].len; i++) {
        struct fault_rule *rule = s->all[K_FAULT].items[i];

        if (in_words(effects, rule->effect) && scene_matches(s, rule->match, scene) &&
            acts(s, rule))
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

struct fault_rule *fault_of_call(struct ctx *c, const char *effects)
{
    const struct fault_scene scene = {
        .service = c->service,
        .op = c->op ? str_from_z(c->op->name) : STR(""),
        .account = c->account,
        .region = c->region,
        .principal = c->key ? c->key->principal : STR(""),
        .resources = resources_of(c),
    };
    struct fault_rule *rule = fault_find(c->sim, effects, &scene);

    if (rule && c->call)
        c->call->fault = arena_str(c->sim->arena, rule->at.id);
    return rule;
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

bool fault_valid(struct arena *a, const struct fault_rule *rule, struct str *why)
{
    static const char known[] = "THR 5XX NET TRUNC AMBIG AUTH ASSUME UNINIT QUOTA CONFLICT PAGE "
                                "TIME CRASH LAUNCH CONV CLEAN SNAP SKIP STALL REPL";

    if (in_words(known, rule->effect))
        return true;
    *why = arena_strf(a, "fault '" STR_FMT "' has the unknown effect '" STR_FMT "'; known: %s",
                      STR_ARG(rule->at.id), STR_ARG(rule->effect), known);
    return false;
}
