#include "aws/client.h"
#include "base/str_ascii.h"

/* ---- INI ---- */

struct ini_reader {
    struct arena *arena;
    struct ini *out;
    size_t cap;
    struct str section;
    struct str block; /* a key without a value: indented lines belong to it */
};

static void add_pair(struct ini_reader *r, struct str key, struct str value)
{
    struct ini *ini = r->out;

    if (ini->len == r->cap) {
        struct ini_pair *more;

        r->cap = r->cap ? 2 * r->cap : 32;
        more = arena_array_of(r->arena, r->cap, struct ini_pair);
        if (ini->len > 0)
            memcpy(more, ini->items, ini->len * sizeof(*more));
        ini->items = more;
    }
    ini->items[ini->len++] = (struct ini_pair){r->section, key, value};
}

static struct str unquoted(struct str s)
{
    s = str_trim(s);
    if (s.len >= 2 && (s.ptr[0] == '"' || s.ptr[0] == '\'') && s.ptr[s.len - 1] == s.ptr[0])
        return str_slice(s, 1, s.len - 1);
    return s;
}

/* [profile "x y"] and [profile x] are the section "profile x y" and "profile x". */
static void begin_section(struct ini_reader *r, struct str line)
{
    struct str rest = str_slice(line, 1, line.len);
    struct str name = str_trim(str_cut(&rest, ']'));
    struct str tail = name;
    struct str kind = str_cut(&tail, ' ');

    r->section = str_empty(str_trim(tail)) ? unquoted(name)
                                           : arena_strf(r->arena, STR_FMT " " STR_FMT,
                                                        STR_ARG(kind), STR_ARG(unquoted(tail)));
    r->block = (struct str){0};
    add_pair(r, (struct str){0}, (struct str){0});
}

/* An indented line: of a nested block, or more of the value before. */
static bool continue_value(struct ini_reader *r, struct str line)
{
    struct str value = line;
    struct str key = str_trim(str_cut(&value, '='));
    struct ini_pair *last = r->out->len ? &r->out->items[r->out->len - 1] : NULL;

    if (str_present(r->block) && str_present(value)) {
        add_pair(r, arena_strf(r->arena, STR_FMT "." STR_FMT, STR_ARG(r->block), STR_ARG(key)),
                 str_trim(value));
        return true;
    }
    if (!last || !str_present(last->key))
        return false;
    last->value =
        arena_strf(r->arena, STR_FMT "\n" STR_FMT, STR_ARG(last->value), STR_ARG(str_trim(line)));
    return true;
}

static void read_line(struct ini_reader *r, struct str raw)
{
    struct str line = str_trim(raw);
    struct str value = line;
    struct str key;

    if (str_empty(line) || line.ptr[0] == '#' || line.ptr[0] == ';')
        return;
    if (line.ptr[0] == '[') {
        begin_section(r, line);
        return;
    }
    if ((raw.ptr[0] == ' ' || raw.ptr[0] == '\t') && continue_value(r, line))
        return;
    key = str_trim(str_cut(&value, '='));
    if (!str_present(value) || !str_present(r->section))
        return; /* neither a pair nor in a section: the SDKs pass it over too */
    value = str_trim(value);
    r->block = str_empty(value) ? key : (struct str){0};
    add_pair(r, key, value);
}

struct ini ini_parse(struct arena *a, struct str text)
{
    struct ini out = {0};
    struct ini_reader r = {.arena = a, .out = &out};
    struct str rest = str_starts(text, STR("\xef\xbb\xbf")) ? str_slice(text, 3, text.len) : text;

    while (str_present(rest)) {
        struct str line = str_cut(&rest, '\n');

        if (!str_empty(line))
            read_line(&r, line);
    }
    return out;
}

bool ini_has_section(const struct ini *ini, struct str section)
{
    for (size_t i = 0; i < ini->len; i++)
        if (str_eq(ini->items[i].section, section))
            return true;
    return false;
}

struct str ini_get(const struct ini *ini, struct str section, struct str key)
{
    struct str found = {0};

    for (size_t i = 0; i < ini->len; i++)
        if (str_present(ini->items[i].key) && str_eq(ini->items[i].section, section) &&
            str_eq(ini->items[i].key, key))
            found = ini->items[i].value;
    return found;
}

/* ---- the two files ---- */

static struct str expanded(const struct aws *aws, struct arena *a, struct str path)
{
    if (!str_starts(path, STR("~/")))
        return path;
    return arena_strf(a, STR_FMT "/" STR_FMT, STR_ARG(aws_env(aws, "HOME")),
                      STR_ARG(str_slice(path, 2, path.len)));
}

static struct ini read_ini(struct aws *aws, struct arena *a, const char *variable,
                           const char *standard)
{
    struct str path = aws_env(aws, variable);

    path = expanded(aws, a, str_present(path) ? path : str_from_z(standard));
    return ini_parse(a, aws_read_file(aws, a, path));
}

void profiles_read(struct aws *aws, struct arena *a, struct profiles *out)
{
    *out = (struct profiles){
        .config = read_ini(aws, a, "AWS_CONFIG_FILE", "~/.aws/config"),
        .credentials = read_ini(aws, a, "AWS_SHARED_CREDENTIALS_FILE", "~/.aws/credentials"),
        .name = aws_env(aws, "AWS_PROFILE"),
        .named = true,
    };
    if (!str_present(out->name))
        out->name = aws_env(aws, "AWS_DEFAULT_PROFILE");
    if (!str_present(out->name)) {
        out->name = STR("default");
        out->named = false;
    }
    out->name = arena_str(a, out->name);
}

/* In the config file the default profile may be [default] or [profile default]. */
static struct str config_section(struct arena *a, const struct profiles *p, struct str name)
{
    struct str section = arena_strf(a, "profile " STR_FMT, STR_ARG(name));

    return str_eq_z(name, "default") && !ini_has_section(&p->config, section) ? name : section;
}

bool profile_exists(struct arena *a, const struct profiles *p, struct str name)
{
    return ini_has_section(&p->credentials, name) ||
           ini_has_section(&p->config, config_section(a, p, name));
}

struct str profile_get_in(struct arena *a, const struct profiles *p, enum profile_file file,
                          struct str name, const char *key)
{
    return file == PROFILE_CREDENTIALS
               ? ini_get(&p->credentials, name, str_from_z(key))
               : ini_get(&p->config, config_section(a, p, name), str_from_z(key));
}

struct str profile_get(struct arena *a, const struct profiles *p, struct str name, const char *key)
{
    struct str value = profile_get_in(a, p, PROFILE_CREDENTIALS, name, key);

    return str_present(value) ? value : profile_get_in(a, p, PROFILE_CONFIG, name, key);
}
