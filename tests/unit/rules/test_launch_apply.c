#include "tests/unit/unit.h"

#include "rules/launch_apply.h"
#include "rules/launch_merge.h"

static void decode(struct arena *a, const struct field *table, const char *text, void *out)
{
    struct faults faults;
    struct field_decoding d = {.arena = a, .faults = &faults};
    const struct json *json;
    struct str why;

    faults_init(&faults, a);
    assert_int_equal(json_parse(a, str_from_z(text), &json, &why), FAULT_NONE);
    assert_int_equal(field_decode(&d, table, json, out), FAULT_NONE);
}

static struct launch_config *config_of(struct arena *a, const char *text)
{
    struct launch_config *c = arena_new_of(a, struct launch_config);
    struct faults faults;

    decode(a, launch_config_fields, text, c);
    faults_init(&faults, a);
    assert_int_equal(launch_config_normalise(c, NULL, STR("c"), &faults), FAULT_NONE);
    return c;
}

/* ---- whose word counts ---- */

struct word_case {
    const char *title;
    const char *group;
    const char *type; /* of server s-1; NULL: nobody speaks of it */
};

static const struct word_case words[] = {
    {"a group that says nothing", "{\"sourceServerIds\":[\"s-1\"]}", NULL},
    {"the group's own", "{\"launchConfiguration\":{\"instanceType\":\"c5.large\"}}", "c5.large"},
    {"the server's over the group's",
     "{\"launchConfiguration\":{\"instanceType\":\"c5.large\"},\"servers\":[{\"sourceServerId\":"
     "\"s-2\",\"launchConfiguration\":{\"instanceType\":\"m5.large\"}},{\"sourceServerId\":\"s-1\","
     "\"launchConfiguration\":{\"instanceType\":\"r5.large\"}}]}",
     "r5.large"},
    {"the server's alone",
     "{\"servers\":[{\"sourceServerId\":\"s-1\",\"launchConfiguration\":{\"instanceType\":"
     "\"r5.large\"}}]}",
     "r5.large"},
    {"an override that is taken back",
     "{\"servers\":[{\"sourceServerId\":\"s-1\",\"useGroupDefaults\":true,\"launchConfiguration\":{"
     "\"instanceType\":\"r5.large\"}}]}",
     NULL},
    {"another server's",
     "{\"servers\":[{\"sourceServerId\":\"s-2\",\"launchConfiguration\":{\"instanceType\":"
     "\"r5.large\"}}]}",
     NULL},
};

static void a_server_is_launched_as_its_group_and_itself_say(void **state)
{
    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(words); i++) {
        struct arena *a = arena_new(0);
        struct group group = {0};
        struct launch_config *c;

        print_message("# %s\n", words[i].title);
        decode(a, group_fields, words[i].group, &group);
        c = launch_config_of(a, &group, STR("s-1"));
        assert_int_equal(c == NULL, words[i].type == NULL);
        if (c)
            assert_str(c->instance_type, words[i].type);
        arena_free(a);
    }
}

/* ---- DRS's own ---- */

struct drs_case {
    const char *title;
    const char *wanted;
    struct drs_launch_configuration now;
    bool differs;
    struct drs_launch_configuration change;
};

static struct drs_licensing licensed = {true, true};
static struct drs_licensing unlicensed = {false, true};
static struct drs_licensing unsaid = {false, false};

static const struct drs_case drs_cases[] = {
    {.title = "nothing said, nothing told", .wanted = "{}"},
    {.title = "what stands in the template is not DRS's",
     .wanted = "{\"subnetId\":\"subnet-1\",\"instanceProfile\":\"p\"}"},
    {.title = "a type turns DRS's own choice off",
     .wanted = "{\"instanceType\":\"c5.large\"}",
     .now = {.right_sizing_method = STR_INIT("BASIC")},
     .differs = true,
     .change = {.right_sizing_method = STR_INIT("NONE")}},
    {.title = "unless a choice is wanted",
     .wanted = "{\"instanceType\":\"c5.large\",\"targetInstanceTypeRightSizingMethod\":\"IN_AWS\"}",
     .now = {.right_sizing_method = STR_INIT("BASIC")},
     .differs = true,
     .change = {.right_sizing_method = STR_INIT("IN_AWS")}},
    {.title = "CUSTOM is NONE to DRS",
     .wanted = "{\"targetInstanceTypeRightSizingMethod\":\"CUSTOM\"}",
     .now = {.right_sizing_method = STR_INIT("NONE")},
     .change = {.right_sizing_method = STR_INIT("NONE")}},
    {.title = "what is said already is not told again",
     .wanted =
         "{\"copyPrivateIp\":true,\"copyTags\":false,\"postLaunchEnabled\":true,\"name\":\"n\","
         "\"launchDisposition\":\"STOPPED\",\"licensing\":{\"osByol\":true}}",
     .now = {.has_copy_private_ip = true,
             .copy_private_ip = true,
             .has_copy_tags = true,
             .has_post_launch_enabled = true,
             .post_launch_enabled = true,
             .name = STR_INIT("n"),
             .launch_disposition = STR_INIT("STOPPED"),
             .licensing = &licensed},
     .change = {.has_copy_private_ip = true,
                .copy_private_ip = true,
                .has_copy_tags = true,
                .has_post_launch_enabled = true,
                .post_launch_enabled = true,
                .name = STR_INIT("n"),
                .launch_disposition = STR_INIT("STOPPED"),
                .licensing = &licensed}},
    {.title = "a truth that DRS does not state is told",
     .wanted = "{\"copyTags\":false}",
     .differs = true,
     .change = {.has_copy_tags = true}},
    {.title = "one difference tells all that is wanted",
     .wanted = "{\"copyTags\":true,\"launchDisposition\":\"STARTED\"}",
     .now = {.has_copy_tags = true, .copy_tags = true, .launch_disposition = STR_INIT("STOPPED")},
     .differs = true,
     .change = {.has_copy_tags = true,
                .copy_tags = true,
                .launch_disposition = STR_INIT("STARTED")}},
    {.title = "another licence",
     .wanted = "{\"licensing\":{\"osByol\":true}}",
     .now = {.licensing = &unlicensed},
     .differs = true,
     .change = {.licensing = &licensed}},
    {.title = "a licence of which DRS says nothing",
     .wanted = "{\"licensing\":{\"osByol\":false}}",
     .now = {.licensing = &unsaid},
     .differs = true,
     .change = {.licensing = &unlicensed}},
    {.title = "a licence that DRS does not state",
     .wanted = "{\"licensing\":{\"osByol\":true}}",
     .differs = true,
     .change = {.licensing = &licensed}},
    {.title = "a licence of which nothing is said",
     .wanted = "{\"licensing\":{}}",
     .now = {.licensing = &unlicensed}},
    {.title = "another private address",
     .wanted = "{\"copyPrivateIp\":false}",
     .now = {.has_copy_private_ip = true, .copy_private_ip = true},
     .differs = true,
     .change = {.has_copy_private_ip = true}},
};

static void same_text(struct str one, struct str other)
{
    assert_true(str_eq(one, other));
}

static void DRS_is_told_what_differs(void **state)
{
    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(drs_cases); i++) {
        const struct drs_case *e = &drs_cases[i];
        struct arena *a = arena_new(0);
        struct drs_launch_configuration now = e->now;
        struct drs_launch_configuration got;

        print_message("# %s\n", e->title);
        now.source_server_id = STR("s-1");
        assert_int_equal(launch_drs_change(a, config_of(a, e->wanted), &now, &got), e->differs);
        same_text(got.source_server_id, STR("s-1"));
        same_text(got.name, e->change.name);
        same_text(got.right_sizing_method, e->change.right_sizing_method);
        same_text(got.launch_disposition, e->change.launch_disposition);
        assert_int_equal(got.has_copy_private_ip, e->change.has_copy_private_ip);
        assert_int_equal(got.copy_private_ip, e->change.copy_private_ip);
        assert_int_equal(got.has_copy_tags, e->change.has_copy_tags);
        assert_int_equal(got.copy_tags, e->change.copy_tags);
        assert_int_equal(got.has_post_launch_enabled, e->change.has_post_launch_enabled);
        assert_int_equal(got.post_launch_enabled, e->change.post_launch_enabled);
        assert_int_equal(got.licensing != NULL, e->change.licensing != NULL);
        if (got.licensing)
            assert_int_equal(got.licensing->os_byol, e->change.licensing->os_byol);
        arena_free(a);
    }
}

/* ---- the template ---- */

static struct str group_one[] = {STR_INIT("sg-1")};
static struct str group_two[] = {STR_INIT("sg-2")};
static struct str both_groups[] = {STR_INIT("sg-1"), STR_INIT("sg-2")};
static struct ec2_private_ip kept_addresses[] = {{STR_INIT("10.0.0.8"), false, true},
                                                 {STR_INIT("10.0.0.9"), true, true}};
static struct ec2_template_profile profile_arn = {
    .arn = STR_INIT("arn:aws:iam::123456789012:instance-profile/p")};
static struct ec2_template_profile profile_name = {.name = STR_INIT("p")};

#define INTERFACES(...)                                              \
    {                                                                \
        (struct ec2_template_interface[]){__VA_ARGS__},              \
            sizeof((struct ec2_template_interface[]){__VA_ARGS__}) / \
                sizeof(struct ec2_template_interface)                \
    }
#define FIRST .has_device_index = true
#define SECOND                                                                         \
    {                                                                                  \
        .device_index = 1, .has_device_index = true, .subnet_id = STR_INIT("subnet-2") \
    }

struct template_case {
    const char *title;
    const char *wanted;
    struct ec2_template_data now;
    enum launch_template_verdict verdict;
    struct ec2_template_data change;
};

static const struct template_case templates[] = {
    {.title = "nothing said fits everything",
     .wanted = "{}",
     .now = {.instance_type = STR_INIT("m5.large")}},
    {.title = "what is there fits",
     .wanted =
         "{\"instanceType\":\"c5.large\",\"subnetId\":\"subnet-1\",\"securityGroupIds\":[\"sg-1\"],"
         "\"instanceProfile\":\"p\",\"staticPrivateIp\":\"10.0.0.9\"}",
     .now = {.instance_type = STR_INIT("c5.large"),
             .profile = &profile_name,
             .interfaces =
                 INTERFACES({FIRST, .subnet_id = STR_INIT("subnet-1"), .groups = {group_one, 1},
                             .private_ips = {kept_addresses, 2}})}},
    {.title = "so does an address in the other form",
     .wanted = "{\"staticPrivateIp\":\"10.0.0.9\"}",
     .now = {.interfaces = INTERFACES({FIRST, .private_ip = STR_INIT("10.0.0.9")})}},
    {.title = "and a name that an ARN ends in",
     .wanted = "{\"instanceProfile\":\"p\"}",
     .now = {.profile = &profile_arn}},
    {.title = "an ARN is wanted as one",
     .wanted = "{\"iamInstanceProfileArn\":\"arn:aws:iam::123456789012:instance-profile/p\"}",
     .now = {.profile = &profile_name},
     .verdict = LAUNCH_TEMPLATE_DIFFERS,
     .change = {.profile = &profile_arn}},
    {.title = "a profile where there was none",
     .wanted = "{\"instanceProfile\":\"p\"}",
     .verdict = LAUNCH_TEMPLATE_DIFFERS,
     .change = {.profile = &profile_name}},
    {.title = "another type says nothing of interfaces",
     .wanted = "{\"instanceType\":\"c5.large\"}",
     .now = {.instance_type = STR_INIT("m5.large"), .security_group_ids = {group_one, 1}},
     .verdict = LAUNCH_TEMPLATE_DIFFERS,
     .change = {.instance_type = STR_INIT("c5.large")}},
    {.title = "a first interface where there was none, before the others",
     .wanted = "{\"subnetId\":\"subnet-1\"}",
     .now = {.interfaces = INTERFACES(SECOND)},
     .verdict = LAUNCH_TEMPLATE_DIFFERS,
     .change = {.interfaces = INTERFACES({FIRST, .subnet_id = STR_INIT("subnet-1")}, SECOND)}},
    {.title = "another subnet keeps what else the interface says, and the others",
     .wanted = "{\"subnetId\":\"subnet-1\"}",
     .now = {.interfaces = INTERFACES(
                 SECOND, {FIRST, .subnet_id = STR_INIT("subnet-9"), .groups = {group_two, 1}})},
     .verdict = LAUNCH_TEMPLATE_DIFFERS,
     .change = {.interfaces = INTERFACES(
                    SECOND, {FIRST, .subnet_id = STR_INIT("subnet-1"), .groups = {group_two, 1}})}},
    {.title = "other groups, in this order",
     .wanted = "{\"securityGroupIds\":[\"sg-1\",\"sg-2\"]}",
     .now = {.interfaces = INTERFACES({FIRST, .groups = {group_one, 1}})},
     .verdict = LAUNCH_TEMPLATE_DIFFERS,
     .change = {.interfaces = INTERFACES({FIRST, .groups = {both_groups, 2}})}},
    {.title = "as many other groups",
     .wanted = "{\"securityGroupIds\":[\"sg-1\"]}",
     .now = {.interfaces = INTERFACES({FIRST, .groups = {group_two, 1}})},
     .verdict = LAUNCH_TEMPLATE_DIFFERS,
     .change = {.interfaces = INTERFACES({FIRST, .groups = {group_one, 1}})}},
    {.title = "a fixed address stands in one form alone",
     .wanted = "{\"staticPrivateIp\":\"10.0.0.7\"}",
     .now = {.interfaces = INTERFACES({FIRST, .private_ips = {kept_addresses, 2}})},
     .verdict = LAUNCH_TEMPLATE_DIFFERS,
     .change = {.interfaces = INTERFACES({FIRST, .private_ip = STR_INIT("10.0.0.7")})}},
    {.title = "groups of the instance itself are in the way",
     .wanted = "{\"subnetId\":\"subnet-1\"}",
     .now = {.security_group_ids = {group_one, 1}},
     .verdict = LAUNCH_TEMPLATE_REFUSED},
    {.title = "so is an interface that exists",
     .wanted = "{\"subnetId\":\"subnet-1\"}",
     .now = {.interfaces = INTERFACES({FIRST, .network_interface_id = STR_INIT("eni-1")})},
     .verdict = LAUNCH_TEMPLATE_REFUSED},
};

static void check_interface(const struct ec2_template_interface *got,
                            const struct ec2_template_interface *expected)
{
    assert_int_equal(got->device_index, expected->device_index);
    assert_true(got->has_device_index);
    same_text(got->subnet_id, expected->subnet_id);
    same_text(got->private_ip, expected->private_ip);
    assert_int_equal(got->private_ips.len, expected->private_ips.len);
    assert_int_equal(got->groups.len, expected->groups.len);
    for (size_t i = 0; i < got->groups.len; i++)
        same_text(got->groups.items[i], expected->groups.items[i]);
}

static void a_template_says_what_is_wanted_or_is_refused(void **state)
{
    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(templates); i++) {
        const struct template_case *e = &templates[i];
        struct arena *a = arena_new(0);
        struct ec2_template_data got;

        print_message("# %s\n", e->title);
        assert_int_equal(launch_template_change(a, config_of(a, e->wanted), &e->now, &got),
                         e->verdict);
        same_text(got.instance_type, e->change.instance_type);
        assert_int_equal(got.profile != NULL, e->change.profile != NULL);
        if (got.profile) {
            same_text(got.profile->arn, e->change.profile->arn);
            same_text(got.profile->name, e->change.profile->name);
        }
        assert_int_equal(got.interfaces.len, e->change.interfaces.len);
        for (size_t k = 0; k < got.interfaces.len; k++)
            check_interface(&got.interfaces.items[k], &e->change.interfaces.items[k]);
        arena_free(a);
    }
}

static void the_template_is_asked_for_only_when_something_of_it_is_said(void **state)
{
    static const struct {
        const char *wanted;
        bool asks;
    } cases[] = {
        {"{}", false},
        {"{\"copyTags\":true,\"name\":\"n\",\"licensing\":{\"osByol\":true}}", false},
        {"{\"instanceType\":\"c5.large\"}", true},
        {"{\"subnetId\":\"subnet-1\"}", true},
        {"{\"securityGroupIds\":[\"sg-1\"]}", true},
        {"{\"instanceProfile\":\"p\"}", true},
        {"{\"staticPrivateIp\":\"10.0.0.7\"}", true},
    };
    struct arena *a = arena_new(0);

    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        print_message("# %s\n", cases[i].wanted);
        assert_int_equal(launch_asks_template(config_of(a, cases[i].wanted)), cases[i].asks);
    }
    arena_free(a);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_server_is_launched_as_its_group_and_itself_say),
        cmocka_unit_test(DRS_is_told_what_differs),
        cmocka_unit_test(a_template_says_what_is_wanted_or_is_refused),
        cmocka_unit_test(the_template_is_asked_for_only_when_something_of_it_is_said),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
