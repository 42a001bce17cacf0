/*
 * What happens at a time of its own: an answer held back, an answer that drips, and a client that
 * takes too long to say what it wants (the library's own timeout starts again with every byte).
 */
#include <stdlib.h>
#include <sys/socket.h>
#include <time.h>

#include "base/panic.h"
#include "base/ports_system.h"
#include "net/http_internal.h"

int64_t http_now_ms(void)
{
    return clock_mono_ms(clock_system());
}

void timer_add(struct exchange *x, int64_t delay_ms)
{
    struct http_server *s = x->server;
    struct exchange **at = &s->timers;

    x->due_ms = http_now_ms() + delay_ms;
    while (*at && (*at)->due_ms <= x->due_ms)
        at = &(*at)->timer_next;
    x->timer_next = *at;
    *at = x;
    (void)pthread_cond_signal(&s->tick);
}

void exchange_wake(struct exchange *x)
{
    if (x->stage == EXCHANGE_QUEUED)
        x->stage = EXCHANGE_READY;
    else if (x->stage == EXCHANGE_DRIPPING)
        x->stage = EXCHANGE_LEAVING;
    else
        return; /* somebody else did */
    MHD_resume_connection(x->connection);
}

static void wake_due(struct http_server *s, int64_t now)
{
    while (s->timers && s->timers->due_ms <= now) {
        struct exchange *x = s->timers;

        s->timers = x->timer_next;
        x->timer_next = NULL;
        exchange_wake(x);
    }
}

static void end_slow_links(struct http_server *s, int64_t now)
{
    for (struct http_link *l = s->links; l; l = l->next) {
        if (l->deadline_ms && l->deadline_ms <= now) {
            l->deadline_ms = 0;
            (void)shutdown(l->fd, SHUT_RDWR); /* the library sees it and closes */
        }
    }
}

/* With the lock held; returns with it held. */
static void sleep_until_next(struct http_server *s, int64_t now)
{
    int64_t until = now + 1000;

    if (!s->timers && !s->links) {
        (void)pthread_cond_wait(&s->tick, &s->lock);
        return;
    }
    if (s->timers && s->timers->due_ms < until)
        until = s->timers->due_ms;
    (void)pthread_cond_timedwait(&s->tick, &s->lock,
                                 &(struct timespec){.tv_sec = (time_t)(until / 1000),
                                                    .tv_nsec = (int)(until % 1000) * 1000000});
}

void *timer_main(void *server)
{
    struct http_server *s = server;

    (void)pthread_mutex_lock(&s->lock);
    while (!s->timer_stop) {
        int64_t now = http_now_ms();

        wake_due(s, now);
        end_slow_links(s, now);
        sleep_until_next(s, now);
    }
    (void)pthread_mutex_unlock(&s->lock);
    return NULL;
}

/* With the lock held. false: every connection has asked for something. */
static bool end_oldest_silent(struct http_server *s)
{
    struct http_link *oldest = NULL;

    for (struct http_link *l = s->links; l; l = l->next)
        if (l->deadline_ms && !l->asked)
            oldest = l;
    if (!oldest)
        return false;
    oldest->deadline_ms = 0;
    (void)shutdown(oldest->fd, SHUT_RDWR);
    return true;
}

static void link_open(struct http_server *s, struct MHD_Connection *connection, void **context)
{
    const union MHD_ConnectionInfo *info =
        MHD_get_connection_info(connection, MHD_CONNECTION_INFO_CONNECTION_FD);
    struct http_link *l = calloc(1, sizeof(*l));

    if (!l)
        panic("out of memory: a connection");
    l->fd = info->connect_fd;
    *context = l;
    (void)pthread_mutex_lock(&s->lock);
    l->surplus = s->links_len >= s->options.limits.connections_max && !end_oldest_silent(s);
    l->deadline_ms = http_now_ms() + (int64_t)s->options.limits.idle_timeout_s * 1000;
    s->links_len++;
    l->next = s->links;
    if (s->links)
        s->links->prev = l;
    else
        (void)pthread_cond_signal(&s->tick);
    s->links = l;
    (void)pthread_mutex_unlock(&s->lock);
}

static void link_close(struct http_server *s, void **context)
{
    struct http_link *l = *context;

    if (!l)
        return;
    *context = NULL;
    exchange_forsake(l);
    (void)pthread_mutex_lock(&s->lock);
    if (l->prev)
        l->prev->next = l->next;
    else
        s->links = l->next;
    if (l->next)
        l->next->prev = l->prev;
    s->links_len--;
    (void)pthread_mutex_unlock(&s->lock);
    free(l);
}

/* The library closes the socket only after it has said so here: `fd` is ours until then. */
void on_connection(void *cls, struct MHD_Connection *connection, void **context,
                   enum MHD_ConnectionNotificationCode code)
{
    if (code == MHD_CONNECTION_NOTIFY_STARTED)
        link_open(cls, connection, context);
    else
        link_close(cls, context);
}
