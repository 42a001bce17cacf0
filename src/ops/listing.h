#ifndef OPS_LISTING_H
#define OPS_LISTING_H

#include "ops/context.h"

/*
 * A list that leaves rows out. One call looks at LISTING_PAGES_MAX pages at most, each in memory
 * that goes with it, so that neither grows with what is left out: an answer may be short of its
 * limit, even empty, and still have a next page.
 */
enum { LISTING_PAGES_MAX = 100 };

struct listing {
    struct query query; /* its token is where the list goes on */
    size_t limit;       /* rows that are answered */
    /* Leaves the row out, or answers a copy of it and counts it: `row` is gone with its page. */
    enum fault (*add)(void *context, const void *row, size_t *answered);
    void *context;
};

/* *next: where the next call goes on; absent at the end. FAULT_TOO_LARGE for a call's memory. */
MUST_CHECK enum fault listing_fill(struct call_ctx *call, struct reader *reader,
                                   const struct listing *l, struct str *next);

#endif
