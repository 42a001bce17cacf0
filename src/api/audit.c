/* The audit record of one call: who did what, to what, with which parameters, and how it ended. */
#include "api/turn.h"
#include "base/time.h"

enum { AUDIT_PARAMETERS_MAX = 64 << 10, AUDIT_TEXT_MAX = 512 };

static const char *const entry_names[] = {
    [ENTRY_REST] = "rest",         [ENTRY_DIRECT] = "direct",     [ENTRY_ACTION] = "action",
    [ENTRY_SCHEDULE] = "schedule", [ENTRY_WORKFLOW] = "workflow",
};

static struct str clipped(struct str s)
{
    return str_slice(s, 0, AUDIT_TEXT_MAX);
}

/* Secrets are "***"; what is too large is told by its size. */
static void put_parameters(struct json_writer *w, struct turn *t)
{
    struct str text;

    if (!t->params)
        return;
    text = field_text(t->arena, turn_params(t), t->params, FIELD_VIEW_MASKED);
    if (text.len > AUDIT_PARAMETERS_MAX) {
        json_member_int(w, "parametersBytes", (int64_t)text.len);
        return;
    }
    json_name(w, STR("parameters"));
    json_put_raw(w, text);
}

static bool names_entity(const struct field *f)
{
    struct str name = str_from_z(f->name);

    return f->kind == FIELD_STR && !(f->flags & (FIELD_SECRET | FIELD_INTERNAL)) &&
           str_ends(name, STR("Id")) && !str_eq(name, STR("externalId"));
}

static void put_entities_of(struct json_writer *w, const struct field *table, const void *object,
                            const struct field *except)
{
    for (const struct field *f = table; object && f->name; f++) {
        if (!names_entity(f) || !field_present(f, object))
            continue;
        if (except && field_find(except, str_from_z(f->name)))
            continue;
        json_member_str(w, f->name, clipped(field_get_text(f, object)));
    }
}

/* Ids at the top level of the reply and, where it has none of that name, of the parameters. */
static void put_entities(struct json_writer *w, struct turn *t, bool succeeded)
{
    const struct field *reply = succeeded ? turn_reply(t) : NULL;

    json_name(w, STR("entities"));
    json_begin_object(w);
    if (reply)
        put_entities_of(w, reply, t->reply, NULL);
    put_entities_of(w, turn_params(t), t->params, reply);
    json_end_object(w);
}

static void put_operation(struct json_writer *w, const struct turn *t)
{
    struct str used = t->call->operation;

    if (!t->op) {
        json_member_str(w, "operation", str_present(used) ? clipped(used) : used);
        return;
    }
    json_member_str(w, "operation", str_from_z(t->op->names[0]));
    if (!str_eq_z(used, t->op->names[0]))
        json_member_str(w, "alias", used);
}

static void put_fault(struct json_writer *w, const struct turn *t, enum fault f)
{
    json_member_str(w, "error", str_from_z(fault_describe(f)->name));
    for (size_t i = 0; i < t->faults.len && i < 1; i++)
        json_member_str(w, "message", clipped(t->faults.items[i].message));
}

struct str audit_record(struct turn *t, const char *outcome, enum fault f)
{
    const struct call *call = t->call;
    struct buf text = buf_new(t->arena, SIZE_MAX / 4);
    struct json_writer w = json_writer_to(&text);

    json_begin_object(&w);
    json_member_str(&w, "time", time_rfc3339(t->arena, t->now_ms));
    json_member_str(&w, "requestId", call->request_id);
    json_member_str(&w, "principal", call->principal.arn);
    json_member_str(&w, "via", call->principal.via);
    json_member_str(&w, "entry", str_from_z(entry_names[call->entry]));
    put_operation(&w, t);
    put_parameters(&w, t);
    json_member_str(&w, "outcome", str_from_z(outcome));
    if (f)
        put_fault(&w, t, f);
    if (t->op)
        put_entities(&w, t, !f);
    json_end_object(&w);
    return buf_str(&text);
}
