#include <stdlib.h>

#include "base/encode.h"
#include "crypto/digest.h"
#include "sim/auth.h"

/*
 * The verifier's own canonical form (aws-facts 7.1). It shares nothing with the signer of the
 * product: two readings of one specification, so that a mistake in either shows.
 */

/* Dot segments and empty ones go; a trailing slash stays. */
static struct str normalized(struct arena *a, struct str path)
{
    struct str *parts = arena_array_of(a, path.len + 1, struct str);
    struct buf out = buf_new(a, path.len + 2);
    bool slash = true;
    size_t n = 0;

    while (str_present(path)) {
        struct str part = str_cut(&path, '/');

        slash = str_empty(part) || str_eq_z(part, ".") || str_eq_z(part, "..");
        if (str_eq_z(part, ".."))
            n = n ? n - 1 : 0;
        else if (!slash)
            parts[n++] = part;
    }
    for (size_t i = 0; i < n; i++) {
        buf_add_char(&out, '/');
        buf_add(&out, parts[i]);
    }
    if (slash || !n)
        buf_add_char(&out, '/');
    return buf_str(&out);
}

struct param {
    struct str name;
    struct str value;
};

static int by_name_and_value(const void *a, const void *b)
{
    const struct param *x = a, *y = b;
    int order = str_cmp(x->name, y->name);

    return order ? order : str_cmp(x->value, y->value);
}

static struct str reencoded(struct arena *a, struct str text)
{
    struct buf out = buf_new(a, text.len * 3 + 1);
    struct str raw;

    if (!uri_decode(a, text, false, &raw))
        raw = text;
    buf_add_uri(&out, raw, false);
    return buf_str(&out);
}

static struct str canonical_query(struct arena *a, struct str query)
{
    struct param *params = arena_array_of(a, query.len + 1, struct param);
    struct buf out = buf_new(a, query.len * 3 + 2);
    size_t n = 0;

    while (str_present(query)) {
        struct str pair = str_cut(&query, '&');

        if (str_empty(pair))
            continue;
        params[n].name = reencoded(a, str_cut(&pair, '='));
        params[n++].value = reencoded(a, str_present(pair) ? pair : STR(""));
    }
    qsort(params, n, sizeof(*params), by_name_and_value);
    for (size_t i = 0; i < n; i++) {
        if (i)
            buf_add_char(&out, '&');
        buf_add(&out, params[i].name);
        buf_add_char(&out, '=');
        buf_add(&out, params[i].value);
    }
    return buf_str(&out);
}

/* Trimmed, inner runs of blanks made one. */
static void add_header_value(struct buf *out, struct str value)
{
    value = str_trim(value);
    for (size_t i = 0; i < value.len; i++) {
        bool blank = value.ptr[i] == ' ' || value.ptr[i] == '\t' || value.ptr[i] == '\n' ||
                     value.ptr[i] == '\r';
        bool before = out->len && out->ptr[out->len - 1] == ' ';

        if (!blank)
            buf_add_char(out, value.ptr[i]);
        else if (!before)
            buf_add_char(out, ' ');
    }
}

static void add_header(struct buf *out, const struct headers *headers, struct str name)
{
    bool first = true;

    buf_add(out, name);
    buf_add_char(out, ':');
    for (size_t i = 0; i < headers->len; i++) {
        if (!str_eq_fold(headers->items[i].name, name))
            continue;
        if (!first)
            buf_add_char(out, ',');
        add_header_value(out, headers->items[i].value);
        first = false;
    }
    buf_add_char(out, '\n');
}

struct str auth_canonical(struct arena *a, const struct http_request *r, struct strs signed_headers,
                          bool normalize)
{
    struct str path = str_empty(r->path) ? STR("/") : r->path;
    struct buf out = buf_new(a, (size_t)1 << 20);

    buf_add(&out, r->method);
    buf_add_char(&out, '\n');
    buf_add_uri(&out, normalize ? normalized(a, path) : path, true);
    buf_add_char(&out, '\n');
    buf_add(&out, canonical_query(a, r->query));
    buf_add_char(&out, '\n');
    for (size_t i = 0; i < signed_headers.len; i++)
        add_header(&out, &r->headers, signed_headers.items[i]);
    buf_add_char(&out, '\n');
    for (size_t i = 0; i < signed_headers.len; i++) {
        if (i)
            buf_add_char(&out, ';');
        buf_add(&out, signed_headers.items[i]);
    }
    buf_add_char(&out, '\n');
    buf_add(&out, sha256_hex(a, sha256_of(r->body)));
    return buf_str(&out);
}

struct str auth_signature(struct arena *a, const struct authorization *auth, struct str amz_date,
                          struct str canonical, struct str secret)
{
    struct str to_sign = arena_strf(
        a,
        "AWS4-HMAC-SHA256\n" STR_FMT "\n" STR_FMT "/" STR_FMT "/" STR_FMT "/aws4_request\n" STR_FMT,
        STR_ARG(amz_date), STR_ARG(auth->date), STR_ARG(auth->region), STR_ARG(auth->service),
        STR_ARG(sha256_hex(a, sha256_of(canonical))));
    const struct str steps[] = {auth->date, auth->region, auth->service, STR("aws4_request"),
                                to_sign};
    struct str first = arena_strf(a, "AWS4" STR_FMT, STR_ARG(secret));
    struct sha256 key = hmac_sha256(first, steps[0]);

    for (size_t i = 1; i < ARRAY_LEN(steps); i++)
        key = hmac_sha256(sha256_str(&key), steps[i]);
    return sha256_hex(a, key);
}
