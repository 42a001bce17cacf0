#include "aws/sigv4.h"

#include <stdlib.h>

#include "base/encode.h"
#include "base/str_ascii.h"

/* ---- path ---- */

/* RFC 3986 dot segments, and runs of slashes as one; a closing slash stays. */
static struct str normalised_path(struct arena *a, struct str path)
{
    struct strs kept = {arena_array_of(a, path.len + 1, struct str), 0};
    struct buf out = buf_new(a, path.len + 2);
    struct str rest = path;

    while (str_present(rest)) {
        struct str segment = str_cut(&rest, '/');

        if (str_eq_z(segment, ".."))
            kept.len -= kept.len > 0;
        else if (!str_empty(segment) && !str_eq_z(segment, "."))
            kept.items[kept.len++] = segment;
    }
    for (size_t i = 0; i < kept.len; i++) {
        buf_add_char(&out, '/');
        buf_add(&out, kept.items[i]);
    }
    if (kept.len == 0 || str_ends(path, STR("/")))
        buf_add_char(&out, '/');
    return buf_str(&out);
}

static void add_path(struct buf *out, struct str path, bool keep)
{
    if (str_empty(path))
        path = STR("/");
    else if (!keep)
        path = normalised_path(out->arena, path);
    buf_add_uri(out, path, true);
}

/* ---- query ---- */

struct pair {
    struct str name;
    struct str value;
};

static int pair_order(const void *left, const void *right)
{
    const struct pair *l = left;
    const struct pair *r = right;
    int order = str_cmp(l->name, r->name);

    return order ? order : str_cmp(l->value, r->value);
}

/* Decoded where it is encoded, then encoded by the one rule; a bad escape is taken as it stands. */
static struct str encoded_once(struct arena *a, struct str part)
{
    struct buf out = buf_new(a, 3 * part.len + 1);
    struct str plain;

    if (!uri_decode(a, part, false, &plain))
        plain = part;
    buf_add_uri(&out, plain, false);
    return buf_str(&out);
}

static void add_query(struct buf *out, struct str query)
{
    struct pair *pairs = arena_array_of(out->arena, query.len + 1, struct pair);
    struct str rest = query;
    size_t n = 0;

    while (str_present(rest)) {
        struct str part = str_cut(&rest, '&');
        struct str name;

        if (str_empty(part))
            continue;
        name = str_cut(&part, '=');
        pairs[n++] = (struct pair){encoded_once(out->arena, name), encoded_once(out->arena, part)};
    }
    qsort(pairs, n, sizeof(*pairs), pair_order);
    for (size_t i = 0; i < n; i++) {
        if (i > 0)
            buf_add_char(out, '&');
        buf_add(out, pairs[i].name);
        buf_add_char(out, '=');
        buf_add(out, pairs[i].value);
    }
}

/* ---- headers ---- */

struct named {
    struct str name; /* in lower case */
    struct str value;
    size_t place; /* keeps repeated headers in the order they were sent */
};

static int named_order(const void *left, const void *right)
{
    const struct named *l = left;
    const struct named *r = right;
    int order = str_cmp(l->name, r->name);

    return order ? order : (l->place > r->place) - (l->place < r->place);
}

static bool is_listed(struct str list, struct str name)
{
    while (str_present(list))
        if (str_eq(str_cut(&list, ';'), name))
            return true;
    return false;
}

/* Trimmed, inner runs of white space as one blank. */
static void add_value(struct buf *out, struct str value)
{
    bool gap = false;

    value = str_trim(value);
    for (size_t i = 0; i < value.len; i++) {
        bool space = ascii_is_space(value.ptr[i]);

        if (!space && gap)
            buf_add_char(out, ' ');
        if (!space)
            buf_add_char(out, value.ptr[i]);
        gap = space;
    }
}

static void add_headers(struct buf *out, const struct sigv4_request *r, struct buf *names)
{
    struct named *all = arena_array_of(out->arena, r->headers.len + 1, struct named);
    size_t n = 0;

    for (size_t i = 0; i < r->headers.len; i++) {
        struct str name = arena_str_lower(out->arena, r->headers.items[i].name);

        if (!str_present(r->signed_headers) || is_listed(r->signed_headers, name))
            all[n++] = (struct named){name, r->headers.items[i].value, i};
    }
    qsort(all, n, sizeof(*all), named_order);
    for (size_t i = 0; i < n; i++) {
        bool again = i > 0 && str_eq(all[i].name, all[i - 1].name);

        if (again) {
            buf_add_char(out, ',');
        } else {
            buf_addf(names, "%s" STR_FMT, i > 0 ? ";" : "", STR_ARG(all[i].name));
            buf_addf(out, "%s" STR_FMT ":", i > 0 ? "\n" : "", STR_ARG(all[i].name));
        }
        add_value(out, all[i].value);
    }
    if (n > 0)
        buf_add_char(out, '\n');
}

/* ---- the whole ---- */

static size_t room_for(const struct sigv4_request *r)
{
    size_t room = 4096 + r->method.len + 9 * r->target.len;

    for (size_t i = 0; i < r->headers.len; i++)
        room += 2 * r->headers.items[i].name.len + r->headers.items[i].value.len + 8;
    return room;
}

struct str sigv4_canonical_request(struct arena *a, const struct sigv4_request *request,
                                   struct str *signed_headers)
{
    struct buf out = buf_new(a, room_for(request));
    struct buf names = buf_new(a, room_for(request));
    struct str query = request->target;
    struct str path = str_cut(&query, '?');

    buf_add(&out, request->method);
    buf_add_char(&out, '\n');
    add_path(&out, path, request->keep_path);
    buf_add_char(&out, '\n');
    add_query(&out, query);
    buf_add_char(&out, '\n');
    add_headers(&out, request, &names);
    buf_add_char(&out, '\n');
    buf_add(&out, buf_str(&names));
    buf_add_char(&out, '\n');
    buf_add(&out, request->payload_hash);
    if (signed_headers)
        *signed_headers = buf_str(&names);
    return buf_str(&out);
}

struct str sigv4_scope_text(struct arena *a, const struct sigv4_scope *scope)
{
    return arena_strf(a, STR_FMT "/" STR_FMT "/" STR_FMT "/aws4_request",
                      STR_ARG(str_slice(scope->date, 0, 8)), STR_ARG(scope->region),
                      STR_ARG(scope->service));
}

struct str sigv4_string_to_sign(struct arena *a, const struct sigv4_scope *scope,
                                struct str canonical_request)
{
    return arena_strf(a, "AWS4-HMAC-SHA256\n" STR_FMT "\n" STR_FMT "\n" STR_FMT,
                      STR_ARG(scope->date), STR_ARG(sigv4_scope_text(a, scope)),
                      STR_ARG(sha256_hex(a, sha256_of(canonical_request))));
}

struct str sigv4_signature(struct arena *a, struct str secret, const struct sigv4_scope *scope,
                           struct str string_to_sign)
{
    size_t n = 4 + secret.len;
    char *first = arena_alloc(a, n);
    struct sha256 key;

    memcpy(first, "AWS4", 4);
    if (secret.len > 0)
        memcpy(first + 4, secret.ptr, secret.len);
    key = hmac_sha256((struct str){first, n}, str_slice(scope->date, 0, 8));
    secret_wipe(first, n);
    key = hmac_sha256(sha256_str(&key), scope->region);
    key = hmac_sha256(sha256_str(&key), scope->service);
    key = hmac_sha256(sha256_str(&key), STR("aws4_request"));
    key = hmac_sha256(sha256_str(&key), string_to_sign);
    return sha256_hex(a, key);
}

static void add_header(struct headers *h, const char *name, struct str value)
{
    h->items[h->len++] = (struct header){str_from_z(name), value};
}

void sigv4_sign(struct arena *a, const struct sigv4_key *key, const struct sigv4_scope *scope,
                struct sigv4_request *request)
{
    struct headers all = {arena_array_of(a, request->headers.len + 3, struct header), 0};
    struct str names;
    struct str canonical;
    struct str signature;

    for (size_t i = 0; i < request->headers.len; i++)
        all.items[all.len++] = request->headers.items[i];
    add_header(&all, "X-Amz-Date", scope->date);
    if (str_present(key->token))
        add_header(&all, "X-Amz-Security-Token", key->token);
    request->headers = all;
    canonical = sigv4_canonical_request(a, request, &names);
    signature = sigv4_signature(a, key->secret, scope, sigv4_string_to_sign(a, scope, canonical));
    add_header(&request->headers, "Authorization",
               arena_strf(a,
                          "AWS4-HMAC-SHA256 Credential=" STR_FMT "/" STR_FMT
                          ", SignedHeaders=" STR_FMT ", Signature=" STR_FMT,
                          STR_ARG(key->access_key_id), STR_ARG(sigv4_scope_text(a, scope)),
                          STR_ARG(names), STR_ARG(signature)));
}
