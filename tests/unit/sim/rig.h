#ifndef TESTS_UNIT_SIM_RIG_H
#define TESTS_UNIT_SIM_RIG_H

#include "tests/unit/unit.h"

#include "base/json.h"
#include "sim/sim.h"

/*
 * A world in the test's hands: a clock that it turns, and requests that are signed as a client
 * would sign them.
 */
struct rig {
    struct sim *sim;
    struct arena *arena;
    int64_t wall_ms;
    const char *key;
    const char *secret;
    const char *token;
    const char *region;
    const char *shift; /* X-Amz-Date instead of the clock's */
};

#define RIG_KEY    "AKIATESTTESTTEST0001"
#define RIG_SECRET "test-secret-test-secret-test-secret-0000"

/* members: what the scenario holds besides one account, its key and region, as JSON members. */
struct rig *rig_new(const char *members);
void rig_free(struct rig *r);

struct http_answer rig_send(struct rig *r, const char *service, const char *method,
                            const char *target, const char *body);

/* DRS: the answer as a tree; *status is its status. */
const struct json *rig_drs(struct rig *r, const char *op, const char *body, int *status);

/* EC2, STS, IAM: the text. */
struct str rig_form(struct rig *r, const char *service, const char *form, int *status);
const struct json *rig_admin(struct rig *r, const char *method, const char *path, const char *body);

/* The text between <element> and </element>, the first time. */
struct str xml_find(struct str xml, const char *element);

/* Turns the clock to each next event until there is none, or until `ms` have gone by. */
void rig_run(struct rig *r, int64_t ms);

#define SERVER(n) "s-0000000000000000" #n

#endif
