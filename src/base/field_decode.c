/* One object: every spelling of every field, then what nobody asked for. */
#include "base/field_internal.h"
#include "base/panic.h"

enum { SPELLINGS_MAX = 10 };

struct spelling {
    struct str name;
    const struct json *value;
};

/* Where a field's first spelling was read to. */
struct reading {
    struct str base;       /* path of the object */
    struct str first_name; /* the spelling */
    void *object;
};

/* Nobody reads where a stored document is wrong: FAULT_CORRUPT is all that is said of it. */
static struct str join_path(const struct field_decoding *d, struct str path, struct str name)
{
    if (str_empty(path) || d->stored)
        return name;
    return arena_strf(d->arena, STR_FMT "." STR_FMT, STR_ARG(path), STR_ARG(name));
}

static size_t find_spellings(const struct json *in, const char *names, struct spelling *out,
                             size_t n)
{
    struct str rest = str_from_z(names);

    while (str_present(rest)) {
        struct str name = field_next_spelling(&rest);
        const struct json *v = json_get(in, name);

        if (v && v->kind != JS_NULL) {
            REQUIRE(n < SPELLINGS_MAX);
            out[n++] = (struct spelling){name, v};
        }
    }
    return n;
}

/* The canonical spelling comes first. null is absence, under any of them. */
static size_t spellings_of(const struct field_decoding *d, const struct field *f,
                           const struct json *in, struct spelling *out)
{
    size_t n = find_spellings(in, f->name, out, 0);

    if (d->stored)
        return n;
    n = find_spellings(in, f->aliases, out, n);
    n = find_spellings(in, f->input_aliases, out, n);
    return find_spellings(in, f->epoch, out, n);
}

/* Compared in encoded form: an epoch equals its RFC 3339, members may come in any order. */
static bool same_value(struct arena *a, const struct field *f, const void *object,
                       const struct field *bare, const void *scratch)
{
    const struct field left[2] = {*bare, F_END};
    struct field right[2] = {*f, F_END};

    right[0].flags = bare->flags;
    return str_eq(field_text(a, left, scratch, FIELD_VIEW_STORED),
                  field_text(a, right, object, FIELD_VIEW_STORED));
}

/*
 * A second spelling of a field that `object` holds already. A disagreement inside of it is one
 * about the whole: the caller decodes the other value again, where it has something to compare
 * with.
 */
static enum fault check_other(const struct field_decoding *d, const struct field *f,
                              const struct reading *r, const struct spelling *other)
{
    _Alignas(max_align_t) unsigned char scratch[sizeof(struct list_any) + sizeof(double)] = {0};
    struct field bare = *f;
    struct str path = join_path(d, r->base, other->name);
    struct field_conflict *before = d->conflicts ? *d->conflicts : NULL;
    enum fault fault;

    bare.offset = 0;
    bare.has = 0;
    bare.flags = f->flags & FIELD_FOLD;
    fault = field_decode_value(d, &bare, path, other->value, scratch);
    if (fault || (same_value(d->arena, f, r->object, &bare, scratch) &&
                  (!d->conflicts || *d->conflicts == before)))
        return fault;
    if (d->conflicts) {
        struct field_conflict *c = arena_new_of(d->arena, struct field_conflict);

        *c = (struct field_conflict){f, r->object, path, other->name, other->value, before};
        *d->conflicts = c;
        return FAULT_NONE;
    }
    return faults_add(d->faults, FAULT_INVALID_PARAMETER, path,
                      "'" STR_FMT "' and '" STR_FMT "' are two spellings of one field and differ",
                      STR_ARG(r->first_name), STR_ARG(other->name));
}

static enum fault missing(const struct field_decoding *d, const struct field *f, struct str base)
{
    struct str name = d->prefer_alias ? field_event_name(f) : str_from_z(f->name);
    struct str path = join_path(d, base, name);

    return faults_add(d->faults, FAULT_MISSING_PARAMETER, path, "'" STR_FMT "' is required",
                      STR_ARG(path));
}

static enum fault decode_field(const struct field_decoding *d, const struct field *f,
                               struct str base, const struct json *in, void *out)
{
    struct spelling found[SPELLINGS_MAX];
    size_t n = spellings_of(d, f, in, found);
    struct reading r = {.base = base, .object = out};
    enum fault first;

    if (n == 0)
        return (f->flags & FIELD_REQUIRED) && !d->stored ? missing(d, f, base) : FAULT_NONE;
    r.first_name = found[0].name;
    first = field_decode_value(d, f, join_path(d, base, r.first_name), found[0].value, out);
    for (size_t i = 1; i < n && !first; i++)
        first = check_other(d, f, &r, &found[i]);
    return first;
}

static enum fault refuse_unknown(const struct field_decoding *d, const struct field *table,
                                 struct str base, const struct json *in)
{
    struct faults *faults = d->unknown ? d->unknown : d->faults;
    enum fault first = FAULT_NONE;

    for (size_t i = 0; i < in->len; i++) {
        struct str name = in->members[i].name;
        const struct field *f = field_find_spelling(table, name);
        struct str path;
        struct str nearest;

        if (f && !(f->flags & FIELD_INTERNAL))
            continue;
        path = join_path(d, base, name);
        nearest = field_nearest(table, name);
        first = FAULT_INVALID_PARAMETER;
        if (str_present(nearest))
            (void)faults_add(faults, first, path,
                             "Unknown parameter '" STR_FMT "'; did you mean '" STR_FMT "'?",
                             STR_ARG(path), STR_ARG(nearest));
        else
            (void)faults_add(faults, first, path, "Unknown parameter '" STR_FMT "'", STR_ARG(path));
    }
    return first;
}

/* The recursion follows the tables, whose depth is fixed at compile time. */
enum fault field_decode_members(const struct field_decoding *d, const struct field *table,
                                struct str path, const struct json *in, void *out)
{
    enum fault first = FAULT_NONE;

    for (const struct field *f = table; f->name; f++) {
        enum fault fault;

        if (!d->stored && (f->flags & (FIELD_READONLY | FIELD_INTERNAL)))
            continue;
        fault = decode_field(d, f, path, in, out);
        first = first ? first : fault;
    }
    if (!d->stored && !d->ignore_unknown) {
        enum fault fault = refuse_unknown(d, table, path, in);

        first = first ? first : fault;
    }
    return first;
}

enum fault field_decode(const struct field_decoding *d, const struct field *table,
                        const struct json *in, void *out)
{
    if (in->kind != JS_OBJECT)
        return faults_add(d->faults, FAULT_INVALID_PARAMETER, (struct str){0},
                          "expected an object, not %s", json_kind_name(in->kind));
    return field_decode_members(d, table, (struct str){0}, in, out);
}

enum fault field_decode_stored(struct arena *a, const struct field *table, struct str text,
                               void *out)
{
    static const struct json_limits limits = {64 << 20, 8 << 20, 1 << 20};
    struct faults faults;
    struct field_decoding d = {.arena = a, .faults = &faults, .stored = true};
    const struct json *tree;
    struct str why;

    faults_init(&faults, a);
    if (json_parse_limited(a, text, &limits, &tree, &why))
        return FAULT_CORRUPT;
    return field_decode(&d, table, tree, out) ? FAULT_CORRUPT : FAULT_NONE;
}
