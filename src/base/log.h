#ifndef BASE_LOG_H
#define BASE_LOG_H

#include "base/ports.h"

/*
 * One line per event, one write(2), at most 8 KiB, to stderr. Only the edge and main log. Event
 * names are a closed list; there is no printer for anything that holds a secret.
 *
 *   log_event(LOG_WARN, LOG_OP_REFUSED, LOG_STR("op", op), LOG_INT("status", 409));
 */
#define LOG_EVENTS(ROW)                       \
    ROW(LOG_READY, "serve.ready")             \
    ROW(LOG_STOP, "serve.stop")               \
    ROW(LOG_SETTINGS, "serve.settings")       \
    ROW(LOG_OP_DONE, "op.done")               \
    ROW(LOG_OP_REFUSED, "op.refused")         \
    ROW(LOG_OP_FAILED, "op.failed")           \
    ROW(LOG_HTTP_REFUSED, "http.refused")     \
    ROW(LOG_AUTH_REFUSED, "auth.refused")     \
    ROW(LOG_AWS_CALL, "aws.call")             \
    ROW(LOG_FLOW_STEP, "flow.step")           \
    ROW(LOG_FLOW_POSTPONED, "flow.postponed") \
    ROW(LOG_FLOW_BROKEN, "flow.broken")       \
    ROW(LOG_FLOW_FAILED, "flow.failed")       \
    ROW(LOG_FLOW_STUCK, "flow.stuck")         \
    ROW(LOG_STORE, "store")

enum log_event_name {
#define ROW(id, text) id,
    LOG_EVENTS(ROW)
#undef ROW
};

enum log_level { LOG_ERROR, LOG_WARN, LOG_INFO, LOG_DEBUG };

enum log_pair_kind { LOG_PAIR_END, LOG_PAIR_STR, LOG_PAIR_INT, LOG_PAIR_MS };

struct log_pair {
    enum log_pair_kind kind;
    const char *key;
    struct str text;
    int64_t number; /* MS: microseconds, printed as milliseconds with one decimal */
};

#define LOG_STR(k, s) ((struct log_pair){.kind = LOG_PAIR_STR, .key = (k), .text = (s)})
#define LOG_INT(k, n) ((struct log_pair){.kind = LOG_PAIR_INT, .key = (k), .number = (n)})
#define LOG_US(k, us) ((struct log_pair){.kind = LOG_PAIR_MS, .key = (k), .number = (us)})

struct log_options {
    bool json; /* else "time level event key=value ..." for people */
    enum log_level level;
    int fd;              /* 2 unless a test says otherwise */
    struct clock *clock; /* NULL: the system's */
};

/* Before the first thread starts. Without it: text, LOG_INFO, stderr. */
void log_open(const struct log_options *options);
bool log_wants(enum log_level level);

/* The calling thread's request id, added to every line it writes; absent clears it. Copied. */
void log_set_request(struct str request_id);

/* `pairs` ends with a zeroed one. Absent texts are left out. */
void log_write(enum log_level level, enum log_event_name event, const struct log_pair *pairs);

#define log_event(level, event, ...)                                                              \
    (log_wants(level) ? log_write((level), (event),                                               \
                                  (const struct log_pair[]){__VA_ARGS__, {.kind = LOG_PAIR_END}}) \
                      : (void)0)

#endif
