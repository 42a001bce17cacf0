/* What a drill left, and counts of it. */
#include "tests/crash/drill_internal.h"

#include "base/panic.h"
#include "ops/claims.h"

void drill_dump_runs(struct drill *d, struct buf *out)
{
    struct query q = {.collection = COLLECTION_RUNS, .partition = d->execution_id};
    struct execution e = {0};
    struct page page;
    const struct run_row *rows;

    REQUIRE(reader_get(store_reader(d->store), d->arena, COLLECTION_EXECUTIONS, d->execution_id,
                       (struct str){0}, &e) == FAULT_NONE);
    buf_add(out, field_text(d->arena, execution_fields, &e, FIELD_VIEW_STORED));
    REQUIRE(reader_query_all(store_reader(d->store), d->arena, &q, 10000, &page) == FAULT_NONE);
    rows = page.items;
    for (size_t i = 0; i < page.len; i++) {
        buf_add_char(out, '\n');
        buf_add(out, field_text(d->arena, run_row_fields, &rows[i], FIELD_VIEW_STORED));
    }
}

static void dump_audit(struct drill *d, struct buf *out)
{
    struct strs records = {0};
    struct str next = {0};

    REQUIRE(store_audit_read(d->store, d->arena, 1000, (struct str){0}, &records, &next) ==
            FAULT_NONE);
    for (size_t i = 0; i < records.len; i++) {
        buf_add_char(out, '\n');
        buf_add(out, records.items[i]);
    }
}

struct str drill_dump(struct drill *d)
{
    struct buf out = buf_new(d->arena, SIZE_MAX / 4);

    drill_dump_runs(d, &out);
    dump_audit(d, &out);
    buf_add_char(&out, '\n');
    buf_add(&out, sim_save(d->sim, d->arena));
    return buf_str(&out);
}

long drill_asked(struct drill *d, const char *operation)
{
    struct str path = arena_strf(d->arena, "/_sim/calls?op=%s", operation);

    return (long)json_int(json_get_z(drill_ask_sim(d, path), "count"), -1);
}

long drill_effective(struct drill *d, const char *operation)
{
    struct str path = arena_strf(d->arena, "/_sim/calls?op=%s&effect=true", operation);

    return (long)json_int(json_get_z(drill_ask_sim(d, path), "count"), -1);
}

long drill_instances(struct drill *d)
{
    return (long)json_int(json_get_z(drill_ask_sim(d, STR("/_sim/state")), "drillInstances"), -1);
}

static long held(struct drill *d, struct str key)
{
    struct claim claim = {0};

    return reader_get(store_reader(d->store), d->arena, COLLECTION_CLAIMS, key, (struct str){0},
                      &claim) == FAULT_NONE;
}

long drill_claims(struct drill *d)
{
    struct query q = {
        .collection = COLLECTION_RUNS, .partition = d->execution_id, .sort_prefix = STR("plan#")};
    struct page page;
    const struct run_row *rows;
    long n = held(d, claim_running_plan(d->arena, d->plan_id));

    REQUIRE(reader_query_all(store_reader(d->store), d->arena, &q, 100, &page) == FAULT_NONE);
    rows = page.items;
    for (size_t i = 0; i < page.len; i++) {
        const struct resolution_run *r = rows[i].resolution;

        for (size_t k = 0; k < r->servers.len; k++) {
            n += held(d, claim_running_server(d->arena, r->account_context->account_id,
                                              r->account_context->region,
                                              r->servers.items[k].server_id));
            n += held(d, claim_running_group(d->arena, r->servers.items[k].group_id));
        }
    }
    return n;
}

bool drill_died(const struct drill *d)
{
    return d->deaths > 0;
}

int64_t drill_handovers(struct drill *d)
{
    struct execution e = {0};

    REQUIRE(reader_get(store_reader(d->store), d->arena, COLLECTION_EXECUTIONS, d->execution_id,
                       (struct str){0}, &e) == FAULT_NONE);
    return e.epoch - 1;
}

int drill_deaths(const struct drill *d)
{
    return d->deaths;
}

long drill_submits(const struct drill *d)
{
    return d->submits;
}

long drill_calls(const struct drill *d)
{
    return d->calls;
}
