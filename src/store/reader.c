#include "store/reader.h"

#include "base/panic.h"
#include "store/store_internal.h"

enum { PAGE_MAX = 1000 };

static enum fault decode(struct reader *r, struct arena *a, const struct layout *l,
                         const struct item *item, void *out)
{
    const struct store_ports *ports = &r->store->ports;
    enum fault f = item_decode(a, l, item, out);

    if (f && ports->damaged)
        ports->damaged(&(struct store_damage){l->collection->name, item->partition, item->sort});
    return f;
}

/* long: six parameters; the key's two halves are said by nearly every caller in its own words. */
enum fault reader_get(struct reader *r, struct arena *a, enum collection_id collection,
                      struct str partition, struct str sort, void *out)
{
    const struct layout *l = layout_of(collection);
    struct item key = {.partition = partition, .sort = STR("")};
    struct item item;
    enum fault f;

    REQUIRE(l);
    if (l->sort)
        key.sort = sort;
    f = r->store->ops->get(r->store, a, collection, &key, &item);
    return f ? f : decode(r, a, l, &item, out);
}

static struct scan scan_of(const struct query *q)
{
    struct scan scan = {
        .collection = q->collection,
        .layout = layout_of(q->collection),
        .partition = q->partition,
        .prefix = q->sort_prefix,
        .descending = q->descending,
        .limit = q->limit && q->limit < PAGE_MAX ? q->limit : PAGE_MAX,
    };

    REQUIRE(scan.layout);
    if (q->index)
        scan.index = layout_index(scan.layout, q->index);
    return scan;
}

/* What a page token is bound to. */
static struct str identity(struct arena *a, const struct query *q)
{
    return arena_strf(a, "%s/%s/%d/%zu:" STR_FMT "/%zu:" STR_FMT,
                      layout_of(q->collection)->collection->name, q->index ? q->index : "",
                      q->descending, q->partition.len, STR_ARG(q->partition), q->sort_prefix.len,
                      STR_ARG(q->sort_prefix));
}

static struct position position_of(const struct scan *scan, const struct item *item)
{
    struct position at = {.partition = item->partition, .key_sort = item->sort};

    if (scan->index && scan->index->sort != SLOT_NONE)
        at.sort = item_value(item, scan->index->sort);
    return at;
}

enum fault reader_query(struct reader *r, struct arena *a, const struct query *q, struct page *out)
{
    struct scan scan = scan_of(q);
    struct scanned found = {0};
    struct page page = {0};
    size_t size = scan.layout->collection->size;
    enum fault f;

    if (str_present(q->token)) {
        f = page_token_read(r->store, a, identity(a, q), q->token, &scan.after);
        if (f)
            return f;
        scan.resumes = true;
    }
    f = r->store->ops->scan(r->store, a, &scan, &found);
    if (f)
        return f;
    page.items = arena_calloc(a, found.len + 1, size);
    for (; page.len < found.len; page.len++) {
        f = decode(r, a, scan.layout, &found.items[page.len], (char *)page.items + page.len * size);
        if (f)
            return f;
    }
    if (found.more) {
        struct position last = position_of(&scan, &found.items[found.len - 1]);

        page.next = page_token_make(r->store, a, identity(a, q), &last);
    }
    *out = page;
    return FAULT_NONE;
}

enum fault reader_query_all(struct reader *r, struct arena *a, const struct query *q, size_t most,
                            struct page *out)
{
    struct query next = *q;
    struct page all = {0};
    size_t size = layout_of(q->collection)->collection->size;
    size_t cap = 0;

    do {
        struct page page;
        enum fault f = reader_query(r, a, &next, &page);

        if (f)
            return f;
        if (all.len + page.len > most)
            return FAULT_TOO_LARGE;
        if (all.len + page.len > cap) {
            void *grown;

            cap = 2 * (all.len + page.len);
            grown = arena_calloc(a, cap, size);
            if (all.len)
                memcpy(grown, all.items, all.len * size);
            all.items = grown;
        }
        if (page.len)
            memcpy((char *)all.items + all.len * size, page.items, page.len * size);
        all.len += page.len;
        next.token = page.next;
    } while (str_present(next.token));
    if (!all.items)
        all.items = arena_alloc(a, size);
    *out = all;
    return FAULT_NONE;
}
