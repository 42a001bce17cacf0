#include "aws/ec2_read.h"

#include "aws/ec2_call.h"
#include "aws/list.h"

/* EC2 takes 200 values of a filter and 1,000 ids, and a page has 5 to 1,000 items. */
enum { VALUES_A_CALL = 200, ITEMS_A_PAGE = 1000 };

struct aws_request ec2_request(const char *operation, struct str body)
{
    return (struct aws_request){
        .service = &aws_service_ec2,
        .operation = operation,
        .content_type = STR("application/x-www-form-urlencoded; charset=utf-8"),
        .body = body,
        .idempotent = true,
    };
}

/* One describing operation of EC2. */
struct describe {
    const char *operation;
    const char *id_name;     /* "InstanceId" */
    const char *container;   /* of the answer: "subnetSet" */
    const char *inner;       /* instances stand in reservations: the container in each item */
    const char *max_results; /* NULL: 1,000 */
    const struct field *table;
    size_t item_size;
};

/* What one call asks for: a batch of ids, or of the values of one filter. */
struct batch {
    struct strs ids;
    const struct ec2_query *query;
    size_t sliced; /* the filter whose values are sent in parts; SIZE_MAX: none */
    struct strs values;
    struct str template_id;
    struct strs versions;
};

static struct str number(struct arena *a, const char *name, size_t n)
{
    return arena_strf(a, "%s.%zu", name, n);
}

static void add_filter(struct buf *body, const struct ec2_filter *f, struct strs values, size_t n)
{
    struct arena *a = body->arena;

    query_add(body, arena_strf(a, "Filter.%zu.Name", n), f->name);
    for (size_t i = 0; i < values.len; i++)
        query_add(body, arena_strf(a, "Filter.%zu.Value.%zu", n, i + 1), values.items[i]);
}

static struct str body_of(struct arena *a, const struct describe *d, const struct batch *b,
                          struct str token)
{
    struct buf body = query_begin(a, d->operation, aws_service_ec2.version);

    query_add(&body, STR("LaunchTemplateId"), b->template_id);
    for (size_t i = 0; i < b->versions.len; i++)
        query_add(&body, number(a, "LaunchTemplateVersion", i + 1), b->versions.items[i]);
    for (size_t i = 0; i < b->ids.len; i++)
        query_add(&body, number(a, d->id_name, i + 1), b->ids.items[i]);
    for (size_t i = 0; b->query && i < b->query->filters.len; i++) {
        const struct ec2_filter *f = &b->query->filters.items[i];

        add_filter(&body, f, i == b->sliced ? b->values : f->values, i + 1);
    }
    if (b->ids.len == 0 && b->versions.len == 0) /* not together with ids */
        query_add(&body, STR("MaxResults"),
                  d->max_results ? str_from_z(d->max_results) : arena_strf(a, "%d", ITEMS_A_PAGE));
    if (!str_empty(token))
        query_add(&body, STR("NextToken"), token);
    return buf_str(&body);
}

static bool add_items(struct page_list *list, struct arena *scratch, const struct xml *container,
                      struct str *why)
{
    for (const struct xml *item = container ? container->first : NULL; item; item = item->next) {
        struct list_any one = {arena_alloc(scratch, list->item_size), 1};

        if (!xml_decode(scratch, list->table, item, one.items, why))
            return false;
        page_list_add(list, &one);
    }
    return true;
}

static bool add_page(const struct describe *d, struct page_list *list, struct arena *scratch,
                     const struct xml *answer, struct str *why)
{
    const struct xml *container = xml_child(answer, str_from_z(d->container));

    if (!d->inner)
        return add_items(list, scratch, container, why);
    for (const struct xml *item = container ? container->first : NULL; item; item = item->next)
        if (!add_items(list, scratch, xml_child(item, str_from_z(d->inner)), why))
            return false;
    return true;
}

/* What one list call works with from page to page. */
struct walk {
    struct aws *aws;
    struct aws_at *at;
    const struct describe *what;
    struct page_list list;
};

static enum fault one_page(struct walk *w, const struct batch *b, struct page_tokens *tokens,
                           bool *more)
{
    struct arena *scratch SCOPED(arena_scope_end) = arena_new(0);
    struct aws_request request =
        ec2_request(w->what->operation, body_of(scratch, w->what, b, tokens->last));
    struct aws_response response;
    struct str why;
    bool looping;
    enum fault f;

    f = aws_call(w->aws, w->at, scratch, &request, &response);
    if (f)
        return f;
    if (!add_page(w->what, &w->list, scratch, response.xml, &why))
        return aws_bad_answer(w->at, &request, &response, why);
    *more = page_tokens_next(tokens, xml_text(response.xml, STR("nextToken")), &looping);
    return looping
               ? aws_bad_answer(w->at, &request, &response, STR("its pages go round in a circle"))
               : FAULT_NONE;
}

static enum fault all_pages(struct walk *w, const struct batch *b)
{
    struct arena *scratch SCOPED(arena_scope_end) = arena_new(0);
    struct page_tokens tokens = {.arena = scratch};
    bool more = true;

    while (more) {
        enum fault f = one_page(w, b, &tokens, &more);

        if (f)
            return f;
    }
    return FAULT_NONE;
}

/* An empty list that is there: nothing can match it, and leaving it out would match everything. */
static bool asks_for_nothing(const struct ec2_query *q)
{
    bool nothing = q->ids.items && q->ids.len == 0;

    for (size_t i = 0; i < q->filters.len; i++)
        nothing = nothing || q->filters.items[i].values.len == 0;
    return nothing;
}

/* The filter with more values than one call takes, or none. Two such would be a product. */
static size_t long_filter(const struct ec2_query *q)
{
    size_t i = 0;

    while (i < q->filters.len && q->filters.items[i].values.len <= VALUES_A_CALL)
        i++;
    return i < q->filters.len ? i : SIZE_MAX;
}

/* Values of one filter mean "any of them", so the parts are disjoint questions. */
static enum fault ask_in_parts(struct walk *w, const struct ec2_query *q)
{
    struct batch b = {.query = q, .sliced = long_filter(q)};
    struct strs *part = b.sliced == SIZE_MAX ? &b.ids : &b.values;
    struct strs all = b.sliced == SIZE_MAX ? q->ids : q->filters.items[b.sliced].values;
    size_t done = 0;

    if (b.sliced != SIZE_MAX)
        b.ids = q->ids;
    if (asks_for_nothing(q))
        return FAULT_NONE;
    do {
        size_t left = all.len - done;
        enum fault f;

        if (all.items)
            *part = (struct strs){all.items + done, left < VALUES_A_CALL ? left : VALUES_A_CALL};
        f = all_pages(w, &b);
        if (f)
            return f;
        done += part->len;
    } while (done < all.len);
    return FAULT_NONE;
}

static struct walk walk_of(struct aws_reader *reader, struct aws_at *at, const struct describe *d)
{
    return (struct walk){
        reader->aws, at, d, {.arena = at->arena, .table = d->table, .item_size = d->item_size}};
}

static enum fault describe(struct walk *w, const struct ec2_query *q, struct list_any *out)
{
    enum fault f = ask_in_parts(w, q);

    if (!f)
        *out = (struct list_any){w->list.items, w->list.len};
    return f;
}

enum fault ec2_describe_instances(struct aws_reader *reader, struct aws_at *at,
                                  const struct ec2_query *query, struct ec2_instances *out)
{
    static const struct describe what = {.operation = "DescribeInstances",
                                         .id_name = "InstanceId",
                                         .container = "reservationSet",
                                         .inner = "instancesSet",
                                         .table = ec2_instance_fields,
                                         .item_size = sizeof(struct ec2_instance)};
    struct walk w = walk_of(reader, at, &what);
    struct list_any found;
    enum fault f = describe(&w, query, &found);

    if (!f)
        *out = (struct ec2_instances){found.items, found.len};
    return f;
}

enum fault ec2_describe_subnets(struct aws_reader *reader, struct aws_at *at,
                                const struct ec2_query *query, struct ec2_subnets *out)
{
    static const struct describe what = {.operation = "DescribeSubnets",
                                         .id_name = "SubnetId",
                                         .container = "subnetSet",
                                         .table = ec2_subnet_fields,
                                         .item_size = sizeof(struct ec2_subnet)};
    struct walk w = walk_of(reader, at, &what);
    struct list_any found;
    enum fault f = describe(&w, query, &found);

    if (!f)
        *out = (struct ec2_subnets){found.items, found.len};
    return f;
}

enum fault ec2_describe_security_groups(struct aws_reader *reader, struct aws_at *at,
                                        const struct ec2_query *query,
                                        struct ec2_security_groups *out)
{
    static const struct describe what = {.operation = "DescribeSecurityGroups",
                                         .id_name = "GroupId",
                                         .container = "securityGroupInfo",
                                         .table = ec2_security_group_fields,
                                         .item_size = sizeof(struct ec2_security_group)};
    struct walk w = walk_of(reader, at, &what);
    struct list_any found;
    enum fault f = describe(&w, query, &found);

    if (!f)
        *out = (struct ec2_security_groups){found.items, found.len};
    return f;
}

enum fault ec2_describe_launch_template_versions(struct aws_reader *reader, struct aws_at *at,
                                                 struct str template_id, struct strs versions,
                                                 struct ec2_template_versions *out)
{
    static const struct describe what = {.operation = "DescribeLaunchTemplateVersions",
                                         .container = "launchTemplateVersionSet",
                                         .max_results = "200",
                                         .table = ec2_template_version_fields,
                                         .item_size = sizeof(struct ec2_template_version)};
    struct walk w = walk_of(reader, at, &what);
    struct batch b = {.template_id = template_id, .versions = versions};
    enum fault f = all_pages(&w, &b);

    if (!f) {
        struct list_any found = {w.list.items, w.list.len};

        *out = (struct ec2_template_versions){found.items, found.len};
    }
    return f;
}
