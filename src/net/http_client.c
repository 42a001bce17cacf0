/*
 * The transport port over libcurl: blocking calls on pooled easy handles.
 *
 * A handle keeps its connections, so a call takes the handle that last spoke to the same origin.
 * Two habits of the library are switched off because they would harm us: it adds headers (Accept,
 * Expect, Content-Type) that were not signed, and it silently sends a request again when a reused
 * connection dies before the answer, which may start a second recovery job.
 */
#include "net/http_client.h"

#include <curl/curl.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>

#include "base/buf.h"
#include "base/panic.h"

enum {
    HANDLES_KEPT = 32,
    ORIGIN_MAX = 128,
    CONNECT_MS = 5000,
    EXCHANGE_MS = 60000,
    ANSWER_MAX = 32 << 20,
    ANSWER_HEADERS_MAX = 256,
    KEPT_IDLE_S = 20, /* below the idle timeouts of AWS's front ends */
};

struct handle {
    CURL *curl;
    char origin[ORIGIN_MAX]; /* of the last request */
    struct handle *next;
};

struct client {
    struct transport transport;
    struct http_client_options options;
    struct arena *arena;
    pthread_mutex_t lock;
    struct handle *idle; /* newest first */
    unsigned idle_len;
    atomic_bool stopping;
};

/* One exchange. */
struct call {
    struct arena *arena;
    const struct transport_request *req;
    struct transport_answer *out;
    struct curl_slist *list;
    struct buf body;
    struct header *headers; /* ANSWER_HEADERS_MAX of them */
    size_t headers_len;
    bool head_whole; /* the empty line came; the library does not miss it */
    unsigned attempts;
    bool too_large;
    bool again; /* the library wanted to send it a second time */
    char error[CURL_ERROR_SIZE];
};

static const struct transport_ops client_ops;

static struct client *client_of(struct transport *t)
{
    REQUIRE(t->ops == &client_ops);
    return (struct client *)t;
}

/* ---- handles ---- */

static struct str origin_of(struct str url)
{
    size_t i = 0;

    while (i + 2 < url.len && memcmp(url.ptr + i, "://", 3) != 0)
        i++;
    for (i += 3; i < url.len && url.ptr[i] != '/' && url.ptr[i] != '?'; i++)
        ;
    return str_slice(url, 0, i < ORIGIN_MAX ? i : ORIGIN_MAX - 1);
}

static struct handle *handle_new(void)
{
    struct handle *h = calloc(1, sizeof(*h));

    if (!h || !(h->curl = curl_easy_init()))
        panic("out of memory: an HTTP client handle");
    return h;
}

static void handle_free(struct handle *h)
{
    curl_easy_cleanup(h->curl);
    free(h);
}

static struct handle *handle_take(struct client *c, struct str origin)
{
    struct handle **at, *h;

    (void)pthread_mutex_lock(&c->lock);
    for (at = &c->idle; *at && !str_eq_z(origin, (*at)->origin);)
        at = &(*at)->next;
    h = *at;
    if (h) {
        *at = h->next;
        c->idle_len--;
    }
    (void)pthread_mutex_unlock(&c->lock);
    if (h)
        return h;
    h = handle_new();
    memcpy(h->origin, origin.ptr, origin.len);
    return h;
}

static void handle_give(struct client *c, struct handle *h)
{
    struct handle *surplus = NULL;

    curl_easy_reset(h->curl);
    (void)pthread_mutex_lock(&c->lock);
    h->next = c->idle;
    c->idle = h;
    if (++c->idle_len > c->options.handles_max) {
        struct handle **at = &c->idle;

        while ((*at)->next)
            at = &(*at)->next;
        surplus = *at;
        *at = NULL;
        c->idle_len--;
    }
    (void)pthread_mutex_unlock(&c->lock);
    if (surplus)
        handle_free(surplus);
}

/* ---- what the library calls ---- */

static size_t on_body(char *bytes, size_t size, size_t n, void *cls)
{
    struct call *call = cls;

    buf_add(&call->body, (struct str){bytes, size * n});
    call->too_large = call->body.truncated;
    return call->too_large ? 0 : size * n;
}

static size_t on_header(char *bytes, size_t size, size_t n, void *cls)
{
    struct call *call = cls;
    struct str line = {bytes, size * n}, name;
    ptrdiff_t colon = str_find(line, ':');

    if (str_starts(line, STR("HTTP/")) && !call->body.len) {
        call->headers_len = 0; /* an interim answer came before this one */
        call->head_whole = false;
        return line.len;
    }
    if (str_trim(line).len == 0)
        call->head_whole = true;
    if (colon <= 0)
        return line.len;
    if (call->headers_len == ANSWER_HEADERS_MAX) {
        call->too_large = true;
        return 0;
    }
    name = str_slice(line, 0, (size_t)colon);
    call->headers[call->headers_len++] = (struct header){
        .name = arena_str(call->arena, str_trim(name)),
        .value = arena_str(call->arena, str_trim(str_slice(line, (size_t)colon + 1, line.len))),
    };
    return line.len;
}

/* Called at least once a second while a call runs; other than 0 ends it. */
static int on_progress(void *cls, curl_off_t down_all, curl_off_t down, curl_off_t up_all,
                       curl_off_t up)
{
    struct client *c = cls;

    (void)down_all;
    (void)down;
    (void)up_all;
    (void)up;
    return atomic_load(&c->stopping);
}

/* Called before each sending. The second one would be a repetition that nobody asked for. */
static int on_sending(void *cls, char *peer, char *local, int peer_port, int local_port)
{
    struct call *call = cls;

    (void)peer;
    (void)local;
    (void)peer_port;
    (void)local_port;
    call->again = call->attempts++ > 0;
    return call->again ? CURL_PREREQFUNC_ABORT : CURL_PREREQFUNC_OK;
}

/* ---- the request ---- */

static bool is_header_safe(const struct header *h)
{
    for (size_t i = 0; i < h->name.len; i++)
        if ((unsigned char)h->name.ptr[i] <= 0x20 || h->name.ptr[i] == ':')
            return false;
    for (size_t i = 0; i < h->value.len; i++)
        if (h->value.ptr[i] == '\r' || h->value.ptr[i] == '\n' || !h->value.ptr[i])
            return false;
    return h->name.len > 0;
}

static void add_line(struct call *call, const char *line)
{
    struct curl_slist *longer = curl_slist_append(call->list, line);

    if (!longer)
        panic("out of memory: a request header");
    call->list = longer;
}

/* Exactly the given ones: a line "Name:" keeps the library from adding its own. */
static enum fault make_headers(struct call *call, struct str *why)
{
    static const char *const unwanted[] = {"Accept", "Expect", "Content-Type", "User-Agent"};
    const struct headers *given = &call->req->headers;

    for (size_t i = 0; i < given->len; i++) {
        const struct header *h = &given->items[i];

        if (!is_header_safe(h)) {
            *why = arena_strf(call->arena, "header '" STR_FMT "' cannot be sent", STR_ARG(h->name));
            return FAULT_INVALID_PARAMETER;
        }
        add_line(call, arena_strf(call->arena, h->value.len ? STR_FMT ": " STR_FMT : STR_FMT ";",
                                  STR_ARG(h->name), STR_ARG(h->value))
                           .ptr);
    }
    for (size_t i = 0; i < ARRAY_LEN(unwanted); i++)
        if (!str_present(headers_get(given, str_from_z(unwanted[i]))))
            add_line(call, arena_strf(call->arena, "%s:", unwanted[i]).ptr);
    return FAULT_NONE;
}

/* Options of this program's own making: refusing one is a mistake in the build. */
#define SET(curl, option, value) REQUIRE(curl_easy_setopt((curl), (option), (value)) == CURLE_OK)

static void set_method(CURL *curl, const struct call *call)
{
    const struct transport_request *req = call->req;
    bool bodiless = str_eq_z(req->method, "GET") || str_eq_z(req->method, "HEAD") ||
                    str_eq_z(req->method, "DELETE") || str_eq_z(req->method, "OPTIONS");

    if (str_eq_z(req->method, "HEAD") && !req->body.len) {
        SET(curl, CURLOPT_NOBODY, 1L);
        return;
    }
    if (req->body.len || !bodiless) {
        SET(curl, CURLOPT_POST, 1L);
        SET(curl, CURLOPT_POSTFIELDS, req->body.len ? req->body.ptr : "");
        SET(curl, CURLOPT_POSTFIELDSIZE_LARGE, (curl_off_t)req->body.len);
    }
    SET(curl, CURLOPT_CUSTOMREQUEST, arena_z(call->arena, req->method));
}

static void set_limits(CURL *curl, const struct transport_request *req)
{
    int connect_ms = req->connect_timeout_ms > 0 ? req->connect_timeout_ms : CONNECT_MS;
    int exchange_ms = req->timeout_ms > 0 ? req->timeout_ms : EXCHANGE_MS;

    SET(curl, CURLOPT_CONNECTTIMEOUT_MS, 0L + connect_ms);
    SET(curl, CURLOPT_TIMEOUT_MS, 0L + exchange_ms);
    SET(curl, CURLOPT_MAXAGE_CONN, 0L + KEPT_IDLE_S);
    SET(curl, CURLOPT_NOSIGNAL, 1L);
    SET(curl, CURLOPT_FOLLOWLOCATION, 0L);
    SET(curl, CURLOPT_PROTOCOLS_STR, "http,https");
    SET(curl, CURLOPT_HTTP_VERSION, 0L + CURL_HTTP_VERSION_1_1);
    SET(curl, CURLOPT_PATH_AS_IS, 1L);
    SET(curl, CURLOPT_DISALLOW_USERNAME_IN_URL, 1L);
    SET(curl, CURLOPT_SUPPRESS_CONNECT_HEADERS, 1L);
    SET(curl, CURLOPT_SSLVERSION, 0L + CURL_SSLVERSION_TLSv1_2);
}

static void set_up(struct client *c, CURL *curl, struct call *call)
{
    set_limits(curl, call->req);
    set_method(curl, call);
    SET(curl, CURLOPT_URL, arena_z(call->arena, call->req->url));
    SET(curl, CURLOPT_HTTPHEADER, call->list);
    if (c->options.no_proxy)
        SET(curl, CURLOPT_PROXY, "");
    if (str_present(c->options.ca_file)) {
        SET(curl, CURLOPT_CAINFO, c->options.ca_file.ptr);
        SET(curl, CURLOPT_CAPATH, NULL); /* the file's and nobody else */
    }
    SET(curl, CURLOPT_ERRORBUFFER, call->error);
    SET(curl, CURLOPT_WRITEFUNCTION, on_body);
    SET(curl, CURLOPT_WRITEDATA, call);
    SET(curl, CURLOPT_HEADERFUNCTION, on_header);
    SET(curl, CURLOPT_HEADERDATA, call);
    SET(curl, CURLOPT_PREREQFUNCTION, on_sending);
    SET(curl, CURLOPT_PREREQDATA, call);
    SET(curl, CURLOPT_NOPROGRESS, 0L);
    SET(curl, CURLOPT_XFERINFOFUNCTION, on_progress);
    SET(curl, CURLOPT_XFERINFODATA, c);
}

/* ---- the answer ---- */

static enum fault curl_fault(CURLcode rc)
{
    static const struct {
        CURLcode rc;
        enum fault fault;
    } table[] = {
        {CURLE_OK, FAULT_NONE},
        {CURLE_OPERATION_TIMEDOUT, FAULT_TIMEOUT},
        {CURLE_URL_MALFORMAT, FAULT_INVALID_PARAMETER},
        {CURLE_UNSUPPORTED_PROTOCOL, FAULT_INVALID_PARAMETER},
        {CURLE_SSL_CACERT_BADFILE, FAULT_INVALID_PARAMETER},
    };

    for (size_t i = 0; i < ARRAY_LEN(table); i++)
        if (table[i].rc == rc)
            return table[i].fault;
    return FAULT_CONNECTION;
}

static enum fault conclude(struct call *call, CURL *curl, CURLcode rc, struct str *why)
{
    struct transport_answer *out = call->out;
    long status = 0, request_bytes = 0; /* libcurl's own types */
    enum fault f = call->too_large ? FAULT_TOO_LARGE : curl_fault(rc);

    (void)curl_easy_getinfo(curl, CURLINFO_RESPONSE_CODE, &status);
    (void)curl_easy_getinfo(curl, CURLINFO_REQUEST_SIZE, &request_bytes);
    out->sent = request_bytes > 0 || call->again;
    if (f == FAULT_TOO_LARGE) {
        *why = arena_strf(call->arena, "the answer is larger than %zu bytes", call->body.limit);
        return f;
    }
    if ((!f && !call->head_whole) || (f == FAULT_INVALID_PARAMETER && out->sent))
        f = FAULT_CONNECTION; /* a broken answer, whatever the library calls it */
    if (f) {
        *why = call->again || !rc
                   ? STR("the connection was closed before the whole answer came")
                   : arena_strf(call->arena, "%s",
                                call->error[0] ? call->error : curl_easy_strerror(rc));
        return f;
    }
    out->status = (int)status;
    out->headers = (struct headers){call->headers, call->headers_len};
    out->body = call->body.len ? buf_str(&call->body) : STR("");
    return FAULT_NONE;
}

static enum fault client_send(struct transport *t, struct arena *a,
                              const struct transport_request *req, struct transport_answer *out,
                              struct str *why)
{
    struct client *c = client_of(t);
    struct call call = {.arena = a, .req = req, .out = out};
    struct handle *h;
    enum fault f;

    *out = (struct transport_answer){0};
    f = make_headers(&call, why);
    if (!f) {
        call.body = buf_new(a, req->answer_max ? req->answer_max : ANSWER_MAX);
        call.headers = arena_array_of(a, ANSWER_HEADERS_MAX, struct header);
        h = handle_take(c, origin_of(req->url));
        set_up(c, h->curl, &call);
        f = conclude(&call, h->curl, curl_easy_perform(h->curl), why);
        handle_give(c, h);
    }
    curl_slist_free_all(call.list);
    return f;
}

static const struct transport_ops client_ops = {client_send};

/* ---- the client ---- */

static void init_library(void)
{
    if (curl_global_init(CURL_GLOBAL_DEFAULT) != CURLE_OK)
        panic("the HTTP client library does not start");
}

struct transport *http_client_new(const struct http_client_options *options)
{
    static pthread_once_t once = PTHREAD_ONCE_INIT;
    struct client *c = calloc(1, sizeof(*c));

    (void)pthread_once(&once, init_library);
    if (!c)
        panic("out of memory: an HTTP client");
    c->transport.ops = &client_ops;
    c->arena = arena_new(0);
    c->options = *options;
    c->options.ca_file = arena_str(c->arena, options->ca_file);
    if (!c->options.handles_max)
        c->options.handles_max = HANDLES_KEPT;
    (void)pthread_mutex_init(&c->lock, NULL);
    return &c->transport;
}

void http_client_stop(struct transport *t)
{
    atomic_store(&client_of(t)->stopping, true);
}

void http_client_free(struct transport *t)
{
    struct client *c;

    if (!t)
        return;
    c = client_of(t);
    while (c->idle) {
        struct handle *h = c->idle;

        c->idle = h->next;
        handle_free(h);
    }
    (void)pthread_mutex_destroy(&c->lock);
    arena_free(c->arena);
    free(c);
}
