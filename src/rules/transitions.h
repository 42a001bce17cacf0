#ifndef RULES_TRANSITIONS_H
#define RULES_TRANSITIONS_H

#include <stdbool.h>
#include <stddef.h>

/*
 * The transition table: how executions, waves and servers may go from one status to the next. The
 * engine and the operations change a status through it alone; the documentation's diagram and the
 * model checker read the same rows. What is not listed does not happen.
 */
enum transition_entity { TRANSITION_EXECUTION = 1, TRANSITION_WAVE, TRANSITION_SERVER };

enum transition_event {
    EVENT_BEGIN = 1, /* the workflow takes it up */
    EVENT_HOLD,      /* a gate holds */
    EVENT_APPROVE,   /* the gate is opened */
    EVENT_START,     /* its turn has come */
    EVENT_JOB,       /* a DRS job exists */
    EVENT_RUN,       /* DRS works on it */
    EVENT_LAUNCHED,
    EVENT_SETTLE, /* everything below it has ended */
    EVENT_FAIL,
    EVENT_PAUSE,  /* a person asks */
    EVENT_CANCEL, /* a person asks */
    EVENT_SKIP,
    EVENT_RETAKE, /* retry_wave or skip_wave takes a failed one up again */
    EVENT_TERMINATE,
};

/* What must hold besides. */
enum transition_guard {
    GUARD_NONE,
    GUARD_ACTIVE,  /* a wave is active */
    GUARD_IDLE,    /* none is */
    GUARD_SUCCESS, /* everything below it went well, or was skipped on purpose */
    GUARD_FAILURE, /* something did not */
};

struct transition {
    enum transition_entity entity;
    int from;
    enum transition_event event;
    enum transition_guard guard;
    int to;
};

const struct transition *transitions(size_t *len);

/* The status after the event, or 0 where it is not allowed. `guard` is what the caller found. */
int transition_next(enum transition_entity entity, int from, enum transition_event event,
                    enum transition_guard guard);

#endif
