#include "tests/unit/aws/rig.h"

#include "aws/drs_read.h"

/* AWS does not know who calls, which is no answer to what was asked. */

#define DRS  "https://drs.us-west-2.amazonaws.com"
#define JOBS "{\"items\":[{\"jobID\":\"drsjob-1\"}]}"
#define REFUSED(code)                                                    \
    {                                                                    \
        "x-amzn-ErrorType: " code, "Date: Mon, 21 Sep 2026 14:16:20 GMT" \
    }

static enum fault describe(struct rig *r)
{
    struct drs_jobs jobs = {0};

    return drs_describe_jobs(aws_reader(r->aws), &r->at, &(struct drs_job_filter){0}, &jobs);
}

static void test_every_call_may_renew_the_credentials_again(void **state)
{
    static const struct exchange expired = {.url = DRS "/DescribeJobs",
                                            .status = 403,
                                            .answer_headers = REFUSED("ExpiredTokenException")};
    static const struct exchange well = {.url = DRS "/DescribeJobs", .answer = JOBS};
    const struct exchange script[] = {expired, expired, expired, well, expired, well};
    struct rig *r = RIG(script);

    (void)state;
    assert_int_equal(describe(r), FAULT_DRS_ERROR);
    assert_true(r->at.error.unidentified);
    assert_int_equal(describe(r), FAULT_NONE);
    assert_int_equal(describe(r), FAULT_NONE);
    rig_free(r);
}

static void test_what_a_caller_may_not_do_is_no_question_of_who_it_is(void **state)
{
    static const struct exchange script[] = {{.url = DRS "/DescribeJobs",
                                              .status = 403,
                                              .answer_headers = REFUSED("AccessDeniedException")}};
    struct rig *r = RIG(script);

    (void)state;
    assert_int_equal(describe(r), FAULT_DRS_ERROR);
    assert_false(r->at.error.unidentified);
    rig_free(r);
}

static void test_the_request_that_AWS_repeats_is_not_passed_on(void **state)
{
    static const struct exchange script[] = {
        {.url = DRS "/DescribeJobs",
         .status = 403,
         .answer_headers = REFUSED("InvalidSignatureException"),
         .answer = "{\"message\":\"The signature does not match.\\n\\nThe Canonical String was"
                   "\\nx-amz-security-token:the-session\"}"}};
    struct rig *r = RIG(script);

    (void)state;
    assert_int_equal(describe(r), FAULT_DRS_ERROR);
    assert_str(r->at.error.message, "The signature does not match.");
    rig_free(r);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_every_call_may_renew_the_credentials_again),
        cmocka_unit_test(test_what_a_caller_may_not_do_is_no_question_of_who_it_is),
        cmocka_unit_test(test_the_request_that_AWS_repeats_is_not_passed_on),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
