#ifndef STORE_SQLITE_INTERNAL_H
#define STORE_SQLITE_INTERNAL_H

#include <pthread.h>
#include <sqlite3.h>

#include "store/audit_chain.h"

/* What the files of the SQLite backend share. */

enum { SQLITE_APPLICATION_ID = 0x64727776 }; /* "drwv" */

/* Statements whose text does not depend on a collection. */
enum fixed_statement {
    SQL_BEGIN,
    SQL_COMMIT,
    SQL_SAVEPOINT,
    SQL_RELEASE,
    SQL_ROLLBACK_TO,
    SQL_TOKEN_GET,
    SQL_TOKEN_PUT,
    SQL_TOKEN_EXPIRE,
    SQL_AUDIT_PUT,
    SQL_AUDIT_GET,
    SQL_SEGMENT_PUT,
    SQL_SEGMENT_GET,
    SQL_TOTAL_PUT,
    SQL_TOTAL_GET,
    SQL_FIXED_COUNT
};

enum { SCAN_RESUMES = 1, SCAN_PREFIX = 2, SCAN_DESCENDING = 4, SCAN_VARIANTS = 8 };

/* A connection and its statements, each prepared when it is first needed. One thread at a time. */
struct db {
    struct db *next; /* among the idle readers */
    sqlite3 *handle;
    sqlite3_stmt *fixed[SQL_FIXED_COUNT];
    sqlite3_stmt *get[COLLECTION_COUNT];
    sqlite3_stmt *put[COLLECTION_COUNT];
    sqlite3_stmt *remove[COLLECTION_COUNT];
    sqlite3_stmt *expire[COLLECTION_COUNT];
    sqlite3_stmt *scan[COLLECTION_COUNT][COLLECTION_INDEXES_MAX + 1][SCAN_VARIANTS];
};

struct db_options {
    const char *path;
    const char *vfs;
    bool writes;
    bool served_before; /* as in struct sqlite_options */
    bool inspects;      /* leaves the files as they are, whatever it finds in them */
};

MUST_CHECK enum fault sqlite_fault(sqlite3 *handle, int rc);

/* ---- sqlite_db.c: connections, statements, rows ---- */

MUST_CHECK enum fault db_open(const struct db_options *options, struct db **out, struct str *why,
                              struct arena *a);
void db_close(struct db *db); /* NULL is allowed */

MUST_CHECK enum fault db_exec(struct db *db, const char *sql);
MUST_CHECK enum fault db_int(struct db *db, const char *sql, int64_t *out);
MUST_CHECK enum fault db_fixed(struct db *db, enum fixed_statement which, sqlite3_stmt **out);

/* One step of a statement that returns no row; reset afterwards. */
MUST_CHECK enum fault db_run(struct db *db, sqlite3_stmt *s);
MUST_CHECK enum fault db_run_fixed(struct db *db, enum fixed_statement which);

/* Ends the transaction, if there is one, without a trace. */
void db_abandon(struct db *db);

/* *row: there is one, and it may be read until the statement is reset. */
MUST_CHECK enum fault db_step(struct db *db, sqlite3_stmt *s, bool *row);

/* A consistent copy into a new file of mode 0600, on the disk when it returns. */
MUST_CHECK enum fault db_vacuum_into(struct db *db, struct arena *a, const char *file);

void bind_text(sqlite3_stmt *s, int at, struct str text);
void bind_blob(sqlite3_stmt *s, int at, const void *bytes, size_t n);
struct str column_text(struct arena *a, sqlite3_stmt *s, int at);
bool column_mac(sqlite3_stmt *s, int at, unsigned char out[AUDIT_MAC]);

MUST_CHECK enum fault db_get(struct db *db, struct arena *a, enum collection_id collection,
                             const struct item *key, struct item *out);
MUST_CHECK enum fault db_put(struct db *db, enum collection_id collection, const struct item *item);
MUST_CHECK enum fault db_delete(struct db *db, enum collection_id collection,
                                const struct item *key);
/* Deletes rows that have expired by then; a bounded number at once. */
MUST_CHECK enum fault db_expire(struct db *db, enum collection_id collection, int64_t now_ms);
MUST_CHECK enum fault db_scan(struct db *db, struct arena *a, const struct scan *scan,
                              struct scanned *out);

/* ---- sqlite_audit.c ---- */

MUST_CHECK enum fault db_audit_segment(struct db *db, int64_t number, struct audit_segment *out);
/* Whose segment and number are given. */
MUST_CHECK enum fault db_audit_record(struct db *db, struct arena *a, struct audit_record *r);
MUST_CHECK enum fault db_audit_count(struct db *db, int64_t *segments,
                                     unsigned char mac[AUDIT_MAC]);

/* ---- sqlite_keys.c ---- */

struct keying {
    struct store *store;
    struct arena *arena;
    const char *path;
    bool new_keys; /* may be made for a database that is there */
    bool existed;
    bool made[STORE_KEYS];
    int64_t segments;
    struct str *why;
};

/* Before the database is looked at or made: the keys are there, or are made for one that is new. */
MUST_CHECK enum fault keys_load(struct keying *k);

/* With the database open, before anything is written to it: they are its own. */
MUST_CHECK enum fault keys_fit(struct keying *k, struct db *db);

/* With the store open: the audit says that they are new. */
MUST_CHECK enum fault keys_record(struct keying *k);

/* ---- sqlite_sql.c: statements from the collection table ---- */

struct str sql_table_name(struct arena *a, const struct collection *c);
struct str sql_create_table(struct arena *a, const struct layout *l);
struct str sql_create_index(struct arena *a, const struct layout *l,
                            const struct layout_index *index);
struct str sql_get(struct arena *a, const struct layout *l);
struct str sql_put(struct arena *a, const struct layout *l);
struct str sql_delete(struct arena *a, const struct layout *l);
/* So many of those that have expired, the oldest first. */
struct str sql_expire(struct arena *a, const struct layout *l);
struct str sql_scan(struct arena *a, const struct layout *l, const struct layout_index *index,
                    unsigned variant);

/* ---- sqlite_schema.c ---- */

/*
 * Before anything is opened: why the bytes at that path cannot be a database of ours, as what
 * follows its name in a sentence. Absent: they can, or there are none. *newer: of another version.
 */
struct str schema_header_wrong(struct arena *a, const char *path, bool *newer);

/* Whether a database whose header is sound ends before its last page does: SQLite takes what is
 * missing of that page for zeros. */
bool schema_is_cut_off(const char *path);

/* The same as schema_header_wrong, of a record that is to be used. */
MUST_CHECK enum fault schema_check_header(struct arena *a, const char *path, struct str *why);

/* The same, and that no record has been emptied. Before anything is made beside the file. */
MUST_CHECK enum fault schema_check_file(const struct db_options *options, struct arena *a,
                                        struct str *why);

/* Creates or migrates; anything else than a sound database of ours is refused. */
MUST_CHECK enum fault schema_prepare(const struct db_options *options, struct arena *a,
                                     struct str *why);

/* Every statement that makes a database of the current layout. */
struct str schema_text(struct arena *a);

/* ---- sqlite_commit.c ---- */

struct request {
    struct request *next;
    const struct write_set *ws;
    struct arena *arena;
    struct refusal *why;
    enum fault fault;
    bool done;
    pthread_cond_t answered;
};

/* Audit records of reads, each of its own allocation. */
struct audit_queue {
    struct str *records;
    size_t len;
    size_t bytes;
};

/* Records that are not written: how many, and how many of them were of strangers. */
struct audit_loss {
    int64_t records;
    int64_t strangers;
};

struct group {
    struct request *first;
    const struct audit_queue *audit;
    struct audit_loss lost;
    bool closing; /* the last one: the audit segment is closed */
};

struct committer {
    struct store *store;
    struct db *db;
    struct source source;
    struct audit_chain chain;
    unsigned tokens_since_sweep;
    unsigned puts_since_sweep[COLLECTION_COUNT]; /* of rows that expire */
};

void committer_init(struct committer *c, struct store *s, struct db *db);

/* Every request has its fault afterwards; the answer is that of the commit. */
MUST_CHECK enum fault commit_group(struct committer *c, const struct group *g);

/* ---- sqlite_writer.c ---- */

struct writer;

struct writer *writer_new(struct store *s, struct db *db, bool single_threaded);
MUST_CHECK enum fault writer_start(struct writer *w);
MUST_CHECK enum fault writer_submit(struct writer *w, struct arena *a, const struct write_set *ws,
                                    struct refusal *why);
void writer_audit_later(struct writer *w, struct str record);
void writer_audit_stranger(struct writer *w, struct str record);

/* Finishes what is queued and seals the audit segment. NULL is allowed; the connection stays. */
void writer_free(struct writer *w);

/* ---- sqlite_files.c ---- */

/*
 * Who owns a data directory: a file beside the database, which is there first, and the database,
 * which nobody removes by mistake. -1: not held.
 */
struct data_lock {
    int file;
    int database;
};
#define NO_DATA_LOCK ((struct data_lock){-1, -1})

/* Takes both, or the first where the database is still to be made. FAULT_IN_USE. */
MUST_CHECK enum fault files_lock(struct arena *a, const char *path, struct data_lock *lock,
                                 struct str *why);
/* The other, once it is made. */
MUST_CHECK enum fault files_lock_database(struct arena *a, const char *path, struct data_lock *lock,
                                          struct str *why);
/* Not before the database is closed: SQLite's own locks would go with ours. */
void files_unlock(struct data_lock *lock);

/*
 * The same file by a name without links: those to its folder are followed, the one that may stand
 * in its own place only where the folder is the caller's.
 */
const char *files_resolved(struct arena *a, const char *path);

MUST_CHECK enum fault files_sync(const char *path);

/* In bytes; -1 when there is no such file. */
int64_t files_size(const char *path);
MUST_CHECK enum fault files_sync_folder_of(struct arena *a, const char *path);

#endif
