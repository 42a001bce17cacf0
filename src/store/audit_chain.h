#ifndef STORE_AUDIT_CHAIN_H
#define STORE_AUDIT_CHAIN_H

#include "store/store_internal.h"

/*
 * The chain of audit records of one process. Whoever commits appends to it and writes the
 * segment's row and the number of segments in the same commit; a copy of the struct, taken before
 * and put back, undoes what a failed commit had appended.
 */
struct audit_chain {
    struct str key;
    bool open;        /* the segment has been opened by this process */
    bool anew;        /* the next one begins a chain of its own: the key is a new one */
    int64_t segments; /* that were ever opened */
    struct audit_segment segment;
};

/* Looks at what is there: the head of the last segment goes into the next one. */
MUST_CHECK enum fault audit_chain_load(struct audit_chain *c, struct store *s);

/* Opens the segment with the first record. `text` is kept as a view. */
void audit_chain_append(struct audit_chain *c, struct str text, int64_t now_ms,
                        struct audit_record *out);

void audit_chain_close(struct audit_chain *c);

/* After the last append of a commit. */
void audit_chain_seal(struct audit_chain *c);
bool audit_sealed_with(struct str key, const struct audit_segment *s);
void audit_count_mac(struct str key, int64_t segments, unsigned char out[AUDIT_MAC]);

#endif
