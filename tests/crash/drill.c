/* long file: one rig, the world and the story that is told in it */
#include "tests/crash/drill.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/file.h"
#include "base/panic.h"
#include "ops/claims.h"
#include "rules/roles.h"
#include "rules/transitions.h"
#include "tests/crash/gated_store.h"
#include "tests/unit/store/folder.h"

enum { WALL_START_S = 1800000000, STEPS_MAX = 20000, STEP_MAX_MS = 60000 };

struct gate {
    struct transport transport;
    struct drill *drill;
};

/* AWS's time: it passes as ours does and never jumps. */
struct aws_clock {
    struct clock clock;
    struct clock_single *ours;
};

static int64_t aws_wall(struct clock *c);
static int64_t aws_mono(struct clock *c);
static const struct clock_ops aws_clock_ops = {.wall_ms = aws_wall, .mono_ms = aws_mono};

static int64_t aws_mono(struct clock *c)
{
    return ((struct aws_clock *)(void *)c)->ours->mono_ms;
}

static int64_t aws_wall(struct clock *c)
{
    return (int64_t)WALL_START_S * 1000 + aws_mono(c);
}

struct fixed_secrets {
    struct secrets secrets;
};

struct drill {
    struct drill_options options;
    struct arena *arena;
    struct clock_single clock;
    struct aws_clock aws_clock;
    struct entropy_single entropy;
    struct run_single run;
    struct fixed_secrets secrets;
    struct sim *sim;
    struct sim_transport inner;
    struct gate gate;
    struct store *store; /* &gated.store */
    struct gated_store gated;
    long submits;
    long calls;
    bool armed;
    bool dead;
    int deaths;
    /* the process */
    struct aws *aws;
    struct snapshots *snapshots;
    struct api api;
    struct workflow_settings workflow;
    struct flow_engine *engine;
    /* the story */
    struct str db_group;
    struct str plan_id;
    struct str execution_id;
    bool jumped;
    int64_t trouble_since; /* monotonic; 0: not yet */
    bool trouble_over;
    bool backed_up;
    drill_watch_fn *watch;
    void *watch_context;
};

/* ---- the record ---- */

static struct str file_of(struct drill *d, const char *name)
{
    return arena_strf(d->arena, "%s/%s", d->options.folder, name);
}

static void back_up(struct drill *d)
{
    struct str why;

    if (store_sqlite_backup(d->arena, file_of(d, "drwave.db"), file_of(d, "backup.db"), &why))
        panic("backup: " STR_FMT, STR_ARG(why));
    d->backed_up = true;
}

static struct store_ports store_ports_of(struct drill *d)
{
    return (struct store_ports){&d->clock.clock, &d->entropy.entropy, &d->secrets.secrets};
}

static struct store *open_store(struct drill *d)
{
    struct store_ports ports = store_ports_of(d);
    struct sqlite_options o = {.single_threaded = true};
    struct store *s;
    struct str why;

    if (!d->options.folder)
        return store_memory_new(&ports, d->options.seed, d->options.lag);
    o.path = file_of(d, "drwave.db");
    if (store_sqlite_open(&o, &ports, d->arena, &s, &why))
        panic("open: " STR_FMT, STR_ARG(why));
    return s;
}

/* ---- death ---- */

static bool dies(struct drill *d, long count, long at)
{
    if (!d->armed || at == 0 || count != at)
        return false;
    d->deaths++;
    d->armed = false;
    return true;
}

static void gate_submit(void *context, bool *effect, bool *pass)
{
    struct drill *d = context;

    if (d->dead) {
        *effect = false;
        *pass = false;
        return;
    }
    d->submits += d->armed;
    if (d->armed && d->submits == d->options.backup_at_submit)
        back_up(d);
    if (!dies(d, d->submits, d->options.die_at_submit))
        return;
    *effect = d->options.death == DEATH_AFTER;
    *pass = false;
    d->dead = true;
}

/* What DRS would say of a server whose instance somebody terminated meanwhile. */
static void rewrite_answer(const struct drill *d, struct arena *a, struct transport_answer *out)
{
    struct str body = out->body;
    struct str launched;

    if (!d->options.terminated)
        return;
    launched = arena_strf(a, "\"sourceServerID\":\"%s\",\"launchStatus\":\"LAUNCHED\"",
                          d->options.terminated);
    for (size_t i = 0; i + launched.len <= body.len; i++)
        if (memcmp(body.ptr + i, launched.ptr, launched.len) == 0)
            out->body =
                arena_strf(a, STR_FMT "TERMINATED\"" STR_FMT,
                           STR_ARG(str_slice(body, 0, i + launched.len - strlen("LAUNCHED\""))),
                           STR_ARG(str_slice(body, i + launched.len, body.len)));
}

static void change_meanwhile(struct drill *d, struct str url);

static enum fault gated_send(struct transport *t, struct arena *a,
                             const struct transport_request *req, struct transport_answer *out,
                             struct str *why)
{
    struct drill *d = ((struct gate *)(void *)t)->drill;
    enum fault f;

    *why = STR("the process is dead");
    if (d->dead)
        return FAULT_CONNECTION;
    change_meanwhile(d, req->url);
    d->calls += d->armed;
    if (!dies(d, d->calls, d->options.die_at_call)) {
        f = d->inner.transport.ops->send(&d->inner.transport, a, req, out, why);
        if (!f)
            rewrite_answer(d, a, out);
        return f;
    }
    if (d->options.death == DEATH_AFTER) {
        f = d->inner.transport.ops->send(&d->inner.transport, a, req, out, why);
        (void)f;
    }
    d->dead = true;
    out->sent = true;
    return FAULT_CONNECTION;
}

static const struct transport_ops gate_ops = {.send = gated_send};

static enum fault fixed_key(struct secrets *s, struct str name, unsigned char out[32])
{
    (void)s;
    memset(out, (int)name.len, 32);
    return FAULT_NONE;
}

static const struct secrets_ops secrets_ops = {.key = fixed_key};

/* ---- the process ---- */

static struct str environment(void *context, const char *name)
{
    static const char *const values[][2] = {
        {"AWS_ACCESS_KEY_ID", "AKIADRWAVEHUB0000001"},
        {"AWS_SECRET_ACCESS_KEY", "test/AKIADRWAVEHUB0000001/not-a-secret-0"},
        {"AWS_ENDPOINT_URL", "http://aws.test"},
        {"AWS_REGION", "us-east-1"},
    };

    (void)context;
    for (size_t i = 0; i < ARRAY_LEN(values); i++)
        if (strcmp(name, values[i][0]) == 0)
            return str_from_z(values[i][1]);
    return (struct str){0};
}

static struct str hub_account(void *context, struct arena *a)
{
    (void)context;
    (void)a;
    return STR("123456789012");
}

static void poke(void *context)
{
    flow_poke(((struct drill *)context)->engine);
}

static void boot(struct drill *d)
{
    d->dead = false;
    d->aws = aws_new(&(struct aws_options){
        .clock = &d->clock.clock,
        .entropy = &d->entropy.entropy,
        .transport = &d->gate.transport,
        .metadata_transport = &d->gate.transport,
        .run = &d->run.run,
        .environment = environment,
    });
    d->snapshots = snapshots_new(&d->clock.clock);
    d->workflow = (struct workflow_settings)WORKFLOW_DEFAULTS;
    if (d->options.visibility_ms)
        d->workflow.visibility_ms = d->options.visibility_ms;
    if (d->options.poll_min_ms)
        d->workflow.poll_min_ms = d->options.poll_min_ms;
    if (d->options.poll_max_ms)
        d->workflow.poll_max_ms = d->options.poll_max_ms;
    if (d->workflow.poll_max_ms < d->workflow.poll_min_ms)
        d->workflow.poll_max_ms = d->workflow.poll_min_ms;
    d->api = (struct api){
        .store = d->store,
        .aws = d->aws,
        .run = &d->run.run,
        .clock = &d->clock.clock,
        .entropy = &d->entropy.entropy,
        .snapshots = d->snapshots,
        .hub_account = hub_account,
        .workflow = &d->workflow,
        .poke_workflow = poke,
        .poke_context = d,
    };
    d->engine = flow_engine_new(&(struct flow_options){
        .store = d->store,
        .clock = &d->clock.clock,
        .entropy = &d->entropy.entropy,
        .run = &d->run.run,
        .tasks = api_workflow_tasks(d->arena, &d->api),
    });
}

static void bury(struct drill *d)
{
    flow_engine_free(d->engine);
    snapshots_free(d->snapshots);
    aws_free(d->aws);
}

static void revive(struct drill *d)
{
    if (!d->dead)
        return;
    bury(d);
    boot(d);
}

static void make_sim(struct drill *d)
{
    struct sim_options options = {.seed = d->options.seed,
                                  .wall_now_ms = clock_wall_ms(&d->aws_clock.clock)};
    struct str why = {0};
    struct str path = arena_strf(d->arena, DRILL_SCENARIOS "/%s", d->options.scenario);

    REQUIRE(file_read(d->arena, path, 1 << 22, &options.scenario, &why) == FAULT_NONE);
    REQUIRE(sim_new(&options, d->arena, &d->sim, &why) == FAULT_NONE);
    sim_transport_init(&d->inner, d->sim, &d->aws_clock.clock);
    d->gate = (struct gate){.transport = {.ops = &gate_ops}, .drill = d};
}

struct drill *drill_new(const struct drill_options *options)
{
    struct drill *d = calloc(1, sizeof *d);

    REQUIRE(d);
    d->options = *options;
    d->arena = arena_new(0);
    clock_single_init(&d->clock, (int64_t)WALL_START_S * 1000);
    d->aws_clock = (struct aws_clock){.clock = {&aws_clock_ops}, .ours = &d->clock};
    entropy_single_init(&d->entropy, options->seed);
    run_single_init(&d->run, &d->clock);
    d->secrets.secrets.ops = &secrets_ops;
    make_sim(d);
    gated_store_init(&d->gated, open_store(d));
    d->gated.gate = gate_submit;
    d->gated.context = d;
    d->store = &d->gated.store;
    boot(d);
    return d;
}

void drill_free(struct drill *d)
{
    bury(d);
    store_close(d->store);
    sim_free(d->sim);
    arena_free(d->arena);
    free(d);
}

/* ---- the story ---- */

static const struct json *parsed(struct drill *d, struct str text)
{
    const struct json *v = NULL;
    struct str why;

    if (json_parse(d->arena, arena_str(d->arena, text), &v, &why))
        panic("no JSON: " STR_FMT, STR_ARG(text));
    return v;
}

static const struct json *tell_sim(struct drill *d, const char *method, struct str path,
                                   struct str body)
{
    struct header host = {STR("Host"), STR("aws.test")};
    struct str target = path;
    struct http_request request = {
        .method = str_from_z(method),
        .target = target,
        .path = str_cut(&path, '?'),
        .query = path,
        .headers = {&host, 1},
        .body = body,
        .peer = STR("127.0.0.1:1"),
    };
    struct http_answer answer = {0};

    sim_handle(d->sim, d->arena, &request, clock_wall_ms(&d->aws_clock.clock), &answer);
    if (answer.status < 200 || answer.status > 299)
        panic("%s " STR_FMT ": " STR_FMT, method, STR_ARG(target), STR_ARG(answer.body));
    return parsed(d, answer.body);
}

static const struct json *ask_sim(struct drill *d, struct str path)
{
    return tell_sim(d, "GET", path, (struct str){0});
}

static const struct json *invoke(struct drill *d, const char *function, struct str payload,
                                 struct reply *reply)
{
    struct arena *a SCOPED(arena_scope_end) = arena_new(0);
    struct str role = STR(ROLE_ADMIN);
    struct api_event event = {
        .arena = a,
        .function_name = str_from_z(function),
        .payload = payload,
        .principal = {.arn = STR("arn:aws:iam::123456789012:user/tester"),
                      .via = STR("sigv4"),
                      .roles = {&role, 1}},
        .request_id = STR("request"),
    };

    *reply = (struct reply){0};
    api_invoke(&d->api, &event, reply);
    return parsed(d, reply->body);
}

static const struct json *must(struct drill *d, const char *function, const char *payload)
{
    struct reply reply;
    const struct json *v = invoke(d, function, str_from_z(payload), &reply);

    if (reply.fault)
        panic("%s: " STR_FMT, payload, STR_ARG(json_text(d->arena, v)));
    return v;
}

#define DATA      "test-data-management-handler-dev"
#define EXECUTION "test-execution-handler-dev"

static struct str group(struct drill *d, const char *tier, const char *launch)
{
    char text[512];

    (void)snprintf(text, sizeof text,
                   "{\"operation\":\"create_protection_group\",\"body\":{\"name\":\"%s\","
                   "\"region\":\"us-east-1\",\"serverSelectionTags\":{\"Tier\":\"%s\"},"
                   "\"launchConfiguration\":%s}}",
                   tier, tier, launch ? launch : "null");
    return json_str(json_get_z(must(d, DATA, text), "groupId"));
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

    d->plan_id = json_str(json_get_z(must(d, DATA, text.ptr), "planId"));
}

/* By the time of that call the start has read its groups. */
static void change_meanwhile(struct drill *d, struct str url)
{
    const char *members = d->options.meanwhile;

    if (!members || !d->armed || !str_contains(url, STR("DescribeJobs")))
        return;
    d->options.meanwhile = NULL;
    (void)must(d, DATA,
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
        const struct json *v = invoke(d, EXECUTION, text, &reply);

        if (!reply.fault)
            d->execution_id = json_str(json_get_z(v, "executionId"));
        else if (!d->dead && !fault_describe(reply.fault)->retryable)
            panic("start: " STR_FMT, STR_ARG(json_text(d->arena, v)));
        revive(d);
    }
    REQUIRE(str_present(d->execution_id));
}

static const struct json *ask(struct drill *d, const char *operation, struct reply *reply)
{
    struct str text =
        arena_strf(d->arena, "{\"operation\":\"%s\",\"body\":{\"executionId\":\"" STR_FMT "\"}}",
                   operation, STR_ARG(d->execution_id));

    return invoke(d, EXECUTION, text, reply);
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
    (void)tell_sim(d, "POST", STR("/_sim/faults"), str_from_z(d->options.trouble));
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
    (void)tell_sim(d, "DELETE", STR("/_sim/faults/trouble"), (struct str){0});
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

static void pass_time(struct drill *d, int64_t due)
{
    int64_t ms = due == INT64_MAX ? STEP_MAX_MS : due - d->clock.mono_ms;

    if (ms > STEP_MAX_MS) /* an approval is waited for much longer, and comes at once */
        ms = STEP_MAX_MS;
    clock_single_advance(&d->clock, ms > 0 ? ms : 1);
}

static void maybe_jump(struct drill *d, const struct json *details)
{
    const struct json *waves = json_get_z(details, "waves");

    if (d->jumped || !d->options.jump_ms || !json_is(waves, JS_ARRAY) ||
        !is(&waves->items[0], "progress", "IN_PROGRESS"))
        return;
    d->jumped = true;
    d->clock.wall_ms += d->options.jump_ms;
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

static void go_on(struct drill *d)
{
    bool over = false;

    for (int i = 0; i < STEPS_MAX && !over; i++) {
        const struct json *details;
        int64_t due = flow_tick(d->engine);

        revive(d);
        details = drill_details(d);
        if (d->watch)
            d->watch(d->watch_context, details);
        trouble(d, details);
        over = attend(d, details) && flow_live(d->engine) == 0;
        revive(d);
        maybe_jump(d, details);
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
    if (d->options.trouble && d->options.trouble_from == FROM_START)
        begin_trouble(d);
    go_on(d);
    d->armed = false;
}

bool drill_restore(struct drill *d, int64_t after_ms)
{
    struct store_ports ports = store_ports_of(d);
    struct sqlite_options o = {.path = file_of(d, "drwave.db")};
    struct str why;

    if (!d->backed_up)
        return false;
    bury(d);
    store_close(d->gated.inner);
    clock_single_advance(&d->clock, after_ms);
    if (store_sqlite_restore(&o, file_of(d, "backup.db"), &ports, d->arena, &why))
        panic("restore: " STR_FMT, STR_ARG(why));
    gated_store_init(&d->gated, open_store(d));
    d->gated.gate = gate_submit;
    d->gated.context = d;
    boot(d);
    go_on(d);
    return true;
}

/* ---- what it left ---- */

static void dump_runs(struct drill *d, struct buf *out)
{
    struct query q = {.collection = COLLECTION_RUNS, .partition = d->execution_id};
    struct execution e = {0};
    struct page page;
    const struct run_row *rows;

    REQUIRE(reader_get(store_reader(d->store), d->arena, COLLECTION_EXECUTIONS, d->execution_id,
                       (struct str){0}, &e) == FAULT_NONE);
    buf_add(out, field_text(d->arena, execution_fields, &e, FIELD_VIEW_STORED));
    REQUIRE(reader_query_all(store_reader(d->store), d->arena, &q, 10000, &page) == FAULT_NONE);
    rows = page.items;
    for (size_t i = 0; i < page.len; i++) {
        buf_add_char(out, '\n');
        buf_add(out, field_text(d->arena, run_row_fields, &rows[i], FIELD_VIEW_STORED));
    }
}

static void dump_audit(struct drill *d, struct buf *out)
{
    struct strs records = {0};
    struct str next = {0};

    REQUIRE(store_audit_read(d->store, d->arena, 1000, (struct str){0}, &records, &next) ==
            FAULT_NONE);
    for (size_t i = 0; i < records.len; i++) {
        buf_add_char(out, '\n');
        buf_add(out, records.items[i]);
    }
}

struct str drill_dump(struct drill *d)
{
    struct buf out = buf_new(d->arena, SIZE_MAX / 4);

    dump_runs(d, &out);
    dump_audit(d, &out);
    buf_add_char(&out, '\n');
    buf_add(&out, sim_save(d->sim, d->arena));
    return buf_str(&out);
}

long drill_asked(struct drill *d, const char *operation)
{
    struct str path = arena_strf(d->arena, "/_sim/calls?op=%s", operation);

    return (long)json_int(json_get_z(ask_sim(d, path), "count"), -1);
}

long drill_effective(struct drill *d, const char *operation)
{
    struct str path = arena_strf(d->arena, "/_sim/calls?op=%s&effect=true", operation);

    return (long)json_int(json_get_z(ask_sim(d, path), "count"), -1);
}

long drill_instances(struct drill *d)
{
    return (long)json_int(json_get_z(ask_sim(d, STR("/_sim/state")), "drillInstances"), -1);
}

static long held(struct drill *d, struct str key)
{
    struct claim claim = {0};

    return reader_get(store_reader(d->store), d->arena, COLLECTION_CLAIMS, key, (struct str){0},
                      &claim) == FAULT_NONE;
}

long drill_claims(struct drill *d)
{
    struct query q = {
        .collection = COLLECTION_RUNS, .partition = d->execution_id, .sort_prefix = STR("plan#")};
    struct page page;
    const struct run_row *rows;
    long n = held(d, claim_running_plan(d->arena, d->plan_id));

    REQUIRE(reader_query_all(store_reader(d->store), d->arena, &q, 100, &page) == FAULT_NONE);
    rows = page.items;
    for (size_t i = 0; i < page.len; i++) {
        const struct resolution_run *r = rows[i].resolution;

        for (size_t k = 0; k < r->servers.len; k++) {
            n += held(d, claim_running_server(d->arena, r->account_context->account_id,
                                              r->account_context->region,
                                              r->servers.items[k].server_id));
            n += held(d, claim_running_group(d->arena, r->servers.items[k].group_id));
        }
    }
    return n;
}

bool drill_died(const struct drill *d)
{
    return d->deaths > 0;
}

int64_t drill_handovers(struct drill *d)
{
    struct execution e = {0};

    REQUIRE(reader_get(store_reader(d->store), d->arena, COLLECTION_EXECUTIONS, d->execution_id,
                       (struct str){0}, &e) == FAULT_NONE);
    return e.epoch - 1;
}

int drill_deaths(const struct drill *d)
{
    return d->deaths;
}

long drill_submits(const struct drill *d)
{
    return d->submits;
}

long drill_calls(const struct drill *d)
{
    return d->calls;
}
