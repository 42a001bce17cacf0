#include "base/id.h"

#include "base/buf.h"

enum { UUID_BYTES = 16, UUID_TEXT = 36, TIME_BYTES = 6 };

static struct str uuid_text(struct arena *a, unsigned char bytes[UUID_BYTES], int version,
                            struct str prefix)
{
    static const size_t groups[] = {4, 2, 2, 2, 6};
    struct buf out = buf_new(a, prefix.len + UUID_TEXT);
    size_t at = 0;

    bytes[6] = (unsigned char)((version << 4) | (bytes[6] & 0x0f));
    bytes[8] = (unsigned char)(0x80 | (bytes[8] & 0x3f));
    buf_add(&out, prefix);
    for (size_t i = 0; i < ARRAY_LEN(groups); i++) {
        if (i)
            buf_add_char(&out, '-');
        buf_add_hex(&out, bytes + at, groups[i]);
        at += groups[i];
    }
    return buf_str(&out);
}

struct str id_new(struct arena *a, struct entropy *e, struct str prefix)
{
    unsigned char bytes[UUID_BYTES];

    entropy_fill(e, bytes, sizeof(bytes));
    return uuid_text(a, bytes, 4, prefix);
}

struct str id_new_at(struct arena *a, struct entropy *e, int64_t now_ms, struct str prefix)
{
    unsigned char bytes[UUID_BYTES];

    entropy_fill(e, bytes, sizeof(bytes));
    for (int i = 0; i < TIME_BYTES; i++)
        bytes[i] = (unsigned char)((uint64_t)now_ms >> (8 * (TIME_BYTES - 1 - i)));
    return uuid_text(a, bytes, 7, prefix);
}
