#include "edge/bearer.h"

#include "base/str_ascii.h"

enum { TOKEN_MAX = 8192 };

/* The characters of RFC 6750's b64token. */
static bool is_token(struct str s)
{
    for (size_t i = 0; i < s.len; i++)
        if (!ascii_is_alnum(s.ptr[i]) && (!s.ptr[i] || !strchr("-._~+/=", s.ptr[i])))
            return false;
    return s.len > 0 && s.len <= TOKEN_MAX;
}

static bool is_base64url(struct str s)
{
    for (size_t i = 0; i < s.len; i++)
        if (!ascii_is_alnum(s.ptr[i]) && s.ptr[i] != '-' && s.ptr[i] != '_')
            return false;
    return s.len > 0;
}

/* The signature may be missing: "alg": "none" is no better. */
static bool is_jwt(struct str s)
{
    struct str rest = s;
    struct str header = str_cut(&rest, '.');
    struct str claims = str_present(rest) ? str_cut(&rest, '.') : (struct str){0};

    return is_base64url(header) && is_base64url(claims) && str_present(rest) &&
           (!rest.len || is_base64url(rest));
}

enum fault bearer_token(struct str authorization, struct str *token, struct str *why)
{
    struct str rest = str_trim(authorization);
    struct str scheme = str_cut(&rest, ' ');
    struct str value = str_trim(rest);

    if (!str_eq_fold(scheme, STR("Bearer"))) {
        *why = STR("Give 'Authorization: Bearer TOKEN', or sign the request (AWS SigV4)");
        return FAULT_UNAUTHENTICATED;
    }
    if (is_jwt(value)) {
        *why = STR("JSON web tokens are not supported yet; use the token that `drwave serve` "
                   "wrote to client.json");
        return FAULT_UNAUTHENTICATED;
    }
    if (!is_token(value)) {
        *why = STR("The bearer token is malformed");
        return FAULT_UNAUTHENTICATED;
    }
    *token = value;
    return FAULT_NONE;
}
