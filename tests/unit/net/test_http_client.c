#include <arpa/inet.h>
#include <poll.h>
#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cmocka.h>

#include "net/http_client.h"
#include "tests/unit/net/actor.h"
#include "tests/unit/net/tls_pem.h"

/*
 * A server of few words: for each connection it is given a script, reads one request, keeps its
 * bytes, writes the script and closes.
 */
struct scripted {
    int listener;
    uint16_t port;
    const char *const *scripts; /* NULL ends; an empty one only reads */
    char requests[4][8192];
    unsigned served;
    pthread_t thread;
};

static size_t announced_length(const char *head)
{
    const char *length = strstr(head, "Content-Length: ");
    struct str rest = str_from_z(length ? length + 16 : "0\r");
    int64_t n = 0;

    assert_true(str_to_i64(str_cut(&rest, '\r'), &n));
    return (size_t)n;
}

static bool request_complete(const char *text)
{
    const char *end = strstr(text, "\r\n\r\n");

    return end && strlen(end + 4) >= announced_length(text);
}

static void read_request(int fd, char *to, size_t room)
{
    size_t len = 0;

    while (!request_complete(to) && len + 1 < room) {
        ssize_t n = recv(fd, to + len, room - 1 - len, 0);

        if (n <= 0)
            break;
        len += (size_t)n;
        to[len] = 0;
    }
}

/* A script "a|b" answers two requests on one connection. */
static void *scripted_thread(void *arg)
{
    struct scripted *s = arg;

    for (const char *const *script = s->scripts; *script; script++) {
        int fd = accept(s->listener, NULL, NULL);
        struct str rest = str_from_z(*script);

        while (fd >= 0 && str_present(rest)) {
            struct str part = str_cut(&rest, '|');

            read_request(fd, s->requests[s->served], sizeof(s->requests[0]));
            s->served += s->requests[s->served][0] != 0;
            raw_send(fd, part);
        }
        (void)close(fd);
    }
    (void)close(s->listener);
    return NULL;
}

static void scripted_start(struct scripted *s, const char *const *scripts)
{
    struct sockaddr_in at = {.sin_family = AF_INET};
    socklen_t len = sizeof(at);

    *s = (struct scripted){.scripts = scripts};
    at.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    s->listener = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    assert_int_equal(bind(s->listener, (const struct sockaddr *)&at, len), 0);
    assert_int_equal(listen(s->listener, 8), 0);
    assert_int_equal(getsockname(s->listener, (struct sockaddr *)&at, &len), 0);
    s->port = ntohs(at.sin_port);
    assert_int_equal(pthread_create(&s->thread, NULL, scripted_thread, s), 0);
}

struct fixture {
    struct arena *arena;
    struct transport *client;
    struct transport_answer answer;
    struct str why;
};

static int set_up(void **state)
{
    static struct fixture f;

    f.arena = arena_new(0);
    f.client = http_client_new(&(struct http_client_options){.no_proxy = true});
    *state = &f;
    return 0;
}

static int tear_down(void **state)
{
    struct fixture *f = *state;

    http_client_free(f->client);
    arena_free(f->arena);
    return 0;
}

static enum fault send_to(struct fixture *f, uint16_t port, const char *target,
                          struct transport_request r)
{
    r.method = str_present(r.method) ? r.method : STR("GET");
    r.url = arena_strf(f->arena, "http://127.0.0.1:%u%s", port, target);
    r.timeout_ms = r.timeout_ms ? r.timeout_ms : 20000;
    f->why = (struct str){0};
    return f->client->ops->send(f->client, f->arena, &r, &f->answer, &f->why);
}

#define OK_ANSWER "HTTP/1.1 200 OK\r\nContent-Length: 2\r\nX-A: 1\r\nx-b:  two \r\n\r\nok"
static const char ok[] = OK_ANSWER;
/* On one connection: one that closes could be taken for a kept one, and that is a fault by design.
 */
static const char ok_thrice[] = OK_ANSWER "|" OK_ANSWER "|" OK_ANSWER;

static void the_request_is_sent_exactly_as_given(void **state)
{
    struct fixture *f = *state;
    struct scripted s;
    struct header headers[] = {
        {STR_INIT("X-Amz-Date"), STR_INIT("20260131T120000Z")},
        {STR_INIT("X-Empty"), STR_INIT("")},
        {STR_INIT("Content-Type"), STR_INIT("application/x-amz-json-1.1")},
    };

    scripted_start(&s, (const char *const[]){ok_thrice, NULL});
    assert_int_equal(send_to(f, s.port, "/a%2Fb/../c//d:e?z=1&a=%20&k",
                             (struct transport_request){.method = STR("POST"),
                                                        .headers = {headers, 3},
                                                        .body = STR("{}")}),
                     FAULT_NONE);
    assert_int_equal(send_to(f, s.port, "/", (struct transport_request){.method = STR("POST")}),
                     FAULT_NONE);
    assert_int_equal(send_to(f, s.port, "/x?", (struct transport_request){.method = STR("DELETE")}),
                     FAULT_NONE);
    (void)pthread_join(s.thread, NULL);
    assert_string_equal(
        s.requests[0],
        arena_strf(f->arena,
                   "POST /a%%2Fb/../c//d:e?z=1&a=%%20&k HTTP/1.1\r\nHost: 127.0.0.1:%u\r\n"
                   "X-Amz-Date: 20260131T120000Z\r\nX-Empty:\r\n"
                   "Content-Type: application/x-amz-json-1.1\r\nContent-Length: 2\r\n\r\n{}",
                   s.port)
            .ptr);
    assert_string_equal(s.requests[1], arena_strf(f->arena,
                                                  "POST / HTTP/1.1\r\nHost: 127.0.0.1:%u\r\n"
                                                  "Content-Length: 0\r\n\r\n",
                                                  s.port)
                                           .ptr);
    assert_string_equal(
        s.requests[2],
        arena_strf(f->arena, "DELETE /x? HTTP/1.1\r\nHost: 127.0.0.1:%u\r\n\r\n", s.port).ptr);
}

static void a_given_host_and_length_stand(void **state)
{
    struct fixture *f = *state;
    struct scripted s;
    struct header headers[] = {
        {STR_INIT("Host"), STR_INIT("drs.eu-west-1.amazonaws.com")},
        {STR_INIT("Content-Length"), STR_INIT("2")},
    };

    scripted_start(&s, (const char *const[]){ok, NULL});
    assert_int_equal(send_to(f, s.port, "/",
                             (struct transport_request){
                                 .method = STR("PUT"), .headers = {headers, 2}, .body = STR("ab")}),
                     FAULT_NONE);
    (void)pthread_join(s.thread, NULL);
    assert_string_equal(s.requests[0], "PUT / HTTP/1.1\r\nHost: drs.eu-west-1.amazonaws.com\r\n"
                                       "Content-Length: 2\r\n\r\nab");
}

static void the_answer_comes_with_its_headers(void **state)
{
    struct fixture *f = *state;
    struct scripted s;

    scripted_start(&s, (const char *const[]){
                           "HTTP/1.1 100 Continue\r\nX-Interim: 1\r\n\r\n"
                           "HTTP/1.1 404 Not Found\r\nContent-Length: 2\r\nX-A: 1\r\nx-b:  two "
                           "\r\n\r\nok",
                           NULL});
    assert_int_equal(send_to(f, s.port, "/", (struct transport_request){.body = {0}}), FAULT_NONE);
    (void)pthread_join(s.thread, NULL);
    assert_int_equal(f->answer.status, 404);
    assert_string_equal(f->answer.body.ptr, "ok");
    assert_int_equal(f->answer.headers.len, 3);
    assert_string_equal(headers_get(&f->answer.headers, STR("X-B")).ptr, "two");
    assert_true(f->answer.sent);
}

static void redirects_are_answers(void **state)
{
    struct fixture *f = *state;
    struct scripted s;

    scripted_start(&s, (const char *const[]){"HTTP/1.1 302 Found\r\nLocation: http://127.0.0.1:1/"
                                             "\r\nContent-Length: 0\r\n\r\n",
                                             NULL});
    assert_int_equal(send_to(f, s.port, "/", (struct transport_request){.body = {0}}), FAULT_NONE);
    (void)pthread_join(s.thread, NULL);
    assert_int_equal(f->answer.status, 302);
}

struct failure {
    const char *title;
    const char *script;
    enum fault fault;
};

static void broken_answers_are_faults(void **state)
{
    static const struct failure failures[] = {
        {"closed without a byte", "", FAULT_CONNECTION},
        {"closed in the head", "HTTP/1.1 200 OK\r\nConte", FAULT_CONNECTION},
        {"closed in the body", "HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nabc", FAULT_CONNECTION},
        {"closed in a chunk", "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n9\r\nabc",
         FAULT_CONNECTION},
        {"not HTTP", "hello\r\n\r\n", FAULT_CONNECTION},
        {"too large by its length", "HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\n123456789",
         FAULT_TOO_LARGE},
        {"too large in chunks",
         "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n9\r\n123456789\r\n0\r\n\r\n",
         FAULT_TOO_LARGE},
    };
    struct fixture *f = *state;

    for (size_t i = 0; i < ARRAY_LEN(failures); i++) {
        struct scripted s;
        enum fault fault;

        scripted_start(&s, (const char *const[]){failures[i].script, NULL});
        fault = send_to(
            f, s.port, "/",
            (struct transport_request){.method = STR("POST"), .body = STR("{}"), .answer_max = 8});
        (void)pthread_join(s.thread, NULL);
        if (fault != failures[i].fault || !f->answer.sent || !f->why.len)
            fail_msg("%s: %s, sent %d, " STR_FMT, failures[i].title, fault_describe(fault)->name,
                     f->answer.sent, STR_ARG(f->why));
        assert_int_equal(f->answer.status, 0);
    }
}

static void an_unreachable_server_was_sent_nothing(void **state)
{
    struct fixture *f = *state;
    struct http_server *s = start_actor((struct http_limits){0});
    uint16_t port = http_server_port(s);

    assert_true(http_server_stop(s, 5000));
    assert_int_equal(send_to(f, port, "/", (struct transport_request){.body = STR("x")}),
                     FAULT_CONNECTION);
    assert_false(f->answer.sent);
    assert_true(f->why.len > 0);
}

static void a_silent_server_times_out(void **state)
{
    struct fixture *f = *state;
    struct http_server *s = start_actor((struct http_limits){0});

    assert_int_equal(send_to(f, http_server_port(s), "/delay?60000",
                             (struct transport_request){.timeout_ms = 50}),
                     FAULT_TIMEOUT);
    assert_true(f->answer.sent);
    (void)http_server_stop(s, 0);
}

/*
 * The server answers once and closes on the second request of the same connection. The library
 * would send that one again by itself: it does connect, to the second script, but must send
 * nothing.
 */
static void *stop_client(void *arg)
{
    gate_await(1);
    http_client_stop(arg);
    return NULL;
}

/* The server has the request and does not answer: 60 s would be its time. */
static void a_stopped_client_ends_its_calls(void **state)
{
    struct fixture *f = *state;
    struct transport *client = http_client_new(&(struct http_client_options){.no_proxy = true});
    struct http_server *s = start_actor((struct http_limits){0});
    struct transport_request r = {.method = STR("POST"), .timeout_ms = 60000};
    int64_t before = now_ms();
    pthread_t thread;

    r.url = arena_strf(f->arena, "http://127.0.0.1:%u/gate", http_server_port(s));
    assert_int_equal(pthread_create(&thread, NULL, stop_client, client), 0);
    assert_int_equal(client->ops->send(client, f->arena, &r, &f->answer, &f->why),
                     FAULT_CONNECTION);
    assert_true(f->answer.sent);
    assert_true(now_ms() - before < 10000);
    assert_int_equal(client->ops->send(client, f->arena, &r, &f->answer, &f->why),
                     FAULT_CONNECTION);
    (void)pthread_join(thread, NULL);
    gate_set(true);
    http_client_free(client);
    assert_true(http_server_stop(s, 5000));
}

static void nothing_is_sent_twice(void **state)
{
    struct fixture *f = *state;
    struct scripted s;

    for (int with_body = 0; with_body < 2; with_body++) {
        struct transport_request r = {.method = STR("POST"),
                                      .body = with_body ? STR("{}") : STR("")};

        scripted_start(&s, (const char *const[]){"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok|",
                                                 "", ok, NULL});
        assert_int_equal(send_to(f, s.port, "/one", r), FAULT_NONE);
        assert_int_equal(send_to(f, s.port, "/two", r), FAULT_CONNECTION);
        assert_true(f->answer.sent);
        assert_string_equal(f->why.ptr, "the connection was closed before the whole answer came");
        assert_int_equal(send_to(f, s.port, "/three", r), FAULT_NONE);
        (void)pthread_join(s.thread, NULL);
        assert_int_equal(s.served, 3);
        assert_memory_equal(s.requests[1], "POST /two ", 10);
        assert_memory_equal(s.requests[2], "POST /three ", 12);
    }
}

static void what_cannot_be_sent_is_refused(void **state)
{
    struct fixture *f = *state;
    struct header bad[] = {
        {STR_INIT("X-A"), STR_INIT("1\r\nX-B: 2")},
        {STR_INIT("X A"), STR_INIT("1")},
        {STR_INIT(""), STR_INIT("1")},
    };
    static const char *const urls[] = {"ftp://127.0.0.1/", "file:///etc/passwd", "http://",
                                       "http://user:word@127.0.0.1:1/"};

    for (size_t i = 0; i < ARRAY_LEN(bad); i++) {
        assert_int_equal(send_to(f, 1, "/", (struct transport_request){.headers = {&bad[i], 1}}),
                         FAULT_INVALID_PARAMETER);
        assert_false(f->answer.sent);
    }
    for (size_t i = 0; i < ARRAY_LEN(urls); i++) {
        struct transport_request r = {.method = STR("GET"), .url = str_from_z(urls[i])};

        assert_int_not_equal(f->client->ops->send(f->client, f->arena, &r, &f->answer, &f->why),
                             FAULT_NONE);
        assert_false(f->answer.sent);
    }
}

/* ---- many threads, one client ---- */

struct worker {
    struct transport *client;
    uint16_t port;
    unsigned good;
};

static void *work(void *arg)
{
    struct worker *w = arg;
    struct arena *a = arena_new(0);

    for (int i = 0; i < 50; i++) {
        struct transport_request r = {.method = STR("POST"), .body = STR("0123456789")};
        struct transport_answer answer;
        struct str why;

        r.url = arena_strf(a, "http://127.0.0.1:%u/describe?%d", w->port, i);
        if (!w->client->ops->send(w->client, a, &r, &answer, &why) &&
            str_contains(answer.body, arena_strf(a, "/describe?%d ", i)))
            w->good++;
        arena_reset(a);
    }
    arena_free(a);
    return NULL;
}

static void many_threads_share_a_client(void **state)
{
    struct fixture *f = *state;
    struct http_server *s = start_actor((struct http_limits){0});
    struct worker workers[8];
    pthread_t threads[8];

    for (size_t i = 0; i < 8; i++) {
        workers[i] = (struct worker){f->client, http_server_port(s), 0};
        assert_int_equal(pthread_create(&threads[i], NULL, work, &workers[i]), 0);
    }
    for (size_t i = 0; i < 8; i++) {
        (void)pthread_join(threads[i], NULL);
        assert_int_equal(workers[i].good, 50);
    }
    assert_true(http_server_stop(s, 5000));
}

/* ---- TLS ---- */

static struct http_server *start_tls(struct arena *a)
{
    struct http_server_options o = {.address = STR("127.0.0.1"),
                                    .tls_certificate_pem = str_from_z(tls_test_certificate),
                                    .tls_key_pem = str_from_z(tls_test_key),
                                    .handler = actor};
    struct http_server *s = NULL;
    struct str why;

    assert_int_equal(http_server_start(&o, a, &s, &why), FAULT_NONE);
    return s;
}

static void tls_is_spoken_and_checked(void **state)
{
    struct fixture *f = *state;
    char path[] = "/tmp/drwave-net-XXXXXX";
    int fd = mkstemp(path);
    struct http_server *s = start_tls(f->arena);
    struct transport *trusting;
    struct transport_request r = {.method = STR("POST"), .body = STR("abc")};

    assert_true(fd >= 0);
    assert_true(write(fd, tls_test_certificate, sizeof(tls_test_certificate) - 1) > 0);
    (void)close(fd);
    trusting = http_client_new(
        &(struct http_client_options){.ca_file = str_from_z(path), .no_proxy = true});
    r.url = arena_strf(f->arena, "https://127.0.0.1:%u/describe", http_server_port(s));
    for (int i = 0; i < 3; i++) {
        assert_int_equal(trusting->ops->send(trusting, f->arena, &r, &f->answer, &f->why),
                         FAULT_NONE);
        assert_true(str_contains(f->answer.body, STR(" tls\n")));
    }
    /* without that authority nothing is sent */
    assert_int_equal(f->client->ops->send(f->client, f->arena, &r, &f->answer, &f->why),
                     FAULT_CONNECTION);
    assert_false(f->answer.sent);
    http_client_free(trusting);
    assert_true(http_server_stop(s, 5000));
    (void)unlink(path);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_request_is_sent_exactly_as_given),
        cmocka_unit_test(a_given_host_and_length_stand),
        cmocka_unit_test(the_answer_comes_with_its_headers),
        cmocka_unit_test(redirects_are_answers),
        cmocka_unit_test(broken_answers_are_faults),
        cmocka_unit_test(an_unreachable_server_was_sent_nothing),
        cmocka_unit_test(a_silent_server_times_out),
        cmocka_unit_test(a_stopped_client_ends_its_calls),
        cmocka_unit_test(nothing_is_sent_twice),
        cmocka_unit_test(what_cannot_be_sent_is_refused),
        cmocka_unit_test(many_threads_share_a_client),
        cmocka_unit_test(tls_is_spoken_and_checked),
    };

    return cmocka_run_group_tests_name("http_client", tests, set_up, tear_down);
}
