/* Where the service is, who we are, and one call over HTTP. */
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "api/answer.h"
#include "base/file.h"
#include "edge/client/client_internal.h"
#include "edge/host_guard.h"
#include "net/http_client.h"

enum { CLIENT_FILE_MAX = 64 << 10, ANSWER_MAX = 64 << 20, CONNECT_TIMEOUT_MS = 5000 };

/* ---- settings ---- */

static struct str from_environment(const char *name)
{
    const char *value = getenv(name);

    return value && *value ? str_from_z(value) : (struct str){0};
}

/*
 * Where `serve` leaves client.json: in its data folder. That is the one named by DRWAVE_DATA, or
 * the service's for root, or one's own by the XDG rules, or, where that has none, the service's.
 */
static struct str find_file(struct client *c)
{
    struct str system = STR("/var/lib/drwave/client.json");
    struct str data = from_environment("DRWAVE_DATA");
    struct str state = from_environment("XDG_STATE_HOME");
    struct str home = from_environment("HOME");
    struct str own = {0};

    if (str_present(data))
        return arena_strf(c->arena, STR_FMT "/client.json", STR_ARG(data));
    if (str_present(state))
        own = arena_strf(c->arena, STR_FMT "/drwave/client.json", STR_ARG(state));
    else if (str_present(home))
        own = arena_strf(c->arena, STR_FMT "/.local/state/drwave/client.json", STR_ARG(home));
    if (!str_present(own) || geteuid() == 0)
        return system;
    return access(own.ptr, F_OK) == 0 || access(system.ptr, R_OK) != 0 ? own : system;
}

/* Whoever reads the file is the operator: as ssh does with its keys, it is not read for others. */
static bool is_private(struct client *c, struct str *why)
{
    struct stat st;

    if (stat(arena_z(c->arena, c->file), &st) || !(st.st_mode & 077))
        return true;
    *why =
        arena_strf(c->arena, STR_FMT " may be read by others than its owner (mode %o): chmod 600",
                   STR_ARG(c->file), st.st_mode & 0777);
    return false;
}

const struct json *connect_file(struct client *c, struct str *why)
{
    const struct json *parsed;
    struct str text;
    enum fault f;

    *why = (struct str){0};
    if (!str_present(c->file))
        c->file = from_environment("DRWAVE_CLIENT_FILE");
    if (!str_present(c->file))
        c->file = find_file(c);
    f = file_read(c->arena, c->file, CLIENT_FILE_MAX, &text, why);
    if (f == FAULT_NOT_FOUND)
        *why = (struct str){0};
    if (f || !is_private(c, why))
        return NULL;
    if (json_parse(c->arena, text, &parsed, why) == FAULT_NONE)
        return parsed;
    *why = arena_strf(c->arena, STR_FMT ": " STR_FMT, STR_ARG(c->file), STR_ARG(*why));
    return NULL;
}

static int say_what_is_missing(struct client *c, struct str why)
{
    bool endpoint = !str_present(c->endpoint);
    const char *what = endpoint ? "address of a service" : "credential";
    const char *flag = endpoint ? "endpoint" : "token";
    const char *variable = endpoint ? "ENDPOINT" : "TOKEN";

    if (str_present(why))
        return client_complain(CLIENT_CONFIGURATION,
                               "no %s: " STR_FMT "; or give --%s, or set DRWAVE_%s", what,
                               STR_ARG(why), flag, variable);
    return client_complain(CLIENT_CONFIGURATION,
                           "no %s: give --%s, set DRWAVE_%s, or start `drwave serve`, which "
                           "writes " STR_FMT,
                           what, flag, variable, STR_ARG(c->file));
}

static void take_address(struct client *c, const struct json *file)
{
    if (!str_present(c->endpoint))
        c->endpoint = from_environment("DRWAVE_ENDPOINT");
    if (!str_present(c->endpoint))
        c->endpoint = json_str(json_get_z(file, "endpoint"));
}

/* A password in an address would be in every message that names it; it is no credential here. */
static int check_address(struct client *c)
{
    struct str host = c->endpoint;
    ptrdiff_t scheme = str_find(host, ':');

    if (scheme >= 0 && str_starts(str_slice(host, (size_t)scheme, host.len), STR("://")))
        host = str_slice(host, (size_t)scheme + 3, host.len);
    for (size_t i = 0; i < host.len && !memchr("/?#", host.ptr[i], 3); i++)
        if (host.ptr[i] == '@')
            return client_complain(CLIENT_USAGE,
                                   "the endpoint holds a user name or password before its '@': "
                                   "give the address alone, and the credential by --token, "
                                   "DRWAVE_TOKEN or client.json");
    return 0;
}

int connect_address(struct client *c, const struct json *file)
{
    take_address(c, file);
    return check_address(c);
}

static int complete(struct client *c)
{
    const struct json *file;
    struct str why;

    take_address(c, NULL);
    if (!str_present(c->token))
        c->token = from_environment("DRWAVE_TOKEN");
    if (str_present(c->endpoint) && str_present(c->token))
        return 0;
    file = connect_file(c, &why);
    take_address(c, file);
    c->token_of_file = !str_present(c->token);
    if (c->token_of_file)
        c->token = json_str(json_get_z(file, "token"));
    if (str_present(c->endpoint) && str_present(c->token))
        return 0;
    return say_what_is_missing(c, why);
}

int connect_settings(struct client *c)
{
    int code = complete(c);

    return code ? code : check_address(c);
}

void connect_trust(struct client *c)
{
    if (!str_present(c->ca_file))
        c->ca_file = from_environment("DRWAVE_CA_BUNDLE");
}

/* ---- one call ---- */

static const struct json_member *find_param(const struct operation *op, const struct json *params,
                                            struct str name)
{
    const struct field *f = op->params ? field_find_spelling(op->params, name) : NULL;

    for (size_t i = 0; i < params->len; i++) {
        const struct json_member *m = &params->members[i];

        if (str_eq(m->name, name) || (f && field_find_spelling(op->params, m->name) == f))
            return m;
    }
    return NULL;
}

static struct str scalar_text(struct arena *a, const struct json *v)
{
    return v->kind == JS_STR ? v->string : json_text(a, v);
}

struct routing {
    const struct operation *op;
    const struct json *params;
    struct buf path;
    const struct json_member **in_path; /* those that the path carries */
    size_t in_path_len;
    struct str wanting; /* what the route tried last has in its path, and was not given */
};

/* Fills the path of one route; false when a parameter of it was not given. */
static bool fill_path(struct client *c, struct routing *r, const char *pattern)
{
    struct str rest = str_from_z(pattern);

    r->path = buf_new(c->arena, 8192);
    r->in_path_len = 0;
    (void)str_cut(&rest, '/');
    while (str_present(rest)) {
        struct str segment = str_cut(&rest, '/');
        const struct json_member *m;

        buf_add_char(&r->path, '/');
        if (!str_starts(segment, STR("{"))) {
            buf_add(&r->path, segment);
            continue;
        }
        m = find_param(r->op, r->params, str_slice(segment, 1, segment.len - 1));
        if (!m || str_empty(scalar_text(c->arena, &m->value))) {
            r->wanting = str_slice(segment, 1, segment.len - 1);
            return false;
        }
        buf_add_uri(&r->path, scalar_text(c->arena, &m->value), false);
        r->in_path[r->in_path_len++] = m;
    }
    return true;
}

/* A workflow action has no path of its own: its function is invoked, and told its name. */
static const struct operation_route *invocation(struct client *c, struct routing *r)
{
    static const struct operation_route route = {"POST", NULL};
    unsigned first = r->op->functions & (~r->op->functions + 1);

    r->path = buf_new(c->arena, 256);
    buf_addf(&r->path, "/2015-03-31/functions/" STR_FMT "/invocations",
             STR_ARG(function_name_of((enum function)first)));
    return &route;
}

static const struct operation_route *choose_route(struct client *c, struct routing *r)
{
    if (r->op->action)
        return invocation(c, r);
    r->in_path = arena_array_of(c->arena, 16, const struct json_member *);
    for (size_t i = 0; i < OPERATION_ROUTES_MAX && r->op->routes[i].method; i++)
        if (fill_path(c, r, r->op->routes[i].path))
            return &r->op->routes[i];
    return NULL;
}

/* In the words of the command line: the value of a flag that is there, or a flag. */
static int no_route(struct client *c, const struct operation *op, const struct routing *r)
{
    const struct json_member *m = find_param(op, r->params, r->wanting);
    struct str command = kebab(c->arena, op->names[0]);
    struct str flag = kebab(c->arena, arena_z(c->arena, r->wanting));

    return client_complain(
        CLIENT_USAGE, STR_FMT ": --" STR_FMT " is %s; see drwave " STR_FMT " --help",
        STR_ARG(command), STR_ARG(flag), m ? "empty" : "missing", STR_ARG(command));
}

static bool in_path(const struct routing *r, const struct json_member *m)
{
    for (size_t i = 0; i < r->in_path_len; i++)
        if (r->in_path[i] == m)
            return true;
    return false;
}

static void add_query(struct client *c, struct routing *r)
{
    char mark = '?';

    for (size_t i = 0; i < r->params->len; i++) {
        const struct json_member *m = &r->params->members[i];

        if (in_path(r, m))
            continue;
        buf_add_char(&r->path, mark);
        buf_add_uri(&r->path, m->name, false);
        buf_add_char(&r->path, '=');
        buf_add_uri(&r->path, scalar_text(c->arena, &m->value), false);
        mark = '&';
    }
}

static struct str body_of(struct client *c, const struct routing *r)
{
    struct buf body = buf_new(c->arena, JSON_TEXT_MAX);
    struct json_writer w = json_writer_to(&body);

    json_begin_object(&w);
    if (r->op->action)
        json_member_str(&w, "action", str_from_z(r->op->names[0]));
    for (size_t i = 0; i < r->params->len; i++) {
        if (in_path(r, &r->params->members[i]))
            continue;
        json_name(&w, r->params->members[i].name);
        json_put(&w, &r->params->members[i].value);
    }
    json_end_object(&w);
    return buf_str(&body);
}

static struct str base_url(const struct client *c)
{
    struct str url = c->endpoint;

    while (str_ends(url, STR("/")))
        url.len--;
    return url;
}

static int send(struct client *c, const struct transport_request *request, int *status,
                const struct json **out)
{
    static const struct json_limits limits = {ANSWER_MAX, 4000000, 1000};
    struct transport_answer answer = {0};
    struct str why = {0};
    enum fault f;

    connect_trust(c);
    if (!c->transport)
        c->transport = http_client_new(
            &(struct http_client_options){.ca_file = c->ca_file,
                                          .handles_max = 1,
                                          .no_proxy = host_guard_is_local_url(c->endpoint)});
    f = c->transport->ops->send(c->transport, c->arena, request, &answer, &why);
    if (f && c->quiet)
        return CLIENT_ERROR;
    if (f)
        return client_complain(CLIENT_ERROR, "cannot reach " STR_FMT ": " STR_FMT,
                               STR_ARG(c->endpoint),
                               STR_ARG(str_present(why) ? why : STR("no answer")));
    *status = answer.status;
    f = json_parse_limited(c->arena, answer.body, &limits, out, &why);
    if (f || (*out)->kind != JS_OBJECT)
        return client_complain(CLIENT_ERROR, STR_FMT " answered %d with something else than JSON",
                               STR_ARG(c->endpoint), answer.status);
    return 0;
}

static int call_once(struct client *c, const struct operation *op, const struct json *params,
                     int *status, const struct json **out)
{
    struct routing r = {.op = op, .params = params};
    const struct operation_route *route = choose_route(c, &r);
    struct header headers[] = {
        {STR("Authorization"), arena_strf(c->arena, "Bearer " STR_FMT, STR_ARG(c->token))},
        {STR("Accept"), STR("application/json")},
        {STR("User-Agent"), STR("drwave/" DRWAVE_VERSION)},
        {STR("Content-Type"), STR("application/json")},
    };
    struct transport_request request = {
        .headers = {headers, ARRAY_LEN(headers) - 1},
        .connect_timeout_ms = CONNECT_TIMEOUT_MS,
        .timeout_ms = c->timeout_ms,
        .answer_max = ANSWER_MAX,
    };

    if (!route)
        return no_route(c, op, &r);
    request.method = str_from_z(route->method);
    if (str_eq(request.method, STR("GET")) || str_eq(request.method, STR("DELETE"))) {
        add_query(c, &r);
    } else {
        request.body = body_of(c, &r);
        request.headers.len++;
    }
    request.url =
        arena_strf(c->arena, STR_FMT STR_FMT, STR_ARG(base_url(c)), STR_ARG(buf_str(&r.path)));
    return send(c, &request, status, out);
}

/* Whether the file has another token than the one that was turned away: `credential rotate`. */
static bool renew_token(struct client *c)
{
    struct str why;
    struct str token = {0};

    if (c->token_of_file)
        token = json_str(json_get_z(connect_file(c, &why), "token"));
    if (!str_present(token) || str_eq(token, c->token))
        return false;
    c->token = arena_str(c->lasting, token);
    return true;
}

int connect_call(struct client *c, const struct operation *op, const struct json *params,
                 int *status, const struct json **out)
{
    int code = call_once(c, op, params, status, out);

    if (!code && *status == CONNECT_TURNED_AWAY && renew_token(c))
        code = call_once(c, op, params, status, out);
    return code;
}

/* ---- refusals ---- */

static void print_items(struct arena *a, const struct json *errors)
{
    for (size_t i = 0; json_is(errors, JS_ARRAY) && i < errors->len; i++) {
        const struct json *e = &errors->items[i];
        struct str message = e->kind == JS_STR ? e->string : json_str(json_get_z(e, "message"));
        struct str field = json_str(json_get_z(e, "field"));

        if (str_present(message))
            (void)fprintf(stderr, "  " STR_FMT "%s" STR_FMT "\n", STR_ARG(text_plain(a, field)),
                          str_empty(field) ? "" : ": ", STR_ARG(text_plain(a, message)));
    }
}

/* An action's refusal is what its function answered, and comes with the status of an answer. */
bool connect_refuses(const struct operation *op, int status, const struct json *answer)
{
    return status >= 400 || (op->action && str_present(json_str(json_get_z(answer, "error"))));
}

void connect_print_refusal(const struct operation *op, int status, const struct json *answer)
{
    SCOPED(arena_scope_end) struct arena *a = arena_new(0);
    struct str code = json_str(json_get_z(answer, "error"));
    struct str message = json_str(json_get_z(answer, "message"));

    if (!str_present(code))
        code = STR("unknown");
    if (status >= 400)
        code = arena_strf(a, STR_FMT ", HTTP %d", STR_ARG(code), status);
    (void)client_complain(0, "An error occurred (" STR_FMT ") when calling %s: " STR_FMT,
                          STR_ARG(text_plain(a, code)), op->names[0],
                          STR_ARG(text_plain(a, message)));
    print_items(a, json_get_z(answer, "errors"));
}

int connect_ask(struct client *c, const char *operation, const struct json *params,
                const struct json **out)
{
    const struct operation *op = operation_find(c->operations, str_from_z(operation));
    int status = 0;
    int code;

    if (!op)
        return client_complain(CLIENT_ERROR, "this version has no operation %s", operation);
    code = connect_call(c, op, params, &status, out);
    if (code)
        return code;
    if (!connect_refuses(op, status, *out))
        return 0;
    connect_print_refusal(op, status, *out);
    return CLIENT_REFUSED;
}

const struct json *json_object_with(struct arena *a, const char *name, struct str value)
{
    struct json *out = arena_new_of(a, struct json);

    out->kind = JS_OBJECT;
    out->members = arena_new_of(a, struct json_member);
    if (str_present(value))
        out->members[out->len++] =
            (struct json_member){str_from_z(name), {.kind = JS_STR, .string = value}};
    return out;
}
