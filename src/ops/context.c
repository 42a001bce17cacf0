#include "ops/context.h"

#include "aws/aws.h"

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

enum fault call_fail_aws(struct call_ctx *c, enum fault f, const struct aws_error *error,
                         const char *doing)
{
    return call_fail(c, f, "Failed to %s: " STR_FMT "%s" STR_FMT, doing, STR_ARG(error->code),
                     str_empty(error->message) ? "" : ": ", STR_ARG(error->message));
}

void call_detail(struct call_ctx *c, const struct field *fields, const void *value)
{
    c->detail_fields = fields;
    c->details = value;
}
