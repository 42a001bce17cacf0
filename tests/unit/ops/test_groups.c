/* long file: one table of cases, each a call and its answer */
#include "tests/unit/ops/desk.h"

static const struct desk_server estate[] = {
    {"s-web1", "web-01", "CONTINUOUS", "{\"Tier\":\"web\",\"Env\":\"prod\"}"},
    {"s-web2", "web-02", "INITIAL_SYNC", "{\"Tier\":\"web\",\"Env\":\"prod\"}"},
    {"s-db1", "db-01", "CONTINUOUS", "{\"Tier\":\"db\",\"Env\":\"prod\"}"},
    {"s-stalled", "old-01", "STALLED", "{\"Tier\":\"old\"}"},
    {"s-lost", "old-02", "DISCONNECTED", "{\"Tier\":\"old\"}"},
    {"s-stopped", "old-03", "STOPPED", "{\"Tier\":\"gone\"}"},
};

#define CREATE(members) "{\"operation\":\"create_protection_group\",\"body\":{" members "}}"
#define UPDATE(members) "{\"operation\":\"update_protection_group\",\"body\":{" members "}}"
#define DELETE(id)                                          \
    "{\"operation\":\"delete_protection_group\",\"body\":{" \
    "\"groupId\":\"" id "\"}}"
#define GET(id)                                          \
    "{\"operation\":\"get_protection_group\",\"body\":{" \
    "\"groupId\":\"" id "\"}}"
#define LIST(members)    "{\"operation\":\"list_protection_groups\",\"queryParams\":{" members "}}"
#define RESOLVE(members) "{\"operation\":\"resolve_protection_group_tags\",\"body\":{" members "}}"
#define PLAN(name, group)                                                                  \
    "{\"operation\":\"create_recovery_plan\",\"body\":{\"name\":\"" name "\",\"waves\":[{" \
    "\"waveNumber\":1,\"name\":\"one\",\"protectionGroupId\":\"" group "\"}]}}"
#define REFUSED(code, text) "{\"error\":\"" code "\",\"message\":\"" text "\"}"

/* What most cases begin with. */
#define WEB CREATE("\"name\":\"web\",\"region\":\"us-east-1\",\"sourceServerIds\":[\"s-web1\"]")
#define DB  CREATE("\"name\":\"db\",\"region\":\"us-east-1\",\"sourceServerIds\":[\"s-db1\"]")

static const struct desk_case creating[] = {
    {"S0's words and spellings, and every key that an answer has",
     {{DESK_EVENT,
       CREATE("\"groupName\":\"web\",\"description\":\"Web tier\",\"region\":\"us-east-1\","
              "\"accountId\":\"123456789012\",\"sourceServerIds\":[\"s-web1\",\"s-db1\"],"
              "\"launchConfig\":{\"instanceType\":\"t3.medium\",\"subnet\":\"subnet-123\","
              "\"securityGroups\":[\"sg-123\"]},\"servers\":[{\"serverId\":\"s-web1\","
              "\"launchConfig\":{\"instanceType\":\"t3.large\"}}]"),
       201,
       "{\"groupName\":\"web\",\"name\":\"web\",\"message\":\"Protection group created "
       "successfully\",\"description\":\"Web tier\",\"region\":\"us-east-1\",\"accountId\":"
       "\"123456789012\",\"accountName\":null,\"serverSelectionMode\":\"explicit\","
       "\"serverSelectionTags\":null,\"sourceServerIds\":[\"s-web1\",\"s-db1\"],\"serverCount\":2,"
       "\"launchConfiguration\":{\"instanceType\":\"t3.medium\",\"subnetId\":\"subnet-123\","
       "\"subnet\":\"subnet-123\",\"securityGroups\":[\"sg-123\"]},\"launchConfig\":{"
       "\"instanceType\":\"t3.medium\"},\"servers\":[{\"serverId\":\"s-web1\",\"sourceServerId\":"
       "\"s-web1\",\"sourceServerID\":\"s-web1\",\"hostname\":\"web-01\",\"useGroupDefaults\":"
       "false,\"launchConfig\":{\"instanceType\":\"t3.large\"},\"effectiveConfiguration\":{"
       "\"instanceType\":\"t3.large\",\"subnetId\":\"subnet-123\"}},{\"serverId\":\"s-db1\","
       "\"hostname\":\"db-01\",\"useGroupDefaults\":true,\"launchConfig\":null,"
       "\"effectiveConfig\":{\"instanceType\":\"t3.medium\"}}],\"createdAt\":"
       "\"2026-09-21T14:13:20Z\",\"createdDate\":1790000000,\"updatedAt\":\"(any)\",\"version\":1,"
       "\"nameFold\":\"(absent)\",\"useCount\":\"(absent)\"}"},
      {DESK_EVENT, GET("$web"), 200,
       "{\"groupId\":\"$web\",\"message\":\"(absent)\",\"servers\":[{\"launchConfig\":{"
       "\"instanceType\":\"t3.large\"}},{}]}"}}},
    {"tags select what they match",
     {{DESK_API,
       CREATE("\"name\":\"Web\",\"region\":\"us-east-1\",\"serverSelectionMode\":\"tags\","
              "\"serverSelectionTags\":{\"Tier\":\"web\",\"Env\":\"prod\"}"),
       201,
       "{\"message\":\"Protection Group created successfully\",\"serverSelectionTags\":{\"Tier\":"
       "\"web\",\"Env\":\"prod\"},\"sourceServerIds\":[\"s-web1\",\"s-web2\"],\"serverCount\":2,"
       "\"warnings\":\"(absent)\"}"}}},
    {"tags that match nothing are kept, with a warning",
     {{DESK_API,
       CREATE("\"name\":\"web\",\"region\":\"us-east-1\",\"serverSelectionTags\":{\"Tier\":\"x\"}"),
       201, "{\"serverCount\":0,\"sourceServerIds\":[],\"warnings\":[\"(any)\"]}"}}},
    {"everything that is missing is named",
     {{DESK_EVENT, CREATE("\"groupName\":\"Test Group\""), 400,
       REFUSED("MISSING_PARAMETERS", "Missing required parameters: region, accountId")},
      {DESK_API, CREATE(""), 400,
       REFUSED("MISSING_PARAMETER", "Missing required parameters: name, region")}}},
    {"what selects the servers is missing only once the name is known to be free",
     {{DESK_API, WEB, 201, NULL},
      {DESK_EVENT,
       CREATE("\"groupName\":\"WEB\",\"region\":\"us-east-1\",\"accountId\":\"123456789012\""), 400,
       "{\"error\":\"VALIDATION_ERROR\",\"message\":\"Protection group with name 'WEB' already "
       "exists\",\"details\":{\"code\":\"ALREADY_EXISTS\"}}"},
      {DESK_API, CREATE("\"name\":\"Web\",\"region\":\"us-east-1\""), 409,
       REFUSED("ALREADY_EXISTS", "Protection group with name 'Web' already exists")},
      {DESK_API, CREATE("\"name\":\"other\",\"region\":\"us-east-1\""), 400,
       REFUSED("MISSING_PARAMETER",
               "Missing required parameters: sourceServerIds or serverSelectionTags")},
      {DESK_API,
       CREATE("\"name\":\"other\",\"region\":\"us-east-1\",\"serverSelectionMode\":\"tags\""), 400,
       REFUSED("MISSING_PARAMETER", "Missing required parameters: serverSelectionTags")}}},
    {"values are refused together, before anything is looked up",
     {{DESK_API, CREATE("\"name\":\" web\",\"region\":\"mars\",\"sourceServerIds\":[\"web\"]"), 400,
       "{\"error\":\"INVALID_PARAMETER\",\"errors\":[{},{},{}]}"},
      {DESK_API, CREATE("\"name\":\"\",\"colour\":1"), 400,
       REFUSED("INVALID_PARAMETER", "Unknown parameter 'colour'")},
      {DESK_API,
       CREATE("\"name\":\"web\",\"region\":\"us-east-1\",\"sourceServerIds\":[\"s-web1\"],"
              "\"servers\":[{\"serverId\":\"s-web1\",\"launchConfiguration\":{"
              "\"iamInstanceProfileArn\":\"A\",\"instanceProfile\":\"B\"}},{\"serverId\":"
              "\"s-web1\"}],\"launchConfiguration\":{\"iamInstanceProfileArn\":\"A\","
              "\"instanceProfile\":\"B\"}"),
       400,
       "{\"errors\":[{\"field\":\"launchConfiguration\"},{\"field\":"
       "\"servers[0].launchConfiguration\"},{\"field\":\"servers[1]\"}]}"},
      {DESK_API,
       CREATE("\"name\":\"web\",\"region\":\"us-east-1\",\"serverSelectionTags\":{\"\":\"x\"}"),
       400, "{\"error\":\"INVALID_PARAMETER\",\"details\":{\"field\":\"serverSelectionTags\"}}"}}},
    {"an account that nobody has added",
     {{DESK_API,
       CREATE("\"name\":\"web\",\"region\":\"us-east-1\",\"accountId\":\"999999999999\","
              "\"sourceServerIds\":[\"s-web1\"]"),
       400,
       REFUSED("INVALID_PARAMETER",
               "Account '999999999999' is neither the hub account nor a target account")}}},
    {"servers of another group, as S1 shows it",
     {{DESK_API, WEB, 201, NULL},
      {DESK_API,
       CREATE("\"name\":\"b\",\"region\":\"us-east-1\",\"sourceServerIds\":[\"s-db1\",\"s-web1\"]"),
       409,
       "{\"error\":\"SERVER_CONFLICT\",\"message\":\"1 server(s) are already assigned to other "
       "Protection Groups\",\"conflicts\":[{\"serverId\":\"s-web1\",\"hostname\":\"web-01\","
       "\"currentGroupId\":\"$web\",\"currentGroupName\":\"web\",\"protectionGroupId\":\"$web\","
       "\"protectionGroupName\":\"web\"}],\"details\":{\"conflicts\":[{}]}}"},
      {DESK_API,
       CREATE("\"name\":\"c\",\"region\":\"us-east-1\",\"serverSelectionTags\":{\"Env\":\"prod\"}"),
       409, "{\"conflicts\":[{\"serverId\":\"s-web1\"}]}"},
      {DESK_API, CREATE("\"name\":\"d\",\"region\":\"us-west-2\",\"sourceServerIds\":[\"s-web1\"]"),
       201, NULL}}},
    {"a server that DRS does not have",
     {{DESK_API,
       CREATE("\"name\":\"web\",\"region\":\"us-east-1\",\"sourceServerIds\":[\"s-none\"]"), 400,
       REFUSED("INVALID_PARAMETER", "Source server 's-none' does not exist in account "
                                    "123456789012, region us-east-1")}}},
    {"replication that has stopped, as S1 shows it",
     {{DESK_API,
       CREATE("\"name\":\"old\",\"region\":\"us-east-1\",\"serverSelectionTags\":{\"Tier\":"
              "\"old\"}"),
       400,
       "{\"error\":\"INVALID_REPLICATION_STATE\",\"message\":\"2 server(s) have invalid "
       "replication states\",\"invalidServers\":[{\"serverId\":\"s-lost\",\"hostname\":\"old-02\","
       "\"replicationState\":\"DISCONNECTED\"},{\"serverId\":\"s-stalled\",\"hostname\":\"old-01\","
       "\"replicationState\":\"STALLED\"}]}"},
      {DESK_API,
       CREATE("\"name\":\"old\",\"region\":\"us-east-1\",\"sourceServerIds\":[\"s-stopped\"]"), 400,
       "{\"message\":\"1 server(s) have invalid replication states\"}"}}},
    {"an override of a stranger",
     {{DESK_API,
       CREATE("\"name\":\"web\",\"region\":\"us-east-1\",\"sourceServerIds\":[\"s-web1\"],"
              "\"servers\":[{\"serverId\":\"s-db1\",\"launchConfig\":{\"copyTags\":true}}]"),
       400, REFUSED("INVALID_PARAMETER", "'servers': 's-db1' is not a server of this group")},
      {DESK_API,
       CREATE("\"name\":\"web\",\"region\":\"us-east-1\",\"sourceServerIds\":[\"s-web1\"],"
              "\"servers\":[{\"serverId\":\"s-db1\"}]"),
       201, "{\"servers\":[{\"serverId\":\"s-web1\"}]}"}}},
    {"one address for two servers",
     {{DESK_API,
       CREATE("\"name\":\"web\",\"region\":\"us-east-1\",\"sourceServerIds\":[\"s-web1\","
              "\"s-web2\"],\"launchConfig\":{\"staticIp\":\"10.0.0.9\"}"),
       400, "{\"error\":\"INVALID_PARAMETER\"}"}}},
    {"useGroupDefaults takes an override back",
     {{DESK_API,
       CREATE("\"name\":\"web\",\"region\":\"us-east-1\",\"sourceServerIds\":[\"s-web1\","
              "\"s-web1\"],\"servers\":[{\"serverId\":\"s-web1\",\"useGroupDefaults\":true,"
              "\"launchConfig\":{\"copyTags\":true}}]"),
       201,
       "{\"serverCount\":1,\"servers\":[{\"useGroupDefaults\":true,\"launchConfiguration\":null}]"
       "}"}}},
    {"nothing is created while DRS cannot be asked",
     {{DESK_DRS, "down", 0, NULL},
      {DESK_API, WEB, 503, "{\"error\":\"DRS_ERROR\",\"retryable\":true}"},
      {DESK_API, LIST(""), 200, "{\"count\":0}"},
      {DESK_DRS, "up", 0, NULL},
      {DESK_API, WEB, 201, NULL}}},
};

static const struct desk_case changing[] = {
    {"what is not said stays",
     {{DESK_API,
       CREATE("\"name\":\"web\",\"region\":\"us-east-1\",\"description\":\"old\","
              "\"sourceServerIds\":[\"s-web1\"],\"launchConfig\":{\"copyTags\":true}"),
       201, NULL},
      {DESK_PASS, "60", 0, NULL},
      {DESK_API, UPDATE("\"groupId\":\"$web\",\"description\":\"new\",\"version\":1"), 200,
       "{\"groupId\":\"$web\",\"name\":\"web\",\"description\":\"new\",\"region\":\"us-east-1\","
       "\"serverCount\":1,\"sourceServerIds\":[\"s-web1\"],\"launchConfiguration\":{\"copyTags\":"
       "true},\"version\":2,\"createdAt\":\"2026-09-21T14:13:20Z\",\"updatedAt\":"
       "\"2026-09-21T14:14:20Z\",\"message\":\"Protection Group updated successfully\"}"},
      {DESK_EVENT, UPDATE("\"groupId\":\"$web\",\"groupName\":\"WEB\""), 200,
       "{\"version\":3,\"groupName\":\"WEB\",\"message\":\"Protection group updated "
       "successfully\"}"}}},
    {"the version is required in one dialect, and is compared in both",
     {{DESK_API, WEB, 201, NULL},
      {DESK_API, UPDATE("\"groupId\":\"$web\""), 400,
       REFUSED("MISSING_PARAMETER", "Missing required parameters: version")},
      {DESK_API, UPDATE("\"groupId\":\"$web\",\"version\":1"), 200, NULL},
      {DESK_API, UPDATE("\"groupId\":\"$web\",\"version\":1"), 409,
       "{\"error\":\"VERSION_MISMATCH\",\"message\":\"Version mismatch. Resource was modified by "
       "another process.\",\"currentVersion\":2,\"providedVersion\":1,\"details\":{"
       "\"currentVersion\":2,\"providedVersion\":1}}"},
      {DESK_EVENT, UPDATE("\"groupId\":\"$web\",\"version\":7"), 409,
       "{\"error\":\"VERSION_MISMATCH\"}"}}},
    {"an unknown group",
     {{DESK_API, UPDATE("\"groupId\":\"pg-1\",\"version\":1"), 404,
       REFUSED("NOT_FOUND", "Protection group 'pg-1' does not exist")},
      {DESK_API, GET("pg-1"), 404, "{\"error\":\"NOT_FOUND\"}"},
      {DESK_API, DELETE("pg-1"), 404, "{\"error\":\"NOT_FOUND\"}"}}},
    {"a name that is free, or not; the old one is free afterwards",
     {{DESK_API, WEB, 201, NULL},
      {DESK_API, DB, 201, NULL},
      {DESK_API, UPDATE("\"groupId\":\"$web\",\"name\":\"DB\",\"version\":1"), 409,
       REFUSED("ALREADY_EXISTS", "Protection group with name 'DB' already exists")},
      {DESK_API, UPDATE("\"groupId\":\"$web\",\"name\":\"front\",\"version\":1"), 200, NULL},
      {DESK_API, UPDATE("\"groupId\":\"$db\",\"name\":\"Web\",\"version\":1"), 200, NULL}}},
    {"servers that join are claimed, servers that leave are free",
     {{DESK_API, WEB, 201, NULL},
      {DESK_API,
       UPDATE("\"groupId\":\"$web\",\"sourceServerIds\":[\"s-web2\",\"s-db1\"],\"version\":1"), 200,
       "{\"sourceServerIds\":[\"s-web2\",\"s-db1\"],\"servers\":[{\"hostname\":\"web-02\"},"
       "{\"hostname\":\"db-01\"}]}"},
      {DESK_API, CREATE("\"name\":\"a\",\"region\":\"us-east-1\",\"sourceServerIds\":[\"s-db1\"]"),
       409, NULL},
      {DESK_API, CREATE("\"name\":\"a\",\"region\":\"us-east-1\",\"sourceServerIds\":[\"s-web1\"]"),
       201, NULL},
      {DESK_API,
       UPDATE("\"groupId\":\"$web\",\"sourceServerIds\":[\"s-web1\",\"s-db1\"],\"version\":2"), 409,
       "{\"conflicts\":[{\"serverId\":\"s-web1\",\"currentGroupName\":\"a\"}]}"}}},
    {"region and account stay",
     {{DESK_API, WEB, 201, NULL},
      {DESK_API,
       UPDATE("\"groupId\":\"$web\",\"region\":\"us-east-1\",\"accountId\":\"123456789012\","
              "\"version\":1"),
       200, NULL},
      {DESK_API,
       UPDATE("\"groupId\":\"$web\",\"region\":\"us-west-2\",\"accountId\":\"999999999999\","
              "\"version\":2"),
       400, "{\"errors\":[{\"field\":\"region\"},{\"field\":\"accountId\"}]}"}}},
    {"from tags to ids and back",
     {{DESK_API,
       CREATE("\"name\":\"web\",\"region\":\"us-east-1\",\"serverSelectionTags\":{\"Tier\":"
              "\"web\"}"),
       201, NULL},
      {DESK_API, UPDATE("\"groupId\":\"$web\",\"sourceServerIds\":[\"s-web1\"],\"version\":1"), 200,
       "{\"serverSelectionMode\":\"explicit\",\"serverSelectionTags\":null,\"serverCount\":1}"},
      {DESK_API,
       UPDATE("\"groupId\":\"$web\",\"serverSelectionTags\":{\"Tier\":\"web\"},\"version\":2"), 200,
       "{\"serverSelectionMode\":\"tags\",\"serverCount\":2}"},
      {DESK_API,
       UPDATE("\"groupId\":\"$web\",\"serverSelectionTags\":{\"Tier\":\"db\"},\"sourceServerIds\":"
              "[\"s-db1\"],\"version\":3"),
       400, "{\"error\":\"INVALID_PARAMETER\"}"}}},
    {"overrides are replaced as a whole, and go with their server",
     {{DESK_API,
       CREATE("\"name\":\"web\",\"region\":\"us-east-1\",\"sourceServerIds\":[\"s-web1\","
              "\"s-web2\"],\"servers\":[{\"serverId\":\"s-web1\",\"launchConfig\":{\"copyTags\":"
              "true}}]"),
       201, NULL},
      {DESK_API,
       UPDATE("\"groupId\":\"$web\",\"version\":1,\"servers\":[{\"serverId\":\"s-web2\","
              "\"launchConfig\":{\"copyTags\":false}}]"),
       200,
       "{\"servers\":[{\"launchConfig\":null,\"hostname\":\"web-01\"},{\"launchConfig\":{"
       "\"copyTags\":false}}]}"},
      {DESK_API,
       UPDATE("\"groupId\":\"$web\",\"version\":2,\"sourceServerIds\":[\"s-web1\"],\"servers\":[{"
              "\"serverId\":\"s-web2\",\"launchConfig\":{\"copyTags\":false}}]"),
       200, "{\"servers\":[{\"serverId\":\"s-web1\"}]}"},
      {DESK_API,
       UPDATE("\"groupId\":\"$web\",\"version\":3,\"servers\":[{\"serverId\":\"s-web2\","
              "\"launchConfig\":{\"copyTags\":true}}]"),
       400, "{\"error\":\"INVALID_PARAMETER\"}"}}},
    {"DRS is asked only when the servers are in question",
     {{DESK_API, WEB, 201, NULL},
      {DESK_PASS, "31", 0, NULL},
      {DESK_DRS, "down", 0, NULL},
      {DESK_API, UPDATE("\"groupId\":\"$web\",\"description\":\"x\",\"version\":1"), 200,
       "{\"servers\":[{\"hostname\":\"web-01\"}]}"},
      {DESK_API, UPDATE("\"groupId\":\"$web\",\"sourceServerIds\":[\"s-web2\"],\"version\":2"), 503,
       NULL}}},
    {"of two spellings the stored one yields",
     {{DESK_API,
       CREATE("\"name\":\"web\",\"region\":\"us-east-1\",\"sourceServerIds\":[\"s-web1\"],"
              "\"launchConfig\":{\"subnet\":\"subnet-1\",\"copyTags\":true}"),
       201, NULL},
      {DESK_API,
       UPDATE("\"groupId\":\"$web\",\"version\":1,\"name\":\"web\",\"groupName\":\"front\","
              "\"launchConfiguration\":{\"subnetId\":\"subnet-1\",\"subnet\":\"subnet-1\","
              "\"copyTags\":true},\"launchConfig\":{\"subnetId\":\"subnet-1\",\"subnet\":"
              "\"subnet-2\",\"copyTags\":true}"),
       200, "{\"name\":\"front\",\"launchConfiguration\":{\"subnetId\":\"subnet-2\"}}"},
      {DESK_API,
       UPDATE("\"groupId\":\"$web\",\"version\":2,\"launchConfiguration\":{\"subnetId\":"
              "\"subnet-3\",\"subnet\":\"subnet-2\",\"copyTags\":true},\"launchConfig\":{"
              "\"subnetId\":\"subnet-2\",\"subnet\":\"subnet-2\",\"copyTags\":true}"),
       200, "{\"launchConfig\":{\"subnet\":\"subnet-3\"}}"},
      {DESK_API,
       UPDATE("\"groupId\":\"$web\",\"version\":3,\"name\":\"one\",\"groupName\":\"two\","
              "\"launchConfiguration\":{\"subnetId\":\"subnet-4\",\"subnet\":\"subnet-5\"}"),
       400,
       "{\"errors\":[{\"field\":\"launchConfiguration.subnet\"},{\"field\":\"groupName\"}]}"}}},
    {"an active execution, as S1 shows it; a paused one is active",
     {{DESK_API, WEB, 201, NULL},
      {DESK_RUN, "web plan exec-1 PAUSED", 0, NULL},
      {DESK_API, UPDATE("\"groupId\":\"$web\",\"version\":1"), 409,
       "{\"error\":\"ACTIVE_EXECUTION\",\"message\":\"Cannot modify Protection Group while "
       "execution is in progress\",\"executionId\":\"exec-1\",\"executionStatus\":\"PAUSED\"}"},
      {DESK_API, DELETE("$web"), 409,
       "{\"error\":\"ACTIVE_EXECUTION\",\"message\":\"Cannot delete Protection Group while "
       "execution is in progress\"}"},
      {DESK_STOP, "web plan exec-1 COMPLETED", 0, NULL},
      {DESK_API, DELETE("$web"), 200, NULL}}},
    {"deleted is gone, and what it held is free",
     {{DESK_API, WEB, 201, NULL},
      {DESK_EVENT, DELETE("$web"), 200,
       "{\"message\":\"Protection group deleted successfully\",\"groupId\":\"$web\"}"},
      {DESK_API, GET("$web"), 404, NULL},
      {DESK_API, WEB, 201, NULL},
      {DESK_API, DELETE("$web"), 404, NULL}}},
    {"a group that plans name stays until they are gone",
     {{DESK_API, WEB, 201, NULL},
      {DESK_API, PLAN("first", "$web"), 201, NULL},
      {DESK_API, DELETE("$web"), 409,
       "{\"error\":\"IN_USE\",\"message\":\"Protection Group is referenced by 1 recovery "
       "plan(s)\",\"plans\":[{\"planId\":\"$first\",\"planName\":\"first\"}]}"},
      {DESK_API, UPDATE("\"groupId\":\"$web\",\"description\":\"x\",\"version\":1"), 200, NULL},
      {DESK_API, DELETE("$web"), 409, NULL},
      {DESK_API, "{\"operation\":\"delete_recovery_plan\",\"body\":{\"planId\":\"$first\"}}", 200,
       NULL},
      {DESK_API, DELETE("$web"), 200,
       "{\"message\":\"Protection Group deleted successfully\",\"groupId\":\"$web\"}"}}},
};

static const struct desk_case reading[] = {
    {"an empty list",
     {{DESK_API, LIST(""), 200,
       "{\"protectionGroups\":[],\"groups\":[],\"count\":0,"
       "\"nextToken\":null}"}}},
    {"by name, page by page, without the servers' configurations",
     {{DESK_API, WEB, 201, NULL},
      {DESK_API, DB, 201, NULL},
      {DESK_QUERY, LIST("\"limit\":\"1\""), 200,
       "{\"protectionGroups\":[{\"name\":\"db\",\"groupName\":\"db\",\"serverCount\":1,\"servers\":"
       "\"(absent)\",\"version\":1}],\"groups\":[{}],\"count\":1,\"nextToken\":\"(any)\","
       "\"warnings\":\"(absent)\"}"},
      {DESK_EVENT, LIST("\"limit\":50,\"nextToken\":null"), 200,
       "{\"protectionGroups\":[{\"name\":\"db\"},{\"name\":\"web\"}],\"count\":2,\"nextToken\":"
       "null}"}}},
    {"of a region, or of an account",
     {{DESK_API, WEB, 201, NULL},
      {DESK_API,
       CREATE("\"name\":\"west\",\"region\":\"us-west-2\",\"sourceServerIds\":[\"s-web1\"]"), 201,
       NULL},
      {DESK_API, LIST("\"region\":\"us-west-2\",\"limit\":1"), 200,
       "{\"protectionGroups\":[{\"name\":\"west\"}]}"},
      {DESK_API, LIST("\"accountId\":\"999999999999\""), 200, "{\"count\":0,\"nextToken\":null}"},
      {DESK_API, LIST("\"accountId\":\"123456789012\""), 200, "{\"count\":2}"}}},
    {"the documents' own token means the first page, any other one is refused",
     {{DESK_API, WEB, 201, NULL},
      {DESK_EVENT, LIST("\"limit\":50,\"nextToken\":\"eyJsYXN0RXZhbHVhdGVkS2V5Ijp7Imd...\""), 200,
       "{\"count\":1,\"warnings\":[\"(any)\"]}"},
      {DESK_API, LIST("\"nextToken\":\"eyJabc\""), 400,
       "{\"error\":\"INVALID_PARAMETER\",\"details\":{\"field\":\"nextToken\"}}"},
      {DESK_API, LIST("\"limit\":0"), 400, NULL},
      {DESK_API, LIST("\"limit\":1001"), 400, NULL}}},
    {"tags that are being tried, in all spellings",
     {{DESK_API, RESOLVE("\"region\":\"us-east-1\",\"serverSelectionTags\":{\"Tier\":\"web\"}"),
       200,
       "{\"servers\":[{\"serverId\":\"s-web1\",\"sourceServerId\":\"s-web1\",\"sourceServerID\":"
       "\"s-web1\",\"hostname\":\"web-01\",\"tags\":{\"Tier\":\"web\",\"Env\":\"prod\"},"
       "\"replicationState\":\"CONTINUOUS\"},{}],\"matchedServers\":[{},{}],\"resolvedServers\":"
       "[{},{}],\"count\":2,\"serverCount\":2,\"totalCount\":2,\"region\":\"us-east-1\","
       "\"accountId\":\"123456789012\"}"},
      {DESK_EVENT,
       RESOLVE("\"region\":\"us-east-1\",\"accountId\":\"123456789012\",\"serverSelectionTags\":{"
               "\"Tier\":\"web\"},\"limit\":1"),
       200, "{\"matchedServers\":[{}],\"count\":1,\"totalCount\":2}"},
      {DESK_EVENT, RESOLVE("\"region\":\"us-east-1\""), 400,
       REFUSED("MISSING_PARAMETERS",
               "Missing required parameters: accountId, serverSelectionTags")},
      {DESK_API, RESOLVE("\"region\":\"us-east-1\",\"serverSelectionTags\":{}"), 400, NULL},
      {DESK_API, RESOLVE("\"region\":\"us-east-1\",\"serverSelectionTags\":{\"\":\"\"}"), 400,
       NULL},
      {DESK_API,
       RESOLVE("\"region\":\"us-east-1\",\"accountId\":\"999999999999\",\"serverSelectionTags\":{"
               "\"a\":\"b\"}"),
       400, NULL},
      {DESK_PASS, "31", 0, NULL},
      {DESK_DRS, "down", 0, NULL},
      {DESK_API, RESOLVE("\"region\":\"us-east-1\",\"serverSelectionTags\":{\"a\":\"b\"}"), 503,
       NULL}}},
};

static void check_all(const struct desk_case *cases, size_t n)
{
    for (size_t i = 0; i < n; i++)
        desk_check(estate, ARRAY_LEN(estate), &cases[i]);
}

static void test_creating_groups(void **state)
{
    (void)state;
    check_all(creating, ARRAY_LEN(creating));
}

static void test_changing_groups(void **state)
{
    (void)state;
    check_all(changing, ARRAY_LEN(changing));
}

static void test_reading_groups(void **state)
{
    (void)state;
    check_all(reading, ARRAY_LEN(reading));
}

static const struct json *expect_status(struct desk *d, const char *event, int status)
{
    int got;
    const struct json *answer = desk_call(d, DESK_API, event, &got);

    if (got != status)
        fail_msg("status %d: " STR_FMT, got, STR_ARG(json_text(d->arena, answer)));
    return answer;
}

/* Every page once, and together all of them. */
static void test_a_list_is_walked_by_its_tokens(void **state)
{
    struct desk *d = desk_new(estate, ARRAY_LEN(estate));
    struct str token = {0};
    int seen = 0;

    (void)state;
    for (int i = 0; i < 7; i++)
        (void)expect_status(
            d,
            arena_strf(d->arena,
                       "{\"operation\":\"create_protection_group\",\"body\":{\"name\":\"g%d\","
                       "\"region\":\"us-east-1\",\"serverSelectionTags\":{\"n\":\"%d\"}}}",
                       i, i)
                .ptr,
            201);
    do {
        const struct json *page = expect_status(
            d,
            arena_strf(d->arena,
                       "{\"operation\":\"list_protection_groups\",\"queryParams\":{\"limit\":3"
                       "%s" STR_FMT "%s}}",
                       str_present(token) ? ",\"nextToken\":\"" : "", STR_ARG(token),
                       str_present(token) ? "\"" : "")
                .ptr,
            200);
        const struct json *groups = json_get_z(page, "groups");

        for (size_t i = 0; i < groups->len; i++)
            assert_str(json_str(json_get_z(&groups->items[i], "name")),
                       arena_strf(d->arena, "g%d", seen++).ptr);
        token = json_str(json_get_z(page, "nextToken"));
    } while (str_present(token));
    assert_int_equal(seen, 7);
    desk_free(d);
}

/* More servers than one write-set takes: claims are staged, and all of them hold. */
static void test_a_large_group(void **state)
{
    enum { MANY = 501 };
    static struct desk_server servers[MANY];
    static char ids[MANY][16];
    struct desk *d;
    int status;

    (void)state;
    for (int i = 0; i < MANY; i++) {
        (void)snprintf(ids[i], sizeof(ids[i]), "s-%03d", i);
        servers[i] =
            (struct desk_server){ids[i], ids[i], "CONTINUOUS",
                                 i < 250 ? "{\"a\":\"1\",\"all\":\"\"}" : "{\"all\":\"\"}"};
    }
    d = desk_new(servers, MANY);
    (void)expect_status(d,
                        CREATE("\"name\":\"big\",\"region\":\"us-east-1\","
                               "\"serverSelectionTags\":{\"all\":\"\"}"),
                        400);
    (void)expect_status(d,
                        CREATE("\"name\":\"big\",\"region\":\"us-east-1\","
                               "\"serverSelectionTags\":{\"a\":\"1\"}"),
                        201);
    (void)expect_status(d,
                        CREATE("\"name\":\"x\",\"region\":\"us-east-1\",\"sourceServerIds\":["
                               "\"s-249\"]"),
                        409);
    (void)desk_call(d, DESK_API,
                    CREATE("\"name\":\"y\",\"region\":\"us-east-1\","
                           "\"sourceServerIds\":[\"s-250\"]"),
                    &status);
    assert_int_equal(status, 201);
    desk_free(d);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_creating_groups),
        cmocka_unit_test(test_changing_groups),
        cmocka_unit_test(test_reading_groups),
        cmocka_unit_test(test_a_list_is_walked_by_its_tokens),
        cmocka_unit_test(test_a_large_group),
    };

    return cmocka_run_group_tests_name("protection groups", tests, NULL, NULL);
}
