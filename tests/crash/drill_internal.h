#ifndef TESTS_DRILL_INTERNAL_H
#define TESTS_DRILL_INTERNAL_H

#include "tests/crash/drill.h"

#include "tests/crash/gated_store.h"

/* What the drill's files share. What they return lives as long as the drill. */

struct gate {
    struct transport transport;
    struct drill *drill;
};

/* AWS's time: it passes as ours does and never jumps. */
struct aws_clock {
    struct clock clock;
    struct clock_single *ours;
};

struct fixed_secrets {
    struct secrets secrets;
};

struct drill {
    struct drill_options options;
    struct arena *arena;
    struct clock_single clock;
    struct aws_clock aws_clock;
    struct entropy_single entropy;
    struct run_single run;
    struct fixed_secrets secrets;
    struct sim *sim;
    struct sim_transport inner;
    struct gate gate;
    struct store *store; /* &gated.store */
    struct gated_store gated;
    long submits;
    long calls;
    bool armed;
    bool dead;
    int deaths;
    /* the process */
    struct aws *aws;
    struct snapshots *snapshots;
    struct api api;
    struct workflow_settings workflow;
    struct flow_engine *engine;
    /* the story */
    struct str db_group;
    struct str plan_id;
    struct str execution_id;
    size_t jumped;         /* of the jumps, those that have been */
    int64_t trouble_since; /* monotonic; 0: not yet */
    bool trouble_over;
    bool backed_up;
    drill_watch_fn *watch;
    void *watch_context;
};

/* A process that is dead is built anew. */
void drill_revive(struct drill *d);

/* ---- talking to what is under test and to the simulator ---- */

#define DATA      "test-data-management-handler-dev"
#define EXECUTION "test-execution-handler-dev"

/* Through the door of the Lambda functions, as an administrator. */
const struct json *drill_invoke(struct drill *d, const char *function, struct str payload,
                                struct reply *reply);

/* The same for what cannot be refused. */
const struct json *drill_must(struct drill *d, const char *function, const char *payload);

/* The simulator's admin API; a refusal is a mistake of the test. */
const struct json *drill_tell_sim(struct drill *d, const char *method, struct str path,
                                  struct str body);
const struct json *drill_ask_sim(struct drill *d, struct str path);

/* Every record of the execution as the store holds it, one a line. */
void drill_dump_runs(struct drill *d, struct buf *out);

/* ---- the story ---- */

/* From where it is to its end, its instances terminated. */
void drill_go_on(struct drill *d);

/* What somebody does while DRS is asked for `url`. */
void drill_change_meanwhile(struct drill *d, struct str url);

#endif
