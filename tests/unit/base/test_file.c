#include <errno.h>
#include <fcntl.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/time.h>
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

static void a_folder_is_empty_or_not(void **state)
{
    SCOPED(arena_scope_end) struct arena *a = arena_new(0);
    char folder[] = "/tmp/drwave-file-XXXXXX";
    struct str file, why = {0};

    (void)state;
    assert_non_null(mkdtemp(folder));
    assert_true(file_folder_is_empty(folder));
    file = in_folder(a, folder, "f");
    assert_int_equal(file_replace(a, file, STR("x"), 0600, &why), FAULT_NONE);
    assert_false(file_folder_is_empty(folder));
    assert_false(file_folder_is_empty(file.ptr)); /* it is none */
    assert_int_equal(unlink(file.ptr), 0);
    assert_int_equal(rmdir(folder), 0);
    assert_false(file_folder_is_empty(folder));
}

static int ticks;
static int far_end;

/* Four times it only interrupts; then it writes, and closes. */
static void tick(int signal)
{
    (void)signal;
    if (++ticks != 5)
        return;
    if (write(far_end, "late", 4) == 4)
        (void)close(far_end);
}

static void a_read_that_a_signal_interrupts_goes_on(void **state)
{
    SCOPED(arena_scope_end) struct arena *a = arena_new(0);
    struct sigaction action = {.sa_handler = tick};
    struct itimerval often = {{0, 2000}, {0, 2000}};
    struct itimerval never = {{0, 0}, {0, 0}};
    char folder[] = "/tmp/drwave-file-XXXXXX";
    struct str path, text, why;

    (void)state;
    assert_non_null(mkdtemp(folder));
    path = in_folder(a, folder, "fifo");
    assert_int_equal(mkfifo(path.ptr, 0600), 0);
    far_end = open(path.ptr, O_RDWR | O_CLOEXEC);
    assert_true(far_end >= 0);
    assert_int_equal(sigaction(SIGALRM, &action, NULL), 0);
    assert_int_equal(setitimer(ITIMER_REAL, &often, NULL), 0);
    assert_int_equal(file_read(a, path, 10, &text, &why), FAULT_NONE);
    assert_int_equal(setitimer(ITIMER_REAL, &never, NULL), 0);
    assert_string_equal(text.ptr, "late");
    assert_int_equal(unlink(path.ptr), 0);
    assert_int_equal(rmdir(folder), 0);
}

static void what_cannot_be_written_whole_leaves_the_old_file(void **state)
{
    SCOPED(arena_scope_end) struct arena *a = arena_new(0);
    char folder[] = "/tmp/drwave-file-XXXXXX";
    char *large = arena_alloc(a, 100000);
    struct rlimit before, small;
    struct str path, text, why;
    enum fault f;

    (void)state;
    assert_non_null(mkdtemp(folder));
    path = in_folder(a, folder, "f");
    assert_int_equal(file_replace(a, path, STR("old"), 0600, &why), FAULT_NONE);
    (void)signal(SIGXFSZ, SIG_IGN);
    assert_int_equal(getrlimit(RLIMIT_FSIZE, &before), 0);
    small = (struct rlimit){50000, before.rlim_max};
    assert_int_equal(setrlimit(RLIMIT_FSIZE, &small), 0);
    f = file_replace(a, path, (struct str){large, 100000}, 0600, &why);
    assert_int_equal(setrlimit(RLIMIT_FSIZE, &before), 0);
    assert_int_equal(f, FAULT_STORE_ERROR);
    assert_true(str_contains(why, STR("f: File too large")));
    assert_int_equal(file_read(a, path, 10, &text, &why), FAULT_NONE);
    assert_string_equal(text.ptr, "old");
    assert_int_equal(unlink(path.ptr), 0);
    assert_int_equal(rmdir(folder), 0); /* nothing else was left in it */
}

static void what_is_no_file_or_no_folder_is_said(void **state)
{
    SCOPED(arena_scope_end) struct arena *a = arena_new(0);
    char *name = arena_alloc(a, 301);
    struct str text, why;

    (void)state;
    assert_int_equal(file_read(a, STR("/tmp"), 10, &text, &why), FAULT_STORE_ERROR);
    assert_string_equal(why.ptr, "cannot read /tmp: Is a directory");
    memset(name, 'x', 300);
    assert_int_equal(file_make_folder(a, in_folder(a, "/tmp", name), &why), FAULT_STORE_ERROR);
    assert_true(str_contains(why, STR("File name too long")));
}

/* Whoever owns the folder may have put them there. */
static void links_are_not_given_away(struct arena *a, const char *folder)
{
    struct str link_path = in_folder(a, folder, "link");
    struct str target = arena_strf(a, "%s.root", folder);
    struct str why;

    assert_int_equal(file_replace(a, target, STR("x"), 0600, &why), FAULT_NONE);
    assert_int_equal(symlink(target.ptr, link_path.ptr), 0);
    assert_false(file_join_folder(link_path.ptr));
    assert_int_equal(unlink(link_path.ptr), 0);
    assert_int_equal(link(target.ptr, link_path.ptr), 0);
    assert_false(file_join_folder(link_path.ptr));
    assert_int_equal(owner_of(target), 0);
    assert_int_equal(unlink(link_path.ptr), 0);
    assert_int_equal(unlink(target.ptr), 0);
}

/* Root alone gives files away; of anybody else's nothing is changed. */
static void a_file_joins_the_owner_of_its_folder(void **state)
{
    SCOPED(arena_scope_end) struct arena *a = arena_new(0);
    char folder[] = "/tmp/drwave-file-XXXXXX";
    uid_t me = geteuid();
    struct str path, why;

    (void)state;
    assert_non_null(mkdtemp(folder));
    path = in_folder(a, folder, "f");
    assert_int_equal(file_replace(a, path, STR("x"), 0600, &why), FAULT_NONE);
    assert_true(file_join_folder(path.ptr));
    assert_int_equal(owner_of(path), me);
    if (me == 0) {
        assert_int_equal(chown(folder, 12345, 12346), 0);
        assert_int_equal(seteuid(23456), 0);
        assert_true(file_join_folder(path.ptr));
        assert_int_equal(seteuid(0), 0);
        assert_int_equal(owner_of(path), 0);
        assert_true(file_join_folder(path.ptr));
        assert_int_equal(owner_of(path), 12345);
        assert_false(file_join_folder("/nowhere/at/all"));
        assert_false(file_join_folder(in_folder(a, folder, "none").ptr));
        links_are_not_given_away(a, folder);
    }
    assert_int_equal(unlink(path.ptr), 0);
    assert_int_equal(rmdir(folder), 0);
}

static void only_a_plain_file_is_opened_as_one(void **state)
{
    SCOPED(arena_scope_end) struct arena *a = arena_new(0);
    char folder[] = "/tmp/drwave-file-XXXXXX";
    struct str path, link, pipe, text, why;
    struct open_file file;

    (void)state;
    assert_non_null(mkdtemp(folder));
    path = in_folder(a, folder, "f");
    link = in_folder(a, folder, "link");
    pipe = in_folder(a, folder, "pipe");
    file = (struct open_file){file_open_plain(path.ptr), path};
    assert_int_equal(file_read_open(a, &file, 1, &text, &why), FAULT_NOT_FOUND);
    assert_int_equal(file_replace(a, path, STR("x"), 0600, &why), FAULT_NONE);
    assert_int_equal(symlink(path.ptr, link.ptr), 0);
    assert_int_equal(mkfifo(pipe.ptr, 0600), 0);
    assert_int_equal(file_open_plain(link.ptr), -1);
    assert_int_equal(errno, ELOOP);
    assert_int_equal(file_open_plain(pipe.ptr), -1);
    assert_int_equal(file_open_plain(folder), -1);
    assert_int_equal(errno, EINVAL);
    file.fd = file_open_plain(path.ptr);
    assert_int_equal(file_read_open(a, &file, 1, &text, &why), FAULT_NONE);
    assert_string_equal(text.ptr, "x");
    file_close(&file.fd);
    assert_int_equal(unlink(path.ptr) | unlink(link.ptr) | unlink(pipe.ptr), 0);
    assert_int_equal(rmdir(folder), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_file_is_replaced_whole),
        cmocka_unit_test(folders_are_made_with_their_parents),
        cmocka_unit_test(a_folder_is_empty_or_not),
        cmocka_unit_test(a_read_that_a_signal_interrupts_goes_on),
        cmocka_unit_test(what_cannot_be_written_whole_leaves_the_old_file),
        cmocka_unit_test(what_is_no_file_or_no_folder_is_said),
        cmocka_unit_test(a_file_joins_the_owner_of_its_folder),
        cmocka_unit_test(only_a_plain_file_is_opened_as_one),
    };

    return cmocka_run_group_tests_name("file", tests, NULL, NULL);
}
