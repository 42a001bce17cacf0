#include "edge/settings_internal.h"

#include <stddef.h>

#include "base/buf.h"
#include "base/file.h"
#include "base/str_ascii.h"
#include "edge/host_guard.h"

enum { FILE_MAX = 64 << 10, VALUE_MAX = 1024 };

static const char *const log_formats[] = {"auto", "text", "json", NULL};
static const char *const log_levels[] = {"error", "warn", "info", "debug", NULL};
static const char *const dialects[] = {"by-name", "api", "event", NULL};

static bool is_account(struct str s)
{
    for (size_t i = 0; i < s.len; i++)
        if (!ascii_is_digit(s.ptr[i]))
            return false;
    return s.len == 12;
}

static bool is_region(struct str s)
{
    for (size_t i = 0; i < s.len; i++)
        if (!ascii_is_alnum(s.ptr[i]) && s.ptr[i] != '-')
            return false;
    return s.len > 0 && s.len <= 32;
}

static bool is_host_names(struct str s)
{
    for (size_t i = 0; i < s.len; i++)
        if (!ascii_is_alnum(s.ptr[i]) && !memchr("-._,", s.ptr[i], 4))
            return false;
    return s.len > 0;
}

bool setting_is_absolute(struct str s)
{
    return str_starts(s, STR("/"));
}

/* A setting is one line of a file, and a C string for the system. */
static bool is_printable(struct str s)
{
    for (size_t i = 0; i < s.len; i++)
        if ((unsigned char)s.ptr[i] < 0x20 || s.ptr[i] == 0x7f)
            return false;
    return true;
}

#define AT(member) offsetof(struct settings, member)

const struct setting settings_rows[] = {
    {"data", NULL, SETTING_TEXT, AT(data), "", .ok = setting_is_absolute,
     .must = "an absolute path",
     .help = "folder of the database, the credentials and client.json (also DRWAVE_DATA)"},
    {"http.listen", "listen", SETTING_TEXT, AT(http_listen), "127.0.0.1:8080",
     .help = "address and port; port 0 takes a free one"},
    {"http.tls-certificate", NULL, SETTING_TEXT, AT(tls_certificate), "", .ok = setting_is_absolute,
     .must = "an absolute path", .help = "PEM file; with http.tls-key"},
    {"http.tls-key", NULL, SETTING_TEXT, AT(tls_key), "", .ok = setting_is_absolute,
     .must = "an absolute path", .help = "PEM file; with http.tls-certificate"},
    {"http.behind-proxy", "behind-proxy", SETTING_BOOL, AT(behind_proxy), "false",
     .help = "a proxy in front does TLS: listening beyond loopback without it is meant"},
    {"http.host-names", NULL, SETTING_TEXT, AT(host_names), "", .ok = is_host_names,
     .must = "host names separated by commas",
     .help = "what a proxy on this machine is called by; localhost is always allowed"},
    {"http.body-limit-bytes", NULL, SETTING_INT, AT(body_limit_bytes), "6291456", 1024, 64 << 20,
     .help = "largest body of a request"},
    {"http.connections-max", NULL, SETTING_INT, AT(connections_max), "1000", 1, 10000,
     .help = "open connections; more get 503, and silent ones make room"},
    {"http.idle-timeout-s", NULL, SETTING_INT, AT(idle_timeout_s), "30", 1, 3600,
     .help = "seconds that a client may take to send a request"},
    {"http.queue-max", NULL, SETTING_INT, AT(queue_max), "1024", 1, 100000,
     .help = "requests that wait for a worker; more get 503"},
    {"workers", NULL, SETTING_INT, AT(workers), "4", 1, 256,
     .help = "threads that answer requests"},
    {"aws.region", NULL, SETTING_TEXT, AT(aws_region), "", .ok = is_region, .must = "a region",
     .help = "region where none is named (also AWS_REGION, AWS_DEFAULT_REGION)"},
    {"aws.account-id", NULL, SETTING_TEXT, AT(aws_account_id), "", .ok = is_account,
     .must = "12 digits", .help = "the hub account; STS is asked without it"},
    {"aws.ca-bundle", NULL, SETTING_TEXT, AT(aws_ca_bundle), "", .ok = setting_is_absolute,
     .must = "an absolute path",
     .help = "PEM file of whom to trust with https to AWS (also AWS_CA_BUNDLE)"},
    {"aws.workers", NULL, SETTING_INT, AT(aws_workers), "16", 1, 256,
     .help = "threads that wait for AWS"},
    {"workflow.workers", NULL, SETTING_INT, AT(workflow_workers), "8", 1, 256,
     .help = "threads that run executions"},
    {"workflow.poll-min-ms", NULL, SETTING_INT, AT(poll_min_ms), "2000", 10, 3600000,
     .help = "shortest time between two looks at a DRS job"},
    {"workflow.poll-max-ms", NULL, SETTING_INT, AT(poll_max_ms), "30000", 10, 3600000,
     .help = "longest time between two looks at a DRS job"},
    {"drs.visibility-s", NULL, SETTING_INT, AT(drs_visibility_s), "90", 0, 3600,
     .help = "seconds until a started job is sure to be listed"},
    {"log.format", NULL, SETTING_NAME, AT(log_format), "auto", .names = log_formats,
     .help = "auto: text on a terminal, else json"},
    {"log.level", NULL, SETTING_NAME, AT(log_level), "info", .names = log_levels,
     .help = "DEBUG=true in the environment means debug"},
    {"dialect.data-management", NULL, SETTING_NAME, AT(dialect_data), "by-name", .names = dialects,
     .help = "how the data-management function answers"},
    {"dialect.execution", NULL, SETTING_NAME, AT(dialect_execution), "by-name", .names = dialects,
     .help = "how the execution function answers"},
    {"dialect.query", NULL, SETTING_NAME, AT(dialect_query), "by-name", .names = dialects,
     .help = "how the query function answers"},
};
const size_t settings_rows_len = ARRAY_LEN(settings_rows);

/* One loading. */
struct loading {
    struct arena *arena;
    const struct settings_input *in;
    struct settings *out;
    struct faults *faults;
    struct str config; /* --config */
    size_t *lines;     /* of each row: where the file sets it; 0: nowhere yet */
    bool *flagged;     /* likewise: whether a flag has; and --config, behind the last row */
};

/* ---- one value ---- */

static int name_index(const char *const *names, struct str value)
{
    for (int i = 0; names[i]; i++)
        if (str_eq_fold(value, str_from_z(names[i])))
            return i;
    return -1;
}

static struct str names_text(struct arena *a, const char *const *names)
{
    struct buf b = buf_new(a, VALUE_MAX);

    for (int i = 0; names[i]; i++)
        buf_addf(&b, "%s%s", i ? ", " : "", names[i]);
    return buf_str(&b);
}

static void *place(struct settings *s, const struct setting *row)
{
    return (char *)s + row->at;
}

/* What is wrong with the value, or absent when it was taken. */
static struct str take_value(struct arena *a, struct settings *s, const struct setting *row,
                             struct str value)
{
    void *to = place(s, row);

    if (row->kind == SETTING_BOOL)
        return str_to_bool(value, to) ? (struct str){0} : STR("true or false");
    if (row->kind == SETTING_INT) {
        int64_t n = 0;

        if (!str_to_i64(value, &n) || n < row->min || n > row->max)
            return arena_strf(a, "a number from %lld to %lld", (long long)row->min,
                              (long long)row->max);
        *(int64_t *)to = n;
    } else if (row->kind == SETTING_NAME) {
        int index = name_index(row->names, value);

        if (index < 0)
            return arena_strf(a, "one of: " STR_FMT, STR_ARG(names_text(a, row->names)));
        *(int *)to = index;
    } else {
        if (value.len > VALUE_MAX)
            return STR("shorter");
        if (!is_printable(value))
            return STR("without control characters");
        if (value.len && row->ok && !row->ok(value))
            return str_from_z(row->must);
        *(struct str *)to = value.len ? arena_str(a, value) : (struct str){0};
    }
    return (struct str){0};
}

static void apply(struct loading *l, const struct setting *row, struct str value, const char *from)
{
    struct str wanted = take_value(l->arena, l->out, row, value);

    if (str_present(wanted))
        (void)faults_add(l->faults, FAULT_INVALID_PARAMETER, str_from_z(row->name),
                         "%s: '" STR_FMT "' given in %s; must be " STR_FMT, row->name,
                         STR_ARG(str_slice(value, 0, 80)), from, STR_ARG(wanted));
}

/* ---- names ---- */

const struct setting *setting_find(struct str name)
{
    for (size_t i = 0; i < ARRAY_LEN(settings_rows); i++)
        if (str_eq_z(name, settings_rows[i].name))
            return &settings_rows[i];
    return NULL;
}

/* "http.listen" as "http-listen". */
struct str setting_flag_name(struct arena *a, const struct setting *row)
{
    size_t len = strlen(row->name);
    char *text = arena_alloc(a, len + 1);

    for (size_t i = 0; i < len; i++)
        text[i] = row->name[i] == '.' ? '-' : row->name[i];
    return (struct str){text, len};
}

static const struct setting *find_flag(struct arena *a, struct str name)
{
    for (size_t i = 0; i < ARRAY_LEN(settings_rows); i++)
        if (str_eq(name, setting_flag_name(a, &settings_rows[i])) ||
            (settings_rows[i].flag && str_eq_z(name, settings_rows[i].flag)))
            return &settings_rows[i];
    return NULL;
}

const char *setting_variable_name(struct arena *a, const struct setting *row)
{
    struct buf b = buf_new(a, VALUE_MAX);

    buf_add_z(&b, "DRWAVE_");
    for (const char *c = row->name; *c; c++)
        buf_add_char(&b, *c == '.' || *c == '-' ? '_' : ascii_upper(*c));
    return buf_str(&b).ptr;
}

/* ---- sources ---- */

static struct str variable(const struct loading *l, const char *name)
{
    const char *value = l->in->environment(l->in->context, name);

    return value && *value ? str_from_z(value) : (struct str){0};
}

/* Where state goes by the XDG rules; the service's folder for root. */
static struct str standard_data(const struct loading *l)
{
    struct str state = variable(l, "XDG_STATE_HOME");
    struct str home = variable(l, "HOME");

    if (l->in->root)
        return STR("/var/lib/drwave");
    if (str_present(state))
        return arena_strf(l->arena, STR_FMT "/drwave", STR_ARG(state));
    if (str_present(home))
        return arena_strf(l->arena, STR_FMT "/.local/state/drwave", STR_ARG(home));
    return STR("/var/lib/drwave");
}

static void from_defaults(struct loading *l)
{
    for (size_t i = 0; i < ARRAY_LEN(settings_rows); i++)
        apply(l, &settings_rows[i], str_from_z(settings_rows[i].standard), "the defaults");
    l->out->data = standard_data(l);
}

static void from_line(struct loading *l, struct str line, size_t number, const char *from)
{
    ptrdiff_t equals = str_find(line, '=');
    struct str name = str_trim(str_slice(line, 0, equals < 0 ? line.len : (size_t)equals));
    const struct setting *row = setting_find(name);

    if (equals < 0 || !row)
        (void)faults_add(l->faults, FAULT_INVALID_PARAMETER, (struct str){0},
                         equals < 0 ? "%s line %zu: '" STR_FMT "' is no 'name = value'"
                                    : "%s line %zu: there is no setting '" STR_FMT "'",
                         from, number, STR_ARG(str_slice(name, 0, 80)));
    else if (l->lines[row - settings_rows])
        (void)faults_add(l->faults, FAULT_INVALID_PARAMETER, str_from_z(row->name),
                         "%s line %zu: '%s' is set in line %zu already", from, number, row->name,
                         l->lines[row - settings_rows]);
    else
        apply(l, row, str_trim(str_slice(line, (size_t)equals + 1, line.len)), from);
    if (row && !l->lines[row - settings_rows])
        l->lines[row - settings_rows] = number;
}

static void from_file(struct loading *l)
{
    bool asked = str_present(l->config) || str_present(variable(l, "DRWAVE_CONFIG"));
    struct str path = str_present(l->config) ? l->config : variable(l, "DRWAVE_CONFIG");
    struct str rest, why;
    enum fault f;

    if (!asked)
        path = STR("/etc/drwave/drwave.conf");
    f = file_read(l->arena, path, FILE_MAX, &rest, &why);
    if (f == FAULT_NOT_FOUND && !asked)
        return;
    if (f) {
        (void)faults_add(l->faults, FAULT_INVALID_PARAMETER, STR("config"), STR_FMT, STR_ARG(why));
        return;
    }
    for (size_t number = 1; str_present(rest); number++) {
        struct str line = str_trim(str_cut(&rest, '\n'));

        if (line.len && line.ptr[0] != '#')
            from_line(l, line, number, arena_z(l->arena, path));
    }
}

/* What a person types is meant from where they stand; a file of settings stands nowhere. */
static struct str typed(const struct loading *l, const struct setting *row, struct str value)
{
    return row->ok == setting_is_absolute && value.len ? file_absolute(l->arena, value) : value;
}

static void from_environment(struct loading *l)
{
    static const struct {
        const char *variable, *name;
    } also[] = {{"AWS_DEFAULT_REGION", "aws.region"},
                {"AWS_REGION", "aws.region"},
                {"AWS_CA_BUNDLE", "aws.ca-bundle"},
                {"DRWAVE_DATA", "data"}};
    bool debug = false;

    for (size_t i = 0; i < ARRAY_LEN(also); i++)
        if (str_present(variable(l, also[i].variable))) {
            const struct setting *row = setting_find(str_from_z(also[i].name));

            apply(l, row, typed(l, row, variable(l, also[i].variable)), also[i].variable);
        }
    if (str_to_bool(variable(l, "DEBUG"), &debug) && debug)
        l->out->log_level = LOG_DEBUG;
    for (size_t i = 0; i < ARRAY_LEN(settings_rows); i++) {
        const char *name = setting_variable_name(l->arena, &settings_rows[i]);

        if (str_present(variable(l, name)))
            apply(l, &settings_rows[i], typed(l, &settings_rows[i], variable(l, name)), name);
    }
}

static bool is_request(struct str flag, struct settings_request *request)
{
    bool help = str_eq(flag, STR("--help")) || str_eq(flag, STR("-h"));
    bool print = str_eq(flag, STR("--print-config"));

    request->help |= help;
    request->print |= print;
    return help || print;
}

/* The value of flag number *i: after '=', or the next word; a switch alone means true. */
static bool flag_value(const struct loading *l, size_t *i, bool is_switch, struct str *value)
{
    struct str word = str_from_z(l->in->flags[*i]);
    ptrdiff_t equals = str_find(word, '=');

    if (equals >= 0)
        *value = str_slice(word, (size_t)equals + 1, word.len);
    else if (is_switch)
        *value = STR("true");
    else if (l->in->flags[*i + 1])
        *value = str_from_z(l->in->flags[++*i]);
    else
        return false;
    return true;
}

/* row NULL: --config, which was read before. */
static void take_flag(struct loading *l, const struct setting *row, struct str word,
                      struct str value)
{
    struct str rest = word;
    struct str flag = str_cut(&rest, '=');
    bool *before = &l->flagged[row ? row - settings_rows : (ptrdiff_t)settings_rows_len];

    if (*before)
        (void)faults_add(l->faults, FAULT_INVALID_PARAMETER, str_from_z(row ? row->name : "config"),
                         "the flag '" STR_FMT "' is given twice", STR_ARG(flag));
    else if (row)
        apply(l, row, typed(l, row, value), arena_z(l->arena, word));
    *before = true;
}

/* Twice over the flags: `values` false finds the file's name, true takes the settings. */
static void from_flags(struct loading *l, struct settings_request *request, bool values)
{
    for (size_t i = 0; l->in->flags[i]; i++) {
        struct str word = str_from_z(l->in->flags[i]), value = {0};
        struct str name = str_slice(word, 2, word.len);
        const struct setting *row;
        bool config;

        if (is_request(word, request))
            continue;
        name = str_cut(&name, '=');
        config = str_eq(name, STR("config"));
        row = str_starts(word, STR("--")) ? find_flag(l->arena, name) : NULL;
        if (!row && !config) {
            if (values)
                (void)faults_add(l->faults, FAULT_INVALID_PARAMETER, (struct str){0},
                                 "there is no flag '" STR_FMT "'", STR_ARG(word));
        } else if (!flag_value(l, &i, row && row->kind == SETTING_BOOL, &value)) {
            if (values)
                (void)faults_add(l->faults, FAULT_MISSING_PARAMETER, (struct str){0},
                                 "the flag '" STR_FMT "' needs a value", STR_ARG(word));
        } else if (values) {
            take_flag(l, row, word, value);
        } else if (config) {
            l->config = value;
        }
    }
}

/* ---- what must fit together ---- */

static bool split_listen(struct settings *s)
{
    struct str all = s->http_listen;
    size_t colon = all.len;
    int64_t port = 0;

    while (colon && all.ptr[colon - 1] != ':')
        colon--;
    if (!colon || !str_to_i64(str_slice(all, colon, all.len), &port) || port < 0 || port > 65535)
        return false;
    s->listen_address = str_slice(all, 0, colon - 1);
    if (str_starts(s->listen_address, STR("[")) && str_ends(s->listen_address, STR("]")))
        s->listen_address = str_slice(s->listen_address, 1, s->listen_address.len - 1);
    else if (str_find(s->listen_address, ':') >= 0)
        return false;
    if (str_eq(s->listen_address, STR("localhost")))
        s->listen_address = STR("127.0.0.1");
    s->listen_port = (uint16_t)port;
    return host_guard_is_address(s->listen_address);
}

static void check_together(struct loading *l)
{
    struct settings *s = l->out;
    bool tls = str_present(s->tls_certificate);

    if (!str_present(s->data))
        (void)faults_add(l->faults, FAULT_INVALID_PARAMETER, STR("data"),
                         "data: must name a folder, as in /var/lib/drwave");
    if (tls != str_present(s->tls_key))
        (void)faults_add(l->faults, FAULT_INVALID_PARAMETER, STR("http.tls-key"),
                         "http.tls-certificate and http.tls-key belong together");
    if (s->poll_min_ms > s->poll_max_ms)
        (void)faults_add(l->faults, FAULT_INVALID_PARAMETER, STR("workflow.poll-min-ms"),
                         "workflow.poll-min-ms is greater than workflow.poll-max-ms");
    if (!split_listen(s))
        (void)faults_add(l->faults, FAULT_INVALID_PARAMETER, STR("http.listen"),
                         "http.listen: '" STR_FMT "' must be an IP address and a port, as in "
                         "127.0.0.1:8080 or [::1]:8080",
                         STR_ARG(s->http_listen));
    else if (!host_guard_is_loopback(s->listen_address) && !tls && !s->behind_proxy)
        (void)faults_add(l->faults, FAULT_INVALID_PARAMETER, STR("http.listen"),
                         "http.listen: " STR_FMT " can be reached from other machines; give "
                         "http.tls-certificate and http.tls-key, or --behind-proxy when a proxy "
                         "in front does TLS",
                         STR_ARG(s->http_listen));
}

enum fault settings_load(struct arena *a, const struct settings_input *in, struct settings *out,
                         struct settings_request *request, struct faults *faults)
{
    struct loading l = {.arena = a,
                        .in = in,
                        .out = out,
                        .faults = faults,
                        .lines = arena_array_of(a, settings_rows_len, size_t),
                        .flagged = arena_array_of(a, settings_rows_len + 1, bool)};

    *out = (struct settings){0};
    *request = (struct settings_request){0};
    from_flags(&l, request, false);
    from_defaults(&l);
    from_file(&l);
    from_environment(&l);
    from_flags(&l, request, true);
    check_together(&l);
    return faults_first(faults);
}
