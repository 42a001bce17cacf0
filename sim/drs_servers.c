#include "sim/drs.h"
#include "sim/drs_calls.h"

/* DescribeSourceServers and what one server looks like on the wire. */

static void write_disks(struct ctx *c, const struct server *v, const struct replication *r)
{
    json_name(&c->w, STR("replicatedDisks"));
    json_begin_array(&c->w);
    for (size_t i = 0; i < v->disks.len; i++) {
        const struct disk *d = &v->disks.items[i];
        bool syncing = str_eq_z(r->state, "INITIAL_SYNC");
        bool nothing = str_eq_z(r->state, "INITIATING") || str_eq_z(r->state, "STOPPED");
        int64_t age_s = (c->sim->now_ms - r->since_ms) / 1000;
        int64_t done = age_s * ((int64_t)50 << 20);

        json_begin_object(&c->w);
        json_member_str(&c->w, "deviceName", d->device);
        json_member_int(&c->w, "totalStorageBytes", d->bytes);
        json_member_int(&c->w, "replicatedStorageBytes",
                        nothing                      ? 0
                        : syncing && done < d->bytes ? done
                                                     : d->bytes);
        json_member_int(&c->w, "rescannedStorageBytes", i ? 0 : r->rescanned_bytes);
        json_member_int(&c->w, "backloggedStorageBytes", i ? 0 : r->backlog_bytes);
        json_end_object(&c->w);
    }
    json_end_array(&c->w);
}

static void write_steps(struct ctx *c, const struct replication *r)
{
    static const char *const steps[] = {
        "WAIT",
        "CREATE_SECURITY_GROUP",
        "LAUNCH_REPLICATION_SERVER",
        "BOOT_REPLICATION_SERVER",
        "AUTHENTICATE_WITH_SERVICE",
        "DOWNLOAD_REPLICATION_SOFTWARE",
        "CREATE_STAGING_DISKS",
        "ATTACH_STAGING_DISKS",
        "PAIR_REPLICATION_SERVER_WITH_AGENT",
        "CONNECT_AGENT_TO_REPLICATION_SERVER",
        "START_DATA_TRANSFER",
    };
    int64_t span = world_span_ms(c->sim, 30);
    int64_t done = (c->sim->now_ms - r->since_ms) / span;

    json_name(&c->w, STR("dataReplicationInitiation"));
    json_begin_object(&c->w);
    json_member_time(c, &c->w, "startDateTime", r->since_ms);
    json_name(&c->w, STR("steps"));
    json_begin_array(&c->w);
    for (size_t i = 0; i < ARRAY_LEN(steps); i++) {
        json_begin_object(&c->w);
        json_member_str(&c->w, "name", str_from_z(steps[i]));
        json_member_str(&c->w, "status",
                        (int64_t)i < done    ? STR("SUCCEEDED")
                        : (int64_t)i == done ? STR("IN_PROGRESS")
                                             : STR("NOT_STARTED"));
        json_end_object(&c->w);
    }
    json_end_array(&c->w);
    json_end_object(&c->w);
}

static void write_replication(struct ctx *c, const struct server *v)
{
    struct replication r = server_replication(c->sim, v);
    struct json_writer *w = &c->w;

    json_name(w, STR("dataReplicationInfo"));
    json_begin_object(w);
    if (r.lag_ms >= 0)
        json_member_str(w, "lagDuration", world_duration(c->a, r.lag_ms));
    if (str_eq_z(r.state, "INITIAL_SYNC") || str_eq_z(r.state, "BACKLOG"))
        json_member_time(c, w, "etaDateTime", c->sim->now_ms + world_span_ms(c->sim, 900));
    write_disks(c, v, &r);
    json_member_str(w, "dataReplicationState", r.state);
    if (str_eq_z(r.state, "INITIATING"))
        write_steps(c, &r);
    if (!str_empty(r.error)) {
        json_name(w, STR("dataReplicationError"));
        json_begin_object(w);
        json_member_str(w, "error", r.error);
        json_member_str(w, "rawError", str_empty(r.raw_error) ? r.error : r.raw_error);
        json_end_object(w);
    }
    json_member_str(w, "stagingAvailabilityZone",
                    arena_strf(c->a, STR_FMT "a", STR_ARG(v->at.region)));
    json_end_object(w);
}

static void write_life_cycle(struct ctx *c, const struct server *v)
{
    struct json_writer *w = &c->w;
    const struct last_launch *last = v->last;

    json_name(w, STR("lifeCycle"));
    json_begin_object(w);
    json_member_time(c, w, "addedToServiceDateTime", v->added_ms);
    json_member_time(c, w, "firstByteDateTime", v->added_ms + 600000);
    json_member_str(w, "elapsedReplicationDuration",
                    world_duration(c->a, c->sim->now_ms - v->added_ms));
    json_member_time(c, w, "lastSeenByServiceDateTime", c->sim->now_ms - 20000);
    json_name(w, STR("lastLaunch"));
    json_begin_object(w);
    json_name(w, STR("initiated"));
    json_begin_object(w);
    if (str_present(last->job)) {
        json_member_time(c, w, "apiCallDateTime", last->api_ms);
        json_member_str(w, "jobID", last->job);
        json_member_str(w, "type", last->type);
    }
    json_end_object(w);
    if (str_present(last->status))
        json_member_str(w, "status", last->status);
    json_end_object(w);
    json_end_object(w);
}

static void write_hints(struct ctx *c, const struct server *v)
{
    struct json_writer *w = &c->w;

    json_name(w, STR("identificationHints"));
    json_begin_object(w);
    json_member_str(w, "fqdn", arena_strf(c->a, STR_FMT ".example.internal", STR_ARG(v->hostname)));
    json_member_str(w, "hostname", v->hostname);
    if (str_present(v->origin_region))
        json_member_str(w, "awsInstanceID",
                        arena_strf(c->a, "i-" STR_FMT, STR_ARG(str_slice(v->at.id, 2, 19))));
    json_end_object(w);
}

static void write_hardware(struct ctx *c, const struct server *v)
{
    struct json_writer *w = &c->w;

    json_name(w, STR("networkInterfaces"));
    json_begin_array(w);
    json_begin_object(w);
    json_member_str(w, "macAddress", v->mac);
    json_name(w, STR("ips"));
    json_begin_array(w);
    json_put_str(w, v->ip);
    json_end_array(w);
    json_member_bool(w, "isPrimary", true);
    json_end_object(w);
    json_end_array(w);
    json_name(w, STR("disks"));
    json_begin_array(w);
    for (size_t i = 0; i < v->disks.len; i++) {
        json_begin_object(w);
        json_member_str(w, "deviceName", v->disks.items[i].device);
        json_member_int(w, "bytes", v->disks.items[i].bytes);
        json_end_object(w);
    }
    json_end_array(w);
    json_name(w, STR("cpus"));
    json_begin_array(w);
    json_begin_object(w);
    json_member_int(w, "cores", v->cpus);
    json_member_str(w, "modelName", STR("Intel(R) Xeon(R) Platinum 8175M CPU @ 2.50GHz"));
    json_end_object(w);
    json_end_array(w);
}

static void write_properties(struct ctx *c, const struct server *v)
{
    struct json_writer *w = &c->w;

    json_name(w, STR("sourceProperties"));
    json_begin_object(w);
    json_member_time(c, w, "lastUpdatedDateTime", c->sim->born_ms);
    json_member_str(w, "recommendedInstanceType", v->recommended_type);
    write_hints(c, v);
    write_hardware(c, v);
    json_member_int(w, "ramBytes", v->ram_bytes);
    json_name(w, STR("os"));
    json_begin_object(w);
    json_member_str(w, "fullString", v->os);
    json_end_object(w);
    json_member_bool(w, "supportsNitroInstances", true);
    json_end_object(w);
}

static void write_origin(struct ctx *c, const struct server *v)
{
    struct json_writer *w = &c->w;

    json_name(w, STR("stagingArea"));
    json_begin_object(w);
    json_member_str(w, "status", v->staging->status);
    if (str_present(v->staging->account))
        json_member_str(w, "stagingAccountID", v->staging->account);
    if (str_present(v->staging->server_arn))
        json_member_str(w, "stagingSourceServerArn", v->staging->server_arn);
    if (str_present(v->staging->error))
        json_member_str(w, "errorMessage", v->staging->error);
    json_end_object(w);
    if (!str_present(v->origin_region))
        return;
    json_name(w, STR("sourceCloudProperties"));
    json_begin_object(w);
    json_member_str(w, "originAccountID",
                    str_present(v->origin_account) ? v->origin_account : v->at.account);
    json_member_str(w, "originRegion", v->origin_region);
    if (str_present(v->origin_zone))
        json_member_str(w, "originAvailabilityZone", v->origin_zone);
    json_end_object(w);
}

/* The members; the braces are the caller's, since some operations answer a bare server. */
void server_write(struct ctx *c, struct server *v)
{
    struct json_writer *w = &c->w;

    json_member_str(w, "sourceServerID", v->at.id);
    json_member_str(w, "arn", server_arn(c->a, v));
    json_tags(w, "tags", tags_seen(c->sim, &v->tags, &v->past));
    if (str_present(v->recovery_instance))
        json_member_str(w, "recoveryInstanceId", v->recovery_instance);
    json_member_str(w, "lastLaunchResult", v->last->result);
    write_replication(c, v);
    write_life_cycle(c, v);
    write_properties(c, v);
    write_origin(c, v);
    json_member_str(w, "replicationDirection", v->direction);
    json_member_str(w, "agentVersion", v->agent_version);
}

static bool wanted(const struct server *v, struct strs staging, struct str hardware)
{
    if (staging.len && !strs_have(staging, v->staging->account))
        return false;
    return str_empty(hardware) || str_eq(hardware, v->at.id);
}

static struct vec servers_asked(struct ctx *c)
{
    const struct json *filters = in_get(c, "filters");
    struct strs ids = strs_of(c->a, json_get_z(filters, "sourceServerIDs"));
    struct strs staging = strs_of(c->a, json_get_z(filters, "stagingAccountIDs"));
    struct str hardware = text_of(filters, "hardwareId");
    const struct vec *all = all_here(c, K_SERVER);
    struct vec out = {0};

    for (size_t i = 0; i < ids.len; i++) {
        struct server *v = here(c, K_SERVER, ids.items[i]);

        if (v && wanted(v, staging, hardware))
            vec_add(c->a, &out, v);
    }
    for (size_t i = 0; !ids.len && i < all->len; i++)
        if (wanted(all->items[i], staging, hardware))
            vec_add(c->a, &out, all->items[i]);
    return out;
}

static void server_item(struct ctx *c, void *thing)
{
    server_write(c, thing);
}

void sim_drs_describe_source_servers(struct ctx *c)
{
    struct vec list = servers_asked(c);

    page_write(c, &list, server_item);
}
