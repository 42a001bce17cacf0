/* A call's way through: find -> authorise -> decode -> run -> submit -> encode. */
#include "api/dispatch.h"

#include "api/answer.h"
#include "api/turn.h"
#include "rules/roles.h"

/* ---- what the stages share ---- */

enum fault fault_for_caller(enum fault f)
{
    switch (f) {
    case FAULT_CONDITION_FAILED:
        return FAULT_VERSION_MISMATCH;
    case FAULT_TIMEOUT:
    case FAULT_CONNECTION:
    case FAULT_STORE_FULL:
        return FAULT_UNAVAILABLE;
    case FAULT_STORE_ERROR:
        return FAULT_DYNAMODB_ERROR;
    case FAULT_CORRUPT:
        return FAULT_INTERNAL_ERROR;
    default:
        return f;
    }
}

enum fault turn_fail(struct turn *t, enum fault f, const char *fmt, ...)
{
    va_list args;
    struct str message;

    va_start(args, fmt);
    message = arena_strvf(t->arena, fmt, args);
    va_end(args);
    faults_init(&t->faults, t->arena);
    t->detail_fields = NULL;
    return faults_add(&t->faults, f, (struct str){0}, STR_FMT, STR_ARG(message));
}

/* For an operation that passed a fault on without a word of its own. */
static enum fault fail_in_general(struct turn *t, enum fault f)
{
    switch (f) {
    case FAULT_NOT_FOUND:
        return turn_fail(t, f, "There is no such thing");
    case FAULT_UNAVAILABLE:
        return turn_fail(t, f, "The service is busy; try again");
    case FAULT_AWS_TRANSIENT:
        return turn_fail(t, f, "AWS did not answer in time; try again");
    case FAULT_DRS_ERROR:
        return turn_fail(t, f, "AWS refused a request that this operation needs");
    case FAULT_TOO_LARGE:
        return turn_fail(t, f, "The request or its answer is too large");
    case FAULT_INTERNAL_ERROR:
        return turn_fail(t, f, "Internal error; its request id is " STR_FMT,
                         STR_ARG(t->call->request_id));
    default:
        return turn_fail(t, f, "The operation failed: %s", fault_describe(f)->name);
    }
}

struct call_ctx turn_context(struct turn *t)
{
    static const struct workflow_settings defaults = WORKFLOW_DEFAULTS;

    return (struct call_ctx){
        .arena = t->arena,
        .operation = t->call->operation,
        .event_dialect = t->dialect == DIALECT_EVENT,
        .principal = t->call->principal.arn,
        .by_workflow = t->call->entry == ENTRY_WORKFLOW,
        .request_id = t->call->request_id,
        .hub_account = t->hub_account,
        .now_ms = t->now_ms,
        .deadline_mono_ms = t->call->deadline_mono_ms,
        .mono_ms = clock_mono_ms(t->api->clock),
        .workflow = t->api->workflow ? t->api->workflow : &defaults,
        .faults = &t->faults,
    };
}

void turn_reset(struct turn *t)
{
    faults_init(&t->faults, t->arena);
    t->detail_fields = NULL;
    t->details = NULL;
    t->reply = arena_alloc(t->arena, t->op->reply_size ? t->op->reply_size : 1);
}

enum fault turn_verdict(struct turn *t, const struct call_ctx *c, enum fault f)
{
    t->detail_fields = c->detail_fields;
    t->details = c->details;
    for (size_t i = 0; i < t->faults.len; i++)
        t->faults.items[i].fault = fault_for_caller(t->faults.items[i].fault);
    if (t->faults.len)
        return faults_first(&t->faults);
    return f ? fail_in_general(t, fault_for_caller(f)) : FAULT_NONE;
}

/* ---- find ---- */

static const struct operation_set *rows_of(const struct api *api)
{
    return api->operations ? api->operations : operations_all();
}

struct suggestion {
    struct str nearest;
};

static const struct field suggestion_fields[] = {
    F_STR(struct suggestion, nearest, "didYouMean", .help = "the operation with the nearest name"),
    F_END,
};

static void refuse_unknown(struct turn *t)
{
    struct suggestion *s = arena_new_of(t->arena, struct suggestion);

    (void)turn_fail(t, FAULT_INVALID_OPERATION, "Unknown operation: " STR_FMT,
                    STR_ARG(t->call->operation));
    s->nearest = operation_nearest(rows_of(t->api), t->call->operation);
    if (str_present(s->nearest) && !str_eq(s->nearest, t->call->operation)) {
        t->detail_fields = suggestion_fields;
        t->details = s;
    }
}

/* "execution-handler or query-handler" */
static struct str names_of_functions(struct turn *t, unsigned functions)
{
    struct buf out = buf_new(t->arena, 256);

    for (unsigned bit = 1; bit <= FUNCTION_QUERY; bit <<= 1)
        if (functions & bit)
            buf_addf(&out, "%s" STR_FMT, out.len ? " or " : "",
                     STR_ARG(function_name_of((enum function)bit)));
    return buf_str(&out);
}

static enum fault find(struct turn *t)
{
    const struct call *call = t->call;
    const struct operation *op = operation_find(rows_of(t->api), call->operation);

    if (!op || (call->entry == ENTRY_ACTION && !op->action)) {
        refuse_unknown(t);
        return FAULT_INVALID_OPERATION;
    }
    t->op = op;
    t->out->operation = str_from_z(op->names[0]);
    if (op->action)
        t->dialect = DIALECT_ACTION;
    if (op->internal && call->entry != ENTRY_WORKFLOW)
        return turn_fail(t, FAULT_AUTHORIZATION_FAILED, "'" STR_FMT "' is internal",
                         STR_ARG(call->operation));
    if (call->function && !(op->functions & call->function))
        return turn_fail(t, FAULT_INVALID_OPERATION,
                         "Operation '" STR_FMT "' belongs to " STR_FMT ", not to " STR_FMT,
                         STR_ARG(call->operation), STR_ARG(names_of_functions(t, op->functions)),
                         STR_ARG(function_name_of(call->function)));
    return FAULT_NONE;
}

/* ---- authorise ---- */

struct needed {
    struct str permission;
};

static const struct field needed_fields[] = {
    F_STR(struct needed, permission, "requiredPermission", .help = "what the caller lacks"),
    F_END,
};

static enum fault authorise(struct turn *t)
{
    const struct call *call = t->call;
    struct str permission = str_from_z(t->op->permission);
    struct needed *needed;
    enum fault f;

    if (call->entry == ENTRY_WORKFLOW)
        return FAULT_NONE;
    if (!str_present(call->principal.arn))
        return turn_fail(t, FAULT_UNAUTHENTICATED, "Nobody is authenticated");
    if (roles_permit(call->principal.roles, permission))
        return FAULT_NONE;
    f = turn_fail(t, FAULT_AUTHORIZATION_FAILED,
                  "'" STR_FMT "' may not call " STR_FMT ": it needs the permission " STR_FMT,
                  STR_ARG(call->principal.arn), STR_ARG(call->operation), STR_ARG(permission));
    needed = arena_new_of(t->arena, struct needed);
    needed->permission = permission;
    t->detail_fields = needed_fields;
    t->details = needed;
    return f;
}

/* ---- run ---- */

static enum fault in_time(struct turn *t)
{
    int64_t deadline = t->call->deadline_mono_ms;

    if (deadline && clock_mono_ms(t->api->clock) >= deadline)
        return turn_fail(t, FAULT_UNAVAILABLE, "The call waited too long for its turn; try again");
    if (arena_over_limit(t->arena))
        return turn_fail(t, FAULT_TOO_LARGE, "The request needs more memory than one may use");
    return FAULT_NONE;
}

static struct aws_reader *reader_of(const struct api *api)
{
    return api->aws ? aws_reader(api->aws) : NULL;
}

static enum fault finish(struct turn *t)
{
    int status = t->op->success_status ? t->op->success_status : 200;
    struct str bare;
    enum fault f = answer_bare(t, &bare);

    if (!f)
        answer_success(t, status, bare);
    return f;
}

static enum fault run_read(struct turn *t)
{
    struct query_ctx c = {
        .call = turn_context(t),
        .params = t->params,
        .reply = t->reply,
        .reader = store_reader(t->api->store),
        .aws = reader_of(t->api),
        .run = t->api->run,
        .snapshots = t->api->snapshots,
    };
    enum fault f = turn_verdict(t, &c.call, t->op->run_read(&c));

    return f ? f : finish(t);
}

static enum fault run_task(struct turn *t)
{
    struct buf text = buf_new(t->arena, ANSWER_MAX + 1);
    struct json_writer w = json_writer_to(&text);
    struct task_ctx c = {
        .call = turn_context(t),
        .params = t->params,
        .event = t->call->in[CONTAINER_EVENT],
        .out = &w,
        .store = t->api->store,
        .reader = store_reader(t->api->store),
        .aws = t->api->aws,
        .run = t->api->run,
        .clock = t->api->clock,
        .entropy = t->api->entropy,
    };
    enum fault f = turn_verdict(t, &c.call, t->op->run_task(&c));

    t->task_answer = text.len ? buf_str(&text) : STR("{}");
    return f ? f : finish(t);
}

static enum fault run(struct turn *t)
{
    if (t->op->run_write)
        return turn_write(t);
    turn_reset(t);
    return t->op->run_task ? run_task(t) : run_read(t);
}

/* ---- audit ---- */

/* The workflow's own calls are many, and overload is no time to wait for a commit. */
static enum audit_kind kind_of_refusal(const struct turn *t)
{
    if (t->call->entry == ENTRY_WORKFLOW)
        return AUDIT_QUEUED;
    if (!str_present(t->call->principal.arn))
        return AUDIT_STRANGER;
    return t->out->fault == FAULT_UNAVAILABLE ? AUDIT_QUEUED : AUDIT_DURABLE;
}

static void audit_refusal(struct turn *t)
{
    struct str record = audit_record(t, "REFUSED", t->out->fault);

    audit_leave(t->api, t->arena, record, kind_of_refusal(t));
}

static void refuse(struct turn *t)
{
    turn_decode_for_audit(t);
    answer_failure(t);
    audit_refusal(t);
}

/* ---- the whole ---- */

static struct turn turn_begin(struct api *api, const struct call *call, struct reply *out)
{
    struct turn t = {
        .api = api,
        .call = call,
        .arena = call->arena,
        .dialect = call->dialect,
        .now_ms = clock_wall_ms(api->clock),
        .out = out,
    };

    if (api->hub_account)
        t.hub_account = api->hub_account(api->hub_context, call->arena);
    faults_init(&t.faults, call->arena);
    *out = (struct reply){0};
    return t;
}

void api_refuse(struct api *api, const struct call *call, const struct api_refusal *refusal,
                struct reply *out)
{
    struct turn t = turn_begin(api, call, out);

    (void)turn_fail(&t, refusal->fault, STR_FMT, STR_ARG(refusal->why));
    out->allow = refusal->allow;
    refuse(&t);
}

void api_call(struct api *api, const struct call *call, struct reply *out)
{
    struct turn t = turn_begin(api, call, out);
    enum fault f = find(&t);

    if (!f)
        f = authorise(&t);
    if (!f)
        f = turn_decode(&t);
    if (!f)
        f = in_time(&t);
    if (!f)
        f = run(&t);
    if (f)
        refuse(&t);
    else if (t.answered)
        store_audit_later(api->store, audit_record(&t, "REPEATED", FAULT_NONE));
    else if (!t.op->run_write)
        store_audit_later(api->store, audit_record(&t, "SUCCESS", FAULT_NONE));
}
