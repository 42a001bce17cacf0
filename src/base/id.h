#ifndef BASE_ID_H
#define BASE_ID_H

#include "base/ports.h"

/* prefix + a random UUID (RFC 9562, version 4) in lower case: "pg-", "rp-", "exec-". */
struct str id_new(struct arena *a, struct entropy *e, struct str prefix);

#endif
