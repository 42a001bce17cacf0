#ifndef BASE_ENCODE_H
#define BASE_ENCODE_H

#include "base/arena.h"

/* RFC 4648. Decoders refuse wrong alphabets, lengths and non-zero tail bits, and write on success
 * only. */

struct str base64_encode(struct arena *a, struct str bytes);
bool base64_decode(struct arena *a, struct str text, struct str *out);

/* URL alphabet, no padding. */
struct str base64url_encode(struct arena *a, struct str bytes);
bool base64url_decode(struct arena *a, struct str text, struct str *out);

/* Percent-decoding of one path segment or query part; false for a bad escape or a NUL. */
bool uri_decode(struct arena *a, struct str text, bool plus_is_space, struct str *out);

#endif
