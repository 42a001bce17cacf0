/*
 * Answers for people: as tables, and as lines of tab-separated text for scripts. Both are driven by
 * the reply's field table, which knows the canonical spelling of every member: an answer carries
 * all documented ones, and people want to read each once.
 */
#include "edge/client/client_internal.h"

enum { CELL_MAX = 60 };

struct str cell(struct arena *a, const struct json *v)
{
    struct buf b = buf_new(a, 64 << 10);
    struct str text = {0};

    if (!v || v->kind == JS_NULL)
        return STR("-");
    if (v->kind == JS_ARRAY) {
        for (size_t i = 0; i < v->len; i++)
            buf_addf(&b, "%s" STR_FMT, i ? ", " : "", STR_ARG(cell(a, &v->items[i])));
        return b.len ? buf_str(&b) : STR("-");
    }
    if (v->kind == JS_OBJECT) {
        for (size_t i = 0; i < v->len; i++)
            buf_addf(&b, "%s" STR_FMT "=" STR_FMT, i ? ", " : "", STR_ARG(v->members[i].name),
                     STR_ARG(cell(a, &v->members[i].value)));
        return b.len ? buf_str(&b) : STR("-");
    }
    text = text_plain(a, v->kind == JS_STR ? v->string : json_text(a, v));
    return text.len ? text : STR("-");
}

static struct str cut_cell(struct arena *a, struct str text)
{
    if (text_width(text) <= CELL_MAX)
        return text;
    return arena_strf(a, STR_FMT "...", STR_ARG(text_cut(text, CELL_MAX - 3)));
}

static void pad(struct buf *b, struct str text, size_t width)
{
    buf_add(b, text_padded(b->arena, text, width));
}

static bool is_rows(const struct json *v)
{
    return json_is(v, JS_ARRAY) && v->len > 0 && v->items[0].kind == JS_OBJECT;
}

/* A column: shown where any row has a value for it, and it is not a structure of its own. */
static bool is_column(const struct field *f, const struct json *rows)
{
    if (f->kind == FIELD_OBJECT || f->kind == FIELD_LIST || f->kind == FIELD_JSON)
        return false;
    for (size_t i = 0; i < rows->len; i++) {
        const struct json *v = json_get_z(&rows->items[i], f->name);

        if (v && v->kind != JS_NULL && !(v->kind == JS_ARRAY && v->len == 0))
            return true;
    }
    return false;
}

struct column {
    const char *name;
    size_t width;
};

enum { COLUMNS_MAX = 64 };

struct columns_fit {
    size_t width;      /* 0: any */
    struct str hidden; /* names of what did not fit, or absent */
};

static size_t choose_columns(struct arena *a, const struct field *table, const struct json *rows,
                             struct column *out)
{
    size_t n = 0;

    for (const struct field *f = table; f && f->name && n < COLUMNS_MAX; f++) {
        struct column col = {f->name, strlen(f->name)};

        if (!is_column(f, rows))
            continue;
        for (size_t i = 0; i < rows->len; i++) {
            size_t w = text_width(cut_cell(a, cell(a, json_get_z(&rows->items[i], f->name))));

            col.width = w > col.width ? w : col.width;
        }
        out[n++] = col;
    }
    return n;
}

static size_t width_of(const struct column *columns, size_t n)
{
    size_t width = 0;

    for (size_t i = 0; i < n; i++)
        width += columns[i].width + (i ? 2 : 0);
    return width;
}

/* Takes out columns until the rest fits: lists and tags first, then from the right. */
static size_t fit_columns(struct arena *a, const struct field *table, struct column *columns,
                          size_t n, struct columns_fit *fit)
{
    struct buf hidden = buf_new(a, 4096);

    while (fit->width && n > 1 && width_of(columns, n) > fit->width) {
        size_t victim = n - 1;

        for (size_t i = n; i-- > 0;) {
            enum field_kind kind = field_find(table, str_from_z(columns[i].name))->kind;

            if (kind == FIELD_STRS || kind == FIELD_INTS || kind == FIELD_TAGS) {
                victim = i;
                break;
            }
        }
        buf_addf(&hidden, "%s%s", hidden.len ? ", " : "", columns[victim].name);
        n--;
        memmove(columns + victim, columns + victim + 1, (n - victim) * sizeof(*columns));
    }
    fit->hidden = hidden.len ? buf_str(&hidden) : (struct str){0};
    return n;
}

static void put_heads(struct buf *b, const struct column *columns, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        buf_add_z(b, i ? "  " : "");
        pad(b, str_from_z(columns[i].name), i + 1 < n ? columns[i].width : 0);
    }
    buf_add_z(b, "\n");
    for (size_t i = 0; i < n; i++) {
        buf_add_z(b, i ? "  " : "");
        for (size_t k = 0; k < columns[i].width; k++)
            buf_add_char(b, '-');
    }
    buf_add_z(b, "\n");
}

static void put_rows(struct arena *a, struct buf *b, const struct field *table,
                     const struct json *rows, size_t width)
{
    struct columns_fit fit = {.width = width};
    struct column columns[COLUMNS_MAX];
    size_t n = fit_columns(a, table, columns, choose_columns(a, table, rows, columns), &fit);

    put_heads(b, columns, n);
    for (size_t r = 0; r < rows->len; r++) {
        for (size_t i = 0; i < n; i++) {
            struct str text = cut_cell(a, cell(a, json_get_z(&rows->items[r], columns[i].name)));

            buf_add_z(b, i ? "  " : "");
            pad(b, text, i + 1 < n ? columns[i].width : 0);
        }
        buf_add_z(b, "\n");
    }
    if (str_present(fit.hidden))
        buf_addf(b, "(not shown: " STR_FMT ")\n", STR_ARG(fit.hidden));
}

static void put_pair(struct buf *b, const char *name, struct str value, size_t width)
{
    pad(b, str_from_z(name), width);
    buf_addf(b, "  " STR_FMT "\n", STR_ARG(value));
}

/* Members that no table describes, as they came. */
static void output_plain(struct arena *a, struct buf *b, const struct json *v)
{
    for (size_t i = 0; json_is(v, JS_OBJECT) && i < v->len; i++)
        put_pair(b, arena_z(a, v->members[i].name), cell(a, &v->members[i].value), 20);
}

void output_table(struct buf *b, const struct field *table, const struct json *v, size_t columns)
{
    struct arena *a = b->arena;
    size_t width = 0;

    if (!table || !table->name) {
        output_plain(a, b, v);
        return;
    }
    for (const struct field *f = table; f->name; f++)
        if (json_get_z(v, f->name) && strlen(f->name) > width)
            width = strlen(f->name);
    for (const struct field *f = table; f->name; f++) {
        const struct json *member = json_get_z(v, f->name);

        if (member && !is_rows(member) && member->kind != JS_NULL)
            put_pair(b, f->name, cell(a, member), width);
    }
    for (const struct field *f = table; f->name; f++) {
        const struct json *member = json_get_z(v, f->name);

        if (!is_rows(member))
            continue;
        buf_addf(b, "%s%s (%zu)\n", b->len ? "\n" : "", f->name, member->len);
        put_rows(a, b, f->fields, member, columns);
    }
}

/* ---- text ---- */

static struct str upper(struct arena *a, const char *name)
{
    struct str text = kebab(a, name);
    char *copy = memcpy(arena_alloc(a, text.len + 1), text.ptr, text.len);

    for (size_t i = 0; i < text.len; i++)
        if (copy[i] >= 'a' && copy[i] <= 'z')
            copy[i] = (char)(copy[i] - 'a' + 'A');
    return (struct str){copy, text.len};
}

/*
 * One line a structure: its name, then the scalars in the table's order, separated by tabs; then
 * the structures inside it. "None" stands for what is absent, so that columns keep their place.
 */
static void text_of(struct arena *a, struct buf *b, const struct field *table, struct str title,
                    const struct json *v)
{
    buf_add(b, title);
    for (const struct field *f = table; f->name; f++) {
        const struct json *member = json_get_z(v, f->name);

        if (f->kind == FIELD_LIST || f->kind == FIELD_OBJECT)
            continue;
        buf_add_z(b, "\t");
        buf_add(b, member && member->kind != JS_NULL ? cell(a, member) : STR("None"));
    }
    buf_add_z(b, "\n");
    for (const struct field *f = table; f->name; f++) {
        const struct json *member = json_get_z(v, f->name);

        if (f->kind == FIELD_OBJECT && json_is(member, JS_OBJECT) && f->fields)
            text_of(a, b, f->fields, upper(a, f->name), member);
        for (size_t i = 0; f->kind == FIELD_LIST && json_is(member, JS_ARRAY) && i < member->len;
             i++)
            text_of(a, b, f->fields, upper(a, f->name), &member->items[i]);
    }
}

void output_text(struct arena *a, struct buf *b, const struct field *table, const struct json *v)
{
    if (!table || !table->name)
        output_plain(a, b, v);
    else
        text_of(a, b, table, STR("ANSWER"), v);
}
