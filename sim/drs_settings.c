#include "sim/drs.h"
#include "sim/drs_calls.h"
#include "sim/ec2.h"
#include "sim/tree.h"

/* Launch and replication settings of one server, and tags. */

static void write_launch(struct ctx *c, struct server *v)
{
    const struct launch_settings *l = v->launch;
    struct json_writer *w = &c->w;

    json_member_str(w, "sourceServerID", v->at.id);
    json_member_str(w, "name", l->name);
    json_member_str(w, "ec2LaunchTemplateID", launch_template(c->sim, v)->at.id);
    json_member_str(w, "launchDisposition", l->disposition);
    json_member_str(w, "targetInstanceTypeRightSizingMethod", l->right_sizing);
    json_member_bool(w, "copyPrivateIp", l->copy_private_ip);
    json_member_bool(w, "copyTags", l->copy_tags);
    json_name(w, STR("licensing"));
    json_begin_object(w);
    json_member_bool(w, "osByol", l->os_byol);
    json_end_object(w);
    json_member_bool(w, "postLaunchEnabled", l->post_launch);
    json_name(w, STR("launchIntoInstanceProperties"));
    json_begin_object(w);
    if (!str_empty(l->into_instance))
        json_member_str(w, "launchIntoEC2InstanceID", l->into_instance);
    json_end_object(w);
    if (str_present(l->recovery_mode))
        json_member_str(w, "recoveryMode", l->recovery_mode);
}

void sim_drs_get_launch_configuration(struct ctx *c)
{
    struct server *v = server_asked(c, "sourceServerID");

    if (v)
        write_launch(c, v);
}

static void take_text(struct ctx *c, const char *name, struct str *at)
{
    if (str_present(in_str(c, name)))
        *at = arena_str(c->sim->arena, in_str(c, name));
}

/* DRS writes its settings into the template: a new version each time, and the default one. */
void sim_drs_update_launch_configuration(struct ctx *c)
{
    struct server *v = server_asked(c, "sourceServerID");
    const struct json *into = in_get(c, "launchIntoInstanceProperties");
    struct launch_settings *l;
    struct template *t;

    if (!v)
        return;
    l = v->launch;
    take_text(c, "name", &l->name);
    take_text(c, "launchDisposition", &l->disposition);
    take_text(c, "targetInstanceTypeRightSizingMethod", &l->right_sizing);
    take_text(c, "recoveryMode", &l->recovery_mode);
    l->copy_private_ip = in_bool(c, "copyPrivateIp", l->copy_private_ip);
    l->copy_tags = in_bool(c, "copyTags", l->copy_tags);
    l->post_launch = in_bool(c, "postLaunchEnabled", l->post_launch);
    l->os_byol = json_bool(json_get_z(in_get(c, "licensing"), "osByol"), l->os_byol);
    if (json_is(into, JS_OBJECT))
        l->into_instance = arena_str(c->sim->arena, text_of(into, "launchIntoEC2InstanceID"));
    t = launch_template(c->sim, v);
    t->default_version = template_add_version(c->sim, t, template_find(t, STR("$Default"))->data,
                                              STR("Updated by DRS"), STR("drs.amazonaws.com"))
                             ->number;
    c->sim->version++;
    write_launch(c, v);
}

/* ---- replication settings: carried as they are given, over the service's defaults ---- */

static const char replication_defaults[] =
    "{\"associateDefaultSecurityGroup\":true,\"replicationServersSecurityGroupsIDs\":[],"
    "\"replicationServerInstanceType\":\"t3.small\",\"useDedicatedReplicationServer\":false,"
    "\"defaultLargeStagingDiskType\":\"GP3\",\"ebsEncryption\":\"DEFAULT\","
    "\"bandwidthThrottling\":0,\"dataPlaneRouting\":\"PRIVATE_IP\",\"createPublicIP\":false,"
    "\"stagingAreaTags\":{},\"autoReplicateNewDisks\":true,\"internetProtocol\":\"IPV4\","
    "\"pitPolicy\":["
    "{\"ruleID\":1,\"units\":\"MINUTE\",\"interval\":10,\"retentionDuration\":60,"
    "\"enabled\":true},"
    "{\"ruleID\":2,\"units\":\"HOUR\",\"interval\":1,\"retentionDuration\":24,\"enabled\":true},"
    "{\"ruleID\":3,\"units\":\"DAY\",\"interval\":1,\"retentionDuration\":7,\"enabled\":true}]}";

static const struct json *replication_of(struct ctx *c, struct server *v)
{
    struct arena *keep = c->sim->arena;
    const struct json *parsed = NULL;
    struct json *config, *disks;
    struct str why;

    if (v->replication_config)
        return v->replication_config;
    if (json_parse(keep, str_from_z(replication_defaults), &parsed, &why))
        return NULL;
    config = tree_copy(keep, parsed);
    disks = tree_array(keep);
    tree_put_str(keep, config, "name", v->hostname);
    for (size_t i = 0; i < v->disks.len; i++) {
        struct json *disk = tree_object(keep);
        const struct json boot = {.kind = JS_BOOL, .boolean = i == 0};

        tree_put_str(keep, disk, "deviceName", v->disks.items[i].device);
        tree_put(keep, disk, STR("isBootDisk"), &boot);
        tree_put_str(keep, disk, "stagingDiskType", STR("AUTO"));
        tree_push(keep, disks, disk);
    }
    tree_put(keep, config, STR("replicatedDisks"), disks);
    v->replication_config = config;
    return config;
}

static void write_replication(struct ctx *c, struct server *v)
{
    const struct json *config = replication_of(c, v);

    json_member_str(&c->w, "sourceServerID", v->at.id);
    for (size_t i = 0; config && i < config->len; i++) {
        if (str_eq_z(config->members[i].name, "sourceServerID"))
            continue;
        json_name(&c->w, config->members[i].name);
        json_put(&c->w, &config->members[i].value);
    }
}

void sim_drs_get_replication_configuration(struct ctx *c)
{
    struct server *v = server_asked(c, "sourceServerID");

    if (v)
        write_replication(c, v);
}

void sim_drs_update_replication_configuration(struct ctx *c)
{
    struct server *v = server_asked(c, "sourceServerID");

    if (!v)
        return;
    if (str_eq_z(v->staging->status, "EXTENDED")) {
        refuse_field(c, STR("sourceServerID"),
                     "Replication settings of an extended source server are those of its staging "
                     "account");
        return;
    }
    v->replication_config = tree_merge(c->sim->arena, replication_of(c, v), c->in);
    write_replication(c, v);
}

/* ---- tags, of anything of DRS that has an ARN ---- */

/* A thing's tags, and what is still seen of them. */
struct tagged {
    struct tags *now;
    struct tags_past *past;
};

static bool tagged_found(struct ctx *c, struct str type, struct str id, struct tagged *out)
{
    struct server *v;
    struct job *job;
    struct recovery *r;
    struct defaults *d;

    if (str_eq_z(type, "source-server") && (v = here(c, K_SERVER, id)))
        *out = (struct tagged){&v->tags, &v->past};
    else if (str_eq_z(type, "job") && (job = here(c, K_JOB, id)))
        *out = (struct tagged){&job->tags, &job->past};
    else if (str_eq_z(type, "recovery-instance") && (r = here(c, K_RECOVERY, id)))
        *out = (struct tagged){&r->tags, &r->past};
    else if ((d = here(c, K_DEFAULTS, id)))
        *out = (struct tagged){&d->tags, &d->past};
    else
        return false;
    return true;
}

/* arn:aws:drs:REGION:ACCOUNT:TYPE/ID, in the caller's own account and region. */
static bool tags_by_arn(struct ctx *c, struct tagged *out)
{
    struct str rest = c->path_tail, parts[6], type;

    for (size_t i = 0; i < 5; i++)
        parts[i] = str_cut(&rest, ':');
    if (!str_eq_z(parts[0], "arn") || !str_eq_z(parts[2], "drs") || str_empty(rest)) {
        refuse_field(c, STR("resourceArn"), "Invalid ARN");
        return false;
    }
    type = str_cut(&rest, '/');
    if (str_eq(parts[4], c->account) && str_eq(parts[3], c->region) &&
        tagged_found(c, type, rest, out))
        return true;
    refuse(c, 404, "ResourceNotFoundException", "Resource " STR_FMT " does not exist",
           STR_ARG(c->path_tail));
    c->refusal.resource_id = c->path_tail;
    return false;
}

void sim_drs_list_tags(struct ctx *c)
{
    struct tagged t;

    if (tags_by_arn(c, &t))
        json_tags(&c->w, "tags", tags_seen(c->sim, t.now, t.past));
}

void sim_drs_tag(struct ctx *c)
{
    const struct json *given = in_get(c, "tags");
    struct tagged t;
    struct tags after;

    if (!tags_by_arn(c, &t))
        return;
    after = tags_copy(c->sim->arena, t.now);
    for (size_t i = 0; i < given->len; i++)
        tags_put(c->sim->arena, &after, given->members[i].name, json_str(&given->members[i].value));
    if (after.len > 50) {
        refuse_field(c, STR("tags"), "A resource has at most 50 tags");
        return;
    }
    tags_change(c->sim, t.now, t.past);
    *t.now = after;
}

void sim_drs_untag(struct ctx *c)
{
    struct strs keys = in_strs(c, "tagKeys");
    struct tagged t;

    if (!tags_by_arn(c, &t))
        return;
    tags_change(c->sim, t.now, t.past);
    for (size_t i = 0; i < keys.len; i++)
        tags_drop(t.now, keys.items[i]);
}
