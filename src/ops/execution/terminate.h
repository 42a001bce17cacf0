#ifndef OPS_EXECUTION_TERMINATE_H
#define OPS_EXECUTION_TERMINATE_H

#include "ops/execution/tasks.h"

/* One launch of a termination: what its task and the search for lost instances share. */
struct ending_launch {
    struct work *w;
    struct run_row *row;
    struct aws_at at;
    struct drs_recovery_instances known; /* of its servers */
    bool is_asked;                       /* `known` is what DRS said just now */
};

enum { TERMINATE_JOBS_SINCE_MS = JOBS_SINCE_MS };

MUST_CHECK enum fault ending_save(struct ending_launch *t);

/* The end of it; with a code it has failed, and may be asked for again. */
MUST_CHECK enum fault ending_close(struct ending_launch *t, struct str code, struct str message);

/* t->at.error: what passes is waited for, the rest ends it. */
MUST_CHECK enum fault ending_refused(struct ending_launch *t);

/*
 * Finds what DRS has of those servers of which no instance is on record. *wait: that is not certain
 * yet. Afterwards every server of the launch has its instance; those without are out of it.
 */
MUST_CHECK enum fault termination_find(struct ending_launch *t, bool *wait);

#endif
