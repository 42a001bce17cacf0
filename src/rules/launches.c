#include "rules/launches.h"

#include <inttypes.h>
#include <stdlib.h>

static int compare_int(int64_t a, int64_t b)
{
    return a < b ? -1 : a > b;
}

/* Of the job: what two servers must share to be in one launch. */
static int compare_launch(const struct launch_candidate *x, const struct launch_candidate *y)
{
    int order = compare_int(x->server->wave_number, y->server->wave_number);

    if (order == 0)
        order = compare_int(x->server->launch_order, y->server->launch_order);
    if (order == 0)
        order = str_cmp(x->account->account_id, y->account->account_id);
    if (order == 0)
        order = str_cmp(x->account->region, y->account->region);
    return order;
}

static int compare(const void *a, const void *b)
{
    const struct launch_candidate *x = a;
    const struct launch_candidate *y = b;
    int order = compare_launch(x, y);

    return order ? order : str_cmp(x->server->server_id, y->server->server_id);
}

static bool same_step(const struct launch_candidate *x, const struct launch_candidate *y)
{
    return x->server->wave_number == y->server->wave_number &&
           x->server->launch_order == y->server->launch_order;
}

size_t launches_cut(struct arena *a, struct launch_candidate *candidates, size_t n,
                    struct launch_cut **out)
{
    struct launch_cut *cuts = arena_array_of(a, n ? n : 1, struct launch_cut);
    size_t len = 0;

    if (n > 1)
        qsort(candidates, n, sizeof *candidates, compare);
    for (size_t i = 0; i < n; i++) {
        struct launch_cut *last = len ? &cuts[len - 1] : NULL;

        if (last && last->len < LAUNCH_SERVERS_MAX &&
            compare_launch(&candidates[last->first], &candidates[i]) == 0) {
            last->len++;
            continue;
        }
        cuts[len].first = i;
        cuts[len].len = 1;
        cuts[len].ordinal =
            last && same_step(&candidates[last->first], &candidates[i]) ? last->ordinal + 1 : 1;
        len++;
    }
    *out = cuts;
    return len;
}

struct str launch_id_of(struct arena *a, struct str execution_id, const struct launch_run *l,
                        size_t ordinal)
{
    if (l->terminate)
        return arena_strf(a, STR_FMT "/t%" PRId64 "/%zu", STR_ARG(execution_id), l->attempt,
                          ordinal);
    return arena_strf(a, STR_FMT "/w%" PRId64 "/s%" PRId64 "/%zu/a%" PRId64, STR_ARG(execution_id),
                      l->wave_number, l->step, ordinal, l->attempt);
}

bool launch_is_ready(const struct launch_run *const *launches, size_t len, size_t i)
{
    if (launches[i]->state == LAUNCH_ENDED)
        return false;
    for (size_t k = 0; k < len; k++)
        if (launches[k]->step < launches[i]->step && launches[k]->state != LAUNCH_ENDED)
            return false;
    return true;
}

bool launches_have_ended(const struct launch_run *const *launches, size_t len)
{
    for (size_t i = 0; i < len; i++)
        if (launches[i]->state != LAUNCH_ENDED)
            return false;
    return true;
}

bool launch_may_call(const struct launch_run *l, int64_t visibility_ms)
{
    if (l->state == LAUNCH_PLANNED)
        return true;
    if (l->state != LAUNCH_INTENT)
        return false;
    return (!l->uncertain && !l->reconcile) || l->looked_ms >= visibility_ms;
}

bool launch_is_postponed(const struct launch_run *l)
{
    return (l->state == LAUNCH_PLANNED || l->state == LAUNCH_INTENT) && !l->uncertain &&
           !l->reconcile && l->error_code.len > 0;
}

enum start_verdict start_verdict_of(const struct start_answer *answer)
{
    enum { CONFLICT = 409, QUOTA = 402 };

    if (answer->ambiguous || answer->status == CONFLICT)
        return START_LOOK;
    if (answer->retryable || answer->unidentified || answer->status == QUOTA)
        return START_LATER;
    if (answer->status >= 500) /* of an unknown kind: no word of what became of the call */
        return START_LOOK;
    return answer->status >= 400 ? START_REFUSED : START_LATER;
}

size_t told_first(const enum told *told, size_t len)
{
    for (int worst = TOLD_NOBODY; worst > TOLD; worst--)
        for (size_t i = 0; i < len; i++)
            if ((int)told[i] == worst)
                return i;
    return len;
}

int64_t elapsed_since(int64_t base_mono_ms, int64_t now_mono_ms)
{
    return now_mono_ms > base_mono_ms ? now_mono_ms - base_mono_ms : 0;
}
