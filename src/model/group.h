#ifndef MODEL_GROUP_H
#define MODEL_GROUP_H

#include "model/launch_config.h"

/*
 * A protection group: servers of one account and region that recover together. Which they are is
 * said by tags or by their ids; what the tags matched when the group was saved is kept and shown.
 *
 * COLLECTION_GROUPS: group_fields, key groupId; attributes nameFold, region, accountId, version,
 * useCount; index by-name (whole collection, nameFold). Claims: group-name#<fold>,
 * server#<account>#<region>#<id>, group-used#<group>#<plan>; an execution holds running-group#<id>.
 */
enum selection_mode { SELECTION_UNSAID, SELECTION_TAGS, SELECTION_EXPLICIT };
extern const char *const selection_mode_names[];

enum {
    GROUP_SERVERS_MAX = 500, /* DRS: servers in all jobs; a larger group could never recover */
    GROUP_INPUT_MAX = 4000,  /* DRS: source servers of an account and region */
};

/* One server of a group. Stored for each of them, with its host name as it was at the save. */
struct group_server {
    struct str server_id;
    struct str hostname;
    bool use_group_defaults;
    bool has_use_group_defaults;
    struct launch_config *launch_config;    /* its override; NULL: none */
    struct launch_config *effective_config; /* answers only: laid over the group's */
};
extern const struct field group_server_fields[];
typedef LIST_OF(struct group_server) group_server_list;

struct group {
    struct str id;
    struct str name;
    struct str description;
    struct str region;
    struct str account_id;
    struct str account_name;
    int selection_mode;
    struct tags selection_tags;
    struct strs server_ids; /* given, or what the tags matched at the save */
    int64_t server_count;
    struct launch_config *launch_config;
    group_server_list servers;
    int64_t created_at;
    int64_t updated_at;
    int64_t version;
    bool has_version; /* of input */
    /* Attributes that conditions and indexes name; see store/collection.h. */
    struct str name_fold;
    int64_t use_count; /* recovery plans that name this group */
    /* Answers only. */
    struct str message;
    struct strs warnings;
};

/* The entity: stored and answered. */
extern const struct field group_fields[];

/* The parameters of create and update, over the same struct: what answers alone carry is ignored.
 */
extern const struct field group_create_fields[];
extern const struct field group_update_fields[];

#endif
