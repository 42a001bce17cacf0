#ifndef OPS_CLAIMS_H
#define OPS_CLAIMS_H

#include "store/store.h"

/*
 * The keys of all claims, so that whoever takes one and whoever looks for it spell it alike; and
 * looking for one. A look is for the message: what decides is the condition in the write-set.
 */
struct str claim_group_name(struct arena *a, struct str name_fold);
struct str claim_plan_name(struct arena *a, struct str name_fold);
struct str claim_server(struct arena *a, struct str account, struct str region, struct str server);
struct str claim_group_used(struct arena *a, struct str group_id, struct str plan_id);
struct str claim_running_plan(struct arena *a, struct str plan_id);
struct str claim_running_group(struct arena *a, struct str group_id);
struct str claim_running_server(struct arena *a, struct str account, struct str region,
                                struct str server);

struct claim_look {
    struct arena *arena;
    struct str key;
    struct str self; /* who asks; may be absent */
    int64_t now_ms;  /* wall */
};

/*
 * Whether somebody other than `self` holds it now, as the conditions of a write-set would have it
 * (ws_claim, ws_if_free).
 */
MUST_CHECK enum fault claim_find(struct reader *r, const struct claim_look *look, struct claim *out,
                                 bool *held);

#endif
