#ifndef RULES_LAUNCH_MERGE_H
#define RULES_LAUNCH_MERGE_H

#include "model/group.h"

/*
 * Levels of launch configuration laid over each other, field by field: a server's over its group's
 * over what DRS has (contract §6). A level that does not speak of a field lets the one below
 * through. Neither argument is changed; either may be NULL (says nothing).
 */
struct launch_config *launch_config_merge(struct arena *a, const struct launch_config *base,
                                          const struct launch_config *over);

/*
 * The instance profile in both notations: a name found under the ARN's spelling or an ARN under the
 * name's is put right, and an ARN gives the name. `stored` (may be NULL): what an update changes;
 * of two notations that differ the one that is stored already yields. FAULT_INVALID_PARAMETER under
 * `path` when they differ otherwise.
 */
MUST_CHECK enum fault launch_config_normalise(struct launch_config *config,
                                              const struct launch_config *stored, struct str path,
                                              struct faults *faults);

/*
 * A fixed address is one server's: refused for a group of several, and for two servers of a group
 * that would share it in one subnet. All are reported.
 */
MUST_CHECK enum fault launch_config_addresses_check(const struct group *group,
                                                    struct faults *faults);

/* A server's override counts when it is there and useGroupDefaults does not take it back. */
bool group_server_overrides(const struct group_server *server);

#endif
