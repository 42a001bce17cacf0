#ifndef BASE_PORTS_SINGLE_H
#define BASE_PORTS_SINGLE_H

#include "base/ports.h"

/*
 * Ports of one thread and one seed: the same seed gives the same bytes, ids and times, whatever the
 * machine does. Each is a plain value that the test owns; nothing to free.
 */
struct clock_single {
    struct clock clock;
    int64_t wall_ms;
    int64_t mono_ms;
};

void clock_single_init(struct clock_single *c, int64_t wall_ms);
void clock_single_advance(struct clock_single *c, int64_t ms);

struct entropy_single {
    struct entropy entropy;
    uint64_t state;
};

/* splitmix64: not for secrets. */
void entropy_single_init(struct entropy_single *e, uint64_t seed);

/*
 * spawn queues, run_single_step runs the oldest queued call (false: none), all runs in order,
 * wait_ms advances the clock and never refuses.
 */
enum { RUN_SINGLE_QUEUE = 256 };

struct run_single {
    struct run run;
    struct clock_single *clock;
    struct {
        void (*fn)(void *arg);
        void *arg;
    } queue[RUN_SINGLE_QUEUE];
    size_t head;
    size_t len;
};

void run_single_init(struct run_single *r, struct clock_single *clock);
bool run_single_step(struct run_single *r);

#endif
