/* Pictures of an execution: one that is redrawn while it runs, lines of change, and a summary. */
#include "base/time.h"
#include "edge/client/client_internal.h"
#include "edge/client/watch.h"

struct str draw_duration(struct arena *a, int64_t ms)
{
    int64_t s = ms > 0 ? ms / 1000 : 0;

    if (s < 60)
        return arena_strf(a, "%d s", (int)s);
    if (s < 3600)
        return arena_strf(a, "%d min %02d s", (int)(s / 60), (int)(s % 60));
    return arena_strf(a, "%d h %02d min", (int)(s / 3600), (int)(s / 60 % 60));
}

/* From its start to its end, or to now; absent before it started. */
struct str draw_elapsed(struct arena *a, const struct json *v, int64_t now_ms)
{
    int64_t from;
    int64_t to;

    if (!time_parse(json_str(json_get_z(v, "startedAt")), &from))
        return (struct str){0};
    if (!time_parse(json_str(json_get_z(v, "endedAt")), &to))
        to = now_ms;
    return draw_duration(a, to - from);
}

static bool status_is(const struct json *v, const char *status)
{
    return str_eq_z(json_str(json_get_z(v, "status")), status);
}

static bool is_active(const struct json *wave)
{
    return status_is(wave, "INITIATED") || status_is(wave, "LAUNCHING") ||
           status_is(wave, "STARTED");
}

/* The colour of a line, by what it says: the terminal's own palette. */
static const char *colour(const struct json *v)
{
    if (status_is(v, "COMPLETED") || status_is(v, "LAUNCHED"))
        return "\033[32m";
    if (status_is(v, "FAILED") || status_is(v, "CANCELLED"))
        return "\033[31m";
    if (status_is(v, "WAITING_APPROVAL") || status_is(v, "PAUSED"))
        return "\033[33m";
    if (is_active(v) || status_is(v, "RUNNING"))
        return "\033[36m";
    return "";
}

/* No line may wrap: the picture is redrawn by counting lines. */
static void put_line(struct picture *p, const struct json *about, struct str text)
{
    struct str line = text_cut(text_plain(p->arena, text), p->columns - 1);

    buf_addf(p->out, "%s" STR_FMT "%s\n", colour(about), STR_ARG(line),
             *colour(about) ? "\033[0m" : "");
    p->lines++;
}

/* A cell of a line. */
static struct str pad(struct picture *p, struct str text, size_t columns)
{
    return text_padded(p->arena, text_plain(p->arena, text), columns);
}

static struct str bar(struct arena *a, int64_t done, int64_t of)
{
    struct buf b = buf_new(a, 64);
    int64_t full = of > 0 ? done * 10 / of : 0;

    for (int64_t i = 0; i < 10; i++)
        buf_add_char(&b, i < full ? '#' : '.');
    return buf_str(&b);
}

/* "AccessDeniedException: DescribeJobs is refused ...", or absent; on one line. */
static struct str trouble(struct arena *a, const struct json *v)
{
    struct str message = json_str(json_get_z(v, "errorMessage"));

    if (str_empty(message))
        return (struct str){0};
    return arena_strf(a, STR_FMT ": " STR_FMT, STR_ARG(json_str(json_get_z(v, "errorCode"))),
                      STR_ARG(cell(a, json_get_z(v, "errorMessage"))));
}

static struct str wave_name(const struct json *wave)
{
    struct str name = json_str(json_get_z(wave, "name"));

    return str_present(name) ? name : json_str(json_get_z(wave, "waveName"));
}

int64_t draw_launched(const struct json *wave)
{
    const struct json *servers = json_get_z(wave, "servers");
    int64_t n = 0;

    if (json_get_z(wave, "launchedCount"))
        return json_int(json_get_z(wave, "launchedCount"), 0);
    for (size_t i = 0; json_is(servers, JS_ARRAY) && i < servers->len; i++)
        n += status_is(&servers->items[i], "LAUNCHED");
    return n;
}

int64_t draw_servers(const struct json *wave)
{
    const struct json *servers = json_get_z(wave, "servers");
    int64_t counted = json_is(servers, JS_ARRAY) ? (int64_t)servers->len : 0;

    return json_int(json_get_z(wave, "serverCount"), counted);
}

static void put_wave(struct picture *p, const struct json *wave)
{
    struct str took = draw_elapsed(p->arena, wave, p->now_ms);
    int64_t launched = draw_launched(wave);
    int64_t of = draw_servers(wave);

    put_line(
        p, wave,
        arena_strf(p->arena, "  wave %-3d " STR_FMT " " STR_FMT " [" STR_FMT "] %d/%d  " STR_FMT,
                   (int)json_int(json_get_z(wave, "waveNumber"), 0),
                   STR_ARG(pad(p, wave_name(wave), 20)),
                   STR_ARG(pad(p, json_str(json_get_z(wave, "status")), 17)),
                   STR_ARG(bar(p->arena, launched, of)), (int)launched, (int)of, STR_ARG(took)));
}

static struct str server_name(const struct json *server)
{
    struct str name = json_str(json_get_z(server, "hostname"));

    return str_empty(name) ? json_str(json_get_z(server, "sourceServerId")) : name;
}

static struct str instance_of(const struct json *server)
{
    struct str id = json_str(json_get_z(server, "instanceId"));

    return str_present(id) ? id : json_str(json_get_z(server, "recoveryInstanceId"));
}

static void put_servers(struct picture *p, const struct json *wave, size_t most)
{
    const struct json *servers = json_get_z(wave, "servers");
    size_t n = json_is(servers, JS_ARRAY) ? servers->len : 0;
    size_t shown = n <= most ? n : most - (most > 0);

    for (size_t i = 0; i < shown; i++) {
        const struct json *s = &servers->items[i];

        put_line(p, s,
                 arena_strf(p->arena, "           " STR_FMT " " STR_FMT " " STR_FMT,
                            STR_ARG(pad(p, server_name(s), 24)),
                            STR_ARG(pad(p, json_str(json_get_z(s, "status")), 11)),
                            STR_ARG(instance_of(s))));
    }
    if (shown < n && most > 0)
        put_line(p, NULL, arena_strf(p->arena, "           and %zu more", n - shown));
}

/* Lines that are not waves: the title, the prompt, and what a terminal keeps for itself. */
enum { OTHER_LINES = 5 };

/* Of a plan that is higher than the terminal: from the first wave that has not completed on. */
static size_t first_shown(const struct json *waves, size_t n, size_t fits)
{
    size_t first = 0;

    while (first < n && status_is(&waves->items[first], "COMPLETED"))
        first++;
    return first < n - fits ? first : n - fits;
}

void draw_execution(struct picture *p, const struct json *execution)
{
    const struct json *waves = json_get_z(execution, "waves");
    size_t n = json_is(waves, JS_ARRAY) ? waves->len : 0;
    struct str why = trouble(p->arena, execution);
    size_t other = OTHER_LINES + str_present(why);
    size_t room = p->rows > other ? p->rows - other : 1;
    size_t shown = n < room ? n : room - (room > 1);
    size_t first = n > shown ? first_shown(waves, n, shown) : 0;
    size_t each = n && n < room ? (room - n) / n : 0;

    put_line(p, execution,
             arena_strf(p->arena, STR_FMT "  " STR_FMT "  " STR_FMT "  " STR_FMT,
                        STR_ARG(json_str(json_get_z(execution, "planName"))),
                        STR_ARG(json_str(json_get_z(execution, "executionType"))),
                        STR_ARG(json_str(json_get_z(execution, "status"))),
                        STR_ARG(draw_elapsed(p->arena, execution, p->now_ms))));
    if (str_present(why))
        put_line(p, execution, arena_strf(p->arena, "  " STR_FMT, STR_ARG(why)));
    for (size_t i = first; i < first + shown; i++) {
        put_wave(p, &waves->items[i]);
        put_servers(p, &waves->items[i], each);
    }
    if (n > shown && room > 1)
        put_line(
            p, NULL,
            arena_strf(p->arena, "  and %zu waves before, %zu after", first, n - first - shown));
}

void draw_prompt(struct picture *p, struct str what, struct str keys)
{
    struct str both = arena_strf(p->arena, STR_FMT "   " STR_FMT, STR_ARG(what), STR_ARG(keys));
    bool fits = text_width(both) < p->columns;

    if (str_empty(what)) {
        put_line(p, NULL, keys);
        return;
    }
    put_line(p, NULL, fits ? both : what);
    if (!fits)
        put_line(p, NULL, keys);
}

/* ---- lines of change ---- */

static const struct json *same_in(const struct json *list, const char *key, const struct json *as)
{
    for (size_t i = 0; json_is(list, JS_ARRAY) && i < list->len; i++)
        if (json_eq(json_get_z(&list->items[i], key), json_get_z(as, key)))
            return &list->items[i];
    return NULL;
}

static bool changed(const struct json *before, const struct json *now)
{
    return !before ||
           !str_eq(json_str(json_get_z(before, "status")), json_str(json_get_z(now, "status")));
}

/* A launched server is worth its line once its instance is known, a pending one never. */
static bool server_changed(const struct json *before, const struct json *now)
{
    bool known = status_is(now, "LAUNCHED") ? !str_empty(instance_of(now)) : true;

    return !status_is(now, "PENDING") && known &&
           (changed(before, now) || !str_eq(instance_of(before), instance_of(now)));
}

static void put_change(struct picture *p, struct str elapsed, struct str text)
{
    buf_addf(p->out, "%10.*s  " STR_FMT "\n", STR_ARG(elapsed),
             STR_ARG(text_plain(p->arena, text)));
}

/* " x", or nothing. */
static struct str after_blank(struct arena *a, struct str s)
{
    return str_present(s) && s.len ? arena_strf(a, " " STR_FMT, STR_ARG(s)) : STR("");
}

static void change_of_wave(struct picture *p, struct str elapsed, const struct json *before,
                           const struct json *wave)
{
    const struct json *servers = json_get_z(wave, "servers");
    struct str title =
        arena_strf(p->arena, "wave %d " STR_FMT, (int)json_int(json_get_z(wave, "waveNumber"), 0),
                   STR_ARG(wave_name(wave)));

    if (changed(before, wave))
        put_change(p, elapsed,
                   arena_strf(p->arena, STR_FMT ": " STR_FMT, STR_ARG(title),
                              STR_ARG(json_str(json_get_z(wave, "status")))));
    for (size_t i = 0; json_is(servers, JS_ARRAY) && i < servers->len; i++) {
        const struct json *s = &servers->items[i];

        if (server_changed(same_in(json_get_z(before, "servers"), "sourceServerId", s), s))
            put_change(p, elapsed,
                       arena_strf(p->arena, STR_FMT ": " STR_FMT " " STR_FMT STR_FMT STR_FMT,
                                  STR_ARG(title), STR_ARG(server_name(s)),
                                  STR_ARG(json_str(json_get_z(s, "status"))),
                                  STR_ARG(after_blank(p->arena, instance_of(s))),
                                  STR_ARG(after_blank(p->arena, trouble(p->arena, s)))));
    }
}

void draw_changes(struct picture *p, const struct json *before, const struct json *now)
{
    const struct json *waves = json_get_z(now, "waves");
    struct str elapsed = draw_elapsed(p->arena, now, p->now_ms);
    struct str why = trouble(p->arena, now);

    if (!str_present(elapsed))
        elapsed = STR("0 s");
    for (size_t i = 0; json_is(waves, JS_ARRAY) && i < waves->len; i++) {
        const struct json *wave = &waves->items[i];

        change_of_wave(p, elapsed, same_in(json_get_z(before, "waves"), "waveNumber", wave), wave);
    }
    if (changed(before, now) || !str_eq(trouble(p->arena, before), why))
        put_change(p, elapsed,
                   arena_strf(p->arena, "execution: " STR_FMT "%s" STR_FMT,
                              STR_ARG(json_str(json_get_z(now, "status"))),
                              str_present(why) ? "  " : "", STR_ARG(why)));
}

/* ---- the end ---- */

static void summary_of_wave(struct picture *p, const struct json *wave)
{
    const struct json *servers = json_get_z(wave, "servers");
    struct str reason = trouble(p->arena, wave);
    struct str took = draw_elapsed(p->arena, wave, p->now_ms);

    buf_addf(p->out, "  wave %d " STR_FMT " " STR_FMT " %d/%d launched",
             (int)json_int(json_get_z(wave, "waveNumber"), 0), STR_ARG(pad(p, wave_name(wave), 20)),
             STR_ARG(pad(p, json_str(json_get_z(wave, "status")), 10)), (int)draw_launched(wave),
             (int)draw_servers(wave));
    if (str_present(took))
        buf_addf(p->out, "  from " STR_FMT "  in " STR_FMT,
                 STR_ARG(json_str(json_get_z(wave, "startedAt"))), STR_ARG(took));
    buf_add_z(p->out, "\n");
    if (str_present(reason))
        buf_addf(p->out, "    " STR_FMT "\n", STR_ARG(text_plain(p->arena, reason)));
    for (size_t i = 0; json_is(servers, JS_ARRAY) && i < servers->len; i++) {
        const struct json *s = &servers->items[i];
        struct str error = trouble(p->arena, s);

        buf_addf(p->out, "    " STR_FMT " " STR_FMT " " STR_FMT "%s" STR_FMT "\n",
                 STR_ARG(pad(p, server_name(s), 24)),
                 STR_ARG(pad(p, json_str(json_get_z(s, "status")), 11)), STR_ARG(instance_of(s)),
                 str_present(error) ? "  " : "", STR_ARG(text_plain(p->arena, error)));
    }
}

void draw_summary(struct picture *p, const struct json *execution)
{
    const struct json *waves = json_get_z(execution, "waves");
    struct str outcome = json_str(json_get_z(execution, "outcome"));
    struct str why = trouble(p->arena, execution);

    buf_addf(p->out, "\n" STR_FMT " of " STR_FMT ": " STR_FMT "%s" STR_FMT " in " STR_FMT "\n",
             STR_ARG(json_str(json_get_z(execution, "executionType"))),
             STR_ARG(json_str(json_get_z(execution, "planName"))),
             STR_ARG(json_str(json_get_z(execution, "status"))), str_present(outcome) ? ", " : "",
             STR_ARG(outcome), STR_ARG(draw_elapsed(p->arena, execution, p->now_ms)));
    if (str_present(why))
        buf_addf(p->out, "  " STR_FMT "\n", STR_ARG(why));
    for (size_t i = 0; json_is(waves, JS_ARRAY) && i < waves->len; i++)
        summary_of_wave(p, &waves->items[i]);
}
