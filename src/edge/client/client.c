/* The command line: options of every command, then the command. */
#include <stdarg.h>
#include <stdio.h>
#include <unistd.h>

#include "edge/client/client_internal.h"
#include "net/http_client.h"

enum { DOCUMENT_MAX = 4 << 20, TIMEOUT_S = 60, TIMEOUT_MAX_S = 3600 };

int client_complain(int code, const char *fmt, ...)
{
    va_list args;

    (void)fflush(stdout);
    (void)fputs("drwave: ", stderr);
    va_start(args, fmt);
    (void)vfprintf(stderr, fmt, args);
    va_end(args);
    (void)fputc('\n', stderr);
    return code;
}

/* ---- commands of this program itself ---- */

static int print(struct client *c, void (*write)(struct client *c, struct buf *b))
{
    struct buf b = buf_new(c->arena, DOCUMENT_MAX);

    write(c, &b);
    (void)fwrite(b.ptr, 1, b.len, stdout);
    return CLIENT_DONE;
}

static int command_completion(struct client *c, struct words words)
{
    if (words.len != 1 || strcmp(words.items[0], "bash") != 0)
        return client_complain(CLIENT_USAGE, "completion knows one shell: bash");
    return print(c, document_completion);
}

static int command_man(struct client *c, struct words words)
{
    if (words.len)
        return client_complain(CLIENT_USAGE, "man takes nothing");
    return print(c, document_man);
}

static const struct command_flag execute_flags[] = {
    {"drill", .help = "launch drill instances, which production does not notice"},
    {"recovery", .help = "launch recovery instances"},
    {"watch", .help = "draw its progress until it ends"},
    {"approve-gates", .help = "with --watch: open every gate without asking"},
    {0},
};

static const struct command_flag watch_flags[] = {
    {"approve-gates", .help = "open every gate without asking"},
    {0},
};

static const struct client_command own_shown[] = {
    {.name = "execute",
     .arguments = "PLAN",
     .summary = "start a recovery plan, by id or name",
     .example = "three-tier --drill --watch",
     .help = "One of --drill and --recovery must be given. Other options of execute-recovery-plan\n"
             "are accepted too.\n",
     .flags = execute_flags},
    {.name = "watch",
     .arguments = "EXECUTION",
     .summary = "draw the progress of an execution until it ends",
     .example = "exec-5f0c1a6e-8a55-4a7e-9f1e-2f3b8f0b6c11",
     .help = "On a terminal r opens the gate that is waiting and q stops watching. The execution\n"
             "goes on either way. The exit status is 0 when every wave ended well, 2 when some\n"
             "were skipped and all others did, else 1.\n",
     .flags = watch_flags},
    {.name = "resume",
     .arguments = "EXECUTION",
     .summary = "open the gate that an execution waits at",
     .example = "exec-5f0c1a6e-8a55-4a7e-9f1e-2f3b8f0b6c11"},
    {.name = "aws-profile",
     .arguments = "DIR",
     .summary = "make the AWS CLI and boto3 call this service's functions",
     .example = "~/.drwave-aws && . ~/.drwave-aws/env",
     .help =
         "Writes a profile with keys, an `aws` that adds the address to `lambda invoke`, and a\n"
         "sitecustomize.py that does the same for boto3. `. DIR/env` puts them into effect.\n"
         "With --ca-bundle both trust that file where they call the service, and only there.\n"},
    {.name = "completion",
     .arguments = "bash",
     .summary = "print the completion for bash",
     .example = "bash >/etc/bash_completion.d/drwave"},
    {.name = "man", .arguments = "", .summary = "print the manual page", .example = "| man -l -"},
};

static int (*const own_run[])(struct client *c, struct words words) = {
    command_execute,     command_watch,      command_resume,
    command_aws_profile, command_completion, command_man,
};

const struct client_command *client_own(size_t *len)
{
    *len = ARRAY_LEN(own_shown);
    return own_shown;
}

/* ---- options of every command ---- */

struct command_line {
    struct client *client;
    bool help;
    bool version;
    struct words words; /* what is left */
    char **raw;         /* the same, for a command that main.c brought */
};

static const char *const output_names[] = {"", "json", "table", "text", NULL};

static int set_output(struct client *c, struct str value)
{
    c->output = (enum output)field_enum_of(output_names, value);
    if (c->output == OUTPUT_UNSAID)
        return client_complain(CLIENT_USAGE, "--output is json, table or text");
    return 0;
}

static int set_timeout(struct client *c, struct str value)
{
    int64_t seconds;

    if (!str_to_i64(value, &seconds) || seconds < 1 || seconds > TIMEOUT_MAX_S)
        return client_complain(CLIENT_USAGE, "--timeout is 1 to %d seconds", TIMEOUT_MAX_S);
    c->timeout_ms = (int)seconds * 1000;
    return 0;
}

static int set_query(struct client *c, struct str value)
{
    c->query = value;
    if (query_is_path(value))
        return 0;
    return client_complain(CLIENT_USAGE,
                           "--query takes a path such as waves[0].name, not '" STR_FMT "'",
                           STR_ARG(value));
}

static int set_option(struct client *c, struct str name, struct str value)
{
    if (str_eq(name, STR("output")))
        return set_output(c, value);
    if (str_eq(name, STR("timeout")))
        return set_timeout(c, value);
    if (str_eq(name, STR("query")))
        return set_query(c, value);
    if (str_eq(name, STR("token")))
        c->token = value;
    else if (str_eq(name, STR("client-file")))
        c->file = value;
    else if (str_eq(name, STR("ca-bundle")))
        c->ca_file = value;
    else
        c->endpoint = value;
    return 0;
}

const struct command_flag client_options[] = {
    {"endpoint", "URL", "address of the service (DRWAVE_ENDPOINT)"},
    {"token", "TOKEN", "credential (DRWAVE_TOKEN)"},
    {"client-file", "FILE", "where both are read from otherwise (DRWAVE_CLIENT_FILE)",
     .file = true},
    {"ca-bundle", "FILE", "PEM of whom to trust with https (DRWAVE_CA_BUNDLE)", .file = true},
    {"output", .choices = output_names + 1,
     .help = "form of the answer; a table on a terminal, else json"},
    {"query", "PATH", "only that part of the answer, as in waves[0].name or waves[].name"},
    {"timeout", "SECONDS", "for one answer of the service (60)"},
    {0},
};

static bool is_option(struct str name)
{
    for (const struct command_flag *o = client_options; o->name; o++)
        if (str_eq_z(name, o->name))
            return true;
    return str_eq(name, STR("endpoint-url")); /* as the AWS CLI has it */
}

/* Takes the options of every command out of argv; the rest stays in its order. */
static int take_options(struct command_line *line, int argc, char **argv)
{
    int code = 0;

    for (int i = 1; i < argc && !code; i++) {
        struct str value = str_from_z(argv[i]);
        struct str name;

        line->help = line->help || str_eq(value, STR("--help")) ||
                     (line->words.len <= 1 && str_eq(value, STR("-h")));
        line->version = line->version || (!line->words.len && str_eq(value, STR("--version")));
        name = str_starts(value, STR("--")) ? str_slice(value, 2, value.len) : (struct str){0};
        value = name;
        name = str_present(value) ? str_cut(&value, '=') : name;
        if (!is_option(name)) {
            line->raw[line->words.len] = argv[i];
            line->words.items[line->words.len++] = argv[i];
            continue;
        }
        if (!str_present(value) && i + 1 < argc)
            value = str_from_z(argv[++i]);
        if (!str_present(value))
            return client_complain(CLIENT_USAGE, "--" STR_FMT " expects a value", STR_ARG(name));
        code = set_option(line->client, name, value);
    }
    return code;
}

/* ---- dispatch ---- */

static const struct client_command *find_command(const struct client_command *commands, size_t len,
                                                 const char *name)
{
    for (size_t i = 0; i < len; i++)
        if (strcmp(commands[i].name, name) == 0)
            return &commands[i];
    return NULL;
}

static int run_operation(struct client *c, const struct operation *op, struct words words)
{
    const struct json *params;
    const struct json *answer;
    int status;
    int code = flags_parse(c, op, words, &params);

    if (code)
        return code;
    code = connect_settings(c);
    if (code)
        return code;
    code = connect_call(c, op, params, &status, &answer);
    if (code)
        return code;
    if (connect_refuses(op, status, answer)) {
        connect_print_refusal(op, status, answer);
        return CLIENT_REFUSED;
    }
    return output_answer(c, op, answer);
}

/* The nearest of these names to a misspelt one, when it is nearer than *least. */
static void take_nearest(const struct client_command *commands, size_t len, const char *name,
                         size_t *least, struct str *near)
{
    for (size_t i = 0; i < len; i++) {
        size_t distance = str_distance(str_from_z(commands[i].name), str_from_z(name));

        if (distance < *least) {
            *least = distance;
            *near = str_from_z(commands[i].name);
        }
    }
}

static int unknown_command(struct client *c, const char *name)
{
    char *snake = memcpy(arena_alloc(c->arena, strlen(name) + 1), name, strlen(name));
    size_t least = strlen(name) / 3 + 1;
    struct str near = {0};

    take_nearest(own_shown, ARRAY_LEN(own_shown), name, &least, &near);
    take_nearest(client_extra, client_extra_len, name, &least, &near);
    for (char *p = snake; *p; p++)
        *p = *p == '-' ? '_' : *p;
    if (!str_present(near))
        near = operation_nearest(c->operations, str_from_z(snake));
    if (str_present(near))
        return client_complain(CLIENT_USAGE, "there is no command %s (did you mean " STR_FMT "?)",
                               name, STR_ARG(kebab(c->arena, arena_z(c->arena, near))));
    return client_complain(CLIENT_USAGE, "there is no command %s; see drwave --help", name);
}

static int show_help(struct client *c, const struct client_command *command,
                     const struct operation *op)
{
    struct buf b = buf_new(c->arena, DOCUMENT_MAX);

    if (command)
        help_command(c, &b, command);
    else if (op)
        help_operation(c, &b, op);
    else
        help_all(c, &b);
    (void)fwrite(b.ptr, 1, b.len, stdout);
    return CLIENT_DONE;
}

/* What is sent is text; what stands in the place of other bytes would be another name. */
static bool are_texts(struct words words)
{
    bool texts = true;

    for (size_t i = 0; i < words.len; i++)
        texts &= str_is_utf8(str_from_z(words.items[i]));
    return texts;
}

static int run_command(struct command_line *line)
{
    struct client *c = line->client;
    const char *name = line->words.items[0];
    struct words rest = {line->words.items + 1, line->words.len - 1};
    const struct client_command *own = find_command(own_shown, ARRAY_LEN(own_shown), name);
    const struct client_command *extra = find_command(client_extra, client_extra_len, name);
    const struct operation *op = command_find(c, str_from_z(name));

    if (line->help)
        return own || extra || op ? show_help(c, own ? own : extra, op) : unknown_command(c, name);
    if (own)
        return own_run[own - own_shown](c, rest);
    if (extra)
        return extra->run((int)line->words.len, line->raw);
    if (op)
        return are_texts(rest) ? run_operation(c, op, rest)
                               : client_complain(CLIENT_USAGE, "what is given is not UTF-8");
    return unknown_command(c, name);
}

static int run_line(struct command_line *line)
{
    const char *first = line->words.len ? line->words.items[0] : "-";

    if (line->version) {
        (void)puts("drwave " DRWAVE_VERSION);
        return CLIENT_DONE;
    }
    if (first[0] != '-')
        return run_command(line);
    if (line->words.len && !line->help)
        return client_complain(CLIENT_USAGE, "there is no option %s; see drwave --help", first);
    (void)show_help(line->client, NULL, NULL);
    return line->help ? CLIENT_DONE : CLIENT_USAGE;
}

int client_main(int argc, char **argv)
{
    SCOPED(arena_scope_end) struct arena *arena = arena_new(0);
    struct client c = {.arena = arena,
                       .lasting = arena,
                       .operations = operations_all(),
                       .timeout_ms = TIMEOUT_S * 1000,
                       .terminal = isatty(STDOUT_FILENO)};
    struct command_line line = {.client = &c};
    int code;

    line.words.items = arena_array_of(arena, (size_t)argc + 1, const char *);
    line.raw = arena_array_of(arena, (size_t)argc + 1, char *);
    code = take_options(&line, argc, argv);
    if (!code)
        code = run_line(&line);
    http_client_free(c.transport);
    if (fflush(stdout) != 0 || ferror(stdout))
        return client_complain(CLIENT_ERROR, "cannot write the answer");
    return code;
}
