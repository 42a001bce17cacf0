#include "base/str_ascii.h"
#include "crypto/digest.h"
#include "sim/ec2.h"
#include "sim/ec2_calls.h"
#include "sim/ec2_members.h"
#include "sim/tree.h"

/* Launch templates: versions, the default one, and what merging with a source version means. */

struct template *template_new(struct sim *s, struct str account, struct str region, struct str name)
{
    struct template *t = world_new(s, K_TEMPLATE, account, region, world_id(s, "lt-"));

    t->name = name;
    t->default_version = 1;
    t->created_ms = s->now_ms;
    t->created_by = world_arn_global(s->arena, "iam", region, account, STR("root"));
    return t;
}

struct template_version *template_add_version(struct sim *s, struct template *t,
                                              const struct json *data, struct str description,
                                              struct str by)
{
    struct template_version *v = LIST_ADD(s->arena, &t->versions);

    v->number = ++t->latest_version;
    v->description = arena_str(s->arena, description);
    v->created_ms = s->now_ms;
    v->created_by = arena_str(s->arena, by);
    v->data = data;
    s->version++;
    return v;
}

struct template_version *template_find(const struct template *t, struct str version)
{
    int64_t number = -1;

    if (str_eq_z(version, "$Default"))
        number = t->default_version;
    else if (str_eq_z(version, "$Latest"))
        number = t->latest_version;
    else if (!str_to_i64(version, &number))
        return NULL;
    for (size_t i = 0; i < t->versions.len; i++)
        if (t->versions.items[i].number == number)
            return &t->versions.items[i];
    return NULL;
}

static struct template *template_by_name(struct ctx *c, struct str name)
{
    const struct vec *all = all_here(c, K_TEMPLATE);

    for (size_t i = 0; i < all->len; i++) {
        struct template *t = all->items[i];

        if (str_eq(t->name, name))
            return t;
    }
    refuse(c, 400, "InvalidLaunchTemplateName.NotFoundException",
           "The specified launch template, with template name " STR_FMT ", does not exist.",
           STR_ARG(name));
    return NULL;
}

static struct template *template_asked(struct ctx *c)
{
    struct str id = in_str(c, "LaunchTemplateId"), name = in_str(c, "LaunchTemplateName");
    struct template *t;

    if (str_present(id) == str_present(name)) {
        refuse(c, 400, str_present(id) ? "InvalidParameterCombination" : "MissingParameter",
               "Either a launch template ID or a launch template name must be specified.");
        return NULL;
    }
    if (str_present(name))
        return template_by_name(c, name);
    t = here(c, K_TEMPLATE, id);
    if (!t)
        refuse(c, 400, "InvalidLaunchTemplateId.NotFound",
               "The specified launch template, with template ID " STR_FMT ", does not exist.",
               STR_ARG(id));
    return t;
}

static void refuse_version(struct ctx *c, const struct template *t, struct str version)
{
    refuse(c, 400, "InvalidLaunchTemplateId.VersionNotFound",
           "Could not find the specified version " STR_FMT
           " for the launch template with ID " STR_FMT ".",
           STR_ARG(version), STR_ARG(t->at.id));
}

/* ---- answers ---- */

static void write_template(struct ctx *c, const char *element, const struct template *t)
{
    struct xml *x = &c->x;

    xml_open(x, element);
    sim_xml_text(x, "launchTemplateId", t->at.id);
    sim_xml_text(x, "launchTemplateName", t->name);
    sim_xml_text(x, "createTime", told_time_z(c, t->created_ms, true));
    sim_xml_text(x, "createdBy", t->created_by);
    xml_int(x, "defaultVersionNumber", t->default_version);
    xml_int(x, "latestVersionNumber", t->latest_version);
    xml_tag_set(x, &t->tags);
    xml_close(x, element);
}

static void write_data(struct ctx *c, const struct member *table, const struct json *data);

static const char *element_of(struct ctx *c, const struct member *m)
{
    if (m->xml)
        return m->xml;
    return arena_strf(c->a, "%c%s%s", ascii_lower(m->name[0]), m->name + 1,
                      m->type == M_LIST ? "Set" : "")
        .ptr;
}

static void write_value(struct ctx *c, const struct member *m, const struct json *v)
{
    const char *element = element_of(c, m);
    const char *item = m->item ? m->item : "item";

    if (m->type != M_LIST && m->type != M_STRUCT) {
        sim_xml_text(&c->x, element, json_str(v));
        return;
    }
    xml_open(&c->x, element);
    if (m->type == M_STRUCT)
        write_data(c, m->fields, v);
    for (size_t i = 0; m->type == M_LIST && i < v->len; i++) {
        if (!m->fields) {
            sim_xml_text(&c->x, item, json_str(&v->items[i]));
            continue;
        }
        xml_open(&c->x, item);
        write_data(c, m->fields, &v->items[i]);
        xml_close(&c->x, item);
    }
    xml_close(&c->x, element);
}

/* The depth is that of the table: four levels. */
static void write_data(struct ctx *c, const struct member *table, const struct json *data)
{
    for (const struct member *m = table; m->name; m++) {
        const struct json *v = json_get_z(data, m->name);

        if (v)
            write_value(c, m, v);
    }
}

static void write_version(struct ctx *c, const char *element, const struct template *t,
                          const struct template_version *v)
{
    struct xml *x = &c->x;

    xml_open(x, element);
    sim_xml_text(x, "launchTemplateId", t->at.id);
    sim_xml_text(x, "launchTemplateName", t->name);
    xml_int(x, "versionNumber", v->number);
    sim_xml_text(x, "versionDescription", v->description);
    sim_xml_text(x, "createTime", told_time_z(c, v->created_ms, true));
    sim_xml_text(x, "createdBy", v->created_by);
    xml_bool(x, "defaultVersion", v->number == t->default_version);
    xml_open(x, "launchTemplateData");
    write_data(c, ec2_template_data, v->data);
    xml_close(x, "launchTemplateData");
    xml_close(x, element);
}

/* ---- reading ---- */

static bool template_values(struct ctx *c, const void *thing, struct str name, struct strs *out)
{
    static const struct filter_row rows[] = {
        {"launch-template-name", offsetof(struct template, name)},
        {NULL, 0},
    };
    const struct template *t = thing;

    if (str_eq_z(name, "create-time")) {
        *out = one_value(c, told_time_z(c, t->created_ms, true));
        return true;
    }
    return filter_by_rows(c, rows, thing, name, out) || filter_by_tags(c, &t->tags, name, out);
}

static void template_item(struct ctx *c, const void *thing)
{
    write_template(c, "item", thing);
}

void sim_ec2_describe_launch_templates(struct ctx *c)
{
    static const struct ec2_query query = {
        .kind = K_TEMPLATE,
        .id_member = "LaunchTemplateId",
        .not_found = "InvalidLaunchTemplateId.NotFound",
        .values = template_values,
    };
    struct strs names = in_strs(c, "LaunchTemplateName");
    struct vec list = {0};

    for (size_t i = 0; i < names.len; i++) {
        struct template *t = template_by_name(c, names.items[i]);

        if (!t)
            return;
        vec_add(c->a, &list, t);
    }
    if (names.len || ec2_select(c, &query, &list))
        page_set(c, &list, "launchTemplates", template_item);
}

struct version_of {
    const struct template *t;
    const struct template_version *version;
};

static void add_version(struct ctx *c, const struct template *t, const struct template_version *v,
                        struct vec *out)
{
    struct version_of *of = arena_new_of(c->a, struct version_of);

    *of = (struct version_of){t, v};
    vec_add(c->a, out, of);
}

/* Asked for by number or alias, in that order; or all, the newest first. */
static bool versions_asked(struct ctx *c, const struct template *t, struct vec *out)
{
    struct strs wanted = in_strs(c, "LaunchTemplateVersion");
    int64_t least = in_int(c, "MinVersion", 1), most = in_int(c, "MaxVersion", INT64_MAX);

    for (size_t i = 0; i < wanted.len; i++) {
        struct template_version *v = template_find(t, wanted.items[i]);

        if (!v) {
            refuse_version(c, t, wanted.items[i]);
            return false;
        }
        add_version(c, t, v, out);
    }
    for (size_t i = t->versions.len; !wanted.len && i-- > 0;) {
        struct template_version *v = &t->versions.items[i];

        if (v->number >= least && v->number <= most)
            add_version(c, t, v, out);
    }
    return true;
}

static void version_item(struct ctx *c, const void *thing)
{
    const struct version_of *v = thing;

    write_version(c, "item", v->t, v->version);
}

void sim_ec2_describe_launch_template_versions(struct ctx *c)
{
    const struct template *t = template_asked(c);
    struct vec list = {0};

    if (t && versions_asked(c, t, &list))
        page_set(c, &list, "launchTemplateVersionSet", version_item);
}

/* ---- writing ---- */

/* The number that this client token stands for, 0 for a new one; false: used for something else. */
static bool token_number(struct ctx *c, struct token **token, int64_t *number)
{
    struct str text = in_str(c, "ClientToken");
    struct str digest = sha256_hex(c->a, sha256_of(json_text(c->a, c->in)));

    *token = NULL;
    *number = 0;
    if (str_empty(text))
        return true;
    text = arena_strf(c->a, STR_FMT "/" STR_FMT "/%s/" STR_FMT, STR_ARG(c->account),
                      STR_ARG(c->region), c->op->name, STR_ARG(text));
    *token = world_get(c->sim, K_TOKEN, STR(""), STR(""), text);
    if (*token && !str_eq((*token)->digest, digest)) {
        refuse(c, 400, "IdempotentParameterMismatch",
               "The specified idempotency token was used with other parameters.");
        return false;
    }
    if (*token) {
        *number = (*token)->number;
        return true;
    }
    *token = world_new(c->sim, K_TOKEN, STR(""), STR(""), text);
    (*token)->digest = arena_str(c->sim->arena, digest);
    return true;
}

static const struct json *merged_data(struct ctx *c, const struct template *t)
{
    struct str source = in_str(c, "SourceVersion");
    const struct json *data = in_get(c, "LaunchTemplateData");
    const struct template_version *from;

    if (!str_present(source))
        return tree_copy(c->sim->arena, data);
    from = template_find(t, source);
    if (!from) {
        refuse_version(c, t, source);
        return NULL;
    }
    return tree_merge(c->sim->arena, from->data, data);
}

void sim_ec2_create_launch_template_version(struct ctx *c)
{
    struct template *t = template_asked(c);
    const struct json *data = t ? merged_data(c, t) : NULL;
    struct token *token;
    struct template_version *v;
    int64_t number;

    if (!data || ec2_dry_run(c) || !token_number(c, &token, &number))
        return;
    if (t->versions.len >= 10000) {
        refuse(c, 400, "VersionLimitExceeded", "A launch template has at most 10,000 versions");
        return;
    }
    if (number)
        v = template_find(t, arena_strf(c->a, "%lld", (long long)number));
    else
        v = template_add_version(c->sim, t, data, in_str(c, "VersionDescription"),
                                 c->key->principal);
    if (number)
        c->call->effect = false;
    if (token)
        token->number = v->number;
    write_version(c, "launchTemplateVersion", t, v);
}

void sim_ec2_modify_launch_template(struct ctx *c)
{
    struct template *t = template_asked(c);
    struct str wanted = in_str(c, "SetDefaultVersion");
    const struct template_version *v = NULL;

    if (!t)
        return;
    if (str_present(wanted)) {
        v = template_find(t, wanted);
        if (!v || str_starts(wanted, STR("$"))) {
            refuse_version(c, t, wanted);
            return;
        }
    }
    if (ec2_dry_run(c))
        return;
    if (v) {
        t->default_version = v->number;
        c->sim->version++;
    }
    write_template(c, "launchTemplate", t);
}

void sim_ec2_delete_launch_template(struct ctx *c)
{
    struct template *t = template_asked(c);

    if (!t || ec2_dry_run(c))
        return;
    write_template(c, "launchTemplate", t);
    world_remove(c->sim, K_TEMPLATE, t);
}
