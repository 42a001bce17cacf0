#ifndef API_CALL_H
#define API_CALL_H

#include "base/json.h"
#include "base/ports.h"

/*
 * One call, whichever way it came in; the edge builds it, the dispatcher answers it. Nothing in
 * here is HTTP.
 */
enum function {
    FUNCTION_DATA_MANAGEMENT = 1,
    FUNCTION_EXECUTION = 2,
    FUNCTION_QUERY = 4,
}; /* a bit set in an operation's row */

enum dialect { DIALECT_API, DIALECT_EVENT, DIALECT_ACTION };

enum entry { ENTRY_REST, ENTRY_DIRECT, ENTRY_ACTION, ENTRY_SCHEDULE, ENTRY_WORKFLOW };

struct principal {
    struct str arn;     /* "arn:aws:iam::123456789012:user/drwave", "token:admin", "workflow" */
    struct str via;     /* "sigv4", "bearer", "workflow", "scheduler" */
    struct strs roles;  /* names in the role table of rules/ */
};

struct call {
    struct arena *arena; /* of the request */
    enum entry entry;
    enum dialect dialect;
    enum function function;      /* that was called, or 0 (REST, workflow: any) */
    struct str operation;        /* the name as given: an alias may differ in defaults and texts */
    const struct json *body;     /* an object, or NULL */
    const struct json *query;    /* queryParams, path and query string: text values; or NULL */
    const struct json *event;    /* the whole event, for top-level parameters and `state`; or NULL */
    struct principal principal;
    struct str request_id;
    struct str client_token;     /* asynchronous invokes: the request id */
    int64_t deadline_mono_ms;
};

struct reply {
    int status;         /* 200, 201, 202 or the fault's */
    enum fault fault;   /* FAULT_NONE on success */
    struct str body;    /* JSON text in the call's dialect, in its arena */
    int64_t retry_after_s; /* 503 and 429; 0: none */
};

#endif
