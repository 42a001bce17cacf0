#include <stdlib.h>

#include "base/panic.h"
#include "sim/world.h"

/*
 * The index: open addressing over things and over the list heads of each kind, account and region
 * (a head is a thing without an id). A removed slot keeps its place so that probing goes on.
 */
struct index_slot {
    uint64_t hash;
    struct entity *thing;
    struct vec *list; /* of a list head */
    enum kind kind;
    bool removed;
};

struct name {
    enum kind kind;
    struct str account;
    struct str region;
    struct str id;
};

static uint64_t mix(uint64_t h, struct str s)
{
    for (size_t i = 0; i < s.len; i++)
        h = (h ^ (unsigned char)s.ptr[i]) * UINT64_C(0x100000001b3);
    return (h ^ 0xff) * UINT64_C(0x100000001b3);
}

static uint64_t hash_of(const struct name *n)
{
    uint64_t h = mix(UINT64_C(0xcbf29ce484222325) + n->kind, n->account);

    h = mix(mix(h, n->region), n->id);
    return (h ^ (h >> 29)) | 1;
}

static struct name name_of(enum kind kind, struct str account, struct str region, struct str id)
{
    if (sim_kinds[kind].global)
        return (struct name){kind, STR(""), STR(""), id};
    return (struct name){kind, account, region, id};
}

static bool slot_is(const struct index_slot *slot, const struct name *n)
{
    const struct entity *e = slot->thing;

    return slot->kind == n->kind && str_eq(e->id, n->id) &&
           (sim_kinds[n->kind].global ||
            (str_eq(e->account, n->account) && str_eq(e->region, n->region)));
}

/* The slot of that name, or the first free one. */
static struct index_slot *probe(const struct sim *s, const struct name *n, uint64_t hash)
{
    size_t mask = s->slots_len - 1;
    size_t i = (size_t)hash & mask;

    while (s->slots[i].hash) {
        struct index_slot *slot = &s->slots[i];

        if (slot->hash == hash && !slot->removed && slot_is(slot, n))
            return slot;
        i = (i + 1) & mask;
    }
    return &s->slots[i];
}

static void grow(struct sim *s)
{
    struct index_slot *old = s->slots;
    size_t len = s->slots_len;

    if (len && s->slots_used * 4 < len * 3)
        return;
    s->slots_len = len ? len * 2 : 1024;
    s->slots = arena_array_of(s->arena, s->slots_len, struct index_slot);
    s->slots_used = 0;
    for (size_t i = 0; i < len; i++) {
        size_t at = (size_t)old[i].hash & (s->slots_len - 1);

        if (!old[i].hash || old[i].removed)
            continue;
        while (s->slots[at].hash)
            at = (at + 1) & (s->slots_len - 1);
        s->slots[at] = old[i];
        s->slots_used++;
    }
}

static struct vec *list_of(struct sim *s, const struct name *n)
{
    struct index_slot *slot;
    struct entity *head;

    grow(s);
    slot = probe(s, n, hash_of(n));
    if (slot->hash)
        return slot->list;
    head = arena_new_of(s->arena, struct entity);
    *head = (struct entity){n->account, n->region, n->id};
    *slot = (struct index_slot){.hash = hash_of(n), .thing = head, .kind = n->kind};
    slot->list = arena_new_of(s->arena, struct vec);
    s->slots_used++;
    return slot->list;
}

bool world_add(struct sim *s, enum kind kind, void *thing)
{
    struct entity *e = thing;
    struct name n = name_of(kind, e->account, e->region, e->id);
    struct index_slot *slot;

    REQUIRE(!str_empty(e->id));
    grow(s);
    slot = probe(s, &n, hash_of(&n));
    if (slot->hash)
        return false;
    *slot = (struct index_slot){.hash = hash_of(&n), .thing = e, .kind = kind};
    s->slots_used++;
    vec_add(s->arena, &s->all[kind], thing);
    n.id = STR("");
    vec_add(s->arena, list_of(s, &n), thing);
    s->version++;
    return true;
}

void *world_new(struct sim *s, enum kind kind, struct str account, struct str region, struct str id)
{
    struct entity *e = arena_alloc(s->arena, sim_kinds[kind].size);

    *e = (struct entity){arena_str(s->arena, account), arena_str(s->arena, region),
                         arena_str(s->arena, id)};
    REQUIRE(world_add(s, kind, e));
    return e;
}

void *world_get(const struct sim *s, enum kind kind, struct str account, struct str region,
                struct str id)
{
    struct name n = name_of(kind, account, region, id);
    const struct index_slot *slot;

    if (!s->slots_len || str_empty(id))
        return NULL;
    slot = probe(s, &n, hash_of(&n));
    return slot->hash ? slot->thing : NULL;
}

const struct vec *world_list(const struct sim *s, enum kind kind, struct str account,
                             struct str region)
{
    struct name n = name_of(kind, account, region, STR(""));
    const struct index_slot *slot;

    if (!s->slots_len)
        return NULL;
    slot = probe(s, &n, hash_of(&n));
    return slot->hash ? slot->list : NULL;
}

static void vec_remove(struct vec *v, const void *item)
{
    for (size_t i = v->len; i-- > 0;) { /* from the end: the newest go first, as a rule */
        if (v->items[i] != item)
            continue;
        memmove(&v->items[i], &v->items[i + 1], (v->len - i - 1) * sizeof(*v->items));
        v->len--;
        return;
    }
}

void world_remove(struct sim *s, enum kind kind, void *thing)
{
    struct entity *e = thing;
    struct name n = name_of(kind, e->account, e->region, e->id);
    struct index_slot *slot = probe(s, &n, hash_of(&n));

    if (!slot->hash)
        return;
    slot->removed = true;
    vec_remove(&s->all[kind], thing);
    n.id = STR("");
    vec_remove(list_of(s, &n), thing);
    s->version++;
}

void vec_add(struct arena *a, struct vec *v, void *item)
{
    if (v->len == v->cap) {
        size_t cap = v->cap ? v->cap * 2 : 8;
        void **items = arena_calloc(a, cap, sizeof(*items));

        if (v->len)
            memcpy(items, v->items, v->len * sizeof(*items));
        v->items = items;
        v->cap = cap;
    }
    v->items[v->len++] = item;
}

/*
 * The room is the next power of two. A list that was decoded has less: load.c gives it room with
 * list_reserve before anything is added.
 */
void list_reserve(struct arena *a, struct list_any *list, size_t item_size)
{
    size_t room = 1;
    char *items;

    if (!list->len)
        return;
    while (room < list->len)
        room *= 2;
    items = arena_calloc(a, room, item_size);
    if (list->len)
        memcpy(items, list->items, list->len * item_size);
    list->items = items;
}

void *list_add(struct arena *a, struct list_any *list, size_t item_size)
{
    bool full = (list->len & (list->len - 1)) == 0;

    if (full) {
        char *items = arena_calloc(a, list->len ? list->len * 2 : 1, item_size);

        if (list->len)
            memcpy(items, list->items, list->len * item_size);
        list->items = items;
    }
    return (char *)list->items + item_size * list->len++;
}

struct cell *world_cell(struct sim *s, struct str account, struct str region)
{
    struct cell *c = world_get(s, K_CELL, account, region, STR("cell"));

    if (c)
        return c;
    c = world_new(s, K_CELL, account, region, STR("cell"));
    c->drs = STR("INITIALIZED");
    c->opt_in = STR("opt-in-not-required");
    c->quota_servers = 4000;
    c->quota_replicating = 300;
    c->quota_jobs = 20;
    c->quota_job_servers = 500;
    c->quota_per_job = 100;
    return c;
}
