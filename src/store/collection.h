#ifndef STORE_COLLECTION_H
#define STORE_COLLECTION_H

#include "base/field.h"

/*
 * The collection table: what is kept, under which keys, found by which indexes. Every backend reads
 * it, none knows more. A stored item is
 *   - its key: a partition and, where the collection has one, a sort value;
 *   - its attributes: the fields named in `attributes`, kept apart from the document as typed
 *     columns, because conditions and indexes name them and updates change them in place;
 *   - its document: the other stored fields as canonical JSON.
 * Reading puts the three together into the struct again.
 */
enum collection_id {
    COLLECTION_GROUPS,
    COLLECTION_PLANS,
    COLLECTION_EXECUTIONS, /* one row an execution */
    COLLECTION_RUNS,       /* what belongs to an execution: wave, launch and server rows under it */
    COLLECTION_TIMERS,     /* workflow instances: state and when to go on */
    COLLECTION_CLAIMS,     /* what must be unique or exclusive */
    COLLECTION_TOKENS,     /* clientToken -> the first answer; 24 h */
    COLLECTION_ACCOUNTS,   /* target accounts */
    COLLECTION_SETTINGS,   /* single documents by name */
    COLLECTION_COUNT
};

enum { COLLECTION_ATTRIBUTES_MAX = 12, COLLECTION_INDEXES_MAX = 4 };

struct collection_index {
    const char *name;      /* "by-status" */
    const char *partition; /* attribute; NULL: the whole collection is one partition */
    const char *sort;      /* attribute (text or integer); ties are ordered by key */
};

struct collection {
    const char *name;      /* "protection-groups"; the SQLite table with - as _ */
    const char *table_env; /* environment variable that names the DynamoDB table */
    const struct field *fields;
    size_t size;                                       /* of the struct */
    const char *partition;                             /* canonical name of a FIELD_STR */
    const char *sort;                                  /* likewise, or NULL */
    const char *attributes[COLLECTION_ATTRIBUTES_MAX]; /* STR, ENUM, INT, TIME or BOOL fields */
    struct collection_index indexes[COLLECTION_INDEXES_MAX];
    /*
     * Attribute, or NULL: the wall ms from which a row is nobody's any more. It is deleted some
     * time after, so who reads it looks at the time too. An index without a partition sorts by it.
     */
    const char *expiry;
};

const struct collection *collection_of(enum collection_id id);

#endif
