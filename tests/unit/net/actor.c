#include "tests/unit/net/actor.h"

#include <poll.h>
#include <pthread.h>

#include "base/ports_system.h"
#include "net/http_internal.h"

struct gate {
    pthread_mutex_t lock;
    pthread_cond_t changed;
    unsigned inside; /* handlers that have come to the gate */
    bool open;
};

static struct gate gate = {.lock = PTHREAD_MUTEX_INITIALIZER, .changed = PTHREAD_COND_INITIALIZER};

static void gate_pass(void)
{
    (void)pthread_mutex_lock(&gate.lock);
    gate.inside++;
    (void)pthread_cond_broadcast(&gate.changed);
    while (!gate.open)
        (void)pthread_cond_wait(&gate.changed, &gate.lock);
    gate.inside--;
    (void)pthread_cond_broadcast(&gate.changed);
    (void)pthread_mutex_unlock(&gate.lock);
}

void gate_await(unsigned inside)
{
    (void)pthread_mutex_lock(&gate.lock);
    while (gate.inside != inside)
        (void)pthread_cond_wait(&gate.changed, &gate.lock);
    (void)pthread_mutex_unlock(&gate.lock);
}

void gate_set(bool open)
{
    (void)pthread_mutex_lock(&gate.lock);
    gate.open = open;
    (void)pthread_cond_broadcast(&gate.changed);
    (void)pthread_mutex_unlock(&gate.lock);
}

static void describe(struct arena *a, const struct http_request *r, struct http_answer *answer)
{
    struct buf b = buf_new(a, 1 << 20);

    buf_addf(&b, STR_FMT " " STR_FMT " from " STR_FMT "%s\n", STR_ARG(r->method),
             STR_ARG(r->target), STR_ARG(str_slice(r->peer, 0, 10)), r->tls ? " tls" : "");
    for (size_t i = 0; i < r->headers.len; i++)
        buf_addf(&b, STR_FMT "=[" STR_FMT "]\n", STR_ARG(r->headers.items[i].name),
                 STR_ARG(r->headers.items[i].value));
    buf_addf(&b, "%zu bytes:" STR_FMT, r->body.len,
             STR_ARG(r->body.len < 100 ? r->body : STR("many")));
    answer->body = buf_str(&b);
}

void actor(void *context, struct arena *a, const struct http_request *r, struct http_answer *answer)
{
    static struct header odd[] = {
        {STR_INIT("X-Good"), STR_INIT("yes")},
        {STR_INIT("X-Bad"), STR_INIT("a\r\nInjected: 1")},
        {STR_INIT("connection"), STR_INIT("close")},
        {STR_INIT("content-length"), STR_INIT("7")},
        {STR_INIT("date"), STR_INIT("Thu, 01 Jan 1970 00:00:00 GMT")},
    };
    int64_t n = 0;

    (void)context;
    answer->status = 200;
    answer->body = STR("0123456789");
    (void)str_to_i64(r->query, &n);
    if (str_eq_z(r->path, "/describe"))
        describe(a, r, answer);
    else if (str_eq_z(r->path, "/gate"))
        gate_pass();
    else if (str_eq_z(r->path, "/delay"))
        answer->damage.delay_ms = n;
    else if (str_eq_z(r->path, "/drop"))
        answer->damage.drop = true;
    else if (str_eq_z(r->path, "/arrived"))
        answer->body = arena_strf(a, "%lld", (long long)r->arrived_mono_ms);
    else if (str_eq_z(r->path, "/drip"))
        answer->damage.drip_ms = n;
    else if (str_eq_z(r->path, "/odd"))
        answer->headers = (struct headers){odd, ARRAY_LEN(odd)};
    else if (str_eq_z(r->path, "/status"))
        answer->status = (int)n;
    else if (str_eq_z(r->path, "/large"))
        answer->body = (struct str){arena_alloc(a, (size_t)n), (size_t)n};
    if (str_eq_z(r->path, "/cut")) {
        answer->damage.cut = true;
        answer->damage.cut_at = (size_t)n;
    }
}

struct http_server *start_actor(struct http_limits limits)
{
    gate_set(false);
    return serve(actor, NULL, limits);
}

void get(int fd, const char *target)
{
    SCOPED(arena_scope_end) struct arena *a = arena_new(0);

    raw_send(fd, arena_strf(a, "GET %s HTTP/1.1\r\nHost: h\r\n\r\n", target));
}

static bool owes(struct http_server *s, unsigned busy)
{
    bool yes;

    (void)pthread_mutex_lock(&s->lock);
    yes = s->busy_len == busy;
    (void)pthread_mutex_unlock(&s->lock);
    return yes;
}

void await_busy(struct http_server *s, unsigned n)
{
    while (!owes(s, n))
        (void)poll(NULL, 0, 1);
}

static bool claims(struct http_server *s, size_t bytes)
{
    bool yes;

    (void)pthread_mutex_lock(&s->lock);
    yes = s->bodies_len == bytes;
    (void)pthread_mutex_unlock(&s->lock);
    return yes;
}

void await_bodies(struct http_server *s, size_t n)
{
    while (!claims(s, n))
        (void)poll(NULL, 0, 1);
}

bool silent(int fd)
{
    struct pollfd p = {.fd = fd, .events = POLLIN};

    return poll(&p, 1, 0) == 0;
}

int64_t now_ms(void)
{
    return clock_mono_ms(clock_system());
}
