#ifndef EDGE_EDGE_H
#define EDGE_EDGE_H

#include <stdatomic.h>

#include "api/dispatch.h"
#include "edge/authenticate.h"
#include "net/http_server.h"

/*
 * The way in over HTTP: turns a request into a call and a reply into an answer, and writes the one
 * log line. Paths:
 *   GET  /health                                     open to everybody
 *   POST /2015-03-31/functions/NAME/invocations      the Lambda Invoke API
 *   GET  /openapi.json                               what is here
 *   everything else                                  REST, by the operation table's routes
 */
struct edge;

/* Who sent this? FAULT_UNAUTHENTICATED or FAULT_AUTHORIZATION_FAILED with *why for the caller. */
typedef enum fault edge_authenticate_fn(void *context, struct arena *a,
                                        const struct http_request *request, struct principal *out,
                                        struct denial *why);

struct edge_options {
    struct api *api;
    struct clock *clock;
    struct entropy *entropy;
    edge_authenticate_fn *authenticate;
    void *authenticate_context;
    bool loopback;               /* the Host header must name this machine (DNS rebinding), */
    struct str host_names;       /* by one of these or as loopback; see host_guard.h */
    int64_t call_timeout_ms;     /* of one call; 0: 60,000 */
    const atomic_bool *stopping; /* /health says so; NULL: never */
};

/* Never NULL. */
struct edge *edge_new(const struct edge_options *options);
void edge_free(struct edge *e); /* NULL is allowed */

/* The server's handler, and what it calls for requests that it does not hand over; `context` is the
 * edge of both. */
http_refused_fn edge_refused;
void edge_handle(void *context, struct arena *a, const struct http_request *request,
                 struct http_answer *answer);

#endif
