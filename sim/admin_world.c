#include "sim/admin_calls.h"
#include "sim/drs.h"
#include "sim/load.h"
#include "sim/route.h"

/* Clock, knobs, state as a whole. */

void admin_health(struct admin *c)
{
    json_begin_object(&c->w);
    json_member_str(&c->w, "status", STR("ok"));
    json_end_object(&c->w);
}

void admin_version(struct admin *c)
{
    json_begin_object(&c->w);
    json_member_str(&c->w, "name", STR("drwave-sim"));
    json_member_str(&c->w, "version", STR(DRWAVE_VERSION));
    json_member_str(&c->w, "seed", arena_strf(c->a, "%llu", (unsigned long long)c->sim->seed));
    json_member_int(&c->w, "stateVersion", (int64_t)c->sim->version);
    json_end_object(&c->w);
}

void admin_seed(struct admin *c)
{
    json_begin_object(&c->w);
    json_member_str(&c->w, "seed", arena_strf(c->a, "%llx", (unsigned long long)c->sim->seed));
    json_member_str(&c->w, "random", arena_strf(c->a, "%llx", (unsigned long long)c->sim->random));
    json_end_object(&c->w);
}

/* {"seed": N}: what is made from now on derives from it, and from what was done before. */
void admin_set_seed(struct admin *c)
{
    int64_t seed = json_int(json_get_z(c->in, "seed"), 0);

    if (seed < 1) {
        admin_refuse(c, 400, "seed: must be a whole number above 0");
        return;
    }
    c->sim->seed = (uint64_t)seed;
    c->sim->random =
        (uint64_t)seed + (c->sim->version << 20); /* ids given out stay the only ones */
    c->sim->version++;
    admin_seed(c);
}

static void write_operation(void *arg, const struct op *op)
{
    struct json_writer *w = arg;

    json_begin_object(w);
    json_member_str(w, "service", str_from_z(op->service));
    json_member_str(w, "name", str_from_z(op->name));
    json_end_object(w);
}

/* What is modelled: the conformance tests call all of it. */
void admin_operations(struct admin *c)
{
    json_begin_object(&c->w);
    json_name(&c->w, STR("operations"));
    json_begin_array(&c->w);
    route_each(write_operation, &c->w);
    json_end_array(&c->w);
    json_end_object(&c->w);
}

void admin_clock(struct admin *c)
{
    int64_t next = sim_next_ms(c->sim);

    json_begin_object(&c->w);
    json_member_str(&c->w, "mode", c->sim->step ? STR("step") : STR("wall"));
    json_member_int(&c->w, "nowMs", c->sim->now_ms);
    json_member_str(&c->w, "now", world_time_z(c->a, c->sim->now_ms, true));
    json_name(&c->w, STR("speed"));
    json_put_real(&c->w, c->sim->speed);
    json_member_int(&c->w, "offsetMs", c->sim->offset_ms);
    json_name(&c->w, STR("nextMs"));
    if (next < 0)
        json_put_null(&c->w);
    else
        json_put_int(&c->w, next);
    json_end_object(&c->w);
}

/* A century each way: what is further is a mistake of whoever asks. */
static bool is_a_time(double ms)
{
    const double century_ms = 100.0 * 366 * 24 * 3600 * 1000;

    return ms >= -century_ms && ms <= century_ms;
}

/* Together with what the clock is off already. */
static bool may_move(const struct sim *s, double ms)
{
    return is_a_time(ms) && is_a_time((double)s->offset_ms + ms);
}

static bool follows_wall(const struct sim *s, const struct json *mode)
{
    return mode ? str_eq_z(json_str(mode), "wall") : !s->step;
}

static void refuse_to_leave_wall(struct admin *c)
{
    admin_refuse(c, 409,
                 "The clock follows the wall: choose step mode first. What tells the wrong time "
                 "is a rule: TIME jump, TIME date, AUTH skew");
}

/* {"mode": "step" or "wall", "speed": N, "jumpMs": N; to jump, step} */
void admin_set_clock(struct admin *c)
{
    struct sim *s = c->sim;
    const struct json *mode = json_get_z(c->in, "mode");
    double speed = json_number(json_get_z(c->in, "speed"), s->speed);
    int64_t jump_ms = json_int(json_get_z(c->in, "jumpMs"), 0);

    if (!(speed > 0) || !may_move(s, (double)jump_ms)) {
        admin_refuse(c, 400, "speed is above 0, and the clock is moved by a century at most");
        return;
    }
    if (mode && !str_eq_z(json_str(mode), "step") && !str_eq_z(json_str(mode), "wall")) {
        admin_refuse(c, 400, "mode is step or wall");
        return;
    }
    if (jump_ms && follows_wall(s, mode)) {
        refuse_to_leave_wall(c);
        return;
    }
    if (mode) {
        s->step = str_eq_z(json_str(mode), "step");
        s->frozen_ms = s->step ? s->now_ms : s->wall_ms;
        s->offset_ms = 0;
    }
    s->speed = speed;
    s->offset_ms += jump_ms;
    s->now_ms = sim_now_ms(s, s->wall_ms);
    s->version++;
    world_advance(s);
    admin_clock(c);
}

void admin_advance(struct admin *c)
{
    struct sim *s = c->sim;
    double ms = (double)json_int(json_get_z(c->in, "ms"), 0) +
                json_number(json_get_z(c->in, "seconds"), 0) * 1000.0;

    if (!s->step) {
        refuse_to_leave_wall(c);
        return;
    }
    if (ms < 0 || !may_move(s, ms)) {
        admin_refuse(c, 400, "Time is advanced, not turned back, and by a century at most");
        return;
    }
    s->offset_ms += (int64_t)ms;
    s->now_ms = sim_now_ms(s, s->wall_ms);
    s->version++;
    world_advance(s);
    admin_clock(c);
}

void admin_knobs(struct admin *c)
{
    field_encode(&c->w, sim_knob_fields, &c->sim->knobs, FIELD_VIEW_STORED);
}

void admin_set_knobs(struct admin *c)
{
    struct str why;

    if (load_knobs(c->sim, c->in, &why))
        admin_knobs(c);
    else
        admin_refuse(c, 400, STR_FMT, STR_ARG(why));
}

void admin_save(struct admin *c)
{
    buf_add(&c->out, sim_save(c->sim, c->a));
}

void admin_load(struct admin *c)
{
    struct str why;

    if (world_replace(c->sim, c->a, c->request->body, &why))
        admin_health(c);
    else
        admin_refuse(c, 400, STR_FMT, STR_ARG(why));
}

void admin_reset(struct admin *c)
{
    struct str why;

    if (world_replace(c->sim, c->a, c->sim->origin, &why))
        admin_health(c);
    else
        admin_refuse(c, 500, STR_FMT, STR_ARG(why));
}

void admin_estate(struct admin *c)
{
    struct str why;

    if (load_estate(c->sim, c->in, &why))
        admin_health(c);
    else
        admin_refuse(c, 400, STR_FMT, STR_ARG(why));
}

static bool alive(const struct instance *i)
{
    return !str_eq_z(i->state, "terminated") && !str_eq_z(i->state, "shutting-down");
}

static void write_instance(struct admin *c, const struct instance *i)
{
    struct json_writer *w = &c->w;

    json_begin_object(w);
    json_member_str(w, "instanceId", i->at.id);
    json_member_str(w, "account", i->at.account);
    json_member_str(w, "region", i->at.region);
    json_member_str(w, "sourceServerId", i->server);
    json_member_str(w, "state", i->state);
    json_member_bool(w, "drill", i->drill);
    json_member_str(w, "privateIp", i->ip);
    json_end_object(w);
}

static void write_job(struct admin *c, const struct job *job)
{
    struct json_writer *w = &c->w;

    json_begin_object(w);
    json_member_str(w, "jobId", job->at.id);
    json_member_str(w, "account", job->at.account);
    json_member_str(w, "region", job->at.region);
    json_member_str(w, "type", job->type);
    json_member_str(w, "status", job->status);
    json_member_bool(w, "drill", job->drill);
    json_tags(w, "tags", &job->tags);
    json_name(w, STR("servers"));
    json_begin_array(w);
    for (size_t i = 0; i < job->servers.len; i++) {
        const struct participant *p = &job->servers.items[i];

        json_begin_object(w);
        json_member_str(w, "sourceServerId", p->server);
        json_member_str(w, "launchStatus", p->status);
        json_member_str(w, "instanceId", p->instance);
        json_end_object(w);
    }
    json_end_array(w);
    json_end_object(w);
}

/* What a drill's end is judged by: every instance that DRS launched and that is still there. */
void admin_state(struct admin *c)
{
    const struct vec *instances = &c->sim->all[K_INSTANCE], *jobs = &c->sim->all[K_JOB];
    struct json_writer *w = &c->w;
    int64_t drill = 0, recovery = 0, active = 0;

    json_begin_object(w);
    json_name(w, STR("instances"));
    json_begin_array(w);
    for (size_t k = 0; k < instances->len; k++) {
        const struct instance *i = instances->items[k];

        if (!str_present(i->server) || !alive(i))
            continue;
        drill += i->drill;
        recovery += !i->drill;
        write_instance(c, i);
    }
    json_end_array(w);
    json_name(w, STR("jobs"));
    json_begin_array(w);
    for (size_t k = 0; k < jobs->len; k++) {
        active += job_active(jobs->items[k]);
        write_job(c, jobs->items[k]);
    }
    json_end_array(w);
    json_member_int(w, "drillInstances", drill);
    json_member_int(w, "recoveryInstances", recovery);
    json_member_int(w, "activeJobs", active);
    json_member_int(w, "servers", (int64_t)c->sim->all[K_SERVER].len);
    json_member_int(w, "nowMs", c->sim->now_ms);
    json_end_object(w);
}
