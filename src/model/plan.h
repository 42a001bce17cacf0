#ifndef MODEL_PLAN_H
#define MODEL_PLAN_H

#include "model/common.h"

/*
 * A recovery plan: waves of protection groups, in an order given by dependencies. Wave numbers are
 * the user's own and never changed. Entries that share a wave number are one wave, whose groups
 * start by launchOrder.
 *
 * COLLECTION_PLANS: plan_fields, key planId; attributes nameFold, status, version, lastExecutionId,
 * lastExecutionStatus, lastStartedAt, lastEndedAt; index by-name (whole collection, nameFold).
 * Claims: plan-name#<fold>; an execution holds running-plan#<id>.
 */
enum {
    PLAN_WAVES_MAX = 100, /* entries */
    WAVE_NUMBER_MAX = 10000,
    WAVE_GROUPS_MAX = 50,   /* of one entry */
    WAVE_SERVERS_MAX = 100, /* DRS: servers of one job */
    PLAN_SERVERS_MAX = 500, /* DRS: servers in all jobs */
};

enum on_wave_failure { ON_WAVE_FAILURE_STOP = 1, ON_WAVE_FAILURE_CONTINUE };
extern const char *const on_wave_failure_names[];

enum plan_status { PLAN_ACTIVE = 1, PLAN_INACTIVE };
extern const char *const plan_status_names[];

/* One entry of a plan's `waves`, as stored: numbers, order, groups and dependencies resolved. */
struct plan_wave {
    int64_t wave_number;
    bool has_wave_number;
    struct str name;
    struct str description;
    struct str protection_group_id; /* the first of them */
    struct strs protection_group_ids;
    int64_t launch_order; /* default: the wave number */
    bool has_launch_order;
    bool pause_before_wave;
    struct ints depends_on_waves;
    /* Answers only: what the groups hold now. */
    struct str protection_group_name;
    struct strs protection_group_names;
    struct strs server_ids;
    int64_t server_count;
};
extern const struct field plan_wave_fields[];
typedef LIST_OF(struct plan_wave) plan_wave_list;

struct plan {
    struct str id;
    struct str name;
    struct str description;
    plan_wave_list waves;
    int on_wave_failure;
    bool parallel_waves;
    bool has_parallel_waves; /* of input */
    int status;
    int64_t total_waves;   /* distinct wave numbers */
    int64_t total_servers; /* answers only: of all groups, each server once */
    int64_t created_at;
    int64_t updated_at;
    int64_t version;
    bool has_version; /* of input */
    /* Attributes, changed in place by executions (ws_set_text, ws_set_int). */
    struct str last_execution_id;
    struct str last_execution_status;
    int64_t last_started_at;
    int64_t last_ended_at;
    struct str name_fold;
    /* Answers only. */
    struct str message;
    struct strs warnings;
};

/* The entity: stored and answered. */
extern const struct field plan_fields[];

/* The parameters of create and update, over the same struct. */
extern const struct field plan_create_fields[];
extern const struct field plan_update_fields[];

#endif
