#include "sim/drs.h"
#include "sim/ec2.h"
#include "sim/tree.h"

/*
 * From a launch template to an instance, as it is at that moment (aws-facts 2.11): the default
 * version counts, and whatever it names may have gone since.
 */
struct plan {
    struct sim *s;
    struct server *v;
    const struct json *data;
    const struct json *nic; /* interface 0, or NULL */
    struct instance_wish wish;
    struct launch_result *out;
};

static bool fail(struct plan *p, const char *code, struct str message)
{
    p->out->code = code;
    p->out->message = message;
    return false;
}

/* As DRS passes on an SDK's error: the code of the inner call in parentheses. */
struct str raw_error_text(struct arena *a, const char *code, struct str message)
{
    return arena_strf(a, "An error occurred (%s) when calling the RunInstances operation: " STR_FMT,
                      code, STR_ARG(str_empty(message) ? str_from_z(code) : message));
}

static void add_tag(struct arena *a, struct json *list, struct str key, struct str value)
{
    struct json *tag = tree_object(a);

    tree_put_str(a, tag, "Key", key);
    tree_put_str(a, tag, "Value", value);
    tree_push(a, list, tag);
}

static const struct json *default_data(struct sim *s, const struct server *v)
{
    struct arena *a = s->arena;
    struct json *data = tree_object(a), *disks = tree_array(a), *nics = tree_array(a);
    struct json *nic = tree_object(a), *specs = tree_array(a), *spec = tree_object(a);
    struct json *tags = tree_array(a);

    tree_put_str(a, data, "InstanceType", v->recommended_type);
    for (size_t i = 0; i < v->disks.len; i++) {
        struct json *disk = tree_object(a), *ebs = tree_object(a);

        tree_put_str(a, disk, "DeviceName",
                     i ? arena_strf(a, "/dev/sd%c", (char)('a' + (int)(i % 24) + 1))
                       : STR("/dev/sda1"));
        tree_put_str(a, ebs, "VolumeType", STR("gp3"));
        tree_put_str(a, ebs, "Iops", STR("3000"));
        tree_put(a, disk, STR("Ebs"), ebs);
        tree_push(a, disks, disk);
    }
    tree_put(a, data, STR("BlockDeviceMapping"), disks);
    tree_put_str(a, nic, "DeviceIndex", STR("0"));
    tree_put_str(a, nic, "DeleteOnTermination", STR("true"));
    tree_push(a, nics, nic);
    tree_put(a, data, STR("NetworkInterface"), nics);
    tree_put_str(a, spec, "ResourceType", STR("instance"));
    add_tag(a, tags, STR("AWSElasticDisasterRecoveryManaged"), STR("drs.amazonaws.com"));
    add_tag(a, tags, STR("AWSElasticDisasterRecoverySourceServerID"), v->at.id);
    add_tag(a, tags, STR("Name"), v->hostname);
    tree_put(a, spec, STR("Tag"), tags);
    tree_push(a, specs, spec);
    tree_put(a, data, STR("TagSpecification"), specs);
    return data;
}

struct template *launch_template(struct sim *s, struct server *v)
{
    struct template *t =
        world_get(s, K_TEMPLATE, v->at.account, v->at.region, v->launch->template_id);

    if (t)
        return t;
    t = template_new(s, v->at.account, v->at.region,
                     arena_strf(s->arena, "created-and-used-by-drs-" STR_FMT "-%d",
                                STR_ARG(v->at.id), (int)(world_random(s) % 1000)));
    t->server = v->at.id;
    tags_put(s->arena, &t->tags, STR("AWSElasticDisasterRecoveryManaged"),
             STR("drs.amazonaws.com"));
    tags_put(s->arena, &t->tags, STR("AWSElasticDisasterRecoverySourceServerID"), v->at.id);
    template_add_version(s, t, default_data(s, v), STR("Created by DRS"), STR("drs.amazonaws.com"));
    v->launch->template_id = t->at.id;
    return t;
}

static const struct json *interface_zero(const struct json *data)
{
    const struct json *list = json_get_z(data, "NetworkInterface");

    for (size_t i = 0; json_is(list, JS_ARRAY) && i < list->len; i++)
        if (str_eq_z(text_of(&list->items[i], "DeviceIndex"), "0"))
            return &list->items[i];
    return json_is(list, JS_ARRAY) && list->len ? &list->items[0] : NULL;
}

static struct subnet *default_subnet(struct plan *p)
{
    const struct vec *subnets = world_list(p->s, K_SUBNET, p->v->at.account, p->v->at.region);

    for (size_t i = 0; subnets && i < subnets->len; i++) {
        struct subnet *n = subnets->items[i];
        const struct vpc *vpc = world_get(p->s, K_VPC, n->at.account, n->at.region, n->vpc);

        if (vpc && vpc->is_default)
            return n;
    }
    return NULL;
}

static bool plan_subnet(struct plan *p)
{
    struct str id = text_of(p->nic, "SubnetId");

    if (str_empty(id)) {
        p->wish.subnet = default_subnet(p);
        return p->wish.subnet || fail(p, "VPCIdNotSpecified", STR("No default VPC for this user"));
    }
    p->wish.subnet = world_get(p->s, K_SUBNET, p->v->at.account, p->v->at.region, id);
    return p->wish.subnet ||
           fail(p, "InvalidSubnetID.NotFound",
                arena_strf(p->s->arena, "The subnet ID '" STR_FMT "' does not exist", STR_ARG(id)));
}

static bool plan_groups(struct plan *p)
{
    const struct json *outer = json_get_z(p->data, "SecurityGroupId");

    if (p->nic && json_is(outer, JS_ARRAY) && outer->len)
        return fail(p, "InvalidParameterCombination",
                    STR("Network interfaces and an instance-level security groups may not be "
                        "specified on the same request"));
    p->wish.groups = strs_of(p->s->arena, p->nic ? json_get_z(p->nic, "SecurityGroupId") : outer);
    for (size_t i = 0; i < p->wish.groups.len; i++) {
        struct str id = p->wish.groups.items[i];
        const struct group *g = world_get(p->s, K_GROUP, p->v->at.account, p->v->at.region, id);

        if (!g)
            return fail(p, "InvalidGroup.NotFound",
                        arena_strf(p->s->arena, "The security group '" STR_FMT "' does not exist",
                                   STR_ARG(id)));
        if (!str_eq(g->vpc, p->wish.subnet->vpc))
            return fail(p, "InvalidParameter",
                        arena_strf(p->s->arena,
                                   "Security group " STR_FMT " and subnet " STR_FMT
                                   " belong to different networks.",
                                   STR_ARG(id), STR_ARG(p->wish.subnet->at.id)));
    }
    return true;
}

/* The primary address that the template asks for; false when it asks twice. */
static bool static_ip(struct plan *p, struct str *ip)
{
    const struct json *list = json_get_z(p->nic, "PrivateIpAddresses");

    *ip = text_of(p->nic, "PrivateIpAddress");
    for (size_t i = 0; json_is(list, JS_ARRAY) && i < list->len; i++) {
        if (!str_eq_z(text_of(&list->items[i], "Primary"), "true"))
            continue;
        if (str_present(*ip))
            return fail(p, "InvalidParameterCombination",
                        STR("Only one primary private IP address can be specified."));
        *ip = text_of(&list->items[i], "PrivateIpAddress");
    }
    if (str_present(*ip) && p->v->launch->copy_private_ip)
        return fail(p, "InvalidParameterCombination",
                    STR("Only one primary private IP address can be specified."));
    if (p->v->launch->copy_private_ip)
        *ip = p->v->ip;
    return true;
}

static bool plan_address(struct plan *p)
{
    struct str ip;

    if (!static_ip(p, &ip))
        return false;
    if (str_empty(ip))
        ip = subnet_next_free(p->s, p->wish.subnet);
    if (str_empty(ip))
        return fail(p, "InsufficientFreeAddressesInSubnet",
                    arena_strf(p->s->arena,
                               "There are not enough free addresses in subnet '" STR_FMT
                               "' to satisfy the requested number of instances.",
                               STR_ARG(p->wish.subnet->at.id)));
    if (!subnet_usable(p->wish.subnet, ip))
        return fail(p, "InvalidParameterValue",
                    arena_strf(p->s->arena,
                               "Address " STR_FMT
                               " does not fall within the subnet's address range",
                               STR_ARG(ip)));
    if (subnet_holder(p->s, p->wish.subnet, ip))
        return fail(p, "InvalidIPAddress.InUse",
                    arena_strf(p->s->arena, "Address " STR_FMT " is in use.", STR_ARG(ip)));
    p->wish.ip = ip;
    return true;
}

static bool plan_machine(struct plan *p)
{
    const struct json *profile = json_get_z(p->data, "IamInstanceProfile");
    struct str name = text_of(profile, "Name");
    const struct profile *known;

    p->wish.type = text_of(p->data, "InstanceType");
    if (!str_eq_z(p->v->launch->right_sizing, "NONE") || str_empty(p->wish.type))
        p->wish.type = p->v->recommended_type;
    if (!instance_type_known(p->wish.type))
        return fail(p, "Unsupported",
                    arena_strf(p->s->arena,
                               "The requested configuration is currently not supported: " STR_FMT,
                               STR_ARG(p->wish.type)));
    p->wish.profile = text_of(profile, "Arn");
    if (str_empty(name))
        return true;
    known = world_get(p->s, K_PROFILE, p->v->at.account, STR(""), name);
    if (!known)
        return fail(p, "InvalidParameterValue",
                    arena_strf(p->s->arena,
                               "Value (" STR_FMT ") for parameter iamInstanceProfile.name is "
                               "invalid. Invalid IAM Instance Profile name",
                               STR_ARG(name)));
    p->wish.profile = world_arn_global(
        p->s->arena, "iam", p->v->at.region, known->at.account,
        arena_strf(p->s->arena, "instance-profile" STR_FMT STR_FMT,
                   STR_ARG(str_empty(known->path) ? STR("/") : known->path), STR_ARG(name)));
    return true;
}

/* Source tags first, where they are copied; the template's win; then DRS's own. */
static void plan_tags(struct plan *p, const struct job *job)
{
    const struct json *specs = json_get_z(p->data, "TagSpecification");
    struct arena *a = p->s->arena;
    struct tags *t = &p->wish.tags;

    if (p->v->launch->copy_tags)
        *t = tags_copy(a, &p->v->tags);
    for (size_t i = 0; json_is(specs, JS_ARRAY) && i < specs->len; i++) {
        const struct json *list = json_get_z(&specs->items[i], "Tag");

        if (!str_eq_z(text_of(&specs->items[i], "ResourceType"), "instance"))
            continue;
        for (size_t k = 0; json_is(list, JS_ARRAY) && k < list->len; k++)
            tags_put(a, t, text_of(&list->items[k], "Key"), text_of(&list->items[k], "Value"));
    }
    tags_put(a, t, STR("AWSElasticDisasterRecoveryManaged"), STR("drs.amazonaws.com"));
    tags_put(a, t, STR("AWSElasticDisasterRecoverySourceServerID"), p->v->at.id);
    tags_put(a, t, STR("drs.amazonaws.com-job"), job->at.id);
    tags_put(a, t, STR("drs.amazonaws.com-source-server"), p->v->at.id);
}

void launch_server(struct sim *s, struct job *job, struct server *v, int64_t point_ms,
                   struct launch_result *out)
{
    const struct template *t = launch_template(s, v);
    struct plan p = {.s = s, .v = v, .out = out};
    struct recovery *r;
    struct instance *i;

    p.data = template_find(t, STR("$Default"))->data;
    p.nic = interface_zero(p.data);
    if (!str_empty(v->launch->into_instance)) {
        fail(&p, "UnsupportedOperation", STR("drwave-sim does not launch into an instance"));
        return;
    }
    if (!plan_subnet(&p) || !plan_groups(&p) || !plan_address(&p) || !plan_machine(&p))
        return;
    plan_tags(&p, job);
    p.wish.image = STR("ami-0drs0000000000000");
    p.wish.windows = server_windows(v);
    p.wish.stopped = str_eq_z(v->launch->disposition, "STOPPED");
    i = instance_run(s, v->at.account, v->at.region, &p.wish);
    r = world_new(s, K_RECOVERY, v->at.account, v->at.region, i->at.id);
    i->server = v->at.id;
    i->drill = job->drill;
    r->server = v->at.id;
    r->job = job->at.id;
    r->drill = job->drill;
    r->failback = STR("FAILBACK_NOT_STARTED");
    r->point_ms = point_ms;
    r->visible_ms = INT64_MAX;
    r->tags = tags_copy(s->arena, &p.wish.tags);
    tags_change(s, &(struct tags){0}, &r->past);
    out->instance = i->at.id;
}
