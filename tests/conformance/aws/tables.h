#ifndef TESTS_CONFORMANCE_AWS_TABLES_H
#define TESTS_CONFORMANCE_AWS_TABLES_H

#include "base/json.h"

/* The names in the client's field tables, nested, for comparison with AWS's models. */
void put_tables(struct json_writer *w);

#endif
