#ifndef TESTS_UNIT_AWS_RIG_H
#define TESTS_UNIT_AWS_RIG_H

#include "tests/unit/unit.h"

#include "aws/client.h"
#include "base/ports_single.h"

/*
 * A client in one thread, with a scripted server behind it: a test states every request that it
 * expects, in order, and what is answered. A request that differs, one too many and one too few
 * fail the test.
 */
struct exchange {
    const char *method; /* NULL: POST */
    const char *url;
    const char *body;       /* NULL: not looked at; "" none */
    const char *headers[8]; /* "Name: value" or "Name" (any value) or "!Name" (none) */
    enum fault fault;       /* no answer */
    bool sent;
    int status; /* 0: 200 */
    const char *answer_headers[6];
    const char *answer;
    int64_t takes_ms;
    void (*meanwhile)(void *rig);
};

struct scripted {
    struct transport transport;
    const struct exchange *items;
    size_t len;
    size_t done;
    struct rig *rig;
};

struct variable {
    const char *name;
    const char *value;
};

struct text_file {
    const char *path;
    const char *text;
};

struct seen_call {
    char operation[64];
    char account[16];
    char request_id[64];
    char code[64];
    int status;
    int attempts;
};

enum { RIG_CALLS_MAX = 64 };

struct rig {
    struct arena *arena;
    struct clock_single clock;
    struct entropy_single entropy;
    struct run_single run;
    struct scripted web;
    struct scripted metadata;
    const struct variable *variables;      /* ends with a zeroed one */
    const struct text_file *files;         /* likewise */
    const char *program_output;            /* of credential_process; NULL: it fails */
    char program[256];                     /* what was run */
    struct seen_call calls[RIG_CALLS_MAX]; /* the first of them */
    size_t calls_len;
    struct aws *aws;
    struct aws_at at;
};

enum { RIG_NOW_S = 1790000000 }; /* 2026-09-21T14:13:20Z */

/* Keys in the environment, region us-west-2, no files. */
struct rig *rig_new(const struct exchange *exchanges, size_t n);
struct rig *rig_with(const struct variable *variables, const struct exchange *exchanges, size_t n);
void rig_metadata(struct rig *r, const struct exchange *exchanges, size_t n);

/* The credentials of r->at.target: that access key, or a refusal whose message holds that part. */
void signed_by(const struct rig *r, const char *id);
void refused_with(const struct rig *r, const char *part, bool retryable);

/* Fails when a scripted exchange was not asked for. */
void rig_free(struct rig *r);

#define RIG(exchanges)                 rig_new((exchanges), ARRAY_LEN(exchanges))
#define RIG_WITH(variables, exchanges) rig_with((variables), (exchanges), ARRAY_LEN(exchanges))

#endif
