/*
 * Text into a tree, in two passes: the first allocates nothing and holds the limits, so that the
 * second may recurse and take memory in proportion to the text.
 */
#include "base/json_internal.h"

/* ---- the scan before the parser: size, depth, values and members, outside strings ---- */

struct scan {
    const struct json_limits *limits;
    size_t depth;
    size_t values;
    size_t members[JSON_DEPTH_MAX + 1];
    bool is_object[JSON_DEPTH_MAX + 1];
};

/* Index just behind the string that begins at text[i]. */
static size_t skip_string(struct str text, size_t i)
{
    for (i++; i < text.len && text.ptr[i] != '"'; i++)
        if (text.ptr[i] == '\\')
            i++;
    return i + 1;
}

static const char *scan_token(struct scan *s, char c)
{
    switch (c) {
    case '{':
    case '[':
        if (s->depth == JSON_DEPTH_MAX)
            return "nested too deeply";
        s->depth++;
        s->members[s->depth] = 0;
        s->is_object[s->depth] = c == '{';
        s->values++;
        break;
    case '}':
    case ']':
        if (s->depth > 0)
            s->depth--;
        break;
    case ',':
        s->values++;
        break;
    case ':':
        s->values++;
        if (s->is_object[s->depth] && ++s->members[s->depth] > s->limits->members_max)
            return "an object with too many members";
        break;
    default:
        break;
    }
    return s->values > s->limits->values_max ? "too many values" : NULL;
}

static const char *scan(struct str text, const struct json_limits *limits)
{
    struct scan s = {.limits = limits};

    if (text.len > limits->text_max)
        return "the text is too long";
    for (size_t i = 0; i < text.len;) {
        const char *why;

        if (text.ptr[i] == '"') {
            i = skip_string(text, i);
            continue;
        }
        why = scan_token(&s, text.ptr[i++]);
        if (why)
            return why;
    }
    return NULL;
}

/* ---- the text ---- */

/* Where the text is wrong, for people: lines and bytes in a line, from one. */
static struct str describe(const struct json_parser *p)
{
    size_t line = 1;
    size_t column = 1;

    for (size_t i = 0; i < p->at && i < p->text.len; i++) {
        column = p->text.ptr[i] == '\n' ? 1 : column + 1;
        line += p->text.ptr[i] == '\n';
    }
    return arena_strf(p->arena, "not valid JSON at line %zu, column %zu: %s", line, column, p->why);
}

enum fault json_parse_limited(struct arena *a, struct str text, const struct json_limits *limits,
                              const struct json **out, struct str *why)
{
    const char *too_large = scan(text, limits);
    struct json_parser p = {.arena = a, .text = text};
    struct json *tree;

    if (too_large) {
        *why = arena_str(a, str_from_z(too_large));
        return FAULT_TOO_LARGE;
    }
    tree = arena_new_of(a, struct json);
    if (json_parse_value(&p, tree)) {
        (void)json_next(&p);
        if (p.at < text.len)
            (void)json_refuse(&p, "more text behind the value");
    }
    if (p.why) {
        *why = describe(&p);
        return FAULT_INVALID_PARAMETER;
    }
    *out = tree;
    return FAULT_NONE;
}

enum fault json_parse(struct arena *a, struct str text, const struct json **out, struct str *why)
{
    static const struct json_limits limits = {JSON_TEXT_MAX, JSON_VALUES_MAX, JSON_MEMBERS_MAX};

    return json_parse_limited(a, text, &limits, out, why);
}
