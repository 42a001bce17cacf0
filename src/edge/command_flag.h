#ifndef EDGE_COMMAND_FLAG_H
#define EDGE_COMMAND_FLAG_H

#include "base/buf.h"

/*
 * One flag of a command. Its help, its completion and its line in the manual come from this; tables
 * of them end with one that has no name.
 */
struct command_flag {
    const char *name;           /* "data": without the dashes */
    const char *value;          /* "FOLDER"; NULL without choices: a switch, which takes none */
    const char *help;           /* one line */
    const char *const *choices; /* what the value may be, up to NULL; NULL: anything */
    bool file;                  /* the value names one */
};

/* "FOLDER", "json|table|text", or "" for a switch. */
struct str command_flag_value(struct arena *a, const struct command_flag *flag);

/* One line for each; a name that is too wide for its column has a line to itself. */
void command_flags_help(struct arena *a, struct buf *b, const struct command_flag *flags);

#endif
