#ifndef STORE_STORE_H
#define STORE_STORE_H

#include "base/ports.h"
#include "store/reader.h"

/*
 * The record keeper. Its interface is what DynamoDB can do and nothing else: get, query, and
 * submit, up to 100 conditional writes, all or nothing, durable when it returns. Reads happen
 * outside; every assumption travels as a condition. Limits hold for every backend.
 */
enum {
    STORE_WRITES_MAX = 100,
    STORE_ITEM_MAX = 400 << 10, /* bytes of one item: key, attributes and document */
    STORE_SUBMIT_MAX = 4 << 20, /* bytes of one write-set */
    STORE_TOKEN_MAX = 36,       /* of an idempotency token */
};

struct store; /* embeds a struct reader: see store_reader */

struct reader *store_reader(struct store *s);

/* ---- a write-set ---- */

/* What a write assumes of the item as it is at the moment of the commit. */
enum condition_kind {
    IF_ABSENT,         /* there is none */
    IF_PRESENT,        /* there is one */
    IF_INT,            /* its integer attribute compares so */
    IF_TEXT,           /* its text attribute equals */
    IF_TEXT_NOT,       /* its text attribute differs, or is absent */
    IF_ABSENT_OR_TEXT, /* there is none, or its text attribute equals (a claim of the same owner) */
    IF_ABSENT_OR_BEFORE, /* there is none, or its integer attribute is smaller (an expired lease) */
};

enum compare { COMPARE_EQ, COMPARE_LT, COMPARE_LE, COMPARE_GT, COMPARE_GE };

struct condition {
    enum condition_kind kind;
    const char *attribute;
    enum compare compare;
    int64_t integer;
    struct str text;
    enum fault fault; /* what the refusal is called when this does not hold */
};

enum { CONDITIONS_MAX = 4 };

struct write_set;

/* In `a`; nothing happens until it is submitted; never freed. */
struct write_set *write_set_new(struct arena *a);
size_t write_set_len(const struct write_set *ws);

/*
 * Each adds one write and returns its number, by which ws_if adds conditions (all must hold; at
 * most CONDITIONS_MAX). `entity` is the collection's struct and is encoded at once. An item may
 * occur once in a write-set.
 */
size_t ws_put(struct write_set *ws, enum collection_id collection, const void *entity);
size_t ws_delete(struct write_set *ws, enum collection_id collection, struct str partition,
                 struct str sort);

/* A condition on an item that is not changed. */
size_t ws_check(struct write_set *ws, enum collection_id collection, struct str partition,
                struct str sort);

/* Changes attributes in place and leaves the document; the item must exist (else FAULT_NOT_FOUND).
 */
size_t ws_update(struct write_set *ws, enum collection_id collection, struct str partition,
                 struct str sort);
void ws_set_int(struct write_set *ws, size_t write, const char *attribute, int64_t value);
void ws_set_text(struct write_set *ws, size_t write, const char *attribute, struct str value);
void ws_add_int(struct write_set *ws, size_t write, const char *attribute, int64_t delta);

void ws_if(struct write_set *ws, size_t write, struct condition c);
void ws_if_absent(struct write_set *ws, size_t write, enum fault otherwise);
void ws_if_present(struct write_set *ws, size_t write, enum fault otherwise);
void ws_if_int(struct write_set *ws, size_t write, const char *attribute, int64_t equals,
               enum fault otherwise);
void ws_if_text(struct write_set *ws, size_t write, const char *attribute, struct str equals,
                enum fault otherwise);

/* The audit record of this change: in the same commit or not at all. Compact JSON object text. */
void ws_audit(struct write_set *ws, struct str record);

/* The same token within 10 minutes: the first submit's success is answered again, not repeated. */
void ws_token(struct write_set *ws, struct str token);

/* ---- claims: rows whose key is the thing that must be unique or exclusive ---- */

struct claim {
    struct str key;   /* "group-name#web", "server#<account>#<region>#<id>", "running-plan#<id>" */
    struct str owner; /* the entity that holds it */
    struct str state; /* HELD, or CLAIMING while a staged claim is being taken */
    struct str label; /* for refusals: the holder's name; free text */
    int64_t generation;  /* of the stage that took it; 0: taken in one commit */
    int64_t lease_until; /* CLAIMING: wall ms after which others may take it over */
    /* Of an owner row ("stage#<owner>#<generation>") alone: what the stage takes and gives back. */
    struct str stage; /* as `state`; absent in claims proper */
    struct strs claims;
    struct strs releases;
};
extern const struct field claim_fields[];

/* A single document by name (COLLECTION_SETTINGS). */
struct setting {
    struct str name;
    int64_t revision;
    const struct json *value;
};
extern const struct field setting_fields[];

/* Taken in the same commit: refused with `otherwise` unless absent, or held by this owner already.
 */
void ws_claim(struct write_set *ws, struct str key, struct str owner, struct str label,
              enum fault otherwise);

/*
 * A condition on a claim that is not changed: it is free. That there is none, or that it was being
 * taken by one who died, gave up, or whose lease has passed; that one, if he is only slow, will
 * find his stage gone.
 */
void ws_if_free(struct write_set *ws, struct str key, enum fault otherwise);

/*
 * As ws_check, of an item that nobody changes but under ws_if_free of a claim which this write-set
 * takes. However many there are, store_commit checks them while the claims are held.
 */
size_t ws_guard(struct write_set *ws, enum collection_id collection, struct str partition);

/* Given back in the same commit; a claim that somebody else holds by now stays with them. */
void ws_release(struct write_set *ws, struct str key, struct str owner);

/* The claim as it stands; FAULT_NOT_FOUND where it is free, in the same sense. `now_ms`: wall. */
MUST_CHECK enum fault claim_read(struct reader *r, struct arena *a, struct str key, int64_t now_ms,
                                 struct claim *out);

/* ---- submit ---- */

/* Why a submit was refused: which write, and what stands there now. */
struct refusal {
    enum fault fault;
    size_t write;
    enum collection_id collection;
    struct str partition;
    struct str sort;
    struct str owner; /* of a claim: who holds it, and its label */
    struct str label;
};

/*
 * All or nothing. FAULT_NONE: durable. A condition's own fault: *why says which (memory in `a`).
 * FAULT_TOO_LARGE, FAULT_STORE_FULL (no space left: nothing was changed), FAULT_UNAVAILABLE (the
 * writer's queue is full), FAULT_STORE_ERROR.
 */
MUST_CHECK enum fault store_submit(struct store *s, struct arena *a, const struct write_set *ws,
                                   struct refusal *why);

/*
 * As store_submit, also for more than STORE_WRITES_MAX claims and releases: they are staged. The
 * owner's row goes CLAIMING(generation), batches of claims follow, each conditional; one submit of
 * everything that is not a claim flips the owner to HELD; releases of the old come last. A crash
 * leaves either nothing visible or claims that expire with their lease and may be taken over. What
 * could not be undone or given back, on a disk that was full, counts as it should at once and is
 * done with the next store_commit.
 */
MUST_CHECK enum fault store_commit(struct store *s, struct arena *a, const struct write_set *ws,
                                   struct refusal *why);

/* ---- audit ---- */

/* The record of a successful read: written with the next commit or within 200 ms; when the queue is
 * full the caller waits for the next commit. */
void store_audit_later(struct store *s, struct str record);

/*
 * The record of a call by somebody who has not been verified: queued likewise, but never waited
 * for, and only so many a second, or strangers could fill the disk with it. Those beyond are
 * counted, and a record of their number is written in their place. A backend without a queue takes
 * all.
 */
enum { STORE_STRANGERS_BURST = 256, STORE_STRANGERS_PER_S = 10 };
void store_audit_stranger(struct store *s, struct str record);

struct audit_report {
    bool ok;
    int64_t records;
    int64_t segments;
    /* Before the latest `new-keys`: the key is lost, so neither proven nor refuted. */
    int64_t unproven_records;
    int64_t unproven_segments;
    struct str first_bad; /* "segment 3, record 17: its HMAC does not match", or absent */
};

/* Walks every segment; reports the first bad record and a missing tail. */
MUST_CHECK enum fault store_audit_verify(struct store *s, struct arena *a,
                                         struct audit_report *out);

/* Newest first, for list_audit_logs: records as stored text; `token` as in struct query. */
MUST_CHECK enum fault store_audit_read(struct store *s, struct arena *a, size_t limit,
                                       struct str token, struct strs *records, struct str *next);

/* ---- life ---- */

/* An item whose stored form nobody can read: what asked for it has FAULT_CORRUPT. */
struct store_damage {
    const char *collection;
    struct str partition;
    struct str sort; /* empty where the collection has one key */
};

struct store_ports {
    struct clock *clock;
    struct entropy *entropy;
    struct secrets *secrets;                            /* "audit-hmac", "page-token" */
    void (*damaged)(const struct store_damage *damage); /* from any thread; NULL: nobody looks */
};

/* Flushes what is queued, seals the audit segment, checkpoints, frees. NULL is allowed. */
void store_close(struct store *s);

/* The strict one, for tests: index queries lag behind by up to `lag` commits, seeded. */
struct store *store_memory_new(const struct store_ports *ports, uint64_t seed, unsigned lag);

struct sqlite_options {
    struct str path;
    bool single_threaded; /* no writer thread: submit commits itself (the one-thread drill) */
    const char *vfs;      /* NULL: the system's; tests name their own */
    bool new_keys;        /* go on with new ones where the record's own are lost; see below */
    bool served_before;   /* an empty file is not what a first start has left: it is damaged */
};

/*
 * Opens or creates, migrates forward (after a copy `pre-migration-N`), recovers. A corrupt or newer
 * database is FAULT_CORRUPT and is left untouched; one that another process has open is
 * FAULT_IN_USE; *why says what to do.
 *
 * Keys are made with the database and never again: one whose keys are missing, or whose audit was
 * written with others, is refused too (FAULT_NOT_FOUND, FAULT_CORRUPT). With `new_keys` it is gone
 * on with: a new chain of audit records begins, its first record says so, and what was recorded
 * before is from then on unproven.
 */
MUST_CHECK enum fault store_sqlite_open(const struct sqlite_options *options,
                                        const struct store_ports *ports, struct arena *a,
                                        struct store **out, struct str *why);

/* A consistent copy of the database at `path`, while serving or not, by any process. The file must
 * not exist. */
MUST_CHECK enum fault store_sqlite_backup(struct arena *a, struct str path, struct str file,
                                          struct str *why);

/*
 * FAULT_NONE: the database at `path` can be opened with these keys; FAULT_NOT_FOUND, FAULT_CORRUPT
 * as for opening. Whether it is being served or not; changes nothing.
 */
MUST_CHECK enum fault store_sqlite_check_keys(struct arena *a, struct str path,
                                              const struct store_ports *ports, struct str *why);

/*
 * Puts a backup in the place of the database at options->path (not open anywhere): checks it and
 * the keys first, raises the epoch of every execution that has not ended, and marks unfinished
 * intents for reconciliation.
 */
MUST_CHECK enum fault store_sqlite_restore(const struct sqlite_options *options, struct str backup,
                                           const struct store_ports *ports, struct arena *a,
                                           struct str *why);

#endif
