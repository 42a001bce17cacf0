#include "sim/member.h"
#include "base/str_ascii.h"

struct walk {
    struct arena *a;
    bool text;
    bool any_ids;
    struct member_fault *out;
};

static bool check_object(const struct walk *w, const struct member *table, struct str path,
                         const struct json *in);

const struct member *member_find(const struct member *table, struct str name)
{
    for (const struct member *m = table; m && m->name; m++)
        if (str_eq_z(name, m->name))
            return m;
    return NULL;
}

static struct str join(const struct walk *w, struct str path, struct str name)
{
    return str_empty(path) ? name
                           : arena_strf(w->a, STR_FMT "." STR_FMT, STR_ARG(path), STR_ARG(name));
}

static bool bad(const struct walk *w, struct str path, struct str message)
{
    w->out->path = path;
    w->out->message = message;
    return false;
}

static bool wrong_type(const struct walk *w, struct str path, const char *wanted)
{
    w->out->type = true;
    return bad(w, path, arena_strf(w->a, STR_FMT " must be %s", STR_ARG(path), wanted));
}

/* Short hexadecimal ids of EC2 (8 or 17), 17 letters or digits of DRS. */
static bool id_ok(struct str s, const char *prefix)
{
    struct str head = str_from_z(prefix);
    size_t tail = s.len - head.len;

    if (!str_starts(s, head) || tail < 8 || tail > 17)
        return false;
    for (size_t i = head.len; i < s.len; i++)
        if (!ascii_is_alnum(s.ptr[i]))
            return false;
    return tail == 17 || tail == 8;
}

bool words_have(const char *words, struct str s)
{
    struct str rest = str_from_z(words);

    while (str_present(rest))
        if (str_eq(str_cut(&rest, ' '), s))
            return true;
    return false;
}

static bool check_text(const struct walk *w, const struct member *m, struct str path, struct str s)
{
    if (m->prefix && w->any_ids && str_starts(s, str_from_z(m->prefix)))
        return true;
    if ((int64_t)s.len < m->min || (m->max && (int64_t)s.len > m->max))
        return bad(w, path,
                   arena_strf(w->a, "Member must have length from %lld to %lld", (long long)m->min,
                              (long long)m->max));
    if (m->prefix && !id_ok(s, m->prefix))
        return bad(w, path,
                   arena_strf(w->a,
                              "Member must satisfy regular expression pattern: "
                              "^%s[0-9a-zA-Z]{17}$",
                              m->prefix));
    if (m->values && !words_have(m->values, s))
        return bad(w, path,
                   arena_strf(w->a, "Member must satisfy enum value set: [%s]", m->values));
    return true;
}

static bool check_int(const struct walk *w, const struct member *m, struct str path,
                      const struct json *v)
{
    int64_t n = v->integer;

    if (w->text ? v->kind != JS_STR || !str_to_i64(v->string, &n) : v->kind != JS_INT)
        return wrong_type(w, path, "an integer");
    if (n < m->min || (m->max && n > m->max))
        return bad(w, path,
                   arena_strf(w->a, "Member must be from %lld to %lld", (long long)m->min,
                              (long long)m->max));
    return true;
}

static bool check_bool(const struct walk *w, struct str path, const struct json *v)
{
    bool truth;

    if (w->text ? v->kind != JS_STR || !str_to_bool(v->string, &truth) : v->kind != JS_BOOL)
        return wrong_type(w, path, "a boolean");
    return true;
}

static bool check_count(const struct walk *w, const struct member *m, struct str path, size_t n)
{
    if ((int64_t)n < m->min || (m->max && (int64_t)n > m->max))
        return bad(w, path,
                   arena_strf(w->a, "Member must have length from %lld to %lld", (long long)m->min,
                              (long long)m->max));
    return true;
}

/* The bounds of a list are those of its count; its items have the prefix or the values. */
static bool check_list(const struct walk *w, const struct member *m, struct str path,
                       const struct json *v)
{
    struct member item = *m;

    if (v->kind != JS_ARRAY)
        return wrong_type(w, path, "a list");
    item.min = 0;
    item.max = 0;
    for (size_t i = 0; i < v->len; i++) {
        struct str at = arena_strf(w->a, STR_FMT ".%zu", STR_ARG(path), i + 1);

        if (m->fields ? v->items[i].kind != JS_OBJECT : v->items[i].kind != JS_STR)
            return wrong_type(w, at, m->fields ? "a structure" : "a string");
        if (m->fields ? !check_object(w, m->fields, at, &v->items[i])
                      : !check_text(w, &item, at, v->items[i].string))
            return false;
    }
    return check_count(w, m, path, v->len);
}

static bool check_map(const struct walk *w, const struct member *m, struct str path,
                      const struct json *v)
{
    if (v->kind != JS_OBJECT)
        return wrong_type(w, path, "a map");
    for (size_t i = 0; i < v->len; i++) {
        struct str at = join(w, path, v->members[i].name);

        if (v->members[i].value.kind != JS_STR)
            return wrong_type(w, at, "a string");
        if (v->members[i].name.len > 256 || v->members[i].value.string.len > 256)
            return bad(w, at, STR("Map keys and values must have at most 256 characters"));
    }
    return check_count(w, m, path, v->len);
}

static bool check_value(const struct walk *w, const struct member *m, struct str path,
                        const struct json *v)
{
    switch (m->type) {
    case M_STR:
        if (v->kind != JS_STR)
            return wrong_type(w, path, "a string");
        return check_text(w, m, path, v->string);
    case M_INT:
        return check_int(w, m, path, v);
    case M_BOOL:
        return check_bool(w, path, v);
    case M_LIST:
        return check_list(w, m, path, v);
    case M_MAP:
        return check_map(w, m, path, v);
    case M_STRUCT:
        if (v->kind != JS_OBJECT)
            return wrong_type(w, path, "a structure");
        return check_object(w, m->fields, path, v);
    case M_JSON:
        break;
    }
    return true;
}

static bool check_object(const struct walk *w, const struct member *table, struct str path,
                         const struct json *in)
{
    for (size_t i = 0; in && i < in->len; i++) {
        if (member_find(table, in->members[i].name))
            continue;
        w->out->unknown = true;
        return bad(w, join(w, path, in->members[i].name), STR("Member is not known"));
    }
    for (const struct member *m = table; m && m->name; m++) {
        struct str at = join(w, path, str_from_z(m->name));
        const struct json *v = json_get_z(in, m->name);

        if (v && v->kind != JS_NULL) {
            if (!check_value(w, m, at, v))
                return false;
        } else if (m->flags & M_REQUIRED) {
            w->out->missing = true;
            return bad(w, at, STR("Member must not be null"));
        }
    }
    return true;
}

bool members_check(struct arena *a, const struct member *table, const struct json *in,
                   unsigned rules, struct member_fault *out)
{
    struct walk w = {a, rules & MEMBERS_TEXT, rules & MEMBERS_ANY_IDS, out};

    *out = (struct member_fault){0};
    return check_object(&w, table, STR(""), in);
}
