#include "sim/ec2.h"

/* IPv4 arithmetic and who holds which address in a subnet. */

bool ip_parse(struct str s, uint32_t *out)
{
    uint32_t ip = 0;

    for (int i = 0; i < 4; i++) {
        int64_t part;

        if (!str_present(s) || !str_to_i64(str_cut(&s, '.'), &part) || part < 0 || part > 255)
            return false;
        ip = ip << 8 | (uint32_t)part;
    }
    *out = ip;
    return !str_present(s);
}

bool cidr_parse(struct str s, uint32_t *base, uint32_t *size)
{
    struct str address = str_cut(&s, '/');
    int64_t bits;

    if (!ip_parse(address, base) || !str_to_i64(s, &bits) || bits < 8 || bits > 30)
        return false;
    *size = UINT32_C(1) << (32 - bits);
    *base &= ~(*size - 1);
    return true;
}

bool subnet_usable(const struct subnet *n, struct str ip)
{
    uint32_t base, size, address;

    return cidr_parse(n->cidr, &base, &size) && ip_parse(ip, &address) && address >= base + 4 &&
           address < base + size - 1;
}

static bool holds(const struct eni *e, struct str ip)
{
    return str_eq(e->ip, ip) || strs_have(e->ips, ip);
}

struct eni *subnet_holder(struct sim *s, const struct subnet *n, struct str ip)
{
    const struct vec *all = world_list(s, K_ENI, n->at.account, n->at.region);

    for (size_t i = 0; all && i < all->len; i++) {
        struct eni *e = all->items[i];

        if (str_eq(e->subnet, n->at.id) && holds(e, ip))
            return e;
    }
    return NULL;
}

static int64_t subnet_taken(struct sim *s, const struct subnet *n)
{
    const struct vec *all = world_list(s, K_ENI, n->at.account, n->at.region);
    int64_t taken = 0;

    for (size_t i = 0; all && i < all->len; i++) {
        const struct eni *e = all->items[i];

        if (str_eq(e->subnet, n->at.id))
            taken += 1 + (int64_t)e->ips.len;
    }
    return taken;
}

int64_t subnet_free(struct sim *s, const struct subnet *n)
{
    uint32_t base, size;

    if (n->full || !cidr_parse(n->cidr, &base, &size))
        return 0;
    return (int64_t)size - 5 - subnet_taken(s, n);
}

struct str subnet_next_free(struct sim *s, const struct subnet *n)
{
    uint32_t base, size;

    if (subnet_free(s, n) <= 0 || !cidr_parse(n->cidr, &base, &size))
        return (struct str){0};
    for (uint32_t ip = base + 10 < base + size - 1 ? base + 10 : base + 4; ip < base + size - 1;
         ip++) {
        struct str text =
            arena_strf(s->arena, "%u.%u.%u.%u", ip >> 24, ip >> 16 & 255, ip >> 8 & 255, ip & 255);

        if (!subnet_holder(s, n, text))
            return text;
    }
    return (struct str){0};
}
