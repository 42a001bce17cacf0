#include "tests/unit/unit.h"

#include "base/buf.h"
#include "rules/plan_graph.h"

/* Plans as people write them: waves as JSON, and what becomes of them in one line. */
static struct plan plan_of(struct arena *a, const char *waves)
{
    static const struct field table[] = {
        F_LIST(struct plan, waves, "waves", struct plan_wave, plan_wave_fields, .max = 200,
               .help = "any"),
        F_END,
    };
    struct str text = arena_strf(a, "{\"waves\": %s}", waves);
    struct faults faults;
    struct field_decoding d = {.arena = a, .faults = &faults};
    const struct json *json;
    struct plan plan = {0};
    struct str why;

    faults_init(&faults, a);
    assert_int_equal(json_parse(a, text, &json, &why), FAULT_NONE);
    assert_int_equal(field_decode(&d, table, json, &plan), FAULT_NONE);
    return plan;
}

static void put_ints(struct buf *out, struct ints list)
{
    for (size_t i = 0; i < list.len; i++)
        buf_addf(out, "%s%lld", i ? "," : "", (long long)list.items[i]);
}

/* "1:pg-a+pg-b@1[] 2:pg-c@2[1]": number, groups, launch order, dependencies. */
static struct str shape_of(struct arena *a, const struct plan *plan)
{
    struct buf out = buf_new(a, 4096);

    for (size_t i = 0; i < plan->waves.len; i++) {
        const struct plan_wave *w = &plan->waves.items[i];

        buf_addf(&out, "%s%lld:", i ? " " : "", (long long)w->wave_number);
        for (size_t j = 0; j < w->protection_group_ids.len; j++)
            buf_addf(&out, "%s" STR_FMT, j ? "+" : "", STR_ARG(w->protection_group_ids.items[j]));
        if (w->protection_group_ids.len)
            assert_true(str_eq(w->protection_group_id, w->protection_group_ids.items[0]));
        assert_true(w->has_wave_number && w->has_launch_order);
        buf_addf(&out, "@%lld[", (long long)w->launch_order);
        put_ints(&out, w->depends_on_waves);
        buf_add_z(&out, "]");
    }
    return buf_str(&out);
}

static struct str words_of(struct arena *a, const struct faults *faults)
{
    struct buf out = buf_new(a, 4096);

    for (size_t i = 0; i < faults->len; i++)
        buf_addf(&out, "%s" STR_FMT, i ? "; " : "", STR_ARG(faults->items[i].message));
    return buf_str(&out);
}

struct expectation {
    const char *title;
    const char *waves;
    const char *before; /* stored waves, of an update */
    const char *shape;  /* of what is stored */
    enum fault fault;
    const char *words;
};

static const struct expectation cases[] = {
    {.title = "keeps numbers and makes each wave wait for the next lower one",
     .waves = "[{\"waveNumber\":1,\"waveName\":\"db\",\"protectionGroupId\":\"a\"},"
              "{\"waveNumber\":5,\"waveName\":\"web\",\"protectionGroupId\":\"c\"},"
              "{\"waveNumber\":3,\"waveName\":\"app\",\"protectionGroupId\":\"b\"}]",
     .shape = "1:a@1[] 5:c@5[3] 3:b@3[1]"},
    {.title = "takes what is said about dependencies and order",
     .waves = "[{\"waveNumber\":1,\"name\":\"db\",\"protectionGroupId\":\"a\",\"launchOrder\":7},"
              "{\"waveNumber\":2,\"name\":\"app\",\"protectionGroupId\":\"b\","
              "\"dependsOnWaves\":[]},{\"waveNumber\":3,\"name\":\"web\","
              "\"protectionGroupId\":\"c\",\"dependsOnWaves\":[2,1,2]}]",
     .shape = "1:a@7[] 2:b@2[] 3:c@3[1,2]"},
    {.title = "numbers waves by their order when none has a number",
     .waves = "[{\"name\":\"x\",\"protectionGroupId\":\"a\"},"
              "{\"name\":\"y\",\"protectionGroupId\":\"b\"}]",
     .shape = "1:a@1[] 2:b@2[1]"},
    {.title = "lets a wave start from zero",
     .waves = "[{\"waveNumber\":0,\"name\":\"x\",\"protectionGroupId\":\"a\"},"
              "{\"waveNumber\":1,\"name\":\"y\",\"protectionGroupId\":\"b\"}]",
     .shape = "0:a@0[] 1:b@1[0]"},
    {.title = "takes several groups in one wave, together",
     .waves = "[{\"waveNumber\":1,\"name\":\"x\",\"protectionGroupIds\":[\"a\",\"b\"]}]",
     .shape = "1:a+b@1[]"},
    {.title = "takes several entries as one wave, dependencies of all of them",
     .waves = "[{\"waveNumber\":1,\"name\":\"x\",\"protectionGroupId\":\"a\"},"
              "{\"waveNumber\":2,\"name\":\"y\",\"protectionGroupId\":\"b\"},"
              "{\"waveNumber\":3,\"name\":\"z\",\"protectionGroupId\":\"c\",\"launchOrder\":1,"
              "\"dependsOnWaves\":[2]},{\"waveNumber\":3,\"name\":\"z\",\"protectionGroupId\":"
              "\"d\",\"launchOrder\":2,\"dependsOnWaves\":[1]}]",
     .shape = "1:a@1[] 2:b@2[1] 3:c@1[1,2] 3:d@2[1,2]"},
    {.title = "an entry that says nothing follows the one of its wave that does",
     .waves = "[{\"waveNumber\":1,\"name\":\"x\",\"protectionGroupId\":\"a\"},"
              "{\"waveNumber\":2,\"name\":\"y\",\"protectionGroupId\":\"b\"},"
              "{\"waveNumber\":2,\"name\":\"y\",\"protectionGroupId\":\"c\","
              "\"dependsOnWaves\":[]}]",
     .shape = "1:a@1[] 2:b@2[] 2:c@2[]"},
    {.title = "both spellings of a group may agree",
     .waves = "[{\"waveNumber\":1,\"name\":\"x\",\"protectionGroupId\":\"a\","
              "\"protectionGroupIds\":[\"a\",\"b\"]}]",
     .shape = "1:a+b@1[]"},
    {.title = "the single spelling may name any of the several",
     .waves = "[{\"waveNumber\":1,\"name\":\"x\",\"protectionGroupId\":\"b\","
              "\"protectionGroupIds\":[\"a\",\"b\"]}]",
     .shape = "1:a+b@1[]"},
    {.title = "refuses spellings of a group that disagree",
     .waves = "[{\"waveNumber\":1,\"name\":\"x\",\"protectionGroupId\":\"c\","
              "\"protectionGroupIds\":[\"a\",\"b\"]}]",
     .fault = FAULT_INVALID_PARAMETER,
     .words = "'waves[0].protectionGroupIds' does not hold 'c', which 'protectionGroupId' names"},
    {.title = "in an update the stored list yields to a changed single group",
     .waves = "[{\"waveNumber\":1,\"name\":\"x\",\"protectionGroupId\":\"c\","
              "\"protectionGroupIds\":[\"a\"]}]",
     .before = "[{\"waveNumber\":1,\"name\":\"x\",\"protectionGroupId\":\"a\","
               "\"protectionGroupIds\":[\"a\"]}]",
     .shape = "1:c@1[]"},
    {.title = "in an update the stored single group yields to a changed list",
     .waves = "[{\"waveNumber\":1,\"name\":\"x\",\"protectionGroupId\":\"a\","
              "\"protectionGroupIds\":[\"b\",\"c\"]}]",
     .before = "[{\"waveNumber\":9,\"name\":\"x\",\"protectionGroupId\":\"a\","
               "\"protectionGroupIds\":[\"a\"]},{\"waveNumber\":1,\"name\":\"x\","
               "\"protectionGroupId\":\"a\",\"protectionGroupIds\":[\"a\"]}]",
     .shape = "1:b+c@1[]"},
    {.title = "what is stored of another wave settles nothing",
     .waves = "[{\"waveNumber\":1,\"name\":\"x\",\"protectionGroupId\":\"a\","
              "\"protectionGroupIds\":[\"b\"]}]",
     .before = "[{\"waveNumber\":2,\"name\":\"x\",\"protectionGroupId\":\"a\","
               "\"protectionGroupIds\":[\"a\"]}]",
     .fault = FAULT_INVALID_PARAMETER,
     .words = "'waves[0].protectionGroupIds' does not hold 'a', which 'protectionGroupId' names"},
    {.title = "a list that is only the beginning of the stored one has changed",
     .waves = "[{\"waveNumber\":1,\"name\":\"x\",\"protectionGroupId\":\"c\","
              "\"protectionGroupIds\":[\"a\"]}]",
     .before = "[{\"waveNumber\":1,\"name\":\"x\",\"protectionGroupId\":\"a\","
               "\"protectionGroupIds\":[\"a\",\"b\"]}]",
     .fault = FAULT_INVALID_PARAMETER,
     .words = "'waves[0].protectionGroupIds' does not hold 'c', which 'protectionGroupId' names"},
    {.title = "refuses a wave that the plan does not have",
     .waves = "[{\"waveNumber\":1,\"name\":\"x\",\"protectionGroupId\":\"a\","
              "\"dependsOnWaves\":[7]}]",
     .fault = FAULT_INVALID_PARAMETER,
     .words = "'waves[0].dependsOnWaves' names wave 7, which the plan does not have"},
    {.title = "refuses a wave that waits for itself",
     .waves = "[{\"waveNumber\":4,\"name\":\"x\",\"protectionGroupId\":\"a\","
              "\"dependsOnWaves\":[4]}]",
     .fault = FAULT_INVALID_PARAMETER,
     .words = "'waves[0].dependsOnWaves': wave 4 depends on itself"},
    {.title = "refuses a circle and shows it, without the waves that only lead there",
     .waves = "[{\"waveNumber\":1,\"name\":\"x\",\"protectionGroupId\":\"a\","
              "\"dependsOnWaves\":[2]},{\"waveNumber\":2,\"name\":\"x\",\"protectionGroupId\":"
              "\"b\",\"dependsOnWaves\":[5,3]},{\"waveNumber\":3,\"name\":\"x\","
              "\"protectionGroupId\":\"c\",\"dependsOnWaves\":[2]},{\"waveNumber\":5,\"name\":"
              "\"x\",\"protectionGroupId\":\"d\",\"dependsOnWaves\":[]}]",
     .fault = FAULT_INVALID_PARAMETER,
     .words = "Circular wave dependencies: 2 -> 3 -> 2"},
    {.title = "shows a circle whose waves also wait for one that is free",
     .waves = "[{\"waveNumber\":1,\"name\":\"x\",\"protectionGroupId\":\"a\","
              "\"dependsOnWaves\":[]},{\"waveNumber\":2,\"name\":\"x\",\"protectionGroupId\":"
              "\"b\",\"dependsOnWaves\":[1,3]},{\"waveNumber\":3,\"name\":\"x\","
              "\"protectionGroupId\":\"c\",\"dependsOnWaves\":[1,2]}]",
     .fault = FAULT_INVALID_PARAMETER,
     .words = "Circular wave dependencies: 2 -> 3 -> 2"},
    {.title = "refuses a group that is in the plan twice",
     .waves = "[{\"waveNumber\":1,\"name\":\"x\",\"protectionGroupId\":\"a\"},"
              "{\"waveNumber\":2,\"name\":\"x\",\"protectionGroupIds\":[\"b\",\"a\"]}]",
     .fault = FAULT_INVALID_PARAMETER,
     .words = "Protection group 'a' is in the plan twice"},
    {.title = "reports every fault of the stage",
     .waves = "[{\"waveNumber\":1,\"name\":\"x\",\"protectionGroupId\":\"a\","
              "\"dependsOnWaves\":[1,9]},{\"waveNumber\":2,\"name\":\"x\","
              "\"protectionGroupId\":\"a\"}]",
     .fault = FAULT_INVALID_PARAMETER,
     .words = "'waves[0].dependsOnWaves': wave 1 depends on itself; 'waves[0].dependsOnWaves' "
              "names wave 9, which the plan does not have; Protection group 'a' is in the plan "
              "twice"},
    {.title = "a number is missing when others have one",
     .waves = "[{\"waveNumber\":1,\"name\":\"x\",\"protectionGroupId\":\"a\"},"
              "{\"name\":\"y\"}]",
     .fault = FAULT_MISSING_PARAMETER,
     .words = "'waves[1].waveNumber' is required; 'waves[1].protectionGroupId' is required"},
    {.title = "an empty list of groups is none",
     .waves = "[{\"waveNumber\":1,\"name\":\"x\",\"protectionGroupIds\":[]}]",
     .fault = FAULT_MISSING_PARAMETER,
     .words = "'waves[0].protectionGroupId' is required"},
};

static void check_case(const struct expectation *e)
{
    struct arena *a = arena_new(0);
    struct plan plan = plan_of(a, e->waves);
    struct plan before = plan_of(a, e->before ? e->before : "[]");
    struct faults faults;
    enum fault f;

    print_message("# %s\n", e->title);
    faults_init(&faults, a);
    f = plan_waves_complete(&plan.waves, &faults);
    if (!f)
        f = plan_waves_resolve(a, &plan.waves, e->before ? &before.waves : NULL, &faults);
    assert_int_equal(f, e->fault);
    assert_int_equal(faults_first(&faults), e->fault);
    assert_str(words_of(a, &faults), e->words ? e->words : "");
    if (!f)
        assert_str(shape_of(a, &plan), e->shape);
    arena_free(a);
}

static void test_waves_as_they_are_stored(void **state)
{
    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(cases); i++)
        check_case(&cases[i]);
}

/* A long chain in the wrong order: what the fixed point has to get through. */
static void test_a_chain_of_all_waves_is_no_circle(void **state)
{
    struct arena *a = arena_new(0);
    struct plan plan = {
        .waves = {arena_array_of(a, PLAN_WAVES_MAX, struct plan_wave), PLAN_WAVES_MAX}};
    struct faults faults;

    (void)state;
    faults_init(&faults, a);
    for (size_t i = 0; i < PLAN_WAVES_MAX; i++) {
        struct plan_wave *w = &plan.waves.items[i];

        w->wave_number = (int64_t)i;
        w->protection_group_id = arena_strf(a, "pg-%zu", i);
        w->depends_on_waves = (struct ints){arena_array_of(a, 1, int64_t), i + 1 < PLAN_WAVES_MAX};
        w->depends_on_waves.items[0] = (int64_t)i + 1;
    }
    assert_int_equal(plan_waves_resolve(a, &plan.waves, NULL, &faults), FAULT_NONE);
    plan.waves.items[PLAN_WAVES_MAX - 1].depends_on_waves = (struct ints){(int64_t[]){0}, 1};
    assert_int_equal(plan_waves_resolve(a, &plan.waves, NULL, &faults), FAULT_INVALID_PARAMETER);
    arena_free(a);
}

static void test_sizes_are_those_of_whole_waves(void **state)
{
    struct arena *a = arena_new(0);
    struct plan plan =
        plan_of(a, "[{\"waveNumber\":2,\"name\":\"x\"},{\"waveNumber\":1,\"name\":\"x\"},"
                   "{\"waveNumber\":2,\"name\":\"x\"}]");
    wave_size_list sizes;
    wave_size_list too_large;

    (void)state;
    plan.waves.items[0].server_count = 60;
    plan.waves.items[1].server_count = 100;
    plan.waves.items[2].server_count = 41;
    sizes = plan_wave_sizes(a, &plan.waves);
    assert_int_equal(sizes.len, 2);
    assert_int_equal(sizes.items[0].wave_number, 1);
    assert_int_equal(sizes.items[0].server_count, 100);
    assert_int_equal(sizes.items[1].server_count, 101);
    too_large = plan_waves_too_large(a, &sizes, 100);
    assert_int_equal(too_large.len, 1);
    assert_str(plan_waves_too_large_text(a, &too_large, 100), "Wave 2 has 101 servers, max is 100");
    too_large = plan_waves_too_large(a, &sizes, 99);
    assert_str(plan_waves_too_large_text(a, &too_large, 99),
               "Wave 1 has 100 servers, max is 99; Wave 2 has 101 servers, max is 99");
    arena_free(a);
}

static void test_groups_are_listed_once(void **state)
{
    struct arena *a = arena_new(0);
    struct plan plan = plan_of(a, "[{\"name\":\"x\",\"protectionGroupIds\":[\"b\",\"a\"]},"
                                  "{\"name\":\"y\",\"protectionGroupIds\":[\"a\"]}]");
    struct strs ids = plan_group_ids(a, &plan.waves);

    (void)state;
    assert_int_equal(ids.len, 2);
    assert_str(ids.items[0], "b");
    assert_str(ids.items[1], "a");
    arena_free(a);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_waves_as_they_are_stored),
        cmocka_unit_test(test_a_chain_of_all_waves_is_no_circle),
        cmocka_unit_test(test_sizes_are_those_of_whole_waves),
        cmocka_unit_test(test_groups_are_listed_once),
    };

    return cmocka_run_group_tests_name("plan graph", tests, NULL, NULL);
}
