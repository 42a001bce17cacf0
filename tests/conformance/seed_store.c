/*
 * Puts groups and plans with identifiers of the caller's choice into a data folder before `serve`
 * opens it: the documents' examples name entities that they never create.
 *
 * usage: seed_store FOLDER < lines; a line is {"kind":"group","id","name","region","accountId",
 * "serverIds"}, {"kind":"plan","id","name","groupId"}, or {"kind":"account","id","name","roleName"
 * or "roleArn","externalId"}, which replaces what is known of that account. What is written is what
 * the operations would have written: the row and its claims.
 */
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/ports_system.h"
#include "edge/secrets_file.h"
#include "model/account.h"
#include "model/group.h"
#include "model/plan.h"
#include "ops/claims.h"
#include "rules/names.h"
#include "store/store.h"

enum { LINE_MAX_BYTES = 1 << 20, BATCH_WRITES = 90 };

struct line {
    struct str kind;
    struct str id;
    struct str name;
    struct str region;
    struct str account_id;
    struct strs server_ids;
    struct str group_id;
    struct str role_name;
    struct str role_arn;
    struct str external_id;
};

static const struct field line_fields[] = {
    F_STR(struct line, kind, "kind", .help = "group, plan or account"),
    F_STR(struct line, id, "id", .help = "identifier"),
    F_STR(struct line, name, "name", .help = "name"),
    F_STR(struct line, region, "region", .help = "of a group"),
    F_STR(struct line, account_id, "accountId", .help = "of a group"),
    F_STRS(struct line, server_ids, "serverIds", .help = "of a group"),
    F_STR(struct line, group_id, "groupId", .help = "of a plan's one wave"),
    F_STR(struct line, role_name, "roleName", .help = "to assume in an account"),
    F_STR(struct line, role_arn, "roleArn", .help = "the same by its ARN"),
    F_STR(struct line, external_id, "externalId", .help = "that the role asks for"),
    F_END,
};

static void fail(const char *what, struct str why)
{
    (void)fprintf(stderr, "seed_store: %s: " STR_FMT "\n", what, STR_ARG(why));
    exit(1);
}

static void put_group(struct arena *a, struct write_set *ws, const struct line *l, int64_t now)
{
    struct group g = {
        .id = l->id,
        .name = l->name,
        .name_fold = name_fold(a, l->name),
        .region = l->region,
        .account_id = l->account_id,
        .selection_mode = SELECTION_EXPLICIT,
        .server_ids = l->server_ids,
        .server_count = (int64_t)l->server_ids.len,
        .servers = {arena_array_of(a, l->server_ids.len, struct group_server), l->server_ids.len},
        .created_at = now,
        .updated_at = now,
        .version = 1,
    };

    for (size_t i = 0; i < l->server_ids.len; i++)
        g.servers.items[i] = (struct group_server){.server_id = l->server_ids.items[i],
                                                   .hostname = l->server_ids.items[i]};
    (void)ws_put(ws, COLLECTION_GROUPS, &g);
    ws_claim(ws, claim_group_name(a, g.name_fold), g.id, g.name, FAULT_ALREADY_EXISTS);
    for (size_t i = 0; i < l->server_ids.len; i++)
        ws_claim(ws, claim_server(a, g.account_id, g.region, l->server_ids.items[i]), g.id, g.name,
                 FAULT_SERVER_CONFLICT);
}

static void put_plan(struct arena *a, struct write_set *ws, const struct line *l, int64_t now)
{
    struct plan_wave *wave = arena_new_of(a, struct plan_wave);
    struct str *group = arena_new_of(a, struct str);
    struct plan p = {
        .id = l->id,
        .name = l->name,
        .name_fold = name_fold(a, l->name),
        .waves = {wave, 1},
        .status = PLAN_ACTIVE,
        .on_wave_failure = ON_WAVE_FAILURE_STOP,
        .total_waves = 1,
        .created_at = now,
        .updated_at = now,
        .version = 1,
    };
    size_t use;

    *group = l->group_id;
    *wave = (struct plan_wave){
        .wave_number = 1,
        .has_wave_number = true,
        .name = STR("Seeded wave"),
        .protection_group_id = l->group_id,
        .protection_group_ids = {group, 1},
        .launch_order = 1,
        .has_launch_order = true,
        .depends_on_waves = {arena_new_of(a, int64_t), 0},
    };
    (void)ws_put(ws, COLLECTION_PLANS, &p);
    ws_claim(ws, claim_plan_name(a, p.name_fold), p.id, p.name, FAULT_ALREADY_EXISTS);
    ws_claim(ws, claim_group_used(a, l->group_id, p.id), p.id, p.name, FAULT_IN_USE);
    use = ws_update(ws, COLLECTION_GROUPS, l->group_id, (struct str){0});
    ws_add_int(ws, use, "useCount", 1);
}

static void put_account(struct write_set *ws, const struct line *l, int64_t now)
{
    struct account account = {
        .id = l->id,
        .name = l->name,
        .assume_role_name = l->role_name,
        .role_arn = l->role_arn,
        .external_id = l->external_id,
        .status = ACCOUNT_ACTIVE,
        .created_at = now,
        .updated_at = now,
    };

    (void)ws_put(ws, COLLECTION_ACCOUNTS, &account);
}

static void commit(struct store *store, struct arena *a, struct write_set *ws)
{
    struct refusal why;
    enum fault f = write_set_len(ws) ? store_submit(store, a, ws, &why) : FAULT_NONE;

    if (f)
        fail("a write was refused", str_from_z(fault_describe(f)->name));
}

static void read_lines(struct store *store)
{
    static char text[LINE_MAX_BYTES];
    int64_t now = clock_wall_ms(clock_system());
    struct arena *a = arena_new(0);
    struct write_set *ws = write_set_new(a);

    while (fgets(text, sizeof(text), stdin)) {
        struct line l = {0};

        if (field_decode_stored(a, line_fields, arena_str(a, str_trim(str_from_z(text))), &l))
            fail("not a line of mine", str_from_z(text));
        if (str_eq(l.kind, STR("plan"))) {
            /* Its group is in an earlier commit. */
            commit(store, a, ws);
            ws = write_set_new(a);
            put_plan(a, ws, &l, now);
        } else if (str_eq(l.kind, STR("account"))) {
            put_account(ws, &l, now);
        } else {
            put_group(a, ws, &l, now);
        }
        if (write_set_len(ws) + l.server_ids.len + 2 > BATCH_WRITES) {
            commit(store, a, ws);
            arena_reset(a);
            ws = write_set_new(a);
        }
    }
    commit(store, a, ws);
    arena_free(a);
}

int main(int argc, char **argv)
{
    struct arena *a = arena_new(0);
    struct str folder = str_from_z(argc == 2 ? argv[1] : NULL);
    struct sqlite_options options = {0};
    struct store_ports ports = {.clock = clock_system(), .entropy = entropy_system()};
    struct store *store;
    struct str why;

    if (!str_present(folder))
        fail("usage", STR("seed_store FOLDER"));
    options.path = arena_strf(a, STR_FMT "/drwave.db", STR_ARG(folder));
    ports.secrets =
        secrets_file_new(arena_strf(a, STR_FMT "/keys", STR_ARG(folder)), entropy_system());
    if (store_sqlite_open(&options, &ports, a, &store, &why))
        fail("cannot open the store", why);
    read_lines(store);
    store_close(store);
    secrets_file_free(ports.secrets);
    arena_free(a);
    return 0;
}
