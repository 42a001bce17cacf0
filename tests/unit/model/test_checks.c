#include "tests/unit/unit.h"

#include "model/account.h"
#include "model/common.h"

/* `times` copies of the text, and what follows. */
struct check_case {
    const struct field_check *check;
    const char *text;
    bool ok;
    size_t times;
    const char *tail;
};

static const struct check_case cases[] = {
    {&check_name, "web tier \xc3\xa4\xe6\xbc\xa2", true},
    {&check_name, "", false},
    {&check_name, " web", false},
    {&check_name, "web ", false},
    {&check_name, "we\tb", false},
    {&check_name, "we\x7f", false},
    {&check_name, "\xc3\xa4", true, 64}, /* characters, not bytes */
    {&check_name, "\xc3\xa4", false, 65},
    {&check_wave_name, "x", true, 128},
    {&check_wave_name, "x", false, 129},
    {&check_description, "", true},
    {&check_description, "\xe6\xbc\xa2", true, 1000},
    {&check_description, "\xe6\xbc\xa2", false, 1001},

    {&check_identifier, "pg-1_!~", true},
    {&check_identifier, "", false},
    {&check_identifier, "a b", false},
    {&check_identifier, "a#b", false},
    {&check_identifier, "a\x7f", false},
    {&check_identifier, "\xc3\xa4", false},
    {&check_identifier, "x", true, 128},
    {&check_identifier, "x", false, 129},

    {&check_account_id, "123456789012", true},
    {&check_account_id, "12345678901", false},
    {&check_account_id, "1234567890123", false},
    {&check_account_id, "12345678901x", false},
    {&check_account_id, "12345678901:", false},

    {&check_region, "us-east-1", true},
    {&check_region, "us-gov-west-1", true},
    {&check_region, "ap-southeast-10", true},
    {&check_region, "us-east", false},
    {&check_region, "us-1", false},
    {&check_region, "use-east-1", false},
    {&check_region, "us--1", false},
    {&check_region, "us-east-1-", false},
    {&check_region, "us-east1-1", false},
    {&check_region, "us-east-1a", false},
    {&check_region, "US-east-1", false},
    {&check_region, "", false},
    {&check_region, "us-", false, 1, "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaa-1"},

    {&check_server_id, "s-1234567890abcdef0", true},
    {&check_server_id, "s-", false},
    {&check_server_id, "i-1", false},
    {&check_server_id, "s-a_b", false},
    {&check_server_id, "s-", true, 1,
     "xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx"},
    {&check_server_id, "s-", false, 1,
     "xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx"},
    {&check_subnet_id, "subnet-1", true},
    {&check_subnet_id, "sg-1", false},
    {&check_security_group_id, "sg-A", true},
    {&check_security_group_id, "sg:A", false},
    {&check_launch_template_id, "lt-0", true},
    {&check_launch_template_id, "lt0", false},

    {&check_instance_type, "m5.large", true},
    {&check_instance_type, "u-6tb1.metal", true},
    {&check_instance_type, "r6i.metal-48xl", true},
    {&check_instance_type, "m5", false},
    {&check_instance_type, "m5large", false},
    {&check_instance_type, "m5.", false},
    {&check_instance_type, "5m.large", false},
    {&check_instance_type, "m5.large.x", false},
    {&check_instance_type, "m5.Large", false},
    {&check_instance_type, "m5.l a", false},
    {&check_instance_type, "x", false, 60, ".large"},

    {&check_instance_profile_name, "Web_+=,.@-1", true},
    {&check_instance_profile_name, "", false},
    {&check_instance_profile_name, "a/b", false},
    {&check_instance_profile_name, "x", true, 128},
    {&check_instance_profile_name, "x", false, 129},
    {&check_instance_profile_arn, "arn:aws:iam::123456789012:instance-profile/a/b/Web", true},
    {&check_instance_profile_arn, "arn:aws-us-gov:iam::123456789012:instance-profile/Web", true},
    {&check_instance_profile_arn, "Web", true},
    {&check_instance_profile_arn, "a/Web", false},
    {&check_instance_profile_arn, "arn:aws:sts::123456789012:instance-profile/Web", false},
    {&check_instance_profile_arn, "arn:aws:iam::12345678901:instance-profile/Web", false},
    {&check_instance_profile_arn, "arn:aws:iam::123456789012:role/Web", false},
    {&check_instance_profile_arn, "arn:aws:iam::123456789012:instance-profile/", false},
    {&check_instance_profile_arn, "arn:aws:iam::123456789012", false},
    {&check_instance_profile_arn, "arn:", false},

    {&check_ipv4, "10.0.1.255", true},
    {&check_ipv4, "0.0.0.0", true},
    {&check_ipv4, "10.0.1.256", false},
    {&check_ipv4, "10.0.1", false},
    {&check_ipv4, "10.0.1.1.1", false},
    {&check_ipv4, "10.0.1.", false},
    {&check_ipv4, "10.0..1", false},
    {&check_ipv4, "10.0.1.01", false},
    {&check_ipv4, "10.0.1.-0", false},
    {&check_ipv4, "10.0.1.-1", false},
    {&check_ipv4, "10.0.1.+1", false},
    {&check_ipv4, "10.0.1.1000", false},
    {&check_ipv4, "10.0.1.a", false},
    {&check_ipv4, "", false},
};

static void what_is_well_formed_is_taken_and_nothing_else(void **state)
{
    struct arena *a = arena_new(0);

    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        const struct check_case *c = &cases[i];
        struct str text = STR("");

        for (size_t n = 0; n < (c->times ? c->times : 1); n++)
            text = arena_strf(a, STR_FMT "%s", STR_ARG(text), c->text);
        text = arena_strf(a, STR_FMT "%s", STR_ARG(text), c->tail ? c->tail : "");
        print_message("# %s %.40s\n", c->check->what, text.ptr);
        assert_int_equal(c->check->ok(text), c->ok);
    }
    arena_free(a);
}

/* Whoever may go wrong here calls AWS in somebody else's account. */
static void an_account_is_entered_by_its_role(void **state)
{
    static const struct {
        struct account account;
        const char *role; /* NULL: none */
    } rows[] = {
        {{.id = STR_INIT("222222222222"), .role_arn = STR_INIT("arn:given")}, "arn:given"},
        {{.id = STR_INIT("222222222222"),
          .assume_role_name = STR_INIT("R"),
          .role_arn = STR_INIT("arn:given")},
         "arn:given"},
        {{.id = STR_INIT("222222222222"), .assume_role_name = STR_INIT("R")},
         "arn:aws:iam::222222222222:role/R"},
        {{.id = STR_INIT("111111111111"), .assume_role_name = STR_INIT("R")}, NULL},
        {{.id = STR_INIT("222222222222")}, NULL},
    };
    struct arena *a = arena_new(0);

    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        struct str role = account_role_arn(a, &rows[i].account, STR("111111111111"));

        assert_int_equal(str_present(role), rows[i].role != NULL);
        if (rows[i].role)
            assert_str(role, rows[i].role);
    }
    arena_free(a);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_is_well_formed_is_taken_and_nothing_else),
        cmocka_unit_test(an_account_is_entered_by_its_role),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
