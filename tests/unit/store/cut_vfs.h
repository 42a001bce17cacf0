#ifndef TESTS_UNIT_STORE_CUT_VFS_H
#define TESTS_UNIT_STORE_CUT_VFS_H

#include <stdbool.h>
#include <stdint.h>

/*
 * A VFS over the system's that knows what has been synced. At a power cut everything that was not
 * is lost, kept, or kept in part (by sectors), as the seed says. It can also fail one write or one
 * sync, as a disk does, or refuse writes as a full disk does.
 */
enum cut_kind {
    CUT_NOTHING,
    CUT_POWER,     /* at that operation, and everything after it fails */
    CUT_FAIL_ONCE, /* that operation alone: an I/O error */
    CUT_FULL_ONCE, /* that write alone: no space */
    CUT_FULL,      /* that write and every later one: no space */
};

extern const char cut_vfs_name[];

/* Forgets all files. The `at`-th write, truncation, sync or deletion from now on; 1 is the first.
 */
void cut_begin(enum cut_kind kind, uint64_t at);

/* From now on writes find no space, or find it again. */
void cut_fill(bool full);

/* Whether it came to that. */
bool cut_happened(void);
uint64_t cut_operations(void);

/* After the power cut, nothing open any more: leaves on the disk what has survived. */
void cut_settle(uint64_t seed);

#endif
