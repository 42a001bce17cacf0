#include "api/operation.h"

#include <pthread.h>
#include <stdlib.h>

#include "base/panic.h"

enum { OPERATIONS_MAX = 256 };

static const struct operation *all_rows[OPERATIONS_MAX];
static struct operation_set all = {all_rows, 0};
static pthread_once_t all_once = PTHREAD_ONCE_INIT;

static int by_name(const void *a, const void *b)
{
    const struct operation *const *left = a;
    const struct operation *const *right = b;

    return strcmp((*left)->names[0], (*right)->names[0]);
}

static void collect(const struct operation *fragment)
{
    for (; fragment->names[0]; fragment++) {
        REQUIRE(all.len < OPERATIONS_MAX);
        all_rows[all.len++] = fragment;
    }
}

static void build(void)
{
    collect(operations_data);
    collect(operations_execution);
    collect(operations_query);
    qsort(all_rows, all.len, sizeof(all_rows[0]), by_name);
}

const struct operation_set *operations_all(void)
{
    (void)pthread_once(&all_once, build);
    return &all;
}

const struct operation *operation_find(const struct operation_set *set, struct str name)
{
    for (size_t i = 0; i < set->len; i++)
        for (size_t n = 0; n < OPERATION_NAMES_MAX && set->rows[i]->names[n]; n++)
            if (str_eq_z(name, set->rows[i]->names[n]))
                return set->rows[i];
    return NULL;
}

struct str operation_nearest(const struct operation_set *set, struct str name)
{
    struct str best = {0};
    size_t least = name.len / 3 + 1;

    for (size_t i = 0; i < set->len; i++) {
        for (size_t n = 0; n < OPERATION_NAMES_MAX && set->rows[i]->names[n]; n++) {
            struct str candidate = str_from_z(set->rows[i]->names[n]);
            size_t d = str_distance(candidate, name);

            if (!set->rows[i]->internal && d < least) {
                least = d;
                best = candidate;
            }
        }
    }
    return best;
}
