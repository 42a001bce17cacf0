/* The SQLite backend: one process, one writer, readers on connections of their own. */
#include <stdlib.h>
#include <unistd.h>

#include "base/panic.h"
#include "store/sqlite_internal.h"

enum { READERS_MAX = 16 };

struct sqlite {
    struct store store;
    const char *path;
    const char *vfs;
    struct arena *arena; /* of the two */
    struct db *db;       /* the writer's */
    struct writer *writer;
    struct data_lock data;
    pthread_mutex_t lock; /* of all that follows */
    pthread_cond_t given_back;
    struct db *idle;
    unsigned readers; /* that were opened */
};

static const struct store_ops sqlite_ops;

static struct sqlite *sqlite_of(struct store *s)
{
    REQUIRE(s->ops == &sqlite_ops);
    return (struct sqlite *)s;
}

/* ---- readers ---- */

static enum fault open_reader(struct sqlite *q, struct db **out)
{
    struct db_options o = {.path = q->path, .vfs = q->vfs};
    enum fault f = db_open(&o, out, NULL, NULL);

    if (!f)
        return f;
    (void)pthread_mutex_lock(&q->lock);
    q->readers--;
    (void)pthread_cond_signal(&q->given_back);
    (void)pthread_mutex_unlock(&q->lock);
    return f;
}

static enum fault take_reader(struct sqlite *q, struct db **out)
{
    struct db *db;

    (void)pthread_mutex_lock(&q->lock);
    while (!q->idle && q->readers == READERS_MAX)
        (void)pthread_cond_wait(&q->given_back, &q->lock);
    db = q->idle;
    if (db)
        q->idle = db->next;
    else
        q->readers++;
    (void)pthread_mutex_unlock(&q->lock);
    if (!db)
        return open_reader(q, out);
    *out = db;
    return FAULT_NONE;
}

static void give_reader(struct sqlite *q, struct db *db)
{
    (void)pthread_mutex_lock(&q->lock);
    db->next = q->idle;
    q->idle = db;
    (void)pthread_cond_signal(&q->given_back);
    (void)pthread_mutex_unlock(&q->lock);
}

static enum fault sqlite_get(struct store *s, struct arena *a, enum collection_id collection,
                             const struct item *key, struct item *out)
{
    struct sqlite *q = sqlite_of(s);
    struct db *db;
    enum fault f = take_reader(q, &db);

    if (f)
        return f;
    f = db_get(db, a, collection, key, out);
    give_reader(q, db);
    return f;
}

static enum fault sqlite_scan(struct store *s, struct arena *a, const struct scan *scan,
                              struct scanned *out)
{
    struct sqlite *q = sqlite_of(s);
    struct db *db;
    enum fault f = take_reader(q, &db);

    if (f)
        return f;
    f = db_scan(db, a, scan, out);
    give_reader(q, db);
    return f;
}

/* ---- writing ---- */

static enum fault sqlite_submit(struct store *s, struct arena *a, const struct write_set *ws,
                                struct refusal *why)
{
    return writer_submit(sqlite_of(s)->writer, a, ws, why);
}

static void sqlite_audit_later(struct store *s, struct str record)
{
    writer_audit_later(sqlite_of(s)->writer, record);
}

static void sqlite_audit_stranger(struct store *s, struct str record)
{
    writer_audit_stranger(sqlite_of(s)->writer, record);
}

static enum fault sqlite_audit_flush(struct store *s)
{
    SCOPED(arena_scope_end) struct arena *a = arena_new(0);

    return writer_submit(sqlite_of(s)->writer, a, write_set_new(a), NULL);
}

/* ---- the audit's rows ---- */

static enum fault sqlite_audit_segment(struct store *s, int64_t number, struct audit_segment *out)
{
    struct sqlite *q = sqlite_of(s);
    struct db *db;
    enum fault f = take_reader(q, &db);

    if (f)
        return f;
    f = db_audit_segment(db, number, out);
    give_reader(q, db);
    return f;
}

static enum fault sqlite_audit_record(struct store *s, struct arena *a, int64_t segment,
                                      int64_t number, struct audit_record *out)
{
    struct sqlite *q = sqlite_of(s);
    struct db *db;
    enum fault f = take_reader(q, &db);

    if (f)
        return f;
    *out = (struct audit_record){.segment = segment, .number = number};
    f = db_audit_record(db, a, out);
    give_reader(q, db);
    return f;
}

static enum fault sqlite_audit_count(struct store *s, int64_t *segments,
                                     unsigned char mac[AUDIT_MAC])
{
    struct sqlite *q = sqlite_of(s);
    struct db *db;
    enum fault f = take_reader(q, &db);

    if (f)
        return f;
    f = db_audit_count(db, segments, mac);
    give_reader(q, db);
    return f;
}

/* ---- backup ---- */

enum fault store_sqlite_backup(struct arena *a, struct str path, struct str file, struct str *why)
{
    const char *copy = arena_z(a, file);
    struct db_options looks = {.path = arena_z(a, path), .inspects = true};
    struct db *db = NULL;
    enum fault f;

    if (access(copy, F_OK) == 0) {
        *why = arena_strf(a, "%s exists already", copy);
        return FAULT_ALREADY_EXISTS;
    }
    if (access(looks.path, R_OK)) {
        *why = arena_strf(a, "there is no record at %s", looks.path);
        return FAULT_NOT_FOUND;
    }
    if (files_size(looks.path) == 0) {
        *why = arena_strf(a, "%s is empty", looks.path);
        return FAULT_CORRUPT;
    }
    f = db_open(&looks, &db, why, a);
    if (f)
        return f;
    f = db_vacuum_into(db, a, copy);
    db_close(db);
    if (f)
        *why = arena_strf(a, "%s cannot be written (%s)", copy, fault_describe(f)->name);
    return f;
}

/* ---- life ---- */

static void sqlite_close(struct store *s)
{
    struct sqlite *q = sqlite_of(s);

    writer_free(q->writer);
    while (q->idle) {
        struct db *next = q->idle->next;

        db_close(q->idle);
        q->idle = next;
    }
    if (q->db)
        (void)sqlite3_exec(q->db->handle, "PRAGMA optimize", NULL, NULL, NULL);
    db_close(q->db);
    files_unlock(&q->data);
    (void)pthread_mutex_destroy(&q->lock);
    (void)pthread_cond_destroy(&q->given_back);
    arena_free(q->arena);
    secret_wipe(q, sizeof(*q));
    free(q);
}

static const struct store_ops sqlite_ops = {
    .get = sqlite_get,
    .scan = sqlite_scan,
    .submit = sqlite_submit,
    .audit_later = sqlite_audit_later,
    .audit_stranger = sqlite_audit_stranger,
    .audit_flush = sqlite_audit_flush,
    .audit_segment = sqlite_audit_segment,
    .audit_record = sqlite_audit_record,
    .audit_count = sqlite_audit_count,
    .close = sqlite_close,
};

/*
 * From here on the connection is the writer's, and what fails, fails on others: SQLite's last words
 * on it would be about something else, and must not be asked for beside its thread.
 */
static enum fault start_writing(struct sqlite *q, bool single_threaded, struct keying *keys)
{
    const char *what = "its audit cannot be gone on with";
    enum fault f;

    q->writer = writer_new(&q->store, q->db, single_threaded);
    f = writer_start(q->writer);
    if (!f) {
        what = "a change that was left half done cannot be ended";
        f = stages_recover(&q->store);
    }
    if (!f) {
        what = "its new keys cannot be recorded";
        f = keys_record(keys);
    }
    if (f)
        *keys->why = arena_strf(keys->arena, "%s: %s (%s)", q->path, what, fault_describe(f)->name);
    return f;
}

static enum fault start(struct sqlite *q, const struct sqlite_options *options, struct arena *a,
                        struct str *why)
{
    struct db_options o = {
        .path = q->path, .vfs = q->vfs, .writes = true, .served_before = options->served_before};
    struct keying keys = {&q->store, a, q->path, options->new_keys, .why = why};
    enum fault f = files_lock(a, q->path, &q->data, why);

    if (!f)
        f = schema_check_file(&o, a, why);
    if (!f)
        f = keys_load(&keys); /* which may make new ones: not beside a file that is refused */
    if (!f)
        f = schema_prepare(&o, a, why);
    if (!f)
        f = files_lock_database(a, q->path, &q->data, why);
    if (!f)
        f = db_open(&o, &q->db, why, a);
    if (!f)
        f = keys_fit(&keys, q->db);
    return f ? f : start_writing(q, options->single_threaded, &keys);
}

enum fault store_sqlite_open(const struct sqlite_options *options, const struct store_ports *ports,
                             struct arena *a, struct store **out, struct str *why)
{
    struct sqlite *q = calloc(1, sizeof(*q));
    enum fault f;

    if (!q)
        panic("out of memory: the store");
    *why = (struct str){0};
    q->data = NO_DATA_LOCK;
    q->arena = arena_new(0);
    q->path = arena_str(q->arena, options->path).ptr;
    q->vfs = options->vfs;
    (void)pthread_mutex_init(&q->lock, NULL);
    (void)pthread_cond_init(&q->given_back, NULL);
    store_init(&q->store, &sqlite_ops, ports);
    f = start(q, options, a, why);
    if (f) {
        sqlite_close(&q->store);
        return f;
    }
    *out = &q->store;
    return FAULT_NONE;
}
