#ifndef SIM_AUTH_H
#define SIM_AUTH_H

#include "sim/ctx.h"

/* What the Authorization header says, before anything of it is believed. */
struct authorization {
    struct str key_id;
    struct str date;
    struct str region;
    struct str service;
    struct strs signed_headers;
    struct str signature;
};

/* absent: no header; false with *out zeroed: one that is no SigV4 authorization. */
bool auth_parse(struct arena *a, const struct http_request *r, struct authorization *out,
                bool *absent);

/* Where signatures are off: who an unsigned request, or one of an unknown key, is taken for. */
const struct key *auth_anybody(const struct sim *s);

/* Checks key, time, token and signature; refuses as the service would. */
bool auth_check(struct ctx *c, const struct authorization *auth);

/* The canonical request as this side sees it; normalize false: the path as it came. */
struct str auth_canonical(struct arena *a, const struct http_request *r, struct strs signed_headers,
                          bool normalize);

/* The signature that belongs to it. */
struct str auth_signature(struct arena *a, const struct authorization *auth, struct str amz_date,
                          struct str canonical, struct str secret);

/* IAM's word on an action: refuses and returns false. */
bool auth_permits(struct ctx *c, const char *service, const char *action, struct str resource);
bool auth_allows(const struct policy *p, struct str action);

/* What a fault rule may ask for by name. */
enum auth_failure {
    AUTH_MISSING,
    AUTH_INCOMPLETE,
    AUTH_UNKNOWN_KEY,
    AUTH_BAD_TOKEN,
    AUTH_EXPIRED_TOKEN,
    AUTH_BAD_SIGNATURE,
    AUTH_EXPIRED_SIGNATURE,
    AUTH_FUTURE_SIGNATURE,
    AUTH_SCOPE,
    AUTH_FAILURES
};

void auth_refuse(struct ctx *c, enum auth_failure what, struct str detail);

#endif
