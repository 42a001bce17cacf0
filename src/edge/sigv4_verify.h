#ifndef EDGE_SIGV4_VERIFY_H
#define EDGE_SIGV4_VERIFY_H

#include "edge/credentials_local.h"
#include "net/http_server.h"

enum { SIGV4_WINDOW_MS = 5 * 60 * 1000 }; /* either side of our clock */

/* What the verifier needs to know. */
struct sigv4_verifier {
    /* The key with that id, copied into `a`; false when there is none. */
    bool (*find_key)(void *context, struct arena *a, struct str id, struct access_key *out);
    void *context;
    const char *const *services; /* that a signature may be scoped to, NULL-terminated */
    int64_t now_ms;              /* wall clock */
};

/* In AWS's own words, as the SDKs tell them apart. */
struct sigv4_refusal {
    const char *code; /* "InvalidSignatureException" */
    struct str message;
};

/*
 * Whether the request was signed (AWS4-HMAC-SHA256, in the Authorization header) by a key that we
 * know: over the target and the body as they arrived, the Host and every X-Amz-* header, within
 * SIGV4_WINDOW_MS. FAULT_UNAUTHENTICATED with *why otherwise; *out is the key on FAULT_NONE. Any
 * region will do. Session tokens, unsigned payloads and signatures in the query are refused.
 */
MUST_CHECK enum fault sigv4_verify(const struct sigv4_verifier *verifier, struct arena *a,
                                   const struct http_request *request, struct access_key *out,
                                   struct sigv4_refusal *why);

#endif
