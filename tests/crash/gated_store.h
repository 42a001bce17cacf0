#ifndef TESTS_GATED_STORE_H
#define TESTS_GATED_STORE_H

#include "store/store_internal.h"

/*
 * A store in front of another one, whose submits pass a gate that may refuse them, before or after
 * they took effect, and whose reads may fail. Everything else goes through.
 */
struct gated_store {
    struct store store;
    struct store *inner;
    /* *pass false: the submit answers FAULT_STORE_ERROR; *effect says whether it happens. */
    void (*gate)(void *context, bool *effect, bool *pass);
    void *context;
    enum fault reading; /* what every get and scan answers; FAULT_NONE: they go through */
};

void gated_store_init(struct gated_store *g, struct store *inner);

#endif
