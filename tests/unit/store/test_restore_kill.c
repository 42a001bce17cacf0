/*
 * A restore that dies before, or after, any of its steps on files: what stands in the place of the
 * record is the old one with every acknowledged write, or the new one and the old one beside it.
 * A restore that runs through afterwards keeps the old one whole, whatever earlier ones have left.
 */
#include "tests/unit/store/rig.h"

#include <errno.h>
#include <sys/wait.h>
#include <unistd.h>

#include "model/execution.h"
#include "tests/unit/store/folder.h"

enum { DIED = 9, STEPS_MAX = 200 };

const bool backend_is_durable = true;

/* ---- the steps, linked in the place of the system's ---- */

static int steps_left; /* 0: it does not die */
static bool dies_after;

static int step(int (*call)(const void *x, const void *y), const void *x, const void *y)
{
    bool dies = steps_left > 0 && --steps_left == 0;
    int result;

    if (dies && !dies_after)
        _exit(DIED);
    result = call(x, y);
    if (dies)
        _exit(DIED);
    return result;
}

#define WRAPPED(name, parameters, call, first, second)     \
    int __real_##name parameters;                          \
    int __wrap_##name parameters;                          \
    static int really_##name(const void *x, const void *y) \
    {                                                      \
        (void)y;                                           \
        return __real_##name call;                         \
    }                                                      \
    int __wrap_##name parameters                           \
    {                                                      \
        return step(really_##name, first, second);         \
    }

WRAPPED(rename, (const char *from, const char *to), (x, y), from, to)
WRAPPED(link, (const char *from, const char *to), (x, y), from, to)
WRAPPED(unlink, (const char *path), (x), path, NULL)
WRAPPED(fsync, (int fd), (*(const int *)x), &fd, NULL)

/* ---- records ---- */

void backend_open(struct rig *r)
{
    r->dir = folder_new(r->arena);
}

void backend_close(struct rig *r)
{
    folder_remove(r->arena, r->dir);
}

static struct str file(struct rig *r, const char *name)
{
    return arena_strf(r->arena, STR_FMT "/%s", STR_ARG(r->dir), name);
}

static enum fault open_store(struct rig *r, const char *name)
{
    struct sqlite_options o = {.path = file(r, name), .single_threaded = true};
    struct str why;

    return store_sqlite_open(&o, &r->ports, r->arena, &r->store, &why);
}

static void put(struct rig *r, const char *id)
{
    struct execution e = {
        .id = str_from_z(id), .plan_id = STR("rp-1"), .status = EXECUTION_COMPLETED, .epoch = 1};
    struct write_set *ws = write_set_new(r->arena);

    (void)ws_put(ws, COLLECTION_EXECUTIONS, &e);
    assert_int_equal(rig_submit(r, ws), FAULT_NONE);
}

/* False: there is none. */
static bool get(struct rig *r, const char *id, struct execution *out)
{
    *out = (struct execution){0};
    return reader_get(store_reader(r->store), r->arena, COLLECTION_EXECUTIONS, str_from_z(id),
                      (struct str){0}, out) == FAULT_NONE;
}

/* What a kill -9 leaves: a database whose last acknowledged write stands in its log alone. */
struct left {
    struct str backup;
    struct str db;
    struct str wal;
};

static void make_left(struct rig *r, struct left *out)
{
    struct str why;

    assert_int_equal(open_store(r, "live.db"), FAULT_NONE);
    put(r, "e-old");
    assert_int_equal(store_sqlite_backup(r->arena, file(r, "live.db"), file(r, "b.db"), &why),
                     FAULT_NONE);
    put(r, "e-acknowledged");
    *out = (struct left){folder_read(r->arena, file(r, "b.db")),
                         folder_read(r->arena, file(r, "live.db")),
                         folder_read(r->arena, file(r, "live.db-wal"))};
    assert_true(out->wal.len > 0);
    store_close(r->store);
}

/* Also from earlier restores: kept copies that belong together with nothing any more. */
static void lay(struct rig *r, const struct left *l)
{
    folder_remove(r->arena, r->dir);
    r->dir = folder_new(r->arena);
    folder_write(file(r, "b.db"), l->backup);
    folder_write(file(r, "live.db"), l->db);
    folder_write(file(r, "live.db-wal"), l->wal);
    folder_write(file(r, "live.db.before-restore"), l->backup);
    folder_write(file(r, "live.db.before-restore-wal"), l->wal);
    folder_write(file(r, "live.db.restoring-wal"), l->wal);
}

static enum fault restore(struct rig *r)
{
    struct sqlite_options o = {.path = file(r, "live.db")};
    struct str why;

    return store_sqlite_restore(&o, file(r, "b.db"), &r->ports, r->arena, &why);
}

/* False: there was no n-th step. */
static bool restore_and_die(struct rig *r, int n)
{
    pid_t child = fork();
    int status = 0;

    assert_true(child >= 0);
    if (child == 0) {
        steps_left = n;
        _exit(restore(r) ? 1 : 0);
    }
    while (waitpid(child, &status, 0) < 0)
        assert_int_equal(errno, EINTR);
    assert_true(WIFEXITED(status));
    assert_true(WEXITSTATUS(status) == DIED || WEXITSTATUS(status) == 0);
    return WEXITSTATUS(status) == DIED;
}

static void check_kept(struct rig *r)
{
    struct execution e;

    assert_int_equal(open_store(r, "live.db.before-restore"), FAULT_NONE);
    assert_true(get(r, "e-acknowledged", &e));
    store_close(r->store);
}

/* What the next start finds; whether it is the new record, which is the one that says restored. */
static bool check_start(struct rig *r, int n)
{
    struct execution e;
    bool is_new;

    assert_int_equal(open_store(r, "live.db"), FAULT_NONE);
    if (!get(r, "e-old", &e))
        fail_msg("step %d: neither the old record nor the new one", n);
    is_new = e.reconcile;
    if (!is_new && !get(r, "e-acknowledged", &e))
        fail_msg("step %d: the old record without its last write", n);
    store_close(r->store);
    if (is_new)
        check_kept(r);
    return is_new;
}

/* False: there was no n-th step. */
static bool die_at(struct rig *r, const struct left *l, int n)
{
    bool is_new;

    lay(r, l);
    if (!restore_and_die(r, n))
        return false;
    is_new = check_start(r, n);
    /* And from where it died straight to another one. */
    lay(r, l);
    assert_true(restore_and_die(r, n));
    if (!is_new) {
        assert_int_equal(restore(r), FAULT_NONE);
        check_kept(r);
    }
    return true;
}

static void test_a_death_at_any_step_loses_nothing(void **state)
{
    struct rig *r = *state;
    struct left l;

    make_left(r, &l);
    for (int after = 0; after < 2; after++) {
        int n = 1;

        dies_after = after;
        while (n < STEPS_MAX && die_at(r, &l, n))
            n++;
        print_message("# %d deaths %s a step\n", n - 1, after ? "after" : "before");
        assert_true(n > 10 && n < STEPS_MAX);
        assert_true(check_start(r, 0));
    }
}

/* A damaged one cannot be folded: it is kept as it was found, with its log. */
static void test_what_is_damaged_is_kept_with_its_log(void **state)
{
    struct rig *r = *state;
    struct left l;
    bool died = true;

    make_left(r, &l);
    l.db = arena_str(r->arena, l.db);
    memset((char *)(uintptr_t)l.db.ptr, 0x5a, 100);
    for (int n = 1; died && n < STEPS_MAX; n++) {
        lay(r, &l);
        died = restore_and_die(r, n);
        if (str_eq(folder_read(r->arena, file(r, "live.db")), l.db))
            assert_int_equal(restore(r), FAULT_NONE);
        assert_true(str_eq(folder_read(r->arena, file(r, "live.db.before-restore")), l.db));
        assert_true(str_eq(folder_read(r->arena, file(r, "live.db.before-restore-wal")), l.wal));
        assert_int_equal(open_store(r, "live.db"), FAULT_NONE);
        store_close(r->store);
    }
    assert_false(died);
}

static void test_a_kept_copy_has_no_log_of_another(void **state)
{
    struct rig *r = *state;
    struct left l;

    make_left(r, &l);
    lay(r, &l);
    assert_int_equal(open_store(r, "live.db"), FAULT_NONE);
    store_close(r->store); /* in order: nothing is left in its log */
    assert_int_equal(folder_mode(file(r, "live.db-wal")), -1);
    assert_int_equal(restore(r), FAULT_NONE);
    assert_int_equal(folder_mode(file(r, "live.db.before-restore-wal")), -1);
    check_kept(r);
}

#define CASE(f) cmocka_unit_test_setup_teardown(f, rig_setup, rig_teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        CASE(test_a_death_at_any_step_loses_nothing),
        CASE(test_a_kept_copy_has_no_log_of_another),
        CASE(test_what_is_damaged_is_kept_with_its_log),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
