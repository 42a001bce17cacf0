#ifndef EDGE_SETTINGS_H
#define EDGE_SETTINGS_H

#include "base/fault.h"
#include "base/log.h"
#include "edge/command_flag.h"

/*
 * What can be set from outside: one table of rows (settings.c) with name, bounds, default and where
 * it lands. A setting comes from, the weakest first: its default, the file ("name = value" lines, #
 * comments), the environment (DRWAVE_ and the name in capitals, '.' and '-' as '_'), a flag ("--"
 * and the name, '.' as '-'); twice in one of them is a mistake. Nothing in here is a secret: keys
 * are named by the file that holds them.
 */
enum settings_dialect { SETTINGS_DIALECT_BY_NAME, SETTINGS_DIALECT_API, SETTINGS_DIALECT_EVENT };

struct settings {
    struct str data; /* folder: database, credentials, client.json */
    struct str http_listen;
    struct str listen_address;  /* of http_listen: "127.0.0.1", "::1" */
    uint16_t listen_port;       /* 0: any free one */
    struct str tls_certificate; /* file names; both or neither */
    struct str tls_key;
    bool behind_proxy;
    struct str host_names; /* separated by commas */
    int64_t body_limit_bytes;
    int64_t connections_max;
    int64_t idle_timeout_s;
    int64_t queue_max;
    int64_t workers;
    struct str aws_region;     /* absent: each call names its own */
    struct str aws_account_id; /* absent: STS is asked */
    struct str aws_ca_bundle;  /* PEM file; absent: the profile's, else the system's */
    int64_t aws_workers;
    int64_t workflow_workers;
    int64_t poll_min_ms;
    int64_t poll_max_ms;
    int64_t drs_visibility_s;
    int log_format; /* enum settings_log_format */
    int log_level;  /* enum log_level */
    int dialect_data;
    int dialect_execution;
    int dialect_query; /* enum settings_dialect: how the function answers, whatever its name */
};

enum settings_log_format { SETTINGS_LOG_AUTO, SETTINGS_LOG_TEXT, SETTINGS_LOG_JSON };

/* Where to look. `environment` answers NULL for what is unset. */
struct settings_input {
    const char *const *flags; /* what follows the subcommand; NULL-terminated */
    const char *(*environment)(void *context, const char *name);
    void *context;
    bool root; /* without another word the data folder is /var/lib/drwave */
};

/* What the flags asked for besides. */
struct settings_request {
    bool print; /* --print-config */
    bool help;  /* --help, -h */
};

/*
 * Fills *out from all sources. Every mistake is one fault, with the setting's name as its field and
 * the source in its message; the first one's code is returned.
 */
MUST_CHECK enum fault settings_load(struct arena *a, const struct settings_input *in,
                                    struct settings *out, struct settings_request *request,
                                    struct faults *faults);

/*
 * Whether a variable of the environment is called like one of ours and is none; *nearest is the one
 * that may be meant, or absent.
 */
bool settings_is_stray(struct arena *a, struct str name, struct str *nearest);

/* Logs those that have a value. `environment` as environ is. */
void settings_warn_of_stray(struct arena *a, char *const *environment);

/* Every setting as a line of the file would have it. */
struct str settings_print(struct arena *a, const struct settings *s);

/* Every flag that `serve` takes, with its default in its help; or the one of that name alone. */
const struct command_flag *settings_flags(struct arena *a);
const struct command_flag *settings_flag(struct arena *a, const char *name);
struct str settings_help(struct arena *a);

#endif
