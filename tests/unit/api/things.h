#ifndef TESTS_THINGS_H
#define TESTS_THINGS_H

#include "api/dispatch.h"
#include "api/operation.h"
#include "base/ports_single.h"
#include "tests/unit/api/fake_store.h"

/* A small world of things with one operation of every kind, for the dispatcher's tests. */
struct world {
    struct arena *arena;
    struct clock_single clock;
    struct entropy_single entropy;
    struct run_single run;
    struct store *store;
    struct api api;
    int pokes;
};

struct world *world_new(void);
void world_free(struct world *w);

extern const struct operation things[];
const struct operation_set *things_set(void);

/* How often an operation has run since the world began. */
extern int things_runs;

/* NULL, or called in the middle of a create. */
extern void (*things_meanwhile)(void);

/* One call, as an administrator unless the roles say otherwise (NULL-terminated). */
struct reply invoke(struct world *w, const char *function, const char *payload);
struct reply invoke_as(struct world *w, const char *role, const char *function,
                       const char *payload);
struct reply rest(struct world *w, const char *method, const char *path, const char *body);

#endif
