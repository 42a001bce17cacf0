#include "tests/unit/sim/rig.h"

/* Worlds from text: what a scenario may say, what it may not, and estates from a seed. */

static void grows_estates(void **state)
{
    struct rig *r = rig_new("\"estates\":[{\"servers\":700,\"windowsPercent\":30}]");
    const struct json *list = json_get_z(rig_admin(r, "GET", "servers", NULL), "servers");
    size_t windows = 0, stopped = 0;

    (void)state;
    assert_int_equal(list->len, 700);
    for (size_t i = 0; i < list->len; i++) {
        windows += str_contains(json_str(json_get_z(&list->items[i], "os")), STR("Windows"));
        stopped += str_eq_z(
            json_str(json_get_z(json_get_z(&list->items[i], "replication"), "state")), "STOPPED");
    }
    assert_in_range(windows, 170, 250);
    assert_int_equal(stopped, 400);
    rig_free(r);
}

static struct str ids_of(const char *members, uint64_t seed, struct arena *a)
{
    struct sim_options options = {.seed = seed, .wall_now_ms = INT64_C(1710506096000)};
    struct sim *s = NULL;
    struct str why, text;

    options.scenario = arena_strf(
        a, "{\"home\":{\"account\":\"111122223333\",\"region\":\"us-west-2\"},%s}", members);
    assert_int_equal(sim_new(&options, a, &s, &why), FAULT_NONE);
    text = sim_save(s, a);
    sim_free(s);
    return text;
}

static void gives_the_same_ids_from_the_same_seed(void **state)
{
    static const char *const sizes[] = {
        "\"estates\":[{\"servers\":1}]",
        "\"estates\":[{\"servers\":301,\"stagingAccounts\":[\"300000000001\"]}]",
        "\"estates\":[{\"servers\":4000,\"unhealthyPercent\":10,\"fromAws\":true}]",
    };
    struct arena *a = arena_new(0);

    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(sizes); i++) {
        assert_true(str_eq(ids_of(sizes[i], 9, a), ids_of(sizes[i], 9, a)));
        assert_false(str_eq(ids_of(sizes[i], 9, a), ids_of(sizes[i], 10, a)));
    }
    arena_free(a);
}

/* An estate is valid as long as its account has room for it. */
static void holds_the_quota_of_servers(void **state)
{
    struct rig *r = rig_new("\"estates\":[{\"servers\":3999}]");
    const struct json *v;

    (void)state;
    assert_null(json_get_z(rig_admin(r, "POST", "servers", "{}"), "message"));
    v = rig_admin(r, "POST", "servers", "{}");
    assert_true(str_contains(json_str(json_get_z(v, "message")), STR("L-E28BE5E0")));
    v = rig_admin(r, "POST", "estates", "{\"servers\":1}");
    assert_true(str_contains(json_str(json_get_z(v, "message")), STR("quotaServers")));
    (void)rig_admin(r, "PATCH", "regions/111122223333/us-west-2/cell", "{\"quotaServers\":4001}");
    assert_null(json_get_z(rig_admin(r, "POST", "servers", "{}"), "message"));
    rig_free(r);
}

static void sees_one(struct rig *r, const char *region, const char *key, const char *hostname)
{
    const struct json *v, *hints;
    int status;

    r->region = region;
    r->key = key;
    v = json_get_z(rig_drs(r, "DescribeSourceServers",
                           "{\"filters\":{\"sourceServerIDs\":[\"" SERVER(1) "\"]}}", &status),
                   "items");
    assert_int_equal(v->len, 1);
    hints = json_get_z(json_get_z(&v->items[0], "sourceProperties"), "identificationHints");
    assert_str(json_str(json_get_z(hints, "hostname")), hostname);
    (void)rig_drs(r, "GetLaunchConfiguration", "{\"sourceServerID\":\"" SERVER(1) "\"}", &status);
    assert_int_equal(status, 200);
}

/* The same id in two regions of an account, and in another account, is three servers. */
static void keeps_accounts_and_regions_apart(void **state)
{
    struct rig *r = rig_new("\"servers\":[{\"id\":\"" SERVER(
        1) "\",\"hostname\":\"west\"},"
           "{\"id\":\"" SERVER(1) "\",\"hostname\":\"east\","
                                  "\"region\":\"us-east-1\"},"
                                  "{\"id\":\"" SERVER(1) "\",\"hostname\":\"other\","
                                                         "\"account\":\"999922223333\"}]");
    const struct json *v;
    int status;

    (void)state;
    (void)rig_admin(r, "POST", "keys",
                    "{\"id\":\"AKIAOTHEROTHEROT0001\",\"account\":\"999922223333\","
                    "\"secret\":\"" RIG_SECRET "\"}");
    sees_one(r, "us-west-2", RIG_KEY, "west");
    sees_one(r, "us-east-1", RIG_KEY, "east");
    sees_one(r, "us-west-2", "AKIAOTHEROTHEROT0001", "other");
    v = json_get_z(rig_admin(r, "GET", "launchTemplates", NULL), "launchTemplates");
    assert_int_equal(v->len, 3);
    r->region = "us-east-1";
    (void)rig_drs(r, "StartRecovery",
                  "{\"sourceServers\":[{\"sourceServerID\":\"" SERVER(1) "\"}]}", &status);
    assert_int_equal(status, 400); /* that account has nothing there */
    rig_free(r);
}

#define HOME "{\"home\":{\"account\":\"111122223333\",\"region\":\"us-west-2\"},"
#define VPC  "\"vpcs\":[{\"id\":\"vpc-00000001\",\"cidr\":\"10.0.0.0/16\"}],"

/* What a person may have written, and the place that the refusal names. */
static const struct {
    const char *scenario;
    const char *names;
} mistakes[] = {
    {"[]", "a scenario is an object"},
    {"{\"servers\":[", "line 1"},
    {"{\"servers\":[],\"servers\":[]}", "occurs twice"},
    {"{\"serverz\":[]}", "'serverz' is not a member of a scenario; its lists are accounts"},
    {"{\"servers\":{}}", "servers: a list is wanted"},
    {"{\"estates\":{}}", "estates: a list is wanted"},
    {"{\"knobs\":[]}", "knobs: an object is wanted"},
    {"{\"knobs\":{\"pageSize\":0}}", "knobs: 'pageSize' must be from 1 to 1000, not 0"},
    {"{\"knobs\":{\"timestamps\":\"julian\"}}", "must be one of offset zulu plain"},
    {"{\"home\":[]}", "'home' must be an object"},
    {"{\"home\":{\"acount\":\"1\"}}", "'home.acount'; did you mean 'account'"},
    {"{\"home\":{\"account\":\"12\"}}", "'home.account' must be 12 digits, not '12'"},
    {"{\"home\":{\"region\":\"mars-1\"}}", "'home.region' must be a region that has DRS"},
    {"{\"seed\":\"zz\"}", "seed: must be a whole number"},
    {"{\"seed\":0}", "seed: must be a whole number"},
    {"{\"seed\":1.5}", "seed: must be a whole number"},
    {"{\"speed\":0}", "speed: must be above 0"},
    {"{\"speed\":\"fast\"}", "'speed' must be a number"},
    {"{\"clock\":{\"mode\":\"step\"}}", "'clock.mode'"},
    {"{\"clock\":{\"offsetMs\":1}}", "clock: 'offsetMs' needs 'step'"},
    {"{\"servers\":[{}]}", "servers[0]: 'account' is missing"},
    {"{\"accounts\":[{\"id\":\"12\"}]}", "accounts[0]: 'id' must be 12 digits"},
    {HOME "\"servers\":[{},7]}", "servers[1]: an object is wanted"},
    {HOME "\"servers\":[{\"colour\":\"red\"}]}", "servers[0]: Unknown parameter 'colour'"},
    {HOME "\"servers\":[{\"id\":\"s-1\"}]}", "servers[0]: 'id' must be s- and 17 letters"},
    {HOME "\"vpcs\":[{\"id\":\"vpc-1\",\"cidr\":\"10.0.0.0/16\"}]}",
     "'id' must be vpc- and 8 to 17"},
    {HOME "\"servers\":[{\"id\":\"" SERVER(1) "\"},{\"id\":\"" SERVER(1) "\"}]}",
     "servers[1]: 'id': '" SERVER(1) "' is taken"},
    {HOME "\"regions\":[{},{}]}", "regions[1]: 111122223333 in us-west-2 is described already"},
    {HOME "\"servers\":[{\"replication\":{\"stat\":\"X\"}}]}", "'replication.stat'; did you mean"},
    {HOME "\"servers\":[{\"replication\":{\"state\":\"HAPPY\"}}]}",
     "servers[0]: 'replication.state' must be one of STOPPED"},
    {HOME "\"servers\":[{\"replication\":{\"error\":\"NO_SUCH_ERROR\"}}]}",
     "servers[0]: 'replication.error' must be one of AGENT_NOT_SEEN"},
    {HOME "\"servers\":[{\"disks\":[{\"bytes\":-5}]}]}", "'disks[0].bytes' must be at least 0"},
    {HOME "\"regions\":[{\"quotaJobs\":-1}]}", "regions[0]: 'quotaJobs' must be at least 0"},
    {HOME "\"regions\":[{\"drs\":\"ON\"}]}", "'drs' must be one of INITIALIZED"},
    {HOME "\"subnets\":[{\"vpc\":\"vpc-9\",\"cidr\":\"10.0.0.0/24\"}]}",
     "subnets[0]: 'vpc' names 'vpc-9', which is not among the vpcs"},
    {HOME VPC "\"subnets\":[{\"vpc\":\"vpc-00000001\",\"cidr\":\"ten\"}]}",
     "subnets[0]: 'cidr' must be an IPv4 network"},
    {HOME "\"securityGroups\":[{\"vpc\":\"vpc-9\"}]}", "securityGroups[0]: 'vpc' names"},
    {HOME "\"instances\":[{\"subnet\":\"subnet-9\"}]}", "instances[0]: 'subnet' names"},
    {HOME "\"instanceProfiles\":[{\"id\":\"p\",\"roles\":[\"nobody\"]}]}",
     "instanceProfiles[0]: 'roles[0]' names 'nobody'"},
    {HOME "\"keys\":[{\"id\":\"AKIA\"}]}", "keys[0]: 'secret' is missing"},
    {HOME "\"faults\":[{\"effect\":\"FLOOD\"}]}", "faults[0]: effect: 'FLOOD'"},
    {HOME "\"jobs\":[{\"type\":\"LAUNCH\",\"status\":\"PENDING\",\"nextMs\":1}]}",
     "jobs[0]: a job has a 'type', a 'status' and at least one of 'servers'"},
    {HOME "\"jobs\":[{\"servers\":[{\"phase\":99}]}]}", "jobs[0]: 'servers[0].phase' must be"},
    {HOME "\"servers\":[{\"snapshotDays\":1000000000}]}", "'snapshotDays' must be from -1 to 365"},
    {HOME "\"configurationTemplates\":[{}]}", "configurationTemplates[0]: 'body' must be"},
    {"{\"random\":\"7\",\"faults\":[{\"effect\":\"5XX\",\"value\":999}]}", "value: 999"},
    {HOME "\"estates\":[{\"server\":3}]}", "estates[0]: Unknown parameter 'server'"},
    {HOME "\"estates\":[{\"servers\":0}]}", "estates[0]: 'servers' must be from 1"},
    {HOME "\"estates\":[{\"servers\":5000}]}", "estates[0]: 5000 source servers are more than"},
    {"{\"estates\":[{\"servers\":1}]}", "estates[0]: 'account' or 'region' is missing"},
};

static void refuses_a_scenario_and_says_where(void **state)
{
    struct arena *a = arena_new(0);

    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(mistakes); i++) {
        struct sim_options options = {.scenario = str_from_z(mistakes[i].scenario)};
        struct sim *s = NULL;
        struct str why = {0};

        if (!sim_new(&options, a, &s, &why))
            fail_msg("%s was taken", mistakes[i].scenario);
        if (!str_contains(why, str_from_z(mistakes[i].names)))
            fail_msg("%s: " STR_FMT, mistakes[i].scenario, STR_ARG(why));
    }
    arena_free(a);
}

/* A change is taken whole or not at all. */
static void refuses_a_change_that_cannot_be(void **state)
{
    struct rig *r = rig_new("\"faults\":[{\"id\":\"f\",\"effect\":\"5XX\",\"value\":503}],"
                            "\"servers\":[{\"id\":\"" SERVER(1) "\",\"hostname\":\"old\"}]");
    const struct json *v;

    (void)state;
    v = rig_admin(r, "PATCH", "faults/f", "{\"value\":999}");
    assert_true(str_contains(json_str(json_get_z(v, "message")), STR("value: 999")));
    assert_int_equal(json_int(json_get_z(rig_admin(r, "GET", "faults/f", NULL), "value"), 0), 503);
    v = rig_admin(r, "PATCH", "servers/111122223333/us-west-2/" SERVER(1),
                  "{\"hostname\":\"new\",\"cpus\":-1}");
    assert_non_null(json_get_z(v, "message"));
    v = rig_admin(r, "GET", "servers/111122223333/us-west-2/" SERVER(1), NULL);
    assert_str(json_str(json_get_z(v, "hostname")), "old");
    rig_free(r);
}

/* A subnet may have been deleted under an instance: what was saved loads all the same. */
static void restores_what_names_something_gone(void **state)
{
    struct rig *r = rig_new(VPC "\"subnets\":[{\"id\":\"subnet-00000001\",\"vpc\":\"vpc-00000001\","
                                "\"cidr\":\"10.0.1.0/24\"}],\"instances\":[{\"id\":\"i-00000001\","
                                "\"subnet\":\"subnet-00000001\"}]");
    struct sim_options options = {.wall_now_ms = r->wall_ms};
    struct sim *s = NULL;
    struct str why;

    (void)state;
    (void)rig_admin(r, "DELETE", "subnets/111122223333/us-west-2/subnet-00000001", NULL);
    options.state = sim_save(r->sim, r->arena);
    assert_int_equal(sim_new(&options, r->arena, &s, &why), FAULT_NONE);
    assert_true(str_eq(sim_save(s, r->arena), options.state));
    sim_free(s);
    rig_free(r);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(grows_estates),
        cmocka_unit_test(gives_the_same_ids_from_the_same_seed),
        cmocka_unit_test(keeps_accounts_and_regions_apart),
        cmocka_unit_test(holds_the_quota_of_servers),
        cmocka_unit_test(refuses_a_scenario_and_says_where),
        cmocka_unit_test(refuses_a_change_that_cannot_be),
        cmocka_unit_test(restores_what_names_something_gone),
    };

    return cmocka_run_group_tests_name("sim: loading", tests, NULL, NULL);
}
