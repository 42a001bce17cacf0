#ifndef OPS_SPELLING_H
#define OPS_SPELLING_H

#include "ops/context.h"

/*
 * Contract §3: of two spellings of one field that differ in an update, the one that equals the
 * stored value yields. So an entity that was fetched, changed in one spelling and sent back works.
 */
struct spelling_yield {
    const struct field *table;
    size_t size;         /* of the struct */
    void *in;            /* the parameters: changed where the other spelling wins */
    const void *stored;  /* the entity as it is */
    const void *decoded; /* where they were decoded to, if `in` is a copy; else NULL */
};

/*
 * Settles `conflicts` (of ctx). Items of a list belong together when the first field of their table
 * is equal. FAULT_INVALID_PARAMETER for each that neither spelling settles.
 */
MUST_CHECK enum fault spelling_settle(struct call_ctx *call, const struct field_conflict *conflicts,
                                      const struct spelling_yield *y);

#endif
