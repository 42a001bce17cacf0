#ifndef OPS_EXECUTION_CONFLICTS_H
#define OPS_EXECUTION_CONFLICTS_H

#include "model/refusal.h"
#include "ops/context.h"

/*
 * Servers that somebody else works on, all of them in one refusal. All that is looked up here is
 * for its words; what decides is the claims in the write-set.
 */
struct conflicts {
    struct busy_refusal refusal;
    size_t found; /* more than are shown, perhaps */
};

void conflicts_add(struct arena *a, struct conflicts *c, const struct busy_server *busy);

/* FAULT_SERVER_CONFLICT where there is one. */
MUST_CHECK enum fault conflicts_refuse(struct call_ctx *call, const struct conflicts *c);

/*
 * Which execution holds the server of that claim, into *busy, which says nothing of the server. The
 * holder of the server before is most often this one's too, and is not read again then.
 */
MUST_CHECK enum fault conflict_holder(struct call_ctx *call, struct reader *reader, struct str key,
                                      struct busy_server *busy, bool *held);

#endif
