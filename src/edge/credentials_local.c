#define _DEFAULT_SOURCE /* flock */
#include "edge/credentials_local.h"

#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdlib.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/encode.h"
#include "base/field.h"
#include "base/file.h"
#include "base/panic.h"
#include "crypto/digest.h"

enum { FILE_MAX = 64 << 10, TOKEN_BYTES = 32, SECRET_BYTES = 30, KEY_ID_CHARS = 16 };
enum { LOOK_EVERY_MS = 1000 };

/* ---- the two files ---- */

struct stored {
    struct str token_sha256; /* 64 hexadecimal digits */
    struct str key_id;
    struct str key_secret;
    struct str principal_arn;
    int64_t created_at;
};

static const struct field stored_fields[] = {
    F_STR(struct stored, token_sha256, "tokenSha256", .help = "of the bearer token"),
    F_STR(struct stored, key_id, "accessKeyId", .help = "of the access key"),
    F_STR(struct stored, key_secret, "secretAccessKey", .help = "of the access key"),
    F_STR(struct stored, principal_arn, "principalArn", .help = "whom the access key stands for"),
    F_TIME(struct stored, created_at, "createdAt", .help = "when they were made"),
    F_END,
};

struct client_file {
    struct str endpoint;
    struct str token;
    struct str key_id;
    struct str key_secret;
    struct str region;
};

static const struct field client_fields[] = {
    F_STR(struct client_file, endpoint, "endpoint", .help = "address of the service"),
    F_STR(struct client_file, token, "token", .help = "bearer token"),
    F_STR(struct client_file, key_id, "accessKeyId", .help = "access key"),
    F_STR(struct client_file, key_secret, "secretAccessKey", .help = "access key"),
    F_STR(struct client_file, region, "region", .help = "to sign for"),
    F_END,
};

/*
 * Which version of the file it was. Two of them may be of one tick of the file system's clock, and
 * the number of a file that is gone is given to the next: so the one that was read is held open.
 */
struct stamp {
    int fd;
    dev_t device;
    ino_t inode;
    off_t size;
    struct timespec written;
    struct timespec changed;
};

struct credentials {
    struct credentials_options options; /* strings in `arena` */
    struct arena *arena;
    pthread_mutex_t lock;
    struct arena *held; /* of `stored`; replaced with it */
    struct stored stored;
    struct stamp stamp;
    int64_t looked_ms; /* monotonic */
};

static struct str path_of(struct arena *a, const struct credentials_options *o, const char *name)
{
    return arena_strf(a, STR_FMT "/%s", STR_ARG(o->folder), name);
}

static struct stamp stamp_of(const struct stat *s, int fd)
{
    return (struct stamp){fd, s->st_dev, s->st_ino, s->st_size, s->st_mtim, s->st_ctim};
}

static bool is_same_time(const struct timespec *a, const struct timespec *b)
{
    return a->tv_sec == b->tv_sec && a->tv_nsec == b->tv_nsec;
}

static bool stamp_eq(const struct stamp *a, const struct stamp *b)
{
    return a->device == b->device && a->inode == b->inode && a->size == b->size &&
           is_same_time(&a->written, &b->written) && is_same_time(&a->changed, &b->changed);
}

static bool stored_is_whole(const struct stored *s)
{
    return s->token_sha256.len == 64 && s->key_id.len >= 16 && s->key_secret.len >= 32 &&
           str_starts(s->principal_arn, STR("arn:"));
}

static enum fault read_held(struct arena *a, const struct open_file *file, struct stored *out,
                            struct stamp *stamp, struct str *why)
{
    struct str path = file->path, text;
    struct stat st = {0};
    enum fault f;

    if (file->fd >= 0 && fstat(file->fd, &st))
        return FAULT_STORE_ERROR; /* GCOVR_EXCL_LINE: what is open has a status */
    f = file_read_open(a, file, FILE_MAX, &text, why);
    if (f)
        return f;
    if (st.st_mode & 077) {
        *why = arena_strf(a, STR_FMT " may be read by others than its owner (mode %o): chmod 600",
                          STR_ARG(path), st.st_mode & 0777);
        return FAULT_AUTHORIZATION_FAILED;
    }
    if (field_decode_stored(a, stored_fields, text, out) || !stored_is_whole(out)) {
        *why = arena_strf(a, STR_FMT " is damaged; `drwave credential rotate` makes a new one",
                          STR_ARG(path));
        return FAULT_CORRUPT;
    }
    *stamp = stamp_of(&st, file->fd);
    return FAULT_NONE;
}

/*
 * The stamp is of the file that was read, as it was before: what takes its place meanwhile is read
 * the next time. Its descriptor is the caller's.
 */
static enum fault read_stored(struct arena *a, const struct credentials_options *o,
                              struct stored *out, struct stamp *stamp, struct str *why)
{
    struct str path = path_of(a, o, "credentials.json");
    struct open_file file = {file_open_plain(path.ptr), path};
    enum fault f = read_held(a, &file, out, stamp, why);

    if (f)
        file_close(&file.fd);
    return f;
}

static enum fault write_stored(struct arena *a, const struct credentials_options *o,
                               const struct stored *s, struct str *why)
{
    return file_replace(a, path_of(a, o, "credentials.json"),
                        field_text(a, stored_fields, s, FIELD_VIEW_STORED), 0600, why);
}

/* What stands in client.json, or nothing. */
static struct client_file read_client(struct arena *a, const struct credentials_options *o)
{
    struct str path = path_of(a, o, "client.json"), text, why;
    SCOPED(file_close) int fd = file_open_plain(path.ptr);
    struct open_file file = {fd, path};
    struct client_file c = {0};

    if (file_read_open(a, &file, FILE_MAX, &text, &why) ||
        field_decode_stored(a, client_fields, text, &c))
        return (struct client_file){0};
    return c;
}

static enum fault write_client(struct arena *a, const struct credentials_options *o,
                               const struct client_file *c, struct str *why)
{
    return file_replace(a, path_of(a, o, "client.json"),
                        field_text(a, client_fields, c, FIELD_VIEW_STORED), 0600, why);
}

/* ---- making them ---- */

static struct str random_text(struct arena *a, struct entropy *e, size_t bytes)
{
    char *raw = arena_alloc(a, bytes);

    entropy_fill(e, raw, bytes);
    return base64url_encode(a, (struct str){raw, bytes});
}

/* Looks like AWS's, and is recognisably none of them. */
static struct str new_key_id(struct arena *a, struct entropy *e)
{
    static const char letters[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";
    char *id = arena_alloc(a, 4 + KEY_ID_CHARS + 1);
    unsigned char raw[KEY_ID_CHARS];

    memcpy(id, "DRWV", 4);
    entropy_fill(e, raw, sizeof(raw));
    for (size_t i = 0; i < KEY_ID_CHARS; i++)
        id[4 + i] = letters[raw[i] & 31];
    return (struct str){id, 4 + KEY_ID_CHARS};
}

/* *token is the only place that ever holds it in clear, besides client.json. */
static struct stored make_stored(struct arena *a, const struct credentials_options *o,
                                 struct str *token)
{
    *token = arena_strf(a, "drw_" STR_FMT, STR_ARG(random_text(a, o->entropy, TOKEN_BYTES)));
    return (struct stored){
        .token_sha256 = sha256_hex(a, sha256_of(*token)),
        .key_id = new_key_id(a, o->entropy),
        .key_secret = random_text(a, o->entropy, SECRET_BYTES),
        .principal_arn = str_present(o->principal_arn)
                             ? o->principal_arn
                             : STR("arn:aws:iam::000000000000:user/drwave"),
        .created_at = clock_wall_ms(o->clock),
    };
}

static struct client_file client_file_of(const struct credentials_options *o,
                                         const struct stored *s, struct str token,
                                         struct str endpoint)
{
    return (struct client_file){
        .endpoint = endpoint,
        .token = token,
        .key_id = s->key_id,
        .key_secret = s->key_secret,
        .region = str_present(o->region) ? o->region : STR("us-east-1"),
    };
}

/* Two files change together: whoever else rotates waits until both have. */
static enum fault lock_folder(struct arena *a, const struct credentials_options *o, int *fd,
                              struct str *why)
{
    *fd = open(arena_z(a, o->folder), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (*fd >= 0 && flock(*fd, LOCK_EX) == 0)
        return FAULT_NONE;
    *why = arena_strf(a, "cannot lock " STR_FMT ": %s", STR_ARG(o->folder), strerror(errno));
    return FAULT_STORE_ERROR;
}

enum fault credentials_rotate(const struct credentials_options *o, struct arena *a, struct str *why)
{
    SCOPED(file_close) int lock = -1;
    struct stored old, fresh;
    struct stamp stamp;
    struct str token, ignored;
    struct client_file client;
    enum fault f = lock_folder(a, o, &lock, why);

    if (f)
        return f;
    fresh = make_stored(a, o, &token);
    if (!str_present(o->principal_arn) && !read_stored(a, o, &old, &stamp, &ignored)) {
        fresh.principal_arn = old.principal_arn;
        file_close(&stamp.fd);
    }
    client = client_file_of(o, &fresh, token, read_client(a, o).endpoint);
    f = write_stored(a, o, &fresh, why);
    return f ? f : write_client(a, o, &client, why);
}

/* ---- using them ---- */

/* With the lock held. A file that cannot be read now changes nothing: the next look may. */
static void look(struct credentials *c)
{
    SCOPED(arena_scope_end) struct arena *a = arena_new(0);
    struct arena *fresh;
    struct stored stored;
    struct stamp stamp;
    struct stat st;
    struct str why;

    c->looked_ms = clock_mono_ms(c->options.clock);
    if (lstat(path_of(a, &c->options, "credentials.json").ptr, &st))
        return;
    stamp = stamp_of(&st, -1);
    if (stamp_eq(&stamp, &c->stamp))
        return;
    fresh = arena_new(0);
    if (read_stored(fresh, &c->options, &stored, &stamp, &why)) {
        arena_free(fresh);
        return;
    }
    arena_free(c->held);
    file_close(&c->stamp.fd);
    c->held = fresh;
    c->stored = stored;
    c->stamp = stamp;
}

/* Often enough for old credentials to end; new ones are looked for when they come. */
static void look_again(struct credentials *c)
{
    if (clock_mono_ms(c->options.clock) - c->looked_ms >= LOOK_EVERY_MS)
        look(c);
}

static bool is_token_of(struct arena *a, const struct stored *s, struct str token)
{
    return secret_eq(sha256_hex(a, sha256_of(token)), s->token_sha256);
}

bool credentials_token_ok(struct credentials *c, struct str token)
{
    SCOPED(arena_scope_end) struct arena *a = arena_new(0);
    bool ok;

    (void)pthread_mutex_lock(&c->lock);
    look_again(c);
    ok = is_token_of(a, &c->stored, token);
    if (!ok) {
        look(c);
        ok = is_token_of(a, &c->stored, token);
    }
    (void)pthread_mutex_unlock(&c->lock);
    return ok;
}

bool credentials_find_key(struct credentials *c, struct arena *a, struct str id,
                          struct access_key *out)
{
    bool found;

    (void)pthread_mutex_lock(&c->lock);
    look_again(c);
    if (!str_eq(id, c->stored.key_id))
        look(c);
    found = str_eq(id, c->stored.key_id);
    if (found)
        *out =
            (struct access_key){arena_str(a, c->stored.key_id), arena_str(a, c->stored.key_secret),
                                arena_str(a, c->stored.principal_arn)};
    (void)pthread_mutex_unlock(&c->lock);
    return found;
}

enum fault credentials_publish(struct credentials *c, struct arena *a, struct str endpoint,
                               struct str *why)
{
    struct client_file client;
    struct str token;
    enum fault f;

    (void)pthread_mutex_lock(&c->lock);
    look(c);
    /* a token of other credentials would only mislead */
    token = read_client(a, &c->options).token;
    if (!is_token_of(a, &c->stored, token))
        token = (struct str){0};
    client = client_file_of(&c->options, &c->stored, token, endpoint);
    f = write_client(a, &c->options, &client, why);
    (void)pthread_mutex_unlock(&c->lock);
    return f;
}

static struct credentials *new_credentials(const struct credentials_options *options)
{
    struct credentials *c = calloc(1, sizeof(*c));

    if (!c)
        panic("out of memory: credentials");
    c->arena = arena_new(0);
    c->held = arena_new(0);
    c->stamp.fd = -1;
    c->options = *options;
    c->options.folder = arena_str(c->arena, options->folder);
    c->options.principal_arn = arena_str(c->arena, options->principal_arn);
    c->options.region = arena_str(c->arena, options->region);
    (void)pthread_mutex_init(&c->lock, NULL);
    return c;
}

void credentials_close(struct credentials *c)
{
    if (!c)
        return;
    file_close(&c->stamp.fd);
    arena_free(c->held);
    arena_free(c->arena);
    (void)pthread_mutex_destroy(&c->lock);
    free(c);
}

bool credentials_exist(struct arena *a, struct str folder)
{
    struct credentials_options o = {.folder = folder};

    return access(path_of(a, &o, "credentials.json").ptr, F_OK) == 0;
}

/* The token goes first: a start that fails later on must not leave one that nobody has. */
static enum fault make_first(struct arena *a, const struct credentials_options *o, struct str *why)
{
    struct str token;
    struct stored made = make_stored(a, o, &token);
    struct client_file client = client_file_of(o, &made, token, (struct str){0});
    enum fault f = write_client(a, o, &client, why);

    return f ? f : write_stored(a, o, &made, why);
}

enum fault credentials_open(const struct credentials_options *options, struct arena *a,
                            struct credentials **out, struct str *why)
{
    struct credentials *c = new_credentials(options);
    enum fault f = read_stored(c->held, &c->options, &c->stored, &c->stamp, why);

    if (f == FAULT_NOT_FOUND) {
        f = make_first(a, &c->options, why);
        if (!f)
            f = read_stored(c->held, &c->options, &c->stored, &c->stamp, why);
    }
    if (f) {
        *why = arena_str(a, *why);
        credentials_close(c);
        return f;
    }
    c->looked_ms = clock_mono_ms(c->options.clock);
    *out = c;
    return FAULT_NONE;
}
