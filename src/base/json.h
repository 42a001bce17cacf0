#ifndef BASE_JSON_H
#define BASE_JSON_H

#include "base/buf.h"
#include "base/fault.h"

/*
 * JSON as a tree in an arena, and a streaming writer. Strict: UTF-8 only, duplicate keys, NUL
 * characters, trailing text, NaN and integers beyond 64 bits are refused. Limits are checked by a
 * linear scan before anything is allocated.
 */
enum {
    JSON_DEPTH_MAX = 64,
    JSON_TEXT_MAX = 6 << 20, /* Lambda's payload limit */
    JSON_VALUES_MAX = 100000,
    JSON_MEMBERS_MAX = 1000, /* of one object */
};

enum json_kind { JS_NULL, JS_BOOL, JS_INT, JS_REAL, JS_STR, JS_ARRAY, JS_OBJECT };

struct json_member;

struct json {
    enum json_kind kind;
    bool boolean;
    int64_t integer;
    double real;
    struct str string; /* NUL-terminated after its len bytes */
    size_t len;        /* of an array or object */
    struct json *items;
    struct json_member *members; /* in the order of the text */
};

struct json_member {
    struct str name;
    struct json value;
};

struct json_limits {
    size_t text_max;
    size_t values_max;
    size_t members_max;
};

/* FAULT_TOO_LARGE for a breached limit, FAULT_INVALID_PARAMETER for bad text; *why explains. */
MUST_CHECK enum fault json_parse(struct arena *a, struct str text, const struct json **out,
                                 struct str *why);

/* The same with other limits (an answer of AWS may be larger than a request of ours). */
MUST_CHECK enum fault json_parse_limited(struct arena *a, struct str text,
                                         const struct json_limits *limits, const struct json **out,
                                         struct str *why);

/* NULL when v is NULL, no object, or has no such member. */
const struct json *json_get(const struct json *v, struct str name);
const struct json *json_get_z(const struct json *v, const char *name);

/* The value, or the fallback when v is NULL or of another kind. */
struct str json_str(const struct json *v);
int64_t json_int(const struct json *v, int64_t fallback);
bool json_bool(const struct json *v, bool fallback);

/* A JS_REAL or JS_INT as a double. */
double json_number(const struct json *v, double fallback);

static inline bool json_is(const struct json *v, enum json_kind kind)
{
    return v && v->kind == kind;
}

/* Deep equality; members in any order; 1 and 1.0 differ. */
bool json_eq(const struct json *a, const struct json *b);

/* "an object", "a string", ...: for messages. */
const char *json_kind_name(enum json_kind kind);

/*
 * Streaming writer. Commas and escapes are its business; balance is the caller's and is asserted.
 * Output is compact; text that is not UTF-8 is written with U+FFFD in the place of each bad byte.
 */
struct json_writer {
    struct buf *out;
    unsigned depth;
    bool comma;
    bool after_name;
};

struct json_writer json_writer_to(struct buf *out);
void json_begin_object(struct json_writer *w);
void json_end_object(struct json_writer *w);
void json_begin_array(struct json_writer *w);
void json_end_array(struct json_writer *w);
void json_name(struct json_writer *w, struct str name);
void json_put_str(struct json_writer *w, struct str s); /* absent: null */
void json_put_int(struct json_writer *w, int64_t i);
void json_put_real(struct json_writer *w, double d); /* NaN and infinities: null */
void json_put_bool(struct json_writer *w, bool b);
void json_put_null(struct json_writer *w);
void json_put(struct json_writer *w, const struct json *v); /* NULL: null */

/* Text that is JSON already; the caller vouches for it. */
void json_put_raw(struct json_writer *w, struct str text);

/* name + value in one call. */
void json_member_str(struct json_writer *w, const char *name, struct str s);
void json_member_int(struct json_writer *w, const char *name, int64_t i);
void json_member_bool(struct json_writer *w, const char *name, bool b);

/* The compact text of v. */
struct str json_text(struct arena *a, const struct json *v);

#endif
