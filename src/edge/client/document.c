/* The man page and the bash completion, from the same tables as the help. Made at build time. */
#include "edge/client/client_internal.h"

/* roff reads a leading dot or quote as a request, and a backslash as an escape. */
static void put_roff(struct buf *b, struct str text)
{
    bool line_start = true;

    for (size_t i = 0; i < text.len; i++) {
        char c = text.ptr[i];

        if (line_start && (c == '.' || c == '\''))
            buf_add_z(b, "\\&");
        if (c == '\\')
            buf_add_z(b, "\\e");
        else if (c == '-')
            buf_add_z(b, "\\-");
        else
            buf_add_char(b, c);
        line_start = c == '\n';
    }
}

static void put_man_flags(struct client *c, struct buf *b, const struct command_flag *flags)
{
    for (; flags && flags->name; flags++) {
        struct str value = command_flag_value(c->arena, flags);

        buf_add_z(b, ".TP\n\\fB\\-\\-");
        put_roff(b, str_from_z(flags->name));
        buf_add_z(b, "\\fR");
        if (value.len) {
            buf_add_z(b, " \\fI");
            put_roff(b, value);
            buf_add_z(b, "\\fR");
        }
        buf_add_z(b, "\n");
        put_roff(b, str_from_z(flags->help));
        buf_add_z(b, ".\n");
    }
}

static void put_man_command(struct client *c, struct buf *b, const struct client_command *command)
{
    buf_add_z(b, ".TP\n\\fB");
    put_roff(b, str_from_z(command->name));
    buf_add_z(b, "\\fR \\fI");
    put_roff(b, str_from_z(command->arguments));
    buf_add_z(b, "\\fR\n");
    put_roff(b, str_from_z(command->summary));
    buf_add_z(b, ".\n");
    if (command->help)
        put_roff(b, str_from_z(command->help));
    if (!command->flags && !command->settings)
        return;
    buf_add_z(b, ".RS\n");
    put_man_flags(c, b, command->flags);
    if (command->settings)
        put_man_flags(c, b, command->settings(c->arena));
    buf_add_z(b, ".RE\n");
}

static void put_man_operation(struct client *c, struct buf *b, const struct operation *op)
{
    buf_add_z(b, ".TP\n\\fB");
    put_roff(b, kebab(c->arena, op->names[0]));
    buf_add_z(b, "\\fR");
    for (const struct field *f = op->params; f && f->name; f++) {
        if (!(f->flags & FIELD_REQUIRED))
            continue;
        buf_add_z(b, " \\-\\-");
        put_roff(b, kebab(c->arena, f->name));
        buf_add_z(b, " \\fIVALUE\\fR");
    }
    buf_add_z(b, "\n");
    put_roff(b, str_from_z(op->summary));
    buf_add_z(b, ".\n");
    if (op->example) {
        buf_add_z(b, ".br\nExample: \\fC");
        put_roff(b, arena_strf(c->arena, "drwave " STR_FMT " %s",
                               STR_ARG(kebab(c->arena, op->names[0])), op->example));
        buf_add_z(b, "\\fR\n");
    }
}

static const char man_head[] =
    ".TH DRWAVE 1 \"\" \"drwave " DRWAVE_VERSION "\" \"User commands\"\n"
    ".SH NAME\n"
    "drwave \\- recovery of servers in waves on AWS Elastic Disaster Recovery\n"
    ".SH SYNOPSIS\n"
    "\\fBdrwave serve\\fR [\\fIOPTIONS\\fR]\n"
    ".br\n"
    "\\fBdrwave\\fR \\fICOMMAND\\fR [\\fIOPTIONS\\fR]\n"
    ".SH DESCRIPTION\n"
    "\\fBdrwave serve\\fR is the orchestrator: one process with its own store and\n"
    "workflow engine. Commands with \\fB\\-\\-data\\fR work on its folder; every other one\n"
    "talks to it over HTTP.\n"
    "\\fBdrwave\\fR \\fICOMMAND\\fR \\fB\\-\\-help\\fR says what a command takes.\n"
    ".SH COMMANDS\n";

static const char man_tail[] =
    ".SH ENVIRONMENT\n"
    "DRWAVE_ENDPOINT, DRWAVE_TOKEN, DRWAVE_CLIENT_FILE, DRWAVE_CA_BUNDLE, DRWAVE_DATA.\n"
    ".SH EXIT STATUS\n"
    "Those of the AWS CLI:\n"
    ".TP\n0\nDone; of \\fBwatch\\fR and \\fBexecute \\-\\-watch\\fR: every wave was recovered, or "
    "q was\n"
    "pressed.\n"
    ".TP\n1\nThe execution that was watched did not succeed (FAILED, PARTIAL, TIMED_OUT, "
    "CANCELLED);\n"
    "\\fBserve\\fR could not start.\n"
    ".TP\n2\nSome waves of the execution that was watched were skipped, all others were recovered\n"
    "(COMPLETED_WITH_SKIPS).\n"
    ".TP\n130\nInterrupted (Ctrl\\-C, SIGTERM) while watching; the execution goes on.\n"
    ".TP\n252\nWrong usage; \\fBserve\\fR: a wrong setting.\n"
    ".TP\n253\nNo address or credential, or a file of them that cannot be used.\n"
    ".TP\n254\nThe service refused.\n"
    ".TP\n255\nAnything else: no connection, an answer that is none, a file that cannot be "
    "written.\n"
    ".SH FILES\n"
    ".TP\n\\fIclient.json\\fR\nIn the data directory of \\fBdrwave serve\\fR: address, token and "
    "access key.\n"
    ".SH SEE ALSO\n"
    "\\fBaws\\fR(1), /usr/share/doc/drwave\n";

void document_man(struct client *c, struct buf *b)
{
    size_t n;
    const struct client_command *own = client_own(&n);

    buf_add_z(b, man_head);
    for (size_t i = 0; i < client_extra_len; i++)
        put_man_command(c, b, &client_extra[i]);
    for (size_t i = 0; i < n; i++)
        put_man_command(c, b, &own[i]);
    buf_add_z(b, ".SH OPERATIONS\n");
    for (size_t i = 0; i < c->operations->len; i++)
        if (!c->operations->rows[i]->internal)
            put_man_operation(c, b, c->operations->rows[i]);
    buf_add_z(b, ".SH OPTIONS\n");
    put_man_flags(c, b, client_options);
    buf_add_z(b, man_tail);
}

/* ---- completion ---- */

/* What the shell function is told of one command: its flags, and what it takes besides. */
static void put_flag_names(struct buf *b, const struct command_flag *flags)
{
    for (; flags && flags->name; flags++)
        buf_addf(b, " --%s", flags->name);
}

static void put_command_case(struct client *c, struct buf *b, const struct client_command *command)
{
    buf_addf(b, "    %s) word='%s' flags='", command->name, command->arguments);
    put_flag_names(b, command->flags);
    if (command->settings)
        put_flag_names(b, command->settings(c->arena));
    buf_add_z(b, "' ;;\n");
}

static bool offered(const struct field *f)
{
    return !(f->flags & (FIELD_READONLY | FIELD_INTERNAL));
}

static void put_operation_case(struct client *c, struct buf *b, const struct operation *op)
{
    buf_add_z(b, "    ");
    for (size_t i = 0; i < OPERATION_NAMES_MAX && op->names[i]; i++)
        buf_addf(b, "%s" STR_FMT, i ? " | " : "", STR_ARG(kebab(c->arena, op->names[i])));
    buf_add_z(b, ") flags='");
    for (const struct field *f = op->params; f && f->name; f++)
        if (offered(f))
            buf_addf(b, "--" STR_FMT " ", STR_ARG(kebab(c->arena, f->name)));
    buf_addf(b, "%s--cli-input-json' ;;\n", op->run_write ? "--client-token " : "");
}

/* The values of the flag before the cursor. `pattern`: what the command is, its quote still open.
 */
static void put_values(struct buf *b, const char *pattern, const struct command_flag *flags)
{
    for (; flags && flags->name; flags++) {
        if (flags->file)
            buf_addf(b, "    %s --%s') return ;;\n", pattern, flags->name);
        if (!flags->choices)
            continue;
        buf_addf(b, "    %s --%s') values='", pattern, flags->name);
        for (size_t i = 0; flags->choices[i]; i++)
            buf_addf(b, "%s%s", i ? " " : "", flags->choices[i]);
        buf_add_z(b, "' ;;\n");
    }
}

static void put_command_values(struct client *c, struct buf *b,
                               const struct client_command *command)
{
    const char *pattern = arena_strf(c->arena, "'%s", command->name).ptr;

    put_values(b, pattern, command->flags);
    if (command->settings)
        put_values(b, pattern, command->settings(c->arena));
}

static void put_operation_values(struct client *c, struct buf *b, const struct operation *op)
{
    for (const struct field *f = op->params; f && f->name; f++) {
        if (!offered(f) || (f->kind != FIELD_BOOL && (f->kind != FIELD_ENUM || !f->names)))
            continue;
        buf_addf(b, "    '" STR_FMT " --" STR_FMT "') values='",
                 STR_ARG(kebab(c->arena, op->names[0])), STR_ARG(kebab(c->arena, f->name)));
        for (size_t i = 1; f->kind == FIELD_ENUM && f->names[i]; i++)
            buf_addf(b, "%s%s", i > 1 ? " " : "", f->names[i]);
        buf_addf(b, "%s' ;;\n", f->kind == FIELD_BOOL ? "true false" : "");
    }
}

/* Every command and operation that help shows, each through one of the two. */
static void each(struct client *c, struct buf *b,
                 void (*command)(struct client *c, struct buf *b, const struct client_command *of),
                 void (*operation)(struct client *c, struct buf *b, const struct operation *op))
{
    size_t n;
    const struct client_command *own = client_own(&n);

    for (size_t i = 0; i < client_extra_len; i++)
        command(c, b, &client_extra[i]);
    for (size_t i = 0; i < n; i++)
        command(c, b, &own[i]);
    for (size_t i = 0; i < c->operations->len; i++)
        if (!c->operations->rows[i]->internal)
            operation(c, b, c->operations->rows[i]);
}

static void put_command_name(struct client *c, struct buf *b, const struct client_command *command)
{
    (void)c;
    buf_addf(b, "%s ", command->name);
}

static void put_operation_name(struct client *c, struct buf *b, const struct operation *op)
{
    buf_addf(b, STR_FMT " ", STR_ARG(kebab(c->arena, op->names[0])));
}

/* An empty answer makes bash offer files (-o default). */
void document_completion(struct client *c, struct buf *b)
{
    buf_add_z(b, "# bash completion of drwave; made from its tables.\n"
                 "_drwave() {\n"
                 "    local cur=${COMP_WORDS[COMP_CWORD]} prev=${COMP_WORDS[COMP_CWORD-1]}\n"
                 "    local command=${COMP_WORDS[1]} word= flags= values=\n"
                 "    COMPREPLY=()\n"
                 "    if [ \"$COMP_CWORD\" -eq 1 ]; then\n"
                 "        mapfile -t COMPREPLY < <(compgen -W '");
    each(c, b, put_command_name, put_operation_name);
    buf_add_z(b, "--help --version' -- \"$cur\")\n"
                 "        return\n"
                 "    fi\n"
                 "    case $command in\n");
    each(c, b, put_command_case, put_operation_case);
    buf_add_z(b, "    esac\n"
                 "    case \"$command $prev\" in\n"
                 "    *' --cli-input-json') return ;;\n");
    put_values(b, "*'", client_options);
    each(c, b, put_command_values, put_operation_values);
    buf_add_z(b, "    esac\n"
                 "    if [ -n \"$values\" ]; then\n"
                 "        mapfile -t COMPREPLY < <(compgen -W \"$values\" -- \"$cur\")\n"
                 "        return\n"
                 "    fi\n"
                 "    if [ \"$COMP_CWORD\" -eq 2 ] && [[ $cur != -* ]]; then\n"
                 "        case $word in\n"
                 "        FILE | DIR) return ;;\n"
                 "        [a-z]*) flags=$word ;;\n"
                 "        esac\n"
                 "    fi\n"
                 "    flags+='");
    put_flag_names(b, client_options);
    buf_add_z(b, " --help'\n"
                 "    mapfile -t COMPREPLY < <(compgen -W \"$flags\" -- \"$cur\")\n"
                 "}\n"
                 "complete -o default -F _drwave drwave\n");
}
