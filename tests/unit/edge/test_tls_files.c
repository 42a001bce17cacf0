/* Which of certificate and key is wrong, when the TLS library says no more than no. */
#include <unistd.h>

#include "tests/unit/unit.h"

#include "edge/tls_files.h"
#include "tests/unit/net/tls_pem.h"

/* For tests alone: openssl genpkey -algorithm EC -pkeyopt ec_paramgen_curve:prime256v1 */
static const char another_key[] =
    "-----BEGIN PRIVATE KEY-----\n"
    "MIGHAgEAMBMGByqGSM49AgEGCCqGSM49AwEHBG0wawIBAQQgnbElOJrfIP/Zk4O1\n"
    "oQ0SiVx2b3U6kXmMrWDaupjgvUihRANCAASBlXFk2OcXLaylv1/scKy3+JB1iLK8\n"
    "hHLcW4Y/ZXjO02XLehOo1q9CEkFX3gitp4Vydw8xQDGCTjm5FEZ0LYSK\n"
    "-----END PRIVATE KEY-----\n";

/* openssl genpkey -algorithm ED25519 -aes256 -pass pass:x */
static const char locked_key[] =
    "-----BEGIN ENCRYPTED PRIVATE KEY-----\n"
    "MIGbMFcGCSqGSIb3DQEFDTBKMCkGCSqGSIb3DQEFDDAcBAjBaVIkOMvmJAICCAAw\n"
    "DAYIKoZIhvcNAgkFADAdBglghkgBZQMEASoEELzKFJ/dQ6qinjkJopDgrjwEQGdn\n"
    "M341qPPdPnxi2bp8BbnchDcSHbVdDi4ZnzPwpmTJa2lBxLdP9fWZ9JKNXh6WPTAi\n"
    "SjEeGOXBusqg4t4Vjj4=\n"
    "-----END ENCRYPTED PRIVATE KEY-----\n";

static void says_which_of_the_two_is_wrong(void **state)
{
    static const struct {
        const char *certificate, *key;
        const char *wrong; /* NULL: nothing */
    } cases[] = {
        {tls_test_certificate, tls_test_key, NULL},
        {tls_test_certificate, another_key, "http.tls-key: /k is not the key of the certificate"},
        {tls_test_certificate, locked_key, "http.tls-key: /k holds no private key"},
        {tls_test_certificate, tls_test_certificate, "http.tls-key: /k holds no private key"},
        {tls_test_certificate, "", "http.tls-key: /k holds no private key"},
        {tls_test_key, tls_test_key, "http.tls-certificate: /c holds no certificate"},
        {"", tls_test_key, "http.tls-certificate: /c holds no certificate"},
    };
    SCOPED(arena_scope_end) struct arena *a = arena_new(0);
    struct settings s = {.tls_certificate = STR("/c"), .tls_key = STR("/k")};

    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        struct tls_files files = {str_from_z(cases[i].certificate), str_from_z(cases[i].key)};
        struct str wrong = tls_files_wrong(&s, a, &files);

        if (!cases[i].wrong)
            assert_false(str_present(wrong));
        else if (!str_starts(wrong, str_from_z(cases[i].wrong)))
            fail_msg("wanted %s, got " STR_FMT, cases[i].wrong, STR_ARG(wrong));
    }
}

static void reads_both_or_neither(void **state)
{
    SCOPED(arena_scope_end) struct arena *a = arena_new(0);
    struct settings s = {.http_listen = STR("127.0.0.1:0")};
    char path[] = "/tmp/drwave-tls-XXXXXX";
    int fd = mkstemp(path);
    struct tls_files files;
    struct str why;

    (void)state;
    assert_int_equal(write(fd, "pem", 3), 3);
    assert_int_equal(close(fd), 0);
    assert_int_equal(tls_files_read(&s, a, &files, &why), FAULT_NONE);
    assert_false(str_present(files.certificate_pem) || str_present(files.key_pem));
    assert_false(str_present(tls_files_wrong(&s, a, &files)));
    s.tls_certificate = s.tls_key = str_from_z(path);
    assert_int_equal(tls_files_read(&s, a, &files, &why), FAULT_NONE);
    assert_str(files.certificate_pem, "pem");
    assert_str(files.key_pem, "pem");
    assert_int_equal(unlink(path), 0);
    assert_int_equal(tls_files_read(&s, a, &files, &why), FAULT_NOT_FOUND);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(says_which_of_the_two_is_wrong),
        cmocka_unit_test(reads_both_or_neither),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
