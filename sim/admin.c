#include "sim/admin_calls.h"

/* The table of the admin API; the subjects are in admin_*.c. */

static const struct admin_route routes[] = {
    {"GET", "health", admin_health},
    {"GET", "version", admin_version},
    {"GET", "seed", admin_seed},
    {"POST", "seed", admin_set_seed},
    {"GET", "operations", admin_operations},
    {"GET", "clock", admin_clock},
    {"POST", "clock", admin_set_clock},
    {"POST", "clock/advance", admin_advance},
    {"GET", "knobs", admin_knobs},
    {"POST", "knobs", admin_set_knobs},
    {"GET", "state", admin_state},
    {"GET", "state/full", admin_save},
    {"POST", "state/load", admin_load},
    {"POST", "state/reset", admin_reset},
    {"GET", "calls", admin_calls},
    {"DELETE", "calls", admin_clear_calls},
    {"GET", "metrics", admin_metrics},
    {"POST", "estates", admin_estate},
    {"DELETE", "faults", admin_clear_faults},
};

void admin_refuse(struct admin *c, int status, const char *fmt, ...)
{
    va_list args;

    c->status = status;
    c->out.len = 0;
    c->w = json_writer_to(&c->out);
    json_begin_object(&c->w);
    va_start(args, fmt);
    json_member_str(&c->w, "message", arena_strvf(c->a, fmt, args));
    va_end(args);
    json_end_object(&c->w);
}

struct str admin_query(const struct admin *c, const char *name)
{
    struct str rest = c->request->query;

    while (str_present(rest)) {
        struct str pair = str_cut(&rest, '&');
        struct str key = str_cut(&pair, '='), value;

        if (str_eq_z(key, name) && str_present(pair) && uri_decode(c->a, pair, true, &value))
            return value;
    }
    return (struct str){0};
}

static bool parse_body(struct admin *c)
{
    static const struct json empty = {.kind = JS_OBJECT};
    static const struct json_limits limits = {(size_t)1 << 30, (size_t)1 << 26, 100000};
    struct str why;

    c->in = &empty;
    if (str_empty(c->request->body))
        return true;
    if (!json_parse_limited(c->sim->arena, arena_str(c->sim->arena, c->request->body), &limits,
                            &c->in, &why))
        return true;
    admin_refuse(c, 400, STR_FMT, STR_ARG(why));
    return false;
}

static void dispatch(struct admin *c)
{
    for (size_t i = 0; i < ARRAY_LEN(routes); i++) {
        if (!str_eq_z(c->path, routes[i].path) || !str_eq_z(c->request->method, routes[i].method))
            continue;
        routes[i].run(c);
        return;
    }
    admin_things(c);
}

/* Whoever may ask here may read every key: nobody from outside (a caller in the process has none).
 */
static bool is_local(struct str peer)
{
    return str_empty(peer) || str_starts(peer, STR("127.")) || str_starts(peer, STR("[::1]:")) ||
           str_starts(peer, STR("::1")) || str_starts(peer, STR("[::ffff:127.")) ||
           str_starts(peer, STR("::ffff:127."));
}

void admin_handle(struct sim *s, struct arena *a, const struct http_request *request,
                  struct http_answer *answer)
{
    struct admin c = {.sim = s, .a = a, .request = request, .status = 200};
    struct header *h = arena_new_of(a, struct header);

    c.path = str_slice(request->path, 6, request->path.len);
    c.out = buf_new(a, (size_t)1 << 30);
    c.w = json_writer_to(&c.out);
    c.type = "application/json";
    if (!is_local(request->peer))
        admin_refuse(&c, 403, "/_sim/ answers on the loopback interface alone");
    else if (parse_body(&c))
        dispatch(&c);
    *h = (struct header){STR("Content-Type"), str_from_z(c.type)};
    answer->status = c.status;
    answer->headers = (struct headers){h, 1};
    answer->body = buf_str(&c.out);
}
