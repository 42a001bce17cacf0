#ifndef NET_HTTP_SERVER_H
#define NET_HTTP_SERVER_H

#include "base/arena.h"
#include "base/fault.h"
#include "base/ports.h"

/*
 * The HTTP/1.1 server: framing, limits and threads; no idea of what is served. The only room that
 * knows the server library. Requests are read by I/O threads, answered by `workers` threads: a
 * handler may block without holding the I/O up. When `queue_max` requests wait, the next is
 * answered 503 with Retry-After at once, without a worker.
 *
 * Ambiguous framing (two Content-Length, or with Transfer-Encoding), two of a header that holds one
 * thing (Authorization, Content-Type, Expect, X-Amz-*), a NUL or a bare line feed in the head, a
 * folded header, HTTP/1.1 without exactly one Host, a target that is no path, and a broken request
 * line are refused with 400 (a line past all reading: with nothing) and the connection closed. What
 * is refused here never reaches the handler; such an answer has a small JSON body {"error",
 * "message"}, or the library's own page where it does not get as far as asking us.
 */
struct http_limits {
    size_t body_max;          /* bytes; more: 413. 0: 6 MiB */
    size_t bodies_max;        /* of all requests together, without small ones; more: 503.
                                 0: 32 times body_max */
    size_t header_max;        /* bytes of the request line and headers; more: 431. 0: 32 KiB */
    size_t header_count_max;  /* more: 431. 0: 100 */
    unsigned connections_max; /* 0: 1000. Past it the oldest that has asked for nothing is closed;
                                 where all have, who comes is answered 503 */
    unsigned idle_timeout_s;  /* to send a request line, then to send the rest; 0: 30 */
    unsigned workers;         /* 0: 4 */
    unsigned queue_max;       /* 0: 1024 */
    unsigned waiting_max;     /* handlers that wait for others (ports.h) beside the workers */
};

/* What arrived. Lives in the request's arena; header values without blanks around them. */
struct http_request {
    struct str method;
    struct str target;      /* as sent: path[?query], still percent-encoded */
    struct str path;        /* the part before '?', still percent-encoded */
    struct str query;       /* the part after '?', or absent */
    struct headers headers; /* in the order sent, names as sent */
    struct str body;
    struct str peer; /* address of the client, "127.0.0.1:40122" */
    bool tls;
    int64_t arrived_mono_ms; /* when it had come whole and began to wait for a worker */
};

/*
 * What leaves. Strings must live in the request's arena (or be static). Content-Length,
 * Transfer-Encoding, Date and Connection are the server's business and left out of `headers`, as is
 * a header that holds a line break. The damage fields exist for the simulator alone.
 */
struct http_answer {
    int status;
    struct headers headers;
    struct str body;
    struct {
        int64_t delay_ms; /* hold the answer back so long (no thread is held) */
        bool drop;        /* close the connection without a byte of answer */
        bool cut;         /* close it after cut_at bytes of the body, Content-Length whole */
        size_t cut_at;
        int64_t drip_ms; /* send the body one byte every so many ms; 0: at once */
    } damage;
};

/* Called on a worker thread. `a` is the request's own arena: gone when the answer has left. */
typedef void http_handler_fn(void *context, struct arena *a, const struct http_request *request,
                             struct http_answer *answer);

/* Why a request is refused that no handler sees. */
struct http_refusal {
    int status;
    const char *error; /* "UNAVAILABLE" */
    const char *message;
};

/*
 * Told of such a request before its answer leaves, on the I/O thread: it must not wait for
 * anything. Of the request only that is there which could be read. It may give the answer headers.
 */
typedef void http_refused_fn(void *context, struct arena *a, const struct http_request *request,
                             const struct http_refusal *why, struct headers *headers);

struct http_server_options {
    struct str address; /* "127.0.0.1", "::1", "0.0.0.0" */
    uint16_t port;      /* 0: any free one, see http_server_port */
    struct http_limits limits;
    struct str tls_certificate_pem; /* both or neither */
    struct str tls_key_pem;
    http_handler_fn *handler;
    http_refused_fn *refused; /* NULL: nobody wants to know */
    void *context;            /* of both */
    size_t arena_limit; /* bytes of a request's arena; 0: the larger of 64 MiB and 4 * body_max */
    bool own_dates;     /* a Date among an answer's headers leaves in place of the server's: only
                           the simulator has a clock of its own */
};

struct http_server;

/* Binds and starts. FAULT_CONNECTION with *why when the address cannot be had. */
MUST_CHECK enum fault http_server_start(const struct http_server_options *options, struct arena *a,
                                        struct http_server **out, struct str *why);

uint16_t http_server_port(const struct http_server *s);

/*
 * Stops accepting and waits up to grace_ms for what is being answered; true when nothing is. To be
 * followed by http_server_stop; between the two the caller may hurry its handlers. NULL is allowed.
 */
bool http_server_drain(struct http_server *s, int64_t grace_ms);

/*
 * Stops accepting (new requests on open connections get 503), waits up to grace_ms for what is
 * being answered, closes everything and frees. NULL is allowed.
 *
 * Returns false when the grace ran out: every connection is closed then as well, but a handler may
 * still be running, so its context must stay; the process is expected to end soon.
 */
bool http_server_stop(struct http_server *s, int64_t grace_ms);

#endif
