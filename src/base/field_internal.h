#ifndef BASE_FIELD_INTERNAL_H
#define BASE_FIELD_INTERNAL_H

#include "base/field.h"

/* field_decode.c: the members of one object; `path` is where it stands. */
enum fault field_decode_members(const struct field_decoding *d, const struct field *table,
                                struct str path, const struct json *in, void *out);

/* Where the field's value lies in an object. */
static inline void *field_at(const struct field *f, void *object)
{
    return (char *)object + f->offset;
}

static inline const void *field_at_const(const struct field *f, const void *object)
{
    return (const char *)object + f->offset;
}

/* Lists of any element type are read and written as bytes: no aliasing. */
static inline struct list_any field_list(const struct field *f, const void *object)
{
    struct list_any list;

    memcpy(&list, field_at_const(f, object), sizeof(list));
    return list;
}

static inline void field_set_list(const struct field *f, void *object, struct list_any list)
{
    memcpy(field_at(f, object), &list, sizeof(list));
}

static inline void *field_object(const struct field *f, const void *object)
{
    void *p;

    memcpy(&p, field_at_const(f, object), sizeof(p));
    return p;
}

static inline void field_set_object(const struct field *f, void *object, const void *p)
{
    memcpy(field_at(f, object), &p, sizeof(p));
}

static inline int64_t field_int(const struct field *f, const void *object)
{
    int64_t v;

    memcpy(&v, field_at_const(f, object), sizeof(v));
    return v;
}

static inline struct str field_str(const struct field *f, const void *object)
{
    struct str s;

    memcpy(&s, field_at_const(f, object), sizeof(s));
    return s;
}

static inline int field_enum(const struct field *f, const void *object)
{
    int v;

    memcpy(&v, field_at_const(f, object), sizeof(v));
    return v;
}

/* The next word of a space-separated list of spellings; absent at the end. */
static inline struct str field_next_spelling(struct str *rest)
{
    return str_present(*rest) ? str_cut(rest, ' ') : (struct str){0};
}

#endif
