#include "model/token.h"

const struct field token_fields[] = {
    F_STR(struct token, key, "key", .flags = FIELD_REQUIRED, .max = 2048,
          .help = "caller, operation and client token"),
    F_INT(struct token, expires_at, "expiresAt", .help = "when it is forgotten, ms since 1970"),
    F_INT(struct token, status, "status", .help = "status of the first answer"),
    F_STR(struct token, body, "body", .max = TOKEN_BODY_MAX, .help = "the first answer"),
    F_STR(struct token, request, "request", .help = "digest of the first request"),
    F_END,
};
