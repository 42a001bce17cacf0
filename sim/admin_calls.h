#ifndef SIM_ADMIN_CALLS_H
#define SIM_ADMIN_CALLS_H

#include <stdarg.h>

#include "base/encode.h"
#include "sim/admin.h"

/* One request of the admin API. */
struct admin {
    struct sim *sim;
    struct arena *a;
    const struct http_request *request;
    struct str path; /* after /_sim/ */
    const struct json *in;
    int status;
    const char *type;
    struct buf out;
    struct json_writer w;
};

struct admin_route {
    const char *method;
    const char *path;
    void (*run)(struct admin *c);
};

void admin_refuse(struct admin *c, int status, const char *fmt, ...) PRINTF_LIKE(3, 4);
struct str admin_query(const struct admin *c, const char *name);

void admin_health(struct admin *c);
void admin_version(struct admin *c);
void admin_seed(struct admin *c);
void admin_set_seed(struct admin *c);
void admin_operations(struct admin *c);
void admin_clock(struct admin *c);
void admin_set_clock(struct admin *c);
void admin_advance(struct admin *c);
void admin_knobs(struct admin *c);
void admin_set_knobs(struct admin *c);
void admin_state(struct admin *c);
void admin_save(struct admin *c);
void admin_load(struct admin *c);
void admin_reset(struct admin *c);
void admin_calls(struct admin *c);
void admin_clear_calls(struct admin *c);
void admin_metrics(struct admin *c);
void admin_estate(struct admin *c);
void admin_clear_faults(struct admin *c);

/* LIST, LIST/ACCOUNT/REGION/ID and jobs/ID/advance. */
void admin_things(struct admin *c);

#endif
