#ifndef STORE_READER_H
#define STORE_READER_H

#include "store/collection.h"

/*
 * Reading, and nothing else: what query operations are given. A get is always current; a query by
 * an index may lag behind and never feeds a decision.
 */
struct reader;

/* The item under that key into the zeroed `out`. FAULT_NOT_FOUND, FAULT_UNAVAILABLE, FAULT_CORRUPT.
 */
MUST_CHECK enum fault reader_get(struct reader *r, struct arena *a, enum collection_id collection,
                                 struct str partition, struct str sort, void *out);

struct query {
    enum collection_id collection;
    const char *index;      /* NULL: by key */
    struct str partition;   /* of the key or the index; absent for a whole-collection index */
    struct str sort_prefix; /* only sort values that begin so (text sorts); may be absent */
    bool descending;
    size_t limit;     /* 1 to 1000; 0: 1000 */
    struct str token; /* of the page before, or absent */
};

/*
 * One page. `items` is an array of the collection's structs. `next` is absent when this was the
 * last page, else an opaque authenticated token, good for the same query alone; a page may be
 * shorter than the limit, even empty, and still have a next one.
 */
struct page {
    void *items;
    size_t len;
    struct str next;
};

/* FAULT_INVALID_PARAMETER for a token that is damaged or belongs to another query. */
MUST_CHECK enum fault reader_query(struct reader *r, struct arena *a, const struct query *q,
                                   struct page *out);

/* Every page of it, up to `most` items (FAULT_TOO_LARGE beyond). */
MUST_CHECK enum fault reader_query_all(struct reader *r, struct arena *a, const struct query *q,
                                       size_t most, struct page *out);

/*
 * The same kind of token for lists that are not kept here (servers that DRS describes): where the
 * page ended, good for the list of that description alone. FAULT_INVALID_PARAMETER as above.
 */
struct str reader_list_token(struct reader *r, struct arena *a, struct str list, struct str after);
MUST_CHECK enum fault reader_list_after(struct reader *r, struct arena *a, struct str list,
                                        struct str token, struct str *after);

#endif
