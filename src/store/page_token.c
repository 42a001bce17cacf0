/*
 * Where a page ended, as text that only this installation can have made and that is good for the
 * query it was made for alone: base64url of 16 bytes of HMAC and a JSON array.
 */
#include "base/encode.h"
#include "store/store_internal.h"

enum { TAG = 16, TOKEN_MAX = 8192 };

static struct sha256 tag_of(const struct store *s, struct arena *a, struct str query,
                            struct str body)
{
    struct str text =
        arena_strf(a, "%zu:" STR_FMT STR_FMT, query.len, STR_ARG(query), STR_ARG(body));

    return hmac_sha256(store_key(s, KEY_PAGE_TOKEN), text);
}

struct str page_token_make(const struct store *s, struct arena *a, struct str query,
                           const struct position *at)
{
    struct buf body = buf_new(a, TOKEN_MAX);
    struct buf bytes = buf_new(a, TOKEN_MAX + TAG);
    struct json_writer w = json_writer_to(&body);
    struct sha256 tag;

    json_begin_array(&w);
    json_put_str(&w, at->partition);
    json_put_str(&w, at->key_sort);
    if (at->sort.kind == VALUE_INT)
        json_put_int(&w, at->sort.integer);
    else if (at->sort.kind == VALUE_TEXT)
        json_put_str(&w, at->sort.text);
    json_end_array(&w);
    tag = tag_of(s, a, query, buf_str(&body));
    buf_add(&bytes, (struct str){(const char *)tag.bytes, TAG});
    buf_add(&bytes, buf_str(&body));
    return base64url_encode(a, buf_str(&bytes));
}

enum fault page_token_read(const struct store *s, struct arena *a, struct str query,
                           struct str token, struct position *out)
{
    struct str bytes;
    struct str body;
    struct sha256 tag;
    const struct json *list;
    struct str why;

    if (token.len > 2 * TOKEN_MAX || !base64url_decode(a, token, &bytes) || bytes.len < TAG)
        return FAULT_INVALID_PARAMETER;
    body = str_slice(bytes, TAG, bytes.len);
    tag = tag_of(s, a, query, body);
    if (!secret_eq(str_slice(bytes, 0, TAG), (struct str){(const char *)tag.bytes, TAG}))
        return FAULT_INVALID_PARAMETER;
    if (json_parse(a, body, &list, &why) || !json_is(list, JS_ARRAY) || list->len < 2)
        return FAULT_INVALID_PARAMETER;
    *out = (struct position){.partition = json_str(&list->items[0]),
                             .key_sort = json_str(&list->items[1])};
    if (list->len > 2 && list->items[2].kind == JS_INT)
        out->sort = value_int(list->items[2].integer);
    else if (list->len > 2)
        out->sort = value_text(json_str(&list->items[2]));
    return FAULT_NONE;
}

static struct str list_identity(struct arena *a, struct str list)
{
    return arena_strf(a, "list:" STR_FMT, STR_ARG(list));
}

struct str reader_list_token(struct reader *r, struct arena *a, struct str list, struct str after)
{
    struct position at = {.partition = after};

    return page_token_make(r->store, a, list_identity(a, list), &at);
}

enum fault reader_list_after(struct reader *r, struct arena *a, struct str list, struct str token,
                             struct str *after)
{
    struct position at;
    enum fault f = page_token_read(r->store, a, list_identity(a, list), token, &at);

    if (!f)
        *after = at.partition;
    return f;
}
