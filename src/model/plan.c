#include "model/plan.h"

const char *const on_wave_failure_names[] = {"", "stop", "continue", NULL};
const char *const plan_status_names[] = {"", "ACTIVE", "INACTIVE", NULL};

const struct field plan_wave_fields[] = {
    F_INT(struct plan_wave, wave_number, "waveNumber", F_HAS(struct plan_wave, has_wave_number),
          .max = WAVE_NUMBER_MAX, .help = "the wave's number; entries that share one are one wave"),
    F_STR(struct plan_wave, name, "name", .aliases = "waveName", .flags = FIELD_REQUIRED,
          .max = WAVE_NAME_CHARS_MAX * TEXT_BYTES_PER_CHAR, .check = &check_wave_name,
          .help = "name of the wave"),
    F_STR(struct plan_wave, description, "description", .input_aliases = "waveDescription",
          .max = DESCRIPTION_CHARS_MAX * TEXT_BYTES_PER_CHAR, .check = &check_description,
          .help = "what the wave is for"),
    F_STR(struct plan_wave, protection_group_id, "protectionGroupId", .max = IDENTIFIER_MAX,
          .check = &check_identifier, .help = "group that the wave recovers"),
    F_STRS(struct plan_wave, protection_group_ids, "protectionGroupIds", .max = WAVE_GROUPS_MAX,
           .check = &check_identifier, .help = "several groups that start together"),
    F_STR(struct plan_wave, protection_group_name, "protectionGroupName",
          .flags = FIELD_READONLY | FIELD_UNSTORED, .help = "name of the first group"),
    F_STRS(struct plan_wave, protection_group_names, "protectionGroupNames",
           .flags = FIELD_READONLY | FIELD_UNSTORED, .help = "names of the groups"),
    F_STRS(struct plan_wave, server_ids, "serverIds", .flags = FIELD_READONLY | FIELD_UNSTORED,
           .help = "servers of the groups"),
    F_INT(struct plan_wave, server_count, "serverCount", .flags = FIELD_READONLY | FIELD_UNSTORED,
          .help = "servers of the groups"),
    F_INT(struct plan_wave, launch_order, "launchOrder", F_HAS(struct plan_wave, has_launch_order),
          .max = WAVE_NUMBER_MAX,
          .help = "order among the groups of one wave; the wave number when absent"),
    F_BOOL(struct plan_wave, pause_before_wave, "pauseBeforeWave",
           .help = "wait for a person before this wave starts"),
    F_INTS(struct plan_wave, depends_on_waves, "dependsOnWaves", .max = PLAN_WAVES_MAX,
           .help = "waves that must have completed; the next lower one when absent"),
    F_END,
};

#define PLAN_INPUT_ROWS(need)                                                                      \
    F_STR(struct plan, name, "name", .aliases = "planName", .flags = (need),                       \
          .max = NAME_CHARS_MAX * TEXT_BYTES_PER_CHAR, .check = &check_name,                       \
          .help = "unique name, whatever its case"),                                               \
        F_STR(struct plan, description, "description", .flags = FIELD_NULL,                        \
              .max = DESCRIPTION_CHARS_MAX * TEXT_BYTES_PER_CHAR, .check = &check_description,     \
              .help = "what the plan is for"),                                                     \
        F_LIST(struct plan, waves, "waves", struct plan_wave, plan_wave_fields, .flags = (need),   \
               .min = 1, .max = PLAN_WAVES_MAX, .help = "what recovers, in which order"),          \
        F_ENUM(struct plan, on_wave_failure, "onWaveFailure", on_wave_failure_names,               \
               .flags = FIELD_FOLD, .help = "whether independent waves go on after a failed one"), \
        F_ENUM(struct plan, status, "status", plan_status_names, .flags = FIELD_FOLD,              \
               .help = "an inactive plan is kept and cannot be executed")

#define PLAN_ANSWER_ROWS                                                                      \
    F_INT(struct plan, total_waves, "totalWaves", .aliases = "waveCount",                     \
          .flags = FIELD_READONLY | FIELD_UNSTORED, .help = "waves of the plan"),             \
        F_INT(struct plan, total_servers, "totalServers",                                     \
              .flags = FIELD_READONLY | FIELD_UNSTORED, .help = "servers of all its groups"), \
        F_STR(struct plan, last_execution_id, "lastExecutionId",                              \
              .flags = FIELD_READONLY | FIELD_NULL, .help = "its latest execution"),          \
        F_STR(struct plan, last_execution_status, "lastExecutionStatus",                      \
              .flags = FIELD_READONLY | FIELD_NULL, .help = "status of that execution"),      \
        F_TIME(struct plan, last_started_at, "lastStartedAt", .epoch = "lastStartTime",       \
               .flags = FIELD_READONLY | FIELD_NULL, .help = "when it started"),              \
        F_TIME(struct plan, last_ended_at, "lastEndedAt", .epoch = "lastEndTime",             \
               .flags = FIELD_READONLY | FIELD_NULL, .help = "when it ended"),                \
        F_TIME(struct plan, created_at, "createdAt", .epoch = "createdDate",                  \
               .flags = FIELD_READONLY, .help = "when the plan was created"),                 \
        F_TIME(struct plan, updated_at, "updatedAt", .epoch = "lastModifiedDate",             \
               .flags = FIELD_READONLY, .help = "when the plan was changed last"),            \
        F_STR(struct plan, message, "message", .flags = FIELD_READONLY | FIELD_UNSTORED,      \
              .help = "what was done, in words"),                                             \
        F_STRS(struct plan, warnings, "warnings", .flags = FIELD_READONLY | FIELD_UNSTORED,   \
               .help = "what deserves attention")

#define PLAN_ID_ROW(flags_)                                                    \
    F_STR(struct plan, id, "planId", .flags = (flags_), .max = IDENTIFIER_MAX, \
          .check = &check_identifier, .help = "id of the recovery plan")

#define PLAN_PARALLEL_ROW(...)                           \
    F_BOOL(struct plan, parallel_waves, "parallelWaves", \
           __VA_ARGS__.help =                            \
               "run every wave whose dependencies have completed, not one at a time")

const struct field plan_fields[] = {
    PLAN_ID_ROW(FIELD_READONLY),
    PLAN_INPUT_ROWS(0),
    PLAN_PARALLEL_ROW(),
    PLAN_ANSWER_ROWS,
    F_INT(struct plan, version, "version", .flags = FIELD_READONLY, .min = 0,
          .help = "rises with every change; an update names the one it read"),
    F_STR(struct plan, name_fold, "nameFold", .flags = FIELD_INTERNAL, .max = 1024,
          .help = "the name, folded: what is unique"),
    F_END,
};

const struct field plan_create_fields[] = {
    PLAN_ID_ROW(FIELD_READONLY),
    PLAN_INPUT_ROWS(FIELD_REQUIRED),
    PLAN_PARALLEL_ROW(),
    PLAN_ANSWER_ROWS,
    F_INT(struct plan, version, "version", .flags = FIELD_READONLY, .help = "ignored"),
    F_END,
};

const struct field plan_update_fields[] = {
    PLAN_ID_ROW(FIELD_REQUIRED),
    PLAN_INPUT_ROWS(0),
    PLAN_PARALLEL_ROW(F_HAS(struct plan, has_parallel_waves), ),
    PLAN_ANSWER_ROWS,
    F_INT(struct plan, version, "version", F_HAS(struct plan, has_version), .min = 0,
          .help = "the version that was read; refused when it is not the current one"),
    F_END,
};
