#include "flow/path.h"

/* One step of a path: a name, or an index into an array. */
struct step {
    struct str name;
    int64_t index;
    bool is_index;
};

static bool is_name_char(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' ||
           c == '-';
}

/* .name */
static bool take_name(struct str *rest, struct step *out)
{
    size_t n = 1;

    while (n < rest->len && is_name_char(rest->ptr[n]))
        n++;
    *out = (struct step){.name = str_slice(*rest, 1, n)};
    *rest = str_slice(*rest, n, rest->len);
    return n > 1;
}

/* ['name'] or [0] */
static bool take_bracket(struct str *rest, struct step *out)
{
    ptrdiff_t end = str_find(*rest, ']');
    struct str inner;

    if (end < 2)
        return false;
    inner = str_slice(*rest, 1, (size_t)end);
    *rest = str_slice(*rest, (size_t)end + 1, rest->len);
    if (inner.ptr[0] == '\'') {
        if (inner.len < 3 || inner.ptr[inner.len - 1] != '\'')
            return false;
        *out = (struct step){.name = str_slice(inner, 1, inner.len - 1)};
        return true;
    }
    out->is_index = true;
    out->name = (struct str){0};
    return str_to_i64(inner, &out->index) && out->index >= 0;
}

static bool take_step(struct str *rest, struct step *out)
{
    *out = (struct step){0};
    if (rest->ptr[0] == '.')
        return take_name(rest, out);
    return rest->ptr[0] == '[' && take_bracket(rest, out);
}

/* Without `$` or `$$`. */
static bool path_begin(struct str path, struct str *rest, bool *context)
{
    if (!str_starts(path, STR("$")))
        return false;
    *context = str_starts(path, STR("$$"));
    *rest = str_slice(path, *context ? 2 : 1, path.len);
    return true;
}

static bool path_ok(struct str path, bool to_put)
{
    struct str rest;
    struct step step;
    bool context;

    if (!path_begin(path, &rest, &context) || (to_put && context))
        return false;
    while (rest.len)
        if (!take_step(&rest, &step) || (to_put && step.is_index))
            return false;
    return true;
}

bool flow_path_ok(struct str path)
{
    return path_ok(path, false);
}

bool flow_result_path_ok(struct str path)
{
    return path_ok(path, true);
}

static const struct json *descend(const struct json *v, const struct step *step)
{
    if (!step->is_index)
        return json_get(v, step->name);
    if (!json_is(v, JS_ARRAY) || (size_t)step->index >= v->len)
        return NULL;
    return &v->items[step->index];
}

const struct json *flow_path_get(const struct flow_scope *s, struct str path)
{
    const struct json *v;
    struct str rest;
    struct step step;
    bool context;

    if (!path_begin(path, &rest, &context))
        return NULL;
    v = context ? s->context : s->data;
    while (v && rest.len) {
        if (!take_step(&rest, &step))
            return NULL;
        v = descend(v, &step);
    }
    return v;
}

static const struct json *put(struct arena *a, const struct json *data, struct str rest,
                              const struct json *value)
{
    struct step step;

    if (rest.len == 0 || !take_step(&rest, &step))
        return value;
    return flow_json_with(a, data, step.name, put(a, json_get(data, step.name), rest, value));
}

const struct json *flow_path_put(struct arena *a, const struct json *data, struct str path,
                                 const struct json *value)
{
    struct str rest;
    bool context;

    if (!path_begin(path, &rest, &context))
        return data;
    return put(a, data, rest, value);
}

/* ---- payload templates; as deep as the parser let the definition be ---- */

static enum fault fill(struct arena *a, const struct json *template, const struct flow_scope *s,
                       struct json *out, struct str *missing);

static enum fault fill_member(struct arena *a, const struct json_member *in,
                              const struct flow_scope *s, struct json_member *out,
                              struct str *missing)
{
    const struct json *v;

    if (!str_ends(in->name, STR(".$"))) {
        out->name = in->name;
        return fill(a, &in->value, s, &out->value, missing);
    }
    out->name = arena_str(a, str_slice(in->name, 0, in->name.len - 2));
    v = flow_path_get(s, json_str(&in->value));
    if (!v) {
        *missing = json_str(&in->value);
        return FAULT_INVALID_PARAMETER;
    }
    out->value = *v;
    return FAULT_NONE;
}

static enum fault fill_array(struct arena *a, const struct json *template,
                             const struct flow_scope *s, struct json *out, struct str *missing)
{
    enum fault f;

    out->items = arena_array_of(a, template->len ? template->len : 1, struct json);
    for (size_t i = 0; i < template->len; i++) {
        f = fill(a, &template->items[i], s, &out->items[i], missing);
        if (f)
            return f;
    }
    return FAULT_NONE;
}

static enum fault fill(struct arena *a, const struct json *template, const struct flow_scope *s,
                       struct json *out, struct str *missing)
{
    enum fault f;

    *out = *template;
    if (template->kind == JS_ARRAY)
        return fill_array(a, template, s, out, missing);
    if (template->kind != JS_OBJECT)
        return FAULT_NONE;
    out->members = arena_array_of(a, template->len ? template->len : 1, struct json_member);
    for (size_t i = 0; i < template->len; i++) {
        f = fill_member(a, &template->members[i], s, &out->members[i], missing);
        if (f)
            return f;
    }
    return FAULT_NONE;
}

enum fault flow_template(struct arena *a, const struct json *template, const struct flow_scope *s,
                         const struct json **out, struct str *missing)
{
    struct json *v = arena_new_of(a, struct json);
    enum fault f = fill(a, template, s, v, missing);

    if (!f)
        *out = v;
    return f;
}

/* ---- making JSON values ---- */

const struct json *flow_json_str(struct arena *a, struct str s)
{
    struct json *v = arena_new_of(a, struct json);

    *v = (struct json){.kind = JS_STR, .string = arena_str(a, s)};
    return v;
}

const struct json *flow_json_int(struct arena *a, int64_t i)
{
    struct json *v = arena_new_of(a, struct json);

    *v = (struct json){.kind = JS_INT, .integer = i};
    return v;
}

const struct json *flow_json_object(struct arena *a)
{
    struct json *v = arena_new_of(a, struct json);

    *v = (struct json){.kind = JS_OBJECT};
    return v;
}

const struct json *flow_json_with(struct arena *a, const struct json *object, struct str name,
                                  const struct json *value)
{
    size_t len = json_is(object, JS_OBJECT) ? object->len : 0;
    struct json *v = arena_new_of(a, struct json);
    size_t at = len;

    *v = (struct json){.kind = JS_OBJECT, .len = len};
    v->members = arena_array_of(a, len + 1, struct json_member);
    if (len)
        memcpy(v->members, object->members, len * sizeof *v->members);
    for (size_t i = 0; i < len; i++)
        if (str_eq(v->members[i].name, name))
            at = i;
    v->members[at] = (struct json_member){.name = arena_str(a, name), .value = *value};
    if (at == len)
        v->len++;
    return v;
}
