#include "aws/ec2_fields.h"

#include "aws/ec2.h"
#include "aws/shapes.h"

/* EC2's shapes: the names are elements of answers. Nothing is required, as in DRS's tables. */
enum { TEXT_MAX = 1 << 20, ITEMS_MAX = 1 << 20 };

/* ---- instances ---- */

static const struct field state_fields[] = {
    NUMBER(struct ec2_state, code, "code"),
    TEXT(struct ec2_state, name, "name"),
    F_END,
};

static const struct field reason_fields[] = {
    TEXT(struct ec2_reason, code, "code"),
    TEXT(struct ec2_reason, message, "message"),
    F_END,
};

static const struct field placement_fields[] = {
    TEXT(struct ec2_placement, availability_zone, "availabilityZone"),
    TEXT(struct ec2_placement, tenancy, "tenancy"),
    F_END,
};

static const struct field group_fields[] = {
    TEXT(struct ec2_group, id, "groupId"),
    TEXT(struct ec2_group, name, "groupName"),
    F_END,
};

static const struct field profile_fields[] = {
    TEXT(struct ec2_profile, arn, "arn"),
    TEXT(struct ec2_profile, id, "id"),
    F_END,
};

const struct field ec2_instance_fields[] = {
    TEXT(struct ec2_instance, id, "instanceId"),
    TEXT(struct ec2_instance, image_id, "imageId"),
    PART(struct ec2_instance, state, "instanceState", struct ec2_state, state_fields),
    TEXT(struct ec2_instance, private_dns_name, "privateDnsName"),
    TEXT(struct ec2_instance, dns_name, "dnsName"),
    TEXT(struct ec2_instance, reason, "reason"),
    PART(struct ec2_instance, state_reason, "stateReason", struct ec2_reason, reason_fields),
    TEXT(struct ec2_instance, key_name, "keyName"),
    TEXT(struct ec2_instance, instance_type, "instanceType"),
    WHEN(struct ec2_instance, launched_ms, "launchTime"),
    PART(struct ec2_instance, placement, "placement", struct ec2_placement, placement_fields),
    TEXT(struct ec2_instance, platform, "platform"),
    TEXT(struct ec2_instance, platform_details, "platformDetails"),
    TEXT(struct ec2_instance, subnet_id, "subnetId"),
    TEXT(struct ec2_instance, vpc_id, "vpcId"),
    TEXT(struct ec2_instance, private_ip, "privateIpAddress"),
    TEXT(struct ec2_instance, public_ip, "ipAddress"),
    PARTS(struct ec2_instance, groups, "groupSet", struct ec2_group, group_fields),
    PART(struct ec2_instance, profile, "iamInstanceProfile", struct ec2_profile, profile_fields),
    TAGS(struct ec2_instance, tags, "tagSet"),
    F_END,
};

/* ---- networks ---- */

const struct field ec2_subnet_fields[] = {
    TEXT(struct ec2_subnet, id, "subnetId"),
    TEXT(struct ec2_subnet, arn, "subnetArn"),
    TEXT(struct ec2_subnet, state, "state"),
    TEXT(struct ec2_subnet, vpc_id, "vpcId"),
    TEXT(struct ec2_subnet, cidr_block, "cidrBlock"),
    NUMBER(struct ec2_subnet, available_ip_address_count, "availableIpAddressCount"),
    TEXT(struct ec2_subnet, availability_zone, "availabilityZone"),
    TEXT(struct ec2_subnet, availability_zone_id, "availabilityZoneId"),
    TRUTH(struct ec2_subnet, default_for_az, "defaultForAz"),
    TRUTH(struct ec2_subnet, map_public_ip_on_launch, "mapPublicIpOnLaunch"),
    TEXT(struct ec2_subnet, owner_id, "ownerId"),
    TAGS(struct ec2_subnet, tags, "tagSet"),
    F_END,
};

const struct field ec2_security_group_fields[] = {
    TEXT(struct ec2_security_group, id, "groupId"),
    TEXT(struct ec2_security_group, name, "groupName"),
    TEXT(struct ec2_security_group, description, "groupDescription"),
    TEXT(struct ec2_security_group, vpc_id, "vpcId"),
    TEXT(struct ec2_security_group, owner_id, "ownerId"),
    TAGS(struct ec2_security_group, tags, "tagSet"),
    F_END,
};

/* ---- launch templates, as they are answered ---- */

static const struct field private_ip_fields[] = {
    TEXT(struct ec2_private_ip, address, "privateIpAddress"),
    F_BOOL(struct ec2_private_ip, primary, "primary", F_HAS(struct ec2_private_ip, has_primary)),
    F_END,
};

#define INTERFACE      struct ec2_template_interface
#define HAS(m)         F_HAS(struct ec2_template_interface, has_##m)
#define HAS_BOOL(m, n) F_BOOL(struct ec2_template_interface, m, n, HAS(m))
#define HAS_INT(m, n)  F_INT(struct ec2_template_interface, m, n, HAS(m))

static const struct field interface_fields[] = {
    HAS_INT(device_index, "deviceIndex"),
    TEXT(INTERFACE, description, "description"),
    TEXTS(INTERFACE, groups, "groupSet"),
    TEXT(INTERFACE, interface_type, "interfaceType"),
    TEXT(INTERFACE, network_interface_id, "networkInterfaceId"),
    TEXT(INTERFACE, private_ip, "privateIpAddress"),
    PARTS(INTERFACE, private_ips, "privateIpAddressesSet", struct ec2_private_ip,
          private_ip_fields),
    HAS_INT(secondary_private_ip_count, "secondaryPrivateIpAddressCount"),
    TEXT(INTERFACE, subnet_id, "subnetId"),
    HAS_BOOL(associate_public_ip, "associatePublicIpAddress"),
    HAS_BOOL(delete_on_termination, "deleteOnTermination"),
    HAS_INT(network_card_index, "networkCardIndex"),
    F_END,
};

static const struct field template_profile_fields[] = {
    TEXT(struct ec2_template_profile, arn, "arn"),
    TEXT(struct ec2_template_profile, name, "name"),
    F_END,
};

static const struct field tag_specification_fields[] = {
    TEXT(struct ec2_tag_specification, resource_type, "resourceType"),
    TAGS(struct ec2_tag_specification, tags, "tagSet"),
    F_END,
};

#define DATA struct ec2_template_data

static const struct field template_data_fields[] = {
    TEXT(DATA, image_id, "imageId"),
    TEXT(DATA, instance_type, "instanceType"),
    TEXT(DATA, key_name, "keyName"),
    TEXT(DATA, user_data, "userData"),
    PART(DATA, profile, "iamInstanceProfile", struct ec2_template_profile, template_profile_fields),
    PARTS(DATA, interfaces, "networkInterfaceSet", struct ec2_template_interface, interface_fields),
    TEXTS(DATA, security_group_ids, "securityGroupIdSet"),
    PARTS(DATA, tag_specifications, "tagSpecificationSet", struct ec2_tag_specification,
          tag_specification_fields),
    F_BOOL(DATA, disable_api_termination, "disableApiTermination",
           F_HAS(DATA, has_disable_api_termination)),
    F_END,
};

const struct field ec2_template_version_fields[] = {
    TEXT(struct ec2_template_version, template_id, "launchTemplateId"),
    TEXT(struct ec2_template_version, template_name, "launchTemplateName"),
    NUMBER(struct ec2_template_version, version, "versionNumber"),
    TEXT(struct ec2_template_version, description, "versionDescription"),
    WHEN(struct ec2_template_version, created_ms, "createTime"),
    TEXT(struct ec2_template_version, created_by, "createdBy"),
    TRUTH(struct ec2_template_version, is_default, "defaultVersion"),
    PART(struct ec2_template_version, data, "launchTemplateData", struct ec2_template_data,
         template_data_fields),
    F_END,
};

const struct field ec2_template_fields[] = {
    TEXT(struct ec2_template, id, "launchTemplateId"),
    TEXT(struct ec2_template, name, "launchTemplateName"),
    NUMBER(struct ec2_template, default_version, "defaultVersionNumber"),
    NUMBER(struct ec2_template, latest_version, "latestVersionNumber"),
    TAGS(struct ec2_template, tags, "tagSet"),
    F_END,
};

/* ---- launch template data, as it is sent: other names, and singular ones ---- */

static const struct field sent_private_ip_fields[] = {
    TEXT(struct ec2_private_ip, address, "PrivateIpAddress"),
    F_BOOL(struct ec2_private_ip, primary, "Primary", F_HAS(struct ec2_private_ip, has_primary)),
    F_END,
};

static const struct field sent_interface_fields[] = {
    HAS_INT(device_index, "DeviceIndex"),
    TEXT(INTERFACE, description, "Description"),
    TEXTS(INTERFACE, groups, "SecurityGroupId"),
    TEXT(INTERFACE, interface_type, "InterfaceType"),
    TEXT(INTERFACE, network_interface_id, "NetworkInterfaceId"),
    TEXT(INTERFACE, private_ip, "PrivateIpAddress"),
    PARTS(INTERFACE, private_ips, "PrivateIpAddresses", struct ec2_private_ip,
          sent_private_ip_fields),
    HAS_INT(secondary_private_ip_count, "SecondaryPrivateIpAddressCount"),
    TEXT(INTERFACE, subnet_id, "SubnetId"),
    HAS_BOOL(associate_public_ip, "AssociatePublicIpAddress"),
    HAS_BOOL(delete_on_termination, "DeleteOnTermination"),
    HAS_INT(network_card_index, "NetworkCardIndex"),
    F_END,
};

static const struct field sent_profile_fields[] = {
    TEXT(struct ec2_template_profile, arn, "Arn"),
    TEXT(struct ec2_template_profile, name, "Name"),
    F_END,
};

static const struct field sent_tag_specification_fields[] = {
    TEXT(struct ec2_tag_specification, resource_type, "ResourceType"),
    TAGS(struct ec2_tag_specification, tags, "Tag"),
    F_END,
};

const struct field ec2_sent_template_data_fields[] = {
    TEXT(DATA, image_id, "ImageId"),
    TEXT(DATA, instance_type, "InstanceType"),
    TEXT(DATA, key_name, "KeyName"),
    TEXT(DATA, user_data, "UserData"),
    PART(DATA, profile, "IamInstanceProfile", struct ec2_template_profile, sent_profile_fields),
    PARTS(DATA, interfaces, "NetworkInterface", struct ec2_template_interface,
          sent_interface_fields),
    TEXTS(DATA, security_group_ids, "SecurityGroupId"),
    PARTS(DATA, tag_specifications, "TagSpecification", struct ec2_tag_specification,
          sent_tag_specification_fields),
    F_BOOL(DATA, disable_api_termination, "DisableApiTermination",
           F_HAS(DATA, has_disable_api_termination)),
    F_END,
};
