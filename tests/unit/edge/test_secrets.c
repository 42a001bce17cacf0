#include <signal.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include "tests/unit/unit.h"

#include "base/file.h"
#include "base/ports_single.h"
#include "edge/secrets_file.h"

struct fixture {
    struct arena *arena;
    char folder[40];
    struct entropy_single entropy;
    struct secrets *secrets;
};

static struct str in_folder(const struct fixture *f, const char *name)
{
    return arena_strf(f->arena, "%s/%s", f->folder, name);
}

static void open_secrets(struct fixture *f)
{
    secrets_file_free(f->secrets);
    f->secrets = secrets_file_new(in_folder(f, "keys"), &f->entropy.entropy);
}

static int set_up(void **state)
{
    static struct fixture f;

    f = (struct fixture){.arena = arena_new(0), .folder = "/tmp/drwave-secrets-XXXXXX"};
    if (!mkdtemp(f.folder))
        return -1;
    entropy_single_init(&f.entropy, 1);
    open_secrets(&f);
    *state = &f;
    return 0;
}

static int tear_down(void **state)
{
    struct fixture *f = *state;

    secrets_file_free(f->secrets);
    (void)unlink(in_folder(f, "keys/one").ptr);
    (void)unlink(in_folder(f, "keys/one.replaced-1").ptr);
    (void)rmdir(in_folder(f, "keys").ptr);
    if (rmdir(f->folder))
        return -1; /* something else was left behind */
    arena_free(f->arena);
    return 0;
}

static enum fault key_of(struct fixture *f, unsigned char out[32])
{
    return f->secrets->ops->key(f->secrets, STR("one"), out);
}

static enum fault make(struct fixture *f, unsigned char out[32])
{
    return f->secrets->ops->make(f->secrets, STR("one"), out);
}

static void a_key_is_made_once_and_stays(void **state)
{
    struct fixture *f = *state;
    unsigned char made[32], got[32], next[32];

    assert_int_equal(key_of(f, got), FAULT_NOT_FOUND);
    assert_int_equal(make(f, made), FAULT_NONE);
    open_secrets(f);
    assert_int_equal(key_of(f, got), FAULT_NONE);
    assert_memory_equal(got, made, 32);
    assert_int_equal(make(f, next), FAULT_NONE);
    assert_memory_not_equal(next, made, 32);
    assert_int_equal(key_of(f, got), FAULT_NONE);
    assert_memory_equal(got, next, 32);
    assert_int_equal(access(in_folder(f, "keys/one.replaced-1").ptr, F_OK), 0);
}

/* A write to a full disk, more or less. */
static enum fault make_without_room(struct fixture *f)
{
    struct rlimit before, none;
    unsigned char got[32];
    enum fault fault;

    (void)signal(SIGXFSZ, SIG_IGN);
    assert_int_equal(getrlimit(RLIMIT_FSIZE, &before), 0);
    none = (struct rlimit){0, before.rlim_max};
    assert_int_equal(setrlimit(RLIMIT_FSIZE, &none), 0);
    fault = make(f, got);
    assert_int_equal(setrlimit(RLIMIT_FSIZE, &before), 0);
    return fault;
}

static void a_key_that_cannot_be_written_leaves_the_old_one(void **state)
{
    struct fixture *f = *state;
    unsigned char made[32], got[32];

    assert_int_equal(make_without_room(f), FAULT_STORE_ERROR);
    assert_int_equal(key_of(f, got), FAULT_NOT_FOUND);
    assert_int_equal(make(f, made), FAULT_NONE);
    assert_int_equal(make_without_room(f), FAULT_STORE_ERROR);
    assert_int_equal(key_of(f, got), FAULT_NONE);
    assert_memory_equal(got, made, 32);
    open_secrets(f);
    assert_int_equal(key_of(f, got), FAULT_NONE);
    assert_memory_equal(got, made, 32);
}

/* Root makes keys in the folder of a service, which must not choose where they go. */
static void a_link_in_the_place_of_keys_is_not_followed(void **state)
{
    struct fixture *f = *state;
    struct str elsewhere = in_folder(f, "elsewhere"), keys = in_folder(f, "keys");
    unsigned char got[32];

    assert_int_equal(mkdir(elsewhere.ptr, 0700), 0);
    assert_int_equal(symlink(elsewhere.ptr, keys.ptr), 0);
    assert_int_equal(make(f, got), FAULT_STORE_ERROR);
    assert_int_equal(key_of(f, got), FAULT_STORE_ERROR);
    assert_int_equal(rmdir(elsewhere.ptr), 0);
    assert_int_equal(unlink(keys.ptr), 0);
    assert_int_equal(mkdir(keys.ptr, 0700), 0);
    assert_int_equal(mkfifo(in_folder(f, "keys/one").ptr, 0600), 0);
    assert_int_equal(key_of(f, got), FAULT_STORE_ERROR);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(a_key_is_made_once_and_stays, set_up, tear_down),
        cmocka_unit_test_setup_teardown(a_key_that_cannot_be_written_leaves_the_old_one, set_up,
                                        tear_down),
        cmocka_unit_test_setup_teardown(a_link_in_the_place_of_keys_is_not_followed, set_up,
                                        tear_down),
    };

    return cmocka_run_group_tests_name("secrets", tests, NULL, NULL);
}
