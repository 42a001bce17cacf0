/*
 * The corpus of a fuzz target as an ordinary test, under any compiler: each file, and each
 * beginning of it up to 512 bytes, since a parser that runs past its end does so where the input
 * was cut.
 */
#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/file.h"
#include "tests/fuzz/entry.h"

enum { FILE_MAX = 1 << 20, CUTS_MAX = 512 };

/* A copy of its own size, so that AddressSanitizer sees one byte too many. */
static void run(struct str text, size_t len)
{
    uint8_t *copy = malloc(len ? len : 1);

    if (copy && len)
        memcpy(copy, text.ptr, len);
    (void)LLVMFuzzerTestOneInput(copy, len);
    free(copy);
}

static bool replay(const char *folder, const char *name)
{
    SCOPED(arena_scope_end) struct arena *a = arena_new(0);
    struct str path = arena_strf(a, "%s/%s", folder, name), text, why;

    if (file_read(a, path, FILE_MAX, &text, &why)) {
        (void)fprintf(stderr, STR_FMT "\n", STR_ARG(why));
        return false;
    }
    for (size_t cut = 0; cut < text.len && cut < CUTS_MAX; cut++)
        run(text, cut);
    run(text, text.len);
    return true;
}

int main(int argc, char **argv)
{
    DIR *folder = argc == 2 ? opendir(argv[1]) : NULL;
    const struct dirent *entry;
    size_t files = 0;

    while (folder && (entry = readdir(folder)))
        if (entry->d_name[0] != '.') {
            if (!replay(argv[1], entry->d_name))
                return 1;
            files++;
        }
    if (folder)
        (void)closedir(folder);
    (void)printf("%zu files of the corpus\n", files);
    return files ? 0 : 1; /* an empty corpus tests nothing */
}
