#ifndef BASE_FIELD_H
#define BASE_FIELD_H

#include "base/json.h"

/*
 * Field tables: a struct and beside it one constant table. Decode (strict, all faults at once),
 * encode, validation, index columns, OpenAPI and the reference documentation come from it; there
 * are no hand-written (de)serialisers.
 *
 *   struct wave { int64_t wave_number; struct str name; bool pause_before_wave; ... };
 *
 *   static const struct field wave_fields[] = {
 *       F_INT(struct wave, wave_number, "waveNumber", .min = 0, .max = 10000, .help = "..."),
 *       F_STR(struct wave, name, "name", .aliases = "waveName", .max = 128, .help = "..."),
 *       F_BOOL(struct wave, pause_before_wave, "pauseBeforeWave", .help = "..."),
 *       F_END,
 *   };
 *
 * Every row ends with at least one designated member, as a rule `.help`: the macros demand it.
 * What C type belongs to which kind is checked by the macros at compile time. Absence: a str, tags,
 * list or object pointer is absent when its pointer is NULL; a FIELD_TIME of 0 and a FIELD_ENUM of
 * 0 are absent; FIELD_INT, FIELD_REAL and FIELD_BOOL are always there unless `.has` names a bool
 * member (F_HAS) that says so.
 */
enum field_kind {
    FIELD_STR,    /* struct str */
    FIELD_BOOL,   /* bool */
    FIELD_INT,    /* int64_t */
    FIELD_REAL,   /* double */
    FIELD_TIME,   /* int64_t, ms since 1970; RFC 3339 on the wire, epoch seconds under `epoch` */
    FIELD_ENUM,   /* int, index into `names`; 0 is absent */
    FIELD_STRS,   /* struct strs */
    FIELD_INTS,   /* struct ints */
    FIELD_TAGS,   /* struct tags: a JSON object of strings, or AWS's list of key and value */
    FIELD_OBJECT, /* pointer to a struct that `fields` describes */
    FIELD_LIST,   /* LIST_OF(struct that `fields` describes) */
    FIELD_JSON,   /* const struct json *: carried as it is */
};

struct ints {
    int64_t *items;
    size_t len;
};

struct tag {
    struct str key;
    struct str value;
};

/* Sorted by key, keys unique. */
struct tags {
    struct tag *items;
    size_t len;
};

/* A typed list; every instance has the layout of struct list_any. */
#define LIST_OF(type) \
    struct {          \
        type *items;  \
        size_t len;   \
    }

struct list_any {
    void *items;
    size_t len;
};

enum field_flags {
    FIELD_REQUIRED = 1 << 0, /* absent on input: FAULT_MISSING_PARAMETER */
    FIELD_READONLY = 1 << 1, /* only answers carry it: accepted on input and ignored */
    FIELD_SECRET = 1 << 2,   /* masked in audit records and logs */
    FIELD_UNSTORED = 1 << 3, /* not part of the stored document */
    FIELD_INTERNAL = 1 << 4, /* stored, never in an answer, unknown on input */
    FIELD_NULL = 1 << 5,     /* an answer carries null when it is absent */
    FIELD_FOLD = 1 << 6,     /* FIELD_ENUM: accepted in any case */
    FIELD_ONE_NAME = 1 << 7, /* called by its canonical name in the event dialect too */
};

/* A check of one string: what it must be, for the message; a regular expression, for OpenAPI. */
struct field_check {
    const char *what; /* "must be a 12-digit account id" */
    const char *pattern;
    bool (*ok)(struct str s);
};

struct field {
    const char *name;    /* canonical, lowerCamelCase; NULL ends a table */
    const char *aliases; /* other documented spellings, separated by one space: read and answered */
    const char *input_aliases; /* spellings that are read but never answered */
    const char *epoch; /* FIELD_TIME: the spelling that carries epoch seconds, read and answered */
    enum field_kind kind;
    unsigned flags;
    size_t offset;
    size_t has;       /* 1 + offset of the presence bool, or 0 */
    size_t item_size; /* OBJECT, LIST */
    const struct field *fields;
    const char *const *names;        /* ENUM: [0] is unused, NULL ends */
    int64_t min;                     /* INT: value; STR: bytes; STRS, INTS, LIST, TAGS: count */
    int64_t max;                     /* likewise; 0: INT unbounded, others FIELD_DEFAULT_MAX */
    const struct field_check *check; /* STR, and each of STRS */
    const char *help;                /* one line, for people */
};

enum { FIELD_DEFAULT_MAX = 4096 };

/* offsetof, and an error when the member is not of that type. */
#define FIELD_OFFSET(T, member, type) \
    (offsetof(T, member) + 0 * sizeof((type *){&((T *)0)->member}))

#define F_OF(T, member, type, kind_, name_, ...)                                               \
    {                                                                                          \
        .name = (name_), .kind = (kind_), .offset = FIELD_OFFSET(T, member, type), __VA_ARGS__ \
    }

#define F_STR(T, m, n, ...)          F_OF(T, m, struct str, FIELD_STR, n, __VA_ARGS__)
#define F_BOOL(T, m, n, ...)         F_OF(T, m, bool, FIELD_BOOL, n, __VA_ARGS__)
#define F_INT(T, m, n, ...)          F_OF(T, m, int64_t, FIELD_INT, n, __VA_ARGS__)
#define F_REAL(T, m, n, ...)         F_OF(T, m, double, FIELD_REAL, n, __VA_ARGS__)
#define F_TIME(T, m, n, ...)         F_OF(T, m, int64_t, FIELD_TIME, n, __VA_ARGS__)
#define F_STRS(T, m, n, ...)         F_OF(T, m, struct strs, FIELD_STRS, n, __VA_ARGS__)
#define F_INTS(T, m, n, ...)         F_OF(T, m, struct ints, FIELD_INTS, n, __VA_ARGS__)
#define F_TAGS(T, m, n, ...)         F_OF(T, m, struct tags, FIELD_TAGS, n, __VA_ARGS__)
#define F_JSON(T, m, n, ...)         F_OF(T, m, const struct json *, FIELD_JSON, n, __VA_ARGS__)
#define F_ENUM(T, m, n, names_, ...) F_OF(T, m, int, FIELD_ENUM, n, .names = (names_), __VA_ARGS__)
#define F_OBJECT(T, m, n, type, fields_, ...) \
    F_OF(T, m, type *, FIELD_OBJECT, n, .fields = (fields_), .item_size = sizeof(type), __VA_ARGS__)
#define F_LIST(T, m, n, type, fields_, ...)                                                        \
    {                                                                                              \
        .name = (n), .kind = FIELD_LIST,                                                           \
        .offset = offsetof(T, m) + 0 * sizeof((type **){&((T *)0)->m.items}), .fields = (fields_), \
        .item_size = sizeof(type), __VA_ARGS__                                                     \
    }
#define F_HAS(T, member) .has = 1 + FIELD_OFFSET(T, member, bool)
#define F_END        \
    {                \
        .name = NULL \
    }

/* What the event dialect calls it: the first alias, if there is one, unless FIELD_ONE_NAME. */
struct str field_event_name(const struct field *f);

/* ---- decoding ---- */

/*
 * Two spellings of one field that differ, after conversion. Where the caller yields to the stored
 * value (update, import), it compares the candidates itself: contract §3.
 */
struct field_conflict {
    const struct field *field;
    void *object; /* the struct that holds the field; the canonical spelling's value is in it */
    struct str path;
    struct str other_name;
    const struct json *other;
    struct field_conflict *next;
};

struct field_decoding {
    struct arena *arena;
    struct faults *faults;
    struct faults *unknown; /* of members that nobody asked for; NULL: among the others */
    bool text_values; /* "true" and "7" are accepted for booleans and numbers (query containers) */
    bool stored;      /* our own document: canonical spellings only, unknown members ignored, */
                      /* FIELD_INTERNAL read, FIELD_READONLY read, nothing required */
    bool ignore_unknown;
    bool prefer_alias; /* "missing" faults say field_event_name (the event dialect) */
    struct field_conflict **conflicts; /* NULL: differing spellings are faults */
};

/*
 * Fills `out`, zeroed by the caller, from the object `in`. All faults of the walk are collected:
 * FAULT_MISSING_PARAMETER and FAULT_INVALID_PARAMETER with the path of the field. Returns the first
 * one's code. Strings in `out` are views into `in`.
 */
MUST_CHECK enum fault field_decode(const struct field_decoding *d, const struct field *table,
                                   const struct json *in, void *out);

/* Parses text of our own making (a stored document). FAULT_CORRUPT when it is not that. */
MUST_CHECK enum fault field_decode_stored(struct arena *a, const struct field *table,
                                          struct str text, void *out);

/* One field from one value: conversion and checks as field_decode has them. */
MUST_CHECK enum fault field_decode_value(const struct field_decoding *d, const struct field *f,
                                         struct str path, const struct json *value, void *object);

/* ---- encoding ---- */

enum field_view {
    FIELD_VIEW_STORED, /* canonical spellings, everything but FIELD_UNSTORED */
    FIELD_VIEW_ANSWER, /* every documented spelling, everything but FIELD_INTERNAL */
    FIELD_VIEW_MASKED, /* canonical spellings, secrets as "***": audit records */
};

/* The members of `in`, without the braces: so that an answer can add more. */
void field_encode_members(struct json_writer *w, const struct field *table, const void *in,
                          enum field_view view);
void field_encode(struct json_writer *w, const struct field *table, const void *in,
                  enum field_view view);
struct str field_text(struct arena *a, const struct field *table, const void *in,
                      enum field_view view);

/* ---- looking at tables ---- */

/* Whether the field is there in `object`. */
bool field_present(const struct field *f, const void *object);

/* The field with that canonical name, or NULL. */
const struct field *field_find(const struct field *table, struct str name);

/* The field that reads this spelling (name, alias, epoch), or NULL. */
const struct field *field_find_spelling(const struct field *table, struct str spelling);

/* The spelling nearest to a misspelt one (edit distance up to a third of it), or absent. */
struct str field_nearest(const struct field *table, struct str spelling);

/* A string or enumeration value of `object` as text; others absent: for index columns. */
struct str field_get_text(const struct field *f, const void *object);

/* A deep copy of what is stored of `in` (no FIELD_UNSTORED) into the zeroed `out`, all from `a`. */
void field_copy(struct arena *a, const struct field *table, const void *in, void *out);

/* Index of the name in an enumeration's names, or 0. */
int field_enum_of(const char *const *names, struct str name);

struct str tags_get(const struct tags *t, struct str key);

#endif
