/* long file: tables of visits. Requests on their way through the edge: what is answered, and what
 * is left in the audit trail. */
#include "tests/unit/unit.h"

#include "base/ports_single.h"
#include "edge/edge.h"
#include "model/plan.h"
#include "rules/roles.h"
#include "tests/crash/gated_store.h"

/* ---- the world ---- */

struct fixed_secrets {
    struct secrets secrets;
};

static enum fault fixed_key(struct secrets *s, struct str name, unsigned char out[32])
{
    (void)s;
    memset(out, (int)name.len, 32);
    return FAULT_NONE;
}

/* "Bearer good" is an administrator. */
static enum fault fake_authenticate(void *context, struct arena *a, const struct http_request *r,
                                    struct principal *out, struct denial *why)
{
    static struct str roles[] = {STR_INIT(ROLE_ADMIN)};

    (void)context;
    (void)a;
    if (!str_eq(headers_get(&r->headers, STR("Authorization")), STR("Bearer good"))) {
        why->message = STR("That is not it");
        if (str_starts(headers_get(&r->headers, STR("Authorization")), STR("AWS4-")))
            why->code = "InvalidSignatureException";
        return FAULT_UNAUTHENTICATED;
    }
    *out = (struct principal){
        .arn = STR("token:admin"), .via = STR("bearer"), .roles = {roles, ARRAY_LEN(roles)}};
    return FAULT_NONE;
}

struct world {
    struct arena *arena;
    struct clock_single clock;
    struct entropy_single entropy;
    struct run_single run;
    struct fixed_secrets secrets;
    struct api api;
    struct edge *edge;
};

static int world_setup(void **state)
{
    static const struct secrets_ops secrets = {fixed_key};
    struct arena *a = arena_new(0);
    struct world *w = arena_new_of(a, struct world);

    w->arena = a;
    clock_single_init(&w->clock, INT64_C(1700000000000));
    clock_single_advance(&w->clock, 100000);
    entropy_single_init(&w->entropy, 1);
    run_single_init(&w->run, &w->clock);
    w->secrets.secrets.ops = &secrets;
    w->api = (struct api){
        .store = store_memory_new(
            &(struct store_ports){&w->clock.clock, &w->entropy.entropy, &w->secrets.secrets}, 1, 0),
        .run = &w->run.run,
        .clock = &w->clock.clock,
        .entropy = &w->entropy.entropy,
    };
    w->edge = edge_new(&(struct edge_options){
        .api = &w->api,
        .clock = &w->clock.clock,
        .entropy = &w->entropy.entropy,
        .authenticate = fake_authenticate,
        .loopback = true,
    });
    *state = w;
    return 0;
}

static int world_teardown(void **state)
{
    struct world *w = *state;

    edge_free(w->edge);
    store_close(w->api.store);
    arena_free(w->arena);
    return 0;
}

/* ---- requests ---- */

struct visit_case {
    const char *title;
    const char *method;
    const char *path;
    const char *body;
    struct header headers[3];
    int status;
    const char *answer; /* in its body; NULL: none is asserted */
    const char *record; /* in the one audit record; NULL: there is none */
};

#define GOOD                                               \
    {                                                      \
        STR_INIT("Authorization"), STR_INIT("Bearer good") \
    }
#define BAD                                                        \
    {                                                              \
        STR_INIT("Authorization"), STR_INIT("Bearer s3cret-guess") \
    }
#define SIGNED                                                                          \
    {                                                                                   \
        STR_INIT("Authorization"), STR_INIT("AWS4-HMAC-SHA256 Credential=s3cret-guess") \
    }
#define DRY_RUN                                               \
    {                                                         \
        STR_INIT("X-Amz-Invocation-Type"), STR_INIT("DryRun") \
    }
#define EVENT                                                \
    {                                                        \
        STR_INIT("X-Amz-Invocation-Type"), STR_INIT("Event") \
    }
#define ODD                                                         \
    {                                                               \
        STR_INIT("X-Amz-Invocation-Type"), STR_INIT("s3cret-guess") \
    }
#define GZIP                                           \
    {                                                  \
        STR_INIT("content-encoding"), STR_INIT("gzip") \
    }
#define IDENTITY                                           \
    {                                                      \
        STR_INIT("Content-Encoding"), STR_INIT("Identity") \
    }
#define INVOKE  "/2015-03-31/functions/query-handler/invocations"
#define LIST    "{\"operation\":\"list_protection_groups\"}"
#define NOBODY  "\"principal\":\"anonymous\",\"via\":\"nothing\",\"peer\":\"192.0.2.7:4711\","
#define SOMEONE "\"principal\":\"unverified\",\"via\":\"bearer\",\"peer\":\"192.0.2.7:4711\","
#define SIGNER  "\"principal\":\"unverified\",\"via\":\"sigv4\",\"peer\":\"192.0.2.7:4711\","
#define ADMIN   "\"principal\":\"token:admin\",\"via\":\"bearer\",\"peer\":\"192.0.2.7:4711\","

static const struct visit_case visits[] = {
    {"health leaves nothing", "GET", "/health", "", {{{0}, {0}}}, 200, "\"ok\"", NULL},
    {"nor does a preflight", "OPTIONS", "/protection-groups", "", {{{0}, {0}}}, 204, NULL, NULL},
    {"nobody",
     "GET",
     "/protection-groups",
     "",
     {{{0}, {0}}},
     401,
     "\"UNAUTHENTICATED\"",
     NOBODY "\"entry\":\"rest\",\"operation\":\"list_protection_groups\",\"request\":\"GET "
            "/protection-groups\",\"outcome\":\"REFUSED\",\"status\":401,\"error\":"
            "\"UNAUTHENTICATED\",\"message\":\"That is not it\"}"},
    {"a wrong token",
     "DELETE",
     "/protection-groups/pg-1",
     "",
     {BAD},
     401,
     "\"requestId\":",
     SOMEONE "\"entry\":\"rest\",\"operation\":\"delete_protection_group\","},
    {"an unknown path of nobody",
     "GET",
     "/nothing",
     "",
     {{{0}, {0}}},
     401,
     NULL,
     NOBODY "\"entry\":\"rest\",\"request\":\"GET /nothing\","},
    {"a wrong signature",
     "POST",
     INVOKE,
     LIST,
     {SIGNED},
     403,
     "\"Type\":\"User\"",
     SIGNER "\"entry\":\"direct\",\"request\":\"POST " INVOKE "\",\"outcome\":\"REFUSED\","
            "\"status\":403,\"error\":\"InvalidSignatureException\","},
    {"another host",
     "GET",
     "/health",
     "",
     {{STR_INIT("Host"), STR_INIT("evil.example")}},
     403,
     "AUTHORIZATION_FAILED",
     NOBODY "\"entry\":\"rest\",\"request\":\"GET /health\","},
    {"health by HEAD", "HEAD", "/health", "", {{{0}, {0}}}, 200, NULL, NULL},
    {"the description by HEAD",
     "HEAD",
     "/openapi.json",
     "",
     {GOOD},
     200,
     "\"openapi\"",
     "\"outcome\":\"SUCCESS\""},
    {"health by POST",
     "POST",
     "/health",
     "",
     {GOOD},
     405,
     "METHOD_NOT_ALLOWED",
     ADMIN "\"entry\":\"rest\",\"request\":\"POST /health\","},
    {"an invocation of nobody",
     "POST",
     INVOKE,
     LIST,
     {{{0}, {0}}},
     403,
     "not it",
     NOBODY "\"entry\":\"direct\",\"request\":\"POST " INVOKE "\",\"outcome\":\"REFUSED\","
            "\"status\":403,\"error\":\"MissingAuthenticationTokenException\","},
    {"an invocation with a wrong token",
     "POST",
     INVOKE,
     LIST,
     {BAD},
     401,
     "not it",
     SOMEONE "\"entry\":\"direct\",\"request\":\"POST " INVOKE "\",\"outcome\":\"REFUSED\","
             "\"status\":401,\"error\":\"UnrecognizedClientException\","},
    {"an unknown path",
     "GET",
     "/nothing",
     "",
     {GOOD},
     404,
     "NOT_FOUND",
     ADMIN "\"entry\":\"rest\",\"operation\":null,\"outcome\":\"REFUSED\",\"error\":\"NOT_FOUND\""},
    {"a wrong method",
     "DELETE",
     "/protection-groups",
     "",
     {GOOD},
     405,
     "METHOD_NOT_ALLOWED",
     ADMIN "\"entry\":\"rest\",\"operation\":null,\"outcome\":\"REFUSED\","
           "\"error\":\"METHOD_NOT_ALLOWED\""},
    {"a body that is not JSON",
     "POST",
     "/protection-groups",
     "{\"a\":\"s3cret-guess",
     {GOOD},
     400,
     "is not JSON",
     ADMIN "\"entry\":\"rest\",\"operation\":\"create_protection_group\","},
    {"a function that is not ours",
     "POST",
     "/2015-03-31/functions/billing/invocations",
     LIST,
     {GOOD},
     404,
     "Function not found: billing",
     ADMIN "\"entry\":\"direct\",\"request\":\"POST /2015-03-31/functions/billing/invocations\","
           "\"outcome\":\"REFUSED\",\"status\":404,\"error\":\"ResourceNotFoundException\","},
    {"an invocation by GET",
     "GET",
     INVOKE,
     "",
     {GOOD},
     405,
     "sent by POST",
     ADMIN "\"entry\":\"direct\",\"request\":\"GET " INVOKE "\",\"outcome\":\"REFUSED\","},
    {"an unknown kind of invocation",
     "POST",
     INVOKE,
     LIST,
     {GOOD, ODD},
     400,
     "InvocationType",
     "\"error\":\"InvalidParameterValueException\""},
    {"a payload that is not JSON",
     "POST",
     INVOKE,
     "{\"a\":\"s3cret-guess",
     {GOOD},
     400,
     "parse",
     "\"error\":\"InvalidRequestContentException\""},
    {"a body that is packed",
     "POST",
     "/protection-groups",
     "{}",
     {GOOD, GZIP},
     415,
     "\"UNSUPPORTED_MEDIA_TYPE\"",
     ADMIN "\"entry\":\"rest\",\"operation\":\"create_protection_group\","},
    {"a payload that is packed",
     "POST",
     INVOKE,
     LIST,
     {GOOD, GZIP},
     415,
     "Content-Encoding",
     "\"error\":\"UnsupportedMediaTypeException\""},
    {"a packed body of nobody", "POST", INVOKE, LIST, {GZIP}, 403, "not it", NOBODY},
    {"nothing, packed", "GET", "/protection-groups", "", {GOOD, GZIP}, 200, NULL, ADMIN},
    {"a payload as it is", "POST", INVOKE, LIST, {GOOD, IDENTITY}, 200, NULL, ADMIN},
    {"an unknown operation",
     "POST",
     INVOKE,
     "{\"operation\":\"zzz\"}",
     {GOOD},
     200,
     "UNKNOWN_OPERATION",
     "\"operation\":\"zzz\",\"outcome\":\"REFUSED\""},
    {"a dry run",
     "POST",
     INVOKE,
     LIST,
     {GOOD, DRY_RUN},
     204,
     NULL,
     ADMIN "\"entry\":\"direct\",\"request\":\"POST " INVOKE "\",\"outcome\":\"DRY_RUN\","
           "\"status\":204}"},
    {"an event", "POST", INVOKE, LIST, {GOOD, EVENT}, 202, NULL, "\"outcome\":\"SUCCESS\""},
    {"the description",
     "GET",
     "/openapi.json",
     "",
     {GOOD},
     200,
     "\"openapi\"",
     ADMIN "\"entry\":\"rest\",\"request\":\"GET /openapi.json\",\"outcome\":\"SUCCESS\","},
    {"a read",
     "GET",
     "/protection-groups",
     "",
     {GOOD},
     200,
     "protectionGroups",
     ADMIN "\"entry\":\"rest\",\"operation\":\"list_protection_groups\","},
};

static struct http_answer visit(struct world *w, const struct visit_case *c, int64_t waited_ms)
{
    struct http_answer answer = {0};
    struct str query = str_from_z(c->path);
    struct str path = str_cut(&query, '?');
    struct http_request r = {
        .method = str_from_z(c->method),
        .target = str_from_z(c->path),
        .path = path,
        .query = query,
        .body = str_from_z(c->body),
        .peer = STR("192.0.2.7:4711"),
        .arrived_mono_ms = clock_mono_ms(&w->clock.clock) - waited_ms,
    };

    r.headers.items = arena_array_of(w->arena, ARRAY_LEN(c->headers) + 1, struct header);
    for (size_t i = 0; i < ARRAY_LEN(c->headers) && str_present(c->headers[i].name); i++)
        r.headers.items[r.headers.len++] = c->headers[i];
    if (!str_present(headers_get(&r.headers, STR("Host"))))
        r.headers.items[r.headers.len++] = (struct header){STR("Host"), STR("localhost:8080")};
    edge_handle(w->edge, w->arena, &r, &answer);
    return answer;
}

static struct strs records(struct world *w)
{
    struct strs out;
    struct str next;

    assert_int_equal(store_audit_read(w->api.store, w->arena, 10, (struct str){0}, &out, &next),
                     FAULT_NONE);
    return out;
}

struct name_case {
    const char *title;
    const char *name; /* in the path, and what follows "invocations" */
    const char *query;
    int status;
    const char *type; /* of the refusal */
};

#define ARN "arn%3Aaws%3Alambda%3Aus-east-1%3A123456789012%3Afunction%3A"

static const struct name_case names[] = {
    {"a bare name", "query-handler", "", 200, NULL},
    {"a name with a version", "query-handler%3A7", "", 200, NULL},
    {"a name with an alias, unescaped", "query-handler:live", "", 200, NULL},
    {"a partial ARN", "123456789012%3Afunction%3Ax-query-handler-y", "", 200, NULL},
    {"an ARN with the latest version", ARN "query-handler%3A$LATEST", "", 200, NULL},
    {"a qualifier beside a bare name", "query-handler", "?Qualifier=live", 200, NULL},
    {"the same qualifier twice", ARN "query-handler%3Alive", "?Qualifier=live", 200, NULL},
    {"an escaped qualifier", "query-handler", "?Qualifier=%24LATEST&x=y", 200, NULL},
    {"two qualifiers that differ", ARN "query-handler%3A7", "?Qualifier=8", 400,
     "InvalidParameterValueException"},
    {"a qualifier that none can have", "query-handler", "?Qualifier=a%20b", 400,
     "ValidationException"},
    {"an empty qualifier in the name", "query-handler%3A", "", 400, "ValidationException"},
    {"a name that none can have", "x%20query-handler", "", 400, "ValidationException"},
    {"a name that is too long",
     "a-name-of-more-than-sixty-four-characters-that-ends-with-query-handler", "", 400,
     "ValidationException"},
    {"an unknown function", ARN "billing", "", 404, "ResourceNotFoundException"},
    {"an ARN of another service", "arn%3Aaws%3As3%3A%3A%3Aquery-handler", "", 404,
     "ResourceNotFoundException"},
};

static void test_names_and_qualifiers(void **state)
{
    struct world *w = *state;

    for (size_t i = 0; i < ARRAY_LEN(names); i++) {
        struct visit_case c = {"", "POST", NULL, LIST, {GOOD}, 0, NULL, NULL};
        struct http_answer answer;

        print_message("# %s\n", names[i].title);
        c.path = arena_strf(w->arena, "/2015-03-31/functions/%s/invocations%s", names[i].name,
                            names[i].query)
                     .ptr;
        answer = visit(w, &c, 0);
        assert_int_equal(answer.status, names[i].status);
        if (names[i].type)
            assert_str(headers_get(&answer.headers, STR("X-Amzn-ErrorType")), names[i].type);
    }
}

static void test_every_visit_leaves_its_record(void **state)
{
    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(visits); i++) {
        const struct visit_case *c = &visits[i];
        void *made;
        struct world *w;
        struct http_answer answer;
        struct strs left;

        print_message("# %s\n", c->title);
        assert_int_equal(world_setup(&made), 0);
        w = made;
        answer = visit(w, c, 0);
        left = records(w);
        assert_int_equal(answer.status, c->status);
        if (c->answer)
            assert_true(str_contains(answer.body, str_from_z(c->answer)));
        assert_int_equal(left.len, c->record ? 1 : 0);
        if (c->record && !str_contains(left.items[0], str_from_z(c->record)))
            assert_str(left.items[0], c->record);
        for (size_t k = 0; k < left.len; k++) {
            struct str id = headers_get(&answer.headers, STR("x-amzn-RequestId"));

            assert_true(str_contains(left.items[k], id));
            assert_false(str_contains(left.items[k], STR("s3cret-guess")));
        }
        assert_int_equal(world_teardown(&made), 0);
    }
}

static void test_what_no_handler_saw_leaves_its_record(void **state)
{
    struct world *w = *state;
    const struct http_refusal why = {503, "UNAVAILABLE", "Too many requests are waiting"};
    struct http_request r = {.method = STR("GET"),
                             .target = STR("/protection-groups?s3cret-guess"),
                             .path = STR("/protection-groups"),
                             .query = STR("s3cret-guess"),
                             .peer = STR("192.0.2.7:4711")};
    struct headers headers = {0};
    struct strs left;

    edge_refused(w->edge, w->arena, &r, &why, &headers);
    assert_false(str_present(headers_get(&headers, STR("X-Amzn-ErrorType"))));
    edge_refused(w->edge, w->arena, &(struct http_request){0}, &why, &headers);
    left = records(w);
    assert_int_equal(left.len, 2);
    assert_true(str_contains(left.items[1],
                             STR(NOBODY "\"entry\":\"rest\",\"operation\":\"list_protection_groups"
                                        "\",\"request\":\"GET /protection-groups\",\"outcome\":"
                                        "\"REFUSED\",\"status\":503,\"error\":\"UNAVAILABLE\","
                                        "\"message\":\"Too many requests are waiting\"}")));
    assert_true(str_contains(left.items[0], headers_get(&headers, STR("x-amzn-RequestId"))));
}

static void test_an_invocation_that_no_handler_saw_has_the_error_of_lambda(void **state)
{
    static const struct {
        struct http_refusal why;
        const char *type;
    } refusals[] = {{{413, "TOO_LARGE", "large"}, "RequestTooLargeException"},
                    {{503, "UNAVAILABLE", "full"}, "ServiceUnavailableException"},
                    {{501, "INVALID_INVOCATION", "coded"}, "ServiceUnavailableException"},
                    {{400, "INVALID_INVOCATION", "twice"}, "InvalidRequestContentException"}};
    struct world *w = *state;
    struct http_request r = {
        .method = STR("POST"),
        .path = STR("/2015-03-31/functions/execution-handler/invocations"),
    };

    for (size_t i = 0; i < ARRAY_LEN(refusals); i++) {
        struct headers headers = {0};

        edge_refused(w->edge, w->arena, &r, &refusals[i].why, &headers);
        assert_str(headers_get(&headers, STR("X-Amzn-ErrorType")), refusals[i].type);
    }
}

/* ---- time ---- */

/* It has waited so long that the caller may be gone: it is not done any more. */
static void test_time_in_the_queue_counts(void **state)
{
    struct world *w = *state;
    struct visit_case late = {"", "GET", "/protection-groups", "", {GOOD}, 0, NULL, NULL};
    struct http_answer answer = visit(w, &late, 59999);

    assert_int_equal(answer.status, 200);
    answer = visit(w, &late, 60000);
    assert_int_equal(answer.status, 503);
    assert_str(headers_get(&answer.headers, STR("Retry-After")), "1");
    assert_true(str_contains(answer.body, STR("waited too long")));
    assert_true(str_contains(records(w).items[0], STR("\"error\":\"UNAVAILABLE\"")));
}

static void test_what_came_too_late_is_not_accepted_either(void **state)
{
    struct world *w = *state;
    struct visit_case late = {"", "POST", INVOKE, LIST, {GOOD, EVENT}, 0, NULL, NULL};
    struct http_answer answer = visit(w, &late, 60000);

    assert_int_equal(answer.status, 503);
    assert_str(headers_get(&answer.headers, STR("Retry-After")), "1");
    assert_str(headers_get(&answer.headers, STR("X-Amzn-ErrorType")),
               "ServiceUnavailableException");
    assert_int_equal(records(w).len, 1);
}

struct event_case {
    const char *title;
    const char *body;
    int fails; /* so many submits */
    int status;
};

static const struct event_case events[] = {
    {"a change that was made",
     "{\"operation\":\"delete_recovery_plan\",\"body\":{\"planId\":\"rp-1\"}}", 0, 202},
    {"a change that the record keeper lost",
     "{\"operation\":\"delete_recovery_plan\",\"body\":{\"planId\":\"rp-1\"}}", 1, 503},
    {"a change that another one has overtaken",
     "{\"operation\":\"update_recovery_plan\",\"body\":{\"planId\":\"rp-1\",\"version\":7}}", 0,
     503},
    {"a change that can never be made",
     "{\"operation\":\"delete_recovery_plan\",\"body\":{\"planId\":\"rp-2\"}}", 0, 202},
};

static void fail_first(void *context, bool *effect, bool *pass)
{
    int *fails = context;

    *effect = *pass = *fails <= 0;
    (*fails)--;
}

static void put_plan(struct world *w)
{
    struct plan_wave wave = {.wave_number = 1, .name = STR("one")};
    struct plan p = {
        .id = STR("rp-1"),
        .name = STR("web"),
        .name_fold = STR("web"),
        .status = PLAN_ACTIVE,
        .waves.items = &wave,
        .waves.len = 1,
        .version = 3,
    };
    struct write_set *ws = write_set_new(w->arena);

    (void)ws_put(ws, COLLECTION_PLANS, &p);
    assert_int_equal(store_submit(w->api.store, w->arena, ws, NULL), FAULT_NONE);
}

/* Nobody hears of it afterwards: who is told that it is accepted does not send it again. */
static void check_event(const struct event_case *c)
{
    struct visit_case post = {
        c->title, "POST",        "/2015-03-31/functions/data-management-handler/invocations",
        c->body,  {GOOD, EVENT}, 0,
        NULL,     NULL};
    struct gated_store gate;
    struct http_answer answer;
    int fails = c->fails;
    void *made;
    struct world *w;

    print_message("# %s\n", c->title);
    assert_int_equal(world_setup(&made), 0);
    w = made;
    put_plan(w);
    gated_store_init(&gate, w->api.store);
    gate.gate = fail_first;
    gate.context = &fails;
    w->api.store = &gate.store;
    answer = visit(w, &post, 0);
    assert_int_equal(answer.status, c->status);
    if (c->status == 503)
        assert_str(headers_get(&answer.headers, STR("X-Amzn-ErrorType")),
                   "ServiceUnavailableException");
    assert_int_equal(world_teardown(&made), 0);
}

static void test_an_event_is_accepted_when_its_change_is_made_or_can_never_be(void **state)
{
    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(events); i++)
        check_event(&events[i]);
}

#define CASE(f) cmocka_unit_test_setup_teardown(f, world_setup, world_teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_every_visit_leaves_its_record),
        CASE(test_names_and_qualifiers),
        CASE(test_what_no_handler_saw_leaves_its_record),
        CASE(test_an_invocation_that_no_handler_saw_has_the_error_of_lambda),
        CASE(test_time_in_the_queue_counts),
        CASE(test_what_came_too_late_is_not_accepted_either),
        cmocka_unit_test(test_an_event_is_accepted_when_its_change_is_made_or_can_never_be),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
