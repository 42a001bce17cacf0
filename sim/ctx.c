#include "sim/ctx.h"
#include "base/time.h"

void *here(const struct ctx *c, enum kind kind, struct str id)
{
    return world_get(c->sim, kind, c->account, c->region, id);
}

const struct vec *all_here(const struct ctx *c, enum kind kind)
{
    static const struct vec none;
    const struct vec *list = world_list(c->sim, kind, c->account, c->region);

    return list ? list : &none;
}

struct cell *cell_here(const struct ctx *c)
{
    return world_cell(c->sim, c->account, c->region);
}

struct str text_of(const struct json *v, const char *name)
{
    return json_str(json_get_z(v, name));
}

struct str in_str(const struct ctx *c, const char *name)
{
    return text_of(c->in, name);
}

int64_t in_int(const struct ctx *c, const char *name, int64_t fallback)
{
    const struct json *v = in_get(c, name);
    int64_t n = fallback;

    if (json_is(v, JS_STR))
        return str_to_i64(v->string, &n) ? n : fallback;
    return json_int(v, fallback);
}

bool in_bool(const struct ctx *c, const char *name, bool fallback)
{
    const struct json *v = in_get(c, name);
    bool b = fallback;

    if (json_is(v, JS_STR))
        return str_to_bool(v->string, &b) ? b : fallback;
    return json_bool(v, fallback);
}

struct strs strs_of(struct arena *a, const struct json *list)
{
    struct strs out = {0};

    if (!json_is(list, JS_ARRAY))
        return out;
    out.items = arena_array_of(a, list->len, struct str);
    for (size_t i = 0; i < list->len; i++)
        out.items[out.len++] = arena_str(a, json_str(&list->items[i]));
    return out;
}

struct strs in_strs(const struct ctx *c, const char *name)
{
    return strs_of(c->a, in_get(c, name));
}

struct tags tags_of(struct arena *a, const struct json *map)
{
    struct tags out = {0};

    for (size_t i = 0; json_is(map, JS_OBJECT) && i < map->len; i++)
        tags_put(a, &out, map->members[i].name, json_str(&map->members[i].value));
    return out;
}

void json_tags(struct json_writer *w, const char *name, const struct tags *t)
{
    json_name(w, str_from_z(name));
    json_begin_object(w);
    for (size_t i = 0; i < t->len; i++) {
        json_name(w, t->items[i].key);
        json_put_str(w, t->items[i].value);
    }
    json_end_object(w);
}

struct str told_time_z(const struct ctx *c, int64_t ms, bool millis)
{
    return world_time_z(c->a, told_ms(c, ms), millis);
}

void json_member_time(const struct ctx *c, struct json_writer *w, const char *name, int64_t ms)
{
    if (ms)
        json_member_str(w, name, world_time(c->sim, c->a, told_ms(c, ms)));
}
