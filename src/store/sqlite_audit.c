/* The audit's rows, as they are. What they mean is in audit_chain.c. */
#include "store/sqlite_internal.h"

enum fault db_audit_segment(struct db *db, int64_t number, struct audit_segment *out)
{
    sqlite3_stmt *s;
    bool row = false;
    enum fault f = db_fixed(db, SQL_SEGMENT_GET, &s);

    if (f)
        return f;
    (void)sqlite3_bind_int64(s, 1, number);
    f = db_step(db, s, &row);
    if (!f && row) {
        *out = (struct audit_segment){
            .number = number,
            .opened_at = sqlite3_column_int64(s, 0),
            .count = sqlite3_column_int64(s, 1),
            .closed = sqlite3_column_int64(s, 2) != 0,
        };
        /* One of another length stays zeroed, which no seal matches. */
        (void)column_mac(s, 3, out->previous);
        (void)column_mac(s, 4, out->head);
        (void)column_mac(s, 5, out->seal);
    }
    (void)sqlite3_reset(s);
    return !f && !row ? FAULT_NOT_FOUND : f;
}

enum fault db_audit_record(struct db *db, struct arena *a, struct audit_record *r)
{
    sqlite3_stmt *s;
    bool row = false;
    enum fault f = db_fixed(db, SQL_AUDIT_GET, &s);

    if (f)
        return f;
    (void)sqlite3_bind_int64(s, 1, r->segment);
    (void)sqlite3_bind_int64(s, 2, r->number);
    f = db_step(db, s, &row);
    if (!f && row) {
        r->text = column_text(a, s, 0);
        (void)column_mac(s, 1, r->mac);
    }
    (void)sqlite3_reset(s);
    return !f && !row ? FAULT_NOT_FOUND : f;
}

enum fault db_audit_count(struct db *db, int64_t *segments, unsigned char mac[AUDIT_MAC])
{
    sqlite3_stmt *s;
    bool row = false;
    enum fault f = db_fixed(db, SQL_TOTAL_GET, &s);

    *segments = 0;
    if (f)
        return f;
    f = db_step(db, s, &row);
    if (!f && row) {
        *segments = sqlite3_column_int64(s, 0);
        (void)column_mac(s, 1, mac);
    }
    (void)sqlite3_reset(s);
    return f;
}
