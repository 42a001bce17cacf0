#ifndef EDGE_CLIENT_CLIENT_H
#define EDGE_CLIENT_CLIENT_H

#include <stddef.h>

#include "edge/command_flag.h"

/*
 * The command line of `drwave`: every operation of the table as a command, and a few commands of
 * its own (execute, watch, resume, aws-profile, completion). Talks to a running `drwave serve` over
 * REST with the bearer token.
 *
 * Exit codes are those of the AWS CLI. 1 and 2 are there what becomes of a transfer of files: some
 * failed; some were skipped and all others done. Here that is what became of an execution. A line
 * that cannot be parsed is 252 and never 2, as its version 2 does it.
 */
enum client_exit {
    CLIENT_DONE = 0,
    CLIENT_ENDED_BADLY = 1,    /* FAILED, PARTIAL, TIMED_OUT, CANCELLED */
    CLIENT_ENDED_SKIPPING = 2, /* COMPLETED_WITH_SKIPS */
    CLIENT_INTERRUPTED = 130,
    CLIENT_USAGE = 252,
    CLIENT_CONFIGURATION = 253, /* no address or credential */
    CLIENT_REFUSED = 254,       /* by the service */
    CLIENT_ERROR = 255,         /* anything else */
};

/* A command that works on this machine's files, not through the API: wired by main.c. */
struct client_command {
    const char *name;                                        /* "backup" */
    const char *arguments;                                   /* "FILE" */
    const char *summary;                                     /* one line */
    const char *example;                                     /* arguments of one call */
    const char *help;                                        /* more lines, or NULL */
    int (*run)(int argc, char **argv);                       /* argv[0] is the command's name */
    const struct command_flag *flags;                        /* or NULL */
    const struct command_flag *(*settings)(struct arena *a); /* flags from another table, or NULL */
};

/* Known to help, completion and the man page like any other. Before client_main; static memory. */
void client_add_commands(const struct client_command *commands, size_t len);

/* argv as main() has it. Returns the exit status. */
int client_main(int argc, char **argv);

#endif
