#ifndef OPS_REFUSE_H
#define OPS_REFUSE_H

#include "ops/context.h"

/* Refusals that operations on groups, plans and executions share, with their documented texts. */

/* FAULT_VERSION_MISMATCH with currentVersion and providedVersion. */
MUST_CHECK enum fault refuse_version(struct call_ctx *c, int64_t current, int64_t provided);

/*
 * FAULT_ACTIVE_EXECUTION while the claim `running_key` is held: "Cannot <verb> <what> while
 * execution is in progress", with executionId and executionStatus. A paused execution is active.
 */
MUST_CHECK enum fault refuse_active(struct call_ctx *c, struct reader *reader,
                                    struct str running_key, const char *verb, const char *what);

/* Whether a list's nextToken is the one that the documents print cut short (S0:149). */
bool token_is_documented(struct str token);

/* The warning that goes with the first page in the place of what that token stood for. */
struct strs token_warning(struct arena *a);

#endif
