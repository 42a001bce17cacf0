#ifndef MODEL_REFUSAL_H
#define MODEL_REFUSAL_H

#include "base/field.h"

/*
 * What refusals show beside their message (contract §2: at top level and under `details`), as
 * structs, so that every operation that refuses for one reason shows the same members.
 */
struct version_refusal {
    int64_t current_version;
    int64_t provided_version;
};
extern const struct field version_refusal_fields[];

struct active_refusal {
    struct str execution_id;
    struct str execution_status;
};
extern const struct field active_refusal_fields[];

struct server_conflict {
    struct str server_id;
    struct str hostname;
    struct str group_id;
    struct str group_name;
};
struct conflict_refusal {
    LIST_OF(struct server_conflict) conflicts;
};
extern const struct field conflict_refusal_fields[];

/* A server that an execution, or a job of DRS, works on. */
struct busy_server {
    struct str server_id;
    struct str hostname;
    int64_t wave_number; /* of the plan that would have started it */
    struct str wave_name;
    struct str execution_id;
    struct str plan_id;
    struct str plan_name;
    struct str execution_status;
    struct str job_id;
    struct str job_status;
    struct str source; /* which of the two */
};
struct busy_refusal {
    struct str execution_id; /* of the first conflict, as is the job */
    struct str job_id;
    LIST_OF(struct busy_server) conflicts;
};
extern const struct field busy_refusal_fields[];

struct invalid_server {
    struct str server_id;
    struct str hostname;
    struct str replication_state;
};
struct replication_refusal {
    LIST_OF(struct invalid_server) invalid_servers;
};
extern const struct field replication_refusal_fields[];

struct wave_size {
    int64_t wave_number;
    int64_t server_count;
};
typedef LIST_OF(struct wave_size) wave_size_list;
struct wave_size_refusal {
    int64_t limit;
    wave_size_list errors;
};
extern const struct field wave_size_refusal_fields[];

struct using_plan {
    struct str plan_id;
    struct str plan_name;
};
struct in_use_refusal {
    LIST_OF(struct using_plan) plans;
};
extern const struct field in_use_refusal_fields[];

#endif
