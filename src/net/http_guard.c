/*
 * The head of a request, read strictly.
 *
 * The library is lenient where a proxy in front of us may not be, and a request that two servers
 * read differently is an attack. It also hands out NUL-terminated pieces, so that a NUL inside a
 * value silently cuts it. But it parses in place: the pieces it hands out lie in its buffer in the
 * order in which they came, with each CRLF turned into two NULs. So whatever does not tile that
 * buffer exactly (a NUL, a bare line feed, a folded line) is found by comparing places.
 */
#include "base/str_ascii.h"
#include "net/http_internal.h"

struct head {
    struct exchange *x;
    const char *expected; /* where the next header's name must begin */
    size_t bytes;
    size_t count;
    bool broken;
};

static bool is_token(struct str s)
{
    for (size_t i = 0; i < s.len; i++) {
        char c = s.ptr[i];

        if (!ascii_is_alnum(c) && (!c || !strchr("!#$%&'*+-.^_`|~", c)))
            return false;
    }
    return s.len > 0;
}

/* Field values: no control characters but the tab (RFC 9110 §5.5). */
static bool is_field_value(struct str s)
{
    for (size_t i = 0; i < s.len; i++) {
        unsigned char c = (unsigned char)s.ptr[i];

        if ((c < 0x20 && c != '\t') || c == 0x7f)
            return false;
    }
    return true;
}

static bool is_target(struct str s)
{
    for (size_t i = 0; i < s.len; i++) {
        unsigned char c = (unsigned char)s.ptr[i];

        if (c <= 0x20 || c == 0x7f || c == '#')
            return false;
    }
    return str_starts(s, STR("/")) || str_eq(s, STR("*"));
}

/* long: the parameters are the library's. */
static enum MHD_Result add_header(void *cls, enum MHD_ValueKind kind, const char *name,
                                  size_t name_len, const char *value, size_t value_len)
{
    struct head *h = cls;
    struct exchange *x = h->x;
    struct str n = {name, name_len}, v = {value, value_len};

    (void)kind;
    if (!value || name != h->expected || !is_token(n) || !is_field_value(v)) {
        h->broken = true;
        return MHD_NO;
    }
    h->expected = value + value_len + 2;
    h->bytes += n.len + v.len + 4;
    x->request.headers.items[h->count++] = (struct header){
        .name = arena_str(x->arena, n),
        .value = arena_str(x->arena, str_trim(v)),
    };
    return MHD_YES;
}

/* The head ends with the empty line behind the last value, and nowhere else. */
static bool ends_at(struct exchange *x, const char *method, const char *expected)
{
    const union MHD_ConnectionInfo *info =
        MHD_get_connection_info(x->connection, MHD_CONNECTION_INFO_REQUEST_HEADER_SIZE);

    return info && expected + 2 == method + info->header_size;
}

static size_t count_of(const struct http_request *r, struct str name)
{
    size_t n = 0;

    for (size_t i = 0; i < r->headers.len; i++)
        n += str_eq_fold(r->headers.items[i].name, name);
    return n;
}

/*
 * Headers that hold one thing, not a list (RFC 9110 §5.3), and decide who asks for what: a proxy
 * and we might each believe another one of two. Lists may come in pieces and are not in here.
 */
static bool holds_one_thing(struct str name)
{
    static const char *const names[] = {"Authorization", "Content-Type", "Expect"};

    for (size_t i = 0; i < ARRAY_LEN(names); i++)
        if (str_eq_fold(name, str_from_z(names[i])))
            return true;
    return str_eq_fold(str_slice(name, 0, 6), STR("X-Amz-"));
}

static bool says_twice(const struct http_request *r)
{
    for (size_t i = 0; i < r->headers.len; i++) {
        struct str name = r->headers.items[i].name;

        if (holds_one_thing(name) && count_of(r, name) > 1)
            return true;
    }
    return false;
}

static enum refusal check_framing(const struct http_request *r, bool http_1_1)
{
    size_t lengths = count_of(r, STR("Content-Length"));
    size_t codings = count_of(r, STR("Transfer-Encoding"));
    struct str coding = headers_get(&r->headers, STR("Transfer-Encoding"));
    size_t hosts = count_of(r, STR("Host"));

    if (lengths > 1 || codings > 1 || (lengths && codings) || hosts > 1 || says_twice(r))
        return REFUSAL_AMBIGUOUS;
    if (http_1_1 ? hosts == 0 : codings > 0)
        return REFUSAL_MALFORMED;
    if (codings && !str_eq_fold(coding, STR("chunked")))
        return REFUSAL_CODING;
    return REFUSAL_NONE;
}

void guard_read_target(struct exchange *x, const char *target)
{
    struct http_request *r = &x->request;
    ptrdiff_t mark;

    r->target = arena_str(x->arena, str_from_z(target));
    mark = str_find(r->target, '?');
    r->path = mark < 0 ? r->target : str_slice(r->target, 0, (size_t)mark);
    if (mark >= 0)
        r->query = str_slice(r->target, (size_t)mark + 1, r->target.len);
}

enum refusal guard_read_head(struct exchange *x, const char *method, const char *version)
{
    const struct http_limits *limits = &x->server->options.limits;
    struct http_request *r = &x->request;
    struct head h = {.x = x};
    int count = MHD_get_connection_values(x->connection, MHD_HEADER_KIND, NULL, NULL);
    size_t line;

    r->method = arena_str(x->arena, str_from_z(method));
    if (!x->raw_target || !is_target(r->target) || !is_token(r->method))
        return REFUSAL_MALFORMED;
    line = r->method.len + r->target.len;
    if (version != x->raw_target + r->target.len + 1)
        return REFUSAL_MALFORMED;
    if (count > 0 && (size_t)count > limits->header_count_max)
        return REFUSAL_HEAD_SIZE;
    if (count > 0)
        r->headers.items = arena_array_of(x->arena, (size_t)count, struct header);
    h.expected = version + strlen(version) + 2;
    (void)MHD_get_connection_values_n(x->connection, MHD_HEADER_KIND, add_header, &h);
    r->headers.len = h.count;
    if (h.broken || !ends_at(x, method, h.expected))
        return REFUSAL_MALFORMED;
    if (h.bytes + line + 12 > limits->header_max)
        return REFUSAL_HEAD_SIZE;
    return check_framing(r, strcmp(version, "HTTP/1.1") == 0);
}

int64_t guard_content_length(const struct exchange *x)
{
    int64_t length;

    return str_to_i64(headers_get(&x->request.headers, STR("Content-Length")), &length) ? length
                                                                                        : -1;
}
