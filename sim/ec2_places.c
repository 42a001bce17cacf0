#include "sim/ec2.h"
#include "sim/ec2_calls.h"

/* Networks: VPCs, subnets, security groups, interfaces, public addresses. */

static bool subnet_values(struct ctx *c, const void *thing, struct str name, struct strs *out)
{
    static const struct filter_row rows[] = {
        {"subnet-id", offsetof(struct subnet, at.id)},
        {"vpc-id", offsetof(struct subnet, vpc)},
        {"availability-zone", offsetof(struct subnet, zone)},
        {"availabilityZone", offsetof(struct subnet, zone)},
        {"cidr-block", offsetof(struct subnet, cidr)},
        {"cidr", offsetof(struct subnet, cidr)},
        {"owner-id", offsetof(struct subnet, at.account)},
        {NULL, 0},
    };
    const struct subnet *n = thing;

    if (str_eq_z(name, "state"))
        *out = one_value(c, STR("available"));
    else if (str_eq_z(name, "default-for-az"))
        *out = one_value(c, n->default_for_az ? STR("true") : STR("false"));
    else
        return filter_by_rows(c, rows, thing, name, out) || filter_by_tags(c, &n->tags, name, out);
    return true;
}

static void write_subnet(struct ctx *c, const struct subnet *n)
{
    struct xml *x = &c->x;

    xml_open(x, "item");
    sim_xml_text(x, "subnetId", n->at.id);
    sim_xml_text(x, "subnetArn",
                 world_arn(c->a, "ec2", c->region, c->account,
                           arena_strf(c->a, "subnet/" STR_FMT, STR_ARG(n->at.id))));
    xml_z(x, "state", "available");
    sim_xml_text(x, "ownerId", c->account);
    sim_xml_text(x, "vpcId", n->vpc);
    sim_xml_text(x, "cidrBlock", n->cidr);
    xml_int(x, "availableIpAddressCount", subnet_free(c->sim, n));
    sim_xml_text(x, "availabilityZone", n->zone);
    xml_bool(x, "defaultForAz", n->default_for_az);
    xml_bool(x, "mapPublicIpOnLaunch", false);
    xml_bool(x, "assignIpv6AddressOnCreation", false);
    xml_tag_set(x, &n->tags);
    xml_close(x, "item");
}

/* Every describe has this shape: select, page, write. */
struct listing {
    struct ec2_query query;
    const char *element;
    void (*write)(struct ctx *c, const void *thing);
};

static void describe(struct ctx *c, const struct listing *l)
{
    struct vec list = {0};

    if (ec2_select(c, &l->query, &list))
        page_set(c, &list, l->element, l->write);
}

static void subnet_item(struct ctx *c, const void *thing)
{
    write_subnet(c, thing);
}

void sim_ec2_describe_subnets(struct ctx *c)
{
    static const struct listing l = {
        {K_SUBNET, "SubnetId", "InvalidSubnetID.NotFound", subnet_values, NULL},
        "subnetSet",
        subnet_item};

    describe(c, &l);
}

static bool group_values(struct ctx *c, const void *thing, struct str name, struct strs *out)
{
    static const struct filter_row rows[] = {
        {"group-id", offsetof(struct group, at.id)},
        {"group-name", offsetof(struct group, name)},
        {"description", offsetof(struct group, description)},
        {"vpc-id", offsetof(struct group, vpc)},
        {"owner-id", offsetof(struct group, at.account)},
        {NULL, 0},
    };

    return filter_by_rows(c, rows, thing, name, out) ||
           filter_by_tags(c, &((const struct group *)thing)->tags, name, out);
}

static void group_item(struct ctx *c, const void *thing)
{
    const struct group *g = thing;
    struct xml *x = &c->x;

    xml_open(x, "item");
    sim_xml_text(x, "ownerId", c->account);
    sim_xml_text(x, "groupId", g->at.id);
    sim_xml_text(x, "groupName", g->name);
    sim_xml_text(x, "groupDescription", g->description);
    sim_xml_text(x, "vpcId", g->vpc);
    xml_z(x, "ipPermissions", "");
    xml_open(x, "ipPermissionsEgress");
    xml_open(x, "item");
    xml_z(x, "ipProtocol", "-1");
    xml_z(x, "groups", "");
    xml_open(x, "ipRanges");
    xml_open(x, "item");
    xml_z(x, "cidrIp", "0.0.0.0/0");
    xml_close(x, "item");
    xml_close(x, "ipRanges");
    xml_close(x, "item");
    xml_close(x, "ipPermissionsEgress");
    xml_tag_set(x, &g->tags);
    xml_close(x, "item");
}

/* Names are asked for beside ids; an unknown one fails the call like an unknown id. */
static bool group_names_known(struct ctx *c)
{
    struct strs names = in_strs(c, "GroupName");
    const struct vec *all = all_here(c, K_GROUP);

    for (size_t i = 0; i < names.len; i++) {
        bool known = false;

        for (size_t k = 0; k < all->len; k++)
            known = known || str_eq(((const struct group *)all->items[k])->name, names.items[i]);
        if (known)
            continue;
        refuse(c, 400, "InvalidGroup.NotFound", "The security group '" STR_FMT "' does not exist",
               STR_ARG(names.items[i]));
        return false;
    }
    return true;
}

static bool group_named(const struct ctx *c, const struct group *g)
{
    const struct json *names = json_get_z(c->in, "GroupName");

    for (size_t i = 0; json_is(names, JS_ARRAY) && i < names->len; i++)
        if (str_eq(json_str(&names->items[i]), g->name))
            return true;
    return !names;
}

void sim_ec2_describe_security_groups(struct ctx *c)
{
    static const struct ec2_query query = {K_GROUP, "GroupId", "InvalidGroup.NotFound",
                                           group_values, NULL};
    struct vec found = {0}, list = {0};

    if (!group_names_known(c) || !ec2_select(c, &query, &found))
        return;
    for (size_t i = 0; i < found.len; i++)
        if (group_named(c, found.items[i]))
            vec_add(c->a, &list, found.items[i]);
    page_set(c, &list, "securityGroupInfo", group_item);
}

static bool vpc_values(struct ctx *c, const void *thing, struct str name, struct strs *out)
{
    static const struct filter_row rows[] = {
        {"vpc-id", offsetof(struct vpc, at.id)},
        {"cidr", offsetof(struct vpc, cidr)},
        {"cidr-block", offsetof(struct vpc, cidr)},
        {"owner-id", offsetof(struct vpc, at.account)},
        {NULL, 0},
    };
    const struct vpc *v = thing;

    if (str_eq_z(name, "is-default") || str_eq_z(name, "isDefault"))
        *out = one_value(c, v->is_default ? STR("true") : STR("false"));
    else if (str_eq_z(name, "state"))
        *out = one_value(c, STR("available"));
    else
        return filter_by_rows(c, rows, thing, name, out) || filter_by_tags(c, &v->tags, name, out);
    return true;
}

static void vpc_item(struct ctx *c, const void *thing)
{
    const struct vpc *v = thing;
    struct xml *x = &c->x;

    xml_open(x, "item");
    sim_xml_text(x, "vpcId", v->at.id);
    sim_xml_text(x, "ownerId", c->account);
    xml_z(x, "state", "available");
    sim_xml_text(x, "cidrBlock", v->cidr);
    xml_z(x, "dhcpOptionsId", "dopt-00000000");
    xml_z(x, "instanceTenancy", "default");
    xml_bool(x, "isDefault", v->is_default);
    xml_tag_set(x, &v->tags);
    xml_close(x, "item");
}

void sim_ec2_describe_vpcs(struct ctx *c)
{
    static const struct listing l = {
        {K_VPC, "VpcId", "InvalidVpcID.NotFound", vpc_values, NULL}, "vpcSet", vpc_item};

    describe(c, &l);
}

static struct str vpc_of_subnet(struct ctx *c, struct str id)
{
    const struct subnet *n = here(c, K_SUBNET, id);

    return n ? n->vpc : (struct str){0};
}

/* `private-ip-address` knows the primary alone; `addresses.private-ip-address` all of them. */
static bool eni_values(struct ctx *c, const void *thing, struct str name, struct strs *out)
{
    static const struct filter_row rows[] = {
        {"network-interface-id", offsetof(struct eni, at.id)},
        {"subnet-id", offsetof(struct eni, subnet)},
        {"private-ip-address", offsetof(struct eni, ip)},
        {"attachment.instance-id", offsetof(struct eni, instance)},
        {"description", offsetof(struct eni, description)},
        {NULL, 0},
    };
    const struct eni *e = thing;

    if (str_eq_z(name, "addresses.private-ip-address")) {
        *out = (struct strs){arena_array_of(c->a, e->ips.len + 1, struct str), 0};
        out->items[out->len++] = e->ip;
        for (size_t i = 0; i < e->ips.len; i++)
            out->items[out->len++] = e->ips.items[i];
    } else if (str_eq_z(name, "vpc-id")) {
        *out = one_value(c, vpc_of_subnet(c, e->subnet));
    } else if (str_eq_z(name, "group-id")) {
        *out = e->groups;
    } else if (str_eq_z(name, "status")) {
        *out = one_value(c, str_empty(e->instance) ? STR("available") : STR("in-use"));
    } else {
        return filter_by_rows(c, rows, thing, name, out) || filter_by_tags(c, &e->tags, name, out);
    }
    return true;
}

static void write_ip(struct xml *x, struct str ip, bool primary)
{
    xml_open(x, "item");
    sim_xml_text(x, "privateIpAddress", ip);
    xml_bool(x, "primary", primary);
    xml_close(x, "item");
}

static void write_eni_details(struct ctx *c, const struct eni *e)
{
    struct xml *x = &c->x;

    xml_open(x, "groupSet");
    for (size_t i = 0; i < e->groups.len; i++) {
        xml_open(x, "item");
        sim_xml_text(x, "groupId", e->groups.items[i]);
        xml_close(x, "item");
    }
    xml_close(x, "groupSet");
    xml_open(x, "privateIpAddressesSet");
    write_ip(x, e->ip, true);
    for (size_t i = 0; i < e->ips.len; i++)
        write_ip(x, e->ips.items[i], false);
    xml_close(x, "privateIpAddressesSet");
    if (str_empty(e->instance))
        return;
    xml_open(x, "attachment");
    sim_xml_text(x, "attachmentId",
                 arena_strf(c->a, "eni-attach-" STR_FMT, STR_ARG(str_slice(e->at.id, 4, 21))));
    sim_xml_text(x, "instanceId", e->instance);
    xml_int(x, "deviceIndex", 0);
    xml_z(x, "status", "attached");
    xml_close(x, "attachment");
}

static void eni_item(struct ctx *c, const void *thing)
{
    const struct eni *e = thing;
    const struct subnet *n = here(c, K_SUBNET, e->subnet);
    struct xml *x = &c->x;

    xml_open(x, "item");
    sim_xml_text(x, "networkInterfaceId", e->at.id);
    sim_xml_text(x, "subnetId", e->subnet);
    sim_xml_text(x, "vpcId", vpc_of_subnet(c, e->subnet));
    if (n)
        sim_xml_text(x, "availabilityZone", n->zone);
    sim_xml_text(x, "description", str_present(e->description) ? e->description : STR(""));
    sim_xml_text(x, "ownerId", c->account);
    xml_z(x, "status", str_empty(e->instance) ? "available" : "in-use");
    sim_xml_text(x, "privateIpAddress", e->ip);
    xml_z(x, "interfaceType", "interface");
    xml_bool(x, "sourceDestCheck", true);
    write_eni_details(c, e);
    xml_tag_set(x, &e->tags);
    xml_close(x, "item");
}

void sim_ec2_describe_network_interfaces(struct ctx *c)
{
    static const struct listing l = {
        {K_ENI, "NetworkInterfaceId", "InvalidNetworkInterfaceID.NotFound", eni_values, NULL},
        "networkInterfaceSet",
        eni_item};

    describe(c, &l);
}

static bool address_values(struct ctx *c, const void *thing, struct str name, struct strs *out)
{
    static const struct filter_row rows[] = {
        {"allocation-id", offsetof(struct address, at.id)},
        {"public-ip", offsetof(struct address, public_ip)},
        {"instance-id", offsetof(struct address, instance)},
        {NULL, 0},
    };

    return filter_by_rows(c, rows, thing, name, out) ||
           filter_by_tags(c, &((const struct address *)thing)->tags, name, out);
}

static void address_item(struct ctx *c, const void *thing)
{
    const struct address *a = thing;
    const struct json *wanted = in_get(c, "PublicIp");
    struct xml *x = &c->x;

    if (wanted && !strs_have(in_strs(c, "PublicIp"), a->public_ip))
        return;
    xml_open(x, "item");
    sim_xml_text(x, "publicIp", a->public_ip);
    sim_xml_text(x, "allocationId", a->at.id);
    xml_z(x, "domain", "vpc");
    sim_xml_text(x, "instanceId", a->instance);
    xml_tag_set(x, &a->tags);
    xml_close(x, "item");
}

static bool public_ips_known(struct ctx *c)
{
    struct strs asked = in_strs(c, "PublicIp");
    const struct vec *all = all_here(c, K_ADDRESS);

    for (size_t i = 0; i < asked.len; i++) {
        bool known = false;

        for (size_t k = 0; k < all->len; k++)
            known =
                known || str_eq(((const struct address *)all->items[k])->public_ip, asked.items[i]);
        if (known)
            continue;
        refuse(c, 400, "InvalidAddress.NotFound", "Address '" STR_FMT "' not found.",
               STR_ARG(asked.items[i]));
        return false;
    }
    return true;
}

void sim_ec2_describe_addresses(struct ctx *c)
{
    static const struct listing l = {
        {K_ADDRESS, "AllocationId", "InvalidAllocationID.NotFound", address_values, NULL},
        "addressesSet",
        address_item};

    if (public_ips_known(c))
        describe(c, &l);
}
