#include "sim/ec2.h"

/* The life of an instance: pending, running or stopped, shutting down, terminated, gone. */

enum { TERMINATED_LINGERS_S = 3600 };

static struct eni *eni_new(struct sim *s, const struct instance *i, const struct instance_wish *w)
{
    struct eni *e = world_new(s, K_ENI, i->at.account, i->at.region, world_id(s, "eni-"));

    e->subnet = w->subnet->at.id;
    e->ip = w->ip;
    e->groups = w->groups;
    e->instance = i->at.id;
    e->description = STR("");
    return e;
}

struct instance *instance_run(struct sim *s, struct str account, struct str region,
                              const struct instance_wish *w)
{
    struct instance *i = world_new(s, K_INSTANCE, account, region, world_id(s, "i-"));

    i->type = arena_str(s->arena, w->type);
    i->image = arena_str(s->arena, w->image);
    i->profile = arena_str(s->arena, w->profile);
    i->state = STR("pending");
    i->next_ms = s->now_ms + world_jitter_ms(s, 30);
    i->subnet = w->subnet->at.id;
    i->zone = w->subnet->zone;
    i->ip = w->ip;
    i->groups = w->groups;
    i->windows = w->windows;
    i->start_stopped = w->stopped;
    i->launched_ms = s->now_ms;
    i->tags = tags_copy(s->arena, &w->tags);
    i->eni = eni_new(s, i, w)->at.id;
    return i;
}

void instance_terminate(struct sim *s, struct instance *i)
{
    struct eni *e = world_get(s, K_ENI, i->at.account, i->at.region, i->eni);

    if (str_eq_z(i->state, "terminated") || str_eq_z(i->state, "shutting-down"))
        return;
    i->state = STR("shutting-down");
    i->reason_code = STR("Client.UserInitiatedShutdown");
    i->reason = STR("Client.UserInitiatedShutdown: User initiated shutdown");
    i->next_ms = s->now_ms + world_jitter_ms(s, 40);
    i->eni = (struct str){0};
    i->ip = (struct str){0};
    if (e)
        world_remove(s, K_ENI, e);
    s->version++;
}

void instance_step(struct sim *s, struct instance *i)
{
    int64_t now_ms = i->next_ms;

    i->next_ms = 0;
    s->version++;
    if (str_eq_z(i->state, "pending")) {
        i->state = i->start_stopped ? STR("stopped") : STR("running");
    } else if (str_eq_z(i->state, "stopping")) {
        i->state = STR("stopped");
    } else if (str_eq_z(i->state, "shutting-down")) {
        i->state = STR("terminated");
        i->gone_ms = now_ms + world_span_ms(s, TERMINATED_LINGERS_S);
    }
}

bool instance_listed(const struct sim *s, const struct instance *i)
{
    return !i->gone_ms || s->now_ms < i->gone_ms;
}
