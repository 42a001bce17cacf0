/* What a person does in a drill, and what happens to him. */
#include "tests/crash/drill_internal.h"

#include <stdio.h>

#include "base/panic.h"
#include "rules/transitions.h"

enum { STEPS_MAX = 20000, STEP_MAX_MS = 60000 };

static struct str group(struct drill *d, const char *tier, const char *launch)
{
    char text[512];

    (void)snprintf(text, sizeof text,
                   "{\"operation\":\"create_protection_group\",\"body\":{\"name\":\"%s\","
                   "\"region\":\"us-east-1\",\"serverSelectionTags\":{\"Tier\":\"%s\"},"
                   "\"launchConfiguration\":%s}}",
                   tier, tier, launch ? launch : "null");
    return json_str(json_get_z(drill_must(d, DATA, text), "groupId"));
}

static void create_plan(struct drill *d)
{
    struct str db = d->db_group = group(d, "db", d->options.db_launch);
    struct str app = group(d, "app", NULL);
    struct str web = group(d, "web", NULL);
    struct str text =
        arena_strf(d->arena,
                   "{\"operation\":\"create_recovery_plan\",\"body\":{\"name\":\"shop\",\"waves\":["
                   "{\"waveNumber\":1,\"name\":\"Database\",\"protectionGroupId\":\"" STR_FMT "\"},"
                   "{\"waveNumber\":2,\"name\":\"Application\",\"protectionGroupId\":\"" STR_FMT
                   "\",\"pauseBeforeWave\":true,\"dependsOnWaves\":[1]},"
                   "{\"waveNumber\":3,\"name\":\"Web\",\"protectionGroupId\":\"" STR_FMT
                   "\",\"dependsOnWaves\":[2]}]}}",
                   STR_ARG(db), STR_ARG(app), STR_ARG(web));

    d->plan_id = json_str(json_get_z(drill_must(d, DATA, text.ptr), "planId"));
}

/* By the time of that call the start has read its groups. */
void drill_change_meanwhile(struct drill *d, struct str url)
{
    const char *members = d->options.meanwhile;

    if (!members || !d->armed || !str_contains(url, STR("DescribeJobs")))
        return;
    d->options.meanwhile = NULL;
    (void)drill_must(d, DATA,
                     arena_strf(d->arena,
                                "{\"operation\":\"update_protection_group\",\"body\":{\"groupId\":"
                                "\"" STR_FMT "\",%s}}",
                                STR_ARG(d->db_group), members)
                         .ptr);
}

/* As a person would: again with the same token until it is answered. */
static void start(struct drill *d)
{
    struct str text = arena_strf(
        d->arena,
        "{\"operation\":\"execute_recovery_plan\",\"body\":{\"planId\":\"" STR_FMT
        "\",\"executionType\":\"DRILL\",\"initiatedBy\":\"drill\",\"clientToken\":\"once\"}}",
        STR_ARG(d->plan_id));

    for (int i = 0; i < 5 && !str_present(d->execution_id); i++) {
        struct reply reply;
        const struct json *v = drill_invoke(d, EXECUTION, text, &reply);

        if (!reply.fault)
            d->execution_id = json_str(json_get_z(v, "executionId"));
        else if (!d->dead && !fault_describe(reply.fault)->retryable)
            panic("start: " STR_FMT, STR_ARG(json_text(d->arena, v)));
        drill_revive(d);
    }
    REQUIRE(str_present(d->execution_id));
}

static const struct json *ask(struct drill *d, const char *operation, struct reply *reply)
{
    struct str text =
        arena_strf(d->arena, "{\"operation\":\"%s\",\"body\":{\"executionId\":\"" STR_FMT "\"}}",
                   operation, STR_ARG(d->execution_id));

    return drill_invoke(d, EXECUTION, text, reply);
}

const struct json *drill_details(struct drill *d)
{
    struct reply reply;
    const struct json *v = ask(d, "get_execution_details", &reply);

    if (reply.fault)
        panic("details: " STR_FMT, STR_ARG(json_text(d->arena, v)));
    return v;
}

static bool is(const struct json *v, const char *name, const char *value)
{
    return str_eq_z(json_str(json_get_z(v, name)), value);
}

static bool has_ended(const struct json *details)
{
    return is(details, "status", "COMPLETED") || is(details, "status", "FAILED") ||
           is(details, "status", "CANCELLED");
}

static void begin_trouble(struct drill *d)
{
    (void)drill_tell_sim(d, "POST", STR("/_sim/faults"), str_from_z(d->options.trouble));
    d->trouble_since = d->clock.mono_ms + 1;
}

static bool trouble_begins(const struct drill *d, const struct json *details)
{
    const struct json *waves = json_get_z(details, "waves");

    if (d->options.trouble_from == FROM_END)
        return has_ended(details);
    return json_is(waves, JS_ARRAY) && json_str(json_get_z(&waves->items[0], "drsJobId")).len;
}

static bool trouble_ends(const struct drill *d, const struct json *details)
{
    if (d->options.trouble_ms)
        return d->clock.mono_ms >= d->trouble_since + d->options.trouble_ms;
    return d->options.trouble_from != FROM_END && has_ended(details);
}

static void trouble(struct drill *d, const struct json *details)
{
    if (!d->options.trouble || d->trouble_over)
        return;
    if (!d->trouble_since) {
        if (trouble_begins(d, details))
            begin_trouble(d);
        return;
    }
    if (!trouble_ends(d, details))
        return;
    (void)drill_tell_sim(d, "DELETE", STR("/_sim/faults/trouble"), (struct str){0});
    d->trouble_over = true;
}

/* What a person does about what he sees; true: it is over. */
static bool attend(struct drill *d, const struct json *details)
{
    const struct json *termination = json_get_z(details, "termination");
    struct reply reply;

    if (is(details, "status", "PAUSED"))
        (void)ask(d, "resume_execution", &reply);
    if (is(details, "status", "FAILED") && !d->options.may_fail)
        panic("failed (submit %ld, call %ld): " STR_FMT, d->options.die_at_submit,
              d->options.die_at_call, STR_ARG(json_text(d->arena, details)));
    if (has_ended(details) && !termination) {
        const struct json *v = ask(d, "terminate_recovery_instances", &reply);

        if (!reply.fault && json_bool(json_get_z(v, "noInstancesFound"), false))
            return true;
    }
    if (is(termination, "status", "FAILED") && !d->options.may_fail)
        panic("termination failed (submit %ld, call %ld): " STR_FMT, d->options.die_at_submit,
              d->options.die_at_call, STR_ARG(json_text(d->arena, details)));
    return termination && !is(termination, "status", "RUNNING");
}

/* true: in the middle of this wait, and now is then. */
static bool jumps(struct drill *d, int64_t wait_ms)
{
    const struct drill_jump *jump;
    int64_t in_ms;

    if (d->jumped == d->options.jumps_len)
        return false;
    jump = &d->options.jumps[d->jumped];
    in_ms = jump->at_ms - d->clock.mono_ms;
    if (in_ms >= wait_ms)
        return false;
    REQUIRE(in_ms > 0);
    clock_single_advance(&d->clock, in_ms);
    d->clock.wall_ms += jump->by_ms;
    d->jumped++;
    d->dead = d->options.jump_kills;
    drill_revive(d);
    return true;
}

static void pass_time(struct drill *d, int64_t due)
{
    int64_t ms = due == INT64_MAX ? STEP_MAX_MS : due - d->clock.mono_ms;

    if (ms > STEP_MAX_MS) /* an approval is waited for much longer, and comes at once */
        ms = STEP_MAX_MS;
    if (!jumps(d, ms))
        clock_single_advance(&d->clock, ms > 0 ? ms : 1);
}

void drill_cancel(struct drill *d)
{
    struct write_set *ws = write_set_new(d->arena);
    struct execution e = {0};
    struct refusal why;
    size_t n;

    REQUIRE(reader_get(store_reader(d->store), d->arena, COLLECTION_EXECUTIONS, d->execution_id,
                       (struct str){0}, &e) == FAULT_NONE);
    e.status = transition_next(TRANSITION_EXECUTION, e.status, EVENT_CANCEL, GUARD_ACTIVE);
    REQUIRE(e.status == EXECUTION_CANCELLING);
    e.revision++;
    n = ws_put(ws, COLLECTION_EXECUTIONS, &e);
    ws_if_int(ws, n, "revision", e.revision - 1, FAULT_CONDITION_FAILED);
    REQUIRE(store_submit(d->store, d->arena, ws, &why) == FAULT_NONE);
}

void drill_watch(struct drill *d, drill_watch_fn *watch, void *context)
{
    d->watch = watch;
    d->watch_context = context;
}

void drill_go_on(struct drill *d)
{
    bool over = false;

    for (int i = 0; i < STEPS_MAX && !over; i++) {
        const struct json *details;
        int64_t due = flow_tick(d->engine);

        drill_revive(d);
        details = drill_details(d);
        if (d->watch)
            d->watch(d->watch_context, details);
        trouble(d, details);
        over = attend(d, details) && flow_live(d->engine) == 0;
        drill_revive(d);
        if (!over)
            pass_time(d, due);
    }
    if (!over)
        panic("it never ends: " STR_FMT, STR_ARG(json_text(d->arena, drill_details(d))));
}

void drill_run(struct drill *d)
{
    create_plan(d);
    d->armed = true;
    start(d);
    if (d->options.knobs)
        (void)drill_tell_sim(d, "POST", STR("/_sim/knobs"), str_from_z(d->options.knobs));
    if (d->options.trouble && d->options.trouble_from == FROM_START)
        begin_trouble(d);
    drill_go_on(d);
    d->armed = false;
}
