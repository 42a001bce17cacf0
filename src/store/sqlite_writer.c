/*
 * The one that writes. What is waiting is run in savepoints and committed once, with the audit
 * records of reads that have gathered; only then does anybody get an answer. Without a thread every
 * submit is its own commit.
 */
#include <errno.h>
#include <stdlib.h>
#include <time.h>

#include "base/panic.h"
#include "base/ports.h"
#include "store/sqlite_internal.h"

enum {
    QUEUE_MAX = 1024,
    GROUP_MAX = 256,
    AUDIT_MAX = 4096, /* records of reads that wait */
    AUDIT_BYTES_MAX = 2 << 20,
    AUDIT_ENOUGH = 1024, /* so many are written without waiting for the time */
    AUDIT_WAIT_MS = 200,
    AUDIT_SINGLE_MAX = 64, /* without a thread */
};

struct writer {
    struct committer committer; /* whoever commits has it to himself */
    bool single_threaded;
    bool started;
    pthread_t thread;
    pthread_mutex_t lock; /* of all that follows */
    pthread_cond_t work;
    pthread_cond_t room; /* the audit queue has been emptied, or cannot be */
    struct request *first;
    struct request *last;
    size_t waiting;
    struct audit_queue audit; /* gathering */
    struct audit_queue taken; /* in the commit that runs, or in the next when it failed */
    struct timespec due;      /* when the oldest is written at the latest */
    struct audit_loss lost;
    int64_t stranger_credit; /* thousandths of records that strangers may still leave */
    int64_t stranger_since;  /* monotonic, by the store's clock: of the credit */
    bool failing;            /* the last commit failed */
    bool stopping;
};

/*
 * By the system's clock, not the store's: it is what a condition variable measures by, and an
 * instant of another one would be any time of its own.
 */
static struct timespec audit_due(void)
{
    struct timespec t;

    (void)clock_gettime(CLOCK_MONOTONIC, &t);
    t.tv_nsec += AUDIT_WAIT_MS * 1000000L;
    t.tv_sec += t.tv_nsec / 1000000000;
    t.tv_nsec %= 1000000000;
    return t;
}

static int64_t mono_ms(const struct writer *w)
{
    return clock_mono_ms(w->committer.store->ports.clock);
}

/* ---- the queues ---- */

static void audit_clear(struct audit_queue *q)
{
    for (size_t i = 0; i < q->len; i++)
        free((char *)(uintptr_t)q->records[i].ptr);
    q->len = 0;
    q->bytes = 0;
}

static struct request *take_requests(struct writer *w)
{
    struct request *first = w->first;
    struct request *r = first;

    for (size_t n = 1; r && n < GROUP_MAX && r->next; n++)
        r = r->next;
    if (!r)
        return NULL;
    w->first = r->next;
    if (!w->first)
        w->last = NULL;
    r->next = NULL;
    for (r = first; r; r = r->next)
        w->waiting--;
    return first;
}

/* With the lock held, which it gives up while it commits. */
static void turn(struct writer *w, bool closing)
{
    struct group g = {.first = take_requests(w), .audit = &w->taken, .closing = closing};
    enum fault f;

    if (!w->taken.len) {
        struct audit_queue empty = w->taken;

        w->taken = w->audit;
        w->audit = empty;
    }
    g.lost = w->lost;
    (void)pthread_mutex_unlock(&w->lock);
    f = commit_group(&w->committer, &g);
    (void)pthread_mutex_lock(&w->lock);
    if (!f) {
        audit_clear(&w->taken);
        w->lost.records -= g.lost.records;
        w->lost.strangers -= g.lost.strangers;
    }
    w->failing = f != FAULT_NONE;
    w->due = audit_due();
    (void)pthread_cond_broadcast(&w->room);
    for (struct request *r = g.first, *next; r; r = next) {
        next = r->next; /* the request is its caller's again as soon as it is done */
        r->done = true;
        (void)pthread_cond_signal(&r->answered);
    }
}

static bool has_audit(const struct writer *w)
{
    return w->audit.len || w->taken.len || w->lost.records;
}

/* Until there is something to commit, or it is time for the audit records, or for the end. */
static void await_work(struct writer *w)
{
    while (!w->first && !w->stopping && (w->failing || w->audit.len < AUDIT_ENOUGH)) {
        struct timespec due = w->due; /* others may move it during the wait */

        if (!has_audit(w))
            (void)pthread_cond_wait(&w->work, &w->lock);
        else if (pthread_cond_timedwait(&w->work, &w->lock, &due) == ETIMEDOUT)
            return;
    }
}

static void *writer_thread(void *arg)
{
    struct writer *w = arg;

    (void)pthread_mutex_lock(&w->lock);
    while (!w->stopping || w->first) {
        await_work(w);
        if (w->first || has_audit(w))
            turn(w, false);
    }
    (void)pthread_mutex_unlock(&w->lock);
    return NULL;
}

enum fault writer_submit(struct writer *w, struct arena *a, const struct write_set *ws,
                         struct refusal *why)
{
    struct request r = {.ws = ws, .arena = a, .why = why};
    bool replaced = !w->single_threaded && waiting_briefly(); /* others join the same commit */

    (void)pthread_cond_init(&r.answered, NULL);
    (void)pthread_mutex_lock(&w->lock);
    if (w->stopping || w->waiting >= QUEUE_MAX) {
        r.fault = FAULT_UNAVAILABLE;
        r.done = true;
    } else {
        w->waiting++;
        if (w->last)
            w->last->next = &r;
        else
            w->first = &r;
        w->last = &r;
        if (w->single_threaded)
            turn(w, false);
        else
            (void)pthread_cond_signal(&w->work);
    }
    while (!r.done)
        (void)pthread_cond_wait(&r.answered, &w->lock);
    (void)pthread_mutex_unlock(&w->lock);
    (void)pthread_cond_destroy(&r.answered);
    if (replaced)
        waiting_end();
    return r.fault;
}

/* ---- records of reads ---- */

static bool audit_full(const struct writer *w)
{
    return w->audit.len >= AUDIT_MAX || w->audit.bytes >= AUDIT_BYTES_MAX;
}

/* Before something is left for the next commit: the time runs from the first. */
static void gather(struct writer *w)
{
    if (has_audit(w))
        return;
    w->due = audit_due();
    (void)pthread_cond_signal(&w->work);
}

static void audit_push(struct writer *w, struct str record)
{
    char *copy = malloc(record.len + 1);

    if (!copy)
        panic("out of memory: an audit record");
    memcpy(copy, record.ptr, record.len);
    copy[record.len] = '\0';
    gather(w);
    w->audit.records[w->audit.len++] = (struct str){copy, record.len};
    w->audit.bytes += record.len;
    if (w->audit.len == AUDIT_ENOUGH)
        (void)pthread_cond_signal(&w->work);
}

void writer_audit_later(struct writer *w, struct str record)
{
    (void)pthread_mutex_lock(&w->lock);
    if (w->single_threaded && w->audit.len >= AUDIT_SINGLE_MAX)
        turn(w, false);
    while (audit_full(w) && !w->failing && !w->stopping)
        (void)pthread_cond_wait(&w->room, &w->lock);
    if (audit_full(w)) {
        /* Reading goes on where nothing can be written; that records were lost will be recorded. */
        w->lost.records++;
    } else {
        audit_push(w, record);
    }
    (void)pthread_mutex_unlock(&w->lock);
}

/* A burst, and a trickle after it. */
static bool stranger_may(struct writer *w)
{
    int64_t now = mono_ms(w);

    w->stranger_credit += (now - w->stranger_since) * STORE_STRANGERS_PER_S;
    w->stranger_since = now;
    if (w->stranger_credit > STORE_STRANGERS_BURST * 1000)
        w->stranger_credit = STORE_STRANGERS_BURST * 1000;
    if (w->stranger_credit < 1000)
        return false;
    w->stranger_credit -= 1000;
    return true;
}

void writer_audit_stranger(struct writer *w, struct str record)
{
    (void)pthread_mutex_lock(&w->lock);
    if (w->single_threaded && w->audit.len >= AUDIT_SINGLE_MAX)
        turn(w, false);
    if (!audit_full(w) && stranger_may(w)) {
        audit_push(w, record);
    } else {
        gather(w);
        w->lost.records++;
        w->lost.strangers++;
    }
    (void)pthread_mutex_unlock(&w->lock);
}

/* ---- life ---- */

static struct str *new_records(void)
{
    struct str *records = calloc(AUDIT_MAX, sizeof(*records));

    if (!records)
        panic("out of memory: the audit queue");
    return records;
}

struct writer *writer_new(struct store *s, struct db *db, bool single_threaded)
{
    struct writer *w = calloc(1, sizeof(*w));
    pthread_condattr_t monotonic;

    if (!w)
        panic("out of memory: the writer");
    committer_init(&w->committer, s, db);
    w->single_threaded = single_threaded;
    w->audit.records = new_records();
    w->taken.records = new_records();
    w->stranger_credit = STORE_STRANGERS_BURST * 1000;
    w->stranger_since = mono_ms(w);
    (void)pthread_condattr_init(&monotonic);
    (void)pthread_condattr_setclock(&monotonic, CLOCK_MONOTONIC);
    (void)pthread_mutex_init(&w->lock, NULL);
    (void)pthread_cond_init(&w->work, &monotonic);
    (void)pthread_cond_init(&w->room, NULL);
    (void)pthread_condattr_destroy(&monotonic);
    return w;
}

enum fault writer_start(struct writer *w)
{
    enum fault f = audit_chain_load(&w->committer.chain, w->committer.store);

    if (f || w->single_threaded)
        return f;
    if (pthread_create(&w->thread, NULL, writer_thread, w))
        return FAULT_STORE_ERROR;
    w->started = true;
    return FAULT_NONE;
}

/* Nothing is left to record, and the segment says that this was on purpose. */
static bool closed(const struct writer *w)
{
    const struct audit_chain *c = &w->committer.chain;

    return !has_audit(w) && (!c->open || c->segment.closed);
}

void writer_free(struct writer *w)
{
    if (!w)
        return;
    (void)pthread_mutex_lock(&w->lock);
    w->stopping = true;
    (void)pthread_cond_signal(&w->work);
    (void)pthread_cond_broadcast(&w->room);
    (void)pthread_mutex_unlock(&w->lock);
    if (w->started)
        (void)pthread_join(w->thread, NULL);
    (void)pthread_mutex_lock(&w->lock);
    for (int i = 0; i < 2 && !closed(w); i++)
        turn(w, !w->taken.len || !w->audit.len);
    (void)pthread_mutex_unlock(&w->lock);
    audit_clear(&w->audit);
    audit_clear(&w->taken);
    free(w->audit.records);
    free(w->taken.records);
    (void)pthread_mutex_destroy(&w->lock);
    (void)pthread_cond_destroy(&w->work);
    (void)pthread_cond_destroy(&w->room);
    free(w);
}
