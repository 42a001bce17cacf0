#include "crypto/digest.h"
#include "flow/flow.h"

#include <inttypes.h>

#include "base/panic.h"

extern const char flow_recovery_asl[];
extern const size_t flow_recovery_asl_len;
extern const char flow_terminate_asl[];
extern const size_t flow_terminate_asl_len;

struct str flow_definition_text(enum flow_kind kind)
{
    if (kind == FLOW_KIND_RECOVERY)
        return (struct str){flow_recovery_asl, flow_recovery_asl_len};
    return (struct str){flow_terminate_asl, flow_terminate_asl_len};
}

struct str flow_instance_id(struct arena *a, enum flow_kind kind, struct str execution_id,
                            int64_t epoch)
{
    if (kind == FLOW_KIND_RECOVERY)
        return arena_strf(a, STR_FMT "#%" PRId64, STR_ARG(execution_id), epoch);
    return arena_strf(a, STR_FMT "#terminate#%" PRId64, STR_ARG(execution_id), epoch);
}

static void put_instance(struct arena *a, struct write_set *ws, const struct flow_start *start,
                         struct str definition, struct str start_at)
{
    struct flow_instance i = {
        .shard = STR(FLOW_SHARD_LIVE),
        .id = flow_instance_id(a, start->kind, start->execution_id, start->epoch),
        .execution_id = start->execution_id,
        .epoch = start->epoch,
        .revision = 1,
        .definition = definition,
        .phase = FLOW_READY,
        .state = start_at,
        .data = start->data,
        .entered_wall = start->now_ms,
        .started_at = start->now_ms,
    };

    ws_if_absent(ws, ws_put(ws, COLLECTION_TIMERS, &i), FAULT_CONDITION_FAILED);
}

struct str flow_begin(struct arena *a, struct write_set *ws, const struct flow_start *start)
{
    struct str text = flow_definition_text(start->kind);
    struct flow_definition d;
    struct flow_instance row = {.shard = STR(FLOW_SHARD_DEFINITIONS), .definition_text = text};
    struct str why;

    REQUIRE(flow_definition_parse(a, text, &d, &why) == FAULT_NONE);
    row.id = d.hash;
    (void)ws_put(ws, COLLECTION_TIMERS, &row); /* the same text whoever puts it */
    put_instance(a, ws, start, d.hash, json_str(json_get_z(d.root, "StartAt")));
    return d.hash;
}

/* The begin task finds everything done and goes on: every definition starts with an idempotent one.
 */
void flow_succeed(struct arena *a, struct write_set *ws, const struct flow_start *start,
                  struct str definition)
{
    struct flow_definition d;
    struct str why;

    REQUIRE(flow_definition_parse(a, flow_definition_text(start->kind), &d, &why) == FAULT_NONE);
    put_instance(a, ws, start, definition, json_str(json_get_z(d.root, "StartAt")));
}

void flow_answer(struct arena *a, struct write_set *ws, struct str token, const struct json *value)
{
    struct flow_instance row = {
        .shard = STR(FLOW_SHARD_TOKENS), .id = arena_str(a, token), .data = value};

    (void)ws_put(ws, COLLECTION_TIMERS, &row);
}
