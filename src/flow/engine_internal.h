#ifndef FLOW_ENGINE_INTERNAL_H
#define FLOW_ENGINE_INTERNAL_H

#include <pthread.h>

#include "flow/flow.h"

/* What the engine's two halves share: its table of live instances, and carrying one of them on. */

enum {
    ENGINE_LIVE_MAX = 1024, /* executions at once; more wait for their turn in the table */
    ENGINE_DEFINITIONS_MAX = 32,
    ENGINE_SCAN_MS = 1000, /* also without a poke */
};

struct live {
    struct str id; /* malloc'd */
    int64_t due_mono;
    bool busy;
    bool seen; /* by the present scan */
};

struct flow_engine {
    struct flow_options options;
    pthread_mutex_t lock;
    struct live live[ENGINE_LIVE_MAX];
    size_t live_len;
    bool poked;  /* from outside: what holds may have been answered */
    bool rescan; /* from inside: what was carried on may have started another one */
    int64_t scan_mono;
    int64_t told_mono;   /* of the record keeper's trouble, when again */
    struct arena *arena; /* definitions; guarded by the lock */
    struct flow_definition definitions[ENGINE_DEFINITIONS_MAX];
    size_t definitions_len;
};

/* The record keeper has trouble: told once a minute, whoever meets it (`id` may be absent). */
void engine_tell_stuck(struct flow_engine *e, struct str id, enum fault f);

/* Carries the instance on until it waits; returns when it is due (INT64_MAX: it has ended or
 * holds). */
int64_t engine_carry(struct flow_engine *e, struct str id);

/* The parsed definition with that hash; lives as long as the engine, or in `a`. */
MUST_CHECK enum fault engine_definition(struct flow_engine *e, struct arena *a, struct str hash,
                                        const struct flow_definition **out);

#endif
