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

static void put_man_command(struct buf *b, const struct client_command *command)
{
    buf_add_z(b, ".TP\n\\fB");
    put_roff(b, str_from_z(command->name));
    buf_add_z(b, "\\fR \\fI");
    put_roff(b, str_from_z(command->arguments));
    buf_add_z(b, "\\fR\n");
    put_roff(b, str_from_z(command->summary));
    buf_add_z(b, ".\n");
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
    "\\fBdrwave serve\\fR is the orchestrator: one process with its own store, workflow and\n"
    "scheduler. Every other command talks to it over HTTP.\n"
    "\\fBdrwave\\fR \\fICOMMAND\\fR \\fB\\-\\-help\\fR says what a command takes.\n"
    ".SH COMMANDS\n";

static const char man_tail[] =
    ".SH OPTIONS\n"
    ".TP\n\\fB\\-\\-endpoint\\fR \\fIURL\\fR\nAddress of the service.\n"
    ".TP\n\\fB\\-\\-token\\fR \\fITOKEN\\fR\nCredential.\n"
    ".TP\n\\fB\\-\\-client\\-file\\fR \\fIFILE\\fR\nFile that holds both, as "
    "\\fBdrwave serve\\fR wrote it.\n"
    ".TP\n\\fB\\-\\-ca\\-bundle\\fR \\fIFILE\\fR\nPEM file of the certificates to trust with "
    "https; the system's without it.\n"
    ".TP\n\\fB\\-\\-output\\fR \\fBjson\\fR|\\fBtable\\fR|\\fBtext\\fR\nForm of the answer; a "
    "table on a terminal, else JSON.\n"
    ".TP\n\\fB\\-\\-query\\fR \\fIPATH\\fR\nOnly that part of the answer: names with dots, "
    "[N] for one item of a list, [] for all.\n"
    ".TP\n\\fB\\-\\-timeout\\fR \\fISECONDS\\fR\nHow long one answer may take (60).\n"
    ".SH ENVIRONMENT\n"
    "DRWAVE_ENDPOINT, DRWAVE_TOKEN, DRWAVE_CLIENT_FILE, DRWAVE_CA_BUNDLE, DRWAVE_DATA.\n"
    ".SH EXIT STATUS\n"
    "0 done; 1 the execution that was watched did not succeed; 130 interrupted; 252 wrong usage;\n"
    "253 no address or credential; 254 the service refused; 255 anything else.\n"
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
    for (size_t i = 0; i < n; i++)
        put_man_command(b, &own[i]);
    for (size_t i = 0; i < client_extra_len; i++)
        put_man_command(b, &client_extra[i]);
    buf_add_z(b, ".SH OPERATIONS\n");
    for (size_t i = 0; i < c->operations->len; i++)
        if (!c->operations->rows[i]->internal && !c->operations->rows[i]->action)
            put_man_operation(c, b, c->operations->rows[i]);
    buf_add_z(b, man_tail);
}

/* ---- completion ---- */

static void put_completion_flags(struct client *c, struct buf *b, const struct operation *op)
{
    buf_add_z(b, "    ");
    for (size_t i = 0; i < OPERATION_NAMES_MAX && op->names[i]; i++)
        buf_addf(b, "%s" STR_FMT, i ? " | " : "", STR_ARG(kebab(c->arena, op->names[i])));
    buf_add_z(b, ") flags=\"");
    for (const struct field *f = op->params; f && f->name; f++)
        if (!(f->flags & (FIELD_READONLY | FIELD_INTERNAL)))
            buf_addf(b, "--" STR_FMT " ", STR_ARG(kebab(c->arena, f->name)));
    buf_add_z(b, "--cli-input-json\" ;;\n");
}

void document_completion(struct client *c, struct buf *b)
{
    size_t n;
    const struct client_command *own = client_own(&n);

    buf_add_z(b, "# bash completion of drwave; made from its operation table.\n"
                 "_drwave() {\n"
                 "    local cur=${COMP_WORDS[COMP_CWORD]} prev=${COMP_WORDS[COMP_CWORD-1]} flags=\n"
                 "    COMPREPLY=()\n"
                 "    if [ \"$COMP_CWORD\" -eq 1 ]; then\n"
                 "        mapfile -t COMPREPLY < <(compgen -W \"");
    for (size_t i = 0; i < n; i++)
        buf_addf(b, "%s ", own[i].name);
    for (size_t i = 0; i < client_extra_len; i++)
        buf_addf(b, "%s ", client_extra[i].name);
    for (size_t i = 0; i < c->operations->len; i++)
        if (!c->operations->rows[i]->internal)
            buf_addf(b, STR_FMT " ", STR_ARG(kebab(c->arena, c->operations->rows[i]->names[0])));
    buf_add_z(b,
              "\" -- \"$cur\")\n"
              "        return\n"
              "    fi\n"
              "    case $prev in\n"
              "    --output) mapfile -t COMPREPLY < <(compgen -W 'json table text' -- \"$cur\")\n"
              "        return ;;\n"
              "    --client-file | --cli-input-json | --ca-bundle)\n"
              "        mapfile -t COMPREPLY < <(compgen -f -- \"$cur\")\n"
              "        return ;;\n"
              "    esac\n"
              "    case ${COMP_WORDS[1]} in\n"
              "    execute) flags='--drill --recovery --watch --approve-gates' ;;\n"
              "    watch) flags=--approve-gates ;;\n"
              "    completion) flags=bash ;;\n");
    for (size_t i = 0; i < c->operations->len; i++)
        if (!c->operations->rows[i]->internal)
            put_completion_flags(c, b, c->operations->rows[i]);
    buf_add_z(
        b, "    esac\n"
           "    flags+=' --endpoint --token --client-file --ca-bundle --output --query --timeout'\n"
           "    flags+=' --help'\n"
           "    mapfile -t COMPREPLY < <(compgen -W \"$flags\" -- \"$cur\")\n"
           "}\n"
           "complete -o default -F _drwave drwave\n");
}
