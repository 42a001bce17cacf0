/* A connection: its settings, its statements, and items in and out of rows. */
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/panic.h"
#include "store/sqlite_internal.h"

/* Another value is for one test alone, which shows that the power-cut proof notices. */
#ifndef STORE_SYNCHRONOUS
#define STORE_SYNCHRONOUS "FULL"
#endif

static const char *const fixed_sql[SQL_FIXED_COUNT] = {
    [SQL_BEGIN] = "BEGIN IMMEDIATE",
    [SQL_COMMIT] = "COMMIT",
    [SQL_SAVEPOINT] = "SAVEPOINT one",
    [SQL_RELEASE] = "RELEASE one",
    [SQL_ROLLBACK_TO] = "ROLLBACK TO one",
    [SQL_TOKEN_GET] = "SELECT 1 FROM submits WHERE token = ?1 AND at > ?2",
    [SQL_TOKEN_PUT] = "INSERT OR REPLACE INTO submits (token, at) VALUES (?1, ?2)",
    [SQL_TOKEN_EXPIRE] = "DELETE FROM submits WHERE token IN "
                         "(SELECT token FROM submits WHERE at <= ?1 ORDER BY at LIMIT 100)",
    [SQL_AUDIT_PUT] = "INSERT INTO audit (segment, number, record, mac) VALUES (?1, ?2, ?3, ?4)",
    [SQL_AUDIT_GET] = "SELECT record, mac FROM audit WHERE segment = ?1 AND number = ?2",
    [SQL_SEGMENT_PUT] = "INSERT OR REPLACE INTO audit_segments "
                        "(number, opened_at, count, closed, previous, head, seal) "
                        "VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)",
    [SQL_SEGMENT_GET] = "SELECT opened_at, count, closed, previous, head, seal "
                        "FROM audit_segments WHERE number = ?1",
    [SQL_TOTAL_PUT] = "INSERT OR REPLACE INTO audit_total (one, segments, mac) VALUES (1, ?1, ?2)",
    [SQL_TOTAL_GET] = "SELECT segments, mac FROM audit_total WHERE one = 1",
};

enum fault sqlite_fault(sqlite3 *handle, int rc)
{
    int system = handle ? sqlite3_system_errno(handle) : 0;

    switch (rc & 0xff) {
    case SQLITE_OK:
    case SQLITE_ROW:
    case SQLITE_DONE:
        return FAULT_NONE;
    case SQLITE_FULL:
        return FAULT_STORE_FULL;
    case SQLITE_IOERR:
        return system == ENOSPC || system == EDQUOT ? FAULT_STORE_FULL : FAULT_STORE_ERROR;
    case SQLITE_CORRUPT:
    case SQLITE_NOTADB:
        return FAULT_CORRUPT;
    case SQLITE_BUSY:
    case SQLITE_LOCKED:
        return FAULT_UNAVAILABLE;
    case SQLITE_TOOBIG:
        return FAULT_TOO_LARGE;
    default:
        return FAULT_STORE_ERROR;
    }
}

/* ---- connections ---- */

static enum fault configure(struct db *db, const struct db_options *o)
{
    enum fault f = db_exec(db, "PRAGMA busy_timeout=5000; PRAGMA trusted_schema=OFF; "
                               "PRAGMA mmap_size=0; PRAGMA secure_delete=OFF;");

    if (f || o->inspects)
        return f;
    if (!o->writes)
        return db_exec(db, "PRAGMA query_only=ON; PRAGMA cache_size=-2048;");
    /* What undoes a savepoint stays in memory: as a file it costs more writes than the log. */
    return db_exec(db, "PRAGMA journal_mode=WAL; PRAGMA synchronous=" STORE_SYNCHRONOUS "; "
                       "PRAGMA cache_size=-8192; PRAGMA wal_autocheckpoint=1000; "
                       "PRAGMA temp_store=MEMORY;");
}

/*
 * SQLite opens by name, and more than once. What of root's links is to be followed is followed
 * here, before it: in the folder of somebody else only those that lead to the folder.
 */
static int open_handle(const struct db_options *o, int flags, sqlite3 **out)
{
    SCOPED(arena_scope_end) struct arena *a = arena_new(0);
    const char *path = o->path;

    if (!geteuid() && !o->vfs) {
        path = files_resolved(a, path);
        flags |= SQLITE_OPEN_NOFOLLOW;
    }
    return sqlite3_open_v2(path, out, flags, o->vfs);
}

enum fault db_open(const struct db_options *o, struct db **out, struct str *why, struct arena *a)
{
    struct db *db = calloc(1, sizeof(*db));
    int flags = SQLITE_OPEN_READWRITE | SQLITE_OPEN_NOMUTEX | (o->writes ? SQLITE_OPEN_CREATE : 0);
    enum fault f;
    int rc;

    if (!db)
        panic("out of memory: a database connection");
    rc = open_handle(o, flags, &db->handle);
    if (rc == SQLITE_OK)
        (void)sqlite3_extended_result_codes(db->handle, 1);
    if (rc == SQLITE_OK && o->inspects)
        rc = sqlite3_db_config(db->handle, SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, 1, NULL);
    f = sqlite_fault(db->handle, rc);
    if (!f)
        f = configure(db, o);
    if (f) {
        if (why)
            *why = arena_strf(a, "%s: %s", o->path, sqlite3_errmsg(db->handle));
        db_close(db);
        return f;
    }
    *out = db;
    return FAULT_NONE;
}

static void finalize_all(sqlite3_stmt **statements, size_t n)
{
    for (size_t i = 0; i < n; i++)
        (void)sqlite3_finalize(statements[i]);
}

void db_close(struct db *db)
{
    if (!db)
        return;
    finalize_all(db->fixed, ARRAY_LEN(db->fixed));
    finalize_all(db->get, ARRAY_LEN(db->get));
    finalize_all(db->put, ARRAY_LEN(db->put));
    finalize_all(db->remove, ARRAY_LEN(db->remove));
    finalize_all(db->expire, ARRAY_LEN(db->expire));
    for (size_t i = 0; i < COLLECTION_COUNT; i++)
        for (size_t j = 0; j < ARRAY_LEN(db->scan[i]); j++)
            finalize_all(db->scan[i][j], SCAN_VARIANTS);
    /* Nothing is left open on it, so this cannot refuse. */
    REQUIRE(sqlite3_close(db->handle) == SQLITE_OK);
    free(db);
}

/* ---- statements ---- */

enum fault db_exec(struct db *db, const char *sql)
{
    return sqlite_fault(db->handle, sqlite3_exec(db->handle, sql, NULL, NULL, NULL));
}

static enum fault prepare(struct db *db, sqlite3_stmt **slot, struct str sql)
{
    int rc = sqlite3_prepare_v3(db->handle, sql.ptr, (int)sql.len, SQLITE_PREPARE_PERSISTENT, slot,
                                NULL);

    return sqlite_fault(db->handle, rc);
}

enum fault db_fixed(struct db *db, enum fixed_statement which, sqlite3_stmt **out)
{
    enum fault f = FAULT_NONE;

    if (!db->fixed[which])
        f = prepare(db, &db->fixed[which], str_from_z(fixed_sql[which]));
    *out = db->fixed[which];
    return f;
}

enum fault db_step(struct db *db, sqlite3_stmt *s, bool *row)
{
    int rc = sqlite3_step(s);

    *row = rc == SQLITE_ROW;
    return sqlite_fault(db->handle, rc);
}

enum fault db_run(struct db *db, sqlite3_stmt *s)
{
    enum fault f = sqlite_fault(db->handle, sqlite3_step(s));

    (void)sqlite3_reset(s); /* says again what step said */
    return f;
}

enum fault db_run_fixed(struct db *db, enum fixed_statement which)
{
    sqlite3_stmt *s;
    enum fault f = db_fixed(db, which, &s);

    return f ? f : db_run(db, s);
}

/* That it fails where SQLite has ended the transaction itself changes nothing. */
void db_abandon(struct db *db)
{
    if (!sqlite3_get_autocommit(db->handle))
        (void)sqlite3_exec(db->handle, "ROLLBACK", NULL, NULL, NULL);
}

enum fault db_int(struct db *db, const char *sql, int64_t *out)
{
    sqlite3_stmt *s = NULL;
    enum fault f = prepare(db, &s, str_from_z(sql));
    bool row = false;

    if (!f)
        f = db_step(db, s, &row);
    if (!f && row)
        *out = sqlite3_column_int64(s, 0);
    (void)sqlite3_finalize(s);
    return !f && !row ? FAULT_NOT_FOUND : f;
}

enum fault db_vacuum_into(struct db *db, struct arena *a, const char *file)
{
    sqlite3_stmt *s = NULL;
    int fd = open(file, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
    enum fault f;

    if (fd < 0)
        return errno == ENOSPC ? FAULT_STORE_FULL : FAULT_STORE_ERROR;
    (void)close(fd);
    f = prepare(db, &s, STR("VACUUM INTO ?1"));
    if (!f) {
        bind_text(s, 1, str_from_z(files_resolved(a, file)));
        f = db_run(db, s);
    }
    (void)sqlite3_finalize(s);
    if (!f)
        f = files_sync(file);
    if (!f)
        f = files_sync_folder_of(a, file);
    if (f)
        (void)unlink(file);
    return f;
}

/* The caller's text outlives the step. */
void bind_text(sqlite3_stmt *s, int at, struct str text)
{
    if (str_present(text))
        (void)sqlite3_bind_text(s, at, text.ptr, (int)text.len, SQLITE_STATIC);
    else
        (void)sqlite3_bind_null(s, at);
}

void bind_blob(sqlite3_stmt *s, int at, const void *bytes, size_t n)
{
    (void)sqlite3_bind_blob(s, at, bytes, (int)n, SQLITE_STATIC);
}

static void bind_value(sqlite3_stmt *s, int at, const struct value *v)
{
    if (v->kind == VALUE_INT)
        (void)sqlite3_bind_int64(s, at, v->integer);
    else if (v->kind == VALUE_TEXT)
        bind_text(s, at, v->text);
    else
        (void)sqlite3_bind_null(s, at);
}

struct str column_text(struct arena *a, sqlite3_stmt *s, int at)
{
    const unsigned char *text = sqlite3_column_text(s, at);
    size_t len = (size_t)sqlite3_column_bytes(s, at);

    return text ? arena_str(a, (struct str){(const char *)text, len}) : (struct str){0};
}

bool column_mac(sqlite3_stmt *s, int at, unsigned char out[AUDIT_MAC])
{
    const void *bytes = sqlite3_column_blob(s, at);

    if (!bytes || sqlite3_column_bytes(s, at) != AUDIT_MAC)
        return false;
    memcpy(out, bytes, AUDIT_MAC);
    return true;
}

/* ---- items ---- */

static void read_item(struct arena *a, const struct layout *l, sqlite3_stmt *s, struct item *out)
{
    *out = (struct item){
        .partition = column_text(a, s, 0),
        .sort = column_text(a, s, 1),
        .document = column_text(a, s, 2 + (int)l->attributes_len),
    };
    for (size_t i = 0; i < l->attributes_len; i++) {
        int at = 2 + (int)i;
        int type = sqlite3_column_type(s, at);

        if (type == SQLITE_INTEGER)
            out->attributes[i] = value_int(sqlite3_column_int64(s, at));
        else if (type != SQLITE_NULL)
            out->attributes[i] = value_text(column_text(a, s, at));
    }
}

static enum fault prepare_made(struct db *db, sqlite3_stmt **slot, enum collection_id collection,
                               struct str (*make)(struct arena *a, const struct layout *l))
{
    SCOPED(arena_scope_end) struct arena *a = NULL;

    if (*slot)
        return FAULT_NONE;
    a = arena_new(0);
    return prepare(db, slot, make(a, layout_of(collection)));
}

enum fault db_get(struct db *db, struct arena *a, enum collection_id collection,
                  const struct item *key, struct item *out)
{
    sqlite3_stmt **slot = &db->get[collection];
    enum fault f = prepare_made(db, slot, collection, sql_get);
    bool row;

    if (f)
        return f;
    bind_text(*slot, 1, key->partition);
    bind_text(*slot, 2, key->sort);
    f = db_step(db, *slot, &row);
    if (!f && row)
        read_item(a, layout_of(collection), *slot, out);
    (void)sqlite3_reset(*slot);
    return !f && !row ? FAULT_NOT_FOUND : f;
}

enum fault db_put(struct db *db, enum collection_id collection, const struct item *item)
{
    const struct layout *l = layout_of(collection);
    sqlite3_stmt **slot = &db->put[collection];
    enum fault f = prepare_made(db, slot, collection, sql_put);

    if (f)
        return f;
    bind_text(*slot, 1, item->partition);
    bind_text(*slot, 2, item->sort);
    for (size_t i = 0; i < l->attributes_len; i++)
        bind_value(*slot, 3 + (int)i, &item->attributes[i]);
    bind_text(*slot, 3 + (int)l->attributes_len, item->document);
    return db_run(db, *slot);
}

enum fault db_delete(struct db *db, enum collection_id collection, const struct item *key)
{
    sqlite3_stmt **slot = &db->remove[collection];
    enum fault f = prepare_made(db, slot, collection, sql_delete);

    if (f)
        return f;
    bind_text(*slot, 1, key->partition);
    bind_text(*slot, 2, key->sort);
    return db_run(db, *slot);
}

enum fault db_expire(struct db *db, enum collection_id collection, int64_t now_ms)
{
    sqlite3_stmt **slot = &db->expire[collection];
    enum fault f = prepare_made(db, slot, collection, sql_expire);

    if (f)
        return f;
    (void)sqlite3_bind_int64(*slot, 1, now_ms);
    return db_run(db, *slot);
}

/* ---- scans ---- */

static enum fault scan_statement(struct db *db, const struct scan *scan, sqlite3_stmt **out)
{
    SCOPED(arena_scope_end) struct arena *a = NULL;
    unsigned variant = (scan->resumes ? SCAN_RESUMES : 0U) |
                       (str_present(scan->prefix) ? SCAN_PREFIX : 0U) |
                       (scan->descending ? SCAN_DESCENDING : 0U);
    size_t index = scan->index ? (size_t)(scan->index - scan->layout->indexes) + 1 : 0;
    sqlite3_stmt **slot = &db->scan[scan->collection][index][variant];
    enum fault f = FAULT_NONE;

    if (!*slot) {
        a = arena_new(0);
        f = prepare(db, slot, sql_scan(a, scan->layout, scan->index, variant));
    }
    *out = *slot;
    return f;
}

/* Binding a number that the variant does not use is refused by SQLite and meant to be. */
static void bind_scan(struct arena *a, sqlite3_stmt *s, const struct scan *scan)
{
    if (!scan->index || scan->index->partition != SLOT_NONE)
        bind_text(s, 1, scan->partition);
    if (str_present(scan->prefix)) {
        bind_text(s, 2, scan->prefix);
        /* No well-formed text holds the byte 0xff: this is above all that begin so. */
        bind_text(s, 3, arena_strf(a, STR_FMT "\xff", STR_ARG(scan->prefix)));
    }
    if (scan->resumes) {
        struct value sort = scan->index ? scan->after.sort : value_text(scan->after.key_sort);

        if (!scan->index || scan->index->sort != SLOT_NONE)
            bind_value(s, 4, &sort);
        bind_text(s, 5, scan->after.partition);
        bind_text(s, 6, scan->after.key_sort);
    }
    (void)sqlite3_bind_int64(s, 7, (int64_t)scan->limit + 1);
}

enum fault db_scan(struct db *db, struct arena *a, const struct scan *scan, struct scanned *out)
{
    struct scanned found = {.items = arena_array_of(a, scan->limit + 1, struct item)};
    sqlite3_stmt *s;
    size_t bytes = 0;
    bool row = true;
    enum fault f = scan_statement(db, scan, &s);

    if (f)
        return f;
    bind_scan(a, s, scan);
    while (!f && row && !found.more) {
        f = db_step(db, s, &row);
        if (f || !row)
            break;
        found.more = found.len == scan->limit || bytes >= SCAN_BYTES_MAX;
        if (found.more)
            break;
        read_item(a, scan->layout, s, &found.items[found.len]);
        bytes += item_size(&found.items[found.len++]);
    }
    (void)sqlite3_reset(s);
    (void)sqlite3_clear_bindings(s);
    *out = found;
    return f;
}
