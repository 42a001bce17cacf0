/* An answer on standard output, in the form that was asked for. */
#include <stdio.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "base/panic.h"
#include "edge/client/client_internal.h"

enum { OUTPUT_MAX = 256 << 20, INDENT = 4 };

static void indent(struct buf *b, unsigned depth)
{
    buf_addf(b, "\n%*s", (int)(depth * INDENT), "");
}

static void pretty_scalar(struct buf *b, const struct json *v)
{
    struct json_writer w = json_writer_to(b);

    json_put(&w, v);
}

/* Recursion ends where the parser's depth limit does. */
static void pretty(struct buf *b, const struct json *v, unsigned depth)
{
    bool object = v->kind == JS_OBJECT;

    if ((v->kind != JS_OBJECT && v->kind != JS_ARRAY) || v->len == 0) {
        pretty_scalar(b, v);
        return;
    }
    buf_add_char(b, object ? '{' : '[');
    for (size_t i = 0; i < v->len; i++) {
        indent(b, depth + 1);
        if (object) {
            pretty_scalar(b, &(struct json){.kind = JS_STR, .string = v->members[i].name});
            buf_add_z(b, ": ");
        }
        pretty(b, object ? &v->members[i].value : &v->items[i], depth + 1);
        if (i + 1 < v->len)
            buf_add_char(b, ',');
    }
    indent(b, depth);
    buf_add_char(b, object ? '}' : ']');
}

/* One line for each item of a list; anything else is one line. */
static void plain(struct arena *a, struct buf *b, const struct json *v)
{
    for (size_t i = 0; v->kind == JS_ARRAY && i < v->len; i++)
        buf_addf(b, STR_FMT "\n", STR_ARG(cell(a, &v->items[i])));
    if (v->kind != JS_ARRAY)
        buf_addf(b, STR_FMT "\n", STR_ARG(v->kind == JS_NULL ? STR("None") : cell(a, v)));
}

static size_t terminal_columns(void)
{
    struct winsize size = {0};

    return ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) == 0 ? size.ws_col : 0;
}

int output_answer(struct client *c, const struct operation *op, const struct json *answer)
{
    struct buf b = buf_new(c->arena, OUTPUT_MAX);
    enum output form = c->output;

    if (form == OUTPUT_UNSAID)
        form = c->terminal ? OUTPUT_TABLE : OUTPUT_JSON;
    if (str_present(c->query))
        REQUIRE(query(c->arena, answer, c->query, &answer));
    if (form == OUTPUT_JSON) {
        pretty(&b, answer, 0);
        buf_add_char(&b, '\n');
    } else if (str_present(c->query)) {
        plain(c->arena, &b, answer);
    } else if (form == OUTPUT_TABLE) {
        output_table(&b, op->reply, answer, c->terminal ? terminal_columns() : 0);
    } else {
        output_text(c->arena, &b, op->reply, answer);
    }
    (void)fwrite(b.ptr, 1, b.len, stdout);
    return CLIENT_DONE;
}
