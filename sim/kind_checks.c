#include "sim/kind_checks.h"
#include "base/str_ascii.h"
#include "sim/ec2.h"
#include "sim/fault.h"
#include "sim/member.h"
#include "sim/regions.h"

/* Values that the field tables cannot tell from their type alone. */

#define CHOICE(name, words)             \
    static bool is_##name(struct str s) \
    {                                   \
        return words_have(words, s);    \
    }                                   \
    const struct field_check sim_check_##name = {.what = "must be one of " words, .ok = is_##name}

CHOICE(cell, "INITIALIZED UNINITIALIZED NOT_OPTED_IN UNAVAILABLE");
CHOICE(opt_in, "opt-in-not-required opted-in not-opted-in");
CHOICE(replication, REPLICATION_STATES);
CHOICE(replication_error, REPLICATION_ERRORS);
CHOICE(staging, "EXTENDED EXTENSION_ERROR NOT_EXTENDED");
CHOICE(disposition, "STOPPED STARTED");
CHOICE(right_sizing, "NONE BASIC IN_AWS");
CHOICE(recovery_mode, "FAST OPTIMAL");
CHOICE(result, "NOT_STARTED PENDING SUCCEEDED FAILED");
CHOICE(instance, "pending running shutting-down terminated stopping stopped");
CHOICE(direction, "FAILOVER FAILBACK");
CHOICE(job_type, "LAUNCH TERMINATE");
CHOICE(job_status, "PENDING STARTED COMPLETED");
CHOICE(timestamps, "offset zulu plain");
CHOICE(signature, "strict lenient off");
CHOICE(unknown_server, "notFound validation");
CHOICE(not_launchable, "conflict skip");

static bool is_account(struct str s)
{
    bool digits = s.len == 12;

    for (size_t i = 0; i < s.len; i++)
        digits = digits && ascii_is_digit(s.ptr[i]);
    return digits || str_empty(s);
}

static bool is_region(struct str s)
{
    for (size_t i = 0; i < sim_regions_len; i++)
        if (str_eq_z(s, sim_regions[i].name))
            return true;
    return str_empty(s);
}

static bool is_cidr(struct str s)
{
    uint32_t base, size;

    return cidr_parse(s, &base, &size);
}

static bool is_ip(struct str s)
{
    uint32_t address;

    return str_empty(s) || ip_parse(s, &address);
}

const struct field_check sim_check_account = {.what = "must be 12 digits", .ok = is_account};
const struct field_check sim_check_region = {.what = "must be a region that has DRS",
                                             .ok = is_region};
const struct field_check sim_check_cidr = {.what = "must be an IPv4 network like 10.0.0.0/24",
                                           .ok = is_cidr};
const struct field_check sim_check_ip = {.what = "must be an IPv4 address", .ok = is_ip};

/* ---- what a whole thing must be ---- */

static const struct {
    const char *prefix;
    size_t least; /* letters and digits after it; 17 at most */
    const char *length;
} ids[K_COUNT] = {
#define EC2_ID(p)       \
    {                   \
        p, 8, "8 to 17" \
    }
#define DRS_ID(p)   \
    {               \
        p, 17, "17" \
    }
    [K_VPC] = EC2_ID("vpc-"),    [K_SUBNET] = EC2_ID("subnet-"),    [K_GROUP] = EC2_ID("sg-"),
    [K_ENI] = EC2_ID("eni-"),    [K_ADDRESS] = EC2_ID("eipalloc-"), [K_TEMPLATE] = EC2_ID("lt-"),
    [K_INSTANCE] = EC2_ID("i-"), [K_SERVER] = DRS_ID("s-"),         [K_JOB] = DRS_ID("drsjob-"),
    [K_RECOVERY] = EC2_ID("i-"),
};

static bool id_fits(const struct sim *s, enum kind kind, struct str id)
{
    struct str prefix = str_from_z(ids[kind].prefix);
    size_t tail = id.len - prefix.len;

    if (!prefix.len || (s->knobs.any_ids && str_starts(id, prefix)))
        return true;
    if (!str_starts(id, prefix) || tail < ids[kind].least || tail > 17)
        return false;
    for (size_t i = prefix.len; i < id.len; i++)
        if (!ascii_is_alnum(id.ptr[i]))
            return false;
    return true;
}

static bool there(struct sim *s, enum kind kind, const struct entity *e, struct str id)
{
    return world_get(s, kind, e->account, e->region, id) != NULL;
}

/* The member of each kind that names another thing. */
static const struct reference {
    enum kind kind;
    const char *member;
    size_t offset;
    enum kind to;
    bool required;
} references[] = {
    {K_SUBNET, "vpc", offsetof(struct subnet, vpc), K_VPC, true},
    {K_GROUP, "vpc", offsetof(struct group, vpc), K_VPC, true},
    {K_ENI, "subnet", offsetof(struct eni, subnet), K_SUBNET, true},
    {K_INSTANCE, "subnet", offsetof(struct instance, subnet), K_SUBNET, false},
};

static bool names_what_is_there(struct sim *s, enum kind kind, const void *thing, struct str *why)
{
    for (size_t i = 0; i < ARRAY_LEN(references); i++) {
        const struct reference *r = &references[i];
        struct str id;

        if (r->kind != kind)
            continue;
        memcpy(&id, (const char *)thing + r->offset, sizeof(id));
        if (str_empty(id) ? !r->required : there(s, r->to, thing, id))
            continue;
        *why = arena_strf(s->arena,
                          "'%s' names '" STR_FMT "', which is not among the %s of its account and "
                          "region: add it there first",
                          r->member, STR_ARG(str_empty(id) ? STR("") : id), sim_kinds[r->to].name);
        return false;
    }
    return true;
}

static bool roles_there(struct sim *s, const struct profile *p, struct str *why)
{
    for (size_t i = 0; i < p->roles.len; i++) {
        if (there(s, K_ROLE, &p->at, p->roles.items[i]))
            continue;
        *why = arena_strf(s->arena,
                          "'roles[%zu]' names '" STR_FMT "', which is not among the roles of its "
                          "account: add it there first",
                          i, STR_ARG(p->roles.items[i]));
        return false;
    }
    return true;
}

/* What the rest of the simulator takes for granted, wherever the thing comes from. */
bool kind_whole(struct sim *s, enum kind kind, const void *thing, struct str *why)
{
    const struct job *job = thing;
    const struct defaults *d = thing;

    if (kind == K_FAULT)
        return fault_valid(s->arena, thing, why);
    if (kind == K_JOB && (!job->servers.len || str_empty(job->type) || str_empty(job->status)))
        *why = STR("a job has a 'type', a 'status' and at least one of 'servers'");
    else if (kind == K_DEFAULTS && (!d->body || d->body->kind != JS_OBJECT))
        *why = STR("'body' must be an object");
    else
        return true;
    return false;
}

bool kind_possible(struct sim *s, enum kind kind, const void *thing, struct str *why)
{
    const struct entity *e = thing;

    if ((!sim_kinds[kind].global || kind == K_KEY) && str_empty(e->account)) {
        *why = STR("'account' is missing: say it here, or for all in home");
        return false;
    }
    if (!id_fits(s, kind, e->id)) {
        *why = arena_strf(s->arena,
                          "'id' must be %s and %s letters or digits, not '" STR_FMT
                          "' (the knob anyIds lets it through)",
                          ids[kind].prefix, ids[kind].length, STR_ARG(e->id));
        return false;
    }
    if (kind == K_KEY && str_empty(((const struct key *)thing)->secret)) {
        *why = STR("'secret' is missing: a key without one signs nothing");
        return false;
    }
    if (kind == K_ACCOUNT && (!is_account(e->id) || str_empty(e->id))) {
        *why = arena_strf(s->arena, "'id' must be 12 digits, not '" STR_FMT "'", STR_ARG(e->id));
        return false;
    }
    if (kind == K_PROFILE && !roles_there(s, thing, why))
        return false;
    return names_what_is_there(s, kind, thing, why);
}
