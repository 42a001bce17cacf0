#include "aws/retry.h"

static const char *const throttle_codes[] = {
    "Throttling",
    "ThrottlingException",
    "ThrottledException",
    "RequestThrottledException",
    "TooManyRequestsException",
    "ProvisionedThroughputExceededException",
    "TransactionInProgressException",
    "RequestLimitExceeded",
    "BandwidthLimitExceeded",
    "LimitExceededException",
    "RequestThrottled",
    "SlowDown",
    "PriorRequestNotComplete",
    "EC2ThrottledException",
};

static const char *const transient_codes[] = {
    "RequestTimeout", "RequestTimeoutException", "InternalError",         "InternalFailure",
    "Unavailable",    "ServiceUnavailable",      "IDPCommunicationError",
};

static const char *const skew_codes[] = {
    "RequestTimeTooSkewed",      "RequestExpired",        "RequestInTheFuture",
    "InvalidSignatureException", "SignatureDoesNotMatch", "AuthFailure",
};

/* EC2 says RequestExpired of a session, too. A key that is unknown may have been replaced. */
static const char *const renewable_codes[] = {
    "ExpiredToken",         "ExpiredTokenException",       "RequestExpired",
    "InvalidClientTokenId", "UnrecognizedClientException",
};

static bool is_one_of(const char *const *codes, size_t n, struct str code)
{
    for (size_t i = 0; i < n; i++)
        if (str_eq_z(code, codes[i]))
            return true;
    return false;
}

enum retry_kind retry_kind_of(int status, struct str code)
{
    if (is_one_of(throttle_codes, ARRAY_LEN(throttle_codes), code) || status == 429)
        return RETRY_THROTTLE;
    if (status == 500 || status == 502 || status == 503 || status == 504)
        return RETRY_TRANSIENT;
    if (is_one_of(transient_codes, ARRAY_LEN(transient_codes), code))
        return RETRY_TRANSIENT;
    return RETRY_NO;
}

bool retry_is_skew(struct str code)
{
    return is_one_of(skew_codes, ARRAY_LEN(skew_codes), code);
}

bool retry_is_renewable(struct str code)
{
    return is_one_of(renewable_codes, ARRAY_LEN(renewable_codes), code);
}

bool retry_is_identity(struct str code)
{
    return retry_is_skew(code) || retry_is_renewable(code);
}

void retry_bucket_init(struct retry_bucket *b)
{
    (void)pthread_mutex_init(&b->lock, NULL);
    b->tokens = RETRY_BUCKET;
}

void retry_bucket_done(struct retry_bucket *b)
{
    (void)pthread_mutex_destroy(&b->lock);
}

int retry_take(struct retry_bucket *b, enum retry_kind kind)
{
    int cost = kind == RETRY_TIMEOUT ? RETRY_COST_TIMEOUT : RETRY_COST;

    (void)pthread_mutex_lock(&b->lock);
    if (b->tokens >= cost)
        b->tokens -= cost;
    else
        cost = 0;
    (void)pthread_mutex_unlock(&b->lock);
    return cost;
}

void retry_give(struct retry_bucket *b, int last_cost)
{
    (void)pthread_mutex_lock(&b->lock);
    b->tokens += last_cost > 0 ? last_cost : 1;
    if (b->tokens > RETRY_BUCKET)
        b->tokens = RETRY_BUCKET;
    (void)pthread_mutex_unlock(&b->lock);
}

int64_t retry_wait_ms(struct entropy *entropy, int n)
{
    int64_t most = n > 5 ? RETRY_WAIT_MAX_MS : INT64_C(1000) << (n - 1);

    return (int64_t)(entropy_unit(entropy) * (double)most);
}
