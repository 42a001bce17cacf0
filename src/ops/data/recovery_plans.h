#ifndef OPS_DATA_RECOVERY_PLANS_H
#define OPS_DATA_RECOVERY_PLANS_H

#include "model/plan.h"
#include "ops/context.h"

/*
 * Recovery plans. Create and update take a struct plan as parameters (plan_create_fields,
 * plan_update_fields) and answer one (plan_fields), as does get.
 */
struct plan_id_params {
    struct str plan_id;
};
extern const struct field plan_id_params_fields[];

struct plan_delete_reply {
    struct str plan_id;
    struct str message;
};
extern const struct field plan_delete_reply_fields[];

struct plan_list_params {
    int64_t limit;
    bool has_limit;
    struct str next_token;
    struct str status; /* of the plan, or of its last execution */
};
extern const struct field plan_list_params_fields[];

struct plan_list_reply {
    LIST_OF(struct plan) plans;
    int64_t count;
    struct str next_token;
    struct strs warnings;
};
extern const struct field plan_list_reply_fields[];

MUST_CHECK enum fault recovery_plan_create(struct ctx *c);
MUST_CHECK enum fault recovery_plan_update(struct ctx *c);
MUST_CHECK enum fault recovery_plan_delete(struct ctx *c);
MUST_CHECK enum fault recovery_plan_get(struct query_ctx *c);
MUST_CHECK enum fault recovery_plan_list(struct query_ctx *c);

/* A stored plan as answers show it: with names, servers and counts of its groups as they are now.
 */
MUST_CHECK enum fault recovery_plan_for_answer(struct reader *reader, struct arena *a,
                                               const struct plan *stored, struct plan *out);

#endif
