#ifndef EDGE_AUTHENTICATE_H
#define EDGE_AUTHENTICATE_H

#include "api/call.h"
#include "edge/credentials_local.h"
#include "net/http_server.h"

/* Who sent a request: by its signature (AWS SigV4) or its bearer token. */
struct authenticator {
    struct credentials *credentials;
    struct clock *clock;
};

/* Why somebody is not let in: for the caller, in words and as AWS's clients tell it apart. */
struct denial {
    const char *code; /* "InvalidSignatureException"; NULL: nothing was signed */
    struct str message;
};

/*
 * `context` is a struct authenticator. FAULT_UNAUTHENTICATED with *why otherwise. The
 * principal lives in `a`; local credentials are an administrator's.
 */
MUST_CHECK enum fault authenticate(void *context, struct arena *a,
                                   const struct http_request *request, struct principal *out,
                                   struct denial *why);

#endif
