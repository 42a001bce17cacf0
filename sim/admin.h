#ifndef SIM_ADMIN_H
#define SIM_ADMIN_H

#include "sim/world.h"

/*
 * What a test asks the simulator itself, under /_sim/: health, version, clock, seed, knobs, faults,
 * state, the things of the world, jobs, and the log of calls. JSON in and out.
 */
void admin_handle(struct sim *s, struct arena *a, const struct http_request *request,
                  struct http_answer *answer);

#endif
