#include "tests/unit/sim/rig.h"

#include <unistd.h>

#include "base/time.h"
#include "crypto/digest.h"
#include "sim/auth.h"

/* The verifier against vectors that others made: botocore (aws-facts 7.2) and AWS's own suite. */

#define TOKEN   "FwoGZXIvYXdzEXAMPLETOKEN=="
#define SECRET  "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY"
#define ARN_ENC "arn%3Aaws%3Adrs%3Aus-west-2%3A111122223333%3Asource-server%2Fs-0123456789abcdef0"

struct vector {
    const char *service, *region, *host, *method, *path, *query, *body;
    const char *headers; /* name:value lines besides host, x-amz-date */
    const char *signed_headers;
    const char *canonical_sha256, *signature;
};

static const struct vector vectors[] = {
    {"drs", "us-west-2", "drs.us-west-2.amazonaws.com", "POST", "/StartRecovery", NULL,
     "{\"sourceServers\":[{\"sourceServerID\":\"s-0123456789abcdef0\"}],\"isDrill\":true}",
     "content-type:application/json\nx-amz-security-token:" TOKEN,
     "content-type;host;x-amz-date;x-amz-security-token",
     "e73e40f383c87341ae9930188d73a0cd224ed5c766f37f00e3cadc05a9ecbd98",
     "2b674675394d091dad8ee6a2ed95f95b6c823c11da579a6c2e9ac8fe2021913d"},
    {"drs", "us-west-2", "drs.us-west-2.amazonaws.com", "POST", "/tags/" ARN_ENC, NULL,
     "{\"tags\":{\"Name\":\"web 1\"}}",
     "content-type:application/json\nx-amz-security-token:" TOKEN,
     "content-type;host;x-amz-date;x-amz-security-token",
     "f4ed7164a423df17ce536536012b6f7ab4630f8b0b98a53cd2bcb3ed40b8db89",
     "4d8c332177298198742d16fdfdaa3f5859d9b4ba06596bef0fd64e87179ee5d4"},
    {"drs", "us-west-2", "drs.us-west-2.amazonaws.com", "DELETE", "/tags/" ARN_ENC,
     "tagKeys=b%20c&tagKeys=a%261", "", "", "host;x-amz-date",
     "ad83720f8dd7628d902c24fdb970a115d1a7cae027df23fa5e0025638cd0f332",
     "dab75152266106c658bc6c6b29162d3f1e0a9e785845c6736121e10392158d8e"},
    {"drs", "us-west-2", "drs.us-west-2.amazonaws.com", "POST", "/InitializeService", NULL, "", "",
     "host;x-amz-date", "915704c61bfb53e1a028363931ae5b35992c51cb15bdefd2bb00faa211be5251",
     "63896e86f74649019f3c18ec17eac06caa7678d65b163ef95f76c007ba321dd1"},
    {"sts", "us-east-1", "sts.us-east-1.amazonaws.com", "POST", "/", NULL,
     "Action=GetCallerIdentity&Version=2011-06-15",
     "content-type:application/x-www-form-urlencoded; charset=utf-8",
     "content-type;host;x-amz-date",
     "3bbc0d5b4e982a98ba4c1846765e94befed355d1208948e5ccaaa4bec69dd1fe",
     "4e5a3ba3bb86485a7be05efa7fa8e6f7dd31b4a7ac66e2a1d4a37e738f62ce10"},
    {"dynamodb", "us-west-2", "dynamodb.us-west-2.amazonaws.com", "POST", "/", NULL,
     "{\"TableName\":\"t\",\"Key\":{\"a\":{\"S\":\"b\"}}}",
     "content-type:application/x-amz-json-1.0\nx-amz-target:DynamoDB_20120810.GetItem",
     "content-type;host;x-amz-date;x-amz-target",
     "60c2de809bf13ef3cc3c129da928db197e450fdc1fc8a56406c74731d6235b5e",
     "23958958337fe56ea5ba8a6598a38992e01dc3fa35dfd80ff2e8f8edcf7f56ed"},
    {"lambda", "us-west-2", "lambda.us-west-2.amazonaws.com", "POST",
     "/2015-03-31/functions/"
     "arn%3Aaws%3Alambda%3Aus-west-2%3A111122223333%3Afunction%3Adrs-query/invocations",
     NULL, "{}", "x-amz-invocation-type:Event", "host;x-amz-date;x-amz-invocation-type",
     "ddfad69ab7d96d575101b3a88e9d4de767c659d0100c863459d5385af9d422d7",
     "ba4e8ce0934b7eb2c62d06a5f39e1e596614b011a06f046e539234e84155e0d8"},
};

static struct strs split(struct arena *a, struct str s, char sep)
{
    struct strs list = {arena_array_of(a, s.len + 1, struct str), 0};

    while (str_present(s))
        list.items[list.len++] = str_cut(&s, sep);
    return list;
}

static void add_lines(struct arena *a, struct str lines, struct headers *out)
{
    (void)a;
    while (str_present(lines) && !str_empty(lines)) {
        struct str line = str_cut(&lines, '\n');
        struct str name = str_cut(&line, ':');

        out->items[out->len++] = (struct header){name, line};
    }
}

static void check_vector(struct arena *a, const struct vector *v)
{
    struct http_request r = {.method = str_from_z(v->method), .path = str_from_z(v->path)};
    struct authorization auth = {.date = STR("20240315")};
    struct str canonical;

    r.query = str_from_z(v->query);
    r.body = str_from_z(v->body);
    r.headers.items = arena_array_of(a, 8, struct header);
    r.headers.items[r.headers.len++] = (struct header){STR("Host"), str_from_z(v->host)};
    r.headers.items[r.headers.len++] = (struct header){STR("X-Amz-Date"), STR("20240315T123456Z")};
    add_lines(a, str_from_z(v->headers), &r.headers);
    auth.region = str_from_z(v->region);
    auth.service = str_from_z(v->service);
    auth.signed_headers = split(a, str_from_z(v->signed_headers), ';');
    canonical = auth_canonical(a, &r, auth.signed_headers, true);
    assert_str(sha256_hex(a, sha256_of(canonical)), v->canonical_sha256);
    assert_str(auth_signature(a, &auth, STR("20240315T123456Z"), canonical, STR(SECRET)),
               v->signature);
}

static void verifies_what_botocore_signed(void **state)
{
    struct arena *a = arena_new(0);

    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(vectors); i++)
        check_vector(a, &vectors[i]);
    arena_free(a);
}

/* ---- AWS's suite: a signed request and the canonical one that belongs to it ---- */

static struct str read_file(struct arena *a, struct str path)
{
    FILE *f = fopen(arena_z(a, path), "rb");
    struct buf b = buf_new(a, 1 << 20);
    char chunk[4096];
    size_t n;

    if (!f)
        fail_msg("cannot open " STR_FMT, STR_ARG(path));
    while ((n = fread(chunk, 1, sizeof(chunk), f)) > 0)
        buf_add(&b, (struct str){chunk, n});
    (void)fclose(f);
    return buf_str(&b);
}

/* The suite folds a header's value over lines: a line that begins with a blank goes on. */
static void parse_signed(struct arena *a, struct str text, struct http_request *r)
{
    struct str line = str_cut(&text, '\n'), target;

    r->method = str_cut(&line, ' ');
    target = str_slice(line, 0, line.len - strlen(" HTTP/1.1"));
    r->path = str_cut(&target, '?');
    r->query = target;
    r->headers.items = arena_array_of(a, 32, struct header);
    while (str_present(text)) {
        line = str_cut(&text, '\n');
        if (str_empty(line))
            break;
        if (line.ptr[0] == ' ') {
            struct header *last = &r->headers.items[r->headers.len - 1];

            last->value =
                arena_strf(a, STR_FMT " " STR_FMT, STR_ARG(last->value), STR_ARG(str_trim(line)));
            continue;
        }
        add_lines(a, line, &r->headers);
    }
    r->body = str_present(text) ? text : STR("");
}

static void check_case(struct arena *a, const char *folder, const char *name)
{
    struct str at = arena_strf(a, "%s/vectors/sigv4/%s", folder, name);
    struct str text =
        read_file(a, arena_strf(a, STR_FMT "/header-signed-request.txt", STR_ARG(at)));
    struct str wanted =
        read_file(a, arena_strf(a, STR_FMT "/header-canonical-request.txt", STR_ARG(at)));
    struct str context = read_file(a, arena_strf(a, STR_FMT "/context.json", STR_ARG(at)));
    bool normalize = str_contains(context, STR("\"normalize\": true"));
    struct http_request r = {0};
    struct authorization auth;
    struct str canonical;
    bool absent;

    parse_signed(a, text, &r);
    assert_true(auth_parse(a, &r, &auth, &absent));
    canonical = auth_canonical(a, &r, auth.signed_headers, normalize);
    if (!str_eq(canonical, wanted))
        fail_msg("%s:\n" STR_FMT "\nwanted:\n" STR_FMT, name, STR_ARG(canonical), STR_ARG(wanted));
    if (!str_eq(auth_signature(a, &auth, STR("20150830T123600Z"), canonical, STR(SECRET)),
                auth.signature))
        fail_msg("%s: another signature", name);
}

static const char *const suite[] = {
#include "tests/unit/sim/sigv4_cases.inc"
};

static void verifies_the_suite_of_aws(void **state)
{
    const char *folder = getenv("SHARED");
    struct arena *a = arena_new(0);

    (void)state;
    if (folder && access(folder, F_OK) == 0)
        for (size_t i = 0; i < ARRAY_LEN(suite); i++)
            check_case(a, folder, suite[i]);
    else
        print_message("# left out: %zu cases, the signing suite is not here\n", ARRAY_LEN(suite));
    arena_free(a);
}

/* ---- what the verifier refuses ---- */

static void refuses_by_protocol(void **state)
{
    struct rig *r = rig_new("");
    const struct json *v;
    int status;

    (void)state;
    r->secret = "another-secret";
    v = rig_drs(r, "DescribeSourceServers", "{}", &status);
    assert_int_equal(status, 403);
    assert_str(json_str(json_get_z(v, "code")), "InvalidSignatureException");
    assert_str(xml_find(rig_form(r, "sts", "Action=GetCallerIdentity", &status), "Code"),
               "SignatureDoesNotMatch");
    assert_str(xml_find(rig_form(r, "ec2", "Action=DescribeVpcs", &status), "Code"), "AuthFailure");
    assert_int_equal(status, 401);
    r->secret = RIG_SECRET;
    r->key = "AKIANOBODYNOBODY0001";
    v = rig_drs(r, "DescribeSourceServers", "{}", &status);
    assert_str(json_str(json_get_z(v, "code")), "UnrecognizedClientException");
    assert_str(xml_find(rig_form(r, "iam", "Action=ListAccountAliases", &status), "Code"),
               "InvalidClientTokenId");
    rig_free(r);
}

static void holds_the_window(void **state)
{
    struct rig *r = rig_new("");
    int status;

    (void)state;
    r->shift = time_basic(r->arena, r->wall_ms - 299000).ptr;
    (void)rig_drs(r, "DescribeSourceServers", "{}", &status);
    assert_int_equal(status, 200);
    r->shift = time_basic(r->arena, r->wall_ms - 301000).ptr;
    (void)rig_drs(r, "DescribeSourceServers", "{}", &status);
    assert_int_equal(status, 403);
    r->shift = time_basic(r->arena, r->wall_ms + 301000).ptr;
    (void)rig_drs(r, "DescribeSourceServers", "{}", &status);
    assert_int_equal(status, 403);
    rig_free(r);
}

static void wants_aws_headers_under_the_signature(void **state)
{
    struct rig *r = rig_new("");
    struct http_answer answer;
    struct arena *a = r->arena;
    struct http_request request = {.method = STR("GET"), .path = STR("/tags/x")};
    struct authorization auth = {.key_id = STR(RIG_KEY), .region = STR("us-west-2")};
    struct str names[] = {STR("host"), STR("x-amz-date")};
    struct str date = time_basic(a, r->wall_ms);
    struct header headers[4] = {{STR("Host"), STR("h")},
                                {STR("X-Amz-Date"), date},
                                {STR("X-Amz-Target"), STR("Sneaked.In")}};

    (void)state;
    auth.date = str_slice(date, 0, 8);
    auth.service = STR("drs");
    auth.signed_headers = (struct strs){names, 2};
    request.headers = (struct headers){headers, 3};
    headers[3].name = STR("Authorization");
    headers[3].value =
        arena_strf(a,
                   "AWS4-HMAC-SHA256 Credential=" RIG_KEY "/" STR_FMT
                   "/us-west-2/drs/aws4_request, SignedHeaders=host;x-amz-date, Signature=" STR_FMT,
                   STR_ARG(auth.date),
                   STR_ARG(auth_signature(a, &auth, date,
                                          auth_canonical(a, &request, auth.signed_headers, true),
                                          STR(RIG_SECRET))));
    request.headers.len = 4;
    sim_handle(r->sim, a, &request, r->wall_ms, &answer);
    assert_int_equal(answer.status, 403);
    assert_true(str_contains(answer.body, STR("IncompleteSignatureException")));
    rig_free(r);
}

static void may_be_lenient_or_off(void **state)
{
    struct rig *r = rig_new("");
    int status;

    (void)state;
    r->secret = "another-secret";
    (void)rig_admin(r, "POST", "knobs", "{\"signature\":\"lenient\"}");
    (void)rig_drs(r, "DescribeJobs", "{}", &status);
    assert_int_equal(status, 200);
    assert_int_equal(rig_send(r, NULL, "POST", "/DescribeJobs", "{}").status, 403);
    (void)rig_admin(r, "POST", "knobs", "{\"signature\":\"off\"}");
    assert_int_equal(rig_send(r, NULL, "POST", "/DescribeJobs", "{}").status, 200);
    rig_free(r);
}

static void wants_a_signature(void **state)
{
    struct rig *r = rig_new("");
    struct http_answer answer = rig_send(r, NULL, "POST", "/DescribeJobs", "{}");

    (void)state;
    assert_int_equal(answer.status, 403);
    assert_str(headers_get(&answer.headers, STR("x-amzn-ErrorType")),
               "MissingAuthenticationTokenException");
    rig_free(r);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(verifies_what_botocore_signed),
        cmocka_unit_test(verifies_the_suite_of_aws),
        cmocka_unit_test(refuses_by_protocol),
        cmocka_unit_test(holds_the_window),
        cmocka_unit_test(wants_aws_headers_under_the_signature),
        cmocka_unit_test(wants_a_signature),
        cmocka_unit_test(may_be_lenient_or_off),
    };

    return cmocka_run_group_tests_name("sim: signatures", tests, NULL, NULL);
}
