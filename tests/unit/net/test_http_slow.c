/* Slow clients, answers that are late or broken on purpose, and the end of a server. */
#include <poll.h>
#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <unistd.h>

#include <cmocka.h>

#include "tests/unit/net/actor.h"

/* ---- slow clients ---- */

static void idle_connections_are_closed(void **state)
{
    SCOPED(arena_scope_end) struct arena *a = arena_new(0);
    struct http_server *s = start_actor((struct http_limits){.idle_timeout_s = 1});
    struct raw_reader r = {.fd = raw_connect(http_server_port(s))};
    struct raw_answer answer;

    (void)state;
    get(r.fd, "/");
    assert_true(raw_next(&r, a, &answer));
    assert_false(raw_next(&r, a, &answer));
    (void)close(r.fd);
    assert_true(http_server_stop(s, 5000));
}

/* A byte now and then keeps nothing open. */
static void a_dripping_request_is_cut_off(void **state)
{
    struct http_server *s = start_actor((struct http_limits){.idle_timeout_s = 1});
    int fd = raw_connect(http_server_port(s));
    struct pollfd p = {.fd = fd, .events = POLLIN};

    (void)state;
    raw_send_z(fd, "POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 1000\r\n\r\n");
    while (poll(&p, 1, 100) == 0)
        raw_send_z(fd, "x");
    (void)close(fd);
    fd = p.fd = raw_connect(http_server_port(s));
    while (poll(&p, 1, 100) == 0)
        raw_send_z(fd, "G");
    (void)close(fd);
    assert_true(http_server_stop(s, 5000));
}

static void a_slow_handler_is_no_slow_client(void **state)
{
    SCOPED(arena_scope_end) struct arena *a = arena_new(0);
    struct http_server *s = start_actor((struct http_limits){.idle_timeout_s = 1});
    struct raw_reader r = {.fd = raw_connect(http_server_port(s))};
    struct raw_answer answer;

    (void)state;
    get(r.fd, "/delay?3000");
    assert_true(raw_next(&r, a, &answer));
    assert_int_equal(answer.status, 200);
    get(r.fd, "/");
    assert_true(raw_next(&r, a, &answer));
    (void)close(r.fd);
    assert_true(http_server_stop(s, 5000));
}

/* ---- damage ---- */

static void a_delayed_answer_holds_no_thread(void **state)
{
    SCOPED(arena_scope_end) struct arena *a = arena_new(0);
    struct http_server *s = start_actor((struct http_limits){.workers = 1});
    struct raw_reader never = {.fd = raw_connect(http_server_port(s))};
    struct raw_reader late = {.fd = raw_connect(http_server_port(s))};
    struct raw_reader soon = {.fd = raw_connect(http_server_port(s))};
    struct raw_answer answer;
    int64_t begin = now_ms();

    (void)state;
    get(never.fd, "/delay?600000");
    await_busy(s, 1);
    get(late.fd, "/delay?1000");
    get(soon.fd, "/");
    assert_true(raw_next(&soon, a, &answer));
    assert_true(raw_next(&late, a, &answer));
    assert_true(now_ms() - begin >= 1000);
    assert_true(silent(never.fd));
    (void)close(never.fd);
    (void)close(late.fd);
    (void)close(soon.fd);
    assert_false(http_server_stop(s, 0)); /* that answer never came */
}

static void answers_are_dropped_and_cut(void **state)
{
    SCOPED(arena_scope_end) struct arena *a = arena_new(0);
    struct http_server *s = start_actor((struct http_limits){0});
    struct raw_reader r = {.fd = raw_connect(http_server_port(s))};
    struct raw_answer answer;

    (void)state;
    get(r.fd, "/drop");
    assert_false(raw_next(&r, a, &answer));
    assert_int_equal(r.len, 0);
    (void)close(r.fd);
    r.fd = raw_connect(http_server_port(s));
    get(r.fd, "/cut?4");
    assert_true(raw_next(&r, a, &answer));
    assert_false(answer.whole);
    assert_true(str_contains(answer.head, STR("\r\nContent-Length: 10\r\n")));
    assert_string_equal(answer.body.ptr, "0123");
    (void)close(r.fd);
    r = (struct raw_reader){.fd = raw_connect(http_server_port(s))};
    get(r.fd, "/cut?0");
    assert_true(raw_next(&r, a, &answer));
    assert_int_equal(answer.body.len, 0);
    assert_false(answer.whole);
    (void)close(r.fd);
    assert_true(http_server_stop(s, 5000));
}

static void answers_drip(void **state)
{
    SCOPED(arena_scope_end) struct arena *a = arena_new(0);
    struct http_server *s = start_actor((struct http_limits){0});
    struct raw_reader r = {.fd = raw_connect(http_server_port(s))};
    struct raw_answer answer;
    int64_t begin = now_ms();

    (void)state;
    get(r.fd, "/drip?20");
    assert_true(raw_next(&r, a, &answer));
    assert_string_equal(answer.body.ptr, "0123456789");
    assert_true(now_ms() - begin >= 9 * 20);
    (void)close(r.fd);
    assert_true(http_server_stop(s, 5000));
}

/* ---- starting and stopping ---- */

struct stopping {
    struct http_server *server;
    int64_t grace_ms;
    bool in_time;
};

static void *stop_thread(void *arg)
{
    struct stopping *stopping = arg;

    stopping->in_time = http_server_stop(stopping->server, stopping->grace_ms);
    return NULL;
}

static void stopping_waits_for_answers(void **state)
{
    SCOPED(arena_scope_end) struct arena *a = arena_new(0);
    struct http_server *s = start_actor((struct http_limits){0});
    struct stopping stopping = {s, 20000, false};
    struct raw_reader busy = {.fd = raw_connect(http_server_port(s))};
    struct raw_reader other = {.fd = raw_connect(http_server_port(s))};
    struct raw_answer answer;
    pthread_t thread;

    (void)state;
    get(other.fd, "/");
    assert_true(raw_next(&other, a, &answer));
    get(busy.fd, "/gate");
    gate_await(1);
    assert_int_equal(pthread_create(&thread, NULL, stop_thread, &stopping), 0);
    do { /* 200 until it has begun to stop; the last 200 may be the one that says close */
        get(other.fd, "/");
        if (!raw_next(&other, a, &answer))
            break;
    } while (answer.status == 200);
    assert_true(!answer.status || answer.status == 503);
    gate_set(true);
    assert_true(raw_next(&busy, a, &answer));
    assert_int_equal(answer.status, 200);
    assert_true(str_contains(answer.head, STR("\r\nConnection: close\r\n")));
    (void)pthread_join(thread, NULL);
    assert_true(stopping.in_time);
    (void)close(busy.fd);
    (void)close(other.fd);
}

static void the_grace_runs_out(void **state)
{
    SCOPED(arena_scope_end) struct arena *a = arena_new(0);
    struct http_server *s = start_actor((struct http_limits){.workers = 1});
    struct raw_reader running = {.fd = raw_connect(http_server_port(s))};
    struct raw_reader queued = {.fd = raw_connect(http_server_port(s))};
    struct raw_answer answer;

    (void)state;
    get(running.fd, "/gate");
    gate_await(1);
    get(queued.fd, "/gate");
    await_busy(s, 2);
    assert_false(http_server_stop(s, 50));
    assert_false(raw_next(&running, a, &answer));
    assert_false(raw_next(&queued, a, &answer));
    gate_set(true);
    gate_await(0);
    (void)close(running.fd);
    (void)close(queued.fd);
}

static void stopping_ends_delayed_and_dripping_answers(void **state)
{
    SCOPED(arena_scope_end) struct arena *a = arena_new(0);
    struct http_server *s = start_actor((struct http_limits){0});
    struct raw_reader delayed = {.fd = raw_connect(http_server_port(s))};
    struct raw_reader dripping = {.fd = raw_connect(http_server_port(s))};
    struct raw_answer answer;

    (void)state;
    get(delayed.fd, "/delay?3600000");
    get(dripping.fd, "/drip?3600000");
    await_busy(s, 2);
    while (silent(dripping.fd))
        (void)poll(NULL, 0, 1);
    assert_false(http_server_stop(s, 50));
    assert_false(raw_next(&delayed, a, &answer));
    assert_true(raw_next(&dripping, a, &answer));
    assert_false(answer.whole);
    (void)close(delayed.fd);
    (void)close(dripping.fd);
}

static void a_client_may_leave_while_it_is_answered(void **state)
{
    SCOPED(arena_scope_end) struct arena *a = arena_new(0);
    struct http_server *s = start_actor((struct http_limits){.workers = 1});
    struct raw_reader gone = {.fd = raw_connect(http_server_port(s))};
    struct raw_reader other = {.fd = raw_connect(http_server_port(s))};
    struct raw_answer answer;

    (void)state;
    get(gone.fd, "/gate");
    gate_await(1);
    (void)close(gone.fd);
    gate_set(true);
    get(other.fd, "/");
    assert_true(raw_next(&other, a, &answer));
    assert_int_equal(answer.status, 200);
    (void)close(other.fd);
    assert_true(http_server_stop(s, 5000));
}

static void a_start_that_cannot_be_says_why(void **state)
{
    SCOPED(arena_scope_end) struct arena *a = arena_new(0);
    struct http_server *s = start_actor((struct http_limits){0}), *t = NULL;
    struct http_server_options o = {
        .address = STR("127.0.0.1"), .port = http_server_port(s), .handler = actor};
    struct str why = {0};

    (void)state;
    assert_int_equal(http_server_start(&o, a, &t, &why), FAULT_CONNECTION);
    assert_true(str_contains(why, STR("Address already in use")));
    o = (struct http_server_options){.address = STR("localhost"), .handler = actor};
    assert_int_equal(http_server_start(&o, a, &t, &why), FAULT_INVALID_PARAMETER);
    assert_string_equal(why.ptr, "'localhost' is not an IP address");
    o = (struct http_server_options){.address = STR("127.0.0.1"),
                                     .handler = actor,
                                     .tls_certificate_pem = STR("no certificate"),
                                     .tls_key_pem = STR("no key")};
    assert_int_equal(http_server_start(&o, a, &t, &why), FAULT_INVALID_PARAMETER);
    assert_null(t);
    assert_true(http_server_stop(s, 5000));
    assert_true(http_server_stop(NULL, 0));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(idle_connections_are_closed),
        cmocka_unit_test(a_dripping_request_is_cut_off),
        cmocka_unit_test(a_slow_handler_is_no_slow_client),
        cmocka_unit_test(a_delayed_answer_holds_no_thread),
        cmocka_unit_test(answers_are_dropped_and_cut),
        cmocka_unit_test(answers_drip),
        cmocka_unit_test(stopping_waits_for_answers),
        cmocka_unit_test(the_grace_runs_out),
        cmocka_unit_test(stopping_ends_delayed_and_dripping_answers),
        cmocka_unit_test(a_client_may_leave_while_it_is_answered),
        cmocka_unit_test(a_start_that_cannot_be_says_why),
    };

    return cmocka_run_group_tests_name("http_slow", tests, NULL, NULL);
}
