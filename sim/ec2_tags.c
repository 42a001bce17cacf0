#include "sim/ec2.h"
#include "sim/ec2_calls.h"

/* Tags of everything that EC2 has, by the prefix of the id. */

static const struct taggable {
    const char *prefix;
    const char *type;
    enum kind kind;
    size_t tags;
} taggables[] = {
    {"i-", "instance", K_INSTANCE, offsetof(struct instance, tags)},
    {"subnet-", "subnet", K_SUBNET, offsetof(struct subnet, tags)},
    {"sg-", "security-group", K_GROUP, offsetof(struct group, tags)},
    {"vpc-", "vpc", K_VPC, offsetof(struct vpc, tags)},
    {"eni-", "network-interface", K_ENI, offsetof(struct eni, tags)},
    {"eipalloc-", "elastic-ip", K_ADDRESS, offsetof(struct address, tags)},
    {"lt-", "launch-template", K_TEMPLATE, offsetof(struct template, tags)},
};

static struct tags *tags_at(void *thing, const struct taggable *t)
{
    return (struct tags *)(void *)((char *)thing + t->tags);
}

static struct tags *tags_by_id(struct ctx *c, struct str id)
{
    for (size_t i = 0; i < ARRAY_LEN(taggables); i++) {
        void *thing = NULL;

        if (str_starts(id, str_from_z(taggables[i].prefix)))
            thing = here(c, taggables[i].kind, id);
        if (thing)
            return tags_at(thing, &taggables[i]);
    }
    refuse(c, 400, "InvalidID", "The ID '" STR_FMT "' is not valid", STR_ARG(id));
    return NULL;
}

static void write_tags(struct ctx *c, void (*change)(struct ctx *, struct tags *))
{
    struct strs ids = in_strs(c, "ResourceId");

    for (size_t i = 0; i < ids.len; i++)
        if (!tags_by_id(c, ids.items[i]))
            return;
    if (ec2_dry_run(c))
        return;
    for (size_t i = 0; i < ids.len; i++)
        change(c, tags_by_id(c, ids.items[i]));
    c->sim->version++;
    xml_bool(&c->x, "return", true);
}

static void put_all(struct ctx *c, struct tags *t)
{
    const struct json *list = in_get(c, "Tag");

    for (size_t i = 0; json_is(list, JS_ARRAY) && i < list->len; i++) {
        struct str value = text_of(&list->items[i], "Value");

        tags_put(c->sim->arena, t, text_of(&list->items[i], "Key"),
                 str_present(value) ? value : STR(""));
    }
}

/* A value beside the key must be the tag's; without any tag all of them go. */
static void drop_all(struct ctx *c, struct tags *t)
{
    const struct json *list = in_get(c, "Tag");

    if (!list)
        t->len = 0;
    for (size_t i = 0; json_is(list, JS_ARRAY) && i < list->len; i++) {
        struct str key = text_of(&list->items[i], "Key");
        struct str value = text_of(&list->items[i], "Value");

        if (!str_present(value) || str_eq(value, tags_get(t, key)))
            tags_drop(t, key);
    }
}

void sim_ec2_create_tags(struct ctx *c)
{
    if (!in_get(c, "Tag")) {
        refuse(c, 400, "MissingParameter", "The request must contain the parameter Tag");
        return;
    }
    write_tags(c, put_all);
}

void sim_ec2_delete_tags(struct ctx *c)
{
    write_tags(c, drop_all);
}

struct row {
    struct str resource;
    struct str type;
    struct str key;
    struct str value;
};

static const struct filter_row tag_filters[] = {
    {"resource-id", offsetof(struct row, resource)},
    {"resource-type", offsetof(struct row, type)},
    {"key", offsetof(struct row, key)},
    {"value", offsetof(struct row, value)},
    {NULL, 0},
};

static bool row_passes(struct ctx *c, const struct row *r)
{
    const struct json *filters = in_get(c, "Filter");

    for (size_t i = 0; json_is(filters, JS_ARRAY) && i < filters->len; i++) {
        const struct json *patterns = json_get_z(&filters->items[i], "Value");
        struct str name = text_of(&filters->items[i], "Name");
        struct strs values = {0};
        bool hit = false;

        if (!filter_by_rows(c, tag_filters, r, name, &values)) {
            refuse_filter(c, name);
            return false;
        }
        for (size_t k = 0; values.len && json_is(patterns, JS_ARRAY) && k < patterns->len; k++)
            hit = hit || str_glob(json_str(&patterns->items[k]), values.items[0]);
        if (!hit && r->resource.ptr)
            return false;
    }
    return true;
}

static void collect(struct ctx *c, const struct taggable *t, struct vec *out)
{
    const struct vec *all = all_here(c, t->kind);

    for (size_t i = 0; i < all->len; i++) {
        const struct entity *e = all->items[i];
        const struct tags *tags = tags_at(all->items[i], t);

        for (size_t k = 0; k < tags->len; k++) {
            struct row *r = arena_new_of(c->a, struct row);

            *r = (struct row){e->id, str_from_z(t->type), tags->items[k].key, tags->items[k].value};
            if (row_passes(c, r))
                vec_add(c->a, out, r);
        }
    }
}

static void write_row(struct ctx *c, const void *thing)
{
    const struct row *r = thing;

    xml_open(&c->x, "item");
    sim_xml_text(&c->x, "resourceId", r->resource);
    sim_xml_text(&c->x, "resourceType", r->type);
    sim_xml_text(&c->x, "key", r->key);
    sim_xml_text(&c->x, "value", r->value);
    xml_close(&c->x, "item");
}

void sim_ec2_describe_tags(struct ctx *c)
{
    const struct row nothing = {0};
    struct vec list = {0};

    if (!row_passes(c, &nothing)) /* a filter that is not known, whether or not there are tags */
        return;
    for (size_t i = 0; i < ARRAY_LEN(taggables); i++)
        collect(c, &taggables[i], &list);
    page_set(c, &list, "tagSet", write_row);
}
