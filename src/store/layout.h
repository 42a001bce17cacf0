#ifndef STORE_LAYOUT_H
#define STORE_LAYOUT_H

#include "store/collection.h"

/*
 * The layout number of the collection table and of the store's own tables. It rises with every
 * change of what a database holds; a test compares the schema of this number with the one that was
 * written down for it.
 */
#ifndef STORE_LAYOUT_NUMBER
#define STORE_LAYOUT_NUMBER 1 /* a test of the migrations builds the next one */
#endif

enum { STORE_LAYOUT = STORE_LAYOUT_NUMBER };

/* A value of an item's that conditions and indexes can name. */
enum value_kind { VALUE_NONE, VALUE_INT, VALUE_TEXT };

struct value {
    enum value_kind kind;
    int64_t integer;
    struct str text;
};

static inline struct value value_text(struct str s)
{
    return (struct value){.kind = str_present(s) ? VALUE_TEXT : VALUE_NONE, .text = s};
}

static inline struct value value_int(int64_t i)
{
    return (struct value){.kind = VALUE_INT, .integer = i};
}

/* Integers by size, text by bytes; nothing before integers before text. */
int value_cmp(const struct value *a, const struct value *b);

/* Every backend stores these three parts and none looks into the document. */
struct item {
    struct str partition;
    struct str sort; /* empty where the collection has no sort key */
    struct value attributes[COLLECTION_ATTRIBUTES_MAX];
    struct str document;
};

/* A slot of an item: an attribute's number, or one of these. */
enum { SLOT_PARTITION = -1, SLOT_SORT = -2, SLOT_NONE = -3 };

struct layout_index {
    const char *name;
    int partition; /* slot, or SLOT_NONE: the whole collection */
    int sort;      /* slot, or SLOT_NONE */
};

/* A collection with its names resolved. */
struct layout {
    const struct collection *collection;
    const struct field *partition;
    const struct field *sort;
    const struct field *attributes[COLLECTION_ATTRIBUTES_MAX];
    size_t attributes_len;
    struct layout_index indexes[COLLECTION_INDEXES_MAX];
    size_t indexes_len;
    const struct field *document; /* the rows that the document holds */
};

/* NULL: nothing is kept under that id yet. Made once, for the life of the process. */
const struct layout *layout_of(enum collection_id id);

/* The attribute's number; one that is not in the table is a programmer's mistake. */
size_t layout_attribute(const struct layout *l, const char *name);
const struct layout_index *layout_index(const struct layout *l, const char *name);

/* Whether an attribute is kept as an integer. */
bool layout_is_int(const struct layout *l, size_t attribute);

struct value item_value(const struct item *item, int slot);

/* Bytes as the limits count them. */
size_t item_size(const struct item *item);

/* Copies into `a`. FAULT_INTERNAL_ERROR without a key; FAULT_TOO_LARGE. */
MUST_CHECK enum fault item_encode(struct arena *a, const struct layout *l, const void *entity,
                                  struct item *out);

/* `out` is zeroed; views into the item. FAULT_CORRUPT. */
MUST_CHECK enum fault item_decode(struct arena *a, const struct layout *l, const struct item *item,
                                  void *out);

/* One field of an entity; nothing for a value that is absent. FAULT_CORRUPT for one that cannot be.
 */
MUST_CHECK enum fault item_set_field(const struct field *f, void *entity, const struct value *v);

struct item item_copy(struct arena *a, const struct item *item);

/* The limits on a key and on a whole item. */
MUST_CHECK enum fault item_check(const struct item *item);

#endif
