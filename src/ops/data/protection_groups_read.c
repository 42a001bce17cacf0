/* Reading groups: nothing here can write, nor does it ask AWS but for tags that are being tried. */
#include "ops/data/protection_groups_internal.h"
#include "ops/listing.h"
#include "ops/refuse.h"
#include "rules/launch_merge.h"
#include "rules/selection.h"

enum fault group_find(struct call_ctx *call, struct reader *reader, struct str id,
                      struct group *out)
{
    enum fault f = reader_get(reader, call->arena, COLLECTION_GROUPS, id, (struct str){0}, out);

    if (f == FAULT_NOT_FOUND)
        return call_fail(call, f, "Protection group '" STR_FMT "' does not exist", STR_ARG(id));
    return f;
}

void group_for_answer(struct arena *a, const struct group *stored, struct group *out)
{
    *out = *stored;
    out->servers.items = arena_array_of(a, stored->servers.len, struct group_server);
    for (size_t i = 0; i < stored->servers.len; i++) {
        struct group_server *s = &out->servers.items[i];

        *s = stored->servers.items[i];
        s->effective_config = launch_config_merge(a, stored->launch_config, s->launch_config);
    }
}

enum fault protection_group_get(struct query_ctx *c)
{
    const struct group_id_params *in = c->params;
    struct group stored = {0};
    enum fault f = group_find(&c->call, c->reader, in->group_id, &stored);

    if (!f)
        group_for_answer(c->call.arena, &stored, c->reply);
    return f;
}

static bool wanted(const struct group_list_params *in, const struct group *g)
{
    return (!str_present(in->region) || str_eq(in->region, g->region)) &&
           (!str_present(in->account_id) || str_eq(in->account_id, g->account_id));
}

void group_without_servers(struct arena *a, const struct group *stored, struct group *out)
{
    struct group bare = *stored;

    bare.servers.items = NULL;
    bare.servers.len = 0;
    field_copy(a, group_fields, &bare, out);
}

static enum fault add_group(void *context, const void *row, size_t *answered)
{
    struct query_ctx *c = context;
    struct group_list_reply *out = c->reply;

    if (!wanted(c->params, row))
        return FAULT_NONE;
    group_without_servers(c->call.arena, row, &out->groups.items[*answered]);
    out->groups.len = ++*answered;
    return FAULT_NONE;
}

enum fault protection_group_list(struct query_ctx *c)
{
    const struct group_list_params *in = c->params;
    struct group_list_reply *out = c->reply;
    struct listing l = {
        .query = {.collection = COLLECTION_GROUPS, .index = "by-name", .token = in->next_token},
        .limit = in->has_limit ? (size_t)in->limit : LIST_LIMIT_DEFAULT,
        .add = add_group,
        .context = c,
    };
    enum fault f;

    if (token_is_documented(in->next_token)) {
        l.query.token = (struct str){0};
        out->warnings = token_warning(c->call.arena);
    }
    out->groups.items = arena_array_of(c->call.arena, l.limit, struct group);
    f = listing_fill(&c->call, c->reader, &l, &out->next_token);
    out->count = (int64_t)out->groups.len;
    return f;
}

/* What a page token belongs to: the same question, whatever the limit. */
static struct str question(struct arena *a, const struct group_resolve_params *in)
{
    struct group_resolve_params asked = *in;

    asked.has_limit = false;
    asked.next_token = (struct str){0};
    return field_text(a, group_resolve_params_fields, &asked, FIELD_VIEW_STORED);
}

static enum fault start_after(struct query_ctx *c, struct str *after)
{
    const struct group_resolve_params *in = c->params;
    enum fault f;

    *after = (struct str){0};
    if (!str_present(in->next_token))
        return FAULT_NONE;
    if (token_is_documented(in->next_token)) {
        ((struct group_resolve_reply *)c->reply)->warnings = token_warning(c->call.arena);
        return FAULT_NONE;
    }
    f = reader_list_after(c->reader, c->call.arena, question(c->call.arena, in), in->next_token,
                          after);
    if (f == FAULT_INVALID_PARAMETER)
        return call_fault(&c->call, f, STR("nextToken"),
                          "'nextToken' is damaged or belongs to another list");
    return f;
}

/* Sorted by id, so that a page goes on behind the last one even when servers came and went. */
static void add_matches(struct query_ctx *c, const struct server_snapshot *known, struct str after)
{
    const struct group_resolve_params *in = c->params;
    struct group_resolve_reply *out = c->reply;
    bool more = false;

    out->servers.items = arena_array_of(c->call.arena, known->len, struct resolved_match);
    for (size_t i = 0; i < known->len; i++) {
        const struct drs_source_server *s = &known->servers[i];

        if (!selection_tags_match(&in->tags, &s->tags))
            continue;
        out->total_count++;
        if (str_present(after) && str_cmp(s->id, after) <= 0)
            continue;
        if (in->has_limit && out->count == in->limit) {
            more = true;
            continue;
        }
        out->servers.items[out->servers.len++] = (struct resolved_match){
            s->id, server_hostname(s), s->tags, server_replication_state(s)};
        out->count++;
    }
    if (more)
        out->next_token = reader_list_token(c->reader, c->call.arena, question(c->call.arena, in),
                                            out->servers.items[out->servers.len - 1].server_id);
}

enum fault protection_group_resolve_tags(struct query_ctx *c)
{
    const struct group_resolve_params *in = c->params;
    struct group_resolve_reply *out = c->reply;
    struct group_place place;
    struct str after;
    enum fault f = selection_tags_check(&in->tags, c->call.faults);

    if (!f)
        f = start_after(c, &after);
    if (!f)
        f = group_place_find(&c->call, c->reader, in->account_id, in->region, &place);
    if (!f)
        f = group_place_ask(&c->call, c->snapshots, c->aws, &place);
    if (f)
        return f;
    add_matches(c, &place.known, after);
    out->region = in->region;
    out->account_id = place.at.account_id;
    return FAULT_NONE;
}
