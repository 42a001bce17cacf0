#include "tests/unit/aws/rig.h"

#include "aws/call.h"

/* Shared files, endpoints, and what of them decides where a call goes. */

#define STS "https://sts.eu-west-1.amazonaws.com/"
#define SESSION(id)                                                                                \
    "<R><AssumeRoleResult><Credentials><AccessKeyId>" id                                           \
    "</AccessKeyId><SecretAccessKey>s</SecretAccessKey><SessionToken>t</SessionToken><Expiration>" \
    "2026-09-21T15:13:20Z</Expiration></Credentials></AssumeRoleResult></R>"

/* ---- INI ---- */

static const char quirks[] = "\xef\xbb\xbf# a comment\n"
                             "before = any section\n"
                             "[default]\r\n"
                             "region = eu-west-1 \r\n"
                             "; another\n"
                             "s3 =\n"
                             "    addressing_style = path\n"
                             "    max = 1\n"
                             "output=json\n"
                             "[profile \"two words\"]\n"
                             "role_arn = arn:aws:iam::1:role/a=b\n"
                             "[ profile  tabs ]\n"
                             "region=x\n"
                             "[default]\n"
                             "region = eu-west-2\n"
                             "Region = other\n"
                             "text = one\n"
                             "  two\n"
                             "no pair here\n"
                             "[empty]\n"
                             "[unclosed\n"
                             "k = v # not a comment";

static void test_files_are_read_with_all_their_quirks(void **state)
{
    static const struct {
        const char *section;
        const char *key;
        const char *value;
    } cases[] = {
        {"default", "region", "eu-west-2"},
        {"default", "Region", "other"},
        {"default", "s3.addressing_style", "path"},
        {"default", "s3.max", "1"},
        {"default", "output", "json"},
        {"default", "text", "one\ntwo"},
        {"default", "before", NULL},
        {"default", "addressing_style", NULL},
        {"profile two words", "role_arn", "arn:aws:iam::1:role/a=b"},
        {"profile tabs", "region", "x"},
        {"unclosed", "k", "v # not a comment"},
    };
    struct arena *a = arena_new(0);
    struct ini ini = ini_parse(a, str_from_z(quirks));

    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        struct str value = ini_get(&ini, str_from_z(cases[i].section), str_from_z(cases[i].key));

        if (cases[i].value)
            assert_str(value, cases[i].value);
        else
            assert_false(str_present(value));
    }
    assert_true(ini_has_section(&ini, STR("empty")));
    assert_false(ini_has_section(&ini, STR("profile empty")));
    assert_int_equal(ini_parse(a, (struct str){0}).len, 0);
    arena_free(a);
}

/* ---- profiles ---- */

static const char config[] = "[default]\n"
                             "region = eu-west-1\n"
                             "aws_access_key_id = CONFIGKEY\n"
                             "aws_secret_access_key = s\n"
                             "[profile role]\n"
                             "role_arn = arn:aws:iam::111122223333:role/r\n"
                             "source_profile = keys\n"
                             "external_id = e\n"
                             "role_session_name = me\n"
                             "duration_seconds = 900\n"
                             "[profile self]\n"
                             "role_arn = arn:aws:iam::111122223333:role/s\n"
                             "source_profile = self\n"
                             "aws_access_key_id = SELFKEY\n"
                             "aws_secret_access_key = s\n"
                             "[profile chain]\n"
                             "role_arn = arn:aws:iam::111122223333:role/c\n"
                             "source_profile = role\n"
                             "[profile loop]\n"
                             "role_arn = r\n"
                             "source_profile = loop2\n"
                             "[profile loop2]\n"
                             "role_arn = r\n"
                             "source_profile = loop\n"
                             "[profile from-environment]\n"
                             "role_arn = arn:aws:iam::111122223333:role/f\n"
                             "credential_source = Environment\n"
                             "[profile both]\n"
                             "role_arn = r\n"
                             "credential_source = Environment\n"
                             "source_profile = keys\n"
                             "[profile nowhere]\n"
                             "role_arn = r\n"
                             "source_profile = gone\n"
                             "[profile odd]\n"
                             "role_arn = r\n"
                             "credential_source = Moon\n"
                             "[profile mfa]\n"
                             "role_arn = r\n"
                             "source_profile = keys\n"
                             "mfa_serial = m\n"
                             "[profile program]\n"
                             "credential_process = give me --keys\n"
                             "[profile sso]\n"
                             "sso_account_id = 111122223333\n"
                             "[profile half]\n"
                             "aws_access_key_id = K\n"
                             "[profile web]\n"
                             "role_arn = arn:aws:iam::111122223333:role/w\n"
                             "web_identity_token_file = /token\n"
                             "[profile url]\n"
                             "endpoint_url = http://all.test\n"
                             "services = local\n"
                             "[services local]\n"
                             "drs =\n"
                             "  endpoint_url = http://drs.test\n";

static const struct text_file files[] = {
    {"/home/me/.aws/config", config},
    {"/home/me/.aws/credentials", "[keys]\naws_access_key_id=FILEKEY\naws_secret_access_key=s\n"
                                  "[default]\naws_access_key_id=DEFAULTKEY\n"
                                  "aws_secret_access_key=s\n"},
    {"/token", "tok"},
    {NULL, NULL},
};

struct profile_case {
    const char *profile;
    const char *key; /* the access key that comes out */
    const char *why; /* or a part of the refusal */
    const char *sts[2];
};

#define ASSUME \
    "Action=AssumeRole&Version=2011-06-15&RoleArn=arn%3Aaws%3Aiam%3A%3A111122223333%3Arole%2F"

static const struct profile_case profile_cases[] = {
    {"default", "DEFAULTKEY", NULL, {NULL}},
    {"keys", "FILEKEY", NULL, {NULL}},
    {"role", "ASIA", NULL, {ASSUME "r&RoleSessionName=me&DurationSeconds=900&ExternalId=e"}},
    {"self", "ASIA", NULL, {ASSUME "s&RoleSessionName=drwave"}},
    {"chain",
     "ASIA",
     NULL,
     {ASSUME "r&RoleSessionName=me&DurationSeconds=900&ExternalId=e",
      ASSUME "c&RoleSessionName=drwave"}},
    {"loop", NULL, "round in a circle", {NULL}},
    {"from-environment", NULL, "'Environment' has none", {NULL}},
    {"both", NULL, "must name one of", {NULL}},
    {"nowhere", NULL, "'gone', which does not exist", {NULL}},
    {"odd", NULL, "'Moon' is not known", {NULL}},
    {"mfa", NULL, "MFA", {NULL}},
    {"sso", NULL, "sso_start_url is missing", {NULL}},
    {"half", NULL, "no secret", {NULL}},
    {"absent", NULL, "'absent' does not exist", {NULL}},
    {"program", "PROGRAMKEY", NULL, {NULL}},
    {"web",
     "ASIA",
     NULL,
     {"Action=AssumeRoleWithWebIdentity&Version=2011-06-15&RoleArn=arn%3Aaws%3Aiam%3A%"
      "3A111122223333"
      "%3Arole%2Fw&RoleSessionName=drwave&WebIdentityToken=tok"}},
};

static void check_profile(const struct profile_case *c)
{
    const struct variable variables[] = {{"AWS_PROFILE", c->profile},
                                         {"AWS_REGION", "eu-west-1"},
                                         {"HOME", "/home/me"},
                                         {"AWS_EC2_METADATA_DISABLED", "true"},
                                         {NULL, NULL}};
    struct exchange script[2];
    struct aws_credentials got = {0};
    struct aws_error error = {0};
    struct rig *r;
    size_t n = 0;
    bool ok;

    for (; n < 2 && c->sts[n]; n++)
        script[n] = (struct exchange){
            .url = STS,
            .body = c->sts[n],
            .answer = strcmp(c->profile, "web") == 0
                          ? "<R><AssumeRoleWithWebIdentityResult><Credentials><AccessKeyId>ASIA"
                            "</AccessKeyId><SecretAccessKey>s</SecretAccessKey><SessionToken>t"
                            "</SessionToken><Expiration>2026-09-21T15:13:20Z</Expiration>"
                            "</Credentials></AssumeRoleWithWebIdentityResult></R>"
                          : SESSION("ASIA")};
    r = rig_with(variables, script, n);
    r->files = files;
    r->program_output = "{\"Version\":1,\"AccessKeyId\":\"PROGRAMKEY\",\"SecretAccessKey\":\"s\","
                        "\"SessionToken\":\"t\"}";
    ok = credentials_get(r->aws, r->arena, &r->at.target, &got, &error);
    if (c->key)
        assert_str(got.key.access_key_id, c->key);
    else if (ok || !str_contains(error.message, str_from_z(c->why)))
        fail_msg("%s: " STR_FMT, c->profile, STR_ARG(error.message));
    if (strcmp(c->profile, "program") == 0) {
        assert_string_equal(r->program, "give me --keys");
        assert_str(got.key.token, "t");
    }
    rig_free(r);
}

static void test_every_kind_of_profile(void **state)
{
    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(profile_cases); i++) {
        print_message("# %s\n", profile_cases[i].profile);
        check_profile(&profile_cases[i]);
    }
}

static void test_a_program_that_speaks_otherwise_is_refused(void **state)
{
    static const char *const outputs[] = {NULL, "oops", "{}",
                                          "{\"Version\":2,\"AccessKeyId\":\"A\"}",
                                          "{\"Version\":1,\"AccessKeyId\":\"A\"}"};
    static const struct variable variables[] = {
        {"AWS_PROFILE", "program"}, {"HOME", "/home/me"}, {NULL, NULL}};

    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(outputs); i++) {
        struct rig *r = rig_with(variables, NULL, 0);
        struct aws_credentials got;
        struct aws_error error;

        r->files = files;
        r->program_output = outputs[i];
        assert_false(credentials_get(r->aws, r->arena, &r->at.target, &got, &error));
        assert_str(error.code, "Credentials");
        rig_free(r);
    }
}

/* The shell, for once: what the product runs when nobody takes its place. */
static void test_a_program_is_run_by_the_shell(void **state)
{
    struct rig *r = rig_new(NULL, 0);
    struct str out = {0};

    (void)state;
    r->aws->options.system = (struct aws_system){0};
    assert_true(aws_run_program(r->aws, r->arena, STR("printf '%s' \"a b\""), &out));
    assert_str(out, "a b");
    assert_false(aws_run_program(r->aws, r->arena, STR("echo no; exit 3"), &out));
    assert_false(aws_run_program(r->aws, r->arena, STR("yes"), &out));
    assert_str(out, "it took too long or printed too much");
    assert_false(str_present(aws_read_file(r->aws, r->arena, STR("/nonexistent/file"))));
    rig_free(r);
}

/* ---- endpoints ---- */

struct endpoint_case {
    const struct aws_service *service;
    const char *region;
    struct endpoint_settings settings;
    const char *origin; /* NULL: refused */
    const char *prefix;
    const char *host;
    const char *signing_region;
};

#define PLAIN(service, region, host)                                             \
    {                                                                            \
        &aws_service_##service, region, {{0}}, "https://" host, "", host, region \
    }
#define WITH(service, region, setting, host)                                         \
    {                                                                                \
        &aws_service_##service, region, {setting}, "https://" host, "", host, region \
    }

static const struct endpoint_case endpoint_cases[] = {
    PLAIN(drs, "us-west-2", "drs.us-west-2.amazonaws.com"),
    PLAIN(ec2, "us-gov-west-1", "ec2.us-gov-west-1.amazonaws.com"),
    PLAIN(drs, "eusc-de-east-1", "drs.eusc-de-east-1.amazonaws.eu"),
    PLAIN(sts, "cn-north-1", "sts.cn-north-1.amazonaws.com.cn"),
    PLAIN(ec2, "us-iso-east-1", "ec2.us-iso-east-1.c2s.ic.gov"),
    PLAIN(ec2, "us-isob-east-1", "ec2.us-isob-east-1.sc2s.sgov.gov"),
    PLAIN(ec2, "eu-isoe-west-1", "ec2.eu-isoe-west-1.cloud.adc-e.uk"),
    PLAIN(ec2, "us-isof-south-1", "ec2.us-isof-south-1.csp.hci.ic.gov"),
    WITH(drs, "us-east-1", .fips = true, "drs-fips.us-east-1.amazonaws.com"),
    WITH(drs, "us-gov-east-1", .fips = true, "drs-fips.us-gov-east-1.amazonaws.com"),
    WITH(ec2, "us-gov-east-1", .fips = true, "ec2.us-gov-east-1.amazonaws.com"),
    WITH(drs, "eu-west-1", .dual_stack = true, "drs.eu-west-1.api.aws"),
    {&aws_service_drs,
     "us-east-2",
     {.fips = true, .dual_stack = true},
     "https://drs-fips.us-east-2.api.aws",
     "",
     "drs-fips.us-east-2.api.aws",
     "us-east-2"},
    {&aws_service_sts,
     "eu-west-1",
     {.sts_legacy = true},
     "https://sts.amazonaws.com",
     "",
     "sts.amazonaws.com",
     "us-east-1"},
    {&aws_service_sts,
     "eu-south-1",
     {.sts_legacy = true},
     "https://sts.eu-south-1.amazonaws.com",
     "",
     "sts.eu-south-1.amazonaws.com",
     "eu-south-1"},
    {&aws_service_drs,
     "eu-west-1",
     {.override_url = STR_INIT("http://[::1]:99/a/b//")},
     "http://[::1]:99",
     "/a/b",
     "[::1]:99",
     "eu-west-1"},
    {&aws_service_drs,
     "eu-west-1",
     {.override_url = STR_INIT("http://h:80")},
     "http://h:80",
     "",
     "h",
     "eu-west-1"},
    {&aws_service_drs, "eu-west-1", {.override_url = STR_INIT("ftp://h")}, NULL, "", "", ""},
    {&aws_service_drs, "eu-west-1", {.override_url = STR_INIT("http://a@h")}, NULL, "", "", ""},
    {&aws_service_drs, "eu-west-1", {.override_url = STR_INIT("http://h/?x")}, NULL, "", "", ""},
    {&aws_service_drs, "eu-west-1", {.override_url = STR_INIT("http://")}, NULL, "", "", ""},
    {&aws_service_drs, "EU-WEST-1", {{0}}, NULL, "", "", ""},
    {&aws_service_drs, "eu-west-1.evil", {{0}}, NULL, "", "", ""},
    {&aws_service_drs, "-eu", {{0}}, NULL, "", "", ""},
    {&aws_service_drs, "", {{0}}, NULL, "", "", ""},
};

static void test_every_partition_and_override(void **state)
{
    struct arena *a = arena_new(0);

    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(endpoint_cases); i++) {
        const struct endpoint_case *c = &endpoint_cases[i];
        struct endpoint_ask ask = {c->service, str_from_z(c->region), c->settings};
        struct endpoint e = {0};
        struct str why = {0};

        if (endpoint_resolve(a, &ask, &e, &why) != (c->origin != NULL))
            fail_msg("case %zu: " STR_FMT, i, STR_ARG(why));
        if (!c->origin)
            continue;
        assert_str(e.origin, c->origin);
        assert_str(e.prefix, c->prefix);
        assert_str(e.host, c->host);
        assert_str(e.signing_region, c->signing_region);
    }
    arena_free(a);
}

static struct str configured(const struct variable *variables, const struct aws_service *service)
{
    static char url[128];
    struct rig *r = rig_with(variables, NULL, 0);

    r->files = files;
    (void)snprintf(url, sizeof(url), STR_FMT,
                   STR_ARG(aws_endpoint_settings(r->aws, r->arena, service).override_url));
    rig_free(r);
    return str_from_z(url);
}

static void test_the_most_special_override_wins(void **state)
{
    static const struct variable all[] = {{"HOME", "/home/me"},
                                          {"AWS_PROFILE", "url"},
                                          {"AWS_ENDPOINT_URL", "http://env"},
                                          {"AWS_ENDPOINT_URL_DRS", "http://env-drs"},
                                          {NULL, NULL}};
    static const struct variable files_only[] = {
        {"HOME", "/home/me"}, {"AWS_PROFILE", "url"}, {NULL, NULL}};
    static const struct variable ignored[] = {{"AWS_IGNORE_CONFIGURED_ENDPOINT_URLS", "True"},
                                              {"AWS_ENDPOINT_URL", "http://env"},
                                              {NULL, NULL}};

    (void)state;
    assert_str(configured(all, &aws_service_drs), "http://env-drs");
    assert_str(configured(all, &aws_service_ec2), "http://env");
    assert_str(configured(files_only, &aws_service_drs), "http://drs.test");
    assert_str(configured(files_only, &aws_service_ec2), "http://all.test");
    assert_str(configured(ignored, &aws_service_drs), "");
}

static void test_settings_come_from_variables_and_profiles(void **state)
{
    static const struct variable variables[] = {{"HOME", "/home/me"},
                                                {"AWS_MAX_ATTEMPTS", "5"},
                                                {"AWS_USE_FIPS_ENDPOINT", "true"},
                                                {NULL, NULL}};
    struct rig *r = rig_with(variables, NULL, 0);

    (void)state;
    r->files = files;
    assert_str(aws_region(r->aws, &r->at.target), "eu-west-1");
    assert_int_equal(aws_settings(r->aws)->attempts, 5);
    assert_true(aws_settings(r->aws)->fips);
    assert_false(aws_settings(r->aws)->dual_stack);
    rig_free(r);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_files_are_read_with_all_their_quirks),
        cmocka_unit_test(test_every_kind_of_profile),
        cmocka_unit_test(test_a_program_that_speaks_otherwise_is_refused),
        cmocka_unit_test(test_a_program_is_run_by_the_shell),
        cmocka_unit_test(test_every_partition_and_override),
        cmocka_unit_test(test_the_most_special_override_wins),
        cmocka_unit_test(test_settings_come_from_variables_and_profiles),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
