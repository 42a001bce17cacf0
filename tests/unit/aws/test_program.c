#include "tests/unit/unit.h"

#include <signal.h>

#include "aws/client.h"

/* credential_process as it really runs: the shell, its signals, and a clock that is in a hurry. */
struct hurry {
    struct clock clock;
    int64_t mono_ms;
    int64_t step_ms; /* passes with every look */
};

static int64_t look(struct clock *c)
{
    struct hurry *h = (struct hurry *)(void *)c;

    return h->mono_ms += h->step_ms;
}

static const struct clock_ops hurry_ops = {.wall_ms = look, .mono_ms = look};

/* *out as it is told; whether it went well. */
static bool run(int64_t step_ms, const char *command, struct arena *a, struct str *out)
{
    struct hurry h = {.clock = {&hurry_ops}, .step_ms = step_ms};
    struct aws aws = {.options = {.clock = &h.clock}};

    return aws_run_program(&aws, a, str_from_z(command), out);
}

static void what_it_prints_is_taken(void **state)
{
    SCOPED(arena_scope_end) struct arena *a = arena_new(0);
    struct str out;

    (void)state;
    assert_true(run(0, "echo one; echo two", a, &out));
    assert_str(out, "one\ntwo\n");
    assert_false(run(0, "echo one; exit 3", a, &out));
    assert_str(out, "it ended with status 768");
    assert_false(run(0, "yes", a, &out));
    assert_str(out, "it took too long or printed too much");
}

/* One that prints for ever, one that is silent, one that says that it has said all. */
static void it_ends_when_its_time_is_over(void **state)
{
    static const char *const commands[] = {"sleep 1000", "sleep 1000 & wait",
                                           "exec >&-; sleep 1000", "echo; exec >&-; sleep 1000"};

    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(commands); i++) {
        SCOPED(arena_scope_end) struct arena *a = arena_new(0);
        struct str out;

        assert_false(run(59990, commands[i], a, &out));
        assert_str(out, "it took too long or printed too much");
    }
}

static void its_signals_are_a_shells(void **state)
{
    SCOPED(arena_scope_end) struct arena *a = arena_new(0);
    struct str out;
    sigset_t blocked;
    sigset_t before;

    (void)state;
    (void)sigemptyset(&blocked);
    (void)sigaddset(&blocked, SIGTERM);
    assert_int_equal(sigprocmask(SIG_BLOCK, &blocked, &before), 0);
    assert_false(run(0, "kill -TERM $$; echo alive", a, &out));
    assert_int_equal(sigprocmask(SIG_SETMASK, &before, NULL), 0);
    assert_true(signal(SIGPIPE, SIG_IGN) != SIG_ERR);
    assert_false(run(0, "kill -PIPE $$; echo alive", a, &out));
    assert_true(signal(SIGPIPE, SIG_DFL) != SIG_ERR);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_it_prints_is_taken),
        cmocka_unit_test(it_ends_when_its_time_is_over),
        cmocka_unit_test(its_signals_are_a_shells),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
