#include "sim/drs_calls.h"
#include "sim/drs_members.h"

#define DRS(name_, in, run_, ...)                                                \
    {                                                                            \
        .service = "drs", .name = name_, .members = in, .run = run_, __VA_ARGS__ \
    }
#define READ .flags = 0

static const struct op rows[] = {
    DRS("DescribeSourceServers", drs_describe_servers_in, sim_drs_describe_source_servers, READ),
    DRS("StartRecovery", drs_start_recovery_in, sim_drs_start_recovery, .status = 202,
        .flags = OP_WRITES),
    DRS("DescribeJobs", drs_describe_jobs_in, sim_drs_describe_jobs, READ),
    DRS("DescribeJobLogItems", drs_job_log_in, sim_drs_describe_job_log_items, READ),
    DRS("DeleteJob", drs_job_id_in, sim_drs_delete_job, .status = 204,
        .flags = OP_WRITES | OP_BARE),
    DRS("DescribeRecoveryInstances", drs_describe_recovery_in, sim_drs_describe_recovery_instances,
        READ),
    DRS("TerminateRecoveryInstances", drs_terminate_in, sim_drs_terminate_recovery_instances,
        .flags = OP_WRITES),
    DRS("DisconnectRecoveryInstance", drs_recovery_id_in, sim_drs_disconnect_recovery_instance,
        .flags = OP_WRITES | OP_BARE),
    DRS("DeleteRecoveryInstance", drs_recovery_id_in, sim_drs_delete_recovery_instance,
        .flags = OP_WRITES | OP_BARE),
    DRS("DescribeRecoverySnapshots", drs_snapshots_in, sim_drs_describe_recovery_snapshots, READ),
    DRS("GetLaunchConfiguration", drs_server_id_in, sim_drs_get_launch_configuration, READ),
    DRS("UpdateLaunchConfiguration", drs_update_launch_in, sim_drs_update_launch_configuration,
        .flags = OP_WRITES),
    DRS("ListTagsForResource", drs_none_in, sim_drs_list_tags, .method = "GET", .path = "/tags/",
        .flags = OP_ANY_PATH | OP_ANYTIME),
    DRS("TagResource", drs_tag_in, sim_drs_tag, .path = "/tags/",
        .flags = OP_ANY_PATH | OP_ANYTIME | OP_WRITES),
    DRS("UntagResource", drs_untag_in, sim_drs_untag, .method = "DELETE", .path = "/tags/",
        .flags = OP_ANY_PATH | OP_ANYTIME | OP_WRITES),
};

const struct op_table sim_drs_ops = {rows, ARRAY_LEN(rows)};

static const struct op config_rows[] = {
    DRS("InitializeService", drs_none_in, sim_drs_initialize_service, .status = 204,
        .flags = OP_ANYTIME | OP_WRITES | OP_BARE),
    DRS("GetReplicationConfiguration", drs_server_id_in, sim_drs_get_replication_configuration,
        READ),
    DRS("UpdateReplicationConfiguration", drs_update_replication_in,
        sim_drs_update_replication_configuration, .flags = OP_WRITES),
    DRS("DisconnectSourceServer", drs_server_id_in, sim_drs_disconnect_source_server,
        .flags = OP_WRITES),
    DRS("DeleteSourceServer", drs_server_id_in, sim_drs_delete_source_server, .status = 204,
        .flags = OP_WRITES | OP_BARE),
    DRS("RetryDataReplication", drs_server_id_in, sim_drs_retry_data_replication,
        .flags = OP_WRITES),
    DRS("StartReplication", drs_server_id_in, sim_drs_start_replication, .flags = OP_WRITES),
    DRS("StopReplication", drs_server_id_in, sim_drs_stop_replication, .flags = OP_WRITES),
    DRS("DescribeReplicationConfigurationTemplates", drs_replication_templates_in,
        sim_drs_describe_replication_templates, READ),
    DRS("CreateReplicationConfigurationTemplate", drs_create_replication_template_in,
        sim_drs_create_replication_template, .status = 201, .flags = OP_WRITES),
    DRS("UpdateReplicationConfigurationTemplate", drs_update_replication_template_in,
        sim_drs_update_replication_template, .flags = OP_WRITES),
    DRS("DeleteReplicationConfigurationTemplate", drs_delete_replication_template_in,
        sim_drs_delete_replication_template, .status = 204, .flags = OP_WRITES | OP_BARE),
    DRS("DescribeLaunchConfigurationTemplates", drs_launch_templates_in,
        sim_drs_describe_launch_templates, READ),
    DRS("CreateLaunchConfigurationTemplate", drs_create_launch_template_in,
        sim_drs_create_launch_template, .status = 201, .flags = OP_WRITES),
    DRS("UpdateLaunchConfigurationTemplate", drs_update_launch_template_in,
        sim_drs_update_launch_template, .flags = OP_WRITES),
    DRS("DeleteLaunchConfigurationTemplate", drs_delete_launch_template_in,
        sim_drs_delete_launch_template, .status = 204, .flags = OP_WRITES | OP_BARE),
};

const struct op_table sim_drs_config_ops = {config_rows, ARRAY_LEN(config_rows)};
