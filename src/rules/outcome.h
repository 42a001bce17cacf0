#ifndef RULES_OUTCOME_H
#define RULES_OUTCOME_H

#include "model/execution.h"

/*
 * How a wave or an execution ended. Success is decided per server, after all have ended; a wave
 * that was skipped never reads as one that worked.
 */
struct server_counts {
    size_t launched;
    size_t failed; /* also those that somebody terminated before the wave was over */
    size_t open;   /* not ended */
};

struct ending {
    int status;  /* of the wave or the execution */
    int outcome; /* enum run_outcome */
};

void server_counts_add(struct server_counts *c, int server_status);

/* Of a wave of which every launch has ended. `timed_out`: its own deadline ended it. */
struct ending wave_ending(const struct server_counts *c, bool timed_out);

struct wave_end {
    int status;
    int outcome;
};

/* Of an execution in which nothing will start any more; `cancelled`: a person asked for it. */
struct ending execution_ending(const struct wave_end *waves, size_t len, bool cancelled);

/*
 * What DRS says about a server of a job. A server that is not LAUNCHED when its job is over was
 * skipped or lost: FAILED. An unknown word is a server that is still on its way.
 */
int server_status_of(struct str launch_status, bool job_completed);

#endif
