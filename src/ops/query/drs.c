#include "ops/query/drs.h"

#include "model/common.h"
#include "ops/refuse.h"
#include "ops/snapshots.h"
#include "rules/selection.h"

enum { PAGE_LIMIT_MAX = 1000 };

static const int64_t gib = INT64_C(1) << 30;

static const char *const replication_state_names[] = {
    "",
    "STOPPED",
    "INITIATING",
    "INITIAL_SYNC",
    "BACKLOG",
    "CREATING_SNAPSHOT",
    "CONTINUOUS",
    "PAUSED",
    "RESCAN",
    "STALLED",
    "DISCONNECTED",
    "PENDING_SNAPSHOT_SHIPPING",
    "SHIPPING_SNAPSHOT",
    NULL,
};

static const struct field hardware_fields[] = {
    F_INT(struct source_server_hardware, total_cores, "totalCores", .help = "CPU cores"),
    F_INT(struct source_server_hardware, ram_gib, "ramGiB", .help = "memory"),
    F_INT(struct source_server_hardware, total_disk_gib, "totalDiskGiB", .help = "all disks"),
    F_STR(struct source_server_hardware, recommended_instance_type, "recommendedInstanceType",
          .help = "what DRS would launch"),
    F_END,
};

const struct field source_server_view_fields[] = {
    F_STR(struct source_server_view, id, "sourceServerID", .aliases = "sourceServerId serverId",
          .help = "the server's id in DRS"),
    F_STR(struct source_server_view, hostname, "hostname", .help = "its name, for people"),
    F_STR(struct source_server_view, fqdn, "fqdn", .help = "its full name"),
    F_STR(struct source_server_view, arn, "arn", .help = "its ARN"),
    F_STR(struct source_server_view, replication_state, "replicationState",
          .help = "how DRS replicates it"),
    F_STR(struct source_server_view, lifecycle_state, "lifecycleState",
          .help = "READY_FOR_LAUNCH while it replicates continuously, else NOT_READY"),
    F_STR(struct source_server_view, lag_duration, "lagDuration",
          .help = "how far the copy is behind; an ISO 8601 duration"),
    F_STR(struct source_server_view, last_launch_result, "lastLaunchResult",
          .help = "how its last launch ended"),
    F_STR(struct source_server_view, recovery_instance_id, "recoveryInstanceID",
          .help = "its recovery instance, if there is one"),
    F_STR(struct source_server_view, operating_system, "operatingSystem",
          .help = "as DRS reports it"),
    F_STRS(struct source_server_view, ip_addresses, "ipAddresses", .help = "of all interfaces"),
    F_OBJECT(struct source_server_view, hardware, "hardware", struct source_server_hardware,
             hardware_fields, .help = "what the machine has"),
    F_TAGS(struct source_server_view, tags, "tags", .help = "its tags in DRS"),
    F_END,
};

const struct field source_servers_params_fields[] = {
    F_STR(struct source_servers_params, region, "region", .flags = FIELD_REQUIRED, .max = 32,
          .check = &check_region, .help = "region that the servers are replicated to"),
    F_STR(struct source_servers_params, account_id, "accountId", .max = 12,
          .check = &check_account_id, .help = "a target account; absent: the hub account"),
    F_TAGS(struct source_servers_params, tags, "tags", .max = SELECTION_TAGS_MAX,
           .help = "only servers that carry all of these tags"),
    F_ENUM(struct source_servers_params, replication_state, "replicationState",
           replication_state_names, .flags = FIELD_FOLD, .help = "only servers in this state"),
    F_INT(struct source_servers_params, limit, "limit", .min = 1, .max = PAGE_LIMIT_MAX,
          .help = "servers in a page; absent: all of them"),
    F_STR(struct source_servers_params, next_token, "nextToken", .help = "of the page before"),
    F_END,
};

const struct field source_servers_reply_fields[] = {
    F_LIST(struct source_servers_reply, servers, "servers", struct source_server_view,
           source_server_view_fields, .help = "the servers, by id"),
    F_INT(struct source_servers_reply, server_count, "serverCount", .aliases = "count",
          .help = "servers in this answer"),
    F_INT(struct source_servers_reply, total_count, "totalCount", .help = "servers that match"),
    F_STR(struct source_servers_reply, region, "region", .help = "as asked"),
    F_STR(struct source_servers_reply, account_id, "accountId", .help = "whose servers"),
    F_INT(struct source_servers_reply, age_s, "ageSeconds",
          .help = "how long ago DRS was asked; at most 30"),
    F_STR(struct source_servers_reply, next_token, "nextToken", .flags = FIELD_NULL,
          .help = "for the next page; null on the last"),
    F_STRS(struct source_servers_reply, warnings, "warnings", .help = "what was not as asked"),
    F_END,
};

/* ---- one server ---- */

static int64_t rounded_gib(int64_t bytes)
{
    return (bytes + gib / 2) / gib;
}

static struct source_server_hardware *hardware_of(struct arena *a,
                                                  const struct drs_source_properties *p)
{
    struct source_server_hardware *out = arena_new_of(a, struct source_server_hardware);
    int64_t disk_bytes = 0;

    if (!p)
        return out;
    for (size_t i = 0; i < p->cpus.len; i++)
        out->total_cores += p->cpus.items[i].cores;
    for (size_t i = 0; i < p->disks.len; i++)
        disk_bytes += p->disks.items[i].bytes;
    out->ram_gib = rounded_gib(p->ram_bytes);
    out->total_disk_gib = rounded_gib(disk_bytes);
    out->recommended_instance_type = p->recommended_instance_type;
    return out;
}

static struct strs addresses_of(struct arena *a, const struct drs_source_properties *p)
{
    struct strs out = {0};
    size_t n = 0;

    for (size_t i = 0; p && i < p->network_interfaces.len; i++)
        n += p->network_interfaces.items[i].ips.len;
    out.items = arena_array_of(a, n, struct str);
    for (size_t i = 0; n && i < p->network_interfaces.len; i++) {
        struct strs ips = p->network_interfaces.items[i].ips;

        for (size_t k = 0; k < ips.len; k++)
            out.items[out.len++] = ips.items[k];
    }
    return out;
}

static struct source_server_view view_of(struct arena *a, const struct drs_source_server *s)
{
    const struct drs_source_properties *p = s->properties;

    return (struct source_server_view){
        .id = s->id,
        .hostname = server_hostname(s),
        .fqdn = p && p->identification ? p->identification->fqdn : (struct str){0},
        .arn = s->arn,
        .replication_state = server_replication_state(s),
        .lifecycle_state = server_lifecycle_state(s),
        .lag_duration = s->replication ? s->replication->lag_duration : (struct str){0},
        .last_launch_result = s->last_launch_result,
        .recovery_instance_id = s->recovery_instance_id,
        .operating_system = p && p->os ? p->os->full_string : (struct str){0},
        .ip_addresses = addresses_of(a, p),
        .hardware = hardware_of(a, p),
        .tags = {s->tags.items ? s->tags.items : arena_array_of(a, 0, struct tag), s->tags.len},
    };
}

/* ---- the list ---- */

static bool matches(const struct source_servers_params *in, const struct drs_source_server *s)
{
    const char *state = replication_state_names[in->replication_state];

    if (in->replication_state && !str_eq_z(server_replication_state(s), state))
        return false;
    return in->tags.len == 0 || selection_tags_match(&in->tags, &s->tags);
}

/* What a page token belongs to: the same question, whatever the limit. */
static struct str question(struct arena *a, const struct source_servers_params *in)
{
    struct source_servers_params asked = *in;

    asked.limit = 0;
    asked.next_token = (struct str){0};
    return field_text(a, source_servers_params_fields, &asked, FIELD_VIEW_STORED);
}

static enum fault start_after(struct query_ctx *c, struct str *after)
{
    const struct source_servers_params *in = c->params;
    struct source_servers_reply *out = c->reply;
    enum fault f;

    *after = (struct str){0};
    if (!str_present(in->next_token))
        return FAULT_NONE;
    if (token_is_documented(in->next_token)) {
        out->warnings = token_warning(c->call.arena);
        return FAULT_NONE;
    }
    f = reader_list_after(c->reader, c->call.arena, question(c->call.arena, in), in->next_token,
                          after);
    if (f == FAULT_INVALID_PARAMETER)
        return call_fault(&c->call, f, STR("nextToken"),
                          "'nextToken' is damaged, or belongs to another list");
    return f;
}

/* Sorted by id, so that a page goes on behind the last one even when servers came and went. */
static void fill(struct query_ctx *c, const struct server_snapshot *all, struct str after)
{
    const struct source_servers_params *in = c->params;
    struct source_servers_reply *out = c->reply;
    struct arena *a = c->call.arena;
    size_t most = in->limit ? (size_t)in->limit : all->len;
    bool more = false;

    out->servers.items =
        arena_array_of(a, all->len < most ? all->len : most, struct source_server_view);
    for (size_t i = 0; i < all->len; i++) {
        const struct drs_source_server *s = &all->servers[i];

        if (!matches(in, s))
            continue;
        out->total_count++;
        if (str_present(after) && str_cmp(s->id, after) <= 0)
            continue;
        if (out->servers.len < most)
            out->servers.items[out->servers.len++] = view_of(a, s);
        else
            more = true;
    }
    out->server_count = (int64_t)out->servers.len;
    if (more)
        out->next_token = reader_list_token(c->reader, a, question(a, in),
                                            out->servers.items[out->servers.len - 1].id);
}

enum fault get_drs_source_servers(struct query_ctx *c)
{
    const struct source_servers_params *in = c->params;
    struct source_servers_reply *out = c->reply;
    struct aws_at at = {.arena = c->call.arena, .deadline_ms = c->call.deadline_mono_ms};
    struct snapshot_place place;
    struct server_snapshot all;
    struct str after;
    enum fault f;

    f = start_after(c, &after);
    if (f)
        return f;
    f = snapshot_place_of(c->reader, c->call.arena, in->account_id, in->region, c->call.hub_account,
                          &place);
    if (f == FAULT_NOT_FOUND)
        return call_fail(&c->call, f, "Target account '" STR_FMT "' is not registered",
                         STR_ARG(in->account_id));
    if (f)
        return f;
    f = snapshots_servers(c->snapshots, c->aws, &place, false, &at, &all);
    if (f)
        return call_fail_aws(&c->call, f, &at.error, "describe source servers");
    out->region = in->region;
    out->account_id = place.account_id;
    out->age_s = all.age_ms / 1000;
    fill(c, &all, after);
    return FAULT_NONE;
}
