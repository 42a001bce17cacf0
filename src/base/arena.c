#include "base/arena.h"

#include <stdalign.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/panic.h"
#include "base/str_ascii.h"

#ifdef HAVE_ASAN
#include <sanitizer/asan_interface.h>
#define POISON(p, n)   ASAN_POISON_MEMORY_REGION((p), (n))
#define UNPOISON(p, n) ASAN_UNPOISON_MEMORY_REGION((p), (n))
enum { RED_ZONE = 32 };
#else
#define POISON(p, n)   ((void)(p), (void)(n))
#define UNPOISON(p, n) ((void)(p), (void)(n))
enum { RED_ZONE = 0 };
#endif

enum { BLOCK_MIN = 4096, BLOCK_MAX = 1 << 20, KEPT_MAX = 32 << 10, ALIGN = alignof(max_align_t) };

struct block {
    struct block *next;
    size_t size; /* of data */
    size_t used;
    alignas(max_align_t) unsigned char data[];
};

struct defer {
    struct defer *next;
    void (*cleanup)(void *);
    void *arg;
};

struct arena {
    struct block *first;
    struct block *current;
    struct defer *defers;
    size_t limit;
    size_t used;
};

static struct block *block_new(size_t size)
{
    struct block *b = malloc(sizeof(*b) + size);

    if (!b)
        panic("out of memory: a block of %zu bytes", size); /* GCOVR_EXCL_LINE: memory is there */
    *b = (struct block){.size = size};
    POISON(b->data, size);
    return b;
}

static void block_free(struct block *b)
{
    UNPOISON(b->data, b->size);
    free(b);
}

struct arena *arena_new(size_t limit_bytes)
{
    struct arena *a = malloc(sizeof(*a));

    if (!a)
        panic("out of memory: an arena"); /* GCOVR_EXCL_LINE: memory is there */
    *a = (struct arena){.limit = limit_bytes, .first = block_new(BLOCK_MIN)};
    a->current = a->first;
    return a;
}

static void free_behind(struct block *b)
{
    for (struct block *next = b->next; next;) {
        struct block *after = next->next;

        block_free(next);
        next = after;
    }
    b->next = NULL;
}

/* The first blocks stay: who resets an arena is about to fill it again. */
void arena_reset(struct arena *a)
{
    size_t kept = 0;

    /* A cleanup may still read what it was given, so all run before any memory goes. */
    for (struct defer *d = a->defers; d; d = d->next)
        d->cleanup(d->arg);
    a->defers = NULL;
    for (struct block *b = a->first; b; b = b->next) {
        POISON(b->data, b->size);
        b->used = 0;
        kept += b->size;
        if (b->next && kept + b->next->size > KEPT_MAX)
            free_behind(b);
    }
    a->current = a->first;
    a->used = 0;
}

void arena_free(struct arena *a)
{
    if (!a)
        return;
    arena_reset(a);
    free_behind(a->first);
    block_free(a->first);
    free(a);
}

void arena_scope_end(struct arena **a)
{
    arena_free(*a);
    *a = NULL;
}

static size_t round_up(size_t n)
{
    return (n + (ALIGN - 1)) & ~(size_t)(ALIGN - 1);
}

/* The next one that was kept, if it is large enough, or a new one. */
static void add_block(struct arena *a, size_t need)
{
    size_t size = a->current->size * 2;

    if (a->current->next && a->current->next->size >= need) {
        a->current = a->current->next;
        return;
    }
    free_behind(a->current);
    if (size > BLOCK_MAX)
        size = BLOCK_MAX;
    if (size < need)
        size = need;
    a->current->next = block_new(size);
    a->current = a->current->next;
}

void *arena_alloc(struct arena *a, size_t size)
{
    size_t need;
    unsigned char *p;

    if (size > SIZE_MAX / 2)
        panic("an allocation of %zu bytes", size);
    need = round_up(size ? size : 1) + RED_ZONE;
    a->used += size;
    if (a->limit && a->used / ARENA_GRACE > a->limit)
        panic("an arena limited to %zu bytes was asked for %zu", a->limit, a->used);
    if (a->current->size - a->current->used < need)
        add_block(a, need);
    p = a->current->data + a->current->used;
    a->current->used += need;
    UNPOISON(p, size);
    memset(p, 0, size);
    return p;
}

void *arena_calloc(struct arena *a, size_t n, size_t size)
{
    if (size && n > SIZE_MAX / 2 / size)
        panic("an allocation of %zu times %zu bytes", n, size);
    return arena_alloc(a, n * size);
}

bool arena_over_limit(const struct arena *a)
{
    return a->limit && a->used > a->limit;
}

struct str arena_str(struct arena *a, struct str s)
{
    char *copy;

    if (!s.ptr)
        return s;
    copy = arena_alloc(a, s.len + 1);
    if (s.len)
        memcpy(copy, s.ptr, s.len);
    return (struct str){copy, s.len};
}

struct str arena_strvf(struct arena *a, const char *fmt, va_list args)
{
    va_list again;
    int n;
    char *text;

    va_copy(again, args);
    n = vsnprintf(NULL, 0, fmt, args);
    if (n < 0)
        panic("a broken format: %s", fmt);
    text = arena_alloc(a, (size_t)n + 1);
    (void)vsnprintf(text, (size_t)n + 1, fmt, again);
    va_end(again);
    return (struct str){text, (size_t)n};
}

struct str arena_strf(struct arena *a, const char *fmt, ...)
{
    va_list args;
    struct str s;

    va_start(args, fmt);
    s = arena_strvf(a, fmt, args);
    va_end(args);
    return s;
}

const char *arena_z(struct arena *a, struct str s)
{
    return arena_str(a, s.ptr ? s : STR("")).ptr;
}

struct str arena_str_lower(struct arena *a, struct str s)
{
    char *copy;

    if (!s.ptr)
        return s;
    copy = arena_alloc(a, s.len + 1);
    for (size_t i = 0; i < s.len; i++)
        copy[i] = ascii_lower(s.ptr[i]);
    return (struct str){copy, s.len};
}

void arena_defer(struct arena *a, void (*cleanup)(void *), void *arg)
{
    struct defer *d = arena_new_of(a, struct defer);

    *d = (struct defer){.next = a->defers, .cleanup = cleanup, .arg = arg};
    a->defers = d;
}
