#include "sim/auth.h"
#include "base/time.h"
#include "crypto/digest.h"

/* The order of SigV4's authorization: who, for what, and is it them. */

static struct str after(struct str s, struct str prefix)
{
    return str_starts(s, prefix) ? str_slice(s, prefix.len, s.len) : (struct str){0};
}

static struct strs split(struct arena *a, struct str s, char sep)
{
    struct strs list = {arena_array_of(a, s.len + 1, struct str), 0};

    while (str_present(s))
        list.items[list.len++] = str_cut(&s, sep);
    return list;
}

static bool parse_credential(struct str credential, struct authorization *out)
{
    struct str rest = credential;

    out->key_id = str_cut(&rest, '/');
    out->date = str_cut(&rest, '/');
    out->region = str_cut(&rest, '/');
    out->service = str_cut(&rest, '/');
    return str_eq_z(rest, "aws4_request") && !str_empty(out->key_id) && out->date.len == 8 &&
           !str_empty(out->region) && !str_empty(out->service);
}

bool auth_parse(struct arena *a, const struct http_request *r, struct authorization *out,
                bool *absent)
{
    struct str rest = headers_get(&r->headers, STR("authorization"));
    bool credential = false;

    *out = (struct authorization){0};
    *absent = !str_present(rest);
    rest = after(rest, STR("AWS4-HMAC-SHA256 "));
    while (str_present(rest)) {
        struct str part = str_trim(str_cut(&rest, ','));

        if (str_starts(part, STR("Credential=")))
            credential = parse_credential(after(part, STR("Credential=")), out);
        else if (str_starts(part, STR("SignedHeaders=")))
            out->signed_headers = split(a, after(part, STR("SignedHeaders=")), ';');
        else if (str_starts(part, STR("Signature=")))
            out->signature = after(part, STR("Signature="));
    }
    return credential && out->signed_headers.len && out->signature.len == 64;
}

static struct str amz_date_of(const struct http_request *r)
{
    return headers_get(&r->headers, STR("x-amz-date"));
}

static bool must_be_signed(struct str name)
{
    char low[7] = {0};

    if (str_eq_fold(name, STR("host")) || str_eq_fold(name, STR("content-type")))
        return true;
    for (size_t i = 0; i < 6 && i < name.len; i++)
        low[i] = (char)(name.ptr[i] | 0x20);
    return strncmp(low, "x-amz-", 6) == 0 && !str_eq_fold(name, STR("x-amz-user-agent"));
}

static bool names_header(struct strs list, struct str name)
{
    for (size_t i = 0; i < list.len; i++)
        if (str_eq_fold(list.items[i], name))
            return true;
    return false;
}

/* Host, content type and everything of AWS's own must be under the signature. */
static bool signs_enough(const struct http_request *r, struct strs signed_headers, struct str *miss)
{
    for (size_t i = 0; i < r->headers.len; i++) {
        struct str name = r->headers.items[i].name;

        if (!must_be_signed(name) || names_header(signed_headers, name))
            continue;
        *miss = name;
        return false;
    }
    return true;
}

static bool check_time(struct ctx *c, const struct authorization *auth, struct str amz_date)
{
    int64_t window = c->sim->knobs.signature_window_s * 1000;
    int64_t then;

    if (!time_parse_basic(amz_date, &then) || !str_eq(str_slice(amz_date, 0, 8), auth->date)) {
        auth_refuse(c, AUTH_INCOMPLETE, STR("Date in Credential scope does not match X-Amz-Date"));
        return false;
    }
    if (then < c->clock_ms - window) {
        auth_refuse(c, AUTH_EXPIRED_SIGNATURE, amz_date);
        return false;
    }
    if (then > c->clock_ms + window) {
        auth_refuse(c, AUTH_FUTURE_SIGNATURE, amz_date);
        return false;
    }
    return true;
}

const struct key *auth_anybody(const struct sim *s)
{
    if (!str_eq_z(s->knobs.signature, "off") || !s->all[K_KEY].len)
        return NULL;
    return s->all[K_KEY].items[0];
}

/* A minted key goes with its token alone; a long-term key has none. */
static bool check_key(struct ctx *c, const struct authorization *auth)
{
    const struct key *key = world_get(c->sim, K_KEY, STR(""), STR(""), auth->key_id);
    struct str token = headers_get(&c->request->headers, STR("x-amz-security-token"));

    if (!key && auth_anybody(c->sim)) {
        c->key = auth_anybody(c->sim);
        c->account = c->key->at.account;
        return true;
    }
    if (!key) {
        auth_refuse(c, AUTH_UNKNOWN_KEY, auth->key_id);
        return false;
    }
    if (!str_eq(token, key->token)) {
        auth_refuse(c, AUTH_BAD_TOKEN, (struct str){0});
        return false;
    }
    c->key = key;
    c->account = key->at.account;
    if (key->expires_ms && key->expires_ms <= c->sim->now_ms) {
        auth_refuse(c, AUTH_EXPIRED_TOKEN, (struct str){0});
        return false;
    }
    return true;
}

static bool check_signature(struct ctx *c, const struct authorization *auth, struct str amz_date)
{
    struct str canonical, wanted, missing = {0};

    if (!signs_enough(c->request, auth->signed_headers, &missing)) {
        auth_refuse(c, AUTH_INCOMPLETE,
                    arena_strf(c->a, "'" STR_FMT "' must be a 'SignedHeader'", STR_ARG(missing)));
        return false;
    }
    canonical = auth_canonical(c->a, c->request, auth->signed_headers, true);
    wanted = auth_signature(c->a, auth, amz_date, canonical, c->key->secret);
    if (secret_eq(wanted, auth->signature))
        return true;
    auth_refuse(c, AUTH_BAD_SIGNATURE, canonical);
    return false;
}

bool auth_check(struct ctx *c, const struct authorization *auth)
{
    struct str amz_date = amz_date_of(c->request);

    if (!check_key(c, auth))
        return false;
    if (!str_eq_z(c->sim->knobs.signature, "strict"))
        return true;
    return check_time(c, auth, amz_date) && check_signature(c, auth, amz_date);
}

bool auth_allows(const struct policy *p, struct str action)
{
    for (size_t i = 0; i < p->deny.len; i++)
        if (str_glob(p->deny.items[i], action))
            return false;
    for (size_t i = 0; i < p->allow.len; i++)
        if (str_glob(p->allow.items[i], action))
            return true;
    return p->allow.len == 0;
}

bool auth_permits(struct ctx *c, const char *service, const char *action, struct str resource)
{
    struct str name = arena_strf(c->a, "%s:%s", service, action);

    if (!c->key || auth_allows(&c->key->policy, name))
        return true;
    if (c->protocol == P_EC2) {
        refuse(c, 403, "UnauthorizedOperation",
               "You are not authorized to perform this operation. User: " STR_FMT
               " is not authorized to perform: " STR_FMT " because no identity-based policy "
               "allows the " STR_FMT " action",
               STR_ARG(c->key->principal), STR_ARG(name), STR_ARG(name));
        return false;
    }
    refuse(c, 403, c->protocol == P_REST ? "AccessDeniedException" : "AccessDenied",
           "User: " STR_FMT " is not authorized to perform: " STR_FMT " on resource: " STR_FMT,
           STR_ARG(c->key->principal), STR_ARG(name), STR_ARG(resource));
    return false;
}
