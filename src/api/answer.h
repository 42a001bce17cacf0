#ifndef API_ANSWER_H
#define API_ANSWER_H

#include "api/dispatch.h"

/* Refuses a call for which no operation was found, and leaves the audit record of it. */
void api_refuse(struct api *api, const struct call *call, enum fault f, struct str why,
                struct reply *out);

/* "data-management-handler": as people call it. */
struct str function_name_of(enum function function);

#endif
