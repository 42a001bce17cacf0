#include "model/refusal.h"

const struct field version_refusal_fields[] = {
    F_INT(struct version_refusal, current_version, "currentVersion", .help = "what is stored"),
    F_INT(struct version_refusal, provided_version, "providedVersion", .help = "what was sent"),
    F_END,
};

const struct field active_refusal_fields[] = {
    F_STR(struct active_refusal, execution_id, "executionId", .help = "the active execution"),
    F_STR(struct active_refusal, execution_status, "executionStatus", .help = "its status"),
    F_END,
};

static const struct field server_conflict_fields[] = {
    F_STR(struct server_conflict, server_id, "serverId", .help = "DRS source server"),
    F_STR(struct server_conflict, hostname, "hostname", .help = "its host name"),
    F_STR(struct server_conflict, group_id, "currentGroupId", .aliases = "protectionGroupId",
          .help = "the group that holds it"),
    F_STR(struct server_conflict, group_name, "currentGroupName", .aliases = "protectionGroupName",
          .help = "that group's name"),
    F_END,
};
const struct field conflict_refusal_fields[] = {
    F_LIST(struct conflict_refusal, conflicts, "conflicts", struct server_conflict,
           server_conflict_fields, .help = "servers that another group holds"),
    F_END,
};

static const struct field busy_server_fields[] = {
    F_STR(struct busy_server, server_id, "sourceServerId", .aliases = "serverId",
          .help = "DRS source server"),
    F_STR(struct busy_server, hostname, "hostname", .help = "its host name"),
    F_INT(struct busy_server, wave_number, "waveNumber", .help = "the wave that needs it"),
    F_STR(struct busy_server, wave_name, "waveName", .help = "that wave's name"),
    F_STR(struct busy_server, execution_id, "conflictingExecutionId",
          .help = "the execution that holds it"),
    F_STR(struct busy_server, plan_id, "conflictingPlanId", .help = "that execution's plan"),
    F_STR(struct busy_server, plan_name, "conflictingPlanName", .help = "that plan's name"),
    F_STR(struct busy_server, execution_status, "conflictingStatus",
          .help = "that execution's status"),
    F_STR(struct busy_server, job_id, "conflictingJobId", .help = "the DRS job that works on it"),
    F_STR(struct busy_server, job_status, "conflictingJobStatus", .help = "that job's status"),
    F_STR(struct busy_server, source, "conflictSource", .help = "execution or drs_job"),
    F_END,
};
const struct field busy_refusal_fields[] = {
    F_STR(struct busy_refusal, execution_id, "conflictingExecutionId",
          .help = "the execution that holds the first server"),
    F_STR(struct busy_refusal, job_id, "conflictingJobId",
          .help = "the DRS job that works on the first server"),
    F_LIST(struct busy_refusal, conflicts, "conflicts", struct busy_server, busy_server_fields,
           .help = "servers that are in use, the first hundred"),
    F_END,
};

static const struct field invalid_server_fields[] = {
    F_STR(struct invalid_server, server_id, "serverId", .help = "DRS source server"),
    F_STR(struct invalid_server, hostname, "hostname", .help = "its host name"),
    F_STR(struct invalid_server, replication_state, "replicationState", .help = "what DRS says"),
    F_END,
};
const struct field replication_refusal_fields[] = {
    F_LIST(struct replication_refusal, invalid_servers, "invalidServers", struct invalid_server,
           invalid_server_fields, .help = "servers that could not be recovered"),
    F_END,
};

static const struct field wave_size_fields[] = {
    F_INT(struct wave_size, wave_number, "waveNumber", .help = "the wave"),
    F_INT(struct wave_size, server_count, "serverCount", .help = "its servers"),
    F_END,
};
const struct field wave_size_refusal_fields[] = {
    F_INT(struct wave_size_refusal, limit, "limit", .help = "servers that one wave may hold"),
    F_LIST(struct wave_size_refusal, errors, "errors", struct wave_size, wave_size_fields,
           .help = "waves that hold more"),
    F_END,
};

static const struct field using_plan_fields[] = {
    F_STR(struct using_plan, plan_id, "planId", .help = "recovery plan"),
    F_STR(struct using_plan, plan_name, "planName", .help = "its name"),
    F_END,
};
const struct field in_use_refusal_fields[] = {
    F_LIST(struct in_use_refusal, plans, "plans", struct using_plan, using_plan_fields,
           .help = "recovery plans that name the group"),
    F_END,
};
