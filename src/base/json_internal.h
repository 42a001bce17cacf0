#ifndef BASE_JSON_INTERNAL_H
#define BASE_JSON_INTERNAL_H

#include "base/json.h"

/* What the files of the parser share. A parser that has refused is not asked again. */
struct json_parser {
    struct arena *arena;
    struct str text;
    size_t at;
    const char *why;           /* what is wrong at `at`, or NULL */
    struct json_member *stack; /* what the open arrays and objects hold so far; arrays: no names */
    size_t stack_len;
    size_t stack_cap;
};

static inline bool json_refuse(struct json_parser *p, const char *why)
{
    p->why = why;
    return false;
}

/* The next byte, or NUL at the end, which is part of no token. */
static inline char json_peek(const struct json_parser *p)
{
    return p->at < p->text.len ? p->text.ptr[p->at] : '\0';
}

/* The same behind white space. */
static inline char json_next(struct json_parser *p)
{
    char c = json_peek(p);

    while (c == ' ' || c == '\t' || c == '\n' || c == '\r') {
        p->at++;
        c = json_peek(p);
    }
    return c;
}

/* ---- json_value.c; recurses as deep as the text is nested ---- */
bool json_parse_value(struct json_parser *p, struct json *out);

/* ---- json_string.c; at the quote ---- */
bool json_parse_string(struct json_parser *p, struct str *out);

#endif
