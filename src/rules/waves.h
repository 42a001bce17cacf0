#ifndef RULES_WAVES_H
#define RULES_WAVES_H

#include "base/arena.h"
#include "base/field.h"

/*
 * Which wave may start now, and what every other waits for. A sequential plan and a graph of waves
 * that run side by side are the same question asked with another flag.
 */
struct wave_view {
    int64_t number;
    int status; /* enum wave_status */
    struct ints depends_on;
    bool gate; /* pauseBeforeWave */
    bool approved;
};

struct waves_view {
    const struct wave_view *waves; /* by number */
    size_t len;
    bool parallel;
    bool go_on;    /* onWaveFailure: continue */
    bool stopping; /* cancelled, or a pause was asked for: nothing new starts */
};

enum wave_verdict {
    WAVE_NOT_PENDING,    /* active or over */
    WAVE_READY,          /* start it */
    WAVE_GATED,          /* everything else is fulfilled, a person has to approve */
    WAVE_WAITS_FOR,      /* a wave that it depends on has not completed */
    WAVE_WAITS_FOR_TURN, /* waves run one at a time, another one is on */
    WAVE_BLOCKED_BY,     /* a wave that it depends on failed, or will never run */
    WAVE_STOPPED_BY,     /* another wave failed, and the plan stops then */
    WAVE_STOPPED,        /* the execution is being cancelled */
};

struct wave_judgement {
    enum wave_verdict verdict;
    int64_t other; /* the wave that it is about, where there is one */
};

struct wave_judgement wave_judge(const struct waves_view *v, size_t i);

/* What a pending wave waits for, for people: "wave 1 to complete", "approval"; else absent. */
struct str wave_waiting_for(struct arena *a, const struct wave_judgement *j);

/* Why a wave that is given up has not run, as a sentence without its full stop. */
struct str wave_why_not(struct arena *a, const struct waves_view *v, size_t i);

/* What the engine does next. */
struct waves_plan {
    bool any_ready;
    bool any_active;
    bool any_gated; /* `gated` is the first of them */
    int64_t gated;
    bool finished; /* nothing is active and nothing will ever start */
};

struct waves_plan waves_decide(const struct waves_view *v);

#endif
