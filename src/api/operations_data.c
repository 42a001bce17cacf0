#include "api/operation.h"

/* The operations of the data-management function, by name. */
const struct operation operations_data[] = {
    {.names = {NULL}},
};
