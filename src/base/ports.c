#include "base/ports.h"

double entropy_unit(struct entropy *e)
{
    uint64_t bits;

    entropy_fill(e, &bits, sizeof(bits));
    return (double)(bits >> 11) * 0x1.0p-53;
}

struct str headers_get(const struct headers *h, struct str name)
{
    for (size_t i = 0; i < h->len; i++)
        if (str_eq_fold(h->items[i].name, name))
            return h->items[i].value;
    return (struct str){0};
}
