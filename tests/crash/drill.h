#ifndef TESTS_DRILL_H
#define TESTS_DRILL_H

#include "api/workflow.h"
#include "aws/aws.h"
#include "base/ports_single.h"
#include "ops/context.h"
#include "ops/snapshots.h"
#include "sim/sim_transport.h"
#include "store/store.h"

/*
 * The whole product in one thread, without sockets, from one seed: the strict store, a simulated
 * AWS, and a "process" (client, dispatcher, engine) that can die at any commit or AWS call and is
 * then built anew over the same store and the same AWS. Death is that nothing reaches either any
 * more: what the dead process computes afterwards has no effect.
 */
enum drill_trouble { FROM_FIRST_JOB, FROM_START, FROM_END }; /* of the execution */
enum drill_death { DEATH_BEFORE, DEATH_AFTER }; /* the thing it dies at takes effect, or not */

/* While everybody waits: the wall clock jumps by `by_ms` when `at_ms` have gone by in truth. */
struct drill_jump {
    int64_t at_ms;
    int64_t by_ms;
};

struct drill_options {
    const char *scenario; /* file name below sim/scenarios */
    uint64_t seed;
    unsigned lag;          /* of the store's indexes, in commits */
    int64_t visibility_ms; /* 0: as serve has it */
    int64_t poll_min_ms;
    int64_t poll_max_ms; /* 0: as serve has it, or poll_min_ms where that is more */
    /* The n-th event (1, 2, ...) of each kind kills; 0: none does. */
    long die_at_submit;
    long die_at_call;
    enum drill_death death;
    const struct drill_jump *jumps; /* of the wall clock, in the order of their times */
    size_t jumps_len;
    bool jump_kills; /* the process dies right then, and its successor finds the wait as it is */
    const char *db_launch; /* launch configuration of the first group, JSON; NULL: none */
    const char *meanwhile; /* changes the first group while the start asks DRS: members, JSON */
    const char *knobs;     /* of the simulator, JSON; NULL: as the scenario has them */
    const char *trouble;   /* a rule of the simulator: JSON, id "trouble" */
    enum drill_trouble trouble_from;
    int64_t trouble_ms;     /* it goes after so long; 0: once the execution has ended */
    const char *terminated; /* that server's launchStatus reads TERMINATED, once LAUNCHED */
    bool may_fail;          /* what failed is looked at by the test: the execution, a termination */
    const char *folder;     /* the record is a database in there; NULL: in memory */
    long backup_at_submit;  /* the record is copied right before the n-th commit */
};

struct drill;

/* After every step, with what get_execution_details answers. */
typedef void drill_watch_fn(void *context, const struct json *details);

struct drill *drill_new(const struct drill_options *options);
void drill_free(struct drill *d);

/* Groups, plan, DRILL, gate before the second wave, end, terminated: all through the API. */
void drill_run(struct drill *d);

void drill_watch(struct drill *d, drill_watch_fn *watch, void *context);

/*
 * Whoever lost the record after the end puts that backup in its place, `after_ms` later, and what
 * it says is brought to its end again. False: there never was an n-th commit.
 */
bool drill_restore(struct drill *d, int64_t after_ms);

/* Somebody asks for the execution to stop. */
void drill_cancel(struct drill *d);

/* The execution's instances that still run, by the simulator. */
long drill_instances(struct drill *d);

/* What it left: every record of the execution, the plan, the audit trail, the simulator's state. */
struct str drill_dump(struct drill *d);

/* The execution as get_execution_details answers it. */
const struct json *drill_details(struct drill *d);

/* Calls of that operation that took effect, by the simulator's log. */
long drill_effective(struct drill *d, const char *operation);

/* Calls of that operation that reached the simulator, refused ones too. */
long drill_asked(struct drill *d, const char *operation);

/* Claims that executions still hold: plans, groups, servers. */
long drill_claims(struct drill *d);

/* How often the workflow handed over to a successor: the execution's epoch less one. */
int64_t drill_handovers(struct drill *d);

bool drill_died(const struct drill *d);
int drill_deaths(const struct drill *d);
long drill_submits(const struct drill *d);
long drill_calls(const struct drill *d);

#endif
