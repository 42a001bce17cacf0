#ifndef EDGE_OBSERVE_H
#define EDGE_OBSERVE_H

#include "aws/aws.h"
#include "flow/flow.h"

/* The lines of log of what happens without a request: calls of AWS, steps of the workflow. */
void observe_aws(void *context, const struct aws_call_record *r);
void observe_flow(void *context, const struct flow_record *r);

#endif
