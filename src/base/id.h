#ifndef BASE_ID_H
#define BASE_ID_H

#include "base/ports.h"

/* prefix + a random UUID (RFC 9562, version 4) in lower case: "pg-", "rp-", "exec-". */
struct str id_new(struct arena *a, struct entropy *e, struct str prefix);

/*
 * The same with the time in front (version 7), for what is kept under its id: rows that are made
 * one after the other lie beside each other, and a commit of many writes few pages.
 */
struct str id_new_at(struct arena *a, struct entropy *e, int64_t now_ms, struct str prefix);

#endif
