#include "sim/ctx.h"

/* IAM, as far as launch settings need it (aws-facts 5.6): instance profiles and the alias. */

static struct str path_of(struct str path)
{
    return str_empty(path) ? STR("/") : path;
}

static void write_role(struct ctx *c, struct str name)
{
    const struct role *role = world_get(c->sim, K_ROLE, c->account, STR(""), name);
    struct xml *x = &c->x;

    xml_open(x, "member");
    sim_xml_text(x, "Path", role ? path_of(role->path) : STR("/"));
    sim_xml_text(x, "RoleName", name);
    sim_xml_text(x, "RoleId", role ? role->role_id : STR("AROAUNKNOWN0000000000"));
    sim_xml_text(x, "Arn",
                 world_arn_global(c->a, "iam", c->region, c->account,
                                  arena_strf(c->a, "role" STR_FMT STR_FMT,
                                             STR_ARG(role ? path_of(role->path) : STR("/")),
                                             STR_ARG(name))));
    sim_xml_text(x, "CreateDate", told_time_z(c, c->sim->born_ms, false));
    xml_close(x, "member");
}

static void write_profile(struct ctx *c, const char *element, const struct profile *p)
{
    struct xml *x = &c->x;

    xml_open(x, element);
    sim_xml_text(x, "Path", path_of(p->path));
    sim_xml_text(x, "InstanceProfileName", p->at.id);
    sim_xml_text(x, "InstanceProfileId", p->profile_id);
    sim_xml_text(x, "Arn",
                 world_arn_global(c->a, "iam", c->region, c->account,
                                  arena_strf(c->a, "instance-profile" STR_FMT STR_FMT,
                                             STR_ARG(path_of(p->path)), STR_ARG(p->at.id))));
    sim_xml_text(x, "CreateDate",
                 told_time_z(c, p->created_ms ? p->created_ms : c->sim->born_ms, false));
    xml_open(x, "Roles");
    for (size_t i = 0; i < p->roles.len; i++)
        write_role(c, p->roles.items[i]);
    xml_close(x, "Roles");
    xml_close(x, element);
}

static void list_instance_profiles(struct ctx *c)
{
    const struct vec *all = world_list(c->sim, K_PROFILE, c->account, STR(""));
    struct str prefix = in_str(c, "PathPrefix");
    struct vec list = {0};
    struct page page;

    for (size_t i = 0; all && i < all->len; i++) {
        const struct profile *p = all->items[i];

        if (str_empty(prefix) || str_starts(path_of(p->path), prefix))
            vec_add(c->a, &list, all->items[i]);
    }
    if (!page_open(c, list.len, page_filter(c), &page))
        return;
    xml_open(&c->x, "InstanceProfiles");
    for (size_t i = page.from; list.items && i < page.to; i++)
        write_profile(c, "member", list.items[i]);
    xml_close(&c->x, "InstanceProfiles");
    xml_bool(&c->x, "IsTruncated", str_present(page.next));
    sim_xml_text(&c->x, "Marker", page.next);
}

static void get_instance_profile(struct ctx *c)
{
    struct str name = in_str(c, "InstanceProfileName");
    const struct profile *p = world_get(c->sim, K_PROFILE, c->account, STR(""), name);

    if (p)
        write_profile(c, "InstanceProfile", p);
    else
        refuse(c, 404, "NoSuchEntity", "Instance Profile " STR_FMT " cannot be found.",
               STR_ARG(name));
}

static void list_account_aliases(struct ctx *c)
{
    const struct account *a = world_get(c->sim, K_ACCOUNT, STR(""), STR(""), c->account);

    xml_open(&c->x, "AccountAliases");
    if (a && !str_empty(a->alias))
        sim_xml_text(&c->x, "member", a->alias);
    xml_close(&c->x, "AccountAliases");
    xml_bool(&c->x, "IsTruncated", false);
}

static const struct member list_in[] = {
    {"PathPrefix", M_STR, .min = 1, .max = 512},
    {"Marker", M_STR, .min = 1, .max = 320},
    {"MaxItems", M_INT, .min = 1, .max = 1000},
    M_END,
};
static const struct member get_in[] = {
    {"InstanceProfileName", M_STR, .flags = M_REQUIRED, .min = 1, .max = 128},
    M_END,
};
static const struct member aliases_in[] = {
    {"Marker", M_STR, .min = 1, .max = 320},
    {"MaxItems", M_INT, .min = 1, .max = 1000},
    M_END,
};

static const struct op rows[] = {
    {.service = "iam",
     .name = "ListInstanceProfiles",
     .members = list_in,
     .run = list_instance_profiles},
    {.service = "iam",
     .name = "GetInstanceProfile",
     .members = get_in,
     .run = get_instance_profile},
    {.service = "iam",
     .name = "ListAccountAliases",
     .members = aliases_in,
     .run = list_account_aliases},
};

const struct op_table sim_iam_ops = {rows, ARRAY_LEN(rows)};
