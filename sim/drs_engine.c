#include "sim/drs.h"
#include "sim/fault.h"

/*
 * What happens inside a job, one due step after another (aws-facts 2.3 to 2.5). Nothing runs in
 * the background: world_advance calls job_step at the time that job->next_ms says.
 */
struct step {
    struct sim *s;
    struct job *job;
    struct participant *p;
    struct server *v; /* NULL: deleted meanwhile */
    int64_t now_ms;
    bool windows;
};

void job_log(struct sim *s, struct job *job, const char *event, struct str server, int64_t ms)
{
    struct log_item *item = LIST_ADD(s->arena, &job->log);

    item->ms = ms;
    item->event = str_from_z(event);
    item->server = server;
}

static struct log_item *log_step(const struct step *at, const char *event)
{
    job_log(at->s, at->job, event, at->p->server, at->now_ms);
    return &at->job->log.items[at->job->log.len - 1];
}

/* The job is due when its first participant is; at once when all of them are done. */
void job_schedule(struct job *job)
{
    int64_t next = 0;

    for (size_t i = 0; i < job->servers.len; i++) {
        int64_t at = job->servers.items[i].next_ms;

        if (at && (!next || at < next))
            next = at;
    }
    job->next_ms = next;
}

static void go(const struct step *at, enum phase phase, double seconds)
{
    at->p->phase = phase;
    at->p->next_ms = at->now_ms + world_jitter_ms(at->s, seconds);
}

static void done(const struct step *at, const char *status, const char *result)
{
    at->p->status = str_from_z(status);
    at->p->phase = PHASE_DONE;
    at->p->next_ms = 0;
    if (!at->v)
        return;
    at->v->last->status = at->p->status;
    if (result)
        at->v->last->result = str_from_z(result);
}

static void failed(const struct step *at, const char *event, struct str raw_error)
{
    log_step(at, event)->raw_error = raw_error;
    done(at, "FAILED", "FAILED");
}

/* A rule may hold a server in a phase for `value` seconds, or for ever. */
static bool stalled(const struct step *at, const char *phase)
{
    int64_t bit = INT64_C(1) << at->p->phase;
    const struct fault_rule *rule;

    if (at->p->stalls & bit)
        return false;
    rule = fault_of_server(at->s, "STALL", at->job, at->p->server, phase);
    if (!rule)
        return false;
    at->p->stalls |= bit;
    if (str_eq_z(rule->variant, "abandon")) { /* the job ends without it, as it is now */
        at->p->phase = PHASE_DONE;
        at->p->next_ms = 0;
        return true;
    }
    at->p->next_ms = rule->value ? at->now_ms + world_span_ms(at->s, (double)rule->value) : 0;
    return true;
}

static void begin_snapshot(const struct step *at)
{
    if (str_present(at->p->snapshot)) {
        go(at, PHASE_WAIT, at->windows ? 190 : 52);
        return;
    }
    log_step(at, "SNAPSHOT_START");
    go(at, PHASE_SNAPSHOT, at->windows ? 2 : 0.2);
}

static void step_queued(const struct step *at)
{
    if (!at->v || !server_launchable(at->s, at->v) ||
        fault_of_server(at->s, "SKIP", at->job, at->p->server, "QUEUED")) {
        log_step(at, "SERVER_SKIPPED");
        at->p->phase = PHASE_DONE;
        at->p->next_ms = 0;
        return;
    }
    if (stalled(at, "QUEUED"))
        return;
    at->p->status = STR("IN_PROGRESS");
    at->v->last->status = STR("IN_PROGRESS");
    if (!str_present(at->v->recovery_instance)) {
        begin_snapshot(at);
        return;
    }
    log_step(at, "CLEANUP_START");
    go(at, PHASE_CLEANUP, 30);
}

static void step_cleanup(const struct step *at)
{
    struct recovery *old = world_get(at->s, K_RECOVERY, at->job->at.account, at->job->at.region,
                                     at->v->recovery_instance);
    const struct fault_rule *rule;

    if (stalled(at, "CLEANUP"))
        return;
    rule = fault_of_server(at->s, "CLEAN", at->job, at->p->server, "CLEANUP");
    if (rule) {
        log_step(at, "CLEANUP_FAIL")->raw_error =
            raw_error_text(at->s->arena, "UnauthorizedOperation", rule->message);
    } else {
        log_step(at, "CLEANUP_END");
        if (old) {
            recovery_gone(at->s, old);
            world_remove(at->s, K_RECOVERY, old);
        }
        at->v->recovery_instance = (struct str){0};
    }
    begin_snapshot(at);
}

static void step_snapshot(const struct step *at)
{
    const struct fault_rule *rule;

    if (stalled(at, "SNAPSHOT"))
        return;
    rule = fault_of_server(at->s, "SNAP", at->job, at->p->server, "SNAPSHOT");
    if (!rule) {
        log_step(at, "SNAPSHOT_END");
    } else {
        log_step(at, "SNAPSHOT_FAIL");
        if (!str_eq_z(rule->variant, "previous")) {
            failed(at, "USING_PREVIOUS_SNAPSHOT_FAILED", rule->message);
            return;
        }
        log_step(at, "USING_PREVIOUS_SNAPSHOT");
    }
    go(at, PHASE_WAIT, at->windows ? 190 : 52);
}

static void step_wait(const struct step *at)
{
    if (stalled(at, "WAIT"))
        return;
    log_step(at, "CONVERSION_START");
    go(at, PHASE_CONVERSION, at->windows ? 845 : 187);
}

static int64_t point_of(const struct step *at)
{
    struct arena *a = arena_new(0);
    struct snapshot *list;
    size_t n = snapshots_of(at->s, a, at->v, &list);
    int64_t ms = at->job->created_ms;

    for (size_t i = 0; i < n; i++)
        if (str_eq(list[i].id, at->p->snapshot))
            ms = list[i].ms;
    arena_free(a);
    return ms;
}

static struct str rule_error(const struct step *at, const struct fault_rule *rule, const char *code)
{
    if (!str_empty(rule->code))
        code = arena_z(at->s->arena, rule->code);
    return raw_error_text(at->s->arena, code, rule->message);
}

static void begin_launch(const struct step *at)
{
    struct launch_result launched = {0};
    const struct fault_rule *rule =
        fault_of_server(at->s, "LAUNCH", at->job, at->p->server, "LAUNCH");

    log_step(at, "LAUNCH_START");
    if (rule) {
        failed(at, "LAUNCH_FAILED", rule_error(at, rule, "InsufficientInstanceCapacity"));
        return;
    }
    if (str_present(at->job->denied)) {
        failed(at, "LAUNCH_FAILED",
               raw_error_text(at->s->arena, "UnauthorizedOperation",
                              arena_strf(at->s->arena,
                                         "You are not authorized to perform this operation. "
                                         "User: " STR_FMT " is not authorized to perform: " STR_FMT,
                                         STR_ARG(at->job->principal), STR_ARG(at->job->denied))));
        return;
    }
    launch_server(at->s, at->job, at->v, point_of(at), &launched);
    if (!str_present(launched.instance)) {
        failed(at, "LAUNCH_FAILED", raw_error_text(at->s->arena, launched.code, launched.message));
        return;
    }
    at->p->instance = launched.instance;
    go(at, PHASE_LAUNCH, at->windows ? 360 : 295);
}

/* value: how many attempts are made before the server fails; attempts beyond the rule succeed. */
static void step_conversion(const struct step *at)
{
    const struct fault_rule *rule;
    struct log_item *item;
    int64_t most;

    if (stalled(at, "CONVERSION"))
        return;
    rule = fault_of_server(at->s, "CONV", at->job, at->p->server, "CONVERSION");
    if (!rule) {
        log_step(at, "CONVERSION_END")->conversion = world_id(at->s, "i-");
        begin_launch(at);
        return;
    }
    most = rule->value ? rule->value : 3;
    item = log_step(at, "CONVERSION_FAIL");
    item->attempt = ++at->p->attempt;
    item->attempts_max = most;
    item->conversion = world_id(at->s, "i-");
    item->raw_error = rule_error(at, rule, "InternalError");
    if (at->p->attempt >= most)
        done(at, "FAILED", "FAILED");
    else
        go(at, PHASE_CONVERSION, at->windows ? 845 : 187);
}

static void step_launch(const struct step *at)
{
    const struct fault_rule *rule;
    struct recovery *r;

    if (stalled(at, "LAUNCH"))
        return;
    r = world_get(at->s, K_RECOVERY, at->job->at.account, at->job->at.region, at->p->instance);
    rule = fault_of_server(at->s, "LAUNCH", at->job, at->p->server, "LAUNCH_END");
    if (rule || !r) {
        if (r) {
            recovery_gone(at->s, r);
            world_remove(at->s, K_RECOVERY, r);
        }
        at->p->instance = (struct str){0};
        failed(at, "LAUNCH_FAILED",
               rule ? rule_error(at, rule, "InternalError")
                    : raw_error_text(at->s->arena, "InvalidInstanceID.NotFound", STR("")));
        return;
    }
    log_step(at, "LAUNCH_END")->instance = at->p->instance;
    r->visible_ms = at->now_ms + world_span_ms(at->s, at->s->knobs.instance_visible_s);
    at->v->recovery_instance = at->p->instance;
    done(at, "LAUNCHED", "SUCCEEDED");
}

static void step_terminate(const struct step *at)
{
    struct recovery *r =
        world_get(at->s, K_RECOVERY, at->job->at.account, at->job->at.region, at->p->instance);
    const struct instance *i =
        world_get(at->s, K_INSTANCE, at->job->at.account, at->job->at.region, at->p->instance);
    const struct fault_rule *rule;

    if (at->p->phase == PHASE_QUEUED) {
        if (stalled(at, "QUEUED"))
            return;
        log_step(at, "CLEANUP_START");
        at->p->status = STR("IN_PROGRESS");
        go(at, PHASE_CLEANUP, 75);
        return;
    }
    if (stalled(at, "CLEANUP"))
        return;
    rule = fault_of_server(at->s, "CLEAN", at->job, at->p->server, "CLEANUP");
    if (rule || (i && i->is_protected)) {
        log_step(at, "CLEANUP_FAIL")->raw_error =
            raw_error_text(at->s->arena, rule ? "UnauthorizedOperation" : "OperationNotPermitted",
                           rule ? rule->message : STR("The instance may not be terminated"));
        done(at, "FAILED", NULL);
        return;
    }
    log_step(at, "CLEANUP_END");
    if (r)
        recovery_gone(at->s, r);
    if (at->v && str_eq(at->v->recovery_instance, at->p->instance))
        at->v->recovery_instance = (struct str){0};
    done(at, "TERMINATED", NULL);
}

static void step_participant(struct sim *s, struct job *job, struct participant *p, int64_t now_ms)
{
    static void (*const steps[])(const struct step *) = {
        [PHASE_QUEUED] = step_queued,         [PHASE_CLEANUP] = step_cleanup,
        [PHASE_SNAPSHOT] = step_snapshot,     [PHASE_WAIT] = step_wait,
        [PHASE_CONVERSION] = step_conversion, [PHASE_LAUNCH] = step_launch,
    };
    struct step at = {.s = s, .job = job, .p = p, .now_ms = now_ms};

    at.v = world_get(s, K_SERVER, job->at.account, job->at.region, p->server);
    at.windows = at.v && server_windows(at.v);
    if (str_eq_z(job->type, "TERMINATE"))
        step_terminate(&at);
    else if (at.v || p->phase == PHASE_QUEUED)
        steps[p->phase](&at);
    else
        failed(&at, "LAUNCH_FAILED", STR("The source server was deleted"));
}

/*
 * Rules that hold the job itself: phase JOB before it starts, END before it completes. *silent: it
 * goes on, but says nothing of it in its log.
 */
static bool job_stalled(struct sim *s, struct job *job, const char *phase, bool *silent)
{
    int64_t bit = INT64_C(1) << (strcmp(phase, "JOB") == 0 ? 20 : 21);
    struct participant *first = &job->servers.items[0];
    const struct fault_rule *rule;

    if (first->stalls & bit)
        return false;
    rule = fault_of_server(s, "STALL", job, first->server, phase);
    if (!rule)
        return false;
    first->stalls |= bit;
    *silent = str_eq_z(rule->variant, "silent");
    if (*silent)
        return false;
    job->next_ms = rule->value ? job->next_ms + world_span_ms(s, (double)rule->value) : 0;
    return true;
}

static void start_job(struct sim *s, struct job *job, int64_t now_ms)
{
    bool silent = false;

    if (job_stalled(s, job, "JOB", &silent))
        return;
    job->status = STR("STARTED");
    if (!silent)
        job_log(s, job, "JOB_START", (struct str){0}, now_ms);
    for (size_t i = 0; i < job->servers.len; i++)
        job->servers.items[i].next_ms =
            now_ms + world_jitter_ms(s, 0.4) + world_span_ms(s, 0.026 * (double)i);
    job_schedule(job);
}

static void end_job(struct sim *s, struct job *job, int64_t now_ms)
{
    int64_t before = world_span_ms(s, 0.027);
    bool silent = false;

    if (job_stalled(s, job, "END", &silent))
        return;
    job->status = STR("COMPLETED");
    job->end_ms = now_ms - before > job->created_ms ? now_ms - before : now_ms;
    job->next_ms = 0;
    if (!silent)
        job_log(s, job, "JOB_END", (struct str){0}, now_ms);
}

void job_step(struct sim *s, struct job *job)
{
    int64_t now_ms = job->next_ms;
    bool finished = true;

    s->version++;
    if (str_eq_z(job->status, "PENDING")) {
        start_job(s, job, now_ms);
        return;
    }
    if (job->end_ms) {
        end_job(s, job, now_ms);
        return;
    }
    for (size_t i = 0; i < job->servers.len; i++) {
        struct participant *p = &job->servers.items[i];

        if (p->next_ms && p->next_ms <= now_ms)
            step_participant(s, job, p, now_ms);
        finished = finished && p->phase == PHASE_DONE;
    }
    job_schedule(job);
    if (!finished)
        return;
    job->end_ms = now_ms + world_jitter_ms(s, 2.5);
    job->next_ms = job->end_ms;
}
