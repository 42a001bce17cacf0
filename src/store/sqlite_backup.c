/*
 * Copies of the record and the way back. A backup knows nothing of what came after it: what was
 * about to be started then may have been started since. So a restore raises the epoch of every
 * execution that had not ended, by more than an epoch ever rises in operation, and marks every
 * launch without a job id, and every execution for the launches that it has not laid yet, those of
 * a termination too: each is looked for in DRS before anything is started.
 */
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/file.h"
#include "base/panic.h"
#include "model/execution.h"
#include "store/sqlite_internal.h"

enum { EPOCHS_BETWEEN = 1 << 20, KEYS_FIRST = 256 };

/* ---- every row of a collection, changed in place ---- */

struct restoring {
    struct db *db;
    struct arena *arena; /* of one row */
    struct arena *keys;
    enum collection_id collection;
    const struct layout *layout;
};

struct keys {
    struct item *items;
    size_t len;
    size_t cap;
};

static enum fault list_keys(struct restoring *r, struct keys *out)
{
    struct str sql = arena_strf(r->keys, "SELECT pk, sk FROM " STR_FMT,
                                STR_ARG(sql_table_name(r->keys, r->layout->collection)));
    sqlite3_stmt *s = NULL;
    bool row = true;
    int rc = sqlite3_prepare_v2(r->db->handle, sql.ptr, -1, &s, NULL);
    enum fault f = sqlite_fault(r->db->handle, rc);

    *out = (struct keys){0};
    while (!f && row) {
        f = db_step(r->db, s, &row);
        if (f || !row)
            break;
        if (out->len == out->cap) {
            struct keys wider = {.cap = out->cap ? 2 * out->cap : KEYS_FIRST, .len = out->len};

            wider.items = arena_array_of(r->keys, wider.cap, struct item);
            if (out->len)
                memcpy(wider.items, out->items, out->len * sizeof(*wider.items));
            *out = wider;
        }
        out->items[out->len++] = (struct item){.partition = column_text(r->keys, s, 0),
                                               .sort = column_text(r->keys, s, 1)};
    }
    (void)sqlite3_finalize(s);
    return f;
}

/* Whether the row has been changed. */
typedef bool change_fn(struct restoring *r, void *entity);

static enum fault change_row(struct restoring *r, const struct item *key, change_fn *change)
{
    void *entity;
    struct item old;
    struct item item;
    enum fault f;

    arena_reset(r->arena);
    entity = arena_alloc(r->arena, r->layout->collection->size);
    f = db_get(r->db, r->arena, r->collection, key, &old);
    if (!f)
        f = item_decode(r->arena, r->layout, &old, entity);
    if (f || !change(r, entity))
        return f;
    f = item_encode(r->arena, r->layout, entity, &item);
    if (!f)
        f = db_delete(r->db, r->collection, key);
    return f ? f : db_put(r->db, r->collection, &item);
}

static enum fault change_all(struct restoring *r, enum collection_id collection, change_fn *change)
{
    struct keys keys;
    enum fault f;

    r->collection = collection;
    r->layout = layout_of(collection);
    if (!r->layout)
        return FAULT_NONE;
    f = list_keys(r, &keys);
    for (size_t i = 0; !f && i < keys.len; i++)
        f = change_row(r, &keys.items[i], change);
    return f;
}

/* ---- what is changed ---- */

static bool raise_execution(struct restoring *r, void *entity)
{
    struct execution *e = entity;

    (void)r;
    if (!execution_is_terminal(e->status))
        e->epoch += EPOCHS_BETWEEN;
    e->reconcile = true;
    e->revision++;
    return true;
}

static const struct json *with_epoch(struct arena *a, const struct json *data, int64_t epoch)
{
    struct json *copy = arena_new_of(a, struct json);

    *copy = *data;
    copy->members = arena_array_of(a, data->len + 1, struct json_member);
    for (size_t i = 0; i < data->len; i++) {
        copy->members[i] = data->members[i];
        if (str_eq_z(data->members[i].name, "epoch"))
            copy->members[i].value = (struct json){.kind = JS_INT, .integer = epoch};
    }
    return copy;
}

/* The workflow of an execution goes on under its execution's new epoch, from where it was. */
static bool raise_instance(struct restoring *r, void *entity)
{
    struct flow_instance *i = entity;
    struct str id = arena_strf(r->arena, STR_FMT "#%" PRId64, STR_ARG(i->execution_id), i->epoch);

    if (i->phase == FLOW_ENDED || !str_eq(i->id, id))
        return false;
    i->epoch += EPOCHS_BETWEEN;
    i->revision++;
    i->id = arena_strf(r->arena, STR_FMT "#%" PRId64, STR_ARG(i->execution_id), i->epoch);
    if (json_is(i->data, JS_OBJECT))
        i->data = with_epoch(r->arena, i->data, i->epoch);
    return true;
}

static bool mark_launch(struct launch_run *launch)
{
    if (str_present(launch->job_id) ||
        (launch->state != LAUNCH_PLANNED && launch->state != LAUNCH_INTENT))
        return false;
    launch->reconcile = true;
    return true;
}

/* Its time since the backup was nobody's: a base that no clock has reached is taken anew. */
static bool renew_time(struct wave_run *wave)
{
    if (!wave_is_active(wave->status))
        return false;
    wave->mono_base = INT64_MAX;
    return true;
}

static bool change_run(struct restoring *r, void *entity)
{
    struct run_row *row = entity;
    bool changed = row->launch ? mark_launch(row->launch) : row->wave && renew_time(row->wave);

    (void)r;
    row->revision += changed;
    return changed;
}

static enum fault change_record(struct restoring *r)
{
    enum fault f = db_exec(r->db, "BEGIN IMMEDIATE");

    if (!f)
        f = change_all(r, COLLECTION_EXECUTIONS, raise_execution);
    if (!f)
        f = change_all(r, COLLECTION_TIMERS, raise_instance);
    if (!f)
        f = change_all(r, COLLECTION_RUNS, change_run);
    return f ? f : db_exec(r->db, "COMMIT");
}

/* ---- files ---- */

static enum fault say(struct arena *a, enum fault f, const char *path, const char *what,
                      struct str *why)
{
    if (f && !str_present(*why))
        *why = arena_strf(a, "%s: %s (%s)", path, what, fault_describe(f)->name);
    return f;
}

static enum fault refuse_backup(struct arena *a, const char *backup, const char *what,
                                struct str *why)
{
    *why = arena_strf(a, "%s %s; nothing was changed: take another backup", backup, what);
    return FAULT_CORRUPT;
}

/* What can be told without SQLite, to which everything that is wrong is the same. */
static enum fault check_backup_file(struct arena *a, const char *backup, struct str *why)
{
    struct stat st;
    struct str wrong;
    bool newer;

    if (access(backup, R_OK) || stat(backup, &st)) {
        *why = arena_strf(a, "%s: %s", backup, strerror(errno));
        return FAULT_NOT_FOUND;
    }
    if (!S_ISREG(st.st_mode))
        return refuse_backup(a, backup,
                             S_ISDIR(st.st_mode) ? "is a folder, and a backup is one file"
                                                 : "is a pipe or a device, and a backup is a file",
                             why);
    if (st.st_size == 0)
        return refuse_backup(a, backup, "is empty", why);
    wrong = schema_header_wrong(a, backup, &newer);
    if (!str_present(wrong) && schema_is_cut_off(backup))
        wrong = STR("was cut off");
    return str_present(wrong) ? refuse_backup(a, backup, wrong.ptr, why) : FAULT_NONE;
}

static enum fault check_backup(struct db *db, struct arena *a, const char *backup, struct str *why)
{
    int64_t application = 0;
    int64_t sound = 0;
    enum fault f = db_int(db, "PRAGMA application_id", &application);

    if (!f && application != SQLITE_APPLICATION_ID)
        return refuse_backup(a, backup, "is a database of another program", why);
    if (!f)
        f = db_int(db, "SELECT integrity_check = 'ok' FROM pragma_integrity_check(1)", &sound);
    return f || sound ? f : FAULT_CORRUPT;
}

/* The backup is read alone; what is made of it is the file that will be put in place. */
static enum fault copy_backup(struct arena *a, const char *backup, const char *copy,
                              struct str *why)
{
    struct db_options reads = {.path = backup, .inspects = true};
    struct db *db = NULL;
    enum fault f = check_backup_file(a, backup, why);

    if (!f)
        f = db_open(&reads, &db, why, a);
    if (!f)
        f = check_backup(db, a, backup, why);
    if (!f)
        f = db_vacuum_into(db, a, copy);
    db_close(db);
    if (f == FAULT_CORRUPT && !str_present(*why))
        return refuse_backup(a, backup, "is damaged", why);
    return say(a, f, backup, "cannot be read as a backup", why);
}

/* So that the audit trail tells of the gap in it. */
static enum fault record_restore(const struct sqlite_options *copy, const struct store_ports *ports,
                                 struct arena *a, struct str *why)
{
    struct sqlite_options options = {
        .path = copy->path, .new_keys = copy->new_keys, .single_threaded = true};
    struct write_set *ws = write_set_new(a);
    struct store *store;
    enum fault f = store_sqlite_open(&options, ports, a, &store, why);

    if (f)
        return f;
    ws_audit(ws, arena_strf(a, "{\"event\":\"restore\",\"at\":%" PRId64 "}",
                            clock_wall_ms(ports->clock)));
    f = store_submit(store, a, ws, NULL);
    store_close(store);
    return f;
}

static enum fault prepare_copy(const struct sqlite_options *copy, const struct store_ports *ports,
                               struct arena *a, struct str *why)
{
    SCOPED(arena_scope_end) struct arena *row = arena_new(0);
    SCOPED(arena_scope_end) struct arena *keys = arena_new(0);
    struct db_options writes = {.path = copy->path.ptr, .writes = true};
    struct restoring r = {.arena = row, .keys = keys};
    enum fault f = schema_prepare(&writes, a, why);

    if (!f)
        f = db_open(&writes, &r.db, why, a);
    if (!f)
        f = change_record(&r);
    db_close(r.db);
    if (!f)
        f = record_restore(copy, ports, a, why);
    return say(a, f, copy->path.ptr, "cannot be prepared", why);
}

static const char *beside(struct arena *a, const char *path, const char *suffix)
{
    return arena_strf(a, "%s%s", path, suffix).ptr;
}

static bool are_one_file(const char *left, const char *right)
{
    struct stat l;
    struct stat r;

    return !stat(left, &l) && !stat(right, &r) && l.st_dev == r.st_dev && l.st_ino == r.st_ino;
}

static enum fault file_gone(const char *path)
{
    return !unlink(path) || errno == ENOENT ? FAULT_NONE : FAULT_STORE_ERROR;
}

static enum fault file_also_as(const char *path, const char *name)
{
    return !link(path, name) || errno == ENOENT ? FAULT_NONE : FAULT_STORE_ERROR;
}

/*
 * What stands in the log of a database goes into its file, which is whole without the log then.
 * FAULT_CORRUPT, and nothing is touched: it is no database, and SQLite might drop the log.
 */
static enum fault fold_log(struct arena *a, const char *path, struct str *why)
{
    struct db_options o = {.path = path, .inspects = true};
    const char *log = beside(a, path, "-wal");
    struct db *db = NULL;
    struct str ignored;
    int64_t busy = 0;
    enum fault f;

    if (files_size(log) <= 0)
        return FAULT_NONE;
    if (files_size(path) <= 0 || schema_check_header(a, path, &ignored))
        return FAULT_CORRUPT;
    f = db_open(&o, &db, why, a);
    if (!f)
        f = db_int(db, "PRAGMA wal_checkpoint(TRUNCATE)", &busy);
    db_close(db);
    if (f || (!busy && files_size(log) <= 0))
        return f;
    *why = arena_strf(a, "%s is being read by another process: try again", path);
    return FAULT_IN_USE;
}

/*
 * The old database under its second name. The log of one that could not be folded comes first:
 * where the database has both names, the copy is whole, also if that was a restore that got no
 * further.
 */
static enum fault keep_old(struct arena *a, const char *path, const char *kept)
{
    enum fault f;

    if (are_one_file(path, kept))
        return FAULT_NONE;
    f = file_gone(kept);
    if (!f)
        f = file_gone(beside(a, kept, "-wal"));
    if (!f)
        f = file_gone(beside(a, kept, "-shm"));
    if (!f && files_size(beside(a, path, "-wal")) > 0)
        f = file_also_as(beside(a, path, "-wal"), beside(a, kept, "-wal"));
    if (!f)
        f = file_also_as(path, kept);
    return f ? f : files_sync_folder_of(a, path);
}

/*
 * At every moment there is the old database with all that was written, or the new one. The log of
 * the old one must not meet the new one, so it goes first: by then it is empty, or of a database
 * that is damaged, and kept.
 */
static enum fault put_in_place(struct arena *a, const char *copy, const char *path, struct str *why)
{
    enum fault f = fold_log(a, copy, why);

    if (f)
        return f;
    f = fold_log(a, path, why);
    if (f && f != FAULT_CORRUPT)
        return say(a, f, path, "its log cannot be folded into it; move both away to do without",
                   why);
    *why = (struct str){0};
    f = keep_old(a, path, beside(a, path, ".before-restore"));
    if (!f && !file_join_folder(copy))
        f = FAULT_STORE_ERROR;
    if (!f)
        f = files_sync(copy);
    if (!f)
        f = file_gone(beside(a, path, "-wal"));
    if (!f)
        f = file_gone(beside(a, path, "-shm"));
    if (!f)
        f = files_sync_folder_of(a, path);
    if (!f && rename(copy, path))
        f = FAULT_STORE_ERROR;
    return f ? f : files_sync_folder_of(a, path);
}

static void remove_copy(struct arena *a, const char *copy)
{
    static const char *const suffixes[] = {"", "-wal", "-shm", ".lock"};

    for (size_t i = 0; i < ARRAY_LEN(suffixes); i++)
        (void)unlink(beside(a, copy, suffixes[i]));
    for (int n = 1; n < STORE_LAYOUT; n++)
        (void)unlink(arena_strf(a, "%s.pre-migration-%d", copy, n).ptr);
}

enum fault store_sqlite_restore(const struct sqlite_options *options, struct str backup,
                                const struct store_ports *ports, struct arena *a, struct str *why)
{
    const char *place = arena_str(a, options->path).ptr;
    struct sqlite_options copy = {.path = arena_strf(a, "%s.restoring", place),
                                  .new_keys = options->new_keys};
    struct data_lock lock;
    enum fault f;

    *why = (struct str){0};
    f = files_lock(a, place, &lock, why);
    if (f)
        return f;
    remove_copy(a, copy.path.ptr);
    f = copy_backup(a, arena_str(a, backup).ptr, copy.path.ptr, why);
    if (!f && !options->new_keys)
        f = store_sqlite_check_keys(a, backup, ports, why);
    if (!f)
        f = prepare_copy(&copy, ports, a, why);
    if (!f)
        f = say(a, put_in_place(a, copy.path.ptr, place, why), place, "cannot be replaced", why);
    remove_copy(a, copy.path.ptr);
    files_unlock(&lock);
    return f;
}
