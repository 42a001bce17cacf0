#ifndef EDGE_BEARER_H
#define EDGE_BEARER_H

#include "base/arena.h"
#include "base/fault.h"

/*
 * The opaque token of "Authorization: Bearer TOKEN" (RFC 6750). FAULT_UNAUTHENTICATED with *why for
 * a header that holds none. A JSON web token, three base64url parts between dots, is told apart and
 * refused in words: it could only look like a mistyped token.
 */
MUST_CHECK enum fault bearer_token(struct str authorization, struct str *token, struct str *why);

#endif
