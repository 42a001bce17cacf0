#ifndef AWS_PROFILE_H
#define AWS_PROFILE_H

#include "aws/aws.h"

/*
 * The shared files, ~/.aws/config and ~/.aws/credentials, as the SDKs read them: `#` and `;` begin
 * a comment line, sections of one name are one section, names may be quoted, and a key without a
 * value opens a nested block, whose keys are read as "block.key".
 */
struct ini_pair {
    struct str section;
    struct str key;
    struct str value;
};

struct ini {
    struct ini_pair *items; /* a section without keys has one pair with an absent key */
    size_t len;
};

struct ini ini_parse(struct arena *a, struct str text);
bool ini_has_section(const struct ini *ini, struct str section);

/* The last value given for it, or absent. */
struct str ini_get(const struct ini *ini, struct str section, struct str key);

struct profiles {
    struct ini config;
    struct ini credentials;
    struct str name; /* AWS_PROFILE, AWS_DEFAULT_PROFILE, or "default" */
    bool named;      /* by a variable: then it must exist */
};

/* Reads both files afresh; files that are not there are empty. */
void profiles_read(struct aws *aws, struct arena *a, struct profiles *out);

bool profile_exists(struct arena *a, const struct profiles *p, struct str name);

enum profile_file { PROFILE_CONFIG, PROFILE_CREDENTIALS };
struct str profile_get_in(struct arena *a, const struct profiles *p, enum profile_file file,
                          struct str name, const char *key);

/* The credentials file comes before the config file. Absent when neither says. */
struct str profile_get(struct arena *a, const struct profiles *p, struct str name, const char *key);

#endif
