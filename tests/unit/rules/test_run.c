/* long file: tables of cases */
#include "tests/unit/unit.h"

#include "model/execution.h"
#include "rules/launches.h"
#include "rules/outcome.h"
#include "rules/transitions.h"
#include "rules/waves.h"

/* ---- transitions ---- */

static void every_row_is_found_and_nothing_else(void **state)
{
    size_t len;
    const struct transition *t = transitions(&len);
    size_t allowed = 0;

    (void)state;
    for (size_t i = 0; i < len; i++)
        assert_int_equal(transition_next(t[i].entity, t[i].from, t[i].event, t[i].guard), t[i].to);
    for (int entity = 1; entity <= 3; entity++)
        for (int from = 1; from <= 10; from++)
            for (int event = 1; event <= EVENT_TERMINATE; event++)
                for (int guard = GUARD_NONE; guard <= GUARD_FAILURE; guard++)
                    allowed += transition_next((enum transition_entity)entity, from,
                                               (enum transition_event)event,
                                               (enum transition_guard)guard) != 0;
    /* A row without a guard answers to each of the five. */
    for (size_t i = 0; i < len; i++)
        allowed -= t[i].guard == GUARD_NONE ? 5 : 1;
    assert_int_equal(allowed, 0);
}

static void terminal_states_are_left_by_a_retake_alone(void **state)
{
    size_t len;
    const struct transition *t = transitions(&len);

    (void)state;
    for (size_t i = 0; i < len; i++) {
        if (t[i].entity == TRANSITION_EXECUTION && execution_is_terminal(t[i].from))
            assert_true(t[i].event == EVENT_RETAKE && t[i].from == EXECUTION_FAILED);
        if (t[i].entity == TRANSITION_EXECUTION && t[i].from == EXECUTION_CANCELLING)
            assert_int_equal(t[i].to, EXECUTION_CANCELLED);
    }
}

/* ---- waves ---- */

struct wave_case {
    const char *title;
    int status[3];  /* waves 1, 2, 3 */
    int depends[3]; /* one dependency each, 0: none */
    bool gate[3];
    bool parallel, go_on, stopping;
    enum wave_verdict verdicts[3];
    bool ready, active;
    int64_t gated; /* the wave that waits for approval, 0: none */
    bool finished;
};

static const struct wave_case wave_cases[] = {
    {"the first wave starts, the second waits for it",
     {1, 1, 1},
     {0, 1, 2},
     .verdicts = {WAVE_READY, WAVE_WAITS_FOR, WAVE_WAITS_FOR},
     .ready = true},
    {"the second starts when the first has completed",
     {WAVE_COMPLETED, 1, 1},
     {0, 1, 2},
     .verdicts = {WAVE_NOT_PENDING, WAVE_READY, WAVE_WAITS_FOR},
     .ready = true},
    {"a skipped wave fulfils a dependency",
     {WAVE_SKIPPED, 1, 1},
     {0, 1, 2},
     .verdicts = {WAVE_NOT_PENDING, WAVE_READY, WAVE_WAITS_FOR},
     .ready = true},
    {"independent waves run one at a time",
     {1, 1, 1},
     {0, 0, 0},
     .verdicts = {WAVE_READY, WAVE_WAITS_FOR_TURN, WAVE_WAITS_FOR_TURN},
     .ready = true},
    {"an active wave keeps the others waiting",
     {WAVE_STARTED, 1, 1},
     {0, 0, 0},
     .verdicts = {WAVE_NOT_PENDING, WAVE_WAITS_FOR_TURN, WAVE_WAITS_FOR_TURN},
     .active = true},
    {"an active later wave keeps an earlier one waiting",
     {1, WAVE_LAUNCHING, 1},
     {0, 0, 0},
     .verdicts = {WAVE_WAITS_FOR_TURN, WAVE_NOT_PENDING, WAVE_WAITS_FOR_TURN},
     .active = true},
    {"side by side all that are free run",
     {1, 1, 1},
     {0, 0, 2},
     .parallel = true,
     .verdicts = {WAVE_READY, WAVE_READY, WAVE_WAITS_FOR},
     .ready = true},
    {"a gate holds before the first wave",
     {1, 1, 1},
     {0, 1, 2},
     {true},
     .verdicts = {WAVE_GATED, WAVE_WAITS_FOR, WAVE_WAITS_FOR},
     .gated = 1},
    {"a gate holds what comes after it, one at a time",
     {WAVE_WAITING_APPROVAL, 1, 1},
     {0, 0, 0},
     {true},
     .verdicts = {WAVE_GATED, WAVE_WAITS_FOR_TURN, WAVE_WAITS_FOR_TURN},
     .gated = 1},
    {"side by side a gate holds its own wave",
     {1, 1, 1},
     {0, 0, 1},
     {true},
     .parallel = true,
     .verdicts = {WAVE_GATED, WAVE_READY, WAVE_WAITS_FOR},
     .ready = true,
     .gated = 1},
    {"after a failure nothing starts",
     {WAVE_FAILED, 1, 1},
     {0, 0, 0},
     .verdicts = {WAVE_NOT_PENDING, WAVE_STOPPED_BY, WAVE_STOPPED_BY},
     .finished = true},
    {"running ones finish after a failure",
     {WAVE_FAILED, WAVE_STARTED, 1},
     {0, 0, 0},
     .parallel = true,
     .verdicts = {WAVE_NOT_PENDING, WAVE_NOT_PENDING, WAVE_STOPPED_BY},
     .active = true},
    {"the plan goes on past a failure where nothing depends on it",
     {WAVE_FAILED, 1, 1},
     {0, 1, 0},
     .go_on = true,
     .verdicts = {WAVE_NOT_PENDING, WAVE_BLOCKED_BY, WAVE_READY},
     .ready = true},
    {"what depends on the blocked will never run",
     {WAVE_FAILED, 1, 1},
     {0, 1, 2},
     .go_on = true,
     .verdicts = {WAVE_NOT_PENDING, WAVE_BLOCKED_BY, WAVE_WAITS_FOR},
     .finished = true},
    {"a cancelled dependency blocks",
     {WAVE_CANCELLED, 1, WAVE_COMPLETED},
     {0, 1, 0},
     .verdicts = {WAVE_NOT_PENDING, WAVE_BLOCKED_BY, WAVE_NOT_PENDING},
     .finished = true},
    {"of two gates the first is asked about",
     {1, 1, WAVE_STARTED},
     {0, 0, 0},
     {true, true},
     .parallel = true,
     .verdicts = {WAVE_GATED, WAVE_GATED, WAVE_NOT_PENDING},
     .active = true,
     .gated = 1},
    {"a dependency that does not exist blocks",
     {1, WAVE_COMPLETED, WAVE_COMPLETED},
     {9, 0, 0},
     .verdicts = {WAVE_BLOCKED_BY, WAVE_NOT_PENDING, WAVE_NOT_PENDING},
     .finished = true},
    {"nothing starts once cancelled",
     {WAVE_COMPLETED, 1, 1},
     {0, 1, 2},
     .stopping = true,
     .verdicts = {WAVE_NOT_PENDING, WAVE_STOPPED, WAVE_STOPPED},
     .finished = true},
    {"a cancelled execution lets its job end",
     {WAVE_LAUNCHING, 1, 1},
     {0, 1, 2},
     .stopping = true,
     .verdicts = {WAVE_NOT_PENDING, WAVE_STOPPED, WAVE_STOPPED},
     .active = true},
    {"all done is finished",
     {WAVE_COMPLETED, WAVE_COMPLETED, WAVE_SKIPPED},
     {0, 1, 2},
     .verdicts = {WAVE_NOT_PENDING, WAVE_NOT_PENDING, WAVE_NOT_PENDING},
     .finished = true},
    {"a circle is finished, not waited for",
     {1, 1, WAVE_COMPLETED},
     {2, 1, 0},
     .verdicts = {WAVE_WAITS_FOR, WAVE_WAITS_FOR, WAVE_NOT_PENDING},
     .finished = true},
};

static void check_wave_case(const struct wave_case *c)
{
    int64_t dependencies[3];
    struct wave_view waves[3] = {{0}};
    struct waves_view v = {.waves = waves,
                           .len = 3,
                           .parallel = c->parallel,
                           .go_on = c->go_on,
                           .stopping = c->stopping};
    struct waves_plan plan;

    print_message("# %s\n", c->title);
    for (size_t i = 0; i < 3; i++) {
        dependencies[i] = c->depends[i];
        waves[i] = (struct wave_view){
            .number = (int64_t)i + 1, .status = c->status[i], .gate = c->gate[i]};
        if (c->depends[i])
            waves[i].depends_on = (struct ints){&dependencies[i], 1};
    }
    for (size_t i = 0; i < 3; i++)
        assert_int_equal(wave_judge(&v, i).verdict, c->verdicts[i]);
    plan = waves_decide(&v);
    assert_int_equal(plan.any_ready, c->ready);
    assert_int_equal(plan.any_active, c->active);
    assert_int_equal(plan.any_gated, c->gated != 0);
    assert_int_equal(plan.gated, c->gated);
    assert_int_equal(plan.finished, c->finished);
}

static void waves_are_judged(void **state)
{
    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(wave_cases); i++)
        check_wave_case(&wave_cases[i]);
}

/* Of several dependencies: one that can never be fulfilled before those that only take time. */
static void a_wave_names_the_dependency_that_matters(void **state)
{
    static const struct {
        int status[2];
        enum wave_verdict verdict;
        int64_t other;
    } rows[] = {
        {{WAVE_PENDING, WAVE_PENDING}, WAVE_WAITS_FOR, 1},
        {{WAVE_COMPLETED, WAVE_STARTED}, WAVE_WAITS_FOR, 2},
        {{WAVE_PENDING, WAVE_FAILED}, WAVE_BLOCKED_BY, 2},
        {{WAVE_CANCELLED, WAVE_FAILED}, WAVE_BLOCKED_BY, 1},
        {{WAVE_COMPLETED, WAVE_SKIPPED}, WAVE_READY, 0},
    };

    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        struct wave_view waves[] = {
            {.number = 1, .status = rows[i].status[0]},
            {.number = 2, .status = rows[i].status[1]},
            {.number = 3, .status = WAVE_PENDING, .depends_on = {(int64_t[]){1, 2}, 2}},
        };
        struct waves_view v = {.waves = waves, .len = 3, .parallel = true, .go_on = true};
        struct wave_judgement j = wave_judge(&v, 2);

        assert_int_equal(j.verdict, rows[i].verdict);
        assert_int_equal(j.other, rows[i].other);
    }
}

static void an_approved_gate_is_open(void **state)
{
    struct wave_view w = {.number = 1, .status = WAVE_PENDING, .gate = true, .approved = true};
    struct waves_view v = {.waves = &w, .len = 1};

    (void)state;
    assert_int_equal(wave_judge(&v, 0).verdict, WAVE_READY);
}

static void every_pending_wave_says_what_it_waits_for(void **state)
{
    static const char *const texts[] = {
        [WAVE_READY] = "its start",
        [WAVE_GATED] = "approval",
        [WAVE_WAITS_FOR] = "wave 7 to complete",
        [WAVE_WAITS_FOR_TURN] = "its turn after wave 7",
        [WAVE_BLOCKED_BY] = "nothing: wave 7, which it depends on, did not complete",
        [WAVE_STOPPED_BY] = "nothing: wave 7 failed",
        [WAVE_STOPPED] = "nothing: the execution starts no more waves",
    };
    struct arena *a = arena_new(0);

    (void)state;
    for (int v = WAVE_READY; v <= WAVE_STOPPED; v++) {
        struct wave_judgement j = {.verdict = (enum wave_verdict)v, .other = 7};

        assert_str(wave_waiting_for(a, &j), texts[v]);
    }
    assert_false(str_present(wave_waiting_for(a, &(struct wave_judgement){WAVE_NOT_PENDING, 0})));
    assert_false(
        str_present(wave_waiting_for(a, &(struct wave_judgement){(enum wave_verdict)99, 0})));
    arena_free(a);
}

static void every_wave_that_is_given_up_says_why(void **state)
{
    static const struct {
        int first, second;
        bool go_on, stopping;
        const char *why;
    } rows[] = {
        {WAVE_FAILED, WAVE_PENDING, true, false, "Wave 1, which it depends on, did not complete"},
        {WAVE_CANCELLED, WAVE_PENDING, false, false,
         "Wave 1, which it depends on, did not complete"},
        {WAVE_FAILED, WAVE_PENDING, false, false,
         "Wave 1 failed, and the plan starts none after that"},
        {WAVE_COMPLETED, WAVE_PENDING, false, true,
         "The execution was cancelled before it started"},
        {WAVE_COMPLETED, WAVE_PENDING, false, false, "The execution ended before it started"},
    };
    struct arena *a = arena_new(0);

    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        struct wave_view waves[] = {
            {.number = 1, .status = rows[i].first},
            {.number = 2, .status = rows[i].second, .depends_on = {(int64_t[]){1}, 1}},
        };
        struct waves_view v = {
            .waves = waves, .len = 2, .go_on = rows[i].go_on, .stopping = rows[i].stopping};

        assert_str(wave_why_not(a, &v, 1), rows[i].why);
    }
    arena_free(a);
}

/* ---- launches ---- */

static void servers_are_cut_into_launches(void **state)
{
    enum { N = 260 };
    struct account_context one = {.account_id = STR("111111111111"), .region = STR("us-east-1")};
    struct account_context two = {.account_id = STR("111111111111"), .region = STR("us-west-2")};
    struct arena *a = arena_new(0);
    struct resolved_server *servers = arena_array_of(a, N, struct resolved_server);
    struct launch_candidate *c = arena_array_of(a, N, struct launch_candidate);
    struct launch_cut *cuts;
    static const size_t lens[] = {100, 100, 48, 2, 5, 5};
    static const size_t ordinals[] = {1, 2, 3, 4, 1, 1};

    (void)state;
    for (size_t i = 0; i < N; i++) {
        servers[i].server_id = arena_strf(a, "s-%03zu", N - i);
        servers[i].wave_number = i < 5 ? 2 : 1;
        servers[i].launch_order = i >= 5 && i < 10 ? 2 : 1;
        c[i] = (struct launch_candidate){.account = i == 10 || i == 11 ? &two : &one,
                                         .server = &servers[i]};
    }
    assert_int_equal(launches_cut(a, c, N, &cuts), ARRAY_LEN(lens));
    for (size_t i = 0; i < ARRAY_LEN(lens); i++) {
        assert_int_equal(cuts[i].len, lens[i]);
        assert_int_equal(cuts[i].ordinal, ordinals[i]);
    }
    assert_str(c[cuts[3].first].account->region, "us-west-2");
    assert_int_equal(launches_cut(a, c, 0, &cuts), 0);
    assert_int_equal(launches_cut(a, c, 1, &cuts), 1);
    arena_free(a);
}

static void a_launch_id_holds_the_attempt(void **state)
{
    struct launch_run l = {.wave_number = 2, .step = 3, .attempt = 4};
    struct arena *a = arena_new(0);

    (void)state;
    assert_str(launch_id_of(a, STR("exec-1"), &l, 5), "exec-1/w2/s3/5/a4");
    l.terminate = true;
    assert_str(launch_id_of(a, STR("exec-1"), &l, 5), "exec-1/t4/5");
    arena_free(a);
}

static void steps_follow_each_other(void **state)
{
    struct launch_run first = {.step = 1, .state = LAUNCH_STARTED};
    struct launch_run second = {.step = 2, .state = LAUNCH_PLANNED};
    const struct launch_run *all[] = {&first, &second};

    (void)state;
    assert_true(launch_is_ready(all, 2, 0));
    assert_false(launch_is_ready(all, 2, 1));
    first.state = LAUNCH_ENDED;
    assert_false(launch_is_ready(all, 2, 0));
    assert_true(launch_is_ready(all, 2, 1));
    assert_false(launches_have_ended(all, 2));
    second.state = LAUNCH_ENDED;
    assert_true(launches_have_ended(all, 2));
}

static void a_call_waits_until_nothing_can_be_hidden(void **state)
{
    struct launch_run l = {.state = LAUNCH_PLANNED};

    (void)state;
    assert_true(launch_may_call(&l, 90000));
    l.state = LAUNCH_INTENT;
    assert_true(launch_may_call(&l, 90000));
    l.uncertain = true;
    assert_false(launch_may_call(&l, 90000));
    l.looked_ms = 89999;
    assert_false(launch_may_call(&l, 90000));
    l.looked_ms = 90000;
    assert_true(launch_may_call(&l, 90000));
    l.uncertain = false;
    l.reconcile = true;
    l.looked_ms = 0;
    assert_false(launch_may_call(&l, 90000));
    l.state = LAUNCH_STARTED;
    assert_false(launch_may_call(&l, 0));
    assert_int_equal(elapsed_since(100, 150), 50);
    assert_int_equal(elapsed_since(150, 100), 0);
}

static void a_launch_is_postponed_when_AWS_said_later(void **state)
{
    static const struct {
        struct launch_run launch;
        bool postponed;
    } cases[] = {
        {{.state = LAUNCH_PLANNED}, false},
        {{.state = LAUNCH_INTENT}, false},
        {{.state = LAUNCH_PLANNED, .error_code = STR_INIT("E")}, true},
        {{.state = LAUNCH_INTENT, .error_code = STR_INIT("E")}, true},
        {{.state = LAUNCH_INTENT, .error_code = STR_INIT("E"), .uncertain = true}, false},
        {{.state = LAUNCH_PLANNED, .error_code = STR_INIT("E"), .reconcile = true}, false},
        {{.state = LAUNCH_STARTED, .error_code = STR_INIT("E")}, false},
        {{.state = LAUNCH_ENDED, .error_code = STR_INIT("E")}, false},
    };

    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(cases); i++)
        assert_int_equal(launch_is_postponed(&cases[i].launch), cases[i].postponed);
}

static void only_a_refusal_of_the_start_itself_fails_the_launch(void **state)
{
    static const struct {
        struct start_answer answer;
        enum start_verdict verdict;
    } cases[] = {
        {{.status = 403}, START_REFUSED},
        {{.status = 400}, START_REFUSED},
        {{.status = 499}, START_REFUSED},
        {{.status = 403, .unidentified = true}, START_LATER},
        {{.status = 429, .retryable = true}, START_LATER},
        {{.status = 402}, START_LATER},
        {{.status = 0}, START_LATER}, /* no credentials, no address: nothing was sent */
        {{.status = 301}, START_LATER},
        {{.status = 409}, START_LOOK},
        {{.status = 503, .retryable = true}, START_LATER}, /* SlowDown */
        {{.status = 503, .retryable = true, .ambiguous = true}, START_LOOK},
        {{.status = 0, .ambiguous = true}, START_LOOK},
        {{.status = 501}, START_LOOK},
    };

    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(cases); i++)
        assert_int_equal(start_verdict_of(&cases[i].answer), cases[i].verdict);
}

static void a_refused_role_is_what_hinders_a_launch(void **state)
{
    static const struct {
        enum told told[3];
        size_t first;
    } cases[] = {
        {{TOLD, TOLD, TOLD}, 3},
        {{TOLD, TOLD_LATER, TOLD_LATER}, 1},
        {{TOLD, TOLD_NOBODY, TOLD_LATER}, 1},
        {{TOLD_LATER, TOLD_NOBODY, TOLD_NOBODY}, 1},
        {{TOLD_LATER, TOLD, TOLD_NOBODY}, 2},
    };

    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(cases); i++)
        assert_int_equal(told_first(cases[i].told, 3), cases[i].first);
    assert_int_equal(told_first(NULL, 0), 0);
}

/* ---- outcome ---- */

struct ending_case {
    size_t launched, failed, open;
    bool timed_out;
    int status, outcome;
};

static void a_wave_ends_by_its_servers(void **state)
{
    static const struct ending_case cases[] = {
        {3, 0, 0, false, WAVE_COMPLETED, OUTCOME_SUCCEEDED},
        {2, 1, 0, false, WAVE_FAILED, OUTCOME_PARTIAL},
        {2, 0, 1, true, WAVE_FAILED, OUTCOME_PARTIAL},
        {0, 3, 0, false, WAVE_FAILED, OUTCOME_FAILED},
        {0, 0, 3, true, WAVE_FAILED, OUTCOME_TIMED_OUT},
        {0, 0, 0, false, WAVE_FAILED, OUTCOME_FAILED},
    };

    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        struct server_counts c = {cases[i].launched, cases[i].failed, cases[i].open};
        struct ending e = wave_ending(&c, cases[i].timed_out);

        assert_int_equal(e.status, cases[i].status);
        assert_int_equal(e.outcome, cases[i].outcome);
    }
}

static void an_execution_ends_by_its_waves(void **state)
{
    static const struct {
        struct wave_end waves[2];
        bool cancelled;
        int status, outcome;
    } cases[] = {
        {{{WAVE_COMPLETED, 1}, {WAVE_COMPLETED, 1}}, false, EXECUTION_COMPLETED, OUTCOME_SUCCEEDED},
        {{{WAVE_COMPLETED, 1}, {WAVE_SKIPPED, 0}},
         false,
         EXECUTION_COMPLETED,
         OUTCOME_COMPLETED_WITH_SKIPS},
        {{{WAVE_SKIPPED, 0}, {WAVE_SKIPPED, 0}},
         false,
         EXECUTION_COMPLETED,
         OUTCOME_COMPLETED_WITH_SKIPS},
        {{{WAVE_COMPLETED, 1}, {WAVE_FAILED, OUTCOME_FAILED}},
         false,
         EXECUTION_FAILED,
         OUTCOME_PARTIAL},
        {{{WAVE_FAILED, OUTCOME_PARTIAL}, {WAVE_CANCELLED, 0}},
         false,
         EXECUTION_FAILED,
         OUTCOME_PARTIAL},
        {{{WAVE_FAILED, OUTCOME_FAILED}, {WAVE_CANCELLED, 0}},
         false,
         EXECUTION_FAILED,
         OUTCOME_FAILED},
        {{{WAVE_FAILED, OUTCOME_TIMED_OUT}, {WAVE_CANCELLED, 0}},
         false,
         EXECUTION_FAILED,
         OUTCOME_TIMED_OUT},
        {{{WAVE_COMPLETED, 1}, {WAVE_CANCELLED, 0}}, true, EXECUTION_CANCELLED, OUTCOME_CANCELLED},
    };

    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        struct ending e = execution_ending(cases[i].waves, 2, cases[i].cancelled);

        assert_int_equal(e.status, cases[i].status);
        assert_int_equal(e.outcome, cases[i].outcome);
    }
    assert_int_equal(execution_ending(NULL, 0, false).status, EXECUTION_FAILED);
}

static void a_server_that_is_not_launched_at_the_end_has_failed(void **state)
{
    struct server_counts c = {0};

    (void)state;
    assert_int_equal(server_status_of(STR("LAUNCHED"), true), SERVER_LAUNCHED);
    assert_int_equal(server_status_of(STR("TERMINATED"), true), SERVER_TERMINATED);
    assert_int_equal(server_status_of(STR("FAILED"), false), SERVER_FAILED);
    assert_int_equal(server_status_of(STR("PENDING"), true), SERVER_FAILED);
    assert_int_equal(server_status_of(STR("IN_PROGRESS"), true), SERVER_FAILED);
    assert_int_equal(server_status_of(STR("IN_PROGRESS"), false), SERVER_LAUNCHING);
    assert_int_equal(server_status_of(STR("NEW_WORD"), false), SERVER_PENDING);
    server_counts_add(&c, SERVER_LAUNCHED);
    server_counts_add(&c, SERVER_TERMINATED);
    server_counts_add(&c, SERVER_FAILED);
    server_counts_add(&c, SERVER_CANCELLED);
    server_counts_add(&c, SERVER_LAUNCHING);
    assert_int_equal(c.launched, 1);
    assert_int_equal(c.failed, 3);
    assert_int_equal(c.open, 1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_row_is_found_and_nothing_else),
        cmocka_unit_test(terminal_states_are_left_by_a_retake_alone),
        cmocka_unit_test(waves_are_judged),
        cmocka_unit_test(a_wave_names_the_dependency_that_matters),
        cmocka_unit_test(an_approved_gate_is_open),
        cmocka_unit_test(every_pending_wave_says_what_it_waits_for),
        cmocka_unit_test(every_wave_that_is_given_up_says_why),
        cmocka_unit_test(servers_are_cut_into_launches),
        cmocka_unit_test(a_launch_id_holds_the_attempt),
        cmocka_unit_test(steps_follow_each_other),
        cmocka_unit_test(a_call_waits_until_nothing_can_be_hidden),
        cmocka_unit_test(a_launch_is_postponed_when_AWS_said_later),
        cmocka_unit_test(only_a_refusal_of_the_start_itself_fails_the_launch),
        cmocka_unit_test(a_refused_role_is_what_hinders_a_launch),
        cmocka_unit_test(a_wave_ends_by_its_servers),
        cmocka_unit_test(an_execution_ends_by_its_waves),
        cmocka_unit_test(a_server_that_is_not_launched_at_the_end_has_failed),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
