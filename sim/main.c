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
    bool verbose;
};

static void usage(FILE *out)
{
    (void)fputs("usage: drwave-sim [--listen ADDRESS:PORT] [--scenario FILE] [--speed N]\n"
                "                  [--seed N] [--state FILE]\n\n"
                "A double of AWS DRS, EC2, STS and IAM. Port 0 takes any free one; the line\n"
                "'drwave-sim listening on http://ADDRESS:PORT' says which.\n\n"
                "  --scenario FILE  the world to begin with (sim/scenarios/*.json)\n"
                "  --speed N        every duration of the model is divided by N\n"
                "  --seed N         ids and jitter derive from it\n"
                "  --state FILE     keep the state here; a later start goes on from it\n",
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

static bool parse_number(const char *text, double *out)
{
    char *end = NULL;

    *out = strtod(text, &end);
    return end != text && *end == '\0' && *out > 0;
}

/* 0: go on; else the exit status plus one. */
static int parse_arguments(int argc, char **argv, struct arguments *out)
{
    static const struct option options[] = {
        {"listen", required_argument, NULL, 'l'}, {"scenario", required_argument, NULL, 'c'},
        {"speed", required_argument, NULL, 'p'},  {"seed", required_argument, NULL, 's'},
        {"state", required_argument, NULL, 'f'},  {"help", no_argument, NULL, 'h'},
        {"version", no_argument, NULL, 'v'},      {NULL, 0, NULL, 0},
    };
    double number = 0;
    int option;

    while ((option = getopt_long(argc, argv, "", options, NULL)) != -1) {
        bool ok = true;

        if (option == 'l')
            out->listen = optarg;
        else if (option == 'c')
            out->scenario = optarg;
        else if (option == 'f')
            out->state = optarg;
        else if (option == 'p')
            ok = parse_number(optarg, &out->speed);
        else if (option == 's')
            ok = parse_number(optarg, &number);
        else if (option == 'v')
            (void)puts("drwave-sim " DRWAVE_VERSION);
        else
            usage(option == 'h' ? stdout : stderr);
        out->seed = (uint64_t)number;
        if (option == 'h' || option == 'v')
            return 1;
        if (!ok || option == '?')
            return 3;
    }
    return optind < argc ? 3 : 0;
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
    s->state_file = args->state;
    if (!sim_new(&options, a, &s->sim, &why))
        return true;
    (void)fprintf(stderr, "drwave-sim: " STR_FMT "\n", STR_ARG(why));
    return false;
}

static int serve(const struct arguments *args, struct arena *a, struct server *s)
{
    struct http_server_options options = {.handler = handle, .context = s, .own_dates = true};
    struct http_server *http = NULL;
    struct str why;
    sigset_t stop;
    int signal_number;

    options.limits = (struct http_limits){.body_max = 10 << 20, .header_max = 64 << 10};
    if (!split_address(str_from_z(args->listen), &options.address, &options.port)) {
        (void)fprintf(stderr, "drwave-sim: '%s' is not ADDRESS:PORT\n", args->listen);
        return 2;
    }
    (void)sigemptyset(&stop);
    (void)sigaddset(&stop, SIGINT);
    (void)sigaddset(&stop, SIGTERM);
    (void)pthread_sigmask(SIG_BLOCK, &stop, NULL);
    (void)signal(SIGPIPE, SIG_IGN);
    if (http_server_start(&options, a, &http, &why)) {
        (void)fprintf(stderr, "drwave-sim: " STR_FMT "\n", STR_ARG(why));
        return 1;
    }
    (void)printf("drwave-sim listening on http://%s" STR_FMT "%s:%u\n",
                 str_contains(options.address, STR(":")) ? "[" : "", STR_ARG(options.address),
                 str_contains(options.address, STR(":")) ? "]" : "",
                 (unsigned)http_server_port(http));
    (void)fflush(stdout);
    (void)sigwait(&stop, &signal_number);
    (void)http_server_stop(http, 1000);
    return 0;
}

int main(int argc, char **argv)
{
    struct arguments args = {.listen = "127.0.0.1:0"};
    struct server s = {.lock = PTHREAD_MUTEX_INITIALIZER};
    struct arena *a = arena_new(0);
    int status = parse_arguments(argc, argv, &args);

    if (!status)
        status = open_world(&args, a, &s) ? serve(&args, a, &s) + 1 : 2;
    sim_free(s.sim);
    arena_free(a);
    return status - 1;
}
