#ifndef FLOW_PATH_H
#define FLOW_PATH_H

#include "base/json.h"

/*
 * The part of JSONPath that Amazon States Language's reference paths have, which is what our
 * definitions use: `$`, `.name`, `['name']`, `[0]`; `$$` is the context object. No wildcards, no
 * filters, no intrinsic functions: a definition that has one is refused when it is parsed.
 */
struct flow_scope {
    const struct json *data;    /* `$` */
    const struct json *context; /* `$$` */
};

/* Whether it is a path of that form. */
bool flow_path_ok(struct str path);

/* The same, and flow_path_put can put something there: names below the data. */
bool flow_result_path_ok(struct str path);

/* NULL when nothing is there. */
const struct json *flow_path_get(const struct flow_scope *s, struct str path);

/*
 * `data` with `value` at the path (names only); what is missing on the way is made, what is no
 * object there is replaced. `$`: the value itself. Absent (ResultPath: null): the data.
 */
const struct json *flow_path_put(struct arena *a, const struct json *data, struct str path,
                                 const struct json *value);

/*
 * A payload template: members whose names end in ".$" take the value of the path that they hold.
 * FAULT_INVALID_PARAMETER when a path leads nowhere (States.ParameterPathFailure); *missing is it.
 */
MUST_CHECK enum fault flow_template(struct arena *a, const struct json *template,
                                    const struct flow_scope *s, const struct json **out,
                                    struct str *missing);

/* ---- making JSON values ---- */

const struct json *flow_json_str(struct arena *a, struct str s);
const struct json *flow_json_int(struct arena *a, int64_t i);
const struct json *flow_json_object(struct arena *a);

/* A copy of the object (NULL: empty) with one member set. */
const struct json *flow_json_with(struct arena *a, const struct json *object, struct str name,
                                  const struct json *value);

#endif
