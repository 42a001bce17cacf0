#ifndef EDGE_HUB_H
#define EDGE_HUB_H

#include "aws/aws.h"

/*
 * The hub account: the one that the base credentials belong to. STS is asked in the background; the
 * first callers of a process wait for its answer, HUB_PATIENCE_MS at most, and nobody waits after
 * that: while AWS cannot be reached the account is unknown, and asked for again every HUB_RETRY_MS.
 * Thread-safe.
 */
enum { HUB_PATIENCE_MS = 2000, HUB_RETRY_MS = 5000 };

struct hub;

struct hub_options {
    struct aws *aws;
    struct clock *clock;
    struct run *run;       /* where STS is waited for */
    struct str region;     /* absent: us-east-1 */
    struct str configured; /* 12 digits, taken without asking; or absent */
};

/* Never NULL. Begins to ask at once. */
struct hub *hub_new(const struct hub_options *options);

/* NULL is allowed. The runner must have ended. */
void hub_free(struct hub *h);

/* api.hub_account: `context` is the hub. Absent while unknown. */
struct str hub_account(void *context, struct arena *a);

#endif
