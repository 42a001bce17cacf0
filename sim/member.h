#ifndef SIM_MEMBER_H
#define SIM_MEMBER_H

#include "base/json.h"

/*
 * What a request may hold: AWS's models, as far as the simulator knows them. What is not in the
 * table is refused: a double that ignores what it does not know hides mistakes.
 */
enum member_type { M_STR, M_INT, M_BOOL, M_LIST, M_STRUCT, M_MAP, M_JSON };

enum { M_REQUIRED = 1 };

struct member {
    const char *name;
    enum member_type type;
    unsigned flags;
    int64_t min;                 /* STR: bytes; INT: value; LIST, MAP: count */
    int64_t max;                 /* 0: none */
    const char *prefix;          /* of an id: "s-" and 17, "i-" and 8 to 17 */
    const char *values;          /* of an enumeration, separated by blanks */
    const struct member *fields; /* of a STRUCT, or of each item of a LIST */
    const char *xml;             /* launch template data: the name in answers, where it differs */
    const char *item;            /* likewise: of the items of a list */
};

#define M_END         \
    {                 \
        .name = NULL, \
    }

struct member_fault {
    bool type; /* a wrong JSON type: what the real parser never gets past */
    bool unknown;
    bool missing;
    struct str path;
    struct str message;
};

enum member_rules {
    MEMBERS_TEXT = 1 << 0,    /* all values are text */
    MEMBERS_ANY_IDS = 1 << 1, /* ids of any length, as documents print them (knob anyIds) */
};

/* The first thing wrong, in the table's order, types before values. */
bool members_check(struct arena *a, const struct member *table, const struct json *in,
                   unsigned rules, struct member_fault *out);

/* Words with one blank between them. */
bool words_have(const char *words, struct str s);

const struct member *member_find(const struct member *table, struct str name);

#endif
