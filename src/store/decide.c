/*
 * What a commit does, from the writes and what stands there now. Every item occurs once in a
 * write-set, so all writes are decided before any takes effect, and a refusal needs no undoing.
 */
#include "base/panic.h"
#include "store/store_internal.h"

struct deciding {
    const struct decision *d;
    const struct write_set *ws;
    struct effects effects; /* room for two of each write */
};

/* *present says whether there is one; FAULT_NONE either way. */
static enum fault look(const struct decision *d, enum collection_id collection,
                       const struct item *key, struct item *out, bool *present)
{
    enum fault f = d->source->find(d->source, d->arena, collection, key, out);

    *present = f == FAULT_NONE;
    return f == FAULT_NOT_FOUND ? FAULT_NONE : f;
}

static bool compares(int64_t a, enum compare how, int64_t b)
{
    switch (how) {
    case COMPARE_EQ:
        return a == b;
    case COMPARE_LT:
        return a < b;
    case COMPARE_LE:
        return a <= b;
    case COMPARE_GT:
        return a > b;
    case COMPARE_GE:
        return a >= b;
    }
    return false;
}

static bool holds(const struct layout *l, const struct item *current, const struct condition *c)
{
    struct value v = {0};
    bool same;

    if (c->kind == IF_ABSENT)
        return !current;
    if (c->kind == IF_PRESENT)
        return current != NULL;
    if (current)
        v = current->attributes[layout_attribute(l, c->attribute)];
    same = v.kind == VALUE_TEXT && str_eq(v.text, c->text);
    switch (c->kind) {
    case IF_INT:
        return v.kind == VALUE_INT && compares(v.integer, c->compare, c->integer);
    case IF_TEXT:
        return same;
    case IF_TEXT_NOT:
        return !same;
    case IF_ABSENT_OR_TEXT:
        return !current || same;
    case IF_ABSENT_OR_BEFORE:
        return !current || (v.kind == VALUE_INT && v.integer < c->integer);
    default:
        return false;
    }
}

static void add_effect(struct deciding *g, enum effect_kind kind, enum collection_id collection,
                       const struct item *item)
{
    g->effects.items[g->effects.len++] = (struct effect){kind, collection, *item};
}

static enum fault refuse(const struct deciding *g, const struct write *w, enum fault f)
{
    struct arena *a = g->d->arena;

    if (!f)
        f = FAULT_CONDITION_FAILED;
    if (g->d->why)
        *g->d->why = (struct refusal){
            .fault = f,
            .write = (size_t)(w - g->ws->items),
            .collection = w->collection,
            .partition = arena_str(a, w->item.partition),
            .sort = arena_str(a, w->item.sort),
        };
    return f;
}

/* ---- plain writes ---- */

static enum fault update(struct deciding *g, const struct write *w, struct item *item)
{
    enum fault f;

    for (size_t i = 0; i < w->changes_len; i++) {
        const struct change *c = &w->changes[i];
        struct value *v = &item->attributes[c->attribute];

        if (!c->add)
            *v = c->value;
        else if (__builtin_add_overflow(v->kind == VALUE_INT ? v->integer : 0, c->value.integer,
                                        &v->integer))
            return refuse(g, w, FAULT_INTERNAL_ERROR);
        else
            v->kind = VALUE_INT;
    }
    f = item_check(item);
    if (f)
        return refuse(g, w, f);
    add_effect(g, EFFECT_PUT, w->collection, item);
    return FAULT_NONE;
}

/* There is nothing to update: said in the caller's word, where it has one for that. */
static enum fault refuse_missing(const struct deciding *g, const struct write *w)
{
    for (size_t i = 0; i < w->conditions_len; i++)
        if (w->conditions[i].kind == IF_PRESENT)
            return refuse(g, w, w->conditions[i].fault);
    return refuse(g, w, FAULT_NOT_FOUND);
}

static enum fault decide_plain(struct deciding *g, const struct write *w)
{
    struct item current;
    bool present = false;

    if (w->conditions_len || w->kind == WRITE_UPDATE) {
        enum fault f = look(g->d, w->collection, &w->item, &current, &present);

        if (f)
            return f;
    }
    if (w->kind == WRITE_UPDATE && !present)
        return refuse_missing(g, w);
    for (size_t i = 0; i < w->conditions_len; i++)
        if (!holds(w->layout, present ? &current : NULL, &w->conditions[i]))
            return refuse(g, w, w->conditions[i].fault);
    if (w->kind == WRITE_UPDATE)
        return update(g, w, &current);
    if (w->kind == WRITE_PUT)
        add_effect(g, EFFECT_PUT, w->collection, &w->item);
    else if (w->kind == WRITE_DELETE)
        add_effect(g, EFFECT_DELETE, w->collection, &w->item);
    return FAULT_NONE;
}

/* ---- claims ---- */

static enum fault refuse_claim(const struct deciding *g, const struct write *w,
                               const struct claim *holder, enum fault f)
{
    struct arena *a = g->d->arena;

    f = refuse(g, w, f);
    if (g->d->why) {
        g->d->why->owner = arena_str(a, holder->owner);
        g->d->why->label = arena_str(a, holder->label);
    }
    return f;
}

static enum fault standing_of(const struct deciding *g, const struct layout *l,
                              const struct claim *row, enum standing *out)
{
    struct item key = {.partition = stage_key(g->d->arena, row->owner, row->generation),
                       .sort = STR("")};
    struct item item;
    bool present;
    struct value stage;
    enum fault f;

    f = look(g->d, COLLECTION_CLAIMS, &key, &item, &present);
    if (f)
        return f;
    stage = present ? item_value(&item, (int)layout_attribute(l, "stage")) : (struct value){0};
    *out = claim_standing(row, stage.text, g->d->now_ms);
    return FAULT_NONE;
}

/* Whoever stages it and has only been slow will find its owner row gone, and give up. */
static void abandon_stage(struct deciding *g, const struct claim *row)
{
    struct item key = {.partition = stage_key(g->d->arena, row->owner, row->generation),
                       .sort = STR("")};

    add_effect(g, EFFECT_DELETE, COLLECTION_CLAIMS, &key);
}

/* *present: somebody has it, `row`, and *standing is not that of one who has given it up. */
static enum fault find_holder(struct deciding *g, const struct write *w, struct claim *row,
                              enum standing *standing, bool *present)
{
    struct item current;
    enum fault f = look(g->d, w->collection, &w->item, &current, present);

    if (f || !*present)
        return f;
    f = item_decode(g->d->arena, w->layout, &current, row);
    if (!f)
        f = standing_of(g, w->layout, row, standing);
    if (!f && *standing == STANDS_ABANDONED) {
        abandon_stage(g, row);
        *present = false;
    }
    return f;
}

static enum fault decide_free(struct deciding *g, const struct write *w)
{
    struct claim row = {0};
    enum standing standing;
    bool present;
    enum fault f = find_holder(g, w, &row, &standing, &present);

    if (f || !present)
        return f;
    return refuse_claim(g, w, &row, w->otherwise);
}

static enum fault decide_claim(struct deciding *g, const struct write *w)
{
    struct claim row = {0};
    enum standing standing;
    bool present;
    bool own;
    enum fault f = find_holder(g, w, &row, &standing, &present);

    if (f)
        return f;
    if (present) {
        own = str_eq(row.owner, w->claim.owner);
        if (standing == STANDS_HELD && !own)
            return refuse_claim(g, w, &row, w->otherwise);
        if (standing == STANDS_HELD && str_eq_z(w->claim.state, stage_claiming))
            return FAULT_NONE; /* it is ours for good already */
        if (standing == STANDS_CLAIMING && !(own && row.generation == w->claim.generation))
            return refuse_claim(g, w, &row, own ? FAULT_VERSION_MISMATCH : w->otherwise);
    }
    add_effect(g, EFFECT_PUT, w->collection, &w->item);
    return FAULT_NONE;
}

/* Those that never refuse: they act on the row they mean, or not at all. */
static enum fault decide_soft(struct deciding *g, const struct write *w)
{
    struct claim row = {0};
    struct item current;
    bool present;
    enum fault f = look(g->d, w->collection, &w->item, &current, &present);

    if (!f && present)
        f = item_decode(g->d->arena, w->layout, &current, &row);
    if (f || !present || !str_eq(row.owner, w->claim.owner))
        return f;
    if (w->claim.generation &&
        (row.generation != w->claim.generation || str_eq_z(row.state, stage_held)))
        return FAULT_NONE;
    if (w->kind == WRITE_RELEASE) {
        add_effect(g, EFFECT_DELETE, w->collection, &current);
        return FAULT_NONE;
    }
    current.attributes[layout_attribute(w->layout, "state")] = value_text(str_from_z(stage_held));
    current.attributes[layout_attribute(w->layout, "generation")] = value_int(0);
    current.attributes[layout_attribute(w->layout, "leaseUntil")] = value_int(0);
    add_effect(g, EFFECT_PUT, w->collection, &current);
    return FAULT_NONE;
}

static enum fault decide_one(struct deciding *g, const struct write *w)
{
    switch (w->kind) {
    case WRITE_PUT:
    case WRITE_DELETE:
    case WRITE_CHECK:
    case WRITE_UPDATE:
        return decide_plain(g, w);
    case WRITE_CLAIM:
        return decide_claim(g, w);
    case WRITE_FREE:
        return decide_free(g, w);
    case WRITE_RELEASE:
    case WRITE_SETTLE:
        return decide_soft(g, w);
    }
    return FAULT_INTERNAL_ERROR;
}

enum fault decide(const struct decision *d, const struct write_set *ws, struct effects *out)
{
    struct deciding g = {
        .d = d,
        .ws = ws,
        .effects = {.items = arena_array_of(d->arena, 2 * ws->len + 1, struct effect)},
    };

    for (size_t i = 0; i < ws->len; i++) {
        enum fault f = decide_one(&g, &ws->items[i]);

        if (f)
            return f;
    }
    *out = g.effects;
    return FAULT_NONE;
}
