/*
 * The input is a target, header lines and, after an empty line, a body. Whatever we sign, we
 * verify; and no Authorization header that was not made with the secret gets in.
 */
#include "aws/sigv4.h"
#include "base/time.h"
#include "edge/bearer.h"
#include "edge/sigv4_verify.h"
#include "tests/fuzz/fuzz.h"

enum { HEADERS_MAX = 20, NOW_MS = 1769860800 };

static const char *const services[] = {"lambda", NULL};

static bool find_key(void *context, struct arena *a, struct str id, struct access_key *out)
{
    (void)context;
    (void)a;
    *out = (struct access_key){STR("AKIDEXAMPLE"), STR("secret"), STR("arn:aws:iam::1:user/u")};
    return str_eq(id, out->id);
}

static bool is_reserved(struct str name)
{
    static const char *const names[] = {"host", "authorization", "x-amz-date",
                                        "x-amz-security-token", "x-amz-content-sha256"};

    for (size_t i = 0; i < ARRAY_LEN(names); i++)
        if (str_eq_fold(name, str_from_z(names[i])))
            return true;
    return false;
}

/* What the server would let through: token characters in a name, blanks around values trimmed. */
static bool is_name(struct str s)
{
    for (size_t i = 0; i < s.len; i++)
        if ((unsigned char)s.ptr[i] <= 0x20 || (unsigned char)s.ptr[i] >= 0x7f ||
            strchr("\"(),/:;<=>?@[\\]{}", s.ptr[i]))
            return false;
    return s.len > 0;
}

static struct headers read_headers(struct arena *a, struct str *rest)
{
    struct headers h = {arena_array_of(a, HEADERS_MAX + 4, struct header), 1};

    h.items[0] = (struct header){STR("Host"), STR("localhost")};
    while (str_present(*rest) && h.len < HEADERS_MAX) {
        struct str value = str_cut(rest, '\n');
        struct str name = str_cut(&value, ':');

        if (!name.len)
            break;
        if (is_name(name) && !is_reserved(name))
            h.items[h.len++] = (struct header){name, str_trim(value)};
    }
    return h;
}

static enum fault verify(struct arena *a, const struct http_request *r)
{
    struct sigv4_verifier verifier = {find_key, NULL, services, (int64_t)NOW_MS * 1000};
    struct sigv4_refusal why = {0};
    struct access_key key;
    enum fault f = sigv4_verify(&verifier, a, r, &key, &why);

    REQUIRE(!f || (why.code && why.message.len));
    return f;
}

static void signed_is_verified(struct arena *a, struct str input)
{
    struct sigv4_key key = {STR("AKIDEXAMPLE"), STR("secret"), {0}};
    struct sigv4_scope scope = {time_basic(a, (int64_t)NOW_MS * 1000), STR("r"), STR("lambda")};
    struct str rest = input;
    struct sigv4_request r = {.method = STR("POST"), .target = str_cut(&rest, '\n')};
    struct http_request sent;

    if (!str_starts(r.target, STR("/")) || str_find(r.target, '\r') >= 0)
        return;
    r.headers = read_headers(a, &rest);
    r.payload_hash = sha256_hex(a, sha256_of(rest));
    sigv4_sign(a, &key, &scope, &r);
    sent = (struct http_request){
        .method = r.method, .target = r.target, .headers = r.headers, .body = rest};
    REQUIRE(verify(a, &sent) == FAULT_NONE);
    sent.target = arena_strf(a, STR_FMT "x", STR_ARG(r.target));
    REQUIRE(verify(a, &sent) == FAULT_UNAUTHENTICATED);
}

static void nonsense_is_refused(struct arena *a, struct str input)
{
    struct header headers[] = {
        {STR("Host"), STR("localhost")},
        {STR("X-Amz-Date"), time_basic(a, (int64_t)NOW_MS * 1000)},
        {STR("Authorization"), input},
    };
    struct http_request r = {
        .method = STR("GET"), .target = STR("/"), .headers = {headers, ARRAY_LEN(headers)}};
    struct str token, why;

    REQUIRE(verify(a, &r) == FAULT_UNAUTHENTICATED);
    if (!bearer_token(input, &token, &why))
        REQUIRE(token.len > 0 && str_contains(input, token));
}

void fuzz_input(struct arena *a, struct str input)
{
    signed_is_verified(a, input);
    nonsense_is_refused(a, input);
}
