#include "tests/unit/sim/rig.h"

/* Tags of DRS: with the knob tagVisibleS every reader of them goes on seeing the old ones. */

static const char estate[] =
    "\"vpcs\":[{\"id\":\"vpc-00000001\",\"cidr\":\"10.0.0.0/16\",\"default\":true}],"
    "\"subnets\":[{\"id\":\"subnet-00000001\",\"vpc\":\"vpc-00000001\",\"cidr\":\"10.0.1.0/28\"}],"
    "\"servers\":[{\"id\":\"" SERVER(1) "\"}],\"knobs\":{\"tagVisibleS\":5}";

#define START                                                               \
    "{\"sourceServers\":[{\"sourceServerID\":\"" SERVER(1) "\"}],\"tags\":" \
                                                           "{\"Owner\":\"first\"}}"

static struct str owner_in(const struct json *thing)
{
    return json_str(json_get_z(json_get_z(thing, "tags"), "Owner"));
}

/* As the list of all of that kind tells it. */
static struct str owner_listed(struct rig *r, const char *op)
{
    int status;
    const struct json *list = json_get_z(rig_drs(r, op, "{}", &status), "items");

    assert_int_equal(list->len, 1);
    return owner_in(&list->items[0]);
}

static const char *tags_path(struct rig *r, const char *type, struct str id)
{
    return arena_strf(r->arena,
                      "/tags/arn%%3Aaws%%3Adrs%%3Aus-west-2%%3A111122223333%%3A%s%%2F" STR_FMT,
                      type, STR_ARG(id))
        .ptr;
}

static struct str owner_of(struct rig *r, const char *path)
{
    const struct json *v = NULL;
    struct str why;

    assert_int_equal(json_parse(r->arena, rig_send(r, "drs", "GET", path, "").body, &v, &why),
                     FAULT_NONE);
    return owner_in(v);
}

static void own(struct rig *r, const char *path, const char *owner)
{
    struct str body = arena_strf(r->arena, "{\"tags\":{\"Owner\":\"%s\"}}", owner);

    assert_int_equal(rig_send(r, "drs", "POST", path, body.ptr).status, 200);
}

static void shows_old_tags_for_a_while(void **state)
{
    struct rig *r = rig_new(estate);
    const char *path = tags_path(r, "source-server", STR(SERVER(1)));

    (void)state;
    own(r, path, "first");
    assert_false(str_present(owner_listed(r, "DescribeSourceServers")));
    assert_false(str_present(owner_of(r, path)));
    rig_run(r, 5000);
    assert_str(owner_listed(r, "DescribeSourceServers"), "first");
    assert_str(owner_of(r, path), "first");
    own(r, path, "second");
    assert_str(owner_listed(r, "DescribeSourceServers"), "first");
    assert_str(owner_of(r, path), "first");
    rig_run(r, 5000);
    assert_str(owner_listed(r, "DescribeSourceServers"), "second");
    (void)rig_send(r, "drs", "DELETE", arena_strf(r->arena, "%s?tagKeys=Owner", path).ptr, "");
    assert_str(owner_of(r, path), "second");
    rig_run(r, 5000);
    assert_false(str_present(owner_listed(r, "DescribeSourceServers")));
    assert_false(str_present(owner_of(r, path)));
    rig_free(r);
}

/* The answer to the start repeats what it was given; a look at the job does not know it yet. */
static void shows_a_job_before_its_tags(void **state)
{
    struct rig *r = rig_new(estate);
    const struct json *job;
    const char *path;
    int status;

    (void)state;
    job = json_get_z(rig_drs(r, "StartRecovery", START, &status), "job");
    path = tags_path(r, "job", json_str(json_get_z(job, "jobID")));
    assert_str(owner_in(job), "first");
    assert_false(str_present(owner_listed(r, "DescribeJobs")));
    assert_false(str_present(owner_of(r, path)));
    rig_run(r, 4999);
    assert_false(str_present(owner_listed(r, "DescribeJobs")));
    rig_run(r, 1);
    assert_str(owner_listed(r, "DescribeJobs"), "first");
    assert_str(owner_of(r, path), "first");
    own(r, path, "second");
    assert_str(owner_listed(r, "DescribeJobs"), "first");
    rig_run(r, 5000);
    assert_str(owner_listed(r, "DescribeJobs"), "second");
    rig_free(r);
}

static void shows_old_tags_of_what_was_launched(void **state)
{
    struct rig *r = rig_new(estate);
    const struct json *list;
    const char *path;
    int status;

    (void)state;
    (void)rig_drs(r, "StartRecovery", START, &status);
    rig_run(r, 3600000);
    list = json_get_z(rig_drs(r, "DescribeRecoveryInstances", "{}", &status), "items");
    path = tags_path(r, "recovery-instance",
                     json_str(json_get_z(&list->items[0], "recoveryInstanceID")));
    own(r, path, "first");
    assert_false(str_present(owner_listed(r, "DescribeRecoveryInstances")));
    assert_false(str_present(owner_of(r, path)));
    rig_run(r, 5000);
    assert_str(owner_listed(r, "DescribeRecoveryInstances"), "first");
    rig_free(r);
}

static void shows_a_template_before_its_tags(void **state)
{
    struct rig *r = rig_new(estate);
    const char *op = "DescribeLaunchConfigurationTemplates";
    int status;

    (void)state;
    assert_str(owner_in(json_get_z(rig_drs(r, "CreateLaunchConfigurationTemplate",
                                           "{\"tags\":{\"Owner\":\"first\"}}", &status),
                                   "launchConfigurationTemplate")),
               "first");
    assert_false(str_present(owner_listed(r, op)));
    rig_run(r, 5000);
    assert_str(owner_listed(r, op), "first");
    rig_free(r);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(shows_old_tags_for_a_while),
        cmocka_unit_test(shows_a_job_before_its_tags),
        cmocka_unit_test(shows_old_tags_of_what_was_launched),
        cmocka_unit_test(shows_a_template_before_its_tags),
    };

    return cmocka_run_group_tests_name("sim: tags", tests, NULL, NULL);
}
