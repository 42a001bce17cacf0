#ifndef OPS_DATA_PROTECTION_GROUPS_H
#define OPS_DATA_PROTECTION_GROUPS_H

#include "model/group.h"
#include "ops/context.h"

/*
 * Protection groups. Create and update take a struct group as parameters (group_create_fields,
 * group_update_fields) and answer one (group_fields), as does get.
 */
enum { LIST_LIMIT_DEFAULT = 50, LIST_LIMIT_MAX = 1000 };

struct group_id_params {
    struct str group_id;
};
extern const struct field group_id_params_fields[];

struct group_delete_reply {
    struct str group_id;
    struct str message;
};
extern const struct field group_delete_reply_fields[];

struct group_list_params {
    int64_t limit;
    bool has_limit;
    struct str next_token;
    struct str region;
    struct str account_id;
};
extern const struct field group_list_params_fields[];

struct group_list_reply {
    LIST_OF(struct group) groups;
    int64_t count;
    struct str next_token;
    struct strs warnings;
};
extern const struct field group_list_reply_fields[];

struct group_resolve_params {
    struct str region;
    struct str account_id;
    struct tags tags;
    int64_t limit;
    bool has_limit;
    struct str next_token;
};
extern const struct field group_resolve_params_fields[];

struct resolved_match {
    struct str server_id;
    struct str hostname;
    struct tags tags;
    struct str replication_state;
};
struct group_resolve_reply {
    LIST_OF(struct resolved_match) servers;
    int64_t count;
    int64_t total_count;
    struct str region;
    struct str account_id;
    struct str next_token;
    struct strs warnings;
};
extern const struct field group_resolve_reply_fields[];

/* What lists show of a group: a copy of its own, small however many servers have words of their
 * own. */
void group_without_servers(struct arena *a, const struct group *stored, struct group *out);

MUST_CHECK enum fault protection_group_create(struct ctx *c);
MUST_CHECK enum fault protection_group_update(struct ctx *c);
MUST_CHECK enum fault protection_group_delete(struct ctx *c);
MUST_CHECK enum fault protection_group_get(struct query_ctx *c);
MUST_CHECK enum fault protection_group_list(struct query_ctx *c);
MUST_CHECK enum fault protection_group_resolve_tags(struct query_ctx *c);

#endif
