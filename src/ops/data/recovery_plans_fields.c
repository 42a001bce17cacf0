#include "ops/data/protection_groups.h"
#include "ops/data/recovery_plans.h"

const struct field plan_id_params_fields[] = {
    F_STR(struct plan_id_params, plan_id, "planId", .flags = FIELD_REQUIRED, .max = IDENTIFIER_MAX,
          .check = &check_identifier, .help = "id of the recovery plan"),
    F_END,
};

const struct field plan_delete_reply_fields[] = {
    F_STR(struct plan_delete_reply, message, "message", .help = "what was done, in words"),
    F_STR(struct plan_delete_reply, plan_id, "planId", .help = "the plan that is gone"),
    F_END,
};

const struct field plan_list_params_fields[] = {
    F_INT(struct plan_list_params, limit, "limit", F_HAS(struct plan_list_params, has_limit),
          .min = 1, .max = LIST_LIMIT_MAX, .help = "plans in one answer, 50 when absent"),
    F_STR(struct plan_list_params, next_token, "nextToken", .max = 2048,
          .help = "of the answer before"),
    F_STR(struct plan_list_params, status, "status", .max = 32,
          .help = "ACTIVE or INACTIVE, or the status of the last execution"),
    F_END,
};

const struct field plan_list_reply_fields[] = {
    F_LIST(struct plan_list_reply, plans, "recoveryPlans", struct plan, plan_fields,
           .aliases = "plans", .help = "by name"),
    F_INT(struct plan_list_reply, count, "count", .help = "plans in this answer"),
    F_STR(struct plan_list_reply, next_token, "nextToken", .flags = FIELD_NULL,
          .help = "for the next answer; null on the last"),
    F_STRS(struct plan_list_reply, warnings, "warnings", .help = "what deserves attention"),
    F_END,
};
