#ifndef SIM_CTX_H
#define SIM_CTX_H

#include "sim/member.h"
#include "sim/world.h"
#include "sim/xml.h"

/* How a service speaks: what requests, answers and refusals look like. */
enum protocol {
    P_REST,  /* DRS: JSON bodies, x-amzn-ErrorType */
    P_EC2,   /* form in, XML out, EC2's error document */
    P_QUERY, /* form in, XML out: STS, IAM */
};

struct ctx;

enum op_flags {
    OP_WRITES = 1 << 0,   /* what it did is worth a line in the saved call log */
    OP_UNSIGNED = 1 << 1, /* carries its own proof */
    OP_ANYTIME = 1 << 2,  /* also where DRS was never initialised */
    OP_OPEN = 1 << 3,     /* IAM never denies it */
    OP_BARE = 1 << 4,     /* answers without a body */
    OP_ANY_PATH = 1 << 5, /* the path holds a parameter after the prefix */
};

/* One row is one operation of AWS: everything the simulator knows about it starts here. */
struct op {
    const char *service;
    const char *name;
    const char *path; /* P_REST: NULL is "/" and the name */
    const char *method;
    int status; /* of success; 0: 200 */
    unsigned flags;
    const struct member *members;
    void (*run)(struct ctx *c);
};

struct op_table {
    const struct op *rows;
    size_t len;
};

extern const struct op_table sim_drs_ops, sim_drs_config_ops, sim_ec2_ops, sim_ec2_write_ops,
    sim_sts_ops, sim_iam_ops;

struct refusal {
    int status; /* 0: none */
    const char *code;
    struct str message;
    struct str resource_id;
    struct str resource_type;
    struct str quota;
    struct str field; /* of a validation refusal */
    bool serialization;
    int64_t retry_after_s;
};

struct ctx {
    struct sim *sim;
    struct arena *a;
    const struct http_request *request;
    struct http_answer *answer;
    enum protocol protocol;
    const struct op *op;
    struct str service;
    struct str account;
    struct str region;
    struct str path_tail; /* of OP_ANY_PATH, decoded */
    const struct key *key;
    struct call *call;
    struct str request_id;
    int64_t clock_ms; /* of this world, unless a rule turns it for this request */
    int64_t jump_ms;  /* by how much a rule has all times wrong that this answer tells */
    const struct json *in;
    struct buf out;
    struct json_writer w;
    struct xml x;
    struct refusal refusal;
};

/* Refuses; what had been written of an answer is dropped. */
void refuse(struct ctx *c, int status, const char *code, const char *fmt, ...) PRINTF_LIKE(4, 5);
void refuse_quota(struct ctx *c, const char *quota, struct str id, const char *fmt, ...)
    PRINTF_LIKE(4, 5);
void refuse_field(struct ctx *c, struct str field, const char *fmt, ...) PRINTF_LIKE(3, 4);

/* Completes the answer from what was written or refused. */
void reply_finish(struct ctx *c);

/* Where the body will be written, by protocol. */
void reply_begin(struct ctx *c);

/* ---- members of the request ---- */

static inline const struct json *in_get(const struct ctx *c, const char *name)
{
    return json_get_z(c->in, name);
}

struct str in_str(const struct ctx *c, const char *name);
int64_t in_int(const struct ctx *c, const char *name, int64_t fallback);
bool in_bool(const struct ctx *c, const char *name, bool fallback);
struct strs in_strs(const struct ctx *c, const char *name);
struct strs strs_of(struct arena *a, const struct json *list);
struct tags tags_of(struct arena *a, const struct json *map);

/* A string member of an object, in any protocol; absent when it is not there. */
struct str text_of(const struct json *v, const char *name);

/* ---- shortcuts into the caller's account and region ---- */

void *here(const struct ctx *c, enum kind kind, struct str id);
const struct vec *all_here(const struct ctx *c, enum kind kind);
struct cell *cell_here(const struct ctx *c);

void json_tags(struct json_writer *w, const char *name, const struct tags *t);
/* As this answer tells it: also what a filter of the request is held against. */
static inline int64_t told_ms(const struct ctx *c, int64_t ms)
{
    return ms + c->jump_ms;
}

struct str told_time_z(const struct ctx *c, int64_t ms, bool millis);
void json_member_time(const struct ctx *c, struct json_writer *w, const char *name, int64_t ms);

/* ---- pages ---- */

struct page {
    size_t from;
    size_t to;
    struct str next;
};

/*
 * Which of n items this page holds. The token is opaque, bound to the operation, the place and
 * `filter`; a foreign or forged one is refused (then false).
 */
bool page_open(struct ctx *c, size_t n, struct str filter, struct page *page);

/* The page of the list that was asked for, as DRS answers: items and nextToken. */
void page_write(struct ctx *c, const struct vec *list, void (*write)(struct ctx *c, void *thing));

/* The filter of a request: everything but its token and page size. */
struct str page_filter(struct ctx *c);

#endif
