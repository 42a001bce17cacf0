#ifndef BASE_PORTS_SYSTEM_H
#define BASE_PORTS_SYSTEM_H

#include "base/ports.h"

/* The machine's own clock and randomness. Static, thread-safe, never freed. */
struct clock *clock_system(void);
struct entropy *entropy_system(void);

/*
 * A pool of `threads` threads and a queue of `queue_max`. run_pool_free stops it, lets what is
 * queued run (its waits return false at once) and joins the threads.
 */
struct run *run_pool_new(unsigned threads, size_t queue_max);

/* The same; up to `spares` more threads, made when needed, work for those that wait (ports.h). */
struct run *run_pool_new_spare(unsigned threads, unsigned spares, size_t queue_max);

/* wait_ms returns false from now on and spawn refuses; running work goes on. */
void run_pool_stop(struct run *r);
void run_pool_free(struct run *r);

#endif
