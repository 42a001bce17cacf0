#include "rules/roles.h"

#include "base/attr.h"

enum {
    ADMIN = 1 << 0,
    MANAGER = 1 << 1,
    PLANNER = 1 << 2,
    OPERATOR = 1 << 3,
    READER = 1 << 4,
    AUDITOR = 1 << 5,
    EVERYBODY = ADMIN | MANAGER | PLANNER | OPERATOR | READER | AUDITOR,
};

/* In the order of the bits above. */
static const char *const role_names[] = {
    ROLE_ADMIN,    ROLE_RECOVERY_MANAGER, ROLE_PLAN_MANAGER,
    ROLE_OPERATOR, ROLE_READ_ONLY,        ROLE_AUDITOR,
};

static const struct permission {
    const char *name;
    unsigned granted_to;
} permissions[] = {
    {"register_accounts", ADMIN | MANAGER},
    {"delete_accounts", ADMIN},
    {"modify_accounts", ADMIN | MANAGER},
    {"view_accounts", EVERYBODY},
    {"start_recovery", ADMIN | MANAGER | PLANNER | OPERATOR},
    {"stop_recovery", ADMIN | MANAGER | PLANNER | OPERATOR},
    {"terminate_instances", ADMIN | MANAGER},
    {"view_executions", EVERYBODY},
    {"create_protection_groups", ADMIN | MANAGER | PLANNER},
    {"delete_protection_groups", ADMIN | MANAGER | PLANNER},
    {"modify_protection_groups", ADMIN | MANAGER | PLANNER | OPERATOR},
    {"view_protection_groups", EVERYBODY},
    {"create_recovery_plans", ADMIN | MANAGER | PLANNER},
    {"delete_recovery_plans", ADMIN | MANAGER | PLANNER},
    {"modify_recovery_plans", ADMIN | MANAGER | PLANNER | OPERATOR},
    {"view_recovery_plans", EVERYBODY},
    {"export_configuration", ADMIN | MANAGER},
    {"import_configuration", ADMIN | MANAGER},
    {"audit_read", AUDITOR}, /* not the administrator's: he is the one who is audited */
    /* A state machine of the owner's drives the workflow operations itself (S4). */
    {PERMISSION_WORKFLOW, ADMIN},
};

static unsigned role_bits(struct strs roles)
{
    unsigned bits = 0;

    for (size_t i = 0; i < ARRAY_LEN(role_names); i++)
        if (strs_have(roles, str_from_z(role_names[i])))
            bits |= 1U << i;
    return bits;
}

static const struct permission *find(struct str name)
{
    for (size_t i = 0; i < ARRAY_LEN(permissions); i++)
        if (str_eq_z(name, permissions[i].name))
            return &permissions[i];
    return NULL;
}

bool roles_permit(struct strs roles, struct str permission)
{
    const struct permission *p = find(permission);

    if (str_eq(permission, STR(PERMISSION_ANY_USER)))
        return true;
    return p && (role_bits(roles) & p->granted_to) != 0;
}

bool permission_known(struct str permission)
{
    return str_eq(permission, STR(PERMISSION_ANY_USER)) || find(permission);
}
