#include "aws/ec2.h"

#include "aws/ec2_call.h"
#include "aws/ec2_fields.h"
#include "base/id.h"

enum fault ec2_call(struct aws *aws, struct aws_at *at, const struct aws_request *request,
                    const struct ec2_result *result)
{
    struct arena *scratch SCOPED(arena_scope_end) = arena_new(0);
    void *decoded = arena_alloc(scratch, result->size);
    struct aws_response response;
    const struct xml *element;
    struct str why = STR("it lacks what was asked for");
    enum fault f;

    f = aws_call(aws, at, scratch, request, &response);
    if (f)
        return f;
    element = xml_child(response.xml, str_from_z(result->element));
    if (!element || !xml_decode(scratch, result->table, element, decoded, &why))
        return aws_bad_answer(at, request, &response, why);
    field_copy(at->arena, result->table, decoded, result->out);
    return FAULT_NONE;
}

/* The same for every attempt, so that a repetition is recognised. */
static void add_token(struct aws *aws, struct buf *body, struct str token)
{
    query_add(body, STR("ClientToken"),
              str_present(token) ? token : id_new(body->arena, aws->options.entropy, STR("")));
}

enum fault ec2_create_launch_template_version(struct aws *aws, struct aws_at *at,
                                              const struct ec2_new_version *request,
                                              struct ec2_template_version *out)
{
    struct arena *scratch SCOPED(arena_scope_end) = arena_new(0);
    struct buf body = query_begin(scratch, "CreateLaunchTemplateVersion", aws_service_ec2.version);
    struct aws_request sent;

    add_token(aws, &body, request->client_token);
    query_add(&body, STR("LaunchTemplateId"), request->template_id);
    query_add(&body, STR("SourceVersion"),
              arena_strf(scratch, "%lld", (long long)request->source_version));
    query_add(&body, STR("VersionDescription"), request->description);
    query_add_fields(&body, STR("LaunchTemplateData"), ec2_sent_template_data_fields,
                     request->data);
    sent = ec2_request("CreateLaunchTemplateVersion", buf_str(&body));
    return ec2_call(aws, at, &sent,
                    &(struct ec2_result){"launchTemplateVersion", ec2_template_version_fields,
                                         sizeof(*out), out});
}

enum fault ec2_modify_launch_template(struct aws *aws, struct aws_at *at, struct str template_id,
                                      int64_t default_version, struct ec2_template *out)
{
    struct arena *scratch SCOPED(arena_scope_end) = arena_new(0);
    struct buf body = query_begin(scratch, "ModifyLaunchTemplate", aws_service_ec2.version);
    struct aws_request sent;

    add_token(aws, &body, (struct str){0});
    query_add(&body, STR("LaunchTemplateId"), template_id);
    query_add(&body, STR("SetDefaultVersion"),
              arena_strf(scratch, "%lld", (long long)default_version));
    sent = ec2_request("ModifyLaunchTemplate", buf_str(&body));
    return ec2_call(aws, at, &sent,
                    &(struct ec2_result){"launchTemplate", ec2_template_fields, sizeof(*out), out});
}
