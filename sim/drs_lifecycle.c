#include "sim/drs.h"
#include "sim/drs_calls.h"
#include "sim/regions.h"
#include "sim/tree.h"

/* Servers coming and going, and the configuration templates of an account. */

void sim_drs_initialize_service(struct ctx *c)
{
    struct cell *cell = region_cell(c->sim, c->account, c->region);

    cell->drs = STR("INITIALIZED");
    c->sim->version++;
}

static void set_state(struct ctx *c, struct server *v, const char *state)
{
    v->replication->state = str_from_z(state);
    v->replication->since_ms = c->sim->now_ms;
    v->replication->next_ms = 0;
    v->replication->next = (struct str){0};
    v->replication->backlog_bytes = 0;
    v->replication->error = (struct str){0};
    v->replication->lag_ms = -1;
    c->sim->version++;
}

/* The natural way back: INITIATING, INITIAL_SYNC, CREATING_SNAPSHOT, CONTINUOUS. */
static void restart(struct ctx *c, struct server *v)
{
    set_state(c, v, "INITIATING");
    v->replication->next = STR("INITIAL_SYNC");
    v->replication->next_ms = c->sim->now_ms + world_span_ms(c->sim, 330);
    world_restless(c->sim, v);
}

static bool not_in_job(struct ctx *c, const struct server *v)
{
    if (!job_of_server(c->sim, v))
        return true;
    refuse(c, 409, "ConflictException",
           "Source Server " STR_FMT " is currently being processed by a Job", STR_ARG(v->at.id));
    c->refusal.resource_id = v->at.id;
    return false;
}

static bool has_recovery(struct ctx *c, const struct server *v)
{
    const struct recovery *r = here(c, K_RECOVERY, v->recovery_instance);

    if (!r || r->gone_ms)
        return false;
    refuse(c, 409, "ConflictException",
           "Cannot disconnect Source Server " STR_FMT
           " because it has a recovery instance " STR_FMT,
           STR_ARG(v->at.id), STR_ARG(r->at.id));
    c->refusal.resource_id = v->at.id;
    c->refusal.resource_type = STR("SourceServer");
    return true;
}

void sim_drs_disconnect_source_server(struct ctx *c)
{
    struct server *v = server_asked(c, "sourceServerID");
    struct template *t;

    if (!v || !not_in_job(c, v) || has_recovery(c, v))
        return;
    set_state(c, v, "DISCONNECTED");
    t = here(c, K_TEMPLATE, v->launch->template_id);
    if (t)
        world_remove(c->sim, K_TEMPLATE, t);
    server_write(c, v);
}

void sim_drs_delete_source_server(struct ctx *c)
{
    struct server *v = server_asked(c, "sourceServerID");

    if (!v)
        return;
    if (!str_eq_z(v->replication->state, "DISCONNECTED")) {
        refuse(c, 409, "ConflictException",
               "Source Server " STR_FMT " must be disconnected before it is deleted",
               STR_ARG(v->at.id));
        c->refusal.resource_id = v->at.id;
        return;
    }
    world_remove(c->sim, K_SERVER, v);
}

void sim_drs_retry_data_replication(struct ctx *c)
{
    struct server *v = server_asked(c, "sourceServerID");

    if (!v)
        return;
    if (str_eq_z(v->replication->state, "STALLED"))
        restart(c, v);
    server_write(c, v);
}

static int64_t replicating(struct ctx *c)
{
    const struct vec *all = all_here(c, K_SERVER);
    int64_t n = 0;

    for (size_t i = 0; i < all->len; i++)
        n += server_replicates(all->items[i]);
    return n;
}

static void reply_wrapped(struct ctx *c, struct server *v)
{
    json_name(&c->w, STR("sourceServer"));
    json_begin_object(&c->w);
    server_write(c, v);
    json_end_object(&c->w);
}

void sim_drs_start_replication(struct ctx *c)
{
    struct server *v = server_asked(c, "sourceServerID");
    int64_t most = cell_here(c)->quota_replicating;

    if (!v || !not_in_job(c, v))
        return;
    if (!str_eq_z(v->replication->state, "STOPPED")) {
        refuse(c, 409, "ConflictException", "Replication of " STR_FMT " is not stopped",
               STR_ARG(v->at.id));
        return;
    }
    if (replicating(c) >= most) {
        refuse(c, 409, "ConflictException",
               "The limit of %lld replicating source servers is reached", (long long)most);
        c->refusal.quota = STR("L-C1D14A2B");
        return;
    }
    restart(c, v);
    reply_wrapped(c, v);
}

void sim_drs_stop_replication(struct ctx *c)
{
    struct server *v = server_asked(c, "sourceServerID");

    if (!v || !not_in_job(c, v))
        return;
    set_state(c, v, "STOPPED");
    reply_wrapped(c, v);
}

/* ---- configuration templates: what was given comes back, with an id and an ARN ---- */

struct shape {
    const char *prefix;
    const char *id_member;
    const char *ids_member;
    const char *arn_type;
    const char *wrapper; /* NULL: the answer is bare */
    const char *quota;   /* NULL: as many as one likes */
};

static const struct shape replication_shape = {"rct-",
                                               "replicationConfigurationTemplateID",
                                               "replicationConfigurationTemplateIDs",
                                               "replication-configuration-template",
                                               NULL,
                                               NULL};
static const struct shape launch_shape = {"lct-",
                                          "launchConfigurationTemplateID",
                                          "launchConfigurationTemplateIDs",
                                          "launch-configuration-template",
                                          "launchConfigurationTemplate",
                                          "L-1F3FAE4D"};

static void write_template(struct ctx *c, const struct shape *shape, const struct defaults *d)
{
    struct json_writer *w = &c->w;

    json_member_str(w, shape->id_member, d->at.id);
    json_member_str(w, "arn",
                    world_arn(c->a, "drs", c->region, c->account,
                              arena_strf(c->a, "%s/" STR_FMT, shape->arn_type, STR_ARG(d->at.id))));
    for (size_t i = 0; i < d->body->len; i++) {
        struct str name = d->body->members[i].name;

        if (str_eq_z(name, shape->id_member) || str_eq_z(name, "arn") || str_eq_z(name, "tags"))
            continue;
        json_name(w, name);
        json_put(w, &d->body->members[i].value);
    }
    json_tags(w, "tags", tags_seen(c->sim, &d->tags, &d->past));
}

static void reply_template(struct ctx *c, const struct shape *shape, const struct defaults *d)
{
    if (shape->wrapper) {
        json_name(&c->w, str_from_z(shape->wrapper));
        json_begin_object(&c->w);
    }
    write_template(c, shape, d);
    if (shape->wrapper)
        json_end_object(&c->w);
}

static struct defaults *template_asked(struct ctx *c, const struct shape *shape)
{
    struct str id = in_str(c, shape->id_member);
    struct defaults *d = here(c, K_DEFAULTS, id);

    if (!d)
        refuse(c, 404, "ResourceNotFoundException", "Template " STR_FMT " does not exist",
               STR_ARG(id));
    return d;
}

static void launch_item(struct ctx *c, void *thing)
{
    write_template(c, &launch_shape, thing);
}

static void replication_item(struct ctx *c, void *thing)
{
    write_template(c, &replication_shape, thing);
}

static void describe(struct ctx *c, const struct shape *shape)
{
    struct strs ids = in_strs(c, shape->ids_member);
    const struct vec *all = all_here(c, K_DEFAULTS);
    struct vec list = {0};

    for (size_t i = 0; i < all->len; i++) {
        struct defaults *d = all->items[i];

        if (str_starts(d->at.id, str_from_z(shape->prefix)) &&
            (!ids.len || strs_have(ids, d->at.id)))
            vec_add(c->a, &list, d);
    }
    page_write(c, &list, shape == &launch_shape ? launch_item : replication_item);
}

static void create(struct ctx *c, const struct shape *shape)
{
    const struct vec *all = all_here(c, K_DEFAULTS);
    struct defaults *d;

    for (size_t i = 0; shape->quota && i < all->len; i++) {
        const struct entity *e = all->items[i];

        if (!str_starts(e->id, str_from_z(shape->prefix)))
            continue;
        refuse_quota(c, shape->quota, e->id, "One template per account");
        return;
    }
    d = world_new(c->sim, K_DEFAULTS, c->account, c->region, world_id(c->sim, shape->prefix));
    d->body = tree_copy(c->sim->arena, c->in);
    d->tags = tags_of(c->sim->arena, in_get(c, "tags"));
    reply_template(c, shape, d);
    tags_change(c->sim, &(struct tags){0}, &d->past);
}

static void update(struct ctx *c, const struct shape *shape)
{
    struct defaults *d = template_asked(c, shape);

    if (!d)
        return;
    d->body = tree_merge(c->sim->arena, d->body, c->in);
    c->sim->version++;
    reply_template(c, shape, d);
}

static void delete (struct ctx *c, const struct shape *shape)
{
    struct defaults *d = template_asked(c, shape);

    if (d)
        world_remove(c->sim, K_DEFAULTS, d);
}

#define TEMPLATE_CALL(name, verb, shape) \
    void name(struct ctx *c)             \
    {                                    \
        verb(c, &(shape));               \
    }

TEMPLATE_CALL(sim_drs_describe_replication_templates, describe, replication_shape)
TEMPLATE_CALL(sim_drs_create_replication_template, create, replication_shape)
TEMPLATE_CALL(sim_drs_update_replication_template, update, replication_shape)
TEMPLATE_CALL(sim_drs_delete_replication_template, delete, replication_shape)
TEMPLATE_CALL(sim_drs_describe_launch_templates, describe, launch_shape)
TEMPLATE_CALL(sim_drs_create_launch_template, create, launch_shape)
TEMPLATE_CALL(sim_drs_update_launch_template, update, launch_shape)
TEMPLATE_CALL(sim_drs_delete_launch_template, delete, launch_shape)
