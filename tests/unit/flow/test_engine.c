/* long file: one rig and its stories */
#include "tests/unit/unit.h"

#include "base/ports_single.h"
#include "crypto/digest.h"
#include "flow/engine_internal.h"
#include "tests/crash/gated_store.h"

/* The engine over a store in memory, in one thread, with tasks that the test answers. */

#define WALL_MS INT64_C(1700000000000)

struct rig {
    struct arena *arena;
    struct clock_single clock;
    struct entropy_single entropy;
    struct run run;
    struct store *memory;
    struct gated_store store;
    struct flow_tasks tasks;
    struct flow_engine *engine;
    /* what the tasks answer, and were asked */
    enum fault fault;
    struct flow_failure failure;
    int calls;
    /* which submits are refused: those after `good` good ones, `bad` of them */
    int good;
    int bad;
    bool rival; /* somebody changes instance "i" just before the next */
    /* what was observed */
    char seen[200];
    /* of the pool */
    int refusals;
    size_t waits;
    size_t waited;
    int64_t pauses[8];
    struct {
        void (*fn)(void *arg);
        void *arg;
    } errands[4];
    size_t errands_len;
};

static struct rig *rig; /* of the running test */

static enum fault call(struct flow_tasks *t, struct arena *a, const struct json *payload,
                       const struct json **result, struct flow_failure *why)
{
    (void)t;
    (void)payload;
    rig->calls++;
    *why = rig->failure;
    *result = flow_json_object(a);
    return rig->fault;
}

static const struct flow_tasks_ops tasks_ops = {call};

static void observe(void *context, const struct flow_record *r)
{
    size_t len = strlen(rig->seen);

    (void)context;
    if (r->stuck)
        (void)snprintf(rig->seen + len, sizeof(rig->seen) - len, "stuck:" STR_FMT " ",
                       STR_ARG(r->error));
    else if (r->broken)
        (void)snprintf(rig->seen + len, sizeof(rig->seen) - len, STR_FMT ":" STR_FMT " ",
                       STR_ARG(r->instance), STR_ARG(r->error));
    else
        (void)snprintf(rig->seen + len, sizeof(rig->seen) - len,
                       STR_FMT ">" STR_FMT ":%s %s" STR_FMT "%s", STR_ARG(r->from), STR_ARG(r->to),
                       flow_phase_names[r->phase], r->failed ? "failed:" : "",
                       STR_ARG(r->failed ? r->error : STR("")), r->failed ? " " : "");
}

static void be_first(void);

static void gate(void *context, bool *effect, bool *pass)
{
    (void)context;
    if (rig->rival) {
        rig->rival = false;
        be_first();
    }
    if (rig->good-- > 0 || rig->bad-- <= 0)
        return;
    *effect = false;
    *pass = false;
}

static enum fault key(struct secrets *s, struct str name, unsigned char out[32])
{
    (void)s;
    memset(out, name.ptr[0], 32);
    return FAULT_NONE;
}

/* A pool of one looker and, in wait_ms, everybody else. */
static bool spawn(struct run *r, void (*fn)(void *arg), void *arg)
{
    (void)r;
    if (rig->refusals-- > 0 || rig->errands_len == ARRAY_LEN(rig->errands))
        return false;
    rig->errands[rig->errands_len].fn = fn;
    rig->errands[rig->errands_len++].arg = arg;
    return true;
}

static bool run_errands(void)
{
    bool some = rig->errands_len > 0;

    while (rig->errands_len) {
        size_t last = --rig->errands_len;

        rig->errands[last].fn(rig->errands[last].arg);
    }
    return some;
}

static bool wait_ms(struct run *r, int64_t ms)
{
    (void)r;
    (void)run_errands();
    clock_single_advance(&rig->clock, ms);
    rig->pauses[rig->waited++] = ms;
    return rig->waited <= rig->waits;
}

static const struct run_ops run_ops = {.spawn = spawn, .wait_ms = wait_ms};

static int make_rig(void **state)
{
    static const struct secrets_ops secrets_ops = {key};
    static struct secrets secrets = {&secrets_ops};

    (void)state;
    rig = test_calloc(1, sizeof *rig);
    rig->arena = arena_new(0);
    clock_single_init(&rig->clock, WALL_MS);
    clock_single_advance(&rig->clock, 5000);
    entropy_single_init(&rig->entropy, 7);
    rig->run = (struct run){&run_ops};
    rig->tasks = (struct flow_tasks){&tasks_ops};
    rig->memory = store_memory_new(
        &(struct store_ports){&rig->clock.clock, &rig->entropy.entropy, &secrets}, 1, 0);
    gated_store_init(&rig->store, rig->memory);
    rig->store.gate = gate;
    rig->engine = flow_engine_new(&(struct flow_options){.store = &rig->store.store,
                                                         .clock = &rig->clock.clock,
                                                         .entropy = &rig->entropy.entropy,
                                                         .run = &rig->run,
                                                         .tasks = &rig->tasks,
                                                         .observe = observe});
    return 0;
}

static int free_rig(void **state)
{
    (void)state;
    flow_engine_free(rig->engine);
    store_close(rig->memory);
    arena_free(rig->arena);
    test_free(rig);
    return 0;
}

static void submit(const struct write_set *ws)
{
    struct refusal why;

    assert_int_equal(store_submit(rig->memory, rig->arena, ws, &why), FAULT_NONE);
}

/* Puts it under its hash, and returns that. */
static struct str put_definition(struct str text)
{
    struct write_set *ws = write_set_new(rig->arena);
    struct flow_instance row = {.shard = STR(FLOW_SHARD_DEFINITIONS),
                                .id = sha256_hex(rig->arena, sha256_of(text)),
                                .definition_text = text};

    (void)ws_put(ws, COLLECTION_TIMERS, &row);
    submit(ws);
    return row.id;
}

static struct str definition(const char *states)
{
    return put_definition(arena_strf(rig->arena, "{\"StartAt\":\"A\",\"States\":{%s}}", states));
}

static struct flow_instance instance(const char *id, struct str hash)
{
    return (struct flow_instance){.shard = STR(FLOW_SHARD_LIVE),
                                  .id = str_from_z(id),
                                  .execution_id = STR("exec-1"),
                                  .revision = 1,
                                  .definition = hash,
                                  .phase = FLOW_READY,
                                  .state = STR("A"),
                                  .data = flow_json_object(rig->arena)};
}

static void put(struct flow_instance i)
{
    struct write_set *ws = write_set_new(rig->arena);

    (void)ws_put(ws, COLLECTION_TIMERS, &i);
    submit(ws);
    flow_poke(rig->engine);
}

/* The live row; false: there is none. */
static bool row_of(const char *id, struct flow_instance *out)
{
    *out = (struct flow_instance){0};
    return reader_get(store_reader(rig->memory), rig->arena, COLLECTION_TIMERS,
                      STR(FLOW_SHARD_LIVE), str_from_z(id), out) == FAULT_NONE;
}

static bool lives(const char *id)
{
    struct flow_instance row;

    return row_of(id, &row);
}

static int64_t later(int64_t ms)
{
    clock_single_advance(&rig->clock, ms);
    return flow_tick(rig->engine);
}

/* A task, and what catches its failure shows it for ever. */
#define TASK                                                                                  \
    "\"A\":{\"Type\":\"Task\",\"Resource\":\"f\",\"Next\":\"B\",\"Catch\":[{\"ErrorEquals\":" \
    "[\"States.ALL\"],\"Next\":\"C\"}]},\"B\":{\"Type\":\"Succeed\"},"                        \
    "\"C\":{\"Type\":\"Wait\",\"Seconds\":86400,\"Next\":\"B\"}"

static void an_instance_is_carried_on_to_its_end(void **state)
{
    (void)state;
    put(instance("i", definition(TASK)));
    assert_true(flow_tick(rig->engine) == INT64_MAX);
    assert_false(lives("i"));
    assert_int_equal(rig->calls, 1);
    assert_string_equal(rig->seen, "A>A:CALLING A>B:READY B>B:ENDED ");
    assert_int_equal(flow_live(rig->engine), 0);
    assert_true(engine_carry(rig->engine, STR("i")) == INT64_MAX);
    rig->engine->options.observe = NULL; /* nobody looks */
    put(instance("j", definition(TASK)));
    assert_true(flow_tick(rig->engine) == INT64_MAX);
    assert_int_equal(rig->calls, 2);
}

static void a_failed_task_has_a_name_that_can_be_caught(void **state)
{
    static const struct {
        enum fault fault;
        struct flow_failure said;
        const char *error;
        const char *cause;
    } rows[] = {
        {FAULT_UNAVAILABLE, {{0}, {0}}, "Transient", "Transient"},
        {FAULT_INVALID_STATE, {{0}, {0}}, "INVALID_STATE", "INVALID_STATE"},
        {FAULT_INVALID_STATE, {STR_INIT("Own"), {0}}, "Own", "Own"},
        {FAULT_UNAVAILABLE, {STR_INIT("Own"), STR_INIT("why")}, "Own", "why"},
        {FAULT_INVALID_STATE, {{0}, STR_INIT("why")}, "INVALID_STATE", "why"},
    };

    struct str hash = definition(TASK);

    (void)state;
    for (size_t n = 0; n < ARRAY_LEN(rows); n++) {
        struct str id = arena_strf(rig->arena, "i%zu", n);
        struct flow_instance row;

        rig->fault = rows[n].fault;
        rig->failure = rows[n].said;
        put(instance(id.ptr, hash));
        (void)flow_tick(rig->engine);
        assert_true(row_of(id.ptr, &row));
        assert_str(row.state, "C");
        assert_str(json_str(json_get_z(row.data, "Error")), rows[n].error);
        assert_str(json_str(json_get_z(row.data, "Cause")), rows[n].cause);
    }
}

static void what_could_not_be_committed_is_done_again(void **state)
{
    (void)state;
    put(instance("i", definition(TASK)));
    rig->bad = 1;
    assert_int_equal(flow_tick(rig->engine), 5200);
    assert_int_equal(rig->calls, 0);
    rig->good = 1; /* the task is called; what it answered is lost */
    rig->bad = 1;
    assert_int_equal(later(200), 5400);
    assert_int_equal(rig->calls, 1);
    assert_true(later(199) == 5400);
    assert_true(later(1) == INT64_MAX);
    assert_int_equal(rig->calls, 2);
    assert_false(lives("i"));
}

static void a_task_that_ran_when_the_process_died_is_called_again(void **state)
{
    struct flow_instance i = instance("i", definition(TASK));

    (void)state;
    i.phase = FLOW_CALLING;
    put(i);
    assert_true(flow_tick(rig->engine) == INT64_MAX);
    assert_int_equal(rig->calls, 1);
    assert_string_equal(rig->seen, "A>B:READY B>B:ENDED ");
}

#define WAIT "\"A\":{\"Type\":\"Wait\",\"Seconds\":60,\"Next\":\"B\"},\"B\":{\"Type\":\"Succeed\"}"

/* The monotonic clock says 5000. A timer of a minute was armed when it said `armed`. */
static void a_timer_outlives_a_restart_of_the_machine(void **state)
{
    static const struct {
        const char *title;
        int64_t armed;
        int64_t wall_passed;
        int64_t due; /* INT64_MAX: it is, and the instance has ended */
    } rows[] = {
        {"the clock has gone on", 4000, 1000, 64000},
        {"whatever the wall clock says", 4000, 90000, 64000},
        {"it has only just been armed", 5000, 0, 65000},
        {"the clock began again half-way", 100000, 30000, 35000},
        {"the clock began again just before", 100000, 59999, 5001},
        {"the clock began again and it is over", 100000, 60000, INT64_MAX},
        {"the clock began again long ago", 100000, 86400000, INT64_MAX},
        {"the clock began again, and the other one jumped back", 100000, -3600000, 65000},
    };

    struct str hash = definition(WAIT);

    (void)state;
    for (size_t n = 0; n < ARRAY_LEN(rows); n++) {
        struct flow_instance i = instance("i", hash);

        print_message("# %s\n", rows[n].title);
        i.phase = FLOW_WAITING;
        i.has_due = true;
        i.wait_ms = 60000;
        i.due_mono = rows[n].armed + i.wait_ms;
        i.armed_wall = rig->clock.wall_ms - rows[n].wall_passed;
        put(i);
        assert_true(engine_carry(rig->engine, i.id) == rows[n].due);
        assert_int_equal(lives("i"), rows[n].due != INT64_MAX);
    }
}

static void a_timer_goes_off_when_it_is_due(void **state)
{
    (void)state;
    put(instance("i", definition(WAIT)));
    assert_int_equal(flow_tick(rig->engine), 65000);
    assert_int_equal(later(59999), 65000);
    assert_true(lives("i"));
    assert_true(later(1) == INT64_MAX);
    assert_false(lives("i"));
}

#define HOLD                                                                              \
    "\"A\":{\"Type\":\"Task\",\"Resource\":\"x.waitForTaskToken\",\"Parameters\":{"       \
    "\"FunctionName\":\"f\",\"Payload\":{}},\"ResultPath\":\"$.answer\",\"Next\":\"B\"}," \
    "\"B\":{\"Type\":\"Wait\",\"Seconds\":86400,\"Next\":\"B\"}"

static void the_earliest_timer_says_when_to_look_again(void **state)
{
    static const int64_t dues[] = {9000, 7000, 8000};
    struct str hash = definition(WAIT);

    (void)state;
    for (size_t n = 0; n < ARRAY_LEN(dues); n++) {
        struct flow_instance i = instance(arena_strf(rig->arena, "i%zu", n).ptr, hash);

        i.phase = FLOW_WAITING;
        i.has_due = true;
        i.wait_ms = 60000;
        i.due_mono = dues[n];
        put(i);
    }
    assert_int_equal(flow_tick(rig->engine), 7000);
    assert_int_equal(later(2000), 8000);
    assert_false(lives("i1"));
    assert_int_equal(rig->engine->definitions_len, 1); /* it is read once */
}

static void a_token_is_taken_with_its_answer(void **state)
{
    static const char *const answers[] = {"{\"ok\":1}", NULL};

    struct str hash = definition(HOLD);

    (void)state;
    for (size_t n = 0; n < ARRAY_LEN(answers); n++) {
        struct str id = arena_strf(rig->arena, "i%zu", n);
        struct write_set *ws = write_set_new(rig->arena);
        struct flow_instance row;
        const struct json *value = NULL;
        struct str token, why;

        put(instance(id.ptr, hash));
        (void)flow_tick(rig->engine);
        assert_true(row_of(id.ptr, &row));
        assert_int_equal(row.phase, FLOW_HOLDING);
        token = row.token;
        (void)later(2000); /* nobody has answered */
        assert_true(row_of(id.ptr, &row) && row.phase == FLOW_HOLDING);
        if (answers[n])
            assert_int_equal(json_parse(rig->arena, str_from_z(answers[n]), &value, &why), 0);
        flow_answer(rig->arena, ws, token, value);
        submit(ws);
        flow_poke(rig->engine);
        (void)flow_tick(rig->engine);
        assert_true(row_of(id.ptr, &row));
        assert_str(row.state, "B");
        assert_str(json_text(rig->arena, json_get_z(row.data, "answer")),
                   answers[n] ? answers[n] : "{}");
        assert_int_equal(reader_get(store_reader(rig->memory), rig->arena, COLLECTION_TIMERS,
                                    STR(FLOW_SHARD_TOKENS), token, &row),
                         FAULT_NOT_FOUND);
    }
}

static void a_store_that_cannot_be_read_is_read_again(void **state)
{
    (void)state;
    put(instance("i", definition(TASK)));
    rig->store.reading = FAULT_UNAVAILABLE;
    assert_true(flow_tick(rig->engine) == INT64_MAX);
    assert_int_equal(engine_carry(rig->engine, STR("i")), 5200);
    assert_true(lives("i"));
    assert_string_equal(rig->seen, "stuck:UNAVAILABLE ");
    rig->store.reading = FAULT_NONE;
    assert_true(later(1000) == INT64_MAX);
    assert_int_equal(rig->calls, 1);
}

static void an_instance_that_its_definition_does_not_fit_stays(void **state)
{
    struct str hashes[] = {STR("nowhere"), definition("\"A\":{\"Type\":\"Map\"}"),
                           definition(TASK)};

    (void)state;
    for (size_t n = 0; n < ARRAY_LEN(hashes); n++) {
        struct flow_instance i = instance("i", hashes[n]);

        i.state = STR("X"); /* the last has no such state */
        put(i);
        assert_int_equal(engine_carry(rig->engine, i.id), 65000);
        assert_true(lives("i"));
    }
    assert_int_equal(rig->calls, 0);
    assert_string_equal(rig->seen, "i:CORRUPT i:CORRUPT i:INVALID_STATE ");
    rig->engine->options.observe = NULL; /* nobody looks */
    assert_int_equal(engine_carry(rig->engine, STR("i")), 65000);
}

static void be_first(void)
{
    struct write_set *ws = write_set_new(rig->arena);
    struct flow_instance row;

    assert_true(row_of("i", &row));
    row.revision++;
    (void)ws_put(ws, COLLECTION_TIMERS, &row);
    submit(ws);
}

static void who_comes_second_comes_again_and_says_nothing(void **state)
{
    (void)state;
    put(instance("i", definition(TASK)));
    rig->rival = true;
    assert_int_equal(engine_carry(rig->engine, STR("i")), 5200);
    assert_string_equal(rig->seen, "");
    assert_true(engine_carry(rig->engine, STR("i")) == INT64_MAX);
    assert_false(lives("i"));
}

/* However many wait for it and however often they try, it is one thing that a person hears of. */
static void a_record_that_takes_nothing_is_told_once_a_minute(void **state)
{
    struct str hash = definition(TASK);

    (void)state;
    put(instance("i", hash));
    put(instance("j", hash));
    rig->bad = 1000000;
    (void)flow_tick(rig->engine);
    assert_string_equal(rig->seen, "stuck:STORE_ERROR ");
    for (int64_t ms = 0; ms < 59000; ms += 1000)
        (void)later(1000);
    assert_string_equal(rig->seen, "stuck:STORE_ERROR ");
    (void)later(1000);
    assert_string_equal(rig->seen, "stuck:STORE_ERROR stuck:STORE_ERROR ");
    rig->bad = 0;
    rig->seen[0] = 0;
    (void)later(1000);
    assert_string_equal(rig->seen,
                        "A>A:CALLING A>B:READY B>B:ENDED A>A:CALLING A>B:READY B>B:ENDED ");
}

/* Where the end itself cannot be recorded it is tried again, and it is not forgotten. */
static void an_end_that_cannot_be_recorded_is_waited_for(void **state)
{
    static const struct {
        enum flow_kind kind;
        const char *first, *waits;
    } rows[] = {
        {FLOW_KIND_RECOVERY, "BeginExecution", "WaitToAbort"},
        {FLOW_KIND_TERMINATE, "TerminateInstances", "WaitForRecord"},
    };

    (void)state;
    for (size_t n = 0; n < ARRAY_LEN(rows); n++) {
        struct flow_instance i = instance("i", put_definition(flow_definition_text(rows[n].kind)));
        struct flow_instance row;

        i.state = str_from_z(rows[n].first);
        put(i);
        rig->fault = FAULT_CORRUPT;
        (void)flow_tick(rig->engine);
        (void)later(300000);
        assert_true(row_of("i", &row));
        assert_str(row.state, rows[n].waits);
        rig->fault = FAULT_NONE;
        (void)later(300000);
        assert_false(lives("i"));
    }
}

static void a_failure_that_nothing_caught_is_told(void **state)
{
    (void)state;
    rig->fault = FAULT_CORRUPT;
    put(instance("i", definition("\"A\":{\"Type\":\"Task\",\"Resource\":\"f\",\"Next\":\"B\"},"
                                 "\"B\":{\"Type\":\"Succeed\"}")));
    (void)flow_tick(rig->engine);
    assert_false(lives("i"));
    assert_string_equal(rig->seen, "A>A:CALLING A>A:ENDED failed:CORRUPT ");
}

static void more_definitions_than_it_keeps_are_read_each_time(void **state)
{
    enum { N = ENGINE_DEFINITIONS_MAX + 3 };

    struct str hash;

    (void)state;
    for (int n = 0; n < N; n++) {
        struct str name = arena_strf(rig->arena, "%d", n);

        hash = definition(
            arena_strf(rig->arena, TASK ",\"X\":{\"Type\":\"Fail\",\"Comment\":\"%d\"}", n).ptr);
        put(instance(name.ptr, hash));
    }
    assert_true(flow_tick(rig->engine) == INT64_MAX);
    assert_int_equal(rig->calls, N);
    put(instance("again", hash));
    put(instance("nothing", STR("nowhere")));
    assert_int_equal(flow_tick(rig->engine), 65000);
    assert_int_equal(rig->calls, N + 1);
    assert_true(lives("nothing"));
}

/* Each of those in the table waits for an hour: who has something to do takes the place of one. */
static void more_instances_than_it_keeps_do_not_keep_one_from_running(void **state)
{
    struct str wait = definition(WAIT);
    size_t waiting = 0;

    (void)state;
    for (int n = 0; n < ENGINE_LIVE_MAX; n++) {
        struct flow_instance i = instance(arena_strf(rig->arena, "i%04d", n).ptr, wait);

        i.phase = FLOW_WAITING;
        i.has_due = true;
        i.wait_ms = 3600000;
        i.due_mono = 3600000;
        put(i);
    }
    assert_int_equal(flow_tick(rig->engine), 3600000);
    put(instance("a", definition(TASK)));
    put(instance("z", definition(TASK)));
    assert_int_equal(flow_tick(rig->engine), 3600000);
    assert_int_equal(flow_live(rig->engine), ENGINE_LIVE_MAX);
    assert_int_equal(rig->calls, 2);
    assert_false(lives("a") || lives("z"));
    assert_int_equal(later(1000), 3600000); /* whoever had to leave has come back */
    for (size_t i = 0; i < ENGINE_LIVE_MAX; i++)
        waiting += rig->engine->live[i].id.ptr[0] == 'i';
    assert_int_equal(waiting, ENGINE_LIVE_MAX);
}

/* All of those in the table are due: the rest waits for the next look. */
static void more_instances_than_it_keeps_at_once_wait_for_their_turn(void **state)
{
    (void)state;
    rig->engine->options.observe = NULL;
    for (int n = 0; n < ENGINE_LIVE_MAX; n++)
        put(instance(arena_strf(rig->arena, "i%04d", n).ptr, STR("nowhere")));
    put(instance("z", definition(TASK)));
    (void)flow_tick(rig->engine);
    assert_int_equal(rig->calls, 0);
    (void)later(1000);
    assert_int_equal(rig->calls, 1);
}

static void a_full_pool_is_asked_again(void **state)
{
    (void)state;
    put(instance("i", definition(TASK)));
    rig->refusals = 1;
    assert_false(flow_engine_start(rig->engine));
    assert_true(flow_engine_start(rig->engine));
    rig->refusals = 2;
    rig->waits = 4;
    assert_true(run_errands());
    assert_int_equal(rig->calls, 1);
    assert_false(lives("i"));
}

static void the_pool_looks_again_when_a_timer_is_due(void **state)
{
    static const int64_t pauses[] = {0, 10, 3, 10, 100};
    struct flow_instance i = instance("i", definition(WAIT));

    (void)state;
    i.phase = FLOW_WAITING;
    i.has_due = true;
    i.wait_ms = 60;
    i.due_mono = 5013;
    put(i);
    assert_true(flow_engine_start(rig->engine));
    rig->waits = ARRAY_LEN(pauses) - 1;
    assert_true(run_errands());
    assert_false(lives("i"));
    assert_int_equal(rig->waited, ARRAY_LEN(pauses));
    assert_memory_equal(rig->pauses, pauses, sizeof pauses);
}

/* The definitions of this binary. A recovery hears that another one took its place. */
static void what_an_operation_began_is_run_and_succeeded(void **state)
{
    static const enum flow_kind kinds[] = {FLOW_KIND_RECOVERY, FLOW_KIND_TERMINATE};

    (void)state;
    for (size_t n = 0; n < ARRAY_LEN(kinds); n++) {
        struct flow_start start = {.kind = kinds[n],
                                   .execution_id = STR("exec-7"),
                                   .epoch = 1,
                                   .data = flow_json_object(rig->arena),
                                   .now_ms = WALL_MS};
        struct write_set *ws = write_set_new(rig->arena);
        struct str hash = flow_begin(rig->arena, ws, &start);
        struct str first = flow_instance_id(rig->arena, kinds[n], start.execution_id, 1);
        struct str second = flow_instance_id(rig->arena, kinds[n], start.execution_id, 2);
        struct flow_instance row;

        rig->fault = kinds[n] == FLOW_KIND_RECOVERY ? FAULT_INVALID_STATE : FAULT_NONE;
        rig->failure.error = STR("FENCED");
        submit(ws);
        assert_true(row_of(first.ptr, &row));
        assert_str(row.definition, hash.ptr);
        assert_int_equal(row.phase, FLOW_READY);
        start.epoch = 2;
        ws = write_set_new(rig->arena);
        flow_succeed(rig->arena, ws, &start, hash);
        submit(ws);
        assert_true(row_of(second.ptr, &row));
        assert_str(row.definition, hash.ptr);
        flow_poke(rig->engine);
        (void)flow_tick(rig->engine);
        assert_int_equal(rig->calls, 2 * (int)(n + 1));
        assert_false(lives(first.ptr) || lives(second.ptr));
    }
}

/* What a process leaves when it ends, the next one takes up. */
static void it_ends_while_instances_live(void **state)
{
    (void)state;
    put(instance("i", definition(WAIT)));
    (void)flow_tick(rig->engine);
    assert_int_equal(flow_live(rig->engine), 1);
    flow_engine_free(rig->engine);
    rig->engine = NULL; /* free_rig frees that, too */
    assert_true(lives("i"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(an_instance_is_carried_on_to_its_end, make_rig, free_rig),
        cmocka_unit_test_setup_teardown(a_failed_task_has_a_name_that_can_be_caught, make_rig,
                                        free_rig),
        cmocka_unit_test_setup_teardown(what_could_not_be_committed_is_done_again, make_rig,
                                        free_rig),
        cmocka_unit_test_setup_teardown(a_task_that_ran_when_the_process_died_is_called_again,
                                        make_rig, free_rig),
        cmocka_unit_test_setup_teardown(a_timer_outlives_a_restart_of_the_machine, make_rig,
                                        free_rig),
        cmocka_unit_test_setup_teardown(a_timer_goes_off_when_it_is_due, make_rig, free_rig),
        cmocka_unit_test_setup_teardown(the_earliest_timer_says_when_to_look_again, make_rig,
                                        free_rig),
        cmocka_unit_test_setup_teardown(a_token_is_taken_with_its_answer, make_rig, free_rig),
        cmocka_unit_test_setup_teardown(a_store_that_cannot_be_read_is_read_again, make_rig,
                                        free_rig),
        cmocka_unit_test_setup_teardown(an_instance_that_its_definition_does_not_fit_stays,
                                        make_rig, free_rig),
        cmocka_unit_test_setup_teardown(more_definitions_than_it_keeps_are_read_each_time, make_rig,
                                        free_rig),
        cmocka_unit_test_setup_teardown(more_instances_than_it_keeps_do_not_keep_one_from_running,
                                        make_rig, free_rig),
        cmocka_unit_test_setup_teardown(more_instances_than_it_keeps_at_once_wait_for_their_turn,
                                        make_rig, free_rig),
        cmocka_unit_test_setup_teardown(an_end_that_cannot_be_recorded_is_waited_for, make_rig,
                                        free_rig),
        cmocka_unit_test_setup_teardown(who_comes_second_comes_again_and_says_nothing, make_rig,
                                        free_rig),
        cmocka_unit_test_setup_teardown(a_record_that_takes_nothing_is_told_once_a_minute, make_rig,
                                        free_rig),
        cmocka_unit_test_setup_teardown(a_failure_that_nothing_caught_is_told, make_rig, free_rig),
        cmocka_unit_test_setup_teardown(a_full_pool_is_asked_again, make_rig, free_rig),
        cmocka_unit_test_setup_teardown(the_pool_looks_again_when_a_timer_is_due, make_rig,
                                        free_rig),
        cmocka_unit_test_setup_teardown(what_an_operation_began_is_run_and_succeeded, make_rig,
                                        free_rig),
        cmocka_unit_test_setup_teardown(it_ends_while_instances_live, make_rig, free_rig),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
