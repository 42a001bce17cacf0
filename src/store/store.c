/* What is the same for every backend: limits before a submit, and the keys. */
#include "base/panic.h"
#include "store/store_internal.h"

enum fault store_init(struct store *s, const struct store_ops *ops, const struct store_ports *ports)
{
    struct secrets *secrets = ports->secrets;
    enum fault f;

    s->ops = ops;
    s->reader.store = s;
    s->ports = *ports;
    f = secrets->ops->key(secrets, STR("page-token"), s->page_key);
    return f ? f : secrets->ops->key(secrets, STR("audit-hmac"), s->audit_key);
}

struct reader *store_reader(struct store *s)
{
    return &s->reader;
}

enum fault store_submit(struct store *s, struct arena *a, const struct write_set *ws,
                        struct refusal *why)
{
    enum fault f = ws_check_limits(ws);

    if (why)
        *why = (struct refusal){.fault = f};
    if (!f)
        f = s->ops->submit(s, a, ws, why);
    if (why)
        why->fault = f;
    return f;
}

void store_audit_later(struct store *s, struct str record)
{
    s->ops->audit_later(s, record);
}

void store_audit_stranger(struct store *s, struct str record)
{
    s->ops->audit_stranger(s, record);
}

void store_close(struct store *s)
{
    if (s)
        s->ops->close(s);
}
