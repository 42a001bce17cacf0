#include "model/account.h"

const char *const account_status_names[] = {"", "ACTIVE", "INACTIVE", NULL};

const struct field account_fields[] = {
    F_STR(struct account, id, "accountId", .flags = FIELD_REQUIRED, .max = 12,
          .check = &check_account_id, .help = "the account"),
    F_STR(struct account, name, "accountName", .max = NAME_CHARS_MAX * TEXT_BYTES_PER_CHAR,
          .help = "its name, for people"),
    F_STR(struct account, assume_role_name, "assumeRoleName", .aliases = "roleName", .max = 64,
          .help = "role to assume there"),
    F_STR(struct account, role_arn, "roleArn", .max = 2048, .help = "that role's ARN"),
    F_STR(struct account, external_id, "externalId", .max = 1224, .flags = FIELD_SECRET,
          .help = "external id that the role's trust policy asks for"),
    F_STRS(struct account, regions, "regions", .max = 64, .check = &check_region,
           .help = "regions with source servers"),
    F_ENUM(struct account, status, "status", account_status_names, .flags = FIELD_FOLD,
           .help = "whether it is used"),
    F_TIME(struct account, created_at, "createdAt", .epoch = "createdDate", .flags = FIELD_READONLY,
           .help = "when it was added"),
    F_TIME(struct account, updated_at, "updatedAt", .epoch = "lastModifiedDate",
           .flags = FIELD_READONLY, .help = "when it was changed last"),
    F_END,
};

struct str account_role_arn(struct arena *a, const struct account *account, struct str hub_account)
{
    if (str_present(account->role_arn))
        return account->role_arn;
    if (!str_present(account->assume_role_name) || str_eq(account->id, hub_account))
        return (struct str){0};
    return arena_strf(a, "arn:aws:iam::" STR_FMT ":role/" STR_FMT, STR_ARG(account->id),
                      STR_ARG(account->assume_role_name));
}
