/* What is the same for every backend: limits before a submit, and the keys. */
#include "base/panic.h"
#include "store/store_internal.h"

void store_init(struct store *s, const struct store_ops *ops, const struct store_ports *ports)
{
    s->ops = ops;
    s->reader.store = s;
    s->ports = *ports;
    s->stages_left = NULL;
    (void)pthread_mutex_init(&s->stages_lock, NULL);
}

struct str store_key_name(enum store_key key)
{
    return key == KEY_AUDIT ? STR("audit-hmac") : STR("page-token");
}

struct str store_key(const struct store *s, enum store_key key)
{
    return (struct str){(const char *)s->keys[key], sizeof(s->keys[key])};
}

enum fault store_key_load(struct store *s, enum store_key key)
{
    struct secrets *secrets = s->ports.secrets;

    return secrets->ops->key(secrets, store_key_name(key), s->keys[key]);
}

enum fault store_key_make(struct store *s, enum store_key key)
{
    struct secrets *secrets = s->ports.secrets;

    return secrets->ops->make(secrets, store_key_name(key), s->keys[key]);
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
    if (!s)
        return;
    stages_drop(s);
    s->ops->close(s);
}
