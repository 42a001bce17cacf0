#include "sim/ec2_calls.h"
#include "sim/ec2_members.h"

#define EC2(name_, in, run_)                                        \
    {                                                               \
        .service = "ec2", .name = name_, .members = in, .run = run_ \
    }
#define EC2_WRITES(name_, in, run_)                                                     \
    {                                                                                   \
        .service = "ec2", .name = name_, .members = in, .run = run_, .flags = OP_WRITES \
    }

static const struct op rows[] = {
    EC2("DescribeInstances", ec2_instances_in, sim_ec2_describe_instances),
    EC2("DescribeSubnets", ec2_subnets_in, sim_ec2_describe_subnets),
    EC2("DescribeSecurityGroups", ec2_groups_in, sim_ec2_describe_security_groups),
    EC2("DescribeVpcs", ec2_vpcs_in, sim_ec2_describe_vpcs),
    EC2("DescribeNetworkInterfaces", ec2_enis_in, sim_ec2_describe_network_interfaces),
    EC2("DescribeAddresses", ec2_addresses_in, sim_ec2_describe_addresses),
    EC2("DescribeTags", ec2_tags_in, sim_ec2_describe_tags),
    EC2("DescribeRegions", ec2_regions_in, sim_ec2_describe_regions),
    EC2("DescribeAvailabilityZones", ec2_zones_in, sim_ec2_describe_availability_zones),
    EC2("DescribeInstanceTypes", ec2_types_in, sim_ec2_describe_instance_types),
    EC2("DescribeInstanceTypeOfferings", ec2_offerings_in,
        sim_ec2_describe_instance_type_offerings),
    EC2("DescribeLaunchTemplates", ec2_templates_in, sim_ec2_describe_launch_templates),
    EC2("DescribeLaunchTemplateVersions", ec2_versions_in,
        sim_ec2_describe_launch_template_versions),
};

const struct op_table sim_ec2_ops = {rows, ARRAY_LEN(rows)};

static const struct op write_rows[] = {
    EC2_WRITES("CreateLaunchTemplateVersion", ec2_new_version_in,
               sim_ec2_create_launch_template_version),
    EC2_WRITES("ModifyLaunchTemplate", ec2_modify_template_in, sim_ec2_modify_launch_template),
    EC2_WRITES("DeleteLaunchTemplate", ec2_delete_template_in, sim_ec2_delete_launch_template),
    EC2_WRITES("CreateTags", ec2_write_tags_in, sim_ec2_create_tags),
    EC2_WRITES("DeleteTags", ec2_write_tags_in, sim_ec2_delete_tags),
    EC2_WRITES("TerminateInstances", ec2_terminate_in, sim_ec2_terminate_instances),
    EC2_WRITES("ModifyInstanceAttribute", ec2_modify_instance_in,
               sim_ec2_modify_instance_attribute),
};

const struct op_table sim_ec2_write_ops = {write_rows, ARRAY_LEN(write_rows)};
