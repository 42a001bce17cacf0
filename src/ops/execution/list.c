/* Many executions: filtered, page by page, each with its waves. */
#include "model/execution.h"
#include "ops/execution/executions.h"
#include "ops/listing.h"
#include "ops/refuse.h"

enum { LIST_DEFAULT = 50 };

/* A status or an outcome in any case; IN_PROGRESS and ACTIVE: whatever is not over. */
struct status_filter {
    bool any;
    bool live;
    int status;
    int outcome;
};

static int name_in(const char *const *names, struct str text)
{
    for (int i = 1; names[i]; i++)
        if (str_eq_fold(text, str_from_z(names[i])))
            return i;
    return 0;
}

static enum fault filter_of(struct query_ctx *c, struct status_filter *out)
{
    struct str text = ((const struct executions_params *)c->params)->status;

    *out = (struct status_filter){
        .any = !str_present(text),
        .live = str_eq_fold(text, STR("IN_PROGRESS")) || str_eq_fold(text, STR("ACTIVE")),
        .status = name_in(execution_status_names, text),
        .outcome = name_in(run_outcome_names, text),
    };
    if (out->status)
        out->outcome = 0; /* FAILED and CANCELLED are both: the status holds the outcome */
    if (out->any || out->live || out->status || out->outcome)
        return FAULT_NONE;
    return call_fault(&c->call, FAULT_INVALID_PARAMETER, STR("status"),
                      "'status' must be IN_PROGRESS, or the status or the outcome of an execution, "
                      "not '" STR_FMT "'",
                      STR_ARG(text));
}

static bool status_fits(const struct status_filter *filter, const struct execution *e)
{
    if (filter->any)
        return true;
    if (filter->live)
        return !execution_is_terminal(e->status);
    return filter->status ? e->status == filter->status : e->outcome == filter->outcome;
}

static bool fits(const struct executions_params *in, const struct status_filter *filter,
                 const struct execution *e)
{
    if (in->plan_id.len && !str_eq(in->plan_id, e->plan_id))
        return false;
    if (in->account_id.len && !str_eq(in->account_id, e->account_id))
        return false;
    if ((in->from && e->started_at < in->from) || (in->to && e->started_at > in->to))
        return false;
    return status_fits(filter, e) && (!in->type || in->type == e->type);
}

static struct query query_of(const struct executions_params *in, const struct status_filter *filter)
{
    struct query q = {
        .collection = COLLECTION_EXECUTIONS,
        .index = "by-started",
        .descending = true,
        .token = token_is_documented(in->next_token) ? (struct str){0} : in->next_token,
    };

    if (in->plan_id.len) {
        q.index = "by-plan";
        q.partition = in->plan_id;
    } else if (filter->status) {
        q.index = "by-status";
        q.partition = str_from_z(execution_status_names[filter->status]);
    }
    return q;
}

struct execution_listing {
    struct query_ctx *c;
    struct status_filter filter;
};

static enum fault add_execution(void *context, const void *row, size_t *answered)
{
    struct execution_listing *l = context;
    struct executions_reply *out = l->c->reply;
    struct execution_answer *item = &out->executions.items[*answered];
    enum fault f;

    if (!fits(l->c->params, &l->filter, row))
        return FAULT_NONE;
    field_copy(l->c->call.arena, execution_fields, row, &item->execution);
    f = execution_view(l->c, false, item);
    if (!f)
        out->executions.len = ++*answered;
    return f;
}

enum fault execution_list(struct query_ctx *c)
{
    const struct executions_params *in = c->params;
    struct executions_reply *out = c->reply;
    struct execution_listing l = {.c = c};
    struct listing listing = {
        .limit = in->has_limit ? (size_t)in->limit : LIST_DEFAULT,
        .add = add_execution,
        .context = &l,
    };
    enum fault f = filter_of(c, &l.filter);

    if (f)
        return f;
    listing.query = query_of(in, &l.filter);
    out->executions.items = arena_array_of(c->call.arena, listing.limit, struct execution_answer);
    f = listing_fill(&c->call, c->reader, &listing, &out->next_token);
    if (f)
        return f;
    out->count = (int64_t)out->executions.len;
    if (token_is_documented(in->next_token))
        out->warnings = token_warning(c->call.arena);
    return FAULT_NONE;
}
