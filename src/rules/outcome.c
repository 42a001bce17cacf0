#include "rules/outcome.h"

void server_counts_add(struct server_counts *c, int server_status)
{
    switch (server_status) {
    case SERVER_LAUNCHED:
        c->launched++;
        break;
    case SERVER_TERMINATED:
    case SERVER_FAILED:
    case SERVER_CANCELLED:
        c->failed++;
        break;
    default:
        c->open++;
        break;
    }
}

struct ending wave_ending(const struct server_counts *c, bool timed_out)
{
    if (c->failed == 0 && c->open == 0 && c->launched > 0)
        return (struct ending){WAVE_COMPLETED, OUTCOME_SUCCEEDED};
    if (c->launched > 0)
        return (struct ending){WAVE_FAILED, OUTCOME_PARTIAL};
    return (struct ending){WAVE_FAILED, timed_out ? OUTCOME_TIMED_OUT : OUTCOME_FAILED};
}

struct wave_counts {
    size_t completed;
    size_t skipped;
    size_t launched_some; /* failed, but not wholly */
    size_t timed_out;
    size_t bad; /* failed, cancelled or never run */
};

static struct wave_counts count(const struct wave_end *waves, size_t len)
{
    struct wave_counts c = {0};

    for (size_t i = 0; i < len; i++) {
        c.completed += waves[i].status == WAVE_COMPLETED;
        c.skipped += waves[i].status == WAVE_SKIPPED;
        c.launched_some += waves[i].outcome == OUTCOME_PARTIAL;
        c.timed_out += waves[i].outcome == OUTCOME_TIMED_OUT;
    }
    c.bad = len - c.completed - c.skipped;
    return c;
}

struct ending execution_ending(const struct wave_end *waves, size_t len, bool cancelled)
{
    struct wave_counts c = count(waves, len);

    if (cancelled)
        return (struct ending){EXECUTION_CANCELLED, OUTCOME_CANCELLED};
    if (c.bad == 0 && c.completed > 0 && c.skipped == 0)
        return (struct ending){EXECUTION_COMPLETED, OUTCOME_SUCCEEDED};
    if (c.bad == 0 && len > 0)
        return (struct ending){EXECUTION_COMPLETED, OUTCOME_COMPLETED_WITH_SKIPS};
    if (c.completed > 0 || c.launched_some > 0)
        return (struct ending){EXECUTION_FAILED, OUTCOME_PARTIAL};
    return (struct ending){EXECUTION_FAILED, c.timed_out ? OUTCOME_TIMED_OUT : OUTCOME_FAILED};
}

int server_status_of(struct str launch_status, bool job_completed)
{
    if (str_eq_z(launch_status, "LAUNCHED"))
        return SERVER_LAUNCHED;
    if (str_eq_z(launch_status, "TERMINATED"))
        return SERVER_TERMINATED;
    if (str_eq_z(launch_status, "FAILED") || job_completed)
        return SERVER_FAILED;
    if (str_eq_z(launch_status, "IN_PROGRESS"))
        return SERVER_LAUNCHING;
    return SERVER_PENDING;
}
