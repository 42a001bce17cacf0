#ifndef TESTS_UNIT_H
#define TESTS_UNIT_H

/* What every unit test starts with: cmocka wants these headers first, in this order. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/arena.h"

#define assert_str(actual, expected) assert_str_at((actual), (expected), __FILE__, __LINE__)

/* Shows both texts when they differ. */
static inline void assert_str_at(struct str actual, const char *expected, const char *file,
                                 int line)
{
    if (str_eq_z(actual, expected))
        return;
    print_error("got:      " STR_FMT "\nexpected: %s\n", STR_ARG(actual), expected);
    _fail(file, line);
}

#endif
