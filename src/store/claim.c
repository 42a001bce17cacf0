/* Claims as rows and as writes; how more of them than fit one commit are taken is in stage.c. */
#include "base/panic.h"
#include "store/store_internal.h"

enum { STAGED_CLAIMS_MAX = 10000 };

const char stage_held[] = "HELD";
const char stage_claiming[] = "CLAIMING";
const char stage_abandoned[] = "ABANDONED";

const struct field claim_fields[] = {
    F_STR(struct claim, key, "key", .help = "what is unique or exclusive"),
    F_STR(struct claim, owner, "owner", .help = "the entity that holds it"),
    F_STR(struct claim, state, "state", .help = "HELD, or CLAIMING while it is being taken"),
    F_STR(struct claim, label, "label", .help = "the holder's name, for refusals"),
    F_INT(struct claim, generation, "generation", .help = "of the stage that took it"),
    F_INT(struct claim, lease_until, "leaseUntil", .help = "CLAIMING: when others may take it"),
    F_STR(struct claim, stage, "stage", .help = "of an owner row: as state"),
    F_STRS(struct claim, claims, "claims", .max = STAGED_CLAIMS_MAX,
           .help = "of an owner row: the keys that are taken"),
    F_STRS(struct claim, releases, "releases", .max = STAGED_CLAIMS_MAX,
           .help = "of an owner row: the keys that are given back"),
    F_END,
};

const struct field setting_fields[] = {
    F_STR(struct setting, name, "name", .help = "which one"),
    F_INT(struct setting, revision, "revision", .help = "of the row"),
    F_JSON(struct setting, value, "value", .help = "what it says"),
    F_END,
};

struct str stage_key(struct arena *a, struct str owner, int64_t generation)
{
    return arena_strf(a, "stage#" STR_FMT "#%016llx", STR_ARG(owner),
                      (unsigned long long)generation);
}

void write_encode_claim(struct write_set *ws, struct write *w)
{
    enum fault f = item_encode(ws->arena, w->layout, &w->claim, &w->item);

    if (f && !ws->fault)
        ws->fault = f;
}

/* A claim that is taken and given back by one write-set is taken. */
static struct write *find_claim(struct write_set *ws, struct str key)
{
    for (size_t i = 0; i < ws->len; i++)
        if (ws->items[i].collection == COLLECTION_CLAIMS &&
            str_eq(ws->items[i].item.partition, key))
            return &ws->items[i];
    return NULL;
}

void ws_claim(struct write_set *ws, struct str key, struct str owner, struct str label,
              enum fault otherwise)
{
    struct write *w = find_claim(ws, key);

    if (w && w->kind == WRITE_CLAIM && str_eq(w->claim.owner, owner))
        return;
    if (w && w->kind == WRITE_RELEASE)
        w->kind = WRITE_CLAIM;
    else
        w = ws_add(ws, WRITE_CLAIM, COLLECTION_CLAIMS);
    w->claim = (struct claim){
        .key = arena_str(ws->arena, key),
        .owner = arena_str(ws->arena, owner),
        .state = str_from_z(stage_held),
        .label = arena_str(ws->arena, label),
    };
    w->otherwise = otherwise;
    write_encode_claim(ws, w);
}

void ws_if_free(struct write_set *ws, struct str key, enum fault otherwise)
{
    size_t n = ws_check(ws, COLLECTION_CLAIMS, key, (struct str){0});

    ws->items[n].kind = WRITE_FREE;
    ws->items[n].otherwise = otherwise;
}

size_t ws_guard(struct write_set *ws, enum collection_id collection, struct str partition)
{
    size_t n = ws_check(ws, collection, partition, (struct str){0});

    ws->items[n].guards = true;
    return n;
}

void ws_release(struct write_set *ws, struct str key, struct str owner)
{
    struct write *w = find_claim(ws, key);

    if (w && (w->kind == WRITE_CLAIM || w->kind == WRITE_RELEASE))
        return;
    w = ws_add(ws, WRITE_RELEASE, COLLECTION_CLAIMS);
    w->claim = (struct claim){
        .key = arena_str(ws->arena, key),
        .owner = arena_str(ws->arena, owner),
    };
    w->item = (struct item){.partition = w->claim.key, .sort = STR("")};
    if (str_empty(key) && !ws->fault)
        ws->fault = FAULT_INTERNAL_ERROR;
}

/* ---- how a claim stands ---- */

enum standing claim_standing(const struct claim *row, struct str stage, int64_t now_ms)
{
    if (str_eq_z(row->state, stage_held) || str_eq_z(stage, stage_held))
        return STANDS_HELD;
    return str_eq_z(stage, stage_claiming) && row->lease_until > now_ms ? STANDS_CLAIMING
                                                                        : STANDS_ABANDONED;
}

enum fault claim_read(struct reader *r, struct arena *a, struct str key, int64_t now_ms,
                      struct claim *out)
{
    struct claim owner = {0};
    enum fault f;

    *out = (struct claim){0};
    f = reader_get(r, a, COLLECTION_CLAIMS, key, (struct str){0}, out);
    if (f)
        return f;
    if (!str_eq_z(out->state, stage_held)) {
        f = reader_get(r, a, COLLECTION_CLAIMS, stage_key(a, out->owner, out->generation),
                       (struct str){0}, &owner);
        if (f && f != FAULT_NOT_FOUND)
            return f;
    }
    return claim_standing(out, owner.stage, now_ms) == STANDS_ABANDONED ||
                   stages_give_back(r->store, out, str_eq_z(owner.stage, stage_held))
               ? FAULT_NOT_FOUND
               : FAULT_NONE;
}
