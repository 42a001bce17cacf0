#ifndef SIM_WORLD_H
#define SIM_WORLD_H

#include "sim/sim.h"
#include "sim/state.h"

/*
 * The world: all things, found by kind, account, region and id, and listed in the order in which
 * they came; its clock, its randomness, its knobs. Nothing in it is freed before the world is.
 */
struct vec {
    void **items;
    size_t len;
    size_t cap;
};

struct index_slot;

struct sim {
    struct arena *own; /* of this struct; the world's can be replaced */
    struct arena *arena;
    struct str origin; /* the text it was made from, for a reset */
    uint64_t seed;
    uint64_t random;
    double speed;
    bool restoring;    /* what is loaded now was saved by us */
    bool step;         /* only the admin API moves the clock */
    int64_t offset_ms; /* added to the wall's time, or to the frozen one */
    int64_t frozen_ms;
    int64_t born_ms;
    int64_t now_ms; /* of the request that is being answered */
    int64_t wall_ms;
    uint64_t version;
    uint64_t requests;
    uint64_t calls_dropped;  /* reading ones beyond the log\'s limit */
    bool crash;              /* a rule asks the process to die */
    struct str home_account; /* of what a scenario does not place */
    struct str home_region;
    struct knobs knobs;
    struct vec all[K_COUNT];
    struct vec restless; /* servers whose replication moves by itself */
    struct index_slot *slots;
    size_t slots_len;
    size_t slots_used;
};

/* ---- things ---- */

void *world_new(struct sim *s, enum kind kind, struct str account, struct str region,
                struct str id);

/* Registers what was decoded already; false when the id is taken. */
bool world_add(struct sim *s, enum kind kind, void *thing);
void *world_get(const struct sim *s, enum kind kind, struct str account, struct str region,
                struct str id);

/* All of one kind in one account and region; NULL when there has never been one. */
const struct vec *world_list(const struct sim *s, enum kind kind, struct str account,
                             struct str region);
void world_remove(struct sim *s, enum kind kind, void *thing);

/* The account in that region; made INITIALIZED, with the service quotas, when it is new. */
struct cell *world_cell(struct sim *s, struct str account, struct str region);

void vec_add(struct arena *a, struct vec *v, void *item);

void list_reserve(struct arena *a, struct list_any *list, size_t item_size);

/* Makes room for one more in a LIST_OF and returns it zeroed. */
void *list_add(struct arena *a, struct list_any *list, size_t item_size);
#define LIST_ADD(a, list) list_add((a), (struct list_any *)(void *)(list), sizeof(*(list)->items))

/* ---- time, chance, names ---- */

/* A duration of the model in the time of this world: divided by the speed, at least 1 ms. */
int64_t world_span_ms(const struct sim *s, double seconds);

/* The same with jitter. */
int64_t world_jitter_ms(struct sim *s, double seconds);
uint64_t world_random(struct sim *s);
double world_unit(struct sim *s);

/* prefix and 17 hexadecimal digits: "s-", "drsjob-", "i-". */
struct str world_id(struct sim *s, const char *prefix);

/* n characters of the alphabet of access keys. */
struct str world_key_text(struct sim *s, const char *prefix, size_t n);

/* How DRS writes times: with microseconds and an offset, unless a knob says otherwise. */
struct str world_time(const struct sim *s, struct arena *a, int64_t ms);

/* The windows of EC2, IAM and STS: seconds and a Z; milliseconds for EC2. */
struct str world_time_z(struct arena *a, int64_t ms, bool millis);

/* "P0D", "PT31.5S", "P2DT1H3S". */
struct str world_duration(struct arena *a, int64_t ms);

/* "aws", "aws-us-gov": what a region belongs to. */
const char *world_partition(struct str region);

/* Of IAM and STS: the partition is that of `region`, which itself is not in the name. */
struct str world_arn_global(struct arena *a, const char *service, struct str region,
                            struct str account, struct str resource);

struct str world_arn(struct arena *a, const char *service, struct str region, struct str account,
                     struct str resource);

void tags_put(struct arena *a, struct tags *t, struct str key, struct str value);
void tags_drop(struct tags *t, struct str key);
struct tags tags_copy(struct arena *a, const struct tags *t);

/* What whoever reads them sees of the tags at this moment. */
const struct tags *tags_seen(const struct sim *s, const struct tags *tags,
                             const struct tags_past *past);

/* They are about to change, or have come to be: for a while it is `before` that is seen. */
void tags_change(struct sim *s, const struct tags *before, struct tags_past *past);

/* Replaces the world by the one that the text describes; false: it stays as it was. */
bool world_replace(struct sim *s, struct arena *a, struct str text, struct str *why);

/* Everything that was due by the world's time happens, in order. */
void world_advance(struct sim *s);

/* The server's replication has a next state at a time: it is looked at from now on. */
void world_restless(struct sim *s, struct server *v);

#endif
