#include "api/operation.h"

/* The operations of the execution function, by name. */
const struct operation operations_execution[] = {
    {.names = {NULL}},
};
