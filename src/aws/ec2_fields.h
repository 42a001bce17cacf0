#ifndef AWS_EC2_FIELDS_H
#define AWS_EC2_FIELDS_H

#include "base/field.h"

/* LaunchTemplateData under the names of a request. */
extern const struct field ec2_sent_template_data_fields[];

#endif
