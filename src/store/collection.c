#include "store/collection.h"

#include "base/panic.h"
#include "model/account.h"
#include "model/execution.h"
#include "model/group.h"
#include "model/plan.h"
#include "model/token.h"
#include "store/store.h"

/*
 * Alone in its file, so that a test can link a table of its own in its place. Who changes a row
 * here raises STORE_LAYOUT (store/layout.h): databases are then rewritten when they are opened.
 */
static const struct collection collections[COLLECTION_COUNT] = {
    [COLLECTION_GROUPS] =
        {
            .name = "protection-groups",
            .table_env = "PROTECTION_GROUPS_TABLE",
            .fields = group_fields,
            .size = sizeof(struct group),
            .partition = "groupId",
            .attributes = {"version", "useCount", "nameFold", "accountId", "region"},
            .indexes = {{"by-name", NULL, "nameFold"}, {"by-account", "accountId", "nameFold"}},
        },
    [COLLECTION_PLANS] =
        {
            .name = "recovery-plans",
            .table_env = "RECOVERY_PLANS_TABLE",
            .fields = plan_fields,
            .size = sizeof(struct plan),
            .partition = "planId",
            .attributes = {"version", "nameFold", "lastExecutionId", "lastExecutionStatus",
                           "lastStartedAt", "lastEndedAt"},
            .indexes = {{"by-name", NULL, "nameFold"}},
        },
    [COLLECTION_EXECUTIONS] =
        {
            .name = "executions",
            .table_env = "EXECUTIONS_TABLE",
            .fields = execution_fields,
            .size = sizeof(struct execution),
            .partition = "executionId",
            .attributes = {"planId", "accountId", "status", "epoch", "revision", "startedAt"},
            .indexes = {{"by-started", NULL, "startedAt"},
                        {"by-plan", "planId", "startedAt"},
                        {"by-status", "status", "startedAt"}},
        },
    [COLLECTION_RUNS] =
        {
            .name = "execution-runs",
            .table_env = "EXECUTION_RUNS_TABLE",
            .fields = run_row_fields,
            .size = sizeof(struct run_row),
            .partition = "executionId",
            .sort = "runKey",
            .attributes = {"revision"},
        },
    [COLLECTION_TIMERS] =
        {
            .name = "workflow-instances",
            .table_env = "WORKFLOW_INSTANCES_TABLE",
            .fields = flow_instance_fields,
            .size = sizeof(struct flow_instance),
            .partition = "shard",
            .sort = "instanceId",
            .attributes = {"revision"},
        },
    [COLLECTION_CLAIMS] =
        {
            .name = "claims",
            .table_env = "CLAIMS_TABLE",
            .fields = claim_fields,
            .size = sizeof(struct claim),
            .partition = "key",
            .attributes = {"owner", "state", "generation", "leaseUntil", "stage"},
            .indexes = {{"by-stage", "stage", "generation"}},
        },
    [COLLECTION_TOKENS] =
        {
            .name = "client-tokens",
            .table_env = "CLIENT_TOKENS_TABLE",
            .fields = token_fields,
            .size = sizeof(struct token),
            .partition = "key",
            .attributes = {"expiresAt"},
            .indexes = {{"by-expiry", NULL, "expiresAt"}},
            .expiry = "expiresAt",
        },
    [COLLECTION_ACCOUNTS] =
        {
            .name = "target-accounts",
            .table_env = "TARGET_ACCOUNTS_TABLE",
            .fields = account_fields,
            .size = sizeof(struct account),
            .partition = "accountId",
            .attributes = {"accountName", "status"},
            .indexes = {{"by-name", NULL, "accountName"}},
        },
    [COLLECTION_SETTINGS] =
        {
            .name = "settings",
            .table_env = "SETTINGS_TABLE",
            .fields = setting_fields,
            .size = sizeof(struct setting),
            .partition = "name",
            .attributes = {"revision"},
        },
};

const struct collection *collection_of(enum collection_id id)
{
    REQUIRE((size_t)id < COLLECTION_COUNT);
    return &collections[id];
}
