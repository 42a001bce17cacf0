#include "base/time.h"
#include "sim/drs.h"
#include "sim/drs_calls.h"

/* Reading jobs and their logs. */

static struct str job_arn(struct arena *a, const struct job *job)
{
    return world_arn(a, "drs", job->at.region, job->at.account,
                     arena_strf(a, "job/" STR_FMT, STR_ARG(job->at.id)));
}

static void write_participant(struct ctx *c, const struct job *job, const struct participant *p)
{
    struct json_writer *w = &c->w;
    bool named = c->sim->knobs.participant_instance || str_eq_z(job->type, "TERMINATE");

    json_begin_object(w);
    json_member_str(w, "sourceServerID", p->server);
    if (named && str_present(p->instance))
        json_member_str(w, "recoveryInstanceID", p->instance);
    json_member_str(w, "launchStatus", p->status);
    json_end_object(w);
}

void job_write(struct ctx *c, const struct job *job)
{
    struct json_writer *w = &c->w;

    json_member_str(w, "jobID", job->at.id);
    json_member_str(w, "arn", job_arn(c->a, job));
    json_member_str(w, "type", job->type);
    json_member_str(w, "initiatedBy", job->initiated_by);
    json_member_time(c, w, "creationDateTime", job->created_ms);
    if (!job_active(job) && !(c->call && str_eq_z(c->sim->knobs.timestamps, "noEnd")))
        json_member_time(c, w, "endDateTime", job->end_ms);
    json_member_str(w, "status", job->status);
    json_name(w, STR("participatingServers"));
    json_begin_array(w);
    for (size_t i = 0; i < job->servers.len; i++)
        write_participant(c, job, &job->servers.items[i]);
    json_end_array(w);
    json_tags(w, "tags", tags_seen(c->sim, &job->tags, &job->past));
}

static bool in_window(const struct json *filters, int64_t ms)
{
    int64_t from, to;

    if (time_parse(text_of(filters, "fromDate"), &from) && ms < from)
        return false;
    return !time_parse(text_of(filters, "toDate"), &to) || ms <= to;
}

/* Newest first, as the console lists them. */
static struct vec jobs_asked(struct ctx *c)
{
    const struct json *filters = in_get(c, "filters");
    struct strs ids = strs_of(c->a, json_get_z(filters, "jobIDs"));
    const struct vec *all = all_here(c, K_JOB);
    struct vec out = {0};

    for (size_t i = all->len; i-- > 0;) {
        struct job *job = all->items[i];

        if (job->visible_ms <= c->sim->now_ms && in_window(filters, told_ms(c, job->created_ms)) &&
            (!ids.len || strs_have(ids, job->at.id)))
            vec_add(c->a, &out, job);
    }
    return out;
}

static void job_item(struct ctx *c, void *thing)
{
    job_write(c, thing);
}

void sim_drs_describe_jobs(struct ctx *c)
{
    struct vec list = jobs_asked(c);

    page_write(c, &list, job_item);
}

static void member_if(struct json_writer *w, const char *name, struct str value)
{
    if (str_present(value))
        json_member_str(w, name, value);
}

static void write_log_item(struct ctx *c, const struct log_item *item)
{
    struct json_writer *w = &c->w;

    json_begin_object(w);
    json_member_time(c, w, "logDateTime", item->ms);
    json_member_str(w, "event", item->event);
    json_name(w, STR("eventData"));
    json_begin_object(w);
    member_if(w, "sourceServerID", item->server);
    member_if(w, "conversionServerID", item->conversion);
    if (!c->sim->knobs.strict_model)
        member_if(w, "targetInstanceID", item->instance);
    member_if(w, "rawError", item->raw_error);
    if (item->attempts_max) {
        json_member_int(w, "attemptCount", item->attempt);
        json_member_int(w, "maxAttemptsCount", item->attempts_max);
    }
    json_end_object(w);
    json_end_object(w);
}

static struct job *job_asked(struct ctx *c)
{
    struct str id = in_str(c, "jobID");
    struct job *job = here(c, K_JOB, id);

    if (job && job->visible_ms <= c->sim->now_ms)
        return job;
    refuse(c, 404, "ResourceNotFoundException", "Job " STR_FMT " does not exist", STR_ARG(id));
    c->refusal.resource_id = id;
    c->refusal.resource_type = STR("Job");
    return NULL;
}

void sim_drs_describe_job_log_items(struct ctx *c)
{
    const struct job *job = job_asked(c);
    struct page page;

    if (!job || !page_open(c, job->log.len, page_filter(c), &page))
        return;
    json_name(&c->w, STR("items"));
    json_begin_array(&c->w);
    for (size_t i = page.from; i < page.to; i++)
        write_log_item(c, &job->log.items[i]);
    json_end_array(&c->w);
    if (str_present(page.next))
        json_member_str(&c->w, "nextToken", page.next);
}

void sim_drs_delete_job(struct ctx *c)
{
    struct job *job = job_asked(c);

    if (!job)
        return;
    if (job_active(job)) {
        refuse(c, 409, "ConflictException", "Job " STR_FMT " is still active", STR_ARG(job->at.id));
        c->refusal.resource_id = job->at.id;
        return;
    }
    world_remove(c->sim, K_JOB, job);
}
