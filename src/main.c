/* The program: `drwave serve` runs the server, `drwave credential` changes what opens it;
 * everything else is the client. */
#include <string.h>

#include "edge/client/client.h"
#include "edge/credential_command.h"
#include "edge/serve.h"

int main(int argc, char **argv)
{
    if (argc > 1 && strcmp(argv[1], "serve") == 0)
        return serve_main(argc - 1, argv + 1);
    if (argc > 1 && strcmp(argv[1], "credential") == 0)
        return credential_main(argc - 1, argv + 1);
    return client_main(argc, argv);
}
