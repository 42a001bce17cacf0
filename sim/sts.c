#include "sim/sts.h"
#include "sim/auth.h"
#include "sim/fault.h"

/* STS: who am I, and being somebody else for a while (aws-facts 5.7). */

struct key *sts_mint(struct sim *s, const struct role *role, struct str region, struct str session,
                     int64_t duration_s)
{
    struct key *k = world_new(s, K_KEY, role->at.account, STR(""), world_key_text(s, "ASIA", 16));

    k->secret = world_key_text(s, "", 40);
    k->token = world_key_text(s, "FwoGZXIvYXdzE", 120);
    k->role = role->at.id;
    k->session = arena_str(s->arena, session);
    k->principal = world_arn_global(s->arena, "sts", region, role->at.account,
                                    arena_strf(s->arena, "assumed-role/" STR_FMT "/" STR_FMT,
                                               STR_ARG(role->at.id), STR_ARG(session)));
    k->user_id =
        arena_strf(s->arena, STR_FMT ":" STR_FMT, STR_ARG(role->role_id), STR_ARG(session));
    k->expires_ms = s->now_ms + duration_s * 1000;
    k->policy = role->policy;
    return k;
}

/* arn:aws:iam::ACCOUNT:role/PATH/NAME */
static const struct role *role_by_arn(struct ctx *c, struct str arn)
{
    struct str rest = arn, parts[5];

    for (size_t i = 0; i < 5; i++)
        parts[i] = str_cut(&rest, ':');
    if (!str_eq_z(parts[2], "iam") || !str_starts(rest, STR("role/")) ||
        !str_eq_z(parts[1], world_partition(c->region)))
        return NULL;
    while (str_find(rest, '/') >= 0)
        (void)str_cut(&rest, '/');
    return world_get(c->sim, K_ROLE, parts[4], STR(""), rest);
}

/* An entry may be an account, a pattern over ARNs, or the role behind a session. */
static bool names_caller(struct ctx *c, struct strs principals)
{
    struct str as_role = {0};

    if (str_present(c->key->role))
        as_role = world_arn_global(c->a, "iam", c->region, c->account,
                                   arena_strf(c->a, "role/" STR_FMT, STR_ARG(c->key->role)));
    for (size_t i = 0; i < principals.len; i++) {
        struct str who = principals.items[i];

        if (str_eq(who, c->account) || str_glob(who, c->key->principal) ||
            (str_present(as_role) && str_glob(who, as_role)))
            return true;
        if (str_ends(who, STR(":root")) && str_contains(who, c->account))
            return true;
    }
    return false;
}

static bool trusts(struct ctx *c, const struct role *role)
{
    return names_caller(c, role->trust) && !names_caller(c, role->distrust);
}

/* A session with fewer rights than its role, or with a second factor, would be a lie here. */
static bool plain_session(struct ctx *c)
{
    static const char *const members[] = {"Policy", "PolicyArns", "SerialNumber", "TokenCode",
                                          "ProviderId"};

    for (size_t i = 0; i < ARRAY_LEN(members); i++) {
        if (!in_get(c, members[i]))
            continue;
        refuse(c, 400, "ValidationError", "drwave-sim does not model %s: leave it out", members[i]);
        return false;
    }
    return true;
}

static void refuse_assume(struct ctx *c, struct str arn)
{
    refuse(c, 403, "AccessDenied",
           "User: " STR_FMT " is not authorized to perform: sts:AssumeRole on resource: " STR_FMT,
           STR_ARG(c->key ? c->key->principal : STR("anonymous")), STR_ARG(arn));
}

static void write_credentials(struct ctx *c, const struct key *k)
{
    struct xml *x = &c->x;

    xml_open(x, "AssumedRoleUser");
    sim_xml_text(x, "AssumedRoleId", k->user_id);
    sim_xml_text(x, "Arn", k->principal);
    xml_close(x, "AssumedRoleUser");
    xml_open(x, "Credentials");
    sim_xml_text(x, "AccessKeyId", k->at.id);
    sim_xml_text(x, "SecretAccessKey", k->secret);
    sim_xml_text(x, "SessionToken", k->token);
    sim_xml_text(x, "Expiration", told_time_z(c, k->expires_ms, false));
    xml_close(x, "Credentials");
}

static bool duration_ok(struct ctx *c, const struct role *role, int64_t *seconds)
{
    int64_t most = role->max_duration_s ? role->max_duration_s : 3600;

    if (c->key && str_present(c->key->role))
        most = 3600;
    *seconds = in_int(c, "DurationSeconds", 3600);
    if (*seconds <= most)
        return true;
    refuse(c, 400, "ValidationError", "The requested DurationSeconds exceeds the %s",
           c->key && str_present(c->key->role)
               ? "1 hour session limit for roles assumed by role chaining"
               : "MaxSessionDuration set for this role.");
    return false;
}

static struct tags session_tags(struct ctx *c)
{
    const struct json *list = json_get_z(in_get(c, "Tags"), "member");
    struct tags out = {0};

    for (size_t i = 0; json_is(list, JS_ARRAY) && i < list->len; i++)
        tags_put(c->sim->arena, &out, text_of(&list->items[i], "Key"),
                 text_of(&list->items[i], "Value"));
    return out;
}

/* true: the rule has refused. variants: "" denied, "region", "slow", "short". */
static bool ruled_out(struct ctx *c, struct str arn, int64_t *seconds)
{
    const struct fault_rule *rule = fault_of_call(c, "ASSUME");

    if (!rule)
        return false;
    if (str_eq_z(rule->variant, "short")) {
        *seconds = rule->value ? rule->value : 900;
        return false;
    }
    if (str_eq_z(rule->variant, "slow")) {
        c->answer->damage.delay_ms = (rule->value ? rule->value : 5) * 1000;
        return false;
    }
    if (str_eq_z(rule->variant, "region"))
        refuse(c, 403, "RegionDisabledException",
               "STS is not activated in this region for account:" STR_FMT, STR_ARG(c->account));
    else
        refuse_assume(c, arn);
    return true;
}

static void assume_role(struct ctx *c)
{
    struct str arn = in_str(c, "RoleArn");
    const struct role *role = role_by_arn(c, arn);
    int64_t seconds = 3600;
    struct key *k;

    if (!plain_session(c))
        return;
    if (!role || !trusts(c, role) ||
        (!str_empty(role->external_id) && !str_eq(role->external_id, in_str(c, "ExternalId")))) {
        refuse_assume(c, arn);
        return;
    }
    if (!duration_ok(c, role, &seconds) || ruled_out(c, arn, &seconds))
        return;
    k = sts_mint(c->sim, role, c->region, in_str(c, "RoleSessionName"), seconds);
    k->tags = session_tags(c);
    write_credentials(c, k);
    sim_xml_text(&c->x, "SourceIdentity", in_str(c, "SourceIdentity"));
}

static void assume_role_with_web_identity(struct ctx *c)
{
    struct str arn = in_str(c, "RoleArn");
    const struct role *role = role_by_arn(c, arn);
    int64_t seconds = 3600;

    if (!plain_session(c))
        return;
    if (!role || !strs_have(role->trust, STR("web-identity"))) {
        refuse(c, 403, "AccessDenied", "Not authorized to perform sts:AssumeRoleWithWebIdentity");
        return;
    }
    if (str_eq_z(in_str(c, "WebIdentityToken"), "expired")) {
        refuse(c, 400, "ExpiredTokenException", "Token expired");
        return;
    }
    if (!duration_ok(c, role, &seconds) || ruled_out(c, arn, &seconds))
        return;
    xml_z(&c->x, "SubjectFromWebIdentityToken", "web-identity-subject");
    xml_z(&c->x, "Audience", "sts.amazonaws.com");
    write_credentials(c, sts_mint(c->sim, role, c->region, in_str(c, "RoleSessionName"), seconds));
    xml_z(&c->x, "Provider", "oidc.example");
}

static void get_caller_identity(struct ctx *c)
{
    sim_xml_text(&c->x, "Arn", c->key->principal);
    sim_xml_text(&c->x, "UserId", c->key->user_id);
    sim_xml_text(&c->x, "Account", c->account);
}

static const struct member none_in[] = {M_END};
static const struct member tag[] = {
    {"Key", M_STR, .flags = M_REQUIRED, .max = 128},
    {"Value", M_STR, .flags = M_REQUIRED, .max = 256},
    M_END,
};
static const struct member tags_in[] = {{"member", M_LIST, .max = 50, .fields = tag}, M_END};
static const struct member names_in[] = {{"member", M_LIST, .max = 50}, M_END};
static const struct member policy_arn[] = {{"arn", M_STR}, M_END};
static const struct member policy_arns[] = {
    {"member", M_LIST, .max = 10, .fields = policy_arn},
    M_END,
};

#define SESSION                                                                  \
    {"RoleArn", M_STR, .flags = M_REQUIRED, .min = 20, .max = 2048},             \
        {"RoleSessionName", M_STR, .flags = M_REQUIRED, .min = 2, .max = 64},    \
        {"DurationSeconds", M_INT, .min = 900, .max = 43200}, {"Policy", M_STR}, \
    {                                                                            \
        "PolicyArns", M_STRUCT, .fields = policy_arns                            \
    }

static const struct member assume_role_in[] = {
    SESSION,
    {"ExternalId", M_STR, .min = 2, .max = 1224},
    {"Tags", M_STRUCT, .fields = tags_in},
    {"TransitiveTagKeys", M_STRUCT, .fields = names_in},
    {"SourceIdentity", M_STR, .min = 2, .max = 64},
    {"SerialNumber", M_STR},
    {"TokenCode", M_STR},
    M_END,
};
static const struct member web_identity_in[] = {
    SESSION,
    {"WebIdentityToken", M_STR, .flags = M_REQUIRED, .min = 4, .max = 20000},
    {"ProviderId", M_STR},
    M_END,
};

static const struct op rows[] = {
    {.service = "sts", .name = "AssumeRole", .members = assume_role_in, .run = assume_role},
    {.service = "sts",
     .name = "AssumeRoleWithWebIdentity",
     .members = web_identity_in,
     .run = assume_role_with_web_identity,
     .flags = OP_UNSIGNED},
    {.service = "sts",
     .name = "GetCallerIdentity",
     .members = none_in,
     .run = get_caller_identity,
     .flags = OP_OPEN},
};

const struct op_table sim_sts_ops = {rows, ARRAY_LEN(rows)};
