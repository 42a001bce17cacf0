#include "rules/names.h"

#include <stdlib.h>
#include <utf8proc.h>

#include "base/panic.h"

enum { FOLD_MAX = 1024 };

struct str name_fold(struct arena *a, struct str name)
{
    utf8proc_uint8_t *folded = NULL;
    utf8proc_ssize_t len = utf8proc_map(
        (const utf8proc_uint8_t *)name.ptr, (utf8proc_ssize_t)name.len, &folded,
        UTF8PROC_STABLE | UTF8PROC_COMPOSE | UTF8PROC_COMPAT | UTF8PROC_CASEFOLD | UTF8PROC_IGNORE);
    struct str out;

    if (len == UTF8PROC_ERROR_NOMEM)    /* GCOVR_EXCL_LINE: no memory for a name */
        panic("out of memory: a name"); /* GCOVR_EXCL_LINE: the same */
    if (len < 0)
        return arena_str(a, name); /* no text: nothing is the same but the same bytes */
    out = arena_str(a, (struct str){(const char *)folded, (size_t)len});
    free(folded);
    return out;
}

enum fault name_settle(struct arena *a, struct str name, struct faults *faults, struct str *fold)
{
    struct str folded = name_fold(a, name);

    if (str_trim(folded).len == 0)
        return faults_add(faults, FAULT_INVALID_PARAMETER, STR("name"),
                          "'name' must have a visible character");
    if (folded.len > FOLD_MAX)
        return faults_add(faults, FAULT_INVALID_PARAMETER, STR("name"),
                          "'name' must be at most %d bytes in its compatible form", FOLD_MAX);
    *fold = folded;
    return FAULT_NONE;
}
