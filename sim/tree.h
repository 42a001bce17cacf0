#ifndef SIM_TREE_H
#define SIM_TREE_H

#include "base/json.h"

/* Building JSON values. Objects are shared freely: a change is a copy with one member replaced. */
struct json *tree_object(struct arena *a);
struct json *tree_array(struct arena *a);
void tree_put(struct arena *a, struct json *object, struct str name, const struct json *value);
void tree_put_str(struct arena *a, struct json *object, const char *name, struct str value);
void tree_push(struct arena *a, struct json *array, const struct json *value);
struct json *tree_str(struct arena *a, struct str value);

/* All of `under`, with the members of `over` in the place of its own: shallow. */
struct json *tree_merge(struct arena *a, const struct json *under, const struct json *over);
struct json *tree_copy(struct arena *a, const struct json *v);

#endif
