#ifndef SIM_LOAD_H
#define SIM_LOAD_H

#include "sim/world.h"

/* What a kind's member of a scenario may leave open is filled in. */
void load_complete(struct sim *s, enum kind kind, void *thing);

/* Adds one thing from JSON; NULL with *why when it is not one, or its id is taken. */
void *load_thing(struct sim *s, enum kind kind, const struct json *v, struct str *why);

/* Whether that can be, and whether so many more servers fit their quota; else *why. */
bool load_possible(struct sim *s, enum kind kind, const void *thing, struct str *why);
bool load_within_total(struct sim *s, const struct entity *at, int64_t more, struct str *why);

/* The knobs that `v` names take its values. */
bool load_knobs(struct sim *s, const struct json *v, struct str *why);

/* Servers by the number, with what belongs to them. */
bool load_estate(struct sim *s, const struct json *v, struct str *why);

/* The whole world from a scenario or a saved state. */
bool load_world(struct sim *s, struct str text, struct str *why);

/* Makes the replication of a scripted server move. */
void load_wake(struct sim *s);

#endif
