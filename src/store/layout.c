#include "store/layout.h"

#include <pthread.h>
#include <stdlib.h>

#include "base/panic.h"

static struct layout layouts[COLLECTION_COUNT];
static pthread_once_t layouts_once = PTHREAD_ONCE_INIT;

static const struct field *key_field(const struct collection *c, const char *name)
{
    const struct field *f = field_find(c->fields, str_from_z(name));

    REQUIRE(f && f->kind == FIELD_STR);
    return f;
}

static bool is_attribute_kind(enum field_kind kind)
{
    return kind == FIELD_STR || kind == FIELD_ENUM || kind == FIELD_INT || kind == FIELD_TIME ||
           kind == FIELD_BOOL;
}

static int slot_of(const struct layout *l, const char *name)
{
    if (!name)
        return SLOT_NONE;
    if (str_eq_z(str_from_z(name), l->collection->partition))
        return SLOT_PARTITION;
    if (l->collection->sort && str_eq_z(str_from_z(name), l->collection->sort))
        return SLOT_SORT;
    return (int)layout_attribute(l, name);
}

static bool is_kept_apart(const struct layout *l, const struct field *f)
{
    if (f == l->partition || f == l->sort)
        return true;
    for (size_t i = 0; i < l->attributes_len; i++)
        if (f == l->attributes[i])
            return true;
    return false;
}

static const struct field *document_fields(const struct layout *l)
{
    size_t n = 1;
    struct field *out;

    for (const struct field *f = l->collection->fields; f->name; f++)
        n++;
    out = calloc(n, sizeof(*out));
    if (!out)
        panic("out of memory: a collection's fields");
    n = 0;
    for (const struct field *f = l->collection->fields; f->name; f++)
        if (!is_kept_apart(l, f))
            out[n++] = *f;
    return out;
}

static void resolve(struct layout *l, const struct collection *c)
{
    *l = (struct layout){.collection = c, .partition = key_field(c, c->partition)};
    if (c->sort)
        l->sort = key_field(c, c->sort);
    for (size_t i = 0; i < COLLECTION_ATTRIBUTES_MAX && c->attributes[i]; i++) {
        const struct field *f = field_find(c->fields, str_from_z(c->attributes[i]));

        REQUIRE(f && f != l->partition && f != l->sort && is_attribute_kind(f->kind));
        l->attributes[l->attributes_len++] = f;
    }
    for (size_t i = 0; i < COLLECTION_INDEXES_MAX && c->indexes[i].name; i++) {
        struct layout_index *index = &l->indexes[l->indexes_len++];

        *index = (struct layout_index){.name = c->indexes[i].name,
                                       .partition = slot_of(l, c->indexes[i].partition),
                                       .sort = slot_of(l, c->indexes[i].sort)};
        REQUIRE(index->partition < 0 || !layout_is_int(l, (size_t)index->partition));
    }
    l->document = document_fields(l);
}

static void resolve_all(void)
{
    for (int id = 0; id < COLLECTION_COUNT; id++) {
        const struct collection *c = collection_of((enum collection_id)id);

        if (c->fields)
            resolve(&layouts[id], c);
    }
}

const struct layout *layout_of(enum collection_id id)
{
    REQUIRE((size_t)id < COLLECTION_COUNT);
    (void)pthread_once(&layouts_once, resolve_all);
    return layouts[id].collection ? &layouts[id] : NULL;
}

size_t layout_attribute(const struct layout *l, const char *name)
{
    for (size_t i = 0; i < l->attributes_len; i++)
        if (str_eq_z(str_from_z(name), l->attributes[i]->name))
            return i;
    panic("%s has no attribute %s", l->collection->name, name);
}

const struct layout_index *layout_index(const struct layout *l, const char *name)
{
    for (size_t i = 0; i < l->indexes_len; i++)
        if (str_eq_z(str_from_z(name), l->indexes[i].name))
            return &l->indexes[i];
    panic("%s has no index %s", l->collection->name, name);
}

bool layout_is_int(const struct layout *l, size_t attribute)
{
    enum field_kind kind = l->attributes[attribute]->kind;

    return kind == FIELD_INT || kind == FIELD_TIME || kind == FIELD_BOOL;
}
