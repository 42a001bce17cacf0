#include "sim/ec2.h"
#include "sim/ec2_calls.h"
#include "sim/regions.h"

/* What does not depend on an account: regions, zones, instance types. */

struct type_row {
    const char *name;
    int vcpus;
    int memory_mib;
};

static const struct type_row types[] = {
    {"t3.micro", 2, 1024},     {"t3.small", 2, 2048},    {"t3.medium", 2, 4096},
    {"t3.large", 2, 8192},     {"t3.xlarge", 4, 16384},  {"t3.2xlarge", 8, 32768},
    {"m5.large", 2, 8192},     {"m5.xlarge", 4, 16384},  {"m5.2xlarge", 8, 32768},
    {"m5.4xlarge", 16, 65536}, {"m6i.large", 2, 8192},   {"m6i.xlarge", 4, 16384},
    {"c5.large", 2, 4096},     {"c5.xlarge", 4, 8192},   {"c5.2xlarge", 8, 16384},
    {"r5.large", 2, 16384},    {"r5.xlarge", 4, 32768},  {"r5.2xlarge", 8, 65536},
    {"r6i.large", 2, 16384},   {"r6i.xlarge", 4, 32768},
};

bool instance_type_known(struct str type)
{
    for (size_t i = 0; i < ARRAY_LEN(types); i++)
        if (str_eq_z(type, types[i].name))
            return true;
    return false;
}

/* All filters, whether or not there is anything to filter. */
static bool filters_known(struct ctx *c, const char *const *names)
{
    const struct json *filters = in_get(c, "Filter");

    for (size_t i = 0; json_is(filters, JS_ARRAY) && i < filters->len; i++) {
        struct str name = text_of(&filters->items[i], "Name");
        bool known = false;

        for (size_t k = 0; names[k]; k++)
            known = known || str_eq_z(name, names[k]);
        if (known)
            continue;
        refuse_filter(c, name);
        return false;
    }
    return true;
}

/* values: one of each name. */
static bool filters_pass(struct ctx *c, const char *const *names, const struct str *values)
{
    const struct json *filters = in_get(c, "Filter");

    for (size_t i = 0; json_is(filters, JS_ARRAY) && i < filters->len; i++) {
        const struct json *patterns = json_get_z(&filters->items[i], "Value");
        struct str name = text_of(&filters->items[i], "Name");
        bool hit = false;

        for (size_t k = 0; names[k]; k++)
            for (size_t v = 0; json_is(patterns, JS_ARRAY) && v < patterns->len; v++)
                hit = hit || (str_eq_z(name, names[k]) &&
                              str_glob(json_str(&patterns->items[v]), values[k]));
        if (!hit)
            return false;
    }
    return true;
}

static bool asked_for(struct ctx *c, const char *member, struct str value)
{
    struct strs list = in_strs(c, member);

    return !list.len || strs_have(list, value);
}

/* Each name asked for must be one of those that there are. */
static bool names_known(struct ctx *c, const char *member, bool (*known)(struct str),
                        const char *code)
{
    struct strs list = in_strs(c, member);

    for (size_t i = 0; i < list.len; i++) {
        if (known(list.items[i]))
            continue;
        refuse(c, 400, code, "Invalid value: '" STR_FMT "'", STR_ARG(list.items[i]));
        return false;
    }
    return true;
}

static bool region_known(struct str name)
{
    for (size_t i = 0; i < sim_regions_len; i++)
        if (str_eq_z(name, sim_regions[i].name))
            return true;
    return false;
}

void sim_ec2_describe_regions(struct ctx *c)
{
    static const char *const names[] = {"region-name", "opt-in-status", "endpoint", NULL};
    bool all = in_bool(c, "AllRegions", false);

    if (!names_known(c, "RegionName", region_known, "InvalidParameterValue") ||
        !filters_known(c, names) || ec2_dry_run(c))
        return;
    xml_open(&c->x, "regionInfo");
    for (size_t i = 0; i < sim_regions_len; i++) {
        struct str name = str_from_z(sim_regions[i].name);
        const struct cell *known = world_get(c->sim, K_CELL, c->account, name, STR("cell"));
        struct str status = known                   ? known->opt_in
                            : sim_regions[i].opt_in ? STR("not-opted-in")
                                                    : STR("opt-in-not-required");
        struct str endpoint = arena_strf(c->a, "ec2." STR_FMT ".amazonaws.com", STR_ARG(name));
        struct str values[] = {name, status, endpoint};

        if (strcmp(world_partition(name), world_partition(c->region)) != 0 ||
            (!all && str_eq_z(status, "not-opted-in")) || !asked_for(c, "RegionName", name) ||
            !filters_pass(c, names, values))
            continue;
        xml_open(&c->x, "item");
        sim_xml_text(&c->x, "regionName", name);
        sim_xml_text(&c->x, "regionEndpoint", endpoint);
        sim_xml_text(&c->x, "optInStatus", status);
        xml_close(&c->x, "item");
    }
    xml_close(&c->x, "regionInfo");
}

/* us-east-1a to c by name, us-east-1-az1 to 3 by id. */
static bool zones_known(struct ctx *c, const char *member, const char *middle)
{
    struct strs list = in_strs(c, member);
    const char *last = *middle ? "123" : "abc";

    for (size_t i = 0; i < list.len; i++) {
        bool known = false;

        for (size_t k = 0; k < 3; k++)
            known = known || str_eq(list.items[i], arena_strf(c->a, STR_FMT "%s%c",
                                                              STR_ARG(c->region), middle, last[k]));
        if (known)
            continue;
        refuse(c, 400, "InvalidParameterValue", "Invalid availability zone: [" STR_FMT "]",
               STR_ARG(list.items[i]));
        return false;
    }
    return true;
}

void sim_ec2_describe_availability_zones(struct ctx *c)
{
    static const char *const names[] = {"zone-name", "region-name", "state",
                                        "zone-type", "zone-id",     NULL};

    if (!filters_known(c, names) || !zones_known(c, "ZoneName", "") ||
        !zones_known(c, "ZoneId", "-az") || ec2_dry_run(c))
        return;
    xml_open(&c->x, "availabilityZoneInfo");
    for (int letter = 'a'; letter <= 'c'; letter++) {
        struct str zone = arena_strf(c->a, STR_FMT "%c", STR_ARG(c->region), letter);
        struct str id = arena_strf(c->a, STR_FMT "-az%d", STR_ARG(c->region), letter - 'a' + 1);
        struct str values[] = {zone, c->region, STR("available"), STR("availability-zone"), id};

        if (!asked_for(c, "ZoneName", zone) || !asked_for(c, "ZoneId", id) ||
            !filters_pass(c, names, values))
            continue;
        xml_open(&c->x, "item");
        sim_xml_text(&c->x, "zoneName", zone);
        xml_z(&c->x, "zoneState", "available");
        sim_xml_text(&c->x, "regionName", c->region);
        sim_xml_text(&c->x, "groupName", c->region);
        sim_xml_text(&c->x, "zoneId", id);
        xml_z(&c->x, "optInStatus", "opt-in-not-required");
        xml_z(&c->x, "zoneType", "availability-zone");
        xml_close(&c->x, "item");
    }
    xml_close(&c->x, "availabilityZoneInfo");
}

static void write_type(struct ctx *c, const void *thing)
{
    const struct type_row *t = thing;
    struct xml *x = &c->x;

    xml_open(x, "item");
    xml_z(x, "instanceType", t->name);
    xml_bool(x, "currentGeneration", true);
    xml_bool(x, "freeTierEligible", false);
    xml_open(x, "supportedUsageClasses");
    xml_z(x, "item", "on-demand");
    xml_close(x, "supportedUsageClasses");
    xml_bool(x, "bareMetal", false);
    xml_z(x, "hypervisor", "nitro");
    xml_open(x, "processorInfo");
    xml_open(x, "supportedArchitectures");
    xml_z(x, "item", "x86_64");
    xml_close(x, "supportedArchitectures");
    xml_close(x, "processorInfo");
    xml_open(x, "vCpuInfo");
    xml_int(x, "defaultVCpus", t->vcpus);
    xml_int(x, "defaultCores", t->vcpus / 2);
    xml_int(x, "defaultThreadsPerCore", 2);
    xml_close(x, "vCpuInfo");
    xml_open(x, "memoryInfo");
    xml_int(x, "sizeInMiB", t->memory_mib);
    xml_close(x, "memoryInfo");
    xml_bool(x, "instanceStorageSupported", false);
    xml_open(x, "networkInfo");
    xml_z(x, "networkPerformance", "Up to 10 Gigabit");
    xml_int(x, "maximumNetworkInterfaces", 4);
    xml_int(x, "ipv4AddressesPerInterface", 15);
    xml_close(x, "networkInfo");
    xml_close(x, "item");
}

void sim_ec2_describe_instance_types(struct ctx *c)
{
    static const char *const names[] = {"instance-type", "bare-metal", "current-generation", NULL};
    struct vec list = {0};

    if (!names_known(c, "InstanceType", instance_type_known, "InvalidInstanceType") ||
        !filters_known(c, names))
        return;
    for (size_t i = 0; i < ARRAY_LEN(types); i++) {
        struct str values[] = {str_from_z(types[i].name), STR("false"), STR("true")};
        struct type_row *row = arena_new_of(c->a, struct type_row);

        *row = types[i];
        if (asked_for(c, "InstanceType", values[0]) && filters_pass(c, names, values))
            vec_add(c->a, &list, row);
    }
    page_set(c, &list, "instanceTypeSet", write_type);
}

struct offering {
    struct str type;
    struct str place;
};

static struct vec offerings(struct ctx *c, bool by_zone)
{
    static const char *const names[] = {"instance-type", "location", NULL};
    struct vec list = {0};

    if (!filters_known(c, names))
        return list;
    for (size_t i = 0; i < ARRAY_LEN(types); i++) {
        for (int letter = 'a'; letter <= (by_zone ? 'c' : 'a'); letter++) {
            struct str place =
                by_zone ? arena_strf(c->a, STR_FMT "%c", STR_ARG(c->region), letter) : c->region;
            struct str values[] = {str_from_z(types[i].name), place};
            struct offering *o = arena_new_of(c->a, struct offering);

            *o = (struct offering){values[0], place};
            if (filters_pass(c, names, values))
                vec_add(c->a, &list, o);
        }
    }
    return list;
}

static void write_offering(struct ctx *c, const void *thing)
{
    struct str where = in_str(c, "LocationType");
    const struct offering *o = thing;

    xml_open(&c->x, "item");
    sim_xml_text(&c->x, "instanceType", o->type);
    sim_xml_text(&c->x, "locationType", str_empty(where) ? STR("region") : where);
    sim_xml_text(&c->x, "location", o->place);
    xml_close(&c->x, "item");
}

void sim_ec2_describe_instance_type_offerings(struct ctx *c)
{
    struct str where = in_str(c, "LocationType");
    struct vec list = offerings(c, str_eq_z(where, "availability-zone"));

    page_set(c, &list, "instanceTypeOfferingSet", write_offering);
}
