#ifndef OPS_EXECUTION_CLAIMS_H
#define OPS_EXECUTION_CLAIMS_H

#include "model/execution.h"
#include "ops/claims.h"

/*
 * While an execution lives, its plan, its groups and its servers are its own: claims that the start
 * takes in its own commit and the end gives back.
 */
/* Everything it holds, into a write-set for store_commit. */
MUST_CHECK enum fault execution_claims_release(struct reader *reader, struct arena *a,
                                               const struct execution *e, struct write_set *ws);

#endif
