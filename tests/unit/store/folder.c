#define _DEFAULT_SOURCE /* mkdtemp */
#include "tests/unit/store/folder.h"

#include <dirent.h>
#include <fcntl.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/panic.h"

struct str folder_new(struct arena *a)
{
    const char *base = getenv("TMPDIR");
    char *path;
    struct str text = arena_strf(a, "%s/store-XXXXXX", base ? base : "/tmp");

    path = arena_alloc(a, text.len + 1);
    memcpy(path, text.ptr, text.len);
    REQUIRE(mkdtemp(path) != NULL);
    return str_from_z(path);
}

void folder_remove(struct arena *a, struct str folder)
{
    DIR *d = opendir(folder.ptr);
    const struct dirent *e;

    REQUIRE(d != NULL);
    while ((e = readdir(d)))
        if (e->d_name[0] != '.')
            (void)unlink(arena_strf(a, STR_FMT "/%s", STR_ARG(folder), e->d_name).ptr);
    (void)closedir(d);
    (void)rmdir(folder.ptr);
}

struct str folder_read(struct arena *a, struct str path)
{
    int fd = open(path.ptr, O_RDONLY | O_CLOEXEC);
    struct stat st;
    char *bytes;

    if (fd < 0)
        return (struct str){0};
    REQUIRE(fstat(fd, &st) == 0);
    bytes = arena_alloc(a, (size_t)st.st_size + 1);
    REQUIRE(read(fd, bytes, (size_t)st.st_size) == st.st_size);
    (void)close(fd);
    return (struct str){bytes, (size_t)st.st_size};
}

void folder_write(struct str path, struct str bytes)
{
    int fd = open(path.ptr, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);

    REQUIRE(fd >= 0 && write(fd, bytes.ptr, bytes.len) == (ssize_t)bytes.len);
    (void)close(fd);
}

int folder_mode(struct str path)
{
    struct stat st;

    return stat(path.ptr, &st) ? -1 : (int)(st.st_mode & 0777);
}
