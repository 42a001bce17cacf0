/* The sources of the base credentials, one by one; who wins is compared with botocore elsewhere. */
#include "tests/unit/aws/sessions.h"

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

/* "corp" by its SHA-1. */
#define SIGN_IN "/home/me/.aws/sso/cache/ee0bfd2552fbd840c02cc48b6e823320543c450f.json"
#define PORTAL                                                                     \
    "https://portal.sso.eu-west-1.amazonaws.com/federation/credentials?role_name=" \
    "Ops%20Team&account_id=111122223333"

static const struct variable sso_variables[] = {
    {"AWS_PROFILE", "p"}, {"AWS_REGION", "us-west-2"}, {"HOME", "/home/me"}, {NULL, NULL}};

static const char sso_config[] = "[profile p]\n"
                                 "sso_session = corp\n"
                                 "sso_account_id = 111122223333\n"
                                 "sso_role_name = Ops Team\n"
                                 "[sso-session corp]\n"
                                 "sso_region = eu-west-1\n"
                                 "sso_start_url = https://corp.test/start\n";

static void test_a_sign_in_of_identity_center_is_used_while_it_lasts(void **state)
{
    static const struct text_file files[] = {
        {"/home/me/.aws/config", sso_config},
        {SIGN_IN, "{\"accessToken\":\"bearer\",\"expiresAt\":\"2026-09-21T15:13:20Z\"}"},
        {NULL, NULL},
    };
    static const struct exchange script[] = {
        {.method = "GET",
         .url = PORTAL,
         .headers = {"x-amz-sso_bearer_token: bearer", "!Authorization"},
         .answer = "{\"roleCredentials\":{\"accessKeyId\":\"ASIAS\",\"secretAccessKey\":\"s\","
                   "\"sessionToken\":\"t\",\"expiration\":1790002800000}}"},
    };
    struct rig *r = RIG_WITH(sso_variables, script);

    (void)state;
    r->files = files;
    signed_by(r, "ASIAS");
    clock_single_advance(&r->clock, 3600 * 1000); /* the role's credentials, and the sign-in */
    refused_with(r, "the sign-in has ended: run `aws sso login --profile p`", true);
    rig_free(r);
}

static void test_without_a_sign_in_nobody_is_asked(void **state)
{
    static const struct text_file files[] = {{"/home/me/.aws/config", sso_config}, {NULL, NULL}};
    struct rig *r = rig_with(sso_variables, NULL, 0);

    (void)state;
    r->files = files;
    refused_with(r, "nobody has signed in", true);
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
        cmocka_unit_test(test_half_a_key_is_an_error),
        cmocka_unit_test(test_a_web_identity_is_read_from_its_file_at_each_refresh),
        cmocka_unit_test(test_a_sign_in_of_identity_center_is_used_while_it_lasts),
        cmocka_unit_test(test_without_a_sign_in_nobody_is_asked),
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
