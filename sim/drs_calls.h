#ifndef SIM_DRS_CALLS_H
#define SIM_DRS_CALLS_H

#include "sim/ctx.h"

/* One function for each operation of DRS; the rows are in drs_ops.c. */
void sim_drs_describe_source_servers(struct ctx *c);
void sim_drs_start_recovery(struct ctx *c);
void sim_drs_describe_jobs(struct ctx *c);
void sim_drs_describe_job_log_items(struct ctx *c);
void sim_drs_delete_job(struct ctx *c);
void sim_drs_describe_recovery_instances(struct ctx *c);
void sim_drs_terminate_recovery_instances(struct ctx *c);
void sim_drs_disconnect_recovery_instance(struct ctx *c);
void sim_drs_delete_recovery_instance(struct ctx *c);
void sim_drs_describe_recovery_snapshots(struct ctx *c);
void sim_drs_get_launch_configuration(struct ctx *c);
void sim_drs_update_launch_configuration(struct ctx *c);
void sim_drs_get_replication_configuration(struct ctx *c);
void sim_drs_update_replication_configuration(struct ctx *c);
void sim_drs_list_tags(struct ctx *c);
void sim_drs_tag(struct ctx *c);
void sim_drs_untag(struct ctx *c);
void sim_drs_initialize_service(struct ctx *c);
void sim_drs_disconnect_source_server(struct ctx *c);
void sim_drs_delete_source_server(struct ctx *c);
void sim_drs_retry_data_replication(struct ctx *c);
void sim_drs_start_replication(struct ctx *c);
void sim_drs_stop_replication(struct ctx *c);
void sim_drs_describe_replication_templates(struct ctx *c);
void sim_drs_create_replication_template(struct ctx *c);
void sim_drs_update_replication_template(struct ctx *c);
void sim_drs_delete_replication_template(struct ctx *c);
void sim_drs_describe_launch_templates(struct ctx *c);
void sim_drs_create_launch_template(struct ctx *c);
void sim_drs_update_launch_template(struct ctx *c);
void sim_drs_delete_launch_template(struct ctx *c);

#endif
