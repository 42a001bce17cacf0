#include "tests/unit/aws/sessions.h"

#include <pthread.h>
#include <stdatomic.h>

#include "aws/drs.h"
#include "base/ports_system.h"

#define DRS  "https://drs.us-west-2.amazonaws.com/DescribeJobs"
#define NONE "{\"items\":[]}"

static enum fault describe(struct rig *r)
{
    struct drs_jobs jobs;

    return drs_describe_jobs(aws_reader(r->aws), &r->at, &(struct drs_job_filter){0}, &jobs);
}

/* ---- roles of targets ---- */

static void test_a_role_is_assumed_once_and_kept(void **state)
{
    static const struct exchange script[] = {
        {.url = STS,
         .body = "Action=AssumeRole&Version=2011-06-15&RoleArn=arn%3Aaws%3Aiam%3A%3A111122223333"
                 "%3Arole%2Fdrs-orch&RoleSessionName=exec-1-a-b&ExternalId=x+1%2B2",
         .headers = {FORM, "!X-Amz-Security-Token"},
         .answer = SESSION("AssumeRole", "ASIA1", "2026-09-21T15:13:20Z")},
        {.url = DRS, .headers = {"X-Amz-Security-Token: tok<en"}, .answer = NONE},
        {.url = DRS, .headers = {"X-Amz-Security-Token: tok<en"}, .answer = NONE},
    };
    struct rig *r = RIG(script);

    (void)state;
    r->at.target = (struct aws_target){
        .role_arn = STR(ROLE), .external_id = STR("x 1+2"), .session_name = STR("exec-1/a b")};
    assert_int_equal(describe(r), FAULT_NONE);
    assert_int_equal(describe(r), FAULT_NONE);
    assert_string_equal(r->calls[0].operation, "AssumeRole");
    assert_string_equal(r->calls[1].account, "111122223333");
    rig_free(r);
}

static void test_other_external_ids_are_other_sessions(void **state)
{
    static const struct exchange one = {
        .url = STS, .answer = SESSION("AssumeRole", "ASIA1", "2026-09-21T15:13:20Z")};
    static const struct exchange two = {
        .url = STS, .answer = SESSION("AssumeRole", "ASIA2", "2026-09-21T15:13:20Z")};
    const struct exchange script[] = {one, two};
    struct rig *r = RIG(script);

    (void)state;
    r->at.target = (struct aws_target){.role_arn = STR(ROLE), .external_id = STR("a")};
    signed_by(r, "ASIA1");
    r->at.target.external_id = STR("b");
    signed_by(r, "ASIA2");
    r->at.target.external_id = STR("a");
    signed_by(r, "ASIA1");
    rig_free(r);
}

static void test_sessions_are_refreshed_before_they_end(void **state)
{
    static const struct exchange script[] = {
        {.url = STS, .answer = SESSION("AssumeRole", "ASIA1", "2026-09-21T15:13:20Z")},
        {.url = STS, .status = 400, .answer = REFUSED("ValidationError")},
        {.url = STS, .answer = SESSION("AssumeRole", "ASIA2", "2026-09-21T15:23:20Z")},
        {.url = STS, .answer = SESSION("AssumeRole", "ASIA3", "2026-09-21T16:23:20Z")},
    };
    struct rig *r = RIG(script);

    (void)state;
    r->at.target = (struct aws_target){.role_arn = STR(ROLE)};
    signed_by(r, "ASIA1");
    clock_single_advance(&r->clock, 54 * 60000);
    signed_by(r, "ASIA1"); /* more than five minutes are left */
    clock_single_advance(&r->clock, 60001);
    signed_by(r, "ASIA1"); /* the refresh fails: what is valid goes on */
    signed_by(r, "ASIA1"); /* and is not asked for again at once */
    clock_single_advance(&r->clock, 10001);
    signed_by(r, "ASIA2"); /* lives for a quarter of an hour */
    clock_single_advance(&r->clock, 10 * 60000);
    signed_by(r, "ASIA2"); /* which is more than a quarter */
    clock_single_advance(&r->clock, 2 * 60000);
    signed_by(r, "ASIA3"); /* less than a quarter of it is left */
    rig_free(r);
}

static void test_a_refused_role_is_told_as_that(void **state)
{
    static const struct exchange script[] = {
        {.url = STS, .status = 403, .answer = REFUSED("AccessDenied")},
        {.url = STS, .status = 403, .answer = REFUSED("AccessDenied")},
    };
    struct rig *r = RIG(script);

    (void)state;
    r->at.target = (struct aws_target){.role_arn = STR(ROLE)};
    assert_int_equal(describe(r), FAULT_ROLE_ASSUMPTION_FAILED);
    assert_str(r->at.error.code, "AccessDenied");
    assert_str(r->at.error.message, "not so");
    assert_str(r->at.error.request_id, "sts-1");
    assert_true(r->at.error.assuming_role);
    assert_false(r->at.error.ambiguous);
    assert_int_equal(describe(r), FAULT_ROLE_ASSUMPTION_FAILED); /* within the second */
    assert_int_equal(r->web.done, 1);
    r->clock.wall_ms -= 3600000; /* the machine's clock was put right */
    clock_single_advance(&r->clock, 1001);
    assert_int_equal(describe(r), FAULT_ROLE_ASSUMPTION_FAILED);
    assert_int_equal(r->web.done, 2);
    rig_free(r);
}

static void test_an_expired_session_is_replaced_and_the_call_replayed(void **state)
{
    static const struct exchange script[] = {
        {.url = STS, .answer = SESSION("AssumeRole", "ASIA1", "2026-09-21T15:13:20Z")},
        {.url = DRS, .status = 403, .answer_headers = {"x-amzn-ErrorType: ExpiredTokenException"}},
        {.url = STS, .answer = SESSION("AssumeRole", "ASIA2", "2026-09-21T15:13:20Z")},
        {.url = DRS, .answer = NONE},
    };
    struct rig *r = RIG(script);

    (void)state;
    r->at.target = (struct aws_target){.role_arn = STR(ROLE)};
    assert_int_equal(describe(r), FAULT_NONE);
    signed_by(r, "ASIA2");
    rig_free(r);
}

static void test_an_unreachable_sts_is_transient(void **state)
{
    static const struct exchange down = {.url = STS, .fault = FAULT_CONNECTION};
    const struct exchange script[] = {down, down, down};
    struct rig *r = RIG(script);

    (void)state;
    r->at.target = (struct aws_target){.role_arn = STR(ROLE)};
    assert_int_equal(describe(r), FAULT_AWS_TRANSIENT);
    rig_free(r);
}

/* ---- one at a time ---- */

enum { CALLERS = 8 };

struct slow_sts {
    struct transport transport;
    atomic_int calls;
    atomic_int waiting;
};

/* Answers once everybody has asked, or has had the time to. */
static enum fault slow_send(struct transport *t, struct arena *a,
                            const struct transport_request *req, struct transport_answer *out,
                            struct str *why)
{
    struct slow_sts *s = (struct slow_sts *)t;

    (void)a;
    (void)req;
    (void)why;
    (void)atomic_fetch_add(&s->calls, 1);
    while (atomic_load(&s->waiting) < CALLERS)
        ;
    out->status = 200;
    out->body = STR(SESSION("AssumeRole", "ASIA1", "2030-01-01T00:00:00Z"));
    return FAULT_NONE;
}

struct caller {
    struct aws *aws;
    struct slow_sts *sts;
    bool ok;
};

static void ask_for_credentials(void *arg)
{
    struct caller *c = arg;
    struct arena *a = arena_new(0);
    struct aws_target target = {.region = STR("us-west-2"), .role_arn = STR(ROLE)};
    struct aws_credentials got = {0};
    struct aws_error error;

    (void)atomic_fetch_add(&c->sts->waiting, 1);
    c->ok = credentials_get(c->aws, a, &target, &got, &error) &&
            str_eq_z(got.key.access_key_id, "ASIA1");
    arena_free(a);
}

static struct str two_keys(void *context, const char *name)
{
    (void)context;
    if (strcmp(name, "AWS_ACCESS_KEY_ID") == 0 || strcmp(name, "AWS_SECRET_ACCESS_KEY") == 0)
        return STR("AKID");
    return (struct str){0};
}

static void test_many_threads_make_one_call(void **state)
{
    static const struct transport_ops slow_ops = {.send = slow_send};
    struct slow_sts sts = {.transport = {&slow_ops}};
    struct run *run = run_pool_new(CALLERS, CALLERS);
    struct aws *aws = aws_new(&(struct aws_options){.clock = clock_system(),
                                                    .entropy = entropy_system(),
                                                    .transport = &sts.transport,
                                                    .metadata_transport = &sts.transport,
                                                    .run = run,
                                                    .environment = two_keys});
    struct caller callers[CALLERS];
    void *args[CALLERS];

    (void)state;
    for (int i = 0; i < CALLERS; i++) {
        callers[i] = (struct caller){aws, &sts, false};
        args[i] = &callers[i];
    }
    run->ops->all(run, ask_for_credentials, args, CALLERS, CALLERS);
    for (int i = 0; i < CALLERS; i++)
        assert_true(callers[i].ok);
    assert_int_equal(atomic_load(&sts.calls), 1);
    aws_free(aws);
    run_pool_free(run);
}

/* Beside 4,095 roles there is room for the machine's own credentials. */
static void test_who_was_not_asked_for_longest_makes_room(void **state)
{
    enum { ROLES = 4096 };

    static struct exchange script[ROLES + 1];
    static const int again[] = {ROLES - 1, 1, 0};
    struct rig *r;

    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(script); i++)
        script[i] = (struct exchange){
            .url = STS, .answer = SESSION("AssumeRole", "ASIA1", "2026-09-21T15:13:20Z")};
    r = RIG(script);
    r->at.target.role_arn = STR(ROLE);
    for (int i = 0; i < ROLES + (int)ARRAY_LEN(again); i++) {
        r->at.target.external_id = arena_strf(r->at.arena, "%d", i < ROLES ? i : again[i - ROLES]);
        signed_by(r, "ASIA1");
        assert_int_equal(r->web.done, i < ROLES ? i + 1 : i < ROLES + 2 ? ROLES : ROLES + 1);
    }
    rig_free(r);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_a_role_is_assumed_once_and_kept),
        cmocka_unit_test(test_other_external_ids_are_other_sessions),
        cmocka_unit_test(test_sessions_are_refreshed_before_they_end),
        cmocka_unit_test(test_a_refused_role_is_told_as_that),
        cmocka_unit_test(test_an_expired_session_is_replaced_and_the_call_replayed),
        cmocka_unit_test(test_an_unreachable_sts_is_transient),
        cmocka_unit_test(test_many_threads_make_one_call),
        cmocka_unit_test(test_who_was_not_asked_for_longest_makes_room),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
