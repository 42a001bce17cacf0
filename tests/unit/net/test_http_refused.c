/* Whoever runs the server is told of every request that its handler never sees, and why. */
#include <poll.h>
#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <unistd.h>

#include <cmocka.h>

#include "tests/unit/net/actor.h"

/* What was told last, and how often. */
static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static struct told {
    unsigned times;
    int status;
    char words[512];
} told;

static void refused(void *context, struct arena *a, const struct http_request *r,
                    const struct http_refusal *why, struct headers *headers)
{
    static struct header named[] = {{STR_INIT("X-Id"), STR_INIT("7")}};

    (void)context;
    (void)a;
    (void)pthread_mutex_lock(&lock);
    told.times++;
    told.status = why->status;
    (void)snprintf(told.words, sizeof(told.words), STR_FMT " " STR_FMT " from " STR_FMT ": %s",
                   STR_ARG(r->method), STR_ARG(r->path), STR_ARG(str_slice(r->peer, 0, 10)),
                   why->message);
    (void)pthread_mutex_unlock(&lock);
    *headers = (struct headers){named, ARRAY_LEN(named)};
}

static struct told what_was_told(void)
{
    struct told now;

    (void)pthread_mutex_lock(&lock);
    now = told;
    (void)pthread_mutex_unlock(&lock);
    return now;
}

static struct told await_told(size_t times)
{
    struct told now = what_was_told();

    for (; now.times < times; now = what_was_told())
        (void)poll(NULL, 0, 1);
    return now;
}

static struct http_server *start_told(struct http_limits limits)
{
    SCOPED(arena_scope_end) struct arena *a = arena_new(0);
    struct http_server_options o = {
        .address = STR("127.0.0.1"), .limits = limits, .handler = actor, .refused = refused};
    struct http_server *s = NULL;
    struct str why = {0};

    told = (struct told){0};
    gate_set(false);
    if (http_server_start(&o, a, &s, &why))
        fail_msg("the server does not start: " STR_FMT, STR_ARG(why));
    return s;
}

struct refused_case {
    const char *title;
    struct str request;
    int status;
    const char *seen;
};

#define POST "POST /a?secret HTTP/1.1\r\nHost: h\r\n"

static const struct refused_case cases[] = {
    {"two of a header", STR_INIT("GET /a HTTP/1.1\r\nHost: h\r\nHost: h\r\n\r\n"), 400,
     "GET /a from 127.0.0.1:: The HTTP request is ambiguous: its length or a header that may stand "
     "once is given twice"},
    {"no Host", STR_INIT("GET /a HTTP/1.1\r\nA: b\r\n\r\n"), 400,
     " /a from 127.0.0.1:: The HTTP request is malformed"},
    {"an unknown transfer coding", STR_INIT(POST "Transfer-Encoding: gzip\r\n\r\n"), 501,
     "POST /a from 127.0.0.1:: The transfer coding is not supported"},
    {"a body that is announced too large",
     STR_INIT(POST "Expect: 100-continue\r\nContent-Length: 101\r\n\r\n"), 413,
     "POST /a from 127.0.0.1:: The request body is too large"},
    {"a chunk whose size cannot be read",
     STR_INIT(POST "Transfer-Encoding: chunked\r\n\r\n5x\r\nabcde\r\n0\r\n\r\n"), 400,
     "POST /a from 127.0.0.1:: The HTTP request is malformed"},
    {"a header that the library does not take",
     STR_INIT("GET /a HTTP/1.1\r\nHost: h\r\nAbc\r\n\r\n"), 400,
     " /a from 127.0.0.1:: The HTTP request is malformed"},
};

static void each_is_told_once(void **state)
{
    struct http_server *s = start_told((struct http_limits){.body_max = 100});

    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        struct told now;

        print_message("# %s\n", cases[i].title);
        assert_int_equal(raw_status(http_server_port(s), cases[i].request), cases[i].status);
        now = await_told(i + 1);
        assert_int_equal(now.status, cases[i].status);
        assert_string_equal(now.words, cases[i].seen);
    }
    assert_true(http_server_stop(s, 5000));
    assert_int_equal(what_was_told().times, ARRAY_LEN(cases));
}

static void what_is_handled_or_left_is_not_told(void **state)
{
    struct http_server *s = start_told((struct http_limits){0});
    int fd = raw_connect(http_server_port(s));

    (void)state;
    assert_int_equal(
        raw_status(http_server_port(s), STR("GET /status?404 HTTP/1.1\r\nHost: h\r\n\r\n")), 404);
    raw_send_z(fd, "POST /a HTTP/1.1\r\nHost: h\r\nContent-Length: 5\r\n\r\nab");
    (void)close(fd);
    fd = raw_connect(http_server_port(s));
    raw_send_z(fd, "POST /a HT");
    (void)close(fd);
    assert_true(http_server_stop(s, 5000));
    assert_int_equal(what_was_told().times, 0);
}

/* The library's memory ends at what it makes of them, and it closes without a word. */
static void parameters_and_cookies_past_all_memory_are_told(void **state)
{
    static const struct {
        const char *before, *each, *after;
    } rows[] = {
        {"GET /a?", "a=&", " HTTP/1.1\r\nHost: h\r\n\r\n"},
        {"GET /a HTTP/1.1\r\nHost: h\r\nCookie: ", "a=b;", "\r\n\r\n"},
    };
    SCOPED(arena_scope_end) struct arena *a = arena_new(0);
    struct http_server *s = start_told((struct http_limits){0});

    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        struct raw_reader r = {.fd = raw_connect(http_server_port(s))};
        struct buf request = buf_new(a, 1 << 16);
        struct raw_answer answer;

        buf_add_z(&request, rows[i].before);
        for (int n = 0; n < 6500; n++)
            buf_add_z(&request, rows[i].each);
        buf_add_z(&request, rows[i].after);
        raw_send(r.fd, buf_str(&request));
        assert_false(raw_next(&r, a, &answer));
        assert_int_equal(await_told(i + 1).status, 431);
        (void)close(r.fd);
    }
    assert_true(http_server_stop(s, 5000));
    assert_int_equal(what_was_told().times, ARRAY_LEN(rows));
}

/* Three times the same status, and each says why. */
static void overload_says_what_is_full(void **state)
{
    SCOPED(arena_scope_end) struct arena *a = arena_new(0);
    struct http_server *s = start_told((struct http_limits){
        .workers = 1, .queue_max = 1, .body_max = 1 << 20, .bodies_max = 100 << 10});
    struct raw_reader first = {.fd = raw_connect(http_server_port(s))};
    struct raw_reader second = {.fd = raw_connect(http_server_port(s))};
    struct raw_reader third = {.fd = raw_connect(http_server_port(s))};
    struct raw_answer answer;
    struct buf body = buf_new(a, 1 << 20);

    (void)state;
    get(first.fd, "/gate");
    gate_await(1);
    get(second.fd, "/");
    await_busy(s, 2);
    get(third.fd, "/");
    assert_true(raw_next(&third, a, &answer));
    assert_int_equal(answer.status, 503);
    assert_true(str_contains(answer.head, STR("\r\nX-Id: 7\r\n")));
    assert_true(str_contains(answer.head, STR("\r\nRetry-After: 1\r\n")));
    assert_non_null(strstr(what_was_told().words, "Too many requests are waiting"));
    buf_add_z(&body, "POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 200000\r\n\r\n");
    for (int i = 0; i < 200000; i++)
        buf_add_char(&body, 'x');
    raw_send(third.fd, buf_str(&body));
    assert_true(raw_next(&third, a, &answer));
    assert_int_equal(answer.status, 503);
    assert_non_null(strstr(what_was_told().words, "Too many large bodies"));
    assert_false(http_server_drain(s, 0));
    get(third.fd, "/");
    assert_true(raw_next(&third, a, &answer));
    assert_int_equal(answer.status, 503);
    assert_non_null(strstr(what_was_told().words, "The server is stopping"));
    gate_set(true);
    (void)close(first.fd);
    (void)close(second.fd);
    (void)close(third.fd);
    assert_true(http_server_stop(s, 5000));
}

/* The time that a request waits for a worker is part of its time. */
static void a_request_arrives_before_it_waits(void **state)
{
    SCOPED(arena_scope_end) struct arena *a = arena_new(0);
    struct http_server *s = start_told((struct http_limits){.workers = 1});
    struct raw_reader first = {.fd = raw_connect(http_server_port(s))};
    struct raw_reader second = {.fd = raw_connect(http_server_port(s))};
    struct raw_answer answer;
    int64_t sent = now_ms(), queued, arrived;

    (void)state;
    get(first.fd, "/gate");
    gate_await(1);
    get(second.fd, "/arrived");
    await_busy(s, 2);
    queued = now_ms();
    while (now_ms() < queued + 2)
        (void)poll(NULL, 0, 1);
    gate_set(true);
    assert_true(raw_next(&second, a, &answer));
    assert_true(str_to_i64(answer.body, &arrived));
    assert_true(arrived >= sent && arrived <= queued);
    (void)close(first.fd);
    (void)close(second.fd);
    assert_true(http_server_stop(s, 5000));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(each_is_told_once),
        cmocka_unit_test(what_is_handled_or_left_is_not_told),
        cmocka_unit_test(parameters_and_cookies_past_all_memory_are_told),
        cmocka_unit_test(overload_says_what_is_full),
        cmocka_unit_test(a_request_arrives_before_it_waits),
    };

    return cmocka_run_group_tests_name("http_refused", tests, NULL, NULL);
}
