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
    const struct field *reply; /* NULL for an action: run_task writes the answer, run_read leaves a
                                  const struct json * in c->reply */
    size_t params_size;
    size_t reply_size;
    int success_status;    /* 0: 200 */
    bool action;           /* a workflow operation (contract §4): never wrapped */
    bool yields_to_stored; /* update and import: differing spellings go to ctx->conflicts */
    bool internal;         /* refused from outside */
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

/*
 * The whole table, rows sorted by canonical name. It is put together from the fragments, which each
 * end with a row without a name: operations_data.c, operations_execution.c, operations_query.c.
 */
struct operation_set {
    const struct operation *const *rows;
    size_t len;
};

extern const struct operation operations_data[];
extern const struct operation operations_execution[];
extern const struct operation operations_query[];

const struct operation_set *operations_all(void);

/* By any of its names; NULL. */
const struct operation *operation_find(const struct operation_set *set, struct str name);

/* The nearest name to a misspelt one, or absent. */
struct str operation_nearest(const struct operation_set *set, struct str name);

/* What a method and a path come to. */
struct route_match {
    const struct operation *op;     /* NULL: no such path, or not by this method */
    const struct json *path_params; /* decoded, as a JSON object of texts */
    struct str allow;               /* when only the method is wrong: "GET, PUT" */
};

/* A fixed segment wins over a parameter, an earlier one over a later one. HEAD is GET. */
struct route_match operation_route_find(const struct operation_set *set, struct arena *a,
                                        struct str method, struct str path);

/*
 * What is wrong with the table, one line each; empty when nothing is: names unique over all
 * aliases, routes unambiguous, permissions known, every row and field documented, exactly one
 * run_..., path parameters that exist.
 */
struct str operations_check(const struct operation_set *set, struct arena *a);

#endif
