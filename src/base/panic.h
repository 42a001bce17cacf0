#ifndef BASE_PANIC_H
#define BASE_PANIC_H

#include "base/attr.h"

/*
 * For what cannot happen: a programmer's mistake, or no memory left. Writes one line to stderr and
 * aborts. Whatever the world can do is a fault, never a panic.
 */
NORETURN void panic(const char *fmt, ...) PRINTF_LIKE(1, 2);

/* An assertion that stays in release builds. */
#define REQUIRE(condition) \
    ((condition) ? (void)0 : panic("%s:%d: %s does not hold", __FILE__, __LINE__, #condition))

#endif
