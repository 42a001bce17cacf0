/* The shared AWS files: every pair that is found lies in the text, and can be asked for. */
#include "aws/profile.h"
#include "tests/fuzz/fuzz.h"

void fuzz_input(struct arena *a, struct str input)
{
    struct ini ini = ini_parse(a, input);

    for (size_t i = 0; i < ini.len; i++) {
        const struct ini_pair *p = &ini.items[i];

        REQUIRE(ini_has_section(&ini, p->section));
        if (str_present(p->key))
            REQUIRE(str_present(ini_get(&ini, p->section, p->key)));
    }
}
