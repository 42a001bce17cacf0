#include "tests/unit/store/cut_vfs.h"

#include <fcntl.h>
#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/panic.h"

const char cut_vfs_name[] = "cut";

enum { SECTOR = 512, FILES_MAX = 16, PATH_SIZE = 512 };

struct pending {
    struct pending *next;
    int64_t offset; /* -1: a truncation to `size` */
    size_t size;
    unsigned char bytes[];
};

/* A file as the disk has it, and what has been written to it since. */
struct disk_file {
    char path[PATH_SIZE];
    bool used;
    bool deleted;
    unsigned char *durable;
    size_t size;
    size_t cap;
    struct pending *first;
    struct pending **last;
};

struct cut_file {
    sqlite3_file base;
    struct disk_file *disk; /* NULL: of no interest */
    sqlite3_file *real;
};

static struct {
    enum cut_kind kind;
    uint64_t at;
    uint64_t operations;
    bool happened;
    bool dead;
    struct disk_file files[FILES_MAX];
} cut;

static sqlite3_vfs *system_vfs;

static void *grown(void *p, size_t size)
{
    p = realloc(p, size);
    REQUIRE(p != NULL);
    return p;
}

/* ---- the disk ---- */

static void apply(struct disk_file *f, int64_t offset, const unsigned char *bytes, size_t size)
{
    size_t end = offset < 0 ? size : (size_t)offset + size;

    if (end > f->cap) {
        f->cap = 2 * end;
        f->durable = grown(f->durable, f->cap);
    }
    if (end > f->size)
        memset(f->durable + f->size, 0, end - f->size);
    if (offset < 0 || end > f->size)
        f->size = end;
    if (offset >= 0 && size)
        memcpy(f->durable + offset, bytes, size);
}

static void forget_pending(struct disk_file *f)
{
    while (f->first) {
        struct pending *next = f->first->next;

        free(f->first);
        f->first = next;
    }
    f->last = &f->first;
}

static void sync_disk(struct disk_file *f)
{
    for (const struct pending *p = f->first; p; p = p->next)
        apply(f, p->offset, p->bytes, p->size);
    forget_pending(f);
}

static void add_pending(struct disk_file *f, int64_t offset, const void *bytes, size_t size)
{
    size_t held = offset < 0 ? 0 : size;
    struct pending *p = grown(NULL, sizeof(*p) + held);

    *p = (struct pending){.offset = offset, .size = size};
    if (held)
        memcpy(p->bytes, bytes, held);
    *f->last = p;
    f->last = &p->next;
}

static struct disk_file *disk_of(const char *path)
{
    struct disk_file *free_one = NULL;
    unsigned char block[4096];
    ssize_t got;
    int fd;

    for (size_t i = 0; i < FILES_MAX; i++) {
        if (cut.files[i].used && strcmp(cut.files[i].path, path) == 0) {
            cut.files[i].deleted = false;
            return &cut.files[i];
        }
        if (!cut.files[i].used && !free_one)
            free_one = &cut.files[i];
    }
    REQUIRE(free_one && strlen(path) < PATH_SIZE);
    *free_one = (struct disk_file){.used = true};
    memcpy(free_one->path, path, strlen(path) + 1);
    free_one->last = &free_one->first;
    fd = open(path, O_RDONLY | O_CLOEXEC);
    while (fd >= 0 && (got = read(fd, block, sizeof(block))) > 0)
        apply(free_one, (int64_t)free_one->size, block, (size_t)got);
    if (fd >= 0)
        (void)close(fd);
    return free_one;
}

/* Counts one operation: what SQLite is told of it, or SQLITE_OK to carry it out. */
static int count(bool is_write, int io_error)
{
    bool now = ++cut.operations == cut.at;

    if (cut.dead)
        return io_error;
    if (cut.kind == CUT_FULL && is_write && cut.operations >= cut.at)
        now = true;
    if (!now || cut.kind == CUT_NOTHING)
        return SQLITE_OK;
    if ((cut.kind == CUT_FULL_ONCE || cut.kind == CUT_FULL) && !is_write)
        return SQLITE_OK;
    cut.happened = true;
    cut.dead = cut.kind == CUT_POWER;
    return cut.kind == CUT_FULL_ONCE || cut.kind == CUT_FULL ? SQLITE_FULL : io_error;
}

/* ---- files ---- */

#define REAL(f) (((struct cut_file *)(f))->real)

static int file_close(sqlite3_file *f)
{
    int rc = REAL(f)->pMethods->xClose(REAL(f));

    free(REAL(f));
    return rc;
}

static int file_read(sqlite3_file *f, void *p, int n, sqlite3_int64 at)
{
    return REAL(f)->pMethods->xRead(REAL(f), p, n, at);
}

static int file_write(sqlite3_file *f, const void *p, int n, sqlite3_int64 at)
{
    struct cut_file *c = (struct cut_file *)f;
    int rc = c->disk ? count(true, SQLITE_IOERR_WRITE) : SQLITE_OK;

    if (rc)
        return rc;
    if (c->disk)
        add_pending(c->disk, at, p, (size_t)n);
    return REAL(f)->pMethods->xWrite(REAL(f), p, n, at);
}

static int file_truncate(sqlite3_file *f, sqlite3_int64 size)
{
    struct cut_file *c = (struct cut_file *)f;
    int rc = c->disk ? count(false, SQLITE_IOERR_TRUNCATE) : SQLITE_OK;

    if (rc)
        return rc;
    if (c->disk)
        add_pending(c->disk, -1, NULL, (size_t)size);
    return REAL(f)->pMethods->xTruncate(REAL(f), size);
}

/* The real disk is not asked: what it would keep is kept here. */
static int file_sync(sqlite3_file *f, int flags)
{
    struct cut_file *c = (struct cut_file *)f;
    int rc = c->disk ? count(false, SQLITE_IOERR_FSYNC) : SQLITE_OK;

    (void)flags;
    if (!rc && c->disk)
        sync_disk(c->disk);
    return rc;
}

static int file_size(sqlite3_file *f, sqlite3_int64 *size)
{
    return REAL(f)->pMethods->xFileSize(REAL(f), size);
}

static int file_lock(sqlite3_file *f, int level)
{
    return REAL(f)->pMethods->xLock(REAL(f), level);
}

static int file_unlock(sqlite3_file *f, int level)
{
    return REAL(f)->pMethods->xUnlock(REAL(f), level);
}

static int file_reserved(sqlite3_file *f, int *out)
{
    return REAL(f)->pMethods->xCheckReservedLock(REAL(f), out);
}

static int file_control(sqlite3_file *f, int op, void *arg)
{
    return REAL(f)->pMethods->xFileControl(REAL(f), op, arg);
}

static int file_sector(sqlite3_file *f)
{
    return REAL(f)->pMethods->xSectorSize(REAL(f));
}

static int file_device(sqlite3_file *f)
{
    return REAL(f)->pMethods->xDeviceCharacteristics(REAL(f));
}

static int shm_map(sqlite3_file *f, int page, int size, int extend, void volatile **out)
{
    return REAL(f)->pMethods->xShmMap(REAL(f), page, size, extend, out);
}

static int shm_lock(sqlite3_file *f, int offset, int n, int flags)
{
    return REAL(f)->pMethods->xShmLock(REAL(f), offset, n, flags);
}

static void shm_barrier(sqlite3_file *f)
{
    REAL(f)->pMethods->xShmBarrier(REAL(f));
}

static int shm_unmap(sqlite3_file *f, int delete)
{
    return REAL(f)->pMethods->xShmUnmap(REAL(f), delete);
}

static const sqlite3_io_methods methods = {
    .iVersion = 2,
    .xClose = file_close,
    .xRead = file_read,
    .xWrite = file_write,
    .xTruncate = file_truncate,
    .xSync = file_sync,
    .xFileSize = file_size,
    .xLock = file_lock,
    .xUnlock = file_unlock,
    .xCheckReservedLock = file_reserved,
    .xFileControl = file_control,
    .xSectorSize = file_sector,
    .xDeviceCharacteristics = file_device,
    .xShmMap = shm_map,
    .xShmLock = shm_lock,
    .xShmBarrier = shm_barrier,
    .xShmUnmap = shm_unmap,
};

/* ---- the VFS ---- */

static int vfs_open(sqlite3_vfs *v, const char *path, sqlite3_file *f, int flags, int *out)
{
    struct cut_file *c = (struct cut_file *)f;
    int rc;

    (void)v;
    *c = (struct cut_file){.real = grown(NULL, (size_t)system_vfs->szOsFile)};
    memset(c->real, 0, (size_t)system_vfs->szOsFile);
    rc = system_vfs->xOpen(system_vfs, path, c->real, flags, out);
    if (rc) {
        free(c->real);
        return rc;
    }
    if (path && flags & (SQLITE_OPEN_MAIN_DB | SQLITE_OPEN_WAL | SQLITE_OPEN_MAIN_JOURNAL))
        c->disk = disk_of(path);
    c->base.pMethods = &methods;
    return SQLITE_OK;
}

static int vfs_delete(sqlite3_vfs *v, const char *path, int sync_folder)
{
    int rc = count(false, SQLITE_IOERR_DELETE);

    (void)v;
    if (rc)
        return rc;
    for (size_t i = 0; i < FILES_MAX; i++)
        if (cut.files[i].used && strcmp(cut.files[i].path, path) == 0) {
            cut.files[i].deleted = true;
            cut.files[i].size = 0;
            forget_pending(&cut.files[i]);
        }
    return system_vfs->xDelete(system_vfs, path, sync_folder);
}

static void make_vfs(void)
{
    static sqlite3_vfs vfs;

    if (system_vfs)
        return;
    system_vfs = sqlite3_vfs_find(NULL);
    REQUIRE(system_vfs != NULL);
    vfs = *system_vfs;
    vfs.zName = cut_vfs_name;
    vfs.pNext = NULL;
    vfs.szOsFile = (int)sizeof(struct cut_file);
    vfs.xOpen = vfs_open;
    vfs.xDelete = vfs_delete;
    REQUIRE(sqlite3_vfs_register(&vfs, 0) == SQLITE_OK);
}

void cut_begin(enum cut_kind kind, uint64_t at)
{
    make_vfs();
    for (size_t i = 0; i < FILES_MAX; i++) {
        if (cut.files[i].used)
            forget_pending(&cut.files[i]);
        free(cut.files[i].durable);
        cut.files[i] = (struct disk_file){0};
    }
    cut.kind = kind;
    cut.at = at;
    cut.operations = 0;
    cut.happened = false;
    cut.dead = false;
}

void cut_fill(bool full)
{
    cut.kind = full ? CUT_FULL : CUT_NOTHING;
    cut.at = cut.operations;
}

bool cut_happened(void)
{
    return cut.happened;
}

uint64_t cut_operations(void)
{
    return cut.operations;
}

static uint64_t draw(uint64_t *state)
{
    uint64_t z = *state += UINT64_C(0x9e3779b97f4a7c15);

    z = (z ^ (z >> 30)) * UINT64_C(0xbf58476d1ce4e5b9);
    z = (z ^ (z >> 27)) * UINT64_C(0x94d049bb133111eb);
    return z ^ (z >> 31);
}

/* Of each write that was not synced nothing, all, or its first sectors. */
static void survive(struct disk_file *f, uint64_t *state)
{
    for (const struct pending *p = f->first; p; p = p->next) {
        uint64_t luck = draw(state) % 4;
        size_t size = p->size;

        if (luck <= 1)
            continue;
        if (luck == 2 && p->offset >= 0)
            size = (size_t)(draw(state) % (size / SECTOR + 1)) * SECTOR;
        apply(f, p->offset, p->bytes, size);
    }
    forget_pending(f);
}

void cut_settle(uint64_t seed)
{
    for (size_t i = 0; i < FILES_MAX; i++) {
        struct disk_file *f = &cut.files[i];
        char shm[PATH_SIZE + 8];
        int fd;

        if (!f->used || f->deleted)
            continue;
        survive(f, &seed);
        fd = open(f->path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
        REQUIRE(fd >= 0 && write(fd, f->durable, f->size) == (ssize_t)f->size);
        (void)close(fd);
        (void)snprintf(shm, sizeof(shm), "%s-shm", f->path);
        (void)unlink(shm);
    }
}
