#ifndef RULES_LAUNCHES_H
#define RULES_LAUNCHES_H

#include "base/field.h"
#include "model/execution.h"

/*
 * How the servers of a wave become DRS jobs: one launch for each account, region and launchOrder
 * step, of at most LAUNCH_SERVERS_MAX servers. Steps of a wave follow each other; a step starts
 * when every launch of the steps before it has ended, however it ended: order is not dependency.
 */
struct launch_candidate {
    const struct account_context *account;
    const struct resolved_server *server;
};

/* One launch: candidates[first .. first + len). */
struct launch_cut {
    size_t first;
    size_t len;
    size_t ordinal; /* 1, 2, ... within its wave and step */
};

/* Sorts the candidates by wave, step, account, region and server, and cuts them. */
size_t launches_cut(struct arena *a, struct launch_candidate *candidates, size_t n,
                    struct launch_cut **out);

/* "<executionId>/w2/s1/1/a1": tag LaunchId. */
struct str launch_id_of(struct arena *a, struct str execution_id, const struct launch_run *l,
                        size_t ordinal);

/* Whether launch `i` may start: it has not ended, and no launch of an earlier step is open. */
bool launch_is_ready(const struct launch_run *const *launches, size_t len, size_t i);

/* The whole wave: every launch has ended. */
bool launches_have_ended(const struct launch_run *const *launches, size_t len);

/*
 * What to do about a launch whose intent is committed but whose job is unknown, when no job of ours
 * was found: call again only when nothing can have happened unseen.
 */
bool launch_may_call(const struct launch_run *l, int64_t visibility_ms);

/* Whether it waits for AWS to take it up, and there is certainly no job of it. */
bool launch_is_postponed(const struct launch_run *l);

/* What DRS answered to StartRecovery, where it was no job. */
struct start_answer {
    int status; /* HTTP; 0: no answer */
    bool retryable;
    bool ambiguous;    /* it may have taken effect */
    bool unidentified; /* DRS did not know who called, and has not looked at the call */
};

/*
 * The launch has failed only where DRS has looked at the very call that would have started its job,
 * and refused it. Whatever else stands in the way may be mended, and is waited for.
 */
enum start_verdict {
    START_LOOK = 1, /* a job of ours may exist: look for it */
    START_LATER,    /* there is certainly none: call again later */
    START_REFUSED,
};
enum start_verdict start_verdict_of(const struct start_answer *answer);

/* What telling AWS of one server's launch configuration came to, for the launch as a whole. */
enum told {
    TOLD = 1,    /* or refused, which is that server's failure alone */
    TOLD_LATER,  /* what stands in the way may pass */
    TOLD_NOBODY, /* the role that would tell is refused */
};

/* Index of the one whose error is the launch's: a refused role first; `len`: nothing hinders it. */
size_t told_first(const enum told *told, size_t len);

/*
 * Monotonic time since `base`, never more than what really passed: a clock that started again
 * counts nothing.
 */
int64_t elapsed_since(int64_t base_mono_ms, int64_t now_mono_ms);

#endif
