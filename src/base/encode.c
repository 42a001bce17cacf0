#include "base/encode.h"

#include "base/str_ascii.h"

static const char alphabet[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
static const char alphabet_url[] =
    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";

static struct str encode(struct arena *a, struct str bytes, const char *letters, bool pad)
{
    const unsigned char *p = (const unsigned char *)bytes.ptr;
    char *out = arena_alloc(a, (bytes.len + 2) / 3 * 4 + 1);
    size_t n = 0;

    for (size_t i = 0; i < bytes.len; i += 3) {
        size_t left = bytes.len - i;
        unsigned v = (unsigned)p[i] << 16 | (left > 1 ? (unsigned)p[i + 1] << 8 : 0) |
                     (left > 2 ? (unsigned)p[i + 2] : 0);

        out[n++] = letters[v >> 18];
        out[n++] = letters[v >> 12 & 63];
        if (left > 1)
            out[n++] = letters[v >> 6 & 63];
        else if (pad)
            out[n++] = '=';
        if (left > 2)
            out[n++] = letters[v & 63];
        else if (pad)
            out[n++] = '=';
    }
    return (struct str){out, n};
}

static bool decode(struct arena *a, struct str text, const char *letters, struct str *out)
{
    char *bytes = arena_alloc(a, text.len / 4 * 3 + 3);
    size_t n = 0;
    unsigned v = 0;

    if (text.len % 4 == 1)
        return false;
    for (size_t i = 0; i < text.len; i++) {
        const char *at = memchr(letters, text.ptr[i], 64);

        if (!at)
            return false;
        v = (v << 6 | (unsigned)(at - letters)) & 0xffffffU;
        if (i % 4 == 3) {
            bytes[n++] = (char)(v >> 16);
            bytes[n++] = (char)(v >> 8 & 255);
            bytes[n++] = (char)(v & 255);
        }
    }
    if (text.len % 4 == 2) {
        if (v & 15)
            return false;
        bytes[n++] = (char)(v >> 4 & 255);
    } else if (text.len % 4 == 3) {
        if (v & 3)
            return false;
        bytes[n++] = (char)(v >> 10 & 255);
        bytes[n++] = (char)(v >> 2 & 255);
    }
    *out = (struct str){bytes, n};
    return true;
}

struct str base64_encode(struct arena *a, struct str bytes)
{
    return encode(a, bytes, alphabet, true);
}

bool base64_decode(struct arena *a, struct str text, struct str *out)
{
    if (text.len % 4)
        return false;
    for (int i = 0; i < 2 && text.len && text.ptr[text.len - 1] == '='; i++)
        text.len--;
    return decode(a, text, alphabet, out);
}

struct str base64url_encode(struct arena *a, struct str bytes)
{
    return encode(a, bytes, alphabet_url, false);
}

bool base64url_decode(struct arena *a, struct str text, struct str *out)
{
    return decode(a, text, alphabet_url, out);
}

bool uri_decode(struct arena *a, struct str text, bool plus_is_space, struct str *out)
{
    char *bytes = arena_alloc(a, text.len + 1);
    size_t n = 0;

    for (size_t i = 0; i < text.len; i++) {
        char c = text.ptr[i];

        if (c == '%') {
            int high = i + 2 < text.len ? ascii_hex(text.ptr[i + 1]) : -1;
            int low = i + 2 < text.len ? ascii_hex(text.ptr[i + 2]) : -1;

            if (high < 0 || low < 0)
                return false;
            c = (char)(high << 4 | low);
            i += 2;
        } else if (c == '+' && plus_is_space) {
            c = ' ';
        }
        if (c == '\0')
            return false;
        bytes[n++] = c;
    }
    *out = (struct str){bytes, n};
    return true;
}
