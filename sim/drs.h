#ifndef SIM_DRS_H
#define SIM_DRS_H

#include "sim/ctx.h"

/* ---- servers ---- */

/* Fills in whatever a scenario left open: id, hardware, addresses, launch settings, template. */
void server_complete(struct sim *s, struct server *server);
void server_write(struct ctx *c, struct server *server);

/* What replication reports now, a REPL rule included. */
struct replication server_replication(struct sim *s, const struct server *server);

struct points {
    bool none;          /* nothing to go back to, nor to launch from */
    int64_t expired_ms; /* what was taken by then is gone; a launch takes a new one */
};

/* The same, and what there is to go back to. */
struct replication server_points(struct sim *s, const struct server *server, struct points *out);
bool server_launchable(struct sim *s, const struct server *server);
bool server_windows(const struct server *server);
bool server_replicates(const struct server *server);

/* The server that the request names, or a refusal and NULL. */
struct server *server_asked(struct ctx *c, const char *member);
struct str server_arn(struct arena *a, const struct server *server);

/* ---- jobs ---- */

struct job *job_new(struct sim *s, struct str account, struct str region, const char *type,
                    const char *initiated_by);
void job_log(struct sim *s, struct job *job, const char *event, struct str server, int64_t ms);

/* The active job that holds the server, or NULL. */
struct job *job_of_server(struct sim *s, const struct server *server);
bool job_active(const struct job *job);

/* One step of the job, due at job->next_ms. */
void job_step(struct sim *s, struct job *job);
void job_schedule(struct job *job);
void job_write(struct ctx *c, const struct job *job);

/* "Another operator" starts a job with the servers of this request. */
void drs_foreign_job(struct ctx *c);

/* ---- launching ---- */

struct launch_result {
    struct str instance; /* absent: failed */
    const char *code;    /* of the failure */
    struct str message;
};

/* Resolves the template as it is now and starts the instance. */
void launch_server(struct sim *s, struct job *job, struct server *server, int64_t point_ms,
                   struct launch_result *out);

/* The server's template, made anew when somebody deleted it. */
struct template *launch_template(struct sim *s, struct server *server);
struct str raw_error_text(struct arena *a, const char *code, struct str message);

/* ---- points in time ---- */

struct snapshot {
    struct str id;
    int64_t ms;
};

/* Newest first, in `a`. */
size_t snapshots_of(struct sim *s, struct arena *a, const struct server *server,
                    struct snapshot **out);

/* ---- recovery instances ---- */

bool recovery_listed(const struct sim *s, const struct recovery *r);
void recovery_gone(struct sim *s, struct recovery *r);

#endif
