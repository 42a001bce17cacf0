/* Both ways in, against the credentials that a first start made. */
#include <unistd.h>

#include "tests/unit/unit.h"

#include "aws/sigv4.h"
#include "base/file.h"
#include "base/ports_single.h"
#include "base/time.h"
#include "edge/authenticate.h"
#include "rules/roles.h"

struct fixture {
    struct arena *arena;
    char folder[40];
    struct clock_single clock;
    struct entropy_single entropy;
    struct authenticator auth;
    struct str token;
    struct sigv4_key key;
};

static struct str client_value(struct fixture *f, const char *name)
{
    struct str path = arena_strf(f->arena, "%s/client.json", f->folder), text, why;
    const struct json *v;

    assert_int_equal(file_read(f->arena, path, 1 << 16, &text, &why), FAULT_NONE);
    assert_int_equal(json_parse(f->arena, text, &v, &why), FAULT_NONE);
    return json_str(json_get_z(v, name));
}

static int set_up(void **state)
{
    static struct fixture f;
    struct credentials_options o;
    struct str why;

    f = (struct fixture){.arena = arena_new(0), .folder = "/tmp/drwave-authenticate-XXXXXX"};
    if (!mkdtemp(f.folder))
        return -1;
    clock_single_init(&f.clock, 1769860800000);
    entropy_single_init(&f.entropy, 1);
    o = (struct credentials_options){
        .folder = str_from_z(f.folder), .clock = &f.clock.clock, .entropy = &f.entropy.entropy};
    if (credentials_open(&o, f.arena, &f.auth.credentials, &why) ||
        credentials_publish(f.auth.credentials, f.arena, STR("http://127.0.0.1:1"), &why))
        return -1;
    f.auth.clock = &f.clock.clock;
    f.token = client_value(&f, "token");
    f.key = (struct sigv4_key){
        client_value(&f, "accessKeyId"), client_value(&f, "secretAccessKey"), {0}};
    *state = &f;
    return 0;
}

static int tear_down(void **state)
{
    struct fixture *f = *state;

    credentials_close(f->auth.credentials);
    (void)unlink(arena_strf(f->arena, "%s/credentials.json", f->folder).ptr);
    (void)unlink(arena_strf(f->arena, "%s/client.json", f->folder).ptr);
    (void)rmdir(f->folder);
    arena_free(f->arena);
    return 0;
}

static enum fault try_header(struct fixture *f, const char *value, struct principal *out,
                             struct str *why)
{
    struct header authorization = {STR("authorization"), str_from_z(value)};
    struct http_request r = {
        .method = STR("GET"), .target = STR("/"), .headers = {&authorization, value != NULL}};

    struct denial denial = {0};
    enum fault fault = authenticate(&f->auth, f->arena, &r, out, &denial);

    *why = denial.message;
    assert_int_equal(denial.code != NULL, fault && value && strncmp(value, "AWS4-", 5) == 0);
    return fault;
}

static void the_token_opens(void **state)
{
    struct fixture *f = *state;
    struct principal p;
    struct str why;

    assert_int_equal(
        try_header(f, arena_strf(f->arena, "Bearer " STR_FMT, STR_ARG(f->token)).ptr, &p, &why),
        FAULT_NONE);
    assert_str(p.arn, "token:admin");
    assert_str(p.via, "bearer");
    assert_true(strs_have(p.roles, STR(ROLE_ADMIN)));
}

static void nothing_else_opens(void **state)
{
    static const char *const headers[] = {
        NULL, "", "Bearer drw_guess", "Bearer a.b.c", "AWS4-HMAC-SHA256 x", "Basic eDp5"};
    struct fixture *f = *state;

    for (size_t i = 0; i < ARRAY_LEN(headers); i++) {
        struct principal p = {{0}};
        struct str why = {0};

        assert_int_equal(try_header(f, headers[i], &p, &why), FAULT_UNAUTHENTICATED);
        assert_true(why.len > 0);
        assert_false(str_present(p.arn));
    }
}

static enum fault try_signed(struct fixture *f, const char *service, struct principal *out)
{
    struct header host = {STR("Host"), STR("127.0.0.1:1")};
    struct sigv4_request r = {.method = STR("POST"),
                              .target = STR("/2015-03-31/functions/query-handler/invocations"),
                              .headers = {&host, 1},
                              .payload_hash = sha256_hex(f->arena, sha256_of(STR("{}")))};
    struct sigv4_scope scope = {time_basic(f->arena, f->clock.wall_ms), STR("eu-west-1"),
                                str_from_z(service)};
    struct denial why;

    sigv4_sign(f->arena, &f->key, &scope, &r);
    return authenticate(
        &f->auth, f->arena,
        &(struct http_request){
            .method = r.method, .target = r.target, .headers = r.headers, .body = STR("{}")},
        out, &why);
}

static void the_access_key_opens(void **state)
{
    struct fixture *f = *state;
    struct principal p;

    assert_int_equal(try_signed(f, "lambda", &p), FAULT_NONE);
    assert_str(p.arn, "arn:aws:iam::000000000000:user/drwave");
    assert_str(p.via, "sigv4");
    assert_true(strs_have(p.roles, STR(ROLE_ADMIN)));
    assert_int_equal(try_signed(f, "execute-api", &p), FAULT_NONE);
    assert_int_equal(try_signed(f, "drs", &p), FAULT_UNAUTHENTICATED);
    f->key.secret = STR("another");
    assert_int_equal(try_signed(f, "lambda", &p), FAULT_UNAUTHENTICATED);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(the_token_opens, set_up, tear_down),
        cmocka_unit_test_setup_teardown(nothing_else_opens, set_up, tear_down),
        cmocka_unit_test_setup_teardown(the_access_key_opens, set_up, tear_down),
    };

    return cmocka_run_group_tests_name("authenticate", tests, NULL, NULL);
}
