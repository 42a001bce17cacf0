#ifndef SIM_SIM_H
#define SIM_SIM_H

#include "net/http_server.h"

/*
 * A double of AWS at the wire: DRS, EC2, IAM, STS, and the metadata endpoints, for many accounts
 * and regions at once. No thread, socket or clock of its own: the caller brings the request and
 * the time, so that the same seed and the same calls give the same bytes. Not thread-safe: one
 * caller at a time (the server holds a mutex).
 *
 * It is written against AWS's documented behaviour alone and shares no code with the product
 * beyond base/, the digests and the types of an HTTP request.
 */
struct sim;

struct sim_options {
    struct str scenario; /* text of a scenario file; absent: an empty world */
    struct str state;    /* what sim_save gave: takes the scenario's place */
    uint64_t seed;       /* 0: the scenario's, else 1 */
    double speed;        /* divides every duration of the model; 0: the scenario's, else 1 */
    int64_t wall_now_ms;
};

/* *why lives in `a` and says what is wrong with the scenario. */
MUST_CHECK enum fault sim_new(const struct sim_options *options, struct arena *a, struct sim **out,
                              struct str *why);

/* NULL is allowed. */
void sim_free(struct sim *s);

/*
 * Answers one request at that wall time. Everything that was due by then has happened first.
 * answer->damage says how the transport shall fail, where a fault rule asks for it.
 */
void sim_handle(struct sim *s, struct arena *a, const struct http_request *request,
                int64_t wall_now_ms, struct http_answer *answer);

/* The simulator's time: the wall's, unless step mode moved it. */
int64_t sim_now_ms(const struct sim *s, int64_t wall_now_ms);

/* When something happens next by itself (simulator's time), or -1: so that a test can jump there.
 */
int64_t sim_next_ms(const struct sim *s);

/* Rises whenever the state changes: what was saved at another number is out of date. */
uint64_t sim_version(const struct sim *s);

/* A fault rule asks for a crash: the process shall end now, without a word. */
bool sim_wants_crash(const struct sim *s);

/* The whole state as text, the call log included, for sim_options.state. */
struct str sim_save(struct sim *s, struct arena *a);

#endif
