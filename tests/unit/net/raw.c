#define _GNU_SOURCE /* memmem */
#include "tests/unit/net/raw.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <poll.h>
#include <setjmp.h>
#include <stdarg.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cmocka.h>

enum { PATIENCE_MS = 20000 }; /* nothing that is asserted takes so long unless it hangs */

int raw_connect(uint16_t port)
{
    struct sockaddr_in to = {.sin_family = AF_INET, .sin_port = htons(port)};
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

    to.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    assert_true(fd >= 0);
    assert_int_equal(connect(fd, (const struct sockaddr *)&to, sizeof(to)), 0);
    return fd;
}

void raw_send(int fd, struct str bytes)
{
    while (bytes.len) {
        ssize_t n = send(fd, bytes.ptr, bytes.len, MSG_NOSIGNAL);

        if (n <= 0)
            return; /* the server had enough; the answer tells */
        bytes = str_slice(bytes, (size_t)n, bytes.len);
    }
}

void raw_send_z(int fd, const char *bytes)
{
    raw_send(fd, str_from_z(bytes));
}

/* False at the end of the stream. */
static bool more(int fd, char *at, size_t room, size_t *got)
{
    struct pollfd p = {.fd = fd, .events = POLLIN};
    ssize_t n;

    if (poll(&p, 1, PATIENCE_MS) != 1)
        fail_msg("no answer in %d ms", PATIENCE_MS);
    n = recv(fd, at, room, 0);
    *got = n > 0 ? (size_t)n : 0;
    return n > 0;
}

static size_t find(struct str s, const char *needle)
{
    const char *at = s.len ? memmem(s.ptr, s.len, needle, strlen(needle)) : NULL;

    return at ? (size_t)(at - s.ptr) : s.len;
}

static size_t content_length(struct str head)
{
    size_t at = find(head, "Content-Length: ");
    int64_t n = 0;

    if (at < head.len) {
        struct str rest = str_slice(head, at + 16, head.len);

        assert_true(str_to_i64(str_trim(str_cut(&rest, '\n')), &n));
    }
    return (size_t)n;
}

bool raw_next(struct raw_reader *r, struct arena *a, struct raw_answer *out)
{
    size_t head, whole, got;
    int64_t status = 0;

    *out = (struct raw_answer){0};
    while ((head = find((struct str){r->bytes, r->len}, "\r\n\r\n")) == r->len) {
        if (!more(r->fd, r->bytes + r->len, sizeof(r->bytes) - r->len, &got))
            return false;
        r->len += got;
    }
    out->head = arena_str(a, (struct str){r->bytes, head + 2});
    assert_true(str_to_i64(str_slice(out->head, 9, 12), &status));
    out->status = (int)status;
    whole = head + 4 + content_length(out->head);
    out->whole = true;
    while (out->whole && r->len < whole) {
        out->whole = more(r->fd, r->bytes + r->len, sizeof(r->bytes) - r->len, &got);
        r->len += got;
    }
    out->body = arena_str(a, str_slice((struct str){r->bytes, r->len}, head + 4, whole));
    if (r->len > whole)
        memmove(r->bytes, r->bytes + whole, r->len - whole);
    r->len = r->len > whole ? r->len - whole : 0;
    return true;
}

struct str raw_until_closed(int fd, struct arena *a)
{
    struct buf all = buf_new(a, 1 << 22);
    char piece[4096];
    size_t got;

    while (more(fd, piece, sizeof(piece), &got))
        buf_add(&all, (struct str){piece, got});
    return buf_str(&all);
}

int raw_status(uint16_t port, struct str request)
{
    SCOPED(arena_scope_end) struct arena *a = arena_new(0);
    struct raw_reader r = {.fd = raw_connect(port)};
    struct raw_answer answer;

    raw_send(r.fd, request);
    (void)raw_next(&r, a, &answer);
    (void)close(r.fd);
    return answer.status;
}

struct http_server *serve(http_handler_fn *handler, void *context, struct http_limits limits)
{
    SCOPED(arena_scope_end) struct arena *a = arena_new(0);
    struct http_server_options o = {
        .address = STR("127.0.0.1"), .limits = limits, .handler = handler, .context = context};
    struct http_server *s = NULL;
    struct str why = {0};

    if (http_server_start(&o, a, &s, &why))
        fail_msg("the server does not start: " STR_FMT, STR_ARG(why));
    return s;
}
