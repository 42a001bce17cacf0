#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/file.h"

static struct str in_folder(struct arena *a, const char *folder, const char *name)
{
    return arena_strf(a, "%s/%s", folder, name);
}

static unsigned mode_of(struct arena *a, struct str path)
{
    struct stat s;

    assert_int_equal(stat(arena_z(a, path), &s), 0);
    return s.st_mode & 0777;
}

static unsigned owner_of(struct str path)
{
    struct stat s;

    assert_int_equal(stat(path.ptr, &s), 0);
    return s.st_uid;
}

static void a_file_is_replaced_whole(void **state)
{
    SCOPED(arena_scope_end) struct arena *a = arena_new(0);
    char folder[] = "/tmp/drwave-file-XXXXXX";
    struct str path, text, why = {0};

    (void)state;
    assert_non_null(mkdtemp(folder));
    path = in_folder(a, folder, "f");
    assert_int_equal(file_read(a, path, 10, &text, &why), FAULT_NOT_FOUND);
    assert_true(str_contains(why, STR("No such file")));
    assert_int_equal(file_replace(a, path, STR("0123456789"), 0600, &why), FAULT_NONE);
    assert_int_equal(mode_of(a, path), 0600);
    assert_int_equal(file_read(a, path, 10, &text, &why), FAULT_NONE);
    assert_string_equal(text.ptr, "0123456789");
    assert_int_equal(file_read(a, path, 9, &text, &why), FAULT_TOO_LARGE);
    assert_int_equal(file_replace(a, path, STR(""), 0644, &why), FAULT_NONE);
    assert_int_equal(mode_of(a, path), 0644);
    assert_int_equal(file_read(a, path, 9, &text, &why), FAULT_NONE);
    assert_int_equal(text.len, 0);
    if (chown(path.ptr, 12345, 12346) == 0) /* root alone can give files away, and must not take */
        assert_int_equal(file_replace(a, path, STR("x"), 0600, &why), FAULT_NONE);
    assert_int_equal(owner_of(path), geteuid() ? geteuid() : 12345);
    assert_int_equal(unlink(path.ptr), 0);
    assert_int_equal(rmdir(folder), 0); /* nothing else was left in it */
}

static void folders_are_made_with_their_parents(void **state)
{
    SCOPED(arena_scope_end) struct arena *a = arena_new(0);
    char folder[] = "/tmp/drwave-file-XXXXXX";
    struct str deep, file, why = {0};

    (void)state;
    assert_non_null(mkdtemp(folder));
    deep = in_folder(a, folder, "a/b");
    assert_int_equal(file_make_folder(a, deep, &why), FAULT_NONE);
    assert_int_equal(mode_of(a, deep), 0700);
    assert_int_equal(file_make_folder(a, deep, &why), FAULT_NONE);
    file = in_folder(a, folder, "a/b/f");
    assert_int_equal(file_replace(a, file, STR("x"), 0600, &why), FAULT_NONE);
    assert_int_equal(file_make_folder(a, in_folder(a, folder, "a/b/f/c"), &why), FAULT_STORE_ERROR);
    assert_true(str_contains(why, STR("Not a directory")));
    assert_int_equal(file_make_folder(a, file, &why), FAULT_STORE_ERROR);
    assert_true(str_contains(why, STR("a/b/f: Not a directory")));
    assert_int_equal(file_replace(a, in_folder(a, folder, "none/f"), STR("x"), 0600, &why),
                     FAULT_NOT_FOUND);
    assert_int_equal(unlink(file.ptr), 0);
    assert_int_equal(rmdir(deep.ptr), 0);
    assert_int_equal(rmdir(in_folder(a, folder, "a").ptr), 0);
    assert_int_equal(rmdir(folder), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_file_is_replaced_whole),
        cmocka_unit_test(folders_are_made_with_their_parents),
    };

    return cmocka_run_group_tests_name("file", tests, NULL, NULL);
}
