/* What was parsed and printed is parsed and printed the same. */
#include "base/json.h"
#include "tests/fuzz/fuzz.h"

void fuzz_input(struct arena *a, struct str input)
{
    const struct json *first, *second;
    struct str why, text;

    if (json_parse(a, input, &first, &why)) {
        REQUIRE(why.len > 0);
        return;
    }
    text = json_text(a, first);
    REQUIRE(str_is_utf8(text));
    REQUIRE(json_parse(a, text, &second, &why) == FAULT_NONE);
    REQUIRE(json_eq(first, second));
    REQUIRE(str_eq(json_text(a, second), text));
}
