#include "sim/drs.h"
#include "sim/fault.h"

/* A source server: what a scenario leaves open, and what replication reports. */

enum { GIB = 1 << 30 };

struct str server_arn(struct arena *a, const struct server *v)
{
    return world_arn(a, "drs", v->at.region, v->at.account,
                     arena_strf(a, "source-server/" STR_FMT, STR_ARG(v->at.id)));
}

bool server_windows(const struct server *v)
{
    return str_contains(v->os, STR("Windows"));
}

static void or_text(struct str *at, struct str value)
{
    if (!str_present(*at))
        *at = value;
}

static void complete_hardware(struct sim *s, struct server *v)
{
    static const int64_t sizes[] = {30, 50, 80, 100};

    or_text(&v->hostname, arena_strf(s->arena, "host-%zu", s->all[K_SERVER].len + 1));
    or_text(&v->os, STR("Linux version 6.1.0-18-amd64 (Debian 12)"));
    if (!str_present(v->ip))
        v->ip = arena_strf(s->arena, "10.%d.%d.%d", (int)(world_random(s) % 200) + 10,
                           (int)(world_random(s) % 250), (int)(world_random(s) % 250) + 4);
    if (!str_present(v->mac))
        v->mac = arena_strf(s->arena, "0a:%02x:%02x:%02x:%02x:%02x", (int)(world_random(s) & 255),
                            (int)(world_random(s) & 255), (int)(world_random(s) & 255),
                            (int)(world_random(s) & 255), (int)(world_random(s) & 255));
    v->cpus = v->cpus ? v->cpus : 1 + (int64_t)(world_random(s) % 2) * 3;
    v->ram_bytes = v->ram_bytes ? v->ram_bytes : v->cpus * 4 * (int64_t)GIB;
    if (!v->disks.len) {
        struct disk *d = LIST_ADD(s->arena, &v->disks);

        d->device = server_windows(v) ? STR("c:0") : STR("/dev/nvme0n1");
        d->bytes = sizes[world_random(s) % ARRAY_LEN(sizes)] * (int64_t)GIB;
    }
    or_text(&v->recommended_type, v->cpus > 1 ? STR("m5.xlarge") : STR("t3.medium"));
    or_text(&v->agent_version, STR("5.2.0"));
    or_text(&v->direction, STR("FAILOVER"));
}

static void complete_replication(struct sim *s, struct server *v)
{
    if (!v->replication) {
        v->replication = arena_new_of(s->arena, struct replication);
        v->snapshot_days = v->snapshot_days ? v->snapshot_days : 7;
    }
    or_text(&v->replication->state, STR("CONTINUOUS"));
    if (!v->replication->since_ms)
        v->replication->since_ms = s->now_ms;
    if (!v->snapshot_days)
        v->snapshot_days = 7;
    if (!v->added_ms)
        v->added_ms = s->now_ms - (int64_t)40 * 86400000;
    if (!v->staging) {
        v->staging = arena_new_of(s->arena, struct staging);
        v->staging->status = STR("NOT_EXTENDED");
    }
    if (!v->last) {
        v->last = arena_new_of(s->arena, struct last_launch);
        v->last->result = STR("NOT_STARTED");
    }
}

void server_complete(struct sim *s, struct server *v)
{
    complete_hardware(s, v);
    complete_replication(s, v);
    if (v->launch)
        return;
    v->launch = arena_new_of(s->arena, struct launch_settings);
    v->launch->name = v->hostname;
    v->launch->disposition = STR("STARTED");
    v->launch->right_sizing = STR("BASIC");
    v->launch->copy_tags = true;
}

/* A stalled lag grows, a backlog grows at its rate, and CONTINUOUS is in sync by definition. */
static void move_counters(const struct sim *s, struct replication *r)
{
    int64_t since_ms = s->now_ms - r->since_ms;

    if (r->backlog_per_s)
        r->backlog_bytes += r->backlog_per_s * (since_ms / 1000);
    if (r->backlog_bytes < 0)
        r->backlog_bytes = 0;
    if (str_eq_z(r->state, "CONTINUOUS")) {
        r->backlog_bytes = 0;
        r->lag_ms = r->lag_ms > 0 ? r->lag_ms : 0;
    } else if (str_eq_z(r->state, "STALLED") || str_eq_z(r->state, "BACKLOG") ||
               str_eq_z(r->state, "PAUSED") || str_eq_z(r->state, "RESCAN")) {
        r->lag_ms = r->lag_ms < 0 ? r->lag_ms : r->lag_ms + since_ms;
    } else {
        r->lag_ms = -1;
    }
}

/*
 * variant: the state; code: the error; value: seconds of lag, -1 for none reported. A backlog grows
 * from the moment that the rule began to act.
 */
static void apply_rule(const struct sim *s, const struct fault_rule *rule, struct replication *r)
{
    int64_t begin_ms = s->born_ms + (rule->match ? rule->match->from_s * 1000 : 0);

    if (words_have("NO_PIT PIT_EXPIRED", rule->variant))
        return;
    r->state = str_empty(rule->variant) ? STR("STALLED") : rule->variant;
    r->since_ms = s->now_ms;
    r->error = rule->code;
    if (str_eq_z(r->state, "STALLED") && str_empty(r->error))
        r->error = STR("NOT_CONVERGING");
    r->raw_error = rule->message;
    r->lag_ms = rule->value < 0 ? -1 : rule->value * 1000;
    if (str_eq_z(r->state, "BACKLOG")) {
        r->since_ms = begin_ms < s->now_ms ? begin_ms : s->now_ms;
        r->backlog_bytes = (int64_t)3 * GIB;
        r->backlog_per_s = (int64_t)4 << 20;
    }
}

static const struct fault_rule *repl_rule(struct sim *s, const struct server *v)
{
    const struct fault_scene scene = {.service = STR("drs"),
                                      .op = STR("DescribeSourceServers"),
                                      .account = v->at.account,
                                      .region = v->at.region,
                                      .principal = STR(""),
                                      .resources = {(struct str[]){v->at.id}, 1}};

    return s->all[K_FAULT].len ? fault_find(s, "REPL", &scene) : NULL;
}

static struct replication replication_under(const struct sim *s, const struct server *v,
                                            const struct fault_rule *rule)
{
    struct replication r = *v->replication;

    if (rule)
        apply_rule(s, rule, &r);
    move_counters(s, &r);
    return r;
}

struct replication server_replication(struct sim *s, const struct server *v)
{
    return replication_under(s, v, repl_rule(s, v));
}

struct replication server_points(struct sim *s, const struct server *v, struct points *out)
{
    const struct fault_rule *rule = repl_rule(s, v);
    struct replication r = replication_under(s, v, rule);

    out->none = v->snapshot_days < 0 || (rule && str_eq_z(rule->variant, "NO_PIT")) ||
                words_have("STOPPED DISCONNECTED INITIATING INITIAL_SYNC", r.state);
    out->expired_ms =
        rule && str_eq_z(rule->variant, "PIT_EXPIRED") ? s->now_ms - rule->value * 1000 : INT64_MIN;
    return r;
}

bool server_replicates(const struct server *v)
{
    return !str_eq_z(v->replication->state, "STOPPED") &&
           !str_eq_z(v->replication->state, "DISCONNECTED");
}

/* What has a point in time can be launched. */
bool server_launchable(struct sim *s, const struct server *v)
{
    struct points points;

    (void)server_points(s, v, &points);
    return !points.none && !str_eq_z(v->staging->status, "EXTENSION_ERROR");
}

struct server *server_asked(struct ctx *c, const char *member)
{
    struct str id = in_str(c, member);
    struct server *v = here(c, K_SERVER, id);

    if (v)
        return v;
    refuse(c, 404, "ResourceNotFoundException",
           "SourceServer " STR_FMT " does not exist in account " STR_FMT, STR_ARG(id),
           STR_ARG(c->account));
    c->refusal.resource_id = id;
    c->refusal.resource_type = STR("SourceServer");
    return NULL;
}
