/*
 * What leaves: one reply or one refusal, in the three dialects of contract §2, and wrapped for API
 * Gateway where the call came from there.
 */
#include "api/answer.h"

#include "api/turn.h"

enum { RETRY_AFTER_LIMIT_S = 60, RETRY_AFTER_AWS_S = 5, RETRY_AFTER_BUSY_S = 1 };

/* ---- success ---- */

/* "Protection group deleted successfully" where S0's function was called, S1's words elsewhere. */
static void use_event_message(struct turn *t)
{
    const struct field *f = field_find(turn_reply(t), STR("message"));
    struct str text = str_from_z(t->op->event_message);

    if (f && f->kind == FIELD_STR && t->dialect == DIALECT_EVENT && str_present(text))
        memcpy((char *)t->reply + f->offset, &text, sizeof(text));
}

enum fault answer_bare(struct turn *t, struct str *out)
{
    struct buf text = buf_new(t->arena, ANSWER_MAX);
    struct json_writer w = json_writer_to(&text);

    use_event_message(t);
    if (t->op->run_task)
        buf_add(&text, t->task_answer);
    else if (t->op->run_read && !t->op->reply)
        json_put(&w, *(const struct json *const *)t->reply); /* an action: the state */
    else
        field_encode(&w, turn_reply(t), t->reply, FIELD_VIEW_ANSWER);
    if (text.truncated)
        return turn_fail(t, FAULT_TOO_LARGE,
                         "The answer is larger than %d MiB; ask for pages with 'limit'",
                         ANSWER_MAX >> 20);
    if (arena_over_limit(t->arena))
        return turn_fail(t, FAULT_TOO_LARGE, "The call needs more memory than one may use");
    *out = buf_str(&text);
    return FAULT_NONE;
}

static struct buf answer_buf(struct turn *t)
{
    return buf_new(t->arena, SIZE_MAX / 4);
}

static struct str wrap_event(struct turn *t, int status, struct str bare)
{
    struct buf out = answer_buf(t);

    buf_addf(&out, "{\"statusCode\":%d,\"body\":", status);
    buf_add(&out, bare);
    buf_add_char(&out, '}');
    return buf_str(&out);
}

static struct str wrap_proxy(struct turn *t, int status, struct str bare)
{
    struct buf out = answer_buf(t);
    struct json_writer w = json_writer_to(&out);

    json_begin_object(&w);
    json_member_int(&w, "statusCode", status);
    json_name(&w, STR("headers"));
    json_begin_object(&w);
    json_member_str(&w, "Content-Type", STR("application/json"));
    json_member_str(&w, "X-Content-Type-Options", STR("nosniff"));
    json_member_str(&w, "X-Frame-Options", STR("DENY"));
    json_member_str(&w, "Cache-Control", STR("no-store"));
    if (str_present(t->out->allow))
        json_member_str(&w, "Allow", t->out->allow);
    if (t->out->retry_after_s)
        json_member_str(&w, "Retry-After",
                        arena_strf(t->arena, "%lld", (long long)t->out->retry_after_s));
    json_end_object(&w);
    json_member_str(&w, "body", bare);
    json_end_object(&w);
    return buf_str(&out);
}

static struct str wrap(struct turn *t, int status, struct str bare)
{
    if (t->call->proxy)
        return wrap_proxy(t, status, bare);
    return t->dialect == DIALECT_EVENT ? wrap_event(t, status, bare) : bare;
}

void answer_success(struct turn *t, int status, struct str bare)
{
    t->out->status = status;
    t->out->fault = FAULT_NONE;
    t->out->body = wrap(t, status, bare);
}

/* ---- failure ---- */

struct refusal_form {
    const char *code; /* as this dialect calls it */
    const char *s1_code;
    int status;
    bool validation; /* the event dialect's VALIDATION_ERROR */
};

static bool is_validation(enum fault f)
{
    return f == FAULT_ALREADY_EXISTS || f == FAULT_INVALID_PARAMETER ||
           f == FAULT_PROTECTION_GROUP_NOT_FOUND || f == FAULT_WAVE_SIZE_EXCEEDED;
}

static const char *event_code(enum fault f, const char *s1_code)
{
    if (f == FAULT_INVALID_OPERATION)
        return "UNKNOWN_OPERATION";
    if (f == FAULT_MISSING_PARAMETER)
        return "MISSING_PARAMETERS";
    return is_validation(f) ? "VALIDATION_ERROR" : s1_code;
}

/* S4's names for what went wrong at AWS. */
static const char *action_code(enum fault f, const char *s1_code)
{
    if (f == FAULT_DRS_ERROR || f == FAULT_AWS_TRANSIENT)
        return "DRS_API_ERROR";
    return f == FAULT_ROLE_ASSUMPTION_FAILED ? "CROSS_ACCOUNT_ERROR" : s1_code;
}

static struct refusal_form form_of(const struct turn *t, enum fault f)
{
    const struct fault_info *info = fault_describe(f);
    struct refusal_form form = {info->name, info->name, info->http_status, false};

    if (t->dialect == DIALECT_ACTION) {
        form.code = action_code(f, info->name);
    } else if (t->dialect == DIALECT_EVENT) {
        form.code = event_code(f, info->name);
        form.validation = is_validation(f);
        form.status = form.validation ? 400 : form.status;
    }
    return form;
}

static int64_t retry_after(enum fault f)
{
    if (f == FAULT_DRS_LIMIT_EXCEEDED)
        return RETRY_AFTER_LIMIT_S;
    if (f == FAULT_AWS_TRANSIENT)
        return RETRY_AFTER_AWS_S;
    return f == FAULT_UNAVAILABLE ? RETRY_AFTER_BUSY_S : 0;
}

/* One sentence names all that is missing, whoever found it (S0:940). */
static struct str missing_message(struct turn *t)
{
    struct buf out = buf_new(t->arena, 16384);

    buf_add_z(&out, "Missing required parameters: ");
    for (size_t i = 0; i < t->faults.len; i++)
        buf_addf(&out, "%s" STR_FMT, i ? ", " : "", STR_ARG(t->faults.items[i].field));
    return buf_str(&out);
}

static struct str joined_messages(struct turn *t)
{
    enum { SHOWN = 5 };
    struct buf out = buf_new(t->arena, 16384);
    size_t n = t->faults.len < SHOWN ? t->faults.len : SHOWN;

    if (t->faults.len == 1)
        return t->faults.items[0].message;
    for (size_t i = 0; i < n; i++)
        buf_addf(&out, "%s" STR_FMT, i ? "; " : "", STR_ARG(t->faults.items[i].message));
    if (t->faults.len + t->faults.dropped > n)
        buf_addf(&out, "; and %zu more", t->faults.len + t->faults.dropped - n);
    return buf_str(&out);
}

static bool has_detail(const struct turn *t, const char *name)
{
    const struct field *f =
        t->detail_fields ? field_find(t->detail_fields, str_from_z(name)) : NULL;

    return f && field_present(f, t->details);
}

/* Like every detail they stand at top level and under `details`. */
static void put_errors(struct json_writer *w, const struct turn *t)
{
    if (t->faults.len < 2 || has_detail(t, "errors"))
        return;
    json_name(w, STR("errors"));
    json_begin_array(w);
    for (size_t i = 0; i < t->faults.len; i++) {
        const struct fault_item *item = &t->faults.items[i];
        struct refusal_form form = form_of(t, item->fault);

        json_begin_object(w);
        json_member_str(w, "error", str_from_z(form.code));
        if (str_present(item->field))
            json_member_str(w, "field", item->field);
        json_member_str(w, "message", item->message);
        json_end_object(w);
    }
    json_end_array(w);
}

static void put_details(struct json_writer *w, const struct turn *t, enum fault f,
                        const struct refusal_form *form)
{
    const struct fault_item *first = &t->faults.items[0];
    bool several = t->faults.len > 1;
    bool field = !several && str_present(first->field);

    if (!t->detail_fields && !form->validation && !field && !several && f != FAULT_INTERNAL_ERROR)
        return;
    json_name(w, STR("details"));
    json_begin_object(w);
    if (form->validation)
        json_member_str(w, "code", str_from_z(form->s1_code));
    if (field)
        json_member_str(w, "field", first->field);
    if (f == FAULT_INTERNAL_ERROR)
        json_member_str(w, "requestId", t->call->request_id);
    if (t->detail_fields)
        field_encode_members(w, t->detail_fields, t->details, FIELD_VIEW_ANSWER);
    put_errors(w, t);
    json_end_object(w);
}

/* ---- what an action's error carries besides (S4) ---- */

static const struct json *first_of(const struct json *object, const char *one, const char *other)
{
    const struct json *v = json_get_z(object, one);

    return v && v->kind != JS_NULL ? v : json_get_z(object, other);
}

static void put_action(struct json_writer *w, const struct turn *t, bool retryable)
{
    const struct json *event = t->call->in[CONTAINER_EVENT];
    const struct json *state = json_get_z(event, "state");
    const struct json *execution = first_of(event, "executionId", "execution_id");
    const struct json *wave = first_of(event, "waveNumber", "wave_number");

    if (!execution)
        execution = first_of(state, "executionId", "execution_id");
    if (!wave)
        wave = first_of(state, "current_wave_number", "currentWave");
    if (!has_detail(t, "executionId")) {
        json_name(w, STR("executionId"));
        json_put(w, execution);
    }
    if (!has_detail(t, "waveNumber")) {
        json_name(w, STR("waveNumber"));
        json_put(w, wave);
    }
    json_member_bool(w, "retryable", retryable);
    if (state) {
        json_name(w, STR("state"));
        json_put(w, state);
    }
}

static void put_retry(struct json_writer *w, const struct turn *t, bool retryable)
{
    if (retryable && !has_detail(t, "retryable"))
        json_member_bool(w, "retryable", true);
    if (t->out->retry_after_s && !has_detail(t, "retryAfter"))
        json_member_int(w, "retryAfter", t->out->retry_after_s);
}

void answer_failure(struct turn *t)
{
    enum fault f = faults_first(&t->faults);
    struct refusal_form form = form_of(t, f);
    struct buf text = answer_buf(t);
    struct json_writer w = json_writer_to(&text);

    t->out->fault = f;
    t->out->status = form.status;
    t->out->retry_after_s = retry_after(f);
    if (f == FAULT_MISSING_PARAMETER && str_present(t->faults.items[0].field))
        t->out->message = missing_message(t);
    else
        t->out->message = joined_messages(t);
    json_begin_object(&w);
    json_member_str(&w, "error", str_from_z(form.code));
    json_member_str(&w, "message", t->out->message);
    if (t->dialect == DIALECT_ACTION)
        put_action(&w, t, form.status >= 500 && fault_describe(f)->retryable);
    else
        put_retry(&w, t, fault_describe(f)->retryable);
    if (t->detail_fields)
        field_encode_members(&w, t->detail_fields, t->details, FIELD_VIEW_ANSWER);
    put_details(&w, t, f, &form);
    put_errors(&w, t);
    json_end_object(&w);
    t->out->body = wrap(t, form.status, buf_str(&text));
}
