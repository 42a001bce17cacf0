#include "tests/unit/unit.h"

#include "tests/crash/drill_internal.h"

/*
 * A wave of somebody else's workflow, of as many servers as one job may have, while the process
 * dies at each of its commits and calls: whoever calls again has it started, once.
 */
enum { SERVERS = 100, CALLS_MAX = 40, PAUSE_MS = 10000 };

#define STATE                                                                                     \
    "{\"action\":\"start_wave_recovery\",\"wave_number\":1,\"state\":{\"executionId\":\"e1\","    \
    "\"planId\":\"p1\",\"executionType\":\"DRILL\",\"accountContext\":{\"accountId\":"            \
    "\"123456789012\",\"region\":\"us-east-1\"},\"waves\":[{\"waveNumber\":1,\"waveName\":\"w\"," \
    "\"servers\":["

/* Of servers that DRS gets here. */
static struct str event_of(struct drill *d)
{
    struct buf out = buf_new(d->arena, 1 << 16);

    buf_add_z(&out, STATE);
    for (int i = 0; i < SERVERS; i++) {
        struct str id = arena_strf(d->arena, "s-%017x", i);

        (void)drill_tell_sim(
            d, "POST", STR("/_sim/servers"),
            arena_strf(d->arena, "{\"id\":\"" STR_FMT "\",\"hostname\":\"h%d\"}", STR_ARG(id), i));
        buf_addf(&out, "%s\"" STR_FMT "\"", i ? "," : "", STR_ARG(id));
    }
    buf_add_z(&out, "]}]}}");
    return buf_str(&out);
}

/* As a workflow with a retrier would. */
static void start_it(struct drill *d)
{
    struct str event = event_of(d);
    const struct json *v = NULL;
    struct reply reply;

    d->armed = true;
    for (int i = 0; i < CALLS_MAX; i++) {
        v = drill_invoke(d, EXECUTION, event, &reply);
        if (!reply.fault)
            break;
        drill_revive(d);
        clock_single_advance(&d->clock, PAUSE_MS);
    }
    if (reply.fault)
        fail_msg(STR_FMT, STR_ARG(json_text(d->arena, v)));
    d->execution_id = STR("e1");
    assert_int_equal(json_int(json_get_z(v, "serversLaunched"), 0), SERVERS);
    assert_int_equal(drill_effective(d, "StartRecovery"), 1);
    v = &json_get_z(drill_details(d), "waves")->items[0];
    assert_int_equal(json_get_z(v, "servers")->len, SERVERS);
}

/* false: it has fewer such events. */
static bool dies_at(struct drill_options options)
{
    struct drill *d;
    bool died;

    options.scenario = "three-tier.json";
    options.seed = 7;
    options.lag = 3;
    d = drill_new(&options);
    start_it(d);
    died = drill_deaths(d) > 0;
    drill_free(d);
    return died;
}

static void it_is_started_once_whatever_dies(void **state)
{
    long commits = 0;
    long calls = 0;

    (void)state;
    while (dies_at((struct drill_options){.die_at_submit = commits + 1}))
        assert_true(
            dies_at((struct drill_options){.die_at_submit = ++commits, .death = DEATH_AFTER}));
    while (dies_at((struct drill_options){.die_at_call = calls + 1}))
        assert_true(dies_at((struct drill_options){.die_at_call = ++calls, .death = DEATH_AFTER}));
    print_message("# %ld commits, %ld AWS calls\n", commits, calls);
    assert_true(commits > 4 && calls > 2);
}

/* ---- an execution of ours between the look at the claims and the commit ---- */

struct between {
    struct drill *d;
    const char *start; /* of ours */
    void (*gate)(void *context, bool *effect, bool *pass);
    void *context;
};

static void start_ours(void *context, bool *effect, bool *pass)
{
    struct between *b = context;

    b->d->gated.gate = b->gate;
    b->d->gated.context = b->context;
    (void)drill_must(b->d, EXECUTION, b->start);
    b->gate(b->context, effect, pass);
}

static const char *plan_of(struct drill *d, const char *server)
{
    struct str group = arena_strf(d->arena,
                                  "{\"operation\":\"create_protection_group\",\"body\":{\"name\":"
                                  "\"g\",\"region\":\"us-east-1\",\"sourceServerIds\":[\"%s\"]}}",
                                  server);
    struct str id = json_str(json_get_z(drill_must(d, DATA, group.ptr), "groupId"));
    struct str plan =
        arena_strf(d->arena,
                   "{\"operation\":\"create_recovery_plan\",\"body\":{\"name\":\"p\",\"waves\":[{"
                   "\"waveNumber\":1,\"name\":\"w\",\"protectionGroupId\":\"" STR_FMT "\"}]}}",
                   STR_ARG(id));

    id = json_str(json_get_z(drill_must(d, DATA, plan.ptr), "planId"));
    return arena_strf(d->arena,
                      "{\"operation\":\"execute_recovery_plan\",\"body\":{\"planId\":\"" STR_FMT
                      "\",\"executionType\":\"DRILL\"}}",
                      STR_ARG(id))
        .ptr;
}

static void it_does_not_overrun_a_start_of_ours(void **state)
{
    struct drill *d = drill_new(
        &(struct drill_options){.scenario = "three-tier.json", .seed = 7, .visibility_ms = 1});
    struct str event = event_of(d);
    struct between b = {d, plan_of(d, "s-00000000000000063"), d->gated.gate, d->gated.context};
    const struct json *v;
    struct reply reply;

    (void)state;
    d->gated.gate = start_ours;
    d->gated.context = &b;
    v = drill_invoke(d, EXECUTION, event, &reply);
    if (reply.fault != FAULT_SERVER_CONFLICT)
        fail_msg(STR_FMT, STR_ARG(json_text(d->arena, v)));
    v = json_get_z(v, "conflicts");
    assert_int_equal(v->len, 1);
    assert_str(json_str(json_get_z(&v->items[0], "sourceServerId")), "s-00000000000000063");
    assert_int_equal(drill_effective(d, "StartRecovery"), 0);
    drill_free(d);
}

/* ---- a job that never ends ---- */

static const struct json *poll(struct drill *d)
{
    return drill_must(d, "test-query-handler-dev",
                      "{\"action\":\"poll_wave_status\",\"state\":{\"executionId\":\"e1\"}}");
}

static const struct json *update(struct drill *d, const char *status)
{
    return drill_must(d, EXECUTION,
                      arena_strf(d->arena,
                                 "{\"action\":\"update_wave_completion_status\",\"executionId\":"
                                 "\"e1\",\"waveNumber\":1,\"status\":\"%s\"}",
                                 status)
                          .ptr);
}

static void its_loop_ends_at_the_waves_deadline(void **state)
{
    struct drill *d = drill_new(&(struct drill_options){.scenario = "three-tier.json", .seed = 7});
    const struct json *v;

    (void)state;
    (void)drill_tell_sim(d, "POST", STR("/_sim/faults"),
                         STR("{\"id\":\"f\",\"effect\":\"STALL\",\"match\":{}}"));
    start_it(d);
    clock_single_advance(&d->clock, d->workflow.wave_deadline_ms - 1);
    assert_str(json_str(json_get_z(poll(d), "status")), "running");
    assert_str(json_str(json_get_z(update(d, "running"), "waveStatus")), "LAUNCHING");
    clock_single_advance(&d->clock, 1);
    assert_str(json_str(json_get_z(poll(d), "status")), "timeout");
    v = update(d, "timeout");
    assert_str(json_str(json_get_z(v, "status")), "timeout");
    assert_str(json_str(json_get_z(v, "waveStatus")), "FAILED");
    assert_str(json_str(json_get_z(v, "executionStatus")), "FAILED");
    assert_str(json_str(json_get_z(drill_details(d), "outcome")), "TIMED_OUT");
    assert_str(json_str(json_get_z(poll(d), "status")), "failed");
    drill_free(d);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(it_is_started_once_whatever_dies),
        cmocka_unit_test(it_does_not_overrun_a_start_of_ours),
        cmocka_unit_test(its_loop_ends_at_the_waves_deadline),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
