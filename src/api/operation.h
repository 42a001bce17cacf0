#ifndef API_OPERATION_H
#define API_OPERATION_H

#include "api/call.h"
#include "base/field.h"
#include "ops/context.h"

/*
 * One row is one operation, whichever way it is called: the REST route, the event's "operation",
 * the client's command, the permission, the audit record, OpenAPI and the reference page are all
 * read from here, and nowhere else.
 */
enum { OPERATION_NAMES_MAX = 6, OPERATION_ROUTES_MAX = 4 };

struct operation_route {
    const char *method; /* "GET" */
    const char *path;   /* "/protection-groups/{groupId}" */
};

struct operation {
    const char *names[OPERATION_NAMES_MAX]; /* canonical first, then the documented aliases */
    unsigned functions;                     /* which of the three accept it: enum function bits */
    struct operation_route routes[OPERATION_ROUTES_MAX];
    const char *permission; /* of the role table in rules/ */
    const char *summary;    /* one line, for people */
    const char *example;    /* arguments of one client command: "--name web --region us-east-1" */
    const struct field *params;
    const struct field *reply;
    size_t params_size;
    size_t reply_size;
    int success_status;         /* 0: 200 */
    bool action;                /* a workflow operation (contract §4): never wrapped */
    bool yields_to_stored;      /* update and import: differing spellings go to ctx->conflicts */
    bool internal;              /* refused from outside */
    /* S0's wording, where the event dialect differs ("Protection group deleted successfully"). */
    const char *event_message;
    /* Parameters that the event dialect counts among the missing when another is (S0:922). */
    const char *event_required;
    /* Required in the api dialect alone (`version`). */
    const char *api_required;

    /* Exactly one: */
    enum fault (*run_read)(struct query_ctx *c);
    enum fault (*run_write)(struct ctx *c);
    enum fault (*run_task)(struct task_ctx *c);
};

/* The table; *len rows sorted by canonical name. */
const struct operation *const *operations(size_t *len);

/* By any of its names; NULL. */
const struct operation *operation_find(struct str name);

/* The nearest name to a misspelt one, or absent. */
struct str operation_nearest(struct str name);

/*
 * The row whose route matches; path parameters (decoded) are added to *path_params as a JSON
 * object. *allow lists the methods of the path when only the method is wrong ("GET, PUT").
 */
const struct operation *operation_route_find(struct arena *a, struct str method, struct str path,
                                             const struct json **path_params, struct str *allow);

#endif
