#include "aws/client.h"
#include "base/field.h"

/* The order of the SDKs: the first source that is configured decides, also when it fails. */
enum credential_found credentials_from_chain(const struct credential_ask *ask)
{
    static enum credential_found (*const sources[])(const struct credential_ask *) = {
        credentials_from_environment,
        credentials_from_profile,
        credentials_from_container,
        credentials_from_imds,
    };

    for (size_t i = 0; i < ARRAY_LEN(sources); i++) {
        enum credential_found found = sources[i](ask);

        if (found != CREDENTIALS_NONE)
            return found;
    }
    return credentials_fail(ask, false, "no AWS credentials are configured");
}

enum credential_found credentials_from_environment(const struct credential_ask *ask)
{
    struct str id = aws_env(ask->aws, "AWS_ACCESS_KEY_ID");
    struct str secret = aws_env(ask->aws, "AWS_SECRET_ACCESS_KEY");

    if (!str_present(id))
        return CREDENTIALS_NONE;
    if (!str_present(secret))
        return credentials_fail(ask, false,
                                "AWS_ACCESS_KEY_ID is set and AWS_SECRET_ACCESS_KEY is not");
    *ask->out = (struct aws_credentials){
        .key = {id, secret, aws_env(ask->aws, "AWS_SESSION_TOKEN")},
        .account = aws_env(ask->aws, "AWS_ACCOUNT_ID"),
        .got_ms = clock_wall_ms(ask->aws->options.clock),
    };
    return CREDENTIALS_FOUND;
}

/* A role by the token in a file that somebody else keeps fresh. */
enum credential_found credentials_web_identity_role(const struct credential_ask *ask,
                                                    struct str token_file,
                                                    const struct assume_role *role)
{
    struct assume_role with_token = *role;

    if (str_empty(role->role_arn))
        return credentials_fail(ask, false, "a web identity token is configured without a role");
    with_token.web_identity_token = str_trim(aws_read_file(ask->aws, ask->arena, token_file));
    if (str_empty(with_token.web_identity_token))
        return credentials_fail(ask, true, "the web identity token cannot be read from " STR_FMT,
                                STR_ARG(token_file));
    return credentials_assume_role(ask, &with_token);
}

/* ---- the JSON that programs, containers and instances hand out ---- */

struct handed_out {
    struct str code; /* of IMDS: "Success" */
    struct str access_key_id;
    struct str secret;
    struct str token;
    int64_t expires_ms;
    int64_t version; /* of a program's output: 1 */
    bool has_version;
    struct str account;
};

static const struct field handed_out_fields[] = {
    F_STR(struct handed_out, code, "Code", .max = FIELD_DEFAULT_MAX),
    F_STR(struct handed_out, access_key_id, "AccessKeyId", .max = FIELD_DEFAULT_MAX),
    F_STR(struct handed_out, secret, "SecretAccessKey", .flags = FIELD_SECRET),
    F_STR(struct handed_out, token, "Token", .aliases = "SessionToken", .max = 1 << 16,
          .flags = FIELD_SECRET),
    F_TIME(struct handed_out, expires_ms, "Expiration", .max = 0),
    F_INT(struct handed_out, version, "Version", F_HAS(struct handed_out, has_version)),
    F_STR(struct handed_out, account, "AccountId", .max = FIELD_DEFAULT_MAX),
    F_END,
};

enum credential_found credentials_from_json(const struct credential_ask *ask, struct str text,
                                            const char *source)
{
    struct handed_out c = {0};
    const struct json *tree;
    struct faults faults;
    struct field_decoding d = {.arena = ask->arena, .faults = &faults, .ignore_unknown = true};
    struct str why;

    faults_init(&faults, ask->arena);
    if (json_parse(ask->arena, text, &tree, &why) || field_decode(&d, handed_out_fields, tree, &c))
        return credentials_fail(ask, true, "%s hands out what is no JSON of credentials", source);
    if (str_present(c.code) && !str_eq_z(c.code, "Success"))
        return credentials_fail(ask, true, "%s says: " STR_FMT, source, STR_ARG(c.code));
    if (c.has_version && c.version != 1)
        return credentials_fail(ask, false, "%s speaks version %lld, not 1", source,
                                (long long)c.version);
    if (str_empty(c.access_key_id) || str_empty(c.secret))
        return credentials_fail(ask, true, "%s hands out no credentials", source);
    *ask->out = (struct aws_credentials){
        /* Who has no token may say so with an empty one; an empty header would be refused. */
        .key = {c.access_key_id, c.secret, str_empty(c.token) ? (struct str){0} : c.token},
        .account = c.account,
        .got_ms = clock_wall_ms(ask->aws->options.clock),
        .expires_ms = c.expires_ms,
    };
    return CREDENTIALS_FOUND;
}
