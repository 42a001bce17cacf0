#ifndef BASE_BUF_H
#define BASE_BUF_H

#include "base/arena.h"

/*
 * Text that grows, with a maximum. It lives in an arena; growing copies, and the old copy stays
 * until the arena goes (at most as much again as the final length). Past the limit nothing more is
 * written and `truncated` is set: test it once, at the end.
 */
struct buf {
    struct arena *arena;
    char *ptr;
    size_t len;
    size_t cap;
    size_t limit;
    bool truncated;
};

struct buf buf_new(struct arena *a, size_t limit_bytes);
void buf_add(struct buf *b, struct str s);

/* Room for so much more in one piece; false, and truncated, when the limit is lower. */
bool buf_reserve(struct buf *b, size_t more);
void buf_add_z(struct buf *b, const char *z);
void buf_add_char(struct buf *b, char c);
void buf_addf(struct buf *b, const char *fmt, ...) PRINTF_LIKE(2, 3);

/* What has been written so far; valid until the next write. NUL-terminated. */
struct str buf_str(const struct buf *b);

/* Percent-encodes every byte but A-Z a-z 0-9 - _ . ~ (and '/', where keep_slash). RFC 3986. */
void buf_add_uri(struct buf *b, struct str s, bool keep_slash);

/* Lower-case hexadecimal. */
void buf_add_hex(struct buf *b, const void *bytes, size_t n);

#endif
