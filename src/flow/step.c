#include "flow/step.h"

#include "base/time.h"

/* One step under way: what it reads and what it makes. */
struct stepping {
    struct arena *arena;
    const struct flow_definition *definition;
    const struct json *state; /* the current state's object */
    const struct flow_event *event;
    struct flow_instance *now; /* `after`, a copy of `before` at first */
    struct flow_effect *effect;
};

static bool is_type(const struct stepping *s, const char *type)
{
    return str_eq_z(json_str(json_get_z(s->state, "Type")), type);
}

static bool waits_for_token(const struct stepping *s)
{
    return str_ends(json_str(json_get_z(s->state, "Resource")), STR(".waitForTaskToken"));
}

/* ---- leaving a state ---- */

static void go_to(struct stepping *s, struct str state, const struct json *data)
{
    s->now->phase = FLOW_READY;
    s->now->state = state;
    s->now->data = data;
    s->now->retries = NULL;
    s->now->has_due = false;
    s->now->token = (struct str){0};
    s->now->entered_wall = s->event->wall_ms;
    s->effect->kind = FLOW_DO_GO;
}

static void end(struct stepping *s, bool failed, struct str error, struct str cause)
{
    s->now->phase = FLOW_ENDED;
    s->now->failed = failed;
    s->now->error = error;
    s->now->cause = cause;
    s->now->has_due = false;
    s->effect->kind = FLOW_DO_END;
}

static void arm(struct stepping *s, enum flow_phase phase, int64_t ms)
{
    s->now->phase = (int)phase;
    s->now->has_due = true;
    s->now->wait_ms = ms;
    s->now->due_mono = s->event->mono_ms + ms;
    s->now->armed_wall = s->event->wall_ms;
}

/* ---- Retry and Catch ---- */

static bool error_matches(const struct json *rule, struct str error)
{
    const struct json *errors = json_get_z(rule, "ErrorEquals");

    for (size_t i = 0; i < errors->len; i++)
        if (str_eq_z(errors->items[i].string, "States.ALL") ||
            str_eq(errors->items[i].string, error))
            return true;
    return false;
}

static int64_t retry_count(const struct stepping *s, size_t rule)
{
    return json_is(s->now->retries, JS_ARRAY) && rule < s->now->retries->len
               ? s->now->retries->items[rule].integer
               : 0;
}

static void count_retry(struct stepping *s, size_t rule, size_t rules)
{
    struct json *v = arena_new_of(s->arena, struct json);

    *v = (struct json){.kind = JS_ARRAY, .len = rules};
    v->items = arena_array_of(s->arena, rules, struct json);
    for (size_t i = 0; i < rules; i++)
        v->items[i] =
            (struct json){.kind = JS_INT, .integer = retry_count(s, i) + (i == rule ? 1 : 0)};
    s->now->retries = v;
}

/* Interval x rate^n, at most MaxDelaySeconds. */
static int64_t retry_delay_ms(const struct json *rule, int64_t n)
{
    double delay = json_number(json_get_z(rule, "IntervalSeconds"), 1);
    double rate = json_number(json_get_z(rule, "BackoffRate"), 2);
    double most = json_number(json_get_z(rule, "MaxDelaySeconds"), 31622400);

    for (int64_t i = 0; i < n && delay < most; i++)
        delay *= rate;
    return (int64_t)((delay < most ? delay : most) * 1000);
}

static bool retry(struct stepping *s, struct str error)
{
    const struct json *rules = json_get_z(s->state, "Retry");

    for (size_t i = 0; rules && i < rules->len; i++) {
        const struct json *rule = &rules->items[i];
        int64_t n = retry_count(s, i);

        if (!error_matches(rule, error))
            continue;
        if (n >= json_int(json_get_z(rule, "MaxAttempts"), 3))
            return false;
        count_retry(s, i, rules->len);
        arm(s, FLOW_WAITING, retry_delay_ms(rule, n));
        s->effect->kind = FLOW_DO_WAIT;
        return true;
    }
    return false;
}

static const struct json *failure(struct stepping *s, struct str error, struct str cause)
{
    const struct json *v = flow_json_object(s->arena);

    v = flow_json_with(s->arena, v, STR("Error"), flow_json_str(s->arena, error));
    return flow_json_with(s->arena, v, STR("Cause"), flow_json_str(s->arena, cause));
}

static struct str result_path(const struct json *rule)
{
    const struct json *path = json_get_z(rule, "ResultPath");

    return path ? json_str(path) : STR("$");
}

static void fail(struct stepping *s, struct str error, struct str cause)
{
    const struct json *rules = json_get_z(s->state, "Catch");

    if (retry(s, error))
        return;
    for (size_t i = 0; rules && i < rules->len; i++) {
        const struct json *rule = &rules->items[i];

        if (!error_matches(rule, error))
            continue;
        go_to(s, json_str(json_get_z(rule, "Next")),
              flow_path_put(s->arena, s->now->data, result_path(rule), failure(s, error, cause)));
        return;
    }
    end(s, true, error, cause);
}

/* ---- entering a state ---- */

static const struct json *context_of(struct stepping *s)
{
    struct arena *a = s->arena;
    const struct json *execution = flow_json_object(a);
    const struct json *state = flow_json_object(a);
    const struct json *context = flow_json_object(a);

    execution = flow_json_with(a, execution, STR("Id"), flow_json_str(a, s->now->id));
    execution = flow_json_with(a, execution, STR("Name"), flow_json_str(a, s->now->id));
    execution = flow_json_with(a, execution, STR("StartTime"),
                               flow_json_str(a, time_rfc3339(a, s->now->started_at)));
    state = flow_json_with(a, state, STR("Name"), flow_json_str(a, s->now->state));
    state = flow_json_with(a, state, STR("EnteredTime"),
                           flow_json_str(a, time_rfc3339(a, s->now->entered_wall)));
    context = flow_json_with(a, context, STR("Execution"), execution);
    context = flow_json_with(a, context, STR("State"), state);
    if (str_present(s->now->token)) {
        const struct json *task =
            flow_json_with(a, flow_json_object(a), STR("Token"), flow_json_str(a, s->now->token));

        context = flow_json_with(a, context, STR("Task"), task);
    }
    return context;
}

/* The effect of a task; also after a crash, when it may have been called before. */
static void call(struct stepping *s)
{
    const struct json *parameters = json_get_z(s->state, "Parameters");
    struct flow_scope scope = {.data = s->now->data, .context = context_of(s)};
    const struct json *payload = s->now->data;
    struct str missing = {0};

    if (parameters && flow_template(s->arena, parameters, &scope, &payload, &missing)) {
        fail(s, STR("States.ParameterPathFailure"), missing);
        return;
    }
    s->effect->kind = FLOW_DO_CALL;
    s->effect->function = json_str(json_get_z(s->state, "Resource"));
    s->effect->payload = payload;
    if (waits_for_token(s)) {
        s->effect->function = json_str(json_get_z(payload, "FunctionName"));
        s->effect->payload = json_get_z(payload, "Payload");
    }
}

static void enter_task(struct stepping *s)
{
    s->now->phase = FLOW_CALLING;
    if (waits_for_token(s) && !str_present(s->now->token))
        s->now->token = s->event->fresh_token;
    call(s);
}

static void enter_choice(struct stepping *s)
{
    struct flow_scope scope = {.data = s->now->data, .context = context_of(s)};
    struct str next = flow_choose(s->state, &scope);

    if (str_present(next))
        go_to(s, next, s->now->data);
    else
        fail(s, STR("States.NoChoiceMatched"), s->now->state);
}

static void enter_wait(struct stepping *s)
{
    struct flow_scope scope = {.data = s->now->data};
    const struct json *path = json_get_z(s->state, "SecondsPath");
    const struct json *v =
        path ? flow_path_get(&scope, json_str(path)) : json_get_z(s->state, "Seconds");
    double seconds = json_number(v, -1);

    if (seconds < 0 || seconds > 99999999) {
        fail(s, STR("States.Runtime"), STR("SecondsPath is no number of seconds"));
        return;
    }
    arm(s, FLOW_WAITING, (int64_t)(seconds * 1000 + 0.5));
    s->effect->kind = FLOW_DO_WAIT;
}

static void enter_pass(struct stepping *s)
{
    struct flow_scope scope = {.data = s->now->data, .context = context_of(s)};
    const struct json *parameters = json_get_z(s->state, "Parameters");
    const struct json *out = json_get_z(s->state, "Result");
    struct str missing = {0};

    if (parameters && flow_template(s->arena, parameters, &scope, &out, &missing)) {
        fail(s, STR("States.ParameterPathFailure"), missing);
        return;
    }
    go_to(s, json_str(json_get_z(s->state, "Next")),
          flow_path_put(s->arena, s->now->data, result_path(s->state), out ? out : s->now->data));
}

static void enter(struct stepping *s)
{
    if (is_type(s, "Task"))
        enter_task(s);
    else if (is_type(s, "Choice"))
        enter_choice(s);
    else if (is_type(s, "Wait"))
        enter_wait(s);
    else if (is_type(s, "Pass"))
        enter_pass(s);
    else if (is_type(s, "Fail"))
        end(s, true, json_str(json_get_z(s->state, "Error")),
            json_str(json_get_z(s->state, "Cause")));
    else
        end(s, false, (struct str){0}, (struct str){0});
}

/* ---- events ---- */

static void succeed(struct stepping *s)
{
    go_to(s, json_str(json_get_z(s->state, "Next")),
          flow_path_put(s->arena, s->now->data, result_path(s->state), s->event->value));
}

static void result(struct stepping *s)
{
    const struct json *timeout = json_get_z(s->state, "TimeoutSeconds");

    if (!waits_for_token(s)) {
        succeed(s);
        return;
    }
    s->now->has_due = false;
    s->now->phase = FLOW_HOLDING;
    if (timeout)
        arm(s, FLOW_HOLDING, json_int(timeout, 0) * 1000);
    s->effect->kind = FLOW_DO_HOLD;
}

static void timer(struct stepping *s)
{
    if (s->now->phase == FLOW_HOLDING) {
        fail(s, STR("States.Timeout"), STR("nobody answered the task token in time"));
        return;
    }
    if (is_type(s, "Wait")) {
        go_to(s, json_str(json_get_z(s->state, "Next")), s->now->data);
        return;
    }
    s->now->phase = FLOW_READY; /* a task is tried again; its retry counts stay */
    s->now->has_due = false;
    s->effect->kind = FLOW_DO_GO;
}

static bool belongs(int phase, enum flow_event_kind kind)
{
    switch (kind) {
    case FLOW_GO:
        return phase == FLOW_READY || phase == FLOW_CALLING;
    case FLOW_RESULT:
    case FLOW_ERROR:
        return phase == FLOW_CALLING;
    case FLOW_TIMER:
        return phase == FLOW_WAITING || phase == FLOW_HOLDING;
    case FLOW_TOKEN:
        return phase == FLOW_HOLDING;
    }
    return false;
}

/* long: what goes in and what comes out of the one pure step; each is a thing of its own. */
enum fault flow_step(struct arena *a, const struct flow_definition *d,
                     const struct flow_instance *before, const struct flow_event *event,
                     struct flow_turn *out)
{
    struct stepping s = {
        .arena = a, .definition = d, .event = event, .now = &out->now, .effect = &out->effect};

    s.state = json_get(json_get_z(d->root, "States"), before->state);
    if (!s.state || !belongs(before->phase, event->kind))
        return FAULT_INVALID_STATE;
    *out = (struct flow_turn){.now = *before};
    switch (event->kind) {
    case FLOW_GO:
        if (before->phase == FLOW_CALLING)
            call(&s);
        else
            enter(&s);
        break;
    case FLOW_RESULT:
        result(&s);
        break;
    case FLOW_ERROR:
        fail(&s, event->error, event->cause);
        break;
    case FLOW_TIMER:
        timer(&s);
        break;
    case FLOW_TOKEN:
        succeed(&s);
        break;
    }
    return FAULT_NONE;
}
