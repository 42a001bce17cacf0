#include "base/id.h"

#include "base/buf.h"

struct str id_new(struct arena *a, struct entropy *e, struct str prefix)
{
    static const size_t groups[] = {4, 2, 2, 2, 6};
    unsigned char bytes[16];
    struct buf out = buf_new(a, prefix.len + 36);
    size_t at = 0;

    entropy_fill(e, bytes, sizeof(bytes));
    bytes[6] = (unsigned char)(0x40 | (bytes[6] & 0x0f));
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
