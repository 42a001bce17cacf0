#ifndef STORE_STORE_INTERNAL_H
#define STORE_STORE_INTERNAL_H

#include <pthread.h>

#include "crypto/digest.h"
#include "store/layout.h"
#include "store/store.h"

/* What the parts of the record keeper share and nobody else sees. */

/* ---- a write-set ---- */

enum write_kind {
    WRITE_PUT,
    WRITE_DELETE,
    WRITE_CHECK,
    WRITE_UPDATE,
    WRITE_CLAIM,   /* a put that only a free claim, or one of the same owner, allows */
    WRITE_RELEASE, /* a delete that leaves a claim alone which somebody else holds by now */
    WRITE_FREE,    /* nothing; allowed where a claim is free */
    WRITE_SETTLE,  /* a claim of that owner and generation becomes HELD; any other stays */
};

struct change {
    size_t attribute;
    bool add;
    struct value value;
};

struct write {
    enum write_kind kind;
    enum collection_id collection;
    const struct layout *layout;
    struct item item; /* what is put; of the other kinds its key alone */
    struct condition conditions[CONDITIONS_MAX];
    size_t conditions_len;
    struct change changes[COLLECTION_ATTRIBUTES_MAX];
    size_t changes_len;
    struct claim claim; /* CLAIM, RELEASE, SETTLE: key, owner, state, label, generation, lease */
    enum fault otherwise;
    bool guards; /* a CHECK that can be made as soon as the claims are taken */
};

struct write_set {
    struct arena *arena;
    struct write *items;
    size_t len;
    size_t cap;
    enum fault fault; /* the first thing that was wrong with a write */
    struct str audit;
    struct str token;
};

/* One more write, zeroed but for those three. */
struct write *ws_add(struct write_set *ws, enum write_kind kind, enum collection_id collection);

/* A copy of a write of another set (whose arena outlives this one). */
void ws_copy(struct write_set *ws, const struct write *w);

/* Fills in the item of a WRITE_CLAIM from its claim. */
void write_encode_claim(struct write_set *ws, struct write *w);

/* The limits of a whole write-set, and each item at most once. */
MUST_CHECK enum fault ws_check_limits(const struct write_set *ws);

/* ---- from writes to effects: what a commit decides, the same for every backend ---- */

/* Where the decision looks: the items as they are at the moment of the commit. */
struct source {
    enum fault (*find)(struct source *s, struct arena *a, enum collection_id collection,
                       const struct item *key, struct item *out);
};

enum effect_kind { EFFECT_PUT, EFFECT_DELETE };

struct effect {
    enum effect_kind kind;
    enum collection_id collection;
    struct item item;
};

struct effects {
    struct effect *items;
    size_t len;
};

struct decision {
    struct source *source;
    struct arena *arena;
    int64_t now_ms;
    struct refusal *why;
};

MUST_CHECK enum fault decide(const struct decision *d, const struct write_set *ws,
                             struct effects *out);

/* ---- a scan: a query with its names resolved ---- */

struct position {
    struct value sort; /* of an index */
    struct str partition;
    struct str key_sort;
};

enum { SCAN_BYTES_MAX = 1 << 20 }; /* of a page, as DynamoDB has it */

struct scan {
    enum collection_id collection;
    const struct layout *layout;
    const struct layout_index *index; /* NULL: by key */
    struct str partition;
    struct str prefix; /* absent: all */
    bool descending;
    size_t limit;
    bool resumes; /* only what comes after `after` */
    struct position after;
};

struct scanned {
    struct item *items;
    size_t len;
    bool more;
};

/* ---- audit ---- */

enum { AUDIT_MAC = SHA256_SIZE };

/* A segment: the chain of one process. Its row is rewritten with every commit that appends. */
struct audit_segment {
    int64_t number; /* 1, 2, ...: without a gap */
    int64_t opened_at;
    int64_t count;
    bool closed;                       /* sealed at a shutdown */
    unsigned char previous[AUDIT_MAC]; /* head of the segment before */
    unsigned char head[AUDIT_MAC];     /* of the last record */
    unsigned char seal[AUDIT_MAC];     /* over all of these */
};

struct audit_record {
    int64_t segment;
    int64_t number; /* 1, 2, ... */
    struct str text;
    unsigned char mac[AUDIT_MAC];
};

/* ---- a backend ---- */

struct store_ops {
    /* FAULT_NOT_FOUND where there is none. */
    enum fault (*get)(struct store *s, struct arena *a, enum collection_id collection,
                      const struct item *key, struct item *out);
    enum fault (*scan)(struct store *s, struct arena *a, const struct scan *scan,
                       struct scanned *out);
    enum fault (*submit)(struct store *s, struct arena *a, const struct write_set *ws,
                         struct refusal *why);
    void (*audit_later)(struct store *s, struct str record);
    void (*audit_stranger)(struct store *s, struct str record);
    /* Everything queued is in the record. */
    enum fault (*audit_flush)(struct store *s);
    enum fault (*audit_segment)(struct store *s, int64_t number, struct audit_segment *out);
    enum fault (*audit_record)(struct store *s, struct arena *a, int64_t segment, int64_t number,
                               struct audit_record *out);
    /* How many segments were ever opened, and the authentication of that number. */
    enum fault (*audit_count)(struct store *s, int64_t *segments, unsigned char mac[AUDIT_MAC]);
    void (*close)(struct store *s);
};

struct reader {
    struct store *store;
};

enum store_key { KEY_PAGE_TOKEN, KEY_AUDIT, STORE_KEYS };

struct store {
    const struct store_ops *ops;
    struct reader reader;
    struct store_ports ports;
    unsigned char keys[STORE_KEYS][32];
    bool audit_anew; /* what was recorded so far is not of this audit key */
    pthread_mutex_t stages_lock;
    struct left_stage *stages_left; /* whose end could not be written yet */
};

void store_init(struct store *s, const struct store_ops *ops, const struct store_ports *ports);

/* The name of a key for the secrets port. */
struct str store_key_name(enum store_key key);
struct str store_key(const struct store *s, enum store_key key);

/* Fetches one from the secrets port, or has it made there. */
MUST_CHECK enum fault store_key_load(struct store *s, enum store_key key);
MUST_CHECK enum fault store_key_make(struct store *s, enum store_key key);

/* ---- page tokens ---- */

struct str page_token_make(const struct store *s, struct arena *a, struct str query,
                           const struct position *at);
MUST_CHECK enum fault page_token_read(const struct store *s, struct arena *a, struct str query,
                                      struct str token, struct position *out);

/* ---- stages ---- */

enum { STAGE_LEASE_MS = 30 * 1000 };

extern const char stage_held[];
extern const char stage_claiming[];
extern const char stage_abandoned[]; /* of an owner row alone: its claims are being given back */

struct str stage_key(struct arena *a, struct str owner, int64_t generation);

/* How a claim row stands, by its own words and, while it is being taken, its owner row's. */
enum standing { STANDS_HELD, STANDS_CLAIMING, STANDS_ABANDONED };

/* `stage` is that of the owner row; absent where there is no such row. */
enum standing claim_standing(const struct claim *row, struct str stage, int64_t now_ms);

/*
 * Whether the claim is to be given back as soon as that can be written. `flipped`: the owner row of
 * the stage that took it is HELD, so it is not to be undone, whatever its flip was answered.
 */
bool stages_give_back(struct store *s, const struct claim *row, bool flipped);

/* At the end of the process: the next one recovers. */
void stages_drop(struct store *s);

/* Ends what a process that died left in the middle: nobody else may be staging. */
MUST_CHECK enum fault stages_recover(struct store *s);

#endif
