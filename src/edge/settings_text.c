/* The settings for people: what is in force, what `serve` takes. */
#include "edge/settings_internal.h"

enum { TEXT_MAX = 64 << 10 };

static struct str value_text(struct arena *a, const struct settings *s, const struct setting *row)
{
    const void *at = (const char *)s + row->at;

    switch (row->kind) {
    case SETTING_BOOL:
        return *(const bool *)at ? STR("true") : STR("false");
    case SETTING_INT:
        return arena_strf(a, "%lld", (long long)*(const int64_t *)at);
    case SETTING_NAME:
        return str_from_z(row->names[*(const int *)at]);
    case SETTING_TEXT:
        break;
    }
    return *(const struct str *)at;
}

struct str settings_print(struct arena *a, const struct settings *s)
{
    struct buf b = buf_new(a, TEXT_MAX);

    for (size_t i = 0; i < settings_rows_len; i++) {
        struct str value = value_text(a, s, &settings_rows[i]);

        buf_addf(&b, "%s =%s" STR_FMT "\n", settings_rows[i].name, value.len ? " " : "",
                 STR_ARG(value));
    }
    return buf_str(&b);
}

static const char *value_word(const struct setting *row)
{
    switch (row->kind) {
    case SETTING_INT:
        return "NUMBER";
    case SETTING_TEXT:
        return row->ok == setting_is_absolute ? "PATH" : "TEXT";
    case SETTING_BOOL:
    case SETTING_NAME:
        break;
    }
    return NULL;
}

static struct command_flag flag_of(struct arena *a, const struct setting *row)
{
    struct str flag = row->flag ? str_from_z(row->flag) : setting_flag_name(a, row);
    struct str help = *row->standard && row->kind != SETTING_BOOL
                          ? arena_strf(a, "%s (%s)", row->help, row->standard)
                          : str_from_z(row->help);

    return (struct command_flag){.name = arena_z(a, flag),
                                 .value = value_word(row),
                                 .help = arena_z(a, help),
                                 .choices = row->names,
                                 .file = row->ok == setting_is_absolute};
}

const struct command_flag *settings_flags(struct arena *a)
{
    static const struct command_flag more[] = {
        {"config", "FILE", "settings as 'name = value' lines (/etc/drwave/drwave.conf)",
         .file = true},
        {"print-config", .help = "print what is in force, by name, and exit"},
        {0},
    };
    struct command_flag *flags =
        arena_array_of(a, settings_rows_len + ARRAY_LEN(more), struct command_flag);

    for (size_t i = 0; i < settings_rows_len; i++)
        flags[i] = flag_of(a, &settings_rows[i]);
    memcpy(flags + settings_rows_len, more, sizeof(more));
    return flags;
}

const struct command_flag *settings_flag(struct arena *a, const char *name)
{
    struct command_flag *flag = arena_array_of(a, 2, struct command_flag);

    flag[0] = flag_of(a, setting_find(str_from_z(name)));
    return flag;
}

struct str settings_help(struct arena *a)
{
    struct buf b = buf_new(a, TEXT_MAX);

    buf_add_z(&b, "drwave serve [OPTIONS]\n\n"
                  "run the service until SIGTERM or SIGINT\n\noptions:\n\n");
    command_flags_help(a, &b, settings_flags(a));
    buf_add_z(&b,
              "\nA setting comes from, the weakest first: its default, the file, the environment\n"
              "(DRWAVE_HTTP_LISTEN for http.listen), a flag.\n"
              "\nexample:\n\n  drwave serve --data /var/lib/drwave --listen 127.0.0.1:8080\n");
    return buf_str(&b);
}
