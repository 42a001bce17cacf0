#include "aws/client.h"

/*
 * Credentials that a profile of the shared files names: keys, a program that prints them, a role
 * that is assumed with another profile's, and so on down a chain of profiles without a loop.
 */
enum { CHAIN_MAX = 8 };

struct walk {
    const struct credential_ask *ask;
    const struct profiles *profiles;
    struct str visited[CHAIN_MAX];
    size_t depth;
};

static struct str get(const struct walk *w, struct str profile, const char *key)
{
    return profile_get(w->ask->arena, w->profiles, profile, key);
}

/* The three parts of a key stand together in one file: no part of another's is mixed in. */
static enum credential_found from_keys(const struct walk *w, struct str profile,
                                       enum profile_file file)
{
    struct arena *a = w->ask->arena;
    struct str id = profile_get_in(a, w->profiles, file, profile, "aws_access_key_id");
    struct str secret = profile_get_in(a, w->profiles, file, profile, "aws_secret_access_key");

    if (str_empty(id))
        return CREDENTIALS_NONE;
    if (str_empty(secret))
        return credentials_fail(w->ask, false,
                                "profile '" STR_FMT "' has an access key id and no secret",
                                STR_ARG(profile));
    *w->ask->out = (struct aws_credentials){
        .key = {id, secret, profile_get_in(a, w->profiles, file, profile, "aws_session_token")},
        .account = profile_get_in(a, w->profiles, file, profile, "aws_account_id"),
        .got_ms = clock_wall_ms(w->ask->aws->options.clock),
    };
    return CREDENTIALS_FOUND;
}

static enum credential_found from_program(const struct walk *w, struct str profile)
{
    struct str command = get(w, profile, "credential_process");
    struct str output = {0};

    if (str_empty(command))
        return CREDENTIALS_NONE;
    if (!aws_run_program(w->ask->aws, w->ask->arena, command, &output))
        return credentials_fail(w->ask, true,
                                "the credential_process of profile '" STR_FMT "' failed: " STR_FMT,
                                STR_ARG(profile), STR_ARG(output));
    return credentials_from_json(w->ask, output, "credential_process");
}

static enum credential_found from_named_source(const struct walk *w, struct str source)
{
    enum credential_found found;

    if (str_eq_z(source, "Environment"))
        found = credentials_from_environment(w->ask);
    else if (str_eq_z(source, "EcsContainer"))
        found = credentials_from_container(w->ask);
    else if (str_eq_z(source, "Ec2InstanceMetadata"))
        found = credentials_from_imds(w->ask);
    else
        return credentials_fail(w->ask, false, "credential_source '" STR_FMT "' is not known",
                                STR_ARG(source));
    if (found == CREDENTIALS_NONE)
        return credentials_fail(w->ask, false, "credential_source '" STR_FMT "' has none",
                                STR_ARG(source));
    return found;
}

/* For the profile of the environment its variables come first, each for itself. */
static struct str variable_or(const struct walk *w, const char *variable, struct str profile,
                              const char *key)
{
    struct str value = w->depth ? (struct str){0} : aws_env(w->ask->aws, variable);

    return str_present(value) ? value : get(w, profile, key);
}

static enum credential_found from_web_identity(const struct walk *w, struct str profile)
{
    struct str file =
        variable_or(w, "AWS_WEB_IDENTITY_TOKEN_FILE", profile, "web_identity_token_file");
    struct assume_role role = {
        .role_arn = variable_or(w, "AWS_ROLE_ARN", profile, "role_arn"),
        .session_name = variable_or(w, "AWS_ROLE_SESSION_NAME", profile, "role_session_name"),
    };

    return str_empty(file) ? CREDENTIALS_NONE : credentials_web_identity_role(w->ask, file, &role);
}

static enum credential_found from_sso(const struct walk *w, struct str profile)
{
    return credentials_from_sso(w->ask, w->profiles, profile);
}

static enum credential_found from_credentials_file(const struct walk *w, struct str profile)
{
    return from_keys(w, profile, PROFILE_CREDENTIALS);
}

static enum credential_found from_config_file(const struct walk *w, struct str profile)
{
    return from_keys(w, profile, PROFILE_CONFIG);
}

/* What a profile has of its own, in the order of the SDKs. */
static enum credential_found from_own(const struct walk *w, struct str profile)
{
    static enum credential_found (*const sources[])(const struct walk *, struct str) = {
        from_web_identity, from_sso, from_credentials_file, from_program, from_config_file,
    };
    enum credential_found found = CREDENTIALS_NONE;

    for (size_t i = 0; found == CREDENTIALS_NONE && i < ARRAY_LEN(sources); i++)
        found = sources[i](w, profile);
    return found;
}

static bool has_keys(const struct walk *w, struct str profile)
{
    return str_present(get(w, profile, "aws_access_key_id")) ||
           str_present(get(w, profile, "aws_secret_access_key"));
}

static enum credential_found from_profile(struct walk *w, struct str profile);

/*
 * A profile may name itself as its source: its own keys then sign the AssumeRole. So do the keys of
 * another one, whatever role it names besides.
 */
static enum credential_found from_source_profile(struct walk *w, struct str profile,
                                                 struct str source)
{
    enum credential_found found;

    if (!profile_exists(w->ask->arena, w->profiles, source))
        return credentials_fail(w->ask, false,
                                "profile '" STR_FMT "' names the source_profile '" STR_FMT
                                "', which does not exist",
                                STR_ARG(profile), STR_ARG(source));
    found = has_keys(w, source) ? from_own(w, source) : from_profile(w, source);
    if (found == CREDENTIALS_NONE)
        return credentials_fail(w->ask, false, "profile '" STR_FMT "' has no credentials",
                                STR_ARG(source));
    return found;
}

static enum credential_found from_role(struct walk *w, struct str profile, struct str role_arn)
{
    struct str source_profile = get(w, profile, "source_profile");
    struct str source = get(w, profile, "credential_source");
    struct aws_credentials signer;
    struct assume_role role = {.source = &signer,
                               .role_arn = role_arn,
                               .external_id = get(w, profile, "external_id"),
                               .session_name = get(w, profile, "role_session_name")};
    enum credential_found found;

    if (!str_to_i64(get(w, profile, "duration_seconds"), &role.duration_s))
        role.duration_s = 0;
    if (str_present(get(w, profile, "mfa_serial")))
        return credentials_fail(w->ask, false,
                                "profile '" STR_FMT "' wants an MFA code, and nobody is here to "
                                "type one",
                                STR_ARG(profile));
    if (str_present(source_profile) == str_present(source))
        return credentials_fail(w->ask, false,
                                "profile '" STR_FMT
                                "' has a role_arn and must name one of source_profile and "
                                "credential_source",
                                STR_ARG(profile));
    found = str_present(source) ? from_named_source(w, source)
                                : from_source_profile(w, profile, source_profile);
    if (found != CREDENTIALS_FOUND)
        return found;
    signer = *w->ask->out;
    return credentials_assume_role(w->ask, &role);
}

/* A web identity is not a role that somebody's keys assume. */
static bool has_role(const struct walk *w, struct str profile)
{
    return !str_empty(get(w, profile, "role_arn")) &&
           !str_present(get(w, profile, "web_identity_token_file"));
}

static enum credential_found from_profile(struct walk *w, struct str profile)
{
    for (size_t i = 0; i < w->depth; i++)
        if (str_eq(w->visited[i], profile) || w->depth == CHAIN_MAX)
            return credentials_fail(w->ask, false,
                                    "the source_profiles of '" STR_FMT "' go round in a circle",
                                    STR_ARG(w->visited[0]));
    w->visited[w->depth++] = profile;
    return has_role(w, profile) ? from_role(w, profile, get(w, profile, "role_arn"))
                                : from_own(w, profile);
}

/* The profile that the environment names, or the default one; a named one must exist. */
enum credential_found credentials_from_profile(const struct credential_ask *ask)
{
    struct profiles p;
    struct walk w = {.ask = ask, .profiles = &p};

    profiles_read(ask->aws, ask->arena, &p);
    if (p.named && !profile_exists(ask->arena, &p, p.name))
        return credentials_fail(ask, false, "the profile '" STR_FMT "' does not exist",
                                STR_ARG(p.name));
    return has_role(&w, p.name) ? from_profile(&w, p.name) : from_own(&w, p.name);
}
