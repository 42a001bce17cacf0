#include "tests/unit/aws/rig.h"

#include "aws/call.h"
#include "aws/drs.h"
#include "aws/sts_read.h"

#define DRS  "https://drs.us-west-2.amazonaws.com"
#define JOB  "{\"job\":{\"jobID\":\"drsjob-1\"}}"
#define JOBS "{\"items\":[{\"jobID\":\"drsjob-1\"}]}"
#define ANSWERED(code)                                    \
    {                                                     \
        "x-amzn-ErrorType: " code, "x-amzn-RequestId: r", \
            "Date: Mon, "                                 \
            "21 Sep 2026 14:16:20 GMT"                    \
    }

static enum fault describe(struct rig *r)
{
    struct drs_jobs jobs = {0};
    enum fault f =
        drs_describe_jobs(aws_reader(r->aws), &r->at, &(struct drs_job_filter){0}, &jobs);

    if (!f)
        assert_str(jobs.items[0].id, "drsjob-1");
    return f;
}

static enum fault start(struct rig *r)
{
    struct drs_start_server server = {.source_server_id = STR("s-1")};
    struct drs_job job = {0};
    enum fault f = drs_start_recovery(r->aws, &r->at,
                                      &(struct drs_start_request){.servers = {&server, 1}}, &job);

    if (!f)
        assert_str(job.id, "drsjob-1");
    return f;
}

/* ---- one call, told as its exchanges and what came of it ---- */

struct story {
    const char *title;
    enum fault (*call)(struct rig *r);
    struct exchange exchanges[5];
    enum fault fault;
    const char *code; /* NULL: it went well */
    int status;
    int attempts;
    bool retryable;
    bool ambiguous;
};

static const struct story stories[] = {
    {.title = "throttling is waited out",
     .call = describe,
     .exchanges = {{.status = 429,
                    .answer_headers = ANSWERED("ThrottlingException:http://internal/"),
                    .answer = "{\"message\":\"Rate exceeded\"}"},
                   {.status = 429, .answer_headers = ANSWERED("ThrottlingException")},
                   {.answer = JOBS}},
     .attempts = 3},
    {.title = "throttling that does not end is told after three attempts",
     .call = describe,
     .exchanges = {{.status = 429, .answer_headers = ANSWERED("ThrottlingException")},
                   {.status = 429, .answer_headers = ANSWERED("ThrottlingException")},
                   {.status = 429, .answer_headers = ANSWERED("ThrottlingException")}},
     .fault = FAULT_AWS_TRANSIENT,
     .code = "ThrottlingException",
     .status = 429,
     .attempts = 3,
     .retryable = true},
    {.title = "an empty 429 is throttling too",
     .call = start,
     .exchanges = {{.status = 429}, {.answer = JOB}},
     .attempts = 2},
    {.title = "a start that was throttled had no effect, and is sent again",
     .call = start,
     .exchanges = {{.status = 429, .answer_headers = ANSWERED("ThrottlingException")},
                   {.status = 202, .answer = JOB}},
     .attempts = 2},
    {.title = "a proxy's page is an error with the status as its code",
     .call = describe,
     .exchanges = {{.status = 503, .answer = "<html>busy</html>"},
                   {.status = 502, .answer = "<html>bad gateway</html>"},
                   {.status = 504}},
     .fault = FAULT_AWS_TRANSIENT,
     .code = "504",
     .status = 504,
     .attempts = 3,
     .retryable = true},
    {.title = "a start that met a 500 may have taken effect",
     .call = start,
     .exchanges = {{.status = 500, .answer_headers = ANSWERED("InternalServerException")}},
     .fault = FAULT_AWS_TRANSIENT,
     .code = "InternalServerException",
     .status = 500,
     .attempts = 1,
     .retryable = true,
     .ambiguous = true},
    {.title = "a start that timed out after it was sent may have taken effect",
     .call = start,
     .exchanges = {{.fault = FAULT_TIMEOUT, .sent = true}},
     .fault = FAULT_AWS_TRANSIENT,
     .code = "Timeout",
     .attempts = 1,
     .retryable = true,
     .ambiguous = true},
    {.title = "a start whose connection was reset may have taken effect",
     .call = start,
     .exchanges = {{.fault = FAULT_CONNECTION, .sent = true}},
     .fault = FAULT_AWS_TRANSIENT,
     .code = "Connection",
     .attempts = 1,
     .retryable = true,
     .ambiguous = true},
    {.title = "a start that never left is sent again",
     .call = start,
     .exchanges = {{.fault = FAULT_CONNECTION}, {.fault = FAULT_TIMEOUT}, {.answer = JOB}},
     .attempts = 3},
    {.title = "a start that never left at all had no effect",
     .call = start,
     .exchanges = {{.fault = FAULT_CONNECTION},
                   {.fault = FAULT_CONNECTION},
                   {.fault = FAULT_CONNECTION}},
     .fault = FAULT_AWS_TRANSIENT,
     .code = "Connection",
     .attempts = 3,
     .retryable = true},
    {.title = "a start's answer cut short is a job that may be there",
     .call = start,
     .exchanges = {{.status = 202, .answer = "{\"job\":{\"jobID\":\"drsj"}},
     .fault = FAULT_AWS_TRANSIENT,
     .code = "Truncated",
     .status = 202,
     .attempts = 1,
     .retryable = true,
     .ambiguous = true},
    {.title = "a start's answer without a job is one too",
     .call = start,
     .exchanges = {{.status = 202, .answer = "{}"}},
     .fault = FAULT_AWS_TRANSIENT,
     .code = "InvalidResponse",
     .status = 202,
     .attempts = 1,
     .retryable = true,
     .ambiguous = true},
    {.title = "a description is asked for again after any lost or broken answer",
     .call = describe,
     .exchanges = {{.fault = FAULT_TIMEOUT, .sent = true},
                   {.answer = "{\"items\":["},
                   {.answer = JOBS}},
     .attempts = 3},
    {.title = "an empty answer to a description is no answer",
     .call = describe,
     .exchanges = {{.answer = " "}},
     .fault = FAULT_AWS_TRANSIENT,
     .code = "InvalidResponse",
     .status = 200,
     .attempts = 1,
     .retryable = true},
    {.title = "a member of the wrong type is no answer either",
     .call = describe,
     .exchanges = {{.answer = "{\"items\":{}}"}},
     .fault = FAULT_AWS_TRANSIENT,
     .code = "InvalidResponse",
     .status = 200,
     .attempts = 1,
     .retryable = true},
    {.title = "an answer beyond the limit is not asked for again",
     .call = describe,
     .exchanges = {{.fault = FAULT_TOO_LARGE, .sent = true}},
     .fault = FAULT_DRS_ERROR,
     .code = "TooLarge",
     .attempts = 1},
    {.title = "a conflict is final",
     .call = start,
     .exchanges = {{.status = 409,
                    .answer_headers = ANSWERED("ConflictException"),
                    .answer = "{\"message\":\"busy\",\"code\":\"other\"}"}},
     .fault = FAULT_DRS_ERROR,
     .code = "ConflictException",
     .status = 409,
     .attempts = 1},
    {.title = "a quota is final and 402",
     .call = start,
     .exchanges = {{.status = 402, .answer = "{\"code\":\"ServiceQuotaExceededException\"}"}},
     .fault = FAULT_DRS_ERROR,
     .code = "ServiceQuotaExceededException",
     .status = 402,
     .attempts = 1},
    {.title = "the header's word comes before the body's, the code before the type",
     .call = describe,
     .exchanges =
         {{.status = 400,
           .answer_headers = {"x-amzn-errortype: com.amazon#UninitializedAccountException:x"},
           .answer = "{\"code\":\"A\",\"__type\":\"B\"}"}},
     .fault = FAULT_DRS_ERROR,
     .code = "UninitializedAccountException",
     .status = 400,
     .attempts = 1},
    {.title = "without the header the body's code is the error",
     .call = describe,
     .exchanges = {{.status = 400, .answer = "{\"Code\":\"A\",\"__type\":\"B\"}"}},
     .fault = FAULT_DRS_ERROR,
     .code = "A",
     .status = 400,
     .attempts = 1},
    {.title = "without a code the type is",
     .call = describe,
     .exchanges = {{.status = 404, .answer = "{\"__type\":\"x.y#UnknownOperationException\"}"}},
     .fault = FAULT_DRS_ERROR,
     .code = "UnknownOperationException",
     .status = 404,
     .attempts = 1},
    {.title = "and without anything the status is",
     .call = describe,
     .exchanges = {{.status = 403, .answer = "[]"}},
     .fault = FAULT_DRS_ERROR,
     .code = "403",
     .status = 403,
     .attempts = 1},
    {.title = "expired credentials are fetched again and the call replayed, once",
     .call = start,
     .exchanges = {{.status = 403, .answer_headers = ANSWERED("ExpiredTokenException")},
                   {.status = 403, .answer_headers = ANSWERED("ExpiredTokenException")}},
     .fault = FAULT_DRS_ERROR,
     .code = "ExpiredTokenException",
     .status = 403,
     .attempts = 2},
    {.title = "a key that AWS does not know may have been replaced: fetched again, once",
     .call = describe,
     .exchanges = {{.status = 403, .answer_headers = ANSWERED("UnrecognizedClientException")},
                   {.answer = JOBS}},
     .attempts = 2},
    {.title = "a refused signature is not repeated while the clocks agree",
     .call = describe,
     .exchanges = {{.status = 403, .answer_headers = ANSWERED("InvalidSignatureException")}},
     .fault = FAULT_DRS_ERROR,
     .code = "InvalidSignatureException",
     .status = 403,
     .attempts = 1},
};

static void check_outcome(const struct story *s, const struct rig *r, enum fault f)
{
    const struct aws_error *e = &r->at.error;
    const struct seen_call *c = &r->calls[r->calls_len - 1];

    assert_int_equal(f, s->fault);
    assert_int_equal(r->calls_len, 1);
    assert_int_equal(c->attempts, s->attempts);
    if (!s->code)
        return;
    assert_str(e->code, s->code);
    assert_int_equal(e->status, s->status);
    assert_int_equal(e->retryable, s->retryable);
    assert_int_equal(e->ambiguous, s->ambiguous);
    if (!str_eq_z(e->code, "InvalidResponse"))
        assert_string_equal(c->code, s->code);
}

static void test_what_becomes_of_one_call(void **state)
{
    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(stories); i++) {
        const struct story *s = &stories[i];
        struct exchange script[5];
        struct rig *r;
        size_t n = 0;

        print_message("# %s\n", s->title);
        for (; n < 5 && (s->exchanges[n].status || s->exchanges[n].fault || s->exchanges[n].answer);
             n++) {
            script[n] = s->exchanges[n];
            script[n].url = s->call == start ? DRS "/StartRecovery" : DRS "/DescribeJobs";
        }
        r = rig_new(script, n);
        check_outcome(s, r, s->call(r));
        rig_free(r);
    }
}

/* ---- clocks ---- */

static void test_a_clock_that_is_wrong_is_corrected_once_for_its_host(void **state)
{
    static const struct exchange script[] = {
        {.url = DRS "/DescribeJobs",
         .headers = {"X-Amz-Date: 20260921T141320Z"},
         .status = 403,
         .answer_headers = {"x-amzn-ErrorType: InvalidSignatureException",
                            "Date: Mon, 21 Sep 2026 15:13:20 GMT"}},
        {.url = DRS "/DescribeJobs", .headers = {"X-Amz-Date: 20260921T151320Z"}, .answer = JOBS},
        {.url = DRS "/DescribeJobs", .headers = {"X-Amz-Date: 20260921T151320Z"}, .answer = JOBS},
    };
    struct rig *r = RIG(script);

    (void)state;
    assert_int_equal(describe(r), FAULT_NONE);
    assert_int_equal(describe(r), FAULT_NONE);
    rig_free(r);
}

static void test_a_skew_that_does_not_help_is_corrected_no_second_time(void **state)
{
    static const struct exchange script[] = {
        {.url = DRS "/DescribeJobs",
         .status = 403,
         .answer_headers = {"x-amzn-ErrorType: InvalidSignatureException",
                            "Date: Mon, 21 Sep 2026 15:13:20 GMT"}},
        {.url = DRS "/DescribeJobs",
         .status = 403,
         .answer_headers = {"x-amzn-ErrorType: InvalidSignatureException",
                            "Date: Mon, 21 Sep 2026 19:13:20 GMT"}},
    };
    struct rig *r = RIG(script);

    (void)state;
    assert_int_equal(describe(r), FAULT_DRS_ERROR);
    rig_free(r);
}

/* ---- waiting ---- */

static void test_no_attempt_goes_on_after_the_deadline(void **state)
{
    static const struct exchange script[] = {
        {.url = DRS "/DescribeJobs", .fault = FAULT_TIMEOUT, .sent = true, .takes_ms = 900},
    };
    struct rig *r = RIG(script);

    (void)state;
    r->at.deadline_ms = clock_mono_ms(&r->clock.clock) + 901;
    assert_int_equal(describe(r), FAULT_AWS_TRANSIENT);
    assert_str(r->at.error.code, "Timeout");
    rig_free(r);
}

static void test_a_retry_waits_as_long_as_it_is_told(void **state)
{
    static const struct exchange script[] = {
        {.url = DRS "/DescribeJobs", .status = 503, .answer_headers = {"Retry-After: 4"}},
        {.url = DRS "/DescribeJobs", .status = 503, .answer_headers = {"Retry-After: 3600"}},
        {.url = DRS "/DescribeJobs", .answer = JOBS},
    };
    struct rig *r = RIG(script);
    int64_t before = clock_mono_ms(&r->clock.clock);

    (void)state;
    assert_int_equal(describe(r), FAULT_NONE);
    assert_true(clock_mono_ms(&r->clock.clock) - before == 9000);
    rig_free(r);
}

static void test_calls_are_held_back_after_a_throttled_one(void **state)
{
    static const struct exchange bad = {.url = DRS "/DescribeJobs",
                                        .status = 429,
                                        .answer_headers = ANSWERED("ThrottlingException")};
    static const struct exchange good = {.url = DRS "/DescribeJobs", .answer = JOBS};
    const struct exchange script[] = {bad, bad, good, good, good};
    struct rig *r = RIG(script);
    int64_t before;

    (void)state;
    assert_int_equal(describe(r), FAULT_NONE);
    before = clock_mono_ms(&r->clock.clock);
    assert_int_equal(describe(r), FAULT_NONE);
    assert_int_equal(describe(r), FAULT_NONE);
    assert_true(clock_mono_ms(&r->clock.clock) - before > 500);
    rig_free(r);
}

/* ---- where a call goes ---- */

static void test_an_endpoint_override_moves_the_host_and_keeps_the_scope(void **state)
{
    static const struct variable variables[] = {
        {"AWS_ACCESS_KEY_ID", "AKIDEXAMPLE"},
        {"AWS_SECRET_ACCESS_KEY", "secret"},
        {"AWS_ENDPOINT_URL", "http://127.0.0.1:4566/"},
        {"AWS_ENDPOINT_URL_STS", "https://sts.test:443/base/"},
        {NULL, NULL},
    };
    static const struct exchange script[] = {
        {.url = "http://127.0.0.1:4566/DescribeJobs",
         .headers = {"Host: 127.0.0.1:4566"},
         .answer = JOBS},
        {.url = "https://sts.test:443/base/",
         .headers = {"Host: sts.test"},
         .answer = "<GetCallerIdentityResponse><GetCallerIdentityResult><Account>111122223333"
                   "</Account><Arn>arn:a</Arn><UserId>u</UserId></GetCallerIdentityResult>"
                   "</GetCallerIdentityResponse>"},
    };
    struct rig *r = RIG_WITH(variables, script);
    struct sts_identity who = {0};

    (void)state;
    r->at.target.region = STR("eu-central-2");
    assert_int_equal(describe(r), FAULT_NONE);
    assert_int_equal(sts_get_caller_identity(aws_reader(r->aws), &r->at, &who), FAULT_NONE);
    assert_str(who.account, "111122223333");
    rig_free(r);
}

static void test_a_region_that_is_none_never_becomes_a_host(void **state)
{
    struct rig *r = rig_new(NULL, 0);

    (void)state;
    r->at.target.region = STR("evil.example/");
    assert_int_equal(describe(r), FAULT_DRS_ERROR);
    assert_str(r->at.error.code, "Endpoint");
    assert_int_equal(r->calls[0].attempts, 0);
    rig_free(r);
}

/* ---- fan-out ---- */

struct branch {
    struct rig *rig;
    struct aws_at at;
    enum fault fault;
};

static void ask_branch(void *item)
{
    struct branch *b = item;
    struct drs_jobs jobs = {0};

    b->fault =
        drs_describe_jobs(aws_reader(b->rig->aws), &b->at, &(struct drs_job_filter){0}, &jobs);
}

static void test_regions_are_fanned_out_over(void **state)
{
    static const struct exchange script[] = {
        {.url = "https://drs.us-east-1.amazonaws.com/DescribeJobs", .answer = JOBS},
        {.url = "https://drs.eu-west-1.amazonaws.com/DescribeJobs",
         .status = 400,
         .answer_headers = ANSWERED("UninitializedAccountException")},
    };
    struct rig *r = RIG(script);
    struct branch branches[2] = {
        {.rig = r, .at = {.arena = r->arena, .target = {.region = STR("us-east-1")}}},
        {.rig = r, .at = {.arena = r->arena, .target = {.region = STR("eu-west-1")}}},
    };

    (void)state;
    aws_fan_out(aws_reader(r->aws), ask_branch, branches, 2, sizeof(branches[0]));
    assert_int_equal(branches[0].fault, FAULT_NONE);
    assert_int_equal(branches[1].fault, FAULT_DRS_ERROR);
    assert_str(branches[1].at.error.code, "UninitializedAccountException");
    rig_free(r);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_what_becomes_of_one_call),
        cmocka_unit_test(test_a_clock_that_is_wrong_is_corrected_once_for_its_host),
        cmocka_unit_test(test_a_skew_that_does_not_help_is_corrected_no_second_time),
        cmocka_unit_test(test_no_attempt_goes_on_after_the_deadline),
        cmocka_unit_test(test_a_retry_waits_as_long_as_it_is_told),
        cmocka_unit_test(test_calls_are_held_back_after_a_throttled_one),
        cmocka_unit_test(test_an_endpoint_override_moves_the_host_and_keeps_the_scope),
        cmocka_unit_test(test_a_region_that_is_none_never_becomes_a_host),
        cmocka_unit_test(test_regions_are_fanned_out_over),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
