/* The flags of an operation's command, by its field table. */
#include "base/file.h"
#include "edge/client/client_internal.h"

enum { FLAGS_MAX = 128 };

/* One flag as given: which field, and the words that follow it. */
struct flag {
    struct str name; /* of the member to send */
    const struct field *field;
    const struct json *value;
};

struct flags {
    struct client *client;
    const struct operation *op;
    struct flag items[FLAGS_MAX];
    size_t len;
    const struct json *input; /* --cli-input-json */
};

const struct field flag_client_token = {
    .name = "clientToken",
    .kind = FIELD_STR,
    .help = "makes a repeated call harmless: the same token gets the first answer",
};

static int usage(const struct flags *fs, const char *what, struct str about)
{
    struct client *c = fs->client;
    struct str name = kebab(c->arena, fs->op->names[0]);

    return client_complain(CLIENT_USAGE, STR_FMT ": %s: " STR_FMT "; see drwave " STR_FMT " --help",
                           STR_ARG(name), what, STR_ARG(about), STR_ARG(name));
}

static const struct field *find(const struct flags *fs, struct str name, bool *negated)
{
    struct arena *a = fs->client->arena;
    const struct field *f = flag_find(a, fs->op->params, name);

    *negated = false;
    if (f)
        return f;
    if (fs->op->run_write && str_eq(name, STR("client-token")))
        return &flag_client_token;
    if (!str_starts(name, STR("no-")))
        return NULL;
    f = flag_find(a, fs->op->params, str_slice(name, 3, name.len));
    *negated = f && f->kind == FIELD_BOOL;
    return *negated ? f : NULL;
}

static int unknown(const struct flags *fs, struct str name)
{
    struct arena *a = fs->client->arena;
    struct str near = flag_nearest(a, fs->op->params, name);

    if (str_present(near))
        return usage(fs, "unknown option",
                     arena_strf(a, "--" STR_FMT " (did you mean --" STR_FMT "?)", STR_ARG(name),
                                STR_ARG(near)));
    return usage(fs, "unknown option", arena_strf(a, "--" STR_FMT, STR_ARG(name)));
}

/* file://PATH stands for what is in the file, as in the AWS CLI. */
static bool expand_files(struct arena *a, struct words words, struct str *why)
{
    for (size_t i = 0; i < words.len; i++) {
        struct str path = str_from_z(words.items[i]);
        struct str text;

        if (!str_starts(path, STR("file://")))
            continue;
        path = str_slice(path, strlen("file://"), path.len);
        if (file_read(a, path, JSON_TEXT_MAX, &text, why) != FAULT_NONE)
            return false;
        words.items[i] = arena_str(a, text).ptr;
    }
    return true;
}

static bool parse_value(struct arena *a, const struct field *f, struct words words,
                        const struct json **out, struct str *why)
{
    struct buf text = buf_new(a, JSON_TEXT_MAX);
    struct json_writer w = json_writer_to(&text);

    if (!expand_files(a, words, why) || !value_put(a, &w, f, words, why))
        return false;
    return json_parse(a, buf_str(&text), out, why) == FAULT_NONE;
}

static int take_input(struct flags *fs, struct words words)
{
    struct arena *a = fs->client->arena;
    struct str why = STR("expects one JSON object or file://PATH");

    if (words.len != 1 || !expand_files(a, words, &why) ||
        json_parse(a, str_from_z(words.items[0]), &fs->input, &why) != FAULT_NONE)
        return usage(fs, "--cli-input-json", why);
    if (fs->input->kind != JS_OBJECT)
        return usage(fs, "--cli-input-json", STR("must be a JSON object"));
    return 0;
}

static int take(struct flags *fs, struct str name, struct words words)
{
    const char *no[] = {"false"};
    struct arena *a = fs->client->arena;
    struct str title = arena_strf(a, "--" STR_FMT, STR_ARG(name));
    struct flag *flag = &fs->items[fs->len];
    struct str why;
    bool negated;

    if (str_eq(name, STR("cli-input-json")))
        return take_input(fs, words);
    flag->field = find(fs, name, &negated);
    if (!flag->field)
        return unknown(fs, name);
    if (negated && words.len)
        return usage(fs, arena_z(a, title), STR("takes no value"));
    if (negated)
        words = (struct words){no, 1};
    for (size_t i = 0; i < fs->len; i++)
        if (fs->items[i].field == flag->field)
            return usage(fs, arena_z(a, title), STR("given twice"));
    if (!parse_value(a, flag->field, words, &flag->value, &why))
        return usage(fs, arena_z(a, title), why);
    flag->name = str_from_z(flag->field->name);
    fs->len++;
    return 0;
}

/* What flags say replaces what the input says, whatever the spelling. */
static bool overridden(const struct flags *fs, struct str member)
{
    const struct field *f = fs->op->params ? field_find_spelling(fs->op->params, member) : NULL;

    for (size_t i = 0; i < fs->len; i++)
        if (str_eq(fs->items[i].name, member) || (f && fs->items[i].field == f))
            return true;
    return false;
}

static const struct json *merged(const struct flags *fs)
{
    struct arena *a = fs->client->arena;
    struct json *out = arena_new_of(a, struct json);
    size_t room = fs->len + (fs->input ? fs->input->len : 0);

    out->kind = JS_OBJECT;
    out->members = arena_array_of(a, room + 1, struct json_member);
    for (size_t i = 0; fs->input && i < fs->input->len; i++)
        if (!overridden(fs, fs->input->members[i].name))
            out->members[out->len++] = fs->input->members[i];
    for (size_t i = 0; i < fs->len; i++)
        out->members[out->len++] = (struct json_member){fs->items[i].name, *fs->items[i].value};
    return out;
}

static bool word_in(const char *words, const char *word)
{
    struct str rest = str_from_z(words);

    while (str_present(rest))
        if (str_eq_z(str_cut(&rest, ' '), word))
            return true;
    return false;
}

static bool given(const struct field *table, const struct json *params, const struct field *f)
{
    for (size_t i = 0; i < params->len; i++)
        if (field_find_spelling(table, params->members[i].name) == f)
            return true;
    return false;
}

/* All that is missing at once, in the words of the command line. */
static int check_required(const struct flags *fs, const struct json *params)
{
    struct buf missing = buf_new(fs->client->arena, 4096);
    const struct field *table = fs->op->params;

    for (const struct field *f = table; f && f->name; f++) {
        if (!(f->flags & FIELD_REQUIRED) && !word_in(fs->op->api_required, f->name))
            continue;
        if (!given(table, params, f))
            buf_addf(&missing, "%s--" STR_FMT, missing.len ? ", " : "",
                     STR_ARG(kebab(fs->client->arena, f->name)));
    }
    if (missing.len)
        return usage(fs, "the following options are required", buf_str(&missing));
    return 0;
}

/* Takes one flag and the words that belong to it off the front. */
static int take_next(struct flags *fs, struct words *rest)
{
    struct str value = str_from_z(rest->items[0]);
    struct words words = {rest->items + 1, 0};
    const char *inline_value;
    struct str name;

    if (!str_starts(value, STR("--")) || fs->len == FLAGS_MAX - 1)
        return usage(fs, "unexpected word", value);
    value = str_slice(value, 2, value.len);
    name = str_cut(&value, '=');
    while (words.len + 1 < rest->len && strncmp(words.items[words.len], "--", 2) != 0)
        words.len++;
    *rest = (struct words){words.items + words.len, rest->len - 1 - words.len};
    if (!str_present(value))
        return take(fs, name, words);
    if (words.len)
        return usage(fs, "unexpected word", str_from_z(words.items[0]));
    inline_value = value.ptr;
    return take(fs, name, (struct words){&inline_value, 1});
}

int flags_parse(struct client *c, const struct operation *op, struct words words,
                const struct json **out)
{
    struct flags *fs = arena_new_of(c->arena, struct flags);
    int code = 0;

    fs->client = c;
    fs->op = op;
    while (words.len && code == 0)
        code = take_next(fs, &words);
    if (code)
        return code;
    *out = merged(fs);
    return check_required(fs, *out);
}
