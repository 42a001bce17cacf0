#ifndef AWS_CREDENTIALS_H
#define AWS_CREDENTIALS_H

#include <pthread.h>

#include "aws/aws.h"
#include "aws/sigv4.h"

/*
 * Who signs. The base credentials come from the SDKs' chain (aws-facts §7.7), those of a target's
 * role from AssumeRole with them. Both are kept, refreshed early (five minutes, or a quarter of
 * their life where that is less), and fetched by one thread at a time while the others wait, or go
 * on with what is still valid. There is no printer for any of this.
 */
struct aws_credentials {
    struct sigv4_key key;
    struct str account; /* where it is known */
    int64_t got_ms;     /* wall clock */
    int64_t expires_ms; /* wall clock; 0: never */
};

struct credential_entry;

struct credential_cache {
    pthread_mutex_t lock;
    pthread_cond_t settled;
    struct credential_entry *entries; /* the latest asked for first */
    size_t len;
};

void credential_cache_init(struct credential_cache *c);
void credential_cache_done(struct credential_cache *c);

/* For the target, copied into `a` and wiped when it goes. Texts of *error live in `a`. */
MUST_CHECK bool credentials_get(struct aws *aws, struct arena *a, const struct aws_target *target,
                                struct aws_credentials *out, struct aws_error *error);

/* AWS called these expired: the next credentials_get fetches, unless somebody has already. */
void credentials_expired(struct aws *aws, const struct aws_target *target,
                         struct str access_key_id);

/* ---- the sources; each fills *out from `a`, or says why not ---- */

enum credential_found {
    CREDENTIALS_NONE, /* this source is not configured: ask the next */
    CREDENTIALS_FOUND,
    CREDENTIALS_FAILED, /* it is, and did not work: *error says why */
};

struct credential_ask {
    struct aws *aws;
    struct arena *arena;
    struct str region; /* for STS, where none is configured */
    struct aws_credentials *out;
    struct aws_error *error;
};

enum credential_found credentials_from_chain(const struct credential_ask *ask);
enum credential_found credentials_from_environment(const struct credential_ask *ask);
enum credential_found credentials_from_profile(const struct credential_ask *ask);
enum credential_found credentials_from_container(const struct credential_ask *ask);
enum credential_found credentials_from_imds(const struct credential_ask *ask);

/* AssumeRole, signed with `source` (NULL: the base credentials). */
struct assume_role {
    const struct aws_credentials *source;
    struct str role_arn;
    struct str external_id;
    struct str session_name;
    int64_t duration_s;            /* 0: AWS's default */
    struct str web_identity_token; /* present: AssumeRoleWithWebIdentity, unsigned */
};

enum credential_found credentials_assume_role(const struct credential_ask *ask,
                                              const struct assume_role *what);

/* AssumeRoleWithWebIdentity with the token that stands in that file now. */
enum credential_found credentials_web_identity_role(const struct credential_ask *ask,
                                                    struct str token_file,
                                                    const struct assume_role *role);

/* With the token that `aws sso login` has left behind; nobody is here to sign in. */
struct profiles;
enum credential_found credentials_from_sso(const struct credential_ask *ask,
                                           const struct profiles *profiles, struct str profile);

/* {"AccessKeyId": ..., "SecretAccessKey": ..., "Token" or "SessionToken": ..., "Expiration": ...}
 */
enum credential_found credentials_from_json(const struct credential_ask *ask, struct str text,
                                            const char *source);

/* Sets *ask->error and returns CREDENTIALS_FAILED. */
enum credential_found credentials_fail(const struct credential_ask *ask, bool retryable,
                                       const char *fmt, ...) PRINTF_LIKE(3, 4);

/* The fifth part of an ARN; absent when it is none. */
struct str arn_account(struct str arn);

#endif
