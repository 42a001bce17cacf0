#include "tests/unit/store/folder.h"
#include "tests/unit/store/rig.h"

const bool backend_is_durable = true;

void backend_open(struct rig *r)
{
    struct sqlite_options options = {0};
    struct str why;

    if (!str_present(r->dir))
        r->dir = folder_new(r->arena);
    options.path = arena_strf(r->arena, STR_FMT "/test.db", STR_ARG(r->dir));
    if (store_sqlite_open(&options, &r->ports, r->arena, &r->store, &why))
        fail_msg(STR_FMT, STR_ARG(why));
}

void backend_close(struct rig *r)
{
    store_close(r->store);
    folder_remove(r->arena, r->dir);
}
