#include "edge/observe.h"

#include <pthread.h>

#include "base/log.h"
#include "base/ports_system.h"
#include "crypto/digest.h"

void observe_aws(void *context, const struct aws_call_record *r)
{
    enum log_level level = r->status >= 200 && r->status < 300 ? LOG_INFO : LOG_WARN;

    (void)context;
    log_event(level, LOG_AWS_CALL, LOG_STR("service", r->service), LOG_STR("op", r->operation),
              LOG_STR("region", r->region), LOG_STR("account", r->account),
              LOG_INT("status", r->status), LOG_STR("code", r->code),
              LOG_INT("attempts", r->attempts), LOG_US("ms", r->us),
              LOG_STR("awsRequest", r->request_id));
}

static enum log_event_name event_of(const struct flow_record *r)
{
    if (r->broken)
        return LOG_FLOW_BROKEN;
    if (r->failed)
        return LOG_FLOW_FAILED;
    if (r->stuck)
        return LOG_FLOW_STUCK;
    return str_present(r->error) ? LOG_FLOW_POSTPONED : LOG_FLOW_STEP;
}

void observe_flow(void *context, const struct flow_record *r)
{
    enum log_event_name event = event_of(r);
    enum log_level level = r->broken || r->stuck || r->failed ? LOG_ERROR
                           : event == LOG_FLOW_POSTPONED      ? LOG_WARN
                                                              : LOG_INFO;

    (void)context;
    log_event(level, event, LOG_STR("instance", r->instance), LOG_STR("from", r->from),
              LOG_STR("to", r->to), LOG_STR("error", r->error), LOG_STR("cause", r->cause));
}

/* What asks for an item asks again: the same one is told of once a minute. */
static bool is_news(const struct store_damage *d)
{
    enum { AGAIN_MS = 60000 };
    static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
    static struct sha256 last;
    static int64_t told_ms;
    SCOPED(arena_scope_end) struct arena *a = arena_new(0);
    struct sha256 item = sha256_of(arena_strf(a, "%s " STR_FMT " " STR_FMT, d->collection,
                                              STR_ARG(d->partition), STR_ARG(d->sort)));
    int64_t now = clock_mono_ms(clock_system());
    bool news;

    (void)pthread_mutex_lock(&lock);
    news = !told_ms || now - told_ms >= AGAIN_MS || !str_eq(sha256_str(&item), sha256_str(&last));
    if (news) {
        last = item;
        told_ms = now;
    }
    (void)pthread_mutex_unlock(&lock);
    return news;
}

void observe_damage(const struct store_damage *d)
{
    if (!is_news(d))
        return;
    log_event(LOG_ERROR, LOG_STORE, LOG_STR("collection", str_from_z(d->collection)),
              LOG_STR("partition", d->partition), LOG_STR("sort", d->sort),
              LOG_STR("why", STR("this item of the record is damaged: restore a backup")));
}
