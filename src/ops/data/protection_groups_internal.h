#ifndef OPS_DATA_PROTECTION_GROUPS_INTERNAL_H
#define OPS_DATA_PROTECTION_GROUPS_INTERNAL_H

#include "ops/data/protection_groups.h"
#include "ops/snapshots.h"

/* Inside the subject only: what reading and changing groups share. */

/* The group, or FAULT_NOT_FOUND with its words. */
MUST_CHECK enum fault group_find(struct call_ctx *call, struct reader *reader, struct str id,
                                 struct group *out);

/* A copy with every server's effective configuration, for an answer. */
void group_for_answer(struct arena *a, const struct group *stored, struct group *out);

/* Where a group's servers are, and as whom they are asked for. */
struct group_place {
    struct snapshot_place at;
    struct str account_name; /* absent where nobody has named the account */
    struct server_snapshot known;
};

/*
 * The account is the hub's when absent. FAULT_INVALID_PARAMETER for one that nobody has added,
 * FAULT_AWS_TRANSIENT while the hub's own id is not known yet. Does not ask DRS.
 */
MUST_CHECK enum fault group_place_find(struct call_ctx *call, struct reader *reader,
                                       struct str account_id, struct str region,
                                       struct group_place *out);

/* All source servers there, at most 30 s old, into place->known. */
MUST_CHECK enum fault group_place_ask(struct call_ctx *call, struct snapshots *snapshots,
                                      struct aws_reader *aws, struct group_place *place);

/*
 * Which servers the group means, into group->server_ids. In stages: their number, conflicts with
 * other groups, servers that DRS does not have, replication.
 */
MUST_CHECK enum fault group_resolve_servers(struct ctx *c, const struct group_place *place,
                                            struct group *group);

/*
 * One row of group->servers for each of group->server_ids, with the overrides that group->servers
 * said so far. Refuses overrides of other servers, and addresses that would be given twice. `place`
 * NULL: DRS was not asked, host names are those of `before` (NULL for a new group).
 */
MUST_CHECK enum fault group_settle_rows(struct ctx *c, const struct group_place *place,
                                        const struct group *before, struct group *group);

#endif
