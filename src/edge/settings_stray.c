/* Variables that were meant as a setting and are none: nobody would notice what they do not do. */
#include "base/log.h"
#include "edge/settings_internal.h"

/* Of the client, and of the tests and scripts of the repository. */
static const char *const others[] = {
    "DRWAVE_CONFIG",    "DRWAVE_ENDPOINT",     "DRWAVE_TOKEN",     "DRWAVE_CLIENT_FILE",
    "DRWAVE_CA_BUNDLE", "DRWAVE_BUILD",        "DRWAVE_TEST_LONG", "DRWAVE_SIM",
    "DRWAVE_INSTALL",   "DRWAVE_WRITE_LAYOUT",
};

/* Kubernetes tells every pod of a service by that name, in such variables. */
static bool is_of_cluster(struct str name)
{
    return str_starts(name, STR("DRWAVE_SERVICE_")) || str_starts(name, STR("DRWAVE_PORT"));
}

struct guess {
    struct str given;
    struct str nearest;
    size_t distance;
};

static void compare(struct guess *g, struct str known)
{
    size_t distance = str_distance(g->given, known);

    if (distance < g->distance) {
        g->distance = distance;
        g->nearest = known;
    }
}

bool settings_is_stray(struct arena *a, struct str name, struct str *nearest)
{
    struct str prefix = STR("DRWAVE_");
    struct guess g = {.given = name};

    *nearest = (struct str){0};
    if (!str_starts(name, prefix) || is_of_cluster(name))
        return false;
    g.distance = (name.len - prefix.len) / 3 + 1;
    for (size_t i = 0; i < ARRAY_LEN(others); i++)
        compare(&g, str_from_z(others[i]));
    for (size_t i = 0; i < settings_rows_len; i++)
        compare(&g, str_from_z(setting_variable_name(a, &settings_rows[i])));
    if (g.distance)
        *nearest = g.nearest;
    return g.distance > 0;
}

void settings_warn_of_stray(struct arena *a, char *const *environment)
{
    for (; *environment; environment++) {
        struct str value = str_from_z(*environment);
        struct str name = str_cut(&value, '=');
        struct str nearest;

        if (!str_empty(value) && settings_is_stray(a, name, &nearest))
            log_event(LOG_WARN, LOG_SETTINGS, LOG_STR("variable", name),
                      LOG_STR("nearest", nearest),
                      LOG_STR("why", STR("there is no such setting: it is ignored")));
    }
}
