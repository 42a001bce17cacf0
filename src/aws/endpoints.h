#ifndef AWS_ENDPOINTS_H
#define AWS_ENDPOINTS_H

#include "base/ports.h"

/*
 * Where a service of a region answers. Regions become host names, so what is none is refused before
 * it gets near a resolver.
 */
struct partition {
    const char *name; /* "aws", "aws-us-gov": the second part of an ARN */
    const char *dns_suffix;
    const char *dual_stack_suffix;
    const char *global_region;
    const char *prefixes; /* of its regions, separated by blanks, the most special row first */
};

/* Lower-case letters, digits and hyphens, 1 to 63 of them, a letter or digit at both ends. */
bool region_is_valid(struct str region);

/* Never NULL: what no row claims belongs to "aws", as the SDKs have it. */
const struct partition *partition_of(struct str region);

/* One service the client can speak to. */
enum aws_protocol { AWS_REST_JSON, AWS_QUERY, AWS_EC2_QUERY };

struct aws_service {
    const char *name; /* host prefix and signing name */
    const char *id;   /* of AWS_ENDPOINT_URL_<ID> */
    const char *version;
    enum aws_protocol protocol;
};

extern const struct aws_service aws_service_drs;
extern const struct aws_service aws_service_ec2;
extern const struct aws_service aws_service_sts;
extern const struct aws_service aws_service_sso; /* its portal: role credentials for a sign-in */

/* What environment and profile say about endpoints; absent where they say nothing. */
struct endpoint_settings {
    struct str override_url; /* the most special one that is configured */
    bool fips;
    bool dual_stack;
    bool sts_legacy;
};

struct endpoint {
    struct str origin; /* "https://drs.us-west-2.amazonaws.com" */
    struct str prefix; /* path of an override, without its closing slash; often empty */
    struct str host;   /* the Host header */
    struct str signing_region;
};

struct endpoint_ask {
    const struct aws_service *service;
    struct str region;
    struct endpoint_settings settings;
};

/* false: *why says what is wrong with the region or the configured URL. */
MUST_CHECK bool endpoint_resolve(struct arena *a, const struct endpoint_ask *ask,
                                 struct endpoint *out, struct str *why);

/* Splits an http(s) URL; refuses user info, a query and a fragment. */
MUST_CHECK bool endpoint_from_url(struct arena *a, struct str url, struct endpoint *out);

#endif
