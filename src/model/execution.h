#ifndef MODEL_EXECUTION_H
#define MODEL_EXECUTION_H

#include "model/launch_config.h"

/*
 * What an execution of a recovery plan leaves in the record. No row grows with the number of
 * servers: the execution itself (COLLECTION_EXECUTIONS), and under its id in COLLECTION_RUNS one
 * row for each hundred resolved servers, for each wave, for each launch and for each server of an
 * attempt. Every row carries `revision`: who changes it conditions on the one that was read.
 *
 * Rows of the collection table:
 *   EXECUTIONS  execution_fields, key executionId; attributes planId, accountId, status, epoch,
 *               revision, startedAt; indexes by-started (whole collection, startedAt), by-plan
 *               (planId, startedAt), by-status (status, startedAt)
 *   RUNS        run_row_fields, key executionId + runKey; attribute revision
 *   TIMERS      flow_instance_fields, key shard + instanceId; attribute revision; no index: what is
 *               live must be found by key, at once
 */
enum execution_type { EXECUTION_DRILL = 1, EXECUTION_RECOVERY };
extern const char *const execution_type_names[];

enum execution_status {
    EXECUTION_PENDING = 1,
    EXECUTION_RUNNING,
    EXECUTION_PAUSED,
    EXECUTION_CANCELLING,
    EXECUTION_COMPLETED,
    EXECUTION_FAILED,
    EXECUTION_CANCELLED,
};
extern const char *const execution_status_names[];
bool execution_is_terminal(int status);

/* Says more than the status (contract §6). Of executions and of waves. */
enum run_outcome {
    OUTCOME_SUCCEEDED = 1,
    OUTCOME_PARTIAL,
    OUTCOME_FAILED,
    OUTCOME_TIMED_OUT,
    OUTCOME_CANCELLED,
    OUTCOME_COMPLETED_WITH_SKIPS,
};
extern const char *const run_outcome_names[];

enum wave_status {
    WAVE_PENDING = 1,
    WAVE_WAITING_APPROVAL,
    WAVE_INITIATED,
    WAVE_LAUNCHING,
    WAVE_STARTED,
    WAVE_COMPLETED,
    WAVE_FAILED,
    WAVE_SKIPPED,
    WAVE_CANCELLED,
};
extern const char *const wave_status_names[];
bool wave_is_active(int status);   /* INITIATED, LAUNCHING, STARTED: a job may be running */
bool wave_is_terminal(int status); /* COMPLETED, FAILED, SKIPPED, CANCELLED */

enum launch_state {
    LAUNCH_PLANNED = 1, /* no call has been announced */
    LAUNCH_INTENT,      /* announced: DRS may have been called, no job id is known */
    LAUNCH_STARTED,     /* the job is known */
    LAUNCH_ENDED,       /* the job is over, or will never be */
};
extern const char *const launch_state_names[];

enum server_status {
    SERVER_PENDING = 1,
    SERVER_LAUNCHING,
    SERVER_LAUNCHED,
    SERVER_FAILED,
    SERVER_TERMINATED,
    SERVER_CANCELLED,
};
extern const char *const server_status_names[];

enum {
    LAUNCH_SERVERS_MAX = 100, /* DRS: servers of one job */
    RESOLUTION_SERVERS_MAX = 100,
    EXECUTION_WAVES_MAX = 100,
};

/* Whose account, and how to get in. An absent role: the base credentials. */
struct account_context {
    struct str account_id;
    struct str region;
    struct str role_name;
    struct str role_arn;
    struct str external_id;
    bool is_current_account;
};
extern const struct field account_context_fields[];
bool account_context_is_at(const struct account_context *c, struct str account_id,
                           struct str region);

/* A wave as the plan had it when the execution started. */
struct wave_plan {
    int64_t wave_number;
    struct str name;
    struct ints depends_on_waves;
    bool pause_before_wave;
    struct strs group_ids;
    int64_t server_count;
};
extern const struct field wave_plan_fields[];

/* The last request to terminate what the execution launched. */
struct termination {
    int64_t sequence; /* 1, 2, ...: launch rows "terminate#0001#..." */
    int status;       /* RUNNING, COMPLETED or FAILED of enum execution_status */
    int64_t started_at;
    int64_t ended_at;
    int64_t total_found;
    int64_t total_terminated;
    int64_t total_failed;
    struct str error_message;
};
extern const struct field termination_fields[];

struct execution {
    struct str id;
    struct str plan_id;
    struct str plan_name;
    int type;
    int status;
    int outcome;
    int64_t epoch; /* fences: who runs the workflow at another epoch has been replaced */
    int64_t revision;
    int64_t started_at;
    int64_t ended_at;
    int64_t updated_at;
    struct str account_id;
    struct account_context *account_context;
    struct str initiated_by; /* a label */
    struct str principal;    /* who it verifiably was */
    int on_wave_failure;     /* enum on_wave_failure of the plan */
    bool parallel_waves;
    bool allow_lagging_replication;
    bool replace_recovery_instances;
    int64_t point_in_time; /* 0: the latest */
    int64_t plan_version;
    LIST_OF(struct wave_plan) wave_plans;
    int64_t total_servers;
    bool planned;   /* its wave, launch and server rows are all there */
    bool reconcile; /* restored from a backup: so are all launches that are laid from now on */
    int64_t waiting_wave;
    bool has_waiting_wave; /* PAUSED before that wave */
    struct str definition; /* hash of the workflow definition that it started with */
    struct str task_token; /* while the workflow waits for an approval */
    struct str error_code;
    struct str error_message;
    struct termination *termination;
};
extern const struct field execution_fields[];

/* ---- rows under an execution ---- */

/* A server as it was resolved at the start: which wave, step and account it belongs to. */
struct resolved_server {
    struct str server_id;
    struct str hostname;
    struct str group_id;
    int64_t wave_number;
    int64_t launch_order;
    struct str snapshot_id; /* absent: the latest */
};
extern const struct field resolved_server_fields[];

/* Up to RESOLUTION_SERVERS_MAX of one account and region. Sort key "plan#0001". */
struct resolution_run {
    struct account_context *account_context;
    LIST_OF(struct resolved_server) servers;
};
extern const struct field resolution_run_fields[];

/* Sort key "wave#00002". */
struct wave_run {
    int64_t wave_number;
    struct str name;
    int status;
    int outcome;
    int64_t attempt;
    struct ints depends_on_waves;
    bool pause_before_wave;
    bool approved;
    struct str approved_by;
    int64_t approved_at;
    struct strs group_ids;
    int64_t server_count;
    int64_t launched_count;
    int64_t failed_count;
    int64_t started_at;
    int64_t ended_at;
    int64_t
        mono_base; /* monotonic ms of its start, or of a machine's later one: for the deadline */
    struct str error_code;
    struct str error_message;
};
extern const struct field wave_run_fields[];

struct launch_server {
    struct str server_id;
    struct str hostname;
    struct str group_id;
    struct str snapshot_id;
    struct str instance_id;              /* of a termination; absent: to be found ... */
    struct str launch_id;                /* ... by what that launch ... */
    struct str job_id;                   /* ... or its job left in DRS */
    struct launch_config *launch_config; /* on its way to the server's row; not stored here */
};
extern const struct field launch_server_fields[];

/*
 * One DRS job of one attempt: account x region x step x at most 100 servers. Sort key
 * "launch#00002#a01#s00001#001", of a termination "terminate#0001#001".
 */
struct launch_run {
    struct str launch_id; /* tag LaunchId; holds the attempt */
    bool terminate;
    int64_t wave_number;
    int64_t attempt;
    int64_t step; /* launchOrder */
    int state;
    struct account_context *account_context;
    LIST_OF(struct launch_server) servers;
    int64_t calls;     /* of StartRecovery that were announced */
    bool uncertain;    /* one of them may have taken effect unseen: look before the next */
    bool reconcile;    /* restored from a backup: look before anything starts */
    int64_t intent_at; /* wall: jobs are listed from a while before it */
    int64_t look_base; /* monotonic ms when `looked_ms` was true */
    int64_t looked_ms; /* looked in vain for so long, never more than really passed */
    struct str job_id;
    struct str job_status;
    struct str digest; /* of what was recorded of the job last */
    int64_t started_at;
    int64_t ended_at;
    int64_t settle_base; /* the job is over, instance ids are still awaited since */
    bool settling;
    struct str error_code;
    struct str error_message;
    int64_t gone_count; /* a termination that ended: instances that were gone by then */
    /* What was answered to the last call, while a job of it is looked for: for people alone. */
    struct str answer_code;
    struct str answer_message;
};
extern const struct field launch_run_fields[];

/* Sort key "server#00002#a01#123456789012#us-east-1#s-...". */
struct server_run {
    struct str server_id;
    struct str hostname;
    struct str group_id;
    int64_t wave_number;
    int64_t attempt;
    struct str launch_id;
    struct str account_id;
    struct str region;
    int status;
    struct launch_config *launch_config; /* as it was at the start; NULL: DRS's own, untouched */
    bool configured;                     /* DRS and EC2 have been told it */
    struct str instance_id;
    struct str job_id;
    bool nothing_left; /* its job is over, and DRS has no instance of it */
    int64_t started_at;
    int64_t ended_at;
    struct str error_code;
    struct str error_message;
};
extern const struct field server_run_fields[];

/* One of them; the others are NULL. */
struct run_row {
    struct str execution_id;
    struct str key;
    int64_t revision;
    struct resolution_run *resolution;
    struct wave_run *wave;
    struct launch_run *launch;
    struct server_run *server;
};
extern const struct field run_row_fields[];

struct str run_key_resolution(struct arena *a, size_t n);
struct str run_key_wave(struct arena *a, int64_t wave);
struct str run_key_launch(struct arena *a, const struct launch_run *l, size_t ordinal);
struct str run_key_server(struct arena *a, const struct server_run *s);
/* What all launches, or servers, of a wave's attempt begin with; attempt 0: of all attempts. */
struct str run_prefix_launches(struct arena *a, int64_t wave, int64_t attempt);
struct str run_prefix_servers(struct arena *a, int64_t wave, int64_t attempt);
struct str run_prefix_terminations(struct arena *a, int64_t sequence);

/* ---- workflow instances (COLLECTION_TIMERS) ---- */

enum flow_phase {
    FLOW_READY = 1, /* the named state is entered next */
    FLOW_CALLING,   /* its task runs, or ran when the process died: call it again */
    FLOW_WAITING,   /* until due */
    FLOW_HOLDING,   /* for a task token, or until due when has_due */
    FLOW_ENDED,
};
extern const char *const flow_phase_names[];

/*
 * One run of a definition, while it lives; the row goes when it has ended. Also, in shards of their
 * own, the definitions themselves (id: hash; the text alone) and answers to task tokens that have
 * not been taken yet (id: token; `data`).
 */
#define FLOW_SHARD_LIVE        "live"
#define FLOW_SHARD_DEFINITIONS "definition"
#define FLOW_SHARD_TOKENS      "token"

struct flow_instance {
    struct str shard;
    struct str id; /* "<executionId>#<epoch>", "<executionId>#terminate#<sequence>" */
    struct str execution_id;
    int64_t epoch;
    int64_t revision;
    struct str definition; /* hash */
    struct str definition_text;
    int phase;
    struct str state;           /* name of the current one */
    const struct json *data;    /* the state input */
    const struct json *retries; /* counts, one for each retrier of the current state */
    int64_t due_mono;           /* of WAITING, HOLDING */
    int64_t wait_ms;            /* armed for so long ... */
    int64_t armed_wall; /* ... at that wall time: used only after the machine has restarted */
    bool has_due;
    struct str token;     /* of HOLDING */
    int64_t entered_wall; /* the context object's State.EnteredTime */
    int64_t started_at;
    bool failed;
    struct str error; /* why it failed */
    struct str cause;
};
extern const struct field flow_instance_fields[];

#endif
