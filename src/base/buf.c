#include "base/buf.h"

#include <stdio.h>

#include "base/str_ascii.h"

struct buf buf_new(struct arena *a, size_t limit_bytes)
{
    return (struct buf){.arena = a, .limit = limit_bytes};
}

bool buf_reserve(struct buf *b, size_t more)
{
    size_t cap = b->cap ? b->cap : 128;
    char *bigger;

    if (more > b->limit || b->len > b->limit - more) {
        b->truncated = true;
        return false;
    }
    if (b->len + more + 1 <= b->cap)
        return true;
    if (b->cap)
        cap *= 2;
    if (cap < b->len + more + 1)
        cap = b->len + more + 1;
    bigger = arena_alloc(b->arena, cap);
    if (b->len)
        memcpy(bigger, b->ptr, b->len);
    b->ptr = bigger;
    b->cap = cap;
    return true;
}

void buf_add(struct buf *b, struct str s)
{
    if (s.len == 0 || !buf_reserve(b, s.len))
        return;
    memcpy(b->ptr + b->len, s.ptr, s.len);
    b->len += s.len;
    b->ptr[b->len] = '\0';
}

void buf_add_z(struct buf *b, const char *z)
{
    buf_add(b, str_from_z(z));
}

void buf_add_char(struct buf *b, char c)
{
    if (!buf_reserve(b, 1))
        return;
    b->ptr[b->len++] = c;
    b->ptr[b->len] = '\0';
}

void buf_addf(struct buf *b, const char *fmt, ...)
{
    char small[256];
    va_list args;
    int n;

    va_start(args, fmt);
    n = vsnprintf(small, sizeof(small), fmt, args);
    va_end(args);
    if (n >= 0 && (size_t)n < sizeof(small)) {
        buf_add(b, (struct str){small, (size_t)n});
        return;
    }
    va_start(args, fmt);
    buf_add(b, arena_strvf(b->arena, fmt, args));
    va_end(args);
}

struct str buf_str(const struct buf *b)
{
    return b->ptr ? (struct str){b->ptr, b->len} : STR("");
}

void buf_add_uri(struct buf *b, struct str s, bool keep_slash)
{
    static const char hex[] = "0123456789ABCDEF";

    for (size_t i = 0; i < s.len; i++) {
        unsigned char c = (unsigned char)s.ptr[i];

        if (ascii_is_alnum((char)c) || memchr("-_.~", c, 4) || (keep_slash && c == '/')) {
            buf_add_char(b, (char)c);
        } else {
            char escape[3] = {'%', hex[c >> 4], hex[c & 15]};

            buf_add(b, (struct str){escape, 3});
        }
    }
}

void buf_add_hex(struct buf *b, const void *bytes, size_t n)
{
    static const char hex[] = "0123456789abcdef";
    const unsigned char *p = bytes;

    for (size_t i = 0; i < n; i++) {
        char pair[2] = {hex[p[i] >> 4], hex[p[i] & 15]};

        buf_add(b, (struct str){pair, 2});
    }
}
