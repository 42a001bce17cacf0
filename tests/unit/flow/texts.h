#ifndef TESTS_UNIT_FLOW_TEXTS_H
#define TESTS_UNIT_FLOW_TEXTS_H

#include "tests/unit/unit.h"

#include "base/json.h"

/* What the tests of texts share: memory for one test, and a text as a value in it. */
static struct arena *arena;

static inline int make_arena(void **state)
{
    (void)state;
    arena = arena_new(0);
    return 0;
}

static inline int free_arena(void **state)
{
    (void)state;
    arena_free(arena);
    return 0;
}

static inline const struct json *json_of(const char *text)
{
    const struct json *v = NULL;
    struct str why;

    assert_int_equal(json_parse(arena, str_from_z(text), &v, &why), FAULT_NONE);
    return v;
}

#endif
