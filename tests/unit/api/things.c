#include "tests/unit/api/things.h"

#include "rules/roles.h"

int things_runs;
void (*things_meanwhile)(void);

struct part {
    struct str label;
    int64_t weight;
};

static const struct field part_fields[] = {
    F_STR(struct part, label, "label", .aliases = "partLabel", .flags = FIELD_REQUIRED,
          .help = "h"),
    F_INT(struct part, weight, "weight", .max = 10, .help = "how heavy"),
    F_END,
};

struct thing {
    struct str id;
    struct str name;
    struct str region;
    struct str account;
    struct str secret;
    struct str how;
    struct str message;
    struct str operation;
    struct strs names;
    struct tags tags;
    bool on;
    bool has_count;
    int64_t count;
    int64_t version;
    bool has_version;
    LIST_OF(struct part) parts;
    const struct json *any;
};

static const struct field create_fields[] = {
    F_STR(struct thing, name, "name", .aliases = "thingName", .flags = FIELD_REQUIRED, .help = "h"),
    F_STR(struct thing, region, "region", .flags = FIELD_REQUIRED, .help = "where"),
    F_STR(struct thing, account, "accountId", .help = "whose"),
    F_STR(struct thing, secret, "secret", .flags = FIELD_SECRET, .help = "hush"),
    F_BOOL(struct thing, on, "on", .help = "whether"),
    F_INT(struct thing, count, "count", F_HAS(struct thing, has_count), .max = 9, .help = "many"),
    F_STRS(struct thing, names, "names", .help = "more names"),
    F_TAGS(struct thing, tags, "tags", .help = "tags"),
    F_LIST(struct thing, parts, "parts", struct part, part_fields, .help = "parts"),
    F_END,
};

static const struct field update_fields[] = {
    F_STR(struct thing, id, "thingId", .flags = FIELD_REQUIRED, .help = "which"),
    F_STR(struct thing, name, "name", .aliases = "thingName", .help = "h"),
    F_INT(struct thing, version, "version", F_HAS(struct thing, has_version), .help = "of it"),
    F_STR(struct thing, how, "how", .help = "how to fail"),
    F_END,
};

static const struct field get_fields[] = {
    F_STR(struct thing, id, "thingId", .flags = FIELD_REQUIRED, .help = "which"),
    F_BOOL(struct thing, on, "on", .help = "whether"),
    F_INT(struct thing, count, "count", F_HAS(struct thing, has_count), .max = 9, .help = "many"),
    F_STRS(struct thing, names, "names", .help = "more names"),
    F_TAGS(struct thing, tags, "tags", .help = "tags"),
    F_STR(struct thing, how, "how", .help = "how to fail"),
    F_END,
};

static const struct field wave_fields[] = {
    F_INT(struct thing, count, "waveNumber", .aliases = "wave_number", .help = "which wave"),
    F_STR(struct thing, how, "how", .help = "how to fail"),
    F_END,
};

static const struct field reply_fields[] = {
    F_STR(struct thing, id, "thingId", .help = "which"),
    F_STR(struct thing, name, "name", .aliases = "thingName", .help = "h"),
    F_INT(struct thing, count, "count", F_HAS(struct thing, has_count), .help = "many"),
    F_STRS(struct thing, names, "names", .help = "more names"),
    F_TAGS(struct thing, tags, "tags", .help = "tags"),
    F_STR(struct thing, account, "accountId", .help = "whose"),
    F_STR(struct thing, message, "message", .help = "words"),
    F_STR(struct thing, operation, "operation", .help = "name used"),
    F_END,
};

struct clash {
    int64_t current_version;
    struct str why;
};

static const struct field clash_fields[] = {
    F_INT(struct clash, current_version, "currentVersion", .help = "as stored"),
    F_STR(struct clash, why, "why", .help = "why"),
    F_END,
};

/* ---- the operations ---- */

static enum fault clash(struct call_ctx *c)
{
    struct clash *details = arena_new_of(c->arena, struct clash);

    details->current_version = 2;
    call_detail(c, clash_fields, details);
    return call_fail(c, FAULT_VERSION_MISMATCH, "Version mismatch.");
}

static enum fault fail_as_told(struct call_ctx *c, struct str how)
{
    if (str_eq(how, STR("clash")))
        return clash(c);
    if (str_eq(how, STR("exists")))
        return call_fail(c, FAULT_ALREADY_EXISTS, "Thing with name 'x' already exists");
    if (str_eq(how, STR("busy")))
        return FAULT_UNAVAILABLE;
    if (str_eq(how, STR("corrupt")))
        return FAULT_CORRUPT;
    if (str_eq(how, STR("limit")))
        return call_fail(c, FAULT_DRS_LIMIT_EXCEEDED, "Too many jobs");
    if (str_eq(how, STR("drs")))
        return call_fail(c, FAULT_DRS_ERROR, "Failed to start recovery: InsufficientCapacity");
    if (str_eq(how, STR("throttled")))
        return call_fail(c, FAULT_AWS_TRANSIENT, "Throttled");
    if (str_eq(how, STR("role")))
        return call_fail(c, FAULT_ROLE_ASSUMPTION_FAILED, "May not assume it");
    if (str_eq(how, STR("two"))) {
        (void)call_fault(c, FAULT_INVALID_PARAMETER, STR("a"), "'a' is bad");
        return call_fault(c, FAULT_INVALID_PARAMETER, STR("b"), "'b' is bad");
    }
    if (str_eq(how, STR("silent"))) /* reports, and forgets to say so */
        (void)call_fail(c, FAULT_NOT_FOUND, "Thing 'x' not found");
    return FAULT_NONE;
}

static enum fault thing_create(struct ctx *c)
{
    const struct thing *in = c->params;
    struct thing *out = c->reply;

    things_runs++;
    out->id = arena_strf(c->call.arena, "t-%d", things_runs);
    if (things_meanwhile)
        things_meanwhile();
    out->name = in->name;
    out->account = str_present(in->account) ? in->account : c->call.hub_account;
    out->count = in->count;
    out->has_count = in->has_count;
    out->message = STR("Thing created");
    c->poke_workflow = true;
    return FAULT_NONE;
}

static enum fault thing_update(struct ctx *c)
{
    const struct thing *in = c->params;
    struct thing *out = c->reply;

    things_runs++;
    out->id = in->id;
    if (str_eq(in->how, STR("second")) && things_runs == 2)
        return clash(&c->call);
    return fail_as_told(&c->call, in->how);
}

static enum fault thing_get(struct query_ctx *c)
{
    const struct thing *in = c->params;
    struct thing *out = c->reply;

    things_runs++;
    if (str_eq(in->how, STR("huge"))) {
        char *text = arena_alloc(c->call.arena, 7 << 20);

        memset(text, 'x', 7 << 20);
        out->name = (struct str){text, 7 << 20};
        return FAULT_NONE;
    }
    out->id = in->id;
    out->count = in->count;
    out->has_count = in->has_count;
    out->names = in->names;
    out->tags = in->tags;
    out->operation = c->call.operation;
    return fail_as_told(&c->call, in->how);
}

static enum fault wave_start(struct task_ctx *c)
{
    const struct thing *in = c->params;

    things_runs++;
    json_begin_object(c->out);
    json_member_int(c->out, "waveNumber", in->count);
    json_name(c->out, STR("state"));
    json_put(c->out, json_get_z(c->event, "state"));
    json_end_object(c->out);
    return fail_as_told(&c->call, in->how);
}

#define THING .params_size = sizeof(struct thing), .reply_size = sizeof(struct thing)

const struct operation things[] = {
    {
        .names = {"create_thing"},
        .functions = FUNCTION_DATA_MANAGEMENT,
        .routes = {{"POST", "/things"}},
        .permission = "create_protection_groups",
        .summary = "Make a thing",
        .example = "--name web",
        .params = create_fields,
        .reply = reply_fields,
        THING,
        .success_status = 201,
        .event_message = "Thing created successfully",
        .event_required = "accountId",
        .run_write = thing_create,
    },
    {
        .names = {"get_thing", "read_thing"},
        .functions = FUNCTION_DATA_MANAGEMENT | FUNCTION_QUERY,
        .routes = {{"GET", "/things/{thingId}"}},
        .permission = "view_protection_groups",
        .summary = "Show a thing",
        .example = "t-1",
        .params = get_fields,
        .reply = reply_fields,
        THING,
        .run_read = thing_get,
    },
    {
        .names = {"start_thing_wave"},
        .functions = FUNCTION_EXECUTION,
        .permission = "start_recovery",
        .summary = "Start a wave",
        .example = "",
        .params = wave_fields,
        .params_size = sizeof(struct thing),
        .action = true,
        .run_task = wave_start,
    },
    {
        .names = {"update_thing"},
        .functions = FUNCTION_DATA_MANAGEMENT,
        .routes = {{"PUT", "/things/{thingId}"}},
        .permission = "modify_protection_groups",
        .summary = "Change a thing",
        .example = "t-1 --version 2",
        .params = update_fields,
        .reply = reply_fields,
        THING,
        .api_required = "version",
        .run_write = thing_update,
    },
    {
        .names = {"work_thing"},
        .functions = FUNCTION_EXECUTION,
        .permission = "start_recovery",
        .summary = "Internal",
        .example = "",
        .params = wave_fields,
        .params_size = sizeof(struct thing),
        .action = true,
        .internal = true,
        .run_task = wave_start,
    },
    {.names = {NULL}},
};

const struct operation_set *things_set(void)
{
    static const struct operation *const rows[] = {&things[0], &things[1], &things[2], &things[3],
                                                   &things[4]};
    static const struct operation_set set = {rows, 5};

    return &set;
}

/* ---- the world ---- */

static struct str hub(void *context, struct arena *a)
{
    (void)context;
    (void)a;
    return STR("111122223333");
}

static void poked(void *context)
{
    struct world *w = context;

    w->pokes++;
}

struct world *world_new(void)
{
    struct arena *arena = arena_new(0);
    struct world *w = arena_new_of(arena, struct world);

    w->arena = arena;
    clock_single_init(&w->clock, INT64_C(1700000000000));
    entropy_single_init(&w->entropy, 1);
    run_single_init(&w->run, &w->clock);
    w->store = fake_store_new(arena);
    w->api = (struct api){
        .store = w->store,
        .run = &w->run.run,
        .clock = &w->clock.clock,
        .entropy = &w->entropy.entropy,
        .operations = things_set(),
        .hub_account = hub,
        .poke_workflow = poked,
        .poke_context = w,
    };
    things_runs = 0;
    return w;
}

void world_free(struct world *w)
{
    arena_free(w->arena);
}

static struct principal as_role(struct world *w, const char *role)
{
    struct principal p = {.arn = STR("arn:aws:iam::111122223333:user/me"), .via = STR("sigv4")};

    p.roles = (struct strs){arena_array_of(w->arena, 1, struct str), 1};
    p.roles.items[0] = str_from_z(role);
    return p;
}

struct reply invoke_as(struct world *w, const char *role, const char *function, const char *payload)
{
    struct reply reply;
    struct api_event event = {
        .arena = w->arena,
        .function_name = str_from_z(function),
        .payload = str_from_z(payload),
        .principal = as_role(w, role),
        .request_id = STR("req-1"),
    };

    api_invoke(&w->api, &event, &reply);
    return reply;
}

struct reply invoke(struct world *w, const char *function, const char *payload)
{
    return invoke_as(w, ROLE_ADMIN, function, payload);
}

struct reply rest(struct world *w, const char *method, const char *path, const char *body)
{
    struct reply reply;
    struct str target = str_from_z(path);
    struct str raw_path = str_cut(&target, '?');
    struct api_request request = {
        .arena = w->arena,
        .method = str_from_z(method),
        .path = raw_path,
        .query = target,
        .body = str_from_z(body),
        .principal = as_role(w, ROLE_ADMIN),
        .request_id = STR("req-1"),
    };

    api_rest(&w->api, &request, &reply);
    return reply;
}

/* The product's own rows are left out: what they run needs a real record keeper. */
const struct operation operations_data[] = {{.names = {NULL}}};
const struct operation operations_execution[] = {{.names = {NULL}}};
const struct operation operations_query[] = {{.names = {NULL}}};
