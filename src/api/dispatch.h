#ifndef API_DISPATCH_H
#define API_DISPATCH_H

#include "api/call.h"

/*
 * The dispatcher: find -> authorise -> decode -> run -> submit (change + audit record) -> encode.
 * Thread-safe: a struct api is filled once and then only read; all that a call makes lives in its
 * arena. A call never fails to be answered.
 */
struct aws;
struct operation_set;
struct snapshots;
struct store;
struct workflow_settings;

/* Contract §2: the dialect of a function may be fixed whatever name it is called by. */
struct api_pin {
    enum function function;
    enum dialect dialect;
};

struct api {
    struct store *store;
    struct aws *aws; /* NULL: nothing that needs AWS is called (tests) */
    struct run *run;
    struct clock *clock;
    struct entropy *entropy;
    struct snapshots *snapshots;
    const struct operation_set *operations; /* NULL: operations_all() */
    /* The account of the base credentials, absent until known. NULL: never known. */
    struct str (*hub_account)(void *context, struct arena *a);
    void *hub_context;
    const struct workflow_settings *workflow; /* NULL: WORKFLOW_DEFAULTS */
    /* After a commit that gave the workflow something to do. NULL: nobody looks. */
    void (*poke_workflow)(void *context);
    void *poke_context;
    const struct api_pin *pins;
    size_t pins_len;
};

/* Answers a call that has been built already. */
void api_call(struct api *api, const struct call *call, struct reply *out);

/* ---- REST ---- */

struct api_request {
    struct arena *arena;
    struct str method;
    struct str path;         /* raw, still percent-encoded, without the query */
    struct str query;        /* raw, without '?'; may be absent */
    struct str content_type; /* absent: JSON is assumed */
    struct str body;         /* may be absent or empty */
    struct principal principal;
    struct str request_id;
    struct str peer;
    int64_t deadline_mono_ms;
};

/* Finds the route (404, 405 with reply.allow), then answers in the `api` dialect. */
void api_rest(struct api *api, const struct api_request *request, struct reply *out);

/* ---- what never becomes a call ---- */

/*
 * A request that is refused before there is a call, or answered without an operation. It leaves an
 * audit record too. Whoever is not verified (a principal without arn) is "anonymous", or
 * "unverified" where he showed something, which `via` tells; his records are few
 * (store_audit_stranger).
 */
struct api_note {
    struct arena *arena;
    enum entry entry;
    struct principal principal;
    struct str request_id;
    struct str peer;
    struct str method, path; /* as sent, without the query; absent where they could not be read */
    const char *outcome;     /* "REFUSED", "SUCCESS", "DRY_RUN" */
    int status;
    struct str error; /* of a refusal: the code that the caller is told */
    struct str message;
};

void api_note(struct api *api, const struct api_note *note);

/* ---- Lambda's way: an event for one of the three functions ---- */

struct api_event {
    struct arena *arena;
    struct str function_name;  /* a name or ARN, as it was called (see api_function_of) */
    struct str payload;        /* JSON text; empty: {} */
    const struct json *parsed; /* the payload's tree, where the caller has it already; or NULL */
    struct principal principal;
    struct str request_id;
    struct str peer;
    bool asynchronous; /* InvocationType Event: the request id is the client token */
    int64_t deadline_mono_ms;
};

/*
 * Detects what the event is (contract §1: requestContext, action, operation, schedule; anything
 * else is INVALID_INVOCATION) and answers it. reply.body is what the function returns; a refusal is
 * an answer too, never a function error.
 */
void api_invoke(struct api *api, const struct api_event *event, struct reply *out);

/*
 * Which of the three functions a name means, and the dialect its operations answer in: a bare name,
 * partial or full ARN, with a version or alias. false: no such function (Lambda's 404). `bare`
 * (may be NULL) is the function-name part.
 */
bool api_function_of(const struct api *api, struct str name, enum function *function,
                     enum dialect *dialect, struct str *bare);

/* Builds the call without answering it; false: *out answers already (bad event). For the workflow
 * and tests. */
bool api_call_from_event(struct api *api, const struct api_event *event, struct call *call,
                         struct reply *out);

#endif
