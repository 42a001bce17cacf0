/* The collection table of the tests, linked in the place of store/collection.c. */
#include "base/panic.h"
#include "tests/unit/store/rig.h"

static const char *const thing_kind_names[] = {"", "ROUND", "SQUARE", NULL};

static const struct field thing_fields[] = {
    F_STR(struct thing, id, "id", .help = "key"),
    F_STR(struct thing, name, "name", .help = "text"),
    F_INT(struct thing, version, "version", .help = "number"),
    F_INT(struct thing, count, "count", F_HAS(struct thing, has_count), .min = INT64_MIN,
          .help = "may be absent"),
    F_BOOL(struct thing, on, "on", .help = "truth"),
    F_ENUM(struct thing, kind, "kind", thing_kind_names, .help = "one of"),
    F_TIME(struct thing, made_at, "madeAt", .help = "time"),
    F_STR(struct thing, note, "note", .max = 1 << 20, .help = "in the document"),
    F_TAGS(struct thing, tags, "tags", .help = "in the document"),
    F_END,
};

static const struct field part_fields[] = {
    F_STR(struct part, thing, "thing", .help = "key"),
    F_STR(struct part, number, "number", .help = "key"),
    F_INT(struct part, weight, "weight", .help = "number"),
    F_STR(struct part, note, "note", .max = 1 << 20, .help = "in the document"),
    F_END,
};

static const struct collection collections[COLLECTION_COUNT] = {
    [COLLECTION_GROUPS] =
        {
            .name = "test-things",
            .fields = thing_fields,
            .size = sizeof(struct thing),
            .partition = "id",
            .attributes = {"name", "version", "count", "on", "kind", "madeAt"},
            .indexes = {{"by-name", NULL, "name"},
                        {"by-kind", "kind", "madeAt"},
                        {"by-count", NULL, "count"}},
        },
    [COLLECTION_RUNS] =
        {
            .name = "test-parts",
            .fields = part_fields,
            .size = sizeof(struct part),
            .partition = "thing",
            .sort = "number",
            .attributes = {"weight"},
            .indexes = {{"by-number", "number", "thing"}},
        },
    [COLLECTION_CLAIMS] =
        {
            .name = "claims",
            .fields = claim_fields,
            .size = sizeof(struct claim),
            .partition = "key",
            .attributes = {"owner", "state", "generation", "leaseUntil", "stage"},
            .indexes = {{"by-stage", "stage", "generation"}},
        },
};

const struct collection *collection_of(enum collection_id id)
{
    REQUIRE((size_t)id < COLLECTION_COUNT);
    return &collections[id];
}
