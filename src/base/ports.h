#ifndef BASE_PORTS_H
#define BASE_PORTS_H

#include "base/arena.h"
#include "base/fault.h"

/*
 * Everything below edge/ that is not a computation comes in through these small tables of
 * functions, so that a whole drill can also run in one thread from one seed. A concrete port embeds
 * the struct first and is reached by a checked conversion in its own file.
 *
 * Implementations: ports_system.h (the real clock, kernel randomness, threads) and
 * ports_single.h (one thread, virtual time, seeded randomness).
 */

/* ---- clock ---- */

struct clock;

struct clock_ops {
    int64_t (*wall_ms)(struct clock *c); /* since 1970, UTC; may jump */
    int64_t (*mono_ms)(struct clock *c); /* never goes back; for timers, leases, deadlines */
};

struct clock {
    const struct clock_ops *ops;
};

static inline int64_t clock_wall_ms(struct clock *c)
{
    return c->ops->wall_ms(c);
}

static inline int64_t clock_mono_ms(struct clock *c)
{
    return c->ops->mono_ms(c);
}

/* ---- entropy ---- */

struct entropy;

struct entropy_ops {
    void (*fill)(struct entropy *e, void *bytes, size_t n);
};

struct entropy {
    const struct entropy_ops *ops;
};

static inline void entropy_fill(struct entropy *e, void *bytes, size_t n)
{
    e->ops->fill(e, bytes, n);
}

/* A number in [0, 1) with 53 random bits: for jitter. */
double entropy_unit(struct entropy *e);

/* ---- transport: one HTTP request out, one answer back; blocks the calling thread ---- */

struct header {
    struct str name;
    struct str value;
};

struct headers {
    struct header *items;
    size_t len;
};

/* The first value of that name (ASCII case folded), absent when there is none. */
struct str headers_get(const struct headers *h, struct str name);

struct transport_request {
    struct str method;
    struct str url; /* scheme://host[:port]/path[?query], percent-encoded as it shall be sent */
    struct headers headers;
    struct str body;
    int connect_timeout_ms; /* 0: 5 s */
    int timeout_ms;         /* whole exchange; 0: 60 s */
    size_t answer_max;      /* bytes of body; more is FAULT_TOO_LARGE. 0: 32 MiB */
};

struct transport_answer {
    int status;
    struct headers headers;
    struct str body;
    bool sent; /* also on failure: some of the request may have reached the server */
};

struct transport;

struct transport_ops {
    /*
     * FAULT_NONE for every complete answer whatever its status; FAULT_TIMEOUT, FAULT_CONNECTION
     * (refused, reset, cut short, TLS), FAULT_TOO_LARGE, FAULT_INVALID_PARAMETER (a URL or header
     * that cannot be sent). *out lives in `a`; out->sent is valid on failure too, and *why then
     * says in words what happened. Nothing is ever sent twice.
     */
    enum fault (*send)(struct transport *t, struct arena *a, const struct transport_request *req,
                       struct transport_answer *out, struct str *why);
};

struct transport {
    const struct transport_ops *ops;
};

/* ---- run: work beside the caller, and waiting ---- */

struct run;

struct run_ops {
    /* Queues fn(arg) on the pool. false when the queue is full or stopping: fn is not called. */
    bool (*spawn)(struct run *r, void (*fn)(void *arg), void *arg);
    /*
     * Calls fn(args[i]) for every i, at most `width` at once, and returns when all have returned.
     * The caller takes part, so a full pool cannot deadlock it. One thread: in order.
     */
    void (*all)(struct run *r, void (*fn)(void *arg), void *const *args, size_t n, size_t width);
    /* Blocks for ms, or until the runner is stopping (then false). One thread: moves the clock. */
    bool (*wait_ms)(struct run *r, int64_t ms);
};

struct run {
    const struct run_ops *ops;
};

/*
 * Around whatever may wait long for somebody else (AWS). On a thread of a pool that has spare
 * threads another one takes its place meanwhile, so that work which waits for nobody goes on.
 * false: as many as may are waiting already; the caller gives up, and does not call waiting_end.
 * Nests. On every other thread it does nothing and is true.
 */
MUST_CHECK bool waiting_begin(void);
void waiting_end(void);

/*
 * The same around a wait that is short and always ends (a commit). It leaves half of the spare
 * threads to those that wait long; false: the caller waits in its own place, without waiting_end.
 */
MUST_CHECK bool waiting_briefly(void);

/* ---- secrets: keys that outlive a process, by name ("audit-hmac", "page-token") ---- */

struct secrets;

struct secrets_ops {
    /* 32 bytes, the same for a name for ever. FAULT_NOT_FOUND: it was never made, or is lost. */
    enum fault (*key)(struct secrets *s, struct str name, unsigned char out[32]);
    /* A new one, durable when it is handed out. One that was there is kept, under another name. */
    enum fault (*make)(struct secrets *s, struct str name, unsigned char out[32]);
};

struct secrets {
    const struct secrets_ops *ops;
};

/* ---- notify: tell people (contract: gates, ends). Never fails the caller. ---- */

struct notify;

struct notify_ops {
    void (*send)(struct notify *n, struct str topic, struct str subject, struct str text);
};

struct notify {
    const struct notify_ops *ops;
};

#endif
