#ifndef AWS_EC2_H
#define AWS_EC2_H

#include "aws/ec2_read.h"

/* What changes something in EC2. Both carry a client token, so that a repetition is harmless. */

struct ec2_new_version {
    struct str template_id;
    int64_t source_version;  /* never 0: without it DRS's block devices and tags are lost */
    struct str description;  /* at most 255 bytes */
    struct str client_token; /* absent: one is made */
    const struct ec2_template_data *data;
};

MUST_CHECK enum fault ec2_create_launch_template_version(struct aws *aws, struct aws_at *at,
                                                         const struct ec2_new_version *request,
                                                         struct ec2_template_version *out);

struct ec2_template {
    struct str id;
    struct str name;
    int64_t default_version;
    int64_t latest_version;
    struct tags tags;
};

extern const struct field ec2_template_fields[];

/* Makes that version the one that launches use. */
MUST_CHECK enum fault ec2_modify_launch_template(struct aws *aws, struct aws_at *at,
                                                 struct str template_id, int64_t default_version,
                                                 struct ec2_template *out);

#endif
