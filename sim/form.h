#ifndef SIM_FORM_H
#define SIM_FORM_H

#include "base/json.h"

/*
 * A form as the query protocols send it, as a tree: dots open objects, numbered members become
 * lists in the order of their numbers. All values are text. NULL for a form that is not one.
 */
const struct json *form_parse(struct arena *a, struct str text);

#endif
