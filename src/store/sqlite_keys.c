/*
 * Whether the keys are this database's. They are made before it and never again by themselves:
 * with others the audit trail would not verify, and nobody would know why.
 */
#include <inttypes.h>
#include <sys/stat.h>
#include <unistd.h>

#include "store/sqlite_internal.h"

#define WHAT_TO_DO                                                                            \
    "put its keys/ folder back from where it is kept with the backups; if it is lost, go on " \
    "with new keys (drwave new-keys): what the audit holds so far can then no longer be verified"

static enum fault refuse_lost(const struct keying *k, enum store_key key, enum fault f)
{
    *k->why =
        arena_strf(k->arena, "%s is there, but its key '" STR_FMT "' is %s: " WHAT_TO_DO, k->path,
                   STR_ARG(store_key_name(key)), f == FAULT_CORRUPT ? "damaged" : "not");
    return f;
}

static enum fault refuse_foreign(const struct keying *k)
{
    *k->why = arena_strf(k->arena,
                         "the audit in %s was not written with the keys of the data folder, or its "
                         "end has been changed: " WHAT_TO_DO,
                         k->path);
    return FAULT_CORRUPT;
}

static enum fault make(struct keying *k, enum store_key key)
{
    k->made[key] = true;
    return store_key_make(k->store, key);
}

enum fault keys_load(struct keying *k)
{
    struct stat st;
    enum fault f = FAULT_NONE;

    k->existed = stat(k->path, &st) == 0 && st.st_size > 0;
    for (int i = 0; !f && i < STORE_KEYS; i++) {
        enum store_key key = (enum store_key)i;

        f = store_key_load(k->store, key);
        if (f == FAULT_NOT_FOUND || f == FAULT_CORRUPT)
            f = k->existed && !k->new_keys ? refuse_lost(k, key, f) : make(k, key);
        if (f && !str_present(*k->why))
            *k->why = arena_strf(k->arena, "the key '" STR_FMT "' of %s cannot be had (%s)",
                                 STR_ARG(store_key_name(key)), k->path, fault_describe(f)->name);
    }
    return f;
}

/*
 * The newest of what is there decides; a row that was tampered with is for verify to tell, so one
 * of the two is enough.
 */
static enum fault made_with(struct str key, struct db *db, int64_t *segments, bool *fits)
{
    struct audit_segment last;
    unsigned char mac[AUDIT_MAC] = {0};
    unsigned char expected[AUDIT_MAC];
    enum fault f = db_audit_count(db, segments, mac);

    if (f)
        return f;
    audit_count_mac(key, *segments, expected);
    *fits = !*segments || memcmp(mac, expected, AUDIT_MAC) == 0;
    if (*fits)
        return FAULT_NONE;
    f = db_audit_segment(db, *segments, &last);
    *fits = !f && audit_sealed_with(key, &last);
    return f == FAULT_NOT_FOUND ? FAULT_NONE : f;
}

enum fault keys_fit(struct keying *k, struct db *db)
{
    bool fits = false;
    enum fault f = made_with(store_key(k->store, KEY_AUDIT), db, &k->segments, &fits);

    if (f || fits)
        return f;
    if (!k->new_keys)
        return refuse_foreign(k);
    k->store->audit_anew = true;
    for (int i = 0; !f && i < STORE_KEYS; i++)
        if (!k->made[i])
            f = make(k, (enum store_key)i);
    return f;
}

enum fault keys_record(struct keying *k)
{
    struct write_set *ws = write_set_new(k->arena);
    bool made = k->existed && (k->made[KEY_AUDIT] || k->made[KEY_PAGE_TOKEN]);

    if (!made)
        return FAULT_NONE;
    ws_audit(ws, arena_strf(
                     k->arena,
                     "{\"event\":\"new-keys\",\"at\":%" PRId64 ",\"unprovenSegments\":%" PRId64 "}",
                     clock_wall_ms(k->store->ports.clock), k->store->audit_anew ? k->segments : 0));
    return store_submit(k->store, k->arena, ws, NULL);
}

enum fault store_sqlite_check_keys(struct arena *a, struct str path,
                                   const struct store_ports *ports, struct str *why)
{
    struct store store = {.ports = *ports};
    struct keying k = {&store, a, arena_z(a, path), .why = why};
    struct db_options looks = {.path = k.path, .inspects = true};
    struct db *db = NULL;
    enum fault f;

    *why = (struct str){0};
    if (access(k.path, R_OK)) {
        *why = arena_strf(a, "there is no record at %s", k.path);
        return FAULT_NOT_FOUND;
    }
    f = keys_load(&k);
    if (!f)
        f = db_open(&looks, &db, why, a);
    if (!f)
        f = keys_fit(&k, db);
    if (f && !str_present(*why))
        *why = arena_strf(a, "%s: cannot be read (%s)", k.path, fault_describe(f)->name);
    db_close(db);
    secret_wipe(&store, sizeof(store));
    return f;
}
