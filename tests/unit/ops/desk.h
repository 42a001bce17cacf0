#ifndef TESTS_UNIT_OPS_DESK_H
#define TESTS_UNIT_OPS_DESK_H

#include "tests/unit/unit.h"

#include "api/dispatch.h"
#include "base/ports_single.h"
#include "ops/snapshots.h"
#include "store/store.h"

/*
 * The product from the dispatcher down, in one thread: the strict record keeper, the AWS client,
 * and a DRS that answers with an estate of servers. Operations are called by events, and answers
 * are compared with what they must hold at least.
 *
 * In events and expectations "$name" stands for the id of the group or plan that was created under
 * that name.
 */
struct desk_server {
    const char *id;
    const char *hostname;
    const char *state;
    const char *tags; /* JSON */
};

struct desk_name {
    struct str name;
    struct str id;
};

enum { DESK_NAMES_MAX = 32 };

struct desk {
    struct arena *arena;
    struct clock_single clock;
    struct entropy_single entropy;
    struct run_single run;
    struct transport transport;
    struct secrets secrets;
    struct store *store;
    struct aws *aws;
    struct snapshots *snapshots;
    struct api api;
    struct str estate; /* the body of DescribeSourceServers */
    bool drs_fails;
    size_t drs_asked;
    struct desk_name names[DESK_NAMES_MAX];
    size_t names_len;
};

/*
 * What a step does. `event` is an operation's event; or, with `call` one of these, something that
 * others would do:
 *   DESK_RUN "web plan-1 exec-1 PAUSED": that execution holds the group web and the plan plan-1
 *   DESK_STOP the same: it has ended
 *   DESK_DRS "down" or "up"
 *   DESK_PASS "31": so many seconds go by
 */
enum desk_call {
    DESK_API,   /* data management, the api dialect */
    DESK_EVENT, /* data management, the event dialect */
    DESK_QUERY, /* query, the api dialect */
    DESK_RUN,
    DESK_STOP,
    DESK_DRS,
    DESK_PASS,
};

struct desk_step {
    enum desk_call call;
    const char *event;
    int status;         /* 0: any success */
    const char *expect; /* at least this */
};

enum { DESK_STEPS_MAX = 14 };

struct desk_case {
    const char *title;
    struct desk_step steps[DESK_STEPS_MAX]; /* ends with one without an event */
};

struct desk *desk_new(const struct desk_server *servers, size_t n);
void desk_free(struct desk *d);

/* One event to its answer. */
const struct json *desk_call(struct desk *d, enum desk_call call, const char *event, int *status);

/* The steps of a case, on a desk of its own. */
void desk_check(const struct desk_server *servers, size_t n, const struct desk_case *c);

#endif
