#include "model/common.h"

size_t utf8_length(struct str s)
{
    size_t n = 0;

    for (size_t i = 0; i < s.len; i++)
        n += ((unsigned char)s.ptr[i] & 0xc0) != 0x80;
    return n;
}

static bool is_lower(char c)
{
    return c >= 'a' && c <= 'z';
}

static bool is_digit(char c)
{
    return c >= '0' && c <= '9';
}

static bool is_alnum(char c)
{
    return is_lower(c) || is_digit(c) || (c >= 'A' && c <= 'Z');
}

static bool has_control(struct str s)
{
    for (size_t i = 0; i < s.len; i++)
        if ((unsigned char)s.ptr[i] < 0x20 || s.ptr[i] == 0x7f)
            return true;
    return false;
}

/* Visible text of 1 to `most` characters, without blanks around it. */
static bool is_title(struct str s, size_t most)
{
    return s.len > 0 && str_trim(s).len == s.len && !has_control(s) && utf8_length(s) <= most;
}

static bool name_ok(struct str s)
{
    return is_title(s, NAME_CHARS_MAX);
}

static bool wave_name_ok(struct str s)
{
    return is_title(s, WAVE_NAME_CHARS_MAX);
}

static bool description_ok(struct str s)
{
    return utf8_length(s) <= DESCRIPTION_CHARS_MAX;
}

/* Printable ASCII; '#' separates the parts of a claim's key. */
static bool identifier_ok(struct str s)
{
    for (size_t i = 0; i < s.len; i++)
        if (s.ptr[i] <= 0x20 || s.ptr[i] >= 0x7f || s.ptr[i] == '#')
            return false;
    return s.len > 0 && s.len <= IDENTIFIER_MAX;
}

static bool account_id_ok(struct str s)
{
    for (size_t i = 0; i < s.len; i++)
        if (!is_digit(s.ptr[i]))
            return false;
    return s.len == 12;
}

/* Words of letters, joined by '-', the last one a number: us-east-1, us-gov-west-1. */
static bool region_ok(struct str s)
{
    struct str rest = s;
    size_t words = 0;

    if (s.len > 32)
        return false;
    while (str_present(rest)) {
        struct str word = str_cut(&rest, '-');
        bool last = !str_present(rest);

        if (str_empty(word) || (words == 0 && word.len != 2))
            return false;
        for (size_t i = 0; i < word.len; i++)
            if (last ? !is_digit(word.ptr[i]) : !is_lower(word.ptr[i]))
                return false;
        words++;
    }
    return words >= 3;
}

/* `prefix` and then up to 64 letters, digits and '-'. */
static bool is_aws_id(struct str s, struct str prefix)
{
    if (!str_starts(s, prefix) || s.len == prefix.len || s.len > prefix.len + 64)
        return false;
    for (size_t i = prefix.len; i < s.len; i++)
        if (!is_alnum(s.ptr[i]) && s.ptr[i] != '-')
            return false;
    return true;
}

static bool server_id_ok(struct str s)
{
    return is_aws_id(s, STR("s-"));
}

static bool subnet_id_ok(struct str s)
{
    return is_aws_id(s, STR("subnet-"));
}

static bool security_group_id_ok(struct str s)
{
    return is_aws_id(s, STR("sg-"));
}

static bool launch_template_id_ok(struct str s)
{
    return is_aws_id(s, STR("lt-"));
}

/* family.size; "u-6tb1.metal" and "r6i.metal-48xl" are real. */
static bool instance_type_ok(struct str s)
{
    size_t dots = 0;

    if (s.len < 3 || s.len > 64 || !is_lower(s.ptr[0]) || s.ptr[s.len - 1] == '.')
        return false;
    for (size_t i = 0; i < s.len; i++) {
        if (s.ptr[i] == '.')
            dots++;
        else if (!is_lower(s.ptr[i]) && !is_digit(s.ptr[i]) && s.ptr[i] != '-')
            return false;
    }
    return dots == 1;
}

static bool instance_profile_name_ok(struct str s)
{
    for (size_t i = 0; i < s.len; i++)
        if (!is_alnum(s.ptr[i]) && !strchr("_+=,.@-", s.ptr[i]))
            return false;
    return s.len > 0 && s.len <= 128;
}

/* arn:PARTITION:iam::ACCOUNT:instance-profile/PATH/NAME; a bare name is taken here as well. */
static bool instance_profile_arn_ok(struct str s)
{
    struct str rest = s;
    struct str parts[6];

    if (!str_starts(s, STR("arn:")))
        return instance_profile_name_ok(s);
    for (size_t i = 0; i < ARRAY_LEN(parts); i++)
        parts[i] = i < 5 ? str_cut(&rest, ':') : rest;
    if (!str_eq(parts[2], STR("iam")) || !account_id_ok(parts[4]) || s.len > 2048 ||
        !str_starts(parts[5], STR("instance-profile/")))
        return false;
    while (str_present(parts[5]))
        parts[0] = str_cut(&parts[5], '/');
    return instance_profile_name_ok(parts[0]);
}

static bool ipv4_ok(struct str s)
{
    struct str rest = s;
    size_t parts = 0;

    while (str_present(rest)) {
        struct str part = str_cut(&rest, '.');
        int64_t value;

        if (str_empty(part) || part.len > 3 || !is_digit(part.ptr[0]))
            return false;
        if ((part.len > 1 && part.ptr[0] == '0') || !str_to_i64(part, &value) || value > 255)
            return false;
        parts++;
    }
    return parts == 4;
}

const struct field_check check_name = {"must be 1 to 64 characters without blanks around them",
                                       "^\\S(.{0,62}\\S)?$", name_ok};
const struct field_check check_wave_name = {
    "must be 1 to 128 characters without blanks around them", "^\\S(.{0,126}\\S)?$", wave_name_ok};
const struct field_check check_description = {"must be at most 1000 characters",
                                              "^[\\s\\S]{0,1000}$", description_ok};
const struct field_check check_identifier = {
    "must be 1 to 128 printable characters without blanks and '#'", "^[!-\"$-~]{1,128}$",
    identifier_ok};
const struct field_check check_account_id = {"must be a 12-digit account id", "^[0-9]{12}$",
                                             account_id_ok};
const struct field_check check_region = {"must be an AWS region such as us-east-1",
                                         "^[a-z]{2}(-[a-z]+)+-[0-9]+$", region_ok};
const struct field_check check_server_id = {
    "must be a source server id such as s-1234567890abcdef0", "^s-[0-9A-Za-z-]{1,64}$",
    server_id_ok};
const struct field_check check_subnet_id = {"must be a subnet id such as subnet-0123456789abcdef0",
                                            "^subnet-[0-9A-Za-z-]{1,64}$", subnet_id_ok};
const struct field_check check_security_group_id = {
    "must be a security group id such as sg-0123456789abcdef0", "^sg-[0-9A-Za-z-]{1,64}$",
    security_group_id_ok};
const struct field_check check_launch_template_id = {
    "must be a launch template id such as lt-0123456789abcdef0", "^lt-[0-9A-Za-z-]{1,64}$",
    launch_template_id_ok};
const struct field_check check_instance_type = {"must be an EC2 instance type such as t3.medium",
                                                "^[a-z][a-z0-9-]*\\.[a-z0-9-]+$", instance_type_ok};
const struct field_check check_instance_profile_arn = {
    "must be the ARN or the name of an instance profile",
    "^(arn:[^:]+:iam::[0-9]{12}:instance-profile/.*)?[A-Za-z0-9_+=,.@-]{1,128}$",
    instance_profile_arn_ok};
const struct field_check check_instance_profile_name = {
    "must be the name or the ARN of an instance profile",
    "^(arn:[^:]+:iam::[0-9]{12}:instance-profile/.*)?[A-Za-z0-9_+=,.@-]{1,128}$",
    instance_profile_arn_ok};
const struct field_check check_ipv4 = {"must be an IPv4 address such as 10.0.1.100",
                                       "^([0-9]{1,3}\\.){3}[0-9]{1,3}$", ipv4_ok};
