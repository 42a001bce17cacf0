#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

#include "tests/unit/unit.h"

#include "base/file.h"
#include "base/json.h"
#include "base/ports_single.h"
#include "edge/credentials_local.h"

struct fixture {
    struct arena *arena;
    char folder[40];
    struct clock_single clock;
    struct entropy_single entropy;
    struct credentials_options options;
    struct str why;
};

static int set_up(void **state)
{
    static struct fixture f;

    f = (struct fixture){.arena = arena_new(0), .folder = "/tmp/drwave-credentials-XXXXXX"};
    if (!mkdtemp(f.folder))
        return -1;
    clock_single_init(&f.clock, 1769860800000);
    entropy_single_init(&f.entropy, 1);
    f.options = (struct credentials_options){
        .folder = str_from_z(f.folder), .clock = &f.clock.clock, .entropy = &f.entropy.entropy};
    *state = &f;
    return 0;
}

static struct str path_of(struct fixture *f, const char *name)
{
    return arena_strf(f->arena, "%s/%s", f->folder, name);
}

static int tear_down(void **state)
{
    struct fixture *f = *state;

    (void)unlink(path_of(f, "credentials.json").ptr);
    (void)unlink(path_of(f, "client.json").ptr);
    if (rmdir(f->folder))
        return -1; /* something else was left behind */
    arena_free(f->arena);
    return 0;
}

static struct credentials *open_credentials(struct fixture *f)
{
    struct credentials *c = NULL;

    if (credentials_open(&f->options, f->arena, &c, &f->why))
        fail_msg("the credentials do not open: " STR_FMT, STR_ARG(f->why));
    return c;
}

static struct str text_of(struct fixture *f, const char *name)
{
    struct str text;

    assert_int_equal(file_read(f->arena, path_of(f, name), 1 << 16, &text, &f->why), FAULT_NONE);
    return text;
}

static struct str client_value(struct fixture *f, const char *name)
{
    const struct json *v;

    assert_int_equal(json_parse(f->arena, text_of(f, "client.json"), &v, &f->why), FAULT_NONE);
    return json_str(json_get_z(v, name));
}

static unsigned mode_of(struct fixture *f, const char *name)
{
    struct stat s;

    assert_int_equal(stat(path_of(f, name).ptr, &s), 0);
    return s.st_mode & 0777;
}

static void publish(struct fixture *f, struct credentials *c, const char *endpoint)
{
    assert_int_equal(credentials_publish(c, f->arena, str_from_z(endpoint), &f->why), FAULT_NONE);
}

static void the_first_start_makes_them(void **state)
{
    struct fixture *f = *state;
    struct credentials *c = open_credentials(f);
    struct str token;
    struct access_key key;

    publish(f, c, "http://127.0.0.1:1");
    assert_int_equal(mode_of(f, "credentials.json"), 0600);
    assert_int_equal(mode_of(f, "client.json"), 0600);
    token = client_value(f, "token");
    assert_true(str_starts(token, STR("drw_")));
    assert_int_equal(token.len, 4 + 43);
    assert_false(str_contains(text_of(f, "credentials.json"), token));
    assert_false(str_contains(text_of(f, "credentials.json"), str_slice(token, 4, token.len)));
    assert_str(client_value(f, "endpoint"), "http://127.0.0.1:1");
    assert_str(client_value(f, "region"), "us-east-1");

    assert_true(credentials_token_ok(c, token));
    assert_false(credentials_token_ok(c, str_slice(token, 0, token.len - 1)));
    assert_false(credentials_token_ok(c, STR("")));
    assert_true(credentials_find_key(c, f->arena, client_value(f, "accessKeyId"), &key));
    assert_true(str_eq(key.secret, client_value(f, "secretAccessKey")));
    assert_int_equal(key.id.len, 20);
    assert_int_equal(key.secret.len, 40);
    assert_str(key.principal_arn, "arn:aws:iam::000000000000:user/drwave");
    assert_false(credentials_find_key(c, f->arena, STR("AKIDEXAMPLE"), &key));
    assert_false(credentials_find_key(c, f->arena, STR(""), &key));
    credentials_close(c);
}

static void the_next_start_keeps_them(void **state)
{
    struct fixture *f = *state;
    struct credentials *c = open_credentials(f);
    struct str token, before;

    publish(f, c, "http://127.0.0.1:1");
    credentials_close(c);
    token = client_value(f, "token");
    before = text_of(f, "credentials.json");
    c = open_credentials(f);
    publish(f, c, "http://127.0.0.1:2");
    assert_true(str_eq(text_of(f, "credentials.json"), before));
    assert_true(str_eq(client_value(f, "token"), token));
    assert_str(client_value(f, "endpoint"), "http://127.0.0.1:2");
    assert_true(credentials_token_ok(c, token));
    credentials_close(c);
    credentials_close(NULL);
}

/* Its port is taken, say: the token is hashed by then, and nowhere else. */
static void a_first_start_that_fails_loses_nothing(void **state)
{
    struct fixture *f = *state;
    struct credentials *c = open_credentials(f);

    credentials_close(c);
    assert_int_equal(mode_of(f, "client.json"), 0600);
    c = open_credentials(f);
    publish(f, c, "http://127.0.0.1:2");
    assert_str(client_value(f, "endpoint"), "http://127.0.0.1:2");
    assert_true(credentials_token_ok(c, client_value(f, "token")));
    credentials_close(c);
}

/* A token that opens nothing would only send people the wrong way. */
static void a_lost_client_file_has_no_token(void **state)
{
    struct fixture *f = *state;
    struct credentials *c = open_credentials(f);

    publish(f, c, "http://127.0.0.1:1");
    credentials_close(c);
    assert_int_equal(file_replace(f->arena, path_of(f, "client.json"),
                                  STR("{\"token\":\"drw_of_another\"}"), 0600, &f->why),
                     FAULT_NONE);
    c = open_credentials(f);
    publish(f, c, "http://127.0.0.1:1");
    assert_false(str_present(client_value(f, "token")));
    assert_true(str_present(client_value(f, "secretAccessKey")));
    credentials_close(c);
}

static void a_rotation_ends_the_old_ones(void **state)
{
    struct fixture *f = *state;
    struct credentials *c = open_credentials(f);
    struct str token, key_id;
    struct access_key key;

    publish(f, c, "http://127.0.0.1:1");
    token = client_value(f, "token");
    key_id = client_value(f, "accessKeyId");
    assert_int_equal(credentials_rotate(&f->options, f->arena, &f->why), FAULT_NONE);
    assert_str(client_value(f, "endpoint"), "http://127.0.0.1:1");
    assert_false(str_eq(client_value(f, "token"), token));
    assert_int_equal(mode_of(f, "credentials.json"), 0600);

    clock_single_advance(&f->clock, 1000); /* the running process looks once a second */
    assert_false(credentials_token_ok(c, token));
    assert_true(credentials_token_ok(c, client_value(f, "token")));
    assert_false(credentials_find_key(c, f->arena, key_id, &key));
    assert_true(credentials_find_key(c, f->arena, client_value(f, "accessKeyId"), &key));
    credentials_close(c);
}

/* Whoever reads client.json right after a rotation is not turned away for a second. */
static void the_new_ones_open_at_once(void **state)
{
    struct fixture *f = *state;
    struct credentials *c = open_credentials(f);
    struct access_key key;

    publish(f, c, "http://127.0.0.1:1");
    assert_true(credentials_token_ok(c, client_value(f, "token")));
    assert_int_equal(credentials_rotate(&f->options, f->arena, &f->why), FAULT_NONE);
    assert_true(credentials_token_ok(c, client_value(f, "token")));
    assert_int_equal(credentials_rotate(&f->options, f->arena, &f->why), FAULT_NONE);
    assert_true(credentials_find_key(c, f->arena, client_value(f, "accessKeyId"), &key));
    credentials_close(c);
}

/* What happens between two steps of a read of credentials.json, once. */
static struct {
    void (*before_open)(struct fixture *f);
    void (*at_end)(struct fixture *f);
    struct fixture *fixture;
} meanwhile;

static bool is_open_as(int fd, struct str path)
{
    struct stat file, named;

    return !fstat(fd, &file) && !stat(path.ptr, &named) && file.st_ino == named.st_ino;
}

int __real_open64(const char *path, int flags, unsigned mode);
int __wrap_open64(const char *path, int flags, unsigned mode);

int __wrap_open64(const char *path, int flags, unsigned mode)
{
    void (*happens)(struct fixture * f) = meanwhile.before_open;

    if (happens && str_ends(str_from_z(path), STR("/credentials.json"))) {
        meanwhile.before_open = NULL;
        happens(meanwhile.fixture);
    }
    return __real_open64(path, flags, mode);
}

ssize_t __real_read(int fd, void *bytes, size_t n);
ssize_t __wrap_read(int fd, void *bytes, size_t n);

ssize_t __wrap_read(int fd, void *bytes, size_t n)
{
    ssize_t got = __real_read(fd, bytes, n);
    void (*happens)(struct fixture * f) = meanwhile.at_end;

    if (got == 0 && happens && is_open_as(fd, path_of(meanwhile.fixture, "credentials.json"))) {
        meanwhile.at_end = NULL;
        happens(meanwhile.fixture);
    }
    return got;
}

static void rotate(struct fixture *f)
{
    assert_int_equal(credentials_rotate(&f->options, f->arena, &f->why), FAULT_NONE);
}

static void a_rotation_while_they_are_read_is_not_missed(void **state)
{
    struct fixture *f = *state;
    struct credentials *c = open_credentials(f);
    struct str first, second;

    publish(f, c, "http://127.0.0.1:1");
    first = client_value(f, "token");
    rotate(f);
    second = client_value(f, "token");
    meanwhile.fixture = f;
    meanwhile.at_end = rotate;
    clock_single_advance(&f->clock, 1000);
    assert_false(credentials_token_ok(c, first));
    assert_true(meanwhile.at_end == NULL);
    clock_single_advance(&f->clock, 1000);
    assert_false(credentials_token_ok(c, second));
    assert_true(credentials_token_ok(c, client_value(f, "token")));
    credentials_close(c);
}

static void open_to_others(struct fixture *f)
{
    struct str text = text_of(f, "credentials.json");

    assert_int_equal(file_replace(f->arena, path_of(f, "credentials.json"), text, 0640, &f->why),
                     FAULT_NONE);
}

static void it_is_the_file_that_is_read_that_others_may_not_read(void **state)
{
    struct fixture *f = *state;
    struct credentials *c = open_credentials(f);

    credentials_close(c);
    meanwhile.fixture = f;
    meanwhile.before_open = open_to_others;
    assert_int_equal(credentials_open(&f->options, f->arena, &c, &f->why),
                     FAULT_AUTHORIZATION_FAILED);
}

static ino_t inode_of(struct fixture *f)
{
    struct stat s;

    assert_int_equal(stat(path_of(f, "credentials.json").ptr, &s), 0);
    return s.st_ino;
}

/* Two rotations within one tick of the file system's clock may look like none. */
static void no_later_file_is_taken_for_the_one_that_was_read(void **state)
{
    struct fixture *f = *state;
    struct credentials *c = open_credentials(f);
    ino_t read = inode_of(f);

    for (int i = 0; i < 8; i++) {
        rotate(f);
        assert_true(inode_of(f) != read);
    }
    credentials_close(c);
}

static void a_link_is_not_read(void **state)
{
    struct fixture *f = *state;
    struct credentials *c = open_credentials(f);
    struct str path = path_of(f, "credentials.json"), other = path_of(f, "other.json");

    credentials_close(c);
    assert_int_equal(rename(path.ptr, other.ptr), 0);
    assert_int_equal(symlink(other.ptr, path.ptr), 0);
    assert_int_equal(credentials_open(&f->options, f->arena, &c, &f->why), FAULT_STORE_ERROR);
    assert_int_equal(unlink(other.ptr), 0);
}

static void publishing_after_a_rotation_keeps_the_new_token(void **state)
{
    struct fixture *f = *state;
    struct credentials *c = open_credentials(f);
    struct str token;

    publish(f, c, "http://127.0.0.1:1");
    assert_int_equal(credentials_rotate(&f->options, f->arena, &f->why), FAULT_NONE);
    token = client_value(f, "token");
    publish(f, c, "http://127.0.0.1:2");
    assert_true(str_eq(client_value(f, "token"), token));
    assert_true(credentials_token_ok(c, token));
    credentials_close(c);
}

static void a_rotation_keeps_whom_the_key_stands_for(void **state)
{
    struct fixture *f = *state;
    struct credentials *c;
    struct access_key key;

    f->options.principal_arn = STR("arn:aws:iam::123456789012:user/ops");
    c = open_credentials(f);
    f->options.principal_arn = (struct str){0};
    assert_int_equal(credentials_rotate(&f->options, f->arena, &f->why), FAULT_NONE);
    clock_single_advance(&f->clock, 1000);
    assert_true(credentials_find_key(c, f->arena, client_value(f, "accessKeyId"), &key));
    assert_str(key.principal_arn, "arn:aws:iam::123456789012:user/ops");
    credentials_close(c);
}

static void others_may_not_read_them(void **state)
{
    struct fixture *f = *state;
    struct credentials *c = open_credentials(f);

    credentials_close(c);
    assert_int_equal(chmod(path_of(f, "credentials.json").ptr, 0640), 0);
    assert_int_equal(credentials_open(&f->options, f->arena, &c, &f->why),
                     FAULT_AUTHORIZATION_FAILED);
    assert_true(str_ends(f->why, STR("(mode 640): chmod 600")));
}

static void damage_is_told_and_left_alone(void **state)
{
    static const char *const texts[] = {
        "",
        "{",
        "[]",
        "{}",
        "{\"tokenSha256\":\"ab\"}",
        "{\"tokenSha256\":7,\"accessKeyId\":\"DRWVAAAAAAAAAAAAAAAA\"}"};
    struct fixture *f = *state;

    for (size_t i = 0; i < ARRAY_LEN(texts); i++) {
        struct credentials *c = NULL;

        assert_int_equal(file_replace(f->arena, path_of(f, "credentials.json"),
                                      str_from_z(texts[i]), 0600, &f->why),
                         FAULT_NONE);
        assert_int_equal(credentials_open(&f->options, f->arena, &c, &f->why), FAULT_CORRUPT);
        assert_null(c);
        assert_str(text_of(f, "credentials.json"), texts[i]);
        assert_true(str_contains(f->why, STR("drwave credential rotate")));
    }
}

static void a_folder_that_is_not_there_is_a_fault(void **state)
{
    struct fixture *f = *state;
    struct credentials *c = NULL;

    f->options.folder = STR("/no/such/folder");
    assert_int_not_equal(credentials_open(&f->options, f->arena, &c, &f->why), FAULT_NONE);
    assert_true(f->why.len > 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(the_first_start_makes_them, set_up, tear_down),
        cmocka_unit_test_setup_teardown(the_next_start_keeps_them, set_up, tear_down),
        cmocka_unit_test_setup_teardown(a_first_start_that_fails_loses_nothing, set_up, tear_down),
        cmocka_unit_test_setup_teardown(a_lost_client_file_has_no_token, set_up, tear_down),
        cmocka_unit_test_setup_teardown(a_rotation_ends_the_old_ones, set_up, tear_down),
        cmocka_unit_test_setup_teardown(the_new_ones_open_at_once, set_up, tear_down),
        cmocka_unit_test_setup_teardown(a_rotation_while_they_are_read_is_not_missed, set_up,
                                        tear_down),
        cmocka_unit_test_setup_teardown(it_is_the_file_that_is_read_that_others_may_not_read,
                                        set_up, tear_down),
        cmocka_unit_test_setup_teardown(no_later_file_is_taken_for_the_one_that_was_read, set_up,
                                        tear_down),
        cmocka_unit_test_setup_teardown(a_link_is_not_read, set_up, tear_down),
        cmocka_unit_test_setup_teardown(publishing_after_a_rotation_keeps_the_new_token, set_up,
                                        tear_down),
        cmocka_unit_test_setup_teardown(a_rotation_keeps_whom_the_key_stands_for, set_up,
                                        tear_down),
        cmocka_unit_test_setup_teardown(others_may_not_read_them, set_up, tear_down),
        cmocka_unit_test_setup_teardown(damage_is_told_and_left_alone, set_up, tear_down),
        cmocka_unit_test_setup_teardown(a_folder_that_is_not_there_is_a_fault, set_up, tear_down),
    };

    return cmocka_run_group_tests_name("credentials", tests, NULL, NULL);
}
