/* Between a collection's struct and the three parts that every backend stores. */
#include "base/panic.h"
#include "store/layout.h"
#include "store/store.h"

enum { PARTITION_MAX = 2048, SORT_MAX = 1024, VALUE_SIZE = 8 };

int value_cmp(const struct value *a, const struct value *b)
{
    if (a->kind != b->kind)
        return a->kind < b->kind ? -1 : 1;
    if (a->kind == VALUE_TEXT)
        return str_cmp(a->text, b->text);
    return (a->integer > b->integer) - (a->integer < b->integer);
}

static struct value field_value(struct arena *a, const struct field *f, const void *entity)
{
    const char *at = (const char *)entity + f->offset;
    bool truth;
    int64_t integer;

    if (!field_present(f, entity))
        return (struct value){0};
    switch (f->kind) {
    case FIELD_BOOL:
        memcpy(&truth, at, sizeof(truth));
        return value_int(truth);
    case FIELD_INT:
    case FIELD_TIME:
        memcpy(&integer, at, sizeof(integer));
        return value_int(integer);
    default:
        return value_text(arena_str(a, field_get_text(f, entity)));
    }
}

static enum fault set_text(const struct field *f, void *entity, struct str text)
{
    char *at = (char *)entity + f->offset;
    int number;

    if (f->kind == FIELD_STR) {
        memcpy(at, &text, sizeof(text));
        return FAULT_NONE;
    }
    number = f->kind == FIELD_ENUM ? field_enum_of(f->names, text) : 0;
    if (!number)
        return FAULT_CORRUPT;
    memcpy(at, &number, sizeof(number));
    return FAULT_NONE;
}

static enum fault set_int(const struct field *f, void *entity, int64_t integer)
{
    char *at = (char *)entity + f->offset;
    bool truth = integer != 0;

    if (f->kind == FIELD_BOOL)
        memcpy(at, &truth, sizeof(truth));
    else if (f->kind == FIELD_INT || f->kind == FIELD_TIME)
        memcpy(at, &integer, sizeof(integer));
    else
        return FAULT_CORRUPT;
    return FAULT_NONE;
}

enum fault item_set_field(const struct field *f, void *entity, const struct value *v)
{
    bool has = true;

    if (v->kind == VALUE_NONE)
        return FAULT_NONE;
    if (f->has)
        memcpy((char *)entity + (f->has - 1), &has, sizeof(has));
    return v->kind == VALUE_TEXT ? set_text(f, entity, v->text) : set_int(f, entity, v->integer);
}

enum fault item_encode(struct arena *a, const struct layout *l, const void *entity,
                       struct item *out)
{
    struct item item = {
        .partition = arena_str(a, field_get_text(l->partition, entity)),
        .sort = l->sort ? arena_str(a, field_get_text(l->sort, entity)) : STR(""),
        .document = field_text(a, l->document, entity, FIELD_VIEW_STORED),
    };

    if (str_empty(item.partition) || (l->sort && str_empty(item.sort)))
        return FAULT_INTERNAL_ERROR;
    for (size_t i = 0; i < l->attributes_len; i++)
        item.attributes[i] = field_value(a, l->attributes[i], entity);
    *out = item;
    return item_check(out);
}

enum fault item_decode(struct arena *a, const struct layout *l, const struct item *item, void *out)
{
    enum fault f = field_decode_stored(a, l->document, item->document, out);

    if (!f)
        f = set_text(l->partition, out, item->partition);
    if (!f && l->sort)
        f = set_text(l->sort, out, item->sort);
    for (size_t i = 0; !f && i < l->attributes_len; i++)
        f = item_set_field(l->attributes[i], out, &item->attributes[i]);
    return f;
}

struct value item_value(const struct item *item, int slot)
{
    if (slot == SLOT_PARTITION)
        return value_text(item->partition);
    if (slot == SLOT_SORT)
        return value_text(item->sort);
    REQUIRE(slot >= 0 && slot < COLLECTION_ATTRIBUTES_MAX);
    return item->attributes[slot];
}

size_t item_size(const struct item *item)
{
    size_t size = item->partition.len + item->sort.len + item->document.len;

    for (size_t i = 0; i < COLLECTION_ATTRIBUTES_MAX; i++)
        size += item->attributes[i].kind == VALUE_TEXT ? item->attributes[i].text.len : VALUE_SIZE;
    return size;
}

struct item item_copy(struct arena *a, const struct item *item)
{
    struct item copy = *item;

    copy.partition = arena_str(a, item->partition);
    copy.sort = arena_str(a, item->sort);
    copy.document = arena_str(a, item->document);
    for (size_t i = 0; i < COLLECTION_ATTRIBUTES_MAX; i++)
        copy.attributes[i].text = arena_str(a, item->attributes[i].text);
    return copy;
}

enum fault item_check(const struct item *item)
{
    if (item->partition.len > PARTITION_MAX || item->sort.len > SORT_MAX)
        return FAULT_TOO_LARGE;
    return item_size(item) > STORE_ITEM_MAX ? FAULT_TOO_LARGE : FAULT_NONE;
}
