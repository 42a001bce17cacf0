#include "sim/kind_checks.h"

/*
 * One table for each thing in the world: how it is spelt in scenario files, saved state and the
 * admin API. A list may be as long as an estate is large.
 */
enum { MANY = 1 << 20, LONG = 65536 };

#define NO                  .help = NULL
#define ONE_OF(T, m, n, is) F_STR(T, m, n, .check = &sim_check_##is)
#define AT(T)                                                                          \
    ONE_OF(T, at.account, "account", account), ONE_OF(T, at.region, "region", region), \
        F_STR(T, at.id, "id", NO)
#define TAGS_SHOWN_LATE(T)                                                 \
    F_TAGS(T, tags, "tags", NO), F_TAGS(T, past.before, "tagsBefore", NO), \
        F_INT(T, past.until_ms, "tagsVisibleMs", .min = INT64_MIN)
#define TEXT(T, m, n)  F_STR(T, m, n, .max = LONG)
#define NUM(T, m, n)   F_INT(T, m, n, .min = INT64_MIN)
#define COUNT(T, m, n) F_INT(T, m, n, NO)

static const struct field account_fields[] = {
    AT(struct account),
    F_STR(struct account, alias, "alias", NO),
    F_END,
};

static const struct field key_fields[] = {
    AT(struct key),
    F_STR(struct key, secret, "secret", NO),
    F_STR(struct key, token, "token", NO),
    F_STR(struct key, principal, "principal", NO),
    F_STR(struct key, user_id, "userId", NO),
    F_STR(struct key, role, "role", NO),
    F_STR(struct key, session, "session", NO),
    NUM(struct key, expires_ms, "expiresMs"),
    F_STRS(struct key, policy.allow, "allow", NO),
    F_STRS(struct key, policy.deny, "deny", NO),
    F_TAGS(struct key, tags, "tags", NO),
    F_END,
};

static const struct field role_fields[] = {
    AT(struct role),
    F_STR(struct role, path, "path", NO),
    F_STR(struct role, role_id, "roleId", NO),
    F_STRS(struct role, trust, "trust", NO),
    F_STRS(struct role, distrust, "distrust", NO),
    F_STR(struct role, external_id, "externalId", NO),
    COUNT(struct role, max_duration_s, "maxDurationS"),
    F_STRS(struct role, policy.allow, "allow", NO),
    F_STRS(struct role, policy.deny, "deny", NO),
    F_END,
};

static const struct field profile_fields[] = {
    AT(struct profile),
    F_STR(struct profile, path, "path", NO),
    F_STR(struct profile, profile_id, "profileId", NO),
    F_STRS(struct profile, roles, "roles", NO),
    NUM(struct profile, created_ms, "createdMs"),
    F_END,
};

static const struct field cell_fields[] = {
    AT(struct cell),
    ONE_OF(struct cell, drs, "drs", cell),
    ONE_OF(struct cell, opt_in, "optIn", opt_in),
    COUNT(struct cell, quota_servers, "quotaServers"),
    COUNT(struct cell, quota_replicating, "quotaReplicating"),
    COUNT(struct cell, quota_jobs, "quotaJobs"),
    COUNT(struct cell, quota_job_servers, "quotaJobServers"),
    COUNT(struct cell, quota_per_job, "quotaPerJob"),
    F_END,
};

static const struct field vpc_fields[] = {
    AT(struct vpc),
    ONE_OF(struct vpc, cidr, "cidr", cidr),
    F_BOOL(struct vpc, is_default, "default", NO),
    F_TAGS(struct vpc, tags, "tags", NO),
    F_END,
};

static const struct field subnet_fields[] = {
    AT(struct subnet),
    F_STR(struct subnet, vpc, "vpc", NO),
    ONE_OF(struct subnet, cidr, "cidr", cidr),
    F_STR(struct subnet, zone, "zone", NO),
    F_BOOL(struct subnet, default_for_az, "defaultForAz", NO),
    F_BOOL(struct subnet, full, "full", NO),
    F_TAGS(struct subnet, tags, "tags", NO),
    F_END,
};

static const struct field group_fields[] = {
    AT(struct group),
    F_STR(struct group, vpc, "vpc", NO),
    F_STR(struct group, name, "name", NO),
    F_STR(struct group, description, "description", NO),
    F_TAGS(struct group, tags, "tags", NO),
    F_END,
};

static const struct field eni_fields[] = {
    AT(struct eni),
    F_STR(struct eni, subnet, "subnet", NO),
    ONE_OF(struct eni, ip, "ip", ip),
    F_STRS(struct eni, ips, "ips", NO),
    F_STRS(struct eni, groups, "groups", NO),
    F_STR(struct eni, instance, "instance", NO),
    F_STR(struct eni, description, "description", NO),
    F_TAGS(struct eni, tags, "tags", NO),
    F_END,
};

static const struct field address_fields[] = {
    AT(struct address),
    F_STR(struct address, public_ip, "publicIp", NO),
    F_STR(struct address, instance, "instance", NO),
    F_TAGS(struct address, tags, "tags", NO),
    F_END,
};

static const struct field version_fields[] = {
    NUM(struct template_version, number, "number"),
    F_STR(struct template_version, description, "description", NO),
    NUM(struct template_version, created_ms, "createdMs"),
    F_STR(struct template_version, created_by, "createdBy", NO),
    F_JSON(struct template_version, data, "data", NO),
    F_END,
};

static const struct field template_fields[] = {
    AT(struct template),
    F_STR(struct template, name, "name", NO),
    F_STR(struct template, server, "server", NO),
    NUM(struct template, default_version, "defaultVersion"),
    NUM(struct template, latest_version, "latestVersion"),
    NUM(struct template, created_ms, "createdMs"),
    F_STR(struct template, created_by, "createdBy", NO),
    F_TAGS(struct template, tags, "tags", NO),
    F_LIST(struct template, versions, "versions", struct template_version, version_fields,
           .max = MANY),
    F_END,
};

static const struct field instance_fields[] = {
    AT(struct instance),
    F_STR(struct instance, type, "type", NO),
    F_STR(struct instance, image, "image", NO),
    ONE_OF(struct instance, state, "state", instance),
    NUM(struct instance, next_ms, "nextMs"),
    F_STR(struct instance, reason_code, "reasonCode", NO),
    F_STR(struct instance, reason, "reason", NO),
    F_STR(struct instance, subnet, "subnet", NO),
    F_STR(struct instance, zone, "zone", NO),
    ONE_OF(struct instance, ip, "ip", ip),
    F_STR(struct instance, public_ip, "publicIp", NO),
    F_STR(struct instance, eni, "eni", NO),
    F_STRS(struct instance, groups, "groups", NO),
    F_STR(struct instance, profile, "profile", NO),
    F_BOOL(struct instance, windows, "windows", NO),
    F_BOOL(struct instance, is_protected, "protected", NO),
    F_BOOL(struct instance, start_stopped, "startStopped", NO),
    F_STR(struct instance, server, "server", NO),
    F_BOOL(struct instance, drill, "drill", NO),
    NUM(struct instance, launched_ms, "launchedMs"),
    NUM(struct instance, gone_ms, "goneMs"),
    F_TAGS(struct instance, tags, "tags", NO),
    F_END,
};

static const struct field disk_fields[] = {
    F_STR(struct disk, device, "device", NO),
    COUNT(struct disk, bytes, "bytes"),
    F_END,
};

static const struct field replication_fields[] = {
    ONE_OF(struct replication, state, "state", replication),
    ONE_OF(struct replication, next, "next", replication),
    NUM(struct replication, since_ms, "sinceMs"),
    NUM(struct replication, next_ms, "nextMs"),
    NUM(struct replication, lag_ms, "lagMs"),
    COUNT(struct replication, backlog_bytes, "backlogBytes"),
    NUM(struct replication, backlog_per_s, "backlogPerS"),
    COUNT(struct replication, rescanned_bytes, "rescannedBytes"),
    ONE_OF(struct replication, error, "error", replication_error),
    TEXT(struct replication, raw_error, "rawError"),
    F_END,
};

static const struct field staging_fields[] = {
    ONE_OF(struct staging, status, "status", staging),
    ONE_OF(struct staging, account, "account", account),
    F_STR(struct staging, server_arn, "serverArn", NO),
    TEXT(struct staging, error, "error"),
    F_END,
};

static const struct field launch_fields[] = {
    F_STR(struct launch_settings, name, "name", NO),
    F_STR(struct launch_settings, template_id, "templateId", NO),
    ONE_OF(struct launch_settings, disposition, "disposition", disposition),
    ONE_OF(struct launch_settings, right_sizing, "rightSizing", right_sizing),
    F_BOOL(struct launch_settings, copy_private_ip, "copyPrivateIp", NO),
    F_BOOL(struct launch_settings, copy_tags, "copyTags", NO),
    F_BOOL(struct launch_settings, os_byol, "osByol", NO),
    F_BOOL(struct launch_settings, post_launch, "postLaunch", NO),
    F_STR(struct launch_settings, into_instance, "intoInstance", NO),
    ONE_OF(struct launch_settings, recovery_mode, "recoveryMode", recovery_mode),
    F_END,
};

static const struct field last_fields[] = {
    ONE_OF(struct last_launch, result, "result", result),
    F_STR(struct last_launch, job, "job", NO),
    F_STR(struct last_launch, type, "type", NO),
    F_STR(struct last_launch, status, "status", NO),
    NUM(struct last_launch, api_ms, "apiMs"),
    F_END,
};

static const struct field server_fields[] = {
    AT(struct server),
    F_STR(struct server, hostname, "hostname", NO),
    F_STR(struct server, os, "os", NO),
    ONE_OF(struct server, ip, "ip", ip),
    F_STR(struct server, mac, "mac", NO),
    COUNT(struct server, cpus, "cpus"),
    COUNT(struct server, ram_bytes, "ramBytes"),
    F_LIST(struct server, disks, "disks", struct disk, disk_fields, NO),
    TAGS_SHOWN_LATE(struct server),
    NUM(struct server, added_ms, "addedMs"),
    F_STR(struct server, agent_version, "agentVersion", NO),
    ONE_OF(struct server, direction, "direction", direction),
    ONE_OF(struct server, origin_account, "originAccount", account),
    F_STR(struct server, origin_region, "originRegion", NO),
    F_STR(struct server, origin_zone, "originZone", NO),
    F_STR(struct server, recommended_type, "recommendedType", NO),
    F_OBJECT(struct server, replication, "replication", struct replication, replication_fields, NO),
    F_OBJECT(struct server, staging, "staging", struct staging, staging_fields, NO),
    F_OBJECT(struct server, launch, "launch", struct launch_settings, launch_fields, NO),
    F_OBJECT(struct server, last, "lastLaunch", struct last_launch, last_fields, NO),
    F_STR(struct server, recovery_instance, "recoveryInstance", NO),
    F_INT(struct server, snapshot_days, "snapshotDays", .min = -1, .max = 365),
    F_JSON(struct server, replication_config, "replicationConfig", NO),
    F_END,
};

static const struct field participant_fields[] = {
    F_STR(struct participant, server, "server", NO),
    F_STR(struct participant, instance, "instance", NO),
    F_STR(struct participant, status, "status", NO),
    F_STR(struct participant, snapshot, "snapshot", NO),
    F_INT(struct participant, phase, "phase", .max = PHASE_DONE),
    NUM(struct participant, next_ms, "nextMs"),
    NUM(struct participant, attempt, "attempt"),
    NUM(struct participant, stalls, "stalls"),
    F_END,
};

static const struct field log_fields[] = {
    NUM(struct log_item, ms, "ms"),
    F_STR(struct log_item, event, "event", NO),
    F_STR(struct log_item, server, "server", NO),
    F_STR(struct log_item, conversion, "conversion", NO),
    F_STR(struct log_item, instance, "instance", NO),
    TEXT(struct log_item, raw_error, "rawError"),
    NUM(struct log_item, attempt, "attempt"),
    NUM(struct log_item, attempts_max, "attemptsMax"),
    F_END,
};

static const struct field job_fields[] = {
    AT(struct job),
    ONE_OF(struct job, type, "type", job_type),
    F_STR(struct job, initiated_by, "initiatedBy", NO),
    ONE_OF(struct job, status, "status", job_status),
    NUM(struct job, created_ms, "createdMs"),
    NUM(struct job, visible_ms, "visibleMs"),
    NUM(struct job, end_ms, "endMs"),
    NUM(struct job, next_ms, "nextMs"),
    F_BOOL(struct job, drill, "drill", NO),
    TAGS_SHOWN_LATE(struct job),
    F_STR(struct job, principal, "principal", NO),
    F_STR(struct job, denied, "denied", NO),
    F_LIST(struct job, servers, "servers", struct participant, participant_fields, NO),
    F_LIST(struct job, log, "log", struct log_item, log_fields, .max = MANY),
    F_END,
};

static const struct field recovery_fields[] = {
    AT(struct recovery),
    F_STR(struct recovery, server, "server", NO),
    F_STR(struct recovery, job, "job", NO),
    F_BOOL(struct recovery, drill, "drill", NO),
    F_BOOL(struct recovery, disconnected, "disconnected", NO),
    F_STR(struct recovery, failback, "failback", NO),
    NUM(struct recovery, point_ms, "pointMs"),
    NUM(struct recovery, visible_ms, "visibleMs"),
    NUM(struct recovery, gone_ms, "goneMs"),
    TAGS_SHOWN_LATE(struct recovery),
    F_END,
};

static const struct field defaults_fields[] = {
    AT(struct defaults),
    F_JSON(struct defaults, body, "body", NO),
    TAGS_SHOWN_LATE(struct defaults),
    F_END,
};

static const struct field token_fields[] = {
    AT(struct token),
    F_STR(struct token, digest, "digest", NO),
    NUM(struct token, number, "number"),
    F_END,
};

static const struct field match_fields[] = {
    F_STR(struct fault_match, service, "service", NO),
    F_STR(struct fault_match, op, "op", NO),
    F_STR(struct fault_match, account, "account", NO),
    F_STR(struct fault_match, region, "region", NO),
    F_STR(struct fault_match, resource, "resource", NO),
    F_STR(struct fault_match, role, "role", NO),
    F_STR(struct fault_match, phase, "phase", NO),
    F_INT(struct fault_match, percentage, "percentage", .max = 100),
    F_INT(struct fault_match, after, "after", NO),
    F_INT(struct fault_match, count, "count", NO),
    F_INT(struct fault_match, from_s, "fromS", NO),
    F_INT(struct fault_match, until_s, "untilS", NO),
    F_END,
};

static const struct field bucket_fields[] = {
    TEXT(struct fault_bucket, name, "name"),
    F_REAL(struct fault_bucket, tokens, "tokens", NO),
    NUM(struct fault_bucket, filled_ms, "filledMs"),
    F_END,
};

static const struct field fault_fields[] = {
    AT(struct fault_rule),
    F_STR(struct fault_rule, effect, "effect", NO),
    F_STR(struct fault_rule, variant, "variant", NO),
    F_STR(struct fault_rule, code, "code", NO),
    TEXT(struct fault_rule, message, "message"),
    NUM(struct fault_rule, value, "value"),
    F_OBJECT(struct fault_rule, match, "match", struct fault_match, match_fields, NO),
    NUM(struct fault_rule, seen, "seen"),
    NUM(struct fault_rule, hits, "hits"),
    F_LIST(struct fault_rule, buckets, "buckets", struct fault_bucket, bucket_fields, .max = MANY),
    F_END,
};

static const struct field call_fields[] = {
    AT(struct call),
    F_STR(struct call, service, "service", NO),
    F_STR(struct call, op, "op", NO),
    F_STR(struct call, principal, "principal", NO),
    F_STR(struct call, key, "accessKeyId", NO),
    NUM(struct call, status, "status"),
    F_STR(struct call, error, "error", NO),
    F_BOOL(struct call, effect, "effect", NO),
    F_STR(struct call, attempt, "attempt", NO),
    F_STR(struct call, invocation, "invocation", NO),
    NUM(struct call, wall_ms, "wallMs"),
    NUM(struct call, sim_ms, "simMs"),
    NUM(struct call, delay_ms, "delayMs"),
    F_STR(struct call, fault, "fault", NO),
    F_STRS(struct call, servers, "servers", NO),
    F_STR(struct call, job, "jobId", NO),
    F_BOOL(struct call, drill, "drill", NO),
    F_TAGS(struct call, tags, "tags", NO),
    F_END,
};

const struct field sim_knob_fields[] = {
    ONE_OF(struct knobs, timestamps, "timestamps", timestamps),
    ONE_OF(struct knobs, signature, "signature", signature),
    ONE_OF(struct knobs, unknown_server, "unknownServer", unknown_server),
    ONE_OF(struct knobs, not_launchable, "notLaunchable", not_launchable),
    F_INT(struct knobs, signature_window_s, "signatureWindowS", .min = 1),
    F_INT(struct knobs, page_size, "pageSize", .min = 1, .max = 1000),
    F_INT(struct knobs, jitter_percent, "jitterPercent", .max = 100),
    F_REAL(struct knobs, job_visible_s, "jobVisibleS", NO),
    F_REAL(struct knobs, instance_visible_s, "instanceVisibleS", NO),
    F_REAL(struct knobs, tag_visible_s, "tagVisibleS", NO),
    F_REAL(struct knobs, terminated_lingers_s, "terminatedLingersS", NO),
    F_BOOL(struct knobs, participant_instance, "participantInstance", NO),
    F_BOOL(struct knobs, strict_model, "strictModel", NO),
    F_BOOL(struct knobs, any_ids, "anyIds", NO),
    F_BOOL(struct knobs, empty_pages, "emptyPages", NO),
    F_END,
};

#define ROW(kind, list, type, table, is_global) \
    [kind] = {.name = list, .size = sizeof(type), .fields = table, .global = (is_global)}

const struct kind_row sim_kinds[K_COUNT] = {
    ROW(K_ACCOUNT, "accounts", struct account, account_fields, true),
    ROW(K_KEY, "keys", struct key, key_fields, true),
    ROW(K_ROLE, "roles", struct role, role_fields, false),
    ROW(K_PROFILE, "instanceProfiles", struct profile, profile_fields, false),
    ROW(K_CELL, "regions", struct cell, cell_fields, false),
    ROW(K_VPC, "vpcs", struct vpc, vpc_fields, false),
    ROW(K_SUBNET, "subnets", struct subnet, subnet_fields, false),
    ROW(K_GROUP, "securityGroups", struct group, group_fields, false),
    ROW(K_ENI, "networkInterfaces", struct eni, eni_fields, false),
    ROW(K_ADDRESS, "addresses", struct address, address_fields, false),
    ROW(K_TEMPLATE, "launchTemplates", struct template, template_fields, false),
    ROW(K_INSTANCE, "instances", struct instance, instance_fields, false),
    ROW(K_SERVER, "servers", struct server, server_fields, false),
    ROW(K_JOB, "jobs", struct job, job_fields, false),
    ROW(K_RECOVERY, "recoveryInstances", struct recovery, recovery_fields, false),
    ROW(K_DEFAULTS, "configurationTemplates", struct defaults, defaults_fields, false),
    ROW(K_TOKEN, "clientTokens", struct token, token_fields, true),
    ROW(K_FAULT, "faults", struct fault_rule, fault_fields, true),
    ROW(K_CALL, "calls", struct call, call_fields, true),
};
