/*
 * Text as columns on a terminal. The widths are those of terminals in a UTF-8 locale; the C library
 * knows them only once a locale is set, which a program with fixed formats better leaves alone.
 */
#include "edge/client/client_internal.h"

struct range {
    unsigned from;
    unsigned to;
};

static bool is_in(const struct range *ranges, size_t n, unsigned c)
{
    for (size_t i = 0; i < n; i++)
        if (c >= ranges[i].from && c <= ranges[i].to)
            return true;
    return false;
}

/* Marks that stand on the character before, and characters that are not seen. */
static const struct range none[] = {
    {0x0300, 0x036f}, {0x0483, 0x0489}, {0x0591, 0x05bd}, {0x064b, 0x065f}, {0x1ab0, 0x1aff},
    {0x1dc0, 0x1dff}, {0x200b, 0x200f}, {0x202a, 0x202e}, {0x2060, 0x2064}, {0x20d0, 0x20ff},
    {0xfe00, 0xfe0f}, {0xfe20, 0xfe2f}, {0xfeff, 0xfeff},
};

/* East Asian wide and full-width forms, and pictures. */
static const struct range two[] = {
    {0x1100, 0x115f},   {0x231a, 0x231b},   {0x23e9, 0x23ec},   {0x2614, 0x2615},
    {0x26a1, 0x26a1},   {0x2705, 0x2705},   {0x274c, 0x274c},   {0x2e80, 0x303e},
    {0x3041, 0x33ff},   {0x3400, 0x4dbf},   {0x4e00, 0x9fff},   {0xa000, 0xa4cf},
    {0xa960, 0xa97f},   {0xac00, 0xd7a3},   {0xf900, 0xfaff},   {0xfe30, 0xfe6f},
    {0xff00, 0xff60},   {0xffe0, 0xffe6},   {0x1f300, 0x1f64f}, {0x1f680, 0x1f6ff},
    {0x1f900, 0x1f9ff}, {0x1fa70, 0x1faff}, {0x20000, 0x3fffd},
};

/* The character at *at, which moves behind it. What is no UTF-8 is taken byte by byte. */
static unsigned next(struct str s, size_t *at)
{
    unsigned char first = (unsigned char)s.ptr[(*at)++];
    int more = first >= 0xf0 ? 3 : first >= 0xe0 ? 2 : first >= 0xc0 ? 1 : 0;
    unsigned c = more == 0 ? first : first & (0x3fU >> more);

    while (more-- > 0 && *at < s.len && ((unsigned char)s.ptr[*at] & 0xc0) == 0x80)
        c = c << 6 | ((unsigned char)s.ptr[(*at)++] & 0x3fU);
    return c;
}

static size_t width_of(unsigned c)
{
    if (is_in(none, ARRAY_LEN(none), c))
        return 0;
    return is_in(two, ARRAY_LEN(two), c) ? 2 : 1;
}

size_t text_width(struct str s)
{
    size_t width = 0;

    for (size_t at = 0; at < s.len;)
        width += width_of(next(s, &at));
    return width;
}

struct str text_cut(struct str s, size_t columns)
{
    size_t width = 0;
    size_t end = 0;

    for (size_t at = 0; at < s.len;) {
        width += width_of(next(s, &at));
        if (width > columns)
            break;
        end = at;
    }
    return str_slice(s, 0, end);
}

struct str text_padded(struct arena *a, struct str s, size_t columns)
{
    size_t width = text_width(s);

    return arena_strf(a, STR_FMT "%*s", STR_ARG(s), (int)(columns > width ? columns - width : 0),
                      "");
}

/*
 * Bytes of the control character that s begins with; 0: it begins with none. In UTF-8 U+0080 to
 * U+009F are commands to a terminal too, and U+202A to U+202E and U+2066 to U+2069 turn the line.
 */
static size_t control_len(struct str s)
{
    const unsigned char *p = (const unsigned char *)s.ptr;

    if (p[0] < ' ' || p[0] == 127)
        return 1;
    if (s.len >= 2 && p[0] == 0xc2 && p[1] >= 0x80 && p[1] <= 0x9f)
        return 2;
    if (s.len < 3 || p[0] != 0xe2)
        return 0;
    return (p[1] == 0x80 && p[2] >= 0xaa && p[2] <= 0xae) ||
                   (p[1] == 0x81 && p[2] >= 0xa6 && p[2] <= 0xa9)
               ? 3
               : 0;
}

struct str text_plain(struct arena *a, struct str s)
{
    char *copy = arena_alloc(a, s.len + 1);

    memcpy(copy, s.len ? s.ptr : "", s.len);
    for (size_t i = 0; i < s.len; i++) {
        size_t n = control_len(str_slice(s, i, s.len));

        if (n) {
            memset(copy + i, ' ', n);
            i += n - 1;
        }
    }
    return (struct str){copy, s.len};
}
