#include "sim/auth.h"
#include "sim/drs.h"
#include "sim/fault.h"

/* What a rule does to one request: in place of the operation, or to its answer. */

static struct str message_or(const struct fault_rule *rule, const char *fallback)
{
    return str_empty(rule->message) ? str_from_z(fallback) : rule->message;
}

static void throttle(struct ctx *c, const struct fault_rule *rule)
{
    bool suffix = c->protocol == P_REST && str_eq_z(rule->variant, "suffix");

    if (c->protocol == P_REST)
        refuse(c, 429, "ThrottlingException", STR_FMT, STR_ARG(message_or(rule, "Rate exceeded")));
    else if (c->protocol == P_EC2)
        refuse(c, 503, "RequestLimitExceeded", "Request limit exceeded.");
    else
        refuse(c, 400, "Throttling", "Rate exceeded");
    if (suffix)
        c->refusal.code = "ThrottlingException:http://internal.amazon.com/coral/";
    c->refusal.retry_after_s = str_eq_z(rule->variant, "rate") ? 1 : rule->value;
}

static void answer_html(struct ctx *c, int status)
{
    struct header *h = arena_new_of(c->a, struct header);

    *h = (struct header){STR("Content-Type"), STR("text/html")};
    c->answer->status = status;
    c->answer->headers = (struct headers){h, 1};
    c->answer->body =
        arena_strf(c->a, "<html><body><h1>%d Service Unavailable</h1></body></html>", status);
}

/* value: the status; 500 is written as the service writes it, the others as a proxy does. */
static bool server_error(struct ctx *c, const struct fault_rule *rule)
{
    int status = rule->value ? (int)rule->value : 500;

    if (status != 500) {
        answer_html(c, status);
        return true;
    }
    if (c->protocol == P_REST)
        refuse(c, 500, "InternalServerException", "An internal error occurred");
    else
        refuse(c, 500, c->protocol == P_EC2 ? "InternalError" : "ServiceFailure",
               "An internal error has occurred");
    return false;
}

/* code: the action that is denied, where it is not the call itself. */
static void refuse_auth(struct ctx *c, const struct fault_rule *rule)
{
    struct str action = rule->code;

    static const struct {
        const char *variant;
        enum auth_failure failure;
    } variants[] = {{"expired", AUTH_EXPIRED_TOKEN},
                    {"unknown", AUTH_UNKNOWN_KEY},
                    {"signature", AUTH_BAD_SIGNATURE}};

    for (size_t i = 0; i < ARRAY_LEN(variants); i++) {
        if (!str_eq_z(rule->variant, variants[i].variant))
            continue;
        auth_refuse(c, variants[i].failure, (struct str){0});
        return;
    }
    if (str_empty(action))
        action = arena_strf(c->a, STR_FMT ":%s", STR_ARG(c->service), c->op->name);
    if (c->protocol == P_EC2)
        refuse(c, 403, "UnauthorizedOperation",
               "You are not authorized to perform this operation.");
    else
        refuse(c, 403, c->protocol == P_REST ? "AccessDeniedException" : "AccessDenied",
               "User: " STR_FMT " is not authorized to perform: " STR_FMT,
               STR_ARG(c->key ? c->key->principal : STR("unknown")), STR_ARG(action));
}

static bool drop(struct ctx *c)
{
    c->answer->damage.drop = true;
    c->answer->status = 0;
    return true;
}

/* reset: before anything happened. blackhole: silence for `value` seconds, then that. */
static bool network(struct ctx *c, const struct fault_rule *rule)
{
    if (str_eq_z(rule->variant, "blackhole")) {
        c->answer->damage.delay_ms = (rule->value ? rule->value : 120) * 1000;
        return drop(c);
    }
    if (str_empty(rule->variant) || str_eq_z(rule->variant, "reset"))
        return drop(c);
    return false;
}

static void refuse_by_quota(struct ctx *c, const struct fault_rule *rule)
{
    const char *quota = str_empty(rule->code) ? "L-D88FAC3A" : arena_z(c->a, rule->code);

    refuse_quota(c, quota, (struct str){0}, STR_FMT,
                 STR_ARG(message_or(rule, "Service quota exceeded")));
}

bool fault_before(struct ctx *c, struct fault_rule *rule)
{
    struct str e = rule->effect;

    if (str_eq_z(e, "THR"))
        throttle(c, rule);
    else if (str_eq_z(e, "5XX"))
        return server_error(c, rule);
    else if (str_eq_z(e, "NET"))
        return network(c, rule);
    else if (str_eq_z(e, "AUTH"))
        refuse_auth(c, rule);
    else if (str_eq_z(e, "UNINIT"))
        refuse(c, 400, "UninitializedAccountException", "Account not initialized");
    else if (str_eq_z(e, "QUOTA"))
        refuse_by_quota(c, rule);
    else if (str_eq_z(e, "CONFLICT") && !str_eq_z(rule->variant, "job"))
        refuse(c, 409, "ConflictException", STR_FMT,
               STR_ARG(message_or(rule, "One or more of the Source Servers included in API call "
                                        "are currently being processed by a Job")));
    else if (str_eq_z(e, "CONFLICT"))
        drs_foreign_job(c);
    return false;
}

/* A member that no model has yet: first in a JSON object, last in an XML document. */
static void add_unknown_member(struct ctx *c)
{
    struct str body = c->answer->body;
    struct str end = arena_strf(c->a, "</%sResponse>", c->op->name);

    if (c->protocol == P_REST && body.len >= 2)
        c->answer->body =
            arena_strf(c->a, "{\"aMemberOfTomorrow\":{\"x\":[1,null]}%s" STR_FMT,
                       body.len > 2 ? "," : "", STR_ARG(str_slice(body, 1, body.len)));
    else if (str_ends(body, end))
        c->answer->body =
            arena_strf(c->a, STR_FMT "<aMemberOfTomorrow><x>1</x></aMemberOfTomorrow>" STR_FMT,
                       STR_ARG(str_slice(body, 0, body.len - end.len)), STR_ARG(end));
}

/* Every value between `before` and the next `stop` becomes one that no model has yet. */
static void change_values(struct ctx *c, struct str before, char stop)
{
    struct str rest = c->answer->body;
    struct buf out = buf_new(c->a, rest.len * 2 + 64);

    for (size_t i = 0; i < rest.len;) {
        if (!str_starts(str_slice(rest, i, rest.len), before)) {
            buf_add_char(&out, rest.ptr[i++]);
            continue;
        }
        buf_add(&out, before);
        buf_add_z(&out, "VALUE_OF_TOMORROW");
        for (i += before.len; i < rest.len && rest.ptr[i] != stop;)
            i++;
    }
    c->answer->body = buf_str(&out);
}

static void change_enums(struct ctx *c)
{
    static const char *const members[] = {"dataReplicationState", "launchStatus", "event",
                                          "ec2InstanceState", "lastLaunchResult"};
    static const char *const elements[] = {"name", "state"}; /* of an instance, of a network */

    for (size_t i = 0; c->protocol == P_REST && i < ARRAY_LEN(members); i++)
        change_values(c, arena_strf(c->a, "\"%s\":\"", members[i]), '"');
    for (size_t i = 0; c->protocol == P_EC2 && i < ARRAY_LEN(elements); i++)
        change_values(c, arena_strf(c->a, "<%s>", elements[i]), '<');
}

static void truncate_answer(struct ctx *c, const struct fault_rule *rule)
{
    struct str body = c->answer->body;

    if (str_eq_z(rule->variant, "garbage")) {
        c->answer->body = arena_strf(c->a, STR_FMT "}<", STR_ARG(str_slice(body, 0, body.len / 2)));
    } else if (str_eq_z(rule->variant, "extra")) {
        add_unknown_member(c);
    } else if (str_eq_z(rule->variant, "enum")) {
        change_enums(c);
    } else {
        c->answer->damage.cut = true;
        c->answer->damage.cut_at = rule->value ? (size_t)rule->value : body.len / 2;
    }
}

static void network_after(struct ctx *c, const struct fault_rule *rule)
{
    if (str_eq_z(rule->variant, "stall"))
        c->answer->damage.delay_ms = (rule->value ? rule->value : 5) * 1000;
    else if (str_eq_z(rule->variant, "drip"))
        c->answer->damage.drip_ms = rule->value ? rule->value : 10;
    else if (str_eq_z(rule->variant, "resetAfter"))
        truncate_answer(c, rule);
}

void fault_after(struct ctx *c, const struct fault_rule *rule)
{
    struct str e = rule->effect;

    if (str_eq_z(e, "AMBIG")) {
        c->answer->damage.delay_ms = rule->value * 1000;
        c->answer->damage.drop = true;
    } else if (str_eq_z(e, "TRUNC")) {
        truncate_answer(c, rule);
    } else if (str_eq_z(e, "NET")) {
        network_after(c, rule);
    } else if (str_eq_z(e, "THR") && str_eq_z(rule->variant, "empty")) {
        c->answer->body = STR("");
        c->answer->headers.len = 1; /* the request id: nothing else says what it was */
    } else if (str_eq_z(e, "TIME") && words_have("date jump", rule->variant)) {
        c->clock_ms += rule->value * 1000;
    }
}
