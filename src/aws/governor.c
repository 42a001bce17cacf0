#include "aws/governor.h"

#include <stdlib.h>

/* Calls a second, and how the rate moves. */
static const double rate_least = 0.5;
static const double rate_free = 50;   /* here the governor lets go */
static const double rate_climb = 0.5; /* a second, each second */
static const double rate_fall = 0.7;
static const double burst_seconds = 1; /* saved up at most */

void governor_init(struct governor *g)
{
    *g = (struct governor){0};
    (void)pthread_mutex_init(&g->lock, NULL);
}

void governor_done(struct governor *g)
{
    while (g->lanes) {
        struct governor_lane *lane = g->lanes;

        g->lanes = lane->next;
        free(lane);
    }
    (void)pthread_mutex_destroy(&g->lock);
}

/* NULL when there are too many lanes, or no memory: then nobody is held back. */
static struct governor_lane *lane_of(struct governor *g, struct str key)
{
    struct governor_lane *lane = g->lanes;

    while (lane && !str_eq_z(key, lane->key))
        lane = lane->next;
    if (lane || g->n >= GOVERNOR_LANES_MAX)
        return lane;
    lane = calloc(1, sizeof(*lane) + key.len + 1);
    if (!lane)
        return NULL;
    memcpy(lane->key, key.ptr, key.len);
    lane->next = g->lanes;
    g->lanes = lane;
    g->n++;
    return lane;
}

/* Counts calls by seconds, so that the first throttled answer knows what was too much. */
static void count_call(struct governor_lane *lane, int64_t now_ms)
{
    int64_t age = now_ms - lane->window_ms;

    if (age >= 1000) {
        lane->last_calls = age < 2000 ? lane->window_calls : 0;
        lane->window_calls = 0;
        lane->window_ms = now_ms;
    }
    lane->window_calls++;
}

static void fill(struct governor_lane *lane, int64_t now_ms)
{
    double seconds = (double)(now_ms - lane->filled_ms) / 1000;
    double most = lane->rate * burst_seconds;

    lane->filled_ms = now_ms;
    lane->rate += rate_climb * seconds;
    lane->tokens += lane->rate * seconds;
    if (most < 1)
        most = 1;
    if (lane->tokens > most)
        lane->tokens = most;
    lane->active = lane->rate < rate_free;
}

int64_t governor_wait_ms(struct governor *g, struct str key, int64_t now_ms)
{
    struct governor_lane *lane;
    double wait = 0;

    (void)pthread_mutex_lock(&g->lock);
    lane = lane_of(g, key);
    if (lane)
        count_call(lane, now_ms);
    if (lane && lane->active) {
        fill(lane, now_ms);
        lane->tokens -= 1;
        if (lane->tokens < 0)
            wait = -lane->tokens / lane->rate;
    }
    (void)pthread_mutex_unlock(&g->lock);
    return (int64_t)(wait * 1000);
}

void governor_give_back(struct governor *g, struct str key)
{
    struct governor_lane *lane;

    (void)pthread_mutex_lock(&g->lock);
    lane = lane_of(g, key);
    if (lane && lane->active)
        lane->tokens += 1;
    (void)pthread_mutex_unlock(&g->lock);
}

/* Throttled answers that come in one burst count once: a second must pass between two falls. */
static void slow_down(struct governor_lane *lane, int64_t now_ms)
{
    double seen = lane->last_calls > lane->window_calls ? lane->last_calls : lane->window_calls;

    if (lane->active && now_ms - lane->slowed_ms < 1000)
        return;
    if (!lane->active) {
        lane->rate = seen;
        lane->tokens = 0;
        lane->filled_ms = now_ms;
    }
    lane->rate *= rate_fall;
    if (lane->rate < rate_least)
        lane->rate = rate_least;
    if (lane->rate >= rate_free)
        lane->rate = rate_free * rate_fall;
    lane->slowed_ms = now_ms;
    lane->active = true;
}

void governor_report(struct governor *g, struct str key, int64_t now_ms, bool throttled)
{
    struct governor_lane *lane;

    if (!throttled)
        return;
    (void)pthread_mutex_lock(&g->lock);
    lane = lane_of(g, key);
    if (lane)
        slow_down(lane, now_ms);
    (void)pthread_mutex_unlock(&g->lock);
}
