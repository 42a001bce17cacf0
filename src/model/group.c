#include "model/group.h"

const char *const selection_mode_names[] = {"", "tags", "explicit", NULL};

const struct field group_server_fields[] = {
    F_STR(struct group_server, server_id, "serverId", .aliases = "sourceServerId sourceServerID",
          .flags = FIELD_REQUIRED | FIELD_ONE_NAME, .max = 128, .check = &check_server_id,
          .help = "DRS source server"),
    F_STR(struct group_server, hostname, "hostname", .flags = FIELD_READONLY, .max = 1024,
          .help = "host name when the group was saved"),
    F_BOOL(struct group_server, use_group_defaults, "useGroupDefaults",
           F_HAS(struct group_server, has_use_group_defaults),
           .help = "true removes the server's own launch configuration"),
    F_OBJECT(struct group_server, launch_config, "launchConfiguration", struct launch_config,
             launch_config_fields, .aliases = "launchConfig", .input_aliases = "launchTemplate",
             .flags = FIELD_NULL, .help = "what differs from the group's launch configuration"),
    F_OBJECT(struct group_server, effective_config, "effectiveConfiguration", struct launch_config,
             launch_config_fields, .aliases = "effectiveConfig",
             .flags = FIELD_READONLY | FIELD_UNSTORED,
             .help = "the server's launch configuration laid over the group's"),
    F_END,
};

/* What a caller may say; `need` is FIELD_REQUIRED where a group is created. */
#define GROUP_INPUT_ROWS(need)                                                                    \
    F_STR(struct group, name, "name", .aliases = "groupName", .flags = (need),                    \
          .max = NAME_CHARS_MAX * TEXT_BYTES_PER_CHAR, .check = &check_name,                      \
          .help = "unique name, whatever its case"),                                              \
        F_STR(struct group, description, "description", .flags = FIELD_NULL,                      \
              .max = DESCRIPTION_CHARS_MAX * TEXT_BYTES_PER_CHAR, .check = &check_description,    \
              .help = "what the group is for"),                                                   \
        F_STR(struct group, region, "region", .flags = (need), .max = 32, .check = &check_region, \
              .help = "AWS region of the source servers in DRS"),                                 \
        F_STR(struct group, account_id, "accountId", .max = 12, .check = &check_account_id,       \
              .help = "account of the source servers; the hub account when absent"),              \
        F_ENUM(struct group, selection_mode, "serverSelectionMode", selection_mode_names,         \
               .flags = FIELD_FOLD, .help = "by tags or explicit; inferred when absent"),         \
        F_TAGS(struct group, selection_tags, "serverSelectionTags", .flags = FIELD_NULL,          \
               .max = SELECTION_TAGS_MAX, .help = "servers that carry all of these tags"),        \
        F_STRS(struct group, server_ids, "sourceServerIds", .max = GROUP_INPUT_MAX,               \
               .check = &check_server_id, .help = "the servers, one by one"),                     \
        F_OBJECT(struct group, launch_config, "launchConfiguration", struct launch_config,        \
                 launch_config_fields, .aliases = "launchConfig",                                 \
                 .input_aliases = "launchTemplate", .flags = FIELD_NULL,                          \
                 .help = "launch configuration of all servers of the group"),                     \
        F_LIST(struct group, servers, "servers", struct group_server, group_server_fields,        \
               .max = GROUP_INPUT_MAX, .help = "launch configuration of single servers")

/* What answers alone carry: accepted on input and ignored. */
#define GROUP_ANSWER_ROWS                                                                    \
    F_STR(struct group, account_name, "accountName", .flags = FIELD_READONLY | FIELD_NULL,   \
          .help = "name of the target account"),                                             \
        F_INT(struct group, server_count, "serverCount", .flags = FIELD_READONLY,            \
              .help = "servers in the group"),                                               \
        F_TIME(struct group, created_at, "createdAt", .epoch = "createdDate",                \
               .flags = FIELD_READONLY, .help = "when it was created"),                      \
        F_TIME(struct group, updated_at, "updatedAt", .epoch = "lastModifiedDate",           \
               .flags = FIELD_READONLY, .help = "when it was changed last"),                 \
        F_STR(struct group, message, "message", .flags = FIELD_READONLY | FIELD_UNSTORED,    \
              .help = "what was done, in words"),                                            \
        F_STRS(struct group, warnings, "warnings", .flags = FIELD_READONLY | FIELD_UNSTORED, \
               .help = "what deserves attention")

#define GROUP_ID_ROW(flags_)                                                     \
    F_STR(struct group, id, "groupId", .flags = (flags_), .max = IDENTIFIER_MAX, \
          .check = &check_identifier, .help = "id of the protection group")

const struct field group_fields[] = {
    GROUP_ID_ROW(FIELD_READONLY),
    GROUP_INPUT_ROWS(0),
    GROUP_ANSWER_ROWS,
    F_INT(struct group, version, "version", .flags = FIELD_READONLY, .min = 0,
          .help = "rises with every change; an update names the one it read"),
    F_STR(struct group, name_fold, "nameFold", .flags = FIELD_INTERNAL, .max = 1024,
          .help = "the name, folded: what is unique"),
    F_INT(struct group, use_count, "useCount", .flags = FIELD_INTERNAL,
          .help = "recovery plans that name the group"),
    F_END,
};

const struct field group_create_fields[] = {
    GROUP_ID_ROW(FIELD_READONLY),
    GROUP_INPUT_ROWS(FIELD_REQUIRED),
    GROUP_ANSWER_ROWS,
    F_INT(struct group, version, "version", .flags = FIELD_READONLY, .help = "ignored"),
    F_END,
};

const struct field group_update_fields[] = {
    GROUP_ID_ROW(FIELD_REQUIRED),
    GROUP_INPUT_ROWS(0),
    GROUP_ANSWER_ROWS,
    F_INT(struct group, version, "version", F_HAS(struct group, has_version), .min = 0,
          .help = "the version that was read; refused when it is not the current one"),
    F_END,
};
