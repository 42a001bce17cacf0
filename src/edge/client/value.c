/* The value of one flag: from words of the command line to JSON, by the kind of its field. */
#include "base/str_ascii.h"
#include "edge/client/client_internal.h"

static struct str wrong(struct arena *a, struct str word, const char *what)
{
    return arena_strf(a, "'" STR_FMT "' is not %s", STR_ARG(word), what);
}

static bool put_number(struct arena *a, struct json_writer *w, const struct field *f,
                       struct str word, struct str *why)
{
    const struct json *parsed;
    struct str ignored;
    int64_t n;

    if (str_to_i64(word, &n)) {
        json_put_int(w, n);
        return true;
    }
    if (f->kind == FIELD_REAL && json_parse(a, word, &parsed, &ignored) == FAULT_NONE &&
        parsed->kind == JS_REAL) {
        json_put(w, parsed);
        return true;
    }
    *why = wrong(a, word, f->kind == FIELD_REAL ? "a number" : "a whole number");
    return false;
}

/* Text that begins like a structure is JSON; *put says whether it was that. */
static bool put_json(struct arena *a, struct json_writer *w, struct str word, bool *put,
                     struct str *why)
{
    struct str text = str_trim(word);
    const struct json *parsed;
    struct str reason;

    *put = str_starts(text, STR("{")) || str_starts(text, STR("["));
    if (!*put)
        return true;
    if (json_parse(a, text, &parsed, &reason) != FAULT_NONE) {
        *why = arena_strf(a, "not valid JSON: " STR_FMT, STR_ARG(reason));
        return false;
    }
    json_put(w, parsed);
    return true;
}

static bool put_one(struct arena *a, struct json_writer *w, const struct field *f, struct str word,
                    struct str *why)
{
    bool truth;
    int64_t seconds;

    switch (f->kind) {
    case FIELD_INT:
    case FIELD_INTS:
    case FIELD_REAL:
        return put_number(a, w, f, word, why);
    case FIELD_BOOL:
        if (!str_to_bool(word, &truth)) {
            *why = wrong(a, word, "true or false");
            return false;
        }
        json_put_bool(w, truth);
        return true;
    case FIELD_TIME:
        if (str_to_i64(word, &seconds))
            json_put_int(w, seconds);
        else
            json_put_str(w, word);
        return true;
    default:
        json_put_str(w, word);
        return true;
    }
}

/* [1,2] or a single value, for a list inside a shorthand structure. */
static bool put_inner_list(struct arena *a, struct json_writer *w, const struct field *f,
                           struct str text, struct str *why)
{
    json_begin_array(w);
    if (str_starts(text, STR("[")) && str_ends(text, STR("]")))
        text = str_slice(text, 1, text.len - 1);
    while (str_present(text) && !str_empty(text))
        if (!put_one(a, w, f, str_trim(str_cut(&text, ',')), why))
            return false;
    json_end_array(w);
    return true;
}

static bool put_quoted(struct arena *a, struct json_writer *w, const struct field *f,
                       struct str value, struct str *why)
{
    return shorthand_unquote(a, &value, why) && put_one(a, w, f, value, why);
}

static size_t fields_len(const struct field *table)
{
    size_t n = 0;

    while (table[n].name)
        n++;
    return n;
}

struct structure {
    struct arena *arena;
    const struct field *table;
    bool *seen; /* by the index of a field */
};

static bool put_member(struct structure *s, struct json_writer *w, struct str item, struct str *why)
{
    struct arena *a = s->arena;
    struct str value = item;
    struct str name = str_cut(&value, '=');
    const struct field *f = flag_find(a, s->table, name);

    if (!f || !str_present(value)) {
        *why = f ? wrong(a, name, "followed by '='")
                 : arena_strf(a, "unknown member '" STR_FMT "' (JSON, or name=value,...)",
                              STR_ARG(name));
        return false;
    }
    if (s->seen[f - s->table]) {
        *why = arena_strf(a, "the member '" STR_FMT "' is given twice", STR_ARG(name));
        return false;
    }
    s->seen[f - s->table] = true;
    json_name(w, str_from_z(f->name));
    if (f->kind == FIELD_STRS || f->kind == FIELD_INTS ? put_inner_list(a, w, f, value, why)
                                                       : put_quoted(a, w, f, value, why))
        return true;
    *why = arena_strf(a, STR_FMT ": " STR_FMT, STR_ARG(name), STR_ARG(*why));
    return false;
}

/* waveNumber=1,name=web,dependsOnWaves=[1]: the shorthand of a structure. */
static bool put_structure(struct arena *a, struct json_writer *w, const struct field *table,
                          struct str word, struct str *why)
{
    struct structure s = {a, table, arena_array_of(a, fields_len(table) + 1, bool)};
    bool put;

    if (!put_json(a, w, word, &put, why))
        return false;
    if (put)
        return true;
    json_begin_object(w);
    while (str_present(word))
        if (!put_member(&s, w, shorthand_cut(&word), why))
            return false;
    json_end_object(w);
    return true;
}

static bool put_list(struct arena *a, struct json_writer *w, const struct field *f,
                     struct words words, struct str *why)
{
    json_begin_array(w);
    for (size_t i = 0; i < words.len; i++) {
        struct str word = str_from_z(words.items[i]);

        if (f->kind == FIELD_LIST ? !put_structure(a, w, f->fields, word, why)
                                  : !put_one(a, w, f, word, why))
            return false;
    }
    json_end_array(w);
    return true;
}

static bool is_list(const struct field *f)
{
    return f->kind == FIELD_STRS || f->kind == FIELD_INTS || f->kind == FIELD_LIST;
}

/* One word that holds the whole structure as JSON: '[...]' of a list, '{...}' of an object. */
static bool is_whole(const struct field *f, struct str word)
{
    word = str_trim(word);
    if (is_list(f))
        return str_starts(word, STR("["));
    return (f->kind == FIELD_TAGS || f->kind == FIELD_OBJECT || f->kind == FIELD_JSON) &&
           (str_starts(word, STR("{")) || str_starts(word, STR("[")));
}

bool value_put(struct arena *a, struct json_writer *w, const struct field *f, struct words words,
               struct str *why)
{
    struct str first = words.len ? str_from_z(words.items[0]) : (struct str){0};
    bool put;

    if (f->kind == FIELD_BOOL && words.len == 0) {
        json_put_bool(w, true);
        return true;
    }
    if (words.len == 0) {
        *why = STR("expects a value");
        return false;
    }
    if (words.len == 1 && is_whole(f, first))
        return put_json(a, w, first, &put, why);
    if (is_list(f))
        return put_list(a, w, f, words, why);
    if (f->kind == FIELD_TAGS)
        return shorthand_tags(a, w, words, why);
    if (words.len > 1) {
        *why = arena_strf(a, "expects one value, not %zu", words.len);
        return false;
    }
    if (f->kind == FIELD_OBJECT)
        return put_structure(a, w, f->fields, first, why);
    return put_one(a, w, f, first, why);
}
