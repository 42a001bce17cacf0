#include "sim/ec2.h"

/*
 * Filters are ANDed, the values of one ORed, `*` and `?` are wildcards (aws-facts 5.4). An unknown
 * id fails the whole call; the same id in a filter finds nothing.
 */

struct strs one_value(struct ctx *c, struct str value)
{
    struct strs list = {0};

    if (!str_present(value))
        return list;
    list.items = arena_new_of(c->a, struct str);
    list.items[0] = value;
    list.len = 1;
    return list;
}

bool filter_by_rows(struct ctx *c, const struct filter_row *rows, const void *thing,
                    struct str name, struct strs *out)
{
    for (; rows->name; rows++) {
        struct str value;

        if (!str_eq_z(name, rows->name))
            continue;
        memcpy(&value, (const char *)thing + rows->offset, sizeof(value));
        *out = one_value(c, value);
        return true;
    }
    return false;
}

bool filter_by_tags(struct ctx *c, const struct tags *tags, struct str name, struct strs *out)
{
    bool keys = str_eq_z(name, "tag-key"), values = str_eq_z(name, "tag-value");

    *out = (struct strs){0};
    if (str_starts(name, STR("tag:"))) {
        *out = one_value(c, tags_get(tags, str_slice(name, 4, name.len)));
        return true;
    }
    if (!keys && !values)
        return false;
    out->items = arena_array_of(c->a, tags->len + 1, struct str);
    for (size_t i = 0; i < tags->len; i++)
        out->items[out->len++] = keys ? tags->items[i].key : tags->items[i].value;
    return true;
}

static bool any_matches(const struct json *patterns, struct strs values)
{
    for (size_t i = 0; json_is(patterns, JS_ARRAY) && i < patterns->len; i++)
        for (size_t k = 0; k < values.len; k++)
            if (str_glob(json_str(&patterns->items[i]), values.items[k]))
                return true;
    return false;
}

void refuse_filter(struct ctx *c, struct str name)
{
    refuse(c, 400, "InvalidParameterValue", "The filter '" STR_FMT "' is invalid", STR_ARG(name));
}

/* Known or not is asked of a thing that is not there: also where there is nothing to filter. */
static bool filters_known(struct ctx *c, const struct ec2_query *q)
{
    const struct json *filters = in_get(c, "Filter");
    const void *nothing = arena_alloc(c->a, sim_kinds[q->kind].size);

    for (size_t i = 0; json_is(filters, JS_ARRAY) && i < filters->len; i++) {
        struct str name = text_of(&filters->items[i], "Name");
        struct strs values = {0};

        if (q->values(c, nothing, name, &values))
            continue;
        refuse_filter(c, name);
        return false;
    }
    return true;
}

static bool passes(struct ctx *c, const struct ec2_query *q, const void *thing)
{
    const struct json *filters = in_get(c, "Filter");

    for (size_t i = 0; json_is(filters, JS_ARRAY) && i < filters->len; i++) {
        struct str name = text_of(&filters->items[i], "Name");
        struct strs values = {0};

        if (!q->values(c, thing, name, &values) ||
            !any_matches(json_get_z(&filters->items[i], "Value"), values))
            return false;
    }
    return true;
}

static bool add_by_id(struct ctx *c, const struct ec2_query *q, struct str id, struct vec *out)
{
    void *thing = here(c, q->kind, id);

    if (!thing || (q->listed && !q->listed(c->sim, thing))) {
        refuse(c, 400, q->not_found, "The ID '" STR_FMT "' does not exist", STR_ARG(id));
        return false;
    }
    if (passes(c, q, thing))
        vec_add(c->a, out, thing);
    return !c->refusal.status;
}

bool ec2_select(struct ctx *c, const struct ec2_query *q, struct vec *out)
{
    struct strs ids = in_strs(c, q->id_member);
    const struct vec *all = all_here(c, q->kind);

    if (!filters_known(c, q))
        return false;
    for (size_t i = 0; i < ids.len; i++)
        if (!add_by_id(c, q, ids.items[i], out))
            return false;
    for (size_t i = 0; !ids.len && i < all->len; i++) {
        if ((!q->listed || q->listed(c->sim, all->items[i])) && passes(c, q, all->items[i]))
            vec_add(c->a, out, all->items[i]);
        if (c->refusal.status)
            return false;
    }
    return true;
}

bool ec2_dry_run(struct ctx *c)
{
    if (!in_bool(c, "DryRun", false))
        return false;
    refuse(c, 412, "DryRunOperation", "Request would have succeeded, but DryRun flag is set.");
    return true;
}

void page_set(struct ctx *c, const struct vec *list, const char *element,
              void (*write)(struct ctx *c, const void *thing))
{
    struct page page;

    if (c->refusal.status || ec2_dry_run(c) || !page_open(c, list->len, page_filter(c), &page))
        return;
    xml_open(&c->x, element);
    for (size_t i = page.from; list->items && i < page.to; i++)
        write(c, list->items[i]);
    xml_close(&c->x, element);
    sim_xml_text(&c->x, "nextToken", page.next);
}
