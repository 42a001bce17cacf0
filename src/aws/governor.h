#ifndef AWS_GOVERNOR_H
#define AWS_GOVERNOR_H

#include <pthread.h>

#include "base/ports.h"

/*
 * One rate for each account, region and service, shared by all threads. AWS does not publish DRS's
 * limits, so the rate is learnt: nothing is held back until the first throttled answer; then the
 * rate falls to a part of what was being sent, and climbs again while no further one comes, until
 * it is above anything that AWS could refuse and the governor lets go.
 */
enum { GOVERNOR_LANES_MAX = 4096 };

struct governor_lane {
    struct governor_lane *next;
    bool active;
    double rate;   /* calls a second */
    double tokens; /* may be negative: places in the queue that were handed out */
    int64_t filled_ms;
    int64_t slowed_ms; /* when the rate last fell */
    int64_t window_ms; /* start of the second being counted */
    int window_calls;
    int last_calls; /* in the second before */
    char key[];     /* account/region/service */
};

struct governor {
    pthread_mutex_t lock;
    struct governor_lane *lanes;
    size_t n;
};

void governor_init(struct governor *g);
void governor_done(struct governor *g);

/* How long to wait before the call may go. The place in the queue is taken. */
int64_t governor_wait_ms(struct governor *g, struct str key, int64_t now_ms);

/* Whoever does not wait for his place leaves it to the others. */
void governor_give_back(struct governor *g, struct str key);

/* After each answer. */
void governor_report(struct governor *g, struct str key, int64_t now_ms, bool throttled);

#endif
