#include "model/launch_config.h"

const char *const right_sizing_names[] = {"", "NONE", "BASIC", "IN_AWS", "CUSTOM", NULL};
const char *const launch_disposition_names[] = {"", "STOPPED", "STARTED", NULL};
const char *const boot_mode_names[] = {"", "LEGACY_BIOS", "UEFI", "USE_SOURCE", NULL};

const struct field licensing_fields[] = {
    F_BOOL(struct licensing, os_byol, "osByol", F_HAS(struct licensing, has_os_byol),
           .help = "bring your own licence for the operating system"),
    F_END,
};

const struct field launch_config_fields[] = {
    F_STR(struct launch_config, instance_type, "instanceType", .max = 64,
          .check = &check_instance_type, .help = "EC2 instance type of the recovery instance"),
    F_STR(struct launch_config, subnet_id, "subnetId", .aliases = "subnet", .max = 128,
          .check = &check_subnet_id, .help = "subnet to launch into"),
    F_STRS(struct launch_config, security_group_ids, "securityGroupIds",
           .aliases = "securityGroups", .max = 16, .check = &check_security_group_id,
           .help = "security groups of the network interface"),
    F_STR(struct launch_config, instance_profile_arn, "iamInstanceProfileArn", .max = 2048,
          .check = &check_instance_profile_arn, .help = "instance profile, by its ARN"),
    F_STR(struct launch_config, instance_profile_name, "instanceProfile",
          .aliases = "instanceProfileName", .max = 2048, .check = &check_instance_profile_name,
          .help = "instance profile, by its name"),
    F_STR(struct launch_config, static_private_ip, "staticPrivateIp", .aliases = "staticIp",
          .max = 15, .check = &check_ipv4, .help = "fixed private address of one server"),
    F_ENUM(struct launch_config, right_sizing, "targetInstanceTypeRightSizingMethod",
           right_sizing_names, .help = "how DRS chooses the instance type"),
    F_ENUM(struct launch_config, disposition, "launchDisposition", launch_disposition_names,
           .help = "whether the instance is started after the launch"),
    F_ENUM(struct launch_config, boot_mode, "bootMode", boot_mode_names,
           .help = "boot mode of the recovery instance"),
    F_BOOL(struct launch_config, copy_private_ip, "copyPrivateIp",
           F_HAS(struct launch_config, has_copy_private_ip),
           .help = "keep the source server's private address"),
    F_BOOL(struct launch_config, copy_tags, "copyTags", F_HAS(struct launch_config, has_copy_tags),
           .help = "copy the source server's tags to the instance"),
    F_BOOL(struct launch_config, post_launch_enabled, "postLaunchEnabled",
           F_HAS(struct launch_config, has_post_launch_enabled),
           .help = "run DRS's post-launch actions"),
    F_OBJECT(struct launch_config, licensing, "licensing", struct licensing, licensing_fields,
             .help = "operating system licence"),
    F_STR(struct launch_config, name, "name", .max = 128,
          .help = "name of the launch configuration in DRS"),
    F_STR(struct launch_config, ec2_launch_template_id, "ec2LaunchTemplateID", .max = 128,
          .input_aliases = "ec2LaunchTemplateId", .check = &check_launch_template_id,
          .help = "launch template whose content is wanted"),
    F_END,
};

struct str instance_profile_name_of(struct str arn_or_name)
{
    struct str rest = arn_or_name;
    struct str last = arn_or_name;

    if (!str_starts(arn_or_name, STR("arn:")))
        return arn_or_name;
    while (str_present(rest))
        last = str_cut(&rest, '/');
    return last;
}
