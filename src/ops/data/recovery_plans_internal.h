#ifndef OPS_DATA_RECOVERY_PLANS_INTERNAL_H
#define OPS_DATA_RECOVERY_PLANS_INTERNAL_H

#include "model/group.h"
#include "ops/data/recovery_plans.h"

/* Inside the subject only. */

/* The plan, or FAULT_NOT_FOUND with its words. */
MUST_CHECK enum fault plan_find(struct call_ctx *call, struct reader *reader, struct str id,
                                struct plan *out);

/* The groups that plans name, each read once; one that is gone has no id. */
struct plan_groups {
    struct reader *reader;
    struct arena *arena;
    struct plan_group *first;
};

MUST_CHECK enum fault plan_groups_get(struct plan_groups *groups, struct str id,
                                      const struct group **out);

/* Fills what the waves show of their groups, and the plan's totals. The waves are copied. */
MUST_CHECK enum fault plan_show_groups(struct plan_groups *groups, struct plan *plan);

#endif
