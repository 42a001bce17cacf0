#ifndef EDGE_CREDENTIALS_LOCAL_H
#define EDGE_CREDENTIALS_LOCAL_H

#include "base/ports.h"

/*
 * The local credentials of a `serve`: one bearer token for REST and the client, and one access key
 * for those who sign. Two files in the data folder, both mode 0600:
 *
 *   credentials.json  what the server checks against: the token's SHA-256 alone, and the access key
 *                     with its secret, which SigV4 cannot be verified without
 *   client.json       what the `drwave` command on this machine needs: address, token, access key
 *
 * Made at the first start, by whoever owns the data folder. A rotation by another process
 * (`drwave credential rotate`) is seen within a second, and at once by whoever brings the new ones.
 */
struct access_key {
    struct str id;
    struct str secret;
    struct str principal_arn;
};

struct credentials_options {
    struct str folder;        /* exists; mode 0700 */
    struct str principal_arn; /* of a key made now; absent: user/drwave of account 000000000000 */
    struct str region;        /* for client.json; absent: us-east-1 */
    struct clock *clock;
    struct entropy *entropy;
};

struct credentials;

/* Whether a start, or a person, has made some: a first start makes them after its record. */
bool credentials_exist(struct arena *a, struct str folder);

/*
 * Reads the credentials, or makes them when there are none. FAULT_CORRUPT for a file that is not
 * ours, FAULT_AUTHORIZATION_FAILED for one that others than its owner may read or write.
 */
MUST_CHECK enum fault credentials_open(const struct credentials_options *options, struct arena *a,
                                       struct credentials **out, struct str *why);
void credentials_close(struct credentials *c); /* NULL is allowed */

/* Compared in constant time. */
bool credentials_token_ok(struct credentials *c, struct str token);

/* The key with that id, copied into `a`; false when there is none. */
bool credentials_find_key(struct credentials *c, struct arena *a, struct str id,
                          struct access_key *out);

/* Writes client.json with the address ("http://127.0.0.1:8080"); its token stays what it was. */
MUST_CHECK enum fault credentials_publish(struct credentials *c, struct arena *a,
                                          struct str endpoint, struct str *why);

/*
 * A new token and a new key in both files; the old ones are worth nothing from then on. The address
 * in client.json stays. Needs no server.
 */
MUST_CHECK enum fault credentials_rotate(const struct credentials_options *options, struct arena *a,
                                         struct str *why);

#endif
