/* Strings of JSON text: escapes resolved, UTF-8 checked, copied once. */
#include "base/json_internal.h"
#include "base/str_ascii.h"

static bool hex4(struct json_parser *p, unsigned *out)
{
    *out = 0;
    for (int i = 0; i < 4; i++, p->at++) {
        int digit = ascii_hex(json_peek(p));

        if (digit < 0)
            return json_refuse(p, "\\u wants four hexadecimal digits");
        *out = *out * 16 + (unsigned)digit;
    }
    return true;
}

static bool code_point(struct json_parser *p, unsigned *out)
{
    unsigned low;

    if (!hex4(p, out))
        return false;
    if (*out == 0)
        return json_refuse(p, "\\u0000 is not allowed");
    if (*out < 0xd800 || *out > 0xdfff)
        return true;
    if (*out > 0xdbff || json_peek(p) != '\\' || p->at + 1 >= p->text.len ||
        p->text.ptr[p->at + 1] != 'u')
        return json_refuse(p, "half of a surrogate pair");
    p->at += 2;
    if (!hex4(p, &low))
        return false;
    if (low < 0xdc00 || low > 0xdfff)
        return json_refuse(p, "half of a surrogate pair");
    *out = 0x10000 + ((*out - 0xd800) << 10) + (low - 0xdc00);
    return true;
}

/* Never longer than the escape that said it. */
static char *put_utf8(char *to, unsigned c)
{
    if (c < 0x80) {
        *to++ = (char)c;
    } else if (c < 0x800) {
        *to++ = (char)(0xc0 | (c >> 6));
        *to++ = (char)(0x80 | (c & 0x3f));
    } else if (c < 0x10000) {
        *to++ = (char)(0xe0 | (c >> 12));
        *to++ = (char)(0x80 | ((c >> 6) & 0x3f));
        *to++ = (char)(0x80 | (c & 0x3f));
    } else {
        *to++ = (char)(0xf0 | (c >> 18));
        *to++ = (char)(0x80 | ((c >> 12) & 0x3f));
        *to++ = (char)(0x80 | ((c >> 6) & 0x3f));
        *to++ = (char)(0x80 | (c & 0x3f));
    }
    return to;
}

/* Behind a backslash. */
static bool unescape(struct json_parser *p, char **to)
{
    static const char names[] = "\"\\/bfnrt";
    static const char bytes[] = "\"\\/\b\f\n\r\t";
    char c = json_peek(p);
    const char *name = c ? strchr(names, c) : NULL;
    unsigned point;

    if (name) {
        *(*to)++ = bytes[name - names];
        p->at++;
        return true;
    }
    if (c != 'u')
        return json_refuse(p, "no such escape");
    p->at++;
    if (!code_point(p, &point))
        return false;
    *to = put_utf8(*to, point);
    return true;
}

/* Index of the closing quote, or of what ends the string before it. */
static size_t string_end(const struct json_parser *p, bool *escapes)
{
    size_t i = p->at;

    for (; i < p->text.len && p->text.ptr[i] != '"'; i++) {
        if ((unsigned char)p->text.ptr[i] < 0x20)
            return i;
        if (p->text.ptr[i] == '\\') {
            *escapes = true;
            i++;
        }
    }
    return i;
}

bool json_parse_string(struct json_parser *p, struct str *out)
{
    bool escapes = false;
    size_t end;
    char *to;

    p->at++;
    end = string_end(p, &escapes);
    if (end >= p->text.len || p->text.ptr[end] != '"') {
        p->at = end < p->text.len ? end : p->text.len;
        return json_refuse(p, "a string that does not end, or holds a control character");
    }
    *out = str_slice(p->text, p->at, end);
    if (!str_is_utf8(*out))
        return json_refuse(p, "text that is not UTF-8");
    if (!escapes) {
        *out = arena_str(p->arena, *out);
        p->at = end + 1;
        return true;
    }
    out->ptr = to = arena_alloc(p->arena, out->len + 1);
    while (p->at < end) {
        char c = p->text.ptr[p->at++];

        if (c != '\\')
            *to++ = c;
        else if (!unescape(p, &to))
            return false;
    }
    out->len = (size_t)(to - out->ptr);
    *to = '\0';
    p->at = end + 1;
    return true;
}
