#include "tests/unit/unit.h"

#include <unistd.h>

#include "tests/unit/client/rows.h"

static struct arena *arena;
static struct client client;

static int setup(void **state)
{
    (void)state;
    arena = arena_new(0);
    client = (struct client){.arena = arena, .operations = &row_set};
    return 0;
}

static int teardown(void **state)
{
    (void)state;
    arena_free(arena);
    return 0;
}

enum { WORDS_MAX = 64 };

/* Cuts a line as a shell would, for what examples hold: blanks, single and double quotes. */
static size_t shell_words(const char *line, const char *words[WORDS_MAX])
{
    size_t n = 0;

    while (*line) {
        struct buf word = buf_new(arena, 4096);
        char quote = 0;

        while (*line == ' ')
            line++;
        if (!*line)
            break;
        for (; *line && (quote || *line != ' '); line++) {
            if (*line == quote)
                quote = 0;
            else if (!quote && (*line == '\'' || *line == '"'))
                quote = *line;
            else
                buf_add_char(&word, *line);
        }
        assert_int_equal(quote, 0);
        assert_true(n < WORDS_MAX);
        words[n++] = arena_str(arena, word.len ? buf_str(&word) : STR("")).ptr;
    }
    return n;
}

/* What the flags come to, as compact JSON; what was said on standard error is in *said. */
static int parse(const char *const *words, struct str *json, struct str *said)
{
    const char *copy[32];
    const struct json *out = NULL;
    size_t n = 0;
    int saved = dup(STDERR_FILENO);
    FILE *file = tmpfile();
    char *text = arena_alloc(arena, 4096);
    int code;

    assert_non_null(file);
    while (words[n]) {
        copy[n] = words[n];
        n++;
    }
    assert_int_equal(dup2(fileno(file), STDERR_FILENO), STDERR_FILENO);
    code = flags_parse(&client, &row, (struct words){copy, n}, &out);
    (void)fflush(stderr);
    assert_int_equal(dup2(saved, STDERR_FILENO), STDERR_FILENO);
    (void)close(saved);
    rewind(file);
    *said = (struct str){text, fread(text, 1, 4095, file)};
    (void)fclose(file);
    *json = code ? (struct str){0} : json_text(arena, out);
    return code;
}

#define ID "--group-id", "pg-1", "--version", "3"

struct value_case {
    const char *words[12];
    const char *json; /* of what comes after the id and the version; NULL: refused */
};

static void check_value(const struct value_case *c)
{
    struct str json;
    struct str said;
    int code = parse(c->words, &json, &said);

    if (code != (c->json ? 0 : CLIENT_USAGE))
        print_error("%s %s: " STR_FMT "\n", c->words[4], c->words[5], STR_ARG(said));
    assert_int_equal(code, c->json ? 0 : CLIENT_USAGE);
    if (c->json)
        assert_str(json, arena_strf(arena, "{\"groupId\":\"pg-1\",\"version\":3,%s}", c->json).ptr);
}

static void test_values(void **state)
{
    static const struct value_case cases[] = {
        {{ID, "--name", "web"}, "\"name\":\"web\""},
        {{ID, "--group-name", "web"}, "\"name\":\"web\""},
        {{ID, "--groupName", "web"}, "\"name\":\"web\""},
        {{ID, "--name=a b"}, "\"name\":\"a b\""},
        {{ID, "--name=--odd"}, "\"name\":\"--odd\""},
        {{ID, "--name", ""}, "\"name\":\"\""},
        {{ID, "--ratio", "0.5"}, "\"ratio\":0.5"},
        {{ID, "--force"}, "\"force\":true"},
        {{ID, "--force", "false"}, "\"force\":false"},
        {{ID, "--no-force"}, "\"force\":false"},
        {{ID, "--point-in-time", "2026-01-31T12:00:00Z"},
         "\"pointInTime\":\"2026-01-31T12:00:00Z\""},
        {{ID, "--point-in-time", "1769860800"}, "\"pointInTime\":1769860800"},
        {{ID, "--server-selection-mode", "tags"}, "\"serverSelectionMode\":\"tags\""},
        {{ID, "--source-server-ids", "s-1", "s-2"}, "\"sourceServerIds\":[\"s-1\",\"s-2\"]"},
        {{ID, "--source-server-ids", "[\"s-1\"]"}, "\"sourceServerIds\":[\"s-1\"]"},
        {{ID, "--numbers", "1", "-2"}, "\"numbers\":[1,-2]"},
        {{ID, "--one", "name=\"a, b\",waveNumber=1"},
         "\"one\":{\"name\":\"a, b\",\"waveNumber\":1}"},
        {{ID, "--one", "wave-number=1,name=db"}, "\"one\":{\"waveNumber\":1,\"name\":\"db\"}"},
        {{ID, "--waves", "waveNumber=1,name=db", "waveName=web,dependsOnWaves=[1,2],pause=true"},
         NULL},
        {{ID, "--waves", "waveNumber=1,name=db",
          "waveName=web,dependsOnWaves=[1,2],pauseBeforeWave=true"},
         "\"waves\":[{\"waveNumber\":1,\"name\":\"db\"},{\"name\":\"web\",\"dependsOnWaves\":[1,2],"
         "\"pauseBeforeWave\":true}]"},
        {{ID, "--waves", "{\"name\":\"db\"}", "name=web"},
         "\"waves\":[{\"name\":\"db\"},{\"name\":\"web\"}]"},
        {{ID, "--extra", "{\"a\":[1]}"}, "\"extra\":{\"a\":[1]}"},
        {{ID, "--extra", "word"}, "\"extra\":\"word\""},
        {{ID, "--client-token", "t-1"}, "\"clientToken\":\"t-1\""},
    };

    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(cases); i++)
        check_value(&cases[i]);
}

/* As the AWS CLI reads a map. */
static void test_tags(void **state)
{
    static const struct value_case cases[] = {
        {{ID, "--server-selection-tags", "Tier=web", "Env=prod=eu"},
         "\"serverSelectionTags\":{\"Tier\":\"web\",\"Env\":\"prod=eu\"}"},
        {{ID, "--server-selection-tags", "Key=Tier,Value=web"},
         "\"serverSelectionTags\":{\"Tier\":\"web\"}"},
        {{ID, "--server-selection-tags", "Value=web,Key=Tier"},
         "\"serverSelectionTags\":{\"Tier\":\"web\"}"},
        {{ID, "--server-selection-tags", "Key=Tier,Value='a,b'", "Env=prod"},
         "\"serverSelectionTags\":{\"Tier\":\"a,b\",\"Env\":\"prod\"}"},
        {{ID, "--server-selection-tags", "Tier=web,Env=prod=eu"},
         "\"serverSelectionTags\":{\"Tier\":\"web\",\"Env\":\"prod=eu\"}"},
        {{ID, "--server-selection-tags", "A=b, C=d,  E= f"},
         "\"serverSelectionTags\":{\"A\":\"b\",\"C\":\"d\",\"E\":\" f\"}"},
        {{ID, "--server-selection-tags", "A=b,C=d", "E="},
         "\"serverSelectionTags\":{\"A\":\"b\",\"C\":\"d\",\"E\":\"\"}"},
        {{ID, "--server-selection-tags", "A=\"b,c\",D='e,\"f\"',G=it's,H=\"\""},
         "\"serverSelectionTags\":{\"A\":\"b,c\",\"D\":\"e,\\\"f\\\"\",\"G\":\"it's\",\"H\":\"\"}"},
        {{ID, "--server-selection-tags", "A=\"b\\\"c\\\\\",D=e"},
         "\"serverSelectionTags\":{\"A\":\"b\\\"c\\\\\",\"D\":\"e\"}"},
        {{ID, "--server-selection-tags", "A=[b,C=d]e[,F=g"},
         "\"serverSelectionTags\":{\"A\":\"[b,C=d]e[\",\"F\":\"g\"}"},
        {{ID, "--server-selection-tags", "A=[b,C=d"},
         "\"serverSelectionTags\":{\"A\":\"[b\",\"C\":\"d\"}"},
        {{ID, "--server-selection-tags", "{\"Tier\":\"web\"}"},
         "\"serverSelectionTags\":{\"Tier\":\"web\"}"},
    };

    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(cases); i++)
        check_value(&cases[i]);
}

static void test_mistakes(void **state)
{
    static const struct {
        const char *words[10];
        const char *said;
    } cases[] = {
        {{ID, "--nam", "x"}, "unknown option: --nam (did you mean --name?)"},
        {{ID, "--made-by", "x"}, "unknown option: --made-by"},
        {{ID, "--version", "3"}, "--version: given twice"},
        {{ID, "--name"}, "--name: expects a value"},
        {{ID, "--name", "a", "b"}, "--name: expects one value, not 2"},
        {{ID, "word"}, "--version: expects one value, not 2"},
        {{"word"}, "unexpected word: word"},
        {{ID, "--name=a", "b"}, "unexpected word: b"},
        {{ID, "--ratio", "much"}, "--ratio: 'much' is not a number"},
        {{ID, "--numbers", "1.5"}, "--numbers: '1.5' is not a whole number"},
        {{ID, "--force", "maybe"}, "--force: 'maybe' is not true or false"},
        {{ID, "--server-selection-tags", "Tier"}, "'Tier' is not Key=Value"},
        {{ID, "--server-selection-tags", "A=b,c"}, "'c' is not Key=Value (a value that holds"},
        {{ID, "--server-selection-tags", "A=b,"}, "'' is not Key=Value"},
        {{ID, "--server-selection-tags", "A=1", "A=2"}, "the tag 'A' is given twice"},
        {{ID, "--server-selection-tags", "A=1,A=1"}, "the tag 'A' is given twice"},
        {{ID, "--server-selection-tags", "A=\"b,C=d"}, "begins with a quote and does not end"},
        {{ID, "--server-selection-tags", "A=\"b\"c"}, "begins with a quote and does not end"},
        {{ID, "--server-selection-tags", "A='"}, "begins with a quote and does not end"},
        {{ID, "--server-selection-tags", "A='b\\'"}, "begins with a quote and does not end"},
        {{ID, "--one", "name=a,waveName=b"}, "the member 'waveName' is given twice"},
        {{ID, "--waves", "{\"name\":}"}, "not valid JSON"},
        {{ID, "--waves", "waveNumber=x"}, "--waves: waveNumber: 'x' is not a whole number"},
        {{ID, "--waves", "name=a,dependsOnWaves=[1,y]"}, "dependsOnWaves: 'y' is not a whole"},
        {{ID, "--waves", "nmae=x"}, "unknown member 'nmae'"},
        {{ID, "--name", "file:///nowhere/at/all"}, "/nowhere/at/all"},
        {{"--name", "web"}, "the following options are required: --group-id, --version"},
        {{"--cli-input-json", "[1]"}, "must be a JSON object"},
        {{ID, "--no-force", "x"}, "--no-force: takes no value"},
        {{ID, "--no-name"}, "unknown option: --no-name"},
    };

    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        struct str json;
        struct str said;

        assert_int_equal(parse(cases[i].words, &json, &said), CLIENT_USAGE);
        if (!str_contains(said, str_from_z(cases[i].said)))
            print_error("wanted: %s\ngot: " STR_FMT "\n", cases[i].said, STR_ARG(said));
        assert_true(str_contains(said, str_from_z(cases[i].said)));
    }
}

static void test_input_beneath_flags(void **state)
{
    const char *words[] = {
        "--cli-input-json",
        "{\"groupId\":\"pg-1\",\"version\":1,\"groupName\":\"old\",\"force\":true}", "--name",
        "new", NULL};
    struct str json;
    struct str said;

    (void)state;
    assert_int_equal(parse(words, &json, &said), 0);
    /* The flag replaces the member whatever its spelling; the rest stays. */
    assert_str(json, "{\"groupId\":\"pg-1\",\"version\":1,\"force\":true,\"name\":\"new\"}");
}

static void test_names(void **state)
{
    (void)state;
    assert_str(kebab(arena, "create_protection_group"), "create-protection-group");
    assert_str(kebab(arena, "sourceServerIds"), "source-server-ids");
    assert_str(kebab(arena, "sourceServerID"), "source-server-id");
    assert_ptr_equal(command_find(&client, STR("update-thing")), &row);
    assert_ptr_equal(command_find(&client, STR("update_thing")), &row);
    assert_ptr_equal(command_find(&client, STR("change-thing")), &row);
    assert_null(command_find(&client, STR("update-thin")));
    assert_null(command_find(&client, STR("inner-thing")));
}

/* A parameter that is called like an option of every command could never be given. */
static void test_no_clash_with_common_options(void **state)
{
    static const char *const common[] = {"output",      "timeout",      "token",
                                         "client-file", "help",         "query",
                                         "endpoint",    "endpoint-url", "cli-input-json"};
    const struct operation_set *all = operations_all();

    (void)state;
    for (size_t i = 0; i < all->len; i++)
        for (size_t n = 0; n < ARRAY_LEN(common) && !all->rows[i]->internal; n++)
            assert_null(flag_find(arena, all->rows[i]->params, str_from_z(common[n])));
}

/* What help, manual and documentation show must be a command that the client takes. */
static void test_every_example_is_a_command(void **state)
{
    const struct operation_set *all = operations_all();

    (void)state;
    assert_true(all->len > 0);
    for (size_t i = 0; i < all->len; i++) {
        const struct operation *op = all->rows[i];
        const char *words[WORDS_MAX];
        const struct json *params;
        size_t n;

        if (op->internal)
            continue;
        assert_non_null(op->example);
        n = shell_words(op->example, words);
        if (flags_parse(&client, op, (struct words){words, n}, &params) != 0)
            fail_msg("%s: the example is wrong: %s", op->names[0], op->example);
    }
}

static void test_no_option_is_called_like_itself(void **state)
{
    const struct operation_set *all = operations_all();

    (void)state;
    for (size_t i = 0; i < all->len; i++) {
        struct buf b = buf_new(arena, 1 << 20);

        help_operation(&client, &b, all->rows[i]);
        for (const struct field *f = all->rows[i]->params; f && f->name; f++) {
            struct str also =
                arena_strf(arena, "also --" STR_FMT "\n", STR_ARG(kebab(arena, f->name)));

            if (str_contains(buf_str(&b), also))
                fail_msg("%s: " STR_FMT, all->rows[i]->names[0], STR_ARG(also));
        }
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_values, setup, teardown),
        cmocka_unit_test_setup_teardown(test_tags, setup, teardown),
        cmocka_unit_test_setup_teardown(test_mistakes, setup, teardown),
        cmocka_unit_test_setup_teardown(test_input_beneath_flags, setup, teardown),
        cmocka_unit_test_setup_teardown(test_names, setup, teardown),
        cmocka_unit_test_setup_teardown(test_every_example_is_a_command, setup, teardown),
        cmocka_unit_test_setup_teardown(test_no_option_is_called_like_itself, setup, teardown),
        cmocka_unit_test_setup_teardown(test_no_clash_with_common_options, setup, teardown),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
