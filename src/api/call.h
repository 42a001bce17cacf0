#ifndef API_CALL_H
#define API_CALL_H

#include "base/json.h"
#include "base/ports.h"

/*
 * One call, whichever way it came in, and its answer. Nothing in here is HTTP. The edge does not
 * fill it by hand: api_rest and api_invoke (api/dispatch.h) do; the workflow and tests may.
 */
enum function {
    FUNCTION_DATA_MANAGEMENT = 1,
    FUNCTION_EXECUTION = 2,
    FUNCTION_QUERY = 4,
}; /* a bit set in an operation's row */

enum dialect { DIALECT_API, DIALECT_EVENT, DIALECT_ACTION };

enum entry { ENTRY_REST, ENTRY_DIRECT, ENTRY_ACTION, ENTRY_SCHEDULE, ENTRY_WORKFLOW };

struct principal {
    struct str arn;    /* "arn:aws:iam::123456789012:user/drwave", "token:admin", "workflow" */
    struct str via;    /* "sigv4", "bearer", "workflow", "scheduler" */
    struct strs roles; /* names in rules/roles.h; ENTRY_WORKFLOW needs none */
};

/* A parameter is looked for in this order; the first container that has it wins (contract §1). */
enum container {
    CONTAINER_BODY,
    CONTAINER_PARAMETERS,
    CONTAINER_QUERY, /* text values are accepted for numbers, booleans and structures */
    CONTAINER_PATH,  /* likewise; must agree with a value found before */
    CONTAINER_EVENT, /* the whole event: top-level parameters, `state`; its envelope is tolerated */
    CONTAINER_COUNT
};

struct call {
    struct arena *arena; /* of the request */
    enum entry entry;
    enum dialect dialect;
    enum function function; /* that was called, or 0 (REST, workflow: any) */
    struct str operation;   /* the name as given: an alias may differ in defaults and texts */
    const struct json *in[CONTAINER_COUNT]; /* objects, or NULL */
    struct principal principal;
    struct str request_id;
    struct str peer;          /* where it came from, for the audit record; may be absent */
    struct str client_token;  /* asynchronous invokes: the request id; else absent */
    int64_t deadline_mono_ms; /* 0: none */
    /* What is wrong with the envelope, found while it was read; refused after authorisation. */
    enum fault shape;
    struct str shape_why;
    bool proxy; /* an API Gateway event: the answer is {statusCode, headers, body: "text"} */
};

struct reply {
    int status;            /* 200, 201, 202 or the fault's */
    enum fault fault;      /* FAULT_NONE on success */
    struct str body;       /* JSON text in the call's dialect, in its arena */
    struct str operation;  /* canonical name, for the log; absent when none was found */
    struct str message;    /* of the refusal, for the log */
    struct str allow;      /* 405: "GET, PUT" */
    int64_t retry_after_s; /* 503 and 429; 0: none */
};

#endif
