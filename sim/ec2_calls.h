#ifndef SIM_EC2_CALLS_H
#define SIM_EC2_CALLS_H

#include "sim/ctx.h"

/* One function for each operation of EC2; the rows are in ec2_ops.c. */
void sim_ec2_describe_instances(struct ctx *c);
void sim_ec2_terminate_instances(struct ctx *c);
void sim_ec2_modify_instance_attribute(struct ctx *c);
void sim_ec2_describe_subnets(struct ctx *c);
void sim_ec2_describe_security_groups(struct ctx *c);
void sim_ec2_describe_vpcs(struct ctx *c);
void sim_ec2_describe_network_interfaces(struct ctx *c);
void sim_ec2_describe_addresses(struct ctx *c);
void sim_ec2_describe_tags(struct ctx *c);
void sim_ec2_create_tags(struct ctx *c);
void sim_ec2_delete_tags(struct ctx *c);
void sim_ec2_describe_regions(struct ctx *c);
void sim_ec2_describe_availability_zones(struct ctx *c);
void sim_ec2_describe_instance_types(struct ctx *c);
void sim_ec2_describe_instance_type_offerings(struct ctx *c);
void sim_ec2_describe_launch_templates(struct ctx *c);
void sim_ec2_describe_launch_template_versions(struct ctx *c);
void sim_ec2_create_launch_template_version(struct ctx *c);
void sim_ec2_modify_launch_template(struct ctx *c);
void sim_ec2_delete_launch_template(struct ctx *c);

#endif
