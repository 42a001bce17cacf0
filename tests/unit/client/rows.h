#ifndef TESTS_UNIT_CLIENT_ROWS_H
#define TESTS_UNIT_CLIENT_ROWS_H

#include "edge/client/client_internal.h"

/* A small operation table with one field of every kind, for the tests of the client. */
struct item {
    int64_t number;
    struct str name;
    struct ints after;
    bool pause;
};

struct params {
    struct str group_id;
    struct str name;
    int64_t version;
    double ratio;
    bool force;
    int64_t at;
    int mode;
    struct strs server_ids;
    struct ints numbers;
    struct tags tags;
    struct item *one;
    LIST_OF(struct item) items;
    const struct json *extra;
    struct str made_by;
};

static const char *const mode_names[] = {"", "tags", "explicit", NULL};

static const struct field item_fields[] = {
    F_INT(struct item, number, "waveNumber", .help = "number"),
    F_STR(struct item, name, "name", .aliases = "waveName", .help = "name"),
    F_INTS(struct item, after, "dependsOnWaves", .help = "before it"),
    F_BOOL(struct item, pause, "pauseBeforeWave", .help = "gate"),
    F_END,
};

static const struct field row_params[] = {
    F_STR(struct params, group_id, "groupId", .flags = FIELD_REQUIRED, .help = "id"),
    F_STR(struct params, name, "name", .aliases = "groupName", .help = "name"),
    F_INT(struct params, version, "version", .help = "version"),
    F_REAL(struct params, ratio, "ratio", .help = "ratio"),
    F_BOOL(struct params, force, "force", .help = "force"),
    F_TIME(struct params, at, "pointInTime", .help = "time"),
    F_ENUM(struct params, mode, "serverSelectionMode", mode_names, .help = "mode"),
    F_STRS(struct params, server_ids, "sourceServerIds", .aliases = "sourceServerIDs",
           .help = "servers"),
    F_INTS(struct params, numbers, "numbers", .help = "numbers"),
    F_TAGS(struct params, tags, "serverSelectionTags", .help = "tags"),
    F_OBJECT(struct params, one, "one", struct item, item_fields, .help = "one"),
    F_LIST(struct params, items, "waves", struct item, item_fields, .help = "waves"),
    F_JSON(struct params, extra, "extra", .help = "anything"),
    F_STR(struct params, made_by, "madeBy", .flags = FIELD_READONLY, .help = "answers only"),
    F_END,
};

static enum fault run_nothing(struct ctx *c)
{
    (void)c;
    return FAULT_NONE;
}

static const struct operation row = {
    .names = {"update_thing", "change_thing"},
    .routes = {{"PUT", "/things/{groupId}"}, {"POST", "/things"}},
    .summary = "Changes a thing",
    .example = "--group-id pg-1 --name web",
    .params = row_params,
    .params_size = sizeof(struct params),
    .reply = row_params,
    .reply_size = sizeof(struct params),
    .api_required = "version",
    .run_write = run_nothing,
};

static const struct operation secret_row = {
    .names = {"inner_thing"},
    .internal = true,
    .params = row_params,
    .run_write = run_nothing,
};

static const struct operation *const rows[] = {&secret_row, &row};
static const struct operation_set row_set UNUSED = {rows, 2};

#endif
