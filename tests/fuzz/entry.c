/* The signature that libFuzzer and AFL++ call; replay.c calls it too. */
#include "tests/fuzz/entry.h"

#include "tests/fuzz/fuzz.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    SCOPED(arena_scope_end) struct arena *a = arena_new(0);

    fuzz_input(a, (struct str){size ? (const char *)data : "", size});
    return 0;
}
