#ifndef AWS_SIGV4_H
#define AWS_SIGV4_H

#include "base/ports.h"
#include "crypto/digest.h"

/*
 * AWS Signature Version 4, the header form (aws-facts §7.1). The same canonical request serves
 * whoever signs and whoever verifies; neither parses the other's mistakes away.
 */
struct sigv4_request {
    struct str method;
    struct str target; /* path[?query] exactly as on the wire */
    struct headers headers;
    struct str signed_headers; /* "host;x-amz-date": only those; absent: all that are given */
    struct str payload_hash;   /* 64 hexadecimal digits */
    bool keep_path;            /* dot segments and doubled slashes stay */
};

/* *signed_headers: the names as they stand in it, sorted, joined with ';'. NULL is allowed. */
struct str sigv4_canonical_request(struct arena *a, const struct sigv4_request *request,
                                   struct str *signed_headers);

struct sigv4_scope {
    struct str date; /* "20260131T120000Z"; its first 8 characters are the scope's date */
    struct str region;
    struct str service;
};

/* "20260131/us-east-1/drs/aws4_request" */
struct str sigv4_scope_text(struct arena *a, const struct sigv4_scope *scope);

struct str sigv4_string_to_sign(struct arena *a, const struct sigv4_scope *scope,
                                struct str canonical_request);

/* 64 lower-case hexadecimal digits. */
struct str sigv4_signature(struct arena *a, struct str secret, const struct sigv4_scope *scope,
                           struct str string_to_sign);

/* What to sign with; token absent for long-lived keys. */
struct sigv4_key {
    struct str access_key_id;
    struct str secret;
    struct str token;
};

/*
 * Adds X-Amz-Date, X-Amz-Security-Token and Authorization to `request->headers`, whose items are
 * copied into `a`. Every header given is signed, so give what is sent and no hop may change.
 */
void sigv4_sign(struct arena *a, const struct sigv4_key *key, const struct sigv4_scope *scope,
                struct sigv4_request *request);

#endif
