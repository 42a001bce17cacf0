/* Starting and stopping. What happens in between is in http_exchange.c. */
#include "net/http_server.h"

#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#include "base/file.h"
#include "base/panic.h"
#include "base/ports_system.h"
#include "net/http_internal.h"

enum {
    BACKLOG = 1024,
    SURPLUS_MIN = 16, /* connections past the limit that are told so at once */
};

/* TLS 1.2 and later; GnuTLS's own choice of ciphers. */
static const char tls_priorities[] = "NORMAL:-VERS-ALL:+VERS-TLS1.3:+VERS-TLS1.2";

/* Keeps SCOPED(file_close) from closing what is handed on. */
static int release_fd(int *fd)
{
    int released = *fd;

    *fd = -1;
    return released;
}

/* ---- options ---- */

#define DEFAULT(value, otherwise) ((value) ? (value) : (otherwise))

static void keep_options(struct http_server *s, const struct http_server_options *given)
{
    struct http_server_options *o = &s->options;
    struct http_limits *l = &o->limits;

    *o = *given;
    o->address = arena_str(s->arena, given->address);
    o->tls_certificate_pem = arena_str(s->arena, given->tls_certificate_pem);
    o->tls_key_pem = arena_str(s->arena, given->tls_key_pem);
    l->body_max = DEFAULT(l->body_max, (size_t)6 << 20);
    l->bodies_max = DEFAULT(l->bodies_max, 32 * l->body_max);
    l->header_max = DEFAULT(l->header_max, (size_t)32 << 10);
    l->header_count_max = DEFAULT(l->header_count_max, 100);
    l->connections_max = DEFAULT(l->connections_max, 1000);
    l->idle_timeout_s = DEFAULT(l->idle_timeout_s, 30);
    l->workers = DEFAULT(l->workers, 4);
    l->queue_max = DEFAULT(l->queue_max, 1024);
    if (!o->arena_limit)
        o->arena_limit = l->body_max > ((size_t)16 << 20) ? 4 * l->body_max : (size_t)64 << 20;
}

/* ---- the listening socket ---- */

union address {
    struct sockaddr any;
    struct sockaddr_in v4;
    struct sockaddr_in6 v6;
};

static bool parse_address(const char *text, uint16_t port, union address *out, socklen_t *len)
{
    *out = (union address){.any.sa_family = AF_UNSPEC};
    if (inet_pton(AF_INET, text, &out->v4.sin_addr) == 1) {
        out->v4.sin_family = AF_INET;
        out->v4.sin_port = htons(port);
        *len = sizeof(out->v4);
        return true;
    }
    if (inet_pton(AF_INET6, text, &out->v6.sin6_addr) == 1) {
        out->v6.sin6_family = AF_INET6;
        out->v6.sin6_port = htons(port);
        *len = sizeof(out->v6);
        return true;
    }
    return false;
}

static enum fault listen_on(struct http_server *s, struct arena *a, int *out, struct str *why)
{
    const char *text = arena_z(a, s->options.address);
    int on = 1;
    SCOPED(file_close) int fd = -1;
    union address address;
    socklen_t len = 0;

    if (!parse_address(text, s->options.port, &address, &len)) {
        *why = arena_strf(a, "'%s' is not an IP address", text);
        return FAULT_INVALID_PARAMETER;
    }
    fd = socket(address.any.sa_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    if (fd < 0 || setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof(on)) ||
        bind(fd, &address.any, len) || listen(fd, BACKLOG) || getsockname(fd, &address.any, &len)) {
        *why = arena_strf(a, "cannot listen on %s port %u: %s", text, s->options.port,
                          strerror(errno));
        return FAULT_CONNECTION;
    }
    s->port = ntohs(address.any.sa_family == AF_INET ? address.v4.sin_port : address.v6.sin6_port);
    *out = release_fd(&fd);
    return FAULT_NONE;
}

/* ---- the library ---- */

/* Only the edge logs; the reasons of refused requests are in the answers. */
static void no_log(void *cls, const char *format, va_list args)
{
    (void)cls;
    (void)format;
    (void)args;
}

static struct MHD_Daemon *start_daemon(struct http_server *s, int fd)
{
    const struct http_limits *l = &s->options.limits;
    bool tls = str_present(s->options.tls_certificate_pem);
    union {
        const char *in;
        void *out; /* the option array has no const; these are only read */
    } key = {.in = s->options.tls_key_pem.ptr},
      certificate = {.in = s->options.tls_certificate_pem.ptr}, priorities = {.in = tls_priorities};
    struct MHD_OptionItem tls_options[] = {
        {tls ? MHD_OPTION_HTTPS_MEM_KEY : MHD_OPTION_END, 0, key.out},
        {MHD_OPTION_HTTPS_MEM_CERT, 0, certificate.out},
        {MHD_OPTION_HTTPS_PRIORITIES, 0, priorities.out},
        {MHD_OPTION_END, 0, NULL},
    };
    /* Poll, not epoll: the library's epoll loop stalls when 128 connections are ready at once. */
    unsigned flags = MHD_USE_POLL_INTERNAL_THREAD | MHD_ALLOW_SUSPEND_RESUME |
                     (tls ? MHD_USE_TLS : 0) |
                     (str_find(s->options.address, ':') >= 0 ? MHD_USE_IPv6 : 0);

    return MHD_start_daemon(
        flags, 0, NULL, NULL, on_request, s, MHD_OPTION_EXTERNAL_LOGGER, no_log, NULL,
        MHD_OPTION_LISTEN_SOCKET, fd, MHD_OPTION_URI_LOG_CALLBACK, on_target, s,
        MHD_OPTION_NOTIFY_COMPLETED, on_completed, s, MHD_OPTION_NOTIFY_CONNECTION, on_connection,
        s, MHD_OPTION_STRICT_FOR_CLIENT, 1, MHD_OPTION_CONNECTION_LIMIT,
        l->connections_max + l->connections_max / 8 + SURPLUS_MIN, MHD_OPTION_CONNECTION_TIMEOUT,
        l->idle_timeout_s, MHD_OPTION_CONNECTION_MEMORY_LIMIT, 2 * l->header_max, MHD_OPTION_ARRAY,
        tls_options, MHD_OPTION_END);
}

static void free_server(struct http_server *s)
{
    for (size_t i = 0; i < s->kept_len; i++)
        exchange_free(s->kept[i]);
    run_pool_free(s->pool);
    (void)pthread_mutex_destroy(&s->lock);
    (void)pthread_cond_destroy(&s->tick);
    (void)pthread_cond_destroy(&s->quiet);
    arena_free(s->arena);
    free(s);
}

static struct http_server *new_server(const struct http_server_options *options)
{
    struct http_server *s = calloc(1, sizeof(*s));
    pthread_condattr_t monotonic;

    if (!s)
        panic("out of memory: a server");
    s->arena = arena_new(0);
    keep_options(s, options);
    (void)pthread_condattr_init(&monotonic);
    (void)pthread_condattr_setclock(&monotonic, CLOCK_MONOTONIC);
    (void)pthread_mutex_init(&s->lock, NULL);
    (void)pthread_cond_init(&s->tick, &monotonic);
    (void)pthread_cond_init(&s->quiet, &monotonic);
    (void)pthread_condattr_destroy(&monotonic);
    return s;
}

static void stop_timer(struct http_server *s)
{
    (void)pthread_mutex_lock(&s->lock);
    s->timer_stop = true;
    (void)pthread_cond_signal(&s->tick);
    (void)pthread_mutex_unlock(&s->lock);
    (void)pthread_join(s->timer, NULL);
}

/* The library does not say. It opens a descriptor of its own before it looks at the certificate. */
static enum fault why_no_daemon(const struct http_server *s, int fd, struct str *why)
{
    SCOPED(file_close) int one_more = dup(fd);

    if (one_more < 0 && (errno == EMFILE || errno == ENFILE)) {
        *why = STR("the HTTP server did not start: too few file descriptors (ulimit -n)");
        return FAULT_UNAVAILABLE;
    }
    *why = str_present(s->options.tls_certificate_pem)
               ? STR("the HTTP server did not start: its TLS library takes this certificate and "
                     "key not")
               : STR("the HTTP server did not start");
    return FAULT_INVALID_PARAMETER;
}

enum fault http_server_start(const struct http_server_options *options, struct arena *a,
                             struct http_server **out, struct str *why)
{
    struct http_server *s = new_server(options);
    int fd = -1;
    enum fault f = listen_on(s, a, &fd, why);

    if (f) {
        free_server(s);
        return f;
    }
    s->pool = run_pool_new_spare(s->options.limits.workers, s->options.limits.waiting_max,
                                 s->options.limits.queue_max);
    if (pthread_create(&s->timer, NULL, timer_main, s))
        panic("the system gives no more threads");
    s->daemon = start_daemon(s, fd);
    if (!s->daemon) {
        f = why_no_daemon(s, fd, why);
        stop_timer(s);
        free_server(s);
        (void)close(fd);
        return f;
    }
    *out = s;
    return FAULT_NONE;
}

uint16_t http_server_port(const struct http_server *s)
{
    return s->port;
}

/* ---- stopping ---- */

/* With the lock held: true when nothing is owed any more, false when the time is over. */
static bool wait_quiet(struct http_server *s, int64_t until_ms)
{
    struct timespec t = {.tv_sec = (time_t)(until_ms / 1000),
                         .tv_nsec = (int)(until_ms % 1000) * 1000000};
    int rc = 0;

    while (s->busy_len && rc != ETIMEDOUT)
        rc = pthread_cond_timedwait(&s->quiet, &s->lock, &t);
    return s->busy_len == 0;
}

/*
 * With the lock held: lets go of every connection that waits for something of ours. Those whose
 * handler still runs are answered with nothing; their exchange is freed when the handler returns.
 */
static void give_up(struct http_server *s)
{
    s->dead = true;
    s->timers = NULL;
    for (struct exchange *x = s->busy; x; x = x->next)
        exchange_wake(x);
}

/* What is left of a server whose handlers did not come back in time stays reachable here. */
static pthread_mutex_t abandoned_lock = PTHREAD_MUTEX_INITIALIZER;
static struct http_server *abandoned;

static void abandon(struct http_server *s)
{
    (void)pthread_mutex_lock(&abandoned_lock);
    s->abandoned_next = abandoned;
    abandoned = s;
    (void)pthread_mutex_unlock(&abandoned_lock);
}

bool http_server_drain(struct http_server *s, int64_t grace_ms)
{
    bool in_time;

    if (!s)
        return true;
    if (!s->quiesced)
        s->listen_fd = MHD_quiesce_daemon(s->daemon);
    s->quiesced = true;
    (void)pthread_mutex_lock(&s->lock);
    s->stopping = true;
    in_time = wait_quiet(s, http_now_ms() + grace_ms);
    (void)pthread_mutex_unlock(&s->lock);
    return in_time;
}

bool http_server_stop(struct http_server *s, int64_t grace_ms)
{
    bool in_time = http_server_drain(s, grace_ms);
    bool running;

    if (!s)
        return true;
    (void)pthread_mutex_lock(&s->lock);
    give_up(s);
    (void)pthread_mutex_unlock(&s->lock);

    stop_timer(s);
    MHD_stop_daemon(s->daemon);
    file_close(&s->listen_fd);

    (void)pthread_mutex_lock(&s->lock);
    running = s->running_len > 0;
    (void)pthread_mutex_unlock(&s->lock);
    if (running)
        abandon(s);
    else
        free_server(s);
    return in_time;
}
