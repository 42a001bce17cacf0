#include <limits.h>
#include <unistd.h>

#include "tests/unit/unit.h"

#include "base/file.h"
#include "edge/settings.h"

enum { VARIABLES_MAX = 8 };

/* An environment as pairs of name and value. */
struct environment {
    const char *pairs[2 * VARIABLES_MAX];
};

static const char *look_up(void *context, const char *name)
{
    const struct environment *e = context;

    for (size_t i = 0; i < 2 * VARIABLES_MAX && e->pairs[i]; i += 2)
        if (strcmp(e->pairs[i], name) == 0)
            return e->pairs[i + 1];
    return NULL;
}

struct loaded {
    enum fault fault;
    struct settings settings;
    struct settings_request request;
    struct faults faults;
};

static struct loaded load(struct arena *a, struct environment e, const char *const *flags)
{
    struct settings_input in = {
        .flags = flags, .environment = look_up, .context = &e, .root = !e.pairs[0]};
    struct loaded l = {0};

    faults_init(&l.faults, a);
    l.fault = settings_load(a, &in, &l.settings, &l.request, &l.faults);
    return l;
}

#define FLAGS(...) ((const char *const[]){__VA_ARGS__, NULL})
#define NO_FLAGS   ((const char *const[]){NULL})

static void without_a_word_it_is_the_defaults(void **state)
{
    SCOPED(arena_scope_end) struct arena *a = arena_new(0);
    struct loaded l = load(a, (struct environment){{0}}, NO_FLAGS);

    (void)state;
    assert_int_equal(l.fault, FAULT_NONE);
    assert_str(l.settings.data, "/var/lib/drwave");
    assert_str(l.settings.listen_address, "127.0.0.1");
    assert_int_equal(l.settings.listen_port, 8080);
    assert_int_equal(l.settings.body_limit_bytes, 6 << 20);
    assert_int_equal(l.settings.poll_min_ms, 2000);
    assert_int_equal(l.settings.poll_max_ms, 30000);
    assert_int_equal(l.settings.drs_visibility_s, 90);
    assert_int_equal(l.settings.log_level, LOG_INFO);
    assert_int_equal(l.settings.log_format, SETTINGS_LOG_AUTO);
    assert_int_equal(l.settings.dialect_query, SETTINGS_DIALECT_BY_NAME);
    assert_false(l.settings.behind_proxy);
    assert_false(str_present(l.settings.aws_region));
    assert_false(l.request.print || l.request.help);
}

static void data_goes_where_state_goes(void **state)
{
    SCOPED(arena_scope_end) struct arena *a = arena_new(0);

    (void)state;
    assert_str(load(a, (struct environment){{"HOME", "/home/u"}}, NO_FLAGS).settings.data,
               "/home/u/.local/state/drwave");
    assert_str(load(a, (struct environment){{"HOME", "/home/u", "XDG_STATE_HOME", "/s"}}, NO_FLAGS)
                   .settings.data,
               "/s/drwave");
    assert_str(load(a, (struct environment){{"HOME", "/home/u", "DRWAVE_DATA", "/d"}}, NO_FLAGS)
                   .settings.data,
               "/d");
    assert_str(
        load(a, (struct environment){{"DRWAVE_DATA", "/d"}}, FLAGS("--data", "/e")).settings.data,
        "/e");
}

static void a_folder_is_meant_from_where_one_stands(void **state)
{
    SCOPED(arena_scope_end) struct arena *a = arena_new(0);
    struct environment e = {{"DRWAVE_DATA", "d", "AWS_CA_BUNDLE", "/pem"}};
    struct loaded l;
    char here[PATH_MAX];

    (void)state;
    assert_non_null(getcwd(here, sizeof(here)));
    l = load(a, e, FLAGS("--http-tls-key=./k", "--http-tls-certificate", "/c"));
    assert_int_equal(l.fault, FAULT_NONE);
    assert_true(str_eq(l.settings.data, arena_strf(a, "%s/d", here)));
    assert_true(str_eq(l.settings.tls_key, arena_strf(a, "%s/./k", here)));
    assert_str(l.settings.tls_certificate, "/c");
    assert_str(l.settings.aws_ca_bundle, "/pem");
}

static struct str write_config(struct arena *a, char *path, struct str text)
{
    struct str why;
    int fd = mkstemp(path);

    assert_true(fd >= 0);
    (void)close(fd);
    assert_int_equal(file_replace(a, str_from_z(path), text, 0600, &why), FAULT_NONE);
    return str_from_z(path);
}

static void a_flag_beats_the_environment_beats_the_file(void **state)
{
    SCOPED(arena_scope_end) struct arena *a = arena_new(0);
    char path[] = "/tmp/drwave-settings-XXXXXX";
    struct environment e = {{"DRWAVE_WORKERS", "3", "DRWAVE_AWS_WORKERS", "4"}};
    struct loaded l;

    (void)state;
    (void)write_config(a, path,
                       STR("# a comment\n\n  workers = 1\r\naws.workers=1\nworkflow.workers = 1\n"
                           "dialect.query = event"));
    l = load(a, e, FLAGS("--config", path, "--workers", "5"));
    assert_int_equal(l.fault, FAULT_NONE);
    assert_int_equal(l.settings.workers, 5);
    assert_int_equal(l.settings.aws_workers, 4);
    assert_int_equal(l.settings.workflow_workers, 1);
    assert_int_equal(l.settings.dialect_query, SETTINGS_DIALECT_EVENT);
    assert_int_equal(unlink(path), 0);
}

static void flags_come_in_several_shapes(void **state)
{
    SCOPED(arena_scope_end) struct arena *a = arena_new(0);
    struct loaded l = load(a, (struct environment){{0}},
                           FLAGS("--listen=[::1]:0", "--log-level", "WARN", "--behind-proxy",
                                 "--http-body-limit-bytes=2048", "--print-config", "--help"));

    (void)state;
    assert_int_equal(l.fault, FAULT_NONE);
    assert_str(l.settings.listen_address, "::1");
    assert_int_equal(l.settings.listen_port, 0);
    assert_int_equal(l.settings.log_level, LOG_WARN);
    assert_true(l.settings.behind_proxy);
    assert_int_equal(l.settings.body_limit_bytes, 2048);
    assert_true(l.request.print && l.request.help);
    l = load(a, (struct environment){{0}}, FLAGS("--behind-proxy=false"));
    assert_false(l.settings.behind_proxy);
}

static void debug_is_honoured(void **state)
{
    SCOPED(arena_scope_end) struct arena *a = arena_new(0);

    (void)state;
    assert_int_equal(load(a, (struct environment){{"DEBUG", "true"}}, NO_FLAGS).settings.log_level,
                     LOG_DEBUG);
    assert_int_equal(load(a, (struct environment){{"DEBUG", "false"}}, NO_FLAGS).settings.log_level,
                     LOG_INFO);
    assert_int_equal(
        load(a, (struct environment){{"DEBUG", "true", "DRWAVE_LOG_LEVEL", "error"}}, NO_FLAGS)
            .settings.log_level,
        LOG_ERROR);
}

static void the_region_is_taken_from_aws(void **state)
{
    SCOPED(arena_scope_end) struct arena *a = arena_new(0);

    (void)state;
    assert_str(load(a, (struct environment){{"AWS_DEFAULT_REGION", "eu-west-1"}}, NO_FLAGS)
                   .settings.aws_region,
               "eu-west-1");
    assert_str(
        load(a,
             (struct environment){{"AWS_DEFAULT_REGION", "eu-west-1", "AWS_REGION", "eu-west-2"}},
             NO_FLAGS)
            .settings.aws_region,
        "eu-west-2");
    assert_str(
        load(a, (struct environment){{"AWS_REGION", "eu-west-2", "DRWAVE_AWS_REGION", "eu-west-3"}},
             NO_FLAGS)
            .settings.aws_region,
        "eu-west-3");
    assert_str(
        load(a, (struct environment){{"AWS_CA_BUNDLE", "/pem"}}, NO_FLAGS).settings.aws_ca_bundle,
        "/pem");
}

struct mistake {
    const char *flag;
    const char *message; /* a part of it */
};

static void each_mistake_is_named(void **state)
{
    static const struct mistake mistakes[] = {
        {"--workers=0", "workers: '0' given in --workers=0; must be a number from 1 to 256"},
        {"--workers=257", "must be a number from 1 to 256"},
        {"--workers=many", "must be a number from 1 to 256"},
        {"--workers=", "must be a number from 1 to 256"},
        {"--worker=1", "there is no flag '--worker=1'"},
        {"stray", "there is no flag 'stray'"},
        {"--", "there is no flag '--'"},
        {"--workers", "the flag '--workers' needs a value"},
        {"--behind-proxy=maybe", "must be true or false"},
        {"--log-level=loud", "must be one of: error, warn, info, debug"},
        {"--dialect-query=lisp", "must be one of: by-name, api, event"},
        {"--data=", "data: must name a folder"},
        {"--data=/one\nworkers = 9", "must be without control characters"},
        {"--http-tls-key=/a\x7f", "must be without control characters"},
        {"--aws-account-id=12345678901", "must be 12 digits"},
        {"--aws-region=eu west", "must be a region"},
        {"--http-tls-key=/k", "belong together"},
        {"--workflow-poll-max-ms=100", "greater than workflow.poll-max-ms"},
        {"--listen=8080", "must be an IP address and a port"},
        {"--listen=127.0.0.1:", "must be an IP address and a port"},
        {"--listen=127.0.0.1:65536", "must be an IP address and a port"},
        {"--listen=::1:8080", "must be an IP address and a port"},
        {"--listen=example.com:80", "must be an IP address and a port"},
        {"--listen=0.0.0.0:8080", "can be reached from other machines"},
        {"--listen=[::]:8080", "can be reached from other machines"},
        {"--config=/no/such/file", "cannot open /no/such/file: No such file"},
    };

    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(mistakes); i++) {
        SCOPED(arena_scope_end) struct arena *a = arena_new(0);
        struct loaded l = load(a, (struct environment){{0}}, FLAGS(mistakes[i].flag));

        if (!l.fault || l.faults.len != 1 ||
            !str_contains(l.faults.items[0].message, str_from_z(mistakes[i].message)))
            fail_msg("%s: %zu faults, " STR_FMT, mistakes[i].flag, l.faults.len,
                     STR_ARG(l.faults.len ? l.faults.items[0].message : STR("none")));
    }
}

static void all_mistakes_are_reported_at_once(void **state)
{
    SCOPED(arena_scope_end) struct arena *a = arena_new(0);
    char path[] = "/tmp/drwave-settings-XXXXXX";
    struct loaded l;

    (void)state;
    (void)write_config(a, path, STR("workers = x\nnonsense\nno.such = 1\ndata = d\n"));
    l = load(a, (struct environment){{"DRWAVE_CONFIG", path, "DRWAVE_AWS_WORKERS", "x"}}, NO_FLAGS);
    assert_int_equal(l.faults.len, 5);
    assert_str(l.faults.items[0].field, "workers");
    assert_true(
        str_ends(l.faults.items[1].message, STR(" line 2: 'nonsense' is no 'name = value'")));
    assert_true(str_ends(l.faults.items[2].message, STR(" line 3: there is no setting 'no.such'")));
    assert_true(str_ends(l.faults.items[3].message, STR("; must be an absolute path")));
    assert_true(str_contains(l.faults.items[4].message, STR("given in DRWAVE_AWS_WORKERS")));
    assert_int_equal(unlink(path), 0);
}

static void twice_in_one_source_is_a_mistake(void **state)
{
    SCOPED(arena_scope_end) struct arena *a = arena_new(0);
    char path[] = "/tmp/drwave-settings-XXXXXX";
    struct loaded l;

    (void)state;
    (void)write_config(a, path, STR("workers = 1\n# and\naws.workers = 2\nworkers = 3\n"));
    l = load(a, (struct environment){{"DRWAVE_WORKERS", "5"}},
             FLAGS("--config", path, "--workers", "6"));
    assert_int_equal(l.faults.len, 1);
    assert_true(
        str_ends(l.faults.items[0].message, STR(" line 4: 'workers' is set in line 1 already")));
    assert_int_equal(unlink(path), 0);
    l = load(a, (struct environment){{0}},
             FLAGS("--listen=127.0.0.1:1", "--http-listen", "127.0.0.1:2", "--behind-proxy",
                   "--behind-proxy", "--print-config", "--print-config"));
    assert_int_equal(l.faults.len, 2);
    assert_str(l.faults.items[0].message, "the flag '--http-listen' is given twice");
    assert_str(l.faults.items[1].message, "the flag '--behind-proxy' is given twice");
    (void)write_config(a, memcpy(path, "/tmp/drwave-settings-XXXXXX", sizeof(path)), STR(""));
    l = load(a, (struct environment){{0}}, FLAGS("--config", path, "--config", path));
    assert_int_equal(l.faults.len, 1);
    assert_str(l.faults.items[0].message, "the flag '--config' is given twice");
    assert_int_equal(unlink(path), 0);
}

static void a_misspelt_variable_is_noticed(void **state)
{
    static const struct {
        const char *name;
        bool stray;
        const char *nearest; /* NULL: none */
    } cases[] = {
        {"DRWAVE_WORKRS", true, "DRWAVE_WORKERS"},
        {"DRWAVE_HTTP_LISTN", true, "DRWAVE_HTTP_LISTEN"},
        {"DRWAVE_ENDPONT", true, "DRWAVE_ENDPOINT"},
        {"DRWAVE_SOMETHING_QUITE_DIFFERENT", true, NULL},
        {"DRWAVE_", true, NULL},
        {"DRWAVE_WORKERS", false, NULL},
        {"DRWAVE_DATA", false, NULL},
        {"DRWAVE_CONFIG", false, NULL},
        {"DRWAVE_CLIENT_FILE", false, NULL},
        {"DRWAVE_TEST_LONG", false, NULL},
        {"DRWAVE_SERVICE_HOST", false, NULL},
        {"DRWAVE_PORT_8080_TCP", false, NULL},
        {"DRWAVEWORKERS", false, NULL},
        {"WORKERS", false, NULL},
    };
    SCOPED(arena_scope_end) struct arena *a = arena_new(0);

    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        struct str nearest;

        assert_int_equal(settings_is_stray(a, str_from_z(cases[i].name), &nearest), cases[i].stray);
        if (cases[i].nearest)
            assert_str(nearest, cases[i].nearest);
        else
            assert_false(str_present(nearest));
    }
}

static void beyond_loopback_tls_or_a_word_is_enough(void **state)
{
    SCOPED(arena_scope_end) struct arena *a = arena_new(0);

    (void)state;
    assert_int_equal(
        load(a, (struct environment){{0}},
             FLAGS("--listen=0.0.0.0:443", "--http-tls-certificate=/c", "--http-tls-key=/k"))
            .fault,
        FAULT_NONE);
    assert_int_equal(
        load(a, (struct environment){{0}}, FLAGS("--listen=0.0.0.0:80", "--behind-proxy")).fault,
        FAULT_NONE);
    assert_str(
        load(a, (struct environment){{0}}, FLAGS("--listen=localhost:1")).settings.listen_address,
        "127.0.0.1");
}

/* What is printed can be read again, and says the same. */
static void what_is_printed_is_a_file(void **state)
{
    SCOPED(arena_scope_end) struct arena *a = arena_new(0);
    char path[] = "/tmp/drwave-settings-XXXXXX";
    struct loaded l = load(a, (struct environment){{0}},
                           FLAGS("--listen=127.0.0.1:9", "--workers=7", "--log-format=json",
                                 "--aws-region=eu-west-1", "--behind-proxy"));
    struct str printed = settings_print(a, &l.settings);

    (void)state;
    assert_int_equal(l.fault, FAULT_NONE);
    assert_true(str_contains(printed, STR("http.listen = 127.0.0.1:9\n")));
    assert_true(str_contains(printed, STR("aws.account-id =\n")));
    (void)write_config(a, path, printed);
    l = load(a, (struct environment){{0}}, FLAGS("--config", path));
    assert_int_equal(l.fault, FAULT_NONE);
    assert_true(str_eq(settings_print(a, &l.settings), printed));
    assert_true(str_contains(settings_help(a), STR("--listen")));
    assert_int_equal(unlink(path), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(without_a_word_it_is_the_defaults),
        cmocka_unit_test(data_goes_where_state_goes),
        cmocka_unit_test(a_folder_is_meant_from_where_one_stands),
        cmocka_unit_test(a_flag_beats_the_environment_beats_the_file),
        cmocka_unit_test(flags_come_in_several_shapes),
        cmocka_unit_test(debug_is_honoured),
        cmocka_unit_test(the_region_is_taken_from_aws),
        cmocka_unit_test(each_mistake_is_named),
        cmocka_unit_test(all_mistakes_are_reported_at_once),
        cmocka_unit_test(twice_in_one_source_is_a_mistake),
        cmocka_unit_test(a_misspelt_variable_is_noticed),
        cmocka_unit_test(beyond_loopback_tls_or_a_word_is_enough),
        cmocka_unit_test(what_is_printed_is_a_file),
    };

    return cmocka_run_group_tests_name("settings", tests, NULL, NULL);
}
