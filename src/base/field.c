/* Looking at tables and values; decoding and encoding have files of their own. */
#include "base/field_internal.h"

bool field_present(const struct field *f, const void *object)
{
    bool has = true;

    if (f->has) {
        memcpy(&has, (const char *)object + (f->has - 1), sizeof(has));
        return has;
    }
    switch (f->kind) {
    case FIELD_STR:
        return str_present(field_str(f, object));
    case FIELD_BOOL:
    case FIELD_INT:
    case FIELD_REAL:
        return true;
    case FIELD_TIME:
        return field_int(f, object) != 0;
    case FIELD_ENUM:
        return field_enum(f, object) != 0;
    case FIELD_STRS:
    case FIELD_INTS:
    case FIELD_TAGS:
    case FIELD_LIST:
        return field_list(f, object).items != NULL;
    case FIELD_OBJECT:
    case FIELD_JSON:
        break;
    }
    return field_object(f, object) != NULL;
}

const struct field *field_find(const struct field *table, struct str name)
{
    for (const struct field *f = table; f->name; f++)
        if (str_eq_z(name, f->name))
            return f;
    return NULL;
}

static bool spelled_in(const char *spellings, struct str spelling)
{
    struct str rest = str_from_z(spellings);

    while (str_present(rest))
        if (str_eq(field_next_spelling(&rest), spelling))
            return true;
    return false;
}

const struct field *field_find_spelling(const struct field *table, struct str spelling)
{
    for (const struct field *f = table; f->name; f++)
        if (str_eq_z(spelling, f->name) || spelled_in(f->aliases, spelling) ||
            spelled_in(f->input_aliases, spelling) || (f->epoch && str_eq_z(spelling, f->epoch)))
            return f;
    return NULL;
}

struct str field_event_name(const struct field *f)
{
    struct str aliases = str_from_z(f->aliases);

    if ((f->flags & FIELD_ONE_NAME) || !str_present(aliases))
        return str_from_z(f->name);
    return field_next_spelling(&aliases);
}

static void keep_nearer(struct str candidate, struct str spelling, struct str *best, size_t *least)
{
    size_t d = str_distance(candidate, spelling);

    if (d < *least) {
        *least = d;
        *best = candidate;
    }
}

struct str field_nearest(const struct field *table, struct str spelling)
{
    struct str best = {0};
    size_t least = spelling.len / 3 + 1;

    for (const struct field *f = table; f->name; f++) {
        struct str rest = str_from_z(f->aliases);

        if (f->flags & FIELD_INTERNAL)
            continue;
        keep_nearer(str_from_z(f->name), spelling, &best, &least);
        while (str_present(rest))
            keep_nearer(field_next_spelling(&rest), spelling, &best, &least);
    }
    return best;
}

struct str field_get_text(const struct field *f, const void *object)
{
    if (f->kind == FIELD_STR)
        return field_str(f, object);
    if (f->kind == FIELD_ENUM && field_enum(f, object))
        return str_from_z(f->names[field_enum(f, object)]);
    return (struct str){0};
}

int field_enum_of(const char *const *names, struct str name)
{
    for (int i = 1; names[i]; i++)
        if (str_eq_z(name, names[i]))
            return i;
    return 0;
}

struct str tags_get(const struct tags *t, struct str key)
{
    for (size_t i = 0; i < t->len; i++)
        if (str_eq(t->items[i].key, key))
            return t->items[i].value;
    return (struct str){0};
}
