#ifndef MODEL_TOKEN_H
#define MODEL_TOKEN_H

#include "base/field.h"

/*
 * A clientToken that has been used: the same caller, operation, token and request get the first
 * answer for 24 hours. Attributes: expiresAt.
 */
enum { TOKEN_LIFE_MS = 24 * 60 * 60 * 1000, TOKEN_BODY_MAX = 320 << 10 };

struct token {
    struct str key;     /* "<principal>#<operation>#<clientToken>" */
    int64_t expires_at; /* wall ms */
    int64_t status;     /* of the first answer */
    struct str body;    /* of the first answer, bare JSON */
    struct str request; /* SHA-256 of the parameters, as they are stored */
};

extern const struct field token_fields[];

#endif
