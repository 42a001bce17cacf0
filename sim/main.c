#include <errno.h>
#include <fcntl.h>
#include <getopt.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/ports_system.h"
#include "sim/sim.h"

/*
 * drwave-sim: the simulator behind a socket. Everything it knows is in the library; here are only
 * the arguments, one mutex, and the file that the state is kept in.
 */
struct server {
    struct sim *sim;
    pthread_mutex_t lock;
    const char *state_file; /* NULL: nothing is kept */
    uint64_t saved;
};

struct arguments {
    const char *listen;
    const char *scenario;
    const char *state;
    double speed;
    uint64_t seed;
};

static void usage(FILE *out)
{
    (void)fputs("usage: drwave-sim [--listen ADDRESS:PORT] [--scenario FILE] [--speed N]\n"
                "                  [--seed N] [--state FILE]\n\n"
                "A double of AWS DRS, EC2, STS and IAM. Port 0 takes any free one; the line\n"
                "'drwave-sim listening on http://ADDRESS:PORT' says which.\n\n"
                "  --listen ADDRESS:PORT  where to listen (127.0.0.1:0)\n"
                "  --scenario FILE        the world to begin with; without one it is empty\n"
                "  --speed N              every duration of the model is divided by N (1)\n"
                "  --seed N               ids and jitter derive from it (1)\n"
                "  --state FILE           keep the state here; a later start goes on from it\n"
                "  --help, --version\n\n"
                "Try it:\n"
                "  drwave-sim --listen 127.0.0.1:4566 --scenario sim/scenarios/three-tier.json\n"
                "  export AWS_ACCESS_KEY_ID=AKIADRWAVEHUB0000001\n"
                "  export AWS_SECRET_ACCESS_KEY=test/AKIADRWAVEHUB0000001/not-a-secret-0\n"
                "  aws --endpoint-url http://127.0.0.1:4566 --region us-east-1 \\\n"
                "      drs describe-source-servers\n",
                out);
}

static bool read_file(struct arena *a, const char *path, struct str *out)
{
    FILE *f = fopen(path, "rb");
    struct buf b = buf_new(a, (size_t)1 << 30);
    char chunk[65536];
    size_t n;

    if (!f)
        return false;
    while ((n = fread(chunk, 1, sizeof(chunk), f)) > 0)
        buf_add(&b, (struct str){chunk, n});
    n = (size_t)ferror(f);
    (void)fclose(f);
    *out = buf_str(&b);
    return n == 0 && !b.truncated;
}

static bool write_all(int fd, struct str text)
{
    while (text.len) {
        ssize_t n = write(fd, text.ptr, text.len);

        if (n < 0 && errno == EINTR)
            continue;
        if (n <= 0)
            return false;
        text = str_slice(text, (size_t)n, text.len);
    }
    return true;
}

/* Whole or not at all: a killed simulator finds the state before or after a call, never between. */
static void keep_state(struct server *s, struct arena *a)
{
    struct str path;
    bool ok;
    int fd;

    if (!s->state_file || sim_version(s->sim) == s->saved)
        return;
    path = arena_strf(a, "%s.new", s->state_file);
    fd = open(path.ptr, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
    ok = fd >= 0 && write_all(fd, sim_save(s->sim, a));
    if (fd >= 0)
        ok = close(fd) == 0 && ok;
    if (!ok || rename(path.ptr, s->state_file) != 0) {
        (void)fprintf(stderr, "drwave-sim: cannot keep the state in %s: %s\n", s->state_file,
                      strerror(errno));
        exit(1);
    }
    s->saved = sim_version(s->sim);
}

static void handle(void *context, struct arena *a, const struct http_request *request,
                   struct http_answer *answer)
{
    struct server *s = context;

    (void)pthread_mutex_lock(&s->lock);
    sim_handle(s->sim, a, request, clock_wall_ms(clock_system()), answer);
    keep_state(s, a);
    if (sim_wants_crash(s->sim))
        _exit(137);
    (void)pthread_mutex_unlock(&s->lock);
}

static bool parse_speed(const char *text, double *out)
{
    char *end = NULL;

    *out = strtod(text, &end);
    if (end != text && *end == '\0' && *out > 0 && *out <= 1e9)
        return true;
    (void)fprintf(stderr, "drwave-sim: --speed takes a number above 0, not '%s'\n", text);
    return false;
}

static bool parse_seed(const char *text, uint64_t *out)
{
    int64_t n = 0;

    if (str_to_i64(str_from_z(text), &n) && n > 0) {
        *out = (uint64_t)n;
        return true;
    }
    (void)fprintf(stderr, "drwave-sim: --seed takes a whole number above 0, not '%s'\n", text);
    return false;
}

enum { GO_ON = -1, WRONG_USE = 2 };

static int wrong_use(void)
{
    (void)fputs("Try 'drwave-sim --help'.\n", stderr);
    return WRONG_USE;
}

/* GO_ON, or the exit status. */
static int take_option(int option, struct arguments *out)
{
    if (option == 'h')
        usage(stdout);
    else if (option == 'v')
        (void)puts("drwave-sim " DRWAVE_VERSION);
    if (option == 'h' || option == 'v')
        return 0;
    if (option == 'l')
        out->listen = optarg;
    else if (option == 'c')
        out->scenario = optarg;
    else if (option == 'f')
        out->state = optarg;
    else if (option == '?' || (option == 'p' && !parse_speed(optarg, &out->speed)) ||
             (option == 's' && !parse_seed(optarg, &out->seed)))
        return wrong_use();
    return GO_ON;
}

static int parse_arguments(int argc, char **argv, struct arguments *out)
{
    static const struct option options[] = {
        {"listen", required_argument, NULL, 'l'}, {"scenario", required_argument, NULL, 'c'},
        {"speed", required_argument, NULL, 'p'},  {"seed", required_argument, NULL, 's'},
        {"state", required_argument, NULL, 'f'},  {"help", no_argument, NULL, 'h'},
        {"version", no_argument, NULL, 'v'},      {NULL, 0, NULL, 0},
    };
    int option, status = GO_ON;

    while (status == GO_ON && (option = getopt_long(argc, argv, "", options, NULL)) != -1)
        status = take_option(option, out);
    if (status != GO_ON || optind == argc)
        return status;
    (void)fprintf(stderr, "drwave-sim: what is '%s'? Everything is said by an option\n",
                  argv[optind]);
    return wrong_use();
}

static bool split_address(struct str text, struct str *address, uint16_t *port)
{
    size_t colon = text.len;
    int64_t number;

    while (colon > 0 && text.ptr[colon - 1] != ':')
        colon--;
    if (!colon || !str_to_i64(str_slice(text, colon, text.len), &number) || number < 0 ||
        number > 65535)
        return false;
    *address = str_slice(text, 0, colon - 1);
    if (address->len > 2 && address->ptr[0] == '[')
        *address = str_slice(*address, 1, address->len - 1);
    *port = (uint16_t)number;
    return true;
}

static bool open_world(const struct arguments *args, struct arena *a, struct server *s)
{
    struct sim_options options = {.seed = args->seed, .speed = args->speed};
    struct str why;

    options.wall_now_ms = clock_wall_ms(clock_system());
    if (args->scenario && !read_file(a, args->scenario, &options.scenario)) {
        (void)fprintf(stderr, "drwave-sim: cannot read %s: %s\n", args->scenario, strerror(errno));
        return false;
    }
    if (args->state && access(args->state, F_OK) == 0 &&
        !read_file(a, args->state, &options.state)) {
        (void)fprintf(stderr, "drwave-sim: cannot read %s: %s\n", args->state, strerror(errno));
        return false;
    }
    if (sim_new(&options, a, &s->sim, &why)) {
        const char *from = str_present(options.state) ? args->state : args->scenario;

        (void)fprintf(stderr, "drwave-sim: %s: " STR_FMT "\n", from, STR_ARG(why));
        return false;
    }
    s->state_file = args->state;
    s->saved = UINT64_MAX;
    keep_state(s, a); /* a file that cannot be written is told now, not at the first call */
    return true;
}

static int serve(const struct arguments *args, struct arena *a, struct server *s)
{
    struct http_server_options options = {.handler = handle, .context = s, .own_dates = true};
    struct http_server *http = NULL;
    struct str why;
    sigset_t stop;
    int signal_number;

    options.limits = (struct http_limits){.body_max = 10 << 20, .header_max = 64 << 10};
    options.arena_limit = (size_t)1 << 32; /* the whole state is an answer, and written to a file */
    if (!split_address(str_from_z(args->listen), &options.address, &options.port)) {
        (void)fprintf(stderr, "drwave-sim: '%s' is not ADDRESS:PORT, like 127.0.0.1:4566\n",
                      args->listen);
        return WRONG_USE;
    }
    (void)sigemptyset(&stop);
    (void)sigaddset(&stop, SIGINT);
    (void)sigaddset(&stop, SIGTERM);
    (void)pthread_sigmask(SIG_BLOCK, &stop, NULL);
    (void)signal(SIGPIPE, SIG_IGN);
    if (http_server_start(&options, a, &http, &why)) {
        (void)fprintf(stderr, "drwave-sim: " STR_FMT " (--listen %s)\n", STR_ARG(why),
                      args->listen);
        return 1;
    }
    (void)printf("drwave-sim listening on http://%s" STR_FMT "%s:%u\n",
                 str_contains(options.address, STR(":")) ? "[" : "", STR_ARG(options.address),
                 str_contains(options.address, STR(":")) ? "]" : "",
                 (unsigned)http_server_port(http));
    (void)fflush(stdout);
    (void)sigwait(&stop, &signal_number);
    if (!http_server_stop(http, 1000))
        _exit(0); /* a handler still runs: its world must stay */
    return 0;
}

int main(int argc, char **argv)
{
    struct arguments args = {.listen = "127.0.0.1:0"};
    struct server s = {.lock = PTHREAD_MUTEX_INITIALIZER};
    struct arena *a = arena_new(0);
    int status = parse_arguments(argc, argv, &args);

    if (status == GO_ON)
        status = open_world(&args, a, &s) ? serve(&args, a, &s) : 1;
    sim_free(s.sim);
    arena_free(a);
    return status;
}
