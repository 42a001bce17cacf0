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

static enum credential_found from_keys(const struct walk *w, struct str profile)
{
    struct str id = get(w, profile, "aws_access_key_id");
    struct str secret = get(w, profile, "aws_secret_access_key");

    if (str_empty(id))
        return CREDENTIALS_NONE;
    if (str_empty(secret))
        return credentials_fail(w->ask, false,
                                "profile '" STR_FMT "' has an access key id and no secret",
                                STR_ARG(profile));
    *w->ask->out = (struct aws_credentials){
        .key = {id, secret, get(w, profile, "aws_session_token")},
        .account = get(w, profile, "aws_account_id"),
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

static enum credential_found from_profile(struct walk *w, struct str profile);

/* A profile may name itself as its source: its own keys then sign the AssumeRole. */
static enum credential_found from_source_profile(struct walk *w, struct str profile,
                                                 struct str source)
{
    enum credential_found found;

    if (!profile_exists(w->ask->arena, w->profiles, source))
        return credentials_fail(w->ask, false,
                                "profile '" STR_FMT "' names the source_profile '" STR_FMT
                                "', which does not exist",
                                STR_ARG(profile), STR_ARG(source));
    found = str_eq(profile, source) ? from_keys(w, source) : from_profile(w, source);
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
    struct str token_file = get(w, profile, "web_identity_token_file");
    enum credential_found found;

    if (!str_to_i64(get(w, profile, "duration_seconds"), &role.duration_s))
        role.duration_s = 0;
    if (str_present(token_file))
        return credentials_web_identity_role(w->ask, token_file, &role);
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

static enum credential_found from_profile(struct walk *w, struct str profile)
{
    struct str role_arn = get(w, profile, "role_arn");
    enum credential_found found;

    for (size_t i = 0; i < w->depth; i++)
        if (str_eq(w->visited[i], profile) || w->depth == CHAIN_MAX)
            return credentials_fail(w->ask, false,
                                    "the source_profiles of '" STR_FMT "' go round in a circle",
                                    STR_ARG(w->visited[0]));
    w->visited[w->depth++] = profile;
    if (!str_empty(role_arn))
        return from_role(w, profile, role_arn);
    found = from_keys(w, profile);
    return found == CREDENTIALS_NONE ? from_program(w, profile) : found;
}

/* ---- the two places of the chain ---- */

static bool read_profiles(const struct credential_ask *ask, struct profiles *p)
{
    profiles_read(ask->aws, ask->arena, p);
    return profile_exists(ask->arena, p, p->name);
}

enum credential_found credentials_from_profile_role(const struct credential_ask *ask)
{
    struct profiles p;
    struct walk w = {.ask = ask, .profiles = &p};

    if (!read_profiles(ask, &p)) {
        if (!p.named)
            return CREDENTIALS_NONE;
        return credentials_fail(ask, false, "the profile '" STR_FMT "' does not exist",
                                STR_ARG(p.name));
    }
    if (str_empty(profile_get(ask->arena, &p, p.name, "role_arn")))
        return CREDENTIALS_NONE;
    return from_profile(&w, p.name);
}

enum credential_found credentials_from_profile_keys(const struct credential_ask *ask)
{
    struct profiles p;
    struct walk w = {.ask = ask, .profiles = &p};
    enum credential_found found;

    if (!read_profiles(ask, &p))
        return CREDENTIALS_NONE;
    found = from_profile(&w, p.name);
    if (found == CREDENTIALS_NONE && str_present(get(&w, p.name, "sso_account_id")))
        return credentials_fail(ask, false,
                                "profile '" STR_FMT "' uses IAM Identity Center; give it a "
                                "credential_process instead",
                                STR_ARG(p.name));
    return found;
}
