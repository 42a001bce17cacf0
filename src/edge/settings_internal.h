#ifndef EDGE_SETTINGS_INTERNAL_H
#define EDGE_SETTINGS_INTERNAL_H

#include "edge/settings.h"

/* The table of settings (settings.c), for what reads it and for what shows it. */

enum setting_kind { SETTING_TEXT, SETTING_INT, SETTING_BOOL, SETTING_NAME };

struct setting {
    const char *name;
    const char *flag; /* a shorter flag, or NULL */
    enum setting_kind kind;
    size_t at;
    const char *standard;     /* default; "": absent */
    int64_t min, max;         /* INT */
    const char *const *names; /* NAME: the index is the value */
    bool (*ok)(struct str s); /* TEXT */
    const char *must;         /* for the message when !ok */
    const char *help;
};

extern const struct setting settings_rows[];
extern const size_t settings_rows_len;

const struct setting *setting_find(struct str name);

/* "http.listen" as "http-listen". */
struct str setting_flag_name(struct arena *a, const struct setting *row);

/* "http.listen" as "DRWAVE_HTTP_LISTEN". */
const char *setting_variable_name(struct arena *a, const struct setting *row);

/* The `ok` of those that name a file or folder. */
bool setting_is_absolute(struct str s);

#endif
