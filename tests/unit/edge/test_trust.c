/* Whom TLS to AWS trusts: the file that is configured, else the profile's, else the system's. */
#include <unistd.h>

#include "tests/unit/unit.h"

#include "edge/trust.h"

#define PEM "-----BEGIN CERTIFICATE-----\nMA==\n-----END CERTIFICATE-----\n"

static char good[] = "/tmp/drwave-trust-good-XXXXXX";
static char empty[] = "/tmp/drwave-trust-empty-XXXXXX";

static int make_files(void **state)
{
    int a = mkstemp(good), b = mkstemp(empty);

    (void)state;
    if (a < 0 || b < 0 || write(a, PEM, sizeof(PEM) - 1) < 0)
        return -1;
    return close(a) || close(b);
}

static int remove_files(void **state)
{
    (void)state;
    return unlink(good) || unlink(empty);
}

static struct str no_environment(void *context, const char *name)
{
    (void)context;
    return str_eq_z(STR("HOME"), name) ? STR("/home/me") : (struct str){0};
}

/* The only file of this machine is the profile's. */
static bool read_config(void *context, struct arena *a, struct str path, struct str *out)
{
    (void)a;
    if (!context || !str_eq_z(path, "/home/me/.aws/config"))
        return false;
    *out = str_from_z(context);
    return true;
}

struct trust_case {
    const char *title;
    const char *configured;
    const char *profile; /* ca_bundle of the default one */
    const char *file;
    const char *why;
};

static const struct trust_case cases[] = {
    {"nothing says anything", NULL, NULL, NULL, NULL},
    {"the configured one", good, NULL, good, NULL},
    {"the profile's", NULL, good, good, NULL},
    {"the configured one wins", good, "/not/there", good, NULL},
    {"one that is not there", "/not/there", NULL, NULL, "aws.ca-bundle (AWS_CA_BUNDLE)"},
    {"the profile's is not there", NULL, "/not/there", NULL, "ca_bundle of the AWS profile"},
    {"one without a certificate", empty, NULL, NULL, "holds no certificate"},
};

static void each_is_found_or_refused(void **state)
{
    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        SCOPED(arena_scope_end) struct arena *a = arena_new(0);
        const struct trust_case *c = &cases[i];
        struct str config = arena_strf(a, "[default]\nca_bundle = %s\n", c->profile);
        struct aws_options options = {
            .environment = no_environment,
            .system = {.read_file = read_config,
                       .context = c->profile ? (void *)(uintptr_t)config.ptr : NULL},
        };
        struct str file = {0}, why = {0};
        enum fault f = trust_file(str_from_z(c->configured), &options, a, &file, &why);

        print_message("# %s\n", c->title);
        assert_int_equal(f != FAULT_NONE, c->why != NULL);
        if (c->why)
            assert_true(str_contains(why, str_from_z(c->why)));
        else if (c->file)
            assert_str(file, c->file);
        else
            assert_false(str_present(file));
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(each_is_found_or_refused)};

    return cmocka_run_group_tests(tests, make_files, remove_files);
}
