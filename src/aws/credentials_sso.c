/*
 * Credentials of IAM Identity Center: role credentials for the sign-in that `aws sso login` has
 * left in ~/.aws/sso/cache. Signing in takes a person and a browser, so it is asked for, never
 * done.
 */
#include "aws/call.h"
#include "aws/client.h"
#include "base/time.h"

/* What a profile says, or the sso-session that it names. */
struct sso {
    const struct credential_ask *ask;
    const struct profiles *profiles;
    struct str profile;
    struct str session; /* absent: the older way, all in the profile */
    struct str start_url;
    struct str region;
    struct str account_id;
    struct str role_name;
};

static struct str get(const struct sso *s, const char *key)
{
    return profile_get(s->ask->arena, s->profiles, s->profile, key);
}

static struct str of_session(const struct sso *s, const char *key)
{
    struct str section = arena_strf(s->ask->arena, "sso-session " STR_FMT, STR_ARG(s->session));
    struct str value = str_present(s->session)
                           ? ini_get(&s->profiles->config, section, str_from_z(key))
                           : (struct str){0};

    return str_present(value) ? value : get(s, key);
}

static enum credential_found check(const struct sso *s)
{
    const struct {
        const char *name;
        struct str value;
    } needed[] = {
        {"sso_start_url", s->start_url},
        {"sso_region", s->region},
        {"sso_account_id", s->account_id},
        {"sso_role_name", s->role_name},
    };

    for (size_t i = 0; i < ARRAY_LEN(needed); i++)
        if (str_empty(needed[i].value))
            return credentials_fail(
                s->ask, false, "profile '" STR_FMT "' uses IAM Identity Center and %s is missing",
                STR_ARG(s->profile), needed[i].name);
    return CREDENTIALS_FOUND;
}

static enum credential_found sign_in(const struct sso *s, const char *what)
{
    return credentials_fail(s->ask, true,
                            "profile '" STR_FMT "' uses IAM Identity Center, and %s: run `aws sso "
                            "login --profile " STR_FMT "` as the user of this service",
                            STR_ARG(s->profile), what, STR_ARG(s->profile));
}

/* Where all tools of AWS keep it: under the digest of the session's name, or of the URL. */
static struct str token_path(const struct sso *s)
{
    struct str name = str_present(s->session) ? s->session : s->start_url;

    return arena_strf(s->ask->arena, STR_FMT "/.aws/sso/cache/" STR_FMT ".json",
                      STR_ARG(aws_env(s->ask->aws, "HOME")),
                      STR_ARG(sha1_hex(s->ask->arena, name)));
}

static enum credential_found read_token(const struct sso *s, struct str *token)
{
    struct arena *a = s->ask->arena;
    const struct json *tree = NULL;
    int64_t ends;
    struct str why;

    if (json_parse(a, aws_read_file(s->ask->aws, a, token_path(s)), &tree, &why))
        return sign_in(s, "nobody has signed in");
    *token = json_str(json_get_z(tree, "accessToken"));
    if (str_empty(*token) || str_find(*token, '\r') >= 0 || str_find(*token, '\n') >= 0)
        return sign_in(s, "the sign-in cannot be read");
    if (time_parse(json_str(json_get_z(tree, "expiresAt")), &ends) &&
        ends <= clock_wall_ms(s->ask->aws->options.clock))
        return sign_in(s, "the sign-in has ended");
    return CREDENTIALS_FOUND;
}

struct portal_answer {
    struct str access_key_id;
    struct str secret;
    struct str token;
    int64_t expires_ms;
};

static const struct field role_fields[] = {
    F_STR(struct portal_answer, access_key_id, "accessKeyId", .max = FIELD_DEFAULT_MAX),
    F_STR(struct portal_answer, secret, "secretAccessKey", .flags = FIELD_SECRET),
    F_STR(struct portal_answer, token, "sessionToken", .max = 1 << 16, .flags = FIELD_SECRET),
    F_INT(struct portal_answer, expires_ms, "expiration", .max = 0),
    F_END,
};

static struct str portal_path(const struct sso *s)
{
    struct buf path = buf_new(s->ask->arena, 4096);

    buf_add_z(&path, "/federation/credentials?role_name=");
    buf_add_uri(&path, s->role_name, false);
    buf_add_z(&path, "&account_id=");
    buf_add_uri(&path, s->account_id, false);
    return buf_str(&path);
}

static enum credential_found take_role(const struct sso *s, const struct json *answer)
{
    const struct json *role = json_get_z(answer, "roleCredentials");
    struct portal_answer c = {0};
    struct faults faults;
    struct field_decoding d = {.arena = s->ask->arena, .faults = &faults, .ignore_unknown = true};

    faults_init(&faults, s->ask->arena);
    if (!json_is(role, JS_OBJECT) || field_decode(&d, role_fields, role, &c) ||
        str_empty(c.access_key_id) || str_empty(c.secret) || str_empty(c.token))
        return credentials_fail(s->ask, true, "IAM Identity Center's answer holds no credentials");
    *s->ask->out = (struct aws_credentials){
        .key = {c.access_key_id, c.secret, c.token},
        .account = s->account_id,
        .got_ms = clock_wall_ms(s->ask->aws->options.clock),
        .expires_ms = c.expires_ms,
    };
    return CREDENTIALS_FOUND;
}

static enum credential_found ask_portal(const struct sso *s, struct str token)
{
    enum { UNAUTHORIZED = 401 };
    struct aws_at at = {.arena = s->ask->arena, .target = {.region = s->region}};
    struct aws_request request = {
        .service = &aws_service_sso,
        .operation = "GetRoleCredentials",
        .method = "GET",
        .path = portal_path(s),
        .body = STR(""),
        .idempotent = true,
        .unsigned_ = true,
        .header = {STR("x-amz-sso_bearer_token"), token},
    };
    struct aws_response response;

    if (!aws_call(s->ask->aws, &at, s->ask->arena, &request, &response))
        return take_role(s, response.json);
    if (at.error.status == UNAUTHORIZED)
        return sign_in(s, "the sign-in is refused");
    *s->ask->error = at.error;
    return CREDENTIALS_FAILED;
}

enum credential_found credentials_from_sso(const struct credential_ask *ask,
                                           const struct profiles *profiles, struct str profile)
{
    struct sso s = {.ask = ask, .profiles = profiles, .profile = profile};
    struct str token = {0};
    enum credential_found found;

    s.account_id = get(&s, "sso_account_id");
    s.role_name = get(&s, "sso_role_name");
    if (!str_present(s.account_id) && !str_present(s.role_name))
        return CREDENTIALS_NONE;
    s.session = get(&s, "sso_session");
    s.start_url = of_session(&s, "sso_start_url");
    s.region = of_session(&s, "sso_region");
    found = check(&s);
    if (found == CREDENTIALS_FOUND)
        found = read_token(&s, &token);
    return found == CREDENTIALS_FOUND ? ask_portal(&s, token) : found;
}
