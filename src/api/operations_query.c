#include "api/operation.h"
#include "ops/query/drs.h"

/* The operations of the query function alone, by name. They cannot write: see ops/context.h. */
const struct operation operations_query[] = {
    {
        .names = {"get_drs_source_servers"},
        .functions = FUNCTION_QUERY,
        .routes = {{"GET", "/drs/source-servers"}, {"GET", "/drs/servers"}},
        .permission = "view_protection_groups",
        .summary = "List the source servers that DRS replicates to a region",
        .example = "--region us-east-1 --tags Tier=web",
        .params = source_servers_params_fields,
        .params_size = sizeof(struct source_servers_params),
        .reply = source_servers_reply_fields,
        .reply_size = sizeof(struct source_servers_reply),
        .run_read = get_drs_source_servers,
    },
    {.names = {NULL}},
};
