#ifndef AWS_CLIENT_H
#define AWS_CLIENT_H

#include "aws/credentials.h"
#include "aws/endpoints.h"
#include "aws/governor.h"
#include "aws/profile.h"
#include "aws/retry.h"

/* The client from inside: what all threads share. */

struct aws_reader {
    struct aws *aws;
};

/* What a host's clock is ahead of ours, learnt from a refused signature. */
struct host_skew {
    struct host_skew *next;
    int64_t ms;
    char host[];
};

/* Settings of environment and profile, read once; nothing of them is a secret. */
struct aws_settings {
    struct arena *arena;
    struct str region;
    struct str profile_url; /* endpoint_url of the profile, for every service */
    struct str drs_url;     /* of the `services` section that the profile names */
    struct str ec2_url;
    struct str sts_url;
    struct str sso_url;
    bool fips;
    bool dual_stack;
    bool sts_legacy;
    bool ignore_urls;
    int attempts;
};

struct aws {
    struct aws_reader reader;
    struct aws_options options;
    struct governor governor;
    struct retry_bucket bucket;
    struct credential_cache credentials;
    pthread_mutex_t lock; /* of what follows */
    struct aws_settings *settings;
    struct host_skew *skews;
};

/* A variable of the environment, absent when unset or empty. */
struct str aws_env(const struct aws *aws, const char *name);

const struct aws_settings *aws_settings(struct aws *aws);

/* For one service: overrides by variable, then by profile. */
struct endpoint_settings aws_endpoint_settings(struct aws *aws, struct arena *a,
                                               const struct aws_service *service);

/* The region of the target, or the configured one; absent when there is none. */
struct str aws_region(struct aws *aws, const struct aws_target *target);

int64_t aws_skew_ms(struct aws *aws, struct str host);
void aws_set_skew(struct aws *aws, struct str host, int64_t ms);

/* A file of text, whole; absent when it cannot be read or is larger than 1 MiB. */
struct str aws_read_file(struct aws *aws, struct arena *a, struct str path);

/* What a command of the shell prints; false: it failed, and *out says how. */
bool aws_run_program(struct aws *aws, struct arena *a, struct str command, struct str *out);

#endif
