#include "base/str_ascii.h"
#include "edge/client/client_internal.h"

struct str kebab(struct arena *a, const char *name)
{
    struct buf b = buf_new(a, 256);

    for (const char *p = name; *p; p++) {
        bool upper = *p != ascii_lower(*p);
        bool after_upper = p > name && p[-1] != ascii_lower(p[-1]);

        /* sourceServerID is source-server-id, not -i-d. */
        if (upper && p > name && !after_upper)
            buf_add_char(&b, '-');
        buf_add_char(&b, *p == '_' ? '-' : ascii_lower(*p));
    }
    return buf_str(&b);
}

static bool same_command(struct str given, const char *name)
{
    if (given.len != strlen(name))
        return false;
    for (size_t i = 0; i < given.len; i++)
        if (given.ptr[i] != name[i] && !(given.ptr[i] == '-' && name[i] == '_'))
            return false;
    return true;
}

const struct operation *command_find(const struct client *c, struct str name)
{
    for (size_t i = 0; i < c->operations->len; i++) {
        const struct operation *op = c->operations->rows[i];

        for (size_t n = 0; n < OPERATION_NAMES_MAX && op->names[n] && !op->internal; n++)
            if (same_command(name, op->names[n]))
                return op;
    }
    return NULL;
}

/* Every spelling that the field reads, one after the other; absent after the last. */
static struct str spelling(const struct field *f, unsigned index)
{
    const char *const lists[] = {f->name, f->aliases, f->input_aliases};

    for (size_t i = 0; i < ARRAY_LEN(lists); i++) {
        struct str rest = str_from_z(lists[i]);

        while (str_present(rest)) {
            struct str one = str_cut(&rest, ' ');

            if (index-- == 0)
                return one;
        }
    }
    return (struct str){0};
}

const struct field *flag_find(struct arena *a, const struct field *table, struct str name)
{
    struct str as = kebab(a, arena_z(a, name));

    for (const struct field *f = table; f && f->name; f++) {
        struct str s;

        if (f->flags & (FIELD_READONLY | FIELD_INTERNAL))
            continue;
        for (unsigned i = 0; str_present(s = spelling(f, i)); i++)
            if (str_eq(kebab(a, arena_z(a, s)), as))
                return f;
    }
    return NULL;
}

struct str flag_nearest(struct arena *a, const struct field *table, struct str name)
{
    struct buf camel = buf_new(a, 256);
    struct str near;
    bool up = false;

    for (size_t i = 0; i < name.len; i++) {
        if (name.ptr[i] == '-' || name.ptr[i] == '_')
            up = true;
        else
            buf_add_char(&camel, up ? ascii_upper(name.ptr[i]) : name.ptr[i]);
        up = up && (name.ptr[i] == '-' || name.ptr[i] == '_');
    }
    near = table ? field_nearest(table, buf_str(&camel)) : (struct str){0};
    return str_present(near) ? kebab(a, arena_z(a, near)) : near;
}
