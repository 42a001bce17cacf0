#ifndef EDGE_EDGE_INTERNAL_H
#define EDGE_EDGE_INTERNAL_H

#include "edge/edge.h"

/* One request on its way through the edge. */
struct visit {
    struct edge *edge;
    const struct edge_options *options;
    struct arena *arena;
    const struct http_request *request;
    struct http_answer *answer;
    struct str request_id;
    struct principal principal;
    int64_t started_mono_ms;
    int64_t deadline_mono_ms;
    struct str operation; /* for the log line */
};

/* Adds a header; at most EDGE_HEADERS_MAX. Both texts are static or in the visit's arena. */
enum { EDGE_HEADERS_MAX = 12 };
void visit_header(struct visit *v, struct str name, struct str value);

/* An answer with a JSON body. */
void visit_answer(struct visit *v, int status, struct str body);

/* A refusal that no operation made, in the REST form: {"error", "message", "requestId"}. */
void visit_refuse(struct visit *v, enum fault f, struct str message);

/* A refusal in the form of the Lambda service: X-Amzn-ErrorType, {"Type", "Message"}. */
void visit_refuse_lambda(struct visit *v, int status, const char *type, struct str message);

/* POST /2015-03-31/functions/NAME/invocations; `name` is decoded. */
void edge_invoke(struct visit *v, struct str name);

/* Every other path. */
void edge_rest(struct visit *v);

/* The function's name when the path is an invocation's, decoded; absent otherwise. */
struct str edge_invocation_name(struct arena *a, struct str path);

#endif
