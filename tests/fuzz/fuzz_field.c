/*
 * A table with a field of every kind: what decodes is stored, and what was stored decodes to the
 * same; everything else is refused with at least one fault that names its code.
 */
#include "base/field.h"
#include "tests/fuzz/fuzz.h"

struct part {
    struct str name;
    int64_t size;
};

static const struct field part_fields[] = {
    F_STR(struct part, name, "name", .flags = FIELD_REQUIRED, .min = 1, .max = 20, .help = "-"),
    F_INT(struct part, size, "size", .min = -5, .max = 5, .help = "-"),
    F_END,
};

struct whole {
    struct str text;
    bool flag;
    bool has_count;
    int64_t count;
    double share;
    int64_t at;
    int colour;
    struct strs words;
    struct ints numbers;
    struct tags tags;
    struct part *part;
    LIST_OF(struct part) parts;
    const struct json *any;
};

static const char *const colours[] = {"", "RED", "GREEN", NULL};

static const struct field whole_fields[] = {
    F_STR(struct whole, text, "text", .aliases = "txt t", .max = 40, .help = "-"),
    F_BOOL(struct whole, flag, "flag", .help = "-"),
    F_INT(struct whole, count, "count", F_HAS(struct whole, has_count), .help = "-"),
    F_REAL(struct whole, share, "share", .help = "-"),
    F_TIME(struct whole, at, "at", .epoch = "atEpoch", .help = "-"),
    F_ENUM(struct whole, colour, "colour", colours, .flags = FIELD_FOLD, .help = "-"),
    F_STRS(struct whole, words, "words", .max = 5, .help = "-"),
    F_INTS(struct whole, numbers, "numbers", .max = 5, .help = "-"),
    F_TAGS(struct whole, tags, "tags", .help = "-"),
    F_OBJECT(struct whole, part, "part", struct part, part_fields, .help = "-"),
    F_LIST(struct whole, parts, "parts", struct part, part_fields, .max = 5, .help = "-"),
    F_JSON(struct whole, any, "any", .help = "-"),
    F_END,
};

void fuzz_input(struct arena *a, struct str input)
{
    struct whole first = {0}, second = {0};
    const struct json *in;
    struct faults faults;
    struct str why, text;

    faults_init(&faults, a);
    if (json_parse(a, input, &in, &why))
        return;
    if (field_decode(&(struct field_decoding){.arena = a, .faults = &faults, .text_values = true},
                     whole_fields, in, &first)) {
        REQUIRE(faults.len > 0 && faults.items[0].message.len > 0);
        return;
    }
    REQUIRE(faults.len == 0);
    text = field_text(a, whole_fields, &first, FIELD_VIEW_STORED);
    REQUIRE(field_decode_stored(a, whole_fields, text, &second) == FAULT_NONE);
    REQUIRE(str_eq(field_text(a, whole_fields, &second, FIELD_VIEW_STORED), text));
    REQUIRE(str_is_utf8(field_text(a, whole_fields, &first, FIELD_VIEW_ANSWER)));
}
