/* The same token twice at the same time: the second call comes while the first is being answered.
 */
#include "tests/unit/unit.h"

#include <pthread.h>
#include <sched.h>
#include <semaphore.h>

#include "tests/unit/api/things.h"

#define API "drwave-data-management-handler-test"

static const char twin[] = "{\"operation\":\"create_thing\",\"body\":{\"name\":\"x\",\"region\":"
                           "\"r\",\"clientToken\":\"twin\"}}";
static sem_t first_runs;
static sem_t twin_waits;
static bool may_wait;

/* The first stays in the middle of its operation until the twin waits, or is done. */
static void stay(void)
{
    things_meanwhile = NULL;
    (void)sem_post(&first_runs);
    (void)sem_wait(&twin_waits);
}

static bool twin_wait_ms(struct run *r, int64_t ms)
{
    (void)r;
    (void)ms;
    (void)sem_post(&twin_waits);
    (void)sched_yield();
    return may_wait;
}

static void *call_first(void *arg)
{
    struct reply *first = arena_new_of(((struct world *)arg)->arena, struct reply);

    *first = invoke(arg, API, twin);
    return first;
}

static void call_both(struct world *w, struct world *other, struct reply *first,
                      struct reply *second)
{
    pthread_t thread;
    void *result;

    assert_int_equal(sem_init(&first_runs, 0, 0) | sem_init(&twin_waits, 0, 0), 0);
    things_meanwhile = stay;
    assert_int_equal(pthread_create(&thread, NULL, call_first, w), 0);
    assert_int_equal(sem_wait(&first_runs), 0);
    *second = invoke(other, API, twin);
    assert_int_equal(sem_post(&twin_waits), 0);
    assert_int_equal(pthread_join(thread, &result), 0);
    *first = *(struct reply *)result;
    (void)sem_destroy(&first_runs);
    (void)sem_destroy(&twin_waits);
}

static void check(bool waits)
{
    static const struct run_ops ops = {.wait_ms = twin_wait_ms};
    struct run run = {&ops};
    struct world *w = world_new();
    struct world *other = world_new(); /* memory and ports of its own, the same record */
    struct reply first;
    struct reply second;

    other->api.store = w->store;
    other->api.run = &run;
    may_wait = waits;
    call_both(w, other, &first, &second);
    assert_int_equal(first.status, 201);
    assert_int_equal(things_runs, 1);
    assert_int_equal(fake_store_commits(w->store), 1);
    assert_int_equal(second.status, waits ? 201 : 503);
    if (waits)
        assert_str(second.body, first.body.ptr);
    else
        assert_true(str_contains(second.body, STR("clientToken")));
    assert_str(invoke(other, API, twin).body, first.body.ptr);
    world_free(other);
    world_free(w);
}

static void test_a_twin_of_a_call_waits_for_its_answer(void **state)
{
    (void)state;
    check(true);
}

static void test_a_twin_that_cannot_wait_is_told_to_come_again(void **state)
{
    (void)state;
    check(false);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_a_twin_of_a_call_waits_for_its_answer),
        cmocka_unit_test(test_a_twin_that_cannot_wait_is_told_to_come_again),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
