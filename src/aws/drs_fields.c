#include "aws/drs.h"
#include "aws/shapes.h"

/*
 * DRS's shapes. Nothing is required and no text is checked: what the service sends is taken as it
 * is, so that a new member or value never stops a recovery.
 */
enum { TEXT_MAX = 1 << 17, ITEMS_MAX = 1 << 16 };

/* ---- source servers ---- */

static const struct field replicated_disk_fields[] = {
    TEXT(struct drs_replicated_disk, device_name, "deviceName"),
    NUMBER(struct drs_replicated_disk, total_storage_bytes, "totalStorageBytes"),
    NUMBER(struct drs_replicated_disk, replicated_storage_bytes, "replicatedStorageBytes"),
    NUMBER(struct drs_replicated_disk, rescanned_storage_bytes, "rescannedStorageBytes"),
    NUMBER(struct drs_replicated_disk, backlogged_storage_bytes, "backloggedStorageBytes"),
    TEXT(struct drs_replicated_disk, volume_status, "volumeStatus"),
    F_END,
};

static const struct field replication_error_fields[] = {
    TEXT(struct drs_replication_error, error, "error"),
    TEXT(struct drs_replication_error, raw_error, "rawError"),
    F_END,
};

static const struct field initiation_step_fields[] = {
    TEXT(struct drs_initiation_step, name, "name"),
    TEXT(struct drs_initiation_step, status, "status"),
    F_END,
};

static const struct field initiation_fields[] = {
    TEXT(struct drs_initiation, start_date_time, "startDateTime"),
    TEXT(struct drs_initiation, next_attempt_date_time, "nextAttemptDateTime"),
    PARTS(struct drs_initiation, steps, "steps", struct drs_initiation_step,
          initiation_step_fields),
    F_END,
};

static const struct field replication_fields[] = {
    TEXT(struct drs_replication_info, lag_duration, "lagDuration"),
    TEXT(struct drs_replication_info, eta_date_time, "etaDateTime"),
    TEXT(struct drs_replication_info, state, "dataReplicationState"),
    PARTS(struct drs_replication_info, disks, "replicatedDisks", struct drs_replicated_disk,
          replicated_disk_fields),
    PART(struct drs_replication_info, initiation, "dataReplicationInitiation",
         struct drs_initiation, initiation_fields),
    PART(struct drs_replication_info, error, "dataReplicationError", struct drs_replication_error,
         replication_error_fields),
    TEXT(struct drs_replication_info, staging_availability_zone, "stagingAvailabilityZone"),
    TEXT(struct drs_replication_info, staging_outpost_arn, "stagingOutpostArn"),
    F_END,
};

static const struct field launch_initiated_fields[] = {
    WHEN(struct drs_launch_initiated, api_call_ms, "apiCallDateTime"),
    TEXT(struct drs_launch_initiated, job_id, "jobID"),
    TEXT(struct drs_launch_initiated, type, "type"),
    F_END,
};

static const struct field last_launch_fields[] = {
    PART(struct drs_last_launch, initiated, "initiated", struct drs_launch_initiated,
         launch_initiated_fields),
    TEXT(struct drs_last_launch, status, "status"),
    F_END,
};

static const struct field life_cycle_fields[] = {
    WHEN(struct drs_life_cycle, added_ms, "addedToServiceDateTime"),
    WHEN(struct drs_life_cycle, first_byte_ms, "firstByteDateTime"),
    TEXT(struct drs_life_cycle, elapsed_replication_duration, "elapsedReplicationDuration"),
    WHEN(struct drs_life_cycle, last_seen_ms, "lastSeenByServiceDateTime"),
    PART(struct drs_life_cycle, last_launch, "lastLaunch", struct drs_last_launch,
         last_launch_fields),
    F_END,
};

static const struct field identification_fields[] = {
    TEXT(struct drs_identification, fqdn, "fqdn"),
    TEXT(struct drs_identification, hostname, "hostname"),
    TEXT(struct drs_identification, vmware_uuid, "vmWareUuid"),
    TEXT(struct drs_identification, aws_instance_id, "awsInstanceID"),
    F_END,
};

static const struct field os_fields[] = {
    TEXT(struct drs_os, full_string, "fullString"),
    F_END,
};

static const struct field interface_fields[] = {
    TEXT(struct drs_network_interface, mac_address, "macAddress"),
    TEXTS(struct drs_network_interface, ips, "ips"),
    TRUTH(struct drs_network_interface, is_primary, "isPrimary"),
    F_END,
};

static const struct field disk_fields[] = {
    TEXT(struct drs_disk, device_name, "deviceName"),
    NUMBER(struct drs_disk, bytes, "bytes"),
    F_END,
};

static const struct field cpu_fields[] = {
    NUMBER(struct drs_cpu, cores, "cores"),
    TEXT(struct drs_cpu, model_name, "modelName"),
    F_END,
};

static const struct field source_properties_fields[] = {
    PART(struct drs_source_properties, identification, "identificationHints",
         struct drs_identification, identification_fields),
    PART(struct drs_source_properties, os, "os", struct drs_os, os_fields),
    PARTS(struct drs_source_properties, network_interfaces, "networkInterfaces",
          struct drs_network_interface, interface_fields),
    PARTS(struct drs_source_properties, disks, "disks", struct drs_disk, disk_fields),
    PARTS(struct drs_source_properties, cpus, "cpus", struct drs_cpu, cpu_fields),
    NUMBER(struct drs_source_properties, ram_bytes, "ramBytes"),
    TEXT(struct drs_source_properties, recommended_instance_type, "recommendedInstanceType"),
    TRUTH(struct drs_source_properties, supports_nitro_instances, "supportsNitroInstances"),
    WHEN(struct drs_source_properties, last_updated_ms, "lastUpdatedDateTime"),
    F_END,
};

static const struct field staging_area_fields[] = {
    TEXT(struct drs_staging_area, status, "status"),
    TEXT(struct drs_staging_area, staging_account_id, "stagingAccountID"),
    TEXT(struct drs_staging_area, staging_source_server_arn, "stagingSourceServerArn"),
    TEXT(struct drs_staging_area, error_message, "errorMessage"),
    F_END,
};

static const struct field source_cloud_fields[] = {
    TEXT(struct drs_source_cloud, origin_account_id, "originAccountID"),
    TEXT(struct drs_source_cloud, origin_region, "originRegion"),
    TEXT(struct drs_source_cloud, origin_availability_zone, "originAvailabilityZone"),
    TEXT(struct drs_source_cloud, source_outpost_arn, "sourceOutpostArn"),
    F_END,
};

const struct field drs_source_server_fields[] = {
    TEXT(struct drs_source_server, id, "sourceServerID"),
    TEXT(struct drs_source_server, arn, "arn"),
    TAGS(struct drs_source_server, tags, "tags"),
    TEXT(struct drs_source_server, recovery_instance_id, "recoveryInstanceId"),
    TEXT(struct drs_source_server, last_launch_result, "lastLaunchResult"),
    PART(struct drs_source_server, replication, "dataReplicationInfo", struct drs_replication_info,
         replication_fields),
    PART(struct drs_source_server, life_cycle, "lifeCycle", struct drs_life_cycle,
         life_cycle_fields),
    PART(struct drs_source_server, properties, "sourceProperties", struct drs_source_properties,
         source_properties_fields),
    PART(struct drs_source_server, staging_area, "stagingArea", struct drs_staging_area,
         staging_area_fields),
    PART(struct drs_source_server, cloud, "sourceCloudProperties", struct drs_source_cloud,
         source_cloud_fields),
    TEXT(struct drs_source_server, replication_direction, "replicationDirection"),
    TEXT(struct drs_source_server, reversed_direction_source_server_arn,
         "reversedDirectionSourceServerArn"),
    TEXT(struct drs_source_server, source_network_id, "sourceNetworkID"),
    TEXT(struct drs_source_server, agent_version, "agentVersion"),
    F_END,
};

/* ---- jobs ---- */

static const struct field participating_server_fields[] = {
    TEXT(struct drs_participating_server, source_server_id, "sourceServerID"),
    TEXT(struct drs_participating_server, recovery_instance_id, "recoveryInstanceID"),
    TEXT(struct drs_participating_server, launch_status, "launchStatus"),
    F_END,
};

const struct field drs_job_fields[] = {
    TEXT(struct drs_job, id, "jobID"),
    TEXT(struct drs_job, arn, "arn"),
    TEXT(struct drs_job, type, "type"),
    TEXT(struct drs_job, initiated_by, "initiatedBy"),
    TEXT(struct drs_job, status, "status"),
    WHEN(struct drs_job, created_ms, "creationDateTime"),
    WHEN(struct drs_job, ended_ms, "endDateTime"),
    PARTS(struct drs_job, servers, "participatingServers", struct drs_participating_server,
          participating_server_fields),
    TAGS(struct drs_job, tags, "tags"),
    F_END,
};

static const struct field event_data_fields[] = {
    TEXT(struct drs_event_data, source_server_id, "sourceServerID"),
    TEXT(struct drs_event_data, conversion_server_id, "conversionServerID"),
    TEXT(struct drs_event_data, target_instance_id, "targetInstanceID"),
    TEXT(struct drs_event_data, raw_error, "rawError"),
    NUMBER(struct drs_event_data, attempt_count, "attemptCount"),
    NUMBER(struct drs_event_data, max_attempts_count, "maxAttemptsCount"),
    F_END,
};

const struct field drs_job_log_item_fields[] = {
    WHEN(struct drs_job_log_item, at_ms, "logDateTime"),
    TEXT(struct drs_job_log_item, event, "event"),
    PART(struct drs_job_log_item, data, "eventData", struct drs_event_data, event_data_fields),
    F_END,
};

const struct field drs_start_server_fields[] = {
    TEXT(struct drs_start_server, source_server_id, "sourceServerID"),
    TEXT(struct drs_start_server, recovery_snapshot_id, "recoverySnapshotID"),
    F_END,
};

/* ---- recovery instances and snapshots ---- */

static const struct field failback_fields[] = {
    TEXT(struct drs_failback, state, "state"),
    TEXT(struct drs_failback, failback_job_id, "failbackJobID"),
    TEXT(struct drs_failback, launch_type, "failbackLaunchType"),
    TRUTH(struct drs_failback, to_original_server, "failbackToOriginalServer"),
    F_END,
};

static const struct field recovery_properties_fields[] = {
    PART(struct drs_recovery_properties, identification, "identificationHints",
         struct drs_identification, identification_fields),
    PART(struct drs_recovery_properties, os, "os", struct drs_os, os_fields),
    PARTS(struct drs_recovery_properties, network_interfaces, "networkInterfaces",
          struct drs_network_interface, interface_fields),
    PARTS(struct drs_recovery_properties, cpus, "cpus", struct drs_cpu, cpu_fields),
    NUMBER(struct drs_recovery_properties, ram_bytes, "ramBytes"),
    WHEN(struct drs_recovery_properties, last_updated_ms, "lastUpdatedDateTime"),
    F_END,
};

const struct field drs_recovery_instance_fields[] = {
    TEXT(struct drs_recovery_instance, id, "recoveryInstanceID"),
    TEXT(struct drs_recovery_instance, ec2_instance_id, "ec2InstanceID"),
    TEXT(struct drs_recovery_instance, ec2_instance_state, "ec2InstanceState"),
    TEXT(struct drs_recovery_instance, source_server_id, "sourceServerID"),
    TEXT(struct drs_recovery_instance, job_id, "jobID"),
    TEXT(struct drs_recovery_instance, arn, "arn"),
    TAGS(struct drs_recovery_instance, tags, "tags"),
    TRUTH(struct drs_recovery_instance, is_drill, "isDrill"),
    WHEN(struct drs_recovery_instance, point_in_time_ms, "pointInTimeSnapshotDateTime"),
    PART(struct drs_recovery_instance, failback, "failback", struct drs_failback, failback_fields),
    PART(struct drs_recovery_instance, replication, "dataReplicationInfo",
         struct drs_replication_info, replication_fields),
    PART(struct drs_recovery_instance, properties, "recoveryInstanceProperties",
         struct drs_recovery_properties, recovery_properties_fields),
    TEXT(struct drs_recovery_instance, origin_environment, "originEnvironment"),
    TEXT(struct drs_recovery_instance, origin_availability_zone, "originAvailabilityZone"),
    TEXT(struct drs_recovery_instance, agent_version, "agentVersion"),
    F_END,
};

const struct field drs_recovery_snapshot_fields[] = {
    TEXT(struct drs_recovery_snapshot, id, "snapshotID"),
    TEXT(struct drs_recovery_snapshot, source_server_id, "sourceServerID"),
    WHEN(struct drs_recovery_snapshot, expected_ms, "expectedTimestamp"),
    WHEN(struct drs_recovery_snapshot, taken_ms, "timestamp"),
    TEXTS(struct drs_recovery_snapshot, ebs_snapshots, "ebsSnapshots"),
    F_END,
};

/* ---- configurations ---- */

static const struct field licensing_fields[] = {
    F_BOOL(struct drs_licensing, os_byol, "osByol", F_HAS(struct drs_licensing, has_os_byol)),
    F_END,
};

static const struct field launch_into_fields[] = {
    TEXT(struct drs_launch_into, ec2_instance_id, "launchIntoEC2InstanceID"),
    F_END,
};

const struct field drs_launch_configuration_fields[] = {
    TEXT(struct drs_launch_configuration, source_server_id, "sourceServerID"),
    TEXT(struct drs_launch_configuration, name, "name"),
    TEXT(struct drs_launch_configuration, ec2_launch_template_id, "ec2LaunchTemplateID"),
    TEXT(struct drs_launch_configuration, launch_disposition, "launchDisposition"),
    TEXT(struct drs_launch_configuration, right_sizing_method,
         "targetInstanceTypeRightSizingMethod"),
    F_BOOL(struct drs_launch_configuration, copy_private_ip, "copyPrivateIp",
           F_HAS(struct drs_launch_configuration, has_copy_private_ip)),
    F_BOOL(struct drs_launch_configuration, copy_tags, "copyTags",
           F_HAS(struct drs_launch_configuration, has_copy_tags)),
    F_BOOL(struct drs_launch_configuration, post_launch_enabled, "postLaunchEnabled",
           F_HAS(struct drs_launch_configuration, has_post_launch_enabled)),
    PART(struct drs_launch_configuration, licensing, "licensing", struct drs_licensing,
         licensing_fields),
    PART(struct drs_launch_configuration, launch_into, "launchIntoInstanceProperties",
         struct drs_launch_into, launch_into_fields),
    TEXT(struct drs_launch_configuration, recovery_mode, "recoveryMode"),
    F_END,
};

static const struct field replication_disk_fields[] = {
    TEXT(struct drs_replication_disk_configuration, device_name, "deviceName"),
    TRUTH(struct drs_replication_disk_configuration, is_boot_disk, "isBootDisk"),
    TEXT(struct drs_replication_disk_configuration, staging_disk_type, "stagingDiskType"),
    NUMBER(struct drs_replication_disk_configuration, iops, "iops"),
    NUMBER(struct drs_replication_disk_configuration, throughput, "throughput"),
    TEXT(struct drs_replication_disk_configuration, optimized_staging_disk_type,
         "optimizedStagingDiskType"),
    F_END,
};

static const struct field pit_rule_fields[] = {
    NUMBER(struct drs_pit_rule, rule_id, "ruleID"),
    TEXT(struct drs_pit_rule, units, "units"),
    NUMBER(struct drs_pit_rule, interval, "interval"),
    NUMBER(struct drs_pit_rule, retention_duration, "retentionDuration"),
    TRUTH(struct drs_pit_rule, enabled, "enabled"),
    F_END,
};

#define CONFIGURATION struct drs_replication_configuration

const struct field drs_replication_configuration_fields[] = {
    TEXT(CONFIGURATION, source_server_id, "sourceServerID"),
    TEXT(CONFIGURATION, name, "name"),
    TEXT(CONFIGURATION, staging_area_subnet_id, "stagingAreaSubnetId"),
    TRUTH(CONFIGURATION, associate_default_security_group, "associateDefaultSecurityGroup"),
    TEXTS(CONFIGURATION, security_group_ids, "replicationServersSecurityGroupsIDs"),
    TEXT(CONFIGURATION, replication_server_instance_type, "replicationServerInstanceType"),
    TRUTH(CONFIGURATION, use_dedicated_replication_server, "useDedicatedReplicationServer"),
    TEXT(CONFIGURATION, default_large_staging_disk_type, "defaultLargeStagingDiskType"),
    PARTS(CONFIGURATION, disks, "replicatedDisks", struct drs_replication_disk_configuration,
          replication_disk_fields),
    TEXT(CONFIGURATION, ebs_encryption, "ebsEncryption"),
    TEXT(CONFIGURATION, ebs_encryption_key_arn, "ebsEncryptionKeyArn"),
    NUMBER(CONFIGURATION, bandwidth_throttling, "bandwidthThrottling"),
    TEXT(CONFIGURATION, data_plane_routing, "dataPlaneRouting"),
    TRUTH(CONFIGURATION, create_public_ip, "createPublicIP"),
    TAGS(CONFIGURATION, staging_area_tags, "stagingAreaTags"),
    PARTS(CONFIGURATION, pit_policy, "pitPolicy", struct drs_pit_rule, pit_rule_fields),
    TRUTH(CONFIGURATION, auto_replicate_new_disks, "autoReplicateNewDisks"),
    TEXT(CONFIGURATION, internet_protocol, "internetProtocol"),
    F_END,
};
