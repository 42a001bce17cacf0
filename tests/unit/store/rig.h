#ifndef TESTS_UNIT_STORE_RIG_H
#define TESTS_UNIT_STORE_RIG_H

#include "tests/unit/unit.h"

#include "base/ports_single.h"
#include "store/store.h"

/*
 * A store to test with: its own collection table (linked in the place of store/collection.c), a
 * clock and randomness of one seed, fixed keys, and an arena for the test.
 */
enum thing_kind { THING_ROUND = 1, THING_SQUARE };

/* COLLECTION_GROUPS: one key. */
struct thing {
    struct str id;
    struct str name;
    int64_t version;
    int64_t count;
    bool has_count;
    bool on;
    int kind;
    int64_t made_at;
    struct str note;
    struct tags tags;
};

/* COLLECTION_RUNS: two keys. */
struct part {
    struct str thing;
    struct str number;
    int64_t weight;
    struct str note;
};

struct secrets *rig_secrets(void);

struct rig {
    struct arena *arena;
    struct clock_single clock;
    struct entropy_single entropy;
    struct store_ports ports;
    struct store *store;
    struct str dir; /* where a backend keeps files; absent for memory */
    struct refusal why;
};

/* Which backend the suite runs on is linked in: backend_memory.c or backend_sqlite.c. */
void backend_open(struct rig *r);
void backend_close(struct rig *r);
extern const bool backend_is_durable; /* what was there is there after a reopen */

int rig_setup(void **state);
int rig_teardown(void **state);

struct thing rig_thing(const char *id, const char *name);
enum fault rig_submit(struct rig *r, const struct write_set *ws);
enum fault rig_put(struct rig *r, struct thing thing);
enum fault rig_get(struct rig *r, const char *id, struct thing *out);
enum fault rig_get_claim(struct rig *r, const char *key, struct claim *out);

#endif
