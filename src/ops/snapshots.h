#ifndef OPS_SNAPSHOTS_H
#define OPS_SNAPSHOTS_H

#include "aws/drs_read.h"
#include "base/ports.h"
#include "store/reader.h"

/*
 * What DRS says of all source servers of one account and region, described once and shared by who
 * asks in the next 30 seconds. Whoever asks while a describe is under way waits for that one
 * (single flight). A start of a recovery asks with `fresh` and is never told old news. Thread-safe.
 */
enum { SNAPSHOT_AGE_MAX_MS = 30 * 1000, SNAPSHOTS_MAX = 64 };

struct snapshots;

/* Never NULL. */
struct snapshots *snapshots_new(struct clock *clock);
void snapshots_free(struct snapshots *s); /* NULL is allowed; nobody may hold one any more */

/* Whose servers: the account (for the key) and how to get in. */
struct snapshot_place {
    struct str account_id;
    struct aws_target target;
};

struct server_snapshot {
    const struct drs_source_server *servers; /* sorted by id; shared: until the arena is reset */
    size_t len;
    int64_t age_ms; /* since the describe began */
};

/*
 * The answer is valid as long as at->arena is not reset. Only at->arena and at->deadline_ms are
 * read; at->error says why it failed, and the fault is aws_fault(&at->error).
 */
MUST_CHECK enum fault snapshots_servers(struct snapshots *s, struct aws_reader *aws,
                                        const struct snapshot_place *place, bool fresh,
                                        struct aws_at *at, struct server_snapshot *out);

/* The server of that id, or NULL. */
const struct drs_source_server *snapshot_find(const struct server_snapshot *s, struct str id);

/*
 * How to get into an account: the hub itself, or a target account that is registered. An absent
 * account is the hub. FAULT_NOT_FOUND: nobody registered it.
 */
MUST_CHECK enum fault snapshot_place_of(struct reader *reader, struct arena *a,
                                        struct str account_id, struct str region,
                                        struct str hub_account, struct snapshot_place *out);

/* For people: the hostname that DRS knows, else the fqdn, else the Name tag, else the id. */
struct str server_hostname(const struct drs_source_server *server);

/* "CONTINUOUS", ...; absent when DRS says nothing yet. */
struct str server_replication_state(const struct drs_source_server *server);

/* DRS has no such state: READY_FOR_LAUNCH when it replicates continuously, else NOT_READY. */
struct str server_lifecycle_state(const struct drs_source_server *server);

#endif
