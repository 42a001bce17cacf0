/* Files around the database: the lock of its folder, and what must be on the disk before we say so.
 */
#define _DEFAULT_SOURCE    /* flock: a lock of the open file, which two opens of one process share \
                              not */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/file.h"
#include "store/sqlite_internal.h"

static enum fault fail(struct arena *a, const char *what, const char *path, struct str *why)
{
    int error = errno;

    *why = arena_strf(a, "cannot %s %s: %s", what, path, strerror(error));
    return error == ENOSPC ? FAULT_STORE_FULL : FAULT_STORE_ERROR;
}

static enum fault lock_open(struct arena *a, const char *path, int fd, struct str *why)
{
    if (flock(fd, LOCK_EX | LOCK_NB) == 0)
        return FAULT_NONE;
    if (errno != EWOULDBLOCK)
        return fail(a, "lock", path, why);
    *why = arena_strf(a, "%s is open in another process: stop it first", path);
    return FAULT_IN_USE;
}

enum fault files_lock_database(struct arena *a, const char *path, struct data_lock *lock,
                               struct str *why)
{
    if (lock->database >= 0)
        return FAULT_NONE;
    lock->database = open(path, O_RDONLY | O_CLOEXEC);
    if (lock->database < 0) /* who opens it next says why, if it is there at all */
        return FAULT_NONE;
    return lock_open(a, path, lock->database, why);
}

enum fault files_lock(struct arena *a, const char *path, struct data_lock *lock, struct str *why)
{
    const char *beside = arena_strf(a, "%s.lock", path).ptr;
    enum fault f;

    *lock = NO_DATA_LOCK;
    lock->file = open(beside, O_RDWR | O_CREAT | O_NOFOLLOW | O_CLOEXEC, 0600);
    if (lock->file < 0 || !file_join_folder(beside))
        f = fail(a, "open", beside, why);
    else
        f = lock_open(a, path, lock->file, why);
    if (!f)
        f = files_lock_database(a, path, lock, why);
    if (f)
        files_unlock(lock);
    return f;
}

void files_unlock(struct data_lock *lock)
{
    file_close(&lock->file);
    file_close(&lock->database);
    *lock = NO_DATA_LOCK;
}

static const char *real_name(struct arena *a, const char *path)
{
    char *real = realpath(path, NULL);
    const char *name = real ? arena_str(a, str_from_z(real)).ptr : NULL;

    free(real);
    return name;
}

const char *files_resolved(struct arena *a, const char *path)
{
    const char *slash = strrchr(path, '/');
    const char *name = slash ? slash + 1 : path;
    const char *folder = slash ? real_name(a, arena_z(a, (struct str){path, (size_t)(name - path)}))
                               : real_name(a, ".");
    const char *real;
    struct stat st;

    if (!folder || stat(folder, &st))
        return path;
    real = st.st_uid == geteuid() ? real_name(a, path) : NULL;
    return real ? real : arena_strf(a, "%s/%s", folder, name).ptr;
}

static enum fault sync_and_close(int fd)
{
    int failed = fsync(fd);

    (void)close(fd);
    return failed ? FAULT_STORE_ERROR : FAULT_NONE;
}

enum fault files_sync(const char *path)
{
    int fd = open(path, O_RDWR | O_CLOEXEC);

    return fd < 0 ? FAULT_STORE_ERROR : sync_and_close(fd);
}

enum fault files_sync_folder_of(struct arena *a, const char *path)
{
    struct str folder = str_from_z(path);
    int fd;

    while (folder.len && folder.ptr[folder.len - 1] != '/')
        folder.len--;
    fd = open(folder.len ? arena_str(a, folder).ptr : ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    return fd < 0 ? FAULT_STORE_ERROR : sync_and_close(fd);
}

int64_t files_size(const char *path)
{
    struct stat st;

    return stat(path, &st) ? -1 : (int64_t)st.st_size;
}
