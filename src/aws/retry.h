#ifndef AWS_RETRY_H
#define AWS_RETRY_H

#include <pthread.h>

#include "aws/aws.h"

/*
 * The SDKs' standard retry mode: three attempts, jittered exponential waits, and a bucket of tokens
 * that stops everybody's retries once most calls fail.
 */
enum {
    RETRY_ATTEMPTS = 3,
    RETRY_BUCKET = 500,
    RETRY_COST = 5,
    RETRY_COST_TIMEOUT = 10,
    RETRY_WAIT_MAX_MS = 20000,
    RETRY_AFTER_MAX_MS = 5000, /* a Retry-After beyond it is the caller's to wait for */
};

enum retry_kind {
    RETRY_NO,
    RETRY_TRANSIENT, /* 5xx, resets, answers cut short */
    RETRY_TIMEOUT,
    RETRY_THROTTLE,
};

/* What kind of trouble an answer of AWS is. */
enum retry_kind retry_kind_of(int status, struct str code);

/* RequestExpired, InvalidSignatureException, ...: the clock may be to blame. */
bool retry_is_skew(struct str code);

/* ExpiredToken, UnrecognizedClientException, ...: fresh credentials may help. */
bool retry_is_renewable(struct str code);

/* One of either: AWS does not know who called, and has not looked at the call itself. */
bool retry_is_identity(struct str code);

struct retry_bucket {
    pthread_mutex_t lock;
    int tokens;
};

void retry_bucket_init(struct retry_bucket *b);
void retry_bucket_done(struct retry_bucket *b);

/* Takes what a retry of that kind costs; 0: the bucket is short, do not retry. */
int retry_take(struct retry_bucket *b, enum retry_kind kind);

/* After a success: gives back the last cost, or one token for a first try. */
void retry_give(struct retry_bucket *b, int last_cost);

/* How long to wait before retry `n` (1 is the first). */
int64_t retry_wait_ms(struct entropy *entropy, int n);

#endif
