#ifndef TESTS_FUZZ_FUZZ_H
#define TESTS_FUZZ_FUZZ_H

/*
 * One target a parser: fuzz_input is called with whatever the fuzzer, or the corpus, comes up with.
 * What must hold is said with REQUIRE, which ends the process. The arena is gone after the call.
 */
#include "base/arena.h"
#include "base/panic.h"

void fuzz_input(struct arena *a, struct str input);

#endif
