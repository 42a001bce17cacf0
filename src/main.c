/* The program: `drwave serve` runs the server, everything else is the client. */
#include <fcntl.h>
#include <string.h>

#include "edge/client/client.h"
#include "edge/local_commands.h"
#include "edge/serve.h"

/* Else the first file that is opened takes the place of a closed stream, and is written to. */
static bool open_streams(void)
{
    int fd = 0;

    while (fd >= 0 && fd <= 2)
        fd = fcntl(fd, F_GETFD) < 0 ? open("/dev/null", O_RDWR) : fd + 1;
    return fd >= 0;
}

int main(int argc, char **argv)
{
    if (!open_streams())
        return 1;
    if (argc > 1 && strcmp(argv[1], "serve") == 0)
        return serve_main(argc - 1, argv + 1);
    client_add_commands(local_commands, local_commands_len);
    return client_main(argc, argv);
}
