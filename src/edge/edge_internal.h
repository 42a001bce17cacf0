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
    int64_t started_mono_ms; /* when the request had arrived: waiting for a worker counts */
    int64_t deadline_mono_ms;
    /* For the log line: */
    struct str operation;
    struct str error; /* of a refusal: its code, and why */
    struct str why;
};

/* Adds a header; at most EDGE_HEADERS_MAX. Both texts are static or in the visit's arena. */
enum { EDGE_HEADERS_MAX = 12 };
void visit_header(struct visit *v, struct str name, struct str value);

/* GET or HEAD. */
bool visit_reads(const struct visit *v);

/* What the log line tells of a call that the dispatcher answered. */
void visit_reply(struct visit *v, const struct reply *reply);

/* An answer with a JSON body. */
void visit_answer(struct visit *v, int status, struct str body);

/*
 * The audit record of a request that the dispatcher does not see: "REFUSED" with the visit's error
 * and why, "SUCCESS", "DRY_RUN". A refusal by visit_refuse has left its own.
 */
void visit_note(struct visit *v, const char *outcome);

/* A refusal that no operation made, in the REST form: {"error", "message", "requestId"}. */
void visit_refuse(struct visit *v, enum fault f, struct str message);

/* An error in the form of the Lambda service: X-Amzn-ErrorType, {"Type", "Message"}; and a refusal
 * in it. */
void visit_answer_lambda(struct visit *v, int status, const char *type, struct str message);
void visit_refuse_lambda(struct visit *v, int status, const char *type, struct str message);

/* POST /2015-03-31/functions/NAME/invocations; `name` is decoded. */
void edge_invoke(struct visit *v, struct str name);

/* Every other path. */
void edge_rest(struct visit *v);

/* The function's name when the path is an invocation's, decoded; absent otherwise. */
struct str edge_invocation_name(struct arena *a, struct str path);

#endif
