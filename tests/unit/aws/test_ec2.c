#include "tests/unit/aws/rig.h"

#include "aws/ec2.h"
#include "aws/xml.h"

#define EC2   "https://ec2.us-west-2.amazonaws.com/"
#define BEGIN "&Version=2016-11-15"
#define FORM  "Content-Type: application/x-www-form-urlencoded; charset=utf-8"

/* ---- XML ---- */

static void test_xml_becomes_a_tree(void **state)
{
    struct arena *a = arena_new(0);
    const struct xml *root;
    struct str why;

    (void)state;
    assert_int_equal(
        xml_parse(a,
                  STR("<?xml version=\"1.0\"?>\n<x:R xmlns:x=\"u\" k=\"v\">\n <a>1 &lt; "
                      "2<![CDATA[ & ]]></a>\n <x:b><c/></x:b>\n <a>second</a></x:R>"),
                  &root, &why),
        FAULT_NONE);
    assert_str(xml_text(root, STR("a")), "1 < 2 & ");
    assert_str(xml_text(xml_child(root, STR("b")), STR("c")), "");
    assert_null(xml_child(root, STR("none")));
    assert_false(str_present(xml_text(NULL, STR("a"))));
    arena_free(a);
}

static void test_xml_that_is_none_is_refused(void **state)
{
    static const char *const cases[] = {
        "",
        "<a>",
        "<a></b>",
        "plain",
        "<a/><b/>",
        "<!DOCTYPE a [<!ENTITY b \"c\">]><a>&b;</a>",
        "<!DOCTYPE a SYSTEM \"file:///etc/passwd\"><a/>",
        "<a>\xff</a>",
    };
    struct arena *a = arena_new(0);
    struct buf deep = buf_new(a, 4096);
    const struct xml *root;
    struct str why = {0};

    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        print_message("# %s\n", cases[i]);
        assert_int_equal(xml_parse(a, str_from_z(cases[i]), &root, &why), FAULT_INVALID_PARAMETER);
    }
    assert_true(str_present(why));
    for (int i = 0; i < XML_DEPTH_MAX; i++)
        buf_add_z(&deep, "<a>");
    buf_add_z(&deep, "<b/>");
    assert_int_equal(xml_parse(a, buf_str(&deep), &root, &why), FAULT_INVALID_PARAMETER);
    assert_true(str_contains(why, STR("too deeply")));
    arena_free(a);
}

/* ---- describing ---- */

static void test_instances_are_read_out_of_their_reservations(void **state)
{
    static const struct exchange script[] = {
        {.url = EC2,
         .headers = {FORM, "Authorization"},
         .body =
             "Action=DescribeInstances" BEGIN "&Filter.1.Name=tag%3AName&Filter.1.Value.1=web+%2A"
             "&Filter.1.Value.2=b&Filter.2.Name=instance-state-name&Filter.2.Value.1=running"
             "&MaxResults=1000",
         .answer =
             "<DescribeInstancesResponse xmlns=\"http://ec2.amazonaws.com/doc/2016-11-15/\">"
             "<requestId>r</requestId><reservationSet><item><groupSet/><instancesSet><item>"
             "<instanceId>i-1</instanceId><instanceState><code>16</code><name>running</name>"
             "</instanceState><launchTime>2026-09-21T14:00:00.000Z</launchTime><privateIpAddress>"
             "10.0.0.1</privateIpAddress><groupSet><item><groupId>sg-1</groupId><groupName>g"
             "</groupName></item></groupSet><tagSet><item><key>b</key><value>2</value></item><item>"
             "<key>a</key><value>1 &amp; 1</value></item></tagSet><placement><availabilityZone>z"
             "</availabilityZone></placement><unknown><x/></unknown></item><item><instanceId>i-2"
             "</instanceId></item></instancesSet></item><item><instancesSet><item><instanceId>i-3"
             "</instanceId></item></instancesSet></item></reservationSet><nextToken>t</nextToken>"
             "</DescribeInstancesResponse>"},
        {.url = EC2,
         .body =
             "Action=DescribeInstances" BEGIN "&Filter.1.Name=tag%3AName&Filter.1.Value.1=web+%2A"
             "&Filter.1.Value.2=b&Filter.2.Name=instance-state-name&Filter.2.Value.1=running"
             "&MaxResults=1000&NextToken=t",
         .answer = "<R><reservationSet/><nextToken/></R>"},
    };
    struct rig *r = RIG(script);
    struct str names[] = {STR("web *"), STR("b")};
    struct str states[] = {STR("running")};
    struct ec2_filter filters[] = {{STR("tag:Name"), {names, 2}},
                                   {STR("instance-state-name"), {states, 1}}};
    struct ec2_instances found = {0};
    const struct ec2_instance *i;

    (void)state;
    assert_int_equal(ec2_describe_instances(aws_reader(r->aws), &r->at,
                                            &(struct ec2_query){.filters = {filters, 2}}, &found),
                     FAULT_NONE);
    assert_int_equal(found.len, 3);
    i = &found.items[0];
    assert_str(i->id, "i-1");
    assert_int_equal(i->state->code, 16);
    assert_true(i->launched_ms == INT64_C(1789999200000));
    assert_str(i->groups.items[0].id, "sg-1");
    assert_str(tags_get(&i->tags, STR("a")), "1 & 1");
    assert_str(i->placement->availability_zone, "z");
    assert_str(found.items[2].id, "i-3");
    assert_null(found.items[2].state);
    assert_string_equal(r->calls[0].request_id, "r");
    rig_free(r);
}

static struct strs many(struct arena *a, size_t n)
{
    struct strs ids = {arena_array_of(a, n, struct str), n};

    for (size_t i = 0; i < n; i++)
        ids.items[i] = arena_strf(a, "x-%zu", i);
    return ids;
}

static void test_long_lists_are_asked_for_in_parts(void **state)
{
    static const struct exchange one = {
        .url = EC2, .answer = "<R><subnetSet><item><subnetId>s</subnetId></item></subnetSet></R>"};
    const struct exchange script[] = {one, one, one, one, one};
    struct rig *r = RIG(script);
    struct ec2_filter filter = {STR("vpc-id"), many(r->arena, 201)};
    struct ec2_filter empty = {STR("vpc-id"), {0}};
    struct ec2_subnets found = {0};

    (void)state;
    assert_int_equal(ec2_describe_subnets(aws_reader(r->aws), &r->at,
                                          &(struct ec2_query){.ids = many(r->arena, 401)}, &found),
                     FAULT_NONE);
    assert_int_equal(found.len, 3);
    assert_int_equal(ec2_describe_subnets(aws_reader(r->aws), &r->at,
                                          &(struct ec2_query){.filters = {&filter, 1}}, &found),
                     FAULT_NONE);
    assert_int_equal(found.len, 2);
    assert_int_equal(ec2_describe_subnets(aws_reader(r->aws), &r->at,
                                          &(struct ec2_query){.filters = {&empty, 1}}, &found),
                     FAULT_NONE);
    assert_int_equal(found.len, 0);
    rig_free(r);
}

static void test_errors_of_ec2_are_read(void **state)
{
    static const struct exchange script[] = {
        {.url = EC2,
         .body = "Action=DescribeSecurityGroups" BEGIN "&GroupId.1=sg-1",
         .status = 400,
         .answer =
             "<?xml version=\"1.0\"?><Response><Errors><Error><Code>InvalidGroup.NotFound"
             "</Code><Message>no such &lt;group&gt;</Message></Error></Errors><RequestID>ec2-1"
             "</RequestID></Response>"},
        {.url = EC2,
         .status = 503,
         .answer = "<Response><Errors><Error><Code>RequestLimitExceeded</Code><Message/></Error>"
                   "</Errors></Response>"},
        {.url = EC2, .answer = "<R><securityGroupInfo><item/></securityGroupInfo>"}, /* cut short */
        {.url = EC2, .answer = "<R><securityGroupInfo><item/></securityGroupInfo></R>"},
        {.url = EC2, .answer = "<R><nextToken>t</nextToken></R>"},
        {.url = EC2, .answer = "<R><nextToken>t</nextToken></R>"},
    };
    struct rig *r = RIG(script);
    struct str id = STR("sg-1");
    struct ec2_query query = {.ids = {&id, 1}};
    struct ec2_security_groups found = {0};

    (void)state;
    assert_int_equal(ec2_describe_security_groups(aws_reader(r->aws), &r->at, &query, &found),
                     FAULT_DRS_ERROR);
    assert_str(r->at.error.code, "InvalidGroup.NotFound");
    assert_str(r->at.error.message, "no such <group>");
    assert_str(r->at.error.request_id, "ec2-1");
    assert_int_equal(ec2_describe_security_groups(aws_reader(r->aws), &r->at, &query, &found),
                     FAULT_NONE);
    assert_int_equal(found.len, 1);
    assert_int_equal(ec2_describe_security_groups(aws_reader(r->aws), &r->at, &query, &found),
                     FAULT_AWS_TRANSIENT);
    assert_true(str_contains(r->at.error.message, STR("circle")));
    rig_free(r);
}

/* ---- launch templates ---- */

#define DATA                                                                                      \
    "<launchTemplateData><instanceType>m5.large</instanceType><iamInstanceProfile><name>p</name>" \
    "</iamInstanceProfile><networkInterfaceSet><item><deviceIndex>0</deviceIndex><groupSet>"      \
    "<groupId>sg-1</groupId><groupId>sg-2</groupId></groupSet><privateIpAddressesSet><item>"      \
    "<primary>true</primary><privateIpAddress>10.0.0.9</privateIpAddress></item>"                 \
    "</privateIpAddressesSet><subnetId>subnet-1</subnetId><deleteOnTermination>false"             \
    "</deleteOnTermination></item></networkInterfaceSet><tagSpecificationSet><item>"              \
    "<resourceType>instance</resourceType><tagSet><item><key>k</key><value>v</value></item>"      \
    "</tagSet></item></tagSpecificationSet></launchTemplateData>"

#define NEW_VERSION                                                                                \
    "Action=CreateLaunchTemplateVersion" BEGIN "&ClientToken=token-1&LaunchTemplateId=lt-1"        \
    "&SourceVersion=3&VersionDescription=by+drwave&LaunchTemplateData.InstanceType=m5.large"       \
    "&LaunchTemplateData.IamInstanceProfile.Name=p&LaunchTemplateData.NetworkInterface.1"          \
    ".DeviceIndex=0&LaunchTemplateData.NetworkInterface.1.SecurityGroupId.1=sg-1"                  \
    "&LaunchTemplateData.NetworkInterface.1.SecurityGroupId.2=sg-2"                                \
    "&LaunchTemplateData.NetworkInterface.1.PrivateIpAddresses.1.PrivateIpAddress=10.0.0.9"        \
    "&LaunchTemplateData.NetworkInterface.1.PrivateIpAddresses.1.Primary=true"                     \
    "&LaunchTemplateData.NetworkInterface.1.SubnetId=subnet-1"                                     \
    "&LaunchTemplateData.NetworkInterface.1.DeleteOnTermination=false"                             \
    "&LaunchTemplateData.TagSpecification.1.ResourceType=instance"                                 \
    "&LaunchTemplateData.TagSpecification.1.Tag.1.Key=k&LaunchTemplateData.TagSpecification.1.Tag" \
    ".1.Value=v"

static void test_what_is_read_of_a_template_can_be_sent_again(void **state)
{
    static const struct exchange script[] = {
        {.url = EC2,
         .body = "Action=DescribeLaunchTemplateVersions" BEGIN
                 "&LaunchTemplateId=lt-1&LaunchTemplateVersion.1=%24Default",
         .answer = "<R><launchTemplateVersionSet><item><launchTemplateId>lt-1</launchTemplateId>"
                   "<versionNumber>3</versionNumber><defaultVersion>true</defaultVersion>" DATA
                   "</item></launchTemplateVersionSet></R>"},
        {.url = EC2, .body = NEW_VERSION, .fault = FAULT_CONNECTION, .sent = true},
        {.url = EC2,
         .body = NEW_VERSION,
         .answer =
             "<R><launchTemplateVersion><versionNumber>4</versionNumber></launchTemplateVersion>"
             "</R>"},
        {.url = EC2,
         .answer = "<R><launchTemplate><launchTemplateId>lt-1</launchTemplateId>"
                   "<defaultVersionNumber>4</defaultVersionNumber></launchTemplate></R>"},
        {.url = EC2, .answer = "<R/>"},
    };
    struct rig *r = RIG(script);
    struct str version = STR("$Default");
    struct ec2_template_versions versions = {0};
    struct ec2_template_version created = {0};
    struct ec2_template template = {0};
    struct ec2_new_version request;

    (void)state;
    assert_int_equal(ec2_describe_launch_template_versions(aws_reader(r->aws), &r->at, STR("lt-1"),
                                                           (struct strs){&version, 1}, &versions),
                     FAULT_NONE);
    assert_int_equal(versions.len, 1);
    assert_true(versions.items[0].is_default);
    request = (struct ec2_new_version){.template_id = STR("lt-1"),
                                       .source_version = versions.items[0].version,
                                       .description = STR("by drwave"),
                                       .client_token = STR("token-1"),
                                       .data = versions.items[0].data};
    assert_int_equal(ec2_create_launch_template_version(r->aws, &r->at, &request, &created),
                     FAULT_NONE);
    assert_int_equal(created.version, 4);
    assert_int_equal(ec2_modify_launch_template(r->aws, &r->at, STR("lt-1"), 4, &template),
                     FAULT_NONE);
    assert_int_equal(template.default_version, 4);
    assert_int_equal(ec2_modify_launch_template(r->aws, &r->at, STR("lt-1"), 4, &template),
                     FAULT_AWS_TRANSIENT);
    rig_free(r);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_xml_becomes_a_tree),
        cmocka_unit_test(test_xml_that_is_none_is_refused),
        cmocka_unit_test(test_instances_are_read_out_of_their_reservations),
        cmocka_unit_test(test_long_lists_are_asked_for_in_parts),
        cmocka_unit_test(test_errors_of_ec2_are_read),
        cmocka_unit_test(test_what_is_read_of_a_template_can_be_sent_again),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
