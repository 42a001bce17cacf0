#include "tests/unit/ops/desk.h"

#include "aws/aws.h"
#include "model/execution.h"
#include "rules/roles.h"

enum { DESK_NOW_S = 1790000000 }; /* 2026-09-21T14:13:20Z */

/* ---- DRS ---- */

static enum fault drs_send(struct transport *t, struct arena *a, const struct transport_request *q,
                           struct transport_answer *out, struct str *why)
{
    struct desk *d = (struct desk *)((char *)t - offsetof(struct desk, transport));

    (void)a;
    d->drs_asked++;
    assert_true(str_ends(q->url, STR("/DescribeSourceServers")));
    if (d->drs_fails) {
        *why = STR("the cable is out");
        return FAULT_CONNECTION;
    }
    out->sent = true;
    out->status = 200;
    out->body = d->estate;
    return FAULT_NONE;
}

static const struct transport_ops drs_ops = {.send = drs_send};

static struct str environment(void *context, const char *name)
{
    (void)context;
    if (strcmp(name, "AWS_ACCESS_KEY_ID") == 0)
        return STR("AKIDEXAMPLE");
    if (strcmp(name, "AWS_SECRET_ACCESS_KEY") == 0)
        return STR("wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY");
    return (struct str){0};
}

static struct str estate_of(struct arena *a, const struct desk_server *servers, size_t n)
{
    struct buf out = buf_new(a, 4 << 20);

    buf_add_z(&out, "{\"items\":[");
    for (size_t i = 0; i < n; i++)
        buf_addf(&out,
                 "%s{\"sourceServerID\":\"%s\",\"sourceProperties\":{\"identificationHints\":"
                 "{\"hostname\":\"%s\"}},\"dataReplicationInfo\":{\"dataReplicationState\":"
                 "\"%s\"},\"tags\":%s}",
                 i ? "," : "", servers[i].id, servers[i].hostname, servers[i].state,
                 servers[i].tags);
    buf_add_z(&out, "]}");
    return buf_str(&out);
}

/* ---- the desk ---- */

static enum fault fixed_key(struct secrets *s, struct str name, unsigned char out[32])
{
    (void)s;
    memset(out, name.ptr[0], 32);
    return FAULT_NONE;
}

static struct str hub(void *context, struct arena *a)
{
    (void)context;
    (void)a;
    return STR("123456789012");
}

struct desk *desk_new(const struct desk_server *servers, size_t n)
{
    static const struct secrets_ops keys = {fixed_key};
    struct arena *a = arena_new(0);
    struct desk *d = calloc(1, sizeof(*d));
    struct store_ports ports;

    assert_non_null(d);
    ports = (struct store_ports){&d->clock.clock, &d->entropy.entropy, &d->secrets};
    d->arena = a;
    clock_single_init(&d->clock, (int64_t)DESK_NOW_S * 1000);
    entropy_single_init(&d->entropy, 11);
    run_single_init(&d->run, &d->clock);
    d->transport.ops = &drs_ops;
    d->secrets.ops = &keys;
    d->estate = estate_of(a, servers, n);
    d->store = store_memory_new(&ports, 5, 0);
    d->snapshots = snapshots_new(&d->clock.clock);
    d->aws = aws_new(&(struct aws_options){
        .clock = &d->clock.clock,
        .entropy = &d->entropy.entropy,
        .transport = &d->transport,
        .metadata_transport = &d->transport,
        .run = &d->run.run,
        .environment = environment,
    });
    d->api = (struct api){
        .store = d->store,
        .aws = d->aws,
        .run = &d->run.run,
        .clock = &d->clock.clock,
        .entropy = &d->entropy.entropy,
        .snapshots = d->snapshots,
        .hub_account = hub,
    };
    return d;
}

void desk_free(struct desk *d)
{
    arena_free(d->arena); /* first: it holds snapshots */
    snapshots_free(d->snapshots);
    aws_free(d->aws);
    store_close(d->store);
    free(d);
}

/* ---- names for ids ---- */

static struct str id_of(const struct desk *d, struct str name)
{
    for (size_t i = 0; i < d->names_len; i++)
        if (str_eq(d->names[i].name, name))
            return d->names[i].id;
    return name;
}

static void learn(struct desk *d, const struct json *answer)
{
    const struct json *group = json_get_z(answer, "groupId");
    const struct json *id = group ? group : json_get_z(answer, "planId");
    const struct json *name = json_get_z(answer, "name");

    if (!id || !name)
        return;
    assert_true(d->names_len < DESK_NAMES_MAX);
    d->names[d->names_len++] = (struct desk_name){name->string, id->string};
}

static bool of_a_name(char c)
{
    return c == '-' || (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z');
}

static struct str with_ids(struct desk *d, const char *text)
{
    struct buf out = buf_new(d->arena, 1 << 20);

    while (*text) {
        size_t n = 1;

        if (*text != '$') {
            buf_add_char(&out, *text++);
            continue;
        }
        while (of_a_name(text[n]))
            n++;
        buf_add(&out, id_of(d, (struct str){text + 1, n - 1}));
        text += n;
    }
    return buf_str(&out);
}

/* ---- calls ---- */

const struct json *desk_call(struct desk *d, enum desk_call call, const char *event, int *status)
{
    static const char *const functions[] = {
        [DESK_API] = "x-data-management-handler-test",
        [DESK_EVENT] = "data-management-handler",
        [DESK_QUERY] = "x-query-handler-test",
    };
    struct str role = STR(ROLE_ADMIN);
    struct api_event e = {
        .arena = d->arena,
        .function_name = str_from_z(functions[call]),
        .payload = with_ids(d, event),
        .principal = {STR("arn:aws:iam::123456789012:user/me"), STR("sigv4"), {&role, 1}},
        .request_id = STR("request-1"),
    };
    const struct json *answer;
    const struct json *code;
    struct reply reply = {0};
    struct str why;

    api_invoke(&d->api, &e, &reply);
    assert_int_equal(json_parse(d->arena, reply.body, &answer, &why), FAULT_NONE);
    *status = reply.status;
    if (call != DESK_EVENT)
        return answer;
    code = json_get_z(answer, "statusCode");
    assert_int_equal(json_int(code, 0), reply.status);
    return json_get_z(answer, "body");
}

/* "web plan-1 exec-1 PAUSED" */
static void run_or_stop(struct desk *d, const char *what, bool run)
{
    struct str rest = str_from_z(what);
    struct str group = id_of(d, str_cut(&rest, ' '));
    struct str plan = id_of(d, str_cut(&rest, ' '));
    struct execution e = {.id = str_cut(&rest, ' '), .plan_id = plan, .started_at = 1};
    struct write_set *ws = write_set_new(d->arena);
    struct str keys[] = {
        arena_strf(d->arena, "running-group#" STR_FMT, STR_ARG(group)),
        arena_strf(d->arena, "running-plan#" STR_FMT, STR_ARG(plan)),
    };
    struct refusal why;

    e.status = field_enum_of(execution_status_names, rest);
    assert_true(e.status > 0);
    if (run)
        (void)ws_put(ws, COLLECTION_EXECUTIONS, &e);
    for (size_t i = 0; i < ARRAY_LEN(keys); i++) {
        if (run)
            ws_claim(ws, keys[i], e.id, e.id, FAULT_ACTIVE_EXECUTION);
        else
            ws_release(ws, keys[i], e.id);
    }
    assert_int_equal(store_commit(d->store, d->arena, ws, &why), FAULT_NONE);
}

/* ---- what an answer must hold at least ---- */

static bool holds(const struct json *got, const struct json *want, struct str path, struct str *at);

static bool holds_members(struct arena *a, const struct json *got, const struct json *want,
                          struct str path, struct str *at)
{
    for (size_t i = 0; i < want->len; i++) {
        const struct json_member *m = &want->members[i];
        struct str inner = arena_strf(a, STR_FMT "." STR_FMT, STR_ARG(path), STR_ARG(m->name));
        const struct json *found = json_get(got, m->name);
        bool absent = json_is(&m->value, JS_STR) && str_eq(m->value.string, STR("(absent)"));

        *at = inner;
        if (absent ? found != NULL : !found || !holds(found, &m->value, inner, at))
            return false;
    }
    return true;
}

static struct arena *compare_arena;

static bool holds(const struct json *got, const struct json *want, struct str path, struct str *at)
{
    *at = path;
    if (json_is(want, JS_STR) && str_eq(want->string, STR("(any)")))
        return got->kind != JS_NULL;
    if (want->kind != got->kind)
        return false;
    if (want->kind == JS_OBJECT)
        return holds_members(compare_arena, got, want, path, at);
    if (want->kind != JS_ARRAY)
        return json_eq(got, want);
    if (got->len != want->len)
        return false;
    for (size_t i = 0; i < want->len; i++)
        if (!holds(&got->items[i], &want->items[i],
                   arena_strf(compare_arena, STR_FMT "[%zu]", STR_ARG(path), i), at))
            return false;
    return true;
}

static void expect(struct desk *d, const struct json *got, const char *text)
{
    const struct json *want;
    struct str at = {0};
    struct str why;

    if (json_parse(d->arena, with_ids(d, text), &want, &why))
        fail_msg("the expectation is no JSON: " STR_FMT, STR_ARG(why));
    compare_arena = d->arena;
    if (!holds(got, want, STR(""), &at))
        fail_msg("at '" STR_FMT "' of\n  " STR_FMT "\nwanted at least\n  " STR_FMT, STR_ARG(at),
                 STR_ARG(json_text(d->arena, got)), STR_ARG(json_text(d->arena, want)));
}

static void call_step(struct desk *d, const struct desk_step *s)
{
    int status;
    const struct json *answer = desk_call(d, s->call, s->event, &status);

    if (s->status ? status != s->status : status >= 300)
        fail_msg("%s: status %d\n  " STR_FMT, s->event, status,
                 STR_ARG(json_text(d->arena, answer)));
    if (s->expect)
        expect(d, answer, s->expect);
    learn(d, answer);
}

static void take_step(struct desk *d, const struct desk_step *s)
{
    int64_t seconds;

    switch (s->call) {
    case DESK_RUN:
    case DESK_STOP:
        run_or_stop(d, s->event, s->call == DESK_RUN);
        break;
    case DESK_DRS:
        d->drs_fails = strcmp(s->event, "down") == 0;
        break;
    case DESK_PASS:
        assert_true(str_to_i64(str_from_z(s->event), &seconds));
        clock_single_advance(&d->clock, 1000 * seconds);
        break;
    case DESK_API:
    case DESK_EVENT:
    case DESK_QUERY:
        call_step(d, s);
        break;
    }
}

void desk_check(const struct desk_server *servers, size_t n, const struct desk_case *c)
{
    struct desk *d = desk_new(servers, n);

    print_message("# %s\n", c->title);
    for (size_t i = 0; i < DESK_STEPS_MAX && c->steps[i].event; i++)
        take_step(d, &c->steps[i]);
    desk_free(d);
}
