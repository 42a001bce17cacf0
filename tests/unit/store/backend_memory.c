#include "tests/unit/store/rig.h"

const bool backend_is_durable = false;

void backend_open(struct rig *r)
{
    r->store = store_memory_new(&r->ports, 42, 3);
}

void backend_close(struct rig *r)
{
    store_close(r->store);
}
