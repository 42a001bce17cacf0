#ifndef OPS_EXECUTION_START_H
#define OPS_EXECUTION_START_H

#include "model/group.h"
#include "model/plan.h"
#include "ops/execution/conflicts.h"
#include "ops/execution/executions.h"
#include "ops/snapshots.h"
#include "store/store.h"

/* Inside the start only. */

/* An account and region of the plan, with what DRS says of its servers now. */
struct start_place {
    struct snapshot_place at;
    struct account_context context;
    struct server_snapshot known;
};

/* A group as it was read: nobody may have changed it when the execution begins. */
struct start_group {
    struct str id;
    int64_t version;
};

struct start_server {
    size_t place;
    struct resolved_server server;
    const struct drs_source_server *source;
    const struct plan_wave *wave;
};

struct start {
    struct ctx *c;
    struct arena *arena;
    const struct execute_params *in;
    struct plan plan;
    struct execution e;
    LIST_OF(struct start_group) groups; /* each once */
    LIST_OF(struct start_place) places;
    LIST_OF(struct start_server) servers;
    enum fault unknown; /* one that DRS does not know was refused */
};

/* start_resolve.c: groups to servers, from a fresh describe. */
MUST_CHECK enum fault start_resolve(struct start *s);

/* start_conflicts.c: the server, and who works on it; what `busy` says of the server itself is not
 * looked at. */
void start_conflict_add(struct start *s, struct conflicts *c, const struct start_server *server,
                        const struct busy_server *busy);

/* What is running: an execution of this plan, then other plans' executions of its servers. */
MUST_CHECK enum fault start_check_plan(struct start *s);
MUST_CHECK enum fault start_check_running(struct start *s);

/* start_check.c: sizes, readiness, live recovery instances, DRS's own jobs and limits. */
MUST_CHECK enum fault start_check_sizes(struct start *s);
MUST_CHECK enum fault start_check_servers(struct start *s);
MUST_CHECK enum fault start_check_instances(struct start *s);
MUST_CHECK enum fault start_check_jobs(struct start *s);

/* The snapshot of each server for the point in time that was asked for. */
MUST_CHECK enum fault start_choose_snapshots(struct start *s);

#endif
