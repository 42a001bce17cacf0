#include "base/ports_single.h"

#include "base/panic.h"

static const struct clock_ops single_clock_ops;
static const struct entropy_ops single_entropy_ops;
static const struct run_ops single_run_ops;

static struct clock_single *clock_of(struct clock *c)
{
    REQUIRE(c->ops == &single_clock_ops);
    return (struct clock_single *)c;
}

static int64_t single_wall_ms(struct clock *c)
{
    return clock_of(c)->wall_ms;
}

static int64_t single_mono_ms(struct clock *c)
{
    return clock_of(c)->mono_ms;
}

static const struct clock_ops single_clock_ops = {single_wall_ms, single_mono_ms};

void clock_single_init(struct clock_single *c, int64_t wall_ms)
{
    *c = (struct clock_single){.clock = {&single_clock_ops}, .wall_ms = wall_ms};
}

void clock_single_advance(struct clock_single *c, int64_t ms)
{
    c->wall_ms += ms;
    c->mono_ms += ms;
}

static uint64_t next(uint64_t *state)
{
    uint64_t z = *state += UINT64_C(0x9e3779b97f4a7c15);

    z = (z ^ (z >> 30)) * UINT64_C(0xbf58476d1ce4e5b9);
    z = (z ^ (z >> 27)) * UINT64_C(0x94d049bb133111eb);
    return z ^ (z >> 31);
}

static void single_fill(struct entropy *e, void *bytes, size_t n)
{
    struct entropy_single *single = (struct entropy_single *)e;
    unsigned char *p = bytes;

    REQUIRE(e->ops == &single_entropy_ops);
    while (n) {
        uint64_t bits = next(&single->state);
        size_t part = n < sizeof(bits) ? n : sizeof(bits);

        memcpy(p, &bits, part);
        p += part;
        n -= part;
    }
}

static const struct entropy_ops single_entropy_ops = {single_fill};

void entropy_single_init(struct entropy_single *e, uint64_t seed)
{
    *e = (struct entropy_single){.entropy = {&single_entropy_ops}, .state = seed};
}

static struct run_single *run_of(struct run *r)
{
    REQUIRE(r->ops == &single_run_ops);
    return (struct run_single *)r;
}

static bool single_spawn(struct run *r, void (*fn)(void *arg), void *arg)
{
    struct run_single *s = run_of(r);
    size_t at = (s->head + s->len) % RUN_SINGLE_QUEUE;

    if (s->len == RUN_SINGLE_QUEUE)
        return false;
    s->queue[at].fn = fn;
    s->queue[at].arg = arg;
    s->len++;
    return true;
}

static void single_all(struct run *r, void (*fn)(void *arg), void *const *args, size_t n,
                       size_t width)
{
    (void)r;
    (void)width;
    for (size_t i = 0; i < n; i++)
        fn(args[i]);
}

static bool single_wait_ms(struct run *r, int64_t ms)
{
    clock_single_advance(run_of(r)->clock, ms);
    return true;
}

static const struct run_ops single_run_ops = {single_spawn, single_all, single_wait_ms};

void run_single_init(struct run_single *r, struct clock_single *clock)
{
    *r = (struct run_single){.run = {&single_run_ops}, .clock = clock};
}

bool run_single_step(struct run_single *r)
{
    size_t at = r->head;

    if (!r->len)
        return false;
    r->head = (r->head + 1) % RUN_SINGLE_QUEUE;
    r->len--;
    r->queue[at].fn(r->queue[at].arg);
    return true;
}
