#include "ops/data/protection_groups.h"

const struct field group_id_params_fields[] = {
    F_STR(struct group_id_params, group_id, "groupId", .flags = FIELD_REQUIRED,
          .max = IDENTIFIER_MAX, .check = &check_identifier, .help = "id of the protection group"),
    F_END,
};

const struct field group_delete_reply_fields[] = {
    F_STR(struct group_delete_reply, message, "message", .help = "what was done, in words"),
    F_STR(struct group_delete_reply, group_id, "groupId", .help = "the group that is gone"),
    F_END,
};

const struct field group_list_params_fields[] = {
    F_INT(struct group_list_params, limit, "limit", F_HAS(struct group_list_params, has_limit),
          .min = 1, .max = LIST_LIMIT_MAX, .help = "groups in one answer, 50 when absent"),
    F_STR(struct group_list_params, next_token, "nextToken", .max = 2048,
          .help = "of the answer before"),
    F_STR(struct group_list_params, region, "region", .max = 32, .check = &check_region,
          .help = "groups of this region only"),
    F_STR(struct group_list_params, account_id, "accountId", .max = 12, .check = &check_account_id,
          .help = "groups of this account only"),
    F_END,
};

const struct field group_list_reply_fields[] = {
    F_LIST(struct group_list_reply, groups, "protectionGroups", struct group, group_fields,
           .aliases = "groups", .help = "by name; without their servers' configurations"),
    F_INT(struct group_list_reply, count, "count", .help = "groups in this answer"),
    F_STR(struct group_list_reply, next_token, "nextToken", .flags = FIELD_NULL,
          .help = "for the next answer; null on the last"),
    F_STRS(struct group_list_reply, warnings, "warnings", .help = "what deserves attention"),
    F_END,
};

const struct field group_resolve_params_fields[] = {
    F_STR(struct group_resolve_params, region, "region", .flags = FIELD_REQUIRED, .max = 32,
          .check = &check_region, .help = "AWS region of the source servers in DRS"),
    F_STR(struct group_resolve_params, account_id, "accountId", .max = 12,
          .check = &check_account_id,
          .help = "account of the source servers; the hub account when absent"),
    F_TAGS(struct group_resolve_params, tags, "serverSelectionTags", .flags = FIELD_REQUIRED,
           .min = 1, .max = SELECTION_TAGS_MAX, .help = "servers that carry all of these tags"),
    F_INT(struct group_resolve_params, limit, "limit",
          F_HAS(struct group_resolve_params, has_limit), .min = 1, .max = GROUP_INPUT_MAX,
          .help = "servers in a page; absent: all of them"),
    F_STR(struct group_resolve_params, next_token, "nextToken", .help = "of the page before"),
    F_END,
};

static const struct field resolved_match_fields[] = {
    F_STR(struct resolved_match, server_id, "serverId", .aliases = "sourceServerId sourceServerID",
          .help = "DRS source server"),
    F_STR(struct resolved_match, hostname, "hostname", .help = "its host name"),
    F_TAGS(struct resolved_match, tags, "tags", .help = "its tags in DRS"),
    F_STR(struct resolved_match, replication_state, "replicationState", .flags = FIELD_NULL,
          .help = "what DRS says of its replication"),
    F_END,
};

const struct field group_resolve_reply_fields[] = {
    F_LIST(struct group_resolve_reply, servers, "servers", struct resolved_match,
           resolved_match_fields, .aliases = "matchedServers resolvedServers",
           .help = "servers that carry all of the tags"),
    F_INT(struct group_resolve_reply, count, "count", .aliases = "serverCount",
          .help = "servers in this answer"),
    F_INT(struct group_resolve_reply, total_count, "totalCount", .help = "servers that match"),
    F_STR(struct group_resolve_reply, region, "region", .help = "where they were looked for"),
    F_STR(struct group_resolve_reply, account_id, "accountId", .help = "in which account"),
    F_STR(struct group_resolve_reply, next_token, "nextToken", .flags = FIELD_NULL,
          .help = "for the next page; null on the last"),
    F_STRS(struct group_resolve_reply, warnings, "warnings", .help = "what was not as asked"),
    F_END,
};
