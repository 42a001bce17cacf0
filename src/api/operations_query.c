#include "api/operation.h"

/* The operations of the query function, by name. */
const struct operation operations_query[] = {
    {.names = {NULL}},
};
