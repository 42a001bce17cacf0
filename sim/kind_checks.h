#ifndef SIM_KIND_CHECKS_H
#define SIM_KIND_CHECKS_H

#include "sim/world.h"

/* What a text of a scenario must be, for the field tables of kinds.c. */
extern const struct field_check sim_check_account, sim_check_region, sim_check_cell,
    sim_check_opt_in, sim_check_replication, sim_check_staging, sim_check_disposition,
    sim_check_right_sizing, sim_check_recovery_mode, sim_check_result, sim_check_instance,
    sim_check_direction, sim_check_timestamps, sim_check_signature, sim_check_unknown_server,
    sim_check_not_launchable, sim_check_cidr, sim_check_job_type, sim_check_job_status,
    sim_check_ip, sim_check_replication_error;

bool kind_whole(struct sim *s, enum kind kind, const void *thing, struct str *why);

/*
 * Whether a thing that a person wrote can be: its id, its secret, and that what it names is there.
 * Saved state is not asked: it may name what has been deleted since.
 */
bool kind_possible(struct sim *s, enum kind kind, const void *thing, struct str *why);

#endif
