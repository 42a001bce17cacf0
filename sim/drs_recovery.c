#include "base/str_ascii.h"
#include "base/time.h"
#include "crypto/digest.h"
#include "sim/drs.h"
#include "sim/drs_calls.h"
#include "sim/ec2.h"

/* Recovery instances and points in time. */

bool recovery_listed(const struct sim *s, const struct recovery *r)
{
    return r->visible_ms <= s->now_ms && (!r->gone_ms || s->now_ms < r->gone_ms);
}

void recovery_gone(struct sim *s, struct recovery *r)
{
    struct instance *i = world_get(s, K_INSTANCE, r->at.account, r->at.region, r->at.id);

    if (i)
        instance_terminate(s, i);
    r->gone_ms = s->now_ms + world_span_ms(s, s->knobs.terminated_lingers_s);
    if (!r->gone_ms)
        r->gone_ms = 1;
}

static struct str ec2_state(struct ctx *c, const struct recovery *r)
{
    const struct instance *i = here(c, K_INSTANCE, r->at.id);
    struct buf b = buf_new(c->a, 32);

    if (!i || !instance_listed(c->sim, i))
        return STR("NOT_FOUND");
    for (size_t k = 0; k < i->state.len; k++)
        buf_add_char(&b, ascii_upper(i->state.ptr[k]));
    return buf_str(&b);
}

static void write_properties(struct ctx *c, const struct server *v)
{
    struct json_writer *w = &c->w;

    json_name(w, STR("recoveryInstanceProperties"));
    json_begin_object(w);
    json_member_time(c, w, "lastUpdatedDateTime", c->sim->now_ms);
    json_name(w, STR("identificationHints"));
    json_begin_object(w);
    json_member_str(w, "hostname", v->hostname);
    json_end_object(w);
    json_member_int(w, "ramBytes", v->ram_bytes);
    json_name(w, STR("os"));
    json_begin_object(w);
    json_member_str(w, "fullString", v->os);
    json_end_object(w);
    json_end_object(w);
}

static void write_recovery(struct ctx *c, void *thing)
{
    const struct recovery *r = thing;
    const struct server *v = here(c, K_SERVER, r->server);
    struct json_writer *w = &c->w;

    json_member_str(w, "ec2InstanceID", r->at.id);
    json_member_str(w, "ec2InstanceState", ec2_state(c, r));
    json_member_str(w, "jobID", r->job);
    json_member_str(w, "recoveryInstanceID", r->at.id);
    json_member_str(w, "sourceServerID", r->server);
    json_member_str(w, "arn",
                    world_arn(c->a, "drs", c->region, c->account,
                              arena_strf(c->a, "recovery-instance/" STR_FMT, STR_ARG(r->at.id))));
    json_tags(w, "tags", tags_seen(c->sim, &r->tags, &r->past));
    json_name(w, STR("failback"));
    json_begin_object(w);
    json_member_str(w, "state", r->failback);
    json_end_object(w);
    json_name(w, STR("dataReplicationInfo"));
    json_begin_object(w);
    json_member_str(w, "dataReplicationState",
                    r->disconnected ? STR("DISCONNECTED") : STR("NOT_STARTED"));
    json_end_object(w);
    if (v)
        write_properties(c, v);
    json_member_time(c, w, "pointInTimeSnapshotDateTime", r->point_ms);
    json_member_bool(w, "isDrill", r->drill);
    json_member_str(w, "originEnvironment",
                    v && str_present(v->origin_region) ? STR("AWS") : STR("ON_PREMISES"));
    json_member_str(w, "agentVersion", v ? v->agent_version : STR("5.2.0"));
}

void sim_drs_describe_recovery_instances(struct ctx *c)
{
    const struct json *filters = in_get(c, "filters");
    struct strs ids = strs_of(c->a, json_get_z(filters, "recoveryInstanceIDs"));
    struct strs servers = strs_of(c->a, json_get_z(filters, "sourceServerIDs"));
    const struct vec *all = all_here(c, K_RECOVERY);
    struct vec list = {0};

    for (size_t i = 0; i < all->len; i++) {
        struct recovery *r = all->items[i];

        if (recovery_listed(c->sim, r) && (!ids.len || strs_have(ids, r->at.id)) &&
            (!servers.len || strs_have(servers, r->server)))
            vec_add(c->a, &list, r);
    }
    page_write(c, &list, write_recovery);
}

static struct recovery *recovery_asked(struct ctx *c)
{
    struct str id = in_str(c, "recoveryInstanceID");
    struct recovery *r = here(c, K_RECOVERY, id);

    if (r && recovery_listed(c->sim, r))
        return r;
    refuse(c, 404, "ResourceNotFoundException", "Recovery instance " STR_FMT " not found",
           STR_ARG(id));
    c->refusal.resource_id = id;
    c->refusal.resource_type = STR("RecoveryInstance");
    return NULL;
}

void sim_drs_disconnect_recovery_instance(struct ctx *c)
{
    struct recovery *r = recovery_asked(c);

    if (r)
        r->disconnected = true;
}

void sim_drs_delete_recovery_instance(struct ctx *c)
{
    struct recovery *r = recovery_asked(c);
    struct server *v;

    if (!r)
        return;
    if (!r->disconnected && !r->gone_ms) {
        refuse(c, 409, "ConflictException",
               "Recovery instance " STR_FMT " must be disconnected before it is deleted",
               STR_ARG(r->at.id));
        return;
    }
    v = here(c, K_SERVER, r->server);
    if (v && str_eq(v->recovery_instance, r->at.id))
        v->recovery_instance = (struct str){0};
    world_remove(c->sim, K_RECOVERY, r);
}

/* ---- points in time: every 10 minutes for an hour, hourly for a day, daily for some days ---- */

static void add_point(struct arena *a, const struct server *v, int64_t ms, struct snapshot *out)
{
    struct str text = arena_strf(a, STR_FMT "/%lld", STR_ARG(v->at.id), (long long)ms);

    out->id =
        arena_strf(a, "pit-" STR_FMT, STR_ARG(str_slice(sha256_hex(a, sha256_of(text)), 0, 17)));
    out->ms = ms;
}

size_t snapshots_of(struct sim *s, struct arena *a, const struct server *v, struct snapshot **out)
{
    static const int64_t minute = 60000, hour = 3600000, day = 86400000;
    const struct {
        int64_t every;
        int64_t count;
    } rules[] = {{10 * minute, 6}, {hour, 24}, {day, v->snapshot_days}};
    struct points points;
    struct replication r = server_points(s, v, &points);
    bool frozen = str_eq_z(r.state, "STALLED") || str_eq_z(r.state, "PAUSED");
    int64_t last = frozen ? r.since_ms : s->now_ms;
    int64_t before = INT64_MAX;
    size_t n = 0;

    *out = arena_array_of(a, 31 + (size_t)(v->snapshot_days > 0 ? v->snapshot_days : 0),
                          struct snapshot);
    if (points.none)
        return 0;
    for (size_t k = 0; k < ARRAY_LEN(rules); k++) {
        int64_t at = last - last % rules[k].every;

        for (int64_t i = 0; i < rules[k].count; i++, at -= rules[k].every) {
            if (at >= before || at < v->added_ms || at <= points.expired_ms)
                continue;
            add_point(a, v, at, &(*out)[n++]);
            before = at;
        }
    }
    return n;
}

static void write_snapshot(struct ctx *c, const struct server *v, const struct snapshot *p)
{
    struct json_writer *w = &c->w;

    json_begin_object(w);
    json_member_str(w, "snapshotID", p->id);
    json_member_str(w, "sourceServerID", v->at.id);
    json_member_time(c, w, "expectedTimestamp", p->ms);
    json_member_time(c, w, "timestamp", p->ms);
    json_name(w, STR("ebsSnapshots"));
    json_begin_array(w);
    json_put_str(w, arena_strf(c->a, "snap-" STR_FMT, STR_ARG(str_slice(p->id, 4, 21))));
    json_end_array(w);
    json_end_object(w);
}

void sim_drs_describe_recovery_snapshots(struct ctx *c)
{
    const struct server *v = server_asked(c, "sourceServerID");
    const struct json *filters = in_get(c, "filters");
    bool newest_first = str_eq_z(in_str(c, "order"), "DESC");
    struct snapshot *all, *kept;
    size_t n, len = 0;
    int64_t from, to;
    struct page page;

    if (!v)
        return;
    n = snapshots_of(c->sim, c->a, v, &all);
    kept = arena_array_of(c->a, n + 1, struct snapshot);
    for (size_t i = 0; i < n; i++) {
        const struct snapshot *p = &all[newest_first ? i : n - 1 - i];
        int64_t told = told_ms(c, p->ms);

        if ((!time_parse(text_of(filters, "fromDateTime"), &from) || told >= from) &&
            (!time_parse(text_of(filters, "toDateTime"), &to) || told <= to))
            kept[len++] = *p;
    }
    if (!page_open(c, len, page_filter(c), &page))
        return;
    json_name(&c->w, STR("items"));
    json_begin_array(&c->w);
    for (size_t i = page.from; i < page.to; i++)
        write_snapshot(c, v, &kept[i]);
    json_end_array(&c->w);
    if (str_present(page.next))
        json_member_str(&c->w, "nextToken", page.next);
}
