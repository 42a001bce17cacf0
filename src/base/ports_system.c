#include "base/ports_system.h"

#include <errno.h>
#include <pthread.h>
#include <stdlib.h>
#include <sys/random.h>
#include <time.h>

#include "base/panic.h"

/* ---- clock and entropy ---- */

static int64_t now_ms(clockid_t id)
{
    struct timespec t;

    (void)clock_gettime(id, &t);
    return (int64_t)t.tv_sec * 1000 + t.tv_nsec / 1000000;
}

static int64_t system_wall_ms(struct clock *c)
{
    (void)c;
    return now_ms(CLOCK_REALTIME);
}

static int64_t system_mono_ms(struct clock *c)
{
    (void)c;
    return now_ms(CLOCK_MONOTONIC);
}

struct clock *clock_system(void)
{
    static const struct clock_ops ops = {system_wall_ms, system_mono_ms};
    static struct clock system = {&ops};

    return &system;
}

static void system_fill(struct entropy *e, void *bytes, size_t n)
{
    unsigned char *p = bytes;

    (void)e;
    while (n) {
        ssize_t got = getrandom(p, n, 0);

        /* GCOVR_EXCL_START: the kernel gives it at once, and all of it */
        if (got < 0) {
            if (errno == EINTR)
                continue;
            panic("the kernel gives no randomness");
        }
        /* GCOVR_EXCL_STOP */
        p += got;
        n -= (size_t)got;
    }
}

struct entropy *entropy_system(void)
{
    static const struct entropy_ops ops = {system_fill};
    static struct entropy system = {&ops};

    return &system;
}

/* ---- the pool ---- */

struct job {
    void (*fn)(void *arg);
    void *arg;
};

struct pool {
    struct run run;
    pthread_mutex_t lock;
    pthread_cond_t work;    /* a job came, or the pool stops */
    pthread_cond_t waiters; /* the pool stops */
    struct job *queue;      /* a ring */
    size_t queue_max;
    size_t head;
    size_t len;
    bool stopping;
    unsigned workers; /* jobs that run at once */
    unsigned spares;  /* jobs that wait for somebody else at once; 0: not told apart */
    unsigned running; /* jobs that do not wait */
    unsigned waiting;
    unsigned threads_len;
    pthread_t *threads;
};

/* The pool of this thread, and how many waiting_begin it is inside. */
static _Thread_local struct pool *here;
static _Thread_local unsigned waits_deep;

static const struct run_ops pool_ops;

static struct pool *pool_of(struct run *r)
{
    REQUIRE(r->ops == &pool_ops);
    return (struct pool *)r;
}

static bool pool_spawn(struct run *r, void (*fn)(void *arg), void *arg)
{
    struct pool *p = pool_of(r);
    bool room;

    (void)pthread_mutex_lock(&p->lock);
    room = !p->stopping && p->len < p->queue_max;
    if (room) {
        p->queue[(p->head + p->len++) % p->queue_max] = (struct job){fn, arg};
        (void)pthread_cond_signal(&p->work);
    }
    (void)pthread_mutex_unlock(&p->lock);
    return room;
}

/* With the lock held: one runs less, and the next job's turn may have come. */
static void leave(struct pool *p)
{
    p->running--;
    if (p->stopping)
        (void)pthread_cond_broadcast(&p->work);
    else if (p->len)
        (void)pthread_cond_signal(&p->work);
}

static void *pool_thread(void *arg)
{
    struct pool *p = arg;

    here = p;
    (void)pthread_mutex_lock(&p->lock);
    for (;;) {
        struct job job;

        while (p->len ? p->running >= p->workers : !p->stopping)
            (void)pthread_cond_wait(&p->work, &p->lock);
        if (!p->len)
            break;
        p->running++;
        job = p->queue[p->head];
        p->head = (p->head + 1) % p->queue_max;
        p->len--;
        (void)pthread_mutex_unlock(&p->lock);
        job.fn(job.arg);
        (void)pthread_mutex_lock(&p->lock);
        leave(p);
    }
    (void)pthread_mutex_unlock(&p->lock);
    return NULL;
}

/* ---- waiting for somebody else ---- */

/* With the lock held: somebody is there to take the place of the caller. */
static bool stand_in(struct pool *p, unsigned waiting_max)
{
    if (p->waiting >= waiting_max)
        return false;
    if (p->stopping || p->threads_len > p->workers + p->waiting)
        return true;
    if (pthread_create(&p->threads[p->threads_len], NULL, pool_thread, p))
        return false; /* GCOVR_EXCL_LINE: the system has threads */
    p->threads_len++;
    return true;
}

/* Where `waiting_max` wait already there is no room for one more. */
static bool wait_among(struct pool *p, unsigned waiting_max)
{
    bool ok;

    if (waits_deep) {
        waits_deep++;
        return true;
    }
    (void)pthread_mutex_lock(&p->lock);
    ok = stand_in(p, waiting_max);
    if (ok) {
        waits_deep = 1;
        p->waiting++;
        leave(p);
    }
    (void)pthread_mutex_unlock(&p->lock);
    return ok;
}

bool waiting_begin(void)
{
    return !here || !here->spares || wait_among(here, here->spares);
}

bool waiting_briefly(void)
{
    return !here || !here->spares || wait_among(here, (here->spares + 1) / 2);
}

void waiting_end(void)
{
    struct pool *p = here;

    if (!p || !p->spares || --waits_deep)
        return;
    (void)pthread_mutex_lock(&p->lock);
    p->waiting--;
    p->running++;
    (void)pthread_mutex_unlock(&p->lock);
}

/* What the callers of one `all` share. It lives until the last helper has let go of it. */
struct fan {
    pthread_mutex_t lock;
    pthread_cond_t done;
    void (*fn)(void *arg);
    void *const *args;
    size_t n;
    size_t next;
    size_t finished;
    size_t holders;
};

static void fan_release(struct fan *f)
{
    bool last;

    (void)pthread_mutex_lock(&f->lock);
    last = --f->holders == 0;
    (void)pthread_mutex_unlock(&f->lock);
    if (!last)
        return;
    (void)pthread_mutex_destroy(&f->lock);
    (void)pthread_cond_destroy(&f->done);
    free(f);
}

static void fan_work(struct fan *f)
{
    (void)pthread_mutex_lock(&f->lock);
    while (f->next < f->n) {
        void *arg = f->args[f->next++];

        (void)pthread_mutex_unlock(&f->lock);
        f->fn(arg);
        (void)pthread_mutex_lock(&f->lock);
        if (++f->finished == f->n)
            (void)pthread_cond_broadcast(&f->done);
    }
    (void)pthread_mutex_unlock(&f->lock);
}

static void fan_helper(void *arg)
{
    fan_work(arg);
    fan_release(arg);
}

static void pool_all(struct run *r, void (*fn)(void *arg), void *const *args, size_t n,
                     size_t width)
{
    struct fan *f = calloc(1, sizeof(*f));

    if (!f)
        panic("out of memory: a fan-out"); /* GCOVR_EXCL_LINE: memory is there */
    (void)pthread_mutex_init(&f->lock, NULL);
    (void)pthread_cond_init(&f->done, NULL);
    f->fn = fn;
    f->args = args;
    f->n = n;
    f->holders = 1;
    for (size_t i = 1; i < width && i < n; i++) {
        (void)pthread_mutex_lock(&f->lock);
        f->holders++;
        (void)pthread_mutex_unlock(&f->lock);
        if (!pool_spawn(r, fan_helper, f)) {
            fan_release(f);
            break;
        }
    }
    /* The caller's own hold is among the holders. NOLINTNEXTLINE(clang-analyzer-unix.Malloc) */
    fan_work(f);
    (void)pthread_mutex_lock(&f->lock);
    while (f->finished < f->n)
        (void)pthread_cond_wait(&f->done, &f->lock);
    (void)pthread_mutex_unlock(&f->lock);
    fan_release(f);
}

static bool pool_wait_ms(struct run *r, int64_t ms)
{
    struct pool *p = pool_of(r);
    int64_t until = now_ms(CLOCK_MONOTONIC) + (ms > 0 ? ms : 0);
    struct timespec t = {.tv_sec = (time_t)(until / 1000),
                         .tv_nsec = (int)(until % 1000) * 1000000};
    bool stopping;
    int rc = 0;

    (void)pthread_mutex_lock(&p->lock);
    while (!p->stopping && rc != ETIMEDOUT)
        rc = pthread_cond_timedwait(&p->waiters, &p->lock, &t);
    stopping = p->stopping;
    (void)pthread_mutex_unlock(&p->lock);
    return !stopping;
}

static const struct run_ops pool_ops = {pool_spawn, pool_all, pool_wait_ms};

struct run *run_pool_new(unsigned threads, size_t queue_max)
{
    return run_pool_new_spare(threads, 0, queue_max);
}

struct run *run_pool_new_spare(unsigned threads, unsigned spares, size_t queue_max)
{
    struct pool *p = calloc(1, sizeof(*p));
    pthread_condattr_t monotonic;

    if (!p || !(p->queue = calloc(queue_max, sizeof(*p->queue))) ||
        !(p->threads = calloc((size_t)threads + spares, sizeof(*p->threads))))
        panic("out of memory: a thread pool"); /* GCOVR_EXCL_LINE: memory is there */
    p->run.ops = &pool_ops;
    p->queue_max = queue_max;
    p->workers = threads;
    p->spares = spares;
    (void)pthread_condattr_init(&monotonic);
    (void)pthread_condattr_setclock(&monotonic, CLOCK_MONOTONIC);
    (void)pthread_mutex_init(&p->lock, NULL);
    (void)pthread_cond_init(&p->work, NULL);
    (void)pthread_cond_init(&p->waiters, &monotonic);
    (void)pthread_condattr_destroy(&monotonic);
    (void)pthread_mutex_lock(&p->lock);
    for (; p->threads_len < threads; p->threads_len++)
        if (pthread_create(&p->threads[p->threads_len], NULL, pool_thread, p))
            panic("the system gives no more threads"); /* GCOVR_EXCL_LINE: it does */
    (void)pthread_mutex_unlock(&p->lock);
    return &p->run;
}

void run_pool_stop(struct run *r)
{
    struct pool *p = pool_of(r);

    (void)pthread_mutex_lock(&p->lock);
    p->stopping = true;
    (void)pthread_cond_broadcast(&p->work);
    (void)pthread_cond_broadcast(&p->waiters);
    (void)pthread_mutex_unlock(&p->lock);
}

void run_pool_free(struct run *r)
{
    struct pool *p;

    if (!r)
        return;
    p = pool_of(r);
    run_pool_stop(r);
    for (unsigned i = 0; i < p->threads_len; i++)
        (void)pthread_join(p->threads[i], NULL);
    (void)pthread_mutex_destroy(&p->lock);
    (void)pthread_cond_destroy(&p->work);
    (void)pthread_cond_destroy(&p->waiters);
    free(p->queue);
    free(p->threads);
    free(p);
}
