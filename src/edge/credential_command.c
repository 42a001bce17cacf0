#include "edge/credential_command.h"

#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/ports_system.h"
#include "edge/credentials_local.h"
#include "edge/settings.h"

enum { EXIT_FAILED = 1, EXIT_USAGE = 252 };

static const char *from_environment(void *context, const char *name)
{
    (void)context;
    return getenv(name);
}

static int complain(struct str message)
{
    (void)fprintf(stderr, "drwave credential: " STR_FMT "\n", STR_ARG(message));
    return EXIT_FAILED;
}

static int rotate(struct arena *a, const struct settings *s)
{
    struct credentials_options options = {.folder = s->data,
                                          .region = s->aws_region,
                                          .clock = clock_system(),
                                          .entropy = entropy_system()};
    struct str why;

    if (credentials_rotate(&options, a, &why))
        return complain(why);
    (void)printf("A new token and access key are in " STR_FMT "/client.json; the old ones are no "
                 "longer valid.\n",
                 STR_ARG(s->data));
    return 0;
}

int credential_main(int argc, char **argv)
{
    static const char usage[] = "usage: drwave credential rotate [--data FOLDER]\n";
    SCOPED(arena_scope_end) struct arena *a = arena_new(0);
    const char **flags = arena_array_of(a, (size_t)argc + 1, const char *);
    struct settings_input in = {
        .flags = flags, .environment = from_environment, .root = geteuid() == 0};
    struct settings_request request = {0};
    struct settings settings;
    struct faults faults;

    for (int i = 2; i < argc; i++)
        flags[i - 2] = argv[i];
    faults_init(&faults, a);
    if (argc < 2 || !str_eq(str_from_z(argv[1]), STR("rotate"))) {
        (void)fputs(usage, stderr);
        return EXIT_USAGE;
    }
    if (settings_load(a, &in, &settings, &request, &faults)) {
        (void)complain(faults.items[0].message);
        return EXIT_USAGE;
    }
    if (request.help) {
        (void)fputs(usage, stdout);
        return 0;
    }
    return rotate(a, &settings);
}
