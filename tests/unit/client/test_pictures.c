#include "tests/unit/unit.h"

#include "edge/client/client_internal.h"
#include "edge/client/watch.h"
#include "tests/unit/client/rows.h"

static struct arena *arena;

static int setup(void **state)
{
    (void)state;
    arena = arena_new(0);
    return 0;
}

static int teardown(void **state)
{
    (void)state;
    arena_free(arena);
    return 0;
}

static const struct json *parsed(const char *text)
{
    const struct json *out = NULL;
    struct str why = {0};

    if (json_parse(arena, str_from_z(text), &out, &why) != FAULT_NONE)
        print_error(STR_FMT "\n", STR_ARG(why));
    assert_non_null(out);
    return out;
}

#define WAVE_ONE                                                                                \
    "{\"waveNumber\":1,\"name\":\"database\",\"status\":\"COMPLETED\",\"serverCount\":1,"       \
    "\"startedAt\":\"2026-01-31T12:00:00Z\",\"endedAt\":\"2026-01-31T12:01:05Z\",\"servers\":[" \
    "{\"sourceServerId\":\"s-1\",\"hostname\":\"db-1\",\"status\":\"LAUNCHED\","                \
    "\"instanceId\":\"i-1\"}]}"

#define RUN(status, second)                                                                      \
    "{\"executionId\":\"exec-1\",\"planName\":\"three\",\"executionType\":\"DRILL\",\"status\":" \
    "\"" status                                                                                  \
    "\",\"outcome\":\"SUCCEEDED\",\"startedAt\":\"2026-01-31T12:00:00Z\",\"waves\":[" WAVE_ONE   \
    ",{\"waveNumber\":2,\"name\":\"web\",\"status\":\"" second                                   \
    "\",\"serverCount\":3,\"launchedCount\":1,\"servers\":[]}]}"

static int64_t noon_and(int64_t seconds)
{
    return INT64_C(1769860800000) + seconds * 1000;
}

static struct str drawn(const char *text, size_t columns, size_t height, size_t *lines)
{
    struct buf b = buf_new(arena, 1 << 20);
    struct picture p = {
        .arena = arena, .out = &b, .now_ms = noon_and(90), .columns = columns, .rows = height};

    draw_execution(&p, parsed(text));
    *lines = p.lines;
    return buf_str(&b);
}

static void test_picture(void **state)
{
    size_t lines;
    struct str text = drawn(RUN("PAUSED", "WAITING_APPROVAL"), 100, 40, &lines);

    (void)state;
    assert_int_equal(lines, 4);
    assert_true(str_contains(text, STR("three  DRILL  PAUSED  1 min 30 s")));
    assert_true(str_contains(text, STR("wave 1   database             COMPLETED         "
                                       "[##########] 1/1  1 min 05 s")));
    assert_true(str_contains(text, STR("db-1                     LAUNCHED    i-1")));
    assert_true(str_contains(text, STR("WAITING_APPROVAL  [###.......] 1/3")));
}

static void test_picture_fits(void **state)
{
    size_t lines;
    struct str text = drawn(RUN("RUNNING", "STARTED"), 20, 7, &lines);
    struct str rest = text;

    (void)state;
    assert_int_equal(lines, 3); /* no room for servers */
    while (str_present(rest)) {
        struct str line = str_cut(&rest, '\n');

        if (str_starts(line, STR("\033[")))
            line = str_slice(line, 5, line.len - 4);
        assert_true(text_width(line) < 20);
    }
}

/* Each line of a picture, without its colour. */
static void check_lines(struct str text, size_t columns, size_t height)
{
    size_t lines = 0;

    for (; str_present(text); lines++) {
        struct str line = str_cut(&text, '\n');

        if (str_starts(line, STR("\033[")))
            line = str_slice(line, 5, line.len - 4);
        assert_true(text_width(line) < columns);
        assert_true(str_find(line, 27) < 0);
    }
    assert_true(lines <= height);
}

/* Names of other people's machines: wide characters, marks, and what would move the cursor. */
static void test_names_of_any_kind_keep_the_columns(void **state)
{
    const char *text =
        "{\"planName\":\"\\u6771\\u4eac\",\"status\":\"RUNNING\",\"waves\":[{\"waveNumber\":1,"
        "\"name\":\"\\u6771\\u4eac\\u6771\\u4eac\",\"status\":\"STARTED\",\"servers\":[{"
        "\"hostname\":\"e\\u0301\\u001b[2Jx\",\"status\":\"LAUNCHED\",\"instanceId\":\"i-1\"}]}]}";
    size_t lines;
    struct str wide = drawn(text, 100, 40, &lines);

    (void)state;
    check_lines(wide, 100, 40);
    assert_true(str_contains(
        wide, STR("\346\235\261\344\272\254\346\235\261\344\272\254             STARTED")));
    assert_true(str_contains(wide, STR("e\314\201 [2Jx                   LAUNCHED")));
    for (size_t columns = 1; columns < 60; columns++)
        check_lines(drawn(text, columns, 40, &lines), columns, 40);
}

static void test_a_plan_higher_than_the_terminal_shows_where_it_is(void **state)
{
    struct buf b = buf_new(arena, 1 << 20);
    size_t lines;

    (void)state;
    buf_add_z(&b, "{\"planName\":\"p\",\"status\":\"RUNNING\",\"waves\":[");
    for (int i = 1; i <= 30; i++)
        buf_addf(&b, "%s{\"waveNumber\":%d,\"name\":\"w\",\"status\":\"%s\",\"servers\":[]}",
                 i > 1 ? "," : "", i,
                 i < 12    ? "COMPLETED"
                 : i == 12 ? "STARTED"
                           : "PENDING");
    buf_add_z(&b, "]}");
    for (size_t high = 1; high < 60; high++) {
        struct str text = drawn(buf_str(&b).ptr, 80, high, &lines);

        check_lines(text, 80, high > 6 ? high - 3 : 3);
        assert_true(str_contains(text, STR("wave 12 ")));
    }
    assert_true(str_contains(drawn(buf_str(&b).ptr, 80, 15, &lines),
                             STR("  and 11 waves before, 10 after\n")));
}

static struct str prompted(size_t columns)
{
    struct buf b = buf_new(arena, 4096);
    struct picture p = {.arena = arena, .out = &b, .columns = columns, .rows = 9};

    draw_prompt(&p, STR("wave 2 waits for approval:"), STR("r resume   q stop watching"));
    return buf_str(&b);
}

static void test_a_narrow_terminal_shows_the_keys_too(void **state)
{
    (void)state;
    assert_str(prompted(80), "wave 2 waits for approval:   r resume   q stop watching\n");
    assert_str(prompted(40), "wave 2 waits for approval:\nr resume   q stop watching\n");
}

static struct str told(const char *before, const char *now)
{
    struct buf b = buf_new(arena, 1 << 20);
    struct picture p = {.arena = arena, .out = &b, .now_ms = noon_and(7), .columns = 100};

    draw_changes(&p, before ? parsed(before) : NULL, parsed(now));
    return buf_str(&b);
}

static void test_changes(void **state)
{
    (void)state;
    assert_str(told(RUN("RUNNING", "PENDING"), RUN("PAUSED", "WAITING_APPROVAL")),
               "       7 s  wave 2 web: WAITING_APPROVAL\n"
               "       7 s  execution: PAUSED\n");
    assert_str(told(RUN("RUNNING", "PENDING"), RUN("RUNNING", "PENDING")), "");
    assert_str(told(NULL, RUN("RUNNING", "PENDING")),
               "       7 s  wave 1 database: COMPLETED\n"
               "       7 s  wave 1 database: db-1 LAUNCHED i-1\n"
               "       7 s  wave 2 web: PENDING\n"
               "       7 s  execution: RUNNING\n");
}

static void test_summary(void **state)
{
    struct buf b = buf_new(arena, 1 << 20);
    struct picture p = {.arena = arena, .out = &b, .now_ms = noon_and(7)};

    (void)state;
    draw_summary(&p, parsed(RUN("COMPLETED", "COMPLETED")));
    assert_true(str_contains(buf_str(&b), STR("DRILL of three: COMPLETED, SUCCEEDED in 7 s")));
    assert_true(str_contains(buf_str(&b), STR("1/1 launched  from 2026-01-31T12:00:00Z  in 1 min "
                                              "05 s")));
    assert_true(str_contains(buf_str(&b), STR("LAUNCHED    i-1")));
}

#define TROUBLED(status)                                                                         \
    "{\"planName\":\"three\",\"executionType\":\"DRILL\",\"status\":\"" status                   \
    "\",\"startedAt\":\"2026-01-31T12:00:00Z\",\"errorCode\":\"AccessDenied\",\"errorMessage\":" \
    "\"Wave 1 (db): "                                                                            \
    "may\\nnot\",\"waves\":[{\"waveNumber\":1,\"name\":\"db\",\"status\":\"FAILED\","            \
    "\"errorCode\":\"AccessDenied\",\"errorMessage\":\"may "                                     \
    "not\",\"servers\":[{\"sourceServerId\":"                                                    \
    "\"s-1\",\"status\":\"FAILED\",\"errorCode\":\"A\",\"errorMessage\":\"why\"}]}]}"

/* What stands in the way is seen while it does, and after the end. */
static void test_trouble(void **state)
{
    static const char *const well =
        "{\"status\":\"RUNNING\",\"startedAt\":\"2026-01-31T12:00:00Z\",\"waves\":[]}";
    struct buf b = buf_new(arena, 1 << 20);
    struct picture p = {.arena = arena, .out = &b, .now_ms = noon_and(7)};
    size_t lines;
    struct str text = drawn(TROUBLED("RUNNING"), 100, 40, &lines);

    (void)state;
    assert_int_equal(lines, 4);
    assert_true(str_contains(text, STR("  AccessDenied: Wave 1 (db): may not")));
    (void)drawn(TROUBLED("RUNNING"), 100, 7, &lines);
    assert_int_equal(lines, 3); /* it takes the room of a server */
    text = told(well, TROUBLED("RUNNING"));
    assert_true(str_contains(text, STR("s-1 FAILED A: why")));
    assert_true(
        str_contains(text, STR("execution: RUNNING  AccessDenied: Wave 1 (db): may not\n")));
    assert_true(str_contains(told(TROUBLED("RUNNING"), well), STR("execution: RUNNING\n")));
    draw_summary(&p, parsed(TROUBLED("FAILED")));
    assert_true(str_contains(buf_str(&b), STR("\n  AccessDenied: Wave 1 (db): may not\n")));
    assert_true(str_contains(buf_str(&b), STR("\n    AccessDenied: may not\n")));
    assert_true(str_contains(buf_str(&b), STR("A: why")));
}

/* What a source server calls itself is no command to the terminal. */
static void test_names_are_no_commands(void **state)
{
    static const struct {
        const char *text;
        const char *plain;
    } names[] = {
        {"web\x1b[31m\x7f\n", "web [31m  "},
        {"a\xc2\x9b"
         "2J",
         "a  2J"},
        {"\xe2\x80\xae"
         "exe",
         "   exe"},
        {"\xe2\x81\xa6x", "   x"},
        {"caf\xc3\xa9 \xe2\x82\xac", "caf\xc3\xa9 \xe2\x82\xac"},
        {"\xc2\xa0\xe2\x80\xa9", "\xc2\xa0\xe2\x80\xa9"},
        {"\xe2", "\xe2"},
        {"", ""},
    };

    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(names); i++)
        assert_str(text_plain(arena, str_from_z(names[i].text)), names[i].plain);
}

static void test_durations(void **state)
{
    (void)state;
    assert_str(draw_duration(arena, -1), "0 s");
    assert_str(draw_duration(arena, 59999), "59 s");
    assert_str(draw_duration(arena, 60000), "1 min 00 s");
    assert_str(draw_duration(arena, 3600000), "1 h 00 min");
}

/* ---- answers as tables ---- */

static void test_table_reads_each_member_once(void **state)
{
    struct buf b = buf_new(arena, 1 << 20);

    (void)state;
    output_table(&b, row_params,
                 parsed("{\"groupId\":\"pg-1\",\"name\":\"web\",\"groupName\":\"web\","
                        "\"serverSelectionTags\":{\"Tier\":\"web\"},\"sourceServerIds\":[],"
                        "\"waves\":[{\"waveNumber\":1,\"name\":\"caf\\u00e9\",\"waveName\":"
                        "\"caf\\u00e9\",\"pauseBeforeWave\":true},"
                        "{\"waveNumber\":22,\"name\":\"a\\nb\",\"dependsOnWaves\":[1,2]}]}"),
                 0);
    assert_str(buf_str(&b), "groupId              pg-1\n"
                            "name                 web\n"
                            "sourceServerIds      -\n"
                            "serverSelectionTags  Tier=web\n"
                            "\n"
                            "waves (2)\n"
                            "waveNumber  name  dependsOnWaves  pauseBeforeWave\n"
                            "----------  ----  --------------  ---------------\n"
                            "1           caf\303\251  -               true\n"
                            "22          a b   1, 2            -\n");
}

static void test_table_fits_the_terminal(void **state)
{
    struct buf b = buf_new(arena, 1 << 20);

    (void)state;
    output_table(&b, row_params,
                 parsed("{\"waves\":[{\"waveNumber\":1,\"name\":\"db\",\"dependsOnWaves\":[1],"
                        "\"pauseBeforeWave\":true}]}"),
                 20);
    assert_str(buf_str(&b), "waves (1)\n"
                            "waveNumber  name\n"
                            "----------  ----\n"
                            "1           db\n"
                            "(not shown: dependsOnWaves, pauseBeforeWave)\n");
}

static void test_text_keeps_columns(void **state)
{
    struct buf b = buf_new(arena, 1 << 20);

    (void)state;
    output_text(arena, &b, item_fields, parsed("{\"waveNumber\":1,\"pauseBeforeWave\":true}"));
    assert_str(buf_str(&b), "ANSWER\t1\tNone\tNone\ttrue\n");
}

static void test_query(void **state)
{
    static const struct {
        const char *path;
        const char *json; /* NULL: no path */
    } cases[] = {
        {"a", "1"},          {"b.c", "\"x\""},      {"nothing.at.all", "null"},
        {"d[1].e", "2"},     {"d[7].e", "null"},    {"d[].e", "[1,2]"},
        {"d[*].e", "[1,2]"}, {"d[].nothing", "[]"}, {"d[0]", "{\"e\":1}"},
        {"", NULL},          {"a..b", NULL},        {"d[x]", NULL},
        {"d[1", NULL},       {"d[-1]", NULL},
    };
    const struct json *v = parsed("{\"a\":1,\"b\":{\"c\":\"x\"},\"d\":[{\"e\":1},{\"e\":2}]}");

    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        const struct json *out;

        assert_int_equal(query_is_path(str_from_z(cases[i].path)), cases[i].json != NULL);
        assert_int_equal(query(arena, v, str_from_z(cases[i].path), &out), cases[i].json != NULL);
        if (cases[i].json)
            assert_str(json_text(arena, out), cases[i].json);
    }
}

static void test_verdict(void **state)
{
    static const struct {
        const char *execution;
        int verdict; /* enum client_exit */
    } cases[] = {
        {"{\"status\":\"COMPLETED\",\"outcome\":\"SUCCEEDED\"}", CLIENT_DONE},
        {"{\"status\":\"COMPLETED\",\"outcome\":\"COMPLETED_WITH_SKIPS\"}", CLIENT_ENDED_SKIPPING},
        {"{\"status\":\"COMPLETED\"}", CLIENT_ENDED_BADLY},
        {"{\"status\":\"FAILED\",\"outcome\":\"PARTIAL\"}", CLIENT_ENDED_BADLY},
        {"{\"status\":\"FAILED\",\"outcome\":\"TIMED_OUT\"}", CLIENT_ENDED_BADLY},
        {"{\"status\":\"CANCELLED\",\"outcome\":\"CANCELLED\"}", CLIENT_ENDED_BADLY},
    };

    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(cases); i++)
        assert_int_equal(watch_verdict(parsed(cases[i].execution)), cases[i].verdict);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_picture, setup, teardown),
        cmocka_unit_test_setup_teardown(test_picture_fits, setup, teardown),
        cmocka_unit_test_setup_teardown(test_names_of_any_kind_keep_the_columns, setup, teardown),
        cmocka_unit_test_setup_teardown(test_a_plan_higher_than_the_terminal_shows_where_it_is,
                                        setup, teardown),
        cmocka_unit_test_setup_teardown(test_a_narrow_terminal_shows_the_keys_too, setup, teardown),
        cmocka_unit_test_setup_teardown(test_changes, setup, teardown),
        cmocka_unit_test_setup_teardown(test_summary, setup, teardown),
        cmocka_unit_test_setup_teardown(test_verdict, setup, teardown),
        cmocka_unit_test_setup_teardown(test_trouble, setup, teardown),
        cmocka_unit_test_setup_teardown(test_names_are_no_commands, setup, teardown),
        cmocka_unit_test_setup_teardown(test_durations, setup, teardown),
        cmocka_unit_test_setup_teardown(test_table_reads_each_member_once, setup, teardown),
        cmocka_unit_test_setup_teardown(test_table_fits_the_terminal, setup, teardown),
        cmocka_unit_test_setup_teardown(test_text_keeps_columns, setup, teardown),
        cmocka_unit_test_setup_teardown(test_query, setup, teardown),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
