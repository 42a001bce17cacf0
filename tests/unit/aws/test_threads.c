#include "tests/unit/unit.h"

#include <stdatomic.h>

#include "aws/drs.h"
#include "base/ports_system.h"

/* Many threads on one client, while AWS throttles, fails, forgets sessions and has another clock.
 */
enum { THREADS = 8, CALLS = 60 };

struct moody_aws {
    struct transport transport;
    atomic_uint asked;
    atomic_uint sessions;
};

static const struct header moods[] = {
    {STR_INIT("x-amzn-ErrorType"), STR_INIT("ThrottlingException")},
    {STR_INIT("x-amzn-ErrorType"), STR_INIT("ExpiredTokenException")},
    {STR_INIT("x-amzn-ErrorType"), STR_INIT("ConflictException")},
};

static void answer_mood(struct arena *a, unsigned n, struct transport_answer *out)
{
    out->status = n % 7 == 0 ? 429 : n % 11 == 0 ? 403 : n % 13 == 0 ? 409 : 200;
    if (out->status == 200) {
        out->body = STR("{\"items\":[{\"jobID\":\"drsjob-1\"}]}");
        return;
    }
    out->headers = (struct headers){arena_array_of(a, 1, struct header), 1};
    out->headers.items[0] = moods[out->status == 429 ? 0 : out->status == 403 ? 1 : 2];
}

static enum fault moody_send(struct transport *t, struct arena *a,
                             const struct transport_request *req, struct transport_answer *out,
                             struct str *why)
{
    struct moody_aws *m = (struct moody_aws *)t;
    unsigned n = atomic_fetch_add(&m->asked, 1);

    *out = (struct transport_answer){.sent = true};
    if (str_contains(req->url, STR("//sts."))) {
        out->status = 200;
        out->body = arena_strf(a,
                               "<R><AssumeRoleResult><Credentials><AccessKeyId>ASIA%u</AccessKeyId>"
                               "<SecretAccessKey>s</SecretAccessKey><SessionToken>t</SessionToken>"
                               "<Expiration>2100-01-01T00:00:00Z</Expiration></Credentials>"
                               "</AssumeRoleResult></R>",
                               atomic_fetch_add(&m->sessions, 1));
        return FAULT_NONE;
    }
    if (n % 17 == 0) {
        *why = STR("gone");
        return FAULT_CONNECTION;
    }
    answer_mood(a, n, out);
    return FAULT_NONE;
}

/* Waits cost nothing here: what is tested is what the threads share. */
static struct run *pool;

static bool no_wait(struct run *r, int64_t ms)
{
    (void)r;
    (void)ms;
    return true;
}

static void all_on_pool(struct run *r, void (*fn)(void *), void *const *args, size_t n,
                        size_t width)
{
    (void)r;
    pool->ops->all(pool, fn, args, n, width);
}

static const struct run_ops hurried_ops = {.all = all_on_pool, .wait_ms = no_wait};

static struct str keys_alone(void *context, const char *name)
{
    (void)context;
    return strncmp(name, "AWS_ACCESS", 10) == 0 || strncmp(name, "AWS_SECRET", 10) == 0
               ? STR("AKID")
               : (struct str){0};
}

struct worker {
    struct aws *aws;
    size_t index;
    unsigned ok;
    unsigned told;
};

static void work(void *item)
{
    static const char *const roles[] = {"arn:aws:iam::111122223333:role/a",
                                        "arn:aws:iam::444455556666:role/b"};
    struct worker *w = item;
    struct arena *a = arena_new(0);

    for (size_t i = 0; i < CALLS; i++) {
        struct aws_at at = {.arena = a,
                            .target = {.region = i % 2 ? STR("us-west-2") : STR("eu-west-1"),
                                       .role_arn = str_from_z(roles[(w->index + i / 2) % 2])}};
        struct drs_jobs jobs = {0};
        enum fault f =
            drs_describe_jobs(aws_reader(w->aws), &at, &(struct drs_job_filter){0}, &jobs);

        w->ok += f == FAULT_NONE && jobs.len == 1;
        w->told += f != FAULT_NONE && str_present(at.error.code);
        arena_reset(a);
    }
    arena_free(a);
}

static void test_every_thread_gets_an_answer_or_a_reason(void **state)
{
    static const struct transport_ops moody_ops = {.send = moody_send};
    struct moody_aws moody = {.transport = {&moody_ops}};
    struct run hurried = {&hurried_ops};
    struct worker workers[THREADS];
    unsigned ok = 0;
    struct aws *aws;

    (void)state;
    pool = run_pool_new(THREADS, THREADS);
    aws = aws_new(&(struct aws_options){.clock = clock_system(),
                                        .entropy = entropy_system(),
                                        .transport = &moody.transport,
                                        .metadata_transport = &moody.transport,
                                        .run = &hurried,
                                        .environment = keys_alone});
    for (size_t i = 0; i < THREADS; i++)
        workers[i] = (struct worker){aws, i, 0, 0};
    aws_fan_out(aws_reader(aws), work, workers, THREADS, sizeof(workers[0]));
    for (size_t i = 0; i < THREADS; i++) {
        assert_int_equal(workers[i].ok + workers[i].told, CALLS);
        ok += workers[i].ok;
    }
    assert_true(ok > THREADS * CALLS / 2);
    assert_true(atomic_load(&moody.sessions) >= 2);
    aws_free(aws);
    run_pool_free(pool);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_every_thread_gets_an_answer_or_a_reason),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
