/* The program: `drwave serve` runs the server, everything else is the client. */
#include <string.h>

#include "edge/client/client.h"
#include "edge/local_commands.h"
#include "edge/serve.h"

int main(int argc, char **argv)
{
    if (argc > 1 && strcmp(argv[1], "serve") == 0)
        return serve_main(argc - 1, argv + 1);
    client_add_commands(local_commands, local_commands_len);
    return client_main(argc, argv);
}
