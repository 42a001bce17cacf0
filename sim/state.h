#ifndef SIM_STATE_H
#define SIM_STATE_H

#include "base/field.h"

/*
 * What the simulated world consists of. Every thing begins with where it lives and what it is
 * called, has one field table (kinds.c), and through it one spelling in scenario files, in saved
 * state and in the admin API. Times are milliseconds since 1970 of the simulator's clock.
 */
struct entity {
    struct str account;
    struct str region;
    struct str id;
};

enum kind {
    K_ACCOUNT,
    K_KEY,
    K_ROLE,
    K_PROFILE,
    K_CELL,
    K_VPC,
    K_SUBNET,
    K_GROUP,
    K_ENI,
    K_ADDRESS,
    K_TEMPLATE,
    K_INSTANCE,
    K_SERVER,
    K_JOB,
    K_RECOVERY,
    K_DEFAULTS,
    K_TOKEN,
    K_FAULT,
    K_CALL,
    K_COUNT
};

/* Tags that were there before the last change: what answers show of it for a while. */
struct tags_past {
    struct tags before;
    int64_t until_ms; /* 0: the present ones are shown */
};

struct account {
    struct entity at;
    struct str alias;
};

/* Actions as IAM has them, `*` allowed at the end; an empty `allow` allows everything. */
struct policy {
    struct strs allow;
    struct strs deny;
};

/* A long-term key, or one that AssumeRole minted (then role and session are there). */
struct key {
    struct entity at;
    struct str secret;
    struct str token;
    struct str principal; /* ARN */
    struct str user_id;
    struct str role;
    struct str session;
    int64_t expires_ms;
    struct policy policy;
    struct tags tags;
};

struct role {
    struct entity at;
    struct str path;
    struct str role_id;
    struct strs trust;    /* account ids, ARNs with wildcards, or "*" */
    struct strs distrust; /* likewise, and never trusted */
    struct str external_id;
    int64_t max_duration_s;
    struct policy policy;
};

struct profile {
    struct entity at;
    struct str path;
    struct str profile_id;
    struct strs roles;
    int64_t created_ms;
};

/* One account in one region. */
struct cell {
    struct entity at;
    struct str drs;    /* INITIALIZED, UNINITIALIZED, NOT_OPTED_IN, UNAVAILABLE */
    struct str opt_in; /* EC2's word */
    int64_t quota_servers;
    int64_t quota_replicating;
    int64_t quota_jobs;
    int64_t quota_job_servers;
    int64_t quota_per_job;
};

struct vpc {
    struct entity at;
    struct str cidr;
    bool is_default;
    struct tags tags;
};

struct subnet {
    struct entity at;
    struct str vpc;
    struct str cidr;
    struct str zone;
    bool default_for_az;
    bool full; /* reports and gives no free address */
    struct tags tags;
};

struct group {
    struct entity at;
    struct str vpc;
    struct str name;
    struct str description;
    struct tags tags;
};

struct eni {
    struct entity at;
    struct str subnet;
    struct str ip;
    struct strs ips; /* secondary ones */
    struct strs groups;
    struct str instance;
    struct str description;
    struct tags tags;
};

struct address {
    struct entity at;
    struct str public_ip;
    struct str instance;
    struct tags tags;
};

struct template_version {
    int64_t number;
    struct str description;
    int64_t created_ms;
    struct str created_by;
    const struct json *data; /* by the request's names: {"InstanceType": ..} */
};

struct template
{
    struct entity at;
    struct str name;
    struct str server;
    int64_t default_version;
    int64_t latest_version;
    int64_t created_ms;
    struct str created_by;
    struct tags tags;
    LIST_OF(struct template_version) versions;
};

struct instance {
    struct entity at;
    struct str type;
    struct str image;
    struct str state; /* pending, running, shutting-down, terminated, stopping, stopped */
    int64_t next_ms;  /* when the state changes by itself; 0: it does not */
    struct str reason_code;
    struct str reason;
    struct str subnet;
    struct str zone;
    struct str ip;
    struct str public_ip;
    struct str eni;
    struct strs groups;
    struct str profile; /* ARN */
    bool windows;
    bool is_protected;
    bool start_stopped;
    struct str server; /* of a recovery instance: what it recovers */
    bool drill;
    int64_t launched_ms;
    int64_t gone_ms; /* when a terminated one vanishes from answers */
    struct tags tags;
};

struct disk {
    struct str device;
    int64_t bytes;
};

/* dataReplicationInfo of a server: its state, how it came there, and what it leads to. */
/* Of a source server (aws-facts 1.7). */
#define REPLICATION_STATES                                                                \
    "STOPPED INITIATING INITIAL_SYNC BACKLOG CREATING_SNAPSHOT CONTINUOUS PAUSED RESCAN " \
    "STALLED DISCONNECTED"

/* Why it stalls (aws-facts 1.7). */
#define REPLICATION_ERRORS                                                         \
    "AGENT_NOT_SEEN SNAPSHOTS_FAILURE NOT_CONVERGING UNSTABLE_NETWORK "            \
    "FAILED_TO_CREATE_SECURITY_GROUP FAILED_TO_LAUNCH_REPLICATION_SERVER "         \
    "FAILED_TO_BOOT_REPLICATION_SERVER FAILED_TO_AUTHENTICATE_WITH_SERVICE "       \
    "FAILED_TO_DOWNLOAD_REPLICATION_SOFTWARE FAILED_TO_CREATE_STAGING_DISKS "      \
    "FAILED_TO_ATTACH_STAGING_DISKS FAILED_TO_PAIR_REPLICATION_SERVER_WITH_AGENT " \
    "FAILED_TO_CONNECT_AGENT_TO_REPLICATION_SERVER FAILED_TO_START_DATA_TRANSFER"

struct replication {
    struct str state;
    struct str next; /* a scripted or natural successor */
    int64_t since_ms;
    int64_t next_ms;
    int64_t lag_ms; /* -1: not reported */
    int64_t backlog_bytes;
    int64_t backlog_per_s;
    int64_t rescanned_bytes;
    struct str error;
    struct str raw_error;
};

struct staging {
    struct str status;
    struct str account;
    struct str server_arn;
    struct str error;
};

struct launch_settings {
    struct str name;
    struct str template_id;
    struct str disposition;
    struct str right_sizing;
    bool copy_private_ip;
    bool copy_tags;
    bool os_byol;
    bool post_launch;
    struct str into_instance;
    struct str recovery_mode;
};

struct last_launch {
    struct str result;
    struct str job;
    struct str type;
    struct str status;
    int64_t api_ms;
};

struct server {
    struct entity at;
    struct str hostname;
    struct str os;
    struct str ip;
    struct str mac;
    int64_t cpus;
    int64_t ram_bytes;
    LIST_OF(struct disk) disks;
    struct tags tags;
    struct tags_past past;
    int64_t added_ms;
    struct str agent_version;
    struct str direction;
    struct str origin_account;
    struct str origin_region;
    struct str origin_zone;
    struct str recommended_type;
    struct replication *replication;
    struct staging *staging;
    struct launch_settings *launch;
    struct last_launch *last;
    struct str recovery_instance;
    int64_t snapshot_days; /* days of daily points in time; -1: no point in time at all */
    const struct json *replication_config;
};

enum phase {
    PHASE_QUEUED = 1,
    PHASE_CLEANUP,
    PHASE_SNAPSHOT,
    PHASE_WAIT,
    PHASE_CONVERSION,
    PHASE_LAUNCH,
    PHASE_DONE,
};

struct participant {
    struct str server;
    struct str instance; /* of this job */
    struct str status;
    struct str snapshot; /* asked for explicitly */
    int64_t phase;
    int64_t next_ms; /* 0: waits for nothing by itself */
    int64_t attempt;
    int64_t stalls; /* how often a rule held it */
};

struct log_item {
    int64_t ms;
    struct str event;
    struct str server;
    struct str conversion;
    struct str instance;
    struct str raw_error;
    int64_t attempt;
    int64_t attempts_max;
};

struct job {
    struct entity at;
    struct str type;
    struct str initiated_by;
    struct str status;
    int64_t created_ms;
    int64_t visible_ms;
    int64_t end_ms;
    int64_t next_ms;
    bool drill;
    struct tags tags;
    struct tags_past past;
    struct str principal;
    struct str denied; /* an action that the launch needs and whoever asked for it lacks */
    LIST_OF(struct participant) servers;
    LIST_OF(struct log_item) log;
};

struct recovery {
    struct entity at; /* the id is the EC2 instance's */
    struct str server;
    struct str job;
    bool drill;
    bool disconnected;
    struct str failback;
    int64_t point_ms;
    int64_t visible_ms;
    int64_t gone_ms; /* 0: it stays */
    struct tags tags;
    struct tags_past past;
};

/* A replication or launch configuration template ("rct-", "lct-"): carried as it was given. */
struct defaults {
    struct entity at;
    const struct json *body;
    struct tags tags;
    struct tags_past past;
};

/* What a client token was used for. */
struct token {
    struct entity at;
    struct str digest;
    int64_t number;
};

struct fault_match {
    struct str service;
    struct str op;
    struct str account;
    struct str region;
    struct str resource;
    struct str role;
    struct str phase;
    int64_t percentage; /* 0: always */
    int64_t after;      /* lets so many matches pass first */
    int64_t count;      /* then acts so often; 0: for ever */
    int64_t from_s;     /* seconds since the world began */
    int64_t until_s;    /* 0: for ever */
};

/* THR by rate: what one operation has left. */
struct fault_bucket {
    struct str name;
    double tokens;
    int64_t filled_ms;
};

struct fault_rule {
    struct entity at;
    struct str effect;
    struct str variant;
    struct str code;
    struct str message;
    int64_t value;
    struct fault_match *match;
    int64_t seen;
    int64_t hits;
    LIST_OF(struct fault_bucket) buckets;
};

struct call {
    struct entity at; /* id: the request id */
    struct str service;
    struct str op;
    struct str principal;
    struct str key;
    int64_t status;
    struct str error;
    bool effect;
    struct str attempt;
    struct str invocation;
    int64_t wall_ms;
    int64_t sim_ms;
    int64_t delay_ms; /* how long a rule holds the answer back: its latency for the client */
    struct str fault;
    struct strs servers;
    struct str job;
    bool drill;
    struct tags tags;
};

struct knobs {
    struct str timestamps;     /* offset, zulu, plain */
    struct str signature;      /* strict, lenient, off */
    struct str unknown_server; /* notFound, validation */
    struct str not_launchable; /* conflict, skip */
    int64_t signature_window_s;
    int64_t page_size;
    int64_t jitter_percent;
    double job_visible_s;
    double instance_visible_s;
    double tag_visible_s;
    double terminated_lingers_s;
    bool participant_instance;
    bool strict_model;
    bool any_ids; /* the documents' short ids pass for ids */
    bool empty_pages;
};

struct kind_row {
    const char *name; /* the list's name in scenario and state */
    size_t size;
    const struct field *fields;
    bool global; /* found by its id alone */
};

extern const struct kind_row sim_kinds[K_COUNT];
extern const struct field sim_knob_fields[];

#endif
