#include "aws/client.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

/*
 * credential_process: a command of the user's own, run by the shell as the SDKs run it, with what
 * it prints bounded in size and time.
 */
enum { PROGRAM_OUTPUT_MAX = 1 << 16, PROGRAM_TIMEOUT_MS = 60000 };

extern char **environ;

/*
 * In a process group of its own, so that what it starts ends with it; and with signals as a shell
 * gives them: we have some blocked and one ignored.
 */
static int set_apart(posix_spawnattr_t *attributes)
{
    sigset_t none;
    sigset_t usual;
    int rc;

    (void)sigemptyset(&none);
    (void)sigfillset(&usual);
    rc = posix_spawnattr_setflags(attributes, POSIX_SPAWN_SETPGROUP | POSIX_SPAWN_SETSIGMASK |
                                                  POSIX_SPAWN_SETSIGDEF);
    if (rc == 0)
        rc = posix_spawnattr_setpgroup(attributes, 0);
    if (rc == 0)
        rc = posix_spawnattr_setsigmask(attributes, &none);
    return rc ? rc : posix_spawnattr_setsigdefault(attributes, &usual);
}

static bool start(const char *command, int out_fd, pid_t *pid)
{
    char shell[] = "/bin/sh";
    char flag[] = "-c";
    posix_spawn_file_actions_t actions;
    posix_spawnattr_t attributes;
    char *argv[4] = {shell, flag, NULL, NULL};
    int rc;

    memcpy(&argv[2], &command, sizeof(command)); /* posix_spawn does not write to it */
    if (posix_spawn_file_actions_init(&actions) != 0)
        return false;
    if (posix_spawnattr_init(&attributes) != 0) {
        (void)posix_spawn_file_actions_destroy(&actions);
        return false;
    }
    rc = set_apart(&attributes);
    if (rc == 0)
        rc = posix_spawn_file_actions_adddup2(&actions, out_fd, STDOUT_FILENO);
    if (rc == 0)
        rc = posix_spawn(pid, shell, &actions, &attributes, argv, environ);
    (void)posix_spawnattr_destroy(&attributes);
    (void)posix_spawn_file_actions_destroy(&actions);
    return rc == 0;
}

/* false: it went on for too long, or printed too much. */
static bool read_output(int fd, struct clock *clock, int64_t end, char *text, size_t *n)
{
    *n = 0;
    while (*n < PROGRAM_OUTPUT_MAX) {
        int64_t left = end - clock_mono_ms(clock);
        struct pollfd p = {.fd = fd, .events = POLLIN};
        ssize_t r;

        if (left <= 0 || (poll(&p, 1, (int)left) < 0 && errno != EINTR))
            return false;
        if (p.revents == 0)
            continue;
        r = read(fd, text + *n, PROGRAM_OUTPUT_MAX - *n);
        if (r == 0)
            return true;
        if (r < 0 && errno != EINTR)
            return false;
        *n += r > 0 ? (size_t)r : 0;
    }
    return false;
}

/* It may have closed its output and go on: then it is ended when its time is over. */
static bool await_end(pid_t pid, struct clock *clock, int64_t end, int *status)
{
    enum { LOOK_EVERY_MS = 10 };

    pid_t got = 0;

    while (got == 0 && clock_mono_ms(clock) < end) {
        got = waitpid(pid, status, WNOHANG);
        if (got < 0 && errno == EINTR)
            got = 0;
        if (got == 0)
            (void)poll(NULL, 0, LOOK_EVERY_MS);
    }
    return got == pid;
}

static void stop(pid_t pid)
{
    (void)kill(-pid, SIGKILL);
    while (waitpid(pid, NULL, 0) < 0 && errno == EINTR)
        continue;
}

static bool run_shell(const struct aws *aws, struct arena *a, struct str command, struct str *out)
{
    char *text = arena_alloc(a, PROGRAM_OUTPUT_MAX);
    struct clock *clock = aws->options.clock;
    int64_t end = clock_mono_ms(clock) + PROGRAM_TIMEOUT_MS;
    int ends[2];
    size_t n = 0;
    pid_t pid;
    bool ok;
    int status = -1;

    *out = STR("it cannot be started");
    if (pipe(ends) != 0)
        return false;
    (void)fcntl(ends[0], F_SETFD, FD_CLOEXEC);
    (void)fcntl(ends[1], F_SETFD, FD_CLOEXEC);
    ok = start(arena_z(a, command), ends[1], &pid);
    (void)close(ends[1]);
    if (ok) {
        ok = read_output(ends[0], clock, end, text, &n) && await_end(pid, clock, end, &status);
        if (!ok)
            stop(pid);
        *out = ok ? arena_strf(a, "it ended with status %d", status)
                  : STR("it took too long or printed too much");
        ok = ok && status == 0;
    }
    (void)close(ends[0]);
    if (ok)
        *out = (struct str){text, n};
    return ok;
}

bool aws_run_program(struct aws *aws, struct arena *a, struct str command, struct str *out)
{
    const struct aws_system *s = &aws->options.system;

    return s->run_program ? s->run_program(s->context, a, command, out)
                          : run_shell(aws, a, command, out);
}
