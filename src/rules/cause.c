#include "rules/cause.h"

#include <inttypes.h>

/* ---- a server, by the log of its job ---- */

/* "(InsufficientInstanceCapacity)" in a raw error is the machine's own code. */
static struct str code_in(struct str raw, struct str otherwise)
{
    ptrdiff_t open = str_find(raw, '(');
    struct str rest = open < 0 ? (struct str){0} : str_slice(raw, (size_t)open + 1, raw.len);
    ptrdiff_t close = str_present(rest) ? str_find(rest, ')') : -1;

    return close > 0 ? str_slice(rest, 0, (size_t)close) : otherwise;
}

static bool is_failure(const struct drs_job_log_item *item)
{
    return item->data->raw_error.len || str_ends(item->event, STR("_FAIL")) ||
           str_ends(item->event, STR("_FAILED")) || str_eq_z(item->event, "SERVER_SKIPPED");
}

/* The next failing event of the server from `i` on; len: none. */
static size_t next_failure(const struct drs_job_log *log, struct str server_id, size_t i)
{
    while (i < log->len &&
           !(log->items[i].data && str_eq(log->items[i].data->source_server_id, server_id) &&
             is_failure(&log->items[i])))
        i++;
    return i;
}

/* All that failed, in order; of an event that repeats itself, the last. */
bool cause_in_log(struct arena *a, const struct drs_job_log *log, struct str server_id,
                  struct cause *out)
{
    struct str said = {0};
    size_t i = next_failure(log, server_id, 0);

    while (i < log->len) {
        const struct drs_job_log_item *item = &log->items[i];
        struct str raw = item->data->raw_error;

        i = next_failure(log, server_id, i + 1);
        if (i < log->len && str_eq(log->items[i].event, item->event))
            continue;
        said = arena_strf(a, STR_FMT "%s" STR_FMT "%s" STR_FMT, STR_ARG(said), said.len ? "; " : "",
                          STR_ARG(item->event), raw.len ? ": " : "", STR_ARG(raw));
        out->code = raw.len ? code_in(raw, item->event) : item->event;
        out->message = said;
    }
    return said.len > 0;
}

/* ---- a launch that is given up ---- */

bool launch_is_unknown(const struct launch_run *l)
{
    return l->state == LAUNCH_STARTED || l->uncertain;
}

struct cause cause_of_launch(const struct launch_run *l)
{
    if (l->error_code.len)
        return (struct cause){l->error_code, l->error_message};
    return (struct cause){l->answer_code, l->answer_message};
}

/* What stands in the way at that moment, where something does. */
static struct str trouble(struct arena *a, const struct launch_run *l, const char *before)
{
    struct cause now = cause_of_launch(l);

    if (!now.code.len)
        return STR("");
    return arena_strf(a, "%s" STR_FMT " - " STR_FMT, before, STR_ARG(now.code),
                      STR_ARG(now.message));
}

struct cause cause_of_giving_up(struct arena *a, const struct launch_run *l, struct cause why)
{
    struct str what;

    if (!launch_is_unknown(l)) {
        why.message =
            arena_strf(a, STR_FMT STR_FMT, STR_ARG(why.message), STR_ARG(trouble(a, l, ": ")));
        return why;
    }
    what = l->state == LAUNCH_STARTED
               ? arena_strf(a, "DRS job " STR_FMT " was " STR_FMT " when it was read last",
                            STR_ARG(l->job_id), STR_ARG(l->job_status))
               : STR("DRS was asked for a job and it is not known whether there is one");
    return (struct cause){
        .code = STR(CAUSE_UNKNOWN),
        .message =
            arena_strf(a,
                       STR_FMT ". " STR_FMT "; it may launch the server yet"
                               "; terminate_recovery_instances asks DRS what is there" STR_FMT,
                       STR_ARG(why.message), STR_ARG(what), STR_ARG(trouble(a, l, ". Trouble: "))),
    };
}

/* ---- a wave, by its servers ---- */

struct tally {
    struct str code;
    size_t n;
};

static struct str code_of(const struct server_run *s)
{
    return s->error_code.len ? s->error_code : STR("LAUNCH_FAILED");
}

/* Of the servers that are not there: which codes, how often, in the order they come. */
static size_t tally_codes(const struct server_run *const *servers, size_t len, struct tally *out)
{
    size_t codes = 0;

    for (size_t i = 0; i < len; i++) {
        size_t k = 0;

        if (servers[i]->status == SERVER_LAUNCHED)
            continue;
        while (k < codes && !str_eq(out[k].code, code_of(servers[i])))
            k++;
        if (k == codes)
            out[codes++] = (struct tally){.code = code_of(servers[i])};
        out[k].n++;
    }
    return codes;
}

static struct str list_codes(struct arena *a, const struct tally *codes, size_t len)
{
    struct str all = {0};

    for (size_t i = 0; i < len; i++)
        all = arena_strf(a, STR_FMT "%s" STR_FMT " (%zu)", STR_ARG(all), i ? ", " : "",
                         STR_ARG(codes[i].code), codes[i].n);
    return all;
}

static struct str first_message(const struct server_run *const *servers, size_t len)
{
    for (size_t i = 0; i < len; i++)
        if (servers[i]->status != SERVER_LAUNCHED && servers[i]->error_message.len)
            return servers[i]->error_message;
    return (struct str){0};
}

struct cause cause_of_wave(struct arena *a, const struct server_run *const *servers, size_t len,
                           bool timed_out)
{
    struct tally *codes = arena_array_of(a, len ? len : 1, struct tally);
    size_t n = tally_codes(servers, len, codes);
    bool unknown = n == 1 && str_eq_z(codes[0].code, CAUSE_UNKNOWN);
    struct str reason = n == 1 ? first_message(servers, len) : list_codes(a, codes, n);
    struct cause c = {.code = n == 1 ? codes[0].code : STR("WAVE_LAUNCH_FAILED")};
    size_t bad = 0;

    for (size_t i = 0; i < n; i++)
        bad += codes[i].n;
    if (timed_out)
        c.code = STR("WAVE_TIMED_OUT");
    c.message = arena_strf(a, "%zu of %zu servers %s%s" STR_FMT, bad, len,
                           unknown ? "may or may not have been launched" : "were not launched",
                           reason.len ? ": " : "", STR_ARG(reason));
    return c;
}

/* ---- an execution, by its waves ---- */

static bool has_cause(const struct wave_run *w)
{
    return w->error_code.len && (w->status == WAVE_FAILED || wave_is_active(w->status));
}

struct cause cause_of_execution(struct arena *a, const struct wave_run *const *waves, size_t len)
{
    const struct wave_run *first = NULL;
    size_t more = 0;

    for (size_t i = 0; i < len; i++) {
        if (!has_cause(waves[i]))
            continue;
        more += first != NULL;
        if (!first)
            first = waves[i];
    }
    if (!first)
        return (struct cause){0};
    return (struct cause){
        .code = first->error_code,
        .message =
            arena_strf(a, "Wave %" PRId64 " (" STR_FMT "): " STR_FMT "%s", first->wave_number,
                       STR_ARG(first->name), STR_ARG(first->error_message),
                       more ? " (and other waves, see there)" : ""),
    };
}
