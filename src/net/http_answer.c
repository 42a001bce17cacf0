/* From an answer to what the library sends, faults on purpose included. */
#include "base/panic.h"
#include "net/http_internal.h"

static bool is_ours(const struct http_server *s, struct str name)
{
    return str_eq_fold(name, STR("Content-Length")) ||
           str_eq_fold(name, STR("Transfer-Encoding")) || str_eq_fold(name, STR("Connection")) ||
           (!s->options.own_dates && str_eq_fold(name, STR("Date")));
}

/* One byte at a time: between two the connection is suspended, and the timer resumes it. */
static ssize_t drip(struct exchange *x, uint64_t at, char *out)
{
    struct http_server *s = x->server;
    bool wait, dead;

    (void)pthread_mutex_lock(&s->lock);
    dead = s->dead;
    wait = at > 0 && !x->dripped && !dead;
    if (wait) {
        x->stage = EXCHANGE_DRIPPING;
        x->dripped = true;
        MHD_suspend_connection(x->connection);
        timer_add(x, x->answer.damage.drip_ms);
    }
    (void)pthread_mutex_unlock(&s->lock);
    if (dead)
        return MHD_CONTENT_READER_END_WITH_ERROR;
    if (wait)
        return 0;
    x->dripped = false;
    *out = x->answer.body.ptr[at];
    return 1;
}

static ssize_t read_body(void *cls, uint64_t at, char *out, size_t room)
{
    struct exchange *x = cls;
    const struct http_answer *answer = &x->answer;
    size_t end = answer->body.len;
    size_t n;

    if (answer->damage.cut && answer->damage.cut_at < end)
        end = answer->damage.cut_at;
    if (at >= end)
        return answer->damage.cut ? MHD_CONTENT_READER_END_WITH_ERROR
                                  : MHD_CONTENT_READER_END_OF_STREAM;
    if (answer->damage.drip_ms > 0)
        return drip(x, at, out);
    n = end - at < room ? end - at : room;
    memcpy(out, answer->body.ptr + at, n);
    return (ssize_t)n;
}

static struct MHD_Response *response_for(struct exchange *x)
{
    const struct http_answer *answer = &x->answer;
    struct MHD_Response *response;

    if (answer->damage.cut || answer->damage.drip_ms > 0) {
        response = MHD_create_response_from_callback(answer->body.len, 4096, read_body, x, NULL);
    } else {
        union {
            const char *in;
            void *out; /* the library does not write to a persistent body */
        } body = {.in = answer->body.ptr ? answer->body.ptr : ""};

        response =
            MHD_create_response_from_buffer(answer->body.len, body.out, MHD_RESPMEM_PERSISTENT);
    }
    if (!response)
        panic("out of memory: an answer");
    return response;
}

static enum MHD_Result send_response(struct exchange *x, struct MHD_Response *response, int status)
{
    enum MHD_Result sent;

    (void)pthread_mutex_lock(&x->server->lock);
    x->stage = EXCHANGE_LEAVING;
    if (x->server->stopping)
        (void)MHD_add_response_header(response, "Connection", "close");
    (void)pthread_mutex_unlock(&x->server->lock);
    sent = MHD_queue_response(x->connection, (unsigned)status, response);
    MHD_destroy_response(response);
    return sent;
}

static void add_headers(struct exchange *x, struct MHD_Response *response)
{
    const struct headers *headers = &x->answer.headers;

    for (size_t i = 0; i < headers->len; i++) {
        const struct header *h = &headers->items[i];

        if (!is_ours(x->server, h->name))
            (void)MHD_add_response_header(response, arena_z(x->arena, h->name),
                                          arena_z(x->arena, h->value));
    }
}

enum MHD_Result answer_send(struct exchange *x)
{
    const struct http_answer *answer = &x->answer;
    struct MHD_Response *response;
    bool dead;

    (void)pthread_mutex_lock(&x->server->lock);
    dead = x->server->dead;
    (void)pthread_mutex_unlock(&x->server->lock);
    if (dead || answer->damage.drop)
        return MHD_NO;
    REQUIRE(answer->status >= 200 && answer->status <= 599);
    response = response_for(x);
    add_headers(x, response);
    return send_response(x, response, answer->status);
}

static const struct http_refusal refusals[] = {
    [REFUSAL_MALFORMED] = {400, "INVALID_INVOCATION", "The HTTP request is malformed"},
    [REFUSAL_AMBIGUOUS] = {400, "INVALID_INVOCATION",
                           "The HTTP request is ambiguous: its length or a header that may stand "
                           "once is given twice"},
    [REFUSAL_HEAD_SIZE] = {431, "TOO_LARGE", "The request headers are too many or too large"},
    [REFUSAL_BODY_SIZE] = {413, "TOO_LARGE", "The request body is too large"},
    [REFUSAL_CODING] = {501, "INVALID_INVOCATION", "The transfer coding is not supported"},
    [REFUSAL_QUEUE_FULL] = {503, "UNAVAILABLE", "Too many requests are waiting; try again shortly"},
    [REFUSAL_CONNECTIONS_FULL] = {503, "UNAVAILABLE",
                                  "Too many connections are open; try again shortly"},
    [REFUSAL_BODIES_FULL] = {503, "UNAVAILABLE",
                             "Too many large bodies are arriving; try again shortly"},
    [REFUSAL_STOPPING] = {503, "UNAVAILABLE", "The server is stopping; try again shortly"},
};

static void describe_refusal(struct exchange *x, enum refusal why, struct headers *headers)
{
    const struct http_server_options *o = &x->server->options;

    if (o->refused)
        o->refused(o->context, x->arena, &x->request, &refusals[why], headers);
}

void tell_refused(struct exchange *x, enum refusal why)
{
    struct headers unsent = {0};

    describe_refusal(x, why, &unsent);
}

enum MHD_Result answer_refusal(struct exchange *x, enum refusal why, bool close)
{
    const struct http_refusal *r = &refusals[why];
    struct http_answer *answer = &x->answer;
    struct MHD_Response *response;

    *answer = (struct http_answer){.status = r->status};
    answer->body =
        arena_strf(x->arena, "{\"error\":\"%s\",\"message\":\"%s\"}", r->error, r->message);
    describe_refusal(x, why, &answer->headers);
    response = response_for(x);
    add_headers(x, response);
    (void)MHD_add_response_header(response, "Content-Type", "application/json");
    if (r->status == 503)
        (void)MHD_add_response_header(response, "Retry-After", "1");
    if (close)
        (void)MHD_add_response_header(response, "Connection", "close");
    return send_response(x, response, r->status);
}
