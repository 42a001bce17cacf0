#ifndef MODEL_LAUNCH_CONFIG_H
#define MODEL_LAUNCH_CONFIG_H

#include "model/common.h"

/*
 * How DRS shall launch a server: what a level (group, server) says, and nothing about what it does
 * not say, so that levels can be laid over each other field by field (rules/launch_merge.h).
 */
enum right_sizing {
    RIGHT_SIZING_UNSAID,
    RIGHT_SIZING_NONE,
    RIGHT_SIZING_BASIC,
    RIGHT_SIZING_IN_AWS,
    RIGHT_SIZING_CUSTOM, /* of S1: stored as given; DRS is told NONE (contract §3) */
};
extern const char *const right_sizing_names[];

enum launch_disposition { DISPOSITION_UNSAID, DISPOSITION_STOPPED, DISPOSITION_STARTED };
extern const char *const launch_disposition_names[];

enum boot_mode { BOOT_MODE_UNSAID, BOOT_MODE_LEGACY_BIOS, BOOT_MODE_UEFI, BOOT_MODE_USE_SOURCE };
extern const char *const boot_mode_names[];

struct licensing {
    bool os_byol;
    bool has_os_byol;
};
extern const struct field licensing_fields[];

struct launch_config {
    struct str instance_type;
    struct str subnet_id;
    struct strs security_group_ids;
    struct str instance_profile_arn;  /* both or one of the two; */
    struct str instance_profile_name; /* filled from each other by launch_config_normalise */
    struct str static_private_ip;
    int right_sizing;
    int disposition;
    int boot_mode;
    bool copy_private_ip;
    bool has_copy_private_ip;
    bool copy_tags;
    bool has_copy_tags;
    bool post_launch_enabled;
    bool has_post_launch_enabled;
    struct licensing *licensing;
    struct str name; /* of the launched instance */
    struct str ec2_launch_template_id;
};
extern const struct field launch_config_fields[];

/* The name in an instance profile's ARN, or the text itself when it is none. */
struct str instance_profile_name_of(struct str arn_or_name);

#endif
