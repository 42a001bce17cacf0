#include "edge/local_commands.h"

#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/file.h"
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
    const char *word; /* what follows the name: "rotate", or a file; NULL: nothing does */
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
    (void)fprintf(stderr, "usage: drwave %s%s%s [--data FOLDER]\n", l->name, *arguments ? " " : "",
                  arguments);
    return CLIENT_USAGE;
}

/* True when the word (none where `arguments` is empty) and the settings are there; otherwise
 * *status is the exit status. */
static bool read_call(struct local *l, int argc, char **argv, const char *arguments, int *status)
{
    const char **flags = arena_array_of(l->arena, (size_t)argc + 1, const char *);
    struct settings_input in = {
        .flags = flags, .environment = from_environment, .root = geteuid() == 0};
    struct settings_request request = {0};
    struct faults faults;
    size_t n = 0;
    int first = 1;

    l->name = argv[0];
    if (*arguments && (argc < 2 || argv[1][0] == '-')) {
        *status = usage(l, arguments);
        return false;
    }
    l->word = *arguments ? argv[first++] : NULL;
    for (int i = first; i < argc; i++)
        flags[n++] = argv[i];
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

static struct str file_of(const struct local *l)
{
    return file_absolute(l->arena, str_from_z(l->word));
}

static struct secrets *keys_of(const struct local *l)
{
    return secrets_file_new(arena_strf(l->arena, STR_FMT "/keys", STR_ARG(l->settings.data)),
                            entropy_system());
}

/* Takes --name out of the arguments; whether it was there. */
static bool take_switch(int *argc, char **argv, const char *name)
{
    int kept = 0;

    for (int i = 0; i < *argc; i++)
        if (strcmp(argv[i], name) != 0)
            argv[kept++] = argv[i];
    if (kept == *argc)
        return false;
    *argc = kept;
    return true;
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
    struct store_ports ports = {.clock = clock_system(), .entropy = entropy_system()};
    struct str why;
    enum fault keys;
    int status;

    if (!read_call(&l, argc, argv, "FILE", &status))
        return status;
    if (store_sqlite_backup(a, database(&l), file_of(&l), &why))
        return complain(&l, why);
    ports.secrets = keys_of(&l);
    keys = store_sqlite_check_keys(a, database(&l), &ports, &why);
    secrets_file_free(ports.secrets);
    if (keys)
        return complain(&l, arena_strf(a, STR_FMT " is written, but " STR_FMT, STR_ARG(file_of(&l)),
                                       STR_ARG(why)));
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
    struct sqlite_options options = {.new_keys = take_switch(&argc, argv, "--new-keys")};
    struct str why;
    enum fault f;
    int status;

    if (!read_call(&l, argc, argv, "FILE [--new-keys]", &status))
        return status;
    ports.secrets = keys_of(&l);
    options.path = database(&l);
    f = store_sqlite_restore(&options, file_of(&l), &ports, a, &why);
    secrets_file_free(ports.secrets);
    if (f)
        return complain(&l, why);
    (void)printf("Restored from " STR_FMT
                 ". At the next start whatever was about to happen is looked for in DRS first.\n",
                 STR_ARG(file_of(&l)));
    return 0;
}

/* Only where the record's own are missing or do not fit. */
static int new_keys(int argc, char **argv)
{
    SCOPED(arena_scope_end) struct arena *a = arena_new(0);
    struct local l = {.arena = a};
    struct store_ports ports = {.clock = clock_system(), .entropy = entropy_system()};
    struct sqlite_options options = {
        .new_keys = true, .served_before = true, .single_threaded = true};
    struct store *store = NULL;
    struct str why;
    enum fault f;
    int status;

    if (!read_call(&l, argc, argv, "", &status))
        return status;
    ports.secrets = keys_of(&l);
    options.path = database(&l);
    f = store_sqlite_check_keys(a, options.path, &ports, &why);
    if (!f)
        (void)printf("The keys of " STR_FMT " are there and are its own: nothing was changed.\n",
                     STR_ARG(l.settings.data));
    else if (access(options.path.ptr, F_OK) == 0)
        f = store_sqlite_open(&options, &ports, a, &store, &why);
    if (store)
        (void)printf("New keys are in " STR_FMT "/keys, for those that were missing, damaged or "
                     "another record's. What the audit held stays readable; if its key is one of "
                     "them it can no longer be verified, and the audit says so.\n",
                     STR_ARG(l.settings.data));
    store_close(store);
    secrets_file_free(ports.secrets);
    return f ? complain(&l, why) : 0;
}

/* The other settings are taken too; nobody needs them here. */
static const struct command_flag *data_flag(struct arena *a)
{
    return settings_flag(a, "data");
}

static const struct command_flag restore_flags[] = {
    {"new-keys", .help = "the keys of the backup are lost: go on with new ones (see new-keys)"},
    {0},
};

const struct client_command local_commands[] = {
    {.name = "serve",
     .arguments = "",
     .summary = "run the service on this machine",
     .example = "--listen 127.0.0.1:8080",
     .run = serve_main,
     .settings = settings_flags},
    {.name = "credential",
     .arguments = "rotate",
     .summary = "make a new token and access key; the old ones end",
     .example = "rotate",
     .help =
         "On the machine of the service, as its user. A folder of `drwave aws-profile` is to be\n"
         "written again afterwards.\n",
     .run = credential,
     .settings = data_flag},
    {.name = "backup",
     .arguments = "FILE",
     .summary = "copy the record to a file, while serve runs or not",
     .example = "/var/backups/drwave.db",
     .help =
         "On the machine of the service, as its user. The file must not exist. It holds neither\n"
         "the credentials nor the keys: keep a copy of keys/ in the data folder with it.\n",
     .run = backup,
     .settings = data_flag},
    {.name = "restore",
     .arguments = "FILE",
     .summary = "put a backup in the record's place; refused while serve runs",
     .example = "/var/backups/drwave.db",
     .help =
         "On the machine of the service, as its user, with the keys/ folder that was kept with\n"
         "the backup in the data folder. Executions go on at the next start, after what a\n"
         "backup cannot know has been looked for in DRS.\n",
     .run = restore,
     .flags = restore_flags,
     .settings = data_flag},
    {.name = "new-keys",
     .arguments = "",
     .summary = "go on with new keys when keys/ is lost; refused while serve runs",
     .example = "",
     .help = "On the machine of the service, as its user. What the audit held until then can no\n"
             "longer be verified; a record in it says since when. Keys that do not fit stay in\n"
             "keys/ under another name. Where the keys are in order nothing is done.\n",
     .run = new_keys,
     .settings = data_flag},
};
const size_t local_commands_len = ARRAY_LEN(local_commands);
