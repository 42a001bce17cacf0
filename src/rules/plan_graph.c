#include "rules/plan_graph.h"

#include "base/buf.h"

/* ---- what is there ---- */

static bool have(struct ints list, int64_t number)
{
    for (size_t i = 0; i < list.len; i++)
        if (list.items[i] == number)
            return true;
    return false;
}

/* Adds a number where it belongs, once. The list has room for it. */
static void insert(struct ints *list, int64_t number)
{
    size_t i = list->len;

    if (have(*list, number))
        return;
    while (i > 0 && list->items[i - 1] > number) {
        list->items[i] = list->items[i - 1];
        i--;
    }
    list->items[i] = number;
    list->len++;
}

struct ints plan_wave_numbers(struct arena *a, const plan_wave_list *waves)
{
    struct ints numbers = {arena_array_of(a, waves->len, int64_t), 0};

    for (size_t i = 0; i < waves->len; i++)
        insert(&numbers, waves->items[i].wave_number);
    return numbers;
}

struct ints plan_wave_dependencies(struct arena *a, const plan_wave_list *waves, int64_t number)
{
    struct ints out = {NULL, 0};
    size_t room = 0;

    for (size_t i = 0; i < waves->len; i++)
        room += waves->items[i].depends_on_waves.len;
    out.items = arena_array_of(a, room, int64_t);
    for (size_t i = 0; i < waves->len; i++) {
        const struct plan_wave *w = &waves->items[i];

        for (size_t j = 0; w->wave_number == number && j < w->depends_on_waves.len; j++)
            insert(&out, w->depends_on_waves.items[j]);
    }
    return out;
}

struct strs plan_group_ids(struct arena *a, const plan_wave_list *waves)
{
    struct strs out = {NULL, 0};
    size_t room = 0;

    for (size_t i = 0; i < waves->len; i++)
        room += waves->items[i].protection_group_ids.len;
    out.items = arena_array_of(a, room, struct str);
    for (size_t i = 0; i < waves->len; i++) {
        struct strs ids = waves->items[i].protection_group_ids;

        for (size_t j = 0; j < ids.len; j++)
            if (!strs_have(out, ids.items[j]))
                out.items[out.len++] = ids.items[j];
    }
    return out;
}

/* ---- what is missing ---- */

static enum fault missing(struct faults *faults, size_t entry, const char *member)
{
    struct str path = arena_strf(faults->arena, "waves[%zu].%s", entry, member);

    return faults_add(faults, FAULT_MISSING_PARAMETER, path, "'" STR_FMT "' is required",
                      STR_ARG(path));
}

enum fault plan_waves_complete(plan_wave_list *waves, struct faults *faults)
{
    enum fault first = FAULT_NONE;
    size_t numbered = 0;

    for (size_t i = 0; i < waves->len; i++)
        numbered += waves->items[i].has_wave_number;
    for (size_t i = 0; i < waves->len; i++) {
        struct plan_wave *w = &waves->items[i];

        if (numbered == 0) {
            w->wave_number = (int64_t)i + 1;
            w->has_wave_number = true;
        } else if (!w->has_wave_number) {
            first = missing(faults, i, "waveNumber");
        }
        if (!str_present(w->protection_group_id) && w->protection_group_ids.len == 0)
            first = missing(faults, i, "protectionGroupId");
    }
    return first;
}

/* ---- groups and order ---- */

static bool same_ids(struct strs a, struct strs b)
{
    for (size_t i = 0; i < a.len; i++)
        if (i >= b.len || !str_eq(a.items[i], b.items[i]))
            return false;
    return a.len == b.len;
}

/* The stored entry of the same wave that names this group, whichever spelling `w` has it in. */
static const struct plan_wave *stored_entry(const plan_wave_list *before, const struct plan_wave *w)
{
    for (size_t i = 0; before && i < before->len; i++) {
        const struct plan_wave *old = &before->items[i];

        if (old->wave_number == w->wave_number &&
            (str_eq(old->protection_group_id, w->protection_group_id) ||
             same_ids(old->protection_group_ids, w->protection_group_ids)))
            return old;
    }
    return NULL;
}

static void only_group(struct arena *a, struct plan_wave *w)
{
    w->protection_group_ids = (struct strs){arena_array_of(a, 1, struct str), 1};
    w->protection_group_ids.items[0] = w->protection_group_id;
}

/* Both spellings hold the same afterwards: the first group, and all of them. */
static enum fault settle_groups(struct arena *a, struct plan_wave *w, size_t entry,
                                const plan_wave_list *before, struct faults *faults)
{
    const struct plan_wave *old;

    if (w->protection_group_ids.len == 0) {
        only_group(a, w);
        return FAULT_NONE;
    }
    if (!str_present(w->protection_group_id) ||
        str_eq(w->protection_group_id, w->protection_group_ids.items[0])) {
        w->protection_group_id = w->protection_group_ids.items[0];
        return FAULT_NONE;
    }
    old = stored_entry(before, w);
    if (old && same_ids(old->protection_group_ids, w->protection_group_ids)) {
        only_group(a, w);
        return FAULT_NONE;
    }
    if (old || strs_have(w->protection_group_ids, w->protection_group_id)) {
        w->protection_group_id = w->protection_group_ids.items[0];
        return FAULT_NONE;
    }
    return faults_add(faults, FAULT_INVALID_PARAMETER,
                      arena_strf(a, "waves[%zu].protectionGroupIds", entry),
                      "'waves[%zu].protectionGroupIds' does not hold '" STR_FMT
                      "', which 'protectionGroupId' names",
                      entry, STR_ARG(w->protection_group_id));
}

/* A group that is launched twice loses what its first launch recovered: DRS replaces it. */
static enum fault check_once(const plan_wave_list *waves, struct arena *a, struct faults *faults)
{
    struct strs seen = {arena_array_of(a, plan_group_ids(a, waves).len, struct str), 0};
    enum fault first = FAULT_NONE;

    for (size_t i = 0; i < waves->len; i++) {
        struct strs ids = waves->items[i].protection_group_ids;

        for (size_t j = 0; j < ids.len; j++) {
            if (!strs_have(seen, ids.items[j])) {
                seen.items[seen.len++] = ids.items[j];
                continue;
            }
            first = faults_add(
                faults, FAULT_INVALID_PARAMETER, arena_strf(a, "waves[%zu].protectionGroupId", i),
                "Protection group '" STR_FMT "' is in the plan twice", STR_ARG(ids.items[j]));
        }
    }
    return first;
}

/* ---- dependencies ---- */

/* Whether any entry of that wave says what it depends on. */
static bool says_dependencies(const plan_wave_list *waves, int64_t number)
{
    for (size_t i = 0; i < waves->len; i++)
        if (waves->items[i].wave_number == number && waves->items[i].depends_on_waves.items)
            return true;
    return false;
}

/* The next lower of the numbers; `number` is one of them. */
static struct ints default_dependencies(struct arena *a, struct ints numbers, int64_t number)
{
    struct ints out = {arena_array_of(a, 1, int64_t), 0};

    for (size_t i = 0; numbers.items[i] < number; i++) {
        out.items[0] = numbers.items[i];
        out.len = 1;
    }
    return out;
}

/* Every entry of a wave carries what the whole wave depends on. */
static void settle_dependencies(struct arena *a, plan_wave_list *waves, struct ints numbers)
{
    for (size_t n = 0; n < numbers.len; n++) {
        int64_t number = numbers.items[n];
        struct ints deps = says_dependencies(waves, number)
                               ? plan_wave_dependencies(a, waves, number)
                               : default_dependencies(a, numbers, number);

        for (size_t i = 0; i < waves->len; i++)
            if (waves->items[i].wave_number == number)
                waves->items[i].depends_on_waves = deps;
    }
}

static enum fault check_targets(const struct plan_wave *w, size_t entry, struct ints numbers,
                                struct faults *faults)
{
    struct str path = arena_strf(faults->arena, "waves[%zu].dependsOnWaves", entry);
    enum fault first = FAULT_NONE;

    for (size_t j = 0; j < w->depends_on_waves.len; j++) {
        long long target = w->depends_on_waves.items[j];

        if (target == w->wave_number)
            first = faults_add(faults, FAULT_INVALID_PARAMETER, path,
                               "'" STR_FMT "': wave %lld depends on itself", STR_ARG(path), target);
        else if (!have(numbers, target))
            first = faults_add(faults, FAULT_INVALID_PARAMETER, path,
                               "'" STR_FMT "' names wave %lld, which the plan does not have",
                               STR_ARG(path), target);
    }
    return first;
}

/* Takes away wave after wave whose dependencies are gone; what is left holds every circle. */
static struct ints without_free_waves(struct arena *a, const plan_wave_list *waves,
                                      struct ints numbers)
{
    struct ints left = {arena_array_of(a, numbers.len, int64_t), numbers.len};
    bool moved = true;

    memcpy(left.items, numbers.items, numbers.len * sizeof(*numbers.items));
    while (moved) {
        size_t kept = 0;

        for (size_t i = 0; i < left.len; i++) {
            struct ints deps = plan_wave_dependencies(a, waves, left.items[i]);
            bool waits = false;

            for (size_t j = 0; j < deps.len; j++)
                waits = waits || have(left, deps.items[j]);
            if (waits)
                left.items[kept++] = left.items[i];
        }
        moved = kept < left.len;
        left.len = kept;
    }
    return left;
}

/* From any wave that is left, its dependencies lead round: "2 -> 3 -> 2". */
static struct str describe_circle(struct arena *a, const plan_wave_list *waves, struct ints left)
{
    struct ints way = {arena_array_of(a, left.len + 1, int64_t), 0};
    struct buf text = buf_new(a, 64 << 10);
    int64_t at = left.items[0];
    size_t from = 0;

    while (!have(way, at)) {
        struct ints deps = plan_wave_dependencies(a, waves, at);
        size_t j = 0;

        way.items[way.len++] = at;
        while (!have(left, deps.items[j]))
            j++;
        at = deps.items[j];
    }
    while (way.items[from] != at)
        from++;
    for (size_t i = from; i < way.len; i++)
        buf_addf(&text, "%lld -> ", (long long)way.items[i]);
    buf_addf(&text, "%lld", (long long)at);
    return buf_str(&text);
}

static enum fault check_circles(struct arena *a, const plan_wave_list *waves, struct ints numbers,
                                struct faults *faults)
{
    struct ints left = without_free_waves(a, waves, numbers);

    if (left.len == 0)
        return FAULT_NONE;
    return faults_add(faults, FAULT_INVALID_PARAMETER, STR("waves"),
                      "Circular wave dependencies: " STR_FMT,
                      STR_ARG(describe_circle(a, waves, left)));
}

enum fault plan_waves_resolve(struct arena *a, plan_wave_list *waves, const plan_wave_list *before,
                              struct faults *faults)
{
    struct ints numbers = plan_wave_numbers(a, waves);
    enum fault first = FAULT_NONE;
    enum fault f;

    for (size_t i = 0; i < waves->len; i++) {
        struct plan_wave *w = &waves->items[i];

        f = settle_groups(a, w, i, before, faults);
        first = first ? first : f;
        if (!w->has_launch_order)
            w->launch_order = w->wave_number;
        w->has_launch_order = true;
        f = check_targets(w, i, numbers, faults);
        first = first ? first : f;
    }
    settle_dependencies(a, waves, numbers);
    f = check_once(waves, a, faults);
    first = first ? first : f;
    return first ? first : check_circles(a, waves, numbers, faults);
}

/* ---- sizes ---- */

wave_size_list plan_wave_sizes(struct arena *a, const plan_wave_list *waves)
{
    struct ints numbers = plan_wave_numbers(a, waves);
    wave_size_list out = {arena_array_of(a, numbers.len, struct wave_size), numbers.len};

    for (size_t n = 0; n < numbers.len; n++) {
        out.items[n].wave_number = numbers.items[n];
        for (size_t i = 0; i < waves->len; i++)
            if (waves->items[i].wave_number == numbers.items[n])
                out.items[n].server_count += waves->items[i].server_count;
    }
    return out;
}

wave_size_list plan_waves_too_large(struct arena *a, const wave_size_list *sizes, int64_t limit)
{
    wave_size_list out = {arena_array_of(a, sizes->len, struct wave_size), 0};

    for (size_t i = 0; i < sizes->len; i++)
        if (sizes->items[i].server_count > limit)
            out.items[out.len++] = sizes->items[i];
    return out;
}

struct str plan_waves_too_large_text(struct arena *a, const wave_size_list *too_large,
                                     int64_t limit)
{
    struct buf text = buf_new(a, 64 << 10);

    for (size_t i = 0; i < too_large->len; i++)
        buf_addf(&text, "%sWave %lld has %lld servers, max is %lld", i ? "; " : "",
                 (long long)too_large->items[i].wave_number,
                 (long long)too_large->items[i].server_count, (long long)limit);
    return buf_str(&text);
}
