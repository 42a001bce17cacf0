/* What the product says of a source server, and how to reach those of an account. */
#include "model/account.h"
#include "ops/snapshots.h"

const struct drs_source_server *snapshot_find(const struct server_snapshot *s, struct str id)
{
    size_t low = 0;
    size_t high = s->len;

    while (low < high) {
        size_t middle = low + (high - low) / 2;
        int order = str_cmp(s->servers[middle].id, id);

        if (order == 0)
            return &s->servers[middle];
        if (order < 0)
            low = middle + 1;
        else
            high = middle;
    }
    return NULL;
}

/* long: six parameters; every caller has them under its own names. */
enum fault snapshot_place_of(struct reader *reader, struct arena *a, struct str account_id,
                             struct str region, struct str hub_account, struct snapshot_place *out)
{
    struct account account = {0};
    enum fault f;

    *out = (struct snapshot_place){.account_id = account_id, .target = {.region = region}};
    if (!str_present(account_id) || str_eq(account_id, hub_account)) {
        out->account_id = hub_account;
        return FAULT_NONE;
    }
    f = reader_get(reader, a, COLLECTION_ACCOUNTS, account_id, (struct str){0}, &account);
    if (f)
        return f;
    out->target.role_arn = account_role_arn(a, &account, hub_account);
    out->target.external_id = account.external_id;
    return FAULT_NONE;
}

struct str server_hostname(const struct drs_source_server *server)
{
    const struct drs_identification *id =
        server->properties ? server->properties->identification : NULL;
    struct str name = tags_get(&server->tags, STR("Name"));

    if (id && !str_empty(id->hostname))
        return id->hostname;
    if (id && !str_empty(id->fqdn))
        return id->fqdn;
    return str_empty(name) ? server->id : name;
}

struct str server_replication_state(const struct drs_source_server *server)
{
    return server->replication ? server->replication->state : (struct str){0};
}

struct str server_lifecycle_state(const struct drs_source_server *server)
{
    return str_eq(server_replication_state(server), STR("CONTINUOUS")) ? STR("READY_FOR_LAUNCH")
                                                                       : STR("NOT_READY");
}
