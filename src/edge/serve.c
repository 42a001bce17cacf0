/* Wiring: every port gets its implementation here, and here alone. */
#include "edge/serve.h"

#include <errno.h>
#include <malloc.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <stdnoreturn.h>
#include <sys/stat.h>
#include <unistd.h>

#include "api/workflow.h"
#include "aws/aws.h"
#include "base/file.h"
#include "base/log.h"
#include "base/ports_system.h"
#include "edge/authenticate.h"
#include "edge/edge.h"
#include "edge/host_guard.h"
#include "edge/hub.h"
#include "edge/observe.h"
#include "edge/sd_notify.h"
#include "edge/secrets_file.h"
#include "edge/settings.h"
#include "edge/tls_files.h"
#include "edge/trust.h"
#include "flow/flow.h"
#include "net/http_client.h"
#include "net/http_server.h"
#include "ops/context.h"
#include "ops/snapshots.h"
#include "store/store.h"

extern char **environ;

enum {
    EXIT_CANNOT_START = 1,
    EXIT_BAD_FLAGS = 252,
    /* Of the 10 s that SIGTERM gives; the rest is for the store. */
    STOP_GRACE_MS = 5000, /* for requests to end by themselves */
    STOP_HURRY_MS = 3000, /* once nobody waits for AWS any more */
    AWS_QUEUE_MAX = 1024,
    WORKFLOW_QUEUE_MAX = 1024,
    WAITING_PER_AWS_WORKER = 4,
    /* Executions that wait for an answer of AWS at once; each is a thread while it does. */
    WORKFLOW_WAITING_MAX = 256,
    WATCHDOG_DEFAULT_MS = 3600000,
    LARGE_BLOCK = 256 << 10,
};

/* Everything that runs; taken down in the reverse order of its making. */
struct serve {
    struct arena *arena; /* of the process */
    struct settings settings;
    struct secrets *secrets;
    struct store *store;
    struct authenticator authenticator;
    struct transport *transport;
    struct transport *metadata_transport;
    struct run *aws_run;
    struct run *workflow_run;
    struct aws *aws;
    struct hub *hub;
    struct snapshots *snapshots;
    struct workflow_settings workflow;
    struct api_pin pins[3];
    struct api api;
    struct flow_tasks *tasks;
    struct flow_engine *engine;
    struct edge *edge;
    struct http_server *server;
    atomic_bool stopping;
};

/* ---- what the world sees of it ---- */

static struct str from_environment(void *context, const char *name)
{
    const char *value = getenv(name);

    (void)context;
    return value && *value ? str_from_z(value) : (struct str){0};
}

static const char *setting_from_environment(void *context, const char *name)
{
    (void)context;
    return getenv(name);
}

static void tell_systemd(const char *message)
{
    (void)sd_notify(from_environment(NULL, "NOTIFY_SOCKET"), str_from_z(message));
}

static int cannot_start(struct str why)
{
    (void)fprintf(stderr, "drwave serve: " STR_FMT "\n", STR_ARG(why));
    return EXIT_CANNOT_START;
}

static void poke(void *context)
{
    struct serve *s = context;

    flow_poke(s->engine);
}

/* ---- settings ---- */

static bool use_json_log(const struct settings *s)
{
    if (s->log_format == SETTINGS_LOG_AUTO)
        return !isatty(STDERR_FILENO);
    return s->log_format == SETTINGS_LOG_JSON;
}

/* True when serve shall go on; otherwise *status is the exit status. */
static bool read_settings(struct serve *s, int argc, char **argv, int *status)
{
    const char **flags = arena_array_of(s->arena, (size_t)argc + 1, const char *);
    struct settings_input in = {
        .flags = flags, .environment = setting_from_environment, .root = geteuid() == 0};
    struct settings_request request = {0};
    struct faults faults;
    struct log_options log;

    for (int i = 1; i < argc; i++)
        flags[i - 1] = argv[i];
    faults_init(&faults, s->arena);
    *status = 0;
    if (settings_load(s->arena, &in, &s->settings, &request, &faults)) {
        for (size_t i = 0; i < faults.len; i++)
            (void)fprintf(stderr, "drwave serve: " STR_FMT "\n", STR_ARG(faults.items[i].message));
        *status = EXIT_BAD_FLAGS;
        return false;
    }
    if (request.help || request.print) {
        struct str text =
            request.help ? settings_help(s->arena) : settings_print(s->arena, &s->settings);

        (void)printf(STR_FMT, STR_ARG(text));
        return false;
    }
    log = (struct log_options){.json = use_json_log(&s->settings),
                               .level = (enum log_level)s->settings.log_level,
                               .fd = STDERR_FILENO};
    log_open(&log);
    settings_warn_of_stray(s->arena, environ);
    return true;
}

/* ---- making, floor by floor ---- */

/* Somebody's folder with other things in it keeps its mode: it may be /tmp. */
static enum fault make_folder(struct serve *s, struct str *why)
{
    const char *path = arena_z(s->arena, s->settings.data);
    enum fault f = file_make_folder(s->arena, s->settings.data, why);
    struct stat st;

    if (f || stat(path, &st))
        return f ? f : FAULT_STORE_ERROR;
    if (!(st.st_mode & 077) || (file_folder_is_empty(path) && !chmod(path, 0700)))
        return FAULT_NONE;
    *why = arena_strf(s->arena,
                      "others may read the data folder %s (mode %o): name one of its own, or "
                      "chmod 700",
                      path, st.st_mode & 07777);
    return FAULT_STORE_ERROR;
}

static enum fault make_store(struct serve *s, struct str *why)
{
    struct sqlite_options options = {
        .path = arena_strf(s->arena, STR_FMT "/drwave.db", STR_ARG(s->settings.data)),
        .served_before = credentials_exist(s->arena, s->settings.data)};
    struct store_ports ports;

    s->secrets = secrets_file_new(arena_strf(s->arena, STR_FMT "/keys", STR_ARG(s->settings.data)),
                                  entropy_system());
    ports = (struct store_ports){.clock = clock_system(),
                                 .entropy = entropy_system(),
                                 .secrets = s->secrets,
                                 .damaged = observe_damage};
    if (options.served_before && access(arena_z(s->arena, options.path), F_OK))
        log_event(LOG_WARN, LOG_STORE, LOG_STR("path", options.path),
                  LOG_STR("why", STR("the record is not there and a new one is begun; if it should "
                                     "be, stop and put it back")));
    return store_sqlite_open(&options, &ports, s->arena, &s->store, why);
}

static enum fault make_aws(struct serve *s, struct str *why)
{
    struct http_client_options direct = {.no_proxy = true};
    struct http_client_options plain = {.handles_max = (unsigned)s->settings.aws_workers};
    struct aws_options options = {
        .clock = clock_system(),
        .entropy = entropy_system(),
        .environment = from_environment,
        .observer = observe_aws,
    };
    enum fault f = trust_file(s->settings.aws_ca_bundle, &options, s->arena, &plain.ca_file, why);

    if (f)
        return f;
    direct.ca_file = plain.ca_file;
    s->transport = http_client_new(&plain);
    s->metadata_transport = http_client_new(&direct);
    s->aws_run = run_pool_new((unsigned)s->settings.aws_workers, AWS_QUEUE_MAX);
    options.transport = s->transport;
    options.metadata_transport = s->metadata_transport;
    options.run = s->aws_run;
    s->aws = aws_new(&options);
    s->hub = hub_new(&(struct hub_options){.aws = s->aws,
                                           .clock = clock_system(),
                                           .run = s->aws_run,
                                           .region = s->settings.aws_region,
                                           .configured = s->settings.aws_account_id});
    s->snapshots = snapshots_new(clock_system());
    return FAULT_NONE;
}

static size_t make_pins(struct serve *s)
{
    const struct {
        enum function function;
        int setting;
    } given[] = {
        {FUNCTION_DATA_MANAGEMENT, s->settings.dialect_data},
        {FUNCTION_EXECUTION, s->settings.dialect_execution},
        {FUNCTION_QUERY, s->settings.dialect_query},
    };
    size_t n = 0;

    for (size_t i = 0; i < ARRAY_LEN(given); i++)
        if (given[i].setting != SETTINGS_DIALECT_BY_NAME)
            s->pins[n++] = (struct api_pin){
                given[i].function,
                given[i].setting == SETTINGS_DIALECT_API ? DIALECT_API : DIALECT_EVENT};
    return n;
}

static void make_api(struct serve *s)
{
    struct workflow_settings standard = WORKFLOW_DEFAULTS;

    s->workflow = standard;
    s->workflow.visibility_ms = s->settings.drs_visibility_s * 1000;
    s->workflow.poll_min_ms = s->settings.poll_min_ms;
    s->workflow.poll_max_ms = s->settings.poll_max_ms;
    s->api = (struct api){
        .store = s->store,
        .aws = s->aws,
        .run = s->aws_run,
        .clock = clock_system(),
        .entropy = entropy_system(),
        .snapshots = s->snapshots,
        .hub_account = hub_account,
        .hub_context = s->hub,
        .poke_workflow = poke,
        .poke_context = s,
        .workflow = &s->workflow,
        .pins = s->pins,
        .pins_len = make_pins(s),
    };
}

static void make_workflow(struct serve *s)
{
    struct flow_options options = {
        .store = s->store,
        .clock = clock_system(),
        .entropy = entropy_system(),
        .observe = observe_flow,
    };

    /* One of them hands out what is due. */
    s->workflow_run = run_pool_new_spare((unsigned)s->settings.workflow_workers + 1,
                                         WORKFLOW_WAITING_MAX, WORKFLOW_QUEUE_MAX);
    s->tasks = api_workflow_tasks(s->arena, &s->api);
    options.run = s->workflow_run;
    options.tasks = s->tasks;
    s->engine = flow_engine_new(&options);
}

static enum fault make_server(struct serve *s, struct str *why)
{
    const struct settings *set = &s->settings;
    struct edge_options edge = {
        .api = &s->api,
        .clock = clock_system(),
        .entropy = entropy_system(),
        .authenticate = authenticate,
        .authenticate_context = &s->authenticator,
        .loopback = host_guard_is_loopback(set->listen_address),
        .host_names = set->host_names,
        .stopping = &s->stopping,
    };
    struct http_server_options options = {
        .address = set->listen_address,
        .port = set->listen_port,
        .limits = {.body_max = (size_t)set->body_limit_bytes,
                   .connections_max = (unsigned)set->connections_max,
                   .idle_timeout_s = (unsigned)set->idle_timeout_s,
                   .workers = (unsigned)set->workers,
                   .queue_max = (unsigned)set->queue_max,
                   .waiting_max = WAITING_PER_AWS_WORKER * (unsigned)set->aws_workers},
        .handler = edge_handle,
        .refused = edge_refused,
    };
    struct tls_files tls;
    struct str wrong;
    enum fault f = tls_files_read(set, s->arena, &tls, why);

    if (f)
        return f;
    options.tls_certificate_pem = tls.certificate_pem;
    options.tls_key_pem = tls.key_pem;
    s->edge = edge_new(&edge);
    options.context = s->edge;
    f = http_server_start(&options, s->arena, &s->server, why);
    wrong = f == FAULT_INVALID_PARAMETER ? tls_files_wrong(set, s->arena, &tls) : (struct str){0};
    if (str_present(wrong))
        *why = wrong;
    return f;
}

static enum fault make_credentials(struct serve *s, struct str *why)
{
    struct credentials_options options = {
        .folder = s->settings.data,
        .region = s->settings.aws_region,
        .clock = clock_system(),
        .entropy = entropy_system(),
    };

    if (str_present(s->settings.aws_account_id))
        options.principal_arn = arena_strf(s->arena, "arn:aws:iam::" STR_FMT ":user/drwave",
                                           STR_ARG(s->settings.aws_account_id));
    s->authenticator.clock = clock_system();
    return credentials_open(&options, s->arena, &s->authenticator.credentials, why);
}

static enum fault make_everything(struct serve *s, struct str *why)
{
    enum fault f = make_folder(s, why);

    if (!f)
        f = make_store(s, why);
    if (!f)
        f = make_credentials(s, why);
    if (!f)
        f = make_aws(s, why);
    if (f)
        return f;
    make_api(s);
    make_workflow(s);
    f = make_server(s, why);
    if (!f && !flow_engine_start(s->engine)) {
        *why = STR("the workflow engine did not start");
        f = FAULT_UNAVAILABLE;
    }
    return f;
}

/* ---- life ---- */

static struct str url_of(struct serve *s, struct str address)
{
    bool v6 = str_find(address, ':') >= 0;
    const char *scheme = str_present(s->settings.tls_certificate) ? "https" : "http";

    return arena_strf(s->arena, "%s://%s" STR_FMT "%s:%u", scheme, v6 ? "[" : "", STR_ARG(address),
                      v6 ? "]" : "", http_server_port(s->server));
}

/* Where a client on this machine finds it: every address is no address to connect to. */
static struct str local_address(const struct serve *s)
{
    if (str_eq(s->settings.listen_address, STR("0.0.0.0")))
        return STR("127.0.0.1");
    return str_eq(s->settings.listen_address, STR("::")) ? STR("::1") : s->settings.listen_address;
}

static enum fault announce(struct serve *s, struct str *why)
{
    struct str url = url_of(s, s->settings.listen_address);
    enum fault f = credentials_publish(s->authenticator.credentials, s->arena,
                                       url_of(s, local_address(s)), why);

    if (f)
        return f;
    log_event(LOG_INFO, LOG_READY, LOG_STR("address", url), LOG_STR("data", s->settings.data),
              LOG_STR("version", STR(DRWAVE_VERSION)));
    (void)printf("drwave serving on " STR_FMT "\n", STR_ARG(url));
    (void)fflush(stdout);
    tell_systemd("READY=1");
    return FAULT_NONE;
}

/* Until a signal says that it is over; meanwhile the watchdog hears of us. */
static void wait_for_the_end(const sigset_t *signals)
{
    int64_t every_ms = sd_watchdog_ms(from_environment(NULL, "WATCHDOG_USEC"),
                                      from_environment(NULL, "WATCHDOG_PID"), getpid());
    int64_t wait_ms = every_ms ? every_ms : WATCHDOG_DEFAULT_MS;
    struct timespec t = {.tv_sec = (time_t)(wait_ms / 1000),
                         .tv_nsec = (int)(wait_ms % 1000) * 1000000};
    int got;

    do {
        got = sigtimedwait(signals, NULL, &t);
        if (got < 0 && errno == EAGAIN && every_ms)
            tell_systemd("WATCHDOG=1");
    } while (got < 0);
    log_event(LOG_INFO, LOG_STOP, LOG_INT("signal", got));
}

/* Calls in flight end within a second; what they began is reconciled at the next start. */
static void stop_calling_aws(struct serve *s)
{
    if (!s->aws)
        return;
    run_pool_stop(s->aws_run);
    http_client_stop(s->transport);
    http_client_stop(s->metadata_transport);
}

/* A request that is stuck still uses everything: nothing can be freed. What is durable is. */
static noreturn void leave_as_it_is(void)
{
    log_event(LOG_ERROR, LOG_STOP, LOG_STR("why", STR("a request never came back")));
    _exit(0);
}

/*
 * Newest first. Executions are not hurried: what is durable of them goes on at the next start.
 * NULLs are what was not reached.
 */
static void take_down(struct serve *s)
{
    atomic_store(&s->stopping, true);
    tell_systemd("STOPPING=1");
    if (!http_server_drain(s->server, STOP_GRACE_MS))
        log_event(LOG_WARN, LOG_STOP, LOG_STR("why", STR("requests were still running")));
    stop_calling_aws(s);
    if (!http_server_stop(s->server, STOP_HURRY_MS))
        leave_as_it_is();
    run_pool_free(s->workflow_run);
    flow_engine_free(s->engine);
    edge_free(s->edge);
    run_pool_free(s->aws_run);
    snapshots_free(s->snapshots);
    hub_free(s->hub);
    aws_free(s->aws);
    http_client_free(s->transport);
    http_client_free(s->metadata_transport);
    credentials_close(s->authenticator.credentials);
    store_close(s->store);
    secrets_file_free(s->secrets);
}

int serve_main(int argc, char **argv)
{
    struct serve s = {.arena = arena_new(0)};
    struct str why = STR("unknown");
    sigset_t signals;
    int status;

    /* Every thread inherits the mask: signals are taken in one place. */
    (void)sigemptyset(&signals);
    (void)sigaddset(&signals, SIGTERM);
    (void)sigaddset(&signals, SIGINT);
    (void)sigaddset(&signals, SIGHUP);
    (void)pthread_sigmask(SIG_BLOCK, &signals, NULL);
    (void)signal(SIGPIPE, SIG_IGN);
    (void)umask(0077);
    /* Large blocks go back to the system when a burst is over; by default the bound rises. */
    (void)mallopt(M_MMAP_THRESHOLD, LARGE_BLOCK);
    if (read_settings(&s, argc, argv, &status)) {
        enum fault f = make_everything(&s, &why);

        if (!f)
            f = announce(&s, &why);
        if (f)
            status = cannot_start(why);
        else
            wait_for_the_end(&signals);
        take_down(&s);
    }
    arena_free(s.arena);
    return status;
}
