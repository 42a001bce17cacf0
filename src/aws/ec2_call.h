#ifndef AWS_EC2_CALL_H
#define AWS_EC2_CALL_H

#include "aws/call.h"
#include "aws/query_xml.h"

/* A POST of a form to EC2. */
struct aws_request ec2_request(const char *operation, struct str body);

/* Calls and copies the fields of the element `name` of the answer into at->arena. */
struct ec2_result {
    const char *element;
    const struct field *table;
    size_t size;
    void *out;
};

MUST_CHECK enum fault ec2_call(struct aws *aws, struct aws_at *at,
                               const struct aws_request *request, const struct ec2_result *result);

#endif
