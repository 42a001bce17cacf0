/* What arrives from a client that is broken or means harm: the table of statuses. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <unistd.h>

#include <cmocka.h>

#include "tests/unit/net/raw.h"

/* Answers 200 with what it saw: method, target, query, body. */
static void echo(void *context, struct arena *a, const struct http_request *r,
                 struct http_answer *answer)
{
    (void)context;
    answer->status = 200;
    answer->body = arena_strf(a, STR_FMT " " STR_FMT " [" STR_FMT "] " STR_FMT, STR_ARG(r->method),
                              STR_ARG(r->path), STR_ARG(r->query), STR_ARG(r->body));
}

struct hostile {
    const char *title;
    struct str request;
    int status; /* 0: closed without an answer */
};

#define GET  "GET / HTTP/1.1\r\nHost: h\r\n"
#define POST "POST / HTTP/1.1\r\nHost: h\r\n"

static const struct hostile cases[] = {
    {"a plain request", STR_INIT(GET "\r\n"), 200},
    {"HTTP/1.0 without Host", STR_INIT("GET / HTTP/1.0\r\n\r\n"), 200},
    {"HTTP/1.1 without Host", STR_INIT("GET / HTTP/1.1\r\n\r\n"), 400},
    {"HTTP/1.1 without Host but with others", STR_INIT("GET / HTTP/1.1\r\nA: b\r\n\r\n"), 400},
    {"two Hosts", STR_INIT(GET "Host: h\r\n\r\n"), 400},
    {"two Authorizations", STR_INIT(GET "Authorization: a\r\nAuthorization: b\r\n\r\n"), 400},
    {"two equal Authorizations", STR_INIT(GET "authorization: a\r\nAUTHORIZATION: a\r\n\r\n"), 400},
    {"two Content-Types", STR_INIT(GET "Content-Type: a/b\r\nContent-type: c/d\r\n\r\n"), 400},
    {"two Expects",
     STR_INIT(POST "Expect: 100-continue\r\nExpect: x\r\nContent-Length: 1\r\n\r\nx"), 400},
    {"two X-Amz-Date", STR_INIT(GET "X-Amz-Date: a\r\nB: c\r\nx-amz-date: b\r\n\r\n"), 400},
    {"two X-Amz-Security-Token",
     STR_INIT(GET "X-Amz-Security-Token: a\r\nX-Amz-Security-Token: b\r\n\r\n"), 400},
    {"two of any X-Amz- header", STR_INIT(GET "X-Amz-New: a\r\nx-amz-new: a\r\n\r\n"), 400},
    {"two different X-Amz- headers", STR_INIT(GET "X-Amz-Date: a\r\nX-Amz-Date2: a\r\n\r\n"), 200},
    {"headers that are lists, in two pieces",
     STR_INIT(GET "Accept: a/b\r\nAccept: c/d\r\nVia: 1.1 a\r\nVia: 1.1 b\r\n"
                  "X-Forwarded-For: 10.0.0.1\r\nX-Forwarded-For: 10.0.0.2\r\n\r\n"),
     200},
    {"two equal Content-Length", STR_INIT(POST "Content-Length: 1\r\nContent-Length: 1\r\n\r\nx"),
     400},
    {"two different Content-Length",
     STR_INIT(POST "Content-Length: 1\r\nContent-Length: 2\r\n\r\nxy"), 400},
    {"Content-Length as a list", STR_INIT(POST "Content-Length: 1, 1\r\n\r\nx"), 400},
    {"Content-Length and Transfer-Encoding",
     STR_INIT(POST "Content-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n"), 400},
    {"Transfer-Encoding and Content-Length",
     STR_INIT(POST "Transfer-Encoding: chunked\r\nContent-Length: 5\r\n\r\n0\r\n\r\n"), 400},
    {"two Transfer-Encoding",
     STR_INIT(POST "Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n"),
     400},
    {"an unknown transfer coding", STR_INIT(POST "Transfer-Encoding: gzip\r\n\r\n"), 501},
    {"two transfer codings", STR_INIT(POST "Transfer-Encoding: gzip, chunked\r\n\r\n0\r\n\r\n"),
     501},
    {"chunks in HTTP/1.0",
     STR_INIT("POST / HTTP/1.0\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n"), 400},
    {"chunks", STR_INIT(POST "Transfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n0\r\n\r\n"), 200},
    {"a chunk size with a letter too many",
     STR_INIT(POST "Transfer-Encoding: chunked\r\n\r\n5x\r\nabcde\r\n0\r\n\r\n"), 400},
    {"Content-Length -1", STR_INIT(POST "Content-Length: -1\r\n\r\n"), 400},
    {"Content-Length +5", STR_INIT(POST "Content-Length: +5\r\n\r\nabcde"), 400},
    {"Content-Length 0x5", STR_INIT(POST "Content-Length: 0x5\r\n\r\nabcde"), 400},
    {"an empty Content-Length", STR_INIT(POST "Content-Length: \r\n\r\n"), 400},
    {"a Content-Length beyond 64 bits",
     STR_INIT(POST "Content-Length: 99999999999999999999\r\n\r\n"), 413},
    {"a Content-Length just below 64 bits",
     STR_INIT(POST "Content-Length: 9223372036854775807\r\n\r\n"), 413},
    {"a space before the colon", STR_INIT(GET "A : b\r\n\r\n"), 400},
    {"a header without a name", STR_INIT(GET ": b\r\n\r\n"), 400},
    {"a header without a colon", STR_INIT(GET "Abc\r\n\r\n"), 400},
    {"a header name with a space", STR_INIT(GET "A b: c\r\n\r\n"), 400},
    {"a header name with a slash", STR_INIT(GET "A/b: c\r\n\r\n"), 400},
    {"a folded header", STR_INIT(GET "A: b\r\n c\r\n\r\n"), 400},
    {"a folded header in between", STR_INIT(GET "A: b\r\n c\r\nD: e\r\n\r\n"), 400},
    {"a line that starts with a space", STR_INIT("GET / HTTP/1.1\r\n Host: h\r\n\r\n"), 400},
    {"a NUL in a value", STR_INIT(GET "A: b\0c\r\nD: e\r\n\r\n"), 400},
    {"a NUL in the last value", STR_INIT(GET "A: b\0c\r\n\r\n"), 400},
    {"a NUL at the end of the last value", STR_INIT(GET "A: b\0\r\n\r\n"), 400},
    {"two NULs in the last value", STR_INIT(GET "A: b\0\0c\r\n\r\n"), 400},
    {"four NULs in the last value", STR_INIT(GET "A: b\0\0\0\0c\r\n\r\n"), 400},
    {"a NUL in a name", STR_INIT(GET "A\0b: c\r\n\r\n"), 400},
    {"a NUL in Host", STR_INIT("GET / HTTP/1.1\r\nHost: h\0evil\r\n\r\n"), 400},
    {"a NUL in the target", STR_INIT("GET /a\0b HTTP/1.1\r\nHost: h\r\n\r\n"), 400},
    {"a NUL in the query", STR_INIT("GET /a?b\0c HTTP/1.1\r\nHost: h\r\n\r\n"), 400},
    {"a NUL in the version", STR_INIT("GET / HTTP/1.1\0\r\nHost: h\r\n\r\n"), 400},
    {"a control character in a value", STR_INIT(GET "A: b\x01\r\n\r\n"), 400},
    {"a carriage return inside a value", STR_INIT(GET "A: b\rC: d\r\n\r\n"), 400},
    {"a tab inside a value", STR_INIT(GET "A: b\tc\r\n\r\n"), 200},
    {"a bare line feed after the request line", STR_INIT("GET / HTTP/1.1\nHost: h\r\n\r\n"), 400},
    {"a bare line feed after a header", STR_INIT(GET "A: b\nC: d\r\n\r\n"), 400},
    {"bare line feeds everywhere", STR_INIT("GET / HTTP/1.1\nHost: h\n\n"), 400},
    {"a target with a space", STR_INIT("GET /a b HTTP/1.1\r\nHost: h\r\n\r\n"), 0},
    {"a target with a control character", STR_INIT("GET /a\x01 HTTP/1.1\r\nHost: h\r\n\r\n"), 400},
    {"a target without a slash", STR_INIT("GET a HTTP/1.1\r\nHost: h\r\n\r\n"), 400},
    {"an absolute target", STR_INIT("GET http://h/a HTTP/1.1\r\nHost: h\r\n\r\n"), 400},
    {"a target with a fragment", STR_INIT("GET /a#b HTTP/1.1\r\nHost: h\r\n\r\n"), 400},
    {"a method that is no token", STR_INIT("GE{T / HTTP/1.1\r\nHost: h\r\n\r\n"), 400},
    {"HTTP/2.0 in words", STR_INIT("GET / HTTP/2.0\r\nHost: h\r\n\r\n"), 505},
    {"no version", STR_INIT("GET /\r\n\r\n"), 400},
    {"not HTTP at all", STR_INIT("\x16\x03\x01\x02\x00\x01\x00\r\n\r\n"), 0},
    {"HEAD", STR_INIT("HEAD / HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n"), 200},
    {"PUT", STR_INIT("PUT / HTTP/1.1\r\nHost: h\r\nContent-Length: 1\r\n\r\nx"), 200},
    {"PATCH", STR_INIT("PATCH / HTTP/1.1\r\nHost: h\r\nContent-Length: 1\r\n\r\nx"), 200},
    {"DELETE", STR_INIT("DELETE / HTTP/1.1\r\nHost: h\r\n\r\n"), 200},
};

static struct http_server *server;

static int set_up(void **state)
{
    (void)state;
    server = serve(echo, NULL, (struct http_limits){0});
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    return http_server_stop(server, 5000) ? 0 : -1;
}

static void each_gets_its_status(void **state)
{
    size_t wrong = 0;

    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        int status = raw_status(http_server_port(server), cases[i].request);

        if (status != cases[i].status) {
            print_error("%s: %d instead of %d\n", cases[i].title, status, cases[i].status);
            wrong++;
        }
    }
    assert_int_equal(wrong, 0);
}

/* A refused request leaves no room for a second one behind it: the connection is closed. */
static void a_refused_request_ends_the_connection(void **state)
{
    SCOPED(arena_scope_end) struct arena *a = arena_new(0);
    int fd = raw_connect(http_server_port(server));
    struct str all;

    (void)state;
    raw_send_z(fd,
               POST "Content-Length: 30\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n" GET "\r\n");
    all = raw_until_closed(fd, a);
    assert_true(str_starts(all, STR("HTTP/1.1 400 ")));
    assert_true(str_contains(all, STR("\r\nConnection: close\r\n")));
    assert_false(str_contains(all, STR("HTTP/1.1 200")));
    (void)close(fd);
}

static int with_headers(size_t n, size_t each)
{
    SCOPED(arena_scope_end) struct arena *a = arena_new(0);
    struct buf b = buf_new(a, 1 << 20);

    buf_add_z(&b, GET);
    for (size_t i = 0; i < n; i++) {
        buf_addf(&b, "X-%zu: ", i);
        for (size_t k = 0; k < each; k++)
            buf_add_char(&b, 'v');
        buf_add_z(&b, "\r\n");
    }
    buf_add_z(&b, "\r\n");
    return raw_status(http_server_port(server), buf_str(&b));
}

static void headers_are_limited_in_number_and_size(void **state)
{
    (void)state;
    assert_int_equal(with_headers(99, 1), 200);
    assert_int_equal(with_headers(100, 1), 431);
    assert_int_equal(with_headers(500, 1), 431);
    assert_int_equal(with_headers(1, 32000), 200);
    assert_int_equal(with_headers(1, 33000), 431);
    assert_int_equal(with_headers(1, 65536), 431);
    assert_int_equal(with_headers(90, 400), 431);
}

static int with_target(size_t n)
{
    SCOPED(arena_scope_end) struct arena *a = arena_new(0);
    struct buf b = buf_new(a, 1 << 20);

    buf_add_z(&b, "GET /");
    for (size_t k = 0; k < n; k++)
        buf_add_char(&b, 't');
    buf_add_z(&b, " HTTP/1.1\r\nHost: h\r\n\r\n");
    return raw_status(http_server_port(server), buf_str(&b));
}

static void the_target_is_limited(void **state)
{
    (void)state;
    assert_int_equal(with_target(32000), 200);
    assert_int_equal(with_target(33000), 431);
}

struct target_case {
    const char *target;
    const char *seen; /* path and query as the handler has them */
};

/* What a signature covers must reach the verifier untouched. */
static void targets_arrive_as_sent(void **state)
{
    static const struct target_case targets[] = {
        {"/a%2Fb/c%20d", "GET /a%2Fb/c%20d [] "},
        {"/functions/arn%3Aaws%3Alambda/invocations",
         "GET /functions/arn%3Aaws%3Alambda/invocations [] "},
        {"/a?x=1+2&y=%2B&z=a%20b", "GET /a [x=1+2&y=%2B&z=a%20b] "},
        {"/a?", "GET /a [] "},
        {"/a?b?c", "GET /a [b?c] "},
        {"/a?k&k=&k=1&&", "GET /a [k&k=&k=1&&] "},
        {"//a/./../b/", "GET //a/./../b/ [] "},
        {"/%zz%", "GET /%zz% [] "},
        {"*", "GET * [] "},
    };
    SCOPED(arena_scope_end) struct arena *a = arena_new(0);

    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(targets); i++) {
        struct raw_reader r = {.fd = raw_connect(http_server_port(server))};
        struct raw_answer answer;

        raw_send(r.fd, arena_strf(a, "GET %s HTTP/1.1\r\nHost: h\r\n\r\n", targets[i].target));
        assert_true(raw_next(&r, a, &answer));
        assert_string_equal(answer.body.ptr, targets[i].seen);
        (void)close(r.fd);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(each_gets_its_status),
        cmocka_unit_test(a_refused_request_ends_the_connection),
        cmocka_unit_test(headers_are_limited_in_number_and_size),
        cmocka_unit_test(the_target_is_limited),
        cmocka_unit_test(targets_arrive_as_sent),
    };

    return cmocka_run_group_tests_name("http_hostile", tests, set_up, tear_down);
}
