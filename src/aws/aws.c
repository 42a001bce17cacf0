#include "aws/client.h"

#include <stdlib.h>

#include "base/panic.h"

enum { FAN_OUT_WIDTH = 16 };

enum fault aws_fault(const struct aws_error *error)
{
    if (error->retryable)
        return FAULT_AWS_TRANSIENT;
    return error->assuming_role ? FAULT_ROLE_ASSUMPTION_FAILED : FAULT_DRS_ERROR;
}

struct aws *aws_new(const struct aws_options *options)
{
    struct aws *aws = calloc(1, sizeof(*aws));

    if (!aws)
        panic("no memory for the AWS client");
    aws->reader.aws = aws;
    aws->options = *options;
    governor_init(&aws->governor);
    retry_bucket_init(&aws->bucket);
    credential_cache_init(&aws->credentials);
    (void)pthread_mutex_init(&aws->lock, NULL);
    return aws;
}

void aws_free(struct aws *aws)
{
    if (!aws)
        return;
    governor_done(&aws->governor);
    retry_bucket_done(&aws->bucket);
    credential_cache_done(&aws->credentials);
    while (aws->skews) {
        struct host_skew *skew = aws->skews;

        aws->skews = skew->next;
        free(skew);
    }
    if (aws->settings)
        arena_free(aws->settings->arena);
    (void)pthread_mutex_destroy(&aws->lock);
    free(aws);
}

struct aws_reader *aws_reader(struct aws *aws)
{
    return &aws->reader;
}

/* ---- settings ---- */

struct str aws_env(const struct aws *aws, const char *name)
{
    const struct aws_options *o = &aws->options;
    struct str value = {0};

    if (o->environment)
        value = o->environment(o->environment_context, name);
    return str_empty(value) ? (struct str){0} : value;
}

static bool is_true(struct str s)
{
    bool truth;

    return str_to_bool(s, &truth) && truth;
}

/* What settings are read from; its arena goes when they have been, for the files hold keys too. */
struct sources {
    struct aws *aws;
    struct arena *arena;
    struct profiles profiles;
};

/* The variable, or what the profile says. */
static struct str setting(const struct sources *s, const char *variable, const char *key)
{
    struct str value = variable ? aws_env(s->aws, variable) : (struct str){0};

    return str_present(value) ? value : profile_get(s->arena, &s->profiles, s->profiles.name, key);
}

/* The `services` section that the profile names holds one nested block for each service. */
static struct str service_url(const struct sources *s, const struct aws_service *service)
{
    struct str services = setting(s, NULL, "services");

    if (!str_present(services))
        return services;
    return ini_get(&s->profiles.config,
                   arena_strf(s->arena, "services " STR_FMT, STR_ARG(services)),
                   arena_strf(s->arena, "%s.endpoint_url", service->name));
}

static void read_urls(const struct sources *s, struct aws_settings *out)
{
    out->profile_url = arena_str(out->arena, setting(s, NULL, "endpoint_url"));
    out->drs_url = arena_str(out->arena, service_url(s, &aws_service_drs));
    out->ec2_url = arena_str(out->arena, service_url(s, &aws_service_ec2));
    out->sts_url = arena_str(out->arena, service_url(s, &aws_service_sts));
    out->sso_url = arena_str(out->arena, service_url(s, &aws_service_sso));
    out->ignore_urls = is_true(
        setting(s, "AWS_IGNORE_CONFIGURED_ENDPOINT_URLS", "ignore_configured_endpoint_urls"));
}

static void read_values(const struct sources *s, struct aws_settings *out)
{
    struct str region = aws_env(s->aws, "AWS_REGION");
    int64_t attempts;

    if (!str_present(region))
        region = setting(s, "AWS_DEFAULT_REGION", "region");
    out->region = arena_str(out->arena, region);
    out->fips = is_true(setting(s, "AWS_USE_FIPS_ENDPOINT", "use_fips_endpoint"));
    out->dual_stack = is_true(setting(s, "AWS_USE_DUALSTACK_ENDPOINT", "use_dualstack_endpoint"));
    out->sts_legacy =
        str_eq_z(setting(s, "AWS_STS_REGIONAL_ENDPOINTS", "sts_regional_endpoints"), "legacy");
    out->attempts = RETRY_ATTEMPTS;
    if (str_to_i64(setting(s, "AWS_MAX_ATTEMPTS", "max_attempts"), &attempts) && attempts >= 1 &&
        attempts <= 10)
        out->attempts = (int)attempts;
}

static struct aws_settings *read_settings(struct aws *aws)
{
    struct arena *a = arena_new(0);
    struct aws_settings *out = arena_new_of(a, struct aws_settings);
    struct arena *scratch SCOPED(arena_scope_end) = arena_new(0);
    struct sources s = {.aws = aws, .arena = scratch};

    out->arena = a;
    profiles_read(aws, scratch, &s.profiles);
    read_values(&s, out);
    read_urls(&s, out);
    return out;
}

struct str aws_profile_ca_bundle(const struct aws_options *options, struct arena *a)
{
    struct arena *scratch SCOPED(arena_scope_end) = arena_new(0);
    struct aws nobody = {.options = *options};
    struct profiles profiles;

    profiles_read(&nobody, scratch, &profiles);
    return arena_str(a, profile_get(scratch, &profiles, profiles.name, "ca_bundle"));
}

/* Read by the first who asks; the arena then only serves readers. */
const struct aws_settings *aws_settings(struct aws *aws)
{
    const struct aws_settings *s;

    (void)pthread_mutex_lock(&aws->lock);
    if (!aws->settings)
        aws->settings = read_settings(aws);
    s = aws->settings;
    (void)pthread_mutex_unlock(&aws->lock);
    return s;
}

static struct str profile_url(const struct aws_settings *s, const struct aws_service *service)
{
    struct str url = service == &aws_service_drs   ? s->drs_url
                     : service == &aws_service_ec2 ? s->ec2_url
                     : service == &aws_service_sso ? s->sso_url
                                                   : s->sts_url;

    return str_present(url) ? url : s->profile_url;
}

struct endpoint_settings aws_endpoint_settings(struct aws *aws, struct arena *a,
                                               const struct aws_service *service)
{
    const struct aws_settings *s = aws_settings(aws);
    struct endpoint_settings e = {
        .fips = s->fips, .dual_stack = s->dual_stack, .sts_legacy = s->sts_legacy};

    if (s->ignore_urls)
        return e;
    e.override_url = aws_env(aws, arena_strf(a, "AWS_ENDPOINT_URL_%s", service->id).ptr);
    if (!str_present(e.override_url))
        e.override_url = aws_env(aws, "AWS_ENDPOINT_URL");
    if (!str_present(e.override_url))
        e.override_url = profile_url(s, service);
    return e;
}

struct str aws_region(struct aws *aws, const struct aws_target *target)
{
    return str_present(target->region) ? target->region : aws_settings(aws)->region;
}

/* ---- clocks of hosts ---- */

static struct host_skew *skew_of(struct aws *aws, struct str host)
{
    struct host_skew *skew = aws->skews;

    while (skew && !str_eq_z(host, skew->host))
        skew = skew->next;
    return skew;
}

int64_t aws_skew_ms(struct aws *aws, struct str host)
{
    const struct host_skew *skew;
    int64_t ms;

    (void)pthread_mutex_lock(&aws->lock);
    skew = skew_of(aws, host);
    ms = skew ? skew->ms : 0;
    (void)pthread_mutex_unlock(&aws->lock);
    return ms;
}

void aws_set_skew(struct aws *aws, struct str host, int64_t ms)
{
    struct host_skew *skew;

    (void)pthread_mutex_lock(&aws->lock);
    skew = skew_of(aws, host);
    if (!skew) {
        skew = calloc(1, sizeof(*skew) + host.len + 1);
        if (skew) {
            memcpy(skew->host, host.ptr, host.len);
            skew->next = aws->skews;
            aws->skews = skew;
        }
    }
    if (skew)
        skew->ms = ms;
    (void)pthread_mutex_unlock(&aws->lock);
}

/* ---- fan-out ---- */

void aws_fan_out(struct aws_reader *reader, void (*fn)(void *item), void *items, size_t n,
                 size_t item_size)
{
    struct run *run = reader->aws->options.run;
    struct arena *a = arena_new(0);
    void **args = arena_array_of(a, n, void *);
    bool told;

    for (size_t i = 0; i < n; i++)
        args[i] = (char *)items + i * item_size;
    told = waiting_begin();
    run->ops->all(run, fn, args, n, FAN_OUT_WIDTH);
    if (told)
        waiting_end();
    arena_free(a);
}
