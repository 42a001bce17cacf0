#ifndef API_REST_H
#define API_REST_H

#include "api/dispatch.h"

/* The body as it arrived; what is wrong with it becomes call->shape. */
void call_body_text(struct call *call, struct str text);
void call_body(struct call *call, const struct json *body);

/* An API Gateway proxy event as a REST call whose answer is {statusCode, headers, body}. */
bool rest_call_from_proxy(struct api *api, const struct json *event, struct call *call,
                          struct reply *out);

#endif
