#ifndef EDGE_CLIENT_CLIENT_INTERNAL_H
#define EDGE_CLIENT_CLIENT_INTERNAL_H

#include "api/operation.h"
#include "edge/client/client.h"

/* One run of the command line. Everything lives in one arena and goes with the process. */
enum output { OUTPUT_UNSAID, OUTPUT_JSON, OUTPUT_TABLE, OUTPUT_TEXT };

struct client {
    struct arena *arena;
    struct arena *lasting; /* as long as the process; `arena` may be a shorter one */
    const struct operation_set *operations;
    /* As said by flags, the environment, or the file that `serve` wrote, in this order. */
    struct str endpoint;
    struct str token;
    bool token_of_file; /* and may be another one there by now */
    struct str ca_file; /* whom to trust; absent: the system's */
    struct str file;    /* the client.json that was read or would be */
    enum output output;
    struct str query; /* the part of the answer that is wanted; absent: all */
    int timeout_ms;
    bool terminal; /* standard output is one */
    bool quiet;    /* no word about a service that does not answer: the caller asks again */
    struct transport *transport;
};

/* Words that follow the command's name. */
struct words {
    const char **items;
    size_t len;
};

/* Prints "drwave: ..." to standard error and returns `code`, so that a caller can return it. */
int client_complain(int code, const char *fmt, ...) PRINTF_LIKE(2, 3);

/* Whether the words are one that names something: neither empty nor a flag. */
static inline bool words_name_one(struct words words)
{
    return words.len == 1 && words.items[0][0] && words.items[0][0] != '-';
}

/* ---- names.c ---- */

/* "source-server-ids" for sourceServerIds, "create-protection-group" for create_protection_group.
 */
struct str kebab(struct arena *a, const char *name);

/* The row that a command's name means: either spelling, any alias; not the internal ones. */
const struct operation *command_find(const struct client *c, struct str name);

/* Of every operation that changes something, beside those of its table. */
extern const struct field flag_client_token;

/* The field that a flag's name (without "--") means: any spelling; NULL. */
const struct field *flag_find(struct arena *a, const struct field *table, struct str name);

/* The nearest flag to a misspelt one, in kebab case, or absent. */
struct str flag_nearest(struct arena *a, const struct field *table, struct str name);

/* ---- flags.c ---- */

/*
 * The parameters as one JSON object, from flags by the field table and --cli-input-json beneath
 * them. On a mistake the exit code, with a message on standard error; else 0.
 */
int flags_parse(struct client *c, const struct operation *op, struct words words,
                const struct json **out);

/* ---- value.c ---- */

/*
 * Writes the words of one flag as the value of its field: JSON, or the shorthand of the AWS CLI
 * (Key=Value for tags; name=web,waveNumber=1 for structures). false: *why says what is wrong.
 */
bool value_put(struct arena *a, struct json_writer *w, const struct field *f, struct words words,
               struct str *why);

/* ---- shorthand.c ---- */

/* Cuts at the next comma that is neither quoted nor inside [...]. */
struct str shorthand_cut(struct str *rest);

/* A value without its quotes, if it has any; false: they do not belong together. */
bool shorthand_unquote(struct arena *a, struct str *value, struct str *why);

/* Key=Value,..., in any number of words; no key twice. */
bool shorthand_tags(struct arena *a, struct json_writer *w, struct words words, struct str *why);

/* ---- connect.c ---- */

/* Completes endpoint and token. 0, or the exit code after a message. */
int connect_settings(struct client *c);

/* The object of client.json, or NULL; *why then says what is wrong with it, if it is there. */
const struct json *connect_file(struct client *c, struct str *why);

/* Completes the endpoint alone, by that object last. 0, or the exit code after a message. */
int connect_address(struct client *c, const struct json *file);

/* Completes whom to trust. */
void connect_trust(struct client *c);

/* The status of a call whose credential is not known (any more). */
enum { CONNECT_TURNED_AWAY = 401 };

/*
 * Sends one call by its route, or to its function where it has none; *out is the parsed answer,
 * *status its HTTP status. 0, or the exit code after a message when there is no answer to speak of.
 * Turned away, it is sent once more where client.json has another token by now.
 */
int connect_call(struct client *c, const struct operation *op, const struct json *params,
                 int *status, const struct json **out);

/* Whether that answer is a refusal. */
bool connect_refuses(const struct operation *op, int status, const struct json *answer);

/* As connect_call; an answer that refuses is printed and is CLIENT_REFUSED. */
int connect_ask(struct client *c, const char *operation, const struct json *params,
                const struct json **out);

/* Prints what the service refused with. */
void connect_print_refusal(const struct operation *op, int status, const struct json *answer);

/* An object of one string, for connect_ask; empty when the value is absent. */
const struct json *json_object_with(struct arena *a, const char *name, struct str value);

/* ---- output.c ---- */

/* The answer, or the part of it that was asked for, in the chosen form on standard output. */
int output_answer(struct client *c, const struct operation *op, const struct json *answer);

/* ---- query.c ---- */

/* Asked before anything is done: a call that changes something must not fail for its query after.
 */
bool query_is_path(struct str path);

/* The part of v that the path names; null where there is none. false: it is no path. */
bool query(struct arena *a, const struct json *v, struct str path, const struct json **out);

/* ---- table.c ---- */
/* Columns that do not fit are named instead; 0: any width. */
void output_table(struct buf *b, const struct field *table, const struct json *v, size_t columns);
void output_text(struct arena *a, struct buf *b, const struct field *table, const struct json *v);

/* One line of text for any value. */
struct str cell(struct arena *a, const struct json *v);

/* ---- width.c ---- */

/* How many columns it takes on a terminal. */
size_t text_width(struct str s);

/* As much of its beginning as that many columns take. */
struct str text_cut(struct str s, size_t columns);

/* With blanks behind it up to that width. */
struct str text_padded(struct arena *a, struct str s, size_t columns);

/* With blanks for control characters: names come from other people's machines. */
struct str text_plain(struct arena *a, struct str s);

/* ---- help.c ---- */
extern const struct client_command *client_extra;
extern size_t client_extra_len;
const struct client_command *client_own(size_t *len); /* of this program itself: client.c */
extern const struct command_flag client_options[];    /* of every command: client.c */
void help_all(struct client *c, struct buf *b);
void help_operation(struct client *c, struct buf *b, const struct operation *op);
void help_command(struct client *c, struct buf *b, const struct client_command *command);

/* ---- document.c ---- */
void document_man(struct client *c, struct buf *b);
void document_completion(struct client *c, struct buf *b);

/* ---- watch.c ---- */
struct watching {
    struct str execution_id;
    bool approve; /* open every gate without asking */
    bool reached; /* the service has answered already: silence is worth waiting for */
};
int watch_execution(struct client *c, const struct watching *w);

/* ---- the commands of its own ---- */
int command_execute(struct client *c, struct words words);
int command_watch(struct client *c, struct words words);
int command_resume(struct client *c, struct words words);
int command_aws_profile(struct client *c, struct words words);

#endif
