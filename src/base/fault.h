#ifndef BASE_FAULT_H
#define BASE_FAULT_H

#include <stdbool.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/attr.h"

/*
 * Every way an operation may end badly: the one place that ties code, HTTP status and retry advice
 * together (S1:1580, contract §2). The names are the `api` dialect's.
 */
#define FAULT_CATALOG(ROW)                                                          \
    ROW(FAULT_INVALID_INVOCATION, 400, false, "INVALID_INVOCATION")                 \
    ROW(FAULT_INVALID_OPERATION, 400, false, "INVALID_OPERATION")                   \
    ROW(FAULT_MISSING_PARAMETER, 400, false, "MISSING_PARAMETER")                   \
    ROW(FAULT_INVALID_PARAMETER, 400, false, "INVALID_PARAMETER")                   \
    ROW(FAULT_ALREADY_EXISTS, 409, false, "ALREADY_EXISTS")                         \
    ROW(FAULT_NOT_FOUND, 404, false, "NOT_FOUND")                                   \
    ROW(FAULT_PROTECTION_GROUP_NOT_FOUND, 404, false, "PROTECTION_GROUP_NOT_FOUND") \
    ROW(FAULT_SUBNET_NOT_FOUND, 404, false, "SUBNET_NOT_FOUND")                     \
    ROW(FAULT_IN_USE, 409, false, "IN_USE")                                         \
    ROW(FAULT_SERVER_CONFLICT, 409, false, "SERVER_CONFLICT")                       \
    ROW(FAULT_ACTIVE_EXECUTION, 409, false, "ACTIVE_EXECUTION")                     \
    ROW(FAULT_VERSION_MISMATCH, 409, true, "VERSION_MISMATCH")                      \
    ROW(FAULT_INVALID_STATE, 409, false, "INVALID_STATE")                           \
    ROW(FAULT_IP_IN_USE, 409, false, "IP_IN_USE")                                   \
    ROW(FAULT_INVALID_REPLICATION_STATE, 400, false, "INVALID_REPLICATION_STATE")   \
    ROW(FAULT_WAVE_SIZE_EXCEEDED, 400, false, "WAVE_SIZE_EXCEEDED")                 \
    ROW(FAULT_WAVE_SIZE_LIMIT_EXCEEDED, 400, false, "WAVE_SIZE_LIMIT_EXCEEDED")     \
    ROW(FAULT_QUOTA_EXCEEDED, 400, false, "QUOTA_EXCEEDED")                         \
    ROW(FAULT_NO_STAGING_ACCOUNTS, 400, false, "NO_STAGING_ACCOUNTS")               \
    ROW(FAULT_VALIDATION_FAILED, 400, false, "VALIDATION_FAILED")                   \
    ROW(FAULT_DRS_LIMIT_EXCEEDED, 429, true, "DRS_LIMIT_EXCEEDED")                  \
    ROW(FAULT_UNAUTHENTICATED, 401, false, "UNAUTHENTICATED")                       \
    ROW(FAULT_AUTHORIZATION_FAILED, 403, false, "AUTHORIZATION_FAILED")             \
    ROW(FAULT_ROLE_ASSUMPTION_FAILED, 403, false, "ROLE_ASSUMPTION_FAILED")         \
    ROW(FAULT_METHOD_NOT_ALLOWED, 405, false, "METHOD_NOT_ALLOWED")                 \
    ROW(FAULT_TOO_LARGE, 413, false, "TOO_LARGE")                                   \
    ROW(FAULT_UNSUPPORTED_MEDIA_TYPE, 415, false, "UNSUPPORTED_MEDIA_TYPE")         \
    ROW(FAULT_DYNAMODB_ERROR, 500, true, "DYNAMODB_ERROR")                          \
    ROW(FAULT_DRS_ERROR, 500, false, "DRS_ERROR")                                   \
    ROW(FAULT_AWS_TRANSIENT, 503, true, "DRS_ERROR")                                \
    ROW(FAULT_SYNC_FAILED, 500, false, "SYNC_FAILED")                               \
    ROW(FAULT_INTERNAL_ERROR, 500, false, "INTERNAL_ERROR")                         \
    ROW(FAULT_UNAVAILABLE, 503, true, "UNAVAILABLE")                                \
    /* Inside only: what the rooms below the dispatcher say to each other. */       \
    ROW(FAULT_CONDITION_FAILED, 409, true, "CONDITION_FAILED")                      \
    ROW(FAULT_FENCED, 409, false, "FENCED")                                         \
    ROW(FAULT_TIMEOUT, 503, true, "TIMEOUT")                                        \
    ROW(FAULT_CONNECTION, 503, true, "CONNECTION")                                  \
    ROW(FAULT_CORRUPT, 500, false, "CORRUPT")                                       \
    ROW(FAULT_STORE_FULL, 503, true, "STORE_FULL")                                  \
    ROW(FAULT_STORE_ERROR, 500, true, "STORE_ERROR")

enum fault {
    FAULT_NONE,
#define ROW(id, http_status, retryable, name) id,
    FAULT_CATALOG(ROW)
#undef ROW
};

struct fault_info {
    const char *name;
    uint16_t http_status;
    bool retryable;
};

/* Static; for FAULT_NONE the name is "NONE" and the status 200. */
const struct fault_info *fault_describe(enum fault f);

/* One thing that is wrong. `field` is a path such as waves[1].dependsOnWaves, or absent. */
struct fault_item {
    enum fault fault;
    struct str field;
    struct str message;
};

/*
 * Faults that collect: a stage adds all it finds, the dispatcher reports all of the first stage
 * that found any (contract §2). At most FAULTS_MAX are kept; `dropped` counts the rest.
 */
enum { FAULTS_MAX = 100 };

struct faults {
    struct arena *arena; /* messages and paths live here */
    struct fault_item *items;
    size_t len;
    size_t dropped;
};

void faults_init(struct faults *fs, struct arena *a);

/* Adds one and returns it, so that a caller can write: return faults_add(fs, FAULT_X, ...); */
enum fault faults_add(struct faults *fs, enum fault f, struct str field, const char *fmt, ...)
    PRINTF_LIKE(4, 5);

/* The first one's code, or FAULT_NONE. */
enum fault faults_first(const struct faults *fs);

#endif
