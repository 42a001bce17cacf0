#include <stdio.h>

#include "base/time.h"
#include "sim/world.h"

/* Time, chance and names: everything here depends on the seed and the clock alone. */

int64_t world_span_ms(const struct sim *s, double seconds)
{
    double ms = seconds * 1000.0 / s->speed;

    return ms < 1.0 ? (seconds > 0 ? 1 : 0) : (int64_t)ms;
}

uint64_t world_random(struct sim *s)
{
    uint64_t z = s->random += UINT64_C(0x9e3779b97f4a7c15);

    z = (z ^ (z >> 30)) * UINT64_C(0xbf58476d1ce4e5b9);
    z = (z ^ (z >> 27)) * UINT64_C(0x94d049bb133111eb);
    return z ^ (z >> 31);
}

double world_unit(struct sim *s)
{
    return (double)(world_random(s) >> 11) / 9007199254740992.0;
}

int64_t world_jitter_ms(struct sim *s, double seconds)
{
    double spread = (double)s->knobs.jitter_percent / 100.0;

    return world_span_ms(s, seconds * (1.0 + spread * (2.0 * world_unit(s) - 1.0)));
}

struct str world_id(struct sim *s, const char *prefix)
{
    uint64_t high = world_random(s);
    uint64_t low = world_random(s);

    return arena_strf(s->arena, "%s%08llx%09llx", prefix, (unsigned long long)(high >> 32),
                      (unsigned long long)(low >> 28));
}

struct str world_key_text(struct sim *s, const char *prefix, size_t n)
{
    static const char alphabet[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";
    struct buf b = buf_new(s->arena, 4096);

    buf_add_z(&b, prefix);
    for (size_t i = 0; i < n; i++)
        buf_add_char(&b, alphabet[world_random(s) & 31]);
    return buf_str(&b);
}

struct str world_time(const struct sim *s, struct arena *a, int64_t ms)
{
    struct civil c = time_to_civil(ms);
    bool zulu = str_eq_z(s->knobs.timestamps, "zulu");
    char day[64];

    (void)snprintf(day, sizeof(day), "%04d-%02d-%02dT%02d:%02d:%02d", c.year, c.month, c.day,
                   c.hour, c.minute, c.second);
    if (str_eq_z(s->knobs.timestamps, "plain"))
        return arena_strf(a, "%sZ", day);
    return zulu ? arena_strf(a, "%s.%03dZ", day, c.millisecond)
                : arena_strf(a, "%s.%03d%03d+00:00", day, c.millisecond,
                             (int)((uint64_t)ms * 2654435761U % 997));
}

struct str world_time_z(struct arena *a, int64_t ms, bool millis)
{
    struct civil c = time_to_civil(ms);
    struct str day = arena_strf(a, "%04d-%02d-%02dT%02d:%02d:%02d", c.year, c.month, c.day, c.hour,
                                c.minute, c.second);

    return millis ? arena_strf(a, STR_FMT ".%03dZ", STR_ARG(day), c.millisecond)
                  : arena_strf(a, STR_FMT "Z", STR_ARG(day));
}

struct str world_duration(struct arena *a, int64_t ms)
{
    int64_t days = ms / 86400000;
    int64_t rest = ms % 86400000;
    struct buf b = buf_new(a, 128);

    if (ms <= 0)
        return STR("P0D");
    buf_add_char(&b, 'P');
    if (days)
        buf_addf(&b, "%lldD", (long long)days);
    if (!rest)
        return buf_str(&b);
    buf_add_char(&b, 'T');
    if (rest / 3600000)
        buf_addf(&b, "%lldH", (long long)(rest / 3600000));
    if (rest / 60000 % 60)
        buf_addf(&b, "%lldM", (long long)(rest / 60000 % 60));
    if (rest % 60000)
        buf_addf(&b, "%lld.%03lldS", (long long)(rest / 1000 % 60), (long long)(rest % 1000));
    return buf_str(&b);
}

const char *world_partition(struct str region)
{
    if (str_starts(region, STR("us-gov-")))
        return "aws-us-gov";
    if (str_starts(region, STR("cn-")))
        return "aws-cn";
    return str_starts(region, STR("eusc-")) ? "aws-eusc" : "aws";
}

struct str world_arn_global(struct arena *a, const char *service, struct str region,
                            struct str account, struct str resource)
{
    return arena_strf(a, "arn:%s:%s::" STR_FMT ":" STR_FMT, world_partition(region), service,
                      STR_ARG(account), STR_ARG(resource));
}

struct str world_arn(struct arena *a, const char *service, struct str region, struct str account,
                     struct str resource)
{
    return arena_strf(a, "arn:%s:%s:" STR_FMT ":" STR_FMT ":" STR_FMT, world_partition(region),
                      service, STR_ARG(region), STR_ARG(account), STR_ARG(resource));
}

void tags_put(struct arena *a, struct tags *t, struct str key, struct str value)
{
    struct tag *items = arena_array_of(a, t->len + 1, struct tag);
    size_t n = 0;
    bool placed = false;

    for (size_t i = 0; i < t->len; i++) {
        int order = str_cmp(t->items[i].key, key);

        if (order >= 0 && !placed) {
            items[n++] = (struct tag){arena_str(a, key), arena_str(a, value)};
            placed = true;
        }
        if (order != 0)
            items[n++] = t->items[i];
    }
    if (!placed)
        items[n++] = (struct tag){arena_str(a, key), arena_str(a, value)};
    *t = (struct tags){items, n};
}

void tags_drop(struct tags *t, struct str key)
{
    for (size_t i = 0; i < t->len; i++) {
        if (!str_eq(t->items[i].key, key))
            continue;
        memmove(&t->items[i], &t->items[i + 1], (t->len - i - 1) * sizeof(*t->items));
        t->len--;
        return;
    }
}

struct tags tags_copy(struct arena *a, const struct tags *t)
{
    struct tags copy = {arena_array_of(a, t->len + 1, struct tag), t->len};

    for (size_t i = 0; i < t->len; i++)
        copy.items[i] =
            (struct tag){arena_str(a, t->items[i].key), arena_str(a, t->items[i].value)};
    return copy;
}

const struct tags *tags_seen(const struct sim *s, const struct tags *tags,
                             const struct tags_past *past)
{
    return s->now_ms >= past->until_ms ? tags : &past->before;
}

void tags_change(struct sim *s, const struct tags *before, struct tags_past *past)
{
    s->version++;
    if (s->knobs.tag_visible_s <= 0)
        return;
    if (s->now_ms >= past->until_ms)
        past->before = tags_copy(s->arena, before);
    past->until_ms = s->now_ms + world_span_ms(s, s->knobs.tag_visible_s);
}
