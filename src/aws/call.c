#include "aws/call.h"

#include <inttypes.h>

#include "base/id.h"
#include "base/time.h"

/* One call in the making: what all its attempts share. */
struct call {
    struct aws *aws;
    struct aws_at *at;
    struct arena *arena;
    const struct aws_request *request;
    struct str region;
    struct str lane; /* of the governor */
    struct str account;
    struct str invocation_id;
    struct endpoint endpoint;
    struct aws_credentials credentials;
    int attempts;
    int attempts_max;
    int last_cost;
    bool skew_corrected;
    bool credentials_renewed;
};

/* What one attempt came to. */
struct verdict {
    struct aws_error error; /* code absent: it went well */
    enum retry_kind kind;
    bool effect_unknown; /* AWS may have done it */
    int64_t retry_after_ms;
};

static int64_t mono_ms(const struct call *c)
{
    return clock_mono_ms(c->aws->options.clock);
}

static struct verdict failed(enum retry_kind kind, struct str code, struct str message)
{
    return (struct verdict){
        .error = {.code = code, .message = message, .retryable = kind != RETRY_NO},
        .kind = kind,
    };
}

/* ---- the request ---- */

static void add_header(struct headers *h, const char *name, struct str value)
{
    if (str_present(value))
        h->items[h->len++] = (struct header){str_from_z(name), value};
}

static int attempt_timeout_ms(const struct call *c)
{
    int64_t left = c->at->deadline_ms ? c->at->deadline_ms - mono_ms(c) : CALL_TIMEOUT_MS;

    return left < CALL_TIMEOUT_MS ? (int)(left > 1 ? left : 1) : CALL_TIMEOUT_MS;
}

static struct str call_target(const struct call *c)
{
    struct str path = str_present(c->request->path) ? c->request->path : STR("/");

    return arena_strf(c->arena, STR_FMT STR_FMT, STR_ARG(c->endpoint.prefix), STR_ARG(path));
}

/* Signed: what AWS must see as we sent it. What a proxy or an SDK may touch comes after. */
static struct headers signed_headers(const struct call *c, struct str target)
{
    const struct aws_request *r = c->request;
    int64_t now = clock_wall_ms(c->aws->options.clock) + aws_skew_ms(c->aws, c->endpoint.host);
    struct headers h = {arena_array_of(c->arena, 3, struct header), 0};
    struct sigv4_scope scope = {time_basic(c->arena, now - now % 1000), c->endpoint.signing_region,
                                str_from_z(r->service->name)};
    struct sigv4_request unsigned_request;

    add_header(&h, "Host", c->endpoint.host);
    add_header(&h, "Content-Type", r->content_type);
    if (str_present(r->header.name))
        h.items[h.len++] = r->header;
    if (r->unsigned_)
        return h;
    unsigned_request = (struct sigv4_request){
        .method = r->method ? str_from_z(r->method) : STR("POST"),
        .target = target,
        .headers = h,
        .payload_hash = sha256_hex(c->arena, sha256_of(r->body)),
    };
    sigv4_sign(c->arena, &c->credentials.key, &scope, &unsigned_request);
    return unsigned_request.headers;
}

static struct transport_request transport_request_of(const struct call *c)
{
    struct str target = call_target(c);
    struct headers own = signed_headers(c, target);
    struct headers h = {arena_array_of(c->arena, own.len + 4, struct header), own.len};

    memcpy(h.items, own.items, own.len * sizeof(*own.items));
    add_header(&h, "User-Agent", STR("drwave/" DRWAVE_VERSION));
    add_header(&h, "Accept-Encoding", STR("identity"));
    add_header(&h, "amz-sdk-invocation-id", c->invocation_id);
    add_header(&h, "amz-sdk-request",
               arena_strf(c->arena, "attempt=%d; max=%d", c->attempts, c->attempts_max));
    return (struct transport_request){
        .method = c->request->method ? str_from_z(c->request->method) : STR("POST"),
        .url = arena_strf(c->arena, STR_FMT STR_FMT, STR_ARG(c->endpoint.origin), STR_ARG(target)),
        .headers = h,
        .body = c->request->body,
        .connect_timeout_ms = CALL_CONNECT_MS,
        .timeout_ms = attempt_timeout_ms(c),
        .answer_max = CALL_ANSWER_MAX,
    };
}

/* ---- the answer ---- */

static struct verdict no_answer(enum fault f, bool sent, struct str why)
{
    struct verdict v;

    if (f == FAULT_TIMEOUT)
        v = failed(RETRY_TIMEOUT, STR("Timeout"), why);
    else if (f == FAULT_TOO_LARGE)
        v = failed(RETRY_NO, STR("TooLarge"), why);
    else
        v = failed(RETRY_TRANSIENT, STR("Connection"), why);
    v.effect_unknown = sent;
    return v;
}

static enum fault parse_body(const struct call *c, struct aws_response *out, struct str *why)
{
    static const struct json_limits limits = {CALL_ANSWER_MAX, 4 << 20, 1 << 16};

    if (c->request->service->protocol != AWS_REST_JSON)
        return xml_parse(c->arena, out->body, &out->xml, why);
    if (str_empty(str_trim(out->body)))
        return FAULT_NONE;
    return json_parse_limited(c->arena, out->body, &limits, &out->json, why);
}

static struct str request_id_of(const struct headers *h)
{
    struct str id = headers_get(h, STR("x-amzn-RequestId"));

    return str_present(id) ? id : headers_get(h, STR("x-amz-request-id"));
}

/* The query protocols have it in the body, and not always in a header. */
static struct str request_id_in(const struct xml *answer)
{
    const struct xml *metadata = xml_child(answer, STR("ResponseMetadata"));
    struct str id = xml_text(metadata, STR("RequestId"));

    return str_present(id) ? id : xml_text(answer, STR("requestId"));
}

static int64_t retry_after_ms(const struct headers *h)
{
    int64_t seconds;

    if (!str_to_i64(str_trim(headers_get(h, STR("Retry-After"))), &seconds) || seconds < 0)
        return 0;
    return seconds > RETRY_AFTER_MAX_MS / 1000 ? RETRY_AFTER_MAX_MS : seconds * 1000;
}

static struct verdict refused(const struct call *c, const struct transport_answer *answer)
{
    struct verdict v = {.retry_after_ms = retry_after_ms(&answer->headers)};

    aws_read_error(c->arena, c->request->service->protocol, answer, &v.error);
    if (!str_present(v.error.request_id))
        v.error.request_id = request_id_of(&answer->headers);
    v.error.status = answer->status;
    v.kind = retry_kind_of(answer->status, v.error.code);
    v.error.retryable = v.kind != RETRY_NO;
    v.error.unidentified = retry_is_identity(v.error.code);
    v.effect_unknown = v.kind == RETRY_TRANSIENT;
    return v;
}

static struct verdict attempt(const struct call *c, struct aws_response *out,
                              struct transport_answer *answer)
{
    struct transport_request request = transport_request_of(c);
    struct transport *t = c->aws->options.transport;
    struct str why = {0};
    struct verdict v = {0};
    enum fault f;

    *answer = (struct transport_answer){0};
    f = t->ops->send(t, c->arena, &request, answer, &why);
    if (f)
        return no_answer(f, answer->sent, why);
    if (answer->status < 200 || answer->status > 299)
        return refused(c, answer);
    *out = (struct aws_response){.status = answer->status,
                                 .headers = answer->headers,
                                 .body = answer->body,
                                 .request_id = request_id_of(&answer->headers)};
    if (parse_body(c, out, &why)) {
        v = failed(RETRY_TRANSIENT, STR("Truncated"), why);
        v.error.status = answer->status;
        v.error.request_id = out->request_id;
        v.effect_unknown = true;
    }
    if (!str_present(out->request_id))
        out->request_id = request_id_in(out->xml);
    return v;
}

/* ---- between two attempts ---- */

/*
 * A refused signature while the server's clock and ours are minutes apart: signed again by its
 * clock, once.
 */
static bool correct_skew(struct call *c, const struct verdict *v,
                         const struct transport_answer *answer)
{
    int64_t theirs;
    int64_t ours = clock_wall_ms(c->aws->options.clock);
    int64_t gap;

    if (c->skew_corrected || !retry_is_skew(v->error.code) ||
        !time_parse_http(headers_get(&answer->headers, STR("Date")), &theirs))
        return false;
    gap = theirs - ours - aws_skew_ms(c->aws, c->endpoint.host);
    if (gap < 240000 && gap > -240000)
        return false;
    aws_set_skew(c->aws, c->endpoint.host, theirs - ours);
    c->skew_corrected = true;
    return true;
}

static bool renew_credentials(struct call *c, const struct verdict *v)
{
    if (c->credentials_renewed || c->request->credentials || c->request->unsigned_ ||
        !retry_is_renewable(v->error.code))
        return false;
    credentials_expired(c->aws, &c->at->target, c->credentials.key.access_key_id);
    c->credentials_renewed = true;
    return true;
}

/* false: the runner is stopping, or the deadline would pass. */
static bool wait_for(const struct call *c, int64_t ms)
{
    struct run *run = c->aws->options.run;

    if (c->at->deadline_ms && mono_ms(c) + ms >= c->at->deadline_ms)
        return false;
    return ms <= 0 || run->ops->wait_ms(run, ms);
}

/* Whether another attempt follows; waits before it does. */
static bool again(struct call *c, const struct verdict *v, const struct transport_answer *answer)
{
    int64_t wait;

    if (correct_skew(c, v, answer) || renew_credentials(c, v)) {
        c->attempts_max++;
        return true;
    }
    if (v->kind == RETRY_NO || (v->effect_unknown && !c->request->idempotent) ||
        c->attempts >= c->attempts_max)
        return false;
    c->last_cost = retry_take(&c->aws->bucket, v->kind);
    if (c->last_cost == 0)
        return false;
    wait = retry_wait_ms(c->aws->options.entropy, c->attempts);
    return wait_for(c, wait > v->retry_after_ms ? wait : v->retry_after_ms);
}

/* ---- the whole ---- */

static bool get_credentials(struct call *c, struct verdict *v)
{
    if (c->request->unsigned_)
        return true;
    if (c->request->credentials)
        c->credentials = *c->request->credentials;
    else if (!credentials_get(c->aws, c->arena, &c->at->target, &c->credentials, &v->error))
        return false;
    if (!str_present(c->account))
        c->account = c->credentials.account;
    return true;
}

static bool begin(struct call *c, struct verdict *v)
{
    const struct aws_target *target = &c->at->target;
    struct aws *aws = c->aws;
    struct endpoint_ask ask = {
        .service = c->request->service,
        .region = aws_region(aws, target),
        .settings = aws_endpoint_settings(aws, c->arena, c->request->service),
    };
    struct str why = {0};

    c->region = ask.region;
    c->attempts_max = aws_settings(aws)->attempts;
    c->account = arn_account(target->role_arn);
    c->invocation_id = id_new(c->arena, aws->options.entropy, STR(""));
    c->lane = arena_strf(c->arena, STR_FMT "/" STR_FMT "/%s", STR_ARG(c->account),
                         STR_ARG(c->region), c->request->service->name);
    if (endpoint_resolve(c->arena, &ask, &c->endpoint, &why))
        return true;
    *v = failed(RETRY_NO, STR("Endpoint"), why);
    return false;
}

/* The place in the queue of this account, region and service. */
static bool pass_governor(const struct call *c, struct verdict *v)
{
    int64_t wait = governor_wait_ms(&c->aws->governor, c->lane, mono_ms(c));

    if (wait_for(c, wait))
        return true;
    governor_give_back(&c->aws->governor, c->lane);
    *v = failed(RETRY_THROTTLE, STR("Timeout"),
                STR("the deadline comes before this account's calls may go on"));
    return false;
}

static struct verdict run_attempts(struct call *c, struct aws_response *out)
{
    struct transport_answer answer = {0};
    struct verdict v = {0};

    if (!begin(c, &v))
        return v;
    do {
        v = (struct verdict){0};
        if (!get_credentials(c, &v) || !pass_governor(c, &v))
            return v;
        c->attempts++;
        v = attempt(c, out, &answer);
        governor_report(&c->aws->governor, c->lane, mono_ms(c), v.kind == RETRY_THROTTLE);
    } while (str_present(v.error.code) && again(c, &v, &answer));
    if (!str_present(v.error.code))
        retry_give(&c->aws->bucket, c->last_cost);
    v.error.ambiguous = v.effect_unknown && !c->request->idempotent;
    return v;
}

static void report(const struct call *c, const struct verdict *v, const struct aws_response *out,
                   int64_t us)
{
    const struct aws_options *o = &c->aws->options;
    bool ok = !str_present(v->error.code);

    if (!o->observer)
        return;
    o->observer(o->observer_context, &(struct aws_call_record){
                                         .service = str_from_z(c->request->service->name),
                                         .operation = str_from_z(c->request->operation),
                                         .region = c->region,
                                         .account = c->account,
                                         .request_id = ok ? out->request_id : v->error.request_id,
                                         .status = ok ? out->status : v->error.status,
                                         .attempts = c->attempts,
                                         .us = us,
                                         .code = v->error.code,
                                     });
}

/* The error outlives the call: its texts move to the caller's arena. */
static enum fault keep_error(struct aws_at *at, const struct aws_request *request,
                             const struct aws_error *error)
{
    at->error = *error;
    at->error.operation = request->operation;
    at->error.code = arena_str(at->arena, error->code);
    at->error.message = arena_str(at->arena, error->message);
    at->error.request_id = arena_str(at->arena, error->request_id);
    return aws_fault(&at->error);
}

static enum fault refuse_busy(struct aws_at *at, const struct aws_request *request)
{
    struct aws_error error = {
        .code = STR("Busy"),
        .message = STR("Too many requests are waiting for AWS"),
        .retryable = true,
    };

    return keep_error(at, request, &error);
}

enum fault aws_call(struct aws *aws, struct aws_at *at, struct arena *scratch,
                    const struct aws_request *request, struct aws_response *out)
{
    struct call c = {.aws = aws, .at = at, .arena = scratch, .request = request};
    int64_t started = clock_mono_ms(aws->options.clock);
    struct aws_response response = {0};
    struct verdict v;

    if (!waiting_begin())
        return refuse_busy(at, request);
    v = run_attempts(&c, &response);
    waiting_end();
    report(&c, &v, &response, (clock_mono_ms(aws->options.clock) - started) * 1000);
    if (str_present(v.error.code))
        return keep_error(at, request, &v.error);
    *out = response;
    return FAULT_NONE;
}

enum fault aws_bad_answer(struct aws_at *at, const struct aws_request *request,
                          const struct aws_response *response, struct str why)
{
    struct aws_error error = {
        .code = STR("InvalidResponse"),
        .message = why,
        .request_id = response->request_id,
        .status = response->status,
        .retryable = true,
        .ambiguous = !request->idempotent,
    };

    return keep_error(at, request, &error);
}
