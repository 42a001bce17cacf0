#ifndef AWS_DRS_READ_H
#define AWS_DRS_READ_H

#include "aws/aws.h"
#include "base/field.h"

/*
 * What can be asked of AWS Elastic Disaster Recovery. Member names are DRS's own; enumerations are
 * texts, because the service sends values that its model does not list (LAUNCH_END). Members that a
 * struct lacks are ignored.
 */

/* ---- source servers ---- */

struct drs_replicated_disk {
    struct str device_name;
    int64_t total_storage_bytes;
    int64_t replicated_storage_bytes;
    int64_t rescanned_storage_bytes;
    int64_t backlogged_storage_bytes;
    struct str volume_status;
};

struct drs_replication_error {
    struct str error;
    struct str raw_error;
};

struct drs_initiation_step {
    struct str name;
    struct str status;
};

struct drs_initiation {
    struct str start_date_time;
    struct str next_attempt_date_time;
    LIST_OF(struct drs_initiation_step) steps;
};

struct drs_replication_info {
    struct str lag_duration; /* ISO 8601 duration; absent: unknown, not zero */
    struct str eta_date_time;
    struct str state; /* dataReplicationState: CONTINUOUS, STALLED, ... */
    LIST_OF(struct drs_replicated_disk) disks;
    struct drs_initiation *initiation;
    struct drs_replication_error *error;
    struct str staging_availability_zone;
    struct str staging_outpost_arn;
};

struct drs_launch_initiated {
    int64_t api_call_ms;
    struct str job_id;
    struct str type; /* RECOVERY, DRILL */
};

struct drs_last_launch {
    struct drs_launch_initiated *initiated;
    struct str status; /* PENDING, IN_PROGRESS, LAUNCHED, FAILED, TERMINATED */
};

struct drs_life_cycle {
    int64_t added_ms;
    int64_t first_byte_ms;
    struct str elapsed_replication_duration;
    int64_t last_seen_ms;
    struct drs_last_launch *last_launch;
};

struct drs_identification {
    struct str fqdn;
    struct str hostname;
    struct str vmware_uuid;
    struct str aws_instance_id;
};

struct drs_network_interface {
    struct str mac_address;
    struct strs ips;
    bool is_primary;
};

struct drs_disk {
    struct str device_name;
    int64_t bytes;
};

struct drs_cpu {
    int64_t cores;
    struct str model_name;
};

struct drs_os {
    struct str full_string;
};

struct drs_source_properties {
    struct drs_identification *identification;
    struct drs_os *os;
    LIST_OF(struct drs_network_interface) network_interfaces;
    LIST_OF(struct drs_disk) disks;
    LIST_OF(struct drs_cpu) cpus;
    int64_t ram_bytes;
    struct str recommended_instance_type;
    bool supports_nitro_instances;
    int64_t last_updated_ms;
};

struct drs_staging_area {
    struct str status; /* EXTENDED, EXTENSION_ERROR, NOT_EXTENDED */
    struct str staging_account_id;
    struct str staging_source_server_arn;
    struct str error_message;
};

struct drs_source_cloud {
    struct str origin_account_id;
    struct str origin_region;
    struct str origin_availability_zone;
    struct str source_outpost_arn;
};

struct drs_source_server {
    struct str id; /* sourceServerID */
    struct str arn;
    struct tags tags;
    struct str recovery_instance_id;
    struct str last_launch_result;
    struct drs_replication_info *replication;
    struct drs_life_cycle *life_cycle;
    struct drs_source_properties *properties;
    struct drs_staging_area *staging_area;
    struct drs_source_cloud *cloud; /* EC2 sources only */
    struct str replication_direction;
    struct str reversed_direction_source_server_arn;
    struct str source_network_id;
    struct str agent_version;
};

extern const struct field drs_source_server_fields[];

struct drs_source_servers {
    struct drs_source_server *items;
    size_t len;
};

/* Both absent: every server of the account and region. An empty list that is there: none. */
struct drs_server_filter {
    struct strs ids; /* any number: asked for in batches; unknown ones are simply not answered */
    struct strs staging_account_ids;
};

MUST_CHECK enum fault drs_describe_source_servers(struct aws_reader *reader, struct aws_at *at,
                                                  const struct drs_server_filter *filter,
                                                  struct drs_source_servers *out);

/* ---- jobs ---- */

struct drs_participating_server {
    struct str source_server_id;
    struct str recovery_instance_id; /* often missing, also after LAUNCHED */
    struct str launch_status;        /* PENDING, IN_PROGRESS, LAUNCHED, FAILED, TERMINATED */
};

struct drs_job {
    struct str id; /* jobID */
    struct str arn;
    struct str type;         /* LAUNCH, TERMINATE, CREATE_CONVERTED_SNAPSHOT */
    struct str initiated_by; /* START_DRILL, START_RECOVERY, ... */
    struct str status;       /* PENDING, STARTED, COMPLETED: no word about success */
    int64_t created_ms;
    int64_t ended_ms;
    LIST_OF(struct drs_participating_server) servers;
    struct tags tags;
};

extern const struct field drs_job_fields[];

struct drs_jobs {
    struct drs_job *items;
    size_t len;
};

/* By ids (batched), or by the time of creation; all absent: every job that DRS remembers. */
struct drs_job_filter {
    struct strs job_ids;
    int64_t from_ms;
    int64_t to_ms;
};

MUST_CHECK enum fault drs_describe_jobs(struct aws_reader *reader, struct aws_at *at,
                                        const struct drs_job_filter *filter, struct drs_jobs *out);

struct drs_event_data {
    struct str source_server_id;
    struct str conversion_server_id;
    struct str target_instance_id;
    struct str raw_error;
    int64_t attempt_count;
    int64_t max_attempts_count;
};

struct drs_job_log_item {
    int64_t at_ms;
    struct str event;
    struct drs_event_data *data; /* NULL, or empty for JOB_START and JOB_END */
};

extern const struct field drs_job_log_item_fields[];

/* Oldest first, whatever order the service gives. */
struct drs_job_log {
    struct drs_job_log_item *items;
    size_t len;
};

MUST_CHECK enum fault drs_describe_job_log_items(struct aws_reader *reader, struct aws_at *at,
                                                 struct str job_id, struct drs_job_log *out);

/* ---- recovery instances ---- */

struct drs_failback {
    struct str state;
    struct str failback_job_id;
    struct str launch_type;
    bool to_original_server;
};

struct drs_recovery_properties {
    struct drs_identification *identification;
    struct drs_os *os;
    LIST_OF(struct drs_network_interface) network_interfaces;
    LIST_OF(struct drs_cpu) cpus;
    int64_t ram_bytes;
    int64_t last_updated_ms;
};

struct drs_recovery_instance {
    struct str id; /* recoveryInstanceID: as a rule the EC2 instance id */
    struct str ec2_instance_id;
    struct str ec2_instance_state; /* PENDING, RUNNING, ..., SHUTTING-DOWN, NOT_FOUND */
    struct str source_server_id;
    struct str job_id;
    struct str arn;
    struct tags tags;
    bool is_drill;
    int64_t point_in_time_ms;
    struct drs_failback *failback;
    struct drs_replication_info *replication;
    struct drs_recovery_properties *properties;
    struct str origin_environment;
    struct str origin_availability_zone;
    struct str agent_version;
};

extern const struct field drs_recovery_instance_fields[];

struct drs_recovery_instances {
    struct drs_recovery_instance *items;
    size_t len;
};

/* One of the two, or neither: all of the account and region. */
struct drs_recovery_instance_filter {
    struct strs recovery_instance_ids;
    struct strs source_server_ids;
};

MUST_CHECK enum fault
drs_describe_recovery_instances(struct aws_reader *reader, struct aws_at *at,
                                const struct drs_recovery_instance_filter *filter,
                                struct drs_recovery_instances *out);

/* ---- snapshots (points in time) ---- */

struct drs_recovery_snapshot {
    struct str id; /* snapshotID */
    struct str source_server_id;
    int64_t expected_ms;
    int64_t taken_ms;
    struct strs ebs_snapshots;
};

extern const struct field drs_recovery_snapshot_fields[];

struct drs_recovery_snapshots {
    struct drs_recovery_snapshot *items;
    size_t len;
};

struct drs_snapshot_filter {
    struct str source_server_id;
    int64_t from_ms;
    int64_t to_ms;
    bool newest_first;
};

MUST_CHECK enum fault drs_describe_recovery_snapshots(struct aws_reader *reader, struct aws_at *at,
                                                      const struct drs_snapshot_filter *filter,
                                                      struct drs_recovery_snapshots *out);

/* ---- configurations ---- */

struct drs_licensing {
    bool os_byol;
    bool has_os_byol;
};

struct drs_launch_into {
    struct str ec2_instance_id; /* launchIntoEC2InstanceID; absent when unused */
};

/* As read, and as drs_update_launch_configuration sends it: what is absent stays as it is. */
struct drs_launch_configuration {
    struct str source_server_id;
    struct str name;
    struct str ec2_launch_template_id;
    struct str launch_disposition;  /* STARTED, STOPPED */
    struct str right_sizing_method; /* NONE, BASIC, IN_AWS */
    bool copy_private_ip;
    bool has_copy_private_ip;
    bool copy_tags;
    bool has_copy_tags;
    bool post_launch_enabled;
    bool has_post_launch_enabled;
    struct drs_licensing *licensing;
    struct drs_launch_into *launch_into;
    struct str recovery_mode;
};

extern const struct field drs_launch_configuration_fields[];

MUST_CHECK enum fault drs_get_launch_configuration(struct aws_reader *reader, struct aws_at *at,
                                                   struct str source_server_id,
                                                   struct drs_launch_configuration *out);

struct drs_replication_disk_configuration {
    struct str device_name;
    bool is_boot_disk;
    struct str staging_disk_type;
    int64_t iops;
    int64_t throughput;
    struct str optimized_staging_disk_type;
};

struct drs_pit_rule {
    int64_t rule_id;
    struct str units; /* MINUTE, HOUR, DAY */
    int64_t interval;
    int64_t retention_duration;
    bool enabled;
};

struct drs_replication_configuration {
    struct str source_server_id;
    struct str name;
    struct str staging_area_subnet_id;
    bool associate_default_security_group;
    struct strs security_group_ids;
    struct str replication_server_instance_type;
    bool use_dedicated_replication_server;
    struct str default_large_staging_disk_type;
    LIST_OF(struct drs_replication_disk_configuration) disks;
    struct str ebs_encryption;
    struct str ebs_encryption_key_arn;
    int64_t bandwidth_throttling;
    struct str data_plane_routing;
    bool create_public_ip;
    struct tags staging_area_tags;
    LIST_OF(struct drs_pit_rule) pit_policy;
    bool auto_replicate_new_disks;
    struct str internet_protocol;
};

extern const struct field drs_replication_configuration_fields[];

MUST_CHECK enum fault drs_get_replication_configuration(struct aws_reader *reader,
                                                        struct aws_at *at,
                                                        struct str source_server_id,
                                                        struct drs_replication_configuration *out);

MUST_CHECK enum fault drs_list_tags_for_resource(struct aws_reader *reader, struct aws_at *at,
                                                 struct str resource_arn, struct tags *out);

#endif
