#include "tests/unit/unit.h"

#include "rules/roles.h"

/* The documented matrix, row by row: who may, by the letters of `columns`. */
static const struct {
    char letter;
    const char *role;
} columns[] = {
    {'A', ROLE_ADMIN},    {'M', ROLE_RECOVERY_MANAGER}, {'P', ROLE_PLAN_MANAGER},
    {'O', ROLE_OPERATOR}, {'R', ROLE_READ_ONLY},        {'U', ROLE_AUDITOR},
};

static const struct {
    const char *permission;
    const char *granted;
} matrix[] = {
    {"register_accounts", "AM"},
    {"delete_accounts", "A"},
    {"modify_accounts", "AM"},
    {"view_accounts", "AMPORU"},
    {"start_recovery", "AMPO"},
    {"stop_recovery", "AMPO"},
    {"terminate_instances", "AM"},
    {"view_executions", "AMPORU"},
    {"create_protection_groups", "AMP"},
    {"delete_protection_groups", "AMP"},
    {"modify_protection_groups", "AMPO"},
    {"view_protection_groups", "AMPORU"},
    {"create_recovery_plans", "AMP"},
    {"delete_recovery_plans", "AMP"},
    {"modify_recovery_plans", "AMPO"},
    {"view_recovery_plans", "AMPORU"},
    {"export_configuration", "AM"},
    {"import_configuration", "AM"},
    {"audit_read", "U"},
    {PERMISSION_WORKFLOW, "A"},
    {PERMISSION_ANY_USER, "AMPORU"},
    {"no_such_permission", ""},
    {"", ""},
};

static bool may(const char *role, const char *permission)
{
    struct str name = str_from_z(role);

    return roles_permit((struct strs){&name, 1}, str_from_z(permission));
}

static void each_role_may_what_the_matrix_grants(void **state)
{
    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(matrix); i++)
        for (size_t k = 0; k < ARRAY_LEN(columns); k++) {
            print_message("# %s: %s\n", columns[k].role, matrix[i].permission);
            assert_int_equal(may(columns[k].role, matrix[i].permission),
                             strchr(matrix[i].granted, columns[k].letter) != NULL);
        }
}

static void two_roles_may_what_either_may(void **state)
{
    struct strs roles = {(struct str[]){STR(ROLE_READ_ONLY), STR(ROLE_AUDITOR)}, 2};

    (void)state;
    assert_true(roles_permit(roles, STR("audit_read")));
    assert_true(roles_permit(roles, STR("view_accounts")));
    assert_false(roles_permit(roles, STR("start_recovery")));
}

static void who_has_no_role_may_what_any_user_may(void **state)
{
    struct strs none = {0};

    (void)state;
    assert_true(roles_permit(none, STR(PERMISSION_ANY_USER)));
    assert_false(roles_permit(none, STR("view_accounts")));
    assert_false(may("drsorchestrationadmin", "view_accounts"));
}

static void permissions_of_the_matrix_are_known(void **state)
{
    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(matrix); i++)
        assert_int_equal(permission_known(str_from_z(matrix[i].permission)),
                         matrix[i].granted[0] != 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(each_role_may_what_the_matrix_grants),
        cmocka_unit_test(two_roles_may_what_either_may),
        cmocka_unit_test(who_has_no_role_may_what_any_user_may),
        cmocka_unit_test(permissions_of_the_matrix_are_known),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
