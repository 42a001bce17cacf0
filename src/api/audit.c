/* The audit record of one call: who did what, to what, with which parameters, and how it ended. */
#include "api/operation.h"
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

static void put_caller(struct json_writer *w, const struct principal *who, struct str peer)
{
    struct str stranger = str_present(who->via) ? STR("unverified") : STR("anonymous");

    json_member_str(w, "principal", str_present(who->arn) ? who->arn : stranger);
    json_member_str(w, "via", str_present(who->via) ? who->via : STR("nothing"));
    if (str_present(peer))
        json_member_str(w, "peer", peer);
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
    put_caller(&w, &call->principal, call->peer);
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

void audit_leave(struct api *api, struct arena *a, struct str record, enum audit_kind kind)
{
    struct write_set *ws;
    struct refusal why = {0};

    if (kind == AUDIT_STRANGER) {
        store_audit_stranger(api->store, record);
        return;
    }
    if (kind == AUDIT_DURABLE) {
        ws = write_set_new(a);
        ws_audit(ws, record);
        if (store_commit(api->store, a, ws, &why) == FAULT_NONE)
            return;
    }
    store_audit_later(api->store, record);
}

/* ---- what never became a call ---- */

/* Which operation was meant, where the path of REST tells; else the request line as it came. */
static void put_target(struct json_writer *w, struct api *api, const struct api_note *note)
{
    struct str method = clipped(note->method);
    struct str path = clipped(note->path);
    const struct operation_set *rows = api->operations ? api->operations : operations_all();
    const struct operation *op =
        operation_route_find(rows, note->arena, note->method, note->path).op;

    if (op)
        json_member_str(w, "operation", str_from_z(op->names[0]));
    json_member_str(w, "request",
                    arena_strf(note->arena, STR_FMT " " STR_FMT, STR_ARG(method), STR_ARG(path)));
}

void api_note(struct api *api, const struct api_note *note)
{
    struct buf text = buf_new(note->arena, SIZE_MAX / 4);
    struct json_writer w = json_writer_to(&text);
    bool refused = str_present(note->error);
    enum audit_kind kind = refused && note->status != 503 ? AUDIT_DURABLE : AUDIT_QUEUED;

    json_begin_object(&w);
    json_member_str(&w, "time", time_rfc3339(note->arena, clock_wall_ms(api->clock)));
    json_member_str(&w, "requestId", note->request_id);
    put_caller(&w, &note->principal, note->peer);
    json_member_str(&w, "entry", str_from_z(entry_names[note->entry]));
    put_target(&w, api, note);
    json_member_str(&w, "outcome", str_from_z(note->outcome));
    json_member_int(&w, "status", note->status);
    if (refused) {
        json_member_str(&w, "error", note->error);
        json_member_str(&w, "message", clipped(note->message));
    }
    json_end_object(&w);
    if (!str_present(note->principal.arn))
        kind = AUDIT_STRANGER;
    audit_leave(api, note->arena, buf_str(&text), kind);
}
