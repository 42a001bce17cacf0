/* Everything of JSON text but its strings. */
#include <math.h>
#include <stdlib.h>

#include "base/json_internal.h"
#include "base/str_ascii.h"

/* ---- numbers and words ---- */

static bool skip_digits(struct json_parser *p)
{
    if (!ascii_is_digit(json_peek(p)))
        return json_refuse(p, "a number without its digits");
    while (ascii_is_digit(json_peek(p)))
        p->at++;
    return true;
}

static bool parse_number(struct json_parser *p, struct json *out)
{
    size_t from = p->at;
    struct str number;

    if (json_peek(p) == '-')
        p->at++;
    if (json_peek(p) == '0')
        p->at++;
    else if (!skip_digits(p))
        return false;
    out->kind = JS_INT;
    if (json_peek(p) == '.') {
        out->kind = JS_REAL;
        p->at++;
        if (!skip_digits(p))
            return false;
    }
    if (json_peek(p) == 'e' || json_peek(p) == 'E') {
        out->kind = JS_REAL;
        p->at++;
        if (json_peek(p) == '+' || json_peek(p) == '-')
            p->at++;
        if (!skip_digits(p))
            return false;
    }
    number = str_slice(p->text, from, p->at);
    if (out->kind == JS_INT)
        return str_to_i64(number, &out->integer) || json_refuse(p, "an integer beyond 64 bits");
    out->real = strtod(arena_z(p->arena, number), NULL);
    return isfinite(out->real) || json_refuse(p, "a number that is too large");
}

static bool parse_word(struct json_parser *p, struct json *out)
{
    static const struct {
        struct str text;
        enum json_kind kind;
        bool truth;
    } words[] = {{STR_INIT("null"), JS_NULL, false},
                 {STR_INIT("true"), JS_BOOL, true},
                 {STR_INIT("false"), JS_BOOL, false}};
    struct str rest = str_slice(p->text, p->at, p->text.len);

    for (size_t i = 0; i < ARRAY_LEN(words); i++) {
        if (!str_starts(rest, words[i].text))
            continue;
        out->kind = words[i].kind;
        out->boolean = words[i].truth;
        p->at += words[i].text.len;
        return true;
    }
    return json_refuse(p, "no value begins like this");
}

/* ---- arrays and objects ---- */

static struct json_member *push(struct json_parser *p)
{
    if (p->stack_len == p->stack_cap) {
        size_t cap = p->stack_cap ? 2 * p->stack_cap : 16;
        struct json_member *stack = arena_array_of(p->arena, cap, struct json_member);

        if (p->stack_len)
            memcpy(stack, p->stack, p->stack_len * sizeof(*stack));
        p->stack = stack;
        p->stack_cap = cap;
    }
    p->stack[p->stack_len] = (struct json_member){.value = {.kind = JS_NULL}};
    return &p->stack[p->stack_len++];
}

/* Behind an item: true when another one follows. */
static bool another(struct json_parser *p, char close)
{
    char c = json_next(p);

    if (c != ',' && c != close)
        return json_refuse(p, close == ']' ? "',' or ']' is missing" : "',' or '}' is missing");
    p->at++;
    return c == ',';
}

static bool parse_array(struct json_parser *p, struct json *out)
{
    size_t base = p->stack_len;

    p->at++;
    out->kind = JS_ARRAY;
    if (json_next(p) == ']') {
        p->at++;
    } else {
        do {
            struct json item = {.kind = JS_NULL};

            if (!json_parse_value(p, &item))
                return false;
            push(p)->value = item;
        } while (another(p, ']'));
    }
    out->len = p->stack_len - base;
    out->items = arena_array_of(p->arena, out->len, struct json);
    for (size_t i = 0; i < out->len; i++)
        out->items[i] = p->stack[base + i].value;
    p->stack_len = base;
    return !p->why;
}

static int by_name(const void *a, const void *b)
{
    const struct str *left = *(const struct str *const *)a;
    const struct str *right = *(const struct str *const *)b;

    return str_cmp(*left, *right);
}

static bool few_have_duplicates(const struct json *object)
{
    for (size_t i = 1; i < object->len; i++)
        for (size_t j = 0; j < i; j++)
            if (str_eq(object->members[i].name, object->members[j].name))
                return true;
    return false;
}

static bool has_duplicates(struct arena *a, const struct json *object)
{
    enum { FEW = 16 };
    const struct str **names;

    if (object->len <= FEW)
        return few_have_duplicates(object);
    names = arena_array_of(a, object->len, const struct str *);
    for (size_t i = 0; i < object->len; i++)
        names[i] = &object->members[i].name;
    qsort(names, object->len, sizeof(*names), by_name);
    for (size_t i = 1; i < object->len; i++)
        if (str_eq(*names[i - 1], *names[i]))
            return true;
    return false;
}

static bool parse_member(struct json_parser *p)
{
    struct json_member member = {.value = {.kind = JS_NULL}};

    if (json_next(p) != '"')
        return json_refuse(p, "a name in quotes is missing");
    if (!json_parse_string(p, &member.name))
        return false;
    if (json_next(p) != ':')
        return json_refuse(p, "':' is missing");
    p->at++;
    if (!json_parse_value(p, &member.value))
        return false;
    *push(p) = member;
    return true;
}

static bool parse_object(struct json_parser *p, struct json *out)
{
    size_t base = p->stack_len;

    p->at++;
    out->kind = JS_OBJECT;
    if (json_next(p) == '}') {
        p->at++;
    } else {
        do {
            if (!parse_member(p))
                return false;
        } while (another(p, '}'));
    }
    out->len = p->stack_len - base;
    out->members = arena_array_of(p->arena, out->len, struct json_member);
    if (out->len)
        memcpy(out->members, p->stack + base, out->len * sizeof(*out->members));
    p->stack_len = base;
    if (!p->why && has_duplicates(p->arena, out))
        return json_refuse(p, "a name occurs twice in this object");
    return !p->why;
}

bool json_parse_value(struct json_parser *p, struct json *out)
{
    char c = json_next(p);

    if (c == '{')
        return parse_object(p, out);
    if (c == '[')
        return parse_array(p, out);
    if (c == '"') {
        out->kind = JS_STR;
        return json_parse_string(p, &out->string);
    }
    return c == '-' || ascii_is_digit(c) ? parse_number(p, out) : parse_word(p, out);
}
