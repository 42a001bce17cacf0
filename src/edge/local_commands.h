#ifndef EDGE_LOCAL_COMMANDS_H
#define EDGE_LOCAL_COMMANDS_H

#include "edge/client/client.h"

/*
 * The commands that work on the data folder of this machine, not through the API: `credential
 * rotate`, `backup FILE`, `restore FILE`, `new-keys`. Each takes --data and the other settings of
 * `serve`. Exit status 0, 255 when it could not be done, 252 for a wrong call.
 */
extern const struct client_command local_commands[];
extern const size_t local_commands_len;

#endif
