#include "tests/unit/unit.h"

#include "aws/governor.h"
#include "aws/retry.h"

static void test_the_bucket_stops_retries_when_most_calls_fail(void **state)
{
    struct retry_bucket b;
    int taken = 0;

    (void)state;
    retry_bucket_init(&b);
    while (retry_take(&b, RETRY_TRANSIENT) == RETRY_COST)
        taken++;
    assert_int_equal(taken, RETRY_BUCKET / RETRY_COST);
    retry_give(&b, 0);
    assert_int_equal(retry_take(&b, RETRY_TRANSIENT), 0);
    retry_give(&b, RETRY_COST);
    assert_int_equal(retry_take(&b, RETRY_TIMEOUT), 0);
    assert_int_equal(retry_take(&b, RETRY_TRANSIENT), RETRY_COST);
    retry_bucket_done(&b);
}

static void test_the_governor_learns_a_rate_and_lets_go(void **state)
{
    struct governor g;
    int64_t now = 100000;
    int64_t wait = 0;

    (void)state;
    governor_init(&g);
    for (int i = 0; i < 20; i++)
        assert_int_equal(governor_wait_ms(&g, STR("a/r/drs"), now), 0);
    governor_report(&g, STR("a/r/drs"), now, true);
    governor_report(&g, STR("a/r/drs"), now, true); /* of the same burst */
    for (int i = 0; i < 14; i++)
        wait = governor_wait_ms(&g, STR("a/r/drs"), now);
    assert_true(wait >= 990 && wait <= 1010); /* 0.7 of 20 a second */
    for (int i = 0; i < 1000; i++) {          /* who comes and does not wait is in nobody's way */
        assert_true(governor_wait_ms(&g, STR("a/r/drs"), now) > wait);
        governor_give_back(&g, STR("a/r/drs"));
    }
    assert_true(governor_wait_ms(&g, STR("a/r/drs"), now) < wait + 100);
    assert_int_equal(governor_wait_ms(&g, STR("b/r/drs"), now), 0);
    assert_true(governor_wait_ms(&g, STR("a/r/drs"), now + 10000) == 0);
    now += 200000;
    (void)governor_wait_ms(&g, STR("a/r/drs"), now);
    for (int i = 0; i < 500; i++)
        assert_int_equal(governor_wait_ms(&g, STR("a/r/drs"), now), 0);
    governor_done(&g);
}

/* What SDKs retry, by status and by name. */
static void test_kinds_of_trouble(void **state)
{
    static const struct {
        int status;
        const char *code;
        enum retry_kind kind;
    } cases[] = {
        {429, "429", RETRY_THROTTLE},
        {503, "RequestLimitExceeded", RETRY_THROTTLE},
        {400, "Throttling", RETRY_THROTTLE},
        {400, "ProvisionedThroughputExceededException", RETRY_THROTTLE},
        {500, "500", RETRY_TRANSIENT},
        {502, "502", RETRY_TRANSIENT},
        {504, "504", RETRY_TRANSIENT},
        {400, "RequestTimeout", RETRY_TRANSIENT},
        {400, "IDPCommunicationError", RETRY_TRANSIENT},
        {501, "NotImplemented", RETRY_NO},
        {402, "ServiceQuotaExceededException", RETRY_NO},
        {409, "ConflictException", RETRY_NO},
        {400, "UninitializedAccountException", RETRY_NO},
        {403, "AccessDeniedException", RETRY_NO},
    };

    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(cases); i++)
        assert_int_equal(retry_kind_of(cases[i].status, str_from_z(cases[i].code)), cases[i].kind);
    assert_true(retry_is_skew(STR("RequestExpired")));
    assert_false(retry_is_skew(STR("ExpiredToken")));
    assert_true(retry_is_renewable(STR("ExpiredToken")));
    assert_true(retry_is_renewable(STR("RequestExpired"))); /* EC2, of a session */
    assert_true(retry_is_renewable(STR("UnrecognizedClientException")));
    assert_false(retry_is_renewable(STR("InvalidSignatureException")));
    assert_true(retry_is_identity(STR("InvalidSignatureException")));
    assert_true(retry_is_identity(STR("InvalidClientTokenId")));
    assert_false(retry_is_identity(STR("AccessDeniedException")));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_the_bucket_stops_retries_when_most_calls_fail),
        cmocka_unit_test(test_the_governor_learns_a_rate_and_lets_go),
        cmocka_unit_test(test_kinds_of_trouble),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
