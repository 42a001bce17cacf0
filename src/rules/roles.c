#include "rules/roles.h"

enum {
    ADMIN = 1 << 0,
    MANAGER = 1 << 1,
    PLANNER = 1 << 2,
    OPERATOR = 1 << 3,
    READER = 1 << 4,
    AUDITOR = 1 << 5,
    EVERYBODY = ADMIN | MANAGER | PLANNER | OPERATOR | READER | AUDITOR,
};

static const char *const role_names[] = {
    ROLE_ADMIN,    ROLE_RECOVERY_MANAGER, ROLE_PLAN_MANAGER,
    ROLE_OPERATOR, ROLE_READ_ONLY,        ROLE_AUDITOR,
    NULL,
};

static const char *const permission_names[] = {
    "register_accounts",
    "delete_accounts",
    "modify_accounts",
    "view_accounts",
    "start_recovery",
    "stop_recovery",
    "terminate_instances",
    "view_executions",
    "create_protection_groups",
    "delete_protection_groups",
    "modify_protection_groups",
    "view_protection_groups",
    "create_recovery_plans",
    "delete_recovery_plans",
    "modify_recovery_plans",
    "view_recovery_plans",
    "export_configuration",
    "import_configuration",
    "audit_read",
    PERMISSION_WORKFLOW,
    NULL,
};

/* One entry for each of permission_names, in the same order. */
static const unsigned granted_to[] = {
    ADMIN | MANAGER,
    ADMIN,
    ADMIN | MANAGER,
    EVERYBODY,
    ADMIN | MANAGER | PLANNER | OPERATOR,
    ADMIN | MANAGER | PLANNER | OPERATOR,
    ADMIN | MANAGER,
    EVERYBODY,
    ADMIN | MANAGER | PLANNER,
    ADMIN | MANAGER | PLANNER,
    ADMIN | MANAGER | PLANNER | OPERATOR,
    EVERYBODY,
    ADMIN | MANAGER | PLANNER,
    ADMIN | MANAGER | PLANNER,
    ADMIN | MANAGER | PLANNER | OPERATOR,
    EVERYBODY,
    ADMIN | MANAGER,
    ADMIN | MANAGER,
    AUDITOR, /* not the administrator's: he is the one who is audited */
    ADMIN,   /* a state machine of the owner's drives the workflow operations itself (S4) */
};

_Static_assert(sizeof(granted_to) / sizeof(granted_to[0]) + 1 ==
                   sizeof(permission_names) / sizeof(permission_names[0]),
               "every permission is granted to somebody");

/* Groups of an identity provider, exact and case-sensitive. */
static const struct {
    const char *group;
    const char *role;
} group_roles[] = {
    {ROLE_ADMIN, ROLE_ADMIN},
    {"aws:admin", ROLE_ADMIN},
    {"DRS-Administrator", ROLE_ADMIN},
    {ROLE_RECOVERY_MANAGER, ROLE_RECOVERY_MANAGER},
    {"aws:admin-limited", ROLE_RECOVERY_MANAGER},
    {"DRS-Infrastructure-Admin", ROLE_RECOVERY_MANAGER},
    {ROLE_PLAN_MANAGER, ROLE_PLAN_MANAGER},
    {"aws:power-user", ROLE_PLAN_MANAGER},
    {"DRS-Recovery-Plan-Manager", ROLE_PLAN_MANAGER},
    {ROLE_OPERATOR, ROLE_OPERATOR},
    {"aws:operator", ROLE_OPERATOR},
    {"DRS-Operator", ROLE_OPERATOR},
    {ROLE_READ_ONLY, ROLE_READ_ONLY},
    {"aws:read-only", ROLE_READ_ONLY},
    {"DRS-Read-Only", ROLE_READ_ONLY},
    {ROLE_AUDITOR, ROLE_AUDITOR},
    {"DRS-Auditor", ROLE_AUDITOR},
};

static unsigned role_bits(struct strs roles)
{
    unsigned bits = 0;

    for (size_t i = 0; role_names[i]; i++)
        if (strs_have(roles, str_from_z(role_names[i])))
            bits |= 1U << i;
    return bits;
}

static bool permission_index(struct str permission, size_t *out)
{
    for (size_t i = 0; permission_names[i]; i++) {
        if (str_eq_z(permission, permission_names[i])) {
            *out = i;
            return true;
        }
    }
    return false;
}

bool roles_permit(struct strs roles, struct str permission)
{
    size_t i;

    if (str_eq(permission, STR(PERMISSION_ANY_USER)))
        return true;
    return permission_index(permission, &i) && (role_bits(roles) & granted_to[i]) != 0;
}

bool permission_known(struct str permission)
{
    size_t i;

    return str_eq(permission, STR(PERMISSION_ANY_USER)) || permission_index(permission, &i);
}

struct str role_of_group(struct str group)
{
    for (size_t i = 0; i < sizeof(group_roles) / sizeof(group_roles[0]); i++)
        if (str_eq_z(group, group_roles[i].group))
            return str_from_z(group_roles[i].role);
    return (struct str){0};
}

const char *const *permissions_all(void)
{
    return permission_names;
}

const char *const *roles_all(void)
{
    return role_names;
}
