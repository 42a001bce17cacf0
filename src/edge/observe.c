#include "edge/observe.h"

#include "base/log.h"

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

void observe_damage(const struct store_damage *d)
{
    log_event(LOG_ERROR, LOG_STORE, LOG_STR("collection", str_from_z(d->collection)),
              LOG_STR("partition", d->partition), LOG_STR("sort", d->sort),
              LOG_STR("why", STR("this item of the record is damaged: restore a backup")));
}
