#include "base/log.h"

#include <stdio.h>
#include <unistd.h>

#include "base/ports_system.h"
#include "base/time.h"

enum { LINE_MAX_BYTES = 8192, REQUEST_MAX = 64 };

static struct log_options current = {.level = LOG_INFO, .fd = 2};
static _Thread_local char request[REQUEST_MAX];
static _Thread_local size_t request_len;

static const char *const levels[] = {"error", "warn", "info", "debug"};
static const char *const events[] = {
#define ROW(id, text) [id] = text,
    LOG_EVENTS(ROW)
#undef ROW
};

/* A line on the stack: a logger must work when memory does not. */
struct line {
    char text[LINE_MAX_BYTES];
    size_t len;
};

static void add(struct line *l, struct str s)
{
    size_t room = sizeof(l->text) - 2 - l->len; /* the closing brace and the newline */
    size_t n = s.len < room ? s.len : room;

    if (n)
        memcpy(l->text + l->len, s.ptr, n);
    l->len += n;
}

static void add_z(struct line *l, const char *z)
{
    add(l, str_from_z(z));
}

/* Bytes that would break the line or the JSON become escapes; others, UTF-8 too, stay. */
/* The character at `i` as a line may bear it; what is none is told as such (it came from outside).
 */
static size_t quote_one(struct str s, size_t i, char out[8])
{
    unsigned char c = (unsigned char)s.ptr[i];
    size_t n = str_utf8_at(s, i);

    if (c == '"' || c == '\\')
        (void)snprintf(out, 8, "\\%c", c);
    else if (c < 0x20 || c == 0x7f)
        (void)snprintf(out, 8, "\\u%04x", c);
    else if (n == 0)
        (void)snprintf(out, 8, "\\ufffd");
    else
        (void)snprintf(out, 8, STR_FMT, STR_ARG(str_slice(s, i, i + n)));
    return n ? n : 1;
}

static void add_quoted(struct line *l, struct str s)
{
    if (l->len + s.len + 16 > sizeof(l->text))
        s = str_slice(s, 0, s.len > 1024 ? 1024 : s.len);
    add_z(l, "\"");
    for (size_t i = 0; i < s.len && l->len + 16 < sizeof(l->text);) {
        char quoted[8];

        i += quote_one(s, i, quoted);
        add_z(l, quoted);
    }
    add_z(l, "\"");
}

static void add_pair(struct line *l, const struct log_pair *p)
{
    char number[40];

    if (p->kind == LOG_PAIR_STR && !str_present(p->text))
        return;
    if (current.json) {
        add_z(l, ",\"");
        add_z(l, p->key);
        add_z(l, "\":");
    } else {
        add_z(l, " ");
        add_z(l, p->key);
        add_z(l, "=");
    }
    if (p->kind == LOG_PAIR_STR) {
        add_quoted(l, p->text);
        return;
    }
    if (p->kind == LOG_PAIR_INT)
        (void)snprintf(number, sizeof(number), "%lld", (long long)p->number);
    else
        (void)snprintf(number, sizeof(number), "%lld.%lld", (long long)(p->number / 1000),
                       (long long)(p->number / 100 % 10));
    add_z(l, number);
}

void log_open(const struct log_options *options)
{
    current = *options;
}

bool log_wants(enum log_level level)
{
    return level <= current.level;
}

void log_set_request(struct str request_id)
{
    request_len = request_id.len < REQUEST_MAX ? request_id.len : REQUEST_MAX;
    if (request_len)
        memcpy(request, request_id.ptr, request_len);
}

void log_write(enum log_level level, enum log_event_name event, const struct log_pair *pairs)
{
    struct clock *clock = current.clock ? current.clock : clock_system();
    struct line l = {.len = 0};
    struct log_pair id = LOG_STR("request", ((struct str){request, request_len}));
    int64_t now = clock_wall_ms(clock);
    struct civil t = time_to_civil(now);
    char stamp[96];

    (void)snprintf(stamp, sizeof(stamp), "%04d-%02d-%02dT%02d:%02d:%02d.%03dZ", t.year, t.month,
                   t.day, t.hour, t.minute, t.second, t.millisecond);
    add_z(&l, current.json ? "{\"ts\":\"" : "");
    add_z(&l, stamp);
    add_z(&l, current.json ? "\",\"level\":\"" : " ");
    add_z(&l, levels[level]);
    add_z(&l, current.json ? "\",\"event\":\"" : " ");
    add_z(&l, events[event]);
    add_z(&l, current.json ? "\"" : "");
    for (; pairs->kind != LOG_PAIR_END; pairs++)
        add_pair(&l, pairs);
    if (request_len)
        add_pair(&l, &id);
    if (current.json)
        l.text[l.len++] = '}';
    l.text[l.len++] = '\n';
    /* Nobody can be told that the log cannot be written. */
    if (write(current.fd, l.text, l.len) < 0)
        return;
}
