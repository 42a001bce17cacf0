#include "rules/waves.h"

#include <inttypes.h>

#include "model/execution.h"

static const struct wave_view *find(const struct waves_view *v, int64_t number)
{
    for (size_t i = 0; i < v->len; i++)
        if (v->waves[i].number == number)
            return &v->waves[i];
    return NULL;
}

static struct wave_judgement about(enum wave_verdict verdict, int64_t other)
{
    return (struct wave_judgement){.verdict = verdict, .other = other};
}

static bool is_pending(const struct wave_view *w)
{
    return w->status == WAVE_PENDING || w->status == WAVE_WAITING_APPROVAL;
}

static bool is_fulfilled(const struct wave_view *w)
{
    return w->status == WAVE_COMPLETED || w->status == WAVE_SKIPPED;
}

/*
 * What its dependencies say: the first that can never be fulfilled, else the first that is not yet.
 * A dependency on a wave that the execution does not have can never be.
 */
static struct wave_judgement judge_dependencies(const struct waves_view *v,
                                                const struct wave_view *w)
{
    struct wave_judgement waits = {.verdict = WAVE_READY};

    for (size_t i = 0; i < w->depends_on.len; i++) {
        int64_t number = w->depends_on.items[i];
        const struct wave_view *d = find(v, number);

        if (!d || d->status == WAVE_FAILED || d->status == WAVE_CANCELLED)
            return about(WAVE_BLOCKED_BY, number);
        if (!is_fulfilled(d) && waits.verdict == WAVE_READY)
            waits = about(WAVE_WAITS_FOR, number);
    }
    return waits;
}

/* After a failure nothing new starts, unless the plan goes on. */
static struct wave_judgement judge_failures(const struct waves_view *v)
{
    for (size_t i = 0; i < v->len && !v->go_on; i++)
        if (v->waves[i].status == WAVE_FAILED)
            return about(WAVE_STOPPED_BY, v->waves[i].number);
    return (struct wave_judgement){.verdict = WAVE_READY};
}

/* Whether an earlier dependency blocks this one for ever, through any number of waves. */
static struct wave_judgement judge_alone(const struct waves_view *v, const struct wave_view *w)
{
    struct wave_judgement j;

    if (!is_pending(w))
        return (struct wave_judgement){.verdict = WAVE_NOT_PENDING};
    if (v->stopping)
        return (struct wave_judgement){.verdict = WAVE_STOPPED};
    j = judge_failures(v);
    if (j.verdict != WAVE_READY)
        return j;
    j = judge_dependencies(v, w);
    if (j.verdict != WAVE_READY)
        return j;
    if (w->gate && !w->approved)
        return (struct wave_judgement){.verdict = WAVE_GATED};
    return j;
}

/*
 * A wave whose dependency waits for a wave that failed is not blocked yet by the rule above, but
 * will never run: follow the chain. Bounded by the number of waves, plans have no cycles.
 */
static bool is_hopeless(const struct waves_view *v, const struct wave_view *w)
{
    for (size_t steps = 0; steps <= v->len; steps++) {
        struct wave_judgement j = judge_alone(v, w);

        if (j.verdict == WAVE_BLOCKED_BY || j.verdict == WAVE_STOPPED_BY ||
            j.verdict == WAVE_STOPPED)
            return true;
        if (j.verdict != WAVE_WAITS_FOR)
            return false;
        w = find(v, j.other);
    }
    return true;
}

struct wave_judgement wave_judge(const struct waves_view *v, size_t i)
{
    const struct wave_view *w = &v->waves[i];
    struct wave_judgement j = judge_alone(v, w);

    if (v->parallel || (j.verdict != WAVE_READY && j.verdict != WAVE_GATED))
        return j;
    for (size_t k = 0; k < v->len; k++)
        if (k != i && wave_is_active(v->waves[k].status))
            return about(WAVE_WAITS_FOR_TURN, v->waves[k].number);
    for (size_t k = 0; k < i; k++) {
        enum wave_verdict earlier = judge_alone(v, &v->waves[k]).verdict;

        if (earlier == WAVE_READY || earlier == WAVE_GATED)
            return about(WAVE_WAITS_FOR_TURN, v->waves[k].number);
    }
    return j;
}

struct str wave_waiting_for(struct arena *a, const struct wave_judgement *j)
{
    switch (j->verdict) {
    case WAVE_READY:
        return STR("its start");
    case WAVE_GATED:
        return STR("approval");
    case WAVE_WAITS_FOR:
        return arena_strf(a, "wave %" PRId64 " to complete", j->other);
    case WAVE_WAITS_FOR_TURN:
        return arena_strf(a, "its turn after wave %" PRId64, j->other);
    case WAVE_BLOCKED_BY:
        return arena_strf(a, "nothing: wave %" PRId64 ", which it depends on, did not complete",
                          j->other);
    case WAVE_STOPPED_BY:
        return arena_strf(a, "nothing: wave %" PRId64 " failed", j->other);
    case WAVE_STOPPED:
        return STR("nothing: the execution starts no more waves");
    case WAVE_NOT_PENDING:
        break;
    }
    return (struct str){0};
}

struct str wave_why_not(struct arena *a, const struct waves_view *v, size_t i)
{
    struct wave_judgement j = judge_alone(v, &v->waves[i]);

    switch (j.verdict) {
    case WAVE_BLOCKED_BY:
        return arena_strf(a, "Wave %" PRId64 ", which it depends on, did not complete", j.other);
    case WAVE_STOPPED_BY:
        return arena_strf(a, "Wave %" PRId64 " failed, and the plan starts none after that",
                          j.other);
    case WAVE_STOPPED:
        return STR("The execution was cancelled before it started");
    default:
        return STR("The execution ended before it started");
    }
}

struct waves_plan waves_decide(const struct waves_view *v)
{
    struct waves_plan plan = {0};
    bool hope = false;

    for (size_t i = 0; i < v->len; i++) {
        struct wave_judgement j = wave_judge(v, i);

        plan.any_active |= wave_is_active(v->waves[i].status);
        plan.any_ready |= j.verdict == WAVE_READY;
        if (j.verdict == WAVE_GATED && !plan.any_gated) {
            plan.any_gated = true;
            plan.gated = v->waves[i].number;
        }
        hope |= is_pending(&v->waves[i]) && !is_hopeless(v, &v->waves[i]);
    }
    plan.finished = !plan.any_active && !hope;
    return plan;
}
