#ifndef BASE_STR_H
#define BASE_STR_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

/*
 * A view of bytes that somebody else owns. Passed by value, never NUL-terminated by promise, never
 * freed. Owned text lives in an arena; growing text lives in a struct buf. ptr == NULL means
 * "absent", which is not the same as empty.
 */
struct str {
    const char *ptr;
    size_t len;
};

/* A list of views; items live wherever the list was made, as a rule in an arena. */
struct strs {
    struct str *items;
    size_t len;
};

#define STR(literal) ((struct str){"" literal "", sizeof(literal) - 1})
#define STR_INIT(literal)                  \
    {                                      \
        "" literal "", sizeof(literal) - 1 \
    }

/* For a printf: an absent text prints as an empty one. */
static inline const char *str_printable(struct str s)
{
    return s.ptr ? s.ptr : "";
}

/* printf("group " STR_FMT "\n", STR_ARG(id)) */
#define STR_FMT    "%.*s"
#define STR_ARG(s) (int)(s).len, str_printable(s)

static inline struct str str_from_z(const char *z)
{
    return z ? (struct str){z, strlen(z)} : (struct str){0};
}

static inline bool str_present(struct str s)
{
    return s.ptr != NULL;
}

static inline bool str_empty(struct str s)
{
    return s.len == 0;
}

static inline bool str_eq(struct str a, struct str b)
{
    return a.len == b.len && (a.len == 0 || memcmp(a.ptr, b.ptr, a.len) == 0);
}

static inline bool str_eq_z(struct str a, const char *z)
{
    return str_eq(a, str_from_z(z));
}

/* Byte order, a prefix before the longer text: the order of canonical query strings and keys. */
int str_cmp(struct str a, struct str b);

/* ASCII letters folded; other bytes compared as they are. */
bool str_eq_fold(struct str a, struct str b);

bool str_starts(struct str s, struct str prefix);
bool str_ends(struct str s, struct str suffix);
bool str_contains(struct str s, struct str needle);

/* Bytes [from, to) of s; both are clamped to its length. */
struct str str_slice(struct str s, size_t from, size_t to);

/* Without leading and trailing blanks, tabs, CR and LF. */
struct str str_trim(struct str s);

/* Index of the first c, or -1. */
ptrdiff_t str_find(struct str s, char c);

/*
 * Cuts the part before the first `sep` off *rest and returns it; *rest is what follows, absent
 * (ptr == NULL) once nothing is left. Loop: while (str_present(rest)) part = str_cut(&rest, ',');
 */
struct str str_cut(struct str *rest, char sep);

/* Decimal with an optional minus sign, the whole text, in range; *out is written on success only.
 */
bool str_to_i64(struct str s, int64_t *out);

/* "true" or "false", in any case. */
bool str_to_bool(struct str s, bool *out);

/* Well-formed UTF-8 without surrogates and overlong forms (RFC 3629). */
bool str_is_utf8(struct str s);

/* How many bytes the character at `at` (< s.len) has; 0: there is none. */
size_t str_utf8_at(struct str s, size_t at);

/* `*` and `?` wildcards, a backslash escapes; case-sensitive (EC2's filter semantics). */
bool str_glob(struct str pattern, struct str text);

/* Edits (insert, delete, replace one byte) from a to b; 64 when either is longer than 64 bytes. */
size_t str_distance(struct str a, struct str b);

bool strs_have(struct strs list, struct str s);

#endif
