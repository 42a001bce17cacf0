#include "aws/call.h"
#include "aws/query_xml.h"
#include "aws/sts_read.h"
#include "base/str_ascii.h"
#include "base/time.h"

static const char form_type[] = "application/x-www-form-urlencoded; charset=utf-8";

/* ---- GetCallerIdentity ---- */

static const struct field identity_fields[] = {
    F_STR(struct sts_identity, account, "Account", .help = "Twelve digits"),
    F_STR(struct sts_identity, arn, "Arn", .help = "Of the user or the assumed role"),
    F_STR(struct sts_identity, user_id, "UserId", .help = "AWS's own id"),
    F_END,
};

enum fault sts_get_caller_identity(struct aws_reader *reader, struct aws_at *at,
                                   struct sts_identity *out)
{
    struct arena *scratch SCOPED(arena_scope_end) = arena_new(0);
    struct buf body = query_begin(scratch, "GetCallerIdentity", aws_service_sts.version);
    struct aws_request request = {
        .service = &aws_service_sts,
        .operation = "GetCallerIdentity",
        .content_type = str_from_z(form_type),
        .body = buf_str(&body),
        .idempotent = true,
    };
    struct sts_identity found = {0};
    struct aws_response response;
    struct str why;
    enum fault f;

    f = aws_call(reader->aws, at, scratch, &request, &response);
    if (f)
        return f;
    if (!xml_decode(scratch, identity_fields,
                    xml_child(response.xml, STR("GetCallerIdentityResult")), &found, &why) ||
        !str_present(found.account))
        return aws_bad_answer(at, &request, &response, STR("there is no caller identity in it"));
    field_copy(at->arena, identity_fields, &found, out);
    return FAULT_NONE;
}

/* ---- AssumeRole ---- */

/* What STS accepts of a session name; other characters become '-'. */
static struct str session_name(struct arena *a, struct str wanted)
{
    struct buf out = buf_new(a, 64);

    wanted = str_slice(str_present(wanted) ? wanted : STR("drwave"), 0, 64);
    for (size_t i = 0; i < wanted.len; i++) {
        char c = wanted.ptr[i];

        buf_add_char(&out, ascii_is_alnum(c) || memchr("_+=,.@-", c, 7) ? c : '-');
    }
    return out.len < 2 ? STR("drwave") : buf_str(&out);
}

static struct str assume_body(struct arena *a, const struct assume_role *what,
                              const char *operation)
{
    struct buf body = query_begin(a, operation, aws_service_sts.version);

    query_add(&body, STR("RoleArn"), what->role_arn);
    query_add(&body, STR("RoleSessionName"), session_name(a, what->session_name));
    if (what->duration_s > 0)
        query_add(&body, STR("DurationSeconds"),
                  arena_strf(a, "%lld", (long long)what->duration_s));
    if (!str_empty(what->external_id))
        query_add(&body, STR("ExternalId"), what->external_id);
    query_add(&body, STR("WebIdentityToken"), what->web_identity_token);
    return buf_str(&body);
}

struct role_credentials {
    struct str access_key_id;
    struct str secret;
    struct str token;
    int64_t expires_ms;
};

static const struct field role_credentials_fields[] = {
    F_STR(struct role_credentials, access_key_id, "AccessKeyId", .help = "Of the session"),
    F_STR(struct role_credentials, secret, "SecretAccessKey", .flags = FIELD_SECRET),
    F_STR(struct role_credentials, token, "SessionToken", .flags = FIELD_SECRET),
    F_TIME(struct role_credentials, expires_ms, "Expiration", .help = "End of the session"),
    F_END,
};

static enum credential_found take_role(const struct credential_ask *ask,
                                       const struct assume_role *what, const struct xml *result)
{
    struct role_credentials c = {0};
    struct str why;

    if (!xml_decode(ask->arena, role_credentials_fields, xml_child(result, STR("Credentials")), &c,
                    &why) ||
        str_empty(c.access_key_id) || str_empty(c.secret) || str_empty(c.token) || !c.expires_ms)
        return credentials_fail(ask, true, "STS's answer holds no credentials");
    *ask->out = (struct aws_credentials){
        .key = {c.access_key_id, c.secret, c.token},
        .account = arn_account(what->role_arn),
        .got_ms = clock_wall_ms(ask->aws->options.clock),
        .expires_ms = c.expires_ms,
    };
    return CREDENTIALS_FOUND;
}

enum credential_found credentials_assume_role(const struct credential_ask *ask,
                                              const struct assume_role *what)
{
    bool web = str_present(what->web_identity_token);
    const char *operation = web ? "AssumeRoleWithWebIdentity" : "AssumeRole";
    struct aws_at at = {.arena = ask->arena, .target = {.region = ask->region}};
    struct aws_request request = {
        .service = &aws_service_sts,
        .operation = operation,
        .content_type = str_from_z(form_type),
        .body = assume_body(ask->arena, what, operation),
        .idempotent = true,
        .unsigned_ = web,
        .credentials = what->source,
    };
    struct aws_response response;

    if (aws_call(ask->aws, &at, ask->arena, &request, &response)) {
        *ask->error = at.error;
        ask->error->assuming_role = true;
        return CREDENTIALS_FAILED;
    }
    return take_role(ask, what,
                     xml_child(response.xml, web ? STR("AssumeRoleWithWebIdentityResult")
                                                 : STR("AssumeRoleResult")));
}
