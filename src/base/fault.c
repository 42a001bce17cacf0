#include "base/fault.h"

static const struct fault_info catalog[] = {[FAULT_NONE] = {"NONE", 200, false},
#define ROW(id, http_status, retryable, name) [id] = {name, http_status, retryable},
                                            FAULT_CATALOG(ROW)
#undef ROW
};

const struct fault_info *fault_describe(enum fault f)
{
    return (size_t)f < ARRAY_LEN(catalog) ? &catalog[f] : &catalog[FAULT_INTERNAL_ERROR];
}

void faults_init(struct faults *fs, struct arena *a)
{
    *fs = (struct faults){.arena = a};
}

enum fault faults_add(struct faults *fs, enum fault f, struct str field, const char *fmt, ...)
{
    va_list args;

    if (fs->len == FAULTS_MAX) {
        fs->dropped++;
        return f;
    }
    if (!fs->items)
        fs->items = arena_array_of(fs->arena, FAULTS_MAX, struct fault_item);
    va_start(args, fmt);
    fs->items[fs->len++] = (struct fault_item){
        .fault = f,
        .field = arena_str(fs->arena, field),
        .message = arena_strvf(fs->arena, fmt, args),
    };
    va_end(args);
    return f;
}

enum fault faults_first(const struct faults *fs)
{
    return fs->len ? fs->items[0].fault : FAULT_NONE;
}
