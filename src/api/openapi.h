#ifndef API_OPENAPI_H
#define API_OPENAPI_H

#include "api/operation.h"

/* The OpenAPI 3.1 document of the whole table, generated from it; JSON. */
struct str openapi_text(struct arena *a);
struct str openapi_of(const struct operation_set *set, struct arena *a);

/* schema.c: one field table as a JSON Schema (2020-12), which is what OpenAPI 3.1 takes. */
enum schema_side { SCHEMA_REQUEST, SCHEMA_ANSWER };

struct schema_table {
    const struct field *fields;
    enum schema_side side;
    struct strs leave_out; /* canonical names of the top level that stand elsewhere */
    const char *also_required;
};
void schema_object(struct json_writer *w, const struct schema_table *table);

/* One value without its spellings: for path and query parameters. */
void schema_value(struct json_writer *w, const struct field *f, enum schema_side side);

/* The reference page of all operations; Markdown. */
struct str reference_of(const struct operation_set *set, struct arena *a);

#endif
