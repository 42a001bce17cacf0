#include "edge/local_commands.h"

#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/ports_system.h"
#include "edge/credentials_local.h"
#include "edge/secrets_file.h"
#include "edge/serve.h"
#include "edge/settings.h"
#include "store/store.h"

/* One call of one of them. */
struct local {
    struct arena *arena;
    const char *name;
    const char *word; /* what follows the name: "rotate", or a file */
    struct settings settings;
};

static const char *from_environment(void *context, const char *name)
{
    (void)context;
    return getenv(name);
}

static int complain(const struct local *l, struct str why)
{
    (void)fprintf(stderr, "drwave %s: " STR_FMT "\n", l->name, STR_ARG(why));
    return CLIENT_ERROR;
}

static int usage(const struct local *l, const char *arguments)
{
    (void)fprintf(stderr, "usage: drwave %s %s [--data FOLDER]\n", l->name, arguments);
    return CLIENT_USAGE;
}

/* True when the word and the settings are there; otherwise *status is the exit status. */
static bool read_call(struct local *l, int argc, char **argv, const char *arguments, int *status)
{
    const char **flags = arena_array_of(l->arena, (size_t)argc + 1, const char *);
    struct settings_input in = {
        .flags = flags, .environment = from_environment, .root = geteuid() == 0};
    struct settings_request request = {0};
    struct faults faults;

    l->name = argv[0];
    if (argc < 2 || argv[1][0] == '-') {
        *status = usage(l, arguments);
        return false;
    }
    l->word = argv[1];
    for (int i = 2; i < argc; i++)
        flags[i - 2] = argv[i];
    faults_init(&faults, l->arena);
    if (settings_load(l->arena, &in, &l->settings, &request, &faults) || request.help) {
        *status = usage(l, arguments);
        for (size_t i = 0; i < faults.len; i++)
            (void)complain(l, faults.items[i].message);
        return false;
    }
    return true;
}

static struct str database(const struct local *l)
{
    return arena_strf(l->arena, STR_FMT "/drwave.db", STR_ARG(l->settings.data));
}

/* A file of the caller's, as an absolute path. */
static struct str file_of(const struct local *l)
{
    char here[4096];

    if (l->word[0] == '/' || !getcwd(here, sizeof(here)))
        return str_from_z(l->word);
    return arena_strf(l->arena, "%s/%s", here, l->word);
}

static int credential(int argc, char **argv)
{
    SCOPED(arena_scope_end) struct arena *a = arena_new(0);
    struct local l = {.arena = a};
    struct credentials_options options;
    struct str why;
    int status;

    if (!read_call(&l, argc, argv, "rotate", &status))
        return status;
    if (strcmp(l.word, "rotate") != 0)
        return usage(&l, "rotate");
    options = (struct credentials_options){.folder = l.settings.data,
                                           .region = l.settings.aws_region,
                                           .clock = clock_system(),
                                           .entropy = entropy_system()};
    if (credentials_rotate(&options, a, &why))
        return complain(&l, why);
    (void)printf("A new token and access key are in " STR_FMT "/client.json; the old ones are no "
                 "longer valid.\n",
                 STR_ARG(l.settings.data));
    return 0;
}

static int backup(int argc, char **argv)
{
    SCOPED(arena_scope_end) struct arena *a = arena_new(0);
    struct local l = {.arena = a};
    struct str why;
    int status;

    if (!read_call(&l, argc, argv, "FILE", &status))
        return status;
    if (store_sqlite_backup(a, database(&l), file_of(&l), &why))
        return complain(&l, why);
    (void)printf("The record of " STR_FMT " is copied to " STR_FMT
                 ". The keys and credentials beside it are not: keep " STR_FMT "/keys too.\n",
                 STR_ARG(l.settings.data), STR_ARG(file_of(&l)), STR_ARG(l.settings.data));
    return 0;
}

static int restore(int argc, char **argv)
{
    SCOPED(arena_scope_end) struct arena *a = arena_new(0);
    struct local l = {.arena = a};
    struct store_ports ports = {.clock = clock_system(), .entropy = entropy_system()};
    struct str why;
    enum fault f;
    int status;

    if (!read_call(&l, argc, argv, "FILE", &status))
        return status;
    ports.secrets = secrets_file_new(arena_strf(a, STR_FMT "/keys", STR_ARG(l.settings.data)),
                                     entropy_system());
    f = store_sqlite_restore(a, file_of(&l), database(&l), &ports, &why);
    secrets_file_free(ports.secrets);
    if (f)
        return complain(&l, why);
    (void)printf("Restored from " STR_FMT
                 ". At the next start whatever was about to happen is looked for in DRS first.\n",
                 STR_ARG(file_of(&l)));
    return 0;
}

#define DATA_HELP                                                                             \
    "  --data FOLDER       the data folder of the service (DRWAVE_DATA; /var/lib/drwave for " \
    "root)\n"

const struct client_command local_commands[] = {
    {"serve", "", "run the service on this machine", "--listen 127.0.0.1:8080", NULL, serve_main},
    {"credential", "rotate", "make a new token and access key; the old ones end", "rotate",
     DATA_HELP "\nOn the machine of the service, as its user. A folder of `drwave aws-profile` is "
               "to be\nwritten again afterwards.\n",
     credential},
    {"backup", "FILE", "copy the record to a file, while serve runs or not",
     "/var/backups/drwave.db", DATA_HELP "\nOn the machine of the service, as its user.\n", backup},
    {"restore", "FILE", "put a backup in the record's place; refused while serve runs",
     "/var/backups/drwave.db",
     DATA_HELP "\nOn the machine of the service, as its user. Executions go on at the next start, "
               "after\nwhat a backup cannot know has been looked for in DRS.\n",
     restore},
};
const size_t local_commands_len = ARRAY_LEN(local_commands);
