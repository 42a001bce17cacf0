/*
 * kill -9 while four threads write: whatever was acknowledged is there, every thing has its claims,
 * no claim is without its thing, and the audit trail is sound. The same database is used on and on.
 */
#include "tests/unit/store/rig.h"

#include <pthread.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include "tests/unit/store/folder.h"

enum { WRITERS = 4, KILLS = 12, ACKS_MAX = 400, CLAIMS_EACH = 2, MANY = 130 };

const bool backend_is_durable = true;

void backend_open(struct rig *r)
{
    r->dir = folder_new(r->arena);
}

void backend_close(struct rig *r)
{
    folder_remove(r->arena, r->dir);
}

static void open_store(struct rig *r)
{
    struct sqlite_options o = {.path = arena_strf(r->arena, STR_FMT "/kill.db", STR_ARG(r->dir))};
    struct str why;

    if (store_sqlite_open(&o, &r->ports, r->arena, &r->store, &why))
        fail_msg(STR_FMT, STR_ARG(why));
}

struct writer {
    struct rig *rig;
    int number;
    int round;
    int ack; /* the pipe */
    pthread_t thread;
};

struct ack {
    int number;
    int round;
    int n;
};

/* Every tenth has so many claims that they are staged. */
static int claims_of(int n)
{
    return n % 10 == 9 ? MANY : CLAIMS_EACH;
}

static struct str thing_id(struct arena *a, const struct ack *k)
{
    return arena_strf(a, "t-%d-%d-%d", k->round, k->number, k->n);
}

static void *write_on(void *arg)
{
    struct writer *w = arg;
    struct arena *a = arena_new(0);

    for (int n = 0;; n++) {
        struct ack k = {w->number, w->round, n};
        struct write_set *ws = write_set_new(a);
        struct thing thing = {.id = thing_id(a, &k), .name = STR("x"), .version = 1};

        (void)ws_put(ws, COLLECTION_GROUPS, &thing);
        for (int i = 0; i < claims_of(n); i++)
            ws_claim(ws, arena_strf(a, STR_FMT "#%d", STR_ARG(thing.id), i), thing.id, STR(""),
                     FAULT_IN_USE);
        ws_audit(ws, STR("{\"op\":\"create\"}"));
        store_audit_later(w->rig->store, STR("{\"op\":\"get\"}"));
        if (store_commit(w->rig->store, a, ws, NULL) ||
            write(w->ack, &k, sizeof(k)) != (ssize_t)sizeof(k))
            return NULL;
        arena_reset(a);
    }
}

static void child(struct rig *r, int round, int ack)
{
    struct writer writers[WRITERS];

    open_store(r);
    for (int i = 0; i < WRITERS; i++) {
        writers[i] = (struct writer){.rig = r, .number = i, .round = round, .ack = ack};
        if (pthread_create(&writers[i].thread, NULL, write_on, &writers[i]))
            _exit(1);
    }
    for (int i = 0; i < WRITERS; i++)
        (void)pthread_join(writers[i].thread, NULL);
    _exit(1); /* it writes until it is killed */
}

struct acks {
    struct ack items[KILLS * (ACKS_MAX + 4096)];
    size_t len;
};

static void run_and_kill(struct rig *r, int round, struct acks *acks)
{
    unsigned char luck;
    int ends[2];
    size_t until;
    pid_t pid;

    assert_int_equal(pipe(ends), 0);
    pid = fork();
    if (!pid)
        child(r, round, ends[1]);
    (void)close(ends[1]);
    entropy_fill(&r->entropy.entropy, &luck, 1);
    until = acks->len + 1 + (size_t)luck * ACKS_MAX / 256;
    while (read(ends[0], &acks->items[acks->len], sizeof(struct ack)) > 0) {
        assert_true(++acks->len < ARRAY_LEN(acks->items));
        if (acks->len == until)
            assert_int_equal(kill(pid, SIGKILL), 0);
    }
    (void)close(ends[0]);
    assert_int_equal(waitpid(pid, NULL, 0), pid);
    assert_true(acks->len >= until);
}

static void check_thing(struct rig *r, const struct thing *thing)
{
    struct str id = thing->id;
    int64_t n = 0;
    int claims;

    while (str_present(id))
        assert_true(str_to_i64(str_cut(&id, '-'), &n) || str_present(id));
    claims = claims_of((int)n);
    for (int i = 0; i < claims; i++) {
        struct claim claim;
        const char *key = arena_strf(r->arena, STR_FMT "#%d", STR_ARG(thing->id), i).ptr;

        assert_int_equal(rig_get_claim(r, key, &claim), FAULT_NONE);
        assert_str(claim.state, "HELD");
        assert_true(str_eq(claim.owner, thing->id));
    }
}

/* The claims of things that are not there: none may be left. */
static void check_claims(struct rig *r)
{
    static const char *const stages[] = {"HELD", "CLAIMING", "ABANDONED"};

    for (size_t i = 0; i < ARRAY_LEN(stages); i++) {
        struct query q = {.collection = COLLECTION_CLAIMS,
                          .index = "by-stage",
                          .partition = str_from_z(stages[i])};
        struct page page;

        assert_int_equal(reader_query(store_reader(r->store), r->arena, &q, &page), FAULT_NONE);
        assert_int_equal(page.len, 0);
    }
}

static void check(struct rig *r, const struct acks *acks)
{
    struct query q = {.collection = COLLECTION_GROUPS, .index = "by-name"};
    struct audit_report report;
    struct page page;
    struct thing thing;

    open_store(r);
    for (size_t i = 0; i < acks->len; i++)
        if (rig_get(r, thing_id(r->arena, &acks->items[i]).ptr, &thing))
            fail_msg(STR_FMT " was acknowledged and is lost",
                     STR_ARG(thing_id(r->arena, &acks->items[i])));
    assert_int_equal(reader_query_all(store_reader(r->store), r->arena, &q, 1000000, &page),
                     FAULT_NONE);
    assert_true(page.len >= acks->len);
    for (size_t i = 0; i < page.len; i++)
        check_thing(r, &((const struct thing *)page.items)[i]);
    check_claims(r);
    assert_int_equal(store_audit_verify(r->store, r->arena, &report), FAULT_NONE);
    if (!report.ok)
        fail_msg(STR_FMT, STR_ARG(report.first_bad));
    assert_true(report.records >= (int64_t)page.len);
    store_close(r->store);
}

static void test_what_was_acknowledged_survives_kill_9(void **state)
{
    struct rig *r = *state;
    struct acks *acks = test_calloc(1, sizeof(*acks));

    for (int round = 0; round < KILLS; round++) {
        run_and_kill(r, round, acks);
        check(r, acks);
    }
    test_free(acks);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_what_was_acknowledged_survives_kill_9, rig_setup,
                                        rig_teardown),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
