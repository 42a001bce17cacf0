#ifndef NET_HTTP_INTERNAL_H
#define NET_HTTP_INTERNAL_H

#include <microhttpd.h>
#include <pthread.h>

#include "base/buf.h"
#include "net/http_server.h"

/*
 * What the files of the server share.
 *
 * Threads: one I/O thread runs every callback of the library (on_*); `pool` runs the handler; one
 * timer thread wakes what is delayed and ends slow connections. An exchange belongs to the I/O
 * thread until it is QUEUED, to a worker until it is READY, then to the I/O thread again. What more
 * than one thread looks at is written under http_server.lock and marked so.
 */
enum exchange_stage {
    EXCHANGE_NEW,     /* the request line is here */
    EXCHANGE_READING, /* the body arrives */
    EXCHANGE_WASTING, /* a body past the limit arrives and is thrown away, to answer 413 politely */
    EXCHANGE_QUEUED,  /* suspended: waits for a worker, is being answered, or is delayed */
    EXCHANGE_READY,   /* the answer is there */
    EXCHANGE_LEAVING, /* the answer was handed to the library */
    EXCHANGE_DRIPPING /* suspended between two pieces of the answer */
};

/* What is answered without a handler: the rows of the table in http_answer.c. */
enum refusal {
    REFUSAL_NONE,
    REFUSAL_MALFORMED,
    REFUSAL_AMBIGUOUS,
    REFUSAL_HEAD_SIZE,
    REFUSAL_BODY_SIZE,
    REFUSAL_CODING,
    REFUSAL_QUEUE_FULL,
    REFUSAL_CONNECTIONS_FULL,
    REFUSAL_BODIES_FULL,
    REFUSAL_STOPPING
};

/* One connection, from accept to close. */
struct http_link {
    int fd;
    int64_t deadline_ms; /* lock; a request must have arrived by then; 0: we are the slow side */
    bool asked;          /* lock; a request of it has been handed on */
    bool surplus;        /* lock; it came when there were too many already */
    struct exchange *present; /* I/O thread; of the request that is not completed */
    struct http_link *prev, *next;
};

/* One request and its answer. */
struct exchange {
    struct http_server *server;
    struct MHD_Connection *connection;
    struct http_link *link;
    struct arena *arena;
    enum exchange_stage stage; /* lock, once it was QUEUED */
    bool listed;               /* lock; in server->busy */
    bool running;              /* lock; a worker holds it, or will */
    bool gone;                 /* lock; the connection has ended */
    const char *raw_target;    /* where the library found the target; only to compare places */
    enum refusal refusal;      /* while WASTING: the answer at its end */
    size_t wasted;
    size_t claimed; /* of the server's bodies_len */
    bool dripped;   /* the pause before the next byte is over */
    struct buf body;
    struct http_request request;
    struct http_answer answer;
    int64_t due_ms; /* lock; when the timer wakes it */
    struct exchange *timer_next;
    struct exchange *prev, *next;
};

enum { EXCHANGES_KEPT = 64 };

struct http_server {
    struct http_server_options options; /* its strings live in `arena` */
    struct arena *arena;
    struct MHD_Daemon *daemon;
    uint16_t port;
    struct run *pool;
    pthread_t timer;

    pthread_mutex_t lock;
    pthread_cond_t tick;     /* something for the timer thread */
    pthread_cond_t quiet;    /* busy_len became 0 */
    struct http_link *links; /* open connections, the newest first */
    unsigned links_len;
    struct exchange *busy; /* from QUEUED until they have left */
    size_t bodies_len;     /* claimed by requests whose bodies are not small */
    unsigned busy_len;
    unsigned running_len;
    struct exchange *timers;               /* by due_ms */
    struct exchange *kept[EXCHANGES_KEPT]; /* with their arenas, for reuse */
    size_t kept_len;
    bool quiesced; /* nothing is accepted any more; listen_fd is ours */
    int listen_fd;
    bool stopping; /* no new work */
    bool dead;     /* the grace is over: nothing may be suspended any more */
    bool timer_stop;
    struct http_server *abandoned_next;
};

int64_t http_now_ms(void);

/* ---- http_exchange.c: the library's callbacks, from request line to completion ---- */

void *on_target(void *cls, const char *target, struct MHD_Connection *connection);
enum MHD_Result on_request(void *cls, struct MHD_Connection *connection, const char *url,
                           const char *method, const char *version, const char *upload,
                           size_t *upload_len, void **context);
void on_completed(void *cls, struct MHD_Connection *connection, void **context,
                  enum MHD_RequestTerminationCode why);
void exchange_free(struct exchange *x);

/* The connection ends; where the library has not said what became of a request, it never will. */
void exchange_forsake(struct http_link *l);

/* ---- http_guard.c: the head of a request ---- */

/* Copies the target into x->request and splits it. */
void guard_read_target(struct exchange *x, const char *target);

/* Copies the head into x->request, or says why the request is refused. */
enum refusal guard_read_head(struct exchange *x, const char *method, const char *version);

/* The value of Content-Length, or -1 when there is none. After guard_read_head. */
int64_t guard_content_length(const struct exchange *x);

/* ---- http_answer.c ---- */

/* Hands x->answer to the library; MHD_NO closes the connection. */
enum MHD_Result answer_send(struct exchange *x);

/* Answers a request that no handler sees; the connection is closed afterwards where `close`. */
enum MHD_Result answer_refusal(struct exchange *x, enum refusal why, bool close);

/* Tells of one that is refused with an answer that is not ours, or with none. */
void tell_refused(struct exchange *x, enum refusal why);

/* ---- http_timer.c ---- */

void on_connection(void *cls, struct MHD_Connection *connection, void **context,
                   enum MHD_ConnectionNotificationCode code);
void *timer_main(void *server);

/* With the lock held. */
void timer_add(struct exchange *x, int64_t delay_ms);
void exchange_wake(struct exchange *x);

#endif
