#ifndef AWS_EC2_READ_H
#define AWS_EC2_READ_H

#include "aws/aws.h"
#include "base/field.h"

/* What can be asked of EC2. Member names in the tables are the XML elements of the answers. */

/* One filter: any of the values. Filters together: all of them. `*` and `?` are wildcards. */
struct ec2_filter {
    struct str name;
    struct strs values;
};

/*
 * An unknown id fails the whole call (Invalid....NotFound); the same id in a filter just yields
 * nothing. Ids are asked for in batches, and any number is allowed; so are values of one filter.
 * Both absent: everything. An empty list that is there: nothing.
 */
struct ec2_query {
    struct strs ids;
    LIST_OF(struct ec2_filter) filters;
};

/* ---- instances ---- */

struct ec2_state {
    int64_t code; /* 16 running, 48 terminated, 80 stopped: the low byte */
    struct str name;
};

struct ec2_reason {
    struct str code;
    struct str message;
};

struct ec2_placement {
    struct str availability_zone;
    struct str tenancy;
};

struct ec2_group {
    struct str id;
    struct str name;
};

struct ec2_profile {
    struct str arn;
    struct str id;
};

struct ec2_instance {
    struct str id; /* instanceId */
    struct str image_id;
    struct ec2_state *state;
    struct str private_dns_name;
    struct str dns_name;
    struct str reason;
    struct ec2_reason *state_reason;
    struct str key_name;
    struct str instance_type;
    int64_t launched_ms;
    struct ec2_placement *placement;
    struct str platform;
    struct str platform_details;
    struct str subnet_id;
    struct str vpc_id;
    struct str private_ip;
    struct str public_ip;
    LIST_OF(struct ec2_group) groups;
    struct ec2_profile *profile;
    struct tags tags;
};

extern const struct field ec2_instance_fields[];

struct ec2_instances {
    struct ec2_instance *items;
    size_t len;
};

MUST_CHECK enum fault ec2_describe_instances(struct aws_reader *reader, struct aws_at *at,
                                             const struct ec2_query *query,
                                             struct ec2_instances *out);

/* ---- networks ---- */

struct ec2_subnet {
    struct str id;
    struct str arn;
    struct str state;
    struct str vpc_id;
    struct str cidr_block;
    int64_t available_ip_address_count;
    struct str availability_zone;
    struct str availability_zone_id;
    bool default_for_az;
    bool map_public_ip_on_launch;
    struct str owner_id;
    struct tags tags;
};

extern const struct field ec2_subnet_fields[];

struct ec2_subnets {
    struct ec2_subnet *items;
    size_t len;
};

MUST_CHECK enum fault ec2_describe_subnets(struct aws_reader *reader, struct aws_at *at,
                                           const struct ec2_query *query, struct ec2_subnets *out);

struct ec2_security_group {
    struct str id;
    struct str name;
    struct str description;
    struct str vpc_id;
    struct str owner_id;
    struct tags tags;
};

extern const struct field ec2_security_group_fields[];

struct ec2_security_groups {
    struct ec2_security_group *items;
    size_t len;
};

MUST_CHECK enum fault ec2_describe_security_groups(struct aws_reader *reader, struct aws_at *at,
                                                   const struct ec2_query *query,
                                                   struct ec2_security_groups *out);

/* ---- launch templates ---- */

struct ec2_private_ip {
    struct str address;
    bool primary;
    bool has_primary;
};

/* Interfaces replace each other wholesale in a new version: what is read here is all of one. */
struct ec2_template_interface {
    int64_t device_index;
    bool has_device_index;
    struct str description;
    struct strs groups;
    struct str interface_type;
    struct str network_interface_id;
    struct str private_ip;
    LIST_OF(struct ec2_private_ip) private_ips;
    int64_t secondary_private_ip_count;
    bool has_secondary_private_ip_count;
    struct str subnet_id;
    bool associate_public_ip;
    bool has_associate_public_ip;
    bool delete_on_termination;
    bool has_delete_on_termination;
    int64_t network_card_index;
    bool has_network_card_index;
};

struct ec2_template_profile {
    struct str arn;
    struct str name;
};

struct ec2_tag_specification {
    struct str resource_type;
    struct tags tags;
};

/* Sent: what is absent comes from the source version. Read: what DRS and people set. */
struct ec2_template_data {
    struct str image_id;
    struct str instance_type;
    struct str key_name;
    struct str user_data;
    struct ec2_template_profile *profile;
    LIST_OF(struct ec2_template_interface) interfaces;
    struct strs security_group_ids;
    LIST_OF(struct ec2_tag_specification) tag_specifications;
    bool disable_api_termination;
    bool has_disable_api_termination;
};

struct ec2_template_version {
    struct str template_id;
    struct str template_name;
    int64_t version;
    struct str description;
    int64_t created_ms;
    struct str created_by;
    bool is_default;
    struct ec2_template_data *data;
};

extern const struct field ec2_template_version_fields[];

struct ec2_template_versions {
    struct ec2_template_version *items;
    size_t len;
};

/* versions: numbers, "$Default", "$Latest"; none: all. */
MUST_CHECK enum fault ec2_describe_launch_template_versions(struct aws_reader *reader,
                                                            struct aws_at *at,
                                                            struct str template_id,
                                                            struct strs versions,
                                                            struct ec2_template_versions *out);

#endif
