#include "model/execution.h"

#include <inttypes.h>

const char *const execution_type_names[] = {"", "DRILL", "RECOVERY", NULL};
const char *const execution_status_names[] = {
    "", "PENDING", "RUNNING", "PAUSED", "CANCELLING", "COMPLETED", "FAILED", "CANCELLED", NULL,
};
const char *const run_outcome_names[] = {
    "", "SUCCEEDED", "PARTIAL", "FAILED", "TIMED_OUT", "CANCELLED", "COMPLETED_WITH_SKIPS", NULL,
};
const char *const wave_status_names[] = {
    "",          "PENDING", "WAITING_APPROVAL", "INITIATED", "LAUNCHING", "STARTED",
    "COMPLETED", "FAILED",  "SKIPPED",          "CANCELLED", NULL,
};
const char *const launch_state_names[] = {"", "PLANNED", "INTENT", "STARTED", "ENDED", NULL};
const char *const server_status_names[] = {
    "", "PENDING", "LAUNCHING", "LAUNCHED", "FAILED", "TERMINATED", "CANCELLED", NULL,
};
const char *const flow_phase_names[] = {"",        "READY", "CALLING", "WAITING",
                                        "HOLDING", "ENDED", NULL};

static const char *const on_failure_names[] = {"", "stop", "continue", NULL};

bool execution_is_terminal(int status)
{
    return status == EXECUTION_COMPLETED || status == EXECUTION_FAILED ||
           status == EXECUTION_CANCELLED;
}

bool wave_is_active(int status)
{
    return status == WAVE_INITIATED || status == WAVE_LAUNCHING || status == WAVE_STARTED;
}

bool wave_is_terminal(int status)
{
    return status == WAVE_COMPLETED || status == WAVE_FAILED || status == WAVE_SKIPPED ||
           status == WAVE_CANCELLED;
}

bool account_context_is_at(const struct account_context *c, struct str account_id,
                           struct str region)
{
    return str_eq(c->account_id, account_id) && str_eq(c->region, region);
}

const struct field account_context_fields[] = {
    F_STR(struct account_context, account_id, "accountId", .max = 64, .help = "AWS account"),
    F_STR(struct account_context, region, "region", .max = 64, .help = "AWS region"),
    F_STR(struct account_context, role_name, "assumeRoleName", .aliases = "roleName",
          .help = "role to assume in the account"),
    F_STR(struct account_context, role_arn, "roleArn", .help = "the same role by its ARN"),
    F_STR(struct account_context, external_id, "externalId", .flags = FIELD_SECRET,
          .help = "external id that the role demands"),
    F_BOOL(struct account_context, is_current_account, "isCurrentAccount",
           .help = "the account of the base credentials"),
    F_END,
};

const struct field wave_plan_fields[] = {
    F_INT(struct wave_plan, wave_number, "waveNumber", .help = "the plan's own number"),
    F_STR(struct wave_plan, name, "name", .aliases = "waveName", .help = "name of the wave"),
    F_INTS(struct wave_plan, depends_on_waves, "dependsOnWaves", .help = "waves before it"),
    F_BOOL(struct wave_plan, pause_before_wave, "pauseBeforeWave", .help = "has a gate"),
    F_STRS(struct wave_plan, group_ids, "protectionGroupIds", .help = "its groups"),
    F_INT(struct wave_plan, server_count, "serverCount", .help = "servers when it was resolved"),
    F_END,
};

const struct field termination_fields[] = {
    F_INT(struct termination, sequence, "sequence", .help = "how often it was asked for"),
    F_ENUM(struct termination, status, "status", execution_status_names, .help = "its progress"),
    F_TIME(struct termination, started_at, "startedAt", .help = "when it was asked for"),
    F_TIME(struct termination, ended_at, "endedAt", .help = "when the instances were gone"),
    F_INT(struct termination, total_found, "totalFound", .help = "instances to terminate"),
    F_INT(struct termination, total_terminated, "totalTerminated", .help = "instances gone"),
    F_INT(struct termination, total_failed, "totalFailed", .help = "instances that stayed"),
    F_STR(struct termination, error_message, "errorMessage", .help = "why it failed"),
    F_END,
};

const struct field execution_fields[] = {
    F_STR(struct execution, id, "executionId", .help = "id of the execution"),
    F_STR(struct execution, plan_id, "planId", .aliases = "recoveryPlanId", .help = "its plan"),
    F_STR(struct execution, plan_name, "planName", .aliases = "recoveryPlanName",
          .help = "the plan's name at the start"),
    F_ENUM(struct execution, type, "executionType", execution_type_names,
           .help = "DRILL or RECOVERY"),
    F_ENUM(struct execution, status, "status", execution_status_names, .help = "where it stands"),
    F_ENUM(struct execution, outcome, "outcome", run_outcome_names, .flags = FIELD_NULL,
           .help = "how it ended, in more words than the status has"),
    F_INT(struct execution, epoch, "epoch", .flags = FIELD_INTERNAL, .help = "fencing number"),
    F_INT(struct execution, revision, "revision", .flags = FIELD_INTERNAL, .help = "of the row"),
    F_TIME(struct execution, started_at, "startedAt", .epoch = "startTime",
           .help = "when it was asked for"),
    F_TIME(struct execution, ended_at, "endedAt", .epoch = "endTime", .flags = FIELD_NULL,
           .help = "when it ended"),
    F_TIME(struct execution, updated_at, "updatedAt", .epoch = "lastUpdated",
           .help = "when its record was changed last"),
    F_STR(struct execution, account_id, "accountId", .help = "of its first group"),
    F_OBJECT(struct execution, account_context, "accountContext", struct account_context,
             account_context_fields, .help = "account, region and role of its first group"),
    F_STR(struct execution, initiated_by, "initiatedBy", .help = "a label the caller gave"),
    F_STR(struct execution, principal, "principal", .help = "who verifiably started it"),
    F_ENUM(struct execution, on_wave_failure, "onWaveFailure", on_failure_names,
           .help = "whether independent waves go on after a failed one"),
    F_BOOL(struct execution, parallel_waves, "parallelWaves", .help = "waves run side by side"),
    F_BOOL(struct execution, allow_lagging_replication, "allowLaggingReplication",
           .help = "the caller accepted replication that is not CONTINUOUS"),
    F_BOOL(struct execution, replace_recovery_instances, "replaceRecoveryInstances",
           .help = "the caller accepted that live recovery instances are replaced"),
    F_TIME(struct execution, point_in_time, "pointInTime", .help = "recover as of then"),
    F_INT(struct execution, plan_version, "planVersion", .help = "the plan's version"),
    F_LIST(struct execution, wave_plans, "wavePlans", struct wave_plan, wave_plan_fields,
           .flags = FIELD_INTERNAL, .max = EXECUTION_WAVES_MAX, .help = "waves as planned"),
    F_INT(struct execution, total_servers, "totalServers", .help = "servers of all waves"),
    F_BOOL(struct execution, planned, "planned", .flags = FIELD_INTERNAL, .help = "rows exist"),
    F_BOOL(struct execution, reconcile, "reconcile", .flags = FIELD_INTERNAL,
           .help = "restored: look before anything starts"),
    F_INT(struct execution, waiting_wave, "pausedBeforeWave",
          F_HAS(struct execution, has_waiting_wave), .help = "the gate that holds it"),
    F_STR(struct execution, definition, "definition", .flags = FIELD_INTERNAL, .help = "hash"),
    F_STR(struct execution, task_token, "taskToken", .flags = FIELD_INTERNAL | FIELD_SECRET,
          .help = "answers the gate"),
    F_STR(struct execution, error_code, "errorCode", .help = "why it failed, for machines"),
    F_STR(struct execution, error_message, "errorMessage", .help = "why it failed"),
    F_OBJECT(struct execution, termination, "termination", struct termination, termination_fields,
             .help = "the last termination of its instances"),
    F_END,
};

const struct field resolved_server_fields[] = {
    F_STR(struct resolved_server, server_id, "sourceServerId", .help = "source server"),
    F_STR(struct resolved_server, hostname, "hostname", .help = "its host name"),
    F_STR(struct resolved_server, group_id, "groupId", .help = "its group"),
    F_INT(struct resolved_server, wave_number, "waveNumber", .help = "its wave"),
    F_INT(struct resolved_server, launch_order, "launchOrder", .help = "its step"),
    F_STR(struct resolved_server, snapshot_id, "recoverySnapshotId", .help = "point in time"),
    F_END,
};

const struct field resolution_run_fields[] = {
    F_OBJECT(struct resolution_run, account_context, "accountContext", struct account_context,
             account_context_fields, .help = "account and region of the servers"),
    F_LIST(struct resolution_run, servers, "servers", struct resolved_server,
           resolved_server_fields, .max = RESOLUTION_SERVERS_MAX, .help = "the servers"),
    F_END,
};

const struct field wave_run_fields[] = {
    F_INT(struct wave_run, wave_number, "waveNumber", .help = "the plan's own number"),
    F_STR(struct wave_run, name, "name", .aliases = "waveName", .help = "name of the wave"),
    F_ENUM(struct wave_run, status, "status", wave_status_names, .help = "where it stands"),
    F_ENUM(struct wave_run, outcome, "outcome", run_outcome_names, .help = "how it ended"),
    F_INT(struct wave_run, attempt, "attempt", .help = "1, and one more for each retry"),
    F_INTS(struct wave_run, depends_on_waves, "dependsOnWaves", .help = "waves before it"),
    F_BOOL(struct wave_run, pause_before_wave, "pauseBeforeWave", .help = "has a gate"),
    F_BOOL(struct wave_run, approved, "approved", .help = "the gate was opened"),
    F_STR(struct wave_run, approved_by, "approvedBy", .help = "who opened the gate"),
    F_TIME(struct wave_run, approved_at, "approvedAt", .help = "when the gate was opened"),
    F_STRS(struct wave_run, group_ids, "protectionGroupIds", .help = "its groups"),
    F_INT(struct wave_run, server_count, "serverCount", .help = "servers of the wave"),
    F_INT(struct wave_run, launched_count, "launchedCount", .help = "servers launched"),
    F_INT(struct wave_run, failed_count, "failedCount", .help = "servers failed"),
    F_TIME(struct wave_run, started_at, "startedAt", .epoch = "startTime", .help = "start"),
    F_TIME(struct wave_run, ended_at, "endedAt", .epoch = "endTime", .help = "end"),
    F_INT(struct wave_run, mono_base, "monoBase", .flags = FIELD_INTERNAL, .help = "clock"),
    F_STR(struct wave_run, error_code, "errorCode", .help = "why it failed, for machines"),
    F_STR(struct wave_run, error_message, "errorMessage", .help = "why it failed"),
    F_END,
};

const struct field launch_server_fields[] = {
    F_STR(struct launch_server, server_id, "sourceServerId", .help = "source server"),
    F_STR(struct launch_server, hostname, "hostname", .help = "its host name"),
    F_STR(struct launch_server, group_id, "groupId", .help = "its group"),
    F_STR(struct launch_server, snapshot_id, "recoverySnapshotId", .help = "point in time"),
    F_STR(struct launch_server, instance_id, "instanceId", .help = "to terminate"),
    F_STR(struct launch_server, launch_id, "launchId", .help = "the launch that it came of"),
    F_STR(struct launch_server, job_id, "drsJobId", .help = "the DRS job that it came of"),
    F_END,
};

const struct field launch_run_fields[] = {
    F_STR(struct launch_run, launch_id, "launchId", .help = "tag of the DRS job"),
    F_BOOL(struct launch_run, terminate, "terminate", .help = "terminates instead"),
    F_INT(struct launch_run, wave_number, "waveNumber", .help = "its wave"),
    F_INT(struct launch_run, attempt, "attempt", .help = "attempt of the wave"),
    F_INT(struct launch_run, step, "launchOrder", .help = "step of the wave"),
    F_ENUM(struct launch_run, state, "state", launch_state_names, .help = "where it stands"),
    F_OBJECT(struct launch_run, account_context, "accountContext", struct account_context,
             account_context_fields, .help = "where it launches"),
    F_LIST(struct launch_run, servers, "servers", struct launch_server, launch_server_fields,
           .max = LAUNCH_SERVERS_MAX, .help = "what it launches"),
    F_INT(struct launch_run, calls, "calls", .help = "announced calls"),
    F_BOOL(struct launch_run, uncertain, "uncertain", .help = "look before the next call"),
    F_BOOL(struct launch_run, reconcile, "reconcile", .help = "restored: look first"),
    F_TIME(struct launch_run, intent_at, "intentAt", .help = "when it was announced"),
    F_INT(struct launch_run, look_base, "lookBase", .flags = FIELD_INTERNAL, .help = "clock"),
    F_INT(struct launch_run, looked_ms, "lookedMs", .flags = FIELD_INTERNAL, .help = "clock"),
    F_STR(struct launch_run, job_id, "drsJobId", .aliases = "jobId", .help = "the DRS job"),
    F_STR(struct launch_run, job_status, "jobStatus", .help = "as DRS reports it"),
    F_STR(struct launch_run, digest, "digest", .flags = FIELD_INTERNAL, .help = "recorded"),
    F_TIME(struct launch_run, started_at, "startedAt", .help = "when the job was known"),
    F_TIME(struct launch_run, ended_at, "endedAt", .help = "when the job was over"),
    F_INT(struct launch_run, settle_base, "settleBase", .flags = FIELD_INTERNAL, .help = "clock"),
    F_BOOL(struct launch_run, settling, "settling", .help = "instance ids are awaited"),
    F_STR(struct launch_run, error_code, "errorCode", .help = "why it failed, for machines"),
    F_STR(struct launch_run, error_message, "errorMessage", .help = "why it failed"),
    F_INT(struct launch_run, gone_count, "goneCount", .help = "of a termination: instances gone"),
    F_STR(struct launch_run, answer_code, "answerCode", .help = "to the last call"),
    F_STR(struct launch_run, answer_message, "answerMessage", .help = "to the last call"),
    F_END,
};

const struct field server_run_fields[] = {
    F_STR(struct server_run, server_id, "sourceServerId", .aliases = "serverId sourceServerID",
          .help = "source server"),
    F_STR(struct server_run, hostname, "hostname", .aliases = "serverName", .help = "host name"),
    F_STR(struct server_run, group_id, "groupId", .aliases = "protectionGroupId",
          .help = "its group"),
    F_INT(struct server_run, wave_number, "waveNumber", .help = "its wave"),
    F_INT(struct server_run, attempt, "attempt", .help = "attempt of the wave"),
    F_STR(struct server_run, launch_id, "launchId", .help = "its launch"),
    F_STR(struct server_run, account_id, "accountId", .help = "its account"),
    F_STR(struct server_run, region, "region", .help = "its region"),
    F_ENUM(struct server_run, status, "status", server_status_names, .aliases = "launchStatus",
           .help = "where it stands"),
    F_OBJECT(struct server_run, launch_config, "launchConfiguration", struct launch_config,
             launch_config_fields, .aliases = "launchConfig",
             .help = "how it is launched: its own configuration over its group's"),
    F_BOOL(struct server_run, configured, "configured", .flags = FIELD_INTERNAL,
           .help = "DRS and EC2 have been told the launch configuration"),
    F_STR(struct server_run, instance_id, "instanceId",
          .aliases = "recoveryInstanceId recoveryInstanceID", .flags = FIELD_NULL,
          .help = "what was launched"),
    F_STR(struct server_run, job_id, "drsJobId", .aliases = "jobId", .help = "the DRS job"),
    F_BOOL(struct server_run, nothing_left, "nothingLeft", .flags = FIELD_INTERNAL,
           .help = "DRS has no instance of it"),
    F_TIME(struct server_run, started_at, "startedAt", .epoch = "startTime", .help = "start"),
    F_TIME(struct server_run, ended_at, "endedAt", .epoch = "endTime", .help = "end"),
    F_STR(struct server_run, error_code, "errorCode", .help = "why it failed, for machines"),
    F_STR(struct server_run, error_message, "errorMessage", .aliases = "error",
          .help = "why it failed"),
    F_END,
};

const struct field run_row_fields[] = {
    F_STR(struct run_row, execution_id, "executionId", .help = "its execution"),
    F_STR(struct run_row, key, "runKey", .help = "which row of it"),
    F_INT(struct run_row, revision, "revision", .help = "of the row"),
    F_OBJECT(struct run_row, resolution, "resolution", struct resolution_run, resolution_run_fields,
             .help = "servers as resolved"),
    F_OBJECT(struct run_row, wave, "wave", struct wave_run, wave_run_fields, .help = "a wave"),
    F_OBJECT(struct run_row, launch, "launch", struct launch_run, launch_run_fields,
             .help = "a launch"),
    F_OBJECT(struct run_row, server, "server", struct server_run, server_run_fields,
             .help = "a server of an attempt"),
    F_END,
};

const struct field flow_instance_fields[] = {
    F_STR(struct flow_instance, shard, "shard", .help = "live, definition or token"),
    F_STR(struct flow_instance, id, "instanceId", .help = "execution and epoch"),
    F_STR(struct flow_instance, execution_id, "executionId", .help = "its execution"),
    F_INT(struct flow_instance, epoch, "epoch", .help = "fencing number"),
    F_INT(struct flow_instance, revision, "revision", .help = "of the row"),
    F_STR(struct flow_instance, definition, "definition", .help = "hash of its definition"),
    F_STR(struct flow_instance, definition_text, "definitionText", .max = 1 << 18,
          .help = "of a definition row"),
    F_ENUM(struct flow_instance, phase, "phase", flow_phase_names, .help = "what it waits for"),
    F_STR(struct flow_instance, state, "state", .help = "current state"),
    F_JSON(struct flow_instance, data, "data", .help = "its input"),
    F_JSON(struct flow_instance, retries, "retries", .help = "retry counts of the state"),
    F_INT(struct flow_instance, due_mono, "dueMono", .help = "monotonic ms"),
    F_INT(struct flow_instance, wait_ms, "waitMs", .help = "length of the timer"),
    F_TIME(struct flow_instance, armed_wall, "armedAt", .help = "when it was armed"),
    F_BOOL(struct flow_instance, has_due, "hasDue", .help = "a timer is armed"),
    F_STR(struct flow_instance, token, "taskToken", .flags = FIELD_SECRET, .help = "awaited"),
    F_TIME(struct flow_instance, entered_wall, "enteredAt", .help = "the state was entered"),
    F_TIME(struct flow_instance, started_at, "startedAt", .help = "start"),
    F_BOOL(struct flow_instance, failed, "failed", .help = "it ended in a Fail state"),
    F_STR(struct flow_instance, error, "error", .help = "why"),
    F_STR(struct flow_instance, cause, "cause", .help = "why, in words"),
    F_END,
};

struct str run_key_resolution(struct arena *a, size_t n)
{
    return arena_strf(a, "plan#%04zu", n);
}

struct str run_key_wave(struct arena *a, int64_t wave)
{
    return arena_strf(a, "wave#%05" PRId64, wave);
}

struct str run_key_launch(struct arena *a, const struct launch_run *l, size_t ordinal)
{
    if (l->terminate)
        return arena_strf(a, "terminate#%04" PRId64 "#%03zu", l->attempt, ordinal);
    return arena_strf(a, "launch#%05" PRId64 "#a%02" PRId64 "#s%05" PRId64 "#%03zu", l->wave_number,
                      l->attempt, l->step, ordinal);
}

struct str run_key_server(struct arena *a, const struct server_run *s)
{
    return arena_strf(a, STR_FMT STR_FMT "#" STR_FMT "#" STR_FMT,
                      STR_ARG(run_prefix_servers(a, s->wave_number, s->attempt)),
                      STR_ARG(s->account_id), STR_ARG(s->region), STR_ARG(s->server_id));
}

struct str run_prefix_launches(struct arena *a, int64_t wave, int64_t attempt)
{
    if (attempt == 0)
        return arena_strf(a, "launch#%05" PRId64 "#", wave);
    return arena_strf(a, "launch#%05" PRId64 "#a%02" PRId64 "#", wave, attempt);
}

struct str run_prefix_servers(struct arena *a, int64_t wave, int64_t attempt)
{
    if (attempt == 0)
        return arena_strf(a, "server#%05" PRId64 "#", wave);
    return arena_strf(a, "server#%05" PRId64 "#a%02" PRId64 "#", wave, attempt);
}

struct str run_prefix_terminations(struct arena *a, int64_t sequence)
{
    return arena_strf(a, "terminate#%04" PRId64 "#", sequence);
}
