#ifndef AWS_REST_JSON_H
#define AWS_REST_JSON_H

#include "aws/call.h"

/* What the calls of a rest-json service share: bodies by field tables, and pages. */

/* A POST of a JSON body to /<operation>. */
struct aws_request rest_request(const struct aws_service *service, const char *operation,
                                struct str body);

/* Where the fields of an answer go. */
struct rest_result {
    const struct field *table;
    size_t size;
    void *out;
    bool (*is_whole)(const void *decoded); /* NULL: whatever it holds will do */
};

/* Calls and copies the answer's fields into at->arena. NULL: the answer's body does not matter. */
MUST_CHECK enum fault rest_call(struct aws *aws, struct aws_at *at,
                                const struct aws_request *request,
                                const struct rest_result *result);

/*
 * A list call: `body` writes the members of a request but the token; items that fit `table` are
 * added to *items until a page comes without a token. A token that was there before ends it.
 */
struct rest_list {
    struct aws *aws;
    const struct aws_service *service;
    const char *operation;
    void (*body)(struct json_writer *w, const void *context);
    const void *context;
    const struct field *table;
    size_t item_size;
};

MUST_CHECK enum fault rest_list_all(const struct rest_list *call, struct aws_at *at,
                                    struct list_any *items);

#endif
