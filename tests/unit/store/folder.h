#ifndef TESTS_UNIT_STORE_FOLDER_H
#define TESTS_UNIT_STORE_FOLDER_H

#include "base/arena.h"

/* A new folder under TMPDIR or /tmp, of this process alone. */
struct str folder_new(struct arena *a);

/* With the files in it. */
void folder_remove(struct arena *a, struct str folder);

/* Whole files, as bytes. Absent when there is none. */
struct str folder_read(struct arena *a, struct str path);
void folder_write(struct str path, struct str bytes);

/* Permission bits; -1 when there is no such file. */
int folder_mode(struct str path);

#endif
