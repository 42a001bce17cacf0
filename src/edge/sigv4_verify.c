#include "edge/sigv4_verify.h"

#include "aws/sigv4.h"
#include "base/str_ascii.h"
#include "base/time.h"

enum { SIGNED_HEADERS_MAX = 64 };

/* "Credential=ID/DATE/REGION/SERVICE/aws4_request, SignedHeaders=a;b, Signature=HEX" */
struct authorization {
    struct str key_id;
    struct str date;
    struct str region;
    struct str service;
    struct str terminator;
    struct str signed_headers;
    struct str signature;
};

static enum fault refuse(struct sigv4_refusal *why, const char *code, struct str message)
{
    *why = (struct sigv4_refusal){code, message};
    return FAULT_UNAUTHENTICATED;
}

static enum fault incomplete(struct sigv4_refusal *why, struct str message)
{
    return refuse(why, "IncompleteSignatureException", message);
}

static enum fault invalid(struct sigv4_refusal *why, struct str message)
{
    return refuse(why, "InvalidSignatureException", message);
}

/* ---- reading the header ---- */

/* Takes one "Name=value" of it; false for an unknown name or a second one. */
static bool take_part(struct authorization *out, struct str part)
{
    static const char *const names[] = {"Credential", "SignedHeaders", "Signature"};
    struct str value = part;
    struct str name = str_cut(&value, '=');
    struct str *places[] = {&out->key_id, &out->signed_headers, &out->signature};

    for (size_t i = 0; i < ARRAY_LEN(names); i++) {
        if (!str_eq_z(name, names[i]))
            continue;
        if (str_present(*places[i]) || !value.len)
            return false;
        *places[i] = value;
        return true;
    }
    return false;
}

/* The credential's five parts; the key's own id holds no slash. */
static bool split_credential(struct authorization *out)
{
    struct str rest = out->key_id;

    out->key_id = str_cut(&rest, '/');
    out->date = str_cut(&rest, '/');
    out->region = str_cut(&rest, '/');
    out->service = str_cut(&rest, '/');
    out->terminator = rest;
    return out->key_id.len && out->date.len == 8 && out->region.len && out->service.len &&
           str_eq(out->terminator, STR("aws4_request"));
}

static bool parse(struct str header, struct authorization *out)
{
    struct str rest = header;
    struct str algorithm = str_cut(&rest, ' ');

    *out = (struct authorization){0};
    if (!str_eq(algorithm, STR("AWS4-HMAC-SHA256")))
        return false;
    while (str_present(rest))
        if (!take_part(out, str_trim(str_cut(&rest, ','))))
            return false;
    return str_present(out->signed_headers) && str_present(out->signature) &&
           str_present(out->key_id) && split_credential(out);
}

/* ---- what must have been signed ---- */

static size_t count_of(const struct headers *headers, struct str name)
{
    size_t n = 0;

    for (size_t i = 0; i < headers->len; i++)
        n += str_eq_fold(headers->items[i].name, name);
    return n;
}

static bool is_lower(struct str s)
{
    for (size_t i = 0; i < s.len; i++)
        if (s.ptr[i] != ascii_lower(s.ptr[i]))
            return false;
    return s.len > 0;
}

/* Lower case, sorted, no name twice, each of them there; into `names`. */
static bool list_signed(struct str text, const struct headers *headers, struct strs *names)
{
    struct str rest = text;

    while (str_present(rest)) {
        struct str name = str_cut(&rest, ';');

        if (names->len == SIGNED_HEADERS_MAX || !is_lower(name) || !count_of(headers, name) ||
            (names->len && str_cmp(names->items[names->len - 1], name) >= 0))
            return false;
        names->items[names->len++] = name;
    }
    return true;
}

static bool all_signed(struct arena *a, const struct headers *headers, struct strs names)
{
    for (size_t i = 0; i < headers->len; i++) {
        struct str name = arena_str_lower(a, headers->items[i].name);

        if ((str_starts(name, STR("x-amz-")) || str_eq(name, STR("host"))) &&
            !strs_have(names, name))
            return false;
    }
    return strs_have(names, STR("host"));
}

static enum fault check_headers(struct arena *a, const struct authorization *auth,
                                const struct headers *headers, struct sigv4_refusal *why)
{
    struct strs names = {arena_array_of(a, SIGNED_HEADERS_MAX, struct str), 0};

    if (!list_signed(auth->signed_headers, headers, &names))
        return incomplete(why, STR("SignedHeaders must list headers of the request once each, in "
                                   "lower case and in order"));
    if (!all_signed(a, headers, names))
        return invalid(why, STR("'Host' and every 'X-Amz-' header must be signed"));
    return FAULT_NONE;
}

/* ---- time and scope ---- */

static enum fault check_time(struct arena *a, const struct sigv4_verifier *verifier,
                             const struct authorization *auth, struct str date,
                             struct sigv4_refusal *why)
{
    int64_t signed_ms = 0;

    if (!time_parse_basic(date, &signed_ms))
        return incomplete(why, STR("'X-Amz-Date' must be like 20260131T120000Z"));
    if (!str_eq(str_slice(date, 0, 8), auth->date))
        return invalid(why, STR("Date in Credential scope does not match YYYYMMDD from ISO-8601 "
                                "version of date from HTTP"));
    if (signed_ms < verifier->now_ms - SIGV4_WINDOW_MS)
        return invalid(why, arena_strf(a,
                                       "Signature expired: " STR_FMT " is now earlier than " STR_FMT
                                       " (" STR_FMT " - 5 min.)",
                                       STR_ARG(date),
                                       STR_ARG(time_basic(a, verifier->now_ms - SIGV4_WINDOW_MS)),
                                       STR_ARG(time_basic(a, verifier->now_ms))));
    if (signed_ms > verifier->now_ms + SIGV4_WINDOW_MS)
        return invalid(why, arena_strf(a,
                                       "Signature not yet current: " STR_FMT " is still later "
                                       "than " STR_FMT " (" STR_FMT " + 5 min.)",
                                       STR_ARG(date),
                                       STR_ARG(time_basic(a, verifier->now_ms + SIGV4_WINDOW_MS)),
                                       STR_ARG(time_basic(a, verifier->now_ms))));
    return FAULT_NONE;
}

static enum fault check_service(struct arena *a, const struct sigv4_verifier *verifier,
                                struct str service, struct sigv4_refusal *why)
{
    for (size_t i = 0; verifier->services[i]; i++)
        if (str_eq_z(service, verifier->services[i]))
            return FAULT_NONE;
    return invalid(why, arena_strf(a, "Credential should be scoped to correct service: '%s'.",
                                   verifier->services[0]));
}

/* ---- the signature ---- */

static enum fault check_payload(const struct http_request *request, struct str hash,
                                struct sigv4_refusal *why)
{
    struct str claimed = headers_get(&request->headers, STR("X-Amz-Content-Sha256"));

    if (str_present(claimed) && !str_eq(claimed, hash))
        return invalid(why, STR("'X-Amz-Content-Sha256' is not the SHA-256 of the body"));
    return FAULT_NONE;
}

static enum fault check_signature(struct arena *a, const struct authorization *auth,
                                  const struct http_request *request, struct str secret,
                                  struct sigv4_refusal *why)
{
    struct sigv4_scope scope = {
        .date = headers_get(&request->headers, STR("X-Amz-Date")),
        .region = auth->region,
        .service = auth->service,
    };
    struct sigv4_request canonical = {
        .method = request->method,
        .target = request->target,
        .headers = request->headers,
        .signed_headers = auth->signed_headers,
        .payload_hash = sha256_hex(a, sha256_of(request->body)),
    };
    struct str text, expected;
    enum fault f = check_payload(request, canonical.payload_hash, why);

    if (f)
        return f;
    text = sigv4_string_to_sign(a, &scope, sigv4_canonical_request(a, &canonical, NULL));
    expected = sigv4_signature(a, secret, &scope, text);
    if (!secret_eq(expected, auth->signature))
        return invalid(why, STR("The request signature we calculated does not match the signature "
                                "you provided. Check your AWS Secret Access Key and signing "
                                "method."));
    return FAULT_NONE;
}

enum fault sigv4_verify(const struct sigv4_verifier *verifier, struct arena *a,
                        const struct http_request *request, struct access_key *out,
                        struct sigv4_refusal *why)
{
    const struct headers *headers = &request->headers;
    struct authorization auth;
    struct access_key key;
    enum fault f;

    if (str_contains(request->query, STR("X-Amz-Signature=")))
        return incomplete(why, STR("Sign with the Authorization header, not in the query"));
    if (!count_of(headers, STR("Authorization")))
        return refuse(why, "MissingAuthenticationTokenException",
                      STR("Missing Authentication Token"));
    if (count_of(headers, STR("Authorization")) > 1 || count_of(headers, STR("X-Amz-Date")) != 1 ||
        !parse(headers_get(headers, STR("Authorization")), &auth))
        return incomplete(why, STR("Authorization must be 'AWS4-HMAC-SHA256 Credential=..., "
                                   "SignedHeaders=..., Signature=...' beside one 'X-Amz-Date'"));
    if (count_of(headers, STR("X-Amz-Security-Token")))
        return refuse(why, "UnrecognizedClientException",
                      STR("Session tokens are not known here; sign with the access key that "
                          "`drwave serve` wrote to client.json"));
    f = check_service(a, verifier, auth.service, why);
    if (!f)
        f = check_headers(a, &auth, headers, why);
    if (!f)
        f = check_time(a, verifier, &auth, headers_get(headers, STR("X-Amz-Date")), why);
    if (f)
        return f;
    if (!verifier->find_key(verifier->context, a, auth.key_id, &key))
        return refuse(why, "UnrecognizedClientException",
                      STR("The security token included in the request is invalid."));
    f = check_signature(a, &auth, request, key.secret, why);
    if (!f)
        *out = key;
    return f;
}
