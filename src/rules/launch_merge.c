#include "rules/launch_merge.h"

static struct licensing *merge_licensing(struct arena *a, const struct licensing *base,
                                         const struct licensing *over)
{
    struct licensing *out = arena_new_of(a, struct licensing);

    *out = base ? *base : (struct licensing){0};
    if (over->has_os_byol)
        *out = *over;
    return out;
}

static struct str pick(struct str base, struct str over)
{
    return str_present(over) ? over : base;
}

static void lay_texts(struct launch_config *out, const struct launch_config *over)
{
    out->instance_type = pick(out->instance_type, over->instance_type);
    out->subnet_id = pick(out->subnet_id, over->subnet_id);
    out->static_private_ip = pick(out->static_private_ip, over->static_private_ip);
    out->name = pick(out->name, over->name);
    out->ec2_launch_template_id = pick(out->ec2_launch_template_id, over->ec2_launch_template_id);
    if (over->security_group_ids.items)
        out->security_group_ids = over->security_group_ids;
    /* One thing in two notations: it changes as a whole. */
    if (str_present(over->instance_profile_arn) || str_present(over->instance_profile_name)) {
        out->instance_profile_arn = over->instance_profile_arn;
        out->instance_profile_name = over->instance_profile_name;
    }
}

static void lay_choices(struct launch_config *out, const struct launch_config *over)
{
    if (over->right_sizing)
        out->right_sizing = over->right_sizing;
    if (over->disposition)
        out->disposition = over->disposition;
    if (over->boot_mode)
        out->boot_mode = over->boot_mode;
    if (over->has_copy_private_ip) {
        out->has_copy_private_ip = true;
        out->copy_private_ip = over->copy_private_ip;
    }
    if (over->has_copy_tags) {
        out->has_copy_tags = true;
        out->copy_tags = over->copy_tags;
    }
    if (over->has_post_launch_enabled) {
        out->has_post_launch_enabled = true;
        out->post_launch_enabled = over->post_launch_enabled;
    }
}

struct launch_config *launch_config_merge(struct arena *a, const struct launch_config *base,
                                          const struct launch_config *over)
{
    struct launch_config *out = arena_new_of(a, struct launch_config);

    *out = base ? *base : (struct launch_config){0};
    if (over) {
        lay_texts(out, over);
        lay_choices(out, over);
        if (over->licensing)
            out->licensing = merge_licensing(a, out->licensing, over->licensing);
    }
    /* DRS would put the source's own address into the template, in the place of the fixed one. */
    if (str_present(out->static_private_ip)) {
        out->has_copy_private_ip = true;
        out->copy_private_ip = false;
    }
    return out;
}

/* The texts under the two spellings; either may be an ARN or a name. */
static void keep_profile(struct launch_config *c, struct str one, struct str other)
{
    bool arn = str_starts(one, STR("arn:"));
    bool other_arn = str_starts(other, STR("arn:"));

    c->instance_profile_arn = arn ? one : other_arn ? other : (struct str){0};
    c->instance_profile_name = instance_profile_name_of(str_present(one) ? one : other);
}

enum fault launch_config_normalise(struct launch_config *config, const struct launch_config *stored,
                                   struct str path, struct faults *faults)
{
    struct str one = config->instance_profile_arn;
    struct str two = config->instance_profile_name;
    struct str name_one = instance_profile_name_of(one);
    struct str name_two = instance_profile_name_of(two);
    struct str before = stored ? stored->instance_profile_name : (struct str){0};

    if (!str_present(one) && !str_present(two))
        return FAULT_NONE;
    if (!str_present(one) || !str_present(two) || str_eq(name_one, name_two))
        keep_profile(config, one, two);
    else if (str_present(before) && str_eq(name_two, before))
        keep_profile(config, one, (struct str){0});
    else if (str_present(before) && str_eq(name_one, before))
        keep_profile(config, two, (struct str){0});
    else
        return faults_add(faults, FAULT_INVALID_PARAMETER, path,
                          "'" STR_FMT "' names two instance profiles, '" STR_FMT "' and '" STR_FMT
                          "'",
                          STR_ARG(path), STR_ARG(name_one), STR_ARG(name_two));
    return FAULT_NONE;
}

bool group_server_overrides(const struct group_server *server)
{
    return server->launch_config && !(server->has_use_group_defaults && server->use_group_defaults);
}

static struct str address_of(const struct group_server *s)
{
    return group_server_overrides(s) ? s->launch_config->static_private_ip : (struct str){0};
}

static struct str subnet_of(const struct group *g, const struct group_server *s)
{
    struct str group_subnet = g->launch_config ? g->launch_config->subnet_id : (struct str){0};

    return pick(group_subnet, s->launch_config->subnet_id);
}

static bool share_address(const struct group *g, const struct group_server *one,
                          const struct group_server *two)
{
    return str_present(address_of(one)) && str_present(address_of(two)) &&
           str_eq(address_of(one), address_of(two)) && str_eq(subnet_of(g, one), subnet_of(g, two));
}

enum fault launch_config_addresses_check(const struct group *group, struct faults *faults)
{
    const struct group_server *servers = group->servers.items;
    enum fault first = FAULT_NONE;

    if (group->launch_config && str_present(group->launch_config->static_private_ip) &&
        group->server_ids.len > 1)
        first =
            faults_add(faults, FAULT_INVALID_PARAMETER, STR("launchConfiguration.staticPrivateIp"),
                       "'launchConfiguration.staticPrivateIp' fixes one address for %zu "
                       "servers: say it under 'servers', for each of them",
                       group->server_ids.len);
    for (size_t i = 0; i < group->servers.len; i++)
        for (size_t j = 0; j < i; j++)
            if (share_address(group, &servers[j], &servers[i]))
                first = faults_add(faults, FAULT_INVALID_PARAMETER, STR("servers"),
                                   "'servers': " STR_FMT " and " STR_FMT
                                   " cannot both have the address " STR_FMT,
                                   STR_ARG(servers[j].server_id), STR_ARG(servers[i].server_id),
                                   STR_ARG(address_of(&servers[i])));
    return first;
}
