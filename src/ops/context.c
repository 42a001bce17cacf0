#include "ops/context.h"

enum fault call_fail(struct call_ctx *c, enum fault f, const char *fmt, ...)
{
    va_list args;
    struct str message;

    va_start(args, fmt);
    message = arena_strvf(c->arena, fmt, args);
    va_end(args);
    return faults_add(c->faults, f, (struct str){0}, STR_FMT, STR_ARG(message));
}

enum fault call_fault(struct call_ctx *c, enum fault f, struct str field, const char *fmt, ...)
{
    va_list args;
    struct str message;

    va_start(args, fmt);
    message = arena_strvf(c->arena, fmt, args);
    va_end(args);
    return faults_add(c->faults, f, field, STR_FMT, STR_ARG(message));
}

void call_detail(struct call_ctx *c, const struct field *fields, const void *value)
{
    c->detail_fields = fields;
    c->details = value;
}
