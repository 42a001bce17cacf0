/*
 * What a database holds, by number. A database of a lower layout is copied aside and brought
 * forward in one transaction: first the steps of our own tables, then every collection whose table
 * is not what the collection table says is rewritten through the structs. Anything that is not a
 * sound database of ours, or is newer than this program, is left as it was found.
 */
#include <fcntl.h>
#include <stdio.h>
#include <unistd.h>

#include "base/panic.h"
#include "store/sqlite_internal.h"

enum { SCHEMA_MAX = 64 << 10, HEADER = 100, CHECK_BYTES_MAX = 32 << 20 };

/* Our own tables, layout by layout. */
static const char *const steps[STORE_LAYOUT + 1] = {
    [1] = "CREATE TABLE submits (token TEXT PRIMARY KEY, at INTEGER NOT NULL) "
          "STRICT, WITHOUT ROWID;\n"
          "CREATE INDEX \"submits.by-at\" ON submits (at);\n"
          "CREATE TABLE audit_segments (number INTEGER PRIMARY KEY, opened_at INTEGER NOT NULL, "
          "count INTEGER NOT NULL, closed INTEGER NOT NULL, previous BLOB NOT NULL, "
          "head BLOB NOT NULL, seal BLOB NOT NULL) STRICT;\n"
          "CREATE TABLE audit (segment INTEGER NOT NULL, number INTEGER NOT NULL, "
          "record TEXT NOT NULL, mac BLOB NOT NULL, PRIMARY KEY (segment, number)) "
          "STRICT, WITHOUT ROWID;\n"
          "CREATE TABLE audit_total (one INTEGER PRIMARY KEY CHECK (one = 1), "
          "segments INTEGER NOT NULL, mac BLOB NOT NULL) STRICT;\n",
};

static void add_collection(struct buf *b, struct arena *a, const struct layout *l)
{
    buf_add(b, sql_create_table(a, l));
    buf_add_z(b, ";\n");
    for (size_t i = 0; i < l->indexes_len; i++) {
        buf_add(b, sql_create_index(a, l, &l->indexes[i]));
        buf_add_z(b, ";\n");
    }
}

struct str schema_text(struct arena *a)
{
    struct buf b = buf_new(a, SCHEMA_MAX);

    for (int i = 1; i <= STORE_LAYOUT; i++)
        buf_add_z(&b, steps[i]);
    for (int id = 0; id < COLLECTION_COUNT; id++)
        if (layout_of((enum collection_id)id))
            add_collection(&b, a, layout_of((enum collection_id)id));
    buf_addf(&b, "PRAGMA application_id=%d;\nPRAGMA user_version=%d;\n", SQLITE_APPLICATION_ID,
             STORE_LAYOUT);
    return buf_str(&b);
}

/* ---- refusing what is not ours ---- */

static uint32_t big_endian(const unsigned char *p)
{
    return (uint32_t)p[0] << 24 | (uint32_t)p[1] << 16 | (uint32_t)p[2] << 8 | p[3];
}

static enum fault refuse_damaged(struct arena *a, const char *path, const char *what,
                                 struct str *why)
{
    *why =
        arena_strf(a, "%s %s; it was left as it is: restore a backup, or move it away", path, what);
    return FAULT_CORRUPT;
}

static struct str newer_layout(struct arena *a, int64_t version)
{
    return arena_strf(
        a, "has layout %lld and this program knows %d: it was written by a newer version",
        (long long)version, STORE_LAYOUT);
}

static enum fault refuse_newer(struct arena *a, const char *path, struct str layout,
                               struct str *why)
{
    *why =
        arena_strf(a, "%s " STR_FMT "; start that one, or restore a backup", path, STR_ARG(layout));
    return FAULT_CORRUPT;
}

/* How much of it there is. 0: none yet, or SQLite will say why it cannot be opened. */
static ssize_t read_header(const char *path, unsigned char header[HEADER])
{
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    ssize_t got = fd < 0 ? 0 : pread(fd, header, HEADER, 0);

    if (fd >= 0)
        (void)close(fd);
    return got;
}

/* A number of pages that an old SQLite left behind has another change counter beside it. */
bool schema_is_cut_off(const char *path)
{
    unsigned char header[HEADER] = {0};
    int64_t page_size;
    int64_t pages;

    if (read_header(path, header) < HEADER)
        return false;
    page_size = (int64_t)header[16] << 8 | header[17];
    page_size = page_size == 1 ? 65536 : page_size;
    pages = memcmp(header + 24, header + 92, 4) ? 1 : big_endian(header + 28);
    return files_size(path) < pages * page_size || (page_size && files_size(path) % page_size);
}

struct str schema_header_wrong(struct arena *a, const char *path, bool *newer)
{
    unsigned char header[HEADER] = {0};
    ssize_t got = read_header(path, header);

    *newer = false;
    if (got == 0)
        return (struct str){0};
    if (got < HEADER || memcmp(header, "SQLite format 3", 16) != 0)
        return STR("is not a database");
    /* 0: the number may stand in the log alone, or a start got no further than the first page. */
    if (big_endian(header + 68) != SQLITE_APPLICATION_ID && big_endian(header + 68) != 0)
        return STR("is a database of another program");
    *newer = big_endian(header + 60) > STORE_LAYOUT;
    return *newer ? newer_layout(a, big_endian(header + 60)) : (struct str){0};
}

enum fault schema_check_header(struct arena *a, const char *path, struct str *why)
{
    bool newer;
    struct str wrong = schema_header_wrong(a, path, &newer);

    if (!str_present(wrong))
        return FAULT_NONE;
    return newer ? refuse_newer(a, path, wrong, why) : refuse_damaged(a, path, wrong.ptr, why);
}

/*
 * Between making the file and its first page a first start may die. Anything that tells of more
 * says that there was a record; its log would be dropped by SQLite without a word.
 */
static enum fault check_not_emptied(const struct db_options *o, struct arena *a, struct str *why)
{
    const char *log = arena_strf(a, "%s-wal", o->path).ptr;

    if (files_size(o->path) != 0 || (!o->served_before && files_size(log) <= 0))
        return FAULT_NONE;
    return refuse_damaged(a, o->path, "is empty, and was not", why);
}

enum fault schema_check_file(const struct db_options *options, struct arena *a, struct str *why)
{
    enum fault f = FAULT_NONE;

    if (access(options->path, F_OK) == 0)
        f = check_not_emptied(options, a, why);
    return f ? f : schema_check_header(a, options->path, why);
}

static enum fault check_pages(struct db *db, const char *path, struct arena *a, struct str *why)
{
    int64_t pages = 0;
    int64_t page_size = 0;
    int64_t sound = 0;
    enum fault f = db_int(db, "PRAGMA page_count", &pages);

    if (!f)
        f = db_int(db, "PRAGMA page_size", &page_size);
    /* A larger one would hold the start up; its damage is found when the page is read. */
    if (!f && pages * page_size <= CHECK_BYTES_MAX) {
        f = db_int(db, "SELECT quick_check = 'ok' FROM pragma_quick_check(1)", &sound);
        if (!f && !sound)
            f = FAULT_CORRUPT;
    }
    return f == FAULT_CORRUPT ? refuse_damaged(a, path, "is damaged", why) : f;
}

static bool has_log(struct arena *a, const char *path)
{
    return access(arena_strf(a, "%s-wal", path).ptr, F_OK) == 0;
}

/* Reads and changes nothing. *version: of the database; 0 for an empty one. */
static enum fault inspect(const struct db_options *o, struct arena *a, int64_t *version,
                          struct str *why)
{
    struct db_options looks = {.path = o->path, .vfs = o->vfs, .inspects = true};
    bool had_log = has_log(a, o->path);
    struct db *db = NULL;
    int64_t application = 0;
    int64_t objects = 0;
    enum fault f = db_open(&looks, &db, why, a);

    if (!f)
        f = db_int(db, "PRAGMA user_version", version);
    if (!f)
        f = db_int(db, "PRAGMA application_id", &application);
    if (!f)
        f = db_int(db, "SELECT count(*) FROM sqlite_schema", &objects);
    if (f == FAULT_CORRUPT)
        f = refuse_damaged(a, o->path, "is damaged", why);
    else if (!f && *version > STORE_LAYOUT)
        f = refuse_newer(a, o->path, newer_layout(a, *version), why);
    else if (!f && objects && (application != SQLITE_APPLICATION_ID || *version < 1))
        f = refuse_damaged(a, o->path, "is a database of another program", why);
    else if (!f)
        f = check_pages(db, o->path, a, why);
    if (f && !str_present(*why))
        *why = arena_strf(a, "%s: %s", o->path, db ? sqlite3_errmsg(db->handle) : "cannot be read");
    db_close(db);
    if (f && !had_log) { /* what reading has made */
        (void)unlink(arena_strf(a, "%s-wal", o->path).ptr);
        (void)unlink(arena_strf(a, "%s-shm", o->path).ptr);
    }
    return f;
}

/* The database, and so its log, is its owner's alone. */
static void create_file(const char *path)
{
    int fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);

    if (fd >= 0)
        (void)close(fd); /* else SQLite says why it cannot be opened */
}

/* ---- migrating ---- */

struct migration {
    struct db *db;
    struct arena *arena;
    const char *path;
};

/* What the database has under the name of a collection's table, statement by statement. */
static enum fault actual_text(struct migration *m, struct str table, struct str *out)
{
    struct buf b = buf_new(m->arena, SCHEMA_MAX);
    sqlite3_stmt *s = NULL;
    bool row = true;
    int rc =
        sqlite3_prepare_v2(m->db->handle,
                           "SELECT sql FROM sqlite_schema WHERE tbl_name = ?1 AND sql NOT NULL "
                           "ORDER BY type DESC, rowid",
                           -1, &s, NULL);
    enum fault f = sqlite_fault(m->db->handle, rc);

    if (!f)
        bind_text(s, 1, table);
    while (!f && row) {
        f = db_step(m->db, s, &row);
        if (!f && row) {
            buf_add(&b, column_text(m->arena, s, 0));
            buf_add_z(&b, ";\n");
        }
    }
    (void)sqlite3_finalize(s);
    *out = buf_str(&b);
    return f;
}

/* The names change under the statement that reads them, so they are collected first. */
static enum fault drop_indexes(struct migration *m, struct str table)
{
    struct buf b = buf_new(m->arena, SCHEMA_MAX);
    sqlite3_stmt *s = NULL;
    bool row = true;
    int rc = sqlite3_prepare_v2(
        m->db->handle,
        "SELECT name FROM sqlite_schema WHERE type = 'index' AND tbl_name = ?1 AND sql NOT NULL",
        -1, &s, NULL);
    enum fault f = sqlite_fault(m->db->handle, rc);

    if (!f)
        bind_text(s, 1, table);
    while (!f && row) {
        f = db_step(m->db, s, &row);
        if (!f && row)
            buf_addf(&b, "DROP INDEX \"" STR_FMT "\";", STR_ARG(column_text(m->arena, s, 0)));
    }
    (void)sqlite3_finalize(s);
    return f ? f : db_exec(m->db, buf_str(&b).ptr);
}

static struct value column_value(struct arena *a, sqlite3_stmt *s, int at)
{
    int type = sqlite3_column_type(s, at);

    if (type == SQLITE_NULL)
        return (struct value){0};
    if (type == SQLITE_INTEGER)
        return value_int(sqlite3_column_int64(s, at));
    return value_text(column_text(a, s, at));
}

/* One row of an older layout, through the struct: what was in the document may be a column now. */
static enum fault convert_row(struct migration *m, struct arena *a, enum collection_id id,
                              sqlite3_stmt *s)
{
    const struct layout *l = layout_of(id);
    void *entity = arena_alloc(a, l->collection->size);
    int columns = sqlite3_column_count(s);
    struct item item;
    enum fault f =
        field_decode_stored(a, l->collection->fields, column_text(a, s, columns - 1), entity);

    for (int i = 0; !f && i < columns - 1; i++) {
        const struct field *field =
            i == 0   ? l->partition
            : i == 1 ? l->sort
                     : field_find(l->collection->fields, str_from_z(sqlite3_column_name(s, i)));
        struct value v = column_value(a, s, i);

        if (field)
            f = item_set_field(field, entity, &v);
    }
    if (!f)
        f = item_encode(a, l, entity, &item);
    return f ? f : db_put(m->db, id, &item);
}

static enum fault convert_rows(struct migration *m, enum collection_id id, struct str table)
{
    SCOPED(arena_scope_end) struct arena *a = arena_new(0);
    struct str sql = arena_strf(m->arena, "SELECT * FROM old_" STR_FMT, STR_ARG(table));
    sqlite3_stmt *s = NULL;
    bool row = true;
    int rc = sqlite3_prepare_v2(m->db->handle, sql.ptr, -1, &s, NULL);
    enum fault f = sqlite_fault(m->db->handle, rc);

    while (!f && row) {
        f = db_step(m->db, s, &row);
        if (!f && row)
            f = convert_row(m, a, id, s);
        arena_reset(a);
    }
    (void)sqlite3_finalize(s);
    return f;
}

static enum fault bring_forward(struct migration *m, enum collection_id id)
{
    const struct layout *l = layout_of(id);
    struct str table = sql_table_name(m->arena, l->collection);
    struct buf wanted = buf_new(m->arena, SCHEMA_MAX);
    struct str actual;
    enum fault f = actual_text(m, table, &actual);

    add_collection(&wanted, m->arena, l);
    if (f || str_eq(actual, buf_str(&wanted)))
        return f;
    if (str_empty(actual))
        return db_exec(m->db, buf_str(&wanted).ptr);
    f = drop_indexes(m, table);
    if (!f)
        f = db_exec(m->db, arena_strf(m->arena, "ALTER TABLE " STR_FMT " RENAME TO old_" STR_FMT,
                                      STR_ARG(table), STR_ARG(table))
                               .ptr);
    if (!f)
        f = db_exec(m->db, buf_str(&wanted).ptr);
    if (!f)
        f = convert_rows(m, id, table);
    return f ? f
             : db_exec(m->db, arena_strf(m->arena, "DROP TABLE old_" STR_FMT, STR_ARG(table)).ptr);
}

static enum fault migrate(struct migration *m, int64_t from)
{
    enum fault f = db_exec(m->db, "BEGIN IMMEDIATE");

    for (int64_t i = from + 1; !f && i <= STORE_LAYOUT; i++)
        if (steps[i])
            f = db_exec(m->db, steps[i]);
    for (int id = 0; !f && id < COLLECTION_COUNT; id++)
        if (layout_of((enum collection_id)id))
            f = bring_forward(m, (enum collection_id)id);
    if (!f)
        f = db_exec(m->db, arena_strf(m->arena, "PRAGMA application_id=%d; PRAGMA user_version=%d",
                                      SQLITE_APPLICATION_ID, STORE_LAYOUT)
                               .ptr);
    if (!f)
        f = db_exec(m->db, "COMMIT");
    /* So that the header alone tells what this is. */
    return f ? f : db_exec(m->db, "PRAGMA wal_checkpoint(TRUNCATE)");
}

/* A copy under the name of the layout that is left. Replaced if a start got no further. */
static enum fault copy_aside(struct migration *m, int64_t version)
{
    struct str copy = arena_strf(m->arena, "%s.pre-migration-%lld", m->path, (long long)version);
    struct str unfinished = arena_strf(m->arena, STR_FMT ".part", STR_ARG(copy));
    enum fault f;

    (void)unlink(unfinished.ptr);
    f = db_vacuum_into(m->db, m->arena, unfinished.ptr);
    if (!f && rename(unfinished.ptr, copy.ptr))
        f = FAULT_STORE_ERROR;
    return f ? f : files_sync_folder_of(m->arena, copy.ptr);
}

/* A database of this number whose tables are others was made by a build that never left a desk. */
static enum fault check_same(struct migration *m, struct str *why)
{
    for (int id = 0; id < COLLECTION_COUNT; id++) {
        const struct layout *l = layout_of((enum collection_id)id);
        struct buf wanted = buf_new(m->arena, SCHEMA_MAX);
        struct str actual;
        enum fault f;

        if (!l)
            continue;
        add_collection(&wanted, m->arena, l);
        f = actual_text(m, sql_table_name(m->arena, l->collection), &actual);
        if (f)
            return f;
        if (!str_eq(actual, buf_str(&wanted)))
            return refuse_damaged(m->arena, m->path,
                                  arena_strf(m->arena, "has layout %d, but another table %s",
                                             STORE_LAYOUT, l->collection->name)
                                      .ptr,
                                  why);
    }
    return FAULT_NONE;
}

enum fault schema_prepare(const struct db_options *options, struct arena *a, struct str *why)
{
    struct migration m = {.arena = a, .path = options->path};
    int64_t version = 0;
    enum fault f;

    if (access(options->path, F_OK) == 0) {
        f = schema_check_file(options, a, why);
        if (!f)
            f = inspect(options, a, &version, why);
        if (f)
            return f;
    }
    create_file(options->path);
    f = db_open(options, &m.db, why, a);
    if (f)
        return f;
    if (version == STORE_LAYOUT)
        f = check_same(&m, why);
    else if (version)
        f = copy_aside(&m, version);
    if (!f && version != STORE_LAYOUT)
        f = migrate(&m, version);
    if (f && !str_present(*why))
        *why = arena_strf(a, "%s: cannot be prepared: %s (%s)", options->path,
                          sqlite3_errmsg(m.db->handle), fault_describe(f)->name);
    db_close(m.db);
    return f;
}
