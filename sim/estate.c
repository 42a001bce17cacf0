#include "sim/drs.h"
#include "sim/kind_checks.h"
#include "sim/load.h"

/*
 * Estates of any size from a seed: operating systems, tiers, replication states, origins. No more
 * servers replicate in the account than its quota allows; the rest are extended from staging
 * accounts, or stopped where there are none.
 */
struct estate {
    struct entity at;
    int64_t servers;
    struct str prefix;
    struct str environment;
    struct strs tiers;
    struct strs staging_accounts;
    int64_t windows_percent;
    int64_t unhealthy_percent;
    bool from_aws;
};

static const struct field estate_fields[] = {
    F_STR(struct estate, at.account, "account", .check = &sim_check_account),
    F_STR(struct estate, at.region, "region", .check = &sim_check_region),
    F_INT(struct estate, servers, "servers", .min = 1, .max = 1000000),
    F_STR(struct estate, prefix, "prefix", .help = NULL),
    F_STR(struct estate, environment, "environment", .help = NULL),
    F_STRS(struct estate, tiers, "tiers", .help = NULL),
    F_STRS(struct estate, staging_accounts, "stagingAccounts", .check = &sim_check_account),
    F_INT(struct estate, windows_percent, "windowsPercent", .max = 100),
    F_INT(struct estate, unhealthy_percent, "unhealthyPercent", .max = 100),
    F_BOOL(struct estate, from_aws, "fromAws", .help = NULL),
    F_END,
};

static const char *const linuxes[] = {
    "Linux version 5.14.0-362.el9.x86_64 (Red Hat Enterprise Linux 9)",
    "Linux version 6.1.0-18-amd64 (Debian 12)",
    "Linux version 5.15.0-94-generic (Ubuntu 22.04)",
    "Linux version 6.1.77-99.164.amzn2023 (Amazon Linux 2023)",
};
static const char *const windowses[] = {
    "Microsoft Windows Server 2016 Datacenter 64-bit",
    "Microsoft Windows Server 2019 Datacenter 64-bit",
    "Microsoft Windows Server 2022 Standard 64-bit",
};
static const char *const ills[][2] = {
    {"STALLED", "NOT_CONVERGING"}, {"BACKLOG", NULL},      {"RESCAN", NULL},
    {"INITIAL_SYNC", NULL},        {"DISCONNECTED", NULL}, {"STALLED", "AGENT_NOT_SEEN"},
};

static bool chance(struct sim *s, int64_t percent)
{
    return world_unit(s) * 100.0 < (double)percent;
}

static void sicken(struct sim *s, struct server *v)
{
    const char *const *ill = ills[world_random(s) % ARRAY_LEN(ills)];

    v->replication = arena_new_of(s->arena, struct replication);
    v->replication->state = str_from_z(ill[0]);
    v->replication->error = str_from_z(ill[1]);
    v->replication->since_ms = s->now_ms - (int64_t)(world_random(s) % 7200000);
    v->replication->backlog_bytes = (int64_t)(world_random(s) % ((uint64_t)40 << 30));
    if (str_eq_z(v->replication->state, "INITIAL_SYNC"))
        v->snapshot_days = -1;
}

static void extend(struct sim *s, const struct estate *e, struct server *v, size_t i)
{
    struct str account = e->staging_accounts.items[i % e->staging_accounts.len];
    struct str id = arena_strf(s->arena, "source-server/" STR_FMT, STR_ARG(world_id(s, "s-")));

    v->staging = arena_new_of(s->arena, struct staging);
    v->staging->status = STR("EXTENDED");
    v->staging->account = account;
    v->staging->server_arn = world_arn(s->arena, "drs", e->at.region, account, id);
}

static struct server *one(struct sim *s, const struct estate *e, size_t i)
{
    struct server *v = world_new(s, K_SERVER, e->at.account, e->at.region, world_id(s, "s-"));
    bool windows = chance(s, e->windows_percent);
    struct str tier = e->tiers.len ? e->tiers.items[i % e->tiers.len] : STR("app");

    v->hostname = arena_strf(s->arena, STR_FMT "-" STR_FMT "-%05zu", STR_ARG(e->prefix),
                             STR_ARG(tier), i + 1);
    v->os = str_from_z(windows ? windowses[world_random(s) % ARRAY_LEN(windowses)]
                               : linuxes[world_random(s) % ARRAY_LEN(linuxes)]);
    tags_put(s->arena, &v->tags, STR("Name"), v->hostname);
    tags_put(s->arena, &v->tags, STR("Tier"), tier);
    tags_put(s->arena, &v->tags, STR("Environment"), e->environment);
    if (e->from_aws) {
        v->origin_account = e->at.account;
        v->origin_region = STR("us-west-2");
        v->origin_zone = STR("us-west-2a");
    }
    if (chance(s, e->unhealthy_percent))
        sicken(s, v);
    return v;
}

bool load_estate(struct sim *s, const struct json *v, struct str *why)
{
    struct estate e = {.servers = 10};
    struct faults faults;
    struct field_decoding d = {.arena = s->arena, .faults = &faults};
    int64_t most;

    faults_init(&faults, s->arena);
    if (field_decode(&d, estate_fields, v, &e)) {
        *why = arena_strf(s->arena, STR_FMT, STR_ARG(faults.items[0].message));
        return false;
    }
    e.at.account = str_present(e.at.account) ? e.at.account : s->home_account;
    e.at.region = str_present(e.at.region) ? e.at.region : s->home_region;
    if (str_empty(e.at.account) || str_empty(e.at.region)) {
        *why = STR("'account' or 'region' is missing: say it here, or for all in home");
        return false;
    }
    if (!load_within_total(s, &e.at, e.servers, why))
        return false;
    e.prefix = str_present(e.prefix) ? e.prefix : STR("srv");
    e.environment = str_present(e.environment) ? e.environment : STR("Production");
    most = world_cell(s, e.at.account, e.at.region)->quota_replicating;
    for (size_t i = 0; i < (size_t)e.servers; i++) {
        struct server *made = one(s, &e, i);

        if ((int64_t)i >= most && e.staging_accounts.len)
            extend(s, &e, made, i);
        server_complete(s, made);
        if ((int64_t)i >= most && !e.staging_accounts.len)
            made->replication->state = STR("STOPPED");
    }
    return true;
}
