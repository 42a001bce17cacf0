/* Every way to write a time: what is read is written, and that is read as the same. */
#include "base/time.h"
#include "tests/fuzz/fuzz.h"

static void in_range(int64_t ms)
{
    struct civil c = time_to_civil(ms);

    REQUIRE(c.year >= 1970 && c.year <= 9999);
    REQUIRE(time_from_civil(&c) == ms);
}

void fuzz_input(struct arena *a, struct str input)
{
    int64_t ms, again;

    if (time_parse(input, &ms)) {
        in_range(ms);
        REQUIRE(time_parse(time_rfc3339(a, ms), &again) && again == ms);
    }
    if (time_parse_basic(input, &ms)) {
        in_range(ms);
        REQUIRE(str_eq(time_basic(a, ms), input));
    }
    if (time_parse_http(input, &ms)) {
        in_range(ms);
        REQUIRE(time_parse_http(time_http(a, ms), &again) && again == ms);
    }
}
