#include "aws/drs.h"

#include "aws/rest_json.h"

enum { BODY_MAX = 1 << 20 };

/* ---- jobs ---- */

struct job_answer {
    struct drs_job *job;
};

static const struct field job_answer_fields[] = {
    F_OBJECT(struct job_answer, job, "job", struct drs_job, drs_job_fields, .max = 0),
    F_END,
};

/* A 2xx without a job is a job that may have been started: as ambiguous as a lost connection. */
static bool has_job(const void *decoded)
{
    const struct job_answer *answer = decoded;

    return answer->job && !str_empty(answer->job->id);
}

static enum fault job_call(struct aws *aws, struct aws_at *at, const char *operation,
                           struct str body, struct drs_job *out)
{
    struct job_answer answer = {0};
    struct aws_request request = rest_request(&aws_service_drs, operation, body);
    enum fault f;

    f = rest_call(aws, at, &request,
                  &(struct rest_result){job_answer_fields, sizeof(answer), &answer, has_job});
    if (!f)
        *out = *answer.job;
    return f;
}

static const struct field start_fields[] = {
    F_LIST(struct drs_start_request, servers, "sourceServers", struct drs_start_server,
           drs_start_server_fields, .max = 200),
    F_BOOL(struct drs_start_request, is_drill, "isDrill", .max = 0),
    F_TAGS(struct drs_start_request, tags, "tags", .max = 50),
    F_END,
};

enum fault drs_start_recovery(struct aws *aws, struct aws_at *at,
                              const struct drs_start_request *request, struct drs_job *out)
{
    struct arena *scratch SCOPED(arena_scope_end) = arena_new(0);

    return job_call(aws, at, "StartRecovery",
                    field_text(scratch, start_fields, request, FIELD_VIEW_STORED), out);
}

struct terminate_request {
    struct strs ids;
};

static const struct field terminate_fields[] = {
    F_STRS(struct terminate_request, ids, "recoveryInstanceIDs", .max = 200),
    F_END,
};

enum fault drs_terminate_recovery_instances(struct aws *aws, struct aws_at *at,
                                            struct strs recovery_instance_ids, struct drs_job *out)
{
    struct arena *scratch SCOPED(arena_scope_end) = arena_new(0);
    struct terminate_request request = {recovery_instance_ids};

    return job_call(aws, at, "TerminateRecoveryInstances",
                    field_text(scratch, terminate_fields, &request, FIELD_VIEW_STORED), out);
}

/* ---- configuration and tags ---- */

enum fault drs_update_launch_configuration(struct aws *aws, struct aws_at *at,
                                           const struct drs_launch_configuration *change,
                                           struct drs_launch_configuration *out)
{
    struct arena *scratch SCOPED(arena_scope_end) = arena_new(0);
    struct drs_launch_configuration sent = *change;
    struct aws_request request;

    sent.ec2_launch_template_id = (struct str){0}; /* DRS's own: it is answered, never sent */
    request = rest_request(
        &aws_service_drs, "UpdateLaunchConfiguration",
        field_text(scratch, drs_launch_configuration_fields, &sent, FIELD_VIEW_STORED));
    request.idempotent = true;
    return rest_call(
        aws, at, &request,
        &(struct rest_result){drs_launch_configuration_fields, sizeof(*out), out, NULL});
}

static struct buf tags_path(struct arena *a, struct str resource_arn)
{
    struct buf path = buf_new(a, BODY_MAX);

    buf_add_z(&path, "/tags/");
    buf_add_uri(&path, resource_arn, false);
    return path;
}

struct tag_request {
    struct tags tags;
};

static const struct field tag_fields[] = {
    F_TAGS(struct tag_request, tags, "tags", .max = 50),
    F_END,
};

enum fault drs_tag_resource(struct aws *aws, struct aws_at *at, struct str resource_arn,
                            struct tags tags)
{
    struct arena *scratch SCOPED(arena_scope_end) = arena_new(0);
    struct tag_request body = {tags};
    struct buf path = tags_path(scratch, resource_arn);
    struct aws_request request = rest_request(
        &aws_service_drs, "TagResource", field_text(scratch, tag_fields, &body, FIELD_VIEW_STORED));

    request.path = buf_str(&path);
    request.idempotent = true;
    return rest_call(aws, at, &request, NULL);
}

enum fault drs_untag_resource(struct aws *aws, struct aws_at *at, struct str resource_arn,
                              struct strs keys)
{
    struct arena *scratch SCOPED(arena_scope_end) = arena_new(0);
    struct buf path = tags_path(scratch, resource_arn);
    struct aws_request request = {.service = &aws_service_drs,
                                  .operation = "UntagResource",
                                  .method = "DELETE",
                                  .idempotent = true};

    for (size_t i = 0; i < keys.len; i++) {
        buf_add_z(&path, i == 0 ? "?tagKeys=" : "&tagKeys=");
        buf_add_uri(&path, keys.items[i], false);
    }
    request.path = buf_str(&path);
    return rest_call(aws, at, &request, NULL);
}
