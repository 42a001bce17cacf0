#include "tests/unit/unit.h"

#include <fcntl.h>
#include <pthread.h>
#include <sched.h>
#include <stdatomic.h>
#include <unistd.h>

#include "base/id.h"
#include "base/json.h"
#include "base/log.h"
#include "base/ports_single.h"
#include "base/ports_system.h"

static atomic_int sum;

static void add_one(void *arg)
{
    (void)atomic_fetch_add(&sum, *(int *)arg);
}

static void check_all(struct run *run)
{
    int values[100];
    void *args[100];

    atomic_store(&sum, 0);
    for (int i = 0; i < 100; i++) {
        values[i] = i;
        args[i] = &values[i];
    }
    run->ops->all(run, add_one, args, 100, 8);
    assert_int_equal(atomic_load(&sum), 4950);
}

struct nested {
    struct run *run;
};

static void fan_out_again(void *arg)
{
    static int one = 1;
    void *args[3] = {&one, &one, &one};
    struct nested *n = arg;

    n->run->ops->all(n->run, add_one, args, 3, 3);
}

static void test_all_runs_everything_also_when_nested_on_a_full_pool(void **state)
{
    struct run *run = run_pool_new(2, 4);
    struct nested n = {run};
    void *args[8] = {&n, &n, &n, &n, &n, &n, &n, &n};

    (void)state;
    check_all(run);
    atomic_store(&sum, 0);
    run->ops->all(run, fan_out_again, args, 8, 8);
    assert_int_equal(atomic_load(&sum), 24);
    run_pool_free(run);
}

/* ---- the caller of `all` waits for the slowest ---- */

struct pair {
    pthread_t caller;
    long caller_id; /* of its thread, for the kernel */
    atomic_bool helper_began;
    atomic_bool helper_ended;
};

static bool sleeps(long thread)
{
    char path[64], text[256], state = 0;
    FILE *stat;

    (void)snprintf(path, sizeof(path), "/proc/self/task/%ld/stat", thread);
    stat = fopen(path, "re");
    assert_non_null(stat);
    if (fgets(text, sizeof(text), stat))
        state = strrchr(text, ')')[2];
    (void)fclose(stat);
    return state == 'S';
}

/* The caller's part ends when the helper has begun; the helper's when the caller sleeps. */
static void one_of_a_pair(void *arg)
{
    struct pair *p = arg;

    if (pthread_equal(pthread_self(), p->caller)) {
        while (!atomic_load(&p->helper_began))
            (void)sched_yield();
        return;
    }
    atomic_store(&p->helper_began, true);
    while (!sleeps(p->caller_id))
        (void)sched_yield();
    atomic_store(&p->helper_ended, true);
}

static void test_who_asks_for_all_waits_for_the_slowest(void **state)
{
    struct run *run = run_pool_new(1, 4);
    struct pair pair = {.caller = pthread_self(), .caller_id = getpid()};
    void *args[2] = {&pair, &pair};

    (void)state;
    run->ops->all(run, one_of_a_pair, args, 2, 2);
    assert_true(atomic_load(&pair.helper_ended));
    run_pool_free(run);
}

static void test_stop_ends_waits_and_refuses_work(void **state)
{
    struct run *run = run_pool_new(1, 4);

    (void)state;
    assert_true(run->ops->wait_ms(run, 0));
    run_pool_stop(run);
    assert_false(run->ops->wait_ms(run, 3600000));
    assert_false(run->ops->spawn(run, add_one, NULL));
    run_pool_free(run);
    run_pool_free(NULL);
}

/* ---- waiting for somebody else ---- */

struct door {
    pthread_mutex_t lock;
    pthread_cond_t moved;
    int inside;  /* that wait at it */
    int refused; /* that may not wait */
    int others;  /* that have nothing to wait for */
    bool open;
};

static struct door door = {.lock = PTHREAD_MUTEX_INITIALIZER, .moved = PTHREAD_COND_INITIALIZER};

static void door_count(int *counter)
{
    (void)pthread_mutex_lock(&door.lock);
    ++*counter;
    (void)pthread_cond_broadcast(&door.moved);
    (void)pthread_mutex_unlock(&door.lock);
}

static void door_await(const int *counter, int n)
{
    (void)pthread_mutex_lock(&door.lock);
    while (*counter < n)
        (void)pthread_cond_wait(&door.moved, &door.lock);
    (void)pthread_mutex_unlock(&door.lock);
}

static void wait_at_the_door(void *arg)
{
    (void)arg;
    if (!waiting_begin()) {
        door_count(&door.refused);
        return;
    }
    assert_true(waiting_begin()); /* it nests */
    waiting_end();
    door_count(&door.inside);
    (void)pthread_mutex_lock(&door.lock);
    while (!door.open)
        (void)pthread_cond_wait(&door.moved, &door.lock);
    (void)pthread_mutex_unlock(&door.lock);
    waiting_end();
}

static void wait_for_nobody(void *arg)
{
    door_count(arg);
}

static void test_those_that_wait_do_not_hold_up_the_rest(void **state)
{
    struct run *run = run_pool_new_spare(1, 2, 16);

    (void)state;
    assert_true(waiting_begin()); /* no thread of a pool */
    waiting_end();
    for (int i = 0; i < 3; i++)
        assert_true(run->ops->spawn(run, wait_at_the_door, NULL));
    assert_true(run->ops->spawn(run, wait_for_nobody, &door.others));
    door_await(&door.others, 1);
    door_await(&door.inside, 2);
    door_await(&door.refused, 1);
    (void)pthread_mutex_lock(&door.lock);
    door.open = true;
    (void)pthread_cond_broadcast(&door.moved);
    (void)pthread_mutex_unlock(&door.lock);
    for (int i = 0; i < 8; i++)
        assert_true(run->ops->spawn(run, wait_for_nobody, &door.others));
    door_await(&door.others, 9);
    run_pool_free(run);
}

static bool own_place; /* waits in its own place */

static void wait_briefly(void *arg)
{
    int *entered = arg;
    bool replaced = waiting_briefly();

    own_place = !replaced;
    door_count(entered);
    (void)pthread_mutex_lock(&door.lock);
    while (!door.open)
        (void)pthread_cond_wait(&door.moved, &door.lock);
    (void)pthread_mutex_unlock(&door.lock);
    if (replaced)
        waiting_end();
}

static void test_short_waits_leave_half_of_the_spare_threads_to_long_ones(void **state)
{
    struct run *run = run_pool_new_spare(2, 2, 16);
    int entered = 0;

    (void)state;
    door.open = false;
    door.inside = 0;
    assert_true(run->ops->spawn(run, wait_briefly, &entered));
    door_await(&entered, 1);
    assert_false(own_place);
    assert_true(run->ops->spawn(run, wait_briefly, &entered));
    door_await(&entered, 2);
    assert_true(own_place);
    assert_true(run->ops->spawn(run, wait_at_the_door, NULL));
    door_await(&door.inside, 1);
    (void)pthread_mutex_lock(&door.lock);
    door.open = true;
    (void)pthread_cond_broadcast(&door.moved);
    (void)pthread_mutex_unlock(&door.lock);
    run_pool_free(run);
}

static atomic_int at_once;

static void nobody_beside_me(void *arg)
{
    int *most = arg;
    int now = atomic_fetch_add(&at_once, 1) + 1;

    if (now > *most)
        *most = now;
    (void)atomic_fetch_sub(&at_once, 1);
}

static void wait_a_little(void *arg)
{
    assert_true(waiting_begin());
    waiting_end();
    wait_for_nobody(arg);
}

static void test_spare_threads_do_not_make_the_pool_wider(void **state)
{
    struct run *run = run_pool_new_spare(1, 4, 4096);
    int most = 0;
    int before = 0;

    (void)state;
    door.open = true;
    for (int i = 0; i < 8; i++)
        assert_true(run->ops->spawn(run, wait_a_little, &before));
    door_await(&before, 8);
    for (int i = 0; i < 2000; i++)
        assert_true(run->ops->spawn(run, nobody_beside_me, &most));
    run_pool_free(run);
    assert_int_equal(most, 1);
}

static void test_one_seed_gives_one_history(void **state)
{
    struct arena *a = arena_new(0);
    struct entropy_single e1;
    struct entropy_single e2;
    struct clock_single clock;
    struct run_single run;
    int one = 1;

    (void)state;
    entropy_single_init(&e1, 42);
    entropy_single_init(&e2, 42);
    for (int i = 0; i < 10; i++) {
        struct str id = id_new(a, &e1.entropy, STR("pg-"));

        assert_int_equal(id.len, 39);
        assert_int_equal(id.ptr[17], '4');
        assert_true(str_eq(id, id_new(a, &e2.entropy, STR("pg-"))));
        assert_true(entropy_unit(&e1.entropy) < 1.0 && entropy_unit(&e2.entropy) >= 0.0);
    }
    assert_true(str_starts(id_new_at(a, &e1.entropy, INT64_C(0x0123456789ab), STR("rp-")),
                           STR("rp-01234567-89ab-7")));
    clock_single_init(&clock, 1000);
    run_single_init(&run, &clock);
    check_all(&run.run);
    atomic_store(&sum, 0);
    assert_true(run.run.ops->spawn(&run.run, add_one, &one));
    assert_true(run_single_step(&run));
    assert_false(run_single_step(&run));
    assert_int_equal(atomic_load(&sum), 1);
    assert_true(run.run.ops->wait_ms(&run.run, 250));
    assert_true(clock_wall_ms(&clock.clock) == 1250 && clock_mono_ms(&clock.clock) == 250);
    arena_free(a);
}

static void test_one_thread_queues_so_many_and_no_more(void **state)
{
    struct clock_single clock;
    struct run_single run;
    int one = 1;

    (void)state;
    clock_single_init(&clock, 1000);
    run_single_init(&run, &clock);
    atomic_store(&sum, 0);
    for (int round = 0; round < 2; round++) {
        for (int i = 0; i < RUN_SINGLE_QUEUE; i++)
            assert_true(run.run.ops->spawn(&run.run, add_one, &one));
        assert_false(run.run.ops->spawn(&run.run, add_one, &one));
        while (run_single_step(&run))
            ;
    }
    assert_int_equal(atomic_load(&sum), 2 * RUN_SINGLE_QUEUE);
}

static void test_log_lines(void **state)
{
    struct clock_single clock;
    struct log_options options = {.json = true, .level = LOG_INFO, .clock = &clock.clock};
    char text[4096];
    int ends[2];
    ssize_t n;

    (void)state;
    clock_single_init(&clock, INT64_C(1769860800123));
    assert_int_equal(pipe(ends), 0);
    options.fd = ends[1];
    log_open(&options);
    log_set_request(STR("r-1"));
    log_event(LOG_WARN, LOG_OP_REFUSED, LOG_STR("op", STR("a\"b\n\xff\xc3\xa9\xc3")),
              LOG_INT("status", 409), LOG_US("ms", 3149), LOG_STR("none", ((struct str){0})));
    log_event(LOG_DEBUG, LOG_OP_DONE, LOG_INT("status", 200));
    log_set_request((struct str){0});
    options.json = false;
    log_open(&options);
    log_event(LOG_INFO, LOG_READY, LOG_STR("address", STR("127.0.0.1:1")));
    n = read(ends[0], text, sizeof(text));
    assert_true(n > 0);
    assert_str(((struct str){text, (size_t)n}),
               "{\"ts\":\"2026-01-31T12:00:00.123Z\",\"level\":\"warn\",\"event\":\"op.refused\","
               "\"op\":\"a\\\"b\\u000a\\ufffd\xc3\xa9\\ufffd\",\"status\":409,\"ms\":3.1,"
               "\"request\":\"r-1\"}\n"
               "2026-01-31T12:00:00.123Z info serve.ready address=\"127.0.0.1:1\"\n");
    (void)close(ends[0]);
    (void)close(ends[1]);
}

/* Whatever is logged: one line, within its limit, that is JSON. */
static void test_a_log_line_is_cut_and_stays_a_line(void **state)
{
    struct log_options options = {.json = true, .level = LOG_INFO};
    struct arena *a = arena_new(0);
    char *text = arena_alloc(a, 16384);
    char *value = arena_alloc(a, 10000);
    const struct json *line;
    struct str why;
    int ends[2];
    ssize_t n;

    (void)state;
    memset(value, 'x', 10000);
    memset(value, '\n', 1000);
    assert_int_equal(pipe(ends), 0);
    options.fd = ends[1];
    log_open(&options);
    log_event(LOG_WARN, LOG_STORE, LOG_STR("why", ((struct str){value, 10000})),
              LOG_STR("path", ((struct str){value + 1000, 7000})), LOG_INT("status", 409));
    n = read(ends[0], text, 16384);
    assert_true(n > 0 && n <= 8192);
    assert_int_equal(text[n - 1], '\n');
    assert_null(memchr(text, '\n', (size_t)n - 1));
    assert_int_equal(json_parse(a, (struct str){text, (size_t)n}, &line, &why), FAULT_NONE);
    assert_true(json_str(json_get_z(line, "why")).len >= 1000);
    (void)close(ends[0]);
    (void)close(ends[1]);
    options.fd = -1; /* what cannot be written is lost, and nothing else is */
    log_open(&options);
    log_event(LOG_WARN, LOG_STORE, LOG_INT("status", 409));
    log_open(&(struct log_options){.level = LOG_INFO, .fd = 2});
    arena_free(a);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_all_runs_everything_also_when_nested_on_a_full_pool),
        cmocka_unit_test(test_who_asks_for_all_waits_for_the_slowest),
        cmocka_unit_test(test_stop_ends_waits_and_refuses_work),
        cmocka_unit_test(test_those_that_wait_do_not_hold_up_the_rest),
        cmocka_unit_test(test_short_waits_leave_half_of_the_spare_threads_to_long_ones),
        cmocka_unit_test(test_spare_threads_do_not_make_the_pool_wider),
        cmocka_unit_test(test_one_seed_gives_one_history),
        cmocka_unit_test(test_one_thread_queues_so_many_and_no_more),
        cmocka_unit_test(test_log_lines),
        cmocka_unit_test(test_a_log_line_is_cut_and_stays_a_line),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
