/*
 * The shorthand of the AWS CLI: name=value,name=value. A value that holds a comma is quoted, by '
 * or ", in which a backslash keeps the quote and itself; a list stands in brackets.
 */
#include "edge/client/client_internal.h"

static bool is_quote(char c)
{
    return c == '"' || c == '\'';
}

/* Where the quoted text that begins at `from` has its closing quote; the length if nowhere. */
static size_t closing_quote(struct str s, size_t from)
{
    for (size_t i = from + 1; i < s.len; i++) {
        if (s.ptr[i] == '\\')
            i++;
        else if (s.ptr[i] == s.ptr[from])
            return i;
    }
    return s.len;
}

/* Where the value that begins at `from` may hold a comma no longer. */
static size_t past_commas(struct str s, size_t from)
{
    ptrdiff_t bracket;

    if (from < s.len && is_quote(s.ptr[from]))
        return closing_quote(s, from);
    if (from == s.len || s.ptr[from] != '[')
        return from;
    bracket = str_find(str_slice(s, from, s.len), ']');
    return bracket < 0 ? from : from + (size_t)bracket;
}

struct str shorthand_cut(struct str *rest)
{
    size_t i = 0;
    struct str item;

    while (i < rest->len && rest->ptr[i] != ',')
        if (rest->ptr[i++] == '=')
            i = past_commas(*rest, i);
    item = str_slice(*rest, 0, i);
    *rest = i < rest->len ? str_slice(*rest, i + 1, rest->len) : (struct str){0};
    while (str_starts(*rest, STR(" "))) /* as people write after a comma */
        *rest = str_slice(*rest, 1, rest->len);
    return item;
}

bool shorthand_unquote(struct arena *a, struct str *value, struct str *why)
{
    struct buf b;
    char quote = value->len ? value->ptr[0] : 0;
    size_t end;

    if (!is_quote(quote))
        return true;
    end = closing_quote(*value, 0);
    if (end + 1 != value->len) {
        *why =
            arena_strf(a, STR_FMT " begins with a quote and does not end with it", STR_ARG(*value));
        return false;
    }
    b = buf_new(a, value->len);
    for (size_t i = 1; i < end; i++) {
        char next = value->ptr[i + 1];

        if (value->ptr[i] == '\\' && (next == quote || next == '\\'))
            i++;
        buf_add_char(&b, value->ptr[i]);
    }
    *value = b.len ? buf_str(&b) : STR("");
    return true;
}

/* ---- tags ---- */

struct tags_read {
    struct arena *arena;
    struct json_member *items;
    size_t len;
    struct str why;
};

static bool read_item(struct tags_read *t, struct str item, struct str *key, struct str *value)
{
    *value = item;
    *key = str_cut(value, '=');
    if (str_present(*value) && !str_empty(*key))
        return shorthand_unquote(t->arena, value, &t->why);
    t->why = arena_strf(t->arena,
                        "'" STR_FMT "' is not Key=Value (a value that holds a comma is quoted, "
                        "as in Key='\"a,b\"', or all is JSON)",
                        STR_ARG(item));
    return false;
}

static bool add_tag(struct tags_read *t, struct str key, struct str value)
{
    for (size_t i = 0; i < t->len; i++)
        if (str_eq(t->items[i].name, key)) {
            t->why = arena_strf(t->arena, "the tag '" STR_FMT "' is given twice", STR_ARG(key));
            return false;
        }
    t->items[t->len++] = (struct json_member){key, {.kind = JS_STR, .string = value}};
    return true;
}

/* AWS's own way to write one tag: Key=Name,Value=web, in either order. */
static bool is_pair(const struct json_member *first, const struct json_member *second)
{
    return (str_eq(first->name, STR("Key")) && str_eq(second->name, STR("Value"))) ||
           (str_eq(first->name, STR("Value")) && str_eq(second->name, STR("Key")));
}

static bool read_word(struct tags_read *t, struct str word)
{
    size_t before = t->len;
    const struct json_member *pair = &t->items[before];
    struct str key, value;

    do {
        struct str item = shorthand_cut(&word);

        if (!read_item(t, item, &key, &value) || !add_tag(t, key, value))
            return false;
    } while (str_present(word));
    if (t->len != before + 2 || !is_pair(&pair[0], &pair[1]))
        return true;
    key = str_eq(pair[0].name, STR("Key")) ? pair[0].value.string : pair[1].value.string;
    value = str_eq(pair[0].name, STR("Key")) ? pair[1].value.string : pair[0].value.string;
    t->len = before;
    return add_tag(t, key, value);
}

static size_t items_at_most(struct words words)
{
    size_t n = words.len;

    for (size_t i = 0; i < words.len; i++)
        for (const char *c = words.items[i]; *c; c++)
            n += *c == ',';
    return n;
}

bool shorthand_tags(struct arena *a, struct json_writer *w, struct words words, struct str *why)
{
    struct tags_read t = {a, arena_array_of(a, items_at_most(words), struct json_member), 0, {0}};

    for (size_t i = 0; i < words.len; i++)
        if (!read_word(&t, str_from_z(words.items[i]))) {
            *why = t.why;
            return false;
        }
    json_put(w, &(struct json){.kind = JS_OBJECT, .members = t.items, .len = t.len});
    return true;
}
