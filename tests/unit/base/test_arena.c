#include "tests/unit/unit.h"

#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>
#include <wchar.h>

static void note(void *arg)
{
    char **end = arg;

    *(*end)++ = 'x';
}

struct named {
    char **end;
    char name;
};

static void note_name(void *arg)
{
    struct named *n = arg;

    *(*n->end)++ = n->name;
}

static void test_memory_is_zeroed_and_aligned(void **state)
{
    struct arena *a = arena_new(1800000); /* what one round takes, and no more */

    (void)state;
    for (int round = 0; round < 3; round++) {
        for (size_t n = 0; n < 5000; n += 7) {
            unsigned char *p = arena_alloc(a, n);

            assert_int_equal((uintptr_t)p % _Alignof(max_align_t), 0);
            for (size_t i = 0; i < n; i++)
                assert_int_equal(p[i], 0);
            memset(p, 0xff, n);
        }
        assert_false(arena_over_limit(a));
        arena_reset(a);
    }
    arena_free(a);
}

static void test_cleanups_run_newest_first_and_once(void **state)
{
    struct arena *a = arena_new(0);
    char seen[8] = {0};
    char *end = seen;
    struct named first = {&end, '1'};
    struct named second = {&end, '2'};

    (void)state;
    arena_defer(a, note_name, &first);
    arena_defer(a, note_name, &second);
    arena_reset(a);
    assert_string_equal(seen, "21");
    arena_defer(a, note, &end);
    arena_free(a);
    assert_string_equal(seen, "21x");
    arena_free(NULL);
}

static void test_a_limit_is_noticed_not_hit(void **state)
{
    struct arena *a = arena_new(1000);

    (void)state;
    (void)arena_alloc(a, 1000);
    assert_false(arena_over_limit(a));
    memset(arena_alloc(a, 100), 1, 100);
    assert_true(arena_over_limit(a));
    arena_reset(a);
    assert_false(arena_over_limit(a));
    arena_free(a);
}

static void test_strings(void **state)
{
    struct arena *a = arena_new(0);

    (void)state;
    assert_str(arena_strf(a, "%s-%d", "pg", 7), "pg-7");
    assert_str(arena_str_lower(a, STR("ABC-1")), "abc-1");
    assert_false(str_present(arena_str_lower(a, (struct str){0})));
    assert_false(str_present(arena_str(a, (struct str){0})));
    assert_true(str_present(arena_str(a, STR(""))));
    assert_string_equal(arena_z(a, (struct str){0}), "");
    arena_free(a);
}

#ifndef HAVE_ASAN
static void leave(int signal)
{
    exit(signal); /* in order, so that what ran is counted */
}
#endif

/* Runs fn in a child, which must abort, and returns the line that it said. */
static struct str last_words(struct arena *a, void (*fn)(void))
{
    char *text = arena_alloc(a, 1000);
    int status;
    int ends[2];
    ssize_t n;
    pid_t child;

    assert_int_equal(pipe(ends), 0);
    child = fork();
    if (child == 0) {
        (void)dup2(ends[1], 2);
#ifndef HAVE_ASAN /* it would count what the child did not free, too */
        (void)signal(SIGABRT, leave);
#endif
        fn();
        _exit(0);
    }
    assert_true(child > 0);
    assert_int_equal(waitpid(child, &status, 0), child);
    assert_false(WIFEXITED(status) && WEXITSTATUS(status) == 0);
    n = read(ends[0], text, 999);
    (void)close(ends[0]);
    (void)close(ends[1]);
    assert_true(n > 0);
    return str_cut(&(struct str){text, (size_t)n}, '\n');
}

static void far_beyond_the_limit(void)
{
    struct arena *a = arena_new(1000);

    for (int i = 0; i < 100; i++)
        (void)arena_alloc(a, 1000);
}

static void far_too_much(void)
{
    struct arena *a = arena_new(0);
    volatile size_t size = SIZE_MAX;

    (void)arena_alloc(a, size);
}

static void far_too_many(void)
{
    struct arena *a = arena_new(0);
    volatile size_t n = SIZE_MAX / 2;

    (void)arena_calloc(a, n, 3);
}

static void a_character_that_the_locale_does_not_have(void)
{
    struct arena *a = arena_new(0);

    (void)arena_strf(a, "%lc", (wint_t)0x20ac);
}

static void test_what_cannot_be_allocated_ends_the_process_and_says_why(void **state)
{
    static const struct {
        void (*fn)(void);
        const char *words;
    } rows[] = {
        {far_beyond_the_limit, "drwave: panic: an arena limited to 1000 bytes was asked for "},
        {far_too_much, "drwave: panic: an allocation of 18446744073709551615 bytes"},
        {far_too_many, "drwave: panic: an allocation of 9223372036854775807 times 3 bytes"},
        {a_character_that_the_locale_does_not_have, "drwave: panic: a broken format: %lc"},
    };
    struct arena *a = arena_new(0);

    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        struct str words = last_words(a, rows[i].fn);

        print_message("# " STR_FMT "\n", STR_ARG(words));
        assert_true(str_starts(words, str_from_z(rows[i].words)));
    }
    arena_free(a);
}

#ifdef HAVE_ASAN
/* Runs fn in a child and says whether it died. */
static bool dies(void (*fn)(void))
{
    int status;
    pid_t child = fork();

    if (child == 0) {
        (void)close(2);
        fn();
        _exit(0);
    }
    assert_true(child > 0);
    assert_int_equal(waitpid(child, &status, 0), child);
    return !(WIFEXITED(status) && WEXITSTATUS(status) == 0);
}

static void overrun_by_one(void)
{
    struct arena *a = arena_new(0);
    volatile char *p = arena_alloc(a, 16);

    (void)arena_alloc(a, 16);
    p[16] = 1;
}

static void use_after_reset(void)
{
    struct arena *a = arena_new(0);
    volatile char *p = arena_alloc(a, 16);

    arena_reset(a);
    p[0] = 1;
}

static void test_overrun_and_use_after_reset_die(void **state)
{
    (void)state;
    assert_true(dies(overrun_by_one));
    assert_true(dies(use_after_reset));
}
#endif

static void fill(struct arena *a, const size_t *sizes, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        unsigned char *p = arena_alloc(a, sizes[i]);

        for (size_t j = 0; j < sizes[i]; j++)
            assert_int_equal(p[j], 0);
        memset(p, 0xff, sizes[i]);
    }
}

static void test_what_a_reset_keeps_is_zeroed_memory_of_any_size(void **state)
{
    static const size_t small[] = {3000, 2000, 7000, 9000, 20000, 100};
    static const size_t large[] = {100, 50000, 10, 300000, 4000};
    struct arena *a = arena_new(360000); /* the large ones, not both */

    (void)state;
    for (int i = 0; i < 3; i++) {
        fill(a, small, ARRAY_LEN(small));
        arena_reset(a);
        fill(a, large, ARRAY_LEN(large));
        assert_false(arena_over_limit(a));
        arena_reset(a);
    }
    arena_free(a);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_what_a_reset_keeps_is_zeroed_memory_of_any_size),
        cmocka_unit_test(test_memory_is_zeroed_and_aligned),
        cmocka_unit_test(test_cleanups_run_newest_first_and_once),
        cmocka_unit_test(test_a_limit_is_noticed_not_hit),
        cmocka_unit_test(test_strings),
        cmocka_unit_test(test_what_cannot_be_allocated_ends_the_process_and_says_why),
#ifdef HAVE_ASAN
        cmocka_unit_test(test_overrun_and_use_after_reset_die),
#endif
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
