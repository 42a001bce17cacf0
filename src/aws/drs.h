#ifndef AWS_DRS_H
#define AWS_DRS_H

#include "aws/drs_read.h"

/*
 * What changes something in DRS. StartRecovery and TerminateRecoveryInstances take no client token:
 * where at->error.ambiguous is set, the call may have started a job, and it is never sent again by
 * this client; look for the job (drs_describe_jobs since a little before) and adopt it.
 */

struct drs_start_server {
    struct str source_server_id;
    struct str recovery_snapshot_id; /* absent: the newest */
};

extern const struct field drs_start_server_fields[];

struct drs_start_request {
    LIST_OF(struct drs_start_server) servers; /* 1 to 100 */
    bool is_drill;
    struct tags tags;
};

MUST_CHECK enum fault drs_start_recovery(struct aws *aws, struct aws_at *at,
                                         const struct drs_start_request *request,
                                         struct drs_job *out);

/* 1 to 200 recovery instances. */
MUST_CHECK enum fault drs_terminate_recovery_instances(struct aws *aws, struct aws_at *at,
                                                       struct strs recovery_instance_ids,
                                                       struct drs_job *out);

/* Sends what is present of `change`; DRS makes a new launch template version of it by itself. */
MUST_CHECK enum fault drs_update_launch_configuration(struct aws *aws, struct aws_at *at,
                                                      const struct drs_launch_configuration *change,
                                                      struct drs_launch_configuration *out);

MUST_CHECK enum fault drs_tag_resource(struct aws *aws, struct aws_at *at, struct str resource_arn,
                                       struct tags tags);
MUST_CHECK enum fault drs_untag_resource(struct aws *aws, struct aws_at *at,
                                         struct str resource_arn, struct strs keys);

#endif
