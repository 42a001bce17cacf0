#ifndef MODEL_ACCOUNT_H
#define MODEL_ACCOUNT_H

#include "model/common.h"

/*
 * A target account: where source servers live that this hub recovers, and how to get in. Kept in
 * COLLECTION_ACCOUNTS: account_fields, key accountId; attributes accountName, status; index by-name
 * (whole collection, accountName).
 */
enum account_status { ACCOUNT_ACTIVE = 1, ACCOUNT_INACTIVE };
extern const char *const account_status_names[];

struct account {
    struct str id;
    struct str name;
    struct str assume_role_name;
    struct str role_arn; /* absent: assume_role_name in that account; neither: the hub itself */
    struct str external_id;
    struct strs regions;
    int status;
    int64_t created_at;
    int64_t updated_at;
};
extern const struct field account_fields[];

/* The role to assume, or absent where the base credentials are of that account themselves. */
struct str account_role_arn(struct arena *a, const struct account *account, struct str hub_account);

#endif
