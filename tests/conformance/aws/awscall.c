#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "aws/drs.h"
#include "aws/ec2.h"
#include "aws/sts_read.h"
#include "base/ports_system.h"
#include "net/http_client.h"
#include "tests/conformance/aws/tables.h"

/*
 * The AWS client by hand: one call for each line of JSON on stdin, one line of JSON about what came
 * of it on stdout. A test speaks through it to the simulator and to servers of its own.
 *
 *   {"call": "describe_jobs", "ids": ["drsjob-1"], "region": "us-west-2", "role": "arn:..."}
 */
struct order {
    struct str call;
    struct str region;
    struct str role;
    struct str external_id;
    struct str id;
    struct strs ids;
    struct strs names;
    struct tags tags;
    struct str filter;
    bool drill;
    int64_t number;
    int64_t from_ms;
    int64_t timeout_ms;
    struct drs_launch_configuration *launch;
};

static const struct field order_fields[] = {
    F_STR(struct order, call, "call", .flags = FIELD_REQUIRED),
    F_STR(struct order, region, "region", .max = FIELD_DEFAULT_MAX),
    F_STR(struct order, role, "role", .max = FIELD_DEFAULT_MAX),
    F_STR(struct order, external_id, "externalId", .max = FIELD_DEFAULT_MAX),
    F_STR(struct order, id, "id", .max = FIELD_DEFAULT_MAX),
    F_STRS(struct order, ids, "ids", .max = FIELD_DEFAULT_MAX),
    F_STRS(struct order, names, "names", .max = FIELD_DEFAULT_MAX),
    F_TAGS(struct order, tags, "tags", .max = FIELD_DEFAULT_MAX),
    F_STR(struct order, filter, "filter", .max = FIELD_DEFAULT_MAX),
    F_BOOL(struct order, drill, "drill", .max = 0),
    F_INT(struct order, number, "number", .max = 0),
    F_TIME(struct order, from_ms, "from", .max = 0),
    F_INT(struct order, timeout_ms, "timeoutMs", .max = 0),
    F_OBJECT(struct order, launch, "launch", struct drs_launch_configuration,
             drs_launch_configuration_fields, .max = 0),
    F_END,
};

struct desk {
    struct aws *aws;
    struct arena *arena;
    struct aws_at at;
    const struct order *order;
    struct json_writer *out;
};

/* ---- results: a list of things, or one ---- */

static void put_list(const struct desk *d, const struct field *table, size_t item_size,
                     const void *items, size_t n)
{
    json_name(d->out, STR("items"));
    json_begin_array(d->out);
    for (size_t i = 0; i < n; i++)
        field_encode(d->out, table, (const char *)items + i * item_size, FIELD_VIEW_STORED);
    json_end_array(d->out);
}

#define PUT_LIST(d, table, list) \
    put_list((d), (table), sizeof(*(list).items), (list).items, (list).len)

static void put_one(const struct desk *d, const struct field *table, const void *item)
{
    json_name(d->out, STR("result"));
    field_encode(d->out, table, item, FIELD_VIEW_STORED);
}

/* ---- DRS ---- */

static enum fault describe_source_servers(struct desk *d)
{
    struct drs_source_servers found = {0};
    enum fault f = drs_describe_source_servers(
        aws_reader(d->aws), &d->at, &(struct drs_server_filter){.ids = d->order->ids}, &found);

    if (!f)
        PUT_LIST(d, drs_source_server_fields, found);
    return f;
}

static enum fault describe_jobs(struct desk *d)
{
    struct drs_jobs found = {0};
    enum fault f = drs_describe_jobs(
        aws_reader(d->aws), &d->at,
        &(struct drs_job_filter){.job_ids = d->order->ids, .from_ms = d->order->from_ms}, &found);

    if (!f)
        PUT_LIST(d, drs_job_fields, found);
    return f;
}

static enum fault describe_job_log_items(struct desk *d)
{
    struct drs_job_log found = {0};
    enum fault f = drs_describe_job_log_items(aws_reader(d->aws), &d->at, d->order->id, &found);

    if (!f)
        PUT_LIST(d, drs_job_log_item_fields, found);
    return f;
}

static enum fault describe_recovery_instances(struct desk *d)
{
    struct drs_recovery_instances found = {0};
    enum fault f = drs_describe_recovery_instances(
        aws_reader(d->aws), &d->at,
        &(struct drs_recovery_instance_filter){.source_server_ids = d->order->ids}, &found);

    if (!f)
        PUT_LIST(d, drs_recovery_instance_fields, found);
    return f;
}

static enum fault describe_recovery_snapshots(struct desk *d)
{
    struct drs_recovery_snapshots found = {0};
    enum fault f = drs_describe_recovery_snapshots(
        aws_reader(d->aws), &d->at,
        &(struct drs_snapshot_filter){
            .source_server_id = d->order->id, .from_ms = d->order->from_ms, .newest_first = true},
        &found);

    if (!f)
        PUT_LIST(d, drs_recovery_snapshot_fields, found);
    return f;
}

static enum fault get_launch_configuration(struct desk *d)
{
    struct drs_launch_configuration found = {0};
    enum fault f = drs_get_launch_configuration(aws_reader(d->aws), &d->at, d->order->id, &found);

    if (!f)
        put_one(d, drs_launch_configuration_fields, &found);
    return f;
}

static enum fault get_replication_configuration(struct desk *d)
{
    struct drs_replication_configuration found = {0};
    enum fault f =
        drs_get_replication_configuration(aws_reader(d->aws), &d->at, d->order->id, &found);

    if (!f)
        put_one(d, drs_replication_configuration_fields, &found);
    return f;
}

static enum fault update_launch_configuration(struct desk *d)
{
    static const struct drs_launch_configuration nothing = {0};
    struct drs_launch_configuration found = {0};
    enum fault f = drs_update_launch_configuration(
        d->aws, &d->at, d->order->launch ? d->order->launch : &nothing, &found);

    if (!f)
        put_one(d, drs_launch_configuration_fields, &found);
    return f;
}

static enum fault start_recovery(struct desk *d)
{
    struct drs_start_request request = {.is_drill = d->order->drill, .tags = d->order->tags};
    struct drs_job job = {0};
    enum fault f;

    request.servers.items = arena_array_of(d->arena, d->order->ids.len, struct drs_start_server);
    request.servers.len = d->order->ids.len;
    for (size_t i = 0; i < request.servers.len; i++)
        request.servers.items[i].source_server_id = d->order->ids.items[i];
    f = drs_start_recovery(d->aws, &d->at, &request, &job);
    if (!f)
        put_one(d, drs_job_fields, &job);
    return f;
}

static enum fault terminate_recovery_instances(struct desk *d)
{
    struct drs_job job = {0};
    enum fault f = drs_terminate_recovery_instances(d->aws, &d->at, d->order->ids, &job);

    if (!f)
        put_one(d, drs_job_fields, &job);
    return f;
}

static enum fault list_tags(struct desk *d)
{
    static const struct field fields[] = {
        F_TAGS(struct order, tags, "tags", .max = FIELD_DEFAULT_MAX),
        F_END,
    };
    struct order found = {0};
    enum fault f =
        drs_list_tags_for_resource(aws_reader(d->aws), &d->at, d->order->id, &found.tags);

    if (!f)
        put_one(d, fields, &found);
    return f;
}

static enum fault tag_resource(struct desk *d)
{
    return drs_tag_resource(d->aws, &d->at, d->order->id, d->order->tags);
}

static enum fault untag_resource(struct desk *d)
{
    return drs_untag_resource(d->aws, &d->at, d->order->id, d->order->names);
}

/* ---- EC2 and STS ---- */

static struct ec2_query query_of(const struct desk *d)
{
    struct ec2_query q = {.ids = d->order->ids};

    if (str_present(d->order->filter)) {
        q.filters.items = arena_new_of(d->arena, struct ec2_filter);
        q.filters.items[0] = (struct ec2_filter){d->order->filter, d->order->names};
        q.filters.len = 1;
    }
    return q;
}

static enum fault describe_instances(struct desk *d)
{
    struct ec2_query q = query_of(d);
    struct ec2_instances found = {0};
    enum fault f = ec2_describe_instances(aws_reader(d->aws), &d->at, &q, &found);

    if (!f)
        PUT_LIST(d, ec2_instance_fields, found);
    return f;
}

static enum fault describe_subnets(struct desk *d)
{
    struct ec2_query q = query_of(d);
    struct ec2_subnets found = {0};
    enum fault f = ec2_describe_subnets(aws_reader(d->aws), &d->at, &q, &found);

    if (!f)
        PUT_LIST(d, ec2_subnet_fields, found);
    return f;
}

static enum fault describe_security_groups(struct desk *d)
{
    struct ec2_query q = query_of(d);
    struct ec2_security_groups found = {0};
    enum fault f = ec2_describe_security_groups(aws_reader(d->aws), &d->at, &q, &found);

    if (!f)
        PUT_LIST(d, ec2_security_group_fields, found);
    return f;
}

static enum fault describe_template_versions(struct desk *d)
{
    struct ec2_template_versions found = {0};
    enum fault f = ec2_describe_launch_template_versions(aws_reader(d->aws), &d->at, d->order->id,
                                                         d->order->names, &found);

    if (!f)
        PUT_LIST(d, ec2_template_version_fields, found);
    return f;
}

/* Reads the version, and makes a new one of it as it was read. */
static enum fault copy_template_version(struct desk *d)
{
    struct ec2_template_versions found = {0};
    struct ec2_template_version created = {0};
    enum fault f = ec2_describe_launch_template_versions(aws_reader(d->aws), &d->at, d->order->id,
                                                         d->order->names, &found);

    if (!f && found.len != 1)
        f = FAULT_NOT_FOUND;
    if (!f)
        f = ec2_create_launch_template_version(
            d->aws, &d->at,
            &(struct ec2_new_version){.template_id = d->order->id,
                                      .source_version = found.items[0].version,
                                      .description = STR("by hand & heart"),
                                      .data = found.items[0].data},
            &created);
    if (!f)
        put_one(d, ec2_template_version_fields, &created);
    return f;
}

static enum fault modify_template(struct desk *d)
{
    struct ec2_template found = {0};
    enum fault f =
        ec2_modify_launch_template(d->aws, &d->at, d->order->id, d->order->number, &found);

    if (!f)
        put_one(d, ec2_template_fields, &found);
    return f;
}

static enum fault get_caller_identity(struct desk *d)
{
    static const struct field fields[] = {
        F_STR(struct sts_identity, account, "Account", .max = FIELD_DEFAULT_MAX),
        F_STR(struct sts_identity, arn, "Arn", .max = FIELD_DEFAULT_MAX),
        F_STR(struct sts_identity, user_id, "UserId", .max = FIELD_DEFAULT_MAX),
        F_END,
    };
    struct sts_identity found = {0};
    enum fault f = sts_get_caller_identity(aws_reader(d->aws), &d->at, &found);

    if (!f)
        put_one(d, fields, &found);
    return f;
}

static enum fault show_tables(struct desk *d)
{
    put_tables(d->out);
    return FAULT_NONE;
}

/* ---- the desk ---- */

static const struct {
    const char *name;
    enum fault (*run)(struct desk *d);
} calls[] = {
    {"describe_source_servers", describe_source_servers},
    {"describe_jobs", describe_jobs},
    {"describe_job_log_items", describe_job_log_items},
    {"describe_recovery_instances", describe_recovery_instances},
    {"describe_recovery_snapshots", describe_recovery_snapshots},
    {"get_launch_configuration", get_launch_configuration},
    {"get_replication_configuration", get_replication_configuration},
    {"update_launch_configuration", update_launch_configuration},
    {"start_recovery", start_recovery},
    {"terminate_recovery_instances", terminate_recovery_instances},
    {"list_tags", list_tags},
    {"tag_resource", tag_resource},
    {"untag_resource", untag_resource},
    {"describe_instances", describe_instances},
    {"describe_subnets", describe_subnets},
    {"describe_security_groups", describe_security_groups},
    {"describe_template_versions", describe_template_versions},
    {"copy_template_version", copy_template_version},
    {"modify_template", modify_template},
    {"get_caller_identity", get_caller_identity},
    {"tables", show_tables},
};

static void put_error(struct json_writer *w, const struct aws_error *e)
{
    json_name(w, STR("error"));
    json_begin_object(w);
    json_member_str(w, "code", e->code);
    json_member_str(w, "message", e->message);
    json_member_str(w, "requestId", e->request_id);
    json_member_int(w, "status", e->status);
    json_member_bool(w, "retryable", e->retryable);
    json_member_bool(w, "ambiguous", e->ambiguous);
    json_member_bool(w, "assumingRole", e->assuming_role);
    json_end_object(w);
}

static void run_order(struct desk *d)
{
    size_t i = 0;
    enum fault f;

    while (i < ARRAY_LEN(calls) && !str_eq_z(d->order->call, calls[i].name))
        i++;
    if (i == ARRAY_LEN(calls)) {
        json_member_str(d->out, "fault", STR("no such call"));
        return;
    }
    f = calls[i].run(d);
    json_member_str(d->out, "fault", str_from_z(fault_describe(f)->name));
    if (f)
        put_error(d->out, &d->at.error);
}

static void serve_line(struct aws *aws, struct str line)
{
    struct arena *a = arena_new(0);
    struct buf out = buf_new(a, (size_t)64 << 20);
    struct json_writer w = json_writer_to(&out);
    struct order order = {0};
    struct faults faults;
    struct field_decoding d = {.arena = a, .faults = &faults};
    const struct json *tree = NULL;
    struct str why = {0};

    faults_init(&faults, a);
    json_begin_object(&w);
    if (json_parse(a, line, &tree, &why) || field_decode(&d, order_fields, tree, &order)) {
        json_member_str(&w, "fault", faults.len ? faults.items[0].message : why);
    } else {
        struct desk desk = {aws, a, {.arena = a}, &order, &w};

        desk.at.target = (struct aws_target){
            .region = order.region, .role_arn = order.role, .external_id = order.external_id};
        if (order.timeout_ms)
            desk.at.deadline_ms = clock_mono_ms(clock_system()) + order.timeout_ms;
        run_order(&desk);
    }
    json_end_object(&w);
    (void)printf("%s\n", buf_str(&out).ptr);
    (void)fflush(stdout);
    arena_free(a);
}

static struct str environment(void *context, const char *name)
{
    (void)context;
    return str_from_z(getenv(name));
}

int main(void)
{
    struct transport *web = http_client_new(&(struct http_client_options){.no_proxy = true});
    struct run *run = run_pool_new(2, 16);
    struct aws *aws = aws_new(&(struct aws_options){.clock = clock_system(),
                                                    .entropy = entropy_system(),
                                                    .transport = web,
                                                    .metadata_transport = web,
                                                    .run = run,
                                                    .environment = environment});
    char *line = NULL;
    size_t cap = 0;
    ssize_t n;

    while ((n = getline(&line, &cap, stdin)) > 0)
        serve_line(aws, (struct str){line, (size_t)n});
    free(line);
    aws_free(aws);
    run_pool_free(run);
    http_client_free(web);
    return 0;
}
