/*
 * Looks at an execution until it ends: a picture on a terminal, a line for every change elsewhere.
 * What was seen last and what is seen now live in two arenas that take turns, so that watching for
 * a day needs no more memory than watching for a second.
 */
#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <sys/ioctl.h>
#include <termios.h>
#include <unistd.h>

#include "base/ports_system.h"
#include "edge/client/client_internal.h"
#include "edge/client/watch.h"

enum {
    LOOK_EVERY_MS = 400,
    PATIENCE_MS = 60000,
    ROTATION_MS = 5000, /* from the end of one credential until client.json has the next */
    PICTURE_MAX = 1 << 20,
};

struct watch {
    struct client *client;
    const struct watching *options;
    bool live;      /* both ends are a terminal: draw and take keys */
    size_t drawn;   /* lines to go up before the next picture */
    size_t columns; /* of the terminal when they were drawn */
    const struct json *seen;
    int64_t silent_since_ms;      /* 0: the last look was answered */
    int64_t turned_away_since_ms; /* 0: the credential is known */
    int64_t approved_wave;        /* the gate that was opened last, so that it is opened once */
};

/*
 * What to do when interrupted or suspended. It is done right there, whatever is being waited for:
 * an answer may take a minute. So only calls that a signal handler may make.
 */
static struct {
    struct termios terminal; /* as it was found */
    struct termios keys;     /* as it is while we watch */
    volatile sig_atomic_t raw;
    volatile sig_atomic_t away; /* somebody else has written on it */
    char message[256];
    size_t message_len;
} at_interrupt;

static void on_interrupt(int signal_number)
{
    (void)signal_number;
    if (at_interrupt.raw)
        (void)tcsetattr(STDIN_FILENO, TCSANOW, &at_interrupt.terminal);
    (void)!write(STDERR_FILENO, at_interrupt.message, at_interrupt.message_len);
    _exit(CLIENT_INTERRUPTED);
}

/* Ctrl-Z: the shell gets its terminal back, and we get ours when we are brought to the front. */
static void on_suspend(int signal_number)
{
    int kept = errno;

    (void)signal_number;
    if (at_interrupt.raw)
        (void)tcsetattr(STDIN_FILENO, TCSANOW, &at_interrupt.terminal);
    (void)raise(SIGSTOP);
    if (at_interrupt.raw)
        (void)tcsetattr(STDIN_FILENO, TCSANOW, &at_interrupt.keys);
    at_interrupt.away = 1;
    errno = kept;
}

static struct str goes_on(const struct watch *w)
{
    return arena_strf(w->client->arena, "it goes on: drwave watch " STR_FMT "\n",
                      STR_ARG(w->options->execution_id));
}

static void catch_signals(const struct watch *w)
{
    static const int ends[] = {SIGINT, SIGTERM, SIGQUIT, SIGHUP};
    struct sigaction action = {.sa_handler = on_interrupt};
    struct sigaction suspend = {.sa_handler = on_suspend, .sa_flags = SA_RESTART};
    struct str message = str_slice(goes_on(w), 0, sizeof(at_interrupt.message));

    memcpy(at_interrupt.message, message.ptr, message.len);
    at_interrupt.message_len = message.len;
    (void)sigemptyset(&action.sa_mask);
    for (size_t i = 0; i < ARRAY_LEN(ends); i++) {
        struct sigaction found;

        if (sigaction(ends[i], NULL, &found) == 0 && found.sa_handler != SIG_IGN) /* nohup */
            (void)sigaction(ends[i], &action, NULL);
    }
    (void)sigemptyset(&suspend.sa_mask);
    (void)sigaction(SIGTSTP, &suspend, NULL);
}

/* Keys arrive at once and are not shown. */
static void terminal_open(void)
{
    if (tcgetattr(STDIN_FILENO, &at_interrupt.terminal) != 0)
        return;
    at_interrupt.keys = at_interrupt.terminal;
    at_interrupt.keys.c_lflag &= (tcflag_t) ~(ICANON | ECHO);
    at_interrupt.raw = 1;
    (void)tcsetattr(STDIN_FILENO, TCSANOW, &at_interrupt.keys);
}

static void terminal_close(const struct watch *w)
{
    if (w->live && at_interrupt.raw)
        (void)tcsetattr(STDIN_FILENO, TCSANOW, &at_interrupt.terminal);
}

static struct picture picture_of(const struct watch *w, struct buf *b)
{
    struct winsize size = {0};

    if (!w->live || ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) != 0 || size.ws_col == 0)
        size = (struct winsize){.ws_col = 100, .ws_row = 40};
    return (struct picture){
        .arena = w->client->arena,
        .out = b,
        .now_ms = clock_wall_ms(clock_system()),
        .columns = size.ws_col,
        .rows = size.ws_row,
    };
}

static void put(const struct buf *b)
{
    (void)fwrite(b->ptr, 1, b->len, stdout);
    (void)fflush(stdout);
}

static bool is_status(const struct json *execution, const char *status)
{
    return str_eq_z(json_str(json_get_z(execution, "status")), status);
}

static bool is_over(const struct json *execution)
{
    return is_status(execution, "COMPLETED") || is_status(execution, "FAILED") ||
           is_status(execution, "CANCELLED");
}

/* The number of the wave whose gate holds the execution, or -1. */
static int64_t gate_of(const struct json *execution)
{
    const struct json *waves = json_get_z(execution, "waves");

    if (!is_status(execution, "PAUSED"))
        return -1;
    for (size_t i = 0; json_is(waves, JS_ARRAY) && i < waves->len; i++)
        if (is_status(&waves->items[i], "WAITING_APPROVAL"))
            return json_int(json_get_z(&waves->items[i], "waveNumber"), 0);
    return json_int(json_get_z(execution, "pausedBeforeWave"), 0);
}

/*
 * Whether a refusal is worth waiting for: the credential came from client.json, was good a moment
 * ago, and is being replaced.
 */
static bool may_be_rotated(struct watch *w, int status)
{
    int64_t clock = clock_mono_ms(clock_system());

    if (status != CONNECT_TURNED_AWAY || !w->client->token_of_file ||
        !(w->seen || w->options->reached))
        return false;
    if (!w->turned_away_since_ms)
        w->turned_away_since_ms = clock;
    return clock - w->turned_away_since_ms < ROTATION_MS;
}

static int approve(struct watch *w, int64_t wave)
{
    struct client *c = w->client;
    const struct operation *op = operation_find(c->operations, STR("resume_execution"));
    const struct json *answer;
    int status = 0;
    int code;

    if (!op)
        return client_complain(CLIENT_ERROR, "this version cannot resume executions");
    code = connect_call(c, op, json_object_with(c->arena, "executionId", w->options->execution_id),
                        &status, &answer);
    if (code)
        return code;
    if (may_be_rotated(w, status))
        return 0;
    if (connect_refuses(op, status, answer)) {
        connect_print_refusal(op, status, answer);
        return CLIENT_REFUSED;
    }
    w->approved_wave = wave;
    return 0;
}

/*
 * The picture before goes, unless somebody has written below it. A terminal that has become
 * narrower has wrapped its lines, and nobody knows where: then the whole screen goes with it.
 */
static void erase(struct watch *w, struct picture *p)
{
    if (at_interrupt.away)
        w->drawn = 0;
    at_interrupt.away = 0;
    if (w->drawn && w->columns != p->columns)
        buf_add_z(p->out, "\033[2J\033[H");
    else if (w->drawn)
        buf_addf(p->out, "\033[%zuA\r\033[J", w->drawn);
}

static void draw(struct watch *w, const struct json *now, bool silent)
{
    struct client *c = w->client;
    struct buf b = buf_new(c->arena, PICTURE_MAX);
    struct picture p = picture_of(w, &b);
    int64_t gate = gate_of(now);

    erase(w, &p);
    draw_execution(&p, now);
    if (silent)
        draw_prompt(&p, STR("the service does not answer; trying again"), STR("q stop watching"));
    else if (gate >= 0)
        draw_prompt(&p, arena_strf(c->arena, "wave %d waits for approval:", (int)gate),
                    STR("r resume   q stop watching"));
    else
        draw_prompt(&p, STR(""), STR("q stop watching"));
    w->drawn = p.lines;
    w->columns = p.columns;
    put(&b);
}

static void tell(struct watch *w, const struct json *now)
{
    struct client *c = w->client;
    struct buf b = buf_new(c->arena, PICTURE_MAX);
    struct picture p = picture_of(w, &b);
    int64_t gate = gate_of(now);

    draw_changes(&p, w->seen, now);
    if (gate >= 0 && gate_of(w->seen) != gate && !w->options->approve)
        buf_addf(&b, "            wave %d waits for approval: drwave resume " STR_FMT "\n",
                 (int)gate, STR_ARG(w->options->execution_id));
    put(&b);
}

/* Waits for a key or the time of the next look. 0: nothing was pressed. */
static char wait_key(const struct watch *w)
{
    struct pollfd in = {.fd = STDIN_FILENO, .events = POLLIN};
    char key = 0;

    if (poll(&in, w->live ? 1 : 0, LOOK_EVERY_MS) > 0 && (in.revents & POLLIN) &&
        read(STDIN_FILENO, &key, 1) != 1)
        key = 'q'; /* the terminal is gone */
    return key;
}

/*
 * One look. 0 to go on. A service that does not answer any more is being restarted, as a rule: the
 * execution goes on with it, so do we. One that never answered is said at once.
 */
static int look(struct watch *w, const struct json **now)
{
    struct client *c = w->client;
    const struct operation *op = operation_find(c->operations, STR("get_execution_details"));
    int64_t clock = clock_mono_ms(clock_system());
    int status = 0;
    int code;

    if (!op)
        return client_complain(CLIENT_ERROR, "this version cannot look at an execution");
    c->quiet = (w->seen || w->options->reached) &&
               (!w->silent_since_ms || clock - w->silent_since_ms < PATIENCE_MS);
    code = connect_call(c, op, json_object_with(c->arena, "executionId", w->options->execution_id),
                        &status, now);
    if (code == 0 && status < 400) {
        w->silent_since_ms = 0;
        w->turned_away_since_ms = 0;
        return 0;
    }
    if (code == 0 && may_be_rotated(w, status)) {
        *now = NULL;
        return 0;
    }
    if (code == 0 && status < 500) {
        connect_print_refusal(op, status, *now);
        return CLIENT_REFUSED;
    }
    *now = NULL;
    if (!w->silent_since_ms)
        w->silent_since_ms = clock;
    return c->quiet ? 0 : CLIENT_ERROR;
}

static void summarise(struct watch *w, const struct json *execution)
{
    struct buf b = buf_new(w->client->arena, PICTURE_MAX);
    struct picture p = picture_of(w, &b);

    erase(w, &p);
    draw_summary(&p, execution);
    put(&b);
}

int watch_verdict(const struct json *execution)
{
    struct str outcome = json_str(json_get_z(execution, "outcome"));

    if (!is_status(execution, "COMPLETED"))
        return CLIENT_ENDED_BADLY;
    if (str_eq_z(outcome, "COMPLETED_WITH_SKIPS"))
        return CLIENT_ENDED_SKIPPING;
    return str_eq_z(outcome, "SUCCEEDED") ? CLIENT_DONE : CLIENT_ENDED_BADLY;
}

/* What to do with what was seen. -1 to go on, else the exit code. */
static int react(struct watch *w, const struct json *now)
{
    int64_t gate;

    if (!w->live)
        tell(w, now);
    if (is_over(now)) {
        summarise(w, now);
        return watch_verdict(now);
    }
    gate = gate_of(now);
    if (gate >= 0 && w->options->approve && w->approved_wave != gate) {
        int code = approve(w, gate);

        return code ? code : -1;
    }
    return -1;
}

static int take_key(struct watch *w, const struct json *now, char key)
{
    if (key == 'q') {
        (void)fprintf(stderr, STR_FMT, STR_ARG(goes_on(w)));
        return CLIENT_DONE;
    }
    if (key == 'r' && now && gate_of(now) >= 0) {
        int code = approve(w, gate_of(now));

        return code ? code : -1;
    }
    return -1;
}

static int watch_loop(struct watch *w, struct arena *arenas[2])
{
    int code = -1;

    for (unsigned turn = 0; code < 0; turn++) {
        const struct json *now = NULL;

        arena_reset(arenas[turn % 2]);
        w->client->arena = arenas[turn % 2];
        code = look(w, &now);
        if (code == 0)
            code = now ? react(w, now) : -1;
        if (w->live && code < 0 && (now || w->seen))
            draw(w, now ? now : w->seen, !now);
        if (code < 0)
            code = take_key(w, now, wait_key(w));
        if (now)
            w->seen = now;
        else
            turn++; /* what was seen last stays where it is */
    }
    return code;
}

int watch_execution(struct client *c, const struct watching *options)
{
    struct arena *own = c->arena;
    struct arena *arenas[2] = {arena_new(0), arena_new(0)};
    struct watch w = {
        .client = c,
        .options = options,
        .live = c->terminal && isatty(STDIN_FILENO),
        .approved_wave = -1,
    };
    int code;

    catch_signals(&w);
    if (w.live)
        terminal_open();
    code = watch_loop(&w, arenas);
    terminal_close(&w);
    c->arena = own;
    c->quiet = false;
    arena_free(arenas[0]);
    arena_free(arenas[1]);
    return code;
}
