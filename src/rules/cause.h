#ifndef RULES_CAUSE_H
#define RULES_CAUSE_H

#include "aws/drs_read.h"
#include "model/execution.h"

/*
 * Why something did not become what it should, for the person who has to mend it: from AWS's own
 * words about a server up to the wave and the execution.
 */
struct cause {
    struct str code; /* for machines; AWS's own wherever it has one */
    struct str message;
};

/* DRS may have launched servers, or may yet, and nobody watches. */
#define CAUSE_UNKNOWN "OUTCOME_UNKNOWN"

/* Of a wave that has never run and never will. */
#define CAUSE_NOT_STARTED "WAVE_NOT_STARTED"

/* Why DRS did not launch the server, by its job's log; *out as it was and false: no word of it. */
bool cause_in_log(struct arena *a, const struct drs_job_log *log, struct str server_id,
                  struct cause *out);

/* What stands in the way of the launch: a refusal, or what its last call was answered. */
struct cause cause_of_launch(const struct launch_run *l);

/* Whether a launch that is given up now leaves a job behind that may go on. */
bool launch_is_unknown(const struct launch_run *l);

/* What to say of its servers then; `why` it is given up. */
struct cause cause_of_giving_up(struct arena *a, const struct launch_run *l, struct cause why);

/* Of a failed wave, by all its servers. */
struct cause cause_of_wave(struct arena *a, const struct server_run *const *servers, size_t len,
                           bool timed_out);

/* Of an execution, by its waves: the first that failed, or that is active and has trouble. */
struct cause cause_of_execution(struct arena *a, const struct wave_run *const *waves, size_t len);

#endif
