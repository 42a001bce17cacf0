#include "tests/unit/sim/rig.h"

#include "base/time.h"

/* The world as a whole: seeds, state that is kept, the clock, EC2's templates, roles. */

static const char estate[] =
    "\"vpcs\":[{\"id\":\"vpc-00000001\",\"cidr\":\"10.0.0.0/16\",\"default\":true},"
    "{\"id\":\"vpc-00000002\",\"cidr\":\"10.9.0.0/16\"}],"
    "\"subnets\":[{\"id\":\"subnet-00000001\",\"vpc\":\"vpc-00000001\",\"cidr\":\"10.0.1.0/28\"}],"
    "\"securityGroups\":[{\"id\":\"sg-00000001\",\"vpc\":\"vpc-00000001\",\"name\":\"in\"},"
    "{\"id\":\"sg-00000002\",\"vpc\":\"vpc-00000002\",\"name\":\"out\"}],"
    "\"instances\":[{\"id\":\"i-00000001\",\"subnet\":\"subnet-00000001\",\"ip\":\"10.0.1.6\","
    "\"protected\":true}],"
    "\"roles\":[{\"id\":\"Open\",\"account\":\"111122223333\",\"trust\":[\"111122223333\"],"
    "\"allow\":[\"drs:Describe*\",\"sts:*\"]},"
    "{\"id\":\"Guarded\",\"account\":\"999922223333\",\"trust\":[\"*\"],"
    "\"externalId\":\"the-id\"}],"
    "\"instanceProfiles\":[{\"id\":\"server\",\"account\":\"111122223333\",\"roles\":[\"Open\"]}],"
    "\"servers\":[{\"id\":\"" SERVER(
        1) "\",\"launch\":{\"name\":\"one\","
           "\"disposition\":\"STARTED\",\"rightSizing\":\"NONE\",\"copyTags\":true},"
           "\"tags\":{\"Owner\":\"me\"}}]";

#define DRILL "{\"isDrill\":true,\"sourceServers\":[{\"sourceServerID\":\"" SERVER(1) "\"}]}"

static void is_the_same_from_the_same_seed(void **state)
{
    struct rig *one = rig_new(estate), *two = rig_new(estate);
    int status;

    (void)state;
    for (int i = 0; i < 3; i++) {
        (void)rig_drs(one, "StartRecovery", DRILL, &status);
        (void)rig_drs(two, "StartRecovery", DRILL, &status);
        rig_run(one, 700000);
        rig_run(two, 700000);
    }
    assert_true(str_eq(sim_save(one->sim, one->arena), sim_save(two->sim, two->arena)));
    rig_free(one);
    rig_free(two);
}

static void goes_on_from_what_was_kept(void **state)
{
    struct rig *r = rig_new(estate), *again;
    struct sim_options options = {0};
    struct str why;
    int status;

    (void)state;
    (void)rig_drs(r, "StartRecovery", DRILL, &status);
    for (int i = 0; i < 12; i++) {
        again = rig_new("");
        options.state = sim_save(r->sim, r->arena);
        options.wall_now_ms = r->wall_ms;
        sim_free(again->sim);
        assert_int_equal(sim_new(&options, again->arena, &again->sim, &why), FAULT_NONE);
        again->wall_ms = r->wall_ms;
        assert_true(str_eq(sim_save(r->sim, r->arena), sim_save(again->sim, again->arena)));
        rig_run(r, 60000);
        rig_run(again, 60000);
        assert_true(str_eq(sim_save(r->sim, r->arena), sim_save(again->sim, again->arena)));
        rig_free(r);
        r = again;
    }
    assert_str(json_str(json_get_z(&json_get_z(rig_admin(r, "GET", "jobs", NULL), "jobs")->items[0],
                                   "status")),
               "COMPLETED");
    rig_free(r);
}

static void moves_in_step_mode_only_when_told(void **state)
{
    struct rig *r = rig_new(estate);
    int64_t before, after;
    int status;

    (void)state;
    (void)rig_admin(r, "POST", "clock", "{\"mode\":\"step\"}");
    before = json_int(json_get_z(rig_admin(r, "GET", "clock", NULL), "nowMs"), 0);
    r->shift = "20240315T123456Z";
    (void)rig_drs(r, "StartRecovery", DRILL, &status);
    assert_int_equal(status, 202);
    r->wall_ms += 3600000;
    after = json_int(json_get_z(rig_admin(r, "GET", "clock", NULL), "nowMs"), 0);
    assert_int_equal(before, after);
    (void)rig_admin(r, "POST", "clock/advance", "{\"seconds\":900}");
    assert_int_equal(json_int(json_get_z(rig_admin(r, "GET", "state", NULL), "drillInstances"), -1),
                     1);
    (void)rig_admin(r, "POST", "state/reset", NULL);
    assert_int_equal(json_int(json_get_z(rig_admin(r, "GET", "state", NULL), "drillInstances"), -1),
                     0);
    rig_free(r);
}

/* Timestamps, the signature window and the life of credentials stay on the wall's time. */
static void divides_durations_alone_by_the_speed(void **state)
{
    struct rig *r = rig_new("\"speed\":600,\"servers\":[{\"id\":\"" SERVER(
        1) "\"}],"
           "\"vpcs\":[{\"id\":\"vpc-00000001\",\"cidr\":\"10.0.0.0/16\","
           "\"default\":true}],\"subnets\":[{\"vpc\":\"vpc-00000001\","
           "\"cidr\":\"10.0.1.0/28\"}],\"knobs\":{\"timestamps\":\"zulu\"},"
           "\"roles\":[{\"id\":\"Open\",\"trust\":[\"*\"]}]");
    const struct json *job;
    int status;

    (void)state;
    job = json_get_z(rig_drs(r, "StartRecovery", DRILL, &status), "job");
    assert_str(json_str(json_get_z(job, "creationDateTime")), "2024-03-15T12:34:56.000Z");
    r->wall_ms += 1200; /* twelve minutes of AWS's */
    assert_int_equal(json_int(json_get_z(rig_admin(r, "GET", "state", NULL), "activeJobs"), -1), 0);
    r->shift = time_basic(r->arena, r->wall_ms - 299000).ptr;
    (void)rig_drs(r, "DescribeJobs", "{}", &status);
    assert_int_equal(status, 200);
    r->shift = time_basic(r->arena, r->wall_ms - 301000).ptr;
    (void)rig_drs(r, "DescribeJobs", "{}", &status);
    assert_int_equal(status, 403);
    r->shift = NULL;
    assert_str(xml_find(rig_form(r, "sts",
                                 "Action=AssumeRole&RoleSessionName=se&"
                                 "RoleArn=arn%3Aaws%3Aiam%3A%3A111122223333%3Arole%2FOpen",
                                 &status),
                        "Expiration"),
               "2024-03-15T13:34:57Z");
    rig_free(r);
}

/* ---- launch settings ---- */

static struct str template_of(struct rig *r)
{
    int status;
    const struct json *v =
        rig_drs(r, "GetLaunchConfiguration", "{\"sourceServerID\":\"" SERVER(1) "\"}", &status);

    return json_str(json_get_z(v, "ec2LaunchTemplateID"));
}

/* The default version of the template becomes the source version with `data` over it. */
static void set_template(struct rig *r, const char *data)
{
    struct str id = template_of(r), number;
    int status;

    number =
        xml_find(rig_form(r, "ec2",
                          arena_strf(r->arena,
                                     "Action=CreateLaunchTemplateVersion&LaunchTemplateId=" STR_FMT
                                     "&SourceVersion=%%24Default&%s",
                                     STR_ARG(id), data)
                              .ptr,
                          &status),
                 "versionNumber");
    assert_int_equal(status, 200);
    (void)rig_form(r, "ec2",
                   arena_strf(r->arena,
                              "Action=ModifyLaunchTemplate&LaunchTemplateId=" STR_FMT
                              "&SetDefaultVersion=" STR_FMT,
                              STR_ARG(id), STR_ARG(number))
                       .ptr,
                   &status);
    assert_int_equal(status, 200);
}

#define DATA "LaunchTemplateData."
#define NIC  DATA "NetworkInterface.1."

static const struct {
    const char *data;
    const char *error; /* NULL: it launches */
} launches[] = {
    {NIC "SubnetId=subnet-00000001&" NIC "DeviceIndex=0", NULL},
    {NIC "SubnetId=subnet-00000001&" NIC "PrivateIpAddress=10.0.1.9", NULL},
    {NIC "SubnetId=subnet-00000009", "InvalidSubnetID.NotFound"},
    {NIC "SubnetId=subnet-00000001&" NIC "PrivateIpAddress=10.0.1.6", "InvalidIPAddress.InUse"},
    {NIC "SubnetId=subnet-00000001&" NIC "PrivateIpAddress=10.0.1.3", "InvalidParameterValue"},
    {NIC "SubnetId=subnet-00000001&" NIC "PrivateIpAddress=10.7.1.9", "InvalidParameterValue"},
    {NIC "SubnetId=subnet-00000001&" NIC "SecurityGroupId.1=sg-00000009", "InvalidGroup.NotFound"},
    {NIC "SubnetId=subnet-00000001&" NIC "SecurityGroupId.1=sg-00000002", "InvalidParameter"},
    {DATA "SecurityGroupId.1=sg-00000001", "InvalidParameterCombination"},
    {NIC "SubnetId=subnet-00000001&" NIC "PrivateIpAddress=10.0.1.9&" NIC
         "PrivateIpAddresses.1.Primary=true&" NIC "PrivateIpAddresses.1.PrivateIpAddress=10.0.1.9",
     "InvalidParameterCombination"},
    {DATA "InstanceType=x9.huge", "Unsupported"},
    {DATA "IamInstanceProfile.Name=nobody", "InvalidParameterValue"},
    {DATA "IamInstanceProfile.Name=server", NULL},
};

static void launches_what_the_default_version_says(void **state)
{
    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(launches); i++) {
        struct rig *r = rig_new(estate);
        struct str log;
        int status;

        set_template(r, launches[i].data);
        (void)rig_drs(r, "StartRecovery", DRILL, &status);
        rig_run(r, 900000);
        log = json_text(r->arena, rig_admin(r, "GET", "jobs", NULL));
        if (launches[i].error ? !str_contains(log, arena_strf(r->arena, "(%s)", launches[i].error))
                              : !str_contains(log, STR("LAUNCH_END")))
            fail_msg("%s: " STR_FMT, launches[i].data, STR_ARG(log));
        rig_free(r);
    }
}

static struct str new_version(struct rig *r, struct str id, const char *type)
{
    struct str form = arena_strf(r->arena,
                                 "Action=CreateLaunchTemplateVersion&LaunchTemplateId=" STR_FMT
                                 "&ClientToken=t1&LaunchTemplateData.InstanceType=%s",
                                 STR_ARG(id), type);
    int status;

    return rig_form(r, "ec2", form.ptr, &status);
}

static void counts_versions_and_tokens(void **state)
{
    struct rig *r = rig_new(estate);
    struct str id = template_of(r);
    int status;

    (void)state;
    assert_str(xml_find(new_version(r, id, "m5.large"), "versionNumber"), "2");
    assert_str(xml_find(new_version(r, id, "m5.large"), "versionNumber"), "2");
    assert_str(xml_find(new_version(r, id, "m5.xlarge"), "Code"), "IdempotentParameterMismatch");
    (void)rig_drs(r, "UpdateLaunchConfiguration",
                  "{\"sourceServerID\":\"" SERVER(1) "\",\"copyTags\":false}", &status);
    assert_str(
        xml_find(rig_form(r, "ec2",
                          arena_strf(r->arena,
                                     "Action=DescribeLaunchTemplates&LaunchTemplateId.1=" STR_FMT,
                                     STR_ARG(id))
                              .ptr,
                          &status),
                 "defaultVersionNumber"),
        "3");
    rig_free(r);
}

static void keeps_protected_instances(void **state)
{
    struct rig *r = rig_new(estate);
    const char *terminate = "Action=TerminateInstances&InstanceId.1=i-00000001";
    int status;

    (void)state;
    assert_str(xml_find(rig_form(r, "ec2", terminate, &status), "Code"), "OperationNotPermitted");
    assert_str(xml_find(rig_form(r, "ec2",
                                 "Action=ModifyInstanceAttribute&InstanceId=i-00000001&"
                                 "DisableApiTermination.Value=false&DryRun=true",
                                 &status),
                        "Code"),
               "DryRunOperation");
    assert_int_equal(status, 412);
    (void)rig_form(r, "ec2",
                   "Action=ModifyInstanceAttribute&InstanceId=i-00000001&"
                   "DisableApiTermination.Value=false",
                   &status);
    assert_str(xml_find(rig_form(r, "ec2", terminate, &status), "name"), "shutting-down");
    rig_run(r, 60000);
    assert_true(str_contains(rig_form(r, "ec2", "Action=DescribeInstances", &status),
                             STR("<name>terminated</name>")));
    rig_free(r);
}

/* ---- roles ---- */

static void assumes_only_what_trusts(void **state)
{
    struct rig *r = rig_new(estate);
    const char *guarded = "Action=AssumeRole&RoleSessionName=se&"
                          "RoleArn=arn%3Aaws%3Aiam%3A%3A999922223333%3Arole%2FGuarded";
    struct str answer;
    int status;

    (void)state;
    assert_str(xml_find(rig_form(r, "sts", guarded, &status), "Code"), "AccessDenied");
    assert_str(
        xml_find(rig_form(r, "sts", arena_strf(r->arena, "%s&ExternalId=no", guarded).ptr, &status),
                 "Code"),
        "AccessDenied");
    answer = rig_form(r, "sts", arena_strf(r->arena, "%s&ExternalId=the-id", guarded).ptr, &status);
    assert_int_equal(status, 200);
    r->key = arena_z(r->arena, xml_find(answer, "AccessKeyId"));
    r->secret = arena_z(r->arena, xml_find(answer, "SecretAccessKey"));
    assert_str(xml_find(rig_form(r, "sts", "Action=GetCallerIdentity", &status), "Code"),
               "InvalidClientTokenId");
    r->token = arena_z(r->arena, xml_find(answer, "SessionToken"));
    assert_str(xml_find(rig_form(r, "sts", "Action=GetCallerIdentity", &status), "Arn"),
               "arn:aws:sts::999922223333:assumed-role/Guarded/se");
    r->wall_ms += 3601000;
    assert_str(xml_find(rig_form(r, "sts", "Action=GetCallerIdentity", &status), "Code"),
               "ExpiredToken");
    rig_free(r);
}

static void denies_what_a_policy_does_not_allow(void **state)
{
    struct rig *r = rig_new(estate);
    const struct json *v;
    struct str answer;
    int status;

    (void)state;
    answer = rig_form(r, "sts",
                      "Action=AssumeRole&RoleSessionName=se&"
                      "RoleArn=arn%3Aaws%3Aiam%3A%3A111122223333%3Arole%2FOpen",
                      &status);
    r->key = arena_z(r->arena, xml_find(answer, "AccessKeyId"));
    r->secret = arena_z(r->arena, xml_find(answer, "SecretAccessKey"));
    r->token = arena_z(r->arena, xml_find(answer, "SessionToken"));
    (void)rig_drs(r, "DescribeSourceServers", "{}", &status);
    assert_int_equal(status, 200);
    v = rig_drs(r, "StartRecovery", DRILL, &status);
    assert_int_equal(status, 403);
    assert_true(str_contains(json_str(json_get_z(v, "message")),
                             STR("is not authorized to perform: drs:StartRecovery on resource")));
    assert_str(xml_find(rig_form(r, "ec2", "Action=DescribeVpcs", &status), "Code"),
               "UnauthorizedOperation");
    answer = rig_form(r, "sts",
                      "Action=AssumeRole&RoleSessionName=se&DurationSeconds=7200&"
                      "RoleArn=arn%3Aaws%3Aiam%3A%3A111122223333%3Arole%2FOpen",
                      &status);
    assert_str(xml_find(answer, "Code"), "ValidationError");
    rig_free(r);
}

/* Starting is allowed: without the tags, and then the job fails for what the caller lacks. */
static void launches_with_the_rights_of_the_caller(void **state)
{
    struct rig *r = rig_new(estate);
    const struct json *v;
    int status;

    (void)state;
    (void)rig_admin(
        r, "POST", "keys",
        "{\"id\":\"AKIATHINTHINTHIN0001\",\"account\":\"111122223333\",\"secret\":\"" RIG_SECRET
        "\",\"allow\":[\"drs:StartRecovery\",\"drs:Describe*\"]}");
    r->key = "AKIATHINTHINTHIN0001";
    v = rig_drs(
        r, "StartRecovery",
        "{\"tags\":{\"a\":\"b\"},\"sourceServers\":[{\"sourceServerID\":\"" SERVER(1) "\"}]}",
        &status);
    assert_int_equal(status, 403);
    assert_true(
        str_contains(json_str(json_get_z(v, "message")), STR("perform: drs:TagResource on")));
    (void)rig_drs(r, "StartRecovery", DRILL, &status);
    assert_int_equal(status, 202);
    rig_run(r, 900000);
    v = rig_admin(r, "GET", "jobs", NULL);
    assert_true(str_contains(json_text(r->arena, v), STR("(UnauthorizedOperation)")));
    assert_true(str_contains(json_text(r->arena, v), STR("ec2:RunInstances")));
    v = &json_get_z(v, "jobs")->items[0];
    assert_str(json_str(json_get_z(v, "status")), "COMPLETED");
    assert_str(json_str(json_get_z(&json_get_z(v, "servers")->items[0], "status")), "FAILED");
    rig_free(r);
}

/* A role may name whom it never trusts; a session that would be less than the role is refused. */
static void never_trusts_whom_a_role_excludes(void **state)
{
    struct rig *r =
        rig_new("\"roles\":[{\"id\":\"Shut\",\"trust\":[\"*\"],\"distrust\":[\"*:user/operator\"]},"
                "{\"id\":\"Open\",\"trust\":[\"*\"]}]");
    const char *form =
        "Action=AssumeRole&RoleSessionName=se&RoleArn=arn%3Aaws%3Aiam%3A%3A111122223333%3Arole%2F";
    int status;

    (void)state;
    (void)rig_form(r, "sts", arena_strf(r->arena, "%sShut", form).ptr, &status);
    assert_int_equal(status, 403);
    (void)rig_form(r, "sts", arena_strf(r->arena, "%sOpen", form).ptr, &status);
    assert_int_equal(status, 200);
    assert_str(
        xml_find(rig_form(r, "sts", arena_strf(r->arena, "%sOpen&Policy=x", form).ptr, &status),
                 "Code"),
        "ValidationError");
    rig_free(r);
}

static struct str gov_form(struct rig *r, const char *partition)
{
    return arena_strf(r->arena,
                      "Action=AssumeRole&RoleSessionName=se&"
                      "RoleArn=arn%%3A%s%%3Aiam%%3A%%3A111122223333%%3Arole%%2FOpen",
                      partition);
}

/* Names and roles of GovCloud are its own. */
static void knows_its_partition(void **state)
{
    struct rig *r = rig_new("\"roles\":[{\"id\":\"Open\",\"trust\":[\"*\"]}]");
    struct str text;
    int status;

    (void)state;
    r->region = "us-gov-west-1";
    (void)rig_form(r, "sts", gov_form(r, "aws").ptr, &status);
    assert_int_equal(status, 403);
    text = rig_form(r, "sts", gov_form(r, "aws-us-gov").ptr, &status);
    assert_str(xml_find(text, "Arn"), "arn:aws-us-gov:sts::111122223333:assumed-role/Open/se");
    text = rig_form(r, "ec2", "Action=DescribeRegions", &status);
    assert_true(str_contains(text, STR(">us-gov-east-1<")));
    assert_false(str_contains(text, STR(">us-east-1<")));
    rig_free(r);
}

static void gives_credentials_to_instances_and_containers(void **state)
{
    struct rig *r = rig_new(estate);
    struct http_request request = {.method = STR("PUT"), .path = STR("/latest/api/token")};
    struct header headers[] = {{STR("X-aws-ec2-metadata-token-ttl-seconds"), STR("60")}};
    struct http_answer answer;

    (void)state;
    request.headers = (struct headers){headers, 1};
    sim_handle(r->sim, r->arena, &request, r->wall_ms, &answer);
    assert_int_equal(answer.status, 200);
    request.method = STR("GET");
    request.path = STR("/latest/meta-data/iam/security-credentials/");
    headers[0].name = STR("X-aws-ec2-metadata-token");
    headers[0].value = STR("nonsense");
    sim_handle(r->sim, r->arena, &request, r->wall_ms, &answer);
    assert_int_equal(answer.status, 401);
    answer = rig_send(r, NULL, "GET", "/v2/credentials/Open", NULL);
    assert_true(str_contains(answer.body, STR("\"AccessKeyId\":\"ASIA")));
    rig_free(r);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(is_the_same_from_the_same_seed),
        cmocka_unit_test(goes_on_from_what_was_kept),
        cmocka_unit_test(moves_in_step_mode_only_when_told),
        cmocka_unit_test(divides_durations_alone_by_the_speed),
        cmocka_unit_test(launches_what_the_default_version_says),
        cmocka_unit_test(counts_versions_and_tokens),
        cmocka_unit_test(keeps_protected_instances),
        cmocka_unit_test(assumes_only_what_trusts),
        cmocka_unit_test(denies_what_a_policy_does_not_allow),
        cmocka_unit_test(launches_with_the_rights_of_the_caller),
        cmocka_unit_test(never_trusts_whom_a_role_excludes),
        cmocka_unit_test(knows_its_partition),
        cmocka_unit_test(gives_credentials_to_instances_and_containers),
    };

    return cmocka_run_group_tests_name("sim: world", tests, NULL, NULL);
}
