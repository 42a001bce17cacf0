#include <math.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/json.h"
#include "base/panic.h"

struct json_writer json_writer_to(struct buf *out)
{
    return (struct json_writer){.out = out};
}

/* What must stand before a value or a name: a comma, unless it is the first or follows its name. */
static void separate(struct json_writer *w)
{
    if (w->comma && !w->after_name)
        buf_add_char(w->out, ',');
    w->comma = true;
    w->after_name = false;
}

static void begin(struct json_writer *w, char c)
{
    separate(w);
    REQUIRE(w->depth < JSON_DEPTH_MAX * 2);
    w->depth++;
    w->comma = false;
    buf_add_char(w->out, c);
}

static void end(struct json_writer *w, char c)
{
    REQUIRE(w->depth > 0 && !w->after_name);
    w->depth--;
    w->comma = true;
    buf_add_char(w->out, c);
}

void json_begin_object(struct json_writer *w)
{
    begin(w, '{');
}

void json_end_object(struct json_writer *w)
{
    end(w, '}');
}

void json_begin_array(struct json_writer *w)
{
    begin(w, '[');
}

void json_end_array(struct json_writer *w)
{
    end(w, ']');
}

static void put_escape(struct buf *out, unsigned char c)
{
    switch (c) {
    case '"':
        buf_add(out, STR("\\\""));
        break;
    case '\\':
        buf_add(out, STR("\\\\"));
        break;
    case '\n':
        buf_add(out, STR("\\n"));
        break;
    case '\r':
        buf_add(out, STR("\\r"));
        break;
    case '\t':
        buf_add(out, STR("\\t"));
        break;
    default:
        buf_addf(out, "\\u%04x", c);
    }
}

static bool is_clean(unsigned char c)
{
    return c >= 0x20 && c != '"' && c != '\\' && c != 0x7f;
}

/* Bytes that need no escape go out in runs. */
static void put_clean(struct buf *out, struct str s)
{
    size_t run = 0;

    for (size_t i = 0; i < s.len; i++) {
        unsigned char c = (unsigned char)s.ptr[i];

        if (is_clean(c))
            continue;
        buf_add(out, str_slice(s, run, i));
        put_escape(out, c);
        run = i + 1;
    }
    buf_add(out, str_slice(s, run, s.len));
}

/* Nearly everything that is ever written. */
static bool is_plain_ascii(struct str s)
{
    bool plain = true;

    for (size_t i = 0; i < s.len; i++)
        plain &= is_clean((unsigned char)s.ptr[i]) && (unsigned char)s.ptr[i] < 0x80;
    return plain;
}

static void put_plain(struct buf *out, struct str s)
{
    char *to;

    if (!buf_reserve(out, s.len + 2))
        return;
    to = out->ptr + out->len;
    *to++ = '"';
    if (s.len)
        memcpy(to, s.ptr, s.len);
    to[s.len] = '"';
    to[s.len + 1] = '\0';
    out->len += s.len + 2;
}

static void put_quoted(struct buf *out, struct str s)
{
    if (is_plain_ascii(s)) {
        put_plain(out, s);
        return;
    }
    buf_add_char(out, '"');
    if (str_is_utf8(s)) {
        put_clean(out, s);
    } else {
        for (size_t i = 0; i < s.len; i++) {
            struct str one = str_slice(s, i, i + 1);

            if ((unsigned char)one.ptr[0] < 0x80)
                put_clean(out, one);
            else
                buf_add(out, STR("\xef\xbf\xbd"));
        }
    }
    buf_add_char(out, '"');
}

void json_name(struct json_writer *w, struct str name)
{
    REQUIRE(w->depth > 0 && !w->after_name);
    separate(w);
    put_quoted(w->out, name);
    buf_add_char(w->out, ':');
    w->after_name = true;
}

void json_put_str(struct json_writer *w, struct str s)
{
    if (!str_present(s)) {
        json_put_null(w);
        return;
    }
    separate(w);
    put_quoted(w->out, s);
}

void json_put_int(struct json_writer *w, int64_t i)
{
    separate(w);
    buf_addf(w->out, "%lld", (long long)i);
}

/* Fifteen digits give back what people wrote (0.1); seventeen where fifteen would lose something.
 */
void json_put_real(struct json_writer *w, double d)
{
    char text[40];
    double back;

    if (!isfinite(d)) {
        json_put_null(w);
        return;
    }
    separate(w);
    (void)snprintf(text, sizeof(text), "%.15g", d);
    back = strtod(text, NULL);
    if (back < d || back > d)
        (void)snprintf(text, sizeof(text), "%.17g", d);
    buf_add_z(w->out, text);
    if (!strpbrk(text, ".e"))
        buf_add(w->out, STR(".0"));
}

void json_put_bool(struct json_writer *w, bool b)
{
    separate(w);
    buf_add(w->out, b ? STR("true") : STR("false"));
}

void json_put_null(struct json_writer *w)
{
    separate(w);
    buf_add(w->out, STR("null"));
}

void json_put_raw(struct json_writer *w, struct str text)
{
    separate(w);
    buf_add(w->out, text);
}

static void put_object(struct json_writer *w, const struct json *v)
{
    json_begin_object(w);
    for (size_t i = 0; i < v->len; i++) {
        json_name(w, v->members[i].name);
        json_put(w, &v->members[i].value);
    }
    json_end_object(w);
}

/* The recursion is bounded: trees come from the parser, which limits their depth. */
void json_put(struct json_writer *w, const struct json *v)
{
    switch (v ? v->kind : JS_NULL) {
    case JS_NULL:
        json_put_null(w);
        break;
    case JS_BOOL:
        json_put_bool(w, v->boolean);
        break;
    case JS_INT:
        json_put_int(w, v->integer);
        break;
    case JS_REAL:
        json_put_real(w, v->real);
        break;
    case JS_STR:
        json_put_str(w, v->string);
        break;
    case JS_ARRAY:
        json_begin_array(w);
        for (size_t i = 0; i < v->len; i++)
            json_put(w, &v->items[i]);
        json_end_array(w);
        break;
    case JS_OBJECT:
        put_object(w, v);
        break;
    }
}

void json_member_str(struct json_writer *w, const char *name, struct str s)
{
    json_name(w, str_from_z(name));
    json_put_str(w, s);
}

void json_member_int(struct json_writer *w, const char *name, int64_t i)
{
    json_name(w, str_from_z(name));
    json_put_int(w, i);
}

void json_member_bool(struct json_writer *w, const char *name, bool b)
{
    json_name(w, str_from_z(name));
    json_put_bool(w, b);
}

struct str json_text(struct arena *a, const struct json *v)
{
    struct buf out = buf_new(a, SIZE_MAX / 4);
    struct json_writer w = json_writer_to(&out);

    json_put(&w, v);
    return buf_str(&out);
}
