/* The small guards: bearer tokens, Host headers, loopback; and word to systemd. */
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "tests/unit/unit.h"

#include "edge/bearer.h"
#include "edge/host_guard.h"
#include "edge/sd_notify.h"

struct bearer_case {
    const char *header;
    const char *token;   /* NULL: refused */
    const char *message; /* a part of it */
};

static void bearer_tokens_are_found_and_told_apart(void **state)
{
    static const struct bearer_case cases[] = {
        {"Bearer drw_abc-DEF_123", "drw_abc-DEF_123", NULL},
        {"bearer   x  ", "x", NULL},
        {"BEARER x", "x", NULL},
        {"Bearer a.b", "a.b", NULL},
        {"Bearer a.b.c.d", "a.b.c.d", NULL},
        {"Bearer eyJhbGciOiJSUzI1NiJ9.eyJzdWIiOiIxIn0.c2ln", NULL, "not supported yet"},
        {"Bearer eyJhbGciOiJub25lIn0.eyJzdWIiOiIxIn0.", NULL, "not supported yet"},
        {"Bearer ", NULL, "malformed"},
        {"Bearer", NULL, "malformed"},
        {"Bearer a b", NULL, "malformed"},
        {"Bearer a,b", NULL, "malformed"},
        {"Bearer \xc3\xa4", NULL, "malformed"},
        {"Bearerx", NULL, "Authorization: Bearer TOKEN"},
        {"Basic eDp5", NULL, "Authorization: Bearer TOKEN"},
        {"", NULL, "Authorization: Bearer TOKEN"},
        {NULL, NULL, "Authorization: Bearer TOKEN"},
    };

    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        struct str token = {0}, why = {0};
        enum fault f = bearer_token(str_from_z(cases[i].header), &token, &why);

        if (cases[i].token) {
            assert_int_equal(f, FAULT_NONE);
            assert_str(token, cases[i].token);
        } else {
            assert_int_equal(f, FAULT_UNAUTHENTICATED);
            assert_true(str_contains(why, str_from_z(cases[i].message)));
        }
    }
}

static void only_this_machine_is_a_host(void **state)
{
    static const char *const good[] = {"localhost", "LOCALHOST:8080", "127.0.0.1",   "127.0.0.1:1",
                                       "[::1]",     "[::1]:65535",    "127.0.0.2:80"};
    static const char *const bad[] = {"",
                                      "evil.example",
                                      "localhost.evil.example",
                                      "localhost:",
                                      "localhost:x",
                                      "localhost:123456",
                                      "127.0.0.1.evil.example",
                                      "127.0.0.1:80@evil",
                                      "128.0.0.2",
                                      "127.0.0.2:",
                                      "127.1",
                                      "[::2]:1",
                                      "[127.0.0.1",
                                      "[]",
                                      "[",
                                      "::1",
                                      "[::1",
                                      "[::1]x",
                                      "xlocalhost",
                                      "localhost ",
                                      "localhost, evil"};

    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(good); i++)
        if (!host_guard_allows(str_from_z(good[i]), (struct str){0}))
            fail_msg("'%s' is refused", good[i]);
    for (size_t i = 0; i < ARRAY_LEN(bad); i++)
        if (host_guard_allows(str_from_z(bad[i]), STR("drwave.example,,")))
            fail_msg("'%s' is let in", bad[i]);
    assert_false(host_guard_allows((struct str){0}, STR(",")));
}

static void a_proxy_is_called_by_its_names(void **state)
{
    static const struct str names = STR_INIT("dr.example,drwave.internal");

    (void)state;
    assert_true(host_guard_allows(STR("dr.example"), names));
    assert_true(host_guard_allows(STR("DRWAVE.internal:443"), names));
    assert_true(host_guard_allows(STR("localhost"), names));
    assert_false(host_guard_allows(STR("dr.example.evil"), names));
    assert_false(host_guard_allows(STR("internal"), names));
    assert_false(host_guard_allows(STR("dr.example,drwave.internal"), names));
}

static void loopback_is_told_by_the_address(void **state)
{
    static const char *const inside[] = {"127.0.0.1", "127.1.2.3", "::1", "0:0:0:0:0:0:0:1"};
    static const char *const outside[] = {
        "0.0.0.0", "::", "128.0.0.1", "10.127.0.1", "::2", "localhost", "127.0.0.1 ", "127.1", ""};
    static const char *const local[] = {"http://127.0.0.1:80", "https://LocalHost/x",
                                        "http://[::1]:8080/", "http://127.9.9.9"};
    static const char *const remote[] = {"http://localhost.example.com",
                                         "http://127.example.com",
                                         "http://127.0.0.1@example.com/",
                                         "http://[::2]:1",
                                         "http://10.0.0.1",
                                         "127.0.0.1",
                                         "http://",
                                         ""};

    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(inside); i++)
        assert_true(host_guard_is_loopback(str_from_z(inside[i])));
    for (size_t i = 0; i < ARRAY_LEN(outside); i++)
        assert_false(host_guard_is_loopback(str_from_z(outside[i])));
    for (size_t i = 0; i < ARRAY_LEN(local); i++)
        assert_true(host_guard_is_local_url(str_from_z(local[i])));
    for (size_t i = 0; i < ARRAY_LEN(remote); i++)
        assert_false(host_guard_is_local_url(str_from_z(remote[i])));
    assert_true(host_guard_is_address(STR("0.0.0.0")));
    assert_true(host_guard_is_address(STR("fe80::1")));
    assert_false(host_guard_is_address(STR("1.2.3")));
    assert_false(host_guard_is_address(STR("::1\0x")));
}

static void expect_datagram(int fd, const char *text)
{
    char got[256];
    ssize_t n = recv(fd, got, sizeof(got), MSG_DONTWAIT);

    assert_true(n >= 0);
    assert_str(((struct str){got, (size_t)n}), text);
}

static int bind_at(const struct sockaddr_un *at, size_t path_len)
{
    int fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);

    assert_int_equal(bind(fd, (const struct sockaddr *)at,
                          (socklen_t)(offsetof(struct sockaddr_un, sun_path) + path_len)),
                     0);
    return fd;
}

static void systemd_gets_one_datagram(void **state)
{
    SCOPED(arena_scope_end) struct arena *a = arena_new(0);
    char folder[] = "/tmp/drwave-notify-XXXXXX";
    struct sockaddr_un at = {.sun_family = AF_UNIX};
    struct str path;
    int fd;

    (void)state;
    assert_non_null(mkdtemp(folder));
    path = arena_strf(a, "%s/s", folder);
    assert_false(sd_notify(path, STR("READY=1"))); /* nobody is there */
    memcpy(at.sun_path, path.ptr, path.len + 1);
    fd = bind_at(&at, path.len);
    assert_true(sd_notify(path, STR("READY=1\nSTATUS=Listening")));
    expect_datagram(fd, "READY=1\nSTATUS=Listening");
    (void)close(fd);
    assert_int_equal(unlink(path.ptr), 0);
    assert_int_equal(rmdir(folder), 0);

    /* the abstract namespace */
    memcpy(at.sun_path + 1, path.ptr, path.len);
    at.sun_path[0] = 0;
    fd = bind_at(&at, path.len + 1);
    assert_true(sd_notify(arena_strf(a, "@" STR_FMT, STR_ARG(path)), STR("STOPPING=1")));
    expect_datagram(fd, "STOPPING=1");
    (void)close(fd);
}

static void without_a_socket_nobody_asked(void **state)
{
    char long_name[300];

    (void)state;
    memset(long_name, '/', sizeof(long_name));
    assert_true(sd_notify((struct str){0}, STR("READY=1")));
    assert_true(sd_notify(STR(""), STR("READY=1")));
    assert_false(sd_notify(STR("relative"), STR("READY=1")));
    assert_false(sd_notify((struct str){long_name, sizeof(long_name)}, STR("READY=1")));
}

static void the_watchdog_hears_in_half_its_time(void **state)
{
    (void)state;
    assert_int_equal(sd_watchdog_ms(STR("30000000"), (struct str){0}, 7), 15000);
    assert_int_equal(sd_watchdog_ms(STR("30000000"), STR("7"), 7), 15000);
    assert_int_equal(sd_watchdog_ms(STR("30000000"), STR("8"), 7), 0);
    assert_int_equal(sd_watchdog_ms(STR("30000000"), STR("x"), 7), 0);
    assert_int_equal(sd_watchdog_ms(STR("-1"), (struct str){0}, 7), 0);
    assert_int_equal(sd_watchdog_ms((struct str){0}, (struct str){0}, 7), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(bearer_tokens_are_found_and_told_apart),
        cmocka_unit_test(only_this_machine_is_a_host),
        cmocka_unit_test(a_proxy_is_called_by_its_names),
        cmocka_unit_test(loopback_is_told_by_the_address),
        cmocka_unit_test(systemd_gets_one_datagram),
        cmocka_unit_test(without_a_socket_nobody_asked),
        cmocka_unit_test(the_watchdog_hears_in_half_its_time),
    };

    return cmocka_run_group_tests_name("access", tests, NULL, NULL);
}
