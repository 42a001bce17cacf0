#ifndef MODEL_COMMON_H
#define MODEL_COMMON_H

#include "base/field.h"

/*
 * What the identifiers and names of all entities must look like. Lenient where the documents are
 * ("s-abc", "sg-db"): prefix and length are checked here, existence is asked of AWS.
 */
enum {
    NAME_CHARS_MAX = 64,       /* of a group or a plan */
    WAVE_NAME_CHARS_MAX = 128, /* it travels as a tag value */
    DESCRIPTION_CHARS_MAX = 1000,
    TEXT_BYTES_PER_CHAR = 4,
    SELECTION_TAGS_MAX = 50,
    TAG_KEY_MAX = 128,
    TAG_VALUE_MAX = 256,
    IDENTIFIER_MAX = 128, /* of our own entities: opaque on input */
};

extern const struct field_check check_name;
extern const struct field_check check_wave_name;
extern const struct field_check check_description;
extern const struct field_check check_identifier;
extern const struct field_check check_account_id;
extern const struct field_check check_region;
extern const struct field_check check_server_id;
extern const struct field_check check_subnet_id;
extern const struct field_check check_security_group_id;
extern const struct field_check check_launch_template_id;
extern const struct field_check check_instance_type;
extern const struct field_check check_instance_profile_arn;
extern const struct field_check check_instance_profile_name;
extern const struct field_check check_ipv4;

/* Code points of well-formed UTF-8. */
size_t utf8_length(struct str s);

#endif
