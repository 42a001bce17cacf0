#include "edge/hub.h"

#include <errno.h>
#include <pthread.h>
#include <stdlib.h>
#include <time.h>

#include "aws/sts_read.h"
#include "base/panic.h"

enum { ACCOUNT_DIGITS = 12, REGION_MAX = 64, ASK_ARENA_BYTES = 4 << 20 };

struct hub {
    struct hub_options options;
    char region[REGION_MAX];
    pthread_mutex_t lock;
    pthread_cond_t answered;
    char account[ACCOUNT_DIGITS];
    bool known;
    bool asking;
    bool failed_once; /* nobody waits any more */
    int64_t asked_mono_ms;
};

/* With the lock held. */
static void remember(struct hub *h, struct str account)
{
    if (account.len != ACCOUNT_DIGITS)
        return;
    memcpy(h->account, account.ptr, ACCOUNT_DIGITS);
    h->known = true;
}

static void ask(void *arg)
{
    struct hub *h = arg;
    struct arena *a = arena_new(ASK_ARENA_BYTES);
    struct aws_at at = {.arena = a, .target = {.region = h->options.region}};
    struct sts_identity identity = {0};
    enum fault f = sts_get_caller_identity(aws_reader(h->options.aws), &at, &identity);

    (void)pthread_mutex_lock(&h->lock);
    if (!f)
        remember(h, identity.account);
    h->failed_once = !h->known;
    h->asking = false;
    (void)pthread_cond_broadcast(&h->answered);
    (void)pthread_mutex_unlock(&h->lock);
    arena_free(a);
}

/* With the lock held. */
static void begin_to_ask(struct hub *h)
{
    int64_t now = clock_mono_ms(h->options.clock);

    if (h->known || h->asking || (h->failed_once && now - h->asked_mono_ms < HUB_RETRY_MS))
        return;
    h->asked_mono_ms = now;
    h->asking = h->options.run->ops->spawn(h->options.run, ask, h);
}

struct hub *hub_new(const struct hub_options *options)
{
    struct str region = str_empty(options->region) ? STR("us-east-1") : options->region;
    struct hub *h = calloc(1, sizeof(*h));
    pthread_condattr_t monotonic;

    if (!h)
        panic("out of memory: the hub account");
    REQUIRE(region.len <= REGION_MAX);
    h->options = *options;
    memcpy(h->region, region.ptr, region.len);
    h->options.region = (struct str){h->region, region.len};
    (void)pthread_condattr_init(&monotonic);
    (void)pthread_condattr_setclock(&monotonic, CLOCK_MONOTONIC);
    (void)pthread_mutex_init(&h->lock, NULL);
    (void)pthread_cond_init(&h->answered, &monotonic);
    (void)pthread_condattr_destroy(&monotonic);
    (void)pthread_mutex_lock(&h->lock);
    remember(h, options->configured);
    begin_to_ask(h);
    (void)pthread_mutex_unlock(&h->lock);
    return h;
}

void hub_free(struct hub *h)
{
    if (!h)
        return;
    (void)pthread_mutex_destroy(&h->lock);
    (void)pthread_cond_destroy(&h->answered);
    free(h);
}

/* With the lock held: until the first answer of the process, or patience ends. */
static void wait_for_first_answer(struct hub *h)
{
    int64_t until = h->asked_mono_ms + HUB_PATIENCE_MS;
    struct timespec t = {.tv_sec = (time_t)(until / 1000),
                         .tv_nsec = (int)(until % 1000) * 1000000};
    int rc = 0;

    if (!h->asking || h->failed_once || !waiting_begin())
        return;
    while (h->asking && !h->failed_once && rc != ETIMEDOUT)
        rc = pthread_cond_timedwait(&h->answered, &h->lock, &t);
    waiting_end();
}

struct str hub_account(void *context, struct arena *a)
{
    struct hub *h = context;
    struct str account = {0};

    (void)pthread_mutex_lock(&h->lock);
    begin_to_ask(h);
    wait_for_first_answer(h);
    if (h->known)
        account = arena_str(a, (struct str){h->account, ACCOUNT_DIGITS});
    (void)pthread_mutex_unlock(&h->lock);
    return account;
}
