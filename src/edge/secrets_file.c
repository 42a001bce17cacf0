#include "edge/secrets_file.h"

#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/file.h"
#include "base/panic.h"
#include "base/str_ascii.h"
#include "crypto/digest.h"

enum { KEY_BYTES = 32, KEYS_MAX = 8, NAME_MAX_BYTES = 32, REPLACED_MAX = 1000 };

struct kept {
    char name[NAME_MAX_BYTES + 1];
    unsigned char key[KEY_BYTES];
};

struct secrets_file {
    struct secrets secrets;
    pthread_mutex_t lock;
    struct entropy *entropy;
    char *folder;
    struct kept kept[KEYS_MAX];
    size_t len;
};

static const struct secrets_ops file_ops;

/* A name becomes a file name: letters, digits and - only. */
static bool valid_name(struct str name)
{
    for (size_t i = 0; i < name.len; i++)
        if (!ascii_is_alnum(name.ptr[i]) && name.ptr[i] != '-')
            return false;
    return name.len > 0 && name.len <= NAME_MAX_BYTES;
}

static enum fault read_key(int folder, const char *name, unsigned char *key)
{
    SCOPED(file_close)
    int fd = openat(folder, name, O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK);
    struct stat st;

    if (fd < 0)
        return errno == ENOENT ? FAULT_NOT_FOUND : FAULT_STORE_ERROR;
    if (fstat(fd, &st) || !S_ISREG(st.st_mode))
        return FAULT_STORE_ERROR;
    return st.st_size == KEY_BYTES && read(fd, key, KEY_BYTES) == KEY_BYTES ? FAULT_NONE
                                                                            : FAULT_CORRUPT;
}

/* A key that root makes for a service is the service's. */
static bool join_folder(int folder, int fd)
{
    struct stat st;

    if (fstat(folder, &st))
        return false;
    return geteuid() || !st.st_uid || fchown(fd, st.st_uid, st.st_gid) == 0;
}

/* Whole and synced, under a name that no key has. */
static enum fault write_new(struct secrets_file *s, int folder, const char *temporary)
{
    unsigned char key[KEY_BYTES];
    SCOPED(file_close) int fd = -1;
    bool written;

    (void)unlinkat(folder, temporary, 0); /* of a run that was killed; as a rule there is none */
    fd = openat(folder, temporary, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
    if (fd < 0)
        return FAULT_STORE_ERROR;
    entropy_fill(s->entropy, key, KEY_BYTES);
    written = write(fd, key, KEY_BYTES) == KEY_BYTES && join_folder(folder, fd) && fsync(fd) == 0;
    secret_wipe(key, sizeof(key));
    return written ? FAULT_NONE : FAULT_STORE_ERROR;
}

/* The key that was there, under the first name that is free. */
static enum fault keep_aside(int folder, const char *name)
{
    SCOPED(arena_scope_end) struct arena *a = arena_new(0);

    for (int n = 1; n < REPLACED_MAX; n++) {
        const char *aside = arena_strf(a, "%s.replaced-%d", name, n).ptr;

        if (linkat(folder, name, folder, aside, 0) == 0)
            return unlinkat(folder, name, 0) ? FAULT_STORE_ERROR : FAULT_NONE;
        if (errno == ENOENT)
            return FAULT_NONE;
        if (errno != EEXIST)
            break;
    }
    return FAULT_STORE_ERROR;
}

/* The old one leaves its name when the new one is on the disk. Two processes agree on the first. */
static enum fault make_key(struct secrets_file *s, int folder, const char *name, unsigned char *key)
{
    char temporary[NAME_MAX_BYTES + 8] = ".new-";
    enum fault f;

    memcpy(temporary + 5, name, strlen(name) + 1);
    f = write_new(s, folder, temporary);
    if (!f)
        f = keep_aside(folder, name);
    if (!f && linkat(folder, temporary, folder, name, 0) && errno != EEXIST)
        f = FAULT_STORE_ERROR;
    (void)unlinkat(folder, temporary, 0);
    if (!f && fsync(folder))
        f = FAULT_STORE_ERROR;
    return f ? f : read_key(folder, name, key);
}

/* A link in its place would have root make keys wherever the owner of the data folder likes. */
static int open_folder(const struct secrets_file *s)
{
    return open(s->folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC | O_NOFOLLOW);
}

static enum fault load_key(struct secrets_file *s, const char *name, unsigned char *key)
{
    SCOPED(file_close) int folder = open_folder(s);

    if (folder < 0)
        return errno == ENOENT ? FAULT_NOT_FOUND : FAULT_STORE_ERROR;
    return read_key(folder, name, key);
}

static enum fault replace_key(struct secrets_file *s, const char *name, unsigned char *key)
{
    SCOPED(file_close) int folder = -1;

    if (mkdir(s->folder, 0700) ? errno != EEXIST : !file_join_folder(s->folder))
        return FAULT_STORE_ERROR;
    folder = open_folder(s);
    if (folder < 0)
        return FAULT_STORE_ERROR;
    return make_key(s, folder, name, key);
}

static struct kept *find_kept(struct secrets_file *s, const char *name)
{
    for (size_t i = 0; i < s->len; i++)
        if (strcmp(s->kept[i].name, name) == 0)
            return &s->kept[i];
    REQUIRE(s->len < KEYS_MAX);
    return &s->kept[s->len];
}

static enum fault get_key(struct secrets_file *s, struct str name, bool make, unsigned char *out)
{
    char z[NAME_MAX_BYTES + 1] = {0};
    unsigned char key[KEY_BYTES];
    struct kept *kept;
    enum fault f = FAULT_NONE;

    memcpy(z, name.ptr, name.len);
    kept = find_kept(s, z);
    if (make || !kept->name[0])
        f = make ? replace_key(s, z, key) : load_key(s, z, key);
    else
        memcpy(key, kept->key, KEY_BYTES);
    if (!f) { /* what could not be written is nobody's key */
        s->len += !kept->name[0];
        memcpy(kept->name, z, sizeof(z));
        memcpy(kept->key, key, KEY_BYTES);
        memcpy(out, key, KEY_BYTES);
    }
    secret_wipe(key, sizeof(key));
    return f;
}

static enum fault locked_key(struct secrets *secrets, struct str name, bool make,
                             unsigned char *out)
{
    struct secrets_file *s = (struct secrets_file *)secrets;
    enum fault f;

    REQUIRE(secrets->ops == &file_ops && valid_name(name));
    (void)pthread_mutex_lock(&s->lock);
    f = get_key(s, name, make, out);
    (void)pthread_mutex_unlock(&s->lock);
    return f;
}

static enum fault file_key(struct secrets *secrets, struct str name, unsigned char out[32])
{
    return locked_key(secrets, name, false, out);
}

static enum fault file_make(struct secrets *secrets, struct str name, unsigned char out[32])
{
    return locked_key(secrets, name, true, out);
}

static const struct secrets_ops file_ops = {file_key, file_make};

struct secrets *secrets_file_new(struct str folder, struct entropy *entropy)
{
    struct secrets_file *s = calloc(1, sizeof(*s));

    if (!s || !(s->folder = malloc(folder.len + 1)))
        panic("out of memory: the keys");
    memcpy(s->folder, folder.ptr, folder.len);
    s->folder[folder.len] = '\0';
    s->secrets.ops = &file_ops;
    s->entropy = entropy;
    (void)pthread_mutex_init(&s->lock, NULL);
    return &s->secrets;
}

void secrets_file_free(struct secrets *secrets)
{
    struct secrets_file *s = (struct secrets_file *)secrets;

    if (!secrets)
        return;
    REQUIRE(secrets->ops == &file_ops);
    (void)pthread_mutex_destroy(&s->lock);
    free(s->folder);
    secret_wipe(s->kept, sizeof(s->kept));
    free(s);
}
