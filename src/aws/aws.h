#ifndef AWS_AWS_H
#define AWS_AWS_H

#include "base/ports.h"

/*
 * The AWS client: credentials, signing, endpoints, retries, rates. One per process, any number of
 * threads. Two handles on one client: struct aws_reader can describe, struct aws can also change;
 * the reading calls stand in *_read.h and take the reader, so that a query operation cannot write.
 */
struct aws;
struct aws_reader;

/* Where a call goes and as whom. An absent role: the base credentials (the hub account). */
struct aws_target {
    struct str region;
    struct str role_arn;
    struct str external_id;
    struct str session_name; /* of the assumed role; absent: "drwave" */
};

/*
 * Why a call failed, in one type whatever the protocol. `code` is AWS's own ("ConflictException")
 * or, where no answer came, "Timeout", "Connection", "Truncated", "Credentials".
 */
struct aws_error {
    struct str code;
    struct str message;
    struct str request_id;
    const char *operation; /* that was called; lives as long as the program */
    int status;            /* HTTP; 0: no answer */
    bool retryable;        /* throttling, 5xx, timeouts, lost connections: try again later */
    bool ambiguous;        /* it may have taken effect: look before it is sent again */
    bool assuming_role;    /* AssumeRole was refused, and the call itself never made */
    bool unidentified; /* clock, signature or credentials: AWS has not looked at the call itself */
};

/* FAULT_AWS_TRANSIENT where retryable, FAULT_ROLE_ASSUMPTION_FAILED, FAULT_DRS_ERROR otherwise. */
enum fault aws_fault(const struct aws_error *error);

/* One call that was made, for the edge to log: never a secret, never a body. */
struct aws_call_record {
    struct str service;
    struct str operation;
    struct str region;
    struct str account;
    struct str request_id;
    int status;
    int attempts;
    int64_t us;
    struct str code; /* of the error, or absent */
};

typedef void aws_observer_fn(void *context, const struct aws_call_record *record);

/*
 * Where one caller stands while it asks: target, arena for the answers, and, once a call has
 * failed, why. Used by one thread at a time; a fan-out makes one for each of its branches.
 */
struct aws_at {
    struct arena *arena;
    struct aws_target target;
    int64_t deadline_ms;    /* monotonic clock: no attempt goes on after it; 0: none */
    struct aws_error error; /* of the last call that failed; texts live in `arena` */
};

/*
 * What of the machine the credential chain needs; zeroed members mean the system's own. Texts live
 * in the arena; false: it cannot be read, or the program failed (and *out says why).
 */
struct aws_system {
    bool (*read_file)(void *context, struct arena *a, struct str path, struct str *out);
    bool (*run_program)(void *context, struct arena *a, struct str command, struct str *out);
    void *context;
};

struct aws_options {
    struct clock *clock;
    struct entropy *entropy;
    struct transport *transport;          /* for AWS */
    struct transport *metadata_transport; /* for IMDS and container credentials: no proxy */
    struct run *run;                      /* back-off waits and fan-out */
    /* The environment, as a lookup: below the edge nobody calls getenv. Absent when unset. */
    struct str (*environment)(void *context, const char *name);
    void *environment_context;
    struct aws_system system;
    aws_observer_fn *observer; /* NULL: nobody looks */
    void *observer_context;
};

/* Never NULL; reads files and the network only when the first call needs them. */
struct aws *aws_new(const struct aws_options *options);
void aws_free(struct aws *aws); /* NULL is allowed */

struct aws_reader *aws_reader(struct aws *aws);

/*
 * The `ca_bundle` of the profile in force: a PEM file of whom to trust with TLS; or absent. Asked
 * before there is a transport, so it needs the environment and the files alone.
 */
struct str aws_profile_ca_bundle(const struct aws_options *options, struct arena *a);

/*
 * Every call of the service headers has this shape: reading ones take the reader, changing ones the
 * client; the result comes last and is written on FAULT_NONE only; any other answer is
 * aws_fault(&at->error). List calls fetch all pages.
 *
 *     f = drs_describe_jobs(reader, &at, &(struct drs_job_filter){.job_ids = ids}, &jobs);
 */

/*
 * Calls fn on each of n items of `item_size` bytes, as many at once as the client allows: regions,
 * accounts, launches. Returns when all have returned. An item carries its own struct aws_at.
 */
void aws_fan_out(struct aws_reader *reader, void (*fn)(void *item), void *items, size_t n,
                 size_t item_size);

#endif
