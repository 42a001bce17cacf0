/* Lists that leave rows out: what one call may cost, and that the next page goes on from there. */
#include "tests/unit/ops/desk.h"

#include "model/execution.h"
#include "model/group.h"
#include "model/plan.h"
#include "rules/roles.h"

enum {
    ROWS = 1000,   /* of each list */
    SERVERS = 200, /* of each group */
    CALL_ARENA = 1 << 20,
    PAGES = 100, /* that one call looks at */
};

#define ACCOUNT "111111111111"
#define RARE    "222222222222"
#define REGION  "us-east-1"
#define RARE_AT "eu-west-1"

static struct str numbered(struct desk *d, const char *what, int i)
{
    return arena_strf(d->arena, "%s-%04d", what, i);
}

/* The rarest comes last in its list. */
static bool rare(int i)
{
    return i == ROWS - 1;
}

static void put_execution(struct desk *d, struct write_set *ws, int i)
{
    struct execution e = {
        .id = numbered(d, "exec", i),
        .plan_id = STR("plan"),
        .account_id = rare(i) ? STR(RARE) : STR(ACCOUNT),
        .status = EXECUTION_COMPLETED,
        .started_at = 10000 - i,
    };

    (void)ws_put(ws, COLLECTION_EXECUTIONS, &e);
}

static void put_group(struct desk *d, struct write_set *ws, int i)
{
    static struct group_server servers[SERVERS];
    static struct str ids[SERVERS];
    struct group g = {
        .id = numbered(d, "pg", i),
        .name = numbered(d, "group", i),
        .name_fold = numbered(d, "group", i),
        .account_id = STR(ACCOUNT),
        .region = rare(i) ? STR(RARE_AT) : STR(REGION),
        .selection_mode = 1,
        .server_ids = {ids, SERVERS},
        .server_count = SERVERS,
        .servers.items = servers,
        .servers.len = SERVERS,
        .version = 1,
    };

    for (int s = 0; s < SERVERS; s++) {
        ids[s] = numbered(d, "s-00000000000000", s);
        servers[s] = (struct group_server){.server_id = ids[s], .hostname = ids[s]};
    }
    (void)ws_put(ws, COLLECTION_GROUPS, &g);
}

static void put_plan(struct desk *d, struct write_set *ws, int i)
{
    struct str id = numbered(d, "pg", i % 40);
    struct plan_wave wave = {
        .wave_number = 1, .name = STR("one"), .protection_group_ids = {&id, 1}};
    struct plan p = {
        .id = numbered(d, "rp", i),
        .name = numbered(d, "plan", i),
        .name_fold = numbered(d, "plan", i),
        .status = rare(i) ? PLAN_INACTIVE : PLAN_ACTIVE,
        .waves.items = &wave,
        .waves.len = 1,
        .version = 1,
    };

    (void)ws_put(ws, COLLECTION_PLANS, &p);
}

static void fill(struct desk *d, void (*put)(struct desk *, struct write_set *, int), int rows)
{
    for (int i = ROWS - rows; i < ROWS;) {
        struct write_set *ws = write_set_new(d->arena);
        struct refusal why;

        for (int n = 0; n < 50 && i < ROWS; n++)
            put(d, ws, i++);
        assert_int_equal(store_submit(d->store, d->arena, ws, &why), FAULT_NONE);
    }
}

/* In an arena as a request has one, only smaller: what is asked for past it ends the process. */
static const struct json *list(struct desk *d, const char *function, struct str event)
{
    SCOPED(arena_scope_end) struct arena *a = arena_new(CALL_ARENA);
    struct str role = STR(ROLE_ADMIN);
    struct api_event e = {
        .arena = a,
        .function_name = str_from_z(function),
        .payload = event,
        .principal = {STR("arn:aws:iam::123456789012:user/me"), STR("sigv4"), {&role, 1}},
        .request_id = STR("request-1"),
    };
    const struct json *answer;
    struct reply reply = {0};
    struct str why;

    api_invoke(&d->api, &e, &reply);
    if (reply.status != 200)
        fail_msg("status %d: " STR_FMT, reply.status, STR_ARG(reply.body));
    assert_int_equal(json_parse(d->arena, arena_str(d->arena, reply.body), &answer, &why),
                     FAULT_NONE);
    return answer;
}

struct list_case {
    const char *title;
    const char *function;
    const char *operation;
    const char *filter; /* one row has it, the last */
    const char *rows;   /* member of the answer */
    const char *id;     /* member of a row */
    const char *found;
    void (*put)(struct desk *, struct write_set *, int);
    int put_rows;
    int limit;
};

static const struct list_case cases[] = {
    {"executions", "x-execution-handler-test", "list_executions", "\"accountId\":\"" RARE "\"",
     "executions", "executionId", "exec-0999", put_execution, ROWS, 1},
    {"groups", "x-data-management-handler-test", "list_protection_groups",
     "\"region\":\"" RARE_AT "\"", "groups", "groupId", "pg-0999", put_group, 300, 2},
    {"plans", "x-data-management-handler-test", "list_recovery_plans", "\"status\":\"INACTIVE\"",
     "plans", "planId", "rp-0999", put_plan, ROWS, 1},
};

/* However few match, a call looks at so many pages, and what it needs does not grow with them. */
static void check_sparse(const struct list_case *c)
{
    struct desk *d = desk_new(NULL, 0);
    struct str token = {0};
    const struct json *rows;
    int calls = 0;

    print_message("# %s\n", c->title);
    fill(d, c->put, c->put_rows);
    do {
        struct str go_on =
            str_present(token)
                ? arena_strf(d->arena, ",\"nextToken\":\"" STR_FMT "\"", STR_ARG(token))
                : STR("");
        const struct json *answer =
            list(d, c->function,
                 arena_strf(d->arena,
                            "{\"operation\":\"%s\",\"queryParams\":{%s,\"limit\":%d" STR_FMT "}}",
                            c->operation, c->filter, c->limit, STR_ARG(go_on)));

        rows = json_get_z(answer, c->rows);
        token = json_str(json_get_z(answer, "nextToken"));
        calls++;
        assert_int_equal(rows->len, str_present(token) ? 0 : 1);
        assert_true(calls <= 1 + c->put_rows / (PAGES * c->limit));
    } while (str_present(token));
    assert_int_equal(calls, (c->put_rows + PAGES * c->limit - 1) / (PAGES * c->limit));
    assert_true(str_eq_z(json_str(json_get_z(&rows->items[0], c->id)), c->found));
    desk_free(d);
}

static void test_a_sparse_list_takes_bounded_calls(void **state)
{
    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(cases); i++)
        check_sparse(&cases[i]);
}

/* Of a group a list shows no servers, and of a plan's groups their names and servers alone. */
static void test_what_a_list_leaves_out_of_a_row_costs_nothing(void **state)
{
    struct desk *d = desk_new(NULL, 0);
    const struct json *answer;

    (void)state;
    fill(d, put_group, ROWS);
    fill(d, put_plan, ROWS);
    answer = list(d, "x-data-management-handler-test",
                  STR("{\"operation\":\"list_protection_groups\",\"queryParams\":{\"limit\":15}}"));
    assert_int_equal(json_get_z(answer, "groups")->len, 15);
    assert_int_equal(json_get_z(&json_get_z(answer, "groups")->items[7], "serverCount")->integer,
                     SERVERS);
    answer = list(d, "x-data-management-handler-test",
                  STR("{\"operation\":\"list_recovery_plans\",\"queryParams\":{\"limit\":15}}"));
    assert_int_equal(json_get_z(answer, "plans")->len, 15);
    assert_int_equal(json_get_z(&json_get_z(answer, "plans")->items[7], "totalServers")->integer,
                     SERVERS);
    desk_free(d);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_a_sparse_list_takes_bounded_calls),
        cmocka_unit_test(test_what_a_list_leaves_out_of_a_row_costs_nothing),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
