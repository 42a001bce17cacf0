#include "sim/drs.h"
#include "sim/ec2.h"

/*
 * What was due happens in the order of its time, whenever somebody looks: no background, so that
 * the same calls at the same times give the same world.
 */
static const char *const natural[][2] = {
    {"INITIATING", "INITIAL_SYNC"},
    {"INITIAL_SYNC", "CREATING_SNAPSHOT"},
    {"CREATING_SNAPSHOT", "CONTINUOUS"},
};

static const double natural_s[] = {330, 3600, 60};

/* On to the scripted or natural successor. */
static void replication_step(struct sim *s, struct server *v)
{
    struct replication *r = v->replication;

    r->state = str_empty(r->next) ? r->state : r->next;
    r->since_ms = r->next_ms;
    r->next = (struct str){0};
    r->next_ms = 0;
    r->error = (struct str){0};
    s->version++;
    if (str_eq_z(r->state, "CONTINUOUS")) {
        r->backlog_bytes = 0;
        r->backlog_per_s = 0;
        r->lag_ms = 0;
    }
    for (size_t i = 0; i < ARRAY_LEN(natural); i++) {
        if (!str_eq_z(r->state, natural[i][0]))
            continue;
        r->next = str_from_z(natural[i][1]);
        r->next_ms = r->since_ms + world_span_ms(s, natural_s[i]);
    }
}

struct due {
    int64_t ms;
    struct job *job;
    struct instance *instance;
    struct server *server;
};

static bool sooner(const struct due *d, int64_t ms)
{
    return ms && (!d->ms || ms < d->ms);
}

static struct due next_due(const struct sim *s)
{
    struct due d = {0};

    for (size_t i = 0; i < s->all[K_JOB].len; i++) {
        struct job *job = s->all[K_JOB].items[i];

        if (sooner(&d, job->next_ms))
            d = (struct due){.ms = job->next_ms, .job = job};
    }
    for (size_t i = 0; i < s->all[K_INSTANCE].len; i++) {
        struct instance *v = s->all[K_INSTANCE].items[i];

        if (sooner(&d, v->next_ms))
            d = (struct due){.ms = v->next_ms, .instance = v};
    }
    for (size_t i = 0; i < s->restless.len; i++) {
        struct server *v = s->restless.items[i];

        if (sooner(&d, v->replication->next_ms))
            d = (struct due){.ms = v->replication->next_ms, .server = v};
    }
    return d;
}

int64_t sim_next_ms(const struct sim *s)
{
    struct due d = next_due(s);

    return d.ms ? d.ms : -1;
}

void world_restless(struct sim *s, struct server *v)
{
    for (size_t i = 0; i < s->restless.len; i++)
        if (s->restless.items[i] == v)
            return;
    vec_add(s->arena, &s->restless, v);
}

void world_advance(struct sim *s)
{
    int64_t now_ms = s->now_ms;
    struct due d = next_due(s);

    while (d.ms && d.ms <= now_ms) {
        s->now_ms = d.ms;
        if (d.job)
            job_step(s, d.job);
        else if (d.instance)
            instance_step(s, d.instance);
        else
            replication_step(s, d.server);
        d = next_due(s);
    }
    s->now_ms = now_ms;
}
