#include "rules/names.h"

/*
 * Capital letters by ranges of code points below U+0800, so that a folded letter is as long in
 * UTF-8 as its capital. `step` 2: capitals and small letters alternate.
 */
struct capital_range {
    unsigned first;
    unsigned last;
    unsigned step;
    unsigned delta;
};

static const struct capital_range capitals[] = {
    {'A', 'Z', 1, 32},       /* Latin */
    {0x00c0, 0x00d6, 1, 32}, /* with diacritics, up to the multiplication sign, */
    {0x00d8, 0x00de, 1, 32}, /* and after it */
    {0x0100, 0x012e, 2, 1},  /* Latin Extended-A, without the dotted capital I */
    {0x0132, 0x0136, 2, 1},  {0x0139, 0x0147, 2, 1},  {0x014a, 0x0176, 2, 1},
    {0x0179, 0x017d, 2, 1},  {0x0386, 0x0386, 1, 38}, /* Greek with tonos */
    {0x0388, 0x038a, 1, 37}, {0x038c, 0x038c, 1, 64}, {0x038e, 0x038f, 1, 63},
    {0x0391, 0x03a1, 1, 32}, /* Greek, up to the gap of the final sigma, */
    {0x03a3, 0x03ab, 1, 32}, /* and after it */
    {0x0400, 0x040f, 1, 80}, /* Cyrillic */
    {0x0410, 0x042f, 1, 32}, {0x0460, 0x0480, 2, 1},  {0x048a, 0x04be, 2, 1},
    {0x04c1, 0x04cd, 2, 1},  {0x04d0, 0x052e, 2, 1},
};

static unsigned fold(unsigned letter)
{
    for (size_t i = 0; i < ARRAY_LEN(capitals); i++) {
        const struct capital_range *r = &capitals[i];

        if (letter >= r->first && letter <= r->last)
            return (letter - r->first) % r->step ? letter : letter + r->delta;
    }
    return letter;
}

struct str name_fold(struct arena *a, struct str name)
{
    char *out = arena_alloc(a, name.len + 1);

    memcpy(out, name.ptr, name.len);
    for (size_t i = 0; i < name.len; i++) {
        unsigned lead = (unsigned char)out[i];

        if (lead < 0x80) {
            out[i] = (char)fold(lead);
        } else if (lead >= 0xc2 && lead < 0xe0 && i + 1 < name.len) {
            unsigned letter = fold((lead & 0x1f) << 6 | ((unsigned char)out[i + 1] & 0x3f));

            out[i] = (char)(0xc0 | letter >> 6);
            out[++i] = (char)(0x80 | (letter & 0x3f));
        }
    }
    return (struct str){out, name.len};
}
