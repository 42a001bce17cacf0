#ifndef API_ANSWER_H
#define API_ANSWER_H

#include "api/dispatch.h"

/* Why a call is refused for which no operation was found. */
struct api_refusal {
    enum fault fault;
    struct str why;
    struct str allow; /* 405 */
};

/* Answers so, and leaves the audit record of it. */
void api_refuse(struct api *api, const struct call *call, const struct api_refusal *refusal,
                struct reply *out);

/* "data-management-handler": as people call it. */
struct str function_name_of(enum function function);

#endif
