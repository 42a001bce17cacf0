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

/* The variable, or what the profile says. */
static struct str setting(const struct aws *aws, const struct aws_settings *s, const char *variable,
                          const char *key)
{
    struct str value = aws_env(aws, variable);

    return str_present(value) ? value : profile_get(s->arena, &s->profiles, s->profiles.name, key);
}

static struct aws_settings *read_settings(struct aws *aws)
{
    struct arena *a = arena_new(0);
    struct aws_settings *s = arena_new_of(a, struct aws_settings);
    int64_t attempts;

    s->arena = a;
    profiles_read(aws, a, &s->profiles);
    s->region = aws_env(aws, "AWS_REGION");
    if (!str_present(s->region))
        s->region = setting(aws, s, "AWS_DEFAULT_REGION", "region");
    s->fips = is_true(setting(aws, s, "AWS_USE_FIPS_ENDPOINT", "use_fips_endpoint"));
    s->dual_stack =
        is_true(setting(aws, s, "AWS_USE_DUALSTACK_ENDPOINT", "use_dualstack_endpoint"));
    s->sts_legacy =
        str_eq_z(setting(aws, s, "AWS_STS_REGIONAL_ENDPOINTS", "sts_regional_endpoints"), "legacy");
    s->ignore_urls = is_true(
        setting(aws, s, "AWS_IGNORE_CONFIGURED_ENDPOINT_URLS", "ignore_configured_endpoint_urls"));
    s->attempts = RETRY_ATTEMPTS;
    if (str_to_i64(setting(aws, s, "AWS_MAX_ATTEMPTS", "max_attempts"), &attempts) &&
        attempts >= 1 && attempts <= 10)
        s->attempts = (int)attempts;
    return s;
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

/* The `services` section that the profile names holds one nested block for each service. */
static struct str profile_url(struct arena *a, const struct profiles *p,
                              const struct aws_service *service)
{
    struct str services = profile_get(a, p, p->name, "services");
    struct str url = {0};

    if (str_present(services))
        url = ini_get(&p->config, arena_strf(a, "services " STR_FMT, STR_ARG(services)),
                      arena_strf(a, "%s.endpoint_url", service->name));
    return str_present(url) ? url : profile_get(a, p, p->name, "endpoint_url");
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
        e.override_url = profile_url(a, &s->profiles, service);
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

    for (size_t i = 0; i < n; i++)
        args[i] = (char *)items + i * item_size;
    run->ops->all(run, fn, args, n, FAN_OUT_WIDTH);
    arena_free(a);
}
