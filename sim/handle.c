#include "base/time.h"
#include "sim/admin.h"
#include "sim/auth.h"
#include "sim/drs.h"
#include "sim/fault.h"
#include "sim/metadata.h"
#include "sim/regions.h"
#include "sim/route.h"

/* One request of AWS's API, from the wire to the wire. */

/* What only DRS knows is not done to the others, nor a missing initialisation to its cure. */
static const char *effects_on(const struct ctx *c)
{
    if (c->protocol != P_REST)
        return "THR 5XX NET TRUNC AMBIG AUTH TIME CRASH";
    return c->op->flags & OP_ANYTIME ? "THR 5XX NET TRUNC AMBIG AUTH QUOTA CONFLICT TIME CRASH"
                                     : "THR 5XX NET TRUNC AMBIG AUTH UNINIT QUOTA CONFLICT TIME "
                                       "CRASH";
}

static struct str request_id_new(struct sim *s)
{
    uint64_t a = world_random(s), b = world_random(s);

    return arena_strf(s->arena, "%08x-%04x-%04x-%04x-%012llx", (unsigned)(a >> 32),
                      (unsigned)(a >> 16 & 0xffff), (unsigned)(a & 0xffff), (unsigned)(b >> 48),
                      (unsigned long long)(b & 0xffffffffffff));
}

enum { CALLS_MAX = 200000 };

/* A log without end would be memory without end; what took effect is kept in any case. */
static bool worth_keeping(const struct ctx *c)
{
    return c->sim->all[K_CALL].len < CALLS_MAX || (c->op && (c->op->flags & OP_WRITES));
}

static void call_begin(struct ctx *c, const struct authorization *auth)
{
    const struct headers *h = &c->request->headers;
    struct arena *keep = worth_keeping(c) ? c->sim->arena : c->a;
    struct call *call = arena_new_of(keep, struct call);

    call->at.id = c->request_id;
    call->at.account = arena_str(keep, c->account);
    call->at.region = arena_str(keep, c->region);
    call->service = arena_str(keep, c->service);
    call->op = c->op ? str_from_z(c->op->name) : arena_str(keep, c->request->path);
    call->key = arena_str(keep, auth->key_id);
    call->attempt = arena_str(keep, headers_get(h, STR("amz-sdk-request")));
    call->invocation = arena_str(keep, headers_get(h, STR("amz-sdk-invocation-id")));
    call->wall_ms = c->sim->wall_ms;
    call->sim_ms = c->sim->now_ms;
    c->call = call;
    if (keep == c->sim->arena)
        (void)world_add(c->sim, K_CALL, call);
    else
        c->sim->calls_dropped++;
}

static void call_end(struct ctx *c)
{
    struct call *call = c->call;

    call->status = c->answer->status;
    call->delay_ms = c->answer->damage.delay_ms;
    call->effect = call->effect && !c->refusal.status;
    if (c->key)
        call->principal = c->key->principal;
    if (c->refusal.status)
        call->error = arena_str(c->sim->arena, str_from_z(c->refusal.code));
}

/* A region that is off refuses every key; one that is gone does not answer at all. */
static bool region_open(struct ctx *c)
{
    const struct cell *cell;

    if (c->protocol == P_QUERY || str_empty(c->account))
        return true;
    cell = region_cell(c->sim, c->account, c->region);
    if (str_eq_z(cell->drs, "NOT_OPTED_IN")) {
        auth_refuse(c, AUTH_UNKNOWN_KEY, (struct str){0});
        return false;
    }
    if (str_eq_z(cell->drs, "UNAVAILABLE")) {
        c->answer->damage.drop = true;
        refuse(c, 503, "ServiceUnavailable", "The region is unavailable");
        return false;
    }
    if (c->protocol != P_REST || (c->op->flags & OP_ANYTIME) ||
        !str_eq_z(cell->drs, "UNINITIALIZED"))
        return true;
    refuse(c, 400, "UninitializedAccountException",
           "Account not initialized: initialize the service in this region first");
    return false;
}

static bool admit(struct ctx *c, const struct authorization *auth, bool absent)
{
    if (c->op->flags & OP_UNSIGNED)
        return true;
    if (absent && !auth_anybody(c->sim)) {
        auth_refuse(c, AUTH_MISSING, (struct str){0});
        return false;
    }
    return auth_check(c, auth) && region_open(c);
}

static bool permitted(struct ctx *c)
{
    struct str resource = STR("*");

    if (c->op->flags & (OP_UNSIGNED | OP_OPEN))
        return true;
    if (!str_empty(c->path_tail))
        resource = c->path_tail;
    return auth_permits(c, c->op->service, c->op->name, resource);
}

static void time_style(struct ctx *c, const struct fault_rule *rule)
{
    if (!rule || !str_eq_z(rule->effect, "TIME") || str_eq_z(rule->variant, "date"))
        return;
    if (str_eq_z(rule->variant, "jump"))
        c->jump_ms = rule->value * 1000;
    else
        c->sim->knobs.timestamps = rule->variant;
}

/* The operation, unless a rule stands before it. true: the answer is complete already. */
static bool perform(struct ctx *c, const struct authorization *auth, bool absent,
                    struct fault_rule **rule)
{
    c->clock_ms += fault_skew_ms(c);
    if (!admit(c, auth, absent) || !route_decode(c))
        return false;
    *rule = fault_of_call(c, effects_on(c));
    if (*rule && fault_before(c, *rule))
        return true;
    if (c->refusal.status || !permitted(c))
        return false;
    time_style(c, *rule);
    reply_begin(c);
    c->call->effect = (c->op->flags & OP_WRITES) != 0;
    c->op->run(c);
    return false;
}

static void finish(struct ctx *c, const struct fault_rule *rule, bool complete)
{
    if (!complete)
        reply_finish(c);
    if (rule)
        fault_after(c, rule);
    if (rule && str_eq_z(rule->effect, "CRASH"))
        c->sim->crash = true;
    call_end(c);
}

/* Every answer says what time it is here, which is what a client corrects its own clock by. */
static void add_date(struct arena *a, int64_t clock_ms, struct http_answer *answer)
{
    struct headers old = answer->headers;
    struct header *h = arena_array_of(a, old.len + 1, struct header);

    if (old.len)
        memcpy(h, old.items, old.len * sizeof(*h));
    h[old.len] = (struct header){STR("Date"), time_http(a, clock_ms)};
    answer->headers = (struct headers){h, old.len + 1};
}

/* The time that the answer tells. */
static int64_t aws_handle(struct sim *s, struct arena *a, const struct http_request *request,
                          struct http_answer *answer)
{
    struct ctx c = {.sim = s, .a = a, .request = request, .answer = answer, .clock_ms = s->now_ms};
    struct fault_rule *rule = NULL;
    struct authorization auth;
    bool absent, complete = false;
    bool sound = auth_parse(a, request, &auth, &absent);
    struct str style = s->knobs.timestamps;

    c.request_id = request_id_new(s);
    route(&c, auth.service, auth.region);
    if (str_present(auth.key_id)) {
        const struct key *key = world_get(s, K_KEY, STR(""), STR(""), auth.key_id);

        c.account = key ? key->at.account : (struct str){0};
    }
    call_begin(&c, &auth);
    if (!sound && !absent && !auth_anybody(s))
        auth_refuse(&c, AUTH_INCOMPLETE, (struct str){0});
    else if (c.op)
        complete = perform(&c, &auth, absent, &rule);
    s->knobs.timestamps = style;
    finish(&c, rule, complete);
    return c.clock_ms;
}

void sim_handle(struct sim *s, struct arena *a, const struct http_request *request,
                int64_t wall_now_ms, struct http_answer *answer)
{
    int64_t clock_ms;

    *answer = (struct http_answer){.status = 500};
    s->wall_ms = wall_now_ms;
    s->now_ms = sim_now_ms(s, wall_now_ms);
    s->requests++;
    world_advance(s);
    clock_ms = s->now_ms;
    if (str_starts(request->path, STR("/_sim/")))
        admin_handle(s, a, request, answer);
    else if (metadata_is(request))
        metadata_handle(s, a, request, answer);
    else
        clock_ms = aws_handle(s, a, request, answer);
    add_date(a, clock_ms, answer);
}
