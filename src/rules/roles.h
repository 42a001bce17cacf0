#ifndef RULES_ROLES_H
#define RULES_ROLES_H

#include "base/str.h"

/*
 * Who may do what: roles to permissions, denied unless granted. The rows are the product's six
 * roles; a caller's permissions are the union over his.
 */
#define ROLE_ADMIN            "DRSOrchestrationAdmin"
#define ROLE_RECOVERY_MANAGER "DRSRecoveryManager"
#define ROLE_PLAN_MANAGER     "DRSPlanManager"
#define ROLE_OPERATOR         "DRSOperator"
#define ROLE_READ_ONLY        "DRSReadOnly"
#define ROLE_AUDITOR          "DRSAuditor"

/* What an operation's row may name beside the permissions of the table. */
#define PERMISSION_ANY_USER "any_user"     /* whoever is authenticated, without a role too */
#define PERMISSION_WORKFLOW "run_workflow" /* Step Functions' and the scheduler's own calls */

/* Whether one of the roles grants it. An unknown role grants nothing. */
bool roles_permit(struct strs roles, struct str permission);

/* Whether a row may name it. */
bool permission_known(struct str permission);

#endif
