#include "tests/unit/aws/rig.h"

#include <pthread.h>
#include <stdatomic.h>

#include "aws/drs.h"
#include "base/ports_system.h"

#define DRS  "https://drs.us-west-2.amazonaws.com/DescribeJobs"
#define STS  "https://sts.us-west-2.amazonaws.com/"
#define NONE "{\"items\":[]}"
#define ROLE "arn:aws:iam::111122223333:role/drs-orch"
#define FORM "Content-Type: application/x-www-form-urlencoded; charset=utf-8"

/* STS's answer; the times are the rig's plus some minutes. */
#define SESSION(operation, id, expires)                                                      \
    "<" operation "Response xmlns=\"https://sts.amazonaws.com/doc/2011-06-15/\"><" operation \
    "Result><Credentials><AccessKeyId>" id "</AccessKeyId><SecretAccessKey>s+/="             \
    "</SecretAccessKey><SessionToken>tok&lt;en</SessionToken><Expiration>" expires           \
    "</Expiration></Credentials></" operation "Result></" operation "Response>"
#define REFUSED(code)                                                                         \
    "<ErrorResponse><Error><Type>Sender</Type><Code>" code "</Code><Message>not so</Message>" \
    "</Error><RequestId>sts-1</RequestId></ErrorResponse>"

static enum fault describe(struct rig *r)
{
    struct drs_jobs jobs;

    return drs_describe_jobs(aws_reader(r->aws), &r->at, &(struct drs_job_filter){0}, &jobs);
}

static void signed_by(const struct rig *r, const char *id)
{
    struct aws_credentials c = {0};
    struct aws_error error = {0};

    if (!credentials_get(r->aws, r->arena, &r->at.target, &c, &error))
        fail_msg("no credentials: " STR_FMT, STR_ARG(error.message));
    assert_str(c.key.access_key_id, id);
}

static void refused_with(const struct rig *r, const char *part, bool retryable)
{
    struct aws_credentials c = {0};
    struct aws_error error = {0};

    assert_false(credentials_get(r->aws, r->arena, &r->at.target, &c, &error));
    if (!str_contains(error.message, str_from_z(part)))
        fail_msg("'%s' is not in: " STR_FMT, part, STR_ARG(error.message));
    assert_str(error.code, "Credentials");
    assert_int_equal(error.retryable, retryable);
}

/* ---- roles of targets ---- */

static void test_a_role_is_assumed_once_and_kept(void **state)
{
    static const struct exchange script[] = {
        {.url = STS,
         .body = "Action=AssumeRole&Version=2011-06-15&RoleArn=arn%3Aaws%3Aiam%3A%3A111122223333"
                 "%3Arole%2Fdrs-orch&RoleSessionName=exec-1-a-b&ExternalId=x+1%2B2",
         .headers = {FORM, "!X-Amz-Security-Token"},
         .answer = SESSION("AssumeRole", "ASIA1", "2026-09-21T15:13:20Z")},
        {.url = DRS, .headers = {"X-Amz-Security-Token: tok<en"}, .answer = NONE},
        {.url = DRS, .headers = {"X-Amz-Security-Token: tok<en"}, .answer = NONE},
    };
    struct rig *r = RIG(script);

    (void)state;
    r->at.target = (struct aws_target){
        .role_arn = STR(ROLE), .external_id = STR("x 1+2"), .session_name = STR("exec-1/a b")};
    assert_int_equal(describe(r), FAULT_NONE);
    assert_int_equal(describe(r), FAULT_NONE);
    assert_string_equal(r->calls[0].operation, "AssumeRole");
    assert_string_equal(r->calls[1].account, "111122223333");
    rig_free(r);
}

static void test_other_external_ids_are_other_sessions(void **state)
{
    static const struct exchange one = {
        .url = STS, .answer = SESSION("AssumeRole", "ASIA1", "2026-09-21T15:13:20Z")};
    static const struct exchange two = {
        .url = STS, .answer = SESSION("AssumeRole", "ASIA2", "2026-09-21T15:13:20Z")};
    const struct exchange script[] = {one, two};
    struct rig *r = RIG(script);

    (void)state;
    r->at.target = (struct aws_target){.role_arn = STR(ROLE), .external_id = STR("a")};
    signed_by(r, "ASIA1");
    r->at.target.external_id = STR("b");
    signed_by(r, "ASIA2");
    r->at.target.external_id = STR("a");
    signed_by(r, "ASIA1");
    rig_free(r);
}

static void test_sessions_are_refreshed_before_they_end(void **state)
{
    static const struct exchange script[] = {
        {.url = STS, .answer = SESSION("AssumeRole", "ASIA1", "2026-09-21T15:13:20Z")},
        {.url = STS, .status = 400, .answer = REFUSED("ValidationError")},
        {.url = STS, .answer = SESSION("AssumeRole", "ASIA2", "2026-09-21T15:23:20Z")},
        {.url = STS, .answer = SESSION("AssumeRole", "ASIA3", "2026-09-21T16:23:20Z")},
    };
    struct rig *r = RIG(script);

    (void)state;
    r->at.target = (struct aws_target){.role_arn = STR(ROLE)};
    signed_by(r, "ASIA1");
    clock_single_advance(&r->clock, 54 * 60000);
    signed_by(r, "ASIA1"); /* more than five minutes are left */
    clock_single_advance(&r->clock, 60001);
    signed_by(r, "ASIA1"); /* the refresh fails: what is valid goes on */
    signed_by(r, "ASIA1"); /* and is not asked for again at once */
    clock_single_advance(&r->clock, 10001);
    signed_by(r, "ASIA2"); /* lives for a quarter of an hour */
    clock_single_advance(&r->clock, 10 * 60000);
    signed_by(r, "ASIA2"); /* which is more than a quarter */
    clock_single_advance(&r->clock, 2 * 60000);
    signed_by(r, "ASIA3"); /* less than a quarter of it is left */
    rig_free(r);
}

static void test_a_refused_role_is_told_as_that(void **state)
{
    static const struct exchange script[] = {
        {.url = STS, .status = 403, .answer = REFUSED("AccessDenied")},
        {.url = STS, .status = 403, .answer = REFUSED("AccessDenied")},
    };
    struct rig *r = RIG(script);

    (void)state;
    r->at.target = (struct aws_target){.role_arn = STR(ROLE)};
    assert_int_equal(describe(r), FAULT_ROLE_ASSUMPTION_FAILED);
    assert_str(r->at.error.code, "AccessDenied");
    assert_str(r->at.error.message, "not so");
    assert_str(r->at.error.request_id, "sts-1");
    assert_true(r->at.error.assuming_role);
    assert_false(r->at.error.ambiguous);
    assert_int_equal(describe(r), FAULT_ROLE_ASSUMPTION_FAILED); /* within the second */
    assert_int_equal(r->web.done, 1);
    clock_single_advance(&r->clock, 1001);
    assert_int_equal(describe(r), FAULT_ROLE_ASSUMPTION_FAILED);
    rig_free(r);
}

static void test_an_expired_session_is_replaced_and_the_call_replayed(void **state)
{
    static const struct exchange script[] = {
        {.url = STS, .answer = SESSION("AssumeRole", "ASIA1", "2026-09-21T15:13:20Z")},
        {.url = DRS, .status = 403, .answer_headers = {"x-amzn-ErrorType: ExpiredTokenException"}},
        {.url = STS, .answer = SESSION("AssumeRole", "ASIA2", "2026-09-21T15:13:20Z")},
        {.url = DRS, .answer = NONE},
    };
    struct rig *r = RIG(script);

    (void)state;
    r->at.target = (struct aws_target){.role_arn = STR(ROLE)};
    assert_int_equal(describe(r), FAULT_NONE);
    signed_by(r, "ASIA2");
    rig_free(r);
}

static void test_an_unreachable_sts_is_transient(void **state)
{
    static const struct exchange down = {.url = STS, .fault = FAULT_CONNECTION};
    const struct exchange script[] = {down, down, down};
    struct rig *r = RIG(script);

    (void)state;
    r->at.target = (struct aws_target){.role_arn = STR(ROLE)};
    assert_int_equal(describe(r), FAULT_AWS_TRANSIENT);
    rig_free(r);
}

/* ---- one at a time ---- */

enum { CALLERS = 8 };

struct slow_sts {
    struct transport transport;
    atomic_int calls;
    atomic_int waiting;
};

/* Answers once everybody has asked, or has had the time to. */
static enum fault slow_send(struct transport *t, struct arena *a,
                            const struct transport_request *req, struct transport_answer *out,
                            struct str *why)
{
    struct slow_sts *s = (struct slow_sts *)t;

    (void)a;
    (void)req;
    (void)why;
    (void)atomic_fetch_add(&s->calls, 1);
    while (atomic_load(&s->waiting) < CALLERS)
        ;
    out->status = 200;
    out->body = STR(SESSION("AssumeRole", "ASIA1", "2030-01-01T00:00:00Z"));
    return FAULT_NONE;
}

struct caller {
    struct aws *aws;
    struct slow_sts *sts;
    bool ok;
};

static void ask_for_credentials(void *arg)
{
    struct caller *c = arg;
    struct arena *a = arena_new(0);
    struct aws_target target = {.region = STR("us-west-2"), .role_arn = STR(ROLE)};
    struct aws_credentials got = {0};
    struct aws_error error;

    (void)atomic_fetch_add(&c->sts->waiting, 1);
    c->ok = credentials_get(c->aws, a, &target, &got, &error) &&
            str_eq_z(got.key.access_key_id, "ASIA1");
    arena_free(a);
}

static struct str two_keys(void *context, const char *name)
{
    (void)context;
    if (strcmp(name, "AWS_ACCESS_KEY_ID") == 0 || strcmp(name, "AWS_SECRET_ACCESS_KEY") == 0)
        return STR("AKID");
    return (struct str){0};
}

static void test_many_threads_make_one_call(void **state)
{
    static const struct transport_ops slow_ops = {.send = slow_send};
    struct slow_sts sts = {.transport = {&slow_ops}};
    struct run *run = run_pool_new(CALLERS, CALLERS);
    struct aws *aws = aws_new(&(struct aws_options){.clock = clock_system(),
                                                    .entropy = entropy_system(),
                                                    .transport = &sts.transport,
                                                    .metadata_transport = &sts.transport,
                                                    .run = run,
                                                    .environment = two_keys});
    struct caller callers[CALLERS];
    void *args[CALLERS];

    (void)state;
    for (int i = 0; i < CALLERS; i++) {
        callers[i] = (struct caller){aws, &sts, false};
        args[i] = &callers[i];
    }
    run->ops->all(run, ask_for_credentials, args, CALLERS, CALLERS);
    for (int i = 0; i < CALLERS; i++)
        assert_true(callers[i].ok);
    assert_int_equal(atomic_load(&sts.calls), 1);
    aws_free(aws);
    run_pool_free(run);
}

/* ---- the chain ---- */

static void test_half_a_key_is_an_error(void **state)
{
    static const struct variable variables[] = {{"AWS_ACCESS_KEY_ID", "AKID"}, {NULL, NULL}};
    struct rig *r = rig_with(variables, NULL, 0);

    (void)state;
    refused_with(r, "AWS_SECRET_ACCESS_KEY is not", false);
    rig_free(r);
}

static void test_a_web_identity_is_read_from_its_file_at_each_refresh(void **state)
{
    static const struct variable variables[] = {
        {"AWS_REGION", "us-west-2"},
        {"AWS_WEB_IDENTITY_TOKEN_FILE", "/run/token"},
        {"AWS_ROLE_ARN", ROLE},
        {"AWS_ROLE_SESSION_NAME", "pod"},
        {NULL, NULL},
    };
    static const struct text_file files[] = {{"/run/token", "header.payload.sig\n"}, {NULL, NULL}};
    static const struct exchange script[] = {
        {.url = STS,
         .headers = {FORM, "!Authorization", "!X-Amz-Date"},
         .body = "Action=AssumeRoleWithWebIdentity&Version=2011-06-15&RoleArn=arn%3Aaws%3Aiam%3A"
                 "%3A111122223333%3Arole%2Fdrs-orch&RoleSessionName=pod&WebIdentityToken="
                 "header.payload.sig",
         .answer = SESSION("AssumeRoleWithWebIdentity", "ASIAW", "2026-09-21T15:13:20Z")},
    };
    struct rig *r = RIG_WITH(variables, script);

    (void)state;
    refused_with(r, "/run/token", true);
    clock_single_advance(&r->clock, 2000);
    r->files = files;
    signed_by(r, "ASIAW");
    rig_free(r);
}

static const struct variable container_variables[] = {
    {"AWS_REGION", "us-west-2"},
    {"AWS_CONTAINER_CREDENTIALS_RELATIVE_URI", "/v2/credentials/x"},
    {NULL, NULL},
};

static void test_a_container_asks_its_agent(void **state)
{
    static const struct exchange script[] = {
        {.method = "GET", .url = "http://169.254.170.2/v2/credentials/x", .status = 500},
        {.method = "GET",
         .url = "http://169.254.170.2/v2/credentials/x",
         .headers = {"!Authorization"},
         .answer = "{\"RoleArn\":\"r\",\"AccessKeyId\":\"ASIAC\",\"SecretAccessKey\":\"s\","
                   "\"Token\":\"t\",\"Expiration\":\"2026-09-21T15:13:20Z\"}"},
    };
    struct rig *r = rig_with(container_variables, NULL, 0);

    (void)state;
    rig_metadata(r, script, 2);
    signed_by(r, "ASIAC");
    rig_free(r);
}

/* Where an authorisation may go, by the address that the text means. */
static void test_a_container_url_is_judged_by_its_address(void **state)
{
    static const struct {
        const char *url;
        bool allowed;
    } cases[] = {
        {"http://127.0.0.1:8080/creds", true},
        {"http://127.9.9.9/creds", true},
        {"http://localhost:99/creds", true},
        {"http://169.254.170.23/v1", true},
        {"http://[fd00:ec2::23]/v1", true},
        {"http://[fd00:0ec2:0::0:23]/v1", true},
        {"http://[::1]:80/v1", true},
        {"https://example.com/v1", true},
        {"http://example.com/v1", false},
        {"http://169.254.170.3/v1", false},
        {"http://127.0.0.1.example.com/v1", false},
        {"http://localhost.example.com/v1", false},
        {"http://[::1].example.com/v1", false},
        {"http://[fd00:ec2::24]/v1", false},
        {"http://localhost@example.com/v1", false},
        {"http://example.com?@localhost/", false},
        {"http://0x7f.1/v1", false},
        {"ftp://localhost/v1", false},
    };

    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        const struct variable variables[] = {
            {"AWS_CONTAINER_CREDENTIALS_FULL_URI", cases[i].url},
            {"AWS_CONTAINER_AUTHORIZATION_TOKEN", "Bearer x"},
            {NULL, NULL},
        };
        const struct exchange script[] = {
            {.method = "GET",
             .url = cases[i].url,
             .headers = {"Authorization: Bearer x"},
             .answer = "{\"AccessKeyId\":\"ASIAC\",\"SecretAccessKey\":\"s\"}"}};
        struct rig *r = rig_with(variables, NULL, 0);

        print_message("# %s\n", cases[i].url);
        rig_metadata(r, script, cases[i].allowed ? 1 : 0);
        if (cases[i].allowed)
            signed_by(r, "ASIAC");
        else
            refused_with(r, "neither https nor", false);
        rig_free(r);
    }
}

static void test_a_container_token_with_a_line_break_is_refused(void **state)
{
    static const struct variable variables[] = {
        {"AWS_CONTAINER_CREDENTIALS_FULL_URI", "http://localhost/"},
        {"AWS_CONTAINER_AUTHORIZATION_TOKEN", "x\r\nEvil: 1"},
        {NULL, NULL},
    };
    struct rig *r = rig_with(variables, NULL, 0);

    (void)state;
    refused_with(r, "line break", false);
    rig_free(r);
}

#define IMDS  "http://169.254.169.254/latest/"
#define ROLES IMDS "meta-data/iam/security-credentials/"
#define FROM_IMDS                                                                                \
    "{\"Code\":\"Success\",\"AccessKeyId\":\"ASIAI\",\"SecretAccessKey\":\"s\",\"Token\":\"t\"," \
    "\"Expiration\":\"2026-09-21T20:13:20Z\"}"

static const struct variable instance_variables[] = {{"AWS_REGION", "us-west-2"}, {NULL, NULL}};

static void test_an_instance_asks_version_2_and_renews_its_token(void **state)
{
    static const struct exchange script[] = {
        {.method = "PUT",
         .url = IMDS "api/token",
         .headers = {"X-aws-ec2-metadata-token-ttl-seconds: 21600"},
         .answer = "T1"},
        {.method = "GET",
         .url = ROLES,
         .headers = {"X-aws-ec2-metadata-token: T1"},
         .answer = "orch-role\n"},
        {.method = "GET", .url = ROLES "orch-role", .status = 401},
        {.method = "PUT", .url = IMDS "api/token", .answer = "T2"},
        {.method = "GET",
         .url = ROLES "orch-role",
         .headers = {"X-aws-ec2-metadata-token: T2"},
         .answer = FROM_IMDS},
    };
    struct rig *r = rig_with(instance_variables, NULL, 0);

    (void)state;
    rig_metadata(r, script, ARRAY_LEN(script));
    signed_by(r, "ASIAI");
    rig_free(r);
}

static void test_an_instance_without_version_2_is_asked_as_before(void **state)
{
    static const struct exchange script[] = {
        {.method = "PUT", .url = IMDS "api/token", .status = 403},
        {.method = "GET",
         .url = ROLES,
         .headers = {"!X-aws-ec2-metadata-token"},
         .answer = "orch-role"},
        {.method = "GET", .url = ROLES "orch-role", .answer = FROM_IMDS},
    };
    struct rig *r = rig_with(instance_variables, NULL, 0);

    (void)state;
    rig_metadata(r, script, ARRAY_LEN(script));
    signed_by(r, "ASIAI");
    rig_free(r);
}

static void test_an_instance_that_may_not_use_version_1_does_not(void **state)
{
    static const struct variable variables[] = {{"AWS_EC2_METADATA_V1_DISABLED", "true"},
                                                {NULL, NULL}};
    static const struct exchange script[] = {
        {.method = "PUT", .url = IMDS "api/token", .fault = FAULT_TIMEOUT, .sent = true}};
    struct rig *r = rig_with(variables, NULL, 0);

    (void)state;
    rig_metadata(r, script, 1);
    refused_with(r, "no AWS credentials are configured", false);
    rig_free(r);
}

static void test_nothing_configured_says_so(void **state)
{
    static const struct variable variables[] = {{"AWS_EC2_METADATA_DISABLED", "true"},
                                                {NULL, NULL}};
    struct rig *r = rig_with(variables, NULL, 0);

    (void)state;
    refused_with(r, "no AWS credentials are configured", false);
    rig_free(r);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_a_role_is_assumed_once_and_kept),
        cmocka_unit_test(test_other_external_ids_are_other_sessions),
        cmocka_unit_test(test_sessions_are_refreshed_before_they_end),
        cmocka_unit_test(test_a_refused_role_is_told_as_that),
        cmocka_unit_test(test_an_expired_session_is_replaced_and_the_call_replayed),
        cmocka_unit_test(test_an_unreachable_sts_is_transient),
        cmocka_unit_test(test_many_threads_make_one_call),
        cmocka_unit_test(test_half_a_key_is_an_error),
        cmocka_unit_test(test_a_web_identity_is_read_from_its_file_at_each_refresh),
        cmocka_unit_test(test_a_container_asks_its_agent),
        cmocka_unit_test(test_a_container_url_is_judged_by_its_address),
        cmocka_unit_test(test_a_container_token_with_a_line_break_is_refused),
        cmocka_unit_test(test_an_instance_asks_version_2_and_renews_its_token),
        cmocka_unit_test(test_an_instance_without_version_2_is_asked_as_before),
        cmocka_unit_test(test_an_instance_that_may_not_use_version_1_does_not),
        cmocka_unit_test(test_nothing_configured_says_so),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
