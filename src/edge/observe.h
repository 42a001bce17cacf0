#ifndef EDGE_OBSERVE_H
#define EDGE_OBSERVE_H

#include "aws/aws.h"
#include "flow/flow.h"
#include "store/store.h"

/* The lines of log of what no answer tells: calls of AWS, steps of the workflow, damage. */
void observe_aws(void *context, const struct aws_call_record *r);
void observe_flow(void *context, const struct flow_record *r);
void observe_damage(const struct store_damage *damage);

#endif
