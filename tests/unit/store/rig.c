#include "tests/unit/store/rig.h"

static enum fault fixed_key(struct secrets *s, struct str name, unsigned char out[32])
{
    (void)s;
    memset(out, name.ptr[0], 32);
    return FAULT_NONE;
}

struct secrets *rig_secrets(void)
{
    static const struct secrets_ops ops = {fixed_key};
    static struct secrets secrets = {&ops};

    return &secrets;
}

int rig_setup(void **state)
{
    struct rig *r = test_calloc(1, sizeof(*r));

    r->arena = arena_new(0);
    clock_single_init(&r->clock, 1700000000000);
    entropy_single_init(&r->entropy, 7);
    r->ports = (struct store_ports){&r->clock.clock, &r->entropy.entropy, rig_secrets()};
    backend_open(r);
    *state = r;
    return 0;
}

int rig_teardown(void **state)
{
    struct rig *r = *state;

    backend_close(r);
    arena_free(r->arena);
    test_free(r);
    return 0;
}

struct thing rig_thing(const char *id, const char *name)
{
    return (struct thing){.id = str_from_z(id), .name = str_from_z(name), .version = 1};
}

enum fault rig_submit(struct rig *r, const struct write_set *ws)
{
    return store_submit(r->store, r->arena, ws, &r->why);
}

enum fault rig_put(struct rig *r, struct thing thing)
{
    struct write_set *ws = write_set_new(r->arena);

    (void)ws_put(ws, COLLECTION_GROUPS, &thing);
    return rig_submit(r, ws);
}

enum fault rig_get(struct rig *r, const char *id, struct thing *out)
{
    *out = (struct thing){0};
    return reader_get(store_reader(r->store), r->arena, COLLECTION_GROUPS, str_from_z(id),
                      (struct str){0}, out);
}

enum fault rig_get_claim(struct rig *r, const char *key, struct claim *out)
{
    *out = (struct claim){0};
    return reader_get(store_reader(r->store), r->arena, COLLECTION_CLAIMS, str_from_z(key),
                      (struct str){0}, out);
}
