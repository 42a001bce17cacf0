#include "tests/crash/drill_internal.h"

#include <stdlib.h>

#include "base/file.h"
#include "base/panic.h"
#include "tests/unit/store/folder.h"

enum { WALL_START_S = 1800000000 };

/* ---- its parts: clocks, keys ---- */

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

static enum fault gated_send(struct transport *t, struct arena *a,
                             const struct transport_request *req, struct transport_answer *out,
                             struct str *why)
{
    struct drill *d = ((struct gate *)(void *)t)->drill;
    enum fault f;

    *why = STR("the process is dead");
    if (d->dead)
        return FAULT_CONNECTION;
    drill_change_meanwhile(d, req->url);
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

void drill_revive(struct drill *d)
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

/* ---- an older record ---- */

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
    drill_go_on(d);
    return true;
}
