#include "aws/drs_read.h"

#include <stdlib.h>

#include "aws/rest_json.h"
#include "base/time.h"

enum { IDS_A_CALL = 200, ITEMS_A_PAGE = 200 };

static struct rest_list list_call(struct aws_reader *reader, const char *operation,
                                  const struct field *table, size_t item_size)
{
    return (struct rest_list){.aws = reader->aws,
                              .service = &aws_service_drs,
                              .operation = operation,
                              .table = table,
                              .item_size = item_size};
}

/* What a list call filters by. One batch of ids at a time. */
struct filter {
    const char *ids_name;
    struct strs ids;
    const char *more_ids_name;
    struct strs more_ids;
    const char *from_name;
    int64_t from_ms;
    const char *to_name;
    int64_t to_ms;
};

static void put_ids(struct json_writer *w, const char *name, struct strs ids)
{
    if (ids.len == 0)
        return;
    json_name(w, str_from_z(name));
    json_begin_array(w);
    for (size_t i = 0; i < ids.len; i++)
        json_put_str(w, ids.items[i]);
    json_end_array(w);
}

static void put_time(struct json_writer *w, const char *name, int64_t ms)
{
    if (ms > 0)
        json_member_str(w, name, time_rfc3339(w->out->arena, ms));
}

static void put_filters(struct json_writer *w, const struct filter *f)
{
    if (f->ids.len > 0 || f->more_ids.len > 0 || f->from_ms > 0 || f->to_ms > 0) {
        json_name(w, STR("filters"));
        json_begin_object(w);
        put_ids(w, f->ids_name, f->ids);
        put_ids(w, f->more_ids_name, f->more_ids);
        put_time(w, f->from_name, f->from_ms);
        put_time(w, f->to_name, f->to_ms);
        json_end_object(w);
    }
    json_member_int(w, "maxResults", ITEMS_A_PAGE);
}

static void filter_body(struct json_writer *w, const void *context)
{
    put_filters(w, context);
}

/* All pages of all batches of ids; an empty list of ids that is there asks for nothing. */
static enum fault list_in_batches(const struct rest_list *list, struct aws_at *at,
                                  const struct filter *filter, struct list_any *out)
{
    struct rest_list call = *list;
    struct filter part = *filter;
    size_t done = 0;

    *out = (struct list_any){0};
    call.body = filter_body;
    call.context = &part;
    if (filter->ids.items && filter->ids.len == 0)
        return FAULT_NONE;
    do {
        size_t left = filter->ids.len - done;
        enum fault f;

        if (filter->ids.items)
            part.ids =
                (struct strs){filter->ids.items + done, left < IDS_A_CALL ? left : IDS_A_CALL};
        f = rest_list_all(&call, at, out);
        if (f)
            return f;
        done += part.ids.len;
    } while (done < filter->ids.len);
    return FAULT_NONE;
}

enum fault drs_describe_source_servers(struct aws_reader *reader, struct aws_at *at,
                                       const struct drs_server_filter *filter,
                                       struct drs_source_servers *out)
{
    struct rest_list call = list_call(reader, "DescribeSourceServers", drs_source_server_fields,
                                      sizeof(struct drs_source_server));
    struct filter by = {.ids_name = "sourceServerIDs",
                        .ids = filter->ids,
                        .more_ids_name = "stagingAccountIDs",
                        .more_ids = filter->staging_account_ids};
    struct list_any found;
    enum fault f = list_in_batches(&call, at, &by, &found);

    if (!f)
        *out = (struct drs_source_servers){found.items, found.len};
    return f;
}

enum fault drs_describe_jobs(struct aws_reader *reader, struct aws_at *at,
                             const struct drs_job_filter *filter, struct drs_jobs *out)
{
    struct rest_list call =
        list_call(reader, "DescribeJobs", drs_job_fields, sizeof(struct drs_job));
    struct filter by = {.ids_name = "jobIDs",
                        .ids = filter->job_ids,
                        .from_name = "fromDate",
                        .from_ms = filter->from_ms,
                        .to_name = "toDate",
                        .to_ms = filter->to_ms};
    struct list_any found;
    enum fault f = list_in_batches(&call, at, &by, &found);

    if (!f)
        *out = (struct drs_jobs){found.items, found.len};
    return f;
}

enum fault drs_describe_recovery_instances(struct aws_reader *reader, struct aws_at *at,
                                           const struct drs_recovery_instance_filter *filter,
                                           struct drs_recovery_instances *out)
{
    struct rest_list call =
        list_call(reader, "DescribeRecoveryInstances", drs_recovery_instance_fields,
                  sizeof(struct drs_recovery_instance));
    bool by_server = filter->source_server_ids.items;
    struct filter by = {
        .ids_name = by_server ? "sourceServerIDs" : "recoveryInstanceIDs",
        .ids = by_server ? filter->source_server_ids : filter->recovery_instance_ids,
    };
    struct list_any found;
    enum fault f = list_in_batches(&call, at, &by, &found);

    if (!f)
        *out = (struct drs_recovery_instances){found.items, found.len};
    return f;
}

/* ---- lists of one thing ---- */

static void job_log_body(struct json_writer *w, const void *context)
{
    const struct str *job_id = context;

    json_member_str(w, "jobID", *job_id);
    json_member_int(w, "maxResults", ITEMS_A_PAGE);
}

/* By time; entries of one moment stay as the service gave them. */
static void sort_log(struct drs_job_log *log)
{
    for (size_t i = 1; i < log->len; i++) {
        struct drs_job_log_item item = log->items[i];
        size_t to = i;

        for (; to > 0 && log->items[to - 1].at_ms > item.at_ms; to--)
            log->items[to] = log->items[to - 1];
        log->items[to] = item;
    }
}

enum fault drs_describe_job_log_items(struct aws_reader *reader, struct aws_at *at,
                                      struct str job_id, struct drs_job_log *out)
{
    struct rest_list call = list_call(reader, "DescribeJobLogItems", drs_job_log_item_fields,
                                      sizeof(struct drs_job_log_item));
    struct list_any found = {0};
    enum fault f;

    call.body = job_log_body;
    call.context = &job_id;
    f = rest_list_all(&call, at, &found);
    if (f)
        return f;
    *out = (struct drs_job_log){found.items, found.len};
    sort_log(out);
    return FAULT_NONE;
}

static void snapshots_body(struct json_writer *w, const void *context)
{
    const struct drs_snapshot_filter *f = context;
    struct filter by = {.from_name = "fromDateTime",
                        .from_ms = f->from_ms,
                        .to_name = "toDateTime",
                        .to_ms = f->to_ms};

    json_member_str(w, "sourceServerID", f->source_server_id);
    json_member_str(w, "order", f->newest_first ? STR("DESC") : STR("ASC"));
    put_filters(w, &by);
}

enum fault drs_describe_recovery_snapshots(struct aws_reader *reader, struct aws_at *at,
                                           const struct drs_snapshot_filter *filter,
                                           struct drs_recovery_snapshots *out)
{
    struct rest_list call =
        list_call(reader, "DescribeRecoverySnapshots", drs_recovery_snapshot_fields,
                  sizeof(struct drs_recovery_snapshot));
    struct list_any found = {0};
    enum fault f;

    call.body = snapshots_body;
    call.context = filter;
    f = rest_list_all(&call, at, &found);
    if (!f)
        *out = (struct drs_recovery_snapshots){found.items, found.len};
    return f;
}

/* ---- single things ---- */

struct of_server {
    struct str source_server_id;
};

static const struct field of_server_fields[] = {
    F_STR(struct of_server, source_server_id, "sourceServerID", .max = FIELD_DEFAULT_MAX),
    F_END,
};

static enum fault get_of_server(struct aws_reader *reader, struct aws_at *at,
                                struct aws_request *request, struct str source_server_id,
                                const struct rest_result *into)
{
    struct arena *scratch SCOPED(arena_scope_end) = arena_new(0);
    struct of_server body = {source_server_id};

    request->body = field_text(scratch, of_server_fields, &body, FIELD_VIEW_STORED);
    request->idempotent = true;
    return rest_call(reader->aws, at, request, into);
}

enum fault drs_get_launch_configuration(struct aws_reader *reader, struct aws_at *at,
                                        struct str source_server_id,
                                        struct drs_launch_configuration *out)
{
    struct aws_request request =
        rest_request(&aws_service_drs, "GetLaunchConfiguration", (struct str){0});

    return get_of_server(
        reader, at, &request, source_server_id,
        &(struct rest_result){drs_launch_configuration_fields, sizeof(*out), out, NULL});
}

enum fault drs_get_replication_configuration(struct aws_reader *reader, struct aws_at *at,
                                             struct str source_server_id,
                                             struct drs_replication_configuration *out)
{
    struct aws_request request =
        rest_request(&aws_service_drs, "GetReplicationConfiguration", (struct str){0});

    return get_of_server(
        reader, at, &request, source_server_id,
        &(struct rest_result){drs_replication_configuration_fields, sizeof(*out), out, NULL});
}

struct tag_list {
    struct tags tags;
};

static const struct field tag_list_fields[] = {
    F_TAGS(struct tag_list, tags, "tags", .max = FIELD_DEFAULT_MAX),
    F_END,
};

enum fault drs_list_tags_for_resource(struct aws_reader *reader, struct aws_at *at,
                                      struct str resource_arn, struct tags *out)
{
    struct arena *scratch SCOPED(arena_scope_end) = arena_new(0);
    struct buf path = buf_new(scratch, 1 << 16);
    struct tag_list found = {0};
    struct aws_request request = {.service = &aws_service_drs,
                                  .operation = "ListTagsForResource",
                                  .method = "GET",
                                  .idempotent = true};
    enum fault f;

    buf_add_z(&path, "/tags/");
    buf_add_uri(&path, resource_arn, false);
    request.path = buf_str(&path);
    f = rest_call(reader->aws, at, &request,
                  &(struct rest_result){tag_list_fields, sizeof(found), &found, NULL});
    if (!f)
        *out = found.tags;
    return f;
}
