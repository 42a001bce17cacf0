#include "base/file.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/buf.h"

void file_close(int *fd)
{
    if (*fd >= 0)
        (void)close(*fd);
}

static enum fault fail(struct arena *a, const char *what, struct str path, struct str *why)
{
    int error = errno;

    *why = arena_strf(a, "cannot %s " STR_FMT ": %s", what, STR_ARG(path), strerror(error));
    return error == ENOENT   ? FAULT_NOT_FOUND
           : error == ENOSPC ? FAULT_STORE_FULL
                             : FAULT_STORE_ERROR;
}

struct str file_absolute(struct arena *a, struct str path)
{
    char here[PATH_MAX];

    if (str_starts(path, STR("/")) || !getcwd(here, sizeof(here)))
        return path;
    return arena_strf(a, "%s/" STR_FMT, here, STR_ARG(path));
}

enum fault file_read(struct arena *a, struct str path, size_t max, struct str *out, struct str *why)
{
    SCOPED(file_close) int fd = open(arena_z(a, path), O_RDONLY | O_CLOEXEC);

    return file_read_open(a, &(struct open_file){fd, path}, max, out, why);
}

int file_open_plain(const char *path)
{
    int fd = open(path, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC);
    struct stat st;

    if (fd < 0 || (fstat(fd, &st) == 0 && S_ISREG(st.st_mode)))
        return fd;
    (void)close(fd);
    errno = EINVAL;
    return -1;
}

enum fault file_read_open(struct arena *a, const struct open_file *file, size_t max,
                          struct str *out, struct str *why)
{
    struct str path = file->path;
    struct buf text = buf_new(a, max);
    char chunk[4096];
    ssize_t n;

    if (file->fd < 0)
        return fail(a, "open", path, why);
    while ((n = read(file->fd, chunk, sizeof(chunk))) != 0) {
        if (n < 0 && errno == EINTR)
            continue;
        if (n < 0)
            return fail(a, "read", path, why);
        buf_add(&text, (struct str){chunk, (size_t)n});
        if (text.truncated) {
            *why = arena_strf(a, STR_FMT " is larger than %zu bytes", STR_ARG(path), max);
            return FAULT_TOO_LARGE;
        }
    }
    *out = buf_str(&text);
    return FAULT_NONE;
}

static bool write_all(int fd, struct str text)
{
    while (text.len) {
        ssize_t n = write(fd, text.ptr, text.len);

        if (n < 0 && errno == EINTR)
            continue; /* GCOVR_EXCL_LINE: a file on a disk does not wait */
        if (n <= 0)
            return false;
        text = str_slice(text, (size_t)n, text.len);
    }
    return true;
}

static struct str folder_of(struct str path)
{
    size_t end = path.len;

    while (end && path.ptr[end - 1] != '/')
        end--;
    return end > 1 ? str_slice(path, 0, end - 1) : end ? STR("/") : STR(".");
}

static bool sync_folder(struct arena *a, struct str path)
{
    SCOPED(file_close)
    int fd = open(arena_z(a, folder_of(path)), O_RDONLY | O_DIRECTORY | O_CLOEXEC);

    return fd >= 0 && fsync(fd) == 0;
}

/* Root that replaces a service's file leaves it the service's. */
static bool keep_owner(struct arena *a, int fd, struct str path)
{
    struct stat old;

    if (lstat(arena_z(a, path), &old) || old.st_uid == geteuid())
        return true;
    return fchown(fd, old.st_uid, old.st_gid) == 0; /* GCOVR_EXCL_LINE: root alone gets here */
}

/*
 * In a folder of somebody else's, whatever a name stands for may have been put there by them: a
 * link, of either kind, would give them another's file.
 */
static bool give_to(const char *path, const struct stat *owner)
{
    /* GCOVR_EXCL_START: root alone gets here */
    SCOPED(file_close) int fd = open(path, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC);
    struct stat st;

    if (fd < 0 || fstat(fd, &st))
        return false;
    if (!S_ISDIR(st.st_mode) && (!S_ISREG(st.st_mode) || st.st_nlink != 1)) {
        errno = EPERM;
        return false;
    }
    return fchown(fd, owner->st_uid, owner->st_gid) == 0;
    /* GCOVR_EXCL_STOP */
}

bool file_join_folder(const char *path)
{
    SCOPED(arena_scope_end) struct arena *a = arena_new(0);
    size_t len = strlen(path);
    struct stat folder;

    if (geteuid())
        return true;
    /* GCOVR_EXCL_START: root alone gets here */
    while (len && path[len - 1] != '/')
        len--;
    if (stat(len ? arena_z(a, (struct str){path, len}) : ".", &folder))
        return false;
    return !folder.st_uid || give_to(path, &folder);
    /* GCOVR_EXCL_STOP */
}

/* The temporary name holds the process id: two processes do not write the same one. */
enum fault file_replace(struct arena *a, struct str path, struct str text, unsigned mode,
                        struct str *why)
{
    struct str temporary = arena_strf(a, STR_FMT ".%d.new", STR_ARG(path), (int)getpid());
    SCOPED(file_close) int fd = -1;
    enum fault f;

    (void)unlink(temporary.ptr); /* of a run that was killed; as a rule there is none */
    fd = open(temporary.ptr, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, mode);
    if (fd < 0)
        return fail(a, "create", temporary, why);
    if (write_all(fd, text) && keep_owner(a, fd, path) && fchmod(fd, mode) == 0 && fsync(fd) == 0 &&
        rename(temporary.ptr, arena_z(a, path)) == 0 && sync_folder(a, path))
        return FAULT_NONE;
    f = fail(a, "write", path, why);
    (void)unlink(temporary.ptr);
    return f;
}

/* Something else than a folder in its place is ENOTDIR, as it is further down. */
static bool make_one(const char *path)
{
    struct stat st;

    if (!mkdir(path, 0700))
        return true;
    if (errno != EEXIST)
        return false;
    if (stat(path, &st) == 0 && S_ISDIR(st.st_mode))
        return true;
    errno = ENOTDIR;
    return false;
}

enum fault file_make_folder(struct arena *a, struct str path, struct str *why)
{
    for (size_t i = 1; i <= path.len; i++) {
        struct str part = str_slice(path, 0, i);

        if (i < path.len && path.ptr[i] != '/')
            continue;
        if (!make_one(arena_z(a, part)))
            return fail(a, "make the folder", part, why);
    }
    return FAULT_NONE;
}

bool file_folder_is_empty(const char *path)
{
    DIR *folder = opendir(path);
    const struct dirent *entry;
    bool empty = folder != NULL;

    while (folder && (entry = readdir(folder)))
        empty &= strcmp(entry->d_name, ".") == 0 || strcmp(entry->d_name, "..") == 0;
    if (folder)
        (void)closedir(folder);
    return empty;
}
