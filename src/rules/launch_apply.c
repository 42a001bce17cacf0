#include "rules/launch_apply.h"

#include "rules/launch_merge.h"

struct launch_config *launch_config_of(struct arena *a, const struct group *group,
                                       struct str server_id)
{
    const struct launch_config *over = NULL;

    for (size_t i = 0; i < group->servers.len; i++)
        if (str_eq(group->servers.items[i].server_id, server_id) &&
            group_server_overrides(&group->servers.items[i]))
            over = group->servers.items[i].launch_config;
    if (!group->launch_config && !over)
        return NULL;
    return launch_config_merge(a, group->launch_config, over);
}

/* ---- what DRS holds itself ---- */

static struct str right_sizing_of(const struct launch_config *wanted)
{
    if (wanted->right_sizing == RIGHT_SIZING_CUSTOM)
        return STR("NONE");
    if (wanted->right_sizing)
        return str_from_z(right_sizing_names[wanted->right_sizing]);
    return str_present(wanted->instance_type) ? STR("NONE") : (struct str){0};
}

/* Whether the member said something else before. */
static bool say_text(struct str said, struct str *member)
{
    if (!str_present(said) || str_eq(said, *member))
        return false;
    *member = said;
    return true;
}

static bool say_truth(bool has, bool said, bool *has_member, bool *member)
{
    if (!has || (*has_member && *member == said))
        return false;
    *has_member = true;
    *member = said;
    return true;
}

static bool say_licensing(struct arena *a, const struct licensing *said,
                          struct drs_licensing **member)
{
    struct drs_licensing *now = *member;

    if (!said || !said->has_os_byol || (now && now->has_os_byol && now->os_byol == said->os_byol))
        return false;
    *member = arena_new_of(a, struct drs_licensing);
    **member = (struct drs_licensing){said->os_byol, true};
    return true;
}

/* What is wanted, over what `c` says already; whether that is anything new. */
static bool say_to_drs(struct arena *a, const struct launch_config *wanted,
                       struct drs_launch_configuration *c)
{
    bool new = say_text(wanted->name, &c->name);

    new |= say_text(right_sizing_of(wanted), &c->right_sizing_method);
    if (wanted->disposition)
        new |= say_text(str_from_z(launch_disposition_names[wanted->disposition]),
                        &c->launch_disposition);
    new |= say_truth(wanted->has_copy_private_ip, wanted->copy_private_ip, &c->has_copy_private_ip,
                     &c->copy_private_ip);
    new |= say_truth(wanted->has_copy_tags, wanted->copy_tags, &c->has_copy_tags, &c->copy_tags);
    new |= say_truth(wanted->has_post_launch_enabled, wanted->post_launch_enabled,
                     &c->has_post_launch_enabled, &c->post_launch_enabled);
    new |= say_licensing(a, wanted->licensing, &c->licensing);
    return new;
}

bool launch_drs_change(struct arena *a, const struct launch_config *wanted,
                       const struct drs_launch_configuration *now,
                       struct drs_launch_configuration *change)
{
    struct drs_launch_configuration laid = *now;

    *change = (struct drs_launch_configuration){.source_server_id = now->source_server_id};
    (void)say_to_drs(a, wanted, change);
    return say_to_drs(a, wanted, &laid);
}

/* ---- what stands in the launch template ---- */

static bool asks_interface(const struct launch_config *wanted)
{
    return str_present(wanted->subnet_id) || wanted->security_group_ids.len ||
           str_present(wanted->static_private_ip);
}

bool launch_asks_template(const struct launch_config *wanted)
{
    return str_present(wanted->instance_type) || str_present(wanted->instance_profile_name) ||
           asks_interface(wanted);
}

static bool same_list(struct strs one, struct strs other)
{
    bool same = one.len == other.len;

    for (size_t i = 0; same && i < one.len; i++)
        same = str_eq(one.items[i], other.items[i]);
    return same;
}

/* An ARN is said as one; a name also fits an ARN that ends in it. */
static bool profile_fits(const struct launch_config *wanted, const struct ec2_template_profile *now)
{
    if (!str_present(wanted->instance_profile_name))
        return true;
    if (!now)
        return false;
    if (str_present(wanted->instance_profile_arn))
        return str_eq(now->arn, wanted->instance_profile_arn);
    return str_eq(instance_profile_name_of(str_present(now->arn) ? now->arn : now->name),
                  wanted->instance_profile_name);
}

static void say_profile(struct arena *a, const struct launch_config *wanted,
                        struct ec2_template_data *change)
{
    change->profile = arena_new_of(a, struct ec2_template_profile);
    if (str_present(wanted->instance_profile_arn))
        change->profile->arn = wanted->instance_profile_arn;
    else
        change->profile->name = wanted->instance_profile_name;
}

/* Interface 0 is DRS's own; the others are somebody's and stay as they are. */
static const struct ec2_template_interface *first_interface(const struct ec2_template_data *now)
{
    for (size_t i = 0; i < now->interfaces.len; i++)
        if (now->interfaces.items[i].device_index == 0)
            return &now->interfaces.items[i];
    return NULL;
}

static struct str address_of(const struct ec2_template_interface *i)
{
    for (size_t k = 0; k < i->private_ips.len; k++)
        if (i->private_ips.items[k].primary)
            return i->private_ips.items[k].address;
    return i->private_ip;
}

static bool interface_fits(const struct launch_config *wanted,
                           const struct ec2_template_interface *now)
{
    if (!asks_interface(wanted))
        return true;
    if (!now)
        return false;
    return (!str_present(wanted->subnet_id) || str_eq(now->subnet_id, wanted->subnet_id)) &&
           (!wanted->security_group_ids.len ||
            same_list(now->groups, wanted->security_group_ids)) &&
           (!str_present(wanted->static_private_ip) ||
            str_eq(address_of(now), wanted->static_private_ip));
}

/* One address is said in one form only: EC2 refuses to launch with both. */
static void say_interface(const struct launch_config *wanted, struct ec2_template_interface *i)
{
    i->has_device_index = true;
    (void)say_text(wanted->subnet_id, &i->subnet_id);
    if (wanted->security_group_ids.len)
        i->groups = wanted->security_group_ids;
    if (str_present(wanted->static_private_ip)) {
        i->private_ip = wanted->static_private_ip;
        i->private_ips.items = NULL;
        i->private_ips.len = 0;
    }
}

static void say_interfaces(struct arena *a, const struct launch_config *wanted,
                           const struct ec2_template_data *now, struct ec2_template_data *change)
{
    const struct ec2_template_interface *first = first_interface(now);
    struct ec2_template_interface *list =
        arena_array_of(a, now->interfaces.len + 1, struct ec2_template_interface);
    size_t n = 0;

    if (!first)
        say_interface(wanted, &list[n++]);
    for (size_t i = 0; i < now->interfaces.len; i++) {
        list[n] = now->interfaces.items[i];
        if (&now->interfaces.items[i] == first)
            say_interface(wanted, &list[n]);
        n++;
    }
    change->interfaces.items = list;
    change->interfaces.len = n;
}

/*
 * EC2 launches neither with groups both of the instance and of an interface, nor with an existing
 * interface that is told a subnet, groups or an address. The first cannot be taken out of a later
 * version; the second somebody put there on purpose.
 */
static bool stands_in_the_way(const struct ec2_template_data *now,
                              const struct ec2_template_interface *first)
{
    return now->security_group_ids.len > 0 || (first && str_present(first->network_interface_id));
}

enum launch_template_verdict launch_template_change(struct arena *a,
                                                    const struct launch_config *wanted,
                                                    const struct ec2_template_data *now,
                                                    struct ec2_template_data *change)
{
    const struct ec2_template_interface *first = first_interface(now);
    bool type_fits =
        !str_present(wanted->instance_type) || str_eq(now->instance_type, wanted->instance_type);
    bool profile = profile_fits(wanted, now->profile);
    bool interface = interface_fits(wanted, first);

    *change = (struct ec2_template_data){0};
    if (type_fits && profile && interface)
        return LAUNCH_TEMPLATE_FITS;
    if (!interface && stands_in_the_way(now, first))
        return LAUNCH_TEMPLATE_REFUSED;
    if (!type_fits)
        change->instance_type = wanted->instance_type;
    if (!profile)
        say_profile(a, wanted, change);
    if (!interface)
        say_interfaces(a, wanted, now, change);
    return LAUNCH_TEMPLATE_DIFFERS;
}
