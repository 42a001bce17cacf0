#ifndef AWS_STS_READ_H
#define AWS_STS_READ_H

#include "aws/aws.h"

/* Who the target's credentials are. */
struct sts_identity {
    struct str account;
    struct str arn;
    struct str user_id;
};

MUST_CHECK enum fault sts_get_caller_identity(struct aws_reader *reader, struct aws_at *at,
                                              struct sts_identity *out);

#endif
