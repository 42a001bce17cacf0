#ifndef BASE_FILE_H
#define BASE_FILE_H

#include "base/arena.h"
#include "base/fault.h"

/* Small files, read and written whole. Paths hold no NUL byte. */

/* As seen from the folder that the process works in; unchanged where that cannot be told. */
struct str file_absolute(struct arena *a, struct str path);

/*
 * FAULT_NOT_FOUND, FAULT_TOO_LARGE (more than `max` bytes), FAULT_STORE_ERROR; *why says which file
 * and what the system said.
 */
MUST_CHECK enum fault file_read(struct arena *a, struct str path, size_t max, struct str *out,
                                struct str *why);

/*
 * In a folder that others may write to: a file that is opened so is a plain one and lies there. -1
 * and errno where it cannot be opened, or a link, a pipe or whatever else has its name.
 */
int file_open_plain(const char *path);

/* As file_read, of a file that is open; of one that is not (-1) it says what errno does. */
struct open_file {
    int fd;
    struct str path;
};

MUST_CHECK enum fault file_read_open(struct arena *a, const struct open_file *file, size_t max,
                                     struct str *out, struct str *why);

/*
 * Puts `text` in the place of whatever is at `path`, with the mode given, all at once: a reader and
 * a crash see the old file or the new one. Its owner stays. Durable when it returns FAULT_NONE;
 * FAULT_STORE_FULL, FAULT_STORE_ERROR.
 */
MUST_CHECK enum fault file_replace(struct arena *a, struct str path, struct str text, unsigned mode,
                                   struct str *why);

/*
 * What root makes in the folder of a service is the service's: gives `path` to the owner of its
 * folder. Nothing to do for anybody else. false: it cannot be, or is a link, or has another name
 * besides: then it may be somebody else's, and stays so.
 */
MUST_CHECK bool file_join_folder(const char *path);

/* For SCOPED(file_close): closes a descriptor that is not negative. */
void file_close(int *fd);

/* false also where it cannot be read. */
bool file_folder_is_empty(const char *path);

/* Makes the folder and its parents where they are missing, with mode 0700. FAULT_STORE_ERROR. */
MUST_CHECK enum fault file_make_folder(struct arena *a, struct str path, struct str *why);

#endif
