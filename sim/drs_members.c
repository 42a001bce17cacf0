#include "sim/drs_members.h"

/* Requests of DRS as its model has them (aws-facts 1.2, 1.3, 1.5). */

#define SERVER_ID   .type = M_STR, .prefix = "s-"
#define RECOVERY_ID .type = M_STR, .prefix = "i-"
#define JOB_ID      .type = M_STR, .prefix = "drsjob-"
#define PAGE                            \
    {"maxResults", M_INT, .min = 1},    \
    {                                   \
        "nextToken", M_STR, .max = 2048 \
    }

const struct member drs_none_in[] = {M_END};

static const struct member servers_filters[] = {
    {"sourceServerIDs", M_LIST, .max = 200, .prefix = "s-"},
    {"hardwareId", M_STR, .max = 2048},
    {"stagingAccountIDs", M_LIST, .max = 200},
    M_END,
};

const struct member drs_describe_servers_in[] = {
    {"filters", M_STRUCT, .fields = servers_filters},
    PAGE,
    M_END,
};

static const struct member start_servers[] = {
    {"sourceServerID", SERVER_ID, .flags = M_REQUIRED},
    {"recoverySnapshotID", M_STR, .prefix = "pit-"},
    M_END,
};

const struct member drs_start_recovery_in[] = {
    {"sourceServers", M_LIST, .flags = M_REQUIRED, .min = 1, .max = 200, .fields = start_servers},
    {"isDrill", M_BOOL},
    {"tags", M_MAP},
    M_END,
};

static const struct member jobs_filters[] = {
    {"jobIDs", M_LIST, .max = 1000, .prefix = "drsjob-"},
    {"fromDate", M_STR, .min = 19, .max = 32},
    {"toDate", M_STR, .min = 19, .max = 32},
    M_END,
};

const struct member drs_describe_jobs_in[] = {
    {"filters", M_STRUCT, .fields = jobs_filters},
    PAGE,
    M_END,
};

const struct member drs_job_id_in[] = {{"jobID", JOB_ID, .flags = M_REQUIRED}, M_END};

const struct member drs_job_log_in[] = {{"jobID", JOB_ID, .flags = M_REQUIRED}, PAGE, M_END};

static const struct member recovery_filters[] = {
    {"recoveryInstanceIDs", M_LIST, .max = 200, .prefix = "i-"},
    {"sourceServerIDs", M_LIST, .max = 200, .prefix = "s-"},
    M_END,
};

const struct member drs_describe_recovery_in[] = {
    {"filters", M_STRUCT, .fields = recovery_filters},
    PAGE,
    M_END,
};

const struct member drs_terminate_in[] = {
    {"recoveryInstanceIDs", M_LIST, .flags = M_REQUIRED, .min = 1, .max = 200, .prefix = "i-"},
    M_END,
};

const struct member drs_recovery_id_in[] = {
    {"recoveryInstanceID", RECOVERY_ID, .flags = M_REQUIRED},
    M_END,
};

static const struct member snapshots_filters[] = {
    {"fromDateTime", M_STR, .min = 19, .max = 32},
    {"toDateTime", M_STR, .min = 19, .max = 32},
    M_END,
};

const struct member drs_snapshots_in[] = {
    {"sourceServerID", SERVER_ID, .flags = M_REQUIRED},
    {"filters", M_STRUCT, .fields = snapshots_filters},
    {"order", M_STR, .values = "ASC DESC"},
    PAGE,
    M_END,
};

const struct member drs_server_id_in[] = {
    {"sourceServerID", SERVER_ID, .flags = M_REQUIRED},
    M_END,
};

static const struct member licensing[] = {{"osByol", M_BOOL}, M_END};
static const struct member launch_into[] = {{"launchIntoEC2InstanceID", M_STR, .max = 255}, M_END};

const struct member drs_update_launch_in[] = {
    {"sourceServerID", SERVER_ID, .flags = M_REQUIRED},
    {"name", M_STR, .max = 128},
    {"launchDisposition", M_STR, .values = "STOPPED STARTED"},
    {"targetInstanceTypeRightSizingMethod", M_STR, .values = "NONE BASIC IN_AWS"},
    {"copyPrivateIp", M_BOOL},
    {"copyTags", M_BOOL},
    {"licensing", M_STRUCT, .fields = licensing},
    {"postLaunchEnabled", M_BOOL},
    {"launchIntoInstanceProperties", M_STRUCT, .fields = launch_into},
    {"recoveryMode", M_STR, .values = "FAST OPTIMAL"},
    M_END,
};

static const struct member pit_rules[] = {
    {"ruleID", M_INT},
    {"units", M_STR, .flags = M_REQUIRED, .values = "MINUTE HOUR DAY"},
    {"interval", M_INT, .flags = M_REQUIRED, .min = 1},
    {"retentionDuration", M_INT, .flags = M_REQUIRED, .min = 1},
    {"enabled", M_BOOL},
    M_END,
};

static const struct member replicated_disks[] = {
    {"deviceName", M_STR, .max = 256},
    {"isBootDisk", M_BOOL},
    {"stagingDiskType", M_STR, .values = "AUTO GP2 GP3 IO1 SC1 ST1 STANDARD"},
    {"iops", M_INT},
    {"throughput", M_INT},
    {"optimizedStagingDiskType", M_STR, .values = "AUTO GP2 GP3 IO1 SC1 ST1 STANDARD"},
    M_END,
};

/* What a server's replication settings and their template share. */
#define REPLICATION_SETTINGS(required)                                                             \
    {"stagingAreaSubnetId", M_STR, .flags = (required), .max = 255, .prefix = "subnet-"},          \
        {"associateDefaultSecurityGroup", M_BOOL},                                                 \
        {"replicationServersSecurityGroupsIDs", M_LIST, .flags = (required), .max = 32,            \
         .prefix = "sg-"},                                                                         \
        {"replicationServerInstanceType", M_STR, .max = 255},                                      \
        {"useDedicatedReplicationServer", M_BOOL},                                                 \
        {"defaultLargeStagingDiskType", M_STR, .values = "GP2 GP3 ST1 AUTO"},                      \
        {"ebsEncryption", M_STR, .flags = (required), .values = "DEFAULT CUSTOM NONE"},            \
        {"ebsEncryptionKeyArn", M_STR, .max = 2048},                                               \
        {"bandwidthThrottling", M_INT, .flags = (required)},                                       \
        {"dataPlaneRouting", M_STR, .values = "PRIVATE_IP PUBLIC_IP"}, {"createPublicIP", M_BOOL}, \
        {"stagingAreaTags", M_MAP, .flags = (required)},                                           \
        {"pitPolicy", M_LIST, .flags = (required), .min = 3, .max = 3, .fields = pit_rules},       \
        {"autoReplicateNewDisks", M_BOOL},                                                         \
    {                                                                                              \
        "internetProtocol", M_STR, .values = "IPV4 IPV6"                                           \
    }

const struct member drs_update_replication_in[] = {
    {"sourceServerID", SERVER_ID, .flags = M_REQUIRED},
    {"name", M_STR, .max = 128},
    {"replicatedDisks", M_LIST, .max = 60, .fields = replicated_disks},
    REPLICATION_SETTINGS(0),
    M_END,
};

const struct member drs_tag_in[] = {{"tags", M_MAP, .flags = M_REQUIRED}, M_END};
const struct member drs_untag_in[] = {{"tagKeys", M_LIST, .flags = M_REQUIRED, .max = 200}, M_END};

const struct member drs_replication_templates_in[] = {
    {"replicationConfigurationTemplateIDs", M_LIST, .max = 200, .prefix = "rct-"},
    PAGE,
    M_END,
};

const struct member drs_create_replication_template_in[] = {
    REPLICATION_SETTINGS(M_REQUIRED),
    {"tags", M_MAP},
    M_END,
};

const struct member drs_update_replication_template_in[] = {
    {"replicationConfigurationTemplateID", M_STR, .flags = M_REQUIRED, .prefix = "rct-"},
    {"arn", M_STR, .max = 2048},
    REPLICATION_SETTINGS(0),
    M_END,
};

const struct member drs_delete_replication_template_in[] = {
    {"replicationConfigurationTemplateID", M_STR, .flags = M_REQUIRED, .prefix = "rct-"},
    M_END,
};

const struct member drs_launch_templates_in[] = {
    {"launchConfigurationTemplateIDs", M_LIST, .max = 1, .prefix = "lct-"},
    PAGE,
    M_END,
};

#define LAUNCH_SETTINGS                                                                        \
    {"postLaunchEnabled", M_BOOL}, {"launchDisposition", M_STR, .values = "STOPPED STARTED"},  \
        {"targetInstanceTypeRightSizingMethod", M_STR, .values = "NONE BASIC IN_AWS"},         \
        {"copyPrivateIp", M_BOOL}, {"copyTags", M_BOOL},                                       \
        {"licensing", M_STRUCT, .fields = licensing}, {"exportBucketArn", M_STR, .max = 2048}, \
        {"launchIntoSourceInstance", M_BOOL},                                                  \
    {                                                                                          \
        "recoveryMode", M_STR, .values = "FAST OPTIMAL"                                        \
    }

const struct member drs_create_launch_template_in[] = {LAUNCH_SETTINGS, {"tags", M_MAP}, M_END};

const struct member drs_update_launch_template_in[] = {
    {"launchConfigurationTemplateID", M_STR, .flags = M_REQUIRED, .prefix = "lct-"},
    LAUNCH_SETTINGS,
    M_END,
};

const struct member drs_delete_launch_template_in[] = {
    {"launchConfigurationTemplateID", M_STR, .flags = M_REQUIRED, .prefix = "lct-"},
    M_END,
};
