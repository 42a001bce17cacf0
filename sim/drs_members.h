#ifndef SIM_DRS_MEMBERS_H
#define SIM_DRS_MEMBERS_H

#include "sim/member.h"

extern const struct member drs_describe_servers_in[], drs_start_recovery_in[],
    drs_describe_jobs_in[], drs_job_id_in[], drs_job_log_in[], drs_describe_recovery_in[],
    drs_terminate_in[], drs_recovery_id_in[], drs_snapshots_in[], drs_server_id_in[],
    drs_update_launch_in[], drs_update_replication_in[], drs_tag_in[], drs_untag_in[],
    drs_none_in[], drs_replication_templates_in[], drs_create_replication_template_in[],
    drs_update_replication_template_in[], drs_delete_replication_template_in[],
    drs_launch_templates_in[], drs_create_launch_template_in[], drs_update_launch_template_in[],
    drs_delete_launch_template_in[];

#endif
