/*
 * One request from its first line to the end of its answer, as the library's callbacks see it.
 * Collecting happens on the I/O thread; then the connection is suspended and a worker takes over;
 * when the library is told to resume, it asks again and finds the answer.
 */
#include <arpa/inet.h>
#include <netinet/in.h>
#include <stdlib.h>

#include "base/panic.h"
#include "net/http_internal.h"

enum {
    WASTE_FACTOR = 4,      /* of body_max: so much is read to be able to answer 413 at the end */
    SMALL_BODY = 64 << 10, /* counts for nothing: the number of connections bounds these */
};

/* ---- exchanges and their reuse ---- */

static struct exchange *exchange_take(struct http_server *s)
{
    struct exchange *x = NULL;
    struct arena *arena;

    (void)pthread_mutex_lock(&s->lock);
    if (s->kept_len)
        x = s->kept[--s->kept_len];
    (void)pthread_mutex_unlock(&s->lock);
    if (!x) {
        x = calloc(1, sizeof(*x));
        if (!x)
            panic("out of memory: a request");
        x->arena = arena_new(s->options.arena_limit);
    }
    arena = x->arena;
    *x = (struct exchange){.server = s, .arena = arena};
    return x;
}

void exchange_free(struct exchange *x)
{
    arena_free(x->arena);
    free(x);
}

static void exchange_give(struct exchange *x)
{
    struct http_server *s = x->server;
    bool kept;

    arena_reset(x->arena);
    (void)pthread_mutex_lock(&s->lock);
    s->bodies_len -= x->claimed;
    kept = s->kept_len < EXCHANGES_KEPT;
    if (kept)
        s->kept[s->kept_len++] = x;
    (void)pthread_mutex_unlock(&s->lock);
    if (!kept)
        exchange_free(x);
}

/* ---- the list of those whose answer is owed; with the lock held ---- */

static void busy_add(struct exchange *x)
{
    struct http_server *s = x->server;

    x->next = s->busy;
    x->prev = NULL;
    if (s->busy)
        s->busy->prev = x;
    s->busy = x;
    x->listed = true;
    s->busy_len++;
}

static void busy_remove(struct exchange *x)
{
    struct http_server *s = x->server;

    if (!x->listed)
        return;
    if (x->prev)
        x->prev->next = x->next;
    else
        s->busy = x->next;
    if (x->next)
        x->next->prev = x->prev;
    x->listed = false;
    if (--s->busy_len == 0)
        (void)pthread_cond_broadcast(&s->quiet);
}

/* ---- the worker ---- */

static void exchange_work(void *arg)
{
    struct exchange *x = arg;
    struct http_server *s = x->server;
    bool wanted, orphan;

    (void)pthread_mutex_lock(&s->lock);
    wanted = !s->dead;
    (void)pthread_mutex_unlock(&s->lock);
    if (wanted)
        s->options.handler(s->options.context, x->arena, &x->request, &x->answer);

    (void)pthread_mutex_lock(&s->lock);
    x->running = false;
    s->running_len--;
    orphan = x->gone;
    if (orphan)
        s->bodies_len -= x->claimed;
    if (!orphan && !s->dead && x->answer.damage.delay_ms > 0)
        timer_add(x, x->answer.damage.delay_ms);
    else if (!orphan)
        exchange_wake(x);
    (void)pthread_mutex_unlock(&s->lock);
    if (orphan)
        exchange_free(x);
}

/* The worker's first step takes the lock, so it cannot wake what is not suspended yet. */
static enum refusal queue_for_worker(struct exchange *x)
{
    struct http_server *s = x->server;
    enum refusal why = REFUSAL_NONE;

    x->request.arrived_mono_ms = http_now_ms();
    (void)pthread_mutex_lock(&s->lock);
    if (s->stopping)
        why = REFUSAL_STOPPING;
    else if (!s->pool->ops->spawn(s->pool, exchange_work, x))
        why = REFUSAL_QUEUE_FULL;
    if (!why) {
        x->stage = EXCHANGE_QUEUED;
        x->running = true;
        s->running_len++;
        if (x->link) {
            x->link->deadline_ms = 0;
            x->link->asked = true;
        }
        busy_add(x);
        MHD_suspend_connection(x->connection);
    }
    (void)pthread_mutex_unlock(&s->lock);
    return why;
}

static enum MHD_Result hand_over(struct exchange *x)
{
    enum refusal why;

    x->request.body = x->body.len ? buf_str(&x->body) : STR("");
    why = queue_for_worker(x);
    return why ? answer_refusal(x, why, false) : MHD_YES;
}

/* ---- collecting ---- */

static bool is_surplus(struct exchange *x)
{
    bool surplus;

    (void)pthread_mutex_lock(&x->server->lock);
    surplus = x->link && x->link->surplus;
    (void)pthread_mutex_unlock(&x->server->lock);
    return surplus;
}

static enum MHD_Result begin(struct exchange *x, const char *method, const char *version)
{
    const struct http_limits *limits = &x->server->options.limits;
    enum refusal why = guard_read_head(x, method, version);
    int64_t length;
    bool waits;

    if (!why && is_surplus(x))
        why = REFUSAL_CONNECTIONS_FULL;
    if (why)
        return answer_refusal(x, why, true);
    length = guard_content_length(x);
    waits = str_present(headers_get(&x->request.headers, STR("Expect")));
    x->stage = EXCHANGE_READING;
    if (length > 0 && (uint64_t)length > limits->body_max) {
        if (waits || (uint64_t)length / WASTE_FACTOR > limits->body_max)
            return answer_refusal(x, REFUSAL_BODY_SIZE, true);
        x->stage = EXCHANGE_WASTING;
        x->refusal = REFUSAL_BODY_SIZE;
    }
    x->body = buf_new(x->arena, limits->body_max);
    return MHD_YES;
}

/* What a body that is not small may take, all of it at once. false: others hold too much. */
static bool claim_room(struct exchange *x)
{
    struct http_server *s = x->server;
    int64_t length = guard_content_length(x);
    size_t wanted = length > 0 ? (size_t)length : s->options.limits.body_max;
    bool taken;

    (void)pthread_mutex_lock(&s->lock);
    taken = s->bodies_len + wanted <= s->options.limits.bodies_max;
    if (taken)
        s->bodies_len += wanted;
    (void)pthread_mutex_unlock(&s->lock);
    if (!taken)
        return false;
    x->claimed = wanted;
    return length <= 0 || buf_reserve(&x->body, wanted - x->body.len);
}

static enum MHD_Result collect(struct exchange *x, struct str piece)
{
    const struct http_limits *limits = &x->server->options.limits;

    if (x->stage == EXCHANGE_READING && piece.len > limits->body_max - x->body.len)
        x->refusal = REFUSAL_BODY_SIZE;
    else if (x->stage == EXCHANGE_READING && !x->claimed && x->body.len + piece.len > SMALL_BODY &&
             !claim_room(x))
        x->refusal = REFUSAL_BODIES_FULL;
    if (x->refusal)
        x->stage = EXCHANGE_WASTING;
    if (x->stage == EXCHANGE_READING) {
        buf_add(&x->body, piece);
        return MHD_YES;
    }
    x->wasted += piece.len;
    return x->wasted / WASTE_FACTOR > limits->body_max ? MHD_NO : MHD_YES;
}

static void describe_peer(struct exchange *x)
{
    const union MHD_ConnectionInfo *info =
        MHD_get_connection_info(x->connection, MHD_CONNECTION_INFO_CLIENT_ADDRESS);
    const struct sockaddr *address = info ? info->client_addr : NULL;
    char text[INET6_ADDRSTRLEN] = "";

    if (address && address->sa_family == AF_INET) {
        const struct sockaddr_in *v4 = (const struct sockaddr_in *)(const void *)address;

        (void)inet_ntop(AF_INET, &v4->sin_addr, text, sizeof(text));
        x->request.peer = arena_strf(x->arena, "%s:%u", text, ntohs(v4->sin_port));
    } else if (address && address->sa_family == AF_INET6) {
        const struct sockaddr_in6 *v6 = (const struct sockaddr_in6 *)(const void *)address;

        (void)inet_ntop(AF_INET6, &v6->sin6_addr, text, sizeof(text));
        x->request.peer = arena_strf(x->arena, "[%s]:%u", text, ntohs(v6->sin6_port));
    }
    x->request.tls = str_present(x->server->options.tls_certificate_pem);
}

static void expect_request(struct http_link *link, const struct http_server *s)
{
    if (link)
        link->deadline_ms = http_now_ms() + (int64_t)s->options.limits.idle_timeout_s * 1000;
}

/* The only place that sees the target before the library has decoded it. */
void *on_target(void *cls, const char *target, struct MHD_Connection *connection)
{
    struct http_server *s = cls;
    struct exchange *x = exchange_take(s);
    const union MHD_ConnectionInfo *info =
        MHD_get_connection_info(connection, MHD_CONNECTION_INFO_SOCKET_CONTEXT);

    x->connection = connection;
    x->link = info ? info->socket_context : NULL;
    x->raw_target = target;
    if (x->link)
        x->link->present = x;
    if (target)
        guard_read_target(x, target);
    describe_peer(x);
    (void)pthread_mutex_lock(&s->lock);
    expect_request(x->link, s);
    (void)pthread_mutex_unlock(&s->lock);
    return x;
}

static enum exchange_stage stage_of(struct exchange *x)
{
    enum exchange_stage stage;

    (void)pthread_mutex_lock(&x->server->lock);
    stage = x->stage;
    (void)pthread_mutex_unlock(&x->server->lock);
    return stage;
}

/* long: the parameters are the library's. */
enum MHD_Result on_request(void *cls, struct MHD_Connection *connection, const char *url,
                           const char *method, const char *version, const char *upload,
                           size_t *upload_len, void **context)
{
    struct exchange *x = *context;

    (void)cls;
    (void)connection;
    (void)url;
    switch (stage_of(x)) {
    case EXCHANGE_NEW:
        return begin(x, method, version);
    case EXCHANGE_READING:
    case EXCHANGE_WASTING:
        if (*upload_len) {
            enum MHD_Result more = collect(x, (struct str){upload, *upload_len});

            *upload_len = 0;
            return more;
        }
        return x->refusal ? answer_refusal(x, x->refusal, false) : hand_over(x);
    case EXCHANGE_READY:
        return answer_send(x);
    case EXCHANGE_QUEUED:
    case EXCHANGE_LEAVING:
    case EXCHANGE_DRIPPING:
        break;
    }
    return MHD_NO;
}

/*
 * What ends before we have answered it: its body went on past all patience, or the library could
 * not read it and has said so itself. A client that went away has asked for nothing.
 */
static void end_unanswered(struct exchange *x, enum MHD_RequestTerminationCode why)
{
    if (stage_of(x) > EXCHANGE_WASTING)
        return;
    if (x->refusal)
        tell_refused(x, x->refusal);
    else if (why == MHD_REQUEST_TERMINATED_WITH_ERROR)
        tell_refused(x, REFUSAL_MALFORMED);
}

void on_completed(void *cls, struct MHD_Connection *connection, void **context,
                  enum MHD_RequestTerminationCode why)
{
    struct http_server *s = cls;
    struct exchange *x = *context;
    bool running;

    (void)connection;
    if (!x)
        return;
    *context = NULL;
    if (x->link)
        x->link->present = NULL;
    end_unanswered(x, why);
    (void)pthread_mutex_lock(&s->lock);
    busy_remove(x);
    x->gone = true;
    running = x->running;
    expect_request(x->link, s);
    (void)pthread_mutex_unlock(&s->lock);
    if (!running)
        exchange_give(x);
}

/* Parameters and cookies take memory that the headers alone did not: then it closes in silence. */
void exchange_forsake(struct http_link *l)
{
    struct exchange *x = l->present;

    l->present = NULL;
    if (!x)
        return;
    tell_refused(x, REFUSAL_HEAD_SIZE);
    exchange_give(x);
}
