#ifndef SIM_EC2_MEMBERS_H
#define SIM_EC2_MEMBERS_H

#include "sim/member.h"

extern const struct member ec2_template_data[];
extern const struct member ec2_instances_in[], ec2_subnets_in[], ec2_groups_in[], ec2_vpcs_in[],
    ec2_enis_in[], ec2_addresses_in[], ec2_tags_in[], ec2_write_tags_in[], ec2_regions_in[],
    ec2_zones_in[], ec2_types_in[], ec2_offerings_in[], ec2_templates_in[], ec2_versions_in[],
    ec2_new_version_in[], ec2_modify_template_in[], ec2_delete_template_in[], ec2_terminate_in[],
    ec2_modify_instance_in[];

#endif
