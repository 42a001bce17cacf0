#include "edge/command_flag.h"

enum { HELP_COLUMN = 32, VALUE_MAX = 1024 };

struct str command_flag_value(struct arena *a, const struct command_flag *flag)
{
    struct buf b = buf_new(a, VALUE_MAX);

    if (flag->value)
        return str_from_z(flag->value);
    for (size_t i = 0; flag->choices && flag->choices[i]; i++)
        buf_addf(&b, "%s%s", i ? "|" : "", flag->choices[i]);
    return buf_str(&b);
}

void command_flags_help(struct arena *a, struct buf *b, const struct command_flag *flags)
{
    for (; flags && flags->name; flags++) {
        struct str value = command_flag_value(a, flags);
        size_t before = b->len;
        size_t width;

        buf_addf(b, "  --%s%s" STR_FMT, flags->name, value.len ? " " : "", STR_ARG(value));
        width = b->len - before;
        if (width > HELP_COLUMN - 2)
            buf_addf(b, "\n%*s%s\n", HELP_COLUMN, "", flags->help);
        else
            buf_addf(b, "%*s%s\n", (int)(HELP_COLUMN - width), "", flags->help);
    }
}
