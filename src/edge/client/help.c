/* Help from the tables: what commands there are, and what one of them takes. */
#include "edge/client/client_internal.h"

const struct client_command *client_extra;
size_t client_extra_len;

void client_add_commands(const struct client_command *commands, size_t len)
{
    client_extra = commands;
    client_extra_len = len;
}

enum { NAME_COLUMN = 34 };

static void put_command(struct buf *b, const struct client_command *command)
{
    size_t before = b->len;

    buf_addf(b, "  %s %s", command->name, command->arguments);
    if (b->len - before >= NAME_COLUMN)
        buf_addf(b, "\n%*s", NAME_COLUMN, "");
    else
        buf_addf(b, "%*s", (int)(NAME_COLUMN - (b->len - before)), "");
    buf_addf(b, "%s\n", command->summary);
}

static void put_commands(struct buf *b, const struct client_command *commands, size_t len)
{
    for (size_t i = 0; i < len; i++)
        put_command(b, &commands[i]);
}

void help_all(struct client *c, struct buf *b)
{
    size_t own_len;
    const struct client_command *own = client_own(&own_len);

    buf_add_z(b, "drwave " DRWAVE_VERSION ": recovery of servers in waves on AWS DRS\n\n"
                 "usage: drwave COMMAND [OPTIONS]        drwave COMMAND --help\n\n");
    put_commands(b, client_extra, client_extra_len);
    put_commands(b, own, own_len);
    buf_add_z(b, "\noperations of the service:\n\n");
    for (size_t i = 0; i < c->operations->len; i++) {
        const struct operation *op = c->operations->rows[i];
        struct str name = kebab(c->arena, op->names[0]);

        if (op->internal)
            continue;
        put_command(b, &(struct client_command){.name = arena_z(c->arena, name),
                                                .arguments = "",
                                                .summary = op->summary});
    }
    buf_add_z(b, "\noptions of every command:\n\n");
    command_flags_help(c->arena, b, client_options);
    buf_add_z(b, "  --version, --help\n");
}

/* What a value looks like, by its kind. */
static const char *kind_words(const struct field *f)
{
    switch (f->kind) {
    case FIELD_BOOL:
        return "[true|false]";
    case FIELD_INT:
    case FIELD_REAL:
        return "NUMBER";
    case FIELD_TIME:
        return "TIME";
    case FIELD_STRS:
        return "TEXT ...";
    case FIELD_INTS:
        return "NUMBER ...";
    case FIELD_TAGS:
        return "KEY=VALUE,... ...";
    case FIELD_LIST:
        return "NAME=VALUE,... ...";
    case FIELD_OBJECT:
        return "NAME=VALUE,...";
    case FIELD_JSON:
        return "JSON";
    default:
        return "TEXT";
    }
}

static void put_names(struct buf *b, const struct field *f)
{
    for (size_t i = 1; f->names[i]; i++)
        buf_addf(b, "%s%s", i > 1 ? "|" : "", f->names[i]);
}

static bool offered(const struct field *f)
{
    return !(f->flags & (FIELD_READONLY | FIELD_INTERNAL));
}

static void put_flag(struct arena *a, struct buf *b, const struct operation *op,
                     const struct field *f)
{
    bool required =
        (f->flags & FIELD_REQUIRED) || (op->api_required && strstr(op->api_required, f->name));
    struct str aliases = str_from_z(f->aliases);
    struct str name = kebab(a, f->name);

    buf_addf(b, "  --" STR_FMT " ", STR_ARG(name));
    if (f->kind == FIELD_ENUM && f->names)
        put_names(b, f);
    else
        buf_add_z(b, kind_words(f));
    buf_addf(b, "%s\n      %s\n", required ? "  (required)" : "", f->help ? f->help : "");
    if (f->kind == FIELD_LIST || f->kind == FIELD_OBJECT) {
        buf_add_z(b, "      members:");
        for (const struct field *m = f->fields; m && m->name; m++)
            if (offered(m))
                buf_addf(b, " %s", m->name);
        buf_add_z(b, "; or JSON\n");
    }
    while (str_present(aliases)) {
        struct str alias = kebab(a, arena_z(a, str_cut(&aliases, ' ')));

        if (!str_eq(alias, name)) /* wave_number is --wave-number, as waveNumber is */
            buf_addf(b, "      also --" STR_FMT "\n", STR_ARG(alias));
    }
}

void help_operation(struct client *c, struct buf *b, const struct operation *op)
{
    struct str name = kebab(c->arena, op->names[0]);

    buf_addf(b, "drwave " STR_FMT " [OPTIONS]\n\n%s\n\noptions:\n\n", STR_ARG(name), op->summary);
    for (const struct field *f = op->params; f && f->name; f++)
        if (offered(f))
            put_flag(c->arena, b, op, f);
    if (op->run_write)
        put_flag(c->arena, b, op, &flag_client_token);
    buf_add_z(b, "  --cli-input-json JSON|file://PATH\n"
                 "      all parameters as one JSON object; options replace its members\n");
    if (op->names[1]) {
        buf_add_z(b, "\nother names:");
        for (size_t i = 1; i < OPERATION_NAMES_MAX && op->names[i]; i++)
            buf_addf(b, " " STR_FMT, STR_ARG(kebab(c->arena, op->names[i])));
        buf_add_z(b, "\n");
    }
    buf_addf(b, "\nexample:\n\n  drwave " STR_FMT "%s%s\n", STR_ARG(name),
             op->example && *op->example ? " " : "", op->example ? op->example : "");
}

void help_command(struct client *c, struct buf *b, const struct client_command *command)
{
    buf_addf(b, "drwave %s%s%s\n\n%s\n", command->name, *command->arguments ? " " : "",
             command->arguments, command->summary);
    if (command->flags || command->settings)
        buf_add_z(b, "\noptions:\n\n");
    command_flags_help(c->arena, b, command->flags);
    if (command->settings)
        command_flags_help(c->arena, b, command->settings(c->arena));
    if (command->help)
        buf_addf(b, "\n%s", command->help);
    buf_addf(b, "\nexample:\n\n  drwave %s%s%s\n", command->name, *command->example ? " " : "",
             command->example);
}
