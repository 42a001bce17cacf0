/* long file: tables of cases */
#include "tests/unit/unit.h"

#include "rules/launch_merge.h"
#include "rules/names.h"
#include "rules/selection.h"

static void *decoded(struct arena *a, const struct field *table, size_t size, const char *text)
{
    struct faults faults;
    struct field_decoding d = {.arena = a, .faults = &faults};
    const struct json *json;
    void *out = arena_alloc(a, size);
    struct str why;

    faults_init(&faults, a);
    assert_int_equal(json_parse(a, str_from_z(text), &json, &why), FAULT_NONE);
    assert_int_equal(field_decode(&d, table, json, out), FAULT_NONE);
    return out;
}

static struct group *group_of(struct arena *a, const char *text)
{
    return decoded(a, group_fields, sizeof(struct group), text);
}

static struct launch_config *config_of(struct arena *a, const char *text)
{
    return text ? decoded(a, launch_config_fields, sizeof(struct launch_config), text) : NULL;
}

static struct str first_words(const struct faults *faults)
{
    return faults->len ? faults->items[0].message : STR("");
}

/* ---- selection ---- */

struct selection_case {
    const char *title;
    const char *stored; /* of an update */
    const char *said;
    enum fault fault;
    const char *field;
    int mode;
    bool changed;
    size_t ids;
    size_t tags;
};

static const struct selection_case selections[] = {
    {.title = "tags alone select by tags",
     .said = "{\"serverSelectionTags\":{\"a\":\"1\"}}",
     .mode = SELECTION_TAGS,
     .tags = 1},
    {.title = "ids alone are explicit",
     .said = "{\"sourceServerIds\":[\"s-1\",\"s-2\"]}",
     .mode = SELECTION_EXPLICIT,
     .ids = 2},
    {.title = "a named mode ignores what belongs to the other",
     .said = "{\"serverSelectionMode\":\"tags\",\"serverSelectionTags\":{\"a\":\"1\"},"
             "\"sourceServerIds\":[\"s-1\"]}",
     .mode = SELECTION_TAGS,
     .tags = 1},
    {.title = "and the other way round",
     .said = "{\"serverSelectionMode\":\"EXPLICIT\",\"serverSelectionTags\":{\"a\":\"1\"},"
             "\"sourceServerIds\":[\"s-1\"]}",
     .mode = SELECTION_EXPLICIT,
     .ids = 1},
    {.title = "both without a mode are refused",
     .said = "{\"serverSelectionTags\":{\"a\":\"1\"},\"sourceServerIds\":[\"s-1\"]}",
     .fault = FAULT_INVALID_PARAMETER,
     .field = "serverSelectionMode"},
    {.title = "neither is missing, and both are named",
     .said = "{}",
     .fault = FAULT_MISSING_PARAMETER,
     .field = "sourceServerIds or serverSelectionTags"},
    {.title = "empty ones are none",
     .said = "{\"serverSelectionTags\":{},\"sourceServerIds\":[]}",
     .fault = FAULT_MISSING_PARAMETER,
     .field = "sourceServerIds or serverSelectionTags"},
    {.title = "mode tags needs tags",
     .said = "{\"serverSelectionMode\":\"tags\",\"sourceServerIds\":[\"s-1\"]}",
     .fault = FAULT_MISSING_PARAMETER,
     .field = "serverSelectionTags"},
    {.title = "mode explicit needs ids",
     .said = "{\"serverSelectionMode\":\"explicit\"}",
     .fault = FAULT_MISSING_PARAMETER,
     .field = "sourceServerIds"},

    {.title = "an update that says nothing keeps the selection",
     .stored = "{\"serverSelectionMode\":\"explicit\",\"sourceServerIds\":[\"s-1\"]}",
     .said = "{}",
     .mode = SELECTION_EXPLICIT,
     .ids = 1},
    {.title = "a tag group that comes back as it was answered is unchanged",
     .stored = "{\"serverSelectionMode\":\"tags\",\"serverSelectionTags\":{\"a\":\"1\"},"
               "\"sourceServerIds\":[\"s-1\",\"s-2\"]}",
     .said = "{\"serverSelectionMode\":\"tags\",\"serverSelectionTags\":{\"a\":\"1\"},"
             "\"sourceServerIds\":[\"s-2\",\"s-1\"]}",
     .mode = SELECTION_TAGS,
     .ids = 2,
     .tags = 1},
    {.title = "a changed list of ids makes it explicit",
     .stored = "{\"serverSelectionMode\":\"tags\",\"serverSelectionTags\":{\"a\":\"1\"},"
               "\"sourceServerIds\":[\"s-1\"]}",
     .said = "{\"serverSelectionTags\":{\"a\":\"1\"},\"sourceServerIds\":[\"s-1\",\"s-3\"]}",
     .mode = SELECTION_EXPLICIT,
     .changed = true,
     .ids = 2},
    {.title = "changed tags select by tags",
     .stored = "{\"serverSelectionMode\":\"explicit\",\"sourceServerIds\":[\"s-1\"]}",
     .said = "{\"serverSelectionTags\":{\"a\":\"2\"},\"sourceServerIds\":[\"s-1\"]}",
     .mode = SELECTION_TAGS,
     .changed = true,
     .tags = 1},
    {.title = "both changed are refused",
     .stored = "{\"serverSelectionMode\":\"explicit\",\"sourceServerIds\":[\"s-1\"]}",
     .said = "{\"serverSelectionTags\":{\"a\":\"2\"},\"sourceServerIds\":[\"s-2\"]}",
     .fault = FAULT_INVALID_PARAMETER,
     .field = "serverSelectionMode"},
    {.title = "both changed with the mode that it has are what the mode says",
     .stored = "{\"serverSelectionMode\":\"explicit\",\"sourceServerIds\":[\"s-1\"]}",
     .said = "{\"serverSelectionMode\":\"explicit\",\"serverSelectionTags\":{\"a\":\"2\"},"
             "\"sourceServerIds\":[\"s-2\",\"s-3\"]}",
     .mode = SELECTION_EXPLICIT,
     .changed = true,
     .ids = 2},
    {.title = "a tag group whose ids come back emptied takes its new tags",
     .stored = "{\"serverSelectionMode\":\"tags\",\"serverSelectionTags\":{\"a\":\"1\"},"
               "\"sourceServerIds\":[\"s-1\"]}",
     .said = "{\"serverSelectionMode\":\"tags\",\"serverSelectionTags\":{\"a\":\"2\"},"
             "\"sourceServerIds\":[]}",
     .mode = SELECTION_TAGS,
     .changed = true,
     .tags = 1},
    {.title = "both changed with another mode are what the mode says",
     .stored = "{\"serverSelectionMode\":\"explicit\",\"sourceServerIds\":[\"s-1\"]}",
     .said = "{\"serverSelectionMode\":\"tags\",\"serverSelectionTags\":{\"a\":\"2\"},"
             "\"sourceServerIds\":[\"s-2\"]}",
     .mode = SELECTION_TAGS,
     .changed = true,
     .tags = 1},
    {.title = "another mode alone needs what it selects by",
     .stored = "{\"serverSelectionMode\":\"explicit\",\"sourceServerIds\":[\"s-1\"]}",
     .said = "{\"serverSelectionMode\":\"tags\"}",
     .fault = FAULT_MISSING_PARAMETER,
     .field = "serverSelectionTags"},
    {.title = "an emptied list of ids is refused",
     .stored = "{\"serverSelectionMode\":\"explicit\",\"sourceServerIds\":[\"s-1\"]}",
     .said = "{\"sourceServerIds\":[]}",
     .fault = FAULT_MISSING_PARAMETER,
     .field = "sourceServerIds"},
};

static void check_selection(const struct selection_case *e)
{
    struct arena *a = arena_new(0);
    struct group *group = group_of(a, e->said);
    struct faults faults;
    bool changed = false;
    enum fault f;

    print_message("# %s\n", e->title);
    faults_init(&faults, a);
    f = e->stored ? selection_infer_update(group_of(a, e->stored), group, &faults, &changed)
                  : selection_infer(group, &faults);
    assert_int_equal(f, e->fault);
    assert_int_equal(faults_first(&faults), e->fault);
    if (e->fault) {
        assert_str(faults.items[0].field, e->field);
    } else {
        assert_int_equal(group->selection_mode, e->mode);
        assert_int_equal(changed, e->changed);
        assert_int_equal(group->server_ids.len, e->ids);
        assert_int_equal(group->selection_tags.len, e->tags);
    }
    arena_free(a);
}

static void test_what_selects_the_servers(void **state)
{
    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(selections); i++)
        check_selection(&selections[i]);
}

static void test_all_tags_must_match(void **state)
{
    struct arena *a = arena_new(0);
    struct tags have = group_of(a, "{\"serverSelectionTags\":{\"Env\":\"prod\",\"Tier\":\"web\","
                                   "\"Empty\":\"\"}}")
                           ->selection_tags;
    static const struct {
        const char *wanted;
        bool match;
    } rows[] = {
        {"{\"Env\":\"prod\"}", true},  {"{\"Env\":\"prod\",\"Tier\":\"web\"}", true},
        {"{\"Empty\":\"\"}", true},    {"{\"Env\":\"prod\",\"Tier\":\"db\"}", false},
        {"{\"Env\":\"Prod\"}", false}, {"{\"env\":\"prod\"}", false},
        {"{\"Other\":\"\"}", false},   {"{}", false},
    };

    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        struct str text = arena_strf(a, "{\"serverSelectionTags\":%s}", rows[i].wanted);
        struct tags wanted = group_of(a, text.ptr)->selection_tags;

        assert_int_equal(selection_tags_match(&wanted, &have), rows[i].match);
    }
    arena_free(a);
}

static void test_tags_are_compared_whole(void **state)
{
    struct tags one = {(struct tag[]){{STR("a"), STR("1")}}, 1};
    struct tags other_value = {(struct tag[]){{STR("a"), STR("2")}}, 1};
    struct tags other_key = {(struct tag[]){{STR("b"), STR("1")}}, 1};
    struct tags none = {0};

    (void)state;
    assert_true(selection_tags_equal(&one, &one));
    assert_false(selection_tags_equal(&one, &other_value));
    assert_false(selection_tags_equal(&one, &other_key));
    assert_false(selection_tags_equal(&one, &none));
}

static void test_tags_that_aws_would_refuse(void **state)
{
    struct arena *a = arena_new(0);
    char *big = arena_alloc(a, 300);
    struct tags tags;
    struct faults faults;

    (void)state;
    memset(big, 'x', 300);
    tags.items = (struct tag[]){{{big, 128}, {big, 256}},
                                {STR("b"), {big, 257}},
                                {{big, 129}, STR("")},
                                {STR(""), STR("1")}};
    tags.len = 1;
    faults_init(&faults, a);
    assert_int_equal(selection_tags_check(&tags, &faults), FAULT_NONE);
    tags.len = 4;
    assert_int_equal(selection_tags_check(&tags, &faults), FAULT_INVALID_PARAMETER);
    assert_int_equal(faults.len, 3);
    arena_free(a);
}

static void test_ids_stand_once(void **state)
{
    struct arena *a = arena_new(0);
    struct strs ids = {(struct str[]){STR("s-2"), STR("s-1"), STR("s-2")}, 3};
    struct strs unique = selection_ids_unique(a, ids);

    (void)state;
    assert_int_equal(unique.len, 2);
    assert_str(unique.items[0], "s-2");
    assert_str(unique.items[1], "s-1");
    arena_free(a);
}

static void test_replication_states(void **state)
{
    static const struct {
        const char *state;
        bool save;
        bool start;
    } rows[] = {
        {"CONTINUOUS", true, true},     {"INITIAL_SYNC", true, false},
        {"RESCAN", true, false},        {"BACKLOG", true, false},
        {"PAUSED", true, false},        {"CREATING_SNAPSHOT", true, false},
        {"DISCONNECTED", false, false}, {"STOPPED", false, false},
        {"STALLED", false, false},      {"", true, false},
    };

    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        struct str s = str_from_z(rows[i].state);

        assert_int_equal(replication_allows_save(s), rows[i].save);
        assert_int_equal(replication_allows_start(s, false), rows[i].start);
        assert_true(replication_allows_start(s, true));
    }
}

/* ---- names ---- */

static void test_names_that_are_the_same(void **state)
{
    static const struct {
        const char *name;
        const char *folded;
    } rows[] = {
        {"Production Web", "production web"},
        {"ALL-CAPS_09", "all-caps_09"},
        {"ÄÖÜß × Ø", "äöüss × ø"},
        {"ĀāĹĺŊŋŽ", "āāĺĺŋŋž"},
        {"ΆΈΌΏΑΣς", "άέόώασσ"},
        {"ЀЖЯѠҊӁӐ", "ѐжяѡҋӂӑ"},
        {"İıſ", "i̇ıs"},
        {"漢字🙂", "漢字🙂"},
        {"\u0e01\u0e02 \u0800", "\u0e01\u0e02 \u0800"}, /* the first letters of three bytes */
        {"BUCUREȘTI", "bucurești"},
        {"HÀ NỘI ƠƯ", "hà nội ơư"},
        {"ԵՐԵՎԱՆ", "երեվան"},
        {"ＡＢＣ", "abc"},
        {"Ÿ", "ÿ"},
        {"ΟΔΟΣ", "οδοσ"},
        {"οδος", "οδοσ"},
        {"STRASSE", "strasse"},
        {"straße", "strasse"},
        {"e\xcc\x81", "é"},
        {"a\xe2\x80\x8b"
         "b",
         "ab"},
        {"\xef\xbb\xbfz", "z"},
        {"", ""},
        {"\xc3", "\xc3"},
    };
    struct arena *a = arena_new(0);

    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        struct str folded = name_fold(a, str_from_z(rows[i].name));

        assert_str(folded, rows[i].folded);
        assert_str(name_fold(a, folded), rows[i].folded);
    }
    arena_free(a);
}

static void test_names_that_nobody_could_see(void **state)
{
    static const struct {
        const char *name;
        enum fault fault;
        const char *fold;
    } rows[] = {
        {"Web", FAULT_NONE, "web"},
        {"\xe2\x80\x8b", FAULT_INVALID_PARAMETER, NULL},             /* zero width space */
        {"\xef\xbb\xbf\xe2\x80\x8b", FAULT_INVALID_PARAMETER, NULL}, /* byte order mark */
        {"\xe3\x80\x80\xc2\xa0", FAULT_INVALID_PARAMETER, NULL},     /* blanks of other kinds */
        {"\xc2\xad", FAULT_INVALID_PARAMETER, NULL},                 /* soft hyphen */
    };
    struct arena *a = arena_new(0);
    struct buf long_name = buf_new(a, 1024);
    struct str fold;

    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        struct faults faults;

        faults_init(&faults, a);
        fold = (struct str){0};
        assert_int_equal(name_settle(a, str_from_z(rows[i].name), &faults, &fold), rows[i].fault);
        assert_str(fold, rows[i].fold);
        if (rows[i].fault)
            assert_str(faults.items[0].message, "'name' must have a visible character");
    }
    /* One letter of Arabic that stands for eighteen: 64 of them make no key. */
    for (int i = 0; i < 64; i++)
        buf_add_z(&long_name, "\xef\xb7\xba");
    {
        struct faults faults;

        faults_init(&faults, a);
        assert_int_equal(name_settle(a, buf_str(&long_name), &faults, &fold),
                         FAULT_INVALID_PARAMETER);
    }
    arena_free(a);
}

/* ---- launch configuration ---- */

#define ARN_A "arn:aws:iam::123456789012:instance-profile/team/A"
#define ARN_B "arn:aws:iam::123456789012:instance-profile/B"

struct merge_case {
    const char *title;
    const char *base;
    const char *over;
    const char *result;
};

static const struct merge_case merges[] = {
    {.title = "S4's example: the server's type, the group's network",
     .base = "{\"instanceType\":\"t3.medium\",\"subnet\":\"subnet-default\","
             "\"securityGroups\":[\"sg-default\"]}",
     .over = "{\"instanceType\":\"r5.xlarge\"}",
     .result = "{\"instanceType\":\"r5.xlarge\",\"subnetId\":\"subnet-default\","
               "\"securityGroupIds\":[\"sg-default\"]}"},
    {.title = "every field of the upper level counts",
     .base = "{\"instanceType\":\"t3.medium\",\"subnetId\":\"subnet-1\",\"securityGroupIds\":"
             "[\"sg-1\"],\"targetInstanceTypeRightSizingMethod\":\"BASIC\",\"launchDisposition\":"
             "\"STOPPED\",\"bootMode\":\"UEFI\",\"copyPrivateIp\":true,\"copyTags\":true,"
             "\"postLaunchEnabled\":true,\"licensing\":{\"osByol\":true},\"name\":\"n\","
             "\"ec2LaunchTemplateID\":\"lt-1\"}",
     .over = "{\"instanceType\":\"t3.large\",\"subnetId\":\"subnet-2\",\"securityGroupIds\":"
             "[\"sg-2\"],\"targetInstanceTypeRightSizingMethod\":\"CUSTOM\",\"launchDisposition\":"
             "\"STARTED\",\"bootMode\":\"LEGACY_BIOS\",\"copyPrivateIp\":false,\"copyTags\":false,"
             "\"postLaunchEnabled\":false,\"licensing\":{\"osByol\":false},\"name\":\"m\","
             "\"ec2LaunchTemplateID\":\"lt-2\"}",
     .result = "{\"instanceType\":\"t3.large\",\"subnetId\":\"subnet-2\",\"securityGroupIds\":"
               "[\"sg-2\"],\"targetInstanceTypeRightSizingMethod\":\"CUSTOM\","
               "\"launchDisposition\":\"STARTED\",\"bootMode\":\"LEGACY_BIOS\",\"copyPrivateIp\":"
               "false,\"copyTags\":false,\"postLaunchEnabled\":false,\"licensing\":{\"osByol\":"
               "false},\"name\":\"m\",\"ec2LaunchTemplateID\":\"lt-2\"}"},
    {.title = "and none of the lower one is lost",
     .base = "{\"targetInstanceTypeRightSizingMethod\":\"BASIC\",\"launchDisposition\":\"STARTED\","
             "\"copyTags\":true,\"licensing\":{\"osByol\":true}}",
     .over = "{\"licensing\":{}}",
     .result = "{\"targetInstanceTypeRightSizingMethod\":\"BASIC\",\"launchDisposition\":"
               "\"STARTED\",\"copyTags\":true,\"licensing\":{\"osByol\":true}}"},
    {.title = "an empty list of security groups is a word",
     .base = "{\"securityGroupIds\":[\"sg-1\"]}",
     .over = "{\"securityGroupIds\":[]}",
     .result = "{\"securityGroupIds\":[]}"},
    {.title = "an instance profile changes as a whole",
     .base = "{\"iamInstanceProfileArn\":\"arn:aws:iam::123456789012:instance-profile/A\","
             "\"instanceProfile\":\"A\"}",
     .over = "{\"instanceProfile\":\"B\"}",
     .result = "{\"instanceProfile\":\"B\"}"},
    {.title = "by its ARN too",
     .base = "{\"instanceProfile\":\"A\"}",
     .over = "{\"iamInstanceProfileArn\":\"" ARN_B "\"}",
     .result = "{\"iamInstanceProfileArn\":\"" ARN_B "\"}"},
    {.title = "a fixed address rules out the source's own",
     .base = "{\"copyPrivateIp\":true}",
     .over = "{\"staticPrivateIp\":\"10.0.1.100\"}",
     .result = "{\"staticPrivateIp\":\"10.0.1.100\",\"copyPrivateIp\":false}"},
    {.title = "nothing over something",
     .base = "{\"copyTags\":true}",
     .result = "{\"copyTags\":true}"},
    {.title = "something over nothing",
     .over = "{\"licensing\":{\"osByol\":true}}",
     .result = "{\"licensing\":{\"osByol\":true}}"},
    {.title = "nothing over nothing", .result = "{}"},
};

static void test_levels_are_laid_over_each_other(void **state)
{
    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(merges); i++) {
        struct arena *a = arena_new(0);
        struct launch_config *out =
            launch_config_merge(a, config_of(a, merges[i].base), config_of(a, merges[i].over));

        print_message("# %s\n", merges[i].title);
        assert_str(field_text(a, launch_config_fields, out, FIELD_VIEW_STORED), merges[i].result);
        arena_free(a);
    }
}

struct profile_case {
    const char *title;
    const char *stored;
    const char *said;
    const char *result;
    const char *words;
};

static const struct profile_case profiles[] = {
    {.title = "no profile", .said = "{}", .result = "{}"},
    {.title = "an ARN gives the name",
     .said = "{\"iamInstanceProfileArn\":\"" ARN_A "\"}",
     .result = "{\"iamInstanceProfileArn\":\"" ARN_A "\",\"instanceProfile\":\"A\"}"},
    {.title = "a name is a name",
     .said = "{\"instanceProfileName\":\"A\"}",
     .result = "{\"instanceProfile\":\"A\"}"},
    {.title = "a name under the ARN's spelling",
     .said = "{\"iamInstanceProfileArn\":\"A\"}",
     .result = "{\"instanceProfile\":\"A\"}"},
    {.title = "an ARN under the name's spelling",
     .said = "{\"instanceProfile\":\"" ARN_A "\"}",
     .result = "{\"iamInstanceProfileArn\":\"" ARN_A "\",\"instanceProfile\":\"A\"}"},
    {.title = "both agree",
     .said = "{\"iamInstanceProfileArn\":\"" ARN_A "\",\"instanceProfile\":\"A\"}",
     .result = "{\"iamInstanceProfileArn\":\"" ARN_A "\",\"instanceProfile\":\"A\"}"},
    {.title = "both agree, the other way round",
     .said = "{\"iamInstanceProfileArn\":\"A\",\"instanceProfile\":\"" ARN_A "\"}",
     .result = "{\"iamInstanceProfileArn\":\"" ARN_A "\",\"instanceProfile\":\"A\"}"},
    {.title = "both differ",
     .said = "{\"iamInstanceProfileArn\":\"" ARN_A "\",\"instanceProfile\":\"B\"}",
     .words = "'launchConfiguration' names two instance profiles, 'A' and 'B'"},
    {.title = "the stored name yields",
     .stored = "{\"iamInstanceProfileArn\":\"" ARN_B "\",\"instanceProfile\":\"B\"}",
     .said = "{\"iamInstanceProfileArn\":\"" ARN_A "\",\"instanceProfile\":\"B\"}",
     .result = "{\"iamInstanceProfileArn\":\"" ARN_A "\",\"instanceProfile\":\"A\"}"},
    {.title = "the stored ARN yields",
     .stored = "{\"iamInstanceProfileArn\":\"" ARN_A "\",\"instanceProfile\":\"A\"}",
     .said = "{\"iamInstanceProfileArn\":\"" ARN_A "\",\"instanceProfile\":\"B\"}",
     .result = "{\"instanceProfile\":\"B\"}"},
    {.title = "neither is what is stored",
     .stored = "{\"instanceProfile\":\"C\"}",
     .said = "{\"iamInstanceProfileArn\":\"" ARN_A "\",\"instanceProfile\":\"B\"}",
     .words = "'launchConfiguration' names two instance profiles, 'A' and 'B'"},
};

static void test_both_notations_of_an_instance_profile(void **state)
{
    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(profiles); i++) {
        const struct profile_case *e = &profiles[i];
        struct arena *a = arena_new(0);
        struct launch_config *said = config_of(a, e->said);
        struct faults faults;
        enum fault f;

        print_message("# %s\n", e->title);
        faults_init(&faults, a);
        f = launch_config_normalise(said, config_of(a, e->stored), STR("launchConfiguration"),
                                    &faults);
        assert_int_equal(f, e->words ? FAULT_INVALID_PARAMETER : FAULT_NONE);
        assert_str(first_words(&faults), e->words ? e->words : "");
        if (!f)
            assert_str(field_text(a, launch_config_fields, said, FIELD_VIEW_STORED), e->result);
        arena_free(a);
    }
}

static void test_an_address_is_one_servers(void **state)
{
    static const struct {
        const char *title;
        const char *group;
        size_t faults;
    } rows[] = {
        {"one server may have a fixed address in its group",
         "{\"sourceServerIds\":[\"s-1\"],\"launchConfiguration\":{\"staticIp\":\"10.0.0.9\"}}", 0},
        {"two may not share the group's",
         "{\"sourceServerIds\":[\"s-1\",\"s-2\"],\"launchConfiguration\":{\"staticIp\":"
         "\"10.0.0.9\"}}",
         1},
        {"each its own",
         "{\"servers\":[{\"serverId\":\"s-1\",\"launchConfig\":{\"staticIp\":\"10.0.0.8\"}},"
         "{\"serverId\":\"s-2\",\"launchConfig\":{\"staticIp\":\"10.0.0.9\"}},"
         "{\"serverId\":\"s-3\"}]}",
         0},
        {"the same twice",
         "{\"servers\":[{\"serverId\":\"s-1\",\"launchConfig\":{\"staticIp\":\"10.0.0.9\"}},"
         "{\"serverId\":\"s-2\",\"launchConfig\":{\"staticIp\":\"10.0.0.9\"}}]}",
         1},
        {"the same in two subnets",
         "{\"launchConfig\":{\"subnet\":\"subnet-1\"},\"servers\":[{\"serverId\":\"s-1\","
         "\"launchConfig\":{\"staticIp\":\"10.0.0.9\"}},{\"serverId\":\"s-2\",\"launchConfig\":"
         "{\"staticIp\":\"10.0.0.9\",\"subnet\":\"subnet-2\"}}]}",
         0},
        {"the first has none",
         "{\"servers\":[{\"serverId\":\"s-1\"},{\"serverId\":\"s-2\",\"launchConfig\":{"
         "\"staticIp\":"
         "\"10.0.0.9\"}}]}",
         0},
        {"an override that was not taken back counts",
         "{\"servers\":[{\"serverId\":\"s-1\",\"launchConfig\":{\"staticIp\":\"10.0.0.9\"}},"
         "{\"serverId\":\"s-2\",\"useGroupDefaults\":false,\"launchConfig\":{\"staticIp\":"
         "\"10.0.0.9\"}}]}",
         1},
        {"an override that was taken back does not count",
         "{\"servers\":[{\"serverId\":\"s-1\",\"launchConfig\":{\"staticIp\":\"10.0.0.9\"}},"
         "{\"serverId\":\"s-2\",\"useGroupDefaults\":true,\"launchConfig\":{\"staticIp\":"
         "\"10.0.0.9\"}}]}",
         0},
    };

    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        struct arena *a = arena_new(0);
        struct faults faults;

        print_message("# %s\n", rows[i].title);
        faults_init(&faults, a);
        assert_int_equal(launch_config_addresses_check(group_of(a, rows[i].group), &faults),
                         rows[i].faults ? FAULT_INVALID_PARAMETER : FAULT_NONE);
        assert_int_equal(faults.len, rows[i].faults);
        arena_free(a);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_what_selects_the_servers),
        cmocka_unit_test(test_all_tags_must_match),
        cmocka_unit_test(test_tags_are_compared_whole),
        cmocka_unit_test(test_tags_that_aws_would_refuse),
        cmocka_unit_test(test_ids_stand_once),
        cmocka_unit_test(test_replication_states),
        cmocka_unit_test(test_names_that_are_the_same),
        cmocka_unit_test(test_names_that_nobody_could_see),
        cmocka_unit_test(test_levels_are_laid_over_each_other),
        cmocka_unit_test(test_both_notations_of_an_instance_profile),
        cmocka_unit_test(test_an_address_is_one_servers),
    };

    return cmocka_run_group_tests_name("group rules", tests, NULL, NULL);
}
