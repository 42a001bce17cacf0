#ifndef OPS_EXECUTION_JOB_VIEW_H
#define OPS_EXECUTION_JOB_VIEW_H

#include "aws/drs_read.h"

/* What DRS says of a job and its servers; nothing here can write. */
struct job_view {
    const struct drs_job *job;
    bool completed; /* no word about success: that is read from each server */
    struct drs_job_log log;
    struct drs_recovery_instances instances;
};

struct job_view job_view_of(const struct drs_job *job);

/* NULL: the job says nothing of it. */
const struct drs_participating_server *job_view_server(const struct job_view *v,
                                                       struct str server_id);

/* enum server_status, as the job has it. */
int job_view_status(const struct job_view *v, struct str server_id);

/* Reads what is known beside the job itself; an error leaves it empty: at->error. */
MUST_CHECK enum fault job_view_read_log(struct job_view *v, struct aws_reader *aws,
                                        struct aws_at *at);
void job_view_read_instances(struct job_view *v, struct aws_reader *aws, struct aws_at *at);

/* The job's own word, its log, the list of instances: whichever has it (aws-facts 0.9). */
struct str job_view_instance(const struct job_view *v, const struct drs_participating_server *p);

#endif
