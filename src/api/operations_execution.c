#include "api/operation.h"
#include "ops/execution/executions.h"
#include "ops/execution/poll.h"
#include "ops/execution/tasks.h"
#include "rules/roles.h"

/* The operations of the execution function, by name. Reads are answered by the query function too.
 */
#define EXECUTION          FUNCTION_EXECUTION
#define EXECUTION_OR_QUERY (FUNCTION_EXECUTION | FUNCTION_QUERY)

#define ACTION_ROW(name_, summary_, run)                                         \
    .names = {name_}, .functions = EXECUTION, .permission = PERMISSION_WORKFLOW, \
    .summary = summary_, .params = action_params_fields,                         \
    .params_size = sizeof(struct action_params), .action = true, .run_task = run

#define INTERNAL_ROW(name_, summary_, run) \
    ACTION_ROW(name_, summary_, run), .example = "", .internal = true

const struct operation operations_execution[] = {
    {INTERNAL_ROW("continue_execution", "Hand the workflow over to a successor",
                  task_continue_execution)},
    {
        .names = {"execute_recovery_plan", "start_recovery", "start_execution"},
        .functions = EXECUTION,
        .routes = {{"POST", "/executions"}, {"POST", "/recovery-plans/{planId}/execute"}},
        .permission = "start_recovery",
        .summary = "Start a drill or a recovery of a recovery plan",
        .example = "--plan-id rp-1 --execution-type DRILL",
        .params = execute_params_fields,
        .params_size = sizeof(struct execute_params),
        .reply = execute_reply_fields,
        .reply_size = sizeof(struct execute_reply),
        .success_status = 202,
        .run_write = execution_start,
    },
    {INTERNAL_ROW("execute_recovery_plan_worker", "Lay out the rows of an execution",
                  task_begin_execution)},
    {INTERNAL_ROW("finalize_execution", "End an execution of which nothing runs any more",
                  task_finalize_execution)},
    {
        .names = {"get_execution_details", "get_execution"},
        .functions = EXECUTION_OR_QUERY,
        .routes = {{"GET", "/executions/{executionId}"}},
        .permission = "view_executions",
        .summary = "Show an execution with its waves and servers",
        .example = "--execution-id exec-1",
        .params = execution_id_params_fields,
        .params_size = sizeof(struct execution_id_params),
        .reply = execution_answer_fields,
        .reply_size = sizeof(struct execution_answer),
        .run_read = execution_get,
    },
    {INTERNAL_ROW("initiate_wave", "Decide which waves start now", task_initiate_wave)},
    {
        .names = {"list_executions"},
        .functions = EXECUTION_OR_QUERY,
        .routes = {{"GET", "/executions"}},
        .permission = "view_executions",
        .summary = "List executions, the newest first",
        .example = "--status IN_PROGRESS",
        .params = executions_params_fields,
        .params_size = sizeof(struct executions_params),
        .reply = executions_reply_fields,
        .reply_size = sizeof(struct executions_reply),
        .run_read = execution_list,
    },
    {
        .names = {"poll_wave_status"},
        .functions = EXECUTION_OR_QUERY,
        .permission = PERMISSION_WORKFLOW,
        .summary = "Ask whether DRS has anything new to say about the waves that run",
        .example = "--state '{\"executionId\": \"exec-1\"}'",
        .params = action_params_fields,
        .params_size = sizeof(struct action_params),
        .reply_size = sizeof(const struct json *),
        .action = true,
        .run_read = task_poll_wave_status,
    },
    {
        .names = {"resume_execution"},
        .functions = EXECUTION,
        .routes = {{"POST", "/executions/{executionId}/resume"}},
        .permission = "start_recovery",
        .summary = "Approve the wave that an execution waits at",
        .example = "--execution-id exec-1",
        .params = resume_params_fields,
        .params_size = sizeof(struct resume_params),
        .reply = resume_reply_fields,
        .reply_size = sizeof(struct resume_reply),
        .run_write = execution_resume,
    },
    {ACTION_ROW("start_wave_recovery", "Start the DRS jobs of a wave", task_start_wave),
     .example =
         "--wave-number 1 --state '{\"executionId\": \"exec-1\", \"executionType\": \"DRILL\", "
         "\"accountContext\": {\"accountId\": \"111122223333\", \"region\": \"us-east-1\"}, "
         "\"waves\": [{\"waveNumber\": 1, \"servers\": [{\"serverId\": "
         "\"s-00000000000000001\"}]}]}'"},
    {INTERNAL_ROW("store_task_token", "Note the token that an approval answers", task_store_token)},
    {
        .names = {"terminate_recovery_instances", "terminate_instances"},
        .functions = EXECUTION,
        .routes = {{"POST", "/executions/{executionId}/terminate"},
                   {"POST", "/executions/{executionId}/terminate-instances"}},
        .permission = "terminate_instances",
        .summary = "Terminate what an execution launched",
        .example = "--execution-id exec-1",
        .params = execution_id_params_fields,
        .params_size = sizeof(struct execution_id_params),
        .reply = terminate_reply_fields,
        .reply_size = sizeof(struct terminate_reply),
        .run_write = execution_terminate,
    },
    {INTERNAL_ROW("terminate_recovery_instances_worker", "Carry a termination on", task_terminate)},
    {ACTION_ROW("update_wave_completion_status", "Record what became of the waves that run",
                task_update_wave),
     .example = "--execution-id exec-1 --wave-number 1 --status COMPLETED"},
    {.names = {NULL}},
};
