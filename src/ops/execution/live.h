#ifndef OPS_EXECUTION_LIVE_H
#define OPS_EXECUTION_LIVE_H

#include "aws/drs_read.h"
#include "ops/context.h"

/*
 * Recovery instances that serve. A launch makes DRS delete the server's previous one, whoever asks
 * for it: it is refused unless that is what was meant.
 */
struct live_instance {
    struct str server_id;
    struct str instance_id;
};
struct live_refusal {
    LIST_OF(struct live_instance) instances;
};

/* Adds those of the servers there. An error of DRS is the caller's to tell: at->error. */
MUST_CHECK enum fault live_find(struct aws_reader *aws, struct aws_at *at, struct strs servers,
                                struct live_refusal *out);

/* FAULT_SERVER_CONFLICT where there is one. `found` lives as long as the call. */
MUST_CHECK enum fault live_refuse(struct call_ctx *call, const struct live_refusal *found);

#endif
