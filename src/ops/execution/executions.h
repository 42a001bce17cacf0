#ifndef OPS_EXECUTION_EXECUTIONS_H
#define OPS_EXECUTION_EXECUTIONS_H

#include "model/execution.h"
#include "ops/context.h"

/* What people and programs ask of executions: start, look, approve, terminate. */

/* ---- execute_recovery_plan ---- */

struct execute_params {
    struct str plan_id;
    int type;
    struct str initiated_by;
    struct account_context *account_context;
    bool allow_lagging_replication;
    bool replace_recovery_instances;
    int64_t point_in_time;
};
extern const struct field execute_params_fields[];

struct execute_reply {
    struct str execution_id;
    struct str plan_id;
    struct str status;
    struct str message;
    struct str status_url;
};
extern const struct field execute_reply_fields[];

enum fault execution_start(struct ctx *c);

/* ---- get_execution_details, list_executions ---- */

struct execution_id_params {
    struct str execution_id;
};
extern const struct field execution_id_params_fields[];

struct wave_answer {
    struct wave_run run;
    struct str progress;    /* IN_PROGRESS while a job may run */
    struct str waiting_for; /* of a wave that has not started */
    struct str job_id;
    struct strs job_ids;
    LIST_OF(struct server_run) servers;
};

struct execution_answer {
    struct execution execution;
    LIST_OF(struct wave_answer) waves;
    int64_t total_waves;
    int64_t completed_waves;
    int64_t failed_waves;
    int64_t current_wave;
    bool has_current_wave;
    int64_t duration_s;
    bool has_duration;
    struct strs termination_job_ids;
};
extern const struct field execution_answer_fields[];

struct executions_params {
    int64_t limit;
    bool has_limit;
    struct str next_token;
    struct str plan_id;
    struct str account_id;
    struct str status; /* or an outcome; IN_PROGRESS: not over */
    int type;
    int64_t from;
    int64_t to;
};
extern const struct field executions_params_fields[];

struct executions_reply {
    LIST_OF(struct execution_answer) executions; /* waves without servers and jobs */
    int64_t count;
    struct str next_token;
    struct strs warnings;
};
extern const struct field executions_reply_fields[];

/* Completes out->execution by its waves; `whole`: by servers and jobs too. */
MUST_CHECK enum fault execution_view(struct query_ctx *c, bool whole, struct execution_answer *out);

enum fault execution_get(struct query_ctx *c);
enum fault execution_list(struct query_ctx *c);

/* ---- resume_execution ---- */

struct resume_params {
    struct str execution_id;
    int64_t wave_number;
    bool has_wave_number;
    struct str comment;
};
extern const struct field resume_params_fields[];

struct resume_reply {
    struct str execution_id;
    struct str status;
    struct str message;
    int64_t wave_number;
};
extern const struct field resume_reply_fields[];

enum fault execution_resume(struct ctx *c);

/* ---- terminate_recovery_instances ---- */

struct terminate_instance {
    struct str instance_id;
    struct str server_id;
    struct str region;
    struct str job_id; /* that launched it */
};

struct terminate_reply {
    struct str execution_id;
    struct str status; /* RUNNING until the instances are gone */
    struct str message;
    LIST_OF(struct terminate_instance) instances;
    int64_t total_found;
    int64_t total_terminated;
    int64_t total_failed;
    bool no_instances_found;
    bool already_terminated;
};
extern const struct field terminate_reply_fields[];

enum fault execution_terminate(struct ctx *c);

/* FAULT_NOT_FOUND with its words. */
MUST_CHECK enum fault execution_find(struct call_ctx *call, struct reader *reader, struct str id,
                                     struct execution *out);

/* FAULT_INVALID_STATE with currentStatus. */
enum fault refuse_state(struct call_ctx *call, const struct execution *e, const char *why);

#endif
