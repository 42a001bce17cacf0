#include "edge/authenticate.h"

#include "edge/bearer.h"
#include "edge/sigv4_verify.h"
#include "rules/roles.h"

static bool find_local_key(void *context, struct arena *a, struct str id, struct access_key *out)
{
    return credentials_find_key(context, a, id, out);
}

static enum fault by_signature(const struct authenticator *auth, struct arena *a,
                               const struct http_request *request, struct str *arn,
                               struct denial *why)
{
    static const char *const services[] = {"lambda", "execute-api", NULL};
    struct sigv4_verifier verifier = {find_local_key, auth->credentials, services,
                                      clock_wall_ms(auth->clock)};
    struct sigv4_refusal refusal;
    struct access_key key;
    enum fault f = sigv4_verify(&verifier, a, request, &key, &refusal);

    if (f)
        *why = (struct denial){refusal.code, refusal.message};
    else
        *arn = key.principal_arn;
    return f;
}

static enum fault by_token(const struct authenticator *auth, struct str authorization,
                           struct str *arn, struct denial *why)
{
    struct str token;
    enum fault f = bearer_token(authorization, &token, &why->message);

    if (f)
        return f;
    if (!credentials_token_ok(auth->credentials, token)) {
        why->message = STR("The bearer token is not valid");
        return FAULT_UNAUTHENTICATED;
    }
    *arn = STR("token:admin");
    return FAULT_NONE;
}

enum fault authenticate(void *context, struct arena *a, const struct http_request *request,
                        struct principal *out, struct denial *why)
{
    static struct str roles[] = {STR_INIT(ROLE_ADMIN)};
    const struct authenticator *auth = context;
    struct str authorization = headers_get(&request->headers, STR("Authorization"));
    bool is_signed = str_starts(authorization, STR("AWS4-"));
    struct str arn = {0};
    enum fault f = is_signed ? by_signature(auth, a, request, &arn, why)
                             : by_token(auth, authorization, &arn, why);

    if (!f)
        *out = (struct principal){
            .arn = arn,
            .via = is_signed ? STR("sigv4") : STR("bearer"),
            .roles = {roles, ARRAY_LEN(roles)},
        };
    return f;
}
