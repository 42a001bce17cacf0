/* Percent encoding and base64: back and forth is the same. */
#include "base/buf.h"
#include "base/encode.h"
#include "tests/fuzz/fuzz.h"

enum { OUTPUT_MAX = 8 << 20 };

static void uri_round_trip(struct arena *a, struct str input)
{
    struct buf b = buf_new(a, OUTPUT_MAX);
    struct str back, decoded;

    if (!memchr(input.ptr, 0, input.len)) {
        buf_add_uri(&b, input, false);
        REQUIRE(uri_decode(a, buf_str(&b), false, &back));
        REQUIRE(str_eq(back, input));
    }
    if (uri_decode(a, input, true, &decoded)) {
        REQUIRE(decoded.len <= input.len);
        REQUIRE(!decoded.len || !memchr(decoded.ptr, 0, decoded.len));
    }
}

void fuzz_input(struct arena *a, struct str input)
{
    struct str bytes;

    uri_round_trip(a, input);
    REQUIRE(base64_decode(a, base64_encode(a, input), &bytes) && str_eq(bytes, input));
    REQUIRE(base64url_decode(a, base64url_encode(a, input), &bytes) && str_eq(bytes, input));
    /* one text for each sequence of bytes: what decodes is what would be encoded */
    if (base64_decode(a, input, &bytes))
        REQUIRE(str_eq(base64_encode(a, bytes), input));
    if (base64url_decode(a, input, &bytes))
        REQUIRE(str_eq(base64url_encode(a, bytes), input));
}
