#include "rules/transitions.h"

#include "base/attr.h"
#include "model/execution.h"

#define EXECUTION_ROW(from, event, guard, to)                                                \
    {                                                                                        \
        TRANSITION_EXECUTION, EXECUTION_##from, EVENT_##event, GUARD_##guard, EXECUTION_##to \
    }
#define WAVE_ROW(from, event, guard, to)                                      \
    {                                                                         \
        TRANSITION_WAVE, WAVE_##from, EVENT_##event, GUARD_##guard, WAVE_##to \
    }
#define SERVER_ROW(from, event, to)                                              \
    {                                                                            \
        TRANSITION_SERVER, SERVER_##from, EVENT_##event, GUARD_NONE, SERVER_##to \
    }

static const struct transition table[] = {
    EXECUTION_ROW(PENDING, BEGIN, NONE, RUNNING),
    EXECUTION_ROW(RUNNING, HOLD, IDLE, PAUSED),
    EXECUTION_ROW(RUNNING, PAUSE, IDLE, PAUSED),
    EXECUTION_ROW(PAUSED, APPROVE, NONE, RUNNING),
    EXECUTION_ROW(PENDING, CANCEL, IDLE, CANCELLED),
    EXECUTION_ROW(RUNNING, CANCEL, ACTIVE, CANCELLING),
    EXECUTION_ROW(RUNNING, CANCEL, IDLE, CANCELLING),
    EXECUTION_ROW(PAUSED, CANCEL, ACTIVE, CANCELLING),
    EXECUTION_ROW(PAUSED, CANCEL, IDLE, CANCELLED),
    EXECUTION_ROW(RUNNING, SETTLE, SUCCESS, COMPLETED),
    EXECUTION_ROW(RUNNING, SETTLE, FAILURE, FAILED),
    EXECUTION_ROW(CANCELLING, SETTLE, SUCCESS, CANCELLED),
    EXECUTION_ROW(CANCELLING, SETTLE, FAILURE, CANCELLED),
    EXECUTION_ROW(PENDING, FAIL, NONE, FAILED),
    EXECUTION_ROW(RUNNING, FAIL, NONE, FAILED),
    EXECUTION_ROW(PAUSED, FAIL, NONE, FAILED),
    EXECUTION_ROW(CANCELLING, FAIL, NONE, CANCELLED),
    EXECUTION_ROW(FAILED, RETAKE, NONE, RUNNING),

    WAVE_ROW(PENDING, HOLD, NONE, WAITING_APPROVAL),
    WAVE_ROW(WAITING_APPROVAL, APPROVE, NONE, PENDING),
    WAVE_ROW(PENDING, START, NONE, INITIATED),
    WAVE_ROW(INITIATED, JOB, NONE, LAUNCHING),
    WAVE_ROW(INITIATED, RUN, NONE, STARTED),
    WAVE_ROW(LAUNCHING, RUN, NONE, STARTED),
    WAVE_ROW(INITIATED, SETTLE, SUCCESS, COMPLETED),
    WAVE_ROW(LAUNCHING, SETTLE, SUCCESS, COMPLETED),
    WAVE_ROW(STARTED, SETTLE, SUCCESS, COMPLETED),
    WAVE_ROW(INITIATED, SETTLE, FAILURE, FAILED),
    WAVE_ROW(LAUNCHING, SETTLE, FAILURE, FAILED),
    WAVE_ROW(STARTED, SETTLE, FAILURE, FAILED),
    WAVE_ROW(INITIATED, FAIL, NONE, FAILED),
    WAVE_ROW(LAUNCHING, FAIL, NONE, FAILED),
    WAVE_ROW(STARTED, FAIL, NONE, FAILED),
    WAVE_ROW(PENDING, CANCEL, NONE, CANCELLED),
    WAVE_ROW(WAITING_APPROVAL, CANCEL, NONE, CANCELLED),
    WAVE_ROW(PENDING, SKIP, NONE, SKIPPED),
    WAVE_ROW(WAITING_APPROVAL, SKIP, NONE, SKIPPED),
    WAVE_ROW(FAILED, SKIP, NONE, SKIPPED),
    WAVE_ROW(CANCELLED, SKIP, NONE, SKIPPED),
    WAVE_ROW(FAILED, RETAKE, NONE, PENDING),
    WAVE_ROW(CANCELLED, RETAKE, NONE, PENDING),

    SERVER_ROW(PENDING, RUN, LAUNCHING),
    SERVER_ROW(PENDING, LAUNCHED, LAUNCHED),
    SERVER_ROW(LAUNCHING, LAUNCHED, LAUNCHED),
    SERVER_ROW(PENDING, FAIL, FAILED),
    SERVER_ROW(LAUNCHING, FAIL, FAILED),
    SERVER_ROW(PENDING, CANCEL, CANCELLED),
    SERVER_ROW(PENDING, TERMINATE, TERMINATED),
    SERVER_ROW(LAUNCHING, TERMINATE, TERMINATED),
    SERVER_ROW(LAUNCHED, TERMINATE, TERMINATED),
    SERVER_ROW(FAILED, TERMINATE, TERMINATED), /* an instance of it was found after all */
};

const struct transition *transitions(size_t *len)
{
    *len = ARRAY_LEN(table);
    return table;
}

int transition_next(enum transition_entity entity, int from, enum transition_event event,
                    enum transition_guard guard)
{
    for (size_t i = 0; i < ARRAY_LEN(table); i++) {
        const struct transition *t = &table[i];

        if (t->entity != entity || t->from != from || t->event != event)
            continue;
        if (t->guard == GUARD_NONE || t->guard == guard)
            return t->to;
    }
    return 0;
}
