/*
 * Shared describes: how often DRS is asked, by one caller after another and by many at once. DRS
 * and the record keeper are stood in for at link time.
 */
#include "tests/unit/unit.h"

#include <pthread.h>
#include <stdatomic.h>

#include "base/ports_single.h"
#include "model/account.h"
#include "ops/snapshots.h"

/* ---- a DRS that counts, and can be held up or made to fail ---- */

static pthread_mutex_t gate = PTHREAD_MUTEX_INITIALIZER;
static pthread_cond_t opened = PTHREAD_COND_INITIALIZER;
static bool shut;
static atomic_int calls;
static atomic_int failures;
static struct str last_role;

static const struct field few_fields[] = {
    F_STR(struct drs_source_server, id, "sourceServerID", .help = "id"),
    F_TAGS(struct drs_source_server, tags, "tags", .help = "tags"),
    F_END,
};

/* Three servers, out of order; the tag tells which describe they come from. */
static void answer(struct arena *a, int call, struct drs_source_servers *out)
{
    static const char *const ids[] = {"s-c", "s-a", "s-b"};

    out->items = arena_array_of(a, 3, struct drs_source_server);
    out->len = 3;
    for (size_t i = 0; i < 3; i++) {
        out->items[i].id = str_from_z(ids[i]);
        out->items[i].tags.items = arena_array_of(a, 1, struct tag);
        out->items[i].tags.items[0] = (struct tag){STR("Call"), arena_strf(a, "%d", call)};
        out->items[i].tags.len = 1;
    }
}

enum fault drs_describe_source_servers(struct aws_reader *reader, struct aws_at *at,
                                       const struct drs_server_filter *filter,
                                       struct drs_source_servers *out)
{
    int call = atomic_fetch_add(&calls, 1) + 1;

    (void)reader;
    assert_null(filter->ids.items);
    last_role = at->target.role_arn;
    (void)pthread_mutex_lock(&gate);
    while (shut)
        (void)pthread_cond_wait(&opened, &gate);
    (void)pthread_mutex_unlock(&gate);
    if (atomic_load(&failures) > 0) {
        atomic_fetch_sub(&failures, 1);
        at->error =
            (struct aws_error){.code = arena_str(at->arena, STR("Throttled")), .retryable = true};
        return FAULT_AWS_TRANSIENT;
    }
    answer(at->arena, call, out);
    return FAULT_NONE;
}

struct reader {
    int unused;
};

/* long: six parameters, as reader.h has it. */
enum fault reader_get(struct reader *r, struct arena *a, enum collection_id collection,
                      struct str partition, struct str sort, void *out)
{
    struct account *account = out;

    (void)r;
    (void)a;
    (void)sort;
    assert_int_equal(collection, COLLECTION_ACCOUNTS);
    if (!str_eq(partition, STR("444455556666")))
        return FAULT_NOT_FOUND;
    account->id = STR("444455556666");
    account->assume_role_name = STR("DR");
    account->external_id = STR("ext");
    return FAULT_NONE;
}

const struct field drs_source_server_fields[] = {
    F_STR(struct drs_source_server, id, "sourceServerID", .help = "id"),
    F_TAGS(struct drs_source_server, tags, "tags", .help = "tags"),
    F_END,
};

/* ---- one caller ---- */

struct asking {
    struct snapshots *snapshots;
    struct clock_single clock;
    struct arena *arena;
};

static struct asking begin(void)
{
    struct asking t = {.arena = arena_new(0)};

    atomic_store(&calls, 0);
    atomic_store(&failures, 0);
    return t;
}

static void end(struct asking *t)
{
    arena_free(t->arena);
    snapshots_free(t->snapshots);
}

static const struct snapshot_place here = {.account_id = STR_INIT("111122223333"),
                                           .target = {.region = STR_INIT("us-east-1")}};

/* Which describe the answer comes from; 0: it failed. */
static int ask_at(struct asking *t, const struct snapshot_place *place, bool fresh,
                  struct server_snapshot *out)
{
    struct aws_at at = {.arena = t->arena};
    int64_t call = 0;

    if (snapshots_servers(t->snapshots, NULL, place, fresh, &at, out)) {
        assert_str(at.error.code, "Throttled");
        return 0;
    }
    assert_true(str_to_i64(tags_get(&out->servers[0].tags, STR("Call")), &call));
    return (int)call;
}

static int ask(struct asking *t, bool fresh)
{
    struct server_snapshot out;

    return ask_at(t, &here, fresh, &out);
}

static void test_age_and_freshness(void **state)
{
    struct asking t = begin();
    struct snapshot_place there = here;
    struct server_snapshot out;

    (void)state;
    clock_single_init(&t.clock, 0);
    t.snapshots = snapshots_new(&t.clock.clock);
    assert_int_equal(ask(&t, false), 1);
    clock_single_advance(&t.clock, SNAPSHOT_AGE_MAX_MS);
    assert_int_equal(ask_at(&t, &here, false, &out), 1);
    assert_int_equal(out.age_ms, SNAPSHOT_AGE_MAX_MS);
    assert_int_equal(ask(&t, true), 2);
    assert_int_equal(ask(&t, false), 2);
    clock_single_advance(&t.clock, SNAPSHOT_AGE_MAX_MS + 1);
    assert_int_equal(ask(&t, false), 3);
    there.target.region = STR("eu-west-1");
    assert_int_equal(ask_at(&t, &there, false, &out), 4);
    assert_int_equal(ask(&t, false), 3);
    end(&t);
}

static void test_answers_are_sorted_and_outlive_the_next_describe(void **state)
{
    struct asking t = begin();
    struct server_snapshot first;
    struct server_snapshot second;

    (void)state;
    clock_single_init(&t.clock, 0);
    t.snapshots = snapshots_new(&t.clock.clock);
    assert_int_equal(ask_at(&t, &here, false, &first), 1);
    assert_int_equal(ask_at(&t, &here, true, &second), 2);
    assert_ptr_not_equal(first.servers, second.servers);
    assert_str(first.servers[0].id, "s-a");
    assert_str(first.servers[2].id, "s-c");
    assert_str(
        field_text(t.arena, few_fields, snapshot_find(&first, STR("s-b")), FIELD_VIEW_STORED),
        "{\"sourceServerID\":\"s-b\",\"tags\":{\"Call\":\"1\"}}");
    assert_null(snapshot_find(&first, STR("s-d")));
    assert_null(snapshot_find(&first, STR("a")));
    end(&t);
}

static void test_a_failure_is_not_kept(void **state)
{
    struct asking t = begin();

    (void)state;
    clock_single_init(&t.clock, 0);
    t.snapshots = snapshots_new(&t.clock.clock);
    atomic_store(&failures, 1);
    assert_int_equal(ask(&t, false), 0);
    assert_int_equal(ask(&t, false), 2);
    atomic_store(&failures, 1);
    assert_int_equal(ask(&t, true), 0); /* a start is never told what is old */
    assert_int_equal(ask(&t, false), 2);
    end(&t);
}

static void test_more_places_than_are_kept(void **state)
{
    struct asking t = begin();
    struct snapshot_place place = here;
    struct server_snapshot out;

    (void)state;
    clock_single_init(&t.clock, 0);
    t.snapshots = snapshots_new(&t.clock.clock);
    for (int i = 0; i <= SNAPSHOTS_MAX; i++) {
        place.account_id = arena_strf(t.arena, "%012d", i);
        clock_single_advance(&t.clock, 1);
        assert_int_equal(ask_at(&t, &place, false, &out), i + 1);
    }
    assert_int_equal(ask_at(&t, &place, false, &out), SNAPSHOTS_MAX + 1);
    place.account_id = STR("000000000000"); /* had to go */
    assert_int_equal(ask_at(&t, &place, false, &out), SNAPSHOTS_MAX + 2);
    end(&t);
}

/* ---- many at once ---- */

enum { CALLERS = 8 };

struct caller {
    struct snapshots *snapshots;
    bool fresh;
    int answer;
    pthread_t thread;
};

static void *call_main(void *arg)
{
    struct caller *c = arg;
    struct asking t = {.snapshots = c->snapshots, .arena = arena_new(0)};

    c->answer = ask(&t, c->fresh);
    arena_free(t.arena);
    return NULL;
}

static void set_gate(bool to)
{
    (void)pthread_mutex_lock(&gate);
    shut = to;
    (void)pthread_cond_broadcast(&opened);
    (void)pthread_mutex_unlock(&gate);
}

static void start(struct caller *callers, struct snapshots *s, bool fresh)
{
    for (size_t i = 0; i < CALLERS; i++) {
        callers[i] = (struct caller){.snapshots = s, .fresh = fresh};
        assert_int_equal(pthread_create(&callers[i].thread, NULL, call_main, &callers[i]), 0);
    }
}

static void test_single_flight(void **state)
{
    struct asking t = begin();
    struct caller callers[CALLERS];

    (void)state;
    clock_single_init(&t.clock, 0);
    t.snapshots = snapshots_new(&t.clock.clock);
    set_gate(true);
    start(callers, t.snapshots, false);
    while (atomic_load(&calls) == 0)
        sched_yield();
    set_gate(false);
    for (size_t i = 0; i < CALLERS; i++) {
        (void)pthread_join(callers[i].thread, NULL);
        assert_int_equal(callers[i].answer, 1);
    }
    assert_int_equal(atomic_load(&calls), 1);
    end(&t);
}

/* Each is answered by a describe that began after it asked: never the one that was under way. */
static void test_fresh_means_begun_after_the_question(void **state)
{
    struct asking t = begin();
    struct caller before[CALLERS];
    struct caller callers[CALLERS];

    (void)state;
    clock_single_init(&t.clock, 0);
    t.snapshots = snapshots_new(&t.clock.clock);
    set_gate(true);
    start(before, t.snapshots, false);
    while (atomic_load(&calls) == 0)
        sched_yield();
    start(callers, t.snapshots, true);
    set_gate(false);
    for (size_t i = 0; i < CALLERS; i++) {
        (void)pthread_join(before[i].thread, NULL);
        (void)pthread_join(callers[i].thread, NULL);
        assert_true(callers[i].answer >= 2);
    }
    assert_true(atomic_load(&calls) <= 1 + CALLERS);
    end(&t);
}

/* ---- places and words ---- */

static void test_places(void **state)
{
    struct arena *a = arena_new(0);
    struct reader reader = {0};
    struct snapshot_place place;

    (void)state;
    assert_int_equal(snapshot_place_of(&reader, a, (struct str){0}, STR("r"), STR("1"), &place),
                     FAULT_NONE);
    assert_str(place.account_id, "1");
    assert_false(str_present(place.target.role_arn));
    assert_int_equal(snapshot_place_of(&reader, a, STR("444455556666"), STR("r"), STR("1"), &place),
                     FAULT_NONE);
    assert_str(place.target.role_arn, "arn:aws:iam::444455556666:role/DR");
    assert_str(place.target.external_id, "ext");
    assert_int_equal(snapshot_place_of(&reader, a, STR("9"), STR("r"), STR("1"), &place),
                     FAULT_NOT_FOUND);
    arena_free(a);
}

static void test_words(void **state)
{
    struct drs_identification id = {.fqdn = STR_INIT("web.example")};
    struct drs_source_properties properties = {.identification = &id};
    struct drs_replication_info replication = {.state = STR_INIT("CONTINUOUS")};
    struct tag name = {STR_INIT("Name"), STR_INIT("tagged")};
    struct drs_source_server server = {.id = STR_INIT("s-1")};

    (void)state;
    assert_str(server_hostname(&server), "s-1");
    server.tags = (struct tags){&name, 1};
    assert_str(server_hostname(&server), "tagged");
    server.properties = &properties;
    assert_str(server_hostname(&server), "web.example");
    id.hostname = STR("web");
    assert_str(server_hostname(&server), "web");
    assert_str(server_lifecycle_state(&server), "NOT_READY");
    assert_false(str_present(server_replication_state(&server)));
    server.replication = &replication;
    assert_str(server_lifecycle_state(&server), "READY_FOR_LAUNCH");
    replication.state = STR("STALLED");
    assert_str(server_lifecycle_state(&server), "NOT_READY");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_age_and_freshness),
        cmocka_unit_test(test_answers_are_sorted_and_outlive_the_next_describe),
        cmocka_unit_test(test_a_failure_is_not_kept),
        cmocka_unit_test(test_more_places_than_are_kept),
        cmocka_unit_test(test_single_flight),
        cmocka_unit_test(test_fresh_means_begun_after_the_question),
        cmocka_unit_test(test_places),
        cmocka_unit_test(test_words),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
