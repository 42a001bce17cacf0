#include "base/panic.h"
#include "sim/sim_transport.h"

static enum fault transport_send(struct transport *t, struct arena *a,
                                 const struct transport_request *req, struct transport_answer *out,
                                 struct str *why);

static const struct transport_ops ops = {.send = transport_send};

/* scheme://host[:port]/path?query */
static void split_url(struct str url, struct str *host, struct str *target)
{
    struct str rest = url;

    (void)str_cut(&rest, ':');
    rest = str_slice(rest, 2, rest.len);
    *host = str_cut(&rest, '/');
    *target = str_present(rest) ? (struct str){rest.ptr - 1, rest.len + 1} : STR("/");
}

static struct headers with_host(struct arena *a, const struct headers *h, struct str host)
{
    struct headers out = {arena_array_of(a, h->len + 1, struct header), h->len};

    if (h->len)
        memcpy(out.items, h->items, h->len * sizeof(*h->items));
    if (!str_present(headers_get(h, STR("host"))))
        out.items[out.len++] = (struct header){STR("Host"), host};
    return out;
}

/* What the client would see of an answer that a rule has damaged. */
static enum fault damaged(const struct http_answer *answer, const struct transport_request *req,
                          struct str *why)
{
    int64_t needed = answer->damage.delay_ms + answer->damage.drip_ms * (int64_t)answer->body.len;

    if (req->timeout_ms > 0 && needed > req->timeout_ms) {
        *why = STR("the simulator answers later than the timeout");
        return FAULT_TIMEOUT;
    }
    if (answer->damage.drop) {
        *why = STR("the simulator dropped the connection");
        return FAULT_CONNECTION;
    }
    if (answer->damage.cut && answer->damage.cut_at < answer->body.len) {
        *why = STR("the simulator cut the answer short");
        return FAULT_CONNECTION;
    }
    return FAULT_NONE;
}

static enum fault transport_send(struct transport *t, struct arena *a,
                                 const struct transport_request *req, struct transport_answer *out,
                                 struct str *why)
{
    struct sim_transport *self = (struct sim_transport *)(void *)t;
    struct http_request request = {.method = req->method, .body = req->body};
    struct http_answer answer;
    struct str host, rest;
    enum fault f;

    REQUIRE(t->ops == &ops);
    split_url(req->url, &host, &request.target);
    rest = request.target;
    request.path = str_cut(&rest, '?');
    request.query = rest;
    request.headers = with_host(a, &req->headers, host);
    request.peer = STR("127.0.0.1:0");
    sim_handle(self->sim, a, &request, clock_wall_ms(self->clock), &answer);
    f = damaged(&answer, req, why);
    out->sent = true;
    if (f)
        return f;
    if (req->answer_max && answer.body.len > req->answer_max) {
        *why = STR("the answer is larger than allowed");
        return FAULT_TOO_LARGE;
    }
    out->status = answer.status;
    out->headers = answer.headers;
    out->body = answer.body;
    return FAULT_NONE;
}

void sim_transport_init(struct sim_transport *t, struct sim *s, struct clock *clock)
{
    *t = (struct sim_transport){.transport = {&ops}, .sim = s, .clock = clock};
}
