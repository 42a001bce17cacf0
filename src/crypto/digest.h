#ifndef CRYPTO_DIGEST_H
#define CRYPTO_DIGEST_H

#include <stdbool.h>
#include <stddef.h>

#include "base/buf.h"

/* SHA-256 and HMAC-SHA-256, and SHA-1 for names. Thread-safe; contexts are kept per thread. */

enum { SHA256_SIZE = 32 };

struct sha256 {
    unsigned char bytes[SHA256_SIZE];
};

struct sha256 sha256_of(struct str data);
struct sha256 hmac_sha256(struct str key, struct str data);

/* 64 lower-case hexadecimal digits in `a`. */
struct str sha256_hex(struct arena *a, struct sha256 digest);

/* 40 digits, likewise. For names that others have chosen so; nothing here trusts it. */
struct str sha1_hex(struct arena *a, struct str data);

/* Views a digest as bytes, to use it as a key or as data. */
static inline struct str sha256_str(const struct sha256 *digest)
{
    return (struct str){(const char *)digest->bytes, SHA256_SIZE};
}

/* Same bytes, in a time that depends on the lengths alone. */
bool secret_eq(struct str a, struct str b);

/* Overwrites what held a secret; not optimised away. */
void secret_wipe(void *p, size_t n);

#endif
