/*
 * Requests as botocore signed them (the lambda vector among them), bent in every way that must not
 * pass. The signatures are constants: what verifies does not vouch for itself.
 */
#include "tests/unit/unit.h"

#include "aws/sigv4.h"
#include "base/ports_single.h"
#include "base/time.h"
#include "edge/authenticate.h"
#include "edge/sigv4_verify.h"

#define SECRET "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY"

enum { HEADERS_MAX = 8 };

static bool find_example(void *context, struct arena *a, struct str id, struct access_key *out)
{
    (void)context;
    (void)a;
    *out = (struct access_key){STR("AKIDEXAMPLE"), STR(SECRET),
                               STR("arn:aws:iam::111122223333:user/example")};
    return str_eq(id, out->id);
}

/* A request that can be bent. */
struct specimen {
    struct http_request request;
    struct header headers[HEADERS_MAX];
    struct sigv4_verifier verifier;
};

static const char *const services[] = {"lambda", "execute-api", NULL};

#define PATH                 \
    "/2015-03-31/functions/" \
    "arn%3Aaws%3Alambda%3Aus-west-2%3A111122223333%3Afunction%3Adrs-query/invocations"
#define CREDENTIAL "Credential=AKIDEXAMPLE/20240315/us-west-2/lambda/aws4_request"
#define SIGNED     "SignedHeaders=host;x-amz-date;x-amz-invocation-type"
#define SIGNATURE  "Signature=ba4e8ce0934b7eb2c62d06a5f39e1e596614b011a06f046e539234e84155e0d8"
#define AUTHORIZED "AWS4-HMAC-SHA256 " CREDENTIAL ", " SIGNED ", " SIGNATURE

/* aws-facts §7.2, number 7: made by botocore at 2024-03-15T12:34:56Z. */
static void specimen_init(struct specimen *s)
{
    *s = (struct specimen){
        .request = {.method = STR("POST"),
                    .target = STR(PATH),
                    .path = STR(PATH),
                    .body = STR("{}")},
        .headers =
            {
                {STR("Host"), STR("lambda.us-west-2.amazonaws.com")},
                {STR("X-Amz-Date"), STR("20240315T123456Z")},
                {STR("X-Amz-Invocation-Type"), STR("Event")},
                {STR("Authorization"), STR(AUTHORIZED)},
                {STR("User-Agent"), STR("Boto3/1.26")},
            },
        .verifier = {find_example, NULL, services, 0},
    };
    s->request.headers = (struct headers){s->headers, 5};
    assert_true(time_parse(STR("2024-03-15T12:34:56Z"), &s->verifier.now_ms));
}

static enum fault verify(struct arena *a, struct specimen *s, struct sigv4_refusal *why)
{
    struct access_key key = {{0}, {0}, {0}};
    enum fault f = sigv4_verify(&s->verifier, a, &s->request, &key, why);

    assert_true((f == FAULT_NONE) == str_eq_z(key.id, "AKIDEXAMPLE"));
    return f;
}

static void what_botocore_signed_is_good(void **state)
{
    SCOPED(arena_scope_end) struct arena *a = arena_new(0);
    struct specimen s;
    struct sigv4_refusal why;

    (void)state;
    specimen_init(&s);
    assert_int_equal(verify(a, &s, &why), FAULT_NONE);
    s.headers[0].name = STR("host");
    s.headers[2].value = STR("Event");
    s.headers[3].value = STR("AWS4-HMAC-SHA256 " SIGNATURE "," SIGNED "," CREDENTIAL);
    assert_int_equal(verify(a, &s, &why), FAULT_NONE);
    s.headers[4] = (struct header){STR("Content-Type"), STR("added/on-the-way")};
    assert_int_equal(verify(a, &s, &why), FAULT_NONE);
}

typedef void bend_fn(struct specimen *s);

#define BEND(name, statement)                   \
    static void bend_##name(struct specimen *s) \
    {                                           \
        statement;                              \
    }

#define AUTH(text) s->headers[3].value = STR(text)

BEND(method, s->request.method = STR("PUT"))
BEND(path, s->request.target = STR("/2015-03-31/functions/other/invocations"))
BEND(decoded, s->request.target = STR("/2015-03-31/functions/arn:aws:lambda:us-west-2:111122223333:"
                                      "function:drs-query/invocations"))
BEND(query, s->request.target = STR(PATH "?a=b"))
BEND(body, s->request.body = STR("{ }"))
BEND(host, s->headers[0].value = STR("lambda.us-west-1.amazonaws.com"))
BEND(type, s->headers[2].value = STR("RequestResponse"))
BEND(region,
     AUTH("AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE/20240315/us-west-1/lambda/aws4_request, " SIGNED
          ", " SIGNATURE))
BEND(signature,
     AUTH("AWS4-HMAC-SHA256 " CREDENTIAL ", " SIGNED
          ", Signature=ba4e8ce0934b7eb2c62d06a5f39e1e596614b011a06f046e539234e84155e0d9"))
BEND(short_signature, AUTH("AWS4-HMAC-SHA256 " CREDENTIAL ", " SIGNED ", Signature=ba4e"))
BEND(upper_signature,
     AUTH("AWS4-HMAC-SHA256 " CREDENTIAL ", " SIGNED
          ", Signature=BA4E8CE0934B7EB2C62D06A5F39E1E596614B011A06F046E539234E84155E0D8"))
BEND(service,
     AUTH("AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE/20240315/us-west-2/drs/aws4_request, " SIGNED
          ", " SIGNATURE))
BEND(day,
     AUTH("AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE/20240316/us-west-2/lambda/aws4_request, " SIGNED
          ", " SIGNATURE))
BEND(key,
     AUTH("AWS4-HMAC-SHA256 Credential=AKIDOTHER/20240315/us-west-2/lambda/aws4_request, " SIGNED
          ", " SIGNATURE))
BEND(terminator,
     AUTH("AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE/20240315/us-west-2/lambda/aws5, " SIGNED
          ", " SIGNATURE))
BEND(longer, AUTH("AWS4-HMAC-SHA256 " CREDENTIAL "/x, " SIGNED ", " SIGNATURE))
BEND(algorithm, AUTH("AWS4-ECDSA-P256-SHA256 " CREDENTIAL ", " SIGNED ", " SIGNATURE))
BEND(no_signature, AUTH("AWS4-HMAC-SHA256 " CREDENTIAL ", " SIGNED))
BEND(two_signatures, AUTH(AUTHORIZED ", " SIGNATURE))
BEND(unknown_part, AUTH(AUTHORIZED ", X=y"))
BEND(bare, AUTH("AWS4-HMAC-SHA256"))
BEND(host_unsigned, AUTH("AWS4-HMAC-SHA256 " CREDENTIAL
                         ", SignedHeaders=x-amz-date;x-amz-invocation-type, " SIGNATURE))
BEND(type_unsigned,
     AUTH("AWS4-HMAC-SHA256 " CREDENTIAL ", SignedHeaders=host;x-amz-date, " SIGNATURE))
BEND(unsorted, AUTH("AWS4-HMAC-SHA256 " CREDENTIAL
                    ", SignedHeaders=x-amz-date;host;x-amz-invocation-type, " SIGNATURE))
BEND(twice, AUTH("AWS4-HMAC-SHA256 " CREDENTIAL
                 ", SignedHeaders=host;host;x-amz-date;x-amz-invocation-type, " SIGNATURE))
BEND(upper, AUTH("AWS4-HMAC-SHA256 " CREDENTIAL
                 ", SignedHeaders=Host;x-amz-date;x-amz-invocation-type, " SIGNATURE))
BEND(absent_header, AUTH("AWS4-HMAC-SHA256 " CREDENTIAL
                         ", SignedHeaders=host;range;x-amz-date;x-amz-invocation-type, " SIGNATURE))
BEND(extra_amz, s->headers[4] = ((struct header){STR("X-Amz-Log-Type"), STR("Tail")}))
BEND(token, s->headers[4] = ((struct header){STR("X-Amz-Security-Token"), STR("FwoGZ")}))
BEND(wrong_hash,
     s->headers[4] = ((struct header){STR("X-Amz-Content-Sha256"), STR("UNSIGNED-PAYLOAD")}))
BEND(no_authorization, s->headers[3].name = STR("X-Nothing"))
BEND(two_authorizations, s->headers[4] = s->headers[3])
BEND(no_date, s->headers[1].name = STR("Date"))
BEND(two_dates, s->headers[4] = s->headers[1])
BEND(bad_date, s->headers[1].value = STR("2024-03-15T12:34:56Z"))
BEND(late, s->verifier.now_ms += SIGV4_WINDOW_MS + 1)
BEND(early, s->verifier.now_ms -= SIGV4_WINDOW_MS + 1)
BEND(presigned, (s->request.target = STR(PATH "?X-Amz-Signature=ab"),
                 s->request.query = STR("X-Amz-Signature=ab")))

struct bent {
    const char *title;
    bend_fn *bend;
    const char *code;
    const char *message; /* a part of it, or NULL */
};

#define INVALID    "InvalidSignatureException"
#define INCOMPLETE "IncompleteSignatureException"
#define UNKNOWN    "UnrecognizedClientException"
#define MISMATCH   "does not match the signature you provided"

static const struct bent cases[] = {
    {"another method", bend_method, INVALID, MISMATCH},
    {"another path", bend_path, INVALID, MISMATCH},
    {"a path that was decoded on the way", bend_decoded, INVALID, MISMATCH},
    {"another query", bend_query, INVALID, MISMATCH},
    {"another body", bend_body, INVALID, MISMATCH},
    {"another host", bend_host, INVALID, MISMATCH},
    {"another value of a signed header", bend_type, INVALID, MISMATCH},
    {"another region", bend_region, INVALID, MISMATCH},
    {"another signature", bend_signature, INVALID, MISMATCH},
    {"a shorter signature", bend_short_signature, INVALID, MISMATCH},
    {"a signature in capitals", bend_upper_signature, INVALID, MISMATCH},
    {"another service", bend_service, INVALID, "correct service: 'lambda'"},
    {"another day", bend_day, INVALID, "Date in Credential scope"},
    {"an unknown key", bend_key, UNKNOWN, "security token included in the request is invalid"},
    {"another terminator", bend_terminator, INCOMPLETE, NULL},
    {"a longer credential", bend_longer, INCOMPLETE, NULL},
    {"another algorithm", bend_algorithm, INCOMPLETE, NULL},
    {"no signature", bend_no_signature, INCOMPLETE, NULL},
    {"two signatures", bend_two_signatures, INCOMPLETE, NULL},
    {"an unknown part", bend_unknown_part, INCOMPLETE, NULL},
    {"nothing but the algorithm", bend_bare, INCOMPLETE, NULL},
    {"Host not signed", bend_host_unsigned, INVALID, "must be signed"},
    {"an X-Amz header not signed", bend_type_unsigned, INVALID, "must be signed"},
    {"an X-Amz header added", bend_extra_amz, INVALID, "must be signed"},
    {"signed headers out of order", bend_unsorted, INCOMPLETE, "SignedHeaders"},
    {"a signed header twice", bend_twice, INCOMPLETE, "SignedHeaders"},
    {"a signed header in capitals", bend_upper, INCOMPLETE, "SignedHeaders"},
    {"a signed header that is not there", bend_absent_header, INCOMPLETE, "SignedHeaders"},
    {"a session token", bend_token, UNKNOWN, "Session tokens are not known here"},
    {"an unsigned payload", bend_wrong_hash, INVALID, NULL},
    {"no authorization", bend_no_authorization, "MissingAuthenticationTokenException", NULL},
    {"two authorizations", bend_two_authorizations, INCOMPLETE, NULL},
    {"no date", bend_no_date, INCOMPLETE, NULL},
    {"two dates", bend_two_dates, INCOMPLETE, NULL},
    {"a date of another form", bend_bad_date, INCOMPLETE, "X-Amz-Date"},
    {"too late", bend_late, INVALID, "Signature expired: 20240315T123456Z is now earlier than"},
    {"too early", bend_early, INVALID, "Signature not yet current"},
    {"a signature in the query", bend_presigned, INCOMPLETE, "not in the query"},
};

static void whatever_is_bent_is_refused(void **state)
{
    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        SCOPED(arena_scope_end) struct arena *a = arena_new(0);
        struct sigv4_refusal why = {0};
        struct specimen s;

        specimen_init(&s);
        cases[i].bend(&s);
        if (verify(a, &s, &why) != FAULT_UNAUTHENTICATED || strcmp(why.code, cases[i].code) != 0 ||
            (cases[i].message && !str_contains(why.message, str_from_z(cases[i].message))))
            fail_msg("%s: %s, " STR_FMT, cases[i].title, why.code ? why.code : "let in",
                     STR_ARG(why.message));
    }
}

static void the_window_is_five_minutes(void **state)
{
    SCOPED(arena_scope_end) struct arena *a = arena_new(0);
    struct sigv4_refusal why;
    struct specimen s;

    (void)state;
    specimen_init(&s);
    s.verifier.now_ms += SIGV4_WINDOW_MS;
    assert_int_equal(verify(a, &s, &why), FAULT_NONE);
    s.verifier.now_ms -= (int64_t)2 * SIGV4_WINDOW_MS;
    assert_int_equal(verify(a, &s, &why), FAULT_NONE);
}

/* A signature that is good in itself, over a header that lies about the body. */
static void a_claimed_hash_must_be_the_bodys(void **state)
{
    SCOPED(arena_scope_end) struct arena *a = arena_new(0);
    struct sigv4_key key = {STR("AKIDEXAMPLE"), STR(SECRET), {0}};
    struct sigv4_scope scope = {STR("20240315T123456Z"), STR("us-west-2"), STR("lambda")};
    struct sigv4_refusal why = {0};
    struct specimen s;

    (void)state;
    specimen_init(&s);
    s.headers[1] = (struct header){STR("X-Amz-Content-Sha256"), STR("UNSIGNED-PAYLOAD")};
    for (int lies = 1; lies >= 0; lies--) {
        struct sigv4_request r = {.method = s.request.method,
                                  .target = s.request.target,
                                  .headers = {s.headers, 2},
                                  .payload_hash = sha256_hex(a, sha256_of(s.request.body))};

        sigv4_sign(a, &key, &scope, &r);
        s.request.headers = r.headers;
        assert_int_equal(verify(a, &s, &why), lies ? FAULT_UNAUTHENTICATED : FAULT_NONE);
        s.headers[1].value = r.payload_hash;
    }
    assert_str(why.message, "'X-Amz-Content-Sha256' is not the SHA-256 of the body");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_botocore_signed_is_good),
        cmocka_unit_test(whatever_is_bent_is_refused),
        cmocka_unit_test(the_window_is_five_minutes),
        cmocka_unit_test(a_claimed_hash_must_be_the_bodys),
    };

    return cmocka_run_group_tests_name("sigv4_verify", tests, NULL, NULL);
}
