#include "tests/crash/gated_store.h"

static struct store *inner(struct store *s)
{
    return ((struct gated_store *)(void *)s)->inner;
}

static enum fault reading(const struct store *s)
{
    return ((const struct gated_store *)(const void *)s)->reading;
}

static enum fault gated_get(struct store *s, struct arena *a, enum collection_id collection,
                            const struct item *key, struct item *out)
{
    return reading(s) ? reading(s) : inner(s)->ops->get(inner(s), a, collection, key, out);
}

static enum fault gated_scan(struct store *s, struct arena *a, const struct scan *scan,
                             struct scanned *out)
{
    return reading(s) ? reading(s) : inner(s)->ops->scan(inner(s), a, scan, out);
}

static enum fault gated_submit(struct store *s, struct arena *a, const struct write_set *ws,
                               struct refusal *why)
{
    struct gated_store *g = (struct gated_store *)(void *)s;
    bool effect = true;
    bool pass = true;
    enum fault f = FAULT_STORE_ERROR;

    if (g->gate)
        g->gate(g->context, &effect, &pass);
    if (effect)
        f = g->inner->ops->submit(g->inner, a, ws, why);
    return pass ? f : FAULT_STORE_ERROR;
}

static void gated_audit_later(struct store *s, struct str record)
{
    inner(s)->ops->audit_later(inner(s), record);
}

static void gated_audit_stranger(struct store *s, struct str record)
{
    inner(s)->ops->audit_stranger(inner(s), record);
}

static enum fault gated_audit_flush(struct store *s)
{
    return inner(s)->ops->audit_flush(inner(s));
}

static enum fault gated_audit_segment(struct store *s, int64_t number, struct audit_segment *out)
{
    return inner(s)->ops->audit_segment(inner(s), number, out);
}

static enum fault gated_audit_record(struct store *s, struct arena *a, int64_t segment,
                                     int64_t number, struct audit_record *out)
{
    return inner(s)->ops->audit_record(inner(s), a, segment, number, out);
}

static enum fault gated_audit_count(struct store *s, int64_t *segments,
                                    unsigned char mac[AUDIT_MAC])
{
    return inner(s)->ops->audit_count(inner(s), segments, mac);
}

static void gated_close(struct store *s)
{
    store_close(inner(s));
}

static const struct store_ops gated_ops = {
    .get = gated_get,
    .scan = gated_scan,
    .submit = gated_submit,
    .audit_later = gated_audit_later,
    .audit_stranger = gated_audit_stranger,
    .audit_flush = gated_audit_flush,
    .audit_segment = gated_audit_segment,
    .audit_record = gated_audit_record,
    .audit_count = gated_audit_count,
    .close = gated_close,
};

void gated_store_init(struct gated_store *g, struct store *s)
{
    *g = (struct gated_store){.store = *s, .inner = s};
    g->store.ops = &gated_ops;
    g->store.reader.store = &g->store;
}
