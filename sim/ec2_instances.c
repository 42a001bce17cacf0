#include "sim/ec2.h"
#include "sim/ec2_calls.h"

static int state_code(struct str state)
{
    static const struct {
        const char *name;
        int code;
    } codes[] = {{"pending", 0},     {"running", 16},  {"shutting-down", 32},
                 {"terminated", 48}, {"stopping", 64}, {"stopped", 80}};

    for (size_t i = 0; i < ARRAY_LEN(codes); i++)
        if (str_eq_z(state, codes[i].name))
            return codes[i].code;
    return 0;
}

static void write_state(struct ctx *c, const char *element, struct str state)
{
    xml_open(&c->x, element);
    xml_int(&c->x, "code", state_code(state));
    sim_xml_text(&c->x, "name", state);
    xml_close(&c->x, element);
}

static struct str vpc_of(struct ctx *c, const struct instance *i)
{
    const struct subnet *n = here(c, K_SUBNET, i->subnet);

    return n ? n->vpc : (struct str){0};
}

static void write_groups(struct ctx *c, struct strs groups)
{
    xml_open(&c->x, "groupSet");
    for (size_t i = 0; i < groups.len; i++) {
        const struct group *g = here(c, K_GROUP, groups.items[i]);

        xml_open(&c->x, "item");
        sim_xml_text(&c->x, "groupId", groups.items[i]);
        if (g)
            sim_xml_text(&c->x, "groupName", g->name);
        xml_close(&c->x, "item");
    }
    xml_close(&c->x, "groupSet");
}

static void write_interfaces(struct ctx *c, const struct instance *i)
{
    struct xml *x = &c->x;

    xml_open(x, "networkInterfaceSet");
    if (str_present(i->eni)) {
        xml_open(x, "item");
        sim_xml_text(x, "networkInterfaceId", i->eni);
        sim_xml_text(x, "subnetId", i->subnet);
        sim_xml_text(x, "vpcId", vpc_of(c, i));
        xml_z(x, "status", "in-use");
        sim_xml_text(x, "privateIpAddress", i->ip);
        xml_bool(x, "sourceDestCheck", true);
        write_groups(c, i->groups);
        xml_open(x, "attachment");
        sim_xml_text(x, "attachmentId",
                     arena_strf(c->a, "eni-attach-" STR_FMT, STR_ARG(str_slice(i->eni, 4, 21))));
        xml_int(x, "deviceIndex", 0);
        xml_z(x, "status", "attached");
        sim_xml_text(x, "attachTime", told_time_z(c, i->launched_ms, true));
        xml_bool(x, "deleteOnTermination", true);
        xml_close(x, "attachment");
        xml_open(x, "privateIpAddressesSet");
        xml_open(x, "item");
        sim_xml_text(x, "privateIpAddress", i->ip);
        xml_bool(x, "primary", true);
        xml_close(x, "item");
        xml_close(x, "privateIpAddressesSet");
        xml_close(x, "item");
    }
    xml_close(x, "networkInterfaceSet");
}

static void write_placement(struct ctx *c, const struct instance *i)
{
    struct xml *x = &c->x;

    sim_xml_text(x, "launchTime", told_time_z(c, i->launched_ms, true));
    xml_open(x, "placement");
    sim_xml_text(x, "availabilityZone", i->zone);
    xml_z(x, "groupName", "");
    xml_z(x, "tenancy", "default");
    xml_close(x, "placement");
    if (i->windows)
        xml_z(x, "platform", "windows");
    xml_z(x, "platformDetails", i->windows ? "Windows" : "Linux/UNIX");
    xml_open(x, "monitoring");
    xml_z(x, "state", "disabled");
    xml_close(x, "monitoring");
    if (str_present(i->eni)) {
        sim_xml_text(x, "subnetId", i->subnet);
        sim_xml_text(x, "vpcId", vpc_of(c, i));
        sim_xml_text(x, "privateIpAddress", i->ip);
        sim_xml_text(x, "ipAddress", i->public_ip);
    }
    xml_bool(x, "sourceDestCheck", true);
}

static void write_instance(struct ctx *c, const struct instance *i)
{
    struct xml *x = &c->x;

    xml_open(x, "item");
    sim_xml_text(x, "instanceId", i->at.id);
    sim_xml_text(x, "imageId", i->image);
    write_state(c, "instanceState", i->state);
    sim_xml_text(x, "privateDnsName",
                 str_present(i->ip)
                     ? arena_strf(c->a, "ip-" STR_FMT ".ec2.internal", STR_ARG(i->ip))
                     : STR(""));
    xml_z(x, "dnsName", "");
    sim_xml_text(x, "reason", str_present(i->reason) ? i->reason : STR(""));
    xml_int(x, "amiLaunchIndex", 0);
    xml_z(x, "productCodes", "");
    sim_xml_text(x, "instanceType", i->type);
    write_placement(c, i);
    write_groups(c, i->groups);
    if (str_present(i->reason_code)) {
        xml_open(x, "stateReason");
        sim_xml_text(x, "code", i->reason_code);
        sim_xml_text(x, "message", i->reason);
        xml_close(x, "stateReason");
    }
    xml_z(x, "architecture", "x86_64");
    xml_z(x, "rootDeviceType", "ebs");
    xml_z(x, "rootDeviceName", "/dev/sda1");
    xml_z(x, "virtualizationType", "hvm");
    xml_z(x, "hypervisor", "xen");
    xml_tag_set(x, &i->tags);
    write_interfaces(c, i);
    if (!str_empty(i->profile)) {
        xml_open(x, "iamInstanceProfile");
        sim_xml_text(x, "arn", i->profile);
        xml_close(x, "iamInstanceProfile");
    }
    xml_bool(x, "ebsOptimized", false);
    xml_bool(x, "enaSupport", true);
    xml_close(x, "item");
}

static bool instance_values(struct ctx *c, const void *thing, struct str name, struct strs *out)
{
    static const struct filter_row rows[] = {
        {"instance-id", offsetof(struct instance, at.id)},
        {"instance-state-name", offsetof(struct instance, state)},
        {"instance-type", offsetof(struct instance, type)},
        {"image-id", offsetof(struct instance, image)},
        {"subnet-id", offsetof(struct instance, subnet)},
        {"availability-zone", offsetof(struct instance, zone)},
        {"private-ip-address", offsetof(struct instance, ip)},
        {"network-interface.addresses.private-ip-address", offsetof(struct instance, ip)},
        {"ip-address", offsetof(struct instance, public_ip)},
        {"iam-instance-profile.arn", offsetof(struct instance, profile)},
        {NULL, 0},
    };
    const struct instance *i = thing;

    if (str_eq_z(name, "vpc-id"))
        *out = one_value(c, vpc_of(c, i));
    else if (str_eq_z(name, "instance.group-id"))
        *out = i->groups;
    else if (str_eq_z(name, "instance-state-code"))
        *out = one_value(c, arena_strf(c->a, "%d", state_code(i->state)));
    else if (str_eq_z(name, "platform"))
        *out = one_value(c, i->windows ? STR("windows") : (struct str){0});
    else
        return filter_by_rows(c, rows, thing, name, out) || filter_by_tags(c, &i->tags, name, out);
    return true;
}

static bool listed(const struct sim *s, const void *thing)
{
    return instance_listed(s, thing);
}

static const struct ec2_query instances = {
    .kind = K_INSTANCE,
    .id_member = "InstanceId",
    .not_found = "InvalidInstanceID.NotFound",
    .values = instance_values,
    .listed = listed,
};

/* A reservation of one: DRS launches servers one by one. */
static void write_reservation(struct ctx *c, const void *thing)
{
    const struct instance *v = thing;

    xml_open(&c->x, "item");
    sim_xml_text(&c->x, "reservationId",
                 arena_strf(c->a, "r-" STR_FMT, STR_ARG(str_slice(v->at.id, 2, 19))));
    sim_xml_text(&c->x, "ownerId", c->account);
    xml_z(&c->x, "groupSet", "");
    xml_open(&c->x, "instancesSet");
    write_instance(c, v);
    xml_close(&c->x, "instancesSet");
    xml_close(&c->x, "item");
}

void sim_ec2_describe_instances(struct ctx *c)
{
    struct vec list = {0};

    if (in_get(c, "InstanceId") && in_get(c, "MaxResults")) {
        refuse(c, 400, "InvalidParameterCombination",
               "The parameter instancesSet cannot be used with the parameter maxResults");
        return;
    }
    if (ec2_select(c, &instances, &list))
        page_set(c, &list, "reservationSet", write_reservation);
}

void sim_ec2_terminate_instances(struct ctx *c)
{
    struct vec list = {0};

    if (!ec2_select(c, &instances, &list))
        return;
    for (size_t i = 0; i < list.len; i++) {
        const struct instance *v = list.items[i];

        if (!v->is_protected)
            continue;
        refuse(c, 400, "OperationNotPermitted",
               "The instance '" STR_FMT "' may not be terminated. Modify its "
               "'disableApiTermination' instance attribute and try again.",
               STR_ARG(v->at.id));
        return;
    }
    if (ec2_dry_run(c))
        return;
    xml_open(&c->x, "instancesSet");
    for (size_t i = 0; i < list.len; i++) {
        struct instance *v = list.items[i];
        struct str before = v->state;

        instance_terminate(c->sim, v);
        xml_open(&c->x, "item");
        sim_xml_text(&c->x, "instanceId", v->at.id);
        write_state(c, "currentState", v->state);
        write_state(c, "previousState", before);
        xml_close(&c->x, "item");
    }
    xml_close(&c->x, "instancesSet");
}

void sim_ec2_modify_instance_attribute(struct ctx *c)
{
    const struct json *protect = in_get(c, "DisableApiTermination");
    struct instance *v = here(c, K_INSTANCE, in_str(c, "InstanceId"));
    struct strs groups = in_strs(c, "GroupId");
    bool on = false;

    if (!v || !instance_listed(c->sim, v)) {
        refuse(c, 400, "InvalidInstanceID.NotFound", "The instance ID '" STR_FMT "' does not exist",
               STR_ARG(in_str(c, "InstanceId")));
        return;
    }
    for (size_t i = 0; i < groups.len; i++) {
        if (here(c, K_GROUP, groups.items[i]))
            continue;
        refuse(c, 400, "InvalidGroup.NotFound", "The security group '" STR_FMT "' does not exist",
               STR_ARG(groups.items[i]));
        return;
    }
    if (!protect == !groups.len) {
        refuse(c, 400, "InvalidParameterCombination", "Exactly one attribute must be specified");
        return;
    }
    if (ec2_dry_run(c))
        return;
    if (protect && str_to_bool(text_of(protect, "Value"), &on))
        v->is_protected = on;
    if (groups.len)
        v->groups = strs_of(c->sim->arena, in_get(c, "GroupId"));
    c->sim->version++;
    xml_bool(&c->x, "return", true);
}
