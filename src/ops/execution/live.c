#include "ops/execution/live.h"

static const struct field live_instance_fields[] = {
    F_STR(struct live_instance, server_id, "sourceServerId", .help = "the source server"),
    F_STR(struct live_instance, instance_id, "recoveryInstanceId", .help = "what serves for it"),
    F_END,
};

static const struct field live_refusal_fields[] = {
    F_LIST(struct live_refusal, instances, "recoveryInstances", struct live_instance,
           live_instance_fields, .help = "live recovery instances"),
    F_END,
};

static bool is_live(const struct drs_recovery_instance *i)
{
    return !i->is_drill && !str_eq_z(i->ec2_instance_state, "TERMINATED") &&
           !str_eq_z(i->ec2_instance_state, "NOT_FOUND");
}

static void make_room(struct arena *a, struct live_refusal *r, size_t more)
{
    const struct live_instance *before = r->instances.items;

    r->instances.items = arena_array_of(a, r->instances.len + more + 1, struct live_instance);
    if (r->instances.len)
        memcpy(r->instances.items, before, r->instances.len * sizeof(*before));
}

enum fault live_find(struct aws_reader *aws, struct aws_at *at, struct strs servers,
                     struct live_refusal *out)
{
    struct drs_recovery_instance_filter filter = {.source_server_ids = servers};
    struct drs_recovery_instances found = {0};
    enum fault f = drs_describe_recovery_instances(aws, at, &filter, &found);

    if (f)
        return f;
    make_room(at->arena, out, found.len);
    for (size_t i = 0; i < found.len; i++)
        if (is_live(&found.items[i]))
            out->instances.items[out->instances.len++] =
                (struct live_instance){found.items[i].source_server_id, found.items[i].id};
    return FAULT_NONE;
}

enum fault live_refuse(struct call_ctx *call, const struct live_refusal *found)
{
    if (found->instances.len == 0)
        return FAULT_NONE;
    call_detail(call, live_refusal_fields, found);
    return call_fail(call, FAULT_SERVER_CONFLICT,
                     "%zu server(s) have a live recovery instance, which a launch would replace; "
                     "say replaceRecoveryInstances to allow it",
                     found->instances.len);
}
