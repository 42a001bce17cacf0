#include "tests/unit/unit.h"

#include <dirent.h>
#include <unistd.h>

#include "aws/sigv4.h"
#include "base/file.h"
#include "base/json.h"
#include "base/time.h"

/* ---- AWS's own signing suite, where the folder of vectors is there ---- */

static struct str read_case(struct arena *a, const char *name, const char *file)
{
    struct str path = arena_strf(a, "%s/vectors/sigv4/%s/%s", getenv("SHARED"), name, file);
    struct str text;
    struct str why;

    if (file_read(a, path, 1 << 20, &text, &why))
        fail_msg(STR_FMT, STR_ARG(why));
    return text;
}

/* "POST /path HTTP/1.1", then headers; a line that begins with a blank belongs to the one before.
 */
static void parse_request(struct arena *a, struct str text, struct sigv4_request *out,
                          struct str *body)
{
    struct str first = str_cut(&text, '\n');

    out->method = str_cut(&first, ' ');
    out->target = str_slice(first, 0, first.len - strlen(" HTTP/1.1"));
    out->headers.items = arena_array_of(a, 32, struct header);
    while (str_present(text)) {
        struct str line = str_cut(&text, '\n');
        struct header *next = &out->headers.items[out->headers.len];

        if (str_empty(line))
            break;
        if (line.ptr[0] == ' ') {
            next[-1].value =
                arena_strf(a, STR_FMT "\n" STR_FMT, STR_ARG(next[-1].value), STR_ARG(line));
            continue;
        }
        next->name = str_cut(&line, ':');
        next->value = line;
        out->headers.len++;
    }
    *body = str_present(text) ? text : STR("");
}

struct suite_case {
    struct sigv4_request request;
    struct sigv4_key key;
    struct sigv4_scope scope;
};

static void add_header(struct headers *h, struct str name, struct str value)
{
    if (str_present(value))
        h->items[h->len++] = (struct header){name, value};
}

static void load_case(struct arena *a, const char *name, struct suite_case *c)
{
    const struct json *context;
    const struct json *credentials;
    struct str body;
    struct str why;
    int64_t ms;

    if (json_parse(a, read_case(a, name, "context.json"), &context, &why))
        fail_msg("%s: " STR_FMT, name, STR_ARG(why));
    credentials = json_get_z(context, "credentials");
    assert_true(time_parse(json_str(json_get_z(context, "timestamp")), &ms));
    parse_request(a, read_case(a, name, "request.txt"), &c->request, &body);
    c->request.payload_hash = sha256_hex(a, sha256_of(body));
    c->request.keep_path = !json_bool(json_get_z(context, "normalize"), true);
    if (json_bool(json_get_z(context, "sign_body"), false))
        add_header(&c->request.headers, STR("X-Amz-Content-Sha256"), c->request.payload_hash);
    c->key = (struct sigv4_key){json_str(json_get_z(credentials, "access_key_id")),
                                json_str(json_get_z(credentials, "secret_access_key")),
                                json_str(json_get_z(credentials, "token"))};
    if (json_bool(json_get_z(context, "omit_session_token"), false))
        c->key.token = (struct str){0};
    c->scope = (struct sigv4_scope){time_basic(a, ms), json_str(json_get_z(context, "region")),
                                    json_str(json_get_z(context, "service"))};
}

static void check_case(const char *name)
{
    struct arena *a = arena_new(0);
    struct suite_case c = {0};
    struct sigv4_request again;
    struct str authorization;
    struct str canonical;
    struct str text;

    load_case(a, name, &c);
    sigv4_sign(a, &c.key, &c.scope, &c.request);
    again = c.request;
    again.headers.len--; /* without Authorization */
    canonical = sigv4_canonical_request(a, &again, NULL);
    print_message("# %s\n", name);
    assert_str(canonical, read_case(a, name, "header-canonical-request.txt").ptr);
    text = sigv4_string_to_sign(a, &c.scope, canonical);
    assert_str(text, read_case(a, name, "header-string-to-sign.txt").ptr);
    assert_str(sigv4_signature(a, c.key.secret, &c.scope, text),
               read_case(a, name, "header-signature.txt").ptr);
    authorization = headers_get(&c.request.headers, STR("Authorization"));
    assert_true(str_contains(read_case(a, name, "header-signed-request.txt"), authorization));
    arena_free(a);
}

enum { SUITE_CASES = 38 };

static void test_every_case_of_the_signing_suite(void **state)
{
    struct arena *a = arena_new(0);
    const char *shared = getenv("SHARED");
    const struct dirent *entry;
    DIR *dir;
    int n = 0;

    (void)state;
    if (!shared || access(shared, F_OK) != 0) {
        print_message("# left out: %d cases, the signing suite is not here\n", SUITE_CASES);
        arena_free(a);
        return;
    }
    dir = opendir(arena_strf(a, "%s/vectors/sigv4", shared).ptr);
    assert_non_null(dir);
    while ((entry = readdir(dir))) {
        if (strncmp(entry->d_name, "get-", 4) != 0 && strncmp(entry->d_name, "post-", 5) != 0)
            continue;
        check_case(entry->d_name);
        n++;
    }
    (void)closedir(dir);
    assert_int_equal(n, SUITE_CASES);
    arena_free(a);
}

/* ---- requests as the SDK for Python signs them ---- */

#define ACCOUNT    "us-west-2%3A111122223333%3A"
#define ARN        "arn%3Aaws%3Adrs%3A" ACCOUNT "source-server%2Fs-0123456789abcdef0"
#define LAMBDA_ARN "arn%3Aaws%3Alambda%3A" ACCOUNT "function%3Adrs-query"
#define FORM       "application/x-www-form-urlencoded; charset=utf-8"

struct sdk_case {
    const char *service;
    const char *region;
    const char *method;
    const char *target;
    const char *headers[4]; /* name, value, ... */
    const char *body;
    bool session;
    const char *canonical_hash;
    const char *signature;
};

static const struct sdk_case sdk_cases[] = {
    {"drs",
     "us-west-2",
     "POST",
     "/StartRecovery",
     {"Content-Type", "application/json"},
     "{\"sourceServers\":[{\"sourceServerID\":\"s-0123456789abcdef0\"}],\"isDrill\":true}",
     true,
     "e73e40f383c87341ae9930188d73a0cd224ed5c766f37f00e3cadc05a9ecbd98",
     "2b674675394d091dad8ee6a2ed95f95b6c823c11da579a6c2e9ac8fe2021913d"},
    {"drs",
     "us-west-2",
     "POST",
     "/tags/" ARN,
     {"Content-Type", "application/json"},
     "{\"tags\":{\"Name\":\"web 1\"}}",
     true,
     "f4ed7164a423df17ce536536012b6f7ab4630f8b0b98a53cd2bcb3ed40b8db89",
     "4d8c332177298198742d16fdfdaa3f5859d9b4ba06596bef0fd64e87179ee5d4"},
    {"drs",
     "us-west-2",
     "DELETE",
     "/tags/" ARN "?tagKeys=b%20c&tagKeys=a%261",
     {NULL},
     "",
     false,
     "ad83720f8dd7628d902c24fdb970a115d1a7cae027df23fa5e0025638cd0f332",
     "dab75152266106c658bc6c6b29162d3f1e0a9e785845c6736121e10392158d8e"},
    {"drs",
     "us-west-2",
     "POST",
     "/InitializeService",
     {NULL},
     "",
     false,
     "915704c61bfb53e1a028363931ae5b35992c51cb15bdefd2bb00faa211be5251",
     "63896e86f74649019f3c18ec17eac06caa7678d65b163ef95f76c007ba321dd1"},
    {"sts",
     "us-east-1",
     "POST",
     "/",
     {"Content-Type", FORM},
     "Action=GetCallerIdentity&Version=2011-06-15",
     false,
     "3bbc0d5b4e982a98ba4c1846765e94befed355d1208948e5ccaaa4bec69dd1fe",
     "4e5a3ba3bb86485a7be05efa7fa8e6f7dd31b4a7ac66e2a1d4a37e738f62ce10"},
    {"dynamodb",
     "us-west-2",
     "POST",
     "/",
     {"Content-Type", "application/x-amz-json-1.0", "X-Amz-Target", "DynamoDB_20120810.GetItem"},
     "{\"TableName\":\"t\",\"Key\":{\"a\":{\"S\":\"b\"}}}",
     false,
     "60c2de809bf13ef3cc3c129da928db197e450fdc1fc8a56406c74731d6235b5e",
     "23958958337fe56ea5ba8a6598a38992e01dc3fa35dfd80ff2e8f8edcf7f56ed"},
    {"lambda",
     "us-west-2",
     "POST",
     "/2015-03-31/functions/" LAMBDA_ARN "/invocations",
     {"X-Amz-Invocation-Type", "Event"},
     "{}",
     false,
     "ddfad69ab7d96d575101b3a88e9d4de767c659d0100c863459d5385af9d422d7",
     "ba4e8ce0934b7eb2c62d06a5f39e1e596614b011a06f046e539234e84155e0d8"},
};

static void check_sdk_case(const struct sdk_case *c)
{
    struct arena *a = arena_new(0);
    struct header given[4] = {
        {STR("Host"), arena_strf(a, "%s.%s.amazonaws.com", c->service, c->region)}};
    struct sigv4_request r = {.method = str_from_z(c->method),
                              .target = str_from_z(c->target),
                              .headers = {given, 1},
                              .payload_hash = sha256_hex(a, sha256_of(str_from_z(c->body)))};
    struct sigv4_key key = {c->session ? STR("ASIAEXAMPLE") : STR("AKIDEXAMPLE"),
                            STR("wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY"),
                            c->session ? STR("FwoGZXIvYXdzEXAMPLETOKEN==") : (struct str){0}};
    struct sigv4_scope scope = {STR("20240315T123456Z"), str_from_z(c->region),
                                str_from_z(c->service)};

    for (size_t i = 0; i < ARRAY_LEN(c->headers) && c->headers[i]; i += 2)
        add_header(&r.headers, str_from_z(c->headers[i]), str_from_z(c->headers[i + 1]));
    sigv4_sign(a, &key, &scope, &r);
    assert_true(str_ends(headers_get(&r.headers, STR("Authorization")),
                         arena_strf(a, "Signature=%s", c->signature)));
    r.headers.len--;
    assert_str(sha256_hex(a, sha256_of(sigv4_canonical_request(a, &r, NULL))), c->canonical_hash);
    arena_free(a);
}

static void test_requests_as_the_python_sdk_signs_them(void **state)
{
    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(sdk_cases); i++)
        check_sdk_case(&sdk_cases[i]);
}

/* ---- what a verifier needs ---- */

static void test_a_verifier_picks_the_headers_that_were_signed(void **state)
{
    struct arena *a = arena_new(0);
    struct header sent[] = {{STR("X-Forwarded-For"), STR("10.0.0.1")},
                            {STR("Host"), STR("localhost:8080")},
                            {STR("X-Amz-Date"), STR("20240315T123456Z")}};
    struct sigv4_request r = {.method = STR("GET"),
                              .target = STR("/a//b/../c?z=1&a=%7e&b&=x&%zz=+"),
                              .headers = {sent, 3},
                              .signed_headers = STR("host;x-amz-date"),
                              .payload_hash = STR("hash")};
    struct str names;

    (void)state;
    assert_str(sigv4_canonical_request(a, &r, &names),
               "GET\n/a/c\n=x&%25zz=%2B&a=~&b=&z=1\nhost:localhost:8080\n"
               "x-amz-date:20240315T123456Z\n\nhost;x-amz-date\nhash");
    assert_str(names, "host;x-amz-date");
    r.target = STR("");
    r.signed_headers = STR("x-absent");
    assert_str(sigv4_canonical_request(a, &r, &names), "GET\n/\n\n\n\nhash");
    arena_free(a);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_every_case_of_the_signing_suite),
        cmocka_unit_test(test_requests_as_the_python_sdk_signs_them),
        cmocka_unit_test(test_a_verifier_picks_the_headers_that_were_signed),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
