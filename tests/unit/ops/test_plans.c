#include "tests/unit/ops/desk.h"

/* Five servers to name, and estates that are too large: 101 of one tag, six times 90. */
enum { MANY = 5 + 101 + 6 * 90 };

static struct desk_server estate[MANY];
static char ids[MANY][16];
static char tags[MANY][32];

static int fill_estate(void **state)
{
    static const char *const first[] = {"s-a", "s-b", "s-c", "s-d", "s-e"};

    (void)state;
    for (size_t i = 0; i < MANY; i++) {
        if (i < 5)
            (void)snprintf(ids[i], sizeof(ids[i]), "%s", first[i]);
        else
            (void)snprintf(ids[i], sizeof(ids[i]), "s-%03zu", i);
        (void)snprintf(tags[i], sizeof(tags[i]), "{\"set\":\"%zu\"}",
                       i < 5     ? 100
                       : i < 106 ? 0
                                 : 1 + (i - 106) / 90);
        estate[i] = (struct desk_server){ids[i], ids[i], "CONTINUOUS", tags[i]};
    }
    return 0;
}

#define GROUP(name, id)                                                             \
    {                                                                               \
        DESK_API,                                                                   \
            "{\"operation\":\"create_protection_group\",\"body\":{\"name\":\"" name \
            "\",\"region\":\"us-east-1\",\"sourceServerIds\":[\"" id "\"]}}",       \
            201, NULL                                                               \
    }
#define SET(name, set)                                                                     \
    {                                                                                      \
        DESK_API,                                                                          \
            "{\"operation\":\"create_protection_group\",\"body\":{\"name\":\"" name        \
            "\",\"region\":\"us-east-1\",\"serverSelectionTags\":{\"set\":\"" set "\"}}}", \
            201, NULL                                                                      \
    }
#define GROUPS GROUP("db", "s-a"), GROUP("app", "s-b"), GROUP("web", "s-c")

#define CREATE(members) "{\"operation\":\"create_recovery_plan\",\"body\":{" members "}}"
#define UPDATE(members) "{\"operation\":\"update_recovery_plan\",\"body\":{" members "}}"
#define DELETE(id)                                       \
    "{\"operation\":\"delete_recovery_plan\",\"body\":{" \
    "\"planId\":\"" id "\"}}"
#define GET(id)                                       \
    "{\"operation\":\"get_recovery_plan\",\"body\":{" \
    "\"planId\":\"" id "\"}}"
#define LIST(members) "{\"operation\":\"list_recovery_plans\",\"queryParams\":{" members "}}"
#define DROP(id)                                            \
    "{\"operation\":\"delete_protection_group\",\"body\":{" \
    "\"groupId\":\"" id "\"}}"
#define WAVE(n, group) \
    "{\"waveNumber\":" n ",\"name\":\"wave\",\"protectionGroupId\":\"" group "\"}"
#define PLAN(name, waves)   CREATE("\"name\":\"" name "\",\"waves\":[" waves "]")
#define REFUSED(code, text) "{\"error\":\"" code "\",\"message\":\"" text "\"}"

static const struct desk_case creating[] = {
    {"S0's example, numbers kept, dependencies resolved",
     {GROUPS,
      {DESK_EVENT,
       CREATE("\"planName\":\"plan\",\"description\":\"All of it\",\"waves\":[{\"waveNumber\":1,"
              "\"waveName\":\"Database Tier\",\"protectionGroupId\":\"$db\",\"launchOrder\":1,"
              "\"pauseBeforeWave\":false},{\"waveNumber\":2,\"waveName\":\"Application Tier\","
              "\"protectionGroupId\":\"$app\",\"launchOrder\":2,\"pauseBeforeWave\":true,"
              "\"dependsOnWaves\":[1]},{\"waveNumber\":3,\"waveName\":\"Web Tier\","
              "\"protectionGroupId\":\"$web\",\"launchOrder\":3,\"dependsOnWaves\":[2]}]"),
       201,
       "{\"planId\":\"(any)\",\"planName\":\"plan\",\"name\":\"plan\",\"message\":\"Recovery plan "
       "created successfully\",\"description\":\"All of it\",\"waves\":[{\"waveNumber\":1,"
       "\"waveName\":\"Database Tier\",\"name\":\"Database Tier\",\"protectionGroupId\":\"$db\","
       "\"protectionGroupIds\":[\"$db\"],\"protectionGroupName\":\"db\",\"serverCount\":1,"
       "\"serverIds\":[\"s-a\"],\"launchOrder\":1,\"pauseBeforeWave\":false,\"dependsOnWaves\":[]}"
       ",{\"pauseBeforeWave\":true,\"dependsOnWaves\":[1]},{\"dependsOnWaves\":[2]}],"
       "\"waveCount\":3,\"totalWaves\":3,\"totalServers\":3,\"status\":\"ACTIVE\","
       "\"onWaveFailure\":\"stop\",\"parallelWaves\":false,\"createdAt\":\"2026-09-21T14:13:20Z\","
       "\"createdDate\":1790000000,\"updatedAt\":\"(any)\",\"version\":1,\"nameFold\":"
       "\"(absent)\",\"lastExecutionStatus\":null}"},
      {DESK_QUERY, GET("$plan"), 200,
       "{\"name\":\"plan\",\"waves\":[{\"protectionGroupName\":\"db\"},{},{}],\"totalServers\":3,"
       "\"message\":\"(absent)\"}"}}},
    {"what is said beside the waves",
     {GROUPS,
      {DESK_API,
       CREATE("\"name\":\"plan\",\"onWaveFailure\":\"continue\",\"parallelWaves\":true,"
              "\"status\":\"inactive\",\"waves\":[{\"waveNumber\":1,\"name\":\"one\","
              "\"protectionGroupIds\":[\"$db\",\"$app\"]},{\"waveNumber\":1,\"name\":\"one\","
              "\"protectionGroupId\":\"$web\",\"launchOrder\":2}]"),
       201,
       "{\"message\":\"Recovery Plan created successfully\",\"onWaveFailure\":\"continue\","
       "\"parallelWaves\":true,\"status\":\"INACTIVE\",\"totalWaves\":1,\"totalServers\":3,"
       "\"waves\":[{\"serverCount\":2,\"protectionGroupNames\":[\"db\",\"app\"]},{\"serverCount\":"
       "1}]}"}}},
    {"everything that is missing is named",
     {{DESK_EVENT, CREATE(""), 400,
       REFUSED("MISSING_PARAMETERS", "Missing required parameters: planName, waves")},
      {DESK_API, CREATE("\"name\":\"plan\",\"waves\":[{\"waveNumber\":1}]"), 400,
       REFUSED("MISSING_PARAMETER", "Missing required parameters: waves[0].name")},
      {DESK_API,
       CREATE("\"name\":\"plan\",\"waves\":[{\"waveNumber\":1,\"name\":\"x\"},{\"name\":\"y\"}]"),
       400,
       REFUSED("MISSING_PARAMETER",
               "Missing required parameters: waves[0].protectionGroupId, waves[1].waveNumber, "
               "waves[1].protectionGroupId")},
      {DESK_API, CREATE("\"name\":\"plan\",\"waves\":[]"), 400,
       "{\"error\":\"INVALID_PARAMETER\"}"}}},
    {"values are refused before the name is looked at",
     {GROUPS,
      {DESK_API, PLAN("plan", WAVE("1", "$db")), 201, NULL},
      {DESK_API,
       CREATE("\"name\":\"plan\",\"waves\":[{\"waveNumber\":1,\"name\":\"x\","
              "\"protectionGroupId\":\"$app\",\"dependsOnWaves\":[2]},{\"waveNumber\":2,\"name\":"
              "\"y\",\"protectionGroupId\":\"$web\"}]"),
       400, REFUSED("INVALID_PARAMETER", "Circular wave dependencies: 1 -> 2 -> 1")}}},
    {"a name is taken whatever its case",
     {GROUPS,
      {DESK_API, PLAN("plan", WAVE("1", "$db")), 201, NULL},
      {DESK_API, PLAN("PLAN", WAVE("1", "pg-none")), 409,
       REFUSED("ALREADY_EXISTS", "Recovery plan with name 'PLAN' already exists")},
      {DESK_EVENT, PLAN("Plan", WAVE("1", "$app")), 400,
       "{\"error\":\"VALIDATION_ERROR\",\"details\":{\"code\":\"ALREADY_EXISTS\"}}"}}},
    {"groups that do not exist are all named",
     {{DESK_API, PLAN("plan", WAVE("1", "pg-x") "," WAVE("2", "pg-y")), 404,
       "{\"error\":\"PROTECTION_GROUP_NOT_FOUND\",\"errors\":[{\"message\":\"Protection group "
       "'pg-x' does not exist\"},{}]}"},
      {DESK_EVENT, PLAN("plan", WAVE("1", "pg-x")), 400,
       "{\"error\":\"VALIDATION_ERROR\",\"message\":\"Protection group 'pg-x' does not exist\","
       "\"details\":{\"code\":\"PROTECTION_GROUP_NOT_FOUND\"}}"}}},
    {"a wave of more than DRS starts at once",
     {GROUPS,
      SET("big", "0"),
      {DESK_API, PLAN("plan", WAVE("1", "$db") "," WAVE("4", "$big")), 400,
       "{\"error\":\"WAVE_SIZE_EXCEEDED\",\"message\":\"Wave 4 has 101 servers, max is 100\","
       "\"limit\":100,\"errors\":[{\"waveNumber\":4,\"serverCount\":101}]}"}}},
    {"several groups of one wave count together",
     {SET("one", "1"),
      SET("two", "2"),
      {DESK_API, PLAN("plan", WAVE("1", "$one") "," WAVE("1", "$two")), 400,
       "{\"message\":\"Wave 1 has 180 servers, max is 100\"}"},
      {DESK_API, PLAN("plan", WAVE("1", "$one") "," WAVE("2", "$two")), 201,
       "{\"totalServers\":180}"}}},
    {"a plan of more than DRS has in all its jobs",
     {SET("one", "1"),
      SET("two", "2"),
      SET("three", "3"),
      SET("four", "4"),
      SET("five", "5"),
      SET("six", "6"),
      {DESK_API,
       PLAN("plan", WAVE("1", "$one") "," WAVE("2", "$two") "," WAVE("3", "$three") "," WAVE(
                        "4", "$four") "," WAVE("5", "$five") "," WAVE("6", "$six")),
       400, REFUSED("QUOTA_EXCEEDED", "The plan has 540 servers, max is 500")}}},
};

static const struct desk_case changing[] = {
    {"what is not said stays",
     {GROUPS,
      {DESK_API,
       CREATE("\"name\":\"plan\",\"description\":\"old\",\"parallelWaves\":true,"
              "\"onWaveFailure\":\"continue\",\"waves\":[" WAVE("1", "$db") "]"),
       201, NULL},
      {DESK_PASS, "60", 0, NULL},
      {DESK_API, UPDATE("\"planId\":\"$plan\",\"description\":\"new\",\"version\":1"), 200,
       "{\"planId\":\"$plan\",\"name\":\"plan\",\"description\":\"new\",\"parallelWaves\":true,"
       "\"onWaveFailure\":\"continue\",\"status\":\"ACTIVE\",\"waves\":[{\"protectionGroupName\":"
       "\"db\"}],\"totalWaves\":1,\"totalServers\":1,\"version\":2,\"createdAt\":"
       "\"2026-09-21T14:13:20Z\",\"updatedAt\":\"2026-09-21T14:14:20Z\",\"message\":\"Recovery "
       "Plan updated successfully\"}"},
      {DESK_EVENT,
       UPDATE("\"planId\":\"$plan\",\"planName\":\"PLAN\",\"parallelWaves\":false,\"status\":"
              "\"INACTIVE\",\"onWaveFailure\":\"stop\""),
       200,
       "{\"version\":3,\"parallelWaves\":false,\"status\":\"INACTIVE\",\"onWaveFailure\":\"stop\","
       "\"message\":\"Recovery plan updated successfully\"}"}}},
    {"the version",
     {GROUPS,
      {DESK_API, PLAN("plan", WAVE("1", "$db")), 201, NULL},
      {DESK_API, UPDATE("\"planId\":\"$plan\""), 400,
       REFUSED("MISSING_PARAMETER", "Missing required parameters: version")},
      {DESK_API, UPDATE("\"planId\":\"$plan\",\"version\":2"), 409,
       "{\"error\":\"VERSION_MISMATCH\",\"currentVersion\":1,\"providedVersion\":2}"}}},
    {"an unknown plan",
     {{DESK_API, UPDATE("\"planId\":\"rp-1\",\"version\":1"), 404,
       REFUSED("NOT_FOUND", "Recovery plan 'rp-1' does not exist")},
      {DESK_API, GET("rp-1"), 404, NULL},
      {DESK_API, DELETE("rp-1"), 404, NULL}}},
    {"groups that leave may be deleted, groups that join may not",
     {GROUPS,
      {DESK_API, PLAN("plan", WAVE("1", "$db") "," WAVE("2", "$app")), 201, NULL},
      {DESK_API, DROP("$db"), 409, "{\"error\":\"IN_USE\"}"},
      {DESK_API,
       UPDATE("\"planId\":\"$plan\",\"version\":1,\"waves\":[" WAVE("2", "$app") "," WAVE(
           "3", "$web") "]"),
       200, "{\"waves\":[{\"dependsOnWaves\":[]},{\"dependsOnWaves\":[2]}],\"totalServers\":2}"},
      {DESK_API, DROP("$db"), 200, NULL},
      {DESK_API, DROP("$app"), 409, NULL},
      {DESK_API, DROP("$web"), 409, NULL},
      {DESK_API, UPDATE("\"planId\":\"$plan\",\"version\":2,\"waves\":[" WAVE("1", "pg-x") "]"),
       404, "{\"error\":\"PROTECTION_GROUP_NOT_FOUND\"}"},
      {DESK_API, DELETE("$plan"), 200, NULL},
      {DESK_API, DROP("$web"), 200, NULL}}},
    {"a plan that comes back as it was answered, changed in one spelling",
     {GROUPS,
      {DESK_API, PLAN("plan", WAVE("1", "$db")), 201, NULL},
      {DESK_API,
       UPDATE("\"planId\":\"$plan\",\"version\":1,\"name\":\"plan\",\"planName\":\"other\","
              "\"totalWaves\":1,\"waveCount\":1,\"lastExecutionId\":null,\"waves\":[{"
              "\"waveNumber\":1,\"name\":\"wave\",\"waveName\":\"Base\",\"protectionGroupId\":"
              "\"$app\",\"protectionGroupIds\":[\"$db\"],\"protectionGroupName\":\"db\","
              "\"serverIds\":[\"s-a\"],\"serverCount\":1,\"dependsOnWaves\":[]}]"),
       200,
       "{\"name\":\"other\",\"waves\":[{\"name\":\"Base\",\"protectionGroupId\":\"$app\","
       "\"protectionGroupIds\":[\"$app\"],\"serverIds\":[\"s-b\"]}]}"},
      {DESK_API,
       UPDATE("\"planId\":\"$plan\",\"version\":2,\"waves\":[{\"waveNumber\":9,\"name\":\"x\","
              "\"waveName\":\"y\",\"protectionGroupId\":\"$app\"}]"),
       400, "{\"error\":\"INVALID_PARAMETER\",\"details\":{\"field\":\"waves[0].waveName\"}}"}}},
    {"an active execution; a paused one is active",
     {GROUPS,
      {DESK_API, PLAN("plan", WAVE("1", "$db")), 201, NULL},
      {DESK_RUN, "db plan exec-7 RUNNING", 0, NULL},
      {DESK_API, UPDATE("\"planId\":\"$plan\",\"version\":1"), 409,
       "{\"error\":\"ACTIVE_EXECUTION\",\"message\":\"Cannot modify Recovery Plan while execution "
       "is in progress\",\"executionId\":\"exec-7\",\"executionStatus\":\"RUNNING\"}"},
      {DESK_API, DELETE("$plan"), 409,
       REFUSED("ACTIVE_EXECUTION", "Cannot delete Recovery Plan while execution is in progress")},
      {DESK_STOP, "db plan exec-7 COMPLETED", 0, NULL},
      {DESK_EVENT, DELETE("$plan"), 200,
       "{\"message\":\"Recovery plan deleted successfully\",\"planId\":\"$plan\"}"},
      {DESK_API, PLAN("plan", WAVE("1", "$db")), 201, NULL}}},
    {"a name that is taken, and one that is given up",
     {GROUPS,
      {DESK_API, PLAN("one", WAVE("1", "$db")), 201, NULL},
      {DESK_API, PLAN("two", WAVE("1", "$db")), 201, NULL},
      {DESK_API, UPDATE("\"planId\":\"$two\",\"version\":1,\"name\":\"ONE\""), 409, NULL},
      {DESK_API, UPDATE("\"planId\":\"$one\",\"version\":1,\"name\":\"three\""), 200, NULL},
      {DESK_API, UPDATE("\"planId\":\"$two\",\"version\":1,\"name\":\"ONE\""), 200, NULL}}},
};

static const struct desk_case listing[] = {
    {"an empty list",
     {{DESK_API, LIST(""), 200, "{\"recoveryPlans\":[],\"count\":0,\"nextToken\":null}"}}},
    {"by name and by status",
     {GROUPS,
      {DESK_API, PLAN("b", WAVE("1", "$db")), 201, NULL},
      {DESK_API, CREATE("\"name\":\"a\",\"status\":\"INACTIVE\",\"waves\":[" WAVE("1", "$app") "]"),
       201, NULL},
      {DESK_EVENT, LIST("\"limit\":50,\"nextToken\":null"), 200,
       "{\"recoveryPlans\":[{\"planName\":\"a\"},{\"planName\":\"b\",\"waveCount\":1,"
       "\"totalServers\":1,\"createdAt\":\"(any)\",\"updatedAt\":\"(any)\"}],\"count\":2}"},
      {DESK_EVENT, LIST("\"status\":\"ACTIVE\""), 200, "{\"recoveryPlans\":[{\"name\":\"b\"}]}"},
      {DESK_QUERY, LIST("\"status\":\"inactive\""), 200, "{\"recoveryPlans\":[{\"name\":\"a\"}]}"},
      {DESK_API, LIST("\"status\":\"COMPLETED\""), 200, "{\"count\":0}"},
      {DESK_API, LIST("\"status\":\"BUSY\""), 400,
       "{\"error\":\"INVALID_PARAMETER\",\"details\":{\"field\":\"status\"}}"},
      {DESK_API, LIST("\"limit\":1"), 200, "{\"count\":1,\"nextToken\":\"(any)\"}"},
      {DESK_API, LIST("\"nextToken\":\"x\""), 400, NULL}}},
    {"the documents' own token",
     {{DESK_API, LIST("\"nextToken\":\"eyJsYXN0RXZhbHVhdGVkS2V5Ijp7\""), 200,
       "{\"count\":0,\"warnings\":[\"(any)\"]}"}}},
};

static void check_all(const struct desk_case *cases, size_t n)
{
    for (size_t i = 0; i < n; i++)
        desk_check(estate, MANY, &cases[i]);
}

static void test_creating_plans(void **state)
{
    (void)state;
    check_all(creating, ARRAY_LEN(creating));
}

static void test_changing_plans(void **state)
{
    (void)state;
    check_all(changing, ARRAY_LEN(changing));
}

static void test_listing_plans(void **state)
{
    (void)state;
    check_all(listing, ARRAY_LEN(listing));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_creating_plans),
        cmocka_unit_test(test_changing_plans),
        cmocka_unit_test(test_listing_plans),
    };

    return cmocka_run_group_tests_name("recovery plans", tests, fill_estate, NULL);
}
