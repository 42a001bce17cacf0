#ifndef OPS_QUERY_DRS_H
#define OPS_QUERY_DRS_H

#include "ops/context.h"

/* What DRS says of source servers, in the product's words. */

struct source_server_hardware {
    int64_t total_cores;
    int64_t ram_gib;
    int64_t total_disk_gib;
    struct str recommended_instance_type;
};

struct source_server_view {
    struct str id;
    struct str hostname;
    struct str fqdn;
    struct str arn;
    struct str replication_state;
    struct str lifecycle_state;
    struct str lag_duration;
    struct str last_launch_result;
    struct str recovery_instance_id;
    struct str operating_system;
    struct strs ip_addresses;
    struct source_server_hardware *hardware;
    struct tags tags;
};
extern const struct field source_server_view_fields[];

struct source_servers_params {
    struct str region;
    struct str account_id;
    struct tags tags;
    int replication_state;
    int64_t limit;
    struct str next_token;
};
extern const struct field source_servers_params_fields[];

struct source_servers_reply {
    LIST_OF(struct source_server_view) servers;
    int64_t server_count;
    int64_t total_count;
    struct str region;
    struct str account_id;
    int64_t age_s;
    struct str next_token;
    struct strs warnings;
};
extern const struct field source_servers_reply_fields[];

MUST_CHECK enum fault get_drs_source_servers(struct query_ctx *c);

#endif
