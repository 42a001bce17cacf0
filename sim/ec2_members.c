#include "sim/ec2_members.h"

/*
 * Requests of EC2 by their names on the wire (aws-facts 5.1, 5.3). The launch template data also
 * says how it is answered: the name in lower camel case, lists with "Set", unless stated.
 */
static const struct member filters[] = {
    {"Name", M_STR, .flags = M_REQUIRED},
    {"Value", M_LIST, .flags = M_REQUIRED, .max = 200},
    M_END,
};

#define FILTER                                        \
    {"Filter", M_LIST, .max = 50, .fields = filters}, \
    {                                                 \
        "DryRun", M_BOOL                              \
    }
#define PAGE(least, most)                                 \
    {"MaxResults", M_INT, .min = (least), .max = (most)}, \
    {                                                     \
        "NextToken", M_STR                                \
    }

const struct member ec2_instances_in[] = {
    {"InstanceId", M_LIST, .max = 1000, .prefix = "i-"},
    FILTER,
    PAGE(5, 1000),
    M_END,
};
const struct member ec2_subnets_in[] = {
    {"SubnetId", M_LIST, .max = 1000, .prefix = "subnet-"},
    FILTER,
    PAGE(5, 1000),
    M_END,
};
const struct member ec2_groups_in[] = {
    {"GroupId", M_LIST, .max = 1000, .prefix = "sg-"},
    {"GroupName", M_LIST, .max = 1000},
    FILTER,
    PAGE(5, 1000),
    M_END,
};
const struct member ec2_vpcs_in[] = {
    {"VpcId", M_LIST, .max = 1000, .prefix = "vpc-"},
    FILTER,
    PAGE(5, 1000),
    M_END,
};
const struct member ec2_enis_in[] = {
    {"NetworkInterfaceId", M_LIST, .max = 1000, .prefix = "eni-"},
    FILTER,
    PAGE(5, 1000),
    M_END,
};
const struct member ec2_addresses_in[] = {
    {"PublicIp", M_LIST},
    {"AllocationId", M_LIST, .prefix = "eipalloc-"},
    FILTER,
    M_END,
};
const struct member ec2_tags_in[] = {FILTER, PAGE(5, 1000), M_END};

static const struct member tag[] = {
    {"Key", M_STR, .max = 128},
    {"Value", M_STR, .max = 256},
    M_END,
};
const struct member ec2_write_tags_in[] = {
    {"ResourceId", M_LIST, .flags = M_REQUIRED, .min = 1, .max = 1000},
    {"Tag", M_LIST, .max = 50, .fields = tag},
    {"DryRun", M_BOOL},
    M_END,
};
const struct member ec2_regions_in[] = {
    {"RegionName", M_LIST},
    {"AllRegions", M_BOOL},
    FILTER,
    M_END,
};
const struct member ec2_zones_in[] = {
    {"ZoneName", M_LIST}, {"ZoneId", M_LIST}, {"AllAvailabilityZones", M_BOOL}, FILTER, M_END,
};
const struct member ec2_types_in[] = {
    {"InstanceType", M_LIST, .max = 100},
    FILTER,
    PAGE(5, 100),
    M_END,
};
const struct member ec2_offerings_in[] = {
    {"LocationType", M_STR, .values = "region availability-zone"},
    FILTER,
    PAGE(5, 1000),
    M_END,
};
const struct member ec2_templates_in[] = {
    {"LaunchTemplateId", M_LIST, .max = 200, .prefix = "lt-"},
    {"LaunchTemplateName", M_LIST, .max = 200},
    FILTER,
    PAGE(1, 200),
    M_END,
};
const struct member ec2_versions_in[] = {
    {"LaunchTemplateId", M_STR, .prefix = "lt-"},
    {"LaunchTemplateName", M_STR},
    {"LaunchTemplateVersion", M_LIST, .max = 200},
    {"MinVersion", M_STR},
    {"MaxVersion", M_STR},
    {"ResolveAlias", M_BOOL},
    {"DryRun", M_BOOL},
    PAGE(1, 200),
    M_END,
};
const struct member ec2_modify_template_in[] = {
    {"LaunchTemplateId", M_STR, .prefix = "lt-"},
    {"LaunchTemplateName", M_STR},
    {"SetDefaultVersion", M_STR},
    {"ClientToken", M_STR},
    {"DryRun", M_BOOL},
    M_END,
};
const struct member ec2_delete_template_in[] = {
    {"LaunchTemplateId", M_STR, .prefix = "lt-"},
    {"LaunchTemplateName", M_STR},
    {"DryRun", M_BOOL},
    M_END,
};
const struct member ec2_terminate_in[] = {
    {"InstanceId", M_LIST, .flags = M_REQUIRED, .min = 1, .max = 1000, .prefix = "i-"},
    {"Force", M_BOOL},
    {"SkipOsShutdown", M_BOOL},
    {"DryRun", M_BOOL},
    M_END,
};
static const struct member truth[] = {{"Value", M_BOOL}, M_END};
const struct member ec2_modify_instance_in[] = {
    {"InstanceId", M_STR, .flags = M_REQUIRED, .prefix = "i-"},
    {"DisableApiTermination", M_STRUCT, .fields = truth},
    {"GroupId", M_LIST, .prefix = "sg-"},
    {"DryRun", M_BOOL},
    M_END,
};

/* ---- launch template data ---- */

static const struct member profile[] = {{"Arn", M_STR}, {"Name", M_STR}, M_END};
static const struct member ebs[] = {
    {"Encrypted", M_BOOL},
    {"DeleteOnTermination", M_BOOL},
    {"Iops", M_INT},
    {"KmsKeyId", M_STR},
    {"SnapshotId", M_STR},
    {"VolumeSize", M_INT},
    {"VolumeType", M_STR, .values = "standard io1 io2 gp2 sc1 st1 gp3"},
    {"Throughput", M_INT},
    M_END,
};
static const struct member device[] = {
    {"DeviceName", M_STR},
    {"VirtualName", M_STR},
    {"Ebs", M_STRUCT, .fields = ebs},
    {"NoDevice", M_STR},
    M_END,
};
static const struct member ipv6[] = {{"Ipv6Address", M_STR}, M_END};
static const struct member private_ip[] = {
    {"Primary", M_BOOL},
    {"PrivateIpAddress", M_STR},
    M_END,
};
static const struct member interface[] = {
    {"AssociateCarrierIpAddress", M_BOOL},
    {"AssociatePublicIpAddress", M_BOOL},
    {"DeleteOnTermination", M_BOOL},
    {"Description", M_STR},
    {"DeviceIndex", M_INT},
    {"SecurityGroupId", M_LIST, .xml = "groupSet", .item = "groupId"},
    {"InterfaceType", M_STR},
    {"Ipv6AddressCount", M_INT},
    {"Ipv6Addresses", M_LIST, .fields = ipv6},
    {"NetworkInterfaceId", M_STR},
    {"PrivateIpAddress", M_STR},
    {"PrivateIpAddresses", M_LIST, .fields = private_ip},
    {"SecondaryPrivateIpAddressCount", M_INT},
    {"SubnetId", M_STR},
    {"NetworkCardIndex", M_INT},
    M_END,
};
static const struct member monitoring[] = {{"Enabled", M_BOOL}, M_END};
static const struct member placement[] = {
    {"AvailabilityZone", M_STR},
    {"Affinity", M_STR},
    {"GroupName", M_STR},
    {"HostId", M_STR},
    {"Tenancy", M_STR, .values = "default dedicated host"},
    {"SpreadDomain", M_STR},
    {"HostResourceGroupArn", M_STR},
    {"PartitionNumber", M_INT},
    {"GroupId", M_STR},
    M_END,
};
static const struct member tag_spec[] = {
    {"ResourceType", M_STR},
    {"Tag", M_LIST, .fields = tag},
    M_END,
};
static const struct member license[] = {{"LicenseConfigurationArn", M_STR}, M_END};
static const struct member hibernation[] = {{"Configured", M_BOOL}, M_END};
static const struct member credits[] = {{"CpuCredits", M_STR}, M_END};
static const struct member metadata[] = {
    {"HttpTokens", M_STR},       {"HttpPutResponseHopLimit", M_INT}, {"HttpEndpoint", M_STR},
    {"HttpProtocolIpv6", M_STR}, {"InstanceMetadataTags", M_STR},    M_END,
};
static const struct member maintenance[] = {{"AutoRecovery", M_STR}, M_END};

const struct member ec2_template_data[] = {
    {"KernelId", M_STR},
    {"EbsOptimized", M_BOOL},
    {"IamInstanceProfile", M_STRUCT, .fields = profile},
    {"BlockDeviceMapping", M_LIST, .fields = device},
    {"NetworkInterface", M_LIST, .fields = interface},
    {"ImageId", M_STR},
    {"InstanceType", M_STR},
    {"KeyName", M_STR},
    {"Monitoring", M_STRUCT, .fields = monitoring},
    {"Placement", M_STRUCT, .fields = placement},
    {"RamDiskId", M_STR},
    {"DisableApiTermination", M_BOOL},
    {"InstanceInitiatedShutdownBehavior", M_STR, .values = "stop terminate"},
    {"UserData", M_STR},
    {"TagSpecification", M_LIST, .fields = tag_spec},
    {"SecurityGroupId", M_LIST},
    {"SecurityGroup", M_LIST},
    {"CreditSpecification", M_STRUCT, .fields = credits},
    {"LicenseSpecification", M_LIST, .fields = license, .xml = "licenseSet"},
    {"HibernationOptions", M_STRUCT, .fields = hibernation},
    {"MetadataOptions", M_STRUCT, .fields = metadata},
    {"MaintenanceOptions", M_STRUCT, .fields = maintenance},
    {"DisableApiStop", M_BOOL},
    M_END,
};

const struct member ec2_new_version_in[] = {
    {"LaunchTemplateId", M_STR, .prefix = "lt-"},
    {"LaunchTemplateName", M_STR},
    {"SourceVersion", M_STR},
    {"VersionDescription", M_STR, .max = 255},
    {"LaunchTemplateData", M_STRUCT, .flags = M_REQUIRED, .fields = ec2_template_data},
    {"ClientToken", M_STR, .max = 128},
    {"ResolveAlias", M_BOOL},
    {"DryRun", M_BOOL},
    M_END,
};
