#ifndef AWS_CALL_H
#define AWS_CALL_H

#include "aws/client.h"
#include "aws/xml.h"
#include "base/field.h"

/*
 * The one way out: endpoint, governor, credentials, signature, transport, verdict, retry, report.
 * Every service goes through here.
 */
enum {
    CALL_CONNECT_MS = 3000,
    CALL_TIMEOUT_MS = 30000,
    CALL_ANSWER_MAX = 32 << 20,
};

struct aws_request {
    const struct aws_service *service;
    const char *operation;
    const char *method; /* NULL: POST */
    struct str path;    /* path[?query] as it is sent; absent: "/" */
    struct str content_type;
    struct str body;
    bool idempotent;                           /* sending it twice does no harm */
    bool unsigned_;                            /* AssumeRoleWithWebIdentity */
    struct header header;                      /* one more; absent name: none */
    const struct aws_credentials *credentials; /* NULL: those of the target */
};

struct aws_response {
    int status;
    struct headers headers;
    struct str body;
    struct str request_id;
    const struct json *json; /* REST_JSON; NULL: an empty body */
    const struct xml *xml;   /* the query protocols */
};

/* The response lives in `scratch`, the error in at->arena. */
MUST_CHECK enum fault aws_call(struct aws *aws, struct aws_at *at, struct arena *scratch,
                               const struct aws_request *request, struct aws_response *out);

/* An answer that arrived whole but cannot be what it should: fills at->error. */
enum fault aws_bad_answer(struct aws_at *at, const struct aws_request *request,
                          const struct aws_response *response, struct str why);

/* Fills the error from AWS's own words in an answer that is not 2xx. */
void aws_read_error(struct arena *a, enum aws_protocol protocol,
                    const struct transport_answer *answer, struct aws_error *out);

#endif
